/* kernel_avx2.c - the table for AVX2 and F16C (compiled with -mavx2 -mf16c): its lanes and the common body. */
#if defined(__x86_64__)
#include "lanes_avx2.h"

#include "kernel_body.h"
#else
typedef int ink_kernels_avx2_is_not_for_this_target;
#endif
