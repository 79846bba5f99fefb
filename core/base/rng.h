/* rng.h - seeded random numbers whose state lives in the caller's struct: same seed, same numbers, on
 * every build. xoshiro256++ (Blackman & Vigna 2021), seeded by SplitMix64. Not for secrets. */
#ifndef INK_RNG_H
#define INK_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ink_rng {
  uint64_t s[4];
  double spare;                   /* the second of a pair of normals */
  bool has_spare;
} ink_rng;

/* Streams of one seed are independent: give each shard of a parallel loop its own. */
void ink_rng_seed(ink_rng *rng, uint64_t seed, uint64_t stream);
uint64_t ink_rng_u64(ink_rng *rng);
/* Uniform in 0..n-1 without bias; n > 0. */
uint32_t ink_rng_below(ink_rng *rng, uint32_t n);
/* Uniform in [0, 1): 24 and 53 bits. */
float ink_rng_f32(ink_rng *rng);
double ink_rng_f64(ink_rng *rng);
/* Mean 0, variance 1. */
double ink_rng_normal(ink_rng *rng);
/* Every order of a [n] equally likely. */
void ink_rng_shuffle(ink_rng *rng, uint32_t *a, uint32_t n);

#endif
