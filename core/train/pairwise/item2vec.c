/* item2vec.c - see item2vec.h. Pairs are strata (strata.h) of items by items, so the result is independent of threads.
 * Reading order: pairs of a pass, one pair, a stratum, the fit. */
#include "item2vec.h"

#include "blocks.h"
#include "caps.h"
#include "descent.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "negatives.h"
#include "sgd.h"
#include "strata.h"
#include "utf8.h"
#include "base.h"

#define SHARD_ITEMS 512u

typedef struct fit {
  const ink_item2vec_options *o;
  const ink_positives *positives;
  const ink_train_env *env;
  const ink_sgd *sgd;
  uint64_t *owner_starts;         /* [n_items + 1] the choices item by item: */
  uint32_t *owners;               /*   who chose it */
  uint64_t *pair_starts;          /* [n_items + 1] */
  uint32_t *contexts;             /* [pairs] this pass's */
  float *keep;                    /* [n_items] probability of not being left out */
  ink_negatives negatives;
  ink_strata strata;
  ink_item2vec_model now, best;
  float rate;
  uint32_t iteration;
  double loss[INK_STRATA_BLOCKS][INK_STRATA_BLOCKS];
  uint64_t n_loss[INK_STRATA_BLOCKS][INK_STRATA_BLOCKS];
} fit;

/* --------------------------------------------------------- pairs of a pass */

static uint32_t n_choices(const ink_positives *c, uint32_t person) { return (uint32_t)(c->starts[person + 1] - c->starts[person]); }

/* The choices item by item; owners ascend. */
static void list_owners(fit *f) {
  const ink_positives *c = f->positives;
  ink_mem_fill(f->owner_starts, 0, ((size_t)c->n_items + 1) * sizeof *f->owner_starts);
  for (uint64_t e = 0; e < c->starts[c->n_people]; e++) f->owner_starts[c->items[e] + 1]++;
  for (uint32_t i = 0; i < c->n_items; i++) f->owner_starts[i + 1] += f->owner_starts[i];
  for (uint32_t u = 0; u < c->n_people; u++)
    for (uint64_t e = c->starts[u]; e < c->starts[u + 1]; e++) f->owners[f->owner_starts[c->items[e]]++] = u;
  for (uint32_t i = c->n_items; i > 0; i--) f->owner_starts[i] = f->owner_starts[i - 1];
  f->owner_starts[0] = 0;
}

/* Any of a person's choices but `item`. */
static uint32_t draw_other(const ink_positives *c, uint32_t person, uint32_t item, ink_rng *rng) {
  const uint32_t *const row = c->items + c->starts[person];
  const uint32_t n = n_choices(c, person), place = ink_rng_below(rng, n - 1);
  return row[place] == item ? row[n - 1] : row[place];
}

static void draw_contexts(void *arg, uint32_t shard, uint32_t worker) {
  fit *f = arg;
  const uint32_t first = shard * SHARD_ITEMS, end = ink_min_u32(first + SHARD_ITEMS, f->positives->n_items);
  ink_rng rng;
  (void)worker;
  ink_rng_seed(&rng, f->o->seed, (uint64_t)1 << 63 | (uint64_t)f->iteration << 32 | shard);
  for (uint32_t i = first; i < end; i++) {
    uint64_t to = f->pair_starts[i];
    for (uint64_t e = f->owner_starts[i]; e < f->owner_starts[i + 1]; e++) {
      if (n_choices(f->positives, f->owners[e]) < 2) continue;
      for (uint32_t k = 0; k < f->o->contexts; k++) f->contexts[to++] = draw_other(f->positives, f->owners[e], i, &rng);
    }
  }
}

/* How many pairs each item has, and how often they are kept. */
static void count_pairs(fit *f) {
  const ink_positives *c = f->positives;
  const double all = (double)c->starts[c->n_people];
  f->pair_starts[0] = 0;
  for (uint32_t i = 0; i < c->n_items; i++) {
    const uint64_t n = f->owner_starts[i + 1] - f->owner_starts[i];
    uint64_t alone = 0;
    for (uint64_t e = f->owner_starts[i]; e < f->owner_starts[i + 1]; e++) alone += n_choices(c, f->owners[e]) < 2;
    f->pair_starts[i + 1] = f->pair_starts[i] + (n - alone) * f->o->contexts;
    const double keep = f->o->subsample > 0.0 && n > 0 ? ink_sqrt_f64(f->o->subsample * all / (double)n) : 1.0;
    f->keep[i] = keep < 1.0 ? (float)keep : 1.0f;
  }
}

/* ----------------------------------------------------------------- one pair */

static float *met(const fit *f, uint32_t i) { return f->now.met + (size_t)i * f->now.stride; }
static float *told(const fit *f, uint32_t i) { return f->now.told + (size_t)i * f->now.stride; }

/* An item that was told (sign 1) or drawn (-1): its part of x's step into `sum`, its own step. Returns how likely the model
 * had it. */
