/* als_half.c - half an iteration: one side solved, row by row, while the other stands still. Rows are independent, so
 * shards of rows go to the workers and the result does not know who solved what. */
#include "als.h"
#include "als_solve.h"
#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "base.h"

#define SHARD_ROWS 64u

/* What one worker writes on. */
typedef struct bench {
  ink_als_scratch scratch;
  float *diagonal, *x;            /* [m] */
  float *pull;                    /* [longest row] explicit mode */
} bench;

typedef struct job {
  const ink_als_options *options;
  const ink_als_ridge *ridge;
  const ink_als_matrix *matrix;
  const ink_als_side *other;
  ink_als_side *own;
  ink_als_system system;
  const float *spectrum;          /* [d] implicit mode: eigenvalues of the other side's Gram matrix */
  bench *benches;                 /* [n_workers] */
  ink_status *shard_status;       /* [n_shards] */
} job;

/* ----------------------------------------------------------------- one row */

static void fill_diagonal(const job *j, uint32_t r, uint32_t n, float *diagonal) {
  const ink_als_options *o = j->options;
  const uint32_t d = o->d;
  const float unobserved = o->rule.is_explicit ? 0.0f : j->own->weight != NULL ? o->unobserved * j->own->weight[r] : o->unobserved;
  const double count = (double)n + (double)unobserved * j->matrix->n_cols;
  const float ridge = (float)((double)j->ridge->lambda * ink_pow_f64(count, (double)j->ridge->nu));
  for (uint32_t k = 0; k < d; k++) diagonal[k] = ridge + (o->rule.is_explicit ? 0.0f : unobserved * j->spectrum[k]);
  if (o->rule.is_explicit) diagonal[d] = j->ridge->bias_lambda;
}

/* Explicit mode: what is left of each rating when the other side's bias is taken off. */
static const float *fill_pull(const job *j, uint64_t first, uint32_t n, float *pull) {
  const ink_als_matrix *m = j->matrix;
  for (uint32_t i = 0; i < n; i++) pull[i] = m->a[first + i] * (m->b[first + i] - j->other->bias[m->cols[first + i]]);
  return pull;
}

static ink_status solve_row(const job *j, uint32_t r, bench *w) {
  const ink_als_matrix *m = j->matrix;
  const uint64_t first = m->starts[r];
  const uint32_t n = (uint32_t)(m->starts[r + 1] - first), d = j->options->d;
  const ink_als_row row = { m->cols + first, m->a + first, j->own->bias != NULL ? fill_pull(j, first, n, w->pull) : m->b + first, n };
  ink_als_system system = j->system;
  float *vector = j->own->vectors + (size_t)r * d;
  if (!ink_als_blocks_pay(&system, n)) system.block = 0;
  fill_diagonal(j, r, n, w->diagonal);
  ink_mem_copy(w->x, vector, d * sizeof *vector);
  if (j->own->bias != NULL) w->x[d] = j->own->bias[r];
  INK_TRY(ink_als_solve(&system, &row, w->diagonal, &w->scratch, w->x));
  ink_mem_copy(vector, w->x, d * sizeof *vector);
  if (j->own->bias != NULL) j->own->bias[r] = w->x[d];
  return INK_OK;
}

static void solve_shard(void *arg, uint32_t shard, uint32_t worker) {
  const job *j = arg;
  const uint32_t first = shard * SHARD_ROWS, end = ink_min_u32(first + SHARD_ROWS, j->matrix->n_rows);
  ink_status status = INK_OK;
  for (uint32_t r = first; r < end && status == INK_OK; r++) status = solve_row(j, r, &j->benches[worker]);
  j->shard_status[shard] = status;
}

/* ---------------------------------------------------------------- all rows */

static uint32_t longest_row(const ink_als_matrix *m) {
  uint32_t most = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) most = ink_max_u32(most, (uint32_t)(m->starts[r + 1] - m->starts[r]));
  return most;
}

/* All blocks of a half step in one arena, which may measure. */
static ink_status lay_out(job *j, uint32_t n_shards, uint32_t n_workers, ink_arena *arena) {
  const uint32_t m = j->system.m, n_pulls = j->own->bias != NULL ? j->system.longest : 0;
  bench w;
  INK_TAKE(arena, n_workers, &j->benches);
  INK_TAKE(arena, n_shards, &j->shard_status);
  for (uint32_t i = 0; i < n_workers; i++) {
    INK_TRY(ink_als_scratch_take(&w.scratch, &j->system, arena));
    INK_TAKE(arena, m, &w.diagonal);
    INK_TAKE(arena, m, &w.x);
    INK_TAKE(arena, n_pulls, &w.pull);
    if (!ink_arena_measuring(arena)) j->benches[i] = w;
  }
  return INK_OK;
}

static ink_status run(job *j, const ink_train_env *env) {
  const uint32_t n_shards = (j->matrix->n_rows + SHARD_ROWS - 1) / SHARD_ROWS;
  ink_arena arena;
  uint8_t *memory;
  ink_arena_init_measure(&arena);
  INK_TRY(lay_out(j, n_shards, env->threads.n_workers, &arena));
  const size_t bytes = arena.high;
  INK_NEW(&env->allocator, bytes, &memory);
  ink_arena_init(&arena, memory, bytes);
  ink_status status = lay_out(j, n_shards, env->threads.n_workers, &arena);
  if (status == INK_OK) env->threads.parallel_for(env->threads.ctx, n_shards, solve_shard, j);
  for (uint32_t s = 0; s < n_shards && status == INK_OK; s++) status = j->shard_status[s];
  ink_block_free(&env->allocator, memory);
  return status;
}

ink_status ink_als_half_step(const ink_als_options *options, const ink_als_ridge *ridge, const ink_als_matrix *matrix,
                             ink_als_side *other, ink_als_side *own, const ink_train_env *env) {
  const uint32_t d = options->d;
  float *spectrum;
  job j = { .options = options, .ridge = ridge, .matrix = matrix, .other = other, .own = own };
  j.system = (ink_als_system){ .kernels = env->kernels, .other = other->vectors, .d = d, .cg_steps = options->cg_steps,
                               .block = options->block, .longest = longest_row(matrix), .m = options->rule.is_explicit ? d + 1 : d };
  INK_NEW(&env->allocator, d, &spectrum);
  j.spectrum = spectrum;
  ink_als_side *partner = options->cg_steps > 0 || options->block > 0 ? own : NULL;
  ink_status status = options->rule.is_explicit ? INK_OK : ink_als_diagonalise(other, partner, d, env, spectrum);
  if (status == INK_OK) status = run(&j, env);
  ink_block_free(&env->allocator, spectrum);
  return status;
}
