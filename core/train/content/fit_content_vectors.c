/* fit_content_vectors.c - see fit_content_vectors.h. Two items without a common word may still be near.
 *
 * lsa: latent semantic analysis (Deerwester et al. 1990): an item is its row of weighted terms on the first right
 *      singular vectors of all rows, at length 1
 * sif: weighted means of imported vectors of words (word_vectors.h)
 * A person is served as the weighted mean of the items' vectors (mode "sums" of core/model/factor.h): scores are cosines
 * with it, times its length. */
#include "fit_content_vectors.h"

#include "blocks.h"
#include "dataset.h"
#include "fault.h"
#include "fmath.h"
#include "quantise.h"
#include "term_matrix.h"
#include "text_words.h"
#include "top_vectors.h"
#include "utf8.h"
#include "vector_tensors.h"
#include "word_vectors.h"
#include "base.h"

enum { AUTO, LSA, SIF };
static const char *const method_words[] = { "auto", "lsa", "sif", NULL };

enum { METHOD, FACTORS, PASSES, SIF_WEIGHT, MIN_DF, MAX_DF, TAG_WEIGHT, PRECISION, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [METHOD] = { "method", "lsa: learnt here; sif: means of imported vectors of words (--vectors); auto: sif where there are some", AUTO, 0, 2, true,
               method_words },
  [FACTORS] = { "factors", "lsa: width of an item's vector", 128, 1, 1024, true, NULL },
  [PASSES] = { "passes", "lsa: products in which the vectors settle", 8, 1, 1000, true, NULL },
  [SIF_WEIGHT] = { "sif_weight", "sif: a of a / (a + p); small: frequent words count less", 1e-3, 1e-9, 1e9, false, NULL },
  [MIN_DF] = { "min_df", "a term stands in at least so many items", 2, 1, 1e6, true, NULL },
  [MAX_DF] = { "max_df", "a term stands in at most this part of the items", 0.5, 0, 1, false, NULL },
  [TAG_WEIGHT] = { "tag_weight", "lsa: how much a tag weighs beside a word", 1, 0, 1000, false, NULL },
  [PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true,
                  ink_precision_words },
};

/* Rows of terms times the vectors of terms, at length 1. */
static void project(const ink_matrix *rows, const float *vectors, uint32_t d, float *out) {
  for (uint32_t i = 0; i < rows->n_rows; i++) {
    float *row = out + (size_t)i * d;
    double squared = 0.0;
    for (uint32_t k = 0; k < d; k++) row[k] = 0.0f;
    for (uint64_t e = rows->starts[i]; e < rows->starts[i + 1]; e++)
      for (uint32_t k = 0; k < d; k++) row[k] += rows->values[e] * vectors[(size_t)rows->cols[e] * d + k];
    for (uint32_t k = 0; k < d; k++) squared += (double)row[k] * (double)row[k];
    for (uint32_t k = 0; k < d && squared > 0.0; k++) row[k] = (float)((double)row[k] / ink_sqrt_f64(squared));
  }
}

static ink_status fit_lsa(ink_terms *terms, const double *values, uint32_t d, uint64_t seed, const ink_train_env *env, float *items) {
  ink_term_weighting w = { .scheme = INK_TERMS_TFIDF, .sublinear = true, .tag_weight = (float)values[TAG_WEIGHT] };
  ink_matrix transposed;
  INK_TRY(ink_terms_weigh(terms, &w, env));
  INK_TRY(ink_matrix_transpose(&terms->rows, env, &transposed));
  float *vectors = ink_block_resize(&env->allocator, NULL, (uint64_t)terms->rows.n_cols * d, sizeof *vectors);
  ink_status status = vectors == NULL ? INK_E_NO_MEMORY : INK_OK;
  if (status == INK_OK) status = ink_top_vectors(&terms->rows, &transposed, NULL, d, (uint32_t)values[PASSES], seed, env, vectors);
  if (status == INK_OK) project(&terms->rows, vectors, d, items);
  ink_block_free(&env->allocator, vectors);
  ink_matrix_free(&transposed, &env->allocator);
  return status;
}

static ink_status put(const ink_dataset *data, const double *values, uint32_t d, float *items, const ink_train_env *env, ink_trained *out) {
  ink_vectors v = { .trainer = &ink_trainer_content_vectors, .values = values, .n_items = data->items.n, .d = d, .stride = d,
                    .precision = (uint32_t)values[PRECISION], .items = items };
  v.settings[FACTOR_MODE] = FACTOR_SUMS;
  v.settings[FACTOR_NU] = 1.0f;
  return ink_vector_tensors(&v, data, env, out);
}

static ink_status fit_terms(const ink_dataset *data, const double *values, uint64_t seed, ink_terms *terms, const ink_train_env *env,
                            ink_trained *out) {
  const uint32_t method = (uint32_t)values[METHOD];
  const bool sif = method == SIF || (method == AUTO && data->words != NULL);
  if (sif && data->words == NULL)
    return ink_refuse_found(env->fault, INK_E_SETTING, ink_text_of("method"), "lsa, or vectors of words (--vectors)", "sif without vectors");
  const uint32_t d = sif ? data->words->d : (uint32_t)values[FACTORS];
  float *items;
  INK_NEW(&env->allocator, (uint64_t)data->items.n * d, &items);
  ink_status status = sif ? ink_sif_rows(terms, data->words, values[SIF_WEIGHT], env, items) : fit_lsa(terms, values, d, seed, env, items);
  if (status == INK_OK) status = put(data, values, d, items, env, out);
  ink_block_free(&env->allocator, items);
  return status;
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_term_rule rule = { .min_df = (uint32_t)values[MIN_DF], .max_df = values[MAX_DF], .max_terms = UINT32_MAX, .stop = INK_STOP_BOTH };
  ink_terms terms;
  INK_TRY(ink_terms_count(data->columns, data->items.n, &rule, env, &terms));
  const ink_status status = fit_terms(data, values, seed, &terms, env, out);
  ink_terms_free(&terms, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_content_vectors = { .name = "content-vectors",
                                                  .about = "items whose texts mean what the person likes: short vectors of words and tags (needs --items)",
                                                  .settings = settings, .n_settings = N_SETTINGS, .fit = fit };
