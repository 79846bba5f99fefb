/* positives_ndcg.c - how well vectors rank the choices that were hidden. Shards of watched people; tiles of items, whose
 * scores are one product; a hidden item's place is counted, nothing is sorted. A tie counts half. */
#include "positives.h"

#include "blocks.h"
#include "fmath.h"
#include "gemm.h"
#include "base.h"

#define SHARD_PEOPLE 32u
#define TILE_ITEMS 512u
#define DEPTH 20u

typedef struct job {
  const ink_positives *c;
  const ink_watch *watch;
  const ink_gemm *gemm;
  float *vectors;                 /* [n_workers, SHARD_PEOPLE, stride] */
  float *scores;                  /* [n_workers, SHARD_PEOPLE, TILE_ITEMS] */
  uint8_t *scratch;               /* [n_workers, scratch_bytes] */
  size_t scratch_bytes;
  float *own;                     /* [all hidden] score of each */
  double *above;                  /* [all hidden] items that score higher, and half of those that score the same */
  double *gain;                   /* [n_shards] */
} job;

/* Scores of items [item, item + n) for the vectors [n_people] of a shard, rows TILE_ITEMS apart. */
static void score(const job *j, const float *vectors, uint32_t n_people, uint32_t item, uint32_t n, uint32_t worker, float *out) {
  const size_t stride = j->watch->stride;
  ink_gemm_run(j->gemm, n_people, n, stride, ink_gemm_plain(vectors, stride),
               ink_gemm_transposed(j->watch->items + (size_t)item * stride, stride), out, TILE_ITEMS, false,
               j->scratch + worker * j->scratch_bytes);
  if (j->watch->bias == NULL) return;
  for (uint32_t p = 0; p < n_people; p++)
    for (uint32_t i = 0; i < n; i++) out[(size_t)p * TILE_ITEMS + i] += j->watch->bias[item + i];
}

/* Counts the scores [n] around each of a person's hidden ones; `sign` is -1 to take items off again. */
static void count(const job *j, uint32_t w, const float *scores, uint32_t n, double sign) {
  for (uint64_t h = j->c->hidden_starts[w]; h < j->c->hidden_starts[w + 1]; h++) {
    const float own = j->own[h];
    uint32_t higher = 0, equal = 0;
    for (uint32_t i = 0; i < n; i++) {
      higher += scores[i] > own;
      equal += scores[i] == own;
    }
    j->above[h] += sign * (higher + 0.5 * equal);
  }
}

/* A tile's items around the hidden ones of a person; those that training saw do not count. */
static void count_tile(const job *j, uint32_t w, const float *scores, uint32_t item, uint32_t n) {
  const uint32_t person = j->c->watched[w];
  count(j, w, scores, n, 1.0);
  for (uint64_t e = j->c->starts[person]; e < j->c->starts[person + 1]; e++)
    if (j->c->items[e] >= item && j->c->items[e] - item < n) count(j, w, scores + (j->c->items[e] - item), 1, -1.0);
}

/* The person's vector, and with it the scores of what is hidden. */
static void open_person(const job *j, uint32_t w, float *vector, uint32_t worker) {
  j->watch->person(j->watch->ctx, j->c->watched[w], vector);
  for (uint64_t h = j->c->hidden_starts[w]; h < j->c->hidden_starts[w + 1]; h++) {
    score(j, vector, 1, j->c->hidden[h], 1, worker, &j->own[h]);
    j->above[h] = 0.0;
  }
}

static double gain_of(const job *j, uint32_t w) {
  double gain = 0.0, ideal = 0.0;
  for (uint64_t h = j->c->hidden_starts[w]; h < j->c->hidden_starts[w + 1]; h++) {
    const double rank = j->above[h] + 0.5;                 /* from 1: its tie with itself counted as half */
    const double place = (double)(h - j->c->hidden_starts[w]) + 1.0;
    if (rank <= DEPTH) gain += 1.0 / ink_log2_f64(rank + 1.0);
    if (place <= DEPTH) ideal += 1.0 / ink_log2_f64(place + 1.0);
  }
  return gain / ideal;
}

static void rank_shard(void *arg, uint32_t shard, uint32_t worker) {
  const job *j = arg;
  const uint32_t first = shard * SHARD_PEOPLE, n_people = ink_min_u32(SHARD_PEOPLE, j->c->n_watched - first);
  float *const vectors = j->vectors + (size_t)worker * SHARD_PEOPLE * j->watch->stride;
  float *const scores = j->scores + (size_t)worker * SHARD_PEOPLE * TILE_ITEMS;
  for (uint32_t p = 0; p < n_people; p++) open_person(j, first + p, vectors + p * j->watch->stride, worker);
  for (uint32_t item = 0; item < j->c->n_items; item += TILE_ITEMS) {
    const uint32_t n = ink_min_u32(TILE_ITEMS, j->c->n_items - item);
    score(j, vectors, n_people, item, n, worker, scores);
    for (uint32_t p = 0; p < n_people; p++) count_tile(j, first + p, scores + (size_t)p * TILE_ITEMS, item, n);
  }
  j->gain[shard] = 0.0;
  for (uint32_t p = 0; p < n_people; p++) j->gain[shard] += gain_of(j, first + p);
}

static ink_status allocate(job *j, const ink_train_env *env, uint32_t n_shards) {
  const uint64_t workers = env->threads.n_workers, n_hidden = j->c->hidden_starts[j->c->n_watched];
  j->gemm = ink_gemm_best();
  j->scratch_bytes = ink_align_up(ink_gemm_scratch_bytes(j->gemm), INK_ALIGN);
  INK_NEW(&env->allocator, workers * SHARD_PEOPLE * j->watch->stride, &j->vectors);
  INK_NEW(&env->allocator, workers * SHARD_PEOPLE * TILE_ITEMS, &j->scores);
  INK_NEW(&env->allocator, workers * j->scratch_bytes, &j->scratch);
  INK_NEW(&env->allocator, n_hidden, &j->own);
  INK_NEW(&env->allocator, n_hidden, &j->above);
  INK_NEW(&env->allocator, n_shards, &j->gain);
  return INK_OK;
}

ink_status ink_positives_ndcg(const ink_positives *c, const ink_watch *watch, const ink_train_env *env, double *ndcg) {
  const uint32_t n_shards = (c->n_watched + SHARD_PEOPLE - 1) / SHARD_PEOPLE;
  job j = { .c = c, .watch = watch };
  double sum = 0.0;
  const ink_status status = allocate(&j, env, n_shards);
  if (status == INK_OK) env->threads.parallel_for(env->threads.ctx, n_shards, rank_shard, &j);
  for (uint32_t s = 0; status == INK_OK && s < n_shards; s++) sum += j.gain[s];
  void *const blocks[] = { j.vectors, j.scores, j.scratch, j.own, j.above, j.gain };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  if (status == INK_OK) *ndcg = c->n_watched > 0 ? sum / c->n_watched : 0.0;
  return status;
}
