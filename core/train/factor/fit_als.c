/* fit_als.c - the als trainer's front: settings to options, model to tensors.
 *
 * Settings that say 0 (or -1) by default are chosen from the data and the model, because no one number does for all:
 *  - unobserved_weight = 2 * (share of observed pairs)^0.7. It was found on sets whose shares differ by 70 times
 *    (docs/als-tuning.md); the best value falls with the share, but less than in proportion;
 *  - regularization and its exponent, by feedback and model;
 *  - the ridge of a fold, which is measured on people set aside (als_fold.c).
 * What was chosen stands in the pack's metadata. Reading order: settings, options, tensors, the door. */
#include "fit_als.h"

#include "als.h"
#include "blocks.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "mem.h"
#include "quantise.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

/* ---------------------------------------------------------------- settings */

enum { MODEL_IALS, MODEL_HU, MODEL_IMPLICIT };
enum { SOLVER_CHOLESKY, SOLVER_CG, SOLVER_BLOCKS };
enum { FEEDBACK_AUTO, FEEDBACK_IMPLICIT, FEEDBACK_EXPLICIT };
static const char *const model_words[] = { "ials", "hu", "implicit", NULL };
static const char *const solver_words[] = { "cholesky", "cg", "blocks", NULL };
static const char *const feedback_words[] = { "auto", "implicit", "explicit", NULL };

enum { S_FACTORS, S_ITERATIONS, S_REGULARIZATION, S_EXPONENT, S_UNOBSERVED, S_POPULARITY, S_ALPHA, S_MODEL, S_FEEDBACK, S_SOLVER, S_CG_STEPS,
       S_BLOCK, S_INIT_SCALE, S_BIAS_REGULARIZATION, S_FOLD_REGULARIZATION, S_FOLD_BIAS_REGULARIZATION, S_PRECISION, N_SETTINGS };

static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "width of an item's vector", 64, 1, 2048, true, NULL },
  [S_ITERATIONS] = { "iterations", "times that people and items are solved in turn", 5, 1, 1000, true, NULL },
  [S_REGULARIZATION] = { "regularization", "ridge of training; 0 = 0.005 (ials), 0.01 (hu, implicit), 1.2 (explicit)", 0, 0, 1e6, false, NULL },
  [S_EXPONENT] = { "regularization_exponent", "the ridge grows with a row's observations to this power; -1 = 1 (ials), 0 (hu, implicit), "
                                              "0.5 (explicit)", -1, -1, 4, false, NULL },
  [S_UNOBSERVED] = { "unobserved_weight", "weight of pairs that were not observed; 0 = 2 * (share of observed pairs)^0.7 (ials), "
                                          "1 (hu, implicit)", 0, 0, 1e6, false, NULL },
  [S_POPULARITY] = { "popularity_exponent", "unobserved pairs weigh in proportion to an item's observations to this power; -1 = 0.25 (ials), 0 (hu, implicit)",
                     -1, -1, 2, false, NULL },
  [S_ALPHA] = { "alpha", "confidence of an event of weight 1; 0 = 1 (ials, implicit), 40 (hu)", 0, 0, 1e6, false, NULL },
  [S_MODEL] = { "model", "how confidence grows with weight: ials w (Rendle 2022), hu 1 + alpha*w (Hu 2008), implicit alpha*w as the package "
                         "implicit has it", MODEL_IALS, 0, 2, true, model_words },
  [S_FEEDBACK] = { "feedback", "implicit: rank what people choose; explicit: predict ratings; auto: explicit where there are ratings",
                   FEEDBACK_AUTO, 0, 2, true, feedback_words },
  [S_SOLVER] = { "solver", "cholesky: exact; cg: conjugate gradients, blocks: factors block by block (iALS++), where they are cheaper",
                 SOLVER_CHOLESKY, 0, 2, true, solver_words },
  [S_CG_STEPS] = { "cg_steps", "steps of conjugate gradients", 3, 1, 100, true, NULL },
  [S_BLOCK] = { "block", "factors solved at a time by blocks", 16, 1, 2048, true, NULL },
  [S_INIT_SCALE] = { "init_scale", "length of the random vectors at the start", 0.1, 1e-6, 1e3, false, NULL },
  [S_BIAS_REGULARIZATION] = { "bias_regularization", "ridge of the biases (explicit); 0 = 2", 0, 0, 1e6, false, NULL },
  [S_FOLD_REGULARIZATION] = { "fold_regularization", "ridge of a fold on the device; 0 = fitted on people set aside, which doubles the time "
                                                     "of training", 0, 0, 1e6, false, NULL },
  [S_FOLD_BIAS_REGULARIZATION] = { "fold_bias_regularization", "the same for the person's bias (explicit)", 0, 0, 1e6, false, NULL },
  [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true,
                    ink_precision_words },
};

