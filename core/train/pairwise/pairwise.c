/* pairwise.c - see pairwise.h. Reading order: one pair, a stratum, a pass, the fit. */
#include "pairwise.h"

#include "blocks.h"
#include "descent.h"
#include "fmath.h"
#include "item_parts.h"
#include "mem.h"
#include "base.h"

#define GROUP 16u                 /* pairs whose rows are fetched ahead: a pass is then 2.5 times as fast */

typedef struct fit {
  const ink_pairwise_options *o;
  const ink_positives *positives;
  const ink_train_env *env;
  const ink_sgd *sgd;
  ink_negatives negatives;
  ink_strata strata;
  ink_pairwise_model now, best;
  ink_item_parts parts;           /* with tags; none = all zero */
  float rate;                     /* of this pass */
  double log_items;
  double loss[INK_STRATA_BLOCKS][INK_STRATA_BLOCKS];
  uint64_t n_loss[INK_STRATA_BLOCKS][INK_STRATA_BLOCKS];
} fit;

/* ----------------------------------------------------------------- one pair */

static float *person(const fit *f, uint32_t u) { return f->now.people + (size_t)u * f->now.stride; }
static float *item(const fit *f, uint32_t i) { return f->now.items + (size_t)i * f->now.stride; }
static float bias(const fit *f, uint32_t i) { return f->now.bias != NULL ? f->now.bias[i] : 0.0f; }

static float margin(const fit *f, const float *u, uint32_t i, uint32_t j) {
  return f->sgd->margin(u, item(f, i), item(f, j), f->now.stride) + (bias(f, i) - bias(f, j));
}

static void step(const fit *f, float *u, uint32_t i, uint32_t j, float slope) {
  const float pull = f->rate * slope;
  f->sgd->pair(u, item(f, i), item(f, j), f->now.stride, pull, 1.0f - f->rate * f->o->lambda);
  if (f->now.bias == NULL) return;
  const float keep = 1.0f - f->rate * f->o->bias_lambda;
  f->now.bias[i] = keep * f->now.bias[i] + pull;
  f->now.bias[j] = keep * f->now.bias[j] - pull;
}

/* ---------------------------------------------------------------- a stratum */

/* Negatives of the n pairs from `pairs` on (where scores are looked at, only the rows are fetched). */
static void draw_ahead(const fit *f, ink_stratum *s, const ink_pair *pairs, uint64_t n, uint32_t drawn[GROUP]) {
  for (uint64_t e = 0; e < n; e++) {
    ink_sgd_fetch(item(f, pairs[e].col), f->now.stride);
    if (f->o->negatives != INK_NEGATIVES_UNIFORM) continue;
    drawn[e] = ink_negatives_draw(&f->negatives, s, NULL, NULL, pairs[e].row, 0.0f);
    if (drawn[e] != INK_NONE) ink_sgd_fetch(item(f, drawn[e]), f->now.stride);
  }
}

/* The negative of a pair by what the model says now. */
static uint32_t draw_by_score(const fit *f, ink_stratum *s, const float *u, const ink_pair *pair) {
  const ink_scorer scorer = { f->sgd, f->now.items, f->now.bias, f->now.stride };
  const float own = f->sgd->dot(u, item(f, pair->col), f->now.stride) + bias(f, pair->col);
  return ink_negatives_draw(&f->negatives, s, &scorer, u, pair->row, own);
}

static void bpr_stratum(void *ctx, ink_stratum *s) {
  fit *f = ctx;
  const bool ahead = f->o->negatives == INK_NEGATIVES_UNIFORM;
  uint32_t drawn[GROUP];
  double loss = 0.0;
  uint64_t n_loss = 0;
  for (uint64_t e = 0; e < s->n; e++) {
    const ink_pair *const pair = &s->pairs[e];
    float *const u = person(f, pair->row);
    if (e % GROUP == 0) draw_ahead(f, s, pair, s->n - e < GROUP ? s->n - e : GROUP, drawn);
    const uint32_t j = ahead ? drawn[e % GROUP] : draw_by_score(f, s, u, pair);
    if (j == INK_NONE) continue;
    const float slope = ink_sigmoid_f32(-margin(f, u, pair->col, j));
    if (e % GROUP == 0) {                                  /* of one pair in a group: a logarithm costs as much as a step */
      loss -= (double)ink_log_f32(1.0f - slope + 1e-30f);
      n_loss++;
    }
    step(f, u, pair->col, j, slope);
  }
  f->loss[s->rows][s->cols] = loss;
  f->n_loss[s->rows][s->cols] = n_loss;
}

