/* test_sgd.c - the inner steps of training: the reference against sums in double and PyTorch's gradients (pairwise_truth.h), every
 * other table against the reference, bit for bit, on every length and at odd places. */
#include "fmath.h"
#include "hosted.h"
#include "../golden/pairwise_truth.h"
#include "rng.h"
#include "sgd.h"
#include "testlib.h"

enum { MOST = 136, ROOM = MOST + 8 };

static float u[ROOM], x[ROOM], y[ROOM], a[ROOM], b[ROOM], c[ROOM];

static void fill(float *row, ink_rng *rng) {
  for (uint32_t j = 0; j < ROOM; j++) row[j] = (float)ink_rng_normal(rng);
}

static void check_rows(const float *got, const float *want) {
  CHECK(memcmp(got, want, ROOM * sizeof *got) == 0);       /* what lies behind the rows too */
}

static void check_table(const ink_sgd *t, const ink_sgd *ref, uint32_t d, uint32_t at, ink_rng *rng) {
  fill(u, rng), fill(x, rng), fill(y, rng);
  memcpy(a, u, sizeof u), memcpy(b, x, sizeof x), memcpy(c, y, sizeof y);
  CHECK_EQ_BITS(t->dot(u + at, x + at, d), ref->dot(u + at, x + at, d));
  CHECK_EQ_BITS(t->margin(u + at, x + at, y + at, d), ref->margin(u + at, x + at, y + at, d));
  t->pair(u + at, x + at, y + at, d, 0.03f, 0.999f);
  ref->pair(a + at, b + at, c + at, d, 0.03f, 0.999f);
  check_rows(u, a), check_rows(x, b), check_rows(y, c);
  t->meet(u + at, x + at, y + at, d, -0.07f);
  ref->meet(a + at, b + at, c + at, d, -0.07f);
  check_rows(u, a), check_rows(x, b), check_rows(y, c);
}

TEST(tables_have_the_bits_of_the_reference) {
  static const char *const names[] = { "sse2", "avx2", "neon", "wasm128" };
  const ink_sgd *const ref = ink_sgd_named("ref");
  ink_rng rng;
  ink_rng_seed(&rng, 1, 0);
  CHECK(ref != NULL && ink_sgd_best() != NULL && ink_sgd_named("none") == NULL);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const ink_sgd *const t = ink_sgd_named(names[i]);
    for (uint32_t d = 0; t != NULL && d <= MOST; d += 8)
      for (uint32_t at = 0; at < 8; at += 3) check_table(t, ref, d, at, &rng);
  }
}

/* sums of eight are folded in a fixed way; in double they are what the words say. */
TEST(the_reference_does_what_it_says) {
  const ink_sgd *const ref = ink_sgd_named("ref");
  ink_rng rng;
  double dot = 0.0, margin = 0.0;
  ink_rng_seed(&rng, 2, 0);
  fill(u, &rng), fill(x, &rng), fill(y, &rng);
  for (uint32_t j = 0; j < 64; j++) {
    dot += (double)u[j] * (double)x[j];
    margin += (double)u[j] * ((double)x[j] - (double)y[j]);
  }
  CHECK_NEAR((double)ref->dot(u, x, 64), dot, 1e-5);
  CHECK_NEAR((double)ref->margin(u, x, y, 64), margin, 2e-5);
  memcpy(a, u, sizeof u), memcpy(b, x, sizeof x), memcpy(c, y, sizeof y);
  ref->pair(a, b, c, 64, 0.1f, 0.9f);
  for (uint32_t j = 0; j < 64; j++) {
    CHECK_NEAR((double)a[j], 0.9 * (double)u[j] + 0.1 * ((double)x[j] - (double)y[j]), 1e-6);
    CHECK_NEAR((double)b[j], 0.9 * (double)x[j] + 0.1 * (double)u[j], 1e-6);
    CHECK_NEAR((double)c[j], 0.9 * (double)y[j] - 0.1 * (double)u[j], 1e-6);
  }
  memcpy(b, x, sizeof x), memcpy(c, y, sizeof y);
  ref->meet(u, b, c, 64, 0.5f);
  for (uint32_t j = 0; j < 64; j++) {
    CHECK_NEAR((double)c[j], (double)y[j] + 0.5 * (double)x[j], 1e-6);
    CHECK_NEAR((double)b[j], (double)x[j] + 0.5 * (double)u[j], 1e-6);
  }
}

static void load(float *row, const double *from) {
  for (uint32_t j = 0; j < TRUTH_D; j++) row[j] = (float)from[j];
}

static void check_near(const float *row, const double *want) {
  for (uint32_t j = 0; j < TRUTH_D; j++) CHECK_NEAR((double)row[j], want[j], 256.0 / (1 << 24));
}

/* BPR: the gradient of -ln sigma(u.(x - y)) and the decay, times the rate. */
TEST(a_pair_as_by_pytorch) {
  const ink_sgd *const ref = ink_sgd_named("ref");
  load(u, truth_pair[0]), load(x, truth_pair[1]), load(y, truth_pair[2]);
  const float slope = ink_sigmoid_f32(-ref->margin(u, x, y, TRUTH_D)), rate = (float)TRUTH_RATE;
  ref->pair(u, x, y, TRUTH_D, rate * slope, 1.0f - rate * (float)TRUTH_DECAY);
  check_near(u, truth_pair_after[0]), check_near(x, truth_pair_after[1]), check_near(y, truth_pair_after[2]);
}

/* Skip-gram: one item told, three drawn, and the item that was met. */
TEST(a_context_as_by_pytorch) {
  const ink_sgd *const ref = ink_sgd_named("ref");
  float sum[TRUTH_D] = { 0 };
  load(u, truth_skip[0]);
  for (uint32_t i = 1; i < 5; i++) {
    const float sign = i == 1 ? 1.0f : -1.0f;
    load(x, truth_skip[i]);
    ref->meet(u, x, sum, TRUTH_D, (float)TRUTH_RATE * sign * (1.0f - ink_sigmoid_f32(sign * ref->dot(u, x, TRUTH_D))));
    check_near(x, truth_skip_after[i]);
  }
  for (uint32_t j = 0; j < TRUTH_D; j++) u[j] += sum[j];
  check_near(u, truth_skip_after[0]);
}

TEST_MAIN(T(a_pair_as_by_pytorch), T(a_context_as_by_pytorch), T(tables_have_the_bits_of_the_reference), T(the_reference_does_what_it_says))
