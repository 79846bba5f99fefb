/* test_als_half.c - half steps of alternating least squares against implicit and numpy (golden/fit_als_truth.h).
 *
 * The bound. Scores are compared: |x^.y - x.y| <= |x^ - x| |y|. A half step solves, for each row, a system whose
 * entries are sums of at most N + n products in f32 and which is scaled, turned (an orthonormal matrix rounded to f32)
 * and factored; every part is backward stable, so |x^ - x| <= cond(A) u (N + n + 4m + 16) |x|. A tenth for u^2,
 * and u |y| (m + 2) |x| for the dot product that is made here from floats. `implicit` itself is f32: its bound is added. */
#define _POSIX_C_SOURCE 200809L
#include "als.h"
#include "golden/fit_als_truth.h"
#include "hosted.h"
#include "testlib.h"

#define UNIT 0x1p-24

static hosted h;
static float vectors[TRUTH_ITEMS * TRUTH_D], bias[TRUTH_ITEMS], own[TRUTH_PEOPLE * TRUTH_D], own_bias[TRUTH_PEOPLE];
static float a[sizeof truth_cols / sizeof *truth_cols], b[sizeof truth_cols / sizeof *truth_cols];
static uint64_t starts[TRUTH_PEOPLE + 1];
static uint32_t cols[sizeof truth_cols / sizeof *truth_cols];

static const char *const table_names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };

typedef struct half { ink_als_matrix matrix; ink_als_side other, people; } half;

static half prepare(bool is_explicit) {
  hosted_init(&h);
  memcpy(vectors, truth_vectors, sizeof vectors);
  memcpy(bias, truth_bias, sizeof bias);
  memcpy(starts, truth_starts, sizeof starts);
  memcpy(cols, truth_cols, sizeof cols);
  memset(own, 0, sizeof own);
  memset(own_bias, 0, sizeof own_bias);
  return (half){ { TRUTH_PEOPLE, TRUTH_ITEMS, truth_starts[TRUTH_PEOPLE], starts, cols, a, b },
                 { TRUTH_ITEMS, vectors, is_explicit ? bias : NULL, NULL },
                 { TRUTH_PEOPLE, own, is_explicit ? own_bias : NULL, NULL } };
}

static double length(const float *x) {
  double sum = 0.0;
  for (uint32_t k = 0; k < TRUTH_D; k++) sum += (double)x[k] * (double)x[k];
  return sqrt(sum);
}

static void compare(const half *s, const double truth[][TRUTH_ITEMS + 2], double times) {
  for (uint32_t r = 0; r < TRUTH_PEOPLE; r++) {
    const double n = (double)(starts[r + 1] - starts[r]), m = TRUTH_D + 1, cond = truth[r][TRUTH_ITEMS], norm = truth[r][TRUTH_ITEMS + 1];
    for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
      double score = s->people.bias != NULL ? (double)own_bias[r] : 0.0;
      for (uint32_t k = 0; k < TRUTH_D; k++) score += (double)own[r * TRUTH_D + k] * (double)vectors[i * TRUTH_D + k];
      const double y = length(vectors + i * TRUTH_D) + (s->people.bias != NULL ? 1.0 : 0.0);
      CHECK_NEAR(score, truth[r][i], times * 1.1 * UNIT * (cond * ((double)TRUTH_ITEMS + n + 4 * m + 16) + m + 2) * norm * y);
    }
  }
}

static void run(half *s, const ink_als_options *options, const ink_als_ridge *ridge, const char *kernels) {
  h.env.kernels = ink_kernels_named(kernels);
  CHECK_EQ(ink_als_half_step(options, ridge, &s->matrix, &s->other, &s->people, &h.env), INK_OK);
  CHECK_EQ(h.memory.live, 0);
}

/* The model of the package implicit: a = c - 1, pull c, unobserved pairs weigh 1. */
TEST(equals_implicit) {
  for (size_t t = 0; t < sizeof table_names / sizeof *table_names; t++) {
    if (ink_kernels_named(table_names[t]) == NULL) continue;
    half s = prepare(false);
    for (uint64_t i = 0; i < s.matrix.n_values; i++) a[i] = (b[i] = truth_confidence[i]) - 1.0f;
    const ink_als_options options = { .d = TRUTH_D, .unobserved = 1.0f };
    run(&s, &options, &(ink_als_ridge){ TRUTH_LAMBDA, 0.0f, 0.0f }, table_names[t]);
    compare(&s, truth_hu, 2.0);
  }
}

/* Frequency-scaled regularization. */
TEST(equals_numpy_implicit) {
  half s = prepare(false);
  for (uint64_t i = 0; i < s.matrix.n_values; i++) a[i] = b[i] = truth_confidence[i];
  const ink_als_options options = { .d = TRUTH_D, .unobserved = TRUTH_UNOBSERVED };
  run(&s, &options, &(ink_als_ridge){ TRUTH_LAMBDA, TRUTH_NU, 0.0f }, "ref");
  compare(&s, truth_ials, 1.0);
}

