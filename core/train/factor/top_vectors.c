/* top_vectors.c - see top_vectors.h. A block Q of a few more columns than are asked for is multiplied by A^T A and made
 * orthonormal, again and again: the product is turned to the axes in which its Gram matrix is diagonal, and its columns are
 * scaled to length 1. Columns of no length (the rank is below the width) become zero.
 *
 * With C = A - 1 mu^T, C Q = A Q - 1 (mu^T Q); the columns of C Q sum to zero, so C^T (C Q) = A^T (C Q): A stays sparse. */
#include "top_vectors.h"

#include "als.h"
#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

#define SPARE 32u                 /* columns that only help the others to settle */
#define ROWS 256u                 /* rows of a shard */
#define NO_LENGTH 1e-10f          /* of the largest squared length: rounding */

typedef struct subspace {
  const ink_matrix *a, *t;
  const float *mean;              /* [n] or NULL */
  uint32_t w;                     /* columns of the block */
  float *q, *y;                   /* [n, w], [m, w] */
  float *spectrum;                /* [w] squared lengths of the columns */
  uint32_t *places;               /* [w] columns, longest first */
  const ink_kernels *kernels;
} subspace;

/* ---------------------------------------------------------------- products */

typedef struct product {
  const ink_matrix *by;
  const float *from;
  float *to;
  uint32_t w;
  const ink_kernels *kernels;
} product;

static void product_rows(void *arg, uint32_t shard, uint32_t worker) {
  const product *p = arg;
  const uint32_t end = ink_min_u32((shard + 1) * ROWS, p->by->n_rows);
  (void)worker;
  for (uint32_t r = shard * ROWS; r < end; r++) {
    float *row = p->to + (size_t)r * p->w;
    ink_mem_fill(row, 0, p->w * sizeof *row);
    for (uint64_t e = p->by->starts[r]; e < p->by->starts[r + 1]; e++)
      p->kernels->axpy_f32(p->by->values[e], p->from + (size_t)p->by->cols[e] * p->w, row, p->w);
  }
}

static void multiply(const subspace *s, const ink_matrix *by, const float *from, float *to, const ink_train_env *env) {
  product p = { by, from, to, s->w, s->kernels };
  env->threads.parallel_for(env->threads.ctx, (by->n_rows + ROWS - 1) / ROWS, product_rows, &p);
}

/* y -= 1 (mean^T q). */
static void centre(const subspace *s) {
  float *shift = s->spectrum;     /* free between two products */
  ink_mem_fill(shift, 0, s->w * sizeof *shift);
  for (uint32_t i = 0; i < s->t->n_rows; i++) s->kernels->axpy_f32(s->mean[i], s->q + (size_t)i * s->w, shift, s->w);
  for (uint32_t r = 0; r < s->a->n_rows; r++) s->kernels->axpy_f32(-1.0f, shift, s->y + (size_t)r * s->w, s->w);
}

/* ------------------------------------------------------------- orthonormal */

/* Columns by length: insertion, a few hundred of them. */
static void order_columns(subspace *s) {
  for (uint32_t i = 0; i < s->w; i++) {
    uint32_t j = i;
    for (; j > 0 && s->spectrum[s->places[j - 1]] < s->spectrum[i]; j--) s->places[j] = s->places[j - 1];
    s->places[j] = i;
  }
}

static ink_status orthonormalise(subspace *s, const ink_train_env *env) {
  ink_als_side side = { .vectors = s->q, .n = s->t->n_rows };
  INK_TRY(ink_als_diagonalise(&side, NULL, s->w, env, s->spectrum));
  order_columns(s);
  const float least = NO_LENGTH * s->spectrum[s->places[0]];
  float *by = s->y;               /* free between two products */
  for (uint32_t k = 0; k < s->w; k++) by[k] = s->spectrum[k] > least ? 1.0f / ink_sqrt_f32(s->spectrum[k]) : 0.0f;
  for (uint32_t i = 0; i < side.n; i++)
    for (uint32_t k = 0; k < s->w; k++) s->q[(size_t)i * s->w + k] *= by[k];
  return INK_OK;
}

/* -------------------------------------------------------------------- door */

static ink_status iterate(subspace *s, uint32_t passes, const ink_train_env *env) {
  for (uint32_t pass = 0; pass < passes; pass++) {
    const ink_progress p = { .stage = "singular vectors", .done = pass, .total = passes, .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (env->progress && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
    multiply(s, s->a, s->q, s->y, env);
    if (s->mean != NULL) centre(s);
    multiply(s, s->t, s->y, s->q, env);
    INK_TRY(orthonormalise(s, env));
  }
  return INK_OK;
}

static ink_status take_all(subspace *s, const ink_train_env *env) {
  const uint64_t w = s->w;
  INK_NEW(&env->allocator, s->t->n_rows * w, &s->q);
  INK_NEW(&env->allocator, (s->a->n_rows + 1) * w, &s->y);
  INK_NEW(&env->allocator, w, &s->spectrum);
  INK_NEW(&env->allocator, w, &s->places);
  return INK_OK;
}

ink_status ink_top_vectors(const ink_matrix *a, const ink_matrix *transposed, const float *mean, uint32_t width, uint32_t passes,
                           uint64_t seed, const ink_train_env *env, float *vectors) {
  const uint32_t n = transposed->n_rows, spare = n > width ? ink_min_u32(SPARE, n - width) : 0;
  subspace s = { .a = a, .t = transposed, .mean = mean, .w = width + spare, .kernels = env->kernels != NULL ? env->kernels : ink_kernels_best() };
  ink_rng rng;
  ink_status status = take_all(&s, env);
  if (status == INK_OK) {
    ink_rng_seed(&rng, seed, 0);
    for (size_t i = 0; i < (size_t)transposed->n_rows * s.w; i++) s.q[i] = (float)ink_rng_normal(&rng);
    status = iterate(&s, passes, env);
  }
  for (uint32_t i = 0; status == INK_OK && i < transposed->n_rows; i++)
    for (uint32_t k = 0; k < width; k++) vectors[(size_t)i * width + k] = s.q[(size_t)i * s.w + s.places[k]];
  void *const blocks[] = { s.q, s.y, s.spectrum, s.places };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  return status;
}
