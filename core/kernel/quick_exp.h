/* quick_exp.h - e^x for training: no branches, so that compilers make vectors of it; within 2 ulp for -87 < x < 88,
 * clamped outside. Inference has base/fmath, whose bits are part of a promise. */
#ifndef INK_QUICK_EXP_H
#define INK_QUICK_EXP_H

#include <stdint.h>

static inline float ink_quick_exp(float x) {
  union { float f; uint32_t u; } scale;
  const float low = x < -87.0f ? -87.0f : x, y = low > 88.0f ? 88.0f : low;
  const float shifted = y * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
  const float r = (y - n * 0.693359375f) + n * 2.12194440e-4f;
  union { float f; uint32_t u; } bits = { shifted };
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  scale.u = (bits.u + 127u) << 23;
  return (p * r * r + r + 1.0f) * scale.f;
}

#endif
