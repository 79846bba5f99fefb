/* fit_content.c - see fit_content.h. Nothing is learnt from people but, for profile=ratings, the baseline that ratings are
 * compared with: so items that nobody has met are as well described as all others.
 *
 * Beside the rows the pack gets `content.idf` F32 [T] and `content.weighting` F32 [6] (scheme, sublinear, k1, b, average,
 * tag weight): what a device needs to weigh the words of an item that was not in training. */
#include "fit_content.h"

#include "baseline.h"
#include "blocks.h"
#include "common_settings.h"
#include "dataset.h"
#include "fault.h"
#include "fit_popular.h"
#include "linear_items.h"
#include "linear_settings.h"
#include "mem.h"
#include "term_matrix.h"
#include "text_words.h"
#include "utf8.h"
#include "base.h"

/* Shrinkage of the biases behind profile=ratings, as Surprise's baseline has it. */
#define BASELINE_PASSES 10u
#define PERSON_SHRINK 15.0f
#define ITEM_SHRINK 10.0f

enum { MEAN, RIDGE, RATINGS };
static const char *const profile_words[] = { "mean", "ridge", "ratings", NULL };
static const char *const weighting_words[] = { "tf-idf", "bm25", NULL };
static const char *const stop_words[] = { "none", "english", "chinese", "both", NULL };

enum { PROFILE, REGULARIZATION, WEIGHTING, SUBLINEAR, K1, B, STOP, MIN_DF, MAX_DF, MAX_TERMS, ITEM_TERMS, TAG_WEIGHT, WEIGHTS, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [PROFILE] = { "profile", "mean: weighted mean of the person's items; ridge: a linear model of what the person likes; ratings: of the ratings",
                MEAN, 0, 2, true, profile_words },
  [REGULARIZATION] = { "regularization", "of ridge and ratings; large: nearer to the mean", 5, 1e-3, 1e6, false, NULL },
  [WEIGHTING] = { "weighting", "of terms", INK_TERMS_BM25, 0, 1, true, weighting_words },
  [SUBLINEAR] = { "sublinear", "tf-idf: 1 + log of a count in the place of the count", 1, 0, 1, true, ink_yes_words },
  [K1] = { "bm25_k1", "saturation of repeated terms", 1.2, 0, 1000, false, NULL },
  [B] = { "bm25_b", "how much long texts are discounted", 0.75, 0, 1, false, NULL },
  [STOP] = { "stop_words", "lists of words to leave out", INK_STOP_BOTH, 0, 3, true, stop_words },
  [MIN_DF] = { "min_df", "a term stands in at least so many items", 1, 1, 1e6, true, NULL },
  [MAX_DF] = { "max_df", "a term stands in at most this part of the items", 0.5, 0, 1, false, NULL },
  [MAX_TERMS] = { "max_terms", "terms of the vocabulary; those of most items stay", 50000, 1, 1 << 24, true, NULL },
  [ITEM_TERMS] = { "item_terms", "terms kept for each item; the heaviest stay", 64, 1, 65535, true, NULL },
  [TAG_WEIGHT] = { "tag_weight", "how much a tag weighs beside a word", 1, 0, 1000, false, NULL },
  [WEIGHTS] = { "weights", "how they are stored", 0, 0, 1, true, ink_weights_words },
};

/* ----------------------------------------------------------------- tensors */

static ink_status vector(ink_trained *out, const char *name, uint32_t dtype, uint32_t n, void **data) {
  return ink_trained_tensor(out, name, dtype, 1, &n, data);
}

static ink_status put_terms(const ink_terms *terms, const ink_term_weighting *w, const ink_train_env *env, ink_trained *out) {
  const uint32_t n = terms->names.n;
  void *bytes, *ends, *idf, *weighting;
  if (terms->names.n_bytes > UINT32_MAX)
    return ink_refuse_range(env->fault, INK_E_LIMIT, ink_text_of("bytes of terms"), (double)terms->names.n_bytes, 1, UINT32_MAX);
  INK_TRY(vector(out, "content.terms.bytes", INK_DTYPE_U8, (uint32_t)terms->names.n_bytes, &bytes));
  INK_TRY(vector(out, "content.terms.ends", INK_DTYPE_U32, n, &ends));
  INK_TRY(vector(out, "content.idf", INK_DTYPE_F32, n, &idf));
  INK_TRY(vector(out, "content.weighting", INK_DTYPE_F32, 6, &weighting));
  ink_mem_copy(bytes, terms->names.bytes, terms->names.n_bytes);
  for (uint32_t t = 0; t < n; t++) ((uint32_t *)ends)[t] = (uint32_t)terms->names.ends[t];
  ink_mem_copy(idf, terms->idf, n * sizeof *terms->idf);
  const float numbers[] = { (float)w->scheme, w->sublinear ? 1.0f : 0.0f, w->k1, w->b, w->average, w->tag_weight };
  ink_mem_copy(weighting, numbers, sizeof numbers);
  return INK_OK;
}

/* Rounds half away from zero; weights of terms are not negative. */
static int8_t nearest(float x) { return (int8_t)(int32_t)(x + 0.5f); }

