/* test_als_solve.c - one row's ridge system, by each of its four ways, against elimination in double here.
 *
 * The bound: all ways work on the scaled system, whose condition is at most 1 + its largest eigenvalue <= 1 + trace; each is
 * backward stable, so |z^ - z| <= cond u (n + 4m + 16) |z|, and x = D^(-1/2) z. A tenth for u^2. */
#include <math.h>
#include <stdlib.h>

#include "als_solve.h"
#include "base.h"
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

static ink_status solve_by(uint32_t n, uint32_t m, uint32_t cg_steps, uint32_t block, const char *kernels) {
  const ink_als_system system = { ink_kernels_named(kernels), other, D, m, cg_steps, block, n };
  const ink_als_row row = { cols, a, b, n };
  ink_als_scratch s;
  ink_arena arena;
  ink_arena_init(&arena, memory, sizeof memory);
  CHECK_EQ(ink_als_scratch_take(&s, &system, &arena), INK_OK);
  memset(memory, 0xa5, arena.used);                        /* nothing may rest on what lay there: 0xa5a5a5a5 is a number */
  return ink_als_solve(&system, &row, diagonal, &s, x);
}

static ink_status solve(uint32_t n, uint32_t m, uint32_t cg_steps, const char *kernels) { return solve_by(n, m, cg_steps, 0, kernels); }

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

/* ------------------------------------------------------------------ blocks */

static const uint32_t block_sizes[] = { 1, 3, 5, 8, 11 }, row_sizes[] = { 60, 256, 257, 700 };

/* What rounding may leave of a gradient: `pulls` = sum |y| |b|, scaled; each term of it and of a (y.z) y goes through at most
 * n + 3m + 16 roundings, and each rounding of z weighs as the matrix does, at most 1 + trace. */
static double gradient_rounding(uint32_t n, uint32_t m, const double z[M]) {
  double pulls = 0.0, size = 0.0;
  for (uint32_t j = 0; j < n; j++) {
    double length = m > D ? 1.0 / (double)diagonal[D] : 0.0;
    for (uint32_t k = 0; k < D; k++) length += (double)other[cols[j] * D + k] * (double)other[cols[j] * D + k] / (double)diagonal[k];
    pulls += sqrt(length) * fabs((double)b[j]);
  }
  for (uint32_t k = 0; k < m; k++) size += z[k] * z[k];
  return 1.1 * UNIT * (n + 3 * m + 16) * ((1.0 + trace) * sqrt(size) + pulls);
}

/* z = D^(1/2) x; returns the length of z - before. */
static double scale_and_move(uint32_t m, const double before[M], double z[M]) {
  double sum = 0.0;
  for (uint32_t k = 0; k < m; k++) {
    z[k] = sqrt((double)diagonal[k]) * (double)x[k];
    sum += (z[k] - before[k]) * (z[k] - before[k]);
  }
  return sqrt(sum);
}

/* After a pass a block's gradient is its rounding and what later blocks moved: g <= rounding + trace |moved|. The scaled matrix is
 * at least I, so |z - exact| <= |g|. Many passes move by rounding alone. */
TEST(blocks_converge) {
  fill(6);
  for (size_t i = 0; i < INK_COUNT_OF(row_sizes); i++)
    for (size_t s = 0; s < INK_COUNT_OF(block_sizes); s++)
      for (uint32_t m = D; m <= M; m++) {
        const uint32_t n = row_sizes[i];
        double z[M] = { 0 }, moved = 0.0;
        solve_exactly(n, m);
        memset(x, 0, sizeof x);
        for (uint32_t pass = 0; pass < 200; pass++) {
          CHECK_EQ(solve_by(n, m, 0, block_sizes[s], "ref"), INK_OK);
          moved = scale_and_move(m, z, z);
        }
        const double rounding = gradient_rounding(n, m, z), bound = rounding + trace * moved;
        CHECK(moved <= rounding);
        for (uint32_t k = 0; k < m; k++) CHECK_NEAR(z[k], sqrt((double)diagonal[k]) * exact[k], bound);
      }
}

/* Half the row's objective, from the data, in double; its gradient g in z, and that one's length. */
static double objective(uint32_t n, uint32_t m, double g[M], double *gradient) {
  double sum = 0.0, square = 0.0;
  for (uint32_t k = 0; k < m; k++) {
    g[k] = (double)diagonal[k] * (double)x[k];
    sum += 0.5 * g[k] * (double)x[k];
  }
  for (uint32_t j = 0; j < n; j++) {
    const float *y = other + (size_t)cols[j] * D;
    double score = m > D ? (double)x[D] : 0.0;
    for (uint32_t k = 0; k < D; k++) score += (double)y[k] * (double)x[k];
    sum += 0.5 * (double)a[j] * score * score - (double)b[j] * score;
    for (uint32_t k = 0; k < m; k++) g[k] += ((double)a[j] * score - (double)b[j]) * (k < D ? (double)y[k] : 1.0);
  }
  for (uint32_t k = 0; k < m; k++) {
    g[k] /= sqrt((double)diagonal[k]);
    square += g[k] * g[k];
  }
  *gradient = sqrt(square);
  return sum;
}

