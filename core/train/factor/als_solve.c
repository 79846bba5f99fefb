/* als_solve.c - see als_solve.h. Observations are gathered into a block of scratch, scaled by D^(-1/2), so that the
 * kernels work on contiguous rows; rows with more observations than the block holds pass through it in turns.
 * Reading order: gathering, the four ways, the door. */
#include "als_solve.h"

#include "caps.h"
#include "fmath.h"
#include "mem.h"
#include "base.h"

#define LEAST_BLOCK 256u          /* observations gathered at a time, at least */

ink_status ink_als_scratch_take(ink_als_scratch *s, const ink_als_system *system, ink_arena *arena) {
  s->stride = (uint32_t)ink_align_up(system->m, 16);
  s->block = ink_max_u32(s->stride, LEAST_BLOCK);
  INK_TAKE(arena, (size_t)s->block * s->stride, &s->rows);
  INK_TAKE(arena, (size_t)s->stride * s->stride, &s->matrix);
  INK_TAKE(arena, s->stride, &s->scale);
  INK_TAKE(arena, s->stride, &s->rhs);
  INK_TAKE(arena, s->stride, &s->z);
  INK_TAKE(arena, s->stride, &s->r);
  INK_TAKE(arena, s->stride, &s->p);
  INK_TAKE(arena, s->block, &s->t);
  INK_TAKE(arena, s->block, &s->root);
  INK_TAKE(arena, system->block > 0 ? system->longest : 0, &s->left);
  return INK_OK;
}

/* ---------------------------------------------------------------- gathering */

/* Unknowns first .. first + n - 1, and how far apart their rows lie in scratch. */
typedef struct lot { uint32_t first, n, stride; } lot;

static lot all_unknowns(const ink_als_system *system, const ink_als_scratch *s) { return (lot){ 0, system->m, s->stride }; }

/* Observations first..first+n-1 as rows of scratch: D^(-1/2) y, of which the unknowns of `l`. */
static void gather(const ink_als_system *system, const ink_als_row *row, uint32_t first, uint32_t n, lot l, const ink_als_scratch *s) {
  const uint32_t d = system->d, end = l.first + l.n, of_vector = ink_min_u32(end, d) - l.first;
  const float *restrict scale = s->scale + l.first;
  for (uint32_t j = 0; j < n; j++) {
    const float *restrict from = system->other + (size_t)row->cols[first + j] * d + l.first;
    float *restrict to = s->rows + (size_t)j * l.stride;
    for (uint32_t k = 0; k < of_vector; k++) to[k] = scale[k] * from[k];
    if (end > d) to[of_vector] = scale[of_vector];
  }
}

/* All observations as columns of scratch, weighted: element (k, j) = a_j^(1/2) D_k^(-1/2) y_jk; zeros from n to `width`.
 * Four at a time, so that each store fills a quarter of a line. */
static void gather_columns(const ink_als_system *system, const ink_als_row *row, uint32_t width, const ink_als_scratch *s) {
  const uint32_t d = system->d, n = row->n;
  const size_t lda = width;
  const float *restrict scale = s->scale;
  float *restrict to = s->rows;
  for (uint32_t j = 0; j < width; j += 4) {
    const float *restrict from[4];
    float root[4];
    for (uint32_t l = 0; l < 4; l++) {
      from[l] = system->other + (size_t)row->cols[ink_min_u32(j + l, n - 1)] * d;
      root[l] = j + l < n ? s->root[j + l] : 0.0f;
    }
    for (uint32_t k = 0; k < d; k++)
      for (uint32_t l = 0; l < 4; l++) to[k * lda + j + l] = root[l] * (scale[k] * from[l][k]);
    for (uint32_t l = 0; l < 4 && system->m > d; l++) to[d * lda + j + l] = root[l] * scale[d];
  }
}

static void identity(float *a, uint32_t n, size_t lda) {
  for (uint32_t r = 0; r < n; r++) {
    ink_mem_fill(a + r * lda, 0, ink_align_up(r + 1, 8) * sizeof *a);
    a[r * lda + r] = 1.0f;
  }
}

/* ------------------------------------------------------------- direct, [m, m] */

static bool solve_primal(const ink_als_system *system, const ink_als_row *row, const ink_als_scratch *s) {
  const ink_kernels *k = system->kernels;
  identity(s->matrix, system->m, s->stride);
  ink_mem_fill(s->rhs, 0, system->m * sizeof *s->rhs);
  for (uint32_t first = 0; first < row->n; first += s->block) {
    const uint32_t n = ink_min_u32(s->block, row->n - first);
    gather(system, row, first, n, all_unknowns(system, s), s);
    k->syrk_f32(s->rows, s->stride, row->a + first, n, system->m, s->matrix, s->stride);
    k->gather_axpy_f32(s->rows, s->stride, row->b + first, n, system->m, s->rhs);
  }
  if (!k->chol_f32(s->matrix, system->m, s->stride)) return false;
  k->chol_solve_f32(s->matrix, system->m, s->stride, s->rhs, s->z);
  return true;
}

