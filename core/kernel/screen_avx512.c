/* screen_avx512.c - the tile of screen.h with VNNI: 12 x 32 sums in 24 registers. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "screen.h"

#include "base.h"

#define VECTORS 12u
#define LANES 16u

/* The loops over vectors have constant bounds and are unrolled: all sums stay in registers. */
static void tile(size_t steps, const int8_t *restrict vectors, const uint8_t *restrict rows, const int32_t *restrict least,
                 uint32_t *restrict hits, int32_t *restrict sums) {
  __m512i acc[VECTORS][2];
#pragma GCC unroll 12
  for (size_t i = 0; i < VECTORS; i++) acc[i][0] = acc[i][1] = _mm512_setzero_si512();
#pragma GCC unroll 1
  for (size_t s = 0; s < steps; s++) {
    const __m512i first = _mm512_loadu_si512(rows), second = _mm512_loadu_si512(rows + 4 * LANES);
#pragma GCC unroll 12
    for (size_t i = 0; i < VECTORS; i++) {
      int32_t four;
      __builtin_memcpy(&four, vectors + 4 * i, sizeof four);
      const __m512i x = _mm512_set1_epi32(four);
      acc[i][0] = _mm512_dpbusd_epi32(acc[i][0], first, x);
      acc[i][1] = _mm512_dpbusd_epi32(acc[i][1], second, x);
    }
    vectors += 4 * VECTORS;
    rows += 8 * LANES;
  }
#pragma GCC unroll 12
  for (size_t i = 0; i < VECTORS; i++) {
    const __m512i low = _mm512_set1_epi32(least[i]);
    const uint32_t found = (uint32_t)_mm512_cmpge_epi32_mask(acc[i][0], low) | (uint32_t)_mm512_cmpge_epi32_mask(acc[i][1], low) << LANES;
    hits[i] = found;
    if (found == 0) continue;
    _mm512_storeu_si512(sums + 2 * LANES * i, acc[i][0]);
    _mm512_storeu_si512(sums + 2 * LANES * i + LANES, acc[i][1]);
  }
}

extern const ink_screen ink_screen_avx512;
const ink_screen ink_screen_avx512 = { "avx512", VECTORS, 2 * LANES, tile };
#else
typedef int ink_screen_avx512_is_not_for_this_target;
#endif
