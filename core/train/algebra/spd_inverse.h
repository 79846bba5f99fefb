/* spd_inverse.h - the inverse of a large symmetric positive definite matrix, in place in half of its square, by blocks, on
 * all workers. For training: it may use fused multiply-add (core/kernel/gemm.h). */
#ifndef INK_SPD_INVERSE_H
#define INK_SPD_INVERSE_H

#include "symmetric.h"
#include "train.h"

/* a io: a symmetric positive definite matrix; out: its inverse. Both as a lower triangle: of a row in `a` only columns up to the
 * diagonal are read, and only they hold the inverse. `stage` names the work to the progress callback.
 * Cost n^3 flops. Blocks are fixed, so the bits do not depend on the number of workers. The relative error is about
 * cond(a) * 2^-24. Errors: INK_E_SINGULAR when a pivot is not positive (a is then undefined), INK_E_NO_MEMORY, INK_E_STOPPED. */
ink_status ink_spd_inverse(const ink_symmetric *a, const char *stage, const ink_train_env *env);

/* Bytes that it takes beside `a`, but for some hundred KB a worker. */
double ink_spd_inverse_beside(uint32_t n);

#endif
