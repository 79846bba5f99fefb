/* fit_nmf.c - nonnegative factors of ratings (Lee & Seung 1999; with missing entries: Zhang et al. 2006): every taste of a person
 * and every trait of an item is at least 0, so that ratings are sums of parts and nothing cancels.
 *
 * biased=no: rating = p.q. biased=yes: mean + b_u + b_i + p.q, with the biases fitted first (baseline.c). */
#include "fit_nmf.h"

#include "baseline.h"
#include "blocks.h"
#include "common_settings.h"
#include "fault.h"
#include "fit_popular.h"
#include "mem.h"
#include "quantise.h"
#include "rating_model.h"
#include "utf8.h"
#include "base.h"

enum { S_FACTORS, S_EPOCHS, S_REGULARIZATION, S_BIASED, S_FOLD_REGULARIZATION, S_PRECISION, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "parts", 15, 1, 2048, true, NULL },
  [S_EPOCHS] = { "epochs", "times that people and items are passed over in turn", 100, 1, 10000, true, NULL },
  [S_REGULARIZATION] = { "regularization", "ridge of a row's every observation", 0.2, 0, 1e3, false, NULL },
  [S_BIASED] = { "biased", "mean and biases beside the parts: predicts better, but parts explain only what biases leave", 0, 0, 1, true, ink_yes_words },
  [S_FOLD_REGULARIZATION] = { "fold_regularization", "ridge of a fold on the device; 0 = fitted on people set aside", 0, 0, 1e6, false, NULL },
  [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true,
                    ink_precision_words },
};

#define NO_BIAS 1e9f              /* ridge of the person's bias where there is none */
#define PERSON_SHRINK 15.0f
#define ITEM_SHRINK 10.0f

typedef struct fit {
  const double *values;
  const ink_train_env *env;
  ink_rating_options options;
  ink_als_rule rule;
  ink_rating_aside aside;
  float mean;                     /* that predictions start from: 0 without biases */
} fit;

/* ---------------------------------------------------------------- training */

/* Takes from each observation what is not the factors' to explain, or gives back the mean that als_data.h took off. */
static ink_status take_biases(const fit *f, ink_als_matrix *m, ink_rating_model *model) {
  const ink_allocator *a = &f->env->allocator;
  const ink_matrix ratings = { m->n_rows, m->n_cols, m->n_values, m->starts, m->cols, m->b };
  ink_baseline base;
  for (uint64_t e = 0; e < m->n_values; e++) m->b[e] += f->rule.mean;
  if (f->mean == 0.0f) return INK_OK;
  INK_TRY(ink_baseline_fit(&ratings, 10, PERSON_SHRINK, ITEM_SHRINK, a, &base));
  for (uint32_t u = 0; u < m->n_rows; u++)
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) m->b[e] -= base.mean + base.person[u] + base.item[m->cols[e]];
  ink_mem_copy(model->person_bias, base.person, m->n_rows * sizeof(float));
  ink_mem_copy(model->item_bias, base.item, m->n_cols * sizeof(float));
  ink_baseline_free(&base, a);
  return INK_OK;
}

