/* fit_pairwise.c - the front of the bpr and warp trainers: settings to options, model to tensors.
 *
 * The vectors of people are no part of a pack: on a device a person's vector is found by gradient steps on the same loss, the
 * item vectors standing still (core/model/factor_gradient.c). */
#include "fit_pairwise.h"

#include "common_settings.h"
#include "item_parts.h"
#include "pairwise.h"
#include "quantise.h"
#include "vector_tensors.h"
#include "base.h"

/* ---------------------------------------------------------------- settings */

static const char *const negatives_words[] = { "uniform", "hard", "adversarial", NULL };

enum { S_FACTORS, S_ITERATIONS, S_RATE, S_REGULARIZATION, S_BIAS, S_BIAS_REGULARIZATION, S_INIT_SCALE, S_POPULARITY, S_HELD, S_PATIENCE,
       S_FOLD_PASSES, S_FOLD_STEPS, S_FOLD_CANDIDATES, S_FOLD_RATE, S_FOLD_REGULARIZATION, S_PRECISION, S_FEATURES, N_COMMON };
enum { S_NEGATIVES = N_COMMON, S_CANDIDATES, N_BPR };
enum { S_TRIALS = N_COMMON, N_WARP };

#define COMMON(iterations, rate, regularization, fold_candidates)                                                                     \
  [S_FACTORS] = { "factors", "width of an item's vector", 64, 1, 2048, true, NULL },                                                  \
  [S_ITERATIONS] = { "iterations", "times that every choice is met, at most", iterations, 1, 100000, true, NULL },                     \
  [S_RATE] = { "learning_rate", "size of a step at the start; it falls linearly to a twentieth", rate, 1e-6, 10, false, NULL },         \
  [S_REGULARIZATION] = { "regularization", "pull of vectors to zero at each step", regularization, 0, 10, false, NULL },               \
  [S_BIAS] = { "item_bias", "a score of its own for each item", 0, 0, 1, true, ink_yes_words },                                            \
  [S_BIAS_REGULARIZATION] = { "bias_regularization", "pull of the items' own scores to zero", 0.01, 0, 10, false, NULL },               \
  [S_INIT_SCALE] = { "init_scale", "length of the random vectors at the start", 0.1, 1e-6, 1e3, false, NULL },                         \
  [S_POPULARITY] = { "popularity_exponent", "negatives are drawn by an item's choices to this power; 0 = all alike", 0, 0, 2, false, NULL }, \
  [S_HELD] = { "held_back", "people of whom a fifth of the choices is hidden, to stop in time; a tenth of all at most", 1000, 0, 1e6, true, NULL }, \
  [S_PATIENCE] = { "patience", "looks at the hidden choices (ten in a run) without a better one before training ends", 3, 1, 1000, true, NULL }, \
  [S_FOLD_PASSES] = { "fold_passes", "times that a person's events are met on the device, at most", 30, 1, 200, true, NULL },           \
  [S_FOLD_STEPS] = { "fold_steps", "steps there that long histories are met in: fewer passes, two at least", 400, 1, 1e6, true, NULL },   \
  [S_FOLD_CANDIDATES] = { "fold_candidates", "draws there of which the highest is held against an event; 0 = by the number of items", fold_candidates, 0, 64, true, NULL }, \
  [S_FOLD_RATE] = { "fold_rate", "size of a step there; it falls linearly to nothing", 0.1, 1e-6, 10, false, NULL },                    \
  [S_FOLD_REGULARIZATION] = { "fold_regularization", "pull of the person's vector to zero at each step there", 0.01, 0, 0.1, false, NULL }, \
  [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true, \
                    ink_precision_words },                                                                                            \
  [S_FEATURES] = { "item_features", "an item's vector is its own plus those of its tags (--items), learnt together", 0, 0, 1, true, ink_yes_words }

static const ink_setting bpr_settings[N_BPR] = {
  COMMON(40, 0.1, 0.03, 0),
  [S_NEGATIVES] = { "negatives", "uniform: any draw; hard: the highest of some draws; adversarial: by a small model that learns which "
                                 "draws stand too high", INK_NEGATIVES_HARD, 0, 2, true, negatives_words },
  [S_CANDIDATES] = { "candidates", "draws that hard and adversarial choose from; 0 = by the number of items", 0, 0, INK_MOST_CANDIDATES, true, NULL },
};

static const ink_setting warp_settings[N_WARP] = {
  COMMON(30, 0.05, 0.03, 4),
  [S_TRIALS] = { "trials", "draws at most until one stands too high", 50, 1, 10000, true, NULL },
};

