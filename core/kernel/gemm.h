/* gemm.h - blocked matrix product for training: C = A B or C += A B, any strides, so transposes are free.
 *
 * Not part of inference and not bound by its numeric contract: tables for AVX2, AVX-512 and NEON use fused
 * multiply-add. A product is a pure function of its inputs, its shapes and the table: blocks do not
 * depend on who computes which rows, so callers may split m among threads at will.
 *
 * Each block of A and B is packed into panels that the micro-kernel reads in order (Goto & van de Geijn 2008). */
#ifndef INK_GEMM_H
#define INK_GEMM_H

#include "inkling.h"

typedef struct ink_gemm ink_gemm;

/* The fastest table of this build and CPU; and by name ("ref", "sse2", "avx2", "avx512", "neon", "wasm128"), or NULL. */
const ink_gemm *ink_gemm_best(void);
const ink_gemm *ink_gemm_named(const char *name);
const char *ink_gemm_name(const ink_gemm *gemm);

/* A matrix as strides in elements: element (i, j) is data[i*row + j*col]. */
typedef struct ink_gemm_in {
  const float *data;
  size_t row, col;
} ink_gemm_in;

static inline ink_gemm_in ink_gemm_plain(const float *data, size_t cols) { return (ink_gemm_in){ data, cols, 1 }; }
static inline ink_gemm_in ink_gemm_transposed(const float *data, size_t cols) { return (ink_gemm_in){ data, 1, cols }; }

/* Bytes of scratch for one call at a time, aligned to 64, whatever the shapes. */
size_t ink_gemm_scratch_bytes(const ink_gemm *gemm);

/* c [m, n] with rows ldc apart = (accumulate ? c : 0) + a [m, k] * b [k, n]. c overlaps neither input.
 * Any of m, n, k may be 0. Sums run over k in ascending order within blocks of INK_GEMM_DEPTH. */
#define INK_GEMM_DEPTH 256u
void ink_gemm_run(const ink_gemm *gemm, size_t m, size_t n, size_t k, ink_gemm_in a, ink_gemm_in b, float *c, size_t ldc,
                  bool accumulate, void *scratch);

/* A right side that many products share, packed once. b [k, n], k <= INK_GEMM_DEPTH; `packed` aligned to 64, ink_gemm_packed_floats(n, k)
 * of them. Columns may be packed and multiplied in pieces: piece j begins at packed + j * k, j a multiple of INK_GEMM_COLUMNS. */
#define INK_GEMM_COLUMNS 192u     /* whole panels of every table */
size_t ink_gemm_packed_floats(const ink_gemm *gemm, size_t n, size_t k);
void ink_gemm_pack(const ink_gemm *gemm, size_t k, size_t n, ink_gemm_in b, float *packed);

/* As ink_gemm_run() with what ink_gemm_pack() made of b; the same bits. */
void ink_gemm_run_packed(const ink_gemm *gemm, size_t m, size_t n, size_t k, ink_gemm_in a, const float *packed, float *c, size_t ldc,
                         bool accumulate, void *scratch);

/* x [n] becomes e^(x + bias - m), m the largest of x + bias (NULL: no bias); gives the sum, at least 1. The same bits by every
 * table. n >= 1. */
float ink_gemm_soften(const ink_gemm *gemm, float *x, const float *bias, size_t n);

#endif
