/* lanes_sse2.h - eight lanes as two vectors of SSE2, which every x86-64 has.
 * The list of functions, the same in every lanes header, is explained in kernel_body.h. */
#ifndef INK_LANES_SSE2_H
#define INK_LANES_SSE2_H

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

#define LANES_ISA sse2
#define LANES_NAME "sse2"
#define LANE static inline __attribute__((always_inline))
#define ROWS_AT_ONCE 2
#define TILE_ROWS 4
#define GATHER_VECTORS 4

typedef struct f32x8 { __m128 lo, hi; } f32x8;
typedef struct i32x8 { __m128i lo, hi; } i32x8;

/* ------------------------------------------------------------------ floats */

LANE f32x8 zero8(void) { return (f32x8){ _mm_setzero_ps(), _mm_setzero_ps() }; }
LANE f32x8 splat8(float x) { return (f32x8){ _mm_set1_ps(x), _mm_set1_ps(x) }; }
LANE f32x8 load8(const float *p) { return (f32x8){ _mm_loadu_ps(p), _mm_loadu_ps(p + 4) }; }
LANE void store8(float *p, f32x8 a) { _mm_storeu_ps(p, a.lo); _mm_storeu_ps(p + 4, a.hi); }
LANE f32x8 add8(f32x8 a, f32x8 b) { return (f32x8){ _mm_add_ps(a.lo, b.lo), _mm_add_ps(a.hi, b.hi) }; }
LANE f32x8 sub8(f32x8 a, f32x8 b) { return (f32x8){ _mm_sub_ps(a.lo, b.lo), _mm_sub_ps(a.hi, b.hi) }; }
LANE f32x8 mul8(f32x8 a, f32x8 b) { return (f32x8){ _mm_mul_ps(a.lo, b.lo), _mm_mul_ps(a.hi, b.hi) }; }
LANE f32x8 div8(f32x8 a, f32x8 b) { return (f32x8){ _mm_div_ps(a.lo, b.lo), _mm_div_ps(a.hi, b.hi) }; }

LANE f32x8 max8(f32x8 a, f32x8 b) { return (f32x8){ _mm_max_ps(a.lo, b.lo), _mm_max_ps(a.hi, b.hi) }; }
LANE f32x8 min8(f32x8 a, f32x8 b) { return (f32x8){ _mm_min_ps(a.lo, b.lo), _mm_min_ps(a.hi, b.hi) }; }
LANE f32x8 with_sign8(f32x8 x, f32x8 from) {
  const __m128 sign = _mm_set1_ps(-0.0f);
  return (f32x8){ _mm_or_ps(x.lo, _mm_and_ps(from.lo, sign)), _mm_or_ps(x.hi, _mm_and_ps(from.hi, sign)) };
}
LANE f32x8 abs8(f32x8 a) {
  const __m128 sign = _mm_set1_ps(-0.0f);
  return (f32x8){ _mm_andnot_ps(sign, a.lo), _mm_andnot_ps(sign, a.hi) };
}
LANE __m128 select(__m128 mask, __m128 yes, __m128 no) { return _mm_or_ps(_mm_and_ps(mask, yes), _mm_andnot_ps(mask, no)); }
LANE f32x8 if_less8(f32x8 a, f32x8 b, f32x8 yes, f32x8 no) {
  return (f32x8){ select(_mm_cmplt_ps(a.lo, b.lo), yes.lo, no.lo), select(_mm_cmplt_ps(a.hi, b.hi), yes.hi, no.hi) };
}
LANE __m128 times_power(__m128 x, __m128 bits, __m128 one) {
  const __m128i k = _mm_castps_si128(bits), half = _mm_srai_epi32(k, 1), at = _mm_castps_si128(one);
  const __m128i first = _mm_add_epi32(_mm_slli_epi32(half, 23), at);
  const __m128i second = _mm_add_epi32(_mm_slli_epi32(_mm_sub_epi32(k, half), 23), at);
  return _mm_mul_ps(_mm_mul_ps(x, _mm_castsi128_ps(first)), _mm_castsi128_ps(second));
}
LANE f32x8 times_power8(f32x8 x, f32x8 bits, f32x8 one) {
  return (f32x8){ times_power(x.lo, bits.lo, one.lo), times_power(x.hi, bits.hi, one.hi) };
}

