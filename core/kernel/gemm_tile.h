/* gemm_tile.h - private to core/kernel: what a table of gemm.h consists of, and the body of its micro-kernel.
 *
 * A file gemm_<isa>.c defines GEMM_VEC, GEMM_LANES, GEMM_LOAD, GEMM_STORE, GEMM_SPLAT, GEMM_FMA, GEMM_ROWS,
 * GEMM_VECS and GEMM_NAME, then includes this file with GEMM_BODY set. */
#ifndef INK_GEMM_TILE_H
#define INK_GEMM_TILE_H

#include "gemm.h"

struct ink_gemm {
  const char *name;
  uint32_t rows, cols;            /* the micro-kernel's tile of C */
  /* tile [rows, cols] = sum over k of a[p*rows + i] * b[p*cols + j]; panels aligned to 64 */
  void (*tile)(size_t k, const float *restrict a, const float *restrict b, float *restrict tile);
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
/* All accumulators stay in registers: the loops over rows and vectors have constant bounds and are unrolled. */
static void tile(size_t k, const float *restrict a, const float *restrict b, float *restrict out) {
  GEMM_VEC acc[GEMM_ROWS][GEMM_VECS];
#pragma GCC unroll 16
  for (size_t i = 0; i < GEMM_ROWS; i++)
#pragma GCC unroll 4
    for (size_t v = 0; v < GEMM_VECS; v++) acc[i][v] = GEMM_SPLAT(0.0f);
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
    b += GEMM_VECS * GEMM_LANES;
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < GEMM_ROWS; i++)
#pragma GCC unroll 4
    for (size_t v = 0; v < GEMM_VECS; v++) GEMM_STORE(out + (i * GEMM_VECS + v) * GEMM_LANES, acc[i][v]);
}

const struct ink_gemm GEMM_TABLE = { GEMM_NAME, GEMM_ROWS, GEMM_VECS * GEMM_LANES, tile };
#endif
