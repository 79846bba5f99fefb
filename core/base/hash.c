/* hash.c - CRC-32C by a table of 16 entries, and XXH64.
 *
 * The checksum guards journal records of some tens of bytes: 64 bytes of table instead of 1 KB (or
 * 8 KB, sliced) keep the module small. Four bits a step still go at some 300 MB/s natively. */
#include "hash.h"

#include "base.h"

/* -------------------------------------------------------------- CRC-32C */

/* Entry i: the remainder of i * x^28 under the reflected polynomial 0x82f63b78. */
static const uint32_t crc_of_nibble[16] = {
  0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
  0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75
};

uint32_t ink_crc32c(uint32_t crc, const void *bytes, size_t n) {
  const uint8_t *const b = bytes;
  crc = ~crc;
  for (size_t i = 0; i < n; i++) {
    crc ^= b[i];
    crc = crc >> 4 ^ crc_of_nibble[crc & 15];
    crc = crc >> 4 ^ crc_of_nibble[crc & 15];
  }
  return ~crc;
}

/* ---------------------------------------------------------------- XXH64 */

#define P1 0x9e3779b185ebca87u
#define P2 0xc2b2ae3d27d4eb4fu
#define P3 0x165667b19e3779f9u
#define P4 0x85ebca77c2b2ae63u
#define P5 0x27d4eb2f165667c5u

static uint64_t rotl(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

static uint32_t read_u32(const uint8_t *b) {
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static uint64_t read_u64(const uint8_t *b) { return (uint64_t)read_u32(b) | (uint64_t)read_u32(b + 4) << 32; }

static uint64_t round_lane(uint64_t lane, uint64_t input) { return rotl(lane + input * P2, 31) * P1; }
static uint64_t merge_lane(uint64_t h, uint64_t lane) { return (h ^ round_lane(0, lane)) * P1 + P4; }

/* Whole stripes of 32 bytes through four lanes; moves *b past them. */
static uint64_t hash_stripes(const uint8_t **b, size_t n, uint64_t seed) {
  uint64_t lane[4] = { seed + P1 + P2, seed + P2, seed, seed - P1 };
  for (; n >= 32; n -= 32, *b += 32) {
    for (unsigned i = 0; i < 4; i++) lane[i] = round_lane(lane[i], read_u64(*b + 8 * i));
  }
  uint64_t h = rotl(lane[0], 1) + rotl(lane[1], 7) + rotl(lane[2], 12) + rotl(lane[3], 18);
  for (unsigned i = 0; i < 4; i++) h = merge_lane(h, lane[i]);
  return h;
}

uint64_t ink_hash64(const void *bytes, size_t n, uint64_t seed) {
  const uint8_t *b = bytes;
  uint64_t h = n >= 32 ? hash_stripes(&b, n, seed) : seed + P5;
  h += n;
  size_t left = n % 32;
  for (; left >= 8; left -= 8, b += 8) h = rotl(h ^ round_lane(0, read_u64(b)), 27) * P1 + P4;
  if (left >= 4) {
    h = rotl(h ^ read_u32(b) * P1, 23) * P2 + P3;
    left -= 4;
    b += 4;
  }
  for (; left != 0; left--, b++) h = rotl(h ^ *b * P5, 11) * P1;
  h = (h ^ h >> 33) * P2;
  h = (h ^ h >> 29) * P3;
  return h ^ h >> 32;
}