/* ------------------------------------------------------------- direct, [n, n] */

/* With W = A^(1/2) Y D^(-1/2) [n, m]: (I + W W^T) v = A^(-1/2) b, z = W^T v. No difference of large numbers occurs.
 * The system is filled up to whole vectors with rows of the identity, whose unknowns are 0. */
static bool solve_dual(const ink_als_system *system, const ink_als_row *row, const ink_als_scratch *s) {
  const ink_kernels *k = system->kernels;
  const uint32_t n = row->n, m = system->m, width = (uint32_t)ink_align_up(n, 8);
  for (uint32_t j = 0; j < n; j++) s->root[j] = ink_sqrt_f32(row->a[j]);
  gather_columns(system, row, width, s);
  identity(s->matrix, width, width);
  for (uint32_t i = 0; i < m; i++) s->p[i] = 1.0f;
  k->syrk_f32(s->rows, width, s->p, m, width, s->matrix, width);
  if (!k->chol_f32(s->matrix, width, width)) return false;
  for (uint32_t j = 0; j < width; j++) s->t[j] = j < n ? row->b[j] / s->root[j] : 0.0f;
  k->chol_solve_f32(s->matrix, width, width, s->t, s->t);
  k->gemv_f32(s->rows, width, m, width, s->t, s->z);
  return true;
}

/* ------------------------------------------------------- conjugate gradients */

/* out [m] = (I + Y^T A Y) v, or with `pull` the residual's part Y^T (b - A Y v) - v. */
static void apply(const ink_als_system *system, const ink_als_row *row, const float *v, bool pull, const ink_als_scratch *s, float *out) {
  const ink_kernels *k = system->kernels;
  for (uint32_t i = 0; i < system->m; i++) out[i] = pull ? -v[i] : v[i];
  for (uint32_t first = 0; first < row->n; first += s->block) {
    const uint32_t n = ink_min_u32(s->block, row->n - first);
    if (row->n > s->block) gather(system, row, first, n, all_unknowns(system, s), s);
    k->gemv_f32(s->rows, s->stride, n, system->m, v, s->t);
    for (uint32_t j = 0; j < n; j++) {
      const float at = row->a[first + j] * s->t[j];
      s->t[j] = pull ? row->b[first + j] - at : at;
    }
    k->gather_axpy_f32(s->rows, s->stride, s->t, n, system->m, out);
  }
}

static void solve_gradients(const ink_als_system *system, const ink_als_row *row, const float *x, const ink_als_scratch *s) {
  const ink_kernels *k = system->kernels;
  const uint32_t m = system->m;
  if (row->n <= s->block) gather(system, row, 0, row->n, all_unknowns(system, s), s);
  for (uint32_t i = 0; i < m; i++) s->z[i] = x[i] / s->scale[i];
  apply(system, row, s->z, true, s, s->r);
  ink_mem_copy(s->p, s->r, m * sizeof *s->p);
  float size = k->dot_f32(s->r, s->r, m);
  for (uint32_t step = 0; step < system->cg_steps && size > 1e-20f; step++) {
    apply(system, row, s->p, false, s, s->rhs);
    const float along = size / k->dot_f32(s->p, s->rhs, m), before = size;
    k->axpy_f32(along, s->p, s->z, m);
    k->axpy_f32(-along, s->rhs, s->r, m);
    size = k->dot_f32(s->r, s->r, m);
    for (uint32_t i = 0; i < m; i++) s->p[i] = s->r[i] + size / before * s->p[i];
  }
}

/* ------------------------------------------------------------------ blocks */

/* left [n] = b - a y.x, from the vectors as they lie. */
static void find_left(const ink_als_system *system, const ink_als_row *row, const float *x, const ink_als_scratch *s) {
  const uint32_t d = system->d;
  const float bias = system->m > d ? x[d] : 0.0f;
  for (uint32_t j = 0; j < row->n; j++) {
    const float score = system->kernels->dot_f32(system->other + (size_t)row->cols[j] * d, x, d) + bias;
    s->left[j] = row->b[j] - row->a[j] * score;
  }
}

