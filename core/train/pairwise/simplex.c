/* simplex.c - see simplex.h. Batches of people in a new order each pass; the step itself is simplex_step.c. Directions are
 * learned, lengths are chosen at the end. */
#include "simplex.h"

#include "blocks.h"
#include "descent.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "simplex_step.h"
#include "base.h"

#define LONGEST 10u               /* hundredths: the largest exponent of a length */

typedef struct fit {
  ink_simplex_step step;
  const ink_simplex_options *o;
  const ink_train_env *env;
  ink_simplex_model now, best;
  uint32_t *people;               /* [n_people] those with two choices or more, in this pass's order */
  uint32_t n_people;
  uint32_t *items;                /* [n_items] in an order of which each batch takes the front */
  uint32_t *n_chosen;             /* [n_items] by how many people */
  ink_rng rng;
} fit;

/* ------------------------------------------------------------------ a pass */

/* Places of the batch's choices in k, which grows to hold them. */
static ink_status place_choices(ink_simplex_step *s, const ink_allocator *allocator) {
  s->starts[0] = 0;
  for (uint32_t p = 0; p < s->n_people; p++)
    s->starts[p + 1] = s->starts[p] + s->positives->starts[s->people[p] + 1] - s->positives->starts[s->people[p]];
  if (s->starts[s->n_people] <= s->cap_entries) return INK_OK;
  const uint64_t cap = ink_block_grown(s->cap_entries, s->starts[s->n_people]);
  INK_GROW(allocator, cap, &s->k);
  s->cap_entries = cap;
  return INK_OK;
}

/* The first n_negatives of the items in a random order: different ones. */
static void draw_negatives(fit *f) {
  ink_simplex_step *s = &f->step;
  for (uint32_t j = 0; j < s->n_negatives; j++) s->slot[f->items[j]] = INK_NONE;
  for (uint32_t j = 0; j < s->n_negatives; j++) {
    const uint32_t other = j + ink_rng_below(&f->rng, f->now.n_items - j), kept = f->items[j];
    f->items[j] = f->items[other];
    f->items[other] = kept;
  }
  for (uint32_t j = 0; j < s->n_negatives; j++) s->slot[f->items[j]] = j;
  s->negatives = f->items;
}

static ink_status run_pass(void *ctx, uint32_t iteration, double *loss) {
  fit *f = ctx;
  ink_simplex_step *s = &f->step;
  uint64_t n = 0;
  *loss = 0.0;
  s->rate = ink_descent_rate(f->o->rate, iteration, f->o->iterations);
  ink_rng_shuffle(&f->rng, f->people, f->n_people);
  for (uint32_t first = 0; first < f->n_people; first += f->o->batch) {
    s->people = f->people + first;
    s->n_people = ink_min_u32(f->o->batch, f->n_people - first);
    INK_TRY(place_choices(s, &f->env->allocator));
    draw_negatives(f);
    *loss += ink_simplex_step_run(s);
    n += s->starts[s->n_people];
  }
  *loss /= n > 0 ? (double)n : 1.0;
  return INK_OK;
}

/* -------------------------------------------------------- watched, and kept */

static void person_vector(void *ctx, uint32_t person, float *vector) {
  const fit *f = ctx;
  const ink_positives *c = f->step.positives;
  ink_mem_fill(vector, 0, f->now.stride * sizeof *vector);
  for (uint64_t e = c->starts[person]; e < c->starts[person + 1]; e++)
    f->env->kernels->add_f32(f->now.items + c->items[e] * f->now.stride, vector, f->now.stride);
}

static void keep_best(void *ctx) {
  fit *f = ctx;
  ink_mem_copy(f->best.items, f->now.items, (size_t)f->now.n_items * f->now.stride * sizeof *f->now.items);
}

/* ------------------------------------------------------------------ lengths */

/* rows = the best directions, each n^exponent long: n people of training chose the item. */
static void lengthen(const fit *f, float *rows, double exponent) {
  const size_t stride = f->best.stride;
  for (uint32_t i = 0; i < f->best.n_items; i++) {
    const float length = (float)ink_pow_f64((double)ink_max_u32(1, f->n_chosen[i]), exponent);
    for (size_t k = 0; k < stride; k++) rows[i * stride + k] = length * f->best.items[i * stride + k];
  }
}

/* What is chosen often cannot be near to everybody on a sphere; a longer row says it. Takes the exponent that ranks the hidden
 * choices best, 0 where nothing is hidden. Learned with the directions, lengths only sharpened the softmax. */
static ink_status choose_lengths(fit *f, const ink_watch *watch) {
  const ink_positives *c = f->step.positives;
  double best = 0.0, most = -1.0, ndcg;
  ink_mem_fill(f->n_chosen, 0, c->n_items * sizeof *f->n_chosen);
  for (uint64_t e = 0; e < c->starts[c->n_people]; e++) f->n_chosen[c->items[e]]++;
  for (uint32_t hundredth = 0; c->n_watched > 0 && hundredth <= LONGEST; hundredth += 2) {
    lengthen(f, f->now.items, hundredth * 0.01);
    INK_TRY(ink_positives_ndcg(c, watch, f->env, &ndcg));
    if (ndcg <= most) continue;
    most = ndcg;
    best = hundredth * 0.01;
  }
  lengthen(f, f->best.items, best);
  return INK_OK;
}

