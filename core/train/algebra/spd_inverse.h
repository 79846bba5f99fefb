/* spd_inverse.h - the inverse of a large symmetric positive definite matrix, in place, by blocks, on all workers. For
 * training: it may use fused multiply-add (core/kernel/gemm.h). */
#ifndef INK_SPD_INVERSE_H
#define INK_SPD_INVERSE_H

#include "train.h"

/* a [n, n] io: the lower triangle of a symmetric positive definite matrix; out: its whole inverse, both triangles.
 * `stage` names the work to the progress callback. Cost n^3 flops. Takes 2 * 256 * n floats beside `a`.
 * Blocks are fixed, so the bits do not depend on the number of workers. The relative error is about
 * cond(a) * 2^-24. Errors: INK_E_SINGULAR when a pivot is not positive (a is then undefined), INK_E_NO_MEMORY, INK_E_STOPPED. */
ink_status ink_spd_inverse(float *a, uint32_t n, const char *stage, const ink_train_env *env);

#endif