static ink_status put_i8(const ink_matrix *m, ink_trained *out) {
  void *values, *scales;
  INK_TRY(vector(out, "content.values", INK_DTYPE_I8, (uint32_t)m->n_values, &values));
  INK_TRY(vector(out, "content.scale", INK_DTYPE_F32, m->n_rows, &scales));
  for (uint32_t i = 0; i < m->n_rows; i++) {
    float most = 0.0f;
    for (uint64_t e = m->starts[i]; e < m->starts[i + 1]; e++) most = m->values[e] > most ? m->values[e] : most;
    ((float *)scales)[i] = most / 127.0f;
    for (uint64_t e = m->starts[i]; e < m->starts[i + 1]; e++)
      ((int8_t *)values)[e] = most > 0.0f ? nearest(m->values[e] / most * 127.0f) : 0;
  }
  return INK_OK;
}

static ink_status put_cols(const ink_matrix *m, ink_trained *out) {
  const bool small = m->n_cols <= 65536;
  void *cols;
  INK_TRY(vector(out, "content.cols", small ? INK_DTYPE_U16 : INK_DTYPE_U32, (uint32_t)m->n_values, &cols));
  for (uint64_t e = 0; e < m->n_values; e++) {
    if (small) ((uint16_t *)cols)[e] = (uint16_t)m->cols[e];
    else ((uint32_t *)cols)[e] = m->cols[e];
  }
  return INK_OK;
}

static ink_status put_rows(const ink_matrix *m, bool f32, const ink_train_env *env, ink_trained *out) {
  void *ends, *values;
  if (m->n_values > LINEAR_MAX_PAIRS)
    return ink_refuse_range(env->fault, INK_E_LIMIT, ink_text_of("terms of all items; item_terms makes them fewer"), (double)m->n_values, 1,
                            LINEAR_MAX_PAIRS);
  INK_TRY(vector(out, "content.ends", INK_DTYPE_U32, m->n_rows, &ends));
  for (uint32_t i = 0; i < m->n_rows; i++) ((uint32_t *)ends)[i] = (uint32_t)m->starts[i + 1];
  INK_TRY(put_cols(m, out));
  if (!f32) return put_i8(m, out);
  INK_TRY(vector(out, "content.values", INK_DTYPE_F32, (uint32_t)m->n_values, &values));
  ink_mem_copy(values, m->values, (size_t)m->n_values * sizeof *m->values);
  return INK_OK;
}

/* ---------------------------------------------------------------- settings */

static ink_status put_ratings_rule(const ink_dataset *data, float shrink, const ink_train_env *env, ink_trained *out) {
  ink_matrix people;
  ink_baseline base;
  INK_TRY(ink_dataset_matrix(data, true, env, &people));
  const ink_status status = ink_baseline_fit(&people, BASELINE_PASSES, PERSON_SHRINK, ITEM_SHRINK, &env->allocator, &base);
  ink_matrix_free(&people, &env->allocator);
  INK_TRY(status);
  const ink_linear_rule rule = { .is_mean = true, .shrink = shrink, .mean = base.mean, .person_shrink = PERSON_SHRINK,
                                 .lowest = data->value_min, .highest = data->value_max };
  const ink_status put = ink_linear_settings(out, "content", &rule, base.item, data->items.n);
  ink_baseline_free(&base, &env->allocator);
  return put;
}

static ink_status put_rule(const ink_dataset *data, const double *values, const ink_train_env *env, ink_trained *out) {
  const float shrink = (float)values[REGULARIZATION];
  bool is_explicit;
  if ((int)values[PROFILE] == RATINGS) {
    INK_TRY(ink_choose_feedback(data, INK_FEEDBACK_EXPLICIT, env, &is_explicit));
    return put_ratings_rule(data, shrink, env, out);
  }
  const ink_linear_rule rule = { .is_mean = false, .shrink = (int)values[PROFILE] == RIDGE ? shrink : 0.0f };
  return ink_linear_settings(out, "content", &rule, NULL, data->items.n);
}

static ink_status put_all(const ink_dataset *data, const double *values, ink_terms *terms, const ink_train_env *env, ink_trained *out) {
  ink_term_weighting w = { .scheme = (uint32_t)values[WEIGHTING], .sublinear = values[SUBLINEAR] > 0.0, .k1 = (float)values[K1],
                           .b = (float)values[B], .tag_weight = (float)values[TAG_WEIGHT] };
  INK_TRY(ink_terms_weigh(terms, &w, env));
  INK_TRY(ink_terms_cut(terms, (uint32_t)values[ITEM_TERMS], env));
  INK_TRY(put_rows(&terms->rows, values[WEIGHTS] > 0.0, env, out));
  INK_TRY(put_terms(terms, &w, env, out));
  INK_TRY(put_rule(data, values, env, out));
  return ink_popular_tensor(data, env, out);
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_term_rule rule = { .min_df = (uint32_t)values[MIN_DF], .max_df = values[MAX_DF], .max_terms = (uint32_t)values[MAX_TERMS],
                               .stop = (uint32_t)values[STOP] };
  ink_terms terms;
  (void)seed;
  INK_TRY(ink_terms_count(data->columns, data->items.n, &rule, env, &terms));
  const ink_status status = put_all(data, values, &terms, env, out);
  ink_terms_free(&terms, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_content = { .name = "content", .about = "items whose words and tags are those of what the person likes (needs --items)",
                                          .settings = settings, .n_settings = N_SETTINGS, .fit = fit };
