/* kernel_avx512.c - the table for AVX-512 with VNNI: AVX2's lanes and body, and the int8 dot in one instruction.
 *
 * dpbusd multiplies 32 unsigned by signed bytes and adds fours to int32, exactly.
 * Vectors of 512 bits are not used: row form fixes eight sums (README.md has what was measured). */
#if defined(__x86_64__)
#include <immintrin.h>

#define LANES_ISA avx512
#define LANES_NAME "avx512"
#define I8_STEP 32
static inline __attribute__((always_inline)) __m256i i8_step(__m256i sums, const signed char *row, const unsigned char *q) {
  return _mm256_dpbusd_epi32(sums, _mm256_loadu_si256((const __m256i *)(const void *)q),
                             _mm256_loadu_si256((const __m256i *)(const void *)row));
}
#include "lanes_avx2.h"

#include "kernel_body.h"
#else
typedef int ink_kernels_avx512_is_not_for_this_target;
#endif
