/* gemm_tile.h - private to core/kernel: what a table of gemm.h consists of, and the body of its micro-kernel.
 *
 * A file gemm_<isa>.c defines GEMM_VEC, GEMM_LANES, GEMM_LOAD, GEMM_STORE, GEMM_SPLAT, GEMM_FMA, GEMM_ADD, GEMM_ROWS,
 * GEMM_VECS and GEMM_NAME, then includes this file with GEMM_BODY set. */
#ifndef INK_GEMM_TILE_H
#define INK_GEMM_TILE_H

#include "gemm.h"

struct ink_gemm {
  const char *name;
  uint32_t rows, cols;            /* the micro-kernel's tile of C */
  /* c [rows, cols] with rows ldc apart = (add ? c : 0) + sum over k of a[p*rows + i] * b[p*cols + j] */
  void (*tile)(size_t k, const float *restrict a, const float *restrict b, float *restrict c, size_t ldc, bool add);
  /* x [n, k] as panels of `rows` (pack_a) or `cols` (pack_b) of its rows: panel after panel, inside it column after
   * column. Missing rows are zeros, so that the micro-kernel knows no edges. */
  void (*pack_a)(ink_gemm_in x, size_t n, size_t k, float *restrict out);
  void (*pack_b)(ink_gemm_in x, size_t n, size_t k, float *restrict out);
  float (*soften)(float *restrict x, const float *restrict bias, size_t n);
};

/* The largest tile of any table. */
#define INK_GEMM_TILE_MAX (16u * 48u)

extern const struct ink_gemm ink_gemm_ref;
#if defined(__x86_64__)
extern const struct ink_gemm ink_gemm_sse2, ink_gemm_avx2, ink_gemm_avx512;
#elif defined(__aarch64__)
extern const struct ink_gemm ink_gemm_neon;
#elif defined(__wasm_simd128__)
extern const struct ink_gemm ink_gemm_wasm128;
#endif

#endif

#ifdef GEMM_BODY
#include "quick_exp.h"

#define GEMM_COLS (GEMM_VECS * GEMM_LANES)

/* All accumulators stay in registers: the loops over rows and vectors have constant bounds and are unrolled. The tile's own
 * place is asked for before the sums are made, so that it is there when they are added (88 to 95 GFLOP/s on Zen 4). */
static void tile(size_t k, const float *restrict a, const float *restrict b, float *restrict c, size_t ldc, bool add) {
  GEMM_VEC acc[GEMM_ROWS][GEMM_VECS];
#pragma GCC unroll 16
  for (size_t i = 0; i < GEMM_ROWS; i++)
#pragma GCC unroll 4
    for (size_t v = 0; v < GEMM_VECS; v++) acc[i][v] = GEMM_SPLAT(0.0f);
#pragma GCC unroll 16
  for (size_t i = 0; i < GEMM_ROWS; i++) {
    __builtin_prefetch(c + i * ldc, 1);
    __builtin_prefetch(c + i * ldc + GEMM_COLS - 1, 1);
  }
#pragma GCC unroll 1
  for (size_t p = 0; p < k; p++) {
    GEMM_VEC row[GEMM_VECS];
#pragma GCC unroll 4
    for (size_t v = 0; v < GEMM_VECS; v++) row[v] = GEMM_LOAD(b + v * GEMM_LANES);
#pragma GCC unroll 16
    for (size_t i = 0; i < GEMM_ROWS; i++) {
      const GEMM_VEC x = GEMM_SPLAT(a[i]);
#pragma GCC unroll 4
      for (size_t v = 0; v < GEMM_VECS; v++) acc[i][v] = GEMM_FMA(x, row[v], acc[i][v]);
    }
    a += GEMM_ROWS;
    b += GEMM_COLS;
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < GEMM_ROWS; i++)
#pragma GCC unroll 4
    for (size_t v = 0; v < GEMM_VECS; v++) {
      float *to = c + i * ldc + v * GEMM_LANES;
      GEMM_STORE(to, add ? GEMM_ADD(GEMM_LOAD(to), acc[i][v]) : acc[i][v]);
    }
}

/* `unit` is a constant where this is inlined; so is `row` in the case of rows that lie side by side. */
static inline void pack_panels(ink_gemm_in x, size_t n, size_t k, size_t unit, float *restrict out) {
  for (size_t first = 0; first < n; first += unit) {
    const float *from = x.data + first * x.row;
    if (n - first >= unit) {
      for (size_t p = 0; p < k && x.row == 1; p++, out += unit)
        for (size_t i = 0; i < unit; i++) out[i] = from[i + p * x.col];
      for (size_t p = 0; p < k && x.row != 1; p++, out += unit)
        for (size_t i = 0; i < unit; i++) out[i] = from[i * x.row + p * x.col];
      continue;
    }
    for (size_t p = 0; p < k; p++, out += unit)
      for (size_t i = 0; i < unit; i++) out[i] = i < n - first ? from[i * x.row + p * x.col] : 0.0f;
  }
}
static void pack_a(ink_gemm_in x, size_t n, size_t k, float *restrict out) { pack_panels(x, n, k, GEMM_ROWS, out); }
static void pack_b(ink_gemm_in x, size_t n, size_t k, float *restrict out) { pack_panels(x, n, k, GEMM_COLS, out); }

/* Plain C with 16 partial sums: the same bits from every table, vectors by the file's flags. */
static float soften(float *restrict x, const float *restrict bias, size_t n) {
  float most[16], sums[16];
  const size_t whole = n / 16 * 16;
  for (size_t l = 0; l < 16; l++) most[l] = -3e38f, sums[l] = 0.0f;
  for (size_t j = 0; bias && j < n; j++) x[j] += bias[j];
  for (size_t j = 0; j < whole; j += 16)
    for (size_t l = 0; l < 16; l++) most[l] = x[j + l] > most[l] ? x[j + l] : most[l];
  for (size_t j = whole; j < n; j++) most[j - whole] = x[j] > most[j - whole] ? x[j] : most[j - whole];
  for (size_t l = 1; l < 16; l++) most[0] = most[l] > most[0] ? most[l] : most[0];
  const float top = most[0];
  for (size_t j = 0; j < n; j++) x[j] = ink_quick_exp(x[j] - top);
  for (size_t j = 0; j < whole; j += 16)
    for (size_t l = 0; l < 16; l++) sums[l] += x[j + l];
  for (size_t j = whole; j < n; j++) sums[j - whole] += x[j];
  for (size_t l = 1; l < 16; l++) sums[0] += sums[l];
  return sums[0];
}

const struct ink_gemm GEMM_TABLE = { GEMM_NAME, GEMM_ROWS, GEMM_COLS, tile, pack_a, pack_b, soften };
#endif
