/* lanes_neon.h - eight lanes as two vectors of AArch64 NEON.
 * The list of functions, the same in every lanes header, is explained in kernel_body.h.
 *
 * int8: two products of a byte and 7 bits fit in 16 bits, so vmlal adds the second pair before vpadal widens. */
#ifndef INK_LANES_NEON_H
#define INK_LANES_NEON_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#define LANES_ISA neon
#define LANES_NAME "neon"
#define LANE static inline __attribute__((always_inline))
#define ROWS_AT_ONCE 2
#define TILE_ROWS 8                             /* 16 sums of the 32 registers */
#define GATHER_VECTORS 4

typedef struct f32x8 { float32x4_t lo, hi; } f32x8;
typedef struct i32x8 { int32x4_t lo, hi; } i32x8;

/* ------------------------------------------------------------------ floats */

LANE f32x8 zero8(void) { return (f32x8){ vdupq_n_f32(0.0f), vdupq_n_f32(0.0f) }; }
LANE f32x8 splat8(float x) { return (f32x8){ vdupq_n_f32(x), vdupq_n_f32(x) }; }
LANE f32x8 load8(const float *p) { return (f32x8){ vld1q_f32(p), vld1q_f32(p + 4) }; }
LANE void store8(float *p, f32x8 a) { vst1q_f32(p, a.lo); vst1q_f32(p + 4, a.hi); }
LANE f32x8 add8(f32x8 a, f32x8 b) { return (f32x8){ vaddq_f32(a.lo, b.lo), vaddq_f32(a.hi, b.hi) }; }
LANE f32x8 sub8(f32x8 a, f32x8 b) { return (f32x8){ vsubq_f32(a.lo, b.lo), vsubq_f32(a.hi, b.hi) }; }
LANE f32x8 mul8(f32x8 a, f32x8 b) { return (f32x8){ vmulq_f32(a.lo, b.lo), vmulq_f32(a.hi, b.hi) }; }
LANE f32x8 div8(f32x8 a, f32x8 b) { return (f32x8){ vdivq_f32(a.lo, b.lo), vdivq_f32(a.hi, b.hi) }; }

/* Comparing and choosing: vmaxq_f32 would order zeros by their sign. */
LANE f32x8 if_less8(f32x8 a, f32x8 b, f32x8 yes, f32x8 no) {
  return (f32x8){ vbslq_f32(vcltq_f32(a.lo, b.lo), yes.lo, no.lo), vbslq_f32(vcltq_f32(a.hi, b.hi), yes.hi, no.hi) };
}
LANE f32x8 max8(f32x8 a, f32x8 b) { return if_less8(b, a, a, b); }
LANE f32x8 min8(f32x8 a, f32x8 b) { return if_less8(a, b, a, b); }
LANE f32x8 with_sign8(f32x8 x, f32x8 from) {
  const uint32x4_t sign = vdupq_n_u32(0x80000000u);
  return (f32x8){ vbslq_f32(sign, from.lo, x.lo), vbslq_f32(sign, from.hi, x.hi) };
}
LANE f32x8 abs8(f32x8 a) { return (f32x8){ vabsq_f32(a.lo), vabsq_f32(a.hi) }; }
LANE float32x4_t times_power(float32x4_t x, float32x4_t bits, float32x4_t one) {
  const int32x4_t k = vreinterpretq_s32_f32(bits), half = vshrq_n_s32(k, 1), at = vreinterpretq_s32_f32(one);
  const int32x4_t first = vaddq_s32(vshlq_n_s32(half, 23), at), second = vaddq_s32(vshlq_n_s32(vsubq_s32(k, half), 23), at);
  return vmulq_f32(vmulq_f32(x, vreinterpretq_f32_s32(first)), vreinterpretq_f32_s32(second));
}
LANE f32x8 times_power8(f32x8 x, f32x8 bits, f32x8 one) {
  return (f32x8){ times_power(x.lo, bits.lo, one.lo), times_power(x.hi, bits.hi, one.hi) };
}

/* The floats that TILE_ROWS rows are multiplied by: each is a load that fills all lanes. */
typedef const float *tile_column;
LANE tile_column load_tile_column(size_t rows, const float *p) { (void)rows; return p; }
LANE f32x8 tile_splat8(tile_column x, size_t t) { return splat8(x[t]); }

