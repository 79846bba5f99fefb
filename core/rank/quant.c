/* quant.c - see quant.h. Bounds are computed in double and widened by a few ulp, so that they hold
 * in real arithmetic: certified retrieval rests on them. */
#include "quant.h"

#include "base.h"
#include "fmath.h"

#define ROW_MAX 127
#define QUERY_MAX 63

static float max_magnitude(const float *x, size_t d) {
  float most = 0.0f;
  for (size_t j = 0; j < d; j++) {
    const float m = x[j] < 0.0f ? -x[j] : x[j];
    if (m > most) most = m;
  }
  return most;
}

/* Round half to even for |x| < 2^22: the sum has no bits left below the unit. */
static int32_t round_to_even(float x, int32_t most) {
  const float magic = 12582912.0f; /* 1.5 * 2^23 */
  const int32_t q = (int32_t)((x + magic) - magic);
  return q > most ? most : q < -most ? -most : q;
}

/* The square root of a sum of squares, as a float that is not below it. 2^-20 covers the rounding
 * of the sum (d <= 2048 terms in double), of the root and of the conversion; 2^-126 covers subnormals. */
static float norm_above(double sum_of_squares) {
  if (sum_of_squares == 0.0) return 0.0f;
  return (float)(ink_sqrt_f64(sum_of_squares) * (1.0 + 0x1p-20) + 0x1p-126);
}

/* A scale so small that 1/scale is not finite would make garbage; such a row counts as zero and its
 * whole norm as lost. */
static bool scale_is_usable(float scale) { return scale >= 0x1p-120f; }

void ink_quant_row(const float *x, size_t d, int8_t *out, float *scale, int32_t *sum, float *err) {
  float s = max_magnitude(x, d) / (float)ROW_MAX;
  if (!scale_is_usable(s)) s = 0.0f;
  const float inverse = s > 0.0f ? 1.0f / s : 0.0f;
  int32_t total = 0;
  double lost = 0.0;
  for (size_t j = 0; j < d; j++) {
    const int32_t q = round_to_even(x[j] * inverse, ROW_MAX);
    const double rest = (double)x[j] - (double)s * (double)q;
    lost += rest * rest;
    total += q;
    out[j] = (int8_t)q;
  }
  *scale = s;
  *sum = total;
  *err = norm_above(lost);
}

float ink_quant_norm(const int8_t *row, size_t d, float scale) {
  int32_t squares = 0; /* <= 2048 * 127^2 < 2^31 */
  for (size_t j = 0; j < d; j++) squares += (int32_t)row[j] * row[j];
  return norm_above((double)squares * (double)scale * (double)scale);
}

void ink_quant_query(const float *q, size_t d, uint8_t *out, float *scale, float *lost) {
  float s = max_magnitude(q, d) / (float)QUERY_MAX;
  if (!scale_is_usable(s)) s = 0.0f;
  const float inverse = s > 0.0f ? 1.0f / s : 0.0f;
  double away = 0.0;
  for (size_t j = 0; j < d; j++) {
    const int32_t step = round_to_even(q[j] * inverse, QUERY_MAX);
    const double rest = (double)q[j] - (double)s * (double)step;
    away += rest * rest;
    out[j] = (uint8_t)(step + INK_QUERY_OFFSET);
  }
  *scale = s;
  *lost = norm_above(away);
}
