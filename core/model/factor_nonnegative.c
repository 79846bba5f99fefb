/* factor_nonnegative.c - a ridge system whose solution may not be negative: the fold of nonnegative factorization.
 *
 * A fixed number of passes of projected coordinate descent (Franc, Hlavac & Navara 2005; each step is the exact
 * minimum over one unknown) finds which unknowns stay at zero. Over the others the solution is that of a plain system,
 * so it is solved once more with Cholesky; should that make one of them negative (the passes had not settled), the
 * descent's own answer stands, which is nonnegative in any case. Reasons solve with the same factor. */
#include "factor.h"

#include "mem.h"

#include "base.h"

#define PASSES 40u

/* Row k of the symmetric A, stored as its lower triangle, times x. */
static float product(const float *a, size_t stride, uint32_t m, uint32_t k, const float *x) {
  float sum = 0.0f;
  for (uint32_t j = 0; j < m; j++) sum += (j <= k ? a[k * stride + j] : a[j * stride + k]) * x[j];
  return sum;
}

static void descend(const ink_factor *f, const float *a, const float *rhs, float *x) {
  for (uint32_t j = 0; j < f->m; j++) x[j] = 0.0f;
  for (uint32_t pass = 0; pass < PASSES; pass++)
    for (uint32_t k = 0; k < f->m; k++) {
      const float pivot = a[(size_t)k * f->stride + k], to = x[k] + (rhs[k] - product(a, f->stride, f->m, k, x)) / pivot;
      x[k] = to > 0.0f || k == f->rows.d ? to : 0.0f;
    }
}

/* Rows and columns of unknowns at zero become those of the unit matrix. */
static void keep_above_zero(const ink_factor *f, const float *x, float *a) {
  for (uint32_t r = 0; r < f->m; r++)
    for (uint32_t c = 0; c <= r; c++)
      if (x[r] == 0.0f || x[c] == 0.0f) a[(size_t)r * f->stride + c] = r == c ? 1.0f : 0.0f;
}

ink_status ink_factor_nonnegative(const ink_factor *f, ink_factor_state *s) {
  bool settled = true;
  for (uint32_t k = 0; k < f->m; k++)
    if (!(s->l[(size_t)k * f->stride + k] > 0.0f)) return INK_E_SINGULAR;
  descend(f, s->l, s->rhs, s->x);
  keep_above_zero(f, s->x, s->l);
  for (uint32_t k = 0; k < f->m; k++)
    if (s->x[k] == 0.0f) s->rhs[k] = 0.0f;
  if (!f->kernels->chol_f32(s->l, f->m, f->stride)) return INK_E_SINGULAR;
  f->kernels->chol_solve_f32(s->l, f->m, f->stride, s->rhs, s->rhs);
  for (uint32_t k = 0; k < f->rows.d; k++) settled &= s->rhs[k] >= 0.0f;
  if (settled) ink_mem_copy(s->x, s->rhs, f->m * sizeof *s->x);
  return INK_OK;
}
