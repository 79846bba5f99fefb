/* fmath.c - elementary functions by argument reduction and polynomials.
 *
 * Reduction is Cody & Waite's (1980), log in the form s = f/(2+f) that FDLIBM (Sun 1993) made common.
 * The polynomials are near-minimax (Chebyshev) fits made by tests/golden/make_fmath.py, which prints
 * these very constants. Float bounds were taken over all 2^32 arguments, double bounds over
 * some 10^7 against a reference of 113 bits; each is that maximum, rounded up.
 *
 * Rounding to a whole number is done by adding and taking away 1.5 * 2^23 (2^52): the sum has no room for a fraction.
 * Its low bits then are the number itself. No conversion of a float to an integer
 * is made, so NaN and infinity pass through without undefined behaviour. */
#include "fmath.h"
#include "fmath_f32.h"

#include "base.h"

/* ------------------------------------------------------------------- float */

/* 2^k for -126 <= k <= 127. */
static float exp2_whole_f32(int32_t k) { return ink_f32_from_bits((uint32_t)(k + 127) << 23); }

/* terms[0] x^(n-1) + ... + terms[n-1] */
static inline float horner(const float *terms, size_t n, float x) {
  float p = terms[0];
  for (size_t i = 1; i < n; i++) p = p * x + terms[i];
  return p;
}

float ink_exp_f32(float x) {
  /* Past these ends the result is 0 or infinite anyway; k stays within -150..128. NaN passes both. */
  x = x < INK_EXP_LEAST ? INK_EXP_LEAST : x;
  x = x > INK_EXP_MOST ? INK_EXP_MOST : x;
  const float shifted = x * INK_INV_LN2_F32 + INK_ROUND_F32;
  const float whole = shifted - INK_ROUND_F32;
  const int32_t k = (int32_t)(ink_f32_bits(shifted) - ink_f32_bits(INK_ROUND_F32));
  const float top = x - whole * INK_LN2_HI_F32, low = -(whole * INK_LN2_LO_F32);
  const float r = top + low;                    /* |r| <= ln2 / 2 */
  static const float terms[] = INK_EXP_TERMS;
  const float p = horner(terms, INK_COUNT_OF(terms), r);
  /* low goes in after top: added to it first, its last bits would be lost. */
  const float e = 1.0f + (top + (low + r * r * p));
  /* Two factors: 2^-150 and 2^128 have no float. Only the second product can round. */
  const int32_t half = k >> 1;
  return e * exp2_whole_f32(half) * exp2_whole_f32(k - half);
}

#define SQRT_HALF_BITS 0x3f3504f3u

float ink_log_f32(float x) {
  const bool tiny = x < 0x1p-126f;
  const uint32_t bits = ink_f32_bits(tiny ? x * 0x1p23f : x);
  /* x = m * 2^k with m in [sqrt(1/2), sqrt(2)) */
  const uint32_t above = bits - SQRT_HALF_BITS;
  const int32_t k = (int32_t)(above & 0xff800000u) / 0x800000 - (tiny ? 23 : 0);
  const float f = ink_f32_from_bits((above & 0x7fffffu) + SQRT_HALF_BITS) - 1.0f;
  const float s = f / (2.0f + f), z = s * s;
  float p = 0x1.ddcf72p-3f;
  p = p * z + 0x1.245c40p-2f;
  p = p * z + 0x1.9999ecp-2f;
  p = p * z + 0x1.555556p-1f;
  const float half_sq = 0.5f * f * f, whole = (float)k;
  const float y = whole * INK_LN2_HI_F32 - ((half_sq - (s * (half_sq + z * p) + whole * INK_LN2_LO_F32)) - f);
  const float infinity = ink_f32_from_bits(0x7f800000u);
  const float above_zero = x < infinity ? y : x;        /* infinity, or NaN */
  const float from_zero = x == 0.0f ? -infinity : above_zero;
  return x < 0.0f ? ink_f32_from_bits(0x7fc00000u) : from_zero;
}