/* A draw, whose row is asked for. */
static uint32_t draw_ahead_one(const fit *f, ink_stratum *s, uint32_t row) {
  const uint32_t j = ink_negatives_draw(&f->negatives, s, NULL, NULL, row, 0.0f);
  if (j != INK_NONE) ink_sgd_fetch(item(f, j), f->now.stride);
  return j;
}

/* The first of at most `trials` draws that stands too high, and how many it took; INK_NONE. Draws are one ahead. */
static uint32_t draw_violating(const fit *f, ink_stratum *s, const float *u, uint32_t row, uint32_t i, float *gap, uint32_t *n_draws) {
  uint32_t next = draw_ahead_one(f, s, row);
  for (*n_draws = 1; *n_draws <= f->o->trials; ++*n_draws) {
    const uint32_t j = next;
    next = draw_ahead_one(f, s, row);
    if (j == INK_NONE) continue;
    *gap = 1.0f - margin(f, u, i, j);
    if (*gap > 0.0f) return j;
  }
  return INK_NONE;
}

static void warp_stratum(void *ctx, ink_stratum *s) {
  fit *f = ctx;
  double loss = 0.0;
  for (uint64_t e = 0; e < s->n; e++) {
    const uint32_t i = s->pairs[e].col;
    float *const u = person(f, s->pairs[e].row), gap = 0.0f;
    uint32_t n_draws;
    const uint32_t j = draw_violating(f, s, u, s->pairs[e].row, i, &gap, &n_draws);
    if (j == INK_NONE) continue;
    const float rank = (float)((f->now.n_items - 1) / n_draws), weight = ink_log_f32(1.0f + rank) / (float)f->log_items;
    loss += (double)(weight * gap);
    step(f, u, i, j, weight);
  }
  f->loss[s->rows][s->cols] = loss;
  f->n_loss[s->rows][s->cols] = s->n;
}

/* ------------------------------------------------------------------ a pass */

static ink_status run_pass(void *ctx, uint32_t iteration, double *loss) {
  fit *f = ctx;
  const ink_threads *threads = &f->env->threads;
  uint64_t n = 0;
  f->rate = ink_descent_rate(f->o->rate, iteration, f->o->iterations);
  ink_strata_deal(&f->strata, f->o->seed, iteration, threads);
  ink_negatives_deal(&f->negatives, &f->strata);
  for (uint32_t round = 0; round < f->strata.n_blocks; round++) {
    ink_strata_round(&f->strata, f->o->seed, iteration, round, threads, f->o->warp ? warp_stratum : bpr_stratum, f);
    if (f->o->tags != NULL) ink_item_parts_settle(&f->parts, threads);
  }
  *loss = 0.0;
  for (uint32_t p = 0; p < f->strata.n_blocks; p++)
    for (uint32_t b = 0; b < f->strata.n_blocks; b++) {
      *loss += f->loss[p][b];
      n += f->n_loss[p][b];
    }
  *loss /= n > 0 ? (double)n : 1.0;
  static const char advice[] = "a smaller learning_rate or a larger regularization";
  INK_TRY(ink_descent_check(f->now.people, f->now.n_people * f->now.stride, f->o->name, advice, iteration, f->env));
  return ink_descent_check(f->now.items, f->now.n_items * f->now.stride, f->o->name, advice, iteration, f->env);
}

static void person_vector(void *ctx, uint32_t u, float *vector) {
  const fit *f = ctx;
  ink_mem_copy(vector, person(f, u), f->now.stride * sizeof *vector);
}

static void keep_best(void *ctx) {
  fit *f = ctx;
  ink_mem_copy(f->best.people, f->now.people, (size_t)f->now.n_people * f->now.stride * sizeof *f->now.people);
  ink_mem_copy(f->best.items, f->now.items, (size_t)f->now.n_items * f->now.stride * sizeof *f->now.items);
  if (f->now.bias != NULL) ink_mem_copy(f->best.bias, f->now.bias, f->now.n_items * sizeof *f->now.bias);
}

