/* gemm_neon.c - the micro-kernel of gemm_tile.h: a tile of 8 x 12 sums in registers. */
#if defined(__aarch64__)
#include <arm_neon.h>
#define GEMM_BODY
#define GEMM_VEC float32x4_t
#define GEMM_LANES 4u
#define GEMM_LOAD(p) vld1q_f32(p)
#define GEMM_STORE(p, x) vst1q_f32((p), (x))
#define GEMM_SPLAT(x) vdupq_n_f32(x)
#define GEMM_FMA(a, b, c) vfmaq_f32((c), (a), (b))
#define GEMM_ADD(a, b) vaddq_f32((a), (b))
#define GEMM_ROWS 8u
#define GEMM_VECS 3u
#define GEMM_NAME "neon"
#define GEMM_TABLE ink_gemm_neon
#include "gemm_tile.h"
#else
typedef int ink_gemm_neon_is_not_for_this_target;
#endif
