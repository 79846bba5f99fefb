/* sha256.h - SHA-256 (FIPS 180-4), in pieces or at once. For digests of packs; not a hot path. */
#ifndef INK_SHA256_H
#define INK_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define INK_SHA256_BYTES 32u
#define INK_SHA256_HEX 64u        /* digits; no closing zero */

typedef struct ink_sha256 {
  uint32_t h[8];
  uint64_t n_bytes;               /* taken so far */
  uint8_t block[64];              /* the first n_bytes % 64 of it wait */
} ink_sha256;

void ink_sha256_init(ink_sha256 *s);
void ink_sha256_update(ink_sha256 *s, const void *bytes, size_t n);
/* Afterwards only ink_sha256_init() may follow. */
void ink_sha256_final(ink_sha256 *s, uint8_t digest[INK_SHA256_BYTES]);
void ink_sha256_of(const void *bytes, size_t n, uint8_t digest[INK_SHA256_BYTES]);
/* Lower case. */
void ink_sha256_hex(const uint8_t digest[INK_SHA256_BYTES], char hex[INK_SHA256_HEX]);

#endif
