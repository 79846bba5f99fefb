/* test_als_solve.c - one row's ridge system, by each of its three ways, against elimination in double here.
 *
 * The bound: all ways work on the scaled system, whose condition is at most 1 + its largest eigenvalue <= 1 + trace; each is
 * backward stable, so |z^ - z| <= cond u (n + 4m + 16) |z|, and x = D^(-1/2) z. A tenth for u^2. */
#include <math.h>
#include <stdlib.h>

#include "als_solve.h"
#include "rng.h"
#include "testlib.h"

#define UNIT 0x1p-24
enum { COLS = 700, D = 21, M = D + 1 };

static const char *const table_names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
static float other[COLS * D], a[COLS], b[COLS], diagonal[M], x[M];
static uint32_t cols[COLS];
static _Alignas(64) uint8_t memory[1 << 20];
static double exact[M], trace;

static void fill(uint64_t seed) {
  ink_rng rng;
  ink_rng_seed(&rng, seed, 0);
  for (uint32_t i = 0; i < COLS * D; i++) other[i] = (float)ink_rng_normal(&rng);
  for (uint32_t i = 0; i < COLS; i++) {
    a[i] = 0.25f + 4.0f * ink_rng_f32(&rng);
    b[i] = (float)ink_rng_normal(&rng);
    cols[i] = i;
  }
  ink_rng_shuffle(&rng, cols, COLS);
  for (uint32_t k = 0; k < M; k++) diagonal[k] = 0.5f + 8.0f * ink_rng_f32(&rng);
}

/* Gauss with pivots, in double; and the trace of the scaled system. */
static void solve_exactly(uint32_t n, uint32_t m) {
  static double s[M][M + 1];
  memset(s, 0, sizeof s);
  trace = 0.0;
  for (uint32_t j = 0; j < n; j++) {
    double y[M] = { 0 };
    for (uint32_t k = 0; k < D; k++) y[k] = (double)other[cols[j] * D + k];
    if (m > D) y[D] = 1.0;
    for (uint32_t r = 0; r < m; r++) {
      for (uint32_t c = 0; c < m; c++) s[r][c] += (double)a[j] * y[r] * y[c];
      s[r][m] += (double)b[j] * y[r];
    }
  }
  for (uint32_t r = 0; r < m; r++) {
    trace += s[r][r] / (double)diagonal[r];
    s[r][r] += (double)diagonal[r];
  }
  for (uint32_t p = 0; p < m; p++) {
    uint32_t best = p;
    for (uint32_t r = p + 1; r < m; r++) best = fabs(s[r][p]) > fabs(s[best][p]) ? r : best;
    for (uint32_t c = 0; c <= m; c++) {
      const double t = s[p][c];
      s[p][c] = s[best][c];
      s[best][c] = t;
    }
    for (uint32_t r = 0; r < m; r++) {
      if (r == p) continue;
      const double f = s[r][p] / s[p][p];
      for (uint32_t c = p; c <= m; c++) s[r][c] -= f * s[p][c];
    }
  }
  for (uint32_t r = 0; r < m; r++) exact[r] = s[r][m] / s[r][r];
}

static ink_status solve(uint32_t n, uint32_t m, uint32_t cg_steps, const char *kernels) {
  const ink_als_system system = { ink_kernels_named(kernels), other, D, m, cg_steps };
  const ink_als_row row = { cols, a, b, n };
  ink_als_scratch s;
  ink_arena arena;
  ink_arena_init(&arena, memory, sizeof memory);
  CHECK_EQ(ink_als_scratch_take(&s, &system, &arena), INK_OK);
  memset(memory, 0xa5, arena.used);                        /* nothing may rest on what lay there: 0xa5a5a5a5 is a number */
  return ink_als_solve(&system, &row, diagonal, &s, x);
}

static void compare(uint32_t n, uint32_t m) {
  double norm = 0.0;
  for (uint32_t k = 0; k < m; k++) norm += exact[k] * exact[k] * (double)diagonal[k];
  const double bound = 1.1 * (1.0 + trace) * UNIT * (n + 4 * m + 16) * sqrt(norm);
  for (uint32_t k = 0; k < m; k++) CHECK_NEAR((double)x[k], exact[k], bound / sqrt((double)diagonal[k]));
}

/* Below, at and above the width (small system, large system), and over the border of a block of 256. */
TEST(direct_ways) {
  static const uint32_t sizes[] = { 1, 2, 7, 8, 9, 20, 21, 22, 23, 40, 255, 256, 257, 700 };
  fill(1);
  for (size_t t = 0; t < sizeof table_names / sizeof *table_names; t++) {
    if (ink_kernels_named(table_names[t]) == NULL) continue;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
      for (uint32_t m = D; m <= M; m++) {
        solve_exactly(sizes[i], m);
        CHECK_EQ(solve(sizes[i], m, 0, table_names[t]), INK_OK);
        compare(sizes[i], m);
      }
  }
}

TEST(nothing_observed) {
  fill(2);
  for (uint32_t k = 0; k < M; k++) x[k] = 7.0f;
  CHECK_EQ(solve(0, M, 0, "ref"), INK_OK);
  for (uint32_t k = 0; k < M; k++) CHECK_EQ_BITS(x[k], 0.0f);
}

/* Confidence 0 with a pull forces the large system, also for few observations. */
TEST(zero_confidence) {
  fill(3);
  a[0] = a[2] = 0.0f;
  solve_exactly(5, M);
  CHECK_EQ(solve(5, M, 0, "ref"), INK_OK);
  compare(5, M);
}

/* After as many steps as unknowns, gradients are at the solution but for rounding; one step is better than none, many better
 * than one; from the solution they do not move away. */
TEST(gradients) {
  static const uint32_t sizes[] = { 60, 256, 700 };
  fill(4);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    double before = INFINITY;
    solve_exactly(sizes[i], M);
    for (uint32_t steps = 1; steps <= 4; steps++) {
      double off = 0.0;
      for (uint32_t k = 0; k < M; k++) x[k] = 0.0f;
      if (2 * (steps + 1) >= M / 2) break;
      CHECK_EQ(solve(sizes[i], M, steps, "ref"), INK_OK);
      for (uint32_t k = 0; k < M; k++) off += ((double)x[k] - exact[k]) * ((double)x[k] - exact[k]) * (double)diagonal[k];
      CHECK(off < before);
      before = off;
    }
    CHECK(before > 0.0);
    for (uint32_t k = 0; k < M; k++) x[k] = (float)exact[k];
    CHECK_EQ(solve(sizes[i], M, 3, "ref"), INK_OK);
    compare(sizes[i], M);
  }
}

TEST(overflow_is_told) {
  fill(5);
  for (uint32_t k = 0; k < M; k++) diagonal[k] = 1e-30f;
  b[0] = 1e30f;
  CHECK_EQ(solve(1, D, 0, "ref"), INK_E_DIVERGED);
  other[cols[0] * D] = INFINITY;
  CHECK_EQ(solve(3, D, 0, "ref"), INK_E_DIVERGED);
}

TEST_MAIN(T(direct_ways), T(nothing_observed), T(zero_confidence), T(gradients), T(overflow_is_told))
