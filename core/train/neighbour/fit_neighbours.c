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

enum { KEEP_SOURCES, KEEP_TARGETS };
static const char *const keep_words[] = { "sources", "targets", NULL };

enum { R_NEIGHBOURS, R_KEEP, R_ALPHA, R_BETA, R_UNIT, R_WEIGHTS, R_N };
static const ink_setting rp3_settings[R_N] = {
  [R_NEIGHBOURS] = { "neighbours", "others kept for each item", 200, 1, 10000, true, NULL },
  [R_KEEP] = { "keep", "sources: each item keeps those that speak for it loudest; targets: those it speaks for", KEEP_SOURCES, 0, 1, true, keep_words },
  [R_ALPHA] = { "alpha", "power of the step probabilities", 0.5, 0, 4, false, NULL },
  [R_BETA] = { "beta", "power of the popularity that targets are divided by", 0.3, 0, 4, false, NULL },
  [R_UNIT] = { "normalise", "each item of a history speaks with the same total weight", 0, 0, 1, true, ink_yes_words },
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
  float *step;                    /* [n_items] rp3: (1/choices)^alpha, or 1 over what an item says to all others together */
  float *degree;                  /* [n_people] rp3: (1/events)^alpha */
} counting;

static void release(counting *c) {
  const ink_allocator *a = &c->env->allocator;
  float *const blocks[] = { c->damp, c->step, c->degree };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_choices_free(&c->choices, a);
}

/* --------------------------------------------------------------------- rp3 */

/* Over people with both items: a sum that reads the same both ways. */
static void add_walks(const counting *c, uint32_t item, ink_sources *out) {
  const ink_matrix *items = &c->choices.items, *people = &c->choices.people;
  for (uint64_t e = items->starts[item]; e < items->starts[item + 1]; e++) {
    const uint32_t u = items->cols[e];
    const uint64_t first = people->starts[u], end = people->starts[u + 1];
    float *const value = out->value;
    ink_sources_name_all(out, people->cols + first, end - first);
    for (uint64_t f = first; f < end; f++) value[people->cols[f]] += c->degree[u];
  }
}

static ink_status rp3_targets(void *arg, uint32_t source, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  (void)worker;
  add_walks(c, source, out);
  for (uint32_t k = 0; k < out->n; k++) out->value[out->named[k]] *= c->step[source] / c->damp[out->named[k]];
  return INK_OK;
}

static ink_status rp3_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  (void)worker;
  add_walks(c, target, out);
  for (uint32_t k = 0; k < out->n; k++) out->value[out->named[k]] *= c->step[out->named[k]] / c->damp[target];
  return INK_OK;
}

/* What an item says to all others together is a sum over people of what they say of theirs: no pair need be counted. */
static ink_status find_voices(counting *c) {
  const ink_matrix *items = &c->choices.items, *people = &c->choices.people;
  double *said;
  INK_NEW(&c->env->allocator, people->n_rows, &said);
  for (uint32_t u = 0; u < people->n_rows; u++) {
    said[u] = 0.0;
    for (uint64_t e = people->starts[u]; e < people->starts[u + 1]; e++) said[u] += 1.0 / (double)c->damp[people->cols[e]];
  }
  for (uint32_t i = 0; i < items->n_rows; i++) {
    double voice = 0.0;
    for (uint64_t e = items->starts[i]; e < items->starts[i + 1]; e++)
      voice += (double)c->degree[items->cols[e]] * (said[items->cols[e]] - 1.0 / (double)c->damp[i]);
    c->step[i] = voice > 0.0 ? (float)(1.0 / voice) : 0.0f;
  }
  ink_block_free(&c->env->allocator, said);
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
  const bool targets = values[R_KEEP] > 0.0, unit = values[R_UNIT] > 0.0;
  const ink_pairs_job job = { .prefix = "rp3", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[R_NEIGHBOURS], data->items.n),
                              .by_source = targets, .unit_rows = targets && unit, .f32 = values[R_WEIGHTS] > 0.0,
                              .sources = targets ? rp3_targets : rp3_sources, .arg = &c };
  (void)seed;
  ink_status status = prepare_rp3(&c, data, values[R_ALPHA], values[R_BETA]);
  if (status == INK_OK && unit && !targets) status = find_voices(&c);
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
