/* top_vectors.h - the first right singular vectors of a sparse matrix: truncated SVD by randomised subspace iteration
 * (Halko, Martinsson & Tropp 2011, algorithm 4.4). For training: products may use fused multiply-add. */
#ifndef INK_TOP_VECTORS_H
#define INK_TOP_VECTORS_H

#include "dataset.h"

/* a [m, n] and its transpose; mean [n] is first taken from every row (principal components, where it is the columns' mean; it
 * must be that), or NULL; vectors [n, width] out: orthonormal columns, largest singular value first. They span the first
 * `width` right singular vectors as well as `passes` products with a^T a find them. width + 32 <= 2048; where that is more than n,
 * columns behind the n-th are zero. Same seed, same bits, whatever the number of workers.
 * Takes (m + n) (width + 32) floats. passes >= 1. Errors: INK_E_NO_MEMORY, INK_E_STOPPED, INK_E_DIVERGED. */
ink_status ink_top_vectors(const ink_matrix *a, const ink_matrix *transposed, const float *mean, uint32_t width, uint32_t passes,
                           uint64_t seed, const ink_train_env *env, float *vectors);

#endif
