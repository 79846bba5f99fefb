/* hash.h - a checksum against accidents and a hash for tables. Neither resists an attacker: for that
 * there is sha256.h. */
#ifndef INK_HASH_H
#define INK_HASH_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli; RFC 3720), as iSCSI and Btrfs use it. Start with crc 0; feeding a block in
 * pieces gives the checksum of the whole: ink_crc32c(ink_crc32c(0, a, n), b, m). */
uint32_t ink_crc32c(uint32_t crc, const void *bytes, size_t n);

/* XXH64 (Y. Collet, xxHash specification 0.1.1) of a byte string; same value on every machine. */
uint64_t ink_hash64(const void *bytes, size_t n, uint64_t seed);

/* A good mix of one number (the finaliser of SplitMix64; a bijection). */
static inline uint64_t ink_hash_u64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

#endif
