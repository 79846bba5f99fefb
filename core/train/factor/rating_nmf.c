/* rating_nmf.c - coordinate descent on one side of a nonnegative factorization (Cichocki & Phan 2009; for observed entries only: Yu et
 * al. 2012): each element goes to its exact minimum while all others stand still, cut at 0. No step is too long, and the
 * objective never rises. */
#include "rating_model.h"

#include "blocks.h"
#include "mem.h"
#include "base.h"

#define SHARD_ROWS 64u

typedef struct pass {
  const ink_als_matrix *rows;
  const float *other;
  float *own;
  uint32_t d, longest;
  float lambda;
  float *rest;                    /* [n_workers, longest] what the row's observations lack */
} pass;

/* b - own . other for each observation of row r. */
static void fill_rest(const pass *p, uint32_t r, float *rest) {
  const uint64_t first = p->rows->starts[r], end = p->rows->starts[r + 1];
  const float *x = p->own + (size_t)r * p->d;
  for (uint64_t e = first; e < end; e++) {
    const float *y = p->other + (size_t)p->rows->cols[e] * p->d;
    float fit = 0.0f;
    for (uint32_t k = 0; k < p->d; k++) fit += x[k] * y[k];
    rest[e - first] = p->rows->b[e] - fit;
  }
}

static void solve_element(const pass *p, uint32_t r, uint32_t k, float *rest) {
  const uint64_t first = p->rows->starts[r], end = p->rows->starts[r + 1];
  float *x = p->own + (size_t)r * p->d + k;
  float pull = 0.0f, size = p->lambda * (float)(end - first);
  for (uint64_t e = first; e < end; e++) {
    const float y = p->other[(size_t)p->rows->cols[e] * p->d + k], ay = p->rows->a[e] * y;
    pull += ay * (rest[e - first] + *x * y);
    size += ay * y;
  }
  const float to = size > 0.0f && pull > 0.0f ? pull / size : 0.0f, by = to - *x;
  *x = to;
  if (by == 0.0f) return;
  for (uint64_t e = first; e < end; e++) rest[e - first] -= by * p->other[(size_t)p->rows->cols[e] * p->d + k];
}

static void solve_shard(void *arg, uint32_t shard, uint32_t worker) {
  const pass *p = arg;
  const uint32_t end = ink_min_u32((shard + 1) * SHARD_ROWS, p->rows->n_rows);
  float *rest = p->rest + (size_t)worker * p->longest;
  for (uint32_t r = shard * SHARD_ROWS; r < end; r++) {
    fill_rest(p, r, rest);
    for (uint32_t k = 0; k < p->d; k++) solve_element(p, r, k, rest);
  }
}

ink_status ink_rating_positive_pass(const ink_als_matrix *rows, const float *other, uint32_t d, float lambda, const ink_train_env *env, float *own) {
  pass p = { .rows = rows, .other = other, .own = own, .d = d, .lambda = lambda };
  for (uint32_t r = 0; r < rows->n_rows; r++) p.longest = ink_max_u32(p.longest, (uint32_t)(rows->starts[r + 1] - rows->starts[r]));
  INK_NEW(&env->allocator, (uint64_t)env->threads.n_workers * p.longest, &p.rest);
  env->threads.parallel_for(env->threads.ctx, (rows->n_rows + SHARD_ROWS - 1) / SHARD_ROWS, solve_shard, &p);
  ink_block_free(&env->allocator, p.rest);
  return INK_OK;
}