/* ----------------------------------------------------------------- options */

typedef struct fit {
  const ink_dataset *data;
  const double *values;
  const ink_train_env *env;
  ink_als_options options;
  ink_als_ridge fold;
  ink_als_matrix matrix;          /* people by items */
  ink_als_model model;
} fit;

static uint32_t whole(const fit *f, int setting) { return (uint32_t)f->values[setting]; }

/* The setting where it is above `unset`, else what suits. */
static float chosen(const fit *f, int setting, double unset, double suits) {
  return (float)(f->values[setting] > unset ? f->values[setting] : suits);
}

static ink_status choose_feedback(const fit *f, bool *is_explicit) {
  const bool rated = f->data->value_max > f->data->value_min;
  *is_explicit = whole(f, S_FEEDBACK) == FEEDBACK_EXPLICIT || (whole(f, S_FEEDBACK) == FEEDBACK_AUTO && rated);
  if (*is_explicit && !rated)
    return ink_refuse_found(f->env->fault, INK_E_SETTING, NAME("feedback"), "explicit", "implicit: the data has no ratings that differ");
  return INK_OK;
}

static ink_als_rule choose_rule(const fit *f, bool is_explicit) {
  const uint32_t model = whole(f, S_MODEL);
  const float alpha = chosen(f, S_ALPHA, 0.0, model == MODEL_HU ? 40.0 : 1.0);
  return (ink_als_rule){ .is_explicit = is_explicit, .a_scale = alpha, .a_shift = model == MODEL_IMPLICIT ? -1.0f : 0.0f,
                         .b_scale = alpha, .b_shift = model == MODEL_HU ? 1.0f : 0.0f };
}

/* Share of the pairs of people and items with any observation that are observed. */
static ink_status observed_share(const fit *f, double *share) {
  const ink_als_matrix *m = &f->matrix;
  uint8_t *met;
  uint64_t n_people = 0, n_items = 0;
  INK_NEW(&f->env->allocator, m->n_cols, &met);
  for (uint32_t i = 0; i < m->n_cols; i++) met[i] = 0;
  for (uint64_t i = 0; i < m->n_values; i++) met[m->cols[i]] = 1;
  for (uint32_t r = 0; r < m->n_rows; r++) n_people += m->starts[r + 1] > m->starts[r];
  for (uint32_t i = 0; i < m->n_cols; i++) n_items += met[i];
  ink_block_free(&f->env->allocator, met);
  *share = (double)m->n_values / ((double)n_people * (double)n_items);
  return INK_OK;
}

static ink_status choose_numbers(fit *f) {
  ink_als_options *o = &f->options;
  const bool ials = whole(f, S_MODEL) == MODEL_IALS, is_explicit = o->rule.is_explicit;
  double share;
  INK_TRY(observed_share(f, &share));
  o->unobserved = chosen(f, S_UNOBSERVED, 0.0, ials ? 2.0 * ink_pow_f64(share, 0.7) : 1.0);
  o->popularity = chosen(f, S_POPULARITY, -0.5, ials ? 0.25 : 0.0);
  o->lambda = chosen(f, S_REGULARIZATION, 0.0, is_explicit ? 1.2 : ials ? 0.005 : 0.01);
  o->nu = chosen(f, S_EXPONENT, -0.5, is_explicit ? 0.5 : ials ? 1.0 : 0.0);
  o->bias_lambda = chosen(f, S_BIAS_REGULARIZATION, 0.0, 2.0);
  return INK_OK;
}

