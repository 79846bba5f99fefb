/* als_fold.c - the ridge that folding wants. A person on a device was not in training, and the best ridge for solving
 * for one person is not the one that makes the best item vectors: a quarter to twice that, on the sets that were
 * tried with implicit feedback. It is measured, then: people are set aside, the rest is trained on, and the ridge
 * with which a part of their observations tells most of the hidden rest is kept.
 *
 * The search walks along the logarithm of the ridge (and of the biases' ridge) with shrinking steps; it costs little
 * beside the training that precedes it. */
#include "als_fold.h"
#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

#define LEAST_PEOPLE 20u          /* set aside, or nothing is fitted */
#define MOST_PEOPLE 2000u
#define MOST_SCORES 67108864u     /* people set aside times items, in implicit mode; but at least 200 people */
#define HIDDEN_SHARE 0.2
#define FARTHEST 6.0              /* 2^-6..2^6 times the ridge of training */
#define WORTHWHILE 0.001          /* a better ranking by less is chance: do not wander off along a flat valley */

/* ------------------------------------------------------------- set people aside */

/* Ranking costs a score of every item; predicting ratings costs next to nothing. */
static uint32_t aside_wanted(const ink_als_options *o, const ink_als_matrix *m) {
  const uint32_t affordable = o->rule.is_explicit ? MOST_PEOPLE : ink_max_u32(200, MOST_SCORES / m->n_cols);
  return ink_min_u32(m->n_rows / 10, ink_min_u32(affordable, MOST_PEOPLE));
}

uint32_t ink_als_choose_aside(const ink_als_matrix *m, uint32_t wanted, ink_rng *rng, uint32_t *order, uint8_t *aside) {
  uint32_t chosen = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    order[r] = r;
    aside[r] = 0;
  }
  ink_rng_shuffle(rng, order, m->n_rows);
  for (uint32_t i = 0; i < m->n_rows && chosen < wanted; i++) {
    if (m->starts[order[i] + 1] - m->starts[order[i]] < 2) continue;
    aside[order[i]] = 1;
    chosen++;
  }
  return chosen;
}

void ink_als_hide(ink_als_matrix *m, ink_rng *rng, uint32_t *shown) {
  for (uint32_t r = 0; r < m->n_rows; r++) {
    const uint64_t first = m->starts[r];
    const uint32_t n = (uint32_t)(m->starts[r + 1] - first);
    const uint32_t hidden = ink_max_u32(1, (uint32_t)(HIDDEN_SHARE * n));
    for (uint32_t h = 0; h < hidden; h++) {
      const uint64_t x = first + ink_rng_below(rng, n - h), y = first + n - h - 1;
      const uint32_t col = m->cols[x];
      const float a = m->a[x], b = m->b[x];
      m->cols[x] = m->cols[y];
      m->a[x] = m->a[y];
      m->b[x] = m->b[y];
      m->cols[y] = col;
      m->a[y] = a;
      m->b[y] = b;
    }
    shown[r] = n - hidden;
  }
}

/* The observations in front, as a matrix of its own. */
static ink_status shown_part(const ink_als_matrix *m, const uint32_t *shown, const ink_train_env *env, ink_als_matrix *out) {
  uint8_t *all;
  INK_NEW(&env->allocator, m->n_rows, &all);
  ink_mem_fill(all, 1, m->n_rows);
  const ink_status status = ink_als_select(m, all, 1, env, out);
  ink_block_free(&env->allocator, all);
  INK_TRY(status);
  uint64_t to = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    const uint64_t from = m->starts[r];
    out->starts[r] = to;
    for (uint32_t i = 0; i < shown[r]; i++, to++) {
      out->cols[to] = m->cols[from + i];
      out->a[to] = m->a[from + i];
      out->b[to] = m->b[from + i];
    }
  }
  out->starts[m->n_rows] = to;
  out->n_values = to;
  return INK_OK;
}

/* ----------------------------------------------------------------- the search */

static ink_status loss_of(const ink_als_trial *t, const ink_als_ridge *ridge, double *loss) {
  INK_TRY(ink_als_half_step(t->options, ridge, t->shown, t->items, t->people, t->env));
  return t->options->rule.is_explicit ? ink_als_rating_loss(t, loss) : ink_als_ranking_loss(t, loss);
}

/* Where the walk stands: the two ridges as powers of two times those of training, and the loss there. */
typedef struct place {
  double step[2];                 /* lambda, bias_lambda */
  double loss;
} place;

static ink_als_ridge ridge_at(const ink_als_ridge *training, const place *p) {
  return (ink_als_ridge){ training->lambda * (float)ink_pow_f64(2.0, p->step[0]), training->nu,
                          training->bias_lambda * (float)ink_pow_f64(2.0, p->step[1]) };
}

