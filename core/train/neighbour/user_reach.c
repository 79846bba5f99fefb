/* user_reach.c - see user_reach.h. For each row the products with all people, as far as they share an item. */
#include "user_reach.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "topk.h"
#include "base.h"

#define ROWS 16u                  /* rows of a shard */
#define SLACK 1e-5f               /* serving adds in another order: the last that is reached is to stay within */

typedef struct reaching {
  const ink_reach_job *job;
  ink_matrix rows;                /* [P, N] weighted */
  float *lengths;                 /* [n_people] */
  float *products;                /* [n_workers * n_people] zero between rows */
  float *scores;                  /* [n_workers * K] */
  uint32_t *best;                 /* [n_workers * K] */
  float *reach;
} reaching;

static float length_of(const ink_matrix *m, uint32_t row) {
  double squares = 0.0;
  for (uint64_t e = m->starts[row]; e < m->starts[row + 1]; e++) squares += (double)m->values[e] * (double)m->values[e];
  return (float)ink_sqrt_f64(squares);
}

static void reach_of(const reaching *r, uint32_t row, float *products, ink_topk *top) {
  const ink_reach_job *job = r->job;
  const float length = length_of(&r->rows, row);
  for (uint64_t e = r->rows.starts[row]; e < r->rows.starts[row + 1]; e++) {
    const uint32_t item = r->rows.cols[e];
    const float v = r->rows.values[e];
    for (uint64_t f = job->items->starts[item]; f < job->items->starts[item + 1]; f++) products[job->items->cols[f]] += v * job->items->values[f];
  }
  top->n = 0;
  for (uint32_t u = 0; u < job->people->n_rows; u++) {
    const float by = length * r->lengths[u] + job->shrink, like = by > 0.0f ? products[u] / by : 0.0f;
    if (like > 0.0f && !(job->rows_are_people && u == row)) ink_topk_push(top, like, u);
    products[u] = 0.0f;
  }
  r->reach[row] = top->n == top->k ? top->scores[0] * (1.0f - SLACK) : 0.0f;
}

static void run_shard(void *arg, uint32_t shard, uint32_t worker) {
  const reaching *r = arg;
  const uint32_t k = r->job->n_reached, end = ink_min_u32((shard + 1) * ROWS, r->job->n_rows);
  ink_topk top;
  ink_topk_init(&top, r->scores + (size_t)worker * k, r->best + (size_t)worker * k, k);
  for (uint32_t row = shard * ROWS; row < end; row++) reach_of(r, row, r->products + (size_t)worker * r->job->people->n_rows, &top);
}

/* The pairs by row instead of by item, with the items' weights. */
static ink_status turn(const ink_reach_job *job, const ink_train_env *env, ink_matrix *rows) {
  const ink_allocator *a = &env->allocator;
  const uint32_t n_items = job->items->n_rows, n_pairs = job->ends[n_items - 1];
  uint64_t *starts = ink_block_resize(a, NULL, (uint64_t)n_items + 1, sizeof *starts);
  float *values = ink_block_resize(a, NULL, n_pairs, sizeof *values);
  ink_status status = starts != NULL && values != NULL ? INK_OK : INK_E_NO_MEMORY;
  for (uint32_t i = 0; status == INK_OK && i < n_items; i++) {
    starts[i] = i ? job->ends[i - 1] : 0;
    for (uint32_t z = (uint32_t)starts[i]; z < job->ends[i]; z++) values[z] = job->numbers[z] * job->item_weights[i];
  }
  if (status == INK_OK) {
    starts[n_items] = n_pairs;
    ink_matrix by_item = { .n_rows = n_items, .n_cols = job->n_rows, .n_values = n_pairs, .starts = starts, .values = values };
    by_item.cols = (uint32_t *)(uintptr_t)job->cols;               /* only read */
    status = ink_matrix_transpose(&by_item, env, rows);
  }
  ink_block_free(a, starts);
  ink_block_free(a, values);
  return status;
}

static ink_status open(reaching *r, const ink_train_env *env) {
  const ink_allocator *a = &env->allocator;
  const ink_reach_job *job = r->job;
  const uint64_t n_people = job->people->n_rows, n_workers = env->threads.n_workers;
  INK_TRY(turn(job, env, &r->rows));
  INK_NEW(a, n_people, &r->lengths);
  INK_NEW(a, n_workers * n_people, &r->products);
  INK_NEW(a, n_workers * job->n_reached, &r->scores);
  INK_NEW(a, n_workers * job->n_reached, &r->best);
  for (uint32_t u = 0; u < n_people; u++) r->lengths[u] = length_of(job->people, u);
  ink_mem_fill(r->products, 0, (size_t)(n_workers * n_people) * sizeof *r->products);
  return INK_OK;
}

ink_status ink_user_reach(const ink_reach_job *job, const ink_train_env *env, float *reach) {
  reaching r = { .job = job, .reach = reach };
  const ink_status status = open(&r, env);
  if (status == INK_OK) env->threads.parallel_for(env->threads.ctx, (job->n_rows + ROWS - 1) / ROWS, run_shard, &r);
  ink_matrix_free(&r.rows, &env->allocator);
  void *const blocks[] = { r.lengths, r.products, r.scores, r.best };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  return status;
}
