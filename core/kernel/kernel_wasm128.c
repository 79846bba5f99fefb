/* kernel_wasm128.c - the table for WebAssembly SIMD128 (compiled with -msimd128): its lanes and the common body. */
#if defined(__wasm_simd128__)
#include "lanes_wasm128.h"

#include "kernel_body.h"
#else
typedef int ink_kernels_wasm128_is_not_for_this_target;
#endif
