/* als_solve.h - one row's ridge system of alternating least squares, whichever side and mode it comes from:
 *
 *     (D + sum_j a_j y_j y_j^T) x = sum_j b_j y_j        D = diag(diagonal) > 0, a_j >= 0
 *
 * y_j [m] is row cols[j] of the other side; in explicit mode (m = d + 1) a 1 for the bias stands at its end.
 * In implicit mode the Gram matrix is part of D: als_basis.h turns it diagonal.
 *
 * Four ways, all in the scaled unknown z = D^(1/2) x, whose matrix is I plus the observations' share:
 *   n > m             Cholesky of I + Y^T A Y                      [m, m]
 *   n <= m, all a > 0 Cholesky of I + A^(1/2) Y Y^T A^(1/2)        [n, n]: for most rows by far the smaller one
 *   cg_steps > 0      conjugate gradients from the row's old x, where they cost less than either
 *   block > 0         `block` unknowns of the old x after `block`, each lot exactly while the others stand still (Rendle et al.
 *                     2021, iALS++): the row's objective never rises. One block of everything is the exact solve
 * The first two are exact (Woodbury's identity); which is taken shows only in rounding. */
#ifndef INK_ALS_SOLVE_H
#define INK_ALS_SOLVE_H

#include "arena.h"
#include "kernel.h"

typedef struct ink_als_system {
  const ink_kernels *kernels;
  const float *other;             /* [n_cols, d] */
  uint32_t d, m;                  /* m = d, or d + 1 */
  uint32_t cg_steps;              /* 0 as is `block`: always exact */
  uint32_t block;                 /* counts where cg_steps = 0 */
  uint32_t longest;               /* most observations of a row; read where block > 0 */
} ink_als_system;

/* One row's observations. */
typedef struct ink_als_row {
  const uint32_t *cols;           /* [n] rows of `other` */
  const float *a, *b;             /* [n] */
  uint32_t n;
} ink_als_row;

/* Scratch of one call at a time: takes its blocks from `arena`, which may measure. One for each worker. */
typedef struct ink_als_scratch {
  float *rows;                    /* gathered, scaled vectors: [block, stride] or transposed */
  float *matrix;                  /* [stride, stride] */
  float *scale;                   /* [stride] D^(-1/2) */
  float *rhs, *z, *r, *p;         /* [stride] */
  float *t, *root;                /* [block] */
  float *left;                    /* [longest] what the row's x leaves of each pull: b - a y.x */
  uint32_t block, stride;
} ink_als_scratch;
ink_status ink_als_scratch_take(ink_als_scratch *s, const ink_als_system *system, ink_arena *arena);

/* Whether blocks cost less than the exact solve of a row of n observations; a matter of sizes alone. */
bool ink_als_blocks_pay(const ink_als_system *system, uint32_t n);

/* x [m] io (read only where conjugate gradients or blocks start from it). n = 0 gives zeros.
 * INK_E_DIVERGED when a pivot or a result is not a usable number (x is then undefined). */
ink_status ink_als_solve(const ink_als_system *system, const ink_als_row *row, const float *diagonal, ink_als_scratch *s, float *x);

#endif
