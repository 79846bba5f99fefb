/* gemm_sse2.c - the micro-kernel of gemm_tile.h: a tile of 4 x 8 sums in registers. */
#if defined(__x86_64__)
#include <emmintrin.h>
#define GEMM_BODY
#define GEMM_VEC __m128
#define GEMM_LANES 4u
#define GEMM_LOAD(p) _mm_loadu_ps(p)
#define GEMM_STORE(p, x) _mm_storeu_ps((p), (x))
#define GEMM_SPLAT(x) _mm_set1_ps(x)
#define GEMM_FMA(a, b, c) _mm_add_ps((c), _mm_mul_ps((a), (b)))
#define GEMM_ADD(a, b) _mm_add_ps((a), (b))
#define GEMM_ROWS 4u
#define GEMM_VECS 2u
#define GEMM_NAME "sse2"
#define GEMM_TABLE ink_gemm_sse2
#include "gemm_tile.h"
#else
typedef int ink_gemm_sse2_is_not_for_this_target;
#endif
