/* item_pairs.c - see item_pairs.h. Targets are shared out in shards of a fixed size; each writes its own part of the
 * table, so the result does not depend on the number of threads. */
#include "item_pairs.h"

#include "blocks.h"
#include "largest.h"
#include "mem.h"
#include "pair_tensors.h"
#include "base.h"

#define TARGETS_A_SHARD 64u
#define SHARDS_A_ROUND 16u        /* between two looks at the progress callback */

typedef struct build {
  const ink_pairs_job *job;
  const ink_train_env *env;
  ink_sources *workers;           /* [n_workers] */
  uint64_t **keys;                /* [n_workers][n_items] */
  uint32_t *source;               /* [n_items * keep] of each target; targets of each source ascend */
  float *value, *shift;           /* [n_items * keep] */
  uint32_t *n_kept;               /* [n_items] */
  ink_status *statuses;           /* [n_workers] the first failure */
  uint32_t first_shard;
  void **blocks; uint32_t n_blocks, cap_blocks;
} build;

static ink_status take(build *b, uint64_t n, size_t size, void **out) {
  void *block = ink_block_resize(&b->env->allocator, NULL, n, size);
  if (!block) return INK_E_NO_MEMORY;
  ink_mem_fill(block, 0, (size_t)n * size);
  b->blocks[b->n_blocks++] = *out = block;
  return INK_OK;
}

/* n zeroed elements of what `ptr` points at, given back when the build ends. */
#define TAKE(b, n, ptr)                                          \
  do {                                                           \
    void *take_;                                                 \
    INK_TRY(take((b), (n), sizeof(**(ptr)), &take_));            \
    *(ptr) = take_;                                              \
  } while (0)

/* ------------------------------------------------------------------ targets */

static float magnitude(float x) { return x < 0.0f ? -x : x; }

/* The kept sources ascending: Shell's sort with Ciura's gaps (2001), for some hundreds to thousands. */
static void sort_ascending(uint32_t *a, uint32_t n) {
  static const uint32_t gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4, 1 };
  for (size_t g = 0; g < INK_COUNT_OF(gaps); g++)
    for (uint32_t i = gaps[g]; i < n; i++) {
      const uint32_t moving = a[i];
      uint32_t j = i;
      for (; j >= gaps[g] && a[j - gaps[g]] > moving; j -= gaps[g]) a[j] = a[j - gaps[g]];
      a[j] = moving;
    }
}

/* Writes the partners that stay; returns how many. Their order says nothing where they are sources, which are told apart. */
static uint32_t choose(const build *b, uint32_t target, const ink_sources *s, uint64_t *keys, uint32_t *chosen) {
  const uint32_t n_offered = s->all ? b->job->n_items : s->n;
  uint32_t n = 0;
  for (uint32_t i = 0; i < n_offered; i++) {
    const uint32_t j = s->all ? i : s->named[i];
    const float size = magnitude(s->value[j]);
    keys[n] = ink_largest_key(size, j);
    n += j != target && size != 0.0f;
  }
  ink_largest_first(keys, n, b->job->keep);
  n = ink_min_u32(n, b->job->keep);
  for (uint32_t i = 0; i < n; i++) chosen[i] = ink_largest_item(keys[i]);
  if (b->job->by_source) sort_ascending(chosen, n);
  return n;
}

static void keep_best(build *b, uint32_t target, const ink_sources *s, uint64_t *keys) {
  const size_t at = (size_t)target * b->job->keep;
  uint32_t *const chosen = b->source + at;
  const uint32_t n = b->n_kept[target] = choose(b, target, s, keys, chosen);
  float sum = 0.0f;
  for (uint32_t i = 0; i < n; i++) sum += magnitude(s->value[chosen[i]]);
  const float by = b->job->unit_rows ? sum : 1.0f;
  for (uint32_t i = 0; i < n; i++) {
    b->value[at + i] = s->value[chosen[i]] / by;
    if (b->job->shifts) b->shift[at + i] = s->shift[chosen[i]];
  }
}

static void forget(ink_sources *s, uint32_t n_items) {
  if (s->all) ink_mem_fill(s->value, 0, n_items * sizeof *s->value);
  s->all = false;
  for (uint32_t i = 0; i < s->n; i++) {
    s->value[s->named[i]] = 0.0f;
    if (s->shift) s->shift[s->named[i]] = 0.0f;
    s->is_named[s->named[i]] = 0;
  }
  s->n = 0;
}

static void run_shard(void *arg, uint32_t shard, uint32_t worker) {
  build *b = arg;
  const uint32_t first = (b->first_shard + shard) * TARGETS_A_SHARD, last = ink_min_u32(first + TARGETS_A_SHARD, b->job->n_items);
  for (uint32_t target = first; target < last && b->statuses[worker] == INK_OK; target++) {
    const ink_status status = b->job->sources(b->job->arg, target, &b->workers[worker], worker);
    if (status != INK_OK) b->statuses[worker] = status;
    else keep_best(b, target, &b->workers[worker], b->keys[worker]);
    forget(&b->workers[worker], b->job->n_items);
  }
}

