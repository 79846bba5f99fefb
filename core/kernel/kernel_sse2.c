/* kernel_sse2.c - the table for SSE2, which every x86-64 has: its lanes and the common body. */
#if defined(__x86_64__)
#include "lanes_sse2.h"

#include "kernel_body.h"
#else
typedef int ink_kernels_sse2_is_not_for_this_target;
#endif
