/* kernel_ref.c - the kernels in plain C: the specification that every other table must equal bit for bit.
 *
 * Written to be read and to be right, not to be fast. It shares no code with the others, so a mistake
 * in kernel_body.h cannot hide here. Shapes: rows [n, d], queries [d], matrices [d, lda] row-major.
 * Reading order: widening, row form, selecting, element by element, symmetric systems, networks, the table. */
#include "kernel.h"

#include "base.h"
#include "caps.h"
#include "fmath.h"

/* --------------------------------------------------------------- widening */

/* IEEE 754 binary16 to binary32, exact. */
static float widen_f16(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
  const uint32_t exponent = (h >> 10) & 31u, fraction = h & 0x3ffu;
  if (exponent == 31) return ink_f32_from_bits(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return ink_f32_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
  const float value = (float)fraction * 0x1p-24f;       /* zero and subnormals */
  return sign ? -value : value;
}

/* The upper half of a binary32. */
static float widen_bf16(uint16_t h) { return ink_f32_from_bits((uint32_t)h << 16); }

/* --------------------------------------------------------------- row form */

static float fold(const float sum[8]) {
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static float dot_f32(const float *a, const float *b, size_t d) {
  float sum[8] = { 0 };
  for (size_t j = 0; j < d; j++) sum[j % 8] = sum[j % 8] + a[j] * b[j];
  return fold(sum);
}

static float dot_f16(const uint16_t *row, const float *q, size_t d) {
  float sum[8] = { 0 };
  for (size_t j = 0; j < d; j++) sum[j % 8] = sum[j % 8] + widen_f16(row[j]) * q[j];
  return fold(sum);
}

static float dot_bf16(const uint16_t *row, const float *q, size_t d) {
  float sum[8] = { 0 };
  for (size_t j = 0; j < d; j++) sum[j % 8] = sum[j % 8] + widen_bf16(row[j]) * q[j];
  return fold(sum);
}

_Static_assert((int64_t)INK_CAP_DIM * 128 * 127 <= INT32_MAX, "an int8 dot over the widest vector fits in int32");
_Static_assert((int64_t)INK_CAP_DIM * 128 * (127 + 127) <= INT32_MAX, "and so does its difference from bias * sum");

static int32_t dot_i8(const int8_t *row, const void *prepared, size_t d) {
  const uint8_t *const q = prepared;
  int32_t sum = 0;
  for (size_t j = 0; j < d; j++) sum += (int32_t)row[j] * (int32_t)q[j];
  return sum;
}

static void dot4_f32(const float *const r[4], size_t stride, const float *restrict q, size_t d, size_t n, float *restrict out) {
  for (size_t s = 0; s < 4; s++) {
    for (size_t i = 0; i < n; i++) out[s * n + i] = dot_f32(r[s] + i * stride, q, d);
  }
}

static void dot4_f16(const uint16_t *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                     float *restrict out) {
  for (size_t s = 0; s < 4; s++) {
    for (size_t i = 0; i < n; i++) out[s * n + i] = dot_f16(r[s] + i * stride, q, d);
  }
}

static void dot4_bf16(const uint16_t *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                      float *restrict out) {
  for (size_t s = 0; s < 4; s++) {
    for (size_t i = 0; i < n; i++) out[s * n + i] = dot_bf16(r[s] + i * stride, q, d);
  }
}

static void dot4_i8(const int8_t *const r[4], size_t stride, const void *restrict prepared, size_t d, size_t n,
                    int32_t *restrict out) {
  for (size_t s = 0; s < 4; s++) {
    for (size_t i = 0; i < n; i++) out[s * n + i] = dot_i8(r[s] + i * stride, prepared, d);
  }
}

static size_t i8_query_bytes(size_t d) { return d; }

static void i8_query(const uint8_t *restrict q, size_t d, void *restrict prepared) {
  uint8_t *const p = prepared;
  for (size_t j = 0; j < d; j++) p[j] = q[j];
}

/* -------------------------------------------------------------- selecting */

static size_t select_ge(const float *restrict x, size_t n, float threshold, uint32_t *restrict out) {
  size_t n_out = 0;
  for (size_t i = 0; i < n; i++) {
    if (x[i] >= threshold) out[n_out++] = (uint32_t)i;
  }
  return n_out;
}

static void scale_i8(const int32_t *restrict idot, const int32_t *restrict sum, int32_t bias, const float *restrict scale,
                     float query_scale, size_t n, float *restrict out) {
  for (size_t i = 0; i < n; i++) {
    const int32_t exact = sum == NULL ? idot[i] : idot[i] - bias * sum[i];
    out[i] = (float)exact * (scale[i] * query_scale);
  }
}

/* ----------------------------------------------------- element by element */

static void axpy_f32(float alpha, const float *restrict x, float *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = y[i] + alpha * x[i];
}

static void add_f32(const float *restrict x, float *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = y[i] + x[i];
}

static void widen_f16_row(const uint16_t *restrict x, float *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = widen_f16(x[i]);
}

static void widen_bf16_row(const uint16_t *restrict x, float *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = widen_bf16(x[i]);
}

static void widen_i8_row(const int8_t *restrict x, float scale, float *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = scale * (float)x[i];
}

/* ------------------------------------------------------ symmetric systems */

static void syrk_f32(const float *restrict x, size_t stride, const float *restrict w, size_t n, size_t d, float *restrict a,
                     size_t lda) {
  for (size_t i = 0; i < n; i++) {
    const float *const xi = x + i * stride;
    for (size_t r = 0; r < d; r++) {
      for (size_t c = 0; c <= r; c++) a[r * lda + c] = a[r * lda + c] + xi[r] * (w[i] * xi[c]);
    }
  }
}

static bool chol_f32(float *a, size_t d, size_t lda) {
  for (size_t k = 0; k < d; k++) {
    const float pivot = a[k * lda + k];
    if (!(pivot > 0.0f)) return false;
    const float root = ink_sqrt_f32(pivot);
    a[k * lda + k] = root;
    for (size_t r = k + 1; r < d; r++) a[r * lda + k] = a[r * lda + k] / root;
    for (size_t r = k + 1; r < d; r++) {
      for (size_t c = k + 1; c <= r; c++) a[r * lda + c] = a[r * lda + c] - a[r * lda + k] * a[c * lda + k];
    }
  }
  return true;
}

static void chol_solve_f32(const float *l, size_t d, size_t lda, const float *b, float *x) {
  for (size_t r = 0; r < d; r++) {              /* L z = b, from the top */
    float z = b[r];
    for (size_t k = 0; k < r; k++) z = z - l[r * lda + k] * x[k];
    x[r] = z / l[r * lda + r];
  }
  for (size_t r = d; r-- > 0;) {                /* L^T x = z, from the bottom */
    x[r] = x[r] / l[r * lda + r];
    for (size_t c = 0; c < r; c++) x[c] = x[c] - l[r * lda + c] * x[r];
  }
}

static void gemv_f32(const float *restrict a, size_t lda, size_t rows, size_t d, const float *restrict x, float *restrict y) {
  for (size_t r = 0; r < rows; r++) y[r] = dot_f32(a + r * lda, x, d);
}

static void gather_axpy_f32(const float *restrict x, size_t stride, const float *restrict c, size_t n, size_t d,
                            float *restrict y) {
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < d; j++) y[j] = y[j] + c[i] * x[i * stride + j];
  }
}

