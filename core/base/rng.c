/* rng.c - xoshiro256++ and what is drawn from it. */
#include "rng.h"

#include "fmath.h"
#include "hash.h"

#include "base.h"

/* SplitMix64 (Steele, Lea & Flood 2014): a counter of odd step, mixed. */
static uint64_t splitmix(uint64_t *counter) {
  *counter += 0x9e3779b97f4a7c15u;
  return ink_hash_u64(*counter);
}

void ink_rng_seed(ink_rng *rng, uint64_t seed, uint64_t stream) {
  /* Mixing the stream first keeps (seed, stream) and (seed + 1, stream - 1) apart. */
  uint64_t counter = seed ^ ink_hash_u64(stream ^ 0xd1b54a32d192ed03u);
  *rng = (ink_rng){ .has_spare = false };
  for (unsigned i = 0; i < 4; i++) rng->s[i] = splitmix(&counter);
}

static uint64_t rotl(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

uint64_t ink_rng_u64(ink_rng *rng) {
  uint64_t *const s = rng->s;
  const uint64_t out = rotl(s[0] + s[3], 23) + s[0];
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return out;
}

/* Lemire 2019: the high half of 32 random bits times n; the low half tells the few draws that would
 * be one too many for some values. */
uint32_t ink_rng_below(ink_rng *rng, uint32_t n) {
  INK_ASSERT(n > 0);
  uint64_t product = (ink_rng_u64(rng) >> 32) * n;
  if ((uint32_t)product < n) {
    const uint32_t excess = (uint32_t)(0 - n) % n;
    while ((uint32_t)product < excess) product = (ink_rng_u64(rng) >> 32) * n;
  }
  return (uint32_t)(product >> 32);
}

float ink_rng_f32(ink_rng *rng) { return (float)(ink_rng_u64(rng) >> 40) * 0x1p-24f; }

double ink_rng_f64(ink_rng *rng) { return (double)(ink_rng_u64(rng) >> 11) * 0x1p-53; }

/* Marsaglia's polar method: a uniform point of the unit disc gives two normals; one waits in `spare`. */
double ink_rng_normal(ink_rng *rng) {
  if (rng->has_spare) {
    rng->has_spare = false;
    return rng->spare;
  }
  double u, v, r2;
  do {
    u = 2.0 * ink_rng_f64(rng) - 1.0;
    v = 2.0 * ink_rng_f64(rng) - 1.0;
    r2 = u * u + v * v;
  } while (r2 >= 1.0 || r2 == 0.0);
  const double scale = ink_sqrt_f64(-2.0 * ink_log_f64(r2) / r2);
  rng->spare = v * scale;
  rng->has_spare = true;
  return u * scale;
}

void ink_rng_shuffle(ink_rng *rng, uint32_t *a, uint32_t n) {
  for (uint32_t i = n; i > 1; i--) {
    const uint32_t j = ink_rng_below(rng, i), kept = a[i - 1];
    a[i - 1] = a[j];
    a[j] = kept;
  }
}