static ink_status choose(fit *f, uint64_t seed) {
  bool is_explicit;
  INK_TRY(choose_feedback(f, &is_explicit));
  f->options = (ink_als_options){ .rule = choose_rule(f, is_explicit), .d = whole(f, S_FACTORS), .iterations = whole(f, S_ITERATIONS),
                                  .cg_steps = whole(f, S_SOLVER) == SOLVER_CG ? whole(f, S_CG_STEPS) : 0,
                                  .block = whole(f, S_SOLVER) == SOLVER_BLOCKS ? whole(f, S_BLOCK) : 0,
                                  .init_scale = (float)f->values[S_INIT_SCALE], .seed = seed };
  INK_TRY(ink_als_observe(f->data, &f->options.rule, f->env, &f->matrix));
  if (f->matrix.n_values == 0) return ink_refuse(f->env->fault, INK_E_DATA_EMPTY, NAME("events"), "events whose weight is not 0");
  return choose_numbers(f);
}

/* ----------------------------------------------------------------- training */

static ink_status train(fit *f) {
  const ink_als_options *o = &f->options;
  const bool bias_open = o->rule.is_explicit && !(f->values[S_FOLD_BIAS_REGULARIZATION] > 0.0);
  const bool measure = bias_open || !(f->values[S_FOLD_REGULARIZATION] > 0.0);
  ink_als_clock clock = { 0, 2 * (uint64_t)o->iterations * (measure ? 2 : 1) };
  f->fold = (ink_als_ridge){ o->lambda, o->nu, o->bias_lambda };
  if (measure) INK_TRY(ink_als_fit_fold(o, &f->matrix, f->env, &clock, &f->fold));
  f->fold.lambda = chosen(f, S_FOLD_REGULARIZATION, 0.0, (double)f->fold.lambda);
  f->fold.bias_lambda = chosen(f, S_FOLD_BIAS_REGULARIZATION, 0.0, (double)f->fold.bias_lambda);
  clock.done = clock.total - 2 * (uint64_t)o->iterations;        /* a fit of the fold may have found too few people */
  return ink_als_fit(o, &f->matrix, f->env, &clock, &f->model);
}

/* ------------------------------------------------------------------ tensors */

static ink_status add_settings(const fit *f, ink_trained *out) {
  const ink_als_options *o = &f->options;
  const ink_als_rule *r = &o->rule;
  const float numbers[] = { r->is_explicit ? 1.0f : 0.0f, r->is_explicit ? 0.0f : o->unobserved, r->a_scale, r->a_shift, r->b_scale, r->b_shift,
                            f->fold.lambda, f->fold.nu, r->is_explicit ? f->fold.bias_lambda : 0.0f, r->mean, r->lowest, r->highest };
  const uint32_t n = (uint32_t)INK_COUNT_OF(numbers);
  void *data;
  INK_TRY(ink_trained_tensor(out, "als.settings", INK_DTYPE_F32, 1, &n, &data));
  ink_mem_copy(data, numbers, sizeof numbers);
  return INK_OK;
}

/* Of the vectors as the pack stores them, so that the device's system is the true one of its own items. */
static ink_status add_gram(const fit *f, ink_trained *out) {
  const uint32_t d = f->options.d, shape[] = { d, d };
  double *gram;
  void *data;
  INK_TRY(ink_trained_tensor(out, "als.gram", INK_DTYPE_F32, 2, shape, &data));
  INK_NEW(&f->env->allocator, (uint64_t)d * d, &gram);
  const ink_status status = ink_als_gram(&f->model.items, d, f->env, gram);
  for (size_t i = 0; i < (size_t)d * d && status == INK_OK; i++) ((float *)data)[i] = (float)gram[i];
  ink_block_free(&f->env->allocator, gram);
  return status;
}

static ink_status add_bias(const fit *f, ink_trained *out) {
  const uint32_t n = f->model.items.n;
  void *data;
  INK_TRY(ink_trained_tensor(out, "als.bias", INK_DTYPE_F32, 1, &n, &data));
  ink_mem_copy(data, f->model.items.bias, n * sizeof *f->model.items.bias);
  return INK_OK;
}