LANE uint32_t mask4(uint32x4_t lanes) {
  static const uint32_t bit[4] = { 1, 2, 4, 8 };
  return vaddvq_u32(vandq_u32(lanes, vld1q_u32(bit)));
}
LANE uint32_t ge8(f32x8 a, f32x8 b) { return mask4(vcgeq_f32(a.lo, b.lo)) | mask4(vcgeq_f32(a.hi, b.hi)) << 4; }

/* Sums of lanes (x0+x2, y0+y2, x1+x3, y1+y3). */
LANE float32x4_t fold_pair(float32x4_t x, float32x4_t y) { return vaddq_f32(vzip1q_f32(x, y), vzip2q_f32(x, y)); }
LANE void fold8x4(f32x8 a, f32x8 b, f32x8 c, f32x8 d, float *out, size_t apart) {
  const float32x4_t ab = fold_pair(vaddq_f32(a.lo, a.hi), vaddq_f32(b.lo, b.hi));
  const float32x4_t cd = fold_pair(vaddq_f32(c.lo, c.hi), vaddq_f32(d.lo, d.hi));
  const float32x2_t first = vadd_f32(vget_low_f32(ab), vget_high_f32(ab)), last = vadd_f32(vget_low_f32(cd), vget_high_f32(cd));
  vst1_lane_f32(out, first, 0);
  vst1_lane_f32(out + apart, first, 1);
  vst1_lane_f32(out + 2 * apart, last, 0);
  vst1_lane_f32(out + 3 * apart, last, 1);
}
LANE float fold8(f32x8 a) {
  const float32x4_t four = vaddq_f32(a.lo, a.hi);
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

/* ---------------------------------------------------------------- widening */

LANE f32x8 load8_f16(const uint16_t *p) {
  const float16x8_t x = vreinterpretq_f16_u16(vld1q_u16(p));
  return (f32x8){ vcvt_f32_f16(vget_low_f16(x)), vcvt_high_f32_f16(x) };
}
LANE f32x8 load8_f16_any(const uint16_t *p) { return load8_f16(p); }
LANE f32x8 load8_bf16(const uint16_t *p) {
  const uint16x8_t x = vld1q_u16(p);
  return (f32x8){ vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(x), 16)), vreinterpretq_f32_u32(vshll_high_n_u16(x, 16)) };
}
LANE f32x8 load8_i8(const int8_t *p) {
  const int16x8_t x = vmovl_s8(vld1_s8(p));
  return (f32x8){ vcvtq_f32_s32(vmovl_s16(vget_low_s16(x))), vcvtq_f32_s32(vmovl_high_s16(x)) };
}

/* ---------------------------------------------------------------- integers */

LANE i32x8 load8_i32(const int32_t *p) { return (i32x8){ vld1q_s32(p), vld1q_s32(p + 4) }; }
/* a - b * c */
LANE i32x8 less8_i32(i32x8 a, i32x8 b, int32_t c) {
  return (i32x8){ vmlsq_n_s32(a.lo, b.lo, c), vmlsq_n_s32(a.hi, b.hi, c) };
}
LANE f32x8 float8(i32x8 a) { return (f32x8){ vcvtq_f32_s32(a.lo), vcvtq_f32_s32(a.hi) }; }

/* -------------------------------------------------------------------- int8 */

#define I8_STEP 16
typedef uint8_t i8_query_element;
typedef int32x4_t i8_sums;

LANE i8_sums i8_zero(void) { return vdupq_n_s32(0); }
LANE i8_sums i8_step(i8_sums sums, const int8_t *row, const i8_query_element *q) {
  const int8x16_t x = vld1q_s8(row), query = vreinterpretq_s8_u8(vld1q_u8(q));
  return vpadalq_s16(sums, vmlal_high_s8(vmull_s8(vget_low_s8(x), vget_low_s8(query)), x, query));
}
LANE void i8_fold4(i8_sums a, i8_sums b, i8_sums c, i8_sums d, int32_t *out, size_t apart) {
  const int32x4_t all = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
  vst1q_lane_s32(out, all, 0);
  vst1q_lane_s32(out + apart, all, 1);
  vst1q_lane_s32(out + 2 * apart, all, 2);
  vst1q_lane_s32(out + 3 * apart, all, 3);
}

#endif
