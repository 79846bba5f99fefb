/* fit_svd.c - ratings from biases and factors by stochastic gradient descent: svd (Funk 2006; Koren, Bell & Volinsky 2009) and
 * svdpp, which adds what the choice of items says (Koren 2008). factors=0 gives the biases alone (Koren 2010, section 2.1).
 *
 * A step of gradient descent needs the one before it, so a fit runs on one worker; the fit that measures the ridge of
 * folding, on nine tenths of the people, runs beside it on another. */
#include "fit_svd.h"

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

enum { S_FACTORS, S_EPOCHS, S_RATE, S_DECAY, S_REGULARIZATION, S_BIAS_REGULARIZATION, S_INIT_SCALE, S_FOLD_REGULARIZATION,
       S_FOLD_BIAS_REGULARIZATION, S_PRECISION, N_SETTINGS };

#define SETTINGS(epochs, lambda, init_scale)                                                                                           \
  {                                                                                                                                       \
    [S_FACTORS] = { "factors", "width of an item's vector; 0: biases alone", 100, 0, 2048, true, NULL },                              \
    [S_EPOCHS] = { "epochs", "passes over the ratings", epochs, 1, 10000, true, NULL },                                                   \
    [S_RATE] = { "learning_rate", "of a step in the first epoch", 0.01, 1e-6, 1, false, NULL },                                           \
    [S_DECAY] = { "learning_decay", "the rate of an epoch in terms of the one before", 0.98, 0.1, 1, false, NULL },                       \
    [S_REGULARIZATION] = { "regularization", "of the vectors, at each step", lambda, 0, 10, false, NULL },                                \
    [S_BIAS_REGULARIZATION] = { "bias_regularization", "of the biases, at each step", 0.02, 0, 10, false, NULL },                         \
    [S_INIT_SCALE] = { "init_scale", "deviation of the elements of the first vectors", init_scale, 1e-6, 10, false, NULL },                     \
    [S_FOLD_REGULARIZATION] = { "fold_regularization", "ridge of a fold on the device; 0 = fitted on people set aside", 0, 0, 1e6, false, NULL }, \
    [S_FOLD_BIAS_REGULARIZATION] = { "fold_bias_regularization", "the same for the person's bias", 0, 0, 1e6, false, NULL },              \
    [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true, \
                      ink_precision_words },                                                                                              \
  }
static const ink_setting svd_settings[N_SETTINGS] = SETTINGS(80, 0.12, 0.02);
static const ink_setting svdpp_settings[N_SETTINGS] = SETTINGS(60, 0.1, 0.01);

typedef struct fit {
  const char *prefix;
  const ink_dataset *data;
  const double *values;
  const ink_train_env *env;
  ink_rating_options options;
  ink_als_rule rule;
  ink_als_matrix all;
  ink_rating_aside aside;
  ink_rating_model models[2];     /* of all people; of those not set aside */
  float *work[2];
  uint32_t n_models, epoch;
  bool diverged[2];
} fit;

/* --------------------------------------------------------------- gradients */

static const ink_als_matrix *rows_of(const fit *f, uint32_t which) { return which == 0 ? &f->all : &f->aside.rest; }

static void epoch_of_one(void *arg, uint32_t which, uint32_t worker) {
  fit *f = arg;
  (void)worker;
  f->diverged[which] = !ink_rating_epoch(&f->options, rows_of(f, which), f->epoch, f->work[which], &f->models[which]);
}

