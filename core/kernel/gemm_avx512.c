/* gemm_avx512.c - the micro-kernel of gemm_tile.h: a tile of 12 x 32 sums in registers. */
#if defined(__x86_64__)
#include <immintrin.h>
#define GEMM_BODY
#define GEMM_VEC __m512
#define GEMM_LANES 16u
#define GEMM_LOAD(p) _mm512_loadu_ps(p)
#define GEMM_STORE(p, x) _mm512_storeu_ps((p), (x))
#define GEMM_SPLAT(x) _mm512_set1_ps(x)
#define GEMM_FMA(a, b, c) _mm512_fmadd_ps((a), (b), (c))
#define GEMM_ADD(a, b) _mm512_add_ps((a), (b))
#define GEMM_ROWS 12u
#define GEMM_VECS 2u
#define GEMM_NAME "avx512"
#define GEMM_TABLE ink_gemm_avx512
#include "gemm_tile.h"
#else
typedef int ink_gemm_avx512_is_not_for_this_target;
#endif
