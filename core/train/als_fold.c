/* als_fold.c - the ridge that folding wants. A person on a device was not in training, and few ratings stand against
 * item vectors that fitted other people: the ridge of training is too small for that. It is measured, then:
 * people are set aside, the rest is trained on, and the ridge that predicts the hidden ratings of those best is kept.
 *
 * The search alternates between the two ridges along a golden section of their logarithms: the error is smooth and has
 * one valley in each, and a fold costs little beside the training that precedes it. */
#include "als.h"
#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

#define LEAST_PEOPLE 20u          /* set aside, or nothing is fitted */
#define MOST_PEOPLE 2000u
#define HIDDEN_SHARE 0.2
#define GOLDEN 0.6180339887498949
#define SPAN 3.0                  /* e^3: a twentieth to twenty times the ridge that training has */
#define SECTIONS 10u              /* e^(2*3 * GOLDEN^10) = within 5 % */
#define ROUNDS 2u

/* ------------------------------------------------------------- set people aside */

static uint32_t aside_wanted(const ink_als_matrix *m) { return ink_min_u32(m->n_rows / 10, MOST_PEOPLE); }

/* aside [n_rows]: 1 for the people chosen, who have at least two observations. Returns how many. */
static uint32_t choose_people(const ink_als_matrix *m, ink_rng *rng, uint32_t *order, uint8_t *aside) {
  const uint32_t wanted = aside_wanted(m);
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

/* Moves a fifth of each row, at least one, to its end; shown[r] observations stay in front of them. */
static void hide(ink_als_matrix *m, ink_rng *rng, uint32_t *shown) {
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

/* ------------------------------------------------------------------ the error */

typedef struct trial {
  const ink_als_options *options;
  const ink_train_env *env;
  const ink_als_matrix *all, *shown;
  ink_als_side *items, *people;
} trial;

static float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* Squared error of one person's hidden ratings, summed. */
static double person_error(const trial *t, uint32_t r) {
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

static ink_status error_of(const trial *t, const ink_als_ridge *ridge, double *error) {
  INK_TRY(ink_als_half_step(t->options, ridge, t->shown, t->items, t->people, t->env));
  *error = 0.0;
  for (uint32_t r = 0; r < t->people->n; r++) *error += person_error(t, r);
  return INK_OK;
}

/* ----------------------------------------------------------------- the search */

/* The ridge with one of its two numbers multiplied by e^x. */
static ink_als_ridge scaled(const ink_als_ridge *r, bool bias, double x) {
  const float by = (float)ink_exp_f64(x);
  return (ink_als_ridge){ bias ? r->lambda : r->lambda * by, r->nu, bias ? r->bias_lambda * by : r->bias_lambda };
}

/* Golden section over -SPAN..SPAN. */
static ink_status search(const trial *t, bool bias, ink_als_ridge *ridge) {
  double low = -SPAN, high = SPAN, x = high - GOLDEN * (high - low), y = low + GOLDEN * (high - low), at_x, at_y;
  ink_als_ridge r = scaled(ridge, bias, x);
  INK_TRY(error_of(t, &r, &at_x));
  r = scaled(ridge, bias, y);
  INK_TRY(error_of(t, &r, &at_y));
  for (uint32_t i = 0; i < SECTIONS; i++) {
    const bool left = at_x <= at_y;
    if (left) {
      high = y;
      y = x;
      at_y = at_x;
      x = high - GOLDEN * (high - low);
    } else {
      low = x;
      x = y;
      at_x = at_y;
      y = low + GOLDEN * (high - low);
    }
    r = scaled(ridge, bias, left ? x : y);
    INK_TRY(error_of(t, &r, left ? &at_x : &at_y));
  }
  *ridge = scaled(ridge, bias, (low + high) / 2.0);
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
  exact.cg_steps = 0;
  ink_rng_seed(&rng, o->seed, UINT64_MAX);
  INK_NEW(&env->allocator, m->n_rows, &f->order);
  INK_NEW(&env->allocator, m->n_rows, &f->aside);
  const uint32_t n = choose_people(m, &rng, f->order, f->aside);
  if (n < LEAST_PEOPLE) return INK_OK;
  INK_TRY(ink_als_select(m, f->aside, 0, env, &f->rest));
  INK_TRY(ink_als_select(m, f->aside, 1, env, &f->all));
  INK_NEW(&env->allocator, n, &f->shown);
  hide(&f->all, &rng, f->shown);
  INK_TRY(shown_part(&f->all, f->shown, env, &f->part));
  INK_TRY(ink_als_fit(o, &f->rest, env, clock, &f->model));
  INK_TRY(ink_als_side_new(&f->people, n, o, &env->allocator));
  const trial t = { &exact, env, &f->all, &f->part, &f->model.items, &f->people };
  for (uint32_t round = 0; round < ROUNDS; round++) {
    INK_TRY(search(&t, false, ridge));
    INK_TRY(search(&t, true, ridge));
  }
  return INK_OK;
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
