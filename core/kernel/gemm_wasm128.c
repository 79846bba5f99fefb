/* gemm_wasm128.c - the micro-kernel of gemm_tile.h: a tile of 4 x 8 sums in registers. */
#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#define GEMM_BODY
#define GEMM_VEC v128_t
#define GEMM_LANES 4u
#define GEMM_LOAD(p) wasm_v128_load(p)
#define GEMM_STORE(p, x) wasm_v128_store((p), (x))
#define GEMM_SPLAT(x) wasm_f32x4_splat(x)
#define GEMM_FMA(a, b, c) wasm_f32x4_add((c), wasm_f32x4_mul((a), (b)))
#define GEMM_ADD(a, b) wasm_f32x4_add((a), (b))
#define GEMM_ROWS 4u
#define GEMM_VECS 2u
#define GEMM_NAME "wasm128"
#define GEMM_TABLE ink_gemm_wasm128
#include "gemm_tile.h"
#else
typedef int ink_gemm_wasm128_is_not_for_this_target;
#endif