static float meet(const fit *f, const float *x, uint32_t item, float sign, float *sum) {
  const float likely = ink_sigmoid_f32(sign * f->sgd->dot(x, told(f, item), f->now.stride));
  f->sgd->meet(x, told(f, item), sum, f->now.stride, f->rate * sign * (1.0f - likely));
  return likely;
}

/* A pair's negatives; their rows are asked for together, so that the memory answers all at once. */
static void draw_negatives(const fit *f, ink_stratum *s, uint32_t drawn[INK_ITEM2VEC_NEGATIVES]) {
  for (uint32_t k = 0; k < f->o->negatives; k++) {
    const uint32_t place = f->negatives.weight != NULL ? ink_alias_draw(&f->negatives.tables[s->cols], &s->rng) : ink_rng_below(&s->rng, s->n_members);
    drawn[k] = s->members[place];
    ink_sgd_fetch(told(f, drawn[k]), f->now.stride);
  }
}

/* ---------------------------------------------------------------- a stratum */

static void stratum(void *ctx, ink_stratum *s) {
  fit *f = ctx;
  float sum[INK_CAP_DIM];
  uint32_t drawn[INK_ITEM2VEC_NEGATIVES];
  double loss = 0.0;
  uint64_t n_loss = 0;
  for (uint64_t e = 0; e < s->n; e++) {
    const uint32_t i = s->pairs[e].row, c = s->pairs[e].col;
    float *const x = met(f, i);
    if (f->keep[i] * f->keep[c] < 1.0f && ink_rng_f32(&s->rng) >= f->keep[i] * f->keep[c]) continue;
    draw_negatives(f, s, drawn);
    ink_mem_fill(sum, 0, f->now.stride * sizeof *sum);
    loss -= (double)ink_log_f32(meet(f, x, c, 1.0f, sum) + 1e-30f);
    for (uint32_t k = 0; k < f->o->negatives; k++)
      if (drawn[k] != c && drawn[k] != i) (void)meet(f, x, drawn[k], -1.0f, sum);
    for (size_t k = 0; k < f->now.stride; k++) x[k] += sum[k];
    n_loss++;
  }
  f->loss[s->rows][s->cols] = loss;
  f->n_loss[s->rows][s->cols] = n_loss;
}

/* ------------------------------------------------------------------ a pass */

static ink_status run_pass(void *ctx, uint32_t iteration, double *loss) {
  fit *f = ctx;
  const ink_threads *threads = &f->env->threads;
  const uint32_t n_shards = (f->positives->n_items + SHARD_ITEMS - 1) / SHARD_ITEMS;
  const size_t n_floats = f->now.n_items * f->now.stride;
  uint64_t n = 0;
  f->iteration = iteration;
  f->rate = ink_descent_rate(f->o->rate, iteration, f->o->iterations);
  threads->parallel_for(threads->ctx, n_shards, draw_contexts, f);
  ink_strata_deal(&f->strata, f->o->seed, iteration, threads);
  ink_negatives_deal(&f->negatives, &f->strata);
  ink_strata_run(&f->strata, f->o->seed, iteration, threads, stratum, f);
  *loss = 0.0;
  for (uint32_t p = 0; p < f->strata.n_blocks; p++)
    for (uint32_t b = 0; b < f->strata.n_blocks; b++) {
      *loss += f->loss[p][b];
      n += f->n_loss[p][b];
    }
  *loss /= n > 0 ? (double)n : 1.0;
  INK_TRY(ink_descent_check(f->now.met, n_floats, "item2vec", "a smaller learning_rate", iteration, f->env));
  return ink_descent_check(f->now.told, n_floats, "item2vec", "a smaller learning_rate", iteration, f->env);
}

/* As it is served: the mean of the vectors x of what was chosen, which is held against z. */
static void person_vector(void *ctx, uint32_t person, float *vector) {
  const fit *f = ctx;
  const ink_positives *c = f->positives;
  ink_mem_fill(vector, 0, f->now.stride * sizeof *vector);
  for (uint64_t e = c->starts[person]; e < c->starts[person + 1]; e++) {
    const float *const x = met(f, c->items[e]);
    for (size_t k = 0; k < f->now.stride; k++) vector[k] += x[k];
  }
  const float n = (float)ink_max_u32(1, n_choices(c, person));
  for (size_t k = 0; k < f->now.stride; k++) vector[k] /= n;
}

/* ------------------------------------------------------------------ biases */

/* b_i = exponent ln n, n people having chosen the item. */
static void set_biases(const fit *f, double exponent, float *bias) {
  for (uint32_t i = 0; i < f->best.n_items; i++) {
    const uint64_t n = f->owner_starts[i + 1] - f->owner_starts[i];
    bias[i] = (float)(exponent * (double)ink_log_f32(n > 0 ? (float)n : 1.0f));
  }
}

/* Every event says how often an item is chosen, and a mean over many events says it too loudly or not loudly enough: the exponent
 * that ranks the hidden choices best, 0 where nothing is hidden. */