static ink_status run_all(build *b) {
  const ink_train_env *env = b->env;
  const uint32_t n_shards = (b->job->n_items + TARGETS_A_SHARD - 1) / TARGETS_A_SHARD;
  for (b->first_shard = 0; b->first_shard < n_shards; b->first_shard += SHARDS_A_ROUND) {
    const uint32_t here = ink_min_u32(SHARDS_A_ROUND, n_shards - b->first_shard);
    env->threads.parallel_for(env->threads.ctx, here, run_shard, b);
    for (uint32_t w = 0; w < env->threads.n_workers; w++) INK_TRY(b->statuses[w]);
    const ink_progress p = { .stage = b->job->prefix, .done = ((uint64_t)b->first_shard + here) * TARGETS_A_SHARD, .total = b->job->n_items,
                             .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (env->progress && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
  }
  return INK_OK;
}

/* ------------------------------------------------------------------ tensors */

/* Pairs by source. Where partners are sources, rows fill up as targets are visited in ascending order, so the columns of
 * each row ascend; where they are targets, they are sorted already. */
static void lay_rows(const build *b, const uint32_t *ends, uint32_t *fill, uint32_t *cols, float *values, float *shifts) {
  for (uint32_t i = 0; i < b->job->n_items; i++) fill[i] = i ? ends[i - 1] : 0;
  for (uint32_t target = 0; target < b->job->n_items; target++)
    for (uint32_t k = 0; k < b->n_kept[target]; k++) {
      const size_t at = (size_t)target * b->job->keep + k;
      const uint32_t source = b->job->by_source ? target : b->source[at], z = fill[source]++;
      cols[z] = b->job->by_source ? b->source[at] : target;
      values[z] = b->job->factor != NULL ? b->value[at] * b->job->factor[source] : b->value[at];
      if (shifts) shifts[z] = b->shift[at];
    }
}

static ink_status put_all(build *b, ink_trained *out) {
  const uint32_t n = b->job->n_items;
  uint32_t *fill, *cols, total = 0;
  float *values, *shifts = NULL;
  uint32_t *ends;
  INK_TRY(ink_pair_ends(out, b->job->prefix, n, &ends));
  for (uint32_t target = 0; target < n; target++)
    for (uint32_t k = 0; k < b->n_kept[target]; k++) ends[b->job->by_source ? target : b->source[(size_t)target * b->job->keep + k]]++;
  for (uint32_t i = 0; i < n; i++) ends[i] = total += ends[i];
  TAKE(b, n, &fill);
  TAKE(b, total, &cols);
  TAKE(b, total, &values);
  if (b->job->shifts) TAKE(b, total, &shifts);
  lay_rows(b, ends, fill, cols, values, shifts);
  const ink_pair_rows rows = { b->job->prefix, n, n, ends, b->job->f32 };
  INK_TRY(ink_pair_cols(out, &rows, cols));
  INK_TRY(ink_pair_values(out, &rows, ".values", ".scale", values));
  return shifts ? ink_pair_values(out, &rows, ".shifts", ".shift_scale", shifts) : INK_OK;
}

/* --------------------------------------------------------------------- door */

static ink_status open_worker(build *b, uint32_t w) {
  const ink_pairs_job *job = b->job;
  ink_sources *s = &b->workers[w];
  TAKE(b, job->n_items, &s->value);
  if (job->shifts) TAKE(b, job->n_items, &s->shift);
  TAKE(b, job->n_items, &s->is_named);
  TAKE(b, (uint64_t)job->n_items + 1, &s->named);
  TAKE(b, job->n_items, &b->keys[w]);
  return INK_OK;
}

static ink_status open_build(build *b) {
  const uint32_t n_workers = b->env->threads.n_workers;
  const uint64_t n_pairs = (uint64_t)b->job->n_items * b->job->keep;
  TAKE(b, n_workers, &b->workers);
  TAKE(b, n_workers, &b->keys);
  TAKE(b, n_workers, &b->statuses);
  for (uint32_t w = 0; w < n_workers; w++) INK_TRY(open_worker(b, w));
  TAKE(b, n_pairs, &b->source);
  TAKE(b, n_pairs, &b->value);
  if (b->job->shifts) TAKE(b, n_pairs, &b->shift);
  TAKE(b, b->job->n_items, &b->n_kept);
  return INK_OK;
}

ink_status ink_pairs_build(const ink_pairs_job *job, const ink_train_env *env, ink_trained *out) {
  build b = { .job = job, .env = env };
  b.cap_blocks = 16 + 6 * env->threads.n_workers;
  INK_NEW(&env->allocator, b.cap_blocks, &b.blocks);
  ink_status status = open_build(&b);
  if (status == INK_OK) status = run_all(&b);
  if (status == INK_OK) status = put_all(&b, out);
  while (b.n_blocks > 0) ink_block_free(&env->allocator, b.blocks[--b.n_blocks]);
  ink_block_free(&env->allocator, b.blocks);
  return status;
}
