/* gemm_avx2.c - the micro-kernel of gemm_tile.h: a tile of 6 x 16 sums in registers. */
#if defined(__x86_64__)
#include <immintrin.h>
#define GEMM_BODY
#define GEMM_VEC __m256
#define GEMM_LANES 8u
#define GEMM_LOAD(p) _mm256_loadu_ps(p)
#define GEMM_STORE(p, x) _mm256_storeu_ps((p), (x))
#define GEMM_SPLAT(x) _mm256_set1_ps(x)
#define GEMM_FMA(a, b, c) _mm256_fmadd_ps((a), (b), (c))
#define GEMM_ADD(a, b) _mm256_add_ps((a), (b))
#define GEMM_ROWS 6u
#define GEMM_VECS 2u
#define GEMM_NAME "avx2"
#define GEMM_TABLE ink_gemm_avx2
#include "gemm_tile.h"
#else
typedef int ink_gemm_avx2_is_not_for_this_target;
#endif