/* The floats that TILE_ROWS rows are multiplied by: one load and a shuffle each. */
typedef __m128 tile_column;
LANE tile_column load_tile_column(size_t rows, const float *p) { return rows == 1 ? _mm_set1_ps(*p) : _mm_loadu_ps(p); }
LANE f32x8 tile_splat8(tile_column x, size_t t) {
  const __m128 all = t == 0 ? _mm_shuffle_ps(x, x, 0x00) : t == 1 ? _mm_shuffle_ps(x, x, 0x55)
                   : t == 2 ? _mm_shuffle_ps(x, x, 0xaa) : _mm_shuffle_ps(x, x, 0xff);
  return (f32x8){ all, all };
}

LANE uint32_t ge8(f32x8 a, f32x8 b) {
  const uint32_t lo = (uint32_t)_mm_movemask_ps(_mm_cmpge_ps(a.lo, b.lo));
  return lo | (uint32_t)_mm_movemask_ps(_mm_cmpge_ps(a.hi, b.hi)) << 4;
}

/* Sums of lanes (x0+x2, y0+y2, x1+x3, y1+y3). */
LANE __m128 fold_pair(__m128 x, __m128 y) { return _mm_add_ps(_mm_unpacklo_ps(x, y), _mm_unpackhi_ps(x, y)); }
LANE void fold8x4(f32x8 a, f32x8 b, f32x8 c, f32x8 d, float *out, size_t apart) {
  const __m128 ab = fold_pair(_mm_add_ps(a.lo, a.hi), _mm_add_ps(b.lo, b.hi));
  const __m128 cd = fold_pair(_mm_add_ps(c.lo, c.hi), _mm_add_ps(d.lo, d.hi));
  const __m128 all = _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
  _mm_store_ss(out, all);
  _mm_store_ss(out + apart, _mm_shuffle_ps(all, all, 1));
  _mm_store_ss(out + 2 * apart, _mm_shuffle_ps(all, all, 2));
  _mm_store_ss(out + 3 * apart, _mm_shuffle_ps(all, all, 3));
}
LANE float fold8(f32x8 a) {
  const __m128 four = _mm_add_ps(a.lo, a.hi);
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

/* ---------------------------------------------------------------- widening */

/* Sign and magnitude bits moved to their places in a binary32 are 2^112 too small; the product is exact and
 * makes subnormals right as well. */
LANE i32x8 f16_bits(const uint16_t *p) {
  const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
  const __m128i keep = _mm_set1_epi32((int32_t)0x8fffe000u);
  return (i32x8){ _mm_and_si128(_mm_srai_epi32(_mm_unpacklo_epi16(x, x), 3), keep),
                  _mm_and_si128(_mm_srai_epi32(_mm_unpackhi_epi16(x, x), 3), keep) };
}
LANE f32x8 load8_f16(const uint16_t *p) {
  const i32x8 bits = f16_bits(p);
  const __m128 scale = _mm_set1_ps(0x1p112f);
  return (f32x8){ _mm_mul_ps(_mm_castsi128_ps(bits.lo), scale), _mm_mul_ps(_mm_castsi128_ps(bits.hi), scale) };
}
LANE __m128 f16_with_infinity(__m128i bits) {
  const __m128i top = _mm_set1_epi32(0x0f800000), infinity = _mm_set1_epi32(0x7f800000);
  const __m128i special = _mm_and_si128(_mm_cmpeq_epi32(_mm_and_si128(bits, top), top), infinity);
  return _mm_or_ps(_mm_mul_ps(_mm_castsi128_ps(bits), _mm_set1_ps(0x1p112f)), _mm_castsi128_ps(special));
}
LANE f32x8 load8_f16_any(const uint16_t *p) {
  const i32x8 bits = f16_bits(p);
  return (f32x8){ f16_with_infinity(bits.lo), f16_with_infinity(bits.hi) };
}
LANE f32x8 load8_bf16(const uint16_t *p) {
  const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p), zero = _mm_setzero_si128();
  return (f32x8){ _mm_castsi128_ps(_mm_unpacklo_epi16(zero, x)), _mm_castsi128_ps(_mm_unpackhi_epi16(zero, x)) };
}
LANE f32x8 load8_i8(const int8_t *p) {
  const __m128i x = _mm_loadl_epi64((const __m128i *)(const void *)p), zero = _mm_setzero_si128();
  const __m128i pairs = _mm_unpacklo_epi8(zero, x);     /* each value in the upper byte of 16 bits */
  return (f32x8){ _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(zero, pairs), 24)),
                  _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpackhi_epi16(zero, pairs), 24)) };
}

