/* lanes_avx2.h - eight lanes as one vector of AVX2, with F16C for halves.
 * The list of functions, the same in every lanes header, is explained in kernel_body.h.
 *
 * int8: maddubs multiplies unsigned by signed bytes and adds pairs in 16 bits, saturating: a query of
 * 7 bits keeps 2 * 127 * 128 below 2^15, so nothing saturates and the sum is exact. */
#ifndef INK_LANES_AVX2_H
#define INK_LANES_AVX2_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#ifndef LANES_ISA
#define LANES_ISA avx2
#define LANES_NAME "avx2"
#endif
#define LANE static inline __attribute__((always_inline))
#define ROWS_AT_ONCE 4
#define TILE_ROWS 8
#define GATHER_VECTORS 4

typedef __m256 f32x8;
typedef __m256i i32x8;

/* ------------------------------------------------------------------ floats */

LANE f32x8 zero8(void) { return _mm256_setzero_ps(); }
LANE f32x8 splat8(float x) { return _mm256_set1_ps(x); }
LANE f32x8 load8(const float *p) { return _mm256_loadu_ps(p); }
LANE void store8(float *p, f32x8 a) { _mm256_storeu_ps(p, a); }
LANE f32x8 add8(f32x8 a, f32x8 b) { return _mm256_add_ps(a, b); }
LANE f32x8 sub8(f32x8 a, f32x8 b) { return _mm256_sub_ps(a, b); }
LANE f32x8 mul8(f32x8 a, f32x8 b) { return _mm256_mul_ps(a, b); }
LANE f32x8 div8(f32x8 a, f32x8 b) { return _mm256_div_ps(a, b); }

LANE f32x8 max8(f32x8 a, f32x8 b) { return _mm256_max_ps(a, b); }
LANE f32x8 min8(f32x8 a, f32x8 b) { return _mm256_min_ps(a, b); }
LANE f32x8 with_sign8(f32x8 x, f32x8 from) { return _mm256_or_ps(x, _mm256_and_ps(from, _mm256_set1_ps(-0.0f))); }
LANE f32x8 abs8(f32x8 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
LANE f32x8 if_less8(f32x8 a, f32x8 b, f32x8 yes, f32x8 no) {
  return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
LANE f32x8 times_power8(f32x8 x, f32x8 bits, f32x8 one) {
  const __m256i k = _mm256_castps_si256(bits), half = _mm256_srai_epi32(k, 1), at = _mm256_castps_si256(one);
  const __m256i first = _mm256_add_epi32(_mm256_slli_epi32(half, 23), at);
  const __m256i second = _mm256_add_epi32(_mm256_slli_epi32(_mm256_sub_epi32(k, half), 23), at);
  return _mm256_mul_ps(_mm256_mul_ps(x, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second));
}

/* The floats that TILE_ROWS rows are multiplied by: each is a load that fills all lanes. */
typedef const float *tile_column;
LANE tile_column load_tile_column(size_t rows, const float *p) { (void)rows; return p; }
LANE f32x8 tile_splat8(tile_column x, size_t t) { return splat8(x[t]); }

LANE uint32_t ge8(f32x8 a, f32x8 b) { return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ)); }

LANE __m128 half_sum(f32x8 a) { return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)); }
/* Sums of lanes (x0+x2, y0+y2, x1+x3, y1+y3). */
LANE __m128 fold_pair(__m128 x, __m128 y) { return _mm_add_ps(_mm_unpacklo_ps(x, y), _mm_unpackhi_ps(x, y)); }
LANE void fold8x4(f32x8 a, f32x8 b, f32x8 c, f32x8 d, float *out, size_t apart) {
  const __m128 ab = fold_pair(half_sum(a), half_sum(b)), cd = fold_pair(half_sum(c), half_sum(d));
  const __m128 all = _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
  _mm_store_ss(out, all);
  _mm_store_ss(out + apart, _mm_shuffle_ps(all, all, 1));
  _mm_store_ss(out + 2 * apart, _mm_shuffle_ps(all, all, 2));
  _mm_store_ss(out + 3 * apart, _mm_shuffle_ps(all, all, 3));
}
LANE float fold8(f32x8 a) {
  const __m128 four = half_sum(a);
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

/* ---------------------------------------------------------------- widening */

LANE __m128i load8_u16(const uint16_t *p) { return _mm_loadu_si128((const __m128i *)(const void *)p); }
LANE f32x8 load8_f16(const uint16_t *p) { return _mm256_cvtph_ps(load8_u16(p)); }
LANE f32x8 load8_f16_any(const uint16_t *p) { return load8_f16(p); }
LANE f32x8 load8_bf16(const uint16_t *p) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load8_u16(p)), 16));
}
LANE f32x8 load8_i8(const int8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
}

/* ---------------------------------------------------------------- integers */

LANE i32x8 load8_i32(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
/* a - b * c */
LANE i32x8 less8_i32(i32x8 a, i32x8 b, int32_t c) {
  return _mm256_sub_epi32(a, _mm256_mullo_epi32(b, _mm256_set1_epi32(c)));
}
LANE f32x8 float8(i32x8 a) { return _mm256_cvtepi32_ps(a); }

/* -------------------------------------------------------------------- int8 */

typedef uint8_t i8_query_element;
typedef __m256i i8_sums;
LANE i8_sums i8_zero(void) { return _mm256_setzero_si256(); }

#ifndef I8_STEP                                 /* AVX-512 brings its own step */
#define I8_STEP 32
LANE i8_sums i8_step(i8_sums sums, const int8_t *row, const i8_query_element *q) {
  const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)row);
  const __m256i query = _mm256_loadu_si256((const __m256i *)(const void *)q);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(query, x), _mm256_set1_epi16(1)));
}
#endif

LANE __m128i i8_half_sum(i8_sums a) { return _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1)); }
LANE void i8_fold4(i8_sums a, i8_sums b, i8_sums c, i8_sums d, int32_t *out, size_t apart) {
  const __m128i ab = _mm_hadd_epi32(i8_half_sum(a), i8_half_sum(b)), cd = _mm_hadd_epi32(i8_half_sum(c), i8_half_sum(d));
  const __m128i all = _mm_hadd_epi32(ab, cd);
  out[0] = _mm_cvtsi128_si32(all);
  out[apart] = _mm_extract_epi32(all, 1);
  out[2 * apart] = _mm_extract_epi32(all, 2);
  out[3 * apart] = _mm_extract_epi32(all, 3);
}

#endif