static ink_status add_people(const fit *f, ink_trained *out) {
  const ink_als_side *people = &f->model.people;
  const size_t bytes = (size_t)people->n * f->options.d * sizeof *people->vectors;
  void *vectors, *bias;
  INK_TRY(ink_trained_block(out, bytes, &vectors));
  ink_mem_copy(vectors, people->vectors, bytes);
  if (people->bias != NULL) {
    INK_TRY(ink_trained_block(out, people->n * sizeof *people->bias, &bias));
    ink_mem_copy(bias, people->bias, people->n * sizeof *people->bias);
    out->people_bias = bias;
  }
  out->people_vectors = vectors;
  out->n_people = people->n;
  out->people_d = f->options.d;
  return INK_OK;
}

static ink_status add_metadata(const fit *f, ink_trained *out) {
  const ink_als_options *o = &f->options;
  INK_TRY(ink_trained_meta(out, "als.feedback", feedback_words[o->rule.is_explicit ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT]));
  INK_TRY(ink_trained_meta_number(out, "als.factors", (float)o->d));
  INK_TRY(ink_trained_meta_number(out, "als.iterations", (float)o->iterations));
  INK_TRY(ink_trained_meta_number(out, "als.regularization", o->lambda));
  INK_TRY(ink_trained_meta_number(out, "als.regularization_exponent", o->nu));
  INK_TRY(ink_trained_meta_number(out, "als.fold_regularization", f->fold.lambda));
  INK_TRY(ink_trained_meta_number(out, "als.init_scale", o->init_scale));
  INK_TRY(ink_trained_meta(out, "als.solver", solver_words[whole(f, S_SOLVER)]));
  if (o->cg_steps > 0) INK_TRY(ink_trained_meta_number(out, "als.cg_steps", (float)o->cg_steps));
  if (o->block > 0) INK_TRY(ink_trained_meta_number(out, "als.block", (float)o->block));
  INK_TRY(ink_trained_meta(out, "als.precision", ink_precision_words[whole(f, S_PRECISION)]));
  if (o->rule.is_explicit) {
    INK_TRY(ink_trained_meta_number(out, "als.bias_regularization", o->bias_lambda));
    return ink_trained_meta_number(out, "als.fold_bias_regularization", f->fold.bias_lambda);
  }
  INK_TRY(ink_trained_meta(out, "als.model", model_words[whole(f, S_MODEL)]));
  INK_TRY(ink_trained_meta_number(out, "als.alpha", o->rule.a_scale));
  INK_TRY(ink_trained_meta_number(out, "als.popularity_exponent", o->popularity));
  return ink_trained_meta_number(out, "als.unobserved_weight", o->unobserved);
}

/* The items last: storing them rounds the model's own copy, of which the Gram matrix is then made. */
static ink_status add_tensors(fit *f, ink_trained *out) {
  const ink_als_side *items = &f->model.items;
  INK_TRY(add_settings(f, out));
  INK_TRY(add_people(f, out));
  const ink_status status = ink_quantise_tensor(out, "als.items", whole(f, S_PRECISION), items->vectors, items->n, f->options.d);
  if (status == INK_E_DIVERGED) return ink_refuse(f->env->fault, status, NAME("precision"), "f32: vectors are too long for f16");
  INK_TRY(status);
  INK_TRY(f->options.rule.is_explicit ? add_bias(f, out) : add_gram(f, out));
  INK_TRY(add_metadata(f, out));
  return ink_popular_tensor(f->data, f->env, out);
}

/* -------------------------------------------------------------------- door */

static ink_status fit_als(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  fit f = { .data = data, .values = values, .env = env };
  ink_status status = choose(&f, seed);
  if (status == INK_OK) status = train(&f);
  if (status == INK_OK) status = add_tensors(&f, out);
  ink_als_matrix_free(&f.matrix, &env->allocator);
  ink_als_model_free(&f.model, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_als = { .name = "als", .about = "vectors of people and items by alternating least squares, from choices or ratings",
                                      .settings = settings, .n_settings = N_SETTINGS, .fit = fit_als };