static bool is_better(const ink_als_trial *t, double loss, double than) {
  const double margin = t->options->rule.is_explicit ? 0.0 : WORTHWHILE * than;     /* than < 0 */
  return loss < than + margin;
}

/* Goes on in one direction while that helps. */
static ink_status walk(const ink_als_trial *t, const ink_als_ridge *training, uint32_t which, double by, place *best) {
  for (;;) {
    place next = *best;
    next.step[which] += by;
    if (next.step[which] > FARTHEST || next.step[which] < -FARTHEST) return INK_OK;
    const ink_als_ridge ridge = ridge_at(training, &next);
    INK_TRY(loss_of(t, &ridge, &next.loss));
    if (!is_better(t, next.loss, best->loss)) return INK_OK;
    *best = next;
  }
}

static ink_status walk_both_ways(const ink_als_trial *t, const ink_als_ridge *training, uint32_t which, double by, place *best) {
  const double from = best->step[which];
  INK_TRY(walk(t, training, which, by, best));
  return best->step[which] == from ? walk(t, training, which, -by, best) : INK_OK;
}

/* A ranking is too rough a measure for steps finer than two; an error of ratings is smooth. */
static ink_status search(const ink_als_trial *t, const ink_als_ridge *training, ink_als_ridge *found) {
  const bool is_explicit = t->options->rule.is_explicit;
  place best = { { 0.0, 0.0 }, 0.0 };
  INK_TRY(loss_of(t, training, &best.loss));
  for (double by = 1.0; by >= (is_explicit ? 0.25 : 1.0); by /= 2.0) {
    INK_TRY(walk_both_ways(t, training, 0, by, &best));
    if (is_explicit) INK_TRY(walk_both_ways(t, training, 1, by, &best));
  }
  *found = ridge_at(training, &best);
  return INK_OK;
}

/* ----------------------------------------------------------------------- door */

/* Everything that is given back at the end. */
typedef struct fold {
  uint32_t *order, *shown;
  uint8_t *aside;
  ink_als_matrix rest, all, part;
  ink_als_model model;
  ink_als_side people;
} fold;

static void release(fold *f, const ink_allocator *allocator) {
  ink_block_free(allocator, f->order);
  ink_block_free(allocator, f->shown);
  ink_block_free(allocator, f->aside);
  ink_als_matrix_free(&f->rest, allocator);
  ink_als_matrix_free(&f->all, allocator);
  ink_als_matrix_free(&f->part, allocator);
  ink_als_model_free(&f->model, allocator);
  ink_als_side_free(&f->people, allocator);
}

static ink_status fit(const ink_als_options *o, const ink_als_matrix *m, const ink_train_env *env, ink_als_clock *clock, fold *f,
                      ink_als_ridge *ridge) {
  ink_als_options exact = *o;
  ink_rng rng;
  exact.cg_steps = exact.block = 0;
  ink_rng_seed(&rng, o->seed, UINT64_MAX);
  INK_NEW(&env->allocator, m->n_rows, &f->order);
  INK_NEW(&env->allocator, m->n_rows, &f->aside);
  const uint32_t n = ink_als_choose_aside(m, aside_wanted(o, m), &rng, f->order, f->aside);
  if (n < LEAST_PEOPLE) return INK_OK;
  INK_TRY(ink_als_select(m, f->aside, 0, env, &f->rest));
  INK_TRY(ink_als_select(m, f->aside, 1, env, &f->all));
  INK_NEW(&env->allocator, n, &f->shown);
  ink_als_hide(&f->all, &rng, f->shown);
  INK_TRY(shown_part(&f->all, f->shown, env, &f->part));
  INK_TRY(ink_als_fit(o, &f->rest, env, clock, &f->model));
  INK_TRY(ink_als_side_new(&f->people, n, o, &env->allocator));
  const ink_als_trial t = { &exact, env, &f->all, &f->part, &f->model.items, &f->people };
  const ink_als_ridge training = *ridge;
  return search(&t, &training, ridge);
}

ink_status ink_als_fit_fold(const ink_als_options *options, const ink_als_matrix *people_by_items, const ink_train_env *env,
                            ink_als_clock *clock, ink_als_ridge *ridge) {
  ink_als_ridge r = { options->lambda, options->nu, options->bias_lambda };
  fold f = { 0 };
  const ink_status status = fit(options, people_by_items, env, clock, &f, &r);
  release(&f, &env->allocator);
  if (status == INK_OK) *ridge = r;
  return status;
}