/* ---------------------------------------------------------------- integers */

LANE i32x8 load8_i32(const int32_t *p) {
  return (i32x8){ _mm_loadu_si128((const __m128i *)(const void *)p), _mm_loadu_si128((const __m128i *)(const void *)(p + 4)) };
}
/* SSE2 multiplies only lanes 0 and 2, to 64 bits; the low halves are the same signed or not. */
LANE __m128i mul4_i32(__m128i a, __m128i b) {
  const __m128i even = _mm_mul_epu32(a, b), odd = _mm_mul_epu32(_mm_srli_si128(a, 4), _mm_srli_si128(b, 4));
  return _mm_unpacklo_epi32(_mm_shuffle_epi32(even, 0x08), _mm_shuffle_epi32(odd, 0x08));
}
/* a - b * c */
LANE i32x8 less8_i32(i32x8 a, i32x8 b, int32_t c) {
  const __m128i by = _mm_set1_epi32(c);
  return (i32x8){ _mm_sub_epi32(a.lo, mul4_i32(b.lo, by)), _mm_sub_epi32(a.hi, mul4_i32(b.hi, by)) };
}
LANE f32x8 float8(i32x8 a) { return (f32x8){ _mm_cvtepi32_ps(a.lo), _mm_cvtepi32_ps(a.hi) }; }

/* -------------------------------------------------------------------- int8 */

#define I8_STEP 16
typedef int16_t i8_query_element;
typedef __m128i i8_sums;

LANE i8_sums i8_zero(void) { return _mm_setzero_si128(); }
LANE i8_sums i8_step(i8_sums sums, const int8_t *row, const i8_query_element *q) {
  const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)row), zero = _mm_setzero_si128();
  const __m128i *const query = (const __m128i *)(const void *)q;
  const __m128i lo = _mm_srai_epi16(_mm_unpacklo_epi8(zero, x), 8), hi = _mm_srai_epi16(_mm_unpackhi_epi8(zero, x), 8);
  const __m128i both = _mm_add_epi32(_mm_madd_epi16(lo, _mm_loadu_si128(query)), _mm_madd_epi16(hi, _mm_loadu_si128(query + 1)));
  return _mm_add_epi32(sums, both);
}
LANE __m128i i8_fold_pair(__m128i x, __m128i y) { return _mm_add_epi32(_mm_unpacklo_epi32(x, y), _mm_unpackhi_epi32(x, y)); }
LANE void i8_fold4(i8_sums a, i8_sums b, i8_sums c, i8_sums d, int32_t *out, size_t apart) {
  const __m128i ab = i8_fold_pair(a, b), cd = i8_fold_pair(c, d);
  const __m128i all = _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
  out[0] = _mm_cvtsi128_si32(all);
  out[apart] = _mm_cvtsi128_si32(_mm_shuffle_epi32(all, 1));
  out[2 * apart] = _mm_cvtsi128_si32(_mm_shuffle_epi32(all, 2));
  out[3 * apart] = _mm_cvtsi128_si32(_mm_shuffle_epi32(all, 3));
}

#endif