/* ------------------------------------------------------------------ the fit */

/* Random directions: a stream for each item. */
static void scatter(ink_simplex_model *m, uint64_t seed) {
  for (uint32_t i = 0; i < m->n_items; i++) {
    float *const y = m->items + i * m->stride;
    double squared = 0.0;
    ink_rng rng;
    ink_rng_seed(&rng, seed, i);
    for (uint32_t k = 0; k < m->d; k++) {
      y[k] = (float)ink_rng_normal(&rng);
      squared += (double)y[k] * (double)y[k];
    }
    for (uint32_t k = 0; k < m->d; k++) y[k] = (float)((double)y[k] / ink_sqrt_f64(squared));
  }
}

static ink_status new_model(const fit *f, ink_simplex_model *m) {
  *m = (ink_simplex_model){ .n_items = f->step.positives->n_items, .d = f->o->d, .stride = ink_align_up(f->o->d, 8) };
  INK_NEW(&f->env->allocator, m->n_items * m->stride, &m->items);
  ink_mem_fill(m->items, 0, m->n_items * m->stride * sizeof *m->items);
  return INK_OK;
}

static ink_status new_step(fit *f) {
  const ink_allocator *allocator = &f->env->allocator;
  ink_simplex_step *s = &f->step;
  const uint32_t n_items = s->positives->n_items, batch = f->o->batch;
  const size_t stride = ink_align_up(f->o->d, 8);
  s->n_negatives = ink_min_u32(f->o->negatives, n_items);
  s->gemm = ink_gemm_best();
  s->scratch_bytes = ink_align_up(ink_gemm_scratch_bytes(s->gemm), INK_ALIGN);
  INK_NEW(allocator, (uint64_t)batch + 1, &s->starts);
  INK_NEW(allocator, n_items, &s->slot);
  INK_NEW(allocator, s->n_negatives * stride, &s->negative_rows);
  INK_NEW(allocator, batch * stride, &s->sum);
  INK_NEW(allocator, batch * stride, &s->unit);
  INK_NEW(allocator, batch * stride, &s->away);
  INK_NEW(allocator, batch * stride, &s->pull);
  INK_NEW(allocator, (uint64_t)batch * s->n_negatives, &s->coefficient);
  INK_NEW(allocator, batch, &s->loss);
  INK_NEW(allocator, n_items * stride, &s->gradient);
  INK_NEW(allocator, n_items, &s->squares);
  INK_NEW(allocator, n_items, &s->touched);
  INK_NEW(allocator, f->env->threads.n_workers * s->scratch_bytes, &s->scratch);
  ink_mem_fill(s->gradient, 0, n_items * stride * sizeof *s->gradient);
  ink_mem_fill(s->squares, 0, n_items * sizeof *s->squares);
  ink_mem_fill(s->touched, 0, n_items);
  for (uint32_t i = 0; i < n_items; i++) s->slot[i] = INK_NONE;
  return INK_OK;
}

static ink_status prepare(fit *f) {
  const ink_positives *c = f->step.positives;
  INK_TRY(new_model(f, &f->now));
  INK_TRY(new_model(f, &f->best));
  INK_NEW(&f->env->allocator, c->n_people, &f->people);
  INK_NEW(&f->env->allocator, c->n_items, &f->items);
  INK_NEW(&f->env->allocator, c->n_items, &f->n_chosen);
  INK_TRY(new_step(f));
  scatter(&f->now, f->o->seed);
  for (uint32_t r = 0; r < c->n_people; r++)
    if (c->starts[r + 1] - c->starts[r] >= 2) f->people[f->n_people++] = r;
  for (uint32_t i = 0; i < c->n_items; i++) f->items[i] = i;
  ink_rng_seed(&f->rng, f->o->seed, UINT64_MAX - 1);
  return INK_OK;
}

static void release(fit *f) {
  ink_simplex_step *s = &f->step;
  void *const blocks[] = { f->people, f->items, f->n_chosen, s->starts, s->slot, s->negative_rows, s->sum, s->unit, s->away, s->pull, s->coefficient, s->k,
                           s->loss, s->gradient, s->squares, s->touched, s->scratch };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&f->env->allocator, blocks[i]);
}

ink_status ink_simplex_fit(const ink_simplex_options *options, const ink_positives *positives, const ink_train_env *env,
                           ink_simplex_model *model) {
  fit f = { .o = options, .env = env };
  f.step = (ink_simplex_step){ .o = options, .positives = positives, .env = env, .model = &f.now };
  ink_status status = prepare(&f);
  if (status == INK_OK) {
    const ink_descent descent = { .name = "simplex", .iterations = options->iterations, .patience = options->patience, .positives = positives,
                                  .watch = { f.now.items, NULL, f.now.stride, &f, person_vector }, .pass = run_pass, .keep = keep_best };
    status = ink_descend(&descent, env);
    if (status == INK_OK) status = choose_lengths(&f, &descent.watch);
  }
  release(&f);
  ink_simplex_free(&f.now, &env->allocator);
  if (status == INK_OK) *model = f.best;
  else ink_simplex_free(&f.best, &env->allocator);
  return status;
}

void ink_simplex_free(ink_simplex_model *m, const ink_allocator *allocator) {
  ink_block_free(allocator, m->items);
  *m = (ink_simplex_model){ 0 };
}
