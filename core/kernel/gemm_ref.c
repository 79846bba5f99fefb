/* gemm_ref.c - the micro-kernel in plain C, for targets without a table of their own and for tests. */
#define GEMM_BODY
#define GEMM_VEC float
#define GEMM_LANES 1
#define GEMM_LOAD(p) (*(p))
#define GEMM_STORE(p, x) (*(p) = (x))
#define GEMM_SPLAT(x) (x)
#define GEMM_FMA(a, b, c) ((c) + (a) * (b))
#define GEMM_ADD(a, b) ((a) + (b))
#define GEMM_ROWS 4u
#define GEMM_VECS 4u
#define GEMM_NAME "ref"
#define GEMM_TABLE ink_gemm_ref
#include "gemm_tile.h"
