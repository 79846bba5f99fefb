/* als_fold_loss.c - see als_fold.h. */
#include "als_fold.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "base.h"

/* ----------------------------------------------------------------- ratings */

static float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static double person_error(const ink_als_trial *t, uint32_t r) {
  const ink_als_rule *rule = &t->options->rule;
  const uint32_t d = t->options->d;
  const uint64_t n_shown = t->shown->starts[r + 1] - t->shown->starts[r];
  double sum = 0.0;
  for (uint64_t i = t->all->starts[r] + n_shown; i < t->all->starts[r + 1]; i++) {
    const uint32_t item = t->all->cols[i];
    const float fit = t->env->kernels->dot_f32(t->people->vectors + (size_t)r * d, t->items->vectors + (size_t)item * d, d);
    const float predicted = clip(rule->mean + t->people->bias[r] + t->items->bias[item] + fit, rule->lowest, rule->highest);
    const double away = (double)predicted - ((double)t->all->b[i] + (double)rule->mean);
    sum += (double)t->all->a[i] * away * away;
  }
  return sum;
}

ink_status ink_als_rating_loss(const ink_als_trial *t, double *loss) {
  double sum = 0.0;
  for (uint32_t r = 0; r < t->people->n; r++) sum += person_error(t, r);
  *loss = sum;
  return INK_OK;
}

/* ----------------------------------------------------------------- ranking */

#define SHARD_PEOPLE 8u
#define TILE_ITEMS 256u           /* item vectors that stay in the cache while a shard's people pass over them */
#define DEPTH 100u

typedef struct ranking {
  const ink_als_trial *t;
  uint32_t *above;                /* [all->n_values] items that score above a hidden one; its slot is its place in `all` */
  float *score;                   /* [all->n_values] */
  double *gain;                   /* [n_shards] */
} ranking;

/* Scores of a person's own items, by the same sums as all others. */
static void score_own(const ranking *k, uint32_t r) {
  const ink_als_trial *t = k->t;
  const uint32_t d = t->options->d;
  for (uint64_t i = t->all->starts[r]; i < t->all->starts[r + 1]; i++) {
    k->score[i] = t->env->kernels->dot_f32(t->items->vectors + (size_t)t->all->cols[i] * d, t->people->vectors + (size_t)r * d, d);
    k->above[i] = 0;
  }
}

static void count_above(const ranking *k, uint32_t r, const float *scores, uint32_t n) {
  const ink_als_trial *t = k->t;
  const uint64_t n_shown = t->shown->starts[r + 1] - t->shown->starts[r];
  for (uint64_t i = t->all->starts[r] + n_shown; i < t->all->starts[r + 1]; i++) {
    const float own = k->score[i];
    uint32_t above = 0;
    for (uint32_t j = 0; j < n; j++) above += scores[j] > own;
    k->above[i] += above;
  }
}

/* NDCG of one person, when `above` is counted over all items: shown ones are taken off again. */
static double person_gain(const ranking *k, uint32_t r) {
  const ink_als_trial *t = k->t;
  const uint64_t first = t->all->starts[r], hidden = first + (t->shown->starts[r + 1] - t->shown->starts[r]);
  double gain = 0.0, ideal = 0.0;
  uint32_t n_wanted = 0;
  for (uint64_t i = hidden; i < t->all->starts[r + 1]; i++) {
    if (!(t->all->b[i] > 0.0f)) continue;
    uint32_t rank = k->above[i];
    for (uint64_t j = first; j < hidden; j++) rank -= k->score[j] > k->score[i];
    if (rank < DEPTH) gain += 1.0 / ink_log2_f64((double)rank + 2.0);
    if (n_wanted++ < DEPTH) ideal += 1.0 / ink_log2_f64((double)n_wanted + 1.0);
  }
  return n_wanted > 0 ? gain / ideal : 0.0;
}

static void rank_shard(void *arg, uint32_t shard, uint32_t worker) {
  const ranking *k = arg;
  const ink_als_trial *t = k->t;
  const uint32_t d = t->options->d, first = shard * SHARD_PEOPLE, end = ink_min_u32(first + SHARD_PEOPLE, t->people->n);
  float scores[TILE_ITEMS];
  (void)worker;
  for (uint32_t r = first; r < end; r++) score_own(k, r);
  for (uint32_t item = 0; item < t->items->n; item += TILE_ITEMS) {
    const uint32_t n = ink_min_u32(TILE_ITEMS, t->items->n - item);
    for (uint32_t r = first; r < end; r++) {
      t->env->kernels->gemv_f32(t->items->vectors + (size_t)item * d, d, n, d, t->people->vectors + (size_t)r * d, scores);
      count_above(k, r, scores, n);
    }
  }
  k->gain[shard] = 0.0;
  for (uint32_t r = first; r < end; r++) k->gain[shard] += person_gain(k, r);
}

ink_status ink_als_ranking_loss(const ink_als_trial *t, double *loss) {
  const ink_allocator *allocator = &t->env->allocator;
  const uint32_t n_shards = (t->people->n + SHARD_PEOPLE - 1) / SHARD_PEOPLE;
  ranking k = { .t = t };
  k.above = ink_block_resize(allocator, NULL, t->all->n_values, sizeof *k.above);
  k.score = ink_block_resize(allocator, NULL, t->all->n_values, sizeof *k.score);
  k.gain = ink_block_resize(allocator, NULL, n_shards, sizeof *k.gain);
  const bool ready = k.above != NULL && k.score != NULL && k.gain != NULL;
  if (ready) {
    t->env->threads.parallel_for(t->env->threads.ctx, n_shards, rank_shard, &k);
    *loss = 0.0;
    for (uint32_t s = 0; s < n_shards; s++) *loss -= k.gain[s];
  }
  ink_block_free(allocator, k.above);
  ink_block_free(allocator, k.score);
  ink_block_free(allocator, k.gain);
  return ready ? INK_OK : INK_E_NO_MEMORY;
}