/* From anywhere a pass lowers the objective: f is convex, so that rounding e of z adds |gradient| e at most, and a block's solve
 * errs by no more than its gradient does. The last block, which nothing moved behind, has no gradient left. Every table gives the same bits, and one pass is not the exact solve. */
TEST(blocks_never_rise) {
  static float start[M], first[M];
  ink_rng rng;
  fill(7);
  ink_rng_seed(&rng, 7, 1);
  for (size_t i = 0; i < INK_COUNT_OF(row_sizes); i++)
    for (size_t s = 0; s < INK_COUNT_OF(block_sizes); s++)
      for (uint32_t m = D; m <= M; m++) {
        const uint32_t n = row_sizes[i];
        double gradient, g[M], z[M] = { 0 };
        solve_exactly(n, m);
        for (uint32_t k = 0; k < M; k++) x[k] = start[k] = (float)ink_rng_normal(&rng);
        for (uint32_t pass = 0; pass < 6; pass++) {
          const double before = objective(n, m, g, &gradient);
          scale_and_move(m, z, z);
          const double at_first = gradient_rounding(n, m, z);
          CHECK_EQ(solve_by(n, m, 0, block_sizes[s], "ref"), INK_OK);
          scale_and_move(m, z, z);
          const double after = objective(n, m, g, &gradient), rounding = at_first + gradient_rounding(n, m, z);
          CHECK(after <= before + gradient * rounding);
          for (uint32_t k = (m - 1) / block_sizes[s] * block_sizes[s]; k < m; k++) CHECK(fabs(g[k]) <= rounding);
          if (pass == 0) CHECK(after < before);
          if (pass == 0) memcpy(first, x, sizeof first);
        }
        for (size_t t = 0; t < INK_COUNT_OF(table_names); t++) {
          if (ink_kernels_named(table_names[t]) == NULL) continue;
          memcpy(x, start, sizeof x);
          CHECK_EQ(solve_by(n, m, 0, block_sizes[s], table_names[t]), INK_OK);
          CHECK_EQ(memcmp(x, first, m * sizeof *x), 0);
        }
      }
}

/* One block of everything is the exact solve, to the bit, wherever x was; no observation gives zeros. */
TEST(blocks_of_everything) {
  static const struct { uint32_t n, beyond; } cases[] = { { 5, 0 }, { 60, 0 }, { 700, 0 }, { 700, 1 }, { 700, 2000 } };
  float want[M];
  fill(8);
  for (size_t i = 0; i < INK_COUNT_OF(cases); i++)
    for (uint32_t m = D; m <= M; m++) {
      CHECK_EQ(solve(cases[i].n, m, 0, "ref"), INK_OK);
      memcpy(want, x, sizeof want);
      for (uint32_t k = 0; k < m; k++) x[k] = 7.0f;
      CHECK_EQ(solve_by(cases[i].n, m, 0, m + cases[i].beyond, "ref"), INK_OK);
      CHECK_EQ(memcmp(x, want, m * sizeof *x), 0);
    }
  CHECK_EQ(solve_by(0, M, 0, 8, "ref"), INK_OK);
  for (uint32_t k = 0; k < M; k++) CHECK_EQ_BITS(x[k], 0.0f);
}

/* Long rows of wide vectors, in small blocks; never one block, nor none. */
TEST(blocks_pay) {
  static const struct { uint32_t m, block, n; bool pays; } cases[] = {
    { 256, 16, 16, false }, { 256, 16, 64, false }, { 256, 16, 96, true }, { 256, 16, 4096, true }, { 256, 128, 128, false },
    { 64, 16, 48, false }, { 64, 16, 512, true }, { 32, 8, 512, false }, { 256, 256, 100000, false }, { 256, 2048, 100000, false },
    { 256, 0, 100000, false }, { 257, 16, 0, false },
  };
  for (size_t i = 0; i < INK_COUNT_OF(cases); i++) {
    const ink_als_system system = { .d = cases[i].m, .m = cases[i].m, .block = cases[i].block };
    CHECK_EQ(ink_als_blocks_pay(&system, cases[i].n), cases[i].pays);
  }
}

TEST(overflow_is_told) {
  fill(5);
  for (uint32_t k = 0; k < M; k++) diagonal[k] = 1e-30f;
  b[0] = 1e30f;
  CHECK_EQ(solve(1, D, 0, "ref"), INK_E_DIVERGED);
  other[cols[0] * D] = INFINITY;
  CHECK_EQ(solve(3, D, 0, "ref"), INK_E_DIVERGED);
  CHECK_EQ(solve_by(60, D, 0, 4, "ref"), INK_E_DIVERGED);
}

TEST_MAIN(T(direct_ways), T(nothing_observed), T(zero_confidence), T(gradients), T(blocks_converge), T(blocks_never_rise), T(blocks_of_everything),
          T(blocks_pay), T(overflow_is_told))
