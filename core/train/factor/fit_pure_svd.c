/* fit_pure_svd.c - truncated singular value decomposition of the weights of choices, unknown ones counting as zero (PureSVD:
 * Cremonesi, Koren & Turrin 2010). With V the first right singular vectors of R D^(-e), D the items' counts, a person with row r
 * scores r V V^T: V is all that a pack needs, and a fold is a sum of its rows.
 *
 * e = popularity_discount. 0 is PureSVD; above it the many choices of popular items weigh less when the vectors are
 * found (EigenRec: Nikolakopoulos et al. 2019).
 *
 * centre=yes is principal component analysis (Hotelling 1933): V of R D^(-e) less its columns' means; with m the means of R's
 * columns a person scores m + (r - m) V V^T. What r does not change, m - m V V^T, is the items' bias. */
#include "fit_pure_svd.h"

#include "blocks.h"
#include "common_settings.h"
#include "factor_tensors.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "mem.h"
#include "quantise.h"
#include "top_vectors.h"
#include "utf8.h"
#include "base.h"

enum { S_FACTORS, S_DISCOUNT, S_CENTRE, S_PASSES, S_LENGTH, S_PRECISION, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "singular vectors", 64, 1, 2016, true, NULL },
  [S_DISCOUNT] = { "popularity_discount", "an item's column is divided by its count to this power first", 0.2, 0, 1, false, NULL },
  [S_CENTRE] = { "centre", "yes: principal components, of choices less each item's mean over people", 0, 0, 1, true, ink_yes_words },
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

typedef struct job {
  const ink_dataset *data;
  const double *values;           /* of settings */
  const ink_train_env *env;
  ink_matrix people, items;       /* transposes of each other */
  float *vectors;                 /* [n, factors] */
  float *mean, *bias;             /* [n] with centre=yes: of the columns, discounted or not; what nobody's choices change */
} job;

/* mean [n] = of each item's weights over all people, who did not choose it with 0. */
static void column_means(const job *j, float *mean) {
  for (uint32_t i = 0; i < j->items.n_rows; i++) {
    double sum = 0;
    for (uint64_t e = j->items.starts[i]; e < j->items.starts[i + 1]; e++) sum += (double)j->items.values[e];
    mean[i] = (float)(sum / (double)j->people.n_rows);
  }
}

/* bias (io: m) becomes m - m V V^T. */
static ink_status fit_bias(job *j) {
  const uint32_t d = (uint32_t)j->values[S_FACTORS], n = j->data->items.n;
  const ink_kernels *kernels = j->env->kernels != NULL ? j->env->kernels : ink_kernels_best();
  float *q;
  INK_NEW(&j->env->allocator, d, &q);
  ink_mem_fill(q, 0, d * sizeof *q);
  for (uint32_t i = 0; i < n; i++) kernels->axpy_f32(j->bias[i], j->vectors + (size_t)i * d, q, d);
  for (uint32_t i = 0; i < n; i++) j->bias[i] -= kernels->dot_f32(q, j->vectors + (size_t)i * d, d);
  ink_block_free(&j->env->allocator, q);
  return INK_OK;
}

static ink_status decompose(job *j, uint64_t seed) {
  const ink_allocator *a = &j->env->allocator;
  const uint32_t n = j->data->items.n, d = (uint32_t)j->values[S_FACTORS];
  INK_NEW(a, (uint64_t)n * d, &j->vectors);
  INK_TRY(ink_matrix_transpose(&j->people, j->env, &j->items));
  if (j->values[S_CENTRE] != 0.0) {
    INK_NEW(a, n, &j->mean);
    INK_NEW(a, n, &j->bias);
    column_means(j, j->bias);
  }
  discount(&j->people, &j->items, j->values[S_DISCOUNT]);
  ink_matrix_free(&j->items, a);
  INK_TRY(ink_matrix_transpose(&j->people, j->env, &j->items));
  if (j->mean != NULL) column_means(j, j->mean);
  INK_TRY(ink_top_vectors(&j->people, &j->items, j->mean, d, (uint32_t)j->values[S_PASSES], seed, j->env, j->vectors));
  return j->bias != NULL ? fit_bias(j) : INK_OK;
}

static ink_status add_tensors(const job *j, ink_trained *out) {
  const double *values = j->values;
  const ink_factor_parts parts = { .prefix = "pure_svd", .n = j->data->items.n, .d = (uint32_t)values[S_FACTORS],
                                   .precision = (uint32_t)values[S_PRECISION], .items = j->vectors, .bias = j->bias,
                                   .settings = { [FACTOR_MODE] = FACTOR_SUMS, [FACTOR_NU] = (float)values[S_LENGTH] } };
  INK_TRY(ink_factor_tensors(&parts, j->env, out));
  INK_TRY(ink_trained_meta_number(out, "pure_svd.factors", (float)parts.d));
  INK_TRY(ink_trained_meta_number(out, "pure_svd.popularity_discount", (float)values[S_DISCOUNT]));
  INK_TRY(ink_trained_meta(out, "pure_svd.centre", ink_yes_words[(uint32_t)values[S_CENTRE]]));
  INK_TRY(ink_trained_meta(out, "pure_svd.precision", ink_precision_words[parts.precision]));
  return ink_popular_tensor(j->data, j->env, out);
}

static ink_status check(const job *j) {
  if (j->people.n_values == 0) return ink_refuse(j->env->fault, INK_E_DATA_EMPTY, ink_text_of("events"), "events whose weight is not 0");
  if (j->values[S_CENTRE] != 0.0 && j->values[S_LENGTH] != 0.0)
    return ink_refuse(j->env->fault, INK_E_SETTING, ink_text_of("length_exponent"), "0 with centre=yes: the means are added to the sum as it is");
  return INK_OK;
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_allocator *a = &env->allocator;
  job j = { .data = data, .values = values, .env = env };
  ink_status status = ink_dataset_weight_matrix(data, env, &j.people);
  if (status == INK_OK) status = check(&j);
  if (status == INK_OK) status = decompose(&j, seed);
  if (status == INK_OK) status = add_tensors(&j, out);
  float *const blocks[] = { j.vectors, j.mean, j.bias };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_matrix_free(&j.people, a);
  ink_matrix_free(&j.items, a);
  return status;
}

const ink_trainer ink_trainer_pure_svd = { .name = "pure-svd", .about = "singular vectors of the matrix of choices; a person is the sum of the vectors chosen",
                                           .settings = settings, .n_settings = N_SETTINGS, .fit = fit };
