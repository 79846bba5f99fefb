/* fit_item2vec.c - the front of the item2vec trainer: settings to options, model to tensors. A person is served as the
 * mean of the vectors x of what was chosen (the fold rows of mode "sums", core/model/factor.h), which is held against every z. */
#include "fit_item2vec.h"

#include "item2vec.h"
#include "quantise.h"
#include "vector_tensors.h"
#include "base.h"

enum { S_FACTORS, S_ITERATIONS, S_CONTEXTS, S_NEGATIVES, S_POPULARITY, S_SUBSAMPLE, S_RATE, S_HELD, S_PATIENCE, S_PRECISION, N_SETTINGS };

static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "width of an item's vector", 64, 1, 2048, true, NULL },
  [S_ITERATIONS] = { "iterations", "passes over the choices, at most", 40, 1, 100000, true, NULL },
  [S_CONTEXTS] = { "contexts", "others of the same person that each choice is paired with in a pass", 5, 1, 1000, true, NULL },
  [S_NEGATIVES] = { "negatives", "drawn items for each pair", 5, 1, INK_ITEM2VEC_NEGATIVES, true, NULL },
  [S_POPULARITY] = { "popularity_exponent", "negatives are drawn by an item's choices to this power; 0 = all alike", 0, -1, 2, false, NULL },
  [S_SUBSAMPLE] = { "subsample", "items with a larger share of all choices are left out at random; 0 = never", 0, 0, 1, false, NULL },
  [S_RATE] = { "learning_rate", "size of a step at the start; it falls linearly to a twentieth", 0.05, 1e-6, 10, false, NULL },
  [S_HELD] = { "held_back", "people of whom a fifth of the choices is hidden, to stop in time; a tenth of all at most", 1000, 0, 1e6, true, NULL },
  [S_PATIENCE] = { "patience", "looks at the hidden choices (ten in a full run) without a better one before training ends", 3, 1, 1000, true, NULL },
  [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true,
                    ink_precision_words },
};

static ink_item2vec_options options_of(const double *values, uint64_t seed) {
  return (ink_item2vec_options){ .d = (uint32_t)values[S_FACTORS], .iterations = (uint32_t)values[S_ITERATIONS],
                                 .patience = (uint32_t)values[S_PATIENCE], .contexts = (uint32_t)values[S_CONTEXTS],
                                 .negatives = (uint32_t)values[S_NEGATIVES], .rate = (float)values[S_RATE],
                                 .popularity = values[S_POPULARITY], .subsample = values[S_SUBSAMPLE], .seed = seed };
}

static ink_status add_tensors(const double *values, const ink_item2vec_model *m, const ink_dataset *data, const ink_train_env *env, ink_trained *out) {
  ink_vectors v = { .trainer = &ink_trainer_item2vec, .values = values, .n_items = m->n_items, .d = m->d, .stride = m->stride,
                    .precision = (uint32_t)values[S_PRECISION], .items = m->told, .fold = m->met, .bias = m->bias };
  v.settings[FACTOR_MODE] = FACTOR_SUMS;
  v.settings[FACTOR_NU] = 1.0f;
  return ink_vector_tensors(&v, data, env, out);
}

static ink_status fit_item2vec(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_item2vec_options o = options_of(values, seed);
  ink_positives choices;
  ink_item2vec_model m = { 0 };
  ink_status status = ink_positives_make(data, (uint32_t)values[S_HELD], seed, env, &choices);
  if (status == INK_OK) status = ink_item2vec_fit(&o, &choices, env, &m);
  if (status == INK_OK) status = add_tensors(values, &m, data, env, out);
  ink_item2vec_free(&m, &env->allocator);
  ink_positives_free(&choices);
  return status;
}

const ink_trainer ink_trainer_item2vec = { .name = "item2vec", .about = "item vectors from what the same people chose: skip-gram with negative samples",
                                           .settings = settings, .n_settings = N_SETTINGS, .fit = fit_item2vec };