static ink_status iterate(const fit *f, const ink_als_matrix *people, const ink_als_matrix *items, ink_rating_model *m) {
  const ink_train_env *env = f->env;
  for (uint32_t epoch = 0; epoch < f->options.epochs; epoch++) {
    const ink_progress p = { .stage = "nmf", .done = epoch, .total = f->options.epochs, .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (env->progress != NULL && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
    INK_TRY(ink_rating_positive_pass(people, m->items, m->d, f->options.lambda, env, m->people));
    INK_TRY(ink_rating_positive_pass(items, m->people, m->d, f->options.lambda, env, m->items));
  }
  return INK_OK;
}

/* Spends `people`: its ratings become what factors explain. */
static ink_status train(const fit *f, ink_als_matrix *people, ink_rating_model *m) {
  ink_als_matrix items = { 0 };
  INK_TRY(ink_rating_new(&f->options, people->n_rows, people->n_cols, true, &f->env->allocator, m));
  INK_TRY(take_biases(f, people, m));
  INK_TRY(ink_als_transpose(people, f->env, &items));
  const ink_status status = iterate(f, people, &items, m);
  ink_als_matrix_free(&items, &f->env->allocator);
  return status;
}

/* ----------------------------------------------------------------- tensors */

static ink_factor_parts parts_of(const fit *f, const ink_rating_model *m) {
  const float on_q = (float)f->values[S_FOLD_REGULARIZATION];
  return (ink_factor_parts){ .prefix = "nmf", .n = m->n_items, .d = m->d, .precision = (uint32_t)f->values[S_PRECISION],
                             .items = m->items, .bias = m->item_bias,
                             .settings = { [FACTOR_MODE] = FACTOR_NONNEGATIVE, [FACTOR_LAMBDA] = on_q > 0.0f ? on_q : 0.5f, [FACTOR_NU] = 0.5f,
                                           [FACTOR_BIAS_LAMBDA] = f->mean == 0.0f ? NO_BIAS : 2.0f, [FACTOR_MEAN] = f->mean,
                                           [FACTOR_LOWEST] = f->rule.lowest, [FACTOR_HIGHEST] = f->rule.highest } };
}

static ink_status add_tensors(const fit *f, const ink_dataset *data, const ink_factor_parts *parts, ink_trained *out) {
  INK_TRY(ink_factor_tensors(parts, f->env, out));
  INK_TRY(ink_trained_meta_number(out, "nmf.factors", (float)parts->d));
  INK_TRY(ink_trained_meta_number(out, "nmf.epochs", (float)f->options.epochs));
  INK_TRY(ink_trained_meta_number(out, "nmf.regularization", f->options.lambda));
  INK_TRY(ink_trained_meta(out, "nmf.biased", ink_yes_words[f->mean != 0.0f]));
  INK_TRY(ink_trained_meta_number(out, "nmf.fold_regularization", parts->settings[FACTOR_LAMBDA]));
  return ink_popular_tensor(data, f->env, out);
}

/* -------------------------------------------------------------------- door */

/* The ridge of folding, by a model of the people who are not set aside. */
static ink_status fit_fold(fit *f, const ink_als_matrix *all, float chosen[FACTOR_N_SETTINGS]) {
  const bool fixed[2] = { false, f->mean == 0.0f };
  ink_rating_model rest = { 0 };
  INK_TRY(ink_rating_set_aside(all, f->options.seed, f->env, &f->aside));
  if (f->aside.aside.n_rows == 0) return INK_OK;
  ink_status status = train(f, &f->aside.rest, &rest);
  if (status == INK_OK) {
    for (uint64_t e = 0; e < f->aside.aside.n_values; e++) f->aside.aside.b[e] += f->rule.mean - f->mean;
    const ink_factor_parts parts = parts_of(f, &rest);
    status = ink_rating_fit_fold(&f->aside, f->mean, &parts, fixed, f->env, chosen);
  }
  ink_rating_free(&rest, &f->env->allocator);
  return status;
}

static ink_status run(fit *f, const ink_dataset *data, ink_als_matrix *all, ink_rating_model *model, ink_trained *out) {
  float chosen[FACTOR_N_SETTINGS];
  INK_TRY(ink_als_observe(data, &f->rule, f->env, all));
  f->mean = f->values[S_BIASED] > 0.0 ? f->rule.mean : 0.0f;
  const ink_rating_model shape = { .n_items = all->n_cols, .d = f->options.d };
  const ink_factor_parts start = parts_of(f, &shape);
  ink_mem_copy(chosen, start.settings, sizeof chosen);
  if (!(f->values[S_FOLD_REGULARIZATION] > 0.0)) INK_TRY(fit_fold(f, all, chosen));
  INK_TRY(train(f, all, model));
  ink_factor_parts parts = parts_of(f, model);
  ink_mem_copy(parts.settings, chosen, sizeof chosen);
  return add_tensors(f, data, &parts, out);
}

static ink_status fit_nmf(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  fit f = { .values = values, .env = env, .rule = { .is_explicit = true } };
  ink_als_matrix all = { 0 };
  ink_rating_model model = { 0 };
  bool is_explicit;
  INK_TRY(ink_choose_feedback(data, INK_FEEDBACK_EXPLICIT, env, &is_explicit));
  f.options = (ink_rating_options){ .d = (uint32_t)values[S_FACTORS], .epochs = (uint32_t)values[S_EPOCHS],
                                    .lambda = (float)values[S_REGULARIZATION], .init_scale = 1.0f, .seed = seed };
  const ink_status status = run(&f, data, &all, &model, out);
  ink_rating_free(&model, &env->allocator);
  ink_als_matrix_free(&all, &env->allocator);
  ink_rating_aside_free(&f.aside, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_nmf = { .name = "nmf", .about = "ratings as sums of parts that are never negative", .settings = settings,
                                      .n_settings = N_SETTINGS, .fit = fit_nmf };
