/* quantise.c - see quantise.h. Conversions are written with integers, so they are the same on every machine. */
#include "quantise.h"

#include "mem.h"
#include "quant.h"
#include "base.h"

const char *const ink_precision_words[] = { "f32", "f16", "bf16", "int8", "f32+int8", NULL };

/* ------------------------------------------------------------- conversions */

/* bits >> shift, rounded to nearest, ties to even; 0 < shift < 32. */
static uint32_t shift_to_even(uint32_t bits, uint32_t shift) {
  const uint32_t low = bits & ((1u << shift) - 1), half = 1u << (shift - 1), kept = bits >> shift;
  return kept + (low > half || (low == half && (kept & 1)));
}

/* A carry out of the mantissa raises the exponent, which is just what rounding up means. */
uint16_t ink_bf16_of(float x) { return (uint16_t)shift_to_even(ink_f32_bits(x), 16); }

uint16_t ink_f16_of(float x) {
  const uint32_t bits = ink_f32_bits(x), sign = bits >> 16 & 0x8000u, rest = bits & 0x7fffffffu;
  const uint32_t exponent = rest >> 23, mantissa = rest & 0x7fffffu;
  if (exponent >= 143) return (uint16_t)(sign | 0x7c00u);                       /* 2^16 and more */
  if (exponent < 102) return (uint16_t)sign;                                    /* below 2^-25: to zero */
  if (exponent < 113) return (uint16_t)(sign | shift_to_even(mantissa | 0x800000u, 126 - exponent));
  return (uint16_t)(sign | shift_to_even(rest - (112u << 23), 13));             /* 65520 and more carry to infinity */
}

float ink_bf16_to_f32(uint16_t h) { return ink_f32_from_bits((uint32_t)h << 16); }

float ink_f16_to_f32(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = h >> 10 & 31u, mantissa = h & 0x3ffu;
  if (exponent == 31) return ink_f32_from_bits(sign | 0x7f800000u);
  if (exponent > 0) return ink_f32_from_bits(sign | (exponent + 112u) << 23 | mantissa << 13);
  const float small = (float)mantissa * 0x1p-24f;
  return sign ? -small : small;
}

/* ----------------------------------------------------------------- tensors */

typedef struct table {
  ink_trained *out;
  const char *name;
  float *rows;
  uint32_t n, d;
} table;

/* `<name><suffix>`, closed with a zero. */
static const char *joined(const char *name, const char *suffix, char text[64]) {
  size_t at = 0;
  for (; *name != 0 && at < 63; name++) text[at++] = *name;
  for (; *suffix != 0 && at < 63; suffix++) text[at++] = *suffix;
  text[at] = 0;
  return text;
}

static ink_status add(const table *t, const char *suffix, uint32_t dtype, uint32_t rank, void **data) {
  char text[64];
  return ink_trained_tensor(t->out, joined(t->name, suffix, text), dtype, rank, (const uint32_t[]){ t->n, t->d }, data);
}

static ink_status add_f32(const table *t) {
  void *data;
  INK_TRY(add(t, "", INK_DTYPE_F32, 2, &data));
  ink_mem_copy(data, t->rows, (size_t)t->n * t->d * sizeof *t->rows);
  return INK_OK;
}

static ink_status add_16_bits(const table *t, bool bf16) {
  void *data;
  INK_TRY(add(t, "", bf16 ? INK_DTYPE_BF16 : INK_DTYPE_F16, 2, &data));
  uint16_t *to = data;
  bool finite = true;
  for (size_t i = 0; i < (size_t)t->n * t->d; i++) {
    to[i] = bf16 ? ink_bf16_of(t->rows[i]) : ink_f16_of(t->rows[i]);
    t->rows[i] = bf16 ? ink_bf16_to_f32(to[i]) : ink_f16_to_f32(to[i]);
    finite = finite && ink_f32_finite(t->rows[i]);
  }
  return finite ? INK_OK : INK_E_DIVERGED;
}

/* `copy`: a second table `<name>8` beside f32 rows, which then keep their values. */
static ink_status add_i8(const table *t, bool copy) {
  void *rows, *scales, *sums, *errs;
  INK_TRY(add(t, copy ? "8" : "", INK_DTYPE_I8, 2, &rows));
  INK_TRY(add(t, copy ? "8.scale" : ".scale", INK_DTYPE_F32, 1, &scales));
  INK_TRY(add(t, copy ? "8.sum" : ".sum", INK_DTYPE_I32, 1, &sums));
  INK_TRY(add(t, copy ? "8.err" : ".err", INK_DTYPE_F32, 1, &errs));
  for (uint32_t i = 0; i < t->n; i++) {
    int8_t *to = (int8_t *)rows + (size_t)i * t->d;
    float *row = t->rows + (size_t)i * t->d, *scale = (float *)scales + i;
    ink_quant_row(row, t->d, to, scale, (int32_t *)sums + i, (float *)errs + i);
    for (uint32_t k = 0; k < t->d && !copy; k++) row[k] = *scale * (float)to[k];
  }
  return INK_OK;
}

ink_status ink_quantise_tensor(ink_trained *out, const char *name, uint32_t precision, float *rows, uint32_t n, uint32_t d) {
  const table t = { out, name, rows, n, d };
  switch (precision) {
    case INK_PRECISION_F16: return add_16_bits(&t, false);
    case INK_PRECISION_BF16: return add_16_bits(&t, true);
    case INK_PRECISION_I8: return add_i8(&t, false);
    case INK_PRECISION_F32_I8: INK_TRY(add_f32(&t)); return add_i8(&t, true);
    default: return add_f32(&t);
  }
}
