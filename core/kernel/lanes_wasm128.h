/* lanes_wasm128.h - eight lanes as two vectors of WebAssembly SIMD128.
 * The list of functions, the same in every lanes header, is explained in kernel_body.h.
 *
 * V8 puts all loads of a loop's body first and what is computed from them last, so loads and sums together must
 * fit in 15 registers: two rows at once do (6 + 4), four do not (10 + 8: sums go through memory, 1.3 x).
 * An address that the compiler keeps as "start + index" costs an addition for each load; PLAIN_ADDRESS hides where the
 * pointer came from, and offsets become part of the load (another 1.2 x).
 *
 * int8: load8x8_s widens while it loads, dot_i16x8 multiplies and adds pairs: six instructions for 16
 * products. README.md has what else was measured. */
#ifndef INK_LANES_WASM128_H
#define INK_LANES_WASM128_H

#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#define LANES_ISA wasm128
#define LANES_NAME "wasm128"
#define LANE static inline __attribute__((always_inline))
#define ROWS_AT_ONCE 2
#define PLAIN_ADDRESS(p) __asm__("" : "+r"(p))
#define TILE_ROWS 4                             /* 4 x 8 sums are eight of the sixteen registers below V8 */
#define GATHER_VECTORS 2

typedef struct f32x8 { v128_t lo, hi; } f32x8;
typedef struct i32x8 { v128_t lo, hi; } i32x8;

/* ------------------------------------------------------------------ floats */

LANE f32x8 zero8(void) { return (f32x8){ wasm_f32x4_const_splat(0.0f), wasm_f32x4_const_splat(0.0f) }; }
LANE f32x8 splat8(float x) { return (f32x8){ wasm_f32x4_splat(x), wasm_f32x4_splat(x) }; }
LANE f32x8 load8(const float *p) { return (f32x8){ wasm_v128_load(p), wasm_v128_load(p + 4) }; }
LANE void store8(float *p, f32x8 a) { wasm_v128_store(p, a.lo); wasm_v128_store(p + 4, a.hi); }
LANE f32x8 add8(f32x8 a, f32x8 b) { return (f32x8){ wasm_f32x4_add(a.lo, b.lo), wasm_f32x4_add(a.hi, b.hi) }; }
LANE f32x8 sub8(f32x8 a, f32x8 b) { return (f32x8){ wasm_f32x4_sub(a.lo, b.lo), wasm_f32x4_sub(a.hi, b.hi) }; }
LANE f32x8 mul8(f32x8 a, f32x8 b) { return (f32x8){ wasm_f32x4_mul(a.lo, b.lo), wasm_f32x4_mul(a.hi, b.hi) }; }
LANE f32x8 div8(f32x8 a, f32x8 b) { return (f32x8){ wasm_f32x4_div(a.lo, b.lo), wasm_f32x4_div(a.hi, b.hi) }; }

/* pmax and pmin are one comparison and a choice, as SSE's; max and min would look at signs and NaN. */
LANE f32x8 max8(f32x8 a, f32x8 b) { return (f32x8){ wasm_f32x4_pmax(b.lo, a.lo), wasm_f32x4_pmax(b.hi, a.hi) }; }
LANE f32x8 min8(f32x8 a, f32x8 b) { return (f32x8){ wasm_f32x4_pmin(b.lo, a.lo), wasm_f32x4_pmin(b.hi, a.hi) }; }
LANE f32x8 abs8(f32x8 a) { return (f32x8){ wasm_f32x4_abs(a.lo), wasm_f32x4_abs(a.hi) }; }
LANE f32x8 if_less8(f32x8 a, f32x8 b, f32x8 yes, f32x8 no) {
  return (f32x8){ wasm_v128_bitselect(yes.lo, no.lo, wasm_f32x4_lt(a.lo, b.lo)),
                  wasm_v128_bitselect(yes.hi, no.hi, wasm_f32x4_lt(a.hi, b.hi)) };
}
/* The sign is what |x| lacks: no constant. */
LANE v128_t with_sign(v128_t x, v128_t from) { return wasm_v128_or(x, wasm_v128_xor(from, wasm_f32x4_abs(from))); }
LANE f32x8 with_sign8(f32x8 x, f32x8 from) { return (f32x8){ with_sign(x.lo, from.lo), with_sign(x.hi, from.hi) }; }
/* bits << 23 is k << 23; the exponent of 1 is added to it. */
LANE v128_t times_power(v128_t x, v128_t bits, v128_t one) {
  const v128_t half = wasm_i32x4_shr(bits, 1), first = wasm_i32x4_add(wasm_i32x4_shl(half, 23), one);
  return wasm_f32x4_mul(wasm_f32x4_mul(x, first), wasm_i32x4_add(wasm_i32x4_shl(wasm_i32x4_sub(bits, half), 23), one));
}
LANE f32x8 times_power8(f32x8 x, f32x8 bits, f32x8 one) {
  return (f32x8){ times_power(x.lo, bits.lo, one.lo), times_power(x.hi, bits.hi, one.hi) };
}

