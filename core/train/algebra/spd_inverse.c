/* spd_inverse.c - see spd_inverse.h. The sweep operator over blocks (Goodnight 1979; block Gauss-Jordan).
 *
 * Sweeping block k of a symmetric A, with D = A_kk, W = the columns k of A:
 *   A_ij -= W_i D^-1 W_j^T      A_ik = -W_i D^-1      A_kk = -D^-1          (i, j != k)
 * keeps A symmetric; after every block was swept once A holds -A^-1 (the operator has A_ik = W_i D^-1: a sign of row and column k,
 * which the pair i, k is given twice). It does as many flops as a Cholesky factor, its
 * inverse and their product (n^3), nearly all of them in one large matrix product a block, and needs one triangle.
 * A block is a panel of the matrix, and a panel is what a worker takes: it alone writes the products of its rows and what the
 * sweep leaves in its columns of block k. Pivot blocks are factored and inverted by Cholesky in double. */
#include "spd_inverse.h"

#include "base.h"
#include "blocks.h"
#include "fmath.h"
#include "gemm.h"
#include "mem.h"

#define SIZE INK_SYMMETRIC_PANEL
_Static_assert(SIZE <= INK_GEMM_DEPTH && SIZE % INK_GEMM_COLUMNS == 0, "a panel is packed in one piece");

typedef struct sweep {
  const ink_symmetric *a;
  uint32_t block, size;           /* the pivot block, its rows */
  float *w, *v;                   /* [n, size] the block's columns, packed as the right side of products; times -D^-1 */
  float *pivot;                   /* [size, size] -D^-1 */
  double *d, *inverse;            /* [SIZE, SIZE] */
  const ink_gemm *gemm;
  uint8_t *scratch;               /* [n_workers] of scratch_bytes: for products, and [SIZE, SIZE] of W */
  size_t scratch_bytes, gemm_bytes;
} sweep;

static uint32_t rows_of(const sweep *s, uint32_t panel) { return ink_min_u32(SIZE, s->a->n - panel * SIZE); }

/* ------------------------------------------------------------------- pivot */

/* L L^T = d, in its lower triangle; after a column is done it is taken from what lies behind, along rows. What is left of a
 * pivot must be more than the rounding of the floats it came from. */
static bool factor(double *d, uint32_t size) {
  double column[SIZE], least[SIZE];
  for (uint32_t j = 0; j < size; j++) least[j] = d[(size_t)j * size + j] * 0x1p-24;
  for (uint32_t j = 0; j < size; j++) {
    const double left = d[(size_t)j * size + j];
    if (!(left > least[j] && left > 0.0)) return false;
    const double root = ink_sqrt_f64(left);
    d[(size_t)j * size + j] = root;
    for (uint32_t i = j + 1; i < size; i++) column[i] = d[(size_t)i * size + j] /= root;
    for (uint32_t i = j + 1; i < size; i++) {
      double *row = d + (size_t)i * size;
      const double by = column[i];
      for (uint32_t k = j + 1; k <= i; k++) row[k] -= by * column[k];
    }
  }
  return true;
}

/* inverse = L^-1, lower triangle; row by row, so that every inner loop runs along rows. */
static void invert_factor(const double *l, uint32_t size, double *inverse) {
  for (uint32_t i = 0; i < size; i++) {
    double *row = inverse + (size_t)i * size;
    for (uint32_t j = 0; j < size; j++) row[j] = i == j ? 1.0 : 0.0;
    for (uint32_t k = 0; k < i; k++) {
      const double *above = inverse + (size_t)k * size, by = l[(size_t)i * size + k];
      for (uint32_t j = 0; j <= k; j++) row[j] -= by * above[j];
    }
    for (uint32_t j = 0; j <= i; j++) row[j] /= l[(size_t)i * size + i];
  }
}

/* pivot = -D^-1 = -(L^-1)^T L^-1. */
static bool invert_pivot(sweep *s) {
  const uint32_t size = s->size;
  for (uint32_t i = 0; i < size; i++) {
    const float *row = ink_symmetric_row(s->a, s->block * SIZE + i) + s->block * SIZE;
    for (uint32_t j = 0; j <= i; j++) s->d[(size_t)i * size + j] = (double)row[j];
  }
  if (!factor(s->d, size)) return false;
  invert_factor(s->d, size, s->inverse);
  for (size_t i = 0; i < (size_t)size * size; i++) s->d[i] = 0.0;
  for (uint32_t k = 0; k < size; k++) {
    const double *row = s->inverse + (size_t)k * size;
    for (uint32_t i = 0; i <= k; i++)
      for (uint32_t j = 0; j <= i; j++) s->d[(size_t)i * size + j] -= row[i] * row[j];
  }
  for (uint32_t i = 0; i < size; i++)
    for (uint32_t j = 0; j <= i; j++) s->pivot[(size_t)i * size + j] = s->pivot[(size_t)j * size + i] = (float)s->d[(size_t)i * size + j];
  return true;
}

/* ------------------------------------------------------------------ panels */