/* --------------------------------------------------------------- networks */

static void sigmoid_f32(float *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = ink_sigmoid_f32(x[i]);
}

static void tanh_f32(float *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = ink_tanh_f32(x[i]);
}

static void panels_f32(const float *restrict w, const float *restrict x, size_t stride, size_t n_in, size_t n,
                       size_t n_out, float *restrict y) {
  for (size_t t = 0; t < n; t++) {
    for (size_t o = 0; o < n_out; o++) {
      const float *const panel = w + o / INK_PANEL * n_in * INK_PANEL;
      float *const sum = y + t * n_out + o;
      for (size_t i = 0; i < n_in; i++) *sum = *sum + x[i * stride + t] * panel[i * INK_PANEL + o % INK_PANEL];
    }
  }
}

/* -------------------------------------------------------------- the table */

const ink_kernels ink_kernels_ref = {
  .name = "ref",
  .dot_f32 = dot_f32, .dot_f16 = dot_f16, .dot_bf16 = dot_bf16, .dot_i8 = dot_i8,
  .dot4_f32 = dot4_f32, .dot4_f16 = dot4_f16, .dot4_bf16 = dot4_bf16, .dot4_i8 = dot4_i8,
  .i8_query_bytes = i8_query_bytes, .i8_query = i8_query,
  .select_ge = select_ge, .scale_i8 = scale_i8,
  .axpy_f32 = axpy_f32, .add_f32 = add_f32,
  .widen_f16 = widen_f16_row, .widen_bf16 = widen_bf16_row, .widen_i8 = widen_i8_row,
  .syrk_f32 = syrk_f32, .chol_f32 = chol_f32, .chol_solve_f32 = chol_solve_f32,
  .gemv_f32 = gemv_f32, .gather_axpy_f32 = gather_axpy_f32,
  .sigmoid_f32 = sigmoid_f32, .tanh_f32 = tanh_f32, .panels_f32 = panels_f32
};