/* ------------------------------------------------------------------ the fit */

static ink_status new_model(const fit *f, const ink_allocator *allocator, ink_pairwise_model *m) {
  *m = (ink_pairwise_model){ .n_people = f->positives->n_people, .n_items = f->positives->n_items, .d = f->o->d,
                             .stride = ink_align_up(f->o->d, 8) };
  INK_NEW(allocator, m->n_people * m->stride, &m->people);
  INK_NEW(allocator, m->n_items * m->stride, &m->items);
  ink_mem_fill(m->people, 0, m->n_people * m->stride * sizeof *m->people);
  ink_mem_fill(m->items, 0, m->n_items * m->stride * sizeof *m->items);
  if (!f->o->item_bias) return INK_OK;
  INK_NEW(allocator, m->n_items, &m->bias);
  ink_mem_fill(m->bias, 0, m->n_items * sizeof *m->bias);
  return INK_OK;
}

/* A stream for each row: expected length init_scale. */
static void scatter(const fit *f, float *rows, uint32_t n, uint64_t side) {
  const double scale = (double)f->o->init_scale / ink_sqrt_f64((double)f->o->d);
  for (uint32_t r = 0; r < n; r++) {
    ink_rng rng;
    ink_rng_seed(&rng, f->o->seed, side << 40 | r);
    for (uint32_t k = 0; k < f->o->d; k++) rows[r * f->now.stride + k] = (float)(scale * ink_rng_normal(&rng));
  }
}

static ink_status prepare(fit *f) {
  const ink_train_env *env = f->env;
  const ink_positives *c = f->positives;
  const ink_pairwise_options *o = f->o;
  f->log_items = ink_log_f64((double)c->n_items + 1.0);
  INK_TRY(new_model(f, &env->allocator, &f->now));
  INK_TRY(new_model(f, &env->allocator, &f->best));
  INK_TRY(ink_strata_new(&f->strata, c->n_people, c->n_items, c->starts, c->items, &env->allocator));
  INK_TRY(ink_negatives_new(&f->negatives, o->warp ? INK_NEGATIVES_UNIFORM : o->negatives, o->candidates, o->popularity, o->rate, c,
                            o->seed, env));
  scatter(f, f->now.people, f->now.n_people, 1);
  scatter(f, f->now.items, f->now.n_items, 2);
  if (o->tags == NULL) return INK_OK;
  INK_TRY(ink_item_parts_new(&f->parts, o->tags, c, f->now.items, f->now.stride, f->now.bias, env));
  f->negatives.barred = f->parts.silent;
  return INK_OK;
}

ink_status ink_pairwise_fit(const ink_pairwise_options *options, const ink_positives *positives, const ink_train_env *env,
                            ink_pairwise_model *model) {
  fit *f;
  INK_NEW(&env->allocator, 1, &f);
  *f = (fit){ .o = options, .positives = positives, .env = env, .sgd = ink_sgd_best() };
  ink_status status = prepare(f);
  if (status == INK_OK) {
    const ink_watch watch = { f->now.items, f->now.bias, f->now.stride, f, person_vector };
    const ink_descent descent = { .name = options->name, .iterations = options->iterations, .patience = options->patience, .positives = positives,
                                  .watch = watch, .pass = run_pass, .keep = keep_best };
    status = ink_descend(&descent, env);
  }
  ink_item_parts_free(&f->parts);
  ink_negatives_free(&f->negatives);
  ink_strata_free(&f->strata);
  ink_pairwise_free(&f->now, &env->allocator);
  if (status == INK_OK) *model = f->best;
  else ink_pairwise_free(&f->best, &env->allocator);
  ink_block_free(&env->allocator, f);
  return status;
}

void ink_pairwise_free(ink_pairwise_model *m, const ink_allocator *allocator) {
  ink_block_free(allocator, m->people);
  ink_block_free(allocator, m->items);
  ink_block_free(allocator, m->bias);
  *m = (ink_pairwise_model){ 0 };
}