static ink_status choose_biases(fit *f) {
  const ink_item2vec_model *m = &f->best;
  const ink_watch watch = { m->told, m->bias, m->stride, f, person_vector };
  double best = 0.0, most = -1.0, ndcg;
  ink_mem_copy(f->now.met, m->met, m->n_items * m->stride * sizeof *m->met);
  for (int32_t quarter = -4; f->positives->n_watched > 0 && quarter <= 1; quarter++) {
    set_biases(f, quarter * 0.25, m->bias);
    INK_TRY(ink_positives_ndcg(f->positives, &watch, f->env, &ndcg));
    if (ndcg <= most) continue;
    most = ndcg;
    best = quarter * 0.25;
  }
  set_biases(f, best, m->bias);
  return INK_OK;
}

/* ------------------------------------------------------------------ the fit */

static void keep_best(void *ctx) {
  fit *f = ctx;
  const size_t bytes = f->now.n_items * f->now.stride * sizeof *f->now.met;
  ink_mem_copy(f->best.met, f->now.met, bytes);
  ink_mem_copy(f->best.told, f->now.told, bytes);
}

static ink_status new_model(const fit *f, const ink_allocator *allocator, ink_item2vec_model *m) {
  *m = (ink_item2vec_model){ .n_items = f->positives->n_items, .d = f->o->d, .stride = ink_align_up(f->o->d, 8) };
  const size_t n = m->n_items * m->stride;
  INK_NEW(allocator, n, &m->met);
  INK_NEW(allocator, n, &m->told);
  INK_NEW(allocator, m->n_items, &m->bias);
  ink_mem_fill(m->met, 0, n * sizeof *m->met);
  ink_mem_fill(m->told, 0, n * sizeof *m->told);
  return INK_OK;
}

/* As word2vec begins: x small and random, z zero. A stream for each item; one that is in no pair says nothing of a person: x = 0. */
static void scatter(const fit *f) {
  for (uint32_t i = 0; i < f->now.n_items; i++) {
    if (f->pair_starts[i + 1] == f->pair_starts[i]) continue;
    ink_rng rng;
    ink_rng_seed(&rng, f->o->seed, (uint64_t)1 << 62 | i);
    for (uint32_t k = 0; k < f->o->d; k++) met(f, i)[k] = (ink_rng_f32(&rng) - 0.5f) / (float)f->o->d;
  }
}

static ink_status prepare(fit *f) {
  const ink_train_env *env = f->env;
  const ink_allocator *allocator = &env->allocator;
  const ink_positives *c = f->positives;
  INK_TRY(new_model(f, allocator, &f->now));
  INK_TRY(new_model(f, allocator, &f->best));
  INK_NEW(allocator, (uint64_t)c->n_items + 1, &f->owner_starts);
  INK_NEW(allocator, (uint64_t)c->n_items + 1, &f->pair_starts);
  INK_NEW(allocator, c->starts[c->n_people], &f->owners);
  INK_NEW(allocator, c->n_items, &f->keep);
  list_owners(f);
  count_pairs(f);
  if (f->pair_starts[c->n_items] == 0)
    return ink_refuse(env->fault, INK_E_DATA_EMPTY, ink_text_of("events"), "people who chose two items");
  INK_NEW(allocator, f->pair_starts[c->n_items], &f->contexts);
  INK_TRY(ink_strata_new(&f->strata, c->n_items, c->n_items, f->pair_starts, f->contexts, allocator));
  INK_TRY(ink_negatives_new(&f->negatives, INK_NEGATIVES_UNIFORM, 0, f->o->popularity, 0.0f, c, f->o->seed, env));
  scatter(f);
  return INK_OK;
}

ink_status ink_item2vec_fit(const ink_item2vec_options *options, const ink_positives *positives, const ink_train_env *env,
                            ink_item2vec_model *model) {
  fit *f;
  INK_NEW(&env->allocator, 1, &f);
  *f = (fit){ .o = options, .positives = positives, .env = env, .sgd = ink_sgd_best() };
  ink_status status = prepare(f);
  if (status == INK_OK) {
    const ink_descent descent = { .name = "item2vec", .iterations = options->iterations, .patience = options->patience, .positives = positives,
                                  .watch = { f->now.told, NULL, f->now.stride, f, person_vector },
                                  .pass = run_pass, .keep = keep_best };
    status = ink_descend(&descent, env);
    if (status == INK_OK) status = choose_biases(f);
  }
  void *const blocks[] = { f->owner_starts, f->pair_starts, f->owners, f->keep, f->contexts };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  ink_negatives_free(&f->negatives);
  ink_strata_free(&f->strata);
  ink_item2vec_free(&f->now, &env->allocator);
  if (status == INK_OK) *model = f->best;
  else ink_item2vec_free(&f->best, &env->allocator);
  ink_block_free(&env->allocator, f);
  return status;
}

void ink_item2vec_free(ink_item2vec_model *m, const ink_allocator *allocator) {
  ink_block_free(allocator, m->met);
  ink_block_free(allocator, m->told);
  ink_block_free(allocator, m->bias);
  *m = (ink_item2vec_model){ 0 };
}