static ink_status descend(fit *f) {
  const ink_train_env *env = f->env;
  for (uint32_t i = 0; i < f->n_models; i++) {
    const uint32_t n = rows_of(f, i)->n_rows;
    INK_TRY(ink_rating_new(&f->options, n, f->all.n_cols, false, &env->allocator, &f->models[i]));
    INK_NEW(&env->allocator, 2 * (uint64_t)f->options.d + n, &f->work[i]);
  }
  for (f->epoch = 0; f->epoch < f->options.epochs; f->epoch++) {
    const ink_progress p = { .stage = f->prefix, .done = f->epoch, .total = f->options.epochs, .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (env->progress != NULL && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
    env->threads.parallel_for(env->threads.ctx, f->n_models, epoch_of_one, f);
    if (!f->diverged[0] && !f->diverged[1]) continue;
    ink_refuse(env->fault, INK_E_DIVERGED, ink_text_of(f->prefix), "a smaller learning_rate");
    return ink_refuse_at(env->fault, INK_E_DIVERGED, "epoch", f->epoch + 1);
  }
  return INK_OK;
}

/* ----------------------------------------------------------------- tensors */

static ink_factor_parts parts_of(const fit *f, const ink_rating_model *m) {
  const float on_q = (float)f->values[S_FOLD_REGULARIZATION], on_bias = (float)f->values[S_FOLD_BIAS_REGULARIZATION];
  return (ink_factor_parts){ .prefix = f->prefix, .n = m->n_items, .d = m->d, .precision = (uint32_t)f->values[S_PRECISION],
                             .items = m->items, .bias = m->item_bias, .fold = m->implicit,
                             .settings = { [FACTOR_MODE] = FACTOR_EXPLICIT, [FACTOR_LAMBDA] = on_q > 0.0f ? on_q : 0.5f, [FACTOR_NU] = 0.5f,
                                           [FACTOR_BIAS_LAMBDA] = on_bias > 0.0f ? on_bias : 2.0f, [FACTOR_MEAN] = f->rule.mean,
                                           [FACTOR_LOWEST] = f->rule.lowest, [FACTOR_HIGHEST] = f->rule.highest } };
}

/* The people as training left them, to measure those beside folds: p + v. */
static ink_status add_people(const fit *f, ink_trained *out) {
  const ink_rating_model *m = &f->models[0];
  const size_t bytes = (size_t)m->n_people * m->d * sizeof(float);
  void *vectors, *bias;
  INK_TRY(ink_trained_block(out, bytes, &vectors));
  INK_TRY(ink_trained_block(out, m->n_people * sizeof(float), &bias));
  ink_mem_copy(vectors, m->people, bytes);
  ink_mem_copy(bias, m->person_bias, m->n_people * sizeof(float));
  for (uint32_t u = 0; m->implicit != NULL && u < m->n_people; u++)
    ink_rating_add_choices(m, &f->all, u, (float *)vectors + (size_t)u * m->d);
  out->people_vectors = vectors;
  out->people_bias = bias;
  out->n_people = m->n_people;
  out->people_d = m->d;
  return INK_OK;
}

static ink_status add_number(const fit *f, const char *name, float value, ink_trained *out) {
  char key[64];
  size_t n = 0;
  for (const char *c = f->prefix; *c != '\0'; c++) key[n++] = *c;
  key[n++] = '.';
  for (const char *c = name; *c != '\0'; c++) key[n++] = *c;
  key[n] = '\0';
  return ink_trained_meta_number(out, key, value);
}

static ink_status add_tensors(const fit *f, const ink_factor_parts *parts, ink_trained *out) {
  INK_TRY(ink_factor_tensors(parts, f->env, out));
  for (uint32_t i = 0; i < S_FOLD_REGULARIZATION; i++) INK_TRY(add_number(f, svd_settings[i].name, (float)f->values[i], out));
  INK_TRY(add_number(f, svd_settings[S_FOLD_REGULARIZATION].name, parts->settings[FACTOR_LAMBDA], out));
  INK_TRY(add_number(f, svd_settings[S_FOLD_BIAS_REGULARIZATION].name, parts->settings[FACTOR_BIAS_LAMBDA], out));
  return ink_popular_tensor(f->data, f->env, out);
}

/* ------------------------------------------------------------ biases alone */

static ink_status fit_biases(fit *f, ink_trained *out) {
  const float item_shrink = 10.0f, person_shrink = 15.0f;
  ink_baseline base;
  ink_matrix m = { 0 };
  float *items;
  INK_TRY(ink_dataset_matrix(f->data, true, f->env, &m));
  ink_status status = ink_baseline_fit(&m, 10, person_shrink, item_shrink, &f->env->allocator, &base);
  ink_matrix_free(&m, &f->env->allocator);
  INK_TRY(status);
  items = ink_block_resize(&f->env->allocator, NULL, f->data->items.n, sizeof *items);
  status = items == NULL ? INK_E_NO_MEMORY : INK_OK;
  if (status == INK_OK) {
    const ink_rating_model model = { .n_items = f->data->items.n, .d = 1, .items = items, .item_bias = base.item };
    ink_mem_fill(items, 0, model.n_items * sizeof *items);
    ink_factor_parts parts = parts_of(f, &model);
    parts.settings[FACTOR_MEAN] = base.mean;
    if (!(f->values[S_FOLD_BIAS_REGULARIZATION] > 0.0)) parts.settings[FACTOR_BIAS_LAMBDA] = person_shrink;
    status = add_tensors(f, &parts, out);
  }
  ink_block_free(&f->env->allocator, items);
  ink_baseline_free(&base, &f->env->allocator);
  return status;
}

/* -------------------------------------------------------------------- door */

static ink_status fit_factors(fit *f, ink_trained *out) {
  const bool fixed[2] = { f->values[S_FOLD_REGULARIZATION] > 0.0, f->values[S_FOLD_BIAS_REGULARIZATION] > 0.0 };
  if (!fixed[0] || !fixed[1]) INK_TRY(ink_rating_set_aside(&f->all, f->options.seed, f->env, &f->aside));
  f->n_models = f->aside.aside.n_rows > 0 ? 2 : 1;
  INK_TRY(descend(f));
  ink_factor_parts parts = parts_of(f, &f->models[0]);
  if (f->n_models > 1) {
    const ink_factor_parts rest = parts_of(f, &f->models[1]);
    INK_TRY(ink_rating_fit_fold(&f->aside, f->rule.mean, &rest, fixed, f->env, parts.settings));
  }
  INK_TRY(add_people(f, out));
  return add_tensors(f, &parts, out);
}

static ink_status run(fit *f, ink_trained *out) {
  INK_TRY(ink_als_observe(f->data, &f->rule, f->env, &f->all));
  return f->options.d == 0 ? fit_biases(f, out) : fit_factors(f, out);
}

static ink_status fit_ratings(const char *prefix, bool implicit, const ink_dataset *data, const double *values, uint64_t seed,
                              const ink_train_env *env, ink_trained *out) {
  fit f = { .prefix = prefix, .data = data, .values = values, .env = env, .rule = { .is_explicit = true } };
  bool is_explicit;
  INK_TRY(ink_choose_feedback(data, INK_FEEDBACK_EXPLICIT, env, &is_explicit));
  f.options = (ink_rating_options){ .d = (uint32_t)values[S_FACTORS], .epochs = (uint32_t)values[S_EPOCHS], .rate = (float)values[S_RATE],
                                    .decay = (float)values[S_DECAY], .lambda = (float)values[S_REGULARIZATION],
                                    .bias_lambda = (float)values[S_BIAS_REGULARIZATION], .init_scale = (float)values[S_INIT_SCALE],
                                    .implicit = implicit, .seed = seed };
  const ink_status status = run(&f, out);
  for (uint32_t i = 0; i < 2; i++) {
    ink_rating_free(&f.models[i], &env->allocator);
    ink_block_free(&env->allocator, f.work[i]);
  }
  ink_als_matrix_free(&f.all, &env->allocator);
  ink_rating_aside_free(&f.aside, &env->allocator);
  return status;
}

static ink_status fit_svd(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  return fit_ratings("svd", false, data, values, seed, env, out);
}

static ink_status fit_svdpp(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  return fit_ratings("svdpp", true, data, values, seed, env, out);
}

const ink_trainer ink_trainer_svd = { .name = "svd", .about = "ratings from biases and factors, by gradient descent; factors=0: biases alone",
                                      .settings = svd_settings, .n_settings = N_SETTINGS, .fit = fit_svd };
const ink_trainer ink_trainer_svdpp = { .name = "svdpp", .about = "svd that also hears which items a person rated at all (SVD++)",
                                        .settings = svdpp_settings, .n_settings = N_SETTINGS, .fit = fit_svdpp };