/* The hardest draw should stand about as high in a small catalogue as in a large one: where `set` is 0, one for so many items. */
typedef struct draws_rule { uint32_t items, least, most; } draws_rule;
static const draws_rule training_draws = { 1024, 16, 32 }, fold_draws = { 512, 16, 64 };

static uint32_t draws(double set, uint32_t n_items, draws_rule rule) {
  return set > 0.0 ? (uint32_t)set : ink_max_u32(rule.least, ink_min_u32(n_items / rule.items, rule.most));
}

static ink_pairwise_options options_of(bool warp, const double *values, uint32_t n_items, uint64_t seed) {
  ink_pairwise_options o = { .name = warp ? "warp" : "bpr", .warp = warp, .item_bias = values[S_BIAS] > 0.0, .d = (uint32_t)values[S_FACTORS],
                             .iterations = (uint32_t)values[S_ITERATIONS], .patience = (uint32_t)values[S_PATIENCE],
                             .rate = (float)values[S_RATE], .lambda = (float)values[S_REGULARIZATION],
                             .bias_lambda = (float)values[S_BIAS_REGULARIZATION], .init_scale = (float)values[S_INIT_SCALE],
                             .popularity = values[S_POPULARITY], .seed = seed };
  if (warp) {
    o.trials = (uint32_t)values[S_TRIALS];
  } else {
    o.negatives = (uint32_t)values[S_NEGATIVES];
    o.candidates = draws(values[S_CANDIDATES], n_items, training_draws);
  }
  return o;
}

/* ------------------------------------------------------------------ fitting */

static ink_status add_tensors(const ink_trainer *trainer, const double *values, const ink_pairwise_model *m, const ink_dataset *data,
                              const ink_train_env *env, ink_trained *out) {
  ink_vectors v = { .trainer = trainer, .values = values, .n_items = m->n_items, .n_people = m->n_people, .d = m->d, .stride = m->stride,
                    .precision = (uint32_t)values[S_PRECISION], .items = m->items, .bias = m->bias, .people = m->people };
  v.settings[FACTOR_MODE] = FACTOR_GRADIENT;
  v.settings[FACTOR_PASSES] = (float)values[S_FOLD_PASSES];
  v.settings[FACTOR_STEPS] = (float)values[S_FOLD_STEPS];
  v.settings[FACTOR_CANDIDATES] = (float)draws(values[S_FOLD_CANDIDATES], m->n_items, fold_draws);
  v.settings[FACTOR_RATE] = (float)values[S_FOLD_RATE];
  v.settings[FACTOR_LAMBDA] = (float)values[S_FOLD_REGULARIZATION];
  return ink_vector_tensors(&v, data, env, out);
}

/* The vectors of options `o`; `tags` (empty) is the caller's to free. */
static ink_status fit_vectors(const ink_dataset *data, const double *values, ink_pairwise_options *o, const ink_positives *choices,
                              const ink_train_env *env, ink_matrix *tags, ink_pairwise_model *m) {
  if (values[S_FEATURES] > 0.0) {
    INK_TRY(ink_item_tags(data->columns, choices->n_items, env, tags));
    o->tags = tags;
  }
  return ink_pairwise_fit(o, choices, env, m);
}

static ink_status fit_pairwise(const ink_trainer *trainer, const ink_dataset *data, const double *values, uint64_t seed,
                               const ink_train_env *env, ink_trained *out) {
  ink_pairwise_options o = options_of(trainer == &ink_trainer_warp, values, data->items.n, seed);
  ink_positives choices;
  ink_pairwise_model m = { 0 };
  ink_matrix tags = { 0 };
  ink_status status = ink_positives_make(data, (uint32_t)values[S_HELD], seed, env, &choices);
  if (status == INK_OK) status = fit_vectors(data, values, &o, &choices, env, &tags, &m);
  if (status == INK_OK) status = add_tensors(trainer, values, &m, data, env, out);
  ink_pairwise_free(&m, &env->allocator);
  ink_matrix_free(&tags, &env->allocator);
  ink_positives_free(&choices);
  return status;
}

static ink_status fit_bpr(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  return fit_pairwise(&ink_trainer_bpr, data, values, seed, env, out);
}
static ink_status fit_warp(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  return fit_pairwise(&ink_trainer_warp, data, values, seed, env, out);
}

const ink_trainer ink_trainer_bpr = { .name = "bpr", .about = "vectors of people and items that rank chosen above not chosen, pair by pair",
                                      .settings = bpr_settings, .n_settings = N_BPR, .fit = fit_bpr };
const ink_trainer ink_trainer_warp = { .name = "warp", .about = "the same with a loss that looks at the head of the list",
                                       .settings = warp_settings, .n_settings = N_WARP, .fit = fit_warp };
