/* sgd_wasm128.c - the steps of sgd_body.h with the lanes of WebAssembly SIMD128. */
#if defined(__wasm_simd128__)
#include "lanes_wasm128.h"

#include "sgd_body.h"
#else
typedef int ink_sgd_wasm128_is_not_for_this_target;
#endif
