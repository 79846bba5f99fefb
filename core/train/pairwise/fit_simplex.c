/* fit_simplex.c - the front of the simplex trainer: settings to options, model to tensors. A person is served as the normalised
 * sum of item vectors (mode "sums" of core/model/factor.h), which is what training saw: nothing is lost by folding. */
#include "fit_simplex.h"

#include "quantise.h"
#include "simplex.h"
#include "vector_tensors.h"
#include "base.h"

static const char *const loss_words[] = { "ccl", "softmax", NULL };

enum { S_FACTORS, S_ITERATIONS, S_LOSS, S_NEGATIVES, S_MARGIN, S_WEIGHT, S_TEMPERATURE, S_BATCH, S_RATE, S_HELD, S_PATIENCE, S_PRECISION, N_SETTINGS };

static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "width of an item's vector", 64, 1, 2048, true, NULL },
  [S_ITERATIONS] = { "iterations", "passes over the people, at most", 45, 1, 100000, true, NULL },
  [S_LOSS] = { "loss", "ccl: cosine contrastive (Mao 2021); softmax: cross-entropy over the drawn items", INK_SIMPLEX_SOFTMAX, 0, 1, true, loss_words },
  [S_NEGATIVES] = { "negatives", "items drawn for each batch", 1024, 1, 65536, true, NULL },
  [S_MARGIN] = { "margin", "cosine below which a negative is left alone (ccl)", 0.4, -1, 1, false, NULL },
  [S_WEIGHT] = { "negative_weight", "weight of the mean over negatives (ccl)", 100, 0, 1e6, false, NULL },
  [S_TEMPERATURE] = { "temperature", "of cosines (softmax)", 0.08, 0.03, 10, false, NULL },
  [S_BATCH] = { "batch", "people of a step; 0 = a hundredth of all, 16 to 256", 0, 0, 65536, true, NULL },
  [S_RATE] = { "learning_rate", "angle of an item's first step; it falls linearly to a twentieth", 1, 1e-6, 1, false, NULL },
  [S_HELD] = { "held_back", "people of whom a fifth of the choices is hidden, to stop in time; a tenth of all at most", 1000, 0, 1e6, true, NULL },
  [S_PATIENCE] = { "patience", "looks at the hidden choices (ten in a full run) without a better one before training ends", 3, 1, 1000, true, NULL },
  [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true,
                    ink_precision_words },
};

/* A small set of people must not be a single step. */
static uint32_t batch_of(const double *values, uint32_t n_people) {
  if (values[S_BATCH] > 0.0) return (uint32_t)values[S_BATCH];
  return ink_max_u32(16, ink_min_u32(256, n_people / 100));
}

static ink_simplex_options options_of(const double *values, uint32_t n_people, uint64_t seed) {
  return (ink_simplex_options){ .loss = (uint32_t)values[S_LOSS], .d = (uint32_t)values[S_FACTORS], .iterations = (uint32_t)values[S_ITERATIONS],
                                .patience = (uint32_t)values[S_PATIENCE], .batch = batch_of(values, n_people),
                                .negatives = (uint32_t)values[S_NEGATIVES], .margin = (float)values[S_MARGIN], .weight = (float)values[S_WEIGHT],
                                .temperature = (float)values[S_TEMPERATURE], .rate = (float)values[S_RATE], .seed = seed };
}

static ink_status add_tensors(const double *values, const ink_simplex_model *m, const ink_dataset *data, const ink_train_env *env,
                              ink_trained *out) {
  ink_vectors v = { .trainer = &ink_trainer_simplex, .values = values, .n_items = m->n_items, .d = m->d, .stride = m->stride,
                    .precision = (uint32_t)values[S_PRECISION], .items = m->items };
  v.settings[FACTOR_MODE] = FACTOR_SUMS;
  v.settings[FACTOR_NU] = 1.0f;
  return ink_vector_tensors(&v, data, env, out);
}

static ink_status fit_simplex(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_simplex_options o = options_of(values, data->users.n, seed);
  ink_positives choices;
  ink_simplex_model m = { 0 };
  ink_status status = ink_positives_make(data, (uint32_t)values[S_HELD], seed, env, &choices);
  if (status == INK_OK) status = ink_simplex_fit(&o, &choices, env, &m);
  if (status == INK_OK) status = add_tensors(values, &m, data, env, out);
  ink_simplex_free(&m, &env->allocator);
  ink_positives_free(&choices);
  return status;
}

const ink_trainer ink_trainer_simplex = { .name = "simplex", .about = "item vectors whose sum stands for a person, by a contrastive loss over cosines",
                                          .settings = settings, .n_settings = N_SETTINGS, .fit = fit_simplex };
