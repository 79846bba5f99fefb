/* pack_numbers.c - see pack_numbers.h. Floats without their sign bit order like whole numbers, and infinity
 * and NaN come after every finite one, so one comparison answers both questions. It is written as a
 * subtraction whose top bit tells the answer (limit - x is negative when x > limit; both are below
 * 2^(bits-1)): compilers make vector code of that for every instruction set, without intrinsics.
 * Only when a tensor has failed is the culprit looked for. */
#include "pack_numbers.h"

#include "caps.h"
#include "fault.h"

#include "base.h"

#define F16_LARGEST 0x7bffu               /* 65504: every finite half float is within the cap */

static bool all_within_16(const uint16_t *x, size_t n, uint16_t limit) {
  uint16_t over = 0;
  for (size_t i = 0; i < n; i++) over = (uint16_t)(over | (uint16_t)(limit - (x[i] & 0x7fffu)));
  return over >> 15 == 0;
}

static bool all_within_32(const uint32_t *x, size_t n, uint32_t limit) {
  uint32_t over = 0;
  for (size_t i = 0; i < n; i++) over |= limit - (x[i] & 0x7fffffffu);
  return over >> 31 == 0;
}

static bool all_within_64(const uint64_t *x, size_t n, uint64_t limit) {
  uint64_t over = 0;
  for (size_t i = 0; i < n; i++) over |= limit - (x[i] & 0x7fffffffffffffffu);
  return over >> 63 == 0;
}

static bool all_bool(const uint8_t *x, size_t n) {
  uint8_t any = 0;
  for (size_t i = 0; i < n; i++) any |= x[i];
  return any <= 1;
}

static uint64_t f64_bits(double x) {
  union { double f; uint64_t u; } v = { x };
  return v.u;
}

static bool all_fit(const ink_tensor *t, size_t n) {
  const uint32_t limit = ink_f32_bits(INK_CAP_MAGNITUDE);
  switch (t->dtype) {
    case INK_DTYPE_F16: return all_within_16(t->data, n, F16_LARGEST);
    /* a bf16 is the upper half of a float: it is over the limit when it is over the limit's upper half */
    case INK_DTYPE_BF16: return all_within_16(t->data, n, (uint16_t)(limit >> 16));
    case INK_DTYPE_F32: return all_within_32(t->data, n, limit);
    case INK_DTYPE_F64: return all_within_64(t->data, n, f64_bits((double)INK_CAP_MAGNITUDE));
    case INK_DTYPE_BOOL: return all_bool(t->data, n);
    default: return true;
  }
}

/* IEEE binary16, exactly: 1 + 5 + 10 bits; exponent 31 is infinity or NaN. */
static double f16_number(uint16_t bits) {
  const uint32_t sign = (uint32_t)(bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 0x3ffu;
  if (exponent == 31) return (double)ink_f32_from_bits(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return (double)ink_f32_from_bits(sign | (exponent + 112u) << 23 | fraction << 13);
  return (sign != 0 ? -1.0 : 1.0) * (double)fraction / 16777216.0;      /* subnormal: fraction * 2^-24 */
}

double ink_tensor_number(const ink_tensor *t, size_t i) {
  switch (t->dtype) {
    case INK_DTYPE_U8: case INK_DTYPE_BOOL: return ((const uint8_t *)t->data)[i];
    case INK_DTYPE_I8: return ((const int8_t *)t->data)[i];
    case INK_DTYPE_U16: return ((const uint16_t *)t->data)[i];
    case INK_DTYPE_I16: return ((const int16_t *)t->data)[i];
    case INK_DTYPE_F16: return f16_number(((const uint16_t *)t->data)[i]);
    case INK_DTYPE_BF16: return (double)ink_f32_from_bits((uint32_t)((const uint16_t *)t->data)[i] << 16);
    case INK_DTYPE_U32: return ((const uint32_t *)t->data)[i];
    case INK_DTYPE_I32: return ((const int32_t *)t->data)[i];
    case INK_DTYPE_F32: return (double)((const float *)t->data)[i];
    case INK_DTYPE_U64: return (double)((const uint64_t *)t->data)[i];
    case INK_DTYPE_I64: return (double)((const int64_t *)t->data)[i];
    case INK_DTYPE_F64: return ((const double *)t->data)[i];
    default: INK_ASSERT(false); return 0;
  }
}

/* The refusal of element i, or INK_OK when it is not the culprit. */
static ink_status judge(const ink_tensor *t, size_t i, ink_fault *fault) {
  const double cap = (double)INK_CAP_MAGNITUDE, x = ink_tensor_number(t, i);
  ink_status code = INK_OK;
  if (t->dtype == INK_DTYPE_BOOL) {
    if (x > 1) code = ink_refuse_number(fault, INK_E_PACK_VALUE, t->name, "a value of", x, 0, 1);
  } else if (x - x != 0.0) {              /* NaN and infinity */
    code = ink_refuse_number(fault, INK_E_PACK_NOT_FINITE, t->name, "a value of", x, -cap, cap);
  } else if (x > cap || x < -cap) {
    code = ink_refuse_number(fault, INK_E_PACK_MAGNITUDE, t->name, "a value of", x, -cap, cap);
  }
  return code == INK_OK ? INK_OK : ink_refuse_at(fault, code, "element", i);
}

ink_status ink_check_numbers(const ink_tensor *tensor, ink_fault *fault) {
  const size_t n = tensor->bytes / ink_dtype_bytes(tensor->dtype);
  if (all_fit(tensor, n)) return INK_OK;
  for (size_t i = 0; i < n; i++) INK_TRY(judge(tensor, i, fault));
  INK_ASSERT(false);                      /* both ways of asking must agree */
  return ink_refuse(fault, INK_E_PACK_VALUE, tensor->name, "");
}
