/* fit_pure_svd.c - truncated singular value decomposition of the weights of choices, unknown ones counting as zero (PureSVD:
 * Cremonesi, Koren & Turrin 2010). With V the first right singular vectors of R D^(-e), D the items' counts, a person with row r
 * scores r V V^T: V is all that a pack needs, and a fold is a sum of its rows.
 *
 * e = popularity_discount. 0 is PureSVD; above it the many choices of popular items weigh less when the vectors are
 * found (EigenRec: Nikolakopoulos et al. 2019). */
#include "fit_pure_svd.h"

#include "blocks.h"
#include "factor_tensors.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "quantise.h"
#include "top_vectors.h"
#include "utf8.h"
#include "base.h"

enum { S_FACTORS, S_DISCOUNT, S_PASSES, S_LENGTH, S_PRECISION, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "singular vectors", 64, 1, 2016, true, NULL },
  [S_DISCOUNT] = { "popularity_discount", "an item's column is divided by its count to this power first", 0.2, 0, 1, false, NULL },
  [S_PASSES] = { "passes", "products with R^T R in which the vectors settle", 8, 1, 1000, true, NULL },
  [S_LENGTH] = { "length_exponent", "a person's sum is divided by the total weight to this power; no ranking of one person changes", 0, 0, 1, false,
                 NULL },
  [S_PRECISION] = { "precision", "item vectors in the pack; f32+int8 adds a copy that shortens exact scans", INK_PRECISION_F32, 0, 4, true,
                    ink_precision_words },
};

static void discount(ink_matrix *people, const ink_matrix *items, double power) {
  for (uint64_t e = 0; power > 0.0 && e < people->n_values; e++) {
    const uint32_t i = people->cols[e];
    people->values[e] *= (float)ink_pow_f64((double)(items->starts[i + 1] - items->starts[i]), -power);
  }
}

/* people, items: transposes of each other. */
static ink_status decompose(ink_matrix *people, ink_matrix *items, const double *values, uint64_t seed, const ink_train_env *env, float *vectors) {
  INK_TRY(ink_matrix_transpose(people, env, items));
  discount(people, items, values[S_DISCOUNT]);
  ink_matrix_free(items, &env->allocator);
  INK_TRY(ink_matrix_transpose(people, env, items));
  return ink_top_vectors(people, items, (uint32_t)values[S_FACTORS], (uint32_t)values[S_PASSES], seed, env, vectors);
}

static ink_status add_tensors(const ink_dataset *data, const double *values, const ink_train_env *env, float *vectors, ink_trained *out) {
  const ink_factor_parts parts = { .prefix = "pure_svd", .n = data->items.n, .d = (uint32_t)values[S_FACTORS],
                                   .precision = (uint32_t)values[S_PRECISION], .items = vectors,
                                   .settings = { [FACTOR_MODE] = FACTOR_SUMS, [FACTOR_NU] = (float)values[S_LENGTH] } };
  INK_TRY(ink_factor_tensors(&parts, env, out));
  INK_TRY(ink_trained_meta_number(out, "pure_svd.factors", (float)parts.d));
  INK_TRY(ink_trained_meta_number(out, "pure_svd.popularity_discount", (float)values[S_DISCOUNT]));
  INK_TRY(ink_trained_meta(out, "pure_svd.precision", ink_precision_words[parts.precision]));
  return ink_popular_tensor(data, env, out);
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_allocator *a = &env->allocator;
  ink_matrix people = { 0 }, items = { 0 };
  float *vectors = NULL;
  ink_status status = ink_dataset_weight_matrix(data, env, &people);
  if (status == INK_OK && people.n_values == 0)
    status = ink_refuse(env->fault, INK_E_DATA_EMPTY, ink_text_of("events"), "events whose weight is not 0");
  if (status == INK_OK) {
    vectors = ink_block_resize(a, NULL, (uint64_t)data->items.n * (uint32_t)values[S_FACTORS], sizeof *vectors);
    status = vectors == NULL ? INK_E_NO_MEMORY : decompose(&people, &items, values, seed, env, vectors);
  }
  if (status == INK_OK) status = add_tensors(data, values, env, vectors, out);
  ink_block_free(a, vectors);
  ink_matrix_free(&people, a);
  ink_matrix_free(&items, a);
  return status;
}

const ink_trainer ink_trainer_pure_svd = { .name = "pure-svd", .about = "singular vectors of the matrix of choices; a person is the sum of the vectors chosen",
                                           .settings = settings, .n_settings = N_SETTINGS, .fit = fit };
