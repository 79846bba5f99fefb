/* sha256.c - SHA-256 as FIPS 180-4 writes it down, section numbers beside the steps. */
#include "sha256.h"

#include "mem.h"

#include "base.h"

/* 4.2.2: first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t k[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t rotr(uint32_t x, unsigned by) { return x >> by | x << (32 - by); }

/* 6.2.2, step 1: the message schedule of one block. */
static void schedule(const uint8_t *block, uint32_t w[64]) {
  for (unsigned t = 0; t < 16; t++) {
    const uint8_t *const b = block + 4 * t;
    w[t] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
  }
  for (unsigned t = 16; t < 64; t++) {
    const uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
    const uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
}

/* 6.2.2, steps 2 to 4. */
static void compress(uint32_t hash[8], const uint8_t *block) {
  uint32_t w[64];
  schedule(block, w);
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
  uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (unsigned t = 0; t < 64; t++) {
    const uint32_t sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const uint32_t choice = (e & f) ^ (~e & g);
    const uint32_t t1 = h + sum1 + choice + k[t] + w[t];
    const uint32_t sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    h = g; g = f; f = e; e = d + t1;
    d = c; c = b; b = a; a = t1 + sum0 + majority;
  }
  hash[0] += a; hash[1] += b; hash[2] += c; hash[3] += d;
  hash[4] += e; hash[5] += f; hash[6] += g; hash[7] += h;
}

void ink_sha256_init(ink_sha256 *s) {
  /* 5.3.3: square roots of the first eight primes. */
  *s = (ink_sha256){ .h = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void ink_sha256_update(ink_sha256 *s, const void *bytes, size_t n) {
  const uint8_t *b = bytes;
  const size_t waiting = (size_t)(s->n_bytes % 64);
  s->n_bytes += n;
  if (waiting != 0) {
    const size_t take = ink_min_size(n, 64 - waiting);
    ink_mem_copy(s->block + waiting, b, take);
    if (waiting + take < 64) return;
    compress(s->h, s->block);
    b += take;
    n -= take;
  }
  for (; n >= 64; n -= 64, b += 64) compress(s->h, b);
  ink_mem_copy(s->block, b, n);
}

void ink_sha256_final(ink_sha256 *s, uint8_t digest[INK_SHA256_BYTES]) {
  /* 5.1.1: a one bit, zeros up to 56 mod 64, the length in bits, big-endian. */
  const uint64_t n_bits = s->n_bytes * 8;
  uint8_t tail[72] = { 0x80 };
  const size_t n_zeros = (size_t)((119 - s->n_bytes % 64) % 64);
  for (unsigned i = 0; i < 8; i++) tail[1 + n_zeros + i] = (uint8_t)(n_bits >> (56 - 8 * i));
  ink_sha256_update(s, tail, 1 + n_zeros + 8);
  for (unsigned i = 0; i < INK_SHA256_BYTES; i++) digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void ink_sha256_of(const void *bytes, size_t n, uint8_t digest[INK_SHA256_BYTES]) {
  ink_sha256 s;
  ink_sha256_init(&s);
  ink_sha256_update(&s, bytes, n);
  ink_sha256_final(&s, digest);
}

void ink_sha256_hex(const uint8_t digest[INK_SHA256_BYTES], char hex[INK_SHA256_HEX]) {
  for (unsigned i = 0; i < INK_SHA256_BYTES; i++) {
    hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
}
