/* fit_neighbours.c - item-item weights that are counted in one pass: rp3, slope-one.
 *
 * rp3: p(source -> person)^alpha * p(person -> target)^alpha / popularity(target)^beta (Paudel et al. 2017).
 * slope-one: mean difference of two items' ratings, weighted by how many people rated both (Lemire 2005). */
#include "fit_neighbours.h"

#include "blocks.h"
#include "common_settings.h"
#include "fit_popular.h"
#include "fmath.h"
#include "item_gram.h"
#include "item_pairs.h"
#include "linear_settings.h"
#include "base.h"

enum { R_NEIGHBOURS, R_ALPHA, R_BETA, R_UNIT, R_WEIGHTS, R_N };
static const ink_setting rp3_settings[R_N] = {
  [R_NEIGHBOURS] = { "neighbours", "targets kept for each item", 200, 1, 10000, true, NULL },
  [R_ALPHA] = { "alpha", "power of the step probabilities", 0.5, 0, 4, false, NULL },
  [R_BETA] = { "beta", "power of the popularity that targets are divided by", 0.3, 0, 4, false, NULL },
  [R_UNIT] = { "normalise", "each item of a history speaks with the same total weight", 1, 0, 1, true, ink_yes_words },
  [R_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

enum { O_NEIGHBOURS, O_WEIGHTS, O_N };
static const ink_setting slope_settings[O_N] = {
  [O_NEIGHBOURS] = { "neighbours", "sources kept for each item", 1000, 1, 100000, true, NULL },
  [O_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

/* --------------------------------------------------------------- a counting */

typedef struct counting {
  ink_choices choices;            /* weights (rp3), or ratings (slope-one) */
  const ink_train_env *env;
  float *damp;                    /* [n_items] rp3: choices^beta */
  float *step;                    /* [n_items] rp3: (1/choices)^alpha */
  float *degree;                  /* [n_people] rp3: (1/events)^alpha */
} counting;

static void release(counting *c) {
  const ink_allocator *a = &c->env->allocator;
  float *const blocks[] = { c->damp, c->step, c->degree };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_choices_free(&c->choices, a);
}

/* --------------------------------------------------------------------- rp3 */

static ink_status rp3_targets(void *arg, uint32_t source, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  const ink_matrix *items = &c->choices.items, *people = &c->choices.people;
  (void)worker;
  for (uint64_t e = items->starts[source]; e < items->starts[source + 1]; e++) {
    const uint32_t u = items->cols[e];
    for (uint64_t f = people->starts[u]; f < people->starts[u + 1]; f++) {
      ink_sources_name(out, people->cols[f]);
      out->value[people->cols[f]] += c->degree[u];
    }
  }
  for (uint32_t k = 0; k < out->n; k++) out->value[out->named[k]] *= c->step[source] / c->damp[out->named[k]];
  return INK_OK;
}

static float chance(const ink_matrix *m, uint32_t row, double alpha) {
  const double n = (double)(m->starts[row + 1] - m->starts[row]);
  return n > 0.0 ? (float)ink_pow_f64(1.0 / n, alpha) : 0.0f;
}

static ink_status prepare_rp3(counting *c, const ink_dataset *data, double alpha, double beta) {
  const ink_allocator *a = &c->env->allocator;
  const ink_matrix *items = &c->choices.items, *people = &c->choices.people;
  INK_TRY(ink_choices_of(data, c->env, &c->choices));
  INK_NEW(a, items->n_rows, &c->damp);
  INK_NEW(a, items->n_rows, &c->step);
  INK_NEW(a, people->n_rows, &c->degree);
  for (uint32_t i = 0; i < items->n_rows; i++) {
    const double n = (double)(items->starts[i + 1] - items->starts[i]);
    c->damp[i] = n > 0.0 ? (float)ink_pow_f64(n, beta) : 1.0f;
    c->step[i] = chance(items, i, alpha);
  }
  for (uint32_t u = 0; u < people->n_rows; u++) c->degree[u] = chance(people, u, alpha);
  return INK_OK;
}

static ink_status fit_rp3(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  counting c = { .env = env };
  const ink_pairs_job job = { .prefix = "rp3", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[R_NEIGHBOURS], data->items.n),
                              .by_source = true, .unit_rows = values[R_UNIT] > 0.0, .f32 = values[R_WEIGHTS] > 0.0,
                              .sources = rp3_targets, .arg = &c };
  (void)seed;
  ink_status status = prepare_rp3(&c, data, values[R_ALPHA], values[R_BETA]);
  if (status == INK_OK) status = ink_linear_sums(&job, data, env, out);
  release(&c);
  return status;
}

/* --------------------------------------------------------------- slope one */

static ink_status slope_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  const ink_matrix *items = &c->choices.items, *people = &c->choices.people;
  (void)worker;
  for (uint64_t e = items->starts[target]; e < items->starts[target + 1]; e++) {
    const uint32_t u = items->cols[e];
    for (uint64_t f = people->starts[u]; f < people->starts[u + 1]; f++) {
      const uint32_t j = people->cols[f];
      ink_sources_name(out, j);
      out->value[j] += 1.0f;
      out->shift[j] += items->values[e] - people->values[f];
    }
  }
  for (uint32_t k = 0; k < out->n; k++) out->shift[out->named[k]] /= out->value[out->named[k]];
  return INK_OK;
}

/* The settings of a mean without biases: what is not known of a person is their mean alone. */
static ink_status put_means(const counting *c, const ink_dataset *data, ink_trained *out) {
  const ink_matrix *people = &c->choices.people;
  double mean = 0.0;
  float *none;
  INK_NEW(&c->env->allocator, data->items.n, &none);
  for (uint32_t i = 0; i < data->items.n; i++) none[i] = 0.0f;
  for (uint64_t e = 0; e < people->n_values; e++) mean += (double)people->values[e] / (double)people->n_values;
  const ink_linear_rule rule = { .is_mean = true, .mean = (float)mean, .lowest = data->value_min, .highest = data->value_max };
  const ink_status status = ink_linear_settings(out, "slope_one", &rule, none, data->items.n);
  ink_block_free(&c->env->allocator, none);
  return status;
}

static ink_status fit_slope(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  counting c = { .env = env };
  const ink_pairs_job job = { .prefix = "slope_one", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[O_NEIGHBOURS], data->items.n),
                              .shifts = true, .f32 = values[O_WEIGHTS] > 0.0, .sources = slope_sources, .arg = &c };
  bool is_explicit;
  (void)seed;
  INK_TRY(ink_choose_feedback(data, INK_FEEDBACK_EXPLICIT, env, &is_explicit));
  ink_status status = ink_dataset_matrix(data, true, env, &c.choices.people);
  if (status == INK_OK) status = ink_matrix_transpose(&c.choices.people, env, &c.choices.items);
  if (status == INK_OK) status = ink_pairs_build(&job, env, out);
  if (status == INK_OK) status = put_means(&c, data, out);
  release(&c);
  return status == INK_OK ? ink_popular_tensor(data, env, out) : status;
}

const ink_trainer ink_trainer_rp3 = { .name = "rp3", .about = "a random walk of three steps from item to item, popular ones discounted",
                                      .settings = rp3_settings, .n_settings = R_N, .fit = fit_rp3 };
const ink_trainer ink_trainer_slope_one = { .name = "slope-one", .about = "mean differences between the ratings of two items",
                                            .settings = slope_settings, .n_settings = O_N, .fit = fit_slope };