/* W of a panel from the lower triangle, packed, and V = W (-D^-1). */
static void gather_panel(void *arg, uint32_t panel, uint32_t worker) {
  const sweep *s = arg;
  const uint32_t rows = rows_of(s, panel), size = s->size;
  uint8_t *scratch = s->scratch + worker * s->scratch_bytes;
  float *w = (float *)(void *)(scratch + s->gemm_bytes);
  if (panel == s->block) return;
  if (panel > s->block) {
    const float *from = ink_symmetric_panel(s->a, panel) + s->block * SIZE;
    for (uint32_t i = 0; i < rows; i++) ink_mem_copy(w + (size_t)i * size, from + i * ink_symmetric_stride(panel), size * sizeof *w);
  } else {
    ink_symmetric_turn(ink_symmetric_panel(s->a, s->block) + panel * SIZE, ink_symmetric_stride(s->block), size, rows, w, size);
  }
  ink_gemm_pack(s->gemm, size, rows, ink_gemm_transposed(w, size), s->w + (size_t)panel * SIZE * size);
  ink_gemm_run(s->gemm, rows, size, size, ink_gemm_plain(w, size), ink_gemm_plain(s->pivot, size), s->v + (size_t)panel * SIZE * size, size,
               false, scratch);
}

/* What the sweep leaves in this panel's part of block k: V, where the lower triangle holds it. */
static void put_back(const sweep *s, uint32_t panel) {
  const uint32_t rows = rows_of(s, panel), size = s->size;
  const float *v = s->v + (size_t)panel * SIZE * size;
  float *own = ink_symmetric_panel(s->a, s->block);
  if (panel == s->block) {
    for (uint32_t i = 0; i < size; i++)
      ink_mem_copy(own + i * ink_symmetric_stride(panel) + panel * SIZE, s->pivot + (size_t)i * size, size * sizeof *own);
    return;
  }
  if (panel < s->block) {
    ink_symmetric_turn(v, size, rows, size, own + panel * SIZE, ink_symmetric_stride(s->block));
    return;
  }
  float *to = ink_symmetric_panel(s->a, panel) + s->block * SIZE;
  for (uint32_t i = 0; i < rows; i++) ink_mem_copy(to + i * ink_symmetric_stride(panel), v + (size_t)i * size, size * sizeof *to);
}

/* A_ij -= W_i D^-1 W_j^T up to the diagonal, left and right of block k; the last panels, which are the longest, come first. */
static void update_panel(void *arg, uint32_t shard, uint32_t worker) {
  const sweep *s = arg;
  const uint32_t panel = ink_symmetric_panels(s->a->n) - 1 - shard, rows = rows_of(s, panel), size = s->size;
  const size_t stride = ink_symmetric_stride(panel);
  const uint32_t end = panel * SIZE + rows, left = ink_min_u32(s->block * SIZE, end), right = s->block * SIZE + size;
  const ink_gemm_in v = ink_gemm_plain(s->v + (size_t)panel * SIZE * size, size);
  float *to = ink_symmetric_panel(s->a, panel);
  uint8_t *scratch = s->scratch + worker * s->scratch_bytes;
  if (panel != s->block) {
    ink_gemm_run_packed(s->gemm, rows, left, size, v, s->w, to, stride, true, scratch);
    if (right < end)
      ink_gemm_run_packed(s->gemm, rows, end - right, size, v, s->w + (size_t)right * size, to + right, stride, true, scratch);
  }
  put_back(s, panel);
}

static void negate_panel(void *arg, uint32_t panel, uint32_t worker) {
  const sweep *s = arg;
  float *data = ink_symmetric_panel(s->a, panel);
  (void)worker;
  for (size_t i = 0; i < rows_of(s, panel) * ink_symmetric_stride(panel); i++) data[i] = -data[i];
}

/* ------------------------------------------------------------------- doors */

static ink_status sweep_all(sweep *s, const char *stage, const ink_train_env *env) {
  const uint32_t n_panels = ink_symmetric_panels(s->a->n);
  for (s->block = 0; s->block < n_panels; s->block++) {
    const ink_progress p = { .stage = stage, .done = s->block * SIZE, .total = s->a->n, .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (env->progress && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
    s->size = rows_of(s, s->block);
    if (!invert_pivot(s)) return INK_E_SINGULAR;
    env->threads.parallel_for(env->threads.ctx, n_panels, gather_panel, s);
    env->threads.parallel_for(env->threads.ctx, n_panels, update_panel, s);
  }
  env->threads.parallel_for(env->threads.ctx, n_panels, negate_panel, s);
  return INK_OK;
}

static uint64_t beside_floats(uint32_t n) { return (uint64_t)ink_symmetric_panels(n) * SIZE * SIZE; }

static ink_status take_all(sweep *s, const ink_train_env *env) {
  INK_NEW(&env->allocator, beside_floats(s->a->n), &s->w);
  INK_NEW(&env->allocator, beside_floats(s->a->n), &s->v);
  INK_NEW(&env->allocator, SIZE * SIZE, &s->pivot);
  INK_NEW(&env->allocator, SIZE * SIZE, &s->d);
  INK_NEW(&env->allocator, SIZE * SIZE, &s->inverse);
  INK_NEW(&env->allocator, env->threads.n_workers * (uint64_t)s->scratch_bytes, &s->scratch);
  return INK_OK;
}

ink_status ink_spd_inverse(const ink_symmetric *a, const char *stage, const ink_train_env *env) {
  sweep s = { .a = a, .gemm = ink_gemm_best() };
  s.gemm_bytes = ink_align_up(ink_gemm_scratch_bytes(s.gemm), INK_ALIGN);
  s.scratch_bytes = s.gemm_bytes + ink_align_up(SIZE * SIZE * sizeof(float), INK_ALIGN);
  ink_status status = take_all(&s, env);
  if (status == INK_OK) status = sweep_all(&s, stage, env);
  void *const blocks[] = { s.w, s.v, s.pivot, s.d, s.inverse, s.scratch };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  return status;
}

double ink_spd_inverse_beside(uint32_t n) { return 2.0 * (double)beside_floats(n) * sizeof(float); }