float ink_tanh_f32(float x) {
  const float y = ink_f32_from_bits(ink_f32_bits(x) & 0x7fffffffu), z = y * y;
  static const float terms[] = INK_TANH_TERMS;
  /* Near 0 the second form would subtract nearly equal numbers. */
  const float near = y + y * (z * horner(terms, INK_COUNT_OF(terms), z));
  const float far = 1.0f - 2.0f / (ink_exp_f32(2.0f * y) + 1.0f);
  const uint32_t sign = ink_f32_bits(x) & 0x80000000u;
  return ink_f32_from_bits(ink_f32_bits(y < INK_TANH_NEAR ? near : far) | sign);
}

float ink_sigmoid_f32(float x) {
  /* e^-|x| cannot overflow; for x < 0 it is what the result itself goes to. */
  const float e = ink_exp_f32(x < 0.0f ? x : -x);
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

/* ------------------------------------------------------------------ double */

#define ROUND_F64 0x1.8p52
#define LN2_HI_F64 0x1.62e42fefa3p-1            /* 41 bits: a product with |k| <= 2048 is exact */
#define LN2_LO_F64 0x1.3de6af278ece6p-42
#define INV_LN2_F64 0x1.71547652b82fep0
#define INV_LN2_TOP 0x1.71547p0                 /* 21 bits of 1/ln2, and what they leave */
#define INV_LN2_REST 0x1.94ae0bf85ddf4p-22

static uint64_t bits_f64(double x) {
  union { double f; uint64_t u; } v = { x };
  return v.u;
}
static double from_bits_f64(uint64_t u) {
  union { uint64_t u; double f; } v = { u };
  return v.f;
}
static double exp2_whole_f64(int64_t k) { return from_bits_f64((uint64_t)(k + 1023) << 52); }

/* e^(x + tail), |tail| far below |x|'s last bit or nearly so. */
static double exp_of_sum(double x, double tail) {
  x = x < -746.0 ? -746.0 : x;
  x = x > 710.0 ? 710.0 : x;
  const double shifted = x * INV_LN2_F64 + ROUND_F64;
  const double whole = shifted - ROUND_F64;
  const int64_t k = (int64_t)(bits_f64(shifted) - bits_f64(ROUND_F64));
  const double top = x - whole * LN2_HI_F64, low = tail - whole * LN2_LO_F64;
  const double r = top + low;
  double p = 0x1.1f730349868cep-29;
  p = p * r + 0x1.af4de97ca4194p-26;
  p = p * r + 0x1.27e4db646b17ep-22;
  p = p * r + 0x1.71de0231960ebp-19;
  p = p * r + 0x1.a01a01a6d889cp-16;
  p = p * r + 0x1.a01a01abe7fe1p-13;
  p = p * r + 0x1.6c16c16c162d4p-10;
  p = p * r + 0x1.11111111100dcp-7;
  p = p * r + 0x1.5555555555556p-5;
  p = p * r + 0x1.5555555555557p-3;
  p = p * r + 0.5;
  const double e = 1.0 + (top + (low + r * r * p));
  const int64_t half = k >> 1;
  return e * exp2_whole_f64(half) * exp2_whole_f64(k - half);
}

double ink_exp_f64(double x) { return exp_of_sum(x, 0.0); }

/* x > 0 finite = 2^k * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); and
 * log(1 + f) = f - half_sq + s * (half_sq + r). */
typedef struct log_parts {
  double k, f, half_sq, s, r;
} log_parts;

static log_parts take_log_apart(double x) {
  const uint64_t sqrt_half = 0x3fe6a09e667f3bcdu;
  const bool tiny = x < 0x1p-1022;
  const uint64_t above = bits_f64(tiny ? x * 0x1p52 : x) - sqrt_half;
  const int64_t k = (int64_t)(above & 0xfff0000000000000u) / 0x10000000000000;
  const double f = from_bits_f64((above & 0xfffffffffffffu) + sqrt_half) - 1.0;
  const double s = f / (2.0 + f), z = s * s;
  double p = 0x1.0c04595972ab8p-3;
  p = p * z + 0x1.0fbe83c2cbcf3p-3;
  p = p * z + 0x1.3b1c360763b8ap-3;
  p = p * z + 0x1.745cf901605f7p-3;
  p = p * z + 0x1.c71c720160b47p-3;
  p = p * z + 0x1.2492492476c87p-2;
  p = p * z + 0x1.9999999999a38p-2;
  p = p * z + 0x1.5555555555555p-1;
  return (log_parts){ .k = (double)(k - (tiny ? 52 : 0)), .f = f, .half_sq = 0.5 * f * f, .s = s, .r = z * p };
}

/* True when x has no ordinary logarithm; *y is then what all logarithms give. */
static bool log_is_special(double x, double *y) {
  const double infinity = from_bits_f64(0x7ff0000000000000u);
  if (x > 0.0 && x < infinity) return false;
  *y = x < 0.0 ? from_bits_f64(0x7ff8000000000000u) : x == 0.0 ? -infinity : x;
  return true;
}

double ink_log_f64(double x) {
  double y;
  if (log_is_special(x, &y)) return y;
  const log_parts p = take_log_apart(x);
  const double small = p.s * (p.half_sq + p.r) + p.k * LN2_LO_F64;
  return p.k * LN2_HI_F64 - ((p.half_sq - small) - p.f);
}

double ink_log1p_f64(double x) {
  const double u = 1.0 + x;
  if (u == 1.0 || !(x < 0x1p53)) return u == 1.0 ? x : ink_log_f64(u);
  if (u <= 0.0) return ink_log_f64(u);
  return ink_log_f64(u) + (x - (u - 1.0)) / u;  /* what 1 + x lost, to first order */
}

/* log(1 + f) as top + rest; top has 21 bits, so that a product with another 21 bits is exact. */
static void log_in_two(const log_parts *p, double *top, double *rest) {
  *top = from_bits_f64(bits_f64(p->f - p->half_sq) & 0xffffffff00000000u);
  *rest = ((p->f - *top) - p->half_sq) + p->s * (p->half_sq + p->r);
}

double ink_log2_f64(double x) {
  double y, top, rest;
  if (log_is_special(x, &y)) return y;
  const log_parts p = take_log_apart(x);
  log_in_two(&p, &top, &rest);
  const double high = top * INV_LN2_TOP;
  const double low = (rest + top) * INV_LN2_REST + rest * INV_LN2_TOP;
  const double sum = p.k + high;
  return sum + (low + ((p.k - sum) + high));
}

/* Dekker 1971: a*b = product + error, exactly. */
static double product_error(double a, double b, double product) {
  const double split = 0x1.0000002p27;
  const double a_top = a * split - (a * split - a), a_low = a - a_top;
  const double b_top = b * split - (b * split - b), b_low = b - b_top;
  return ((a_top * b_top - product) + a_top * b_low + a_low * b_top) + a_low * b_low;
}

double ink_pow_f64(double x, double y) {
  double special, top, rest;
  if (y == 0.0 || x == 1.0) return 1.0;
  if (log_is_special(x, &special)) return ink_exp_f64(y * special);
  const log_parts p = take_log_apart(x);
  log_in_two(&p, &top, &rest);
  /* ln x = whole + low, its sum renormalised: |k ln2| exceeds |top| unless k = 0 */
  const double from_k = p.k * LN2_HI_F64;
  const double sum = from_k + top;
  const double left = ((from_k - sum) + top) + (rest + p.k * LN2_LO_F64);
  const double whole = sum + left, low = (sum - whole) + left;
  const double power = y * whole;
  /* Far outside the range the split below could overflow; the sign of `power` says it all. */
  if (!(power > -800.0 && power < 800.0) || y > 0x1p900 || y < -0x1p900) return ink_exp_f64(power);
  return exp_of_sum(power, product_error(y, whole, power) + y * low);
}