/* The floats that TILE_ROWS rows are multiplied by: one load, then a shuffle each, where a load for each would be too
 * many at once. */
typedef v128_t tile_column;
LANE tile_column load_tile_column(size_t rows, const float *p) { return rows == 1 ? wasm_v128_load32_splat(p) : wasm_v128_load(p); }
LANE f32x8 tile_splat8(tile_column x, size_t t) {
  const v128_t all = t == 0 ? wasm_i32x4_shuffle(x, x, 0, 0, 0, 0) : t == 1 ? wasm_i32x4_shuffle(x, x, 1, 1, 1, 1)
                   : t == 2 ? wasm_i32x4_shuffle(x, x, 2, 2, 2, 2) : wasm_i32x4_shuffle(x, x, 3, 3, 3, 3);
  return (f32x8){ all, all };
}

LANE uint32_t ge8(f32x8 a, f32x8 b) {
  const uint32_t lo = (uint32_t)wasm_i32x4_bitmask(wasm_f32x4_ge(a.lo, b.lo));
  return lo | (uint32_t)wasm_i32x4_bitmask(wasm_f32x4_ge(a.hi, b.hi)) << 4;
}

/* Sums of lanes (x0+x2, y0+y2, x1+x3, y1+y3). */
LANE v128_t fold_pair(v128_t x, v128_t y) {
  return wasm_f32x4_add(wasm_i32x4_shuffle(x, y, 0, 4, 1, 5), wasm_i32x4_shuffle(x, y, 2, 6, 3, 7));
}
LANE void fold8x4(f32x8 a, f32x8 b, f32x8 c, f32x8 d, float *out, size_t apart) {
  const v128_t ab = fold_pair(wasm_f32x4_add(a.lo, a.hi), wasm_f32x4_add(b.lo, b.hi));
  const v128_t cd = fold_pair(wasm_f32x4_add(c.lo, c.hi), wasm_f32x4_add(d.lo, d.hi));
  const v128_t all = wasm_f32x4_add(wasm_i32x4_shuffle(ab, cd, 0, 1, 4, 5), wasm_i32x4_shuffle(ab, cd, 2, 3, 6, 7));
  wasm_v128_store32_lane(out, all, 0);
  wasm_v128_store32_lane(out + apart, all, 1);
  wasm_v128_store32_lane(out + 2 * apart, all, 2);
  wasm_v128_store32_lane(out + 3 * apart, all, 3);
}
LANE float fold8(f32x8 a) {
  const v128_t four = wasm_f32x4_add(a.lo, a.hi);
  const v128_t two = fold_pair(four, four);
  return wasm_f32x4_extract_lane(two, 0) + wasm_f32x4_extract_lane(two, 2);
}

/* ---------------------------------------------------------------- widening */

/* Sign and magnitude bits moved to their places in a binary32 are 2^112 too small; the product is exact and
 * makes subnormals right as well. */
