/* kernel_neon.c - the table for AArch64 NEON: its lanes and the common body. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "kernel_body.h"
#else
typedef int ink_kernels_neon_is_not_for_this_target;
#endif
