/* hash.c - CRC-32C by tables of 16 entries, and XXH64.
 *
 * The checksum guards journal records of some tens of bytes: 64 bytes of table instead of 1 KB (or
 * 8 KB, sliced) keep the module small. Natively eight such tables, side by side, take four bytes a step. */
#include "hash.h"

#include "base.h"

/* -------------------------------------------------------------- CRC-32C */

/* Row 0, entry i: the remainder of i * x^28 under the reflected polynomial 0x82f63b78; row j: j half bytes later. The module
 * goes on with row 0 alone. */
#ifdef INK_ONE_TABLE
#define CRC_ROWS 1
#else
#define CRC_ROWS 8
#endif
static const uint32_t crc_of_nibble[CRC_ROWS][16] = {
  { 0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 },
#ifndef INK_ONE_TABLE
  { 0x00000000, 0xf26b8303, 0xe13b70f7, 0x1350f3f4, 0xc79a971f, 0x35f1141c, 0x26a1e7e8, 0xd4ca64eb,
    0x8ad958cf, 0x78b2dbcc, 0x6be22838, 0x9989ab3b, 0x4d43cfd0, 0xbf284cd3, 0xac78bf27, 0x5e133c24 },
  { 0x00000000, 0x3fc5f181, 0x7f8be302, 0x404e1283, 0xff17c604, 0xc0d23785, 0x809c2506, 0xbf59d487,
    0xfbc3faf9, 0xc4060b78, 0x844819fb, 0xbb8de87a, 0x04d43cfd, 0x3b11cd7c, 0x7b5fdfff, 0x449a2e7e },
  { 0x00000000, 0x13a29877, 0x274530ee, 0x34e7a899, 0x4e8a61dc, 0x5d28f9ab, 0x69cf5132, 0x7a6dc945,
    0x9d14c3b8, 0x8eb65bcf, 0xba51f356, 0xa9f36b21, 0xd39ea264, 0xc03c3a13, 0xf4db928a, 0xe7790afd },
  { 0x00000000, 0x70a27d8a, 0xe144fb14, 0x91e6869e, 0xc76580d9, 0xb7c7fd53, 0x26217bcd, 0x56830647,
    0x8b277743, 0xfb850ac9, 0x6a638c57, 0x1ac1f1dd, 0x4c42f79a, 0x3ce08a10, 0xad060c8e, 0xdda47104 },
  { 0x00000000, 0xa541927e, 0x4f6f520d, 0xea2ec073, 0x9edea41a, 0x3b9f3664, 0xd1b1f617, 0x74f06469,
    0x38513ec5, 0x9d10acbb, 0x773e6cc8, 0xd27ffeb6, 0xa68f9adf, 0x03ce08a1, 0xe9e0c8d2, 0x4ca15aac },
  { 0x00000000, 0xe964b13d, 0xd725148b, 0x3e41a5b6, 0xaba65fe7, 0x42c2eeda, 0x7c834b6c, 0x95e7fa51,
    0x52a0c93f, 0xbbc47802, 0x8585ddb4, 0x6ce16c89, 0xf90696d8, 0x106227e5, 0x2e238253, 0xc747336e },
  { 0x00000000, 0xdd45aab8, 0xbf672381, 0x62228939, 0x7b2231f3, 0xa6679b4b, 0xc4451272, 0x1900b8ca,
    0xf64463e6, 0x2b01c95e, 0x49234067, 0x9466eadf, 0x8d665215, 0x5023f8ad, 0x32017194, 0xef44db2c }
#endif
};

#ifndef INK_ONE_TABLE
/* Four bytes at once: their eight half bytes do not wait for each other (Kounavis & Berry 2008). */
static uint32_t four_bytes(uint32_t crc, const uint8_t *b) {
  uint32_t sum = 0;
  crc ^= (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  for (unsigned j = 0; j < 8; j++) sum ^= crc_of_nibble[7 - j][crc >> 4 * j & 15];
  return sum;
}
#endif

uint32_t ink_crc32c(uint32_t crc, const void *bytes, size_t n) {
  const uint8_t *b = bytes;
  crc = ~crc;
#ifndef INK_ONE_TABLE
  for (; n >= 4; n -= 4, b += 4) crc = four_bytes(crc, b);
#endif
  for (size_t i = 0; i < n; i++) {
    crc ^= b[i];
    crc = crc >> 4 ^ crc_of_nibble[0][crc & 15];
    crc = crc >> 4 ^ crc_of_nibble[0][crc & 15];
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