/* The lot's own system, with what is left as its pulls: (I + Y^T A Y) step = Y^T left - z. */
static bool solve_lot(const ink_als_system *system, const ink_als_row *row, lot l, const ink_als_scratch *s, float *step) {
  const ink_kernels *k = system->kernels;
  identity(s->matrix, l.n, l.stride);
  for (uint32_t i = 0; i < l.n; i++) step[i] = -s->z[l.first + i];
  for (uint32_t first = 0; first < row->n; first += s->block) {
    const uint32_t n = ink_min_u32(s->block, row->n - first);
    gather(system, row, first, n, l, s);
    k->syrk_f32(s->rows, l.stride, row->a + first, n, l.n, s->matrix, l.stride);
    k->gather_axpy_f32(s->rows, l.stride, s->left + first, n, l.n, step);
  }
  if (!k->chol_f32(s->matrix, l.n, l.stride)) return false;
  k->chol_solve_f32(s->matrix, l.n, l.stride, step, step);
  return true;
}

/* A row that fits into scratch still lies there from solve_lot(). */
static void take_step(const ink_als_system *system, const ink_als_row *row, lot l, const float *step, const ink_als_scratch *s) {
  for (uint32_t i = 0; i < l.n; i++) s->z[l.first + i] += step[i];
  for (uint32_t first = 0; first < row->n; first += s->block) {
    const uint32_t n = ink_min_u32(s->block, row->n - first);
    if (row->n > s->block) gather(system, row, first, n, l, s);
    system->kernels->gemv_f32(s->rows, l.stride, n, l.n, step, s->t);
    for (uint32_t j = 0; j < n; j++) s->left[first + j] -= row->a[first + j] * s->t[j];
  }
}

static bool solve_blocks(const ink_als_system *system, const ink_als_row *row, const float *x, const ink_als_scratch *s) {
  const uint32_t m = system->m;
  for (uint32_t i = 0; i < m; i++) s->z[i] = x[i] / s->scale[i];
  find_left(system, row, x, s);
  for (uint32_t first = 0; first < m; first += system->block) {
    const uint32_t n = ink_min_u32(system->block, m - first);
    const lot l = { first, n, (uint32_t)ink_align_up(n, 16) };
    if (!solve_lot(system, row, l, s, s->rhs)) return false;
    take_step(system, row, l, s->rhs, s);
  }
  return true;
}

/* -------------------------------------------------------------------- door */

static bool all_positive(const float *a, uint32_t n) {
  for (uint32_t j = 0; j < n; j++)
    if (!(a[j] > 0.0f)) return false;
  return true;
}

/* Multiplications of a direct solve of the smaller system. */
static double direct_cost(double m, double n) {
  const double least = n < m ? n : m, most = n < m ? m : n;
  return least * least * (most / 2.0 + least / 6.0);
}

/* The same for steps over n rows. */
static bool gradients_pay(const ink_als_system *system, uint32_t n) {
  const double m = system->m;
  return system->cg_steps > 0 && 2.0 * n * m * (system->cg_steps + 1.0) < direct_cost(m, n);
}

/* Blocks do not run at the speed of a direct solve, so their cost is measured, in its multiplications: that of an observation,
 * and that of a block's own small solve, for d of 64 to 512 and blocks of 8 to 128. */
bool ink_als_blocks_pay(const ink_als_system *system, uint32_t n) {
  const double m = system->m, b = system->block;
  return system->block > 0 && system->block < system->m && m * (n * (19.0 + b / 4.0) + 900.0 + 40.0 * b) < direct_cost(m, n);
}

static bool solve_some_way(const ink_als_system *system, const ink_als_row *row, const ink_als_scratch *s, const float *x) {
  if (gradients_pay(system, row->n)) {
    solve_gradients(system, row, x, s);
    return true;
  }
  if (system->block > 0 && system->block < system->m) return solve_blocks(system, row, x, s);
  if (row->n <= system->m && all_positive(row->a, row->n)) return solve_dual(system, row, s);
  return solve_primal(system, row, s);
}

ink_status ink_als_solve(const ink_als_system *system, const ink_als_row *row, const float *diagonal, ink_als_scratch *s, float *x) {
  const uint32_t m = system->m;
  bool usable = true;
  if (row->n == 0) {
    ink_mem_fill(x, 0, m * sizeof *x);
    return INK_OK;
  }
  for (uint32_t i = 0; i < m; i++) s->scale[i] = 1.0f / ink_sqrt_f32(diagonal[i]);
  if (!solve_some_way(system, row, s, x)) return INK_E_DIVERGED;
  for (uint32_t i = 0; i < m; i++) {
    x[i] = s->scale[i] * s->z[i];
    usable = usable && x[i] <= INK_CAP_MAGNITUDE && x[i] >= -INK_CAP_MAGNITUDE;
  }
  return usable ? INK_OK : INK_E_DIVERGED;
}
