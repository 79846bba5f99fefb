/* eigen.h - eigenvalues and eigenvectors of a symmetric matrix, for training.
 * Householder reduction to three diagonals, then implicit QR steps with Wilkinson's shift
 * (Golub & Van Loan, Matrix Computations, 4th ed., 8.3.1 and 8.3.5). Doubles; no BLAS; not in inference. */
#ifndef INK_EIGEN_H
#define INK_EIGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A = sum_k values[k] v_k v_k^T.
 *   a        [n, n] io   whole symmetric matrix; destroyed
 *   values   [n]    out  in no particular order
 *   vectors  [n, n] out  row k = v_k; orthonormal up to rounding
 *   scratch  [2n]
 * False when QR does not settle within 60 n steps, which finite input has not been seen to do: results are undefined then.
 * Cost about 9 n^3 flops. */
bool ink_eigen_symmetric(double *a, uint32_t n, double *values, double *vectors, double *scratch);

#endif