LANE v128_t f16_bits(const uint16_t *p) {
  return wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_load16x4(p), 13), wasm_i32x4_const_splat((int32_t)0x8fffe000u));
}
LANE f32x8 load8_f16(const uint16_t *p) {
  const v128_t scale = wasm_f32x4_const_splat(0x1p112f);
  return (f32x8){ wasm_f32x4_mul(f16_bits(p), scale), wasm_f32x4_mul(f16_bits(p + 4), scale) };
}
LANE v128_t f16_with_infinity(v128_t bits) {
  const v128_t top = wasm_i32x4_const_splat(0x0f800000), infinity = wasm_i32x4_const_splat(0x7f800000);
  const v128_t special = wasm_i32x4_eq(wasm_v128_and(bits, top), top);
  return wasm_v128_or(wasm_f32x4_mul(bits, wasm_f32x4_const_splat(0x1p112f)), wasm_v128_and(special, infinity));
}
LANE f32x8 load8_f16_any(const uint16_t *p) {
  return (f32x8){ f16_with_infinity(f16_bits(p)), f16_with_infinity(f16_bits(p + 4)) };
}
LANE f32x8 load8_bf16(const uint16_t *p) {
  return (f32x8){ wasm_i32x4_shl(wasm_u32x4_load16x4(p), 16), wasm_i32x4_shl(wasm_u32x4_load16x4(p + 4), 16) };
}
LANE f32x8 load8_i8(const int8_t *p) {
  const v128_t x = wasm_i16x8_load8x8(p);
  return (f32x8){ wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(x)),
                  wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(x)) };
}

/* ---------------------------------------------------------------- integers */

LANE i32x8 load8_i32(const int32_t *p) { return (i32x8){ wasm_v128_load(p), wasm_v128_load(p + 4) }; }
/* a - b * c */
LANE i32x8 less8_i32(i32x8 a, i32x8 b, int32_t c) {
  const v128_t by = wasm_i32x4_splat(c);
  return (i32x8){ wasm_i32x4_sub(a.lo, wasm_i32x4_mul(b.lo, by)), wasm_i32x4_sub(a.hi, wasm_i32x4_mul(b.hi, by)) };
}
LANE f32x8 float8(i32x8 a) { return (f32x8){ wasm_f32x4_convert_i32x4(a.lo), wasm_f32x4_convert_i32x4(a.hi) }; }

/* -------------------------------------------------------------------- int8 */

#define I8_STEP 16
typedef int16_t i8_query_element;
typedef v128_t i8_sums;

LANE i8_sums i8_zero(void) { return wasm_i32x4_const_splat(0); }
LANE i8_sums i8_step(i8_sums sums, const int8_t *row, const i8_query_element *q) {
  const v128_t lo = wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(row), wasm_v128_load(q));
  const v128_t hi = wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(row + 8), wasm_v128_load(q + 8));
  return wasm_i32x4_add(sums, wasm_i32x4_add(lo, hi));
}
LANE v128_t i8_fold_pair(v128_t x, v128_t y) {
  return wasm_i32x4_add(wasm_i32x4_shuffle(x, y, 0, 4, 1, 5), wasm_i32x4_shuffle(x, y, 2, 6, 3, 7));
}
LANE void i8_fold4(i8_sums a, i8_sums b, i8_sums c, i8_sums d, int32_t *out, size_t apart) {
  const v128_t ab = i8_fold_pair(a, b), cd = i8_fold_pair(c, d);
  const v128_t all = wasm_i32x4_add(wasm_i32x4_shuffle(ab, cd, 0, 1, 4, 5), wasm_i32x4_shuffle(ab, cd, 2, 3, 6, 7));
  wasm_v128_store32_lane(out, all, 0);
  wasm_v128_store32_lane(out + apart, all, 1);
  wasm_v128_store32_lane(out + 2 * apart, all, 2);
  wasm_v128_store32_lane(out + 3 * apart, all, 3);
}

#endif