/* Unobserved pairs that weigh differently by their item, on either side. */
TEST(equals_numpy_weighted) {
  float item_weight[TRUTH_ITEMS], row_weight[TRUTH_PEOPLE];
  half s = prepare(false);
  for (uint64_t i = 0; i < s.matrix.n_values; i++) a[i] = b[i] = truth_confidence[i];
  memcpy(item_weight, truth_item_weight, sizeof item_weight);
  memcpy(row_weight, truth_row_weight, sizeof row_weight);
  s.other.weight = item_weight;
  s.people.weight = row_weight;
  const ink_als_options options = { .d = TRUTH_D, .unobserved = TRUTH_UNOBSERVED };
  run(&s, &options, &(ink_als_ridge){ TRUTH_LAMBDA, TRUTH_NU, 0.0f }, "ref");
  compare(&s, truth_weighted, 1.0);
}

TEST(equals_numpy_explicit) {
  half s = prepare(true);
  for (uint64_t i = 0; i < s.matrix.n_values; i++) {
    a[i] = truth_confidence[i];
    b[i] = truth_rating[i];
  }
  const ink_als_options options = { .rule = { .is_explicit = true }, .d = TRUTH_D };
  run(&s, &options, &(ink_als_ridge){ TRUTH_RIDGE, TRUTH_EXPLICIT_NU, TRUTH_BIAS_LAMBDA }, "ref");
  compare(&s, truth_explicit, 1.0);
  CHECK_EQ_BITS(vectors[0], truth_vectors[0][0]);          /* nothing to turn without a Gram matrix */
}

/* A confidence of 0 with a pull (weight 1 under alpha 1 in implicit's model) cannot be solved in the small system: the large one must do. */
TEST(no_confidence_but_a_pull) {
  half s = prepare(false);
  const ink_als_options options = { .d = TRUTH_D, .unobserved = 1.0f };
  for (uint64_t i = 0; i < s.matrix.n_values; i++) a[i] = (b[i] = truth_confidence[i]) - 1.0f;
  a[0] = 0.0f;                                              /* person 0 has this one observation */
  run(&s, &options, &(ink_als_ridge){ TRUTH_LAMBDA, 0.0f, 0.0f }, "ref");
  double gram_x = 0.0, y = 0.0;                             /* (G + lambda) x = b y, tested along the first axis of the turned basis */
  for (uint32_t k = 0; k < 1; k++) {
    double g = 0.0;
    for (uint32_t i = 0; i < TRUTH_ITEMS; i++) g += (double)vectors[i * TRUTH_D + k] * (double)vectors[i * TRUTH_D + k];
    gram_x = (g + (double)TRUTH_LAMBDA) * (double)own[k];
    y = (double)b[0] * (double)vectors[cols[0] * TRUTH_D + k];
  }
  CHECK_NEAR(gram_x, y, 1e-5 * fabs(y) + 1e-5);
}

/* Turning a side changes no score and leaves a diagonal Gram matrix: off it, only rounding of f32 sums over N rows. */
TEST(diagonalise_keeps_scores) {
  half s = prepare(false);
  float spectrum[TRUTH_D];
  for (uint32_t i = 0; i < TRUTH_PEOPLE * TRUTH_D; i++) own[i] = (float)(i % 7) - 3.0f;
  CHECK_EQ(ink_als_diagonalise(&s.other, &s.people, TRUTH_D, &h.env, spectrum), INK_OK);
  double trace = 0.0;
  for (uint32_t k = 0; k < TRUTH_D; k++) trace += (double)spectrum[k];
  for (uint32_t p = 0; p < TRUTH_D; p++)
    for (uint32_t q = 0; q < TRUTH_D; q++) {
      double g = 0.0;
      for (uint32_t i = 0; i < TRUTH_ITEMS; i++) g += (double)vectors[i * TRUTH_D + p] * (double)vectors[i * TRUTH_D + q];
      CHECK_NEAR(g, p == q ? (double)spectrum[p] : 0.0, UNIT * (TRUTH_ITEMS + 4 * TRUTH_D) * trace);
    }
  for (uint32_t r = 0; r < TRUTH_PEOPLE; r++)
    for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
      double before = 0.0, after = 0.0;
      for (uint32_t k = 0; k < TRUTH_D; k++) {
        before += ((double)((r * TRUTH_D + k) % 7) - 3.0) * (double)truth_vectors[i][k];
        after += (double)own[r * TRUTH_D + k] * (double)vectors[i * TRUTH_D + k];
      }
      CHECK_NEAR(after, before, UNIT * 24 * (double)TRUTH_D * sqrt((double)TRUTH_D) * length(vectors + i * TRUTH_D));
    }
}

TEST_MAIN(T(equals_implicit), T(equals_numpy_implicit), T(equals_numpy_weighted), T(equals_numpy_explicit), T(no_confidence_but_a_pull), T(diagonalise_keeps_scores))
