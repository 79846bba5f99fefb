/* sgd_tables.h - private to core/kernel: the tables of sgd.h that a build may hold. */
#ifndef INK_SGD_TABLES_H
#define INK_SGD_TABLES_H

#include "sgd.h"

extern const ink_sgd ink_sgd_ref;
#if defined(__x86_64__)
extern const ink_sgd ink_sgd_sse2, ink_sgd_avx2;
#elif defined(__aarch64__)
extern const ink_sgd ink_sgd_neon;
#elif defined(__wasm_simd128__)
extern const ink_sgd ink_sgd_wasm128;
#endif

#endif
