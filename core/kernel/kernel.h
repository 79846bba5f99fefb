/* kernel.h - struct ink_kernels: one table of functions for each instruction set.
 *
 * kernel_ref.c is the specification: every other table must give its bits on every
 * length and alignment (tests/differential/diff_kernels.c).
 *
 * The numeric contract
 *  - ROW form (a dot product over d): 8 partial sums from +0, element i goes to sum i mod 8 as
 *    sum = sum + a*b (two roundings, never fused); then ((0+4)+(2+6))+((1+5)+(3+7)).
 *  - COLUMN form (many outputs, few inputs: rank-k update, solves, matrix-vector of networks):
 *    one sum per output, inputs in ascending order, so any vector width gives the same bits.
 *  - f16 and bf16 elements are widened exactly, then treated as f32.
 *  - int8: exact int32 sums; query elements lie in 0..127 (see dot rows below), d <= INK_CAP_DIM,
 *    so |sum| <= 2048*128*127 < 2^31.
 *  - No NaN comes in (the gate saw to that) and magnitudes are capped, so none arises.
 *
 * Pointers need only their element's alignment. `restrict` holds where written: outputs overlap
 * no input. Strides are in elements. n = 0 and d = 0 are legal everywhere.
 */
#ifndef INK_KERNEL_H
#define INK_KERNEL_H

#include "inkling.h"

/* Rows of a matrix in any of the four element types. */
enum { INK_ROWS_F32 = 0, INK_ROWS_F16 = 1, INK_ROWS_BF16 = 2, INK_ROWS_I8 = 3 };

/* Outputs of a panel: eight sums of four hide an addition's latency, and fit in 16 registers beside a weight and an input. */
#define INK_PANEL 32u

struct ink_kernels {
  const char *name;

  /* ---- row form ---- */
  float (*dot_f32)(const float *a, const float *b, size_t d);

  /* Many-row dot: for each of n rows and each of the 4 row starts r[0..3] (four distant
   * quarters of one table: four streams of reads saturate a core, one does not):
   *   out[s*n + i] = dot(r[s] + i*stride, q)        s = 0..3, i = 0..n-1
   * q [d] f32. Where stride == d a row may be read on into the row behind it, up to a multiple of 64 elements;
   * never beyond the last of the n rows. f16 rows are finite. */
  void (*dot4_f32)(const float *const r[4], size_t stride, const float *restrict q, size_t d, size_t n, float *restrict out);
  void (*dot4_f16)(const uint16_t *const r[4], size_t stride, const float *restrict q, size_t d, size_t n, float *restrict out);
  void (*dot4_bf16)(const uint16_t *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                    float *restrict out);
  /* int8 rows against a query of 7 bits: q [d] in 0..127; out = sum row[j]*q[j], exact.
   * The table may read a private re-laid query: prepare with i8_query (below). */
  void (*dot4_i8)(const int8_t *const r[4], size_t stride, const void *restrict prepared, size_t d, size_t n,
                  int32_t *restrict out);
  /* Bytes of (at most 4*d + 128), and making of, the prepared query for dot4_i8 and dot_i8. prepared is aligned to 64. */
  size_t (*i8_query_bytes)(size_t d);
  void (*i8_query)(const uint8_t *restrict q, size_t d, void *restrict prepared);
  int32_t (*dot_i8)(const int8_t *row, const void *prepared, size_t d);
  float (*dot_f16)(const uint16_t *row, const float *q, size_t d);
  float (*dot_bf16)(const uint16_t *row, const float *q, size_t d);

  /* ---- selecting ---- */
  /* Indices i (ascending) with x[i] >= threshold into out; returns how many. out has room for n. */
  size_t (*select_ge)(const float *restrict x, size_t n, float threshold, uint32_t *restrict out);
  /* scores[i] = (float)(idot[i] - bias*sum[i]) * (scale[i] * query_scale): what int8 dots mean.
   * sum may be NULL (bias ignored); |bias| <= 127. */
  void (*scale_i8)(const int32_t *restrict idot, const int32_t *restrict sum, int32_t bias, const float *restrict scale,
                   float query_scale, size_t n, float *restrict out);

  /* ---- element by element ---- */
  void (*axpy_f32)(float alpha, const float *restrict x, float *restrict y, size_t n);       /* y += alpha*x */
  void (*add_f32)(const float *restrict x, float *restrict y, size_t n);                      /* y += x */
  void (*widen_f16)(const uint16_t *restrict x, float *restrict y, size_t n);
  void (*widen_bf16)(const uint16_t *restrict x, float *restrict y, size_t n);
  void (*widen_i8)(const int8_t *restrict x, float scale, float *restrict y, size_t n);       /* y = scale * (float)x */

  /* ---- column form: symmetric systems ---- */
  /* Lower triangle of A [d,lda] += sum_i w[i] * x_i x_i^T, x_i = x + i*stride, i ascending:
   *   A[r][c] = A[r][c] + x_i[r] * (w[i]*x_i[c])  for c <= r. Entries above the diagonal may be
   * written with anything (blocks are whole). lda >= d rounded up to 8, A aligned to 64. */
  void (*syrk_f32)(const float *restrict x, size_t stride, const float *restrict w, size_t n, size_t d, float *restrict a,
                   size_t lda);
  /* Cholesky A = L L^T in place of the lower triangle, right-looking, one sum per output in ascending
   * order of the inner index, then divided by the pivot's root; diagonal keeps L. False when a pivot
   * is not > 0 (A is then undefined). Entries above the diagonal may be written with anything. */
  bool (*chol_f32)(float *a, size_t d, size_t lda);
  /* Solves L L^T x = b; x may be b. One sum per output: inputs ascend on the way down, descend on the way up. */
  void (*chol_solve_f32)(const float *l, size_t d, size_t lda, const float *b, float *x);
  /* y [rows] = A x, A [rows, lda] row-major, ROW form each row. */
  void (*gemv_f32)(const float *restrict a, size_t lda, size_t rows, size_t d, const float *restrict x, float *restrict y);
  /* y [d] += sum_i c[i] * x_i, i ascending (column form). */
  void (*gather_axpy_f32)(const float *restrict x, size_t stride, const float *restrict c, size_t n, size_t d,
                          float *restrict y);

  /* ---- networks ---- */
  /* x = 1 / (1 + e^-x) and x = tanh x in place, the bits of ink_sigmoid_f32 and ink_tanh_f32. */
  void (*sigmoid_f32)(float *x, size_t n);
  void (*tanh_f32)(float *x, size_t n);
  /* y_t [n_out] += W x_t (column form) for n vectors side by side: input i of vector t at x[i*stride + t], its output o at
   * y[t*n_out + o]. n_out is a multiple of INK_PANEL, and W lies in panels of so many outputs: weight of input i for output
   * o at w[(o/INK_PANEL * n_in + i) * INK_PANEL + o%INK_PANEL]. A panel serves all vectors while it is in the cache. */
  void (*panels_f32)(const float *restrict w, const float *restrict x, size_t stride, size_t n_in, size_t n, size_t n_out,
                     float *restrict y);
};

/* The tables that a build may hold. Those that a target cannot have are not declared there. */
extern const ink_kernels ink_kernels_ref;
#if defined(__x86_64__)
extern const ink_kernels ink_kernels_sse2, ink_kernels_avx2, ink_kernels_avx512;
#elif defined(__aarch64__)
extern const ink_kernels ink_kernels_neon;
#elif defined(__wasm_simd128__)
extern const ink_kernels ink_kernels_wasm128;
#endif

#endif
