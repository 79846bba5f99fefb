/* fit_neighbours.c - item-item weights that are counted: item-knn, rp3, slope-one.
 *
 * item-knn, implicit: similarity of two items' columns of (weighted) choices (Sarwar 2001; Deshpande & Karypis 2004).
 * item-knn, ratings: similarity over the people who rated both, of ratings less what `similarity` takes off
 *   (nothing, the item's mean, the person's mean, the baseline), times n/(n + shrink) (Herlocker 1999; Koren 2010);
 *   the score is the baseline plus the weighted mean of the residuals.
 * rp3: p(source -> person)^alpha * p(person -> target)^alpha / popularity(target)^beta (Paudel et al. 2017).
 * slope-one: mean difference of two items' ratings, weighted by how many people rated both (Lemire 2005). */
#include "fit_neighbours.h"

#include "baseline.h"
#include "blocks.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "item_pairs.h"
#include "linear_settings.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

enum { COSINE, PEARSON, ADJUSTED_COSINE, PEARSON_BASELINE, JACCARD, EUCLIDEAN };
enum { PLAIN, TF_IDF, BM25 };
static const char *const similarity_words[] = { "cosine", "pearson", "adjusted-cosine", "pearson-baseline", "jaccard", "euclidean", NULL };
static const char *const weighting_words[] = { "none", "tf-idf", "bm25", NULL };

enum { K_NEIGHBOURS, K_FEEDBACK, K_SIMILARITY, K_SHRINK, K_WEIGHTING, K_BM25_K1, K_BM25_B, K_POSITIVE, K_MEAN_SHRINK, K_N };
static const ink_setting knn_settings[K_N] = {
  [K_NEIGHBOURS] = { "neighbours", "sources kept for each item", 200, 1, 10000, true, NULL },
  [K_FEEDBACK] = { "feedback", "implicit: rank what people choose; explicit: predict ratings; auto: explicit where there are ratings", 0, 0, 2, true,
                   ink_feedback_words },
  [K_SIMILARITY] = { "similarity", "of two items; -1 = cosine (implicit), pearson-baseline (explicit)", -1, -1, EUCLIDEAN, true, similarity_words },
  [K_SHRINK] = { "shrink", "added to the denominator (implicit), or significance n/(n + shrink) (explicit); -1 = 50, 100", -1, -1, 1e6, false, NULL },
  [K_WEIGHTING] = { "weighting", "of choices before they are compared (implicit)", PLAIN, 0, 2, true, weighting_words },
  [K_BM25_K1] = { "bm25_k1", "saturation of repeated choices", 1.2, 0, 1000, false, NULL },
  [K_BM25_B] = { "bm25_b", "how much popular items are discounted", 0.75, 0, 1, false, NULL },
  [K_POSITIVE] = { "positive_only", "drop items that people like less together (explicit)", 0, 0, 1, true, ink_yes_words },
  [K_MEAN_SHRINK] = { "mean_shrink", "pull of the weighted mean towards the baseline (explicit)", 0.3, 0, 1000, false, NULL },
};

enum { R_NEIGHBOURS, R_ALPHA, R_BETA, R_UNIT, R_N };
static const ink_setting rp3_settings[R_N] = {
  [R_NEIGHBOURS] = { "neighbours", "targets kept for each item", 200, 1, 10000, true, NULL },
  [R_ALPHA] = { "alpha", "power of the step probabilities", 0.5, 0, 4, false, NULL },
  [R_BETA] = { "beta", "power of the popularity that targets are divided by", 0.3, 0, 4, false, NULL },
  [R_UNIT] = { "normalise", "each item of a history speaks with the same total weight", 1, 0, 1, true, ink_yes_words },
};

enum { O_NEIGHBOURS, O_N };
static const ink_setting slope_settings[O_N] = {
  [O_NEIGHBOURS] = { "neighbours", "sources kept for each item", 1000, 1, 100000, true, NULL },
};

/* --------------------------------------------------------------- a counting */

typedef struct counting {
  const double *values;
  const ink_train_env *env;
  ink_matrix people, items;       /* transposes of each other; values after weighting or centring */
  float *norm;                    /* [n_items] of columns, or their counts */
  float *factor;                  /* [n_items] what a source's value is multiplied by */
  float *degree;                  /* [n_people] rp3: (1/events)^alpha */
  uint32_t kind;
  float shrink, beta;
  float *xx, *yy, *both;          /* [n_workers * n_items] explicit */
} counting;

static ink_status floats(const counting *c, uint64_t n, float **out) {
  INK_NEW(&c->env->allocator, n, out);
  for (uint64_t i = 0; i < n; i++) (*out)[i] = 0.0f;
  return INK_OK;
}

static void release(counting *c) {
  const ink_allocator *a = &c->env->allocator;
  ink_matrix_free(&c->people, a);
  ink_matrix_free(&c->items, a);
  float *const blocks[] = { c->norm, c->factor, c->degree, c->xx, c->yy, c->both };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
}

static double log_ratio(double of, double by) {
  const double x = ink_log_f64(of / by);
  return x > 0.0 ? x : 0.0;
}

/* ------------------------------------------------------- item-knn, implicit */

/* People are terms, items are documents: choices of people who choose much say little. */
static void weigh(counting *c) {
  const uint32_t how = (uint32_t)c->values[K_WEIGHTING];
  const float k1 = (float)c->values[K_BM25_K1], b = (float)c->values[K_BM25_B];
  const double n_items = (double)c->people.n_cols, average = (double)c->people.n_values / n_items;
  for (uint32_t u = 0; u < c->people.n_rows; u++) {
    const uint64_t n = c->people.starts[u + 1] - c->people.starts[u];
    const float idf = (float)log_ratio(n_items, 1.0 + (double)n);
    for (uint64_t e = c->people.starts[u]; e < c->people.starts[u + 1]; e++) {
      const uint32_t i = c->people.cols[e];
      const float x = c->people.values[e], length = (1.0f - b) + b * (float)((double)(c->items.starts[i + 1] - c->items.starts[i]) / average);
      const float sign = x < 0.0f ? -1.0f : 1.0f, size = x * sign;
      if (how == TF_IDF) c->people.values[e] = sign * ink_sqrt_f32(size) * idf;
      if (how == BM25) c->people.values[e] = sign * size * (k1 + 1.0f) / (k1 * length + size) * idf;
    }
  }
  for (uint32_t i = 0; i < c->people.n_cols; i++) {
    const float length = (1.0f - b) + b * (float)((double)(c->items.starts[i + 1] - c->items.starts[i]) / average);
    c->factor[i] = how == BM25 ? (k1 + 1.0f) / (k1 * length + 1.0f) : 1.0f;
  }
}

static ink_status implicit_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  (void)worker;
  for (uint64_t e = c->items.starts[target]; e < c->items.starts[target + 1]; e++) {
    const uint32_t u = c->items.cols[e];
    const float x = c->kind == JACCARD ? 1.0f : c->items.values[e];
    for (uint64_t f = c->people.starts[u]; f < c->people.starts[u + 1]; f++) {
      const uint32_t j = c->people.cols[f];
      ink_sources_name(out, j);
      out->value[j] += c->kind == JACCARD ? 1.0f : x * c->people.values[f];
    }
  }
  for (uint32_t k = 0; k < out->n; k++) {
    const uint32_t j = out->named[k];
    const float both = out->value[j], a = c->norm[target], b = c->norm[j];
    float by = c->kind == JACCARD ? a + b - both : a * b;
    if (c->kind == EUCLIDEAN) by = 1.0f, out->value[j] = 1.0f / (1.0f + ink_sqrt_f32(a * a + b * b - 2.0f * both > 0.0f ? a * a + b * b - 2.0f * both : 0.0f));
    out->value[j] = by + c->shrink > 0.0f ? out->value[j] / (by + (c->kind == EUCLIDEAN ? 0.0f : c->shrink)) * c->factor[j] : 0.0f;
  }
  return INK_OK;
}

static ink_status prepare_implicit(counting *c, const ink_dataset *data) {
  INK_TRY(ink_dataset_weight_matrix(data, c->env, &c->people));
  INK_TRY(ink_matrix_transpose(&c->people, c->env, &c->items));
  INK_TRY(floats(c, data->items.n, &c->norm));
  INK_TRY(floats(c, data->items.n, &c->factor));
  if (c->kind == JACCARD)
    for (uint32_t i = 0; i < data->items.n; i++) c->factor[i] = 1.0f;
  else {
    weigh(c);
    ink_matrix_free(&c->items, &c->env->allocator);
    INK_TRY(ink_matrix_transpose(&c->people, c->env, &c->items));
  }
  for (uint32_t i = 0; i < data->items.n; i++) {
    double sum = 0.0;
    for (uint64_t e = c->items.starts[i]; e < c->items.starts[i + 1]; e++)
      sum += c->kind == JACCARD ? 1.0 : (double)c->items.values[e] * (double)c->items.values[e];
    c->norm[i] = (float)(c->kind == JACCARD ? sum : ink_sqrt_f64(sum));
  }
  return INK_OK;
}

/* ------------------------------------------------------- item-knn, explicit */

static void centre(counting *c, const ink_baseline *base) {
  ink_matrix *m = &c->people;
  for (uint32_t u = 0; u < m->n_rows; u++) {
    double mean = 0.0;
    const uint64_t n = m->starts[u + 1] - m->starts[u];
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) mean += (double)m->values[e] / (double)n;
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) {
      if (c->kind == ADJUSTED_COSINE) m->values[e] -= (float)mean;
      if (c->kind == PEARSON) m->values[e] -= c->factor[m->cols[e]];
      if (c->kind == PEARSON_BASELINE) m->values[e] -= base->mean + base->person[u] + base->item[m->cols[e]];
    }
  }
}

static void item_means(const ink_matrix *items, float *mean) {
  for (uint32_t i = 0; i < items->n_rows; i++) {
    double sum = 0.0;
    const uint64_t n = items->starts[i + 1] - items->starts[i];
    for (uint64_t e = items->starts[i]; e < items->starts[i + 1]; e++) sum += (double)items->values[e];
    mean[i] = n ? (float)(sum / (double)n) : 0.0f;
  }
}

static float rated_similarity(const counting *c, float xy, float xx, float yy, float n) {
  if (c->kind == JACCARD) return n;
  if (c->kind == EUCLIDEAN) {
    const float mean = (xx + yy - 2.0f * xy) / n;
    return 1.0f / (1.0f + (mean > 0.0f ? ink_sqrt_f32(mean) : 0.0f));
  }
  const float by = ink_sqrt_f32(xx) * ink_sqrt_f32(yy);
  return by > 0.0f ? xy / by : 0.0f; /* constant ratings have no correlation */
}

static ink_status rated_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  const size_t at = (size_t)worker * c->people.n_cols;
  float *xx = c->xx + at, *yy = c->yy + at, *both = c->both + at;
  for (uint64_t e = c->items.starts[target]; e < c->items.starts[target + 1]; e++) {
    const uint32_t u = c->items.cols[e];
    const float x = c->items.values[e];
    for (uint64_t f = c->people.starts[u]; f < c->people.starts[u + 1]; f++) {
      const uint32_t j = c->people.cols[f];
      const float y = c->people.values[f];
      ink_sources_name(out, j);
      out->value[j] += x * y;
      xx[j] += x * x;
      yy[j] += y * y;
      both[j] += 1.0f;
    }
  }
  const float rated = (float)(c->items.starts[target + 1] - c->items.starts[target]);
  for (uint32_t k = 0; k < out->n; k++) {
    const uint32_t j = out->named[k];
    float value = rated_similarity(c, out->value[j], xx[j], yy[j], both[j]);
    if (c->kind == JACCARD) value /= rated + (float)(c->items.starts[j + 1] - c->items.starts[j]) - both[j];
    value *= both[j] / (both[j] + c->shrink);
    out->value[j] = value < 0.0f && c->values[K_POSITIVE] > 0.0 ? 0.0f : value;
    xx[j] = yy[j] = both[j] = 0.0f;
  }
  return INK_OK;
}

static ink_status prepare_rated(counting *c, const ink_dataset *data, ink_baseline *base) {
  const uint64_t all = (uint64_t)c->env->threads.n_workers * data->items.n;
  INK_TRY(ink_dataset_matrix(data, true, c->env, &c->people));
  INK_TRY(ink_baseline_fit(&c->people, 10, 15, 10, &c->env->allocator, base));
  INK_TRY(ink_matrix_transpose(&c->people, c->env, &c->items));
  INK_TRY(floats(c, data->items.n, &c->factor));
  item_means(&c->items, c->factor);
  centre(c, base);
  ink_matrix_free(&c->items, &c->env->allocator);
  INK_TRY(ink_matrix_transpose(&c->people, c->env, &c->items));
  INK_TRY(floats(c, all, &c->xx));
  INK_TRY(floats(c, all, &c->yy));
  return floats(c, all, &c->both);
}

static ink_status fit_knn_rated(counting *c, const ink_dataset *data, ink_pairs_job *job, ink_trained *out) {
  ink_baseline base = { .person = NULL };
  ink_status status = prepare_rated(c, data, &base);
  job->sources = rated_sources;
  if (status == INK_OK) status = ink_pairs_build(job, c->env, out);
  const ink_linear_rule rule = { .is_mean = true, .shrink = (float)c->values[K_MEAN_SHRINK], .mean = base.mean, .person_shrink = 15,
                                 .lowest = data->value_min, .highest = data->value_max };
  if (status == INK_OK) status = ink_linear_settings(out, "item_knn", &rule, base.item, data->items.n);
  ink_baseline_free(&base, &c->env->allocator);
  return status;
}

static ink_status fit_knn(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  counting c = { .values = values, .env = env };
  ink_pairs_job job = { .prefix = "item_knn", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[K_NEIGHBOURS], data->items.n),
                        .sources = implicit_sources, .arg = &c };
  bool is_explicit;
  (void)seed;
  INK_TRY(ink_choose_feedback(data, (uint32_t)values[K_FEEDBACK], env, &is_explicit));
  c.kind = values[K_SIMILARITY] >= 0.0 ? (uint32_t)values[K_SIMILARITY] : is_explicit ? PEARSON_BASELINE : COSINE;
  c.shrink = (float)(values[K_SHRINK] >= 0.0 ? values[K_SHRINK] : is_explicit ? 100.0 : 50.0);
  ink_status status;
  if (is_explicit) status = fit_knn_rated(&c, data, &job, out);
  else {
    status = prepare_implicit(&c, data);
    if (status == INK_OK) status = ink_pairs_build(&job, env, out);
    if (status == INK_OK) status = ink_linear_settings(out, "item_knn", &(ink_linear_rule){ .is_mean = false }, NULL, data->items.n);
  }
  release(&c);
  return status == INK_OK ? ink_popular_tensor(data, env, out) : status;
}

/* --------------------------------------------------------------------- rp3 */

static ink_status rp3_targets(void *arg, uint32_t source, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  (void)worker;
  for (uint64_t e = c->items.starts[source]; e < c->items.starts[source + 1]; e++) {
    const uint32_t u = c->items.cols[e];
    for (uint64_t f = c->people.starts[u]; f < c->people.starts[u + 1]; f++) {
      ink_sources_name(out, c->people.cols[f]);
      out->value[c->people.cols[f]] += c->degree[u];
    }
  }
  for (uint32_t k = 0; k < out->n; k++) out->value[out->named[k]] *= c->factor[source] / c->norm[out->named[k]];
  return INK_OK;
}

static ink_status prepare_rp3(counting *c, const ink_dataset *data) {
  const double alpha = c->values[R_ALPHA], beta = c->values[R_BETA];
  INK_TRY(ink_dataset_weight_matrix(data, c->env, &c->people));
  INK_TRY(ink_matrix_transpose(&c->people, c->env, &c->items));
  INK_TRY(floats(c, data->items.n, &c->norm));
  INK_TRY(floats(c, data->items.n, &c->factor));
  INK_TRY(floats(c, c->people.n_rows, &c->degree));
  for (uint32_t i = 0; i < data->items.n; i++) {
    const double n = (double)(c->items.starts[i + 1] - c->items.starts[i]);
    c->norm[i] = n > 0.0 ? (float)ink_pow_f64(n, beta) : 1.0f;
    c->factor[i] = n > 0.0 ? (float)ink_pow_f64(1.0 / n, alpha) : 0.0f;
  }
  for (uint32_t u = 0; u < c->people.n_rows; u++) {
    const double n = (double)(c->people.starts[u + 1] - c->people.starts[u]);
    c->degree[u] = n > 0.0 ? (float)ink_pow_f64(1.0 / n, alpha) : 0.0f;
  }
  return INK_OK;
}

static ink_status fit_rp3(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  counting c = { .values = values, .env = env };
  const ink_pairs_job job = { .prefix = "rp3", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[R_NEIGHBOURS], data->items.n),
                              .by_source = true, .unit_rows = values[R_UNIT] > 0.0, .sources = rp3_targets, .arg = &c };
  (void)seed;
  ink_status status = prepare_rp3(&c, data);
  if (status == INK_OK) status = ink_pairs_build(&job, env, out);
  if (status == INK_OK) status = ink_linear_settings(out, "rp3", &(ink_linear_rule){ .is_mean = false }, NULL, data->items.n);
  release(&c);
  return status == INK_OK ? ink_popular_tensor(data, env, out) : status;
}

/* --------------------------------------------------------------- slope one */

static ink_status slope_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const counting *c = arg;
  (void)worker;
  for (uint64_t e = c->items.starts[target]; e < c->items.starts[target + 1]; e++) {
    const uint32_t u = c->items.cols[e];
    for (uint64_t f = c->people.starts[u]; f < c->people.starts[u + 1]; f++) {
      const uint32_t j = c->people.cols[f];
      ink_sources_name(out, j);
      out->value[j] += 1.0f;
      out->shift[j] += c->items.values[e] - c->people.values[f];
    }
  }
  for (uint32_t k = 0; k < out->n; k++) out->shift[out->named[k]] /= out->value[out->named[k]];
  return INK_OK;
}

static ink_status fit_slope(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  counting c = { .values = values, .env = env };
  const ink_pairs_job job = { .prefix = "slope_one", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[O_NEIGHBOURS], data->items.n),
                              .shifts = true, .sources = slope_sources, .arg = &c };
  bool is_explicit;
  (void)seed;
  INK_TRY(ink_choose_feedback(data, INK_FEEDBACK_EXPLICIT, env, &is_explicit));
  ink_status status = ink_dataset_matrix(data, true, env, &c.people);
  if (status == INK_OK) status = ink_matrix_transpose(&c.people, env, &c.items);
  if (status == INK_OK) status = floats(&c, data->items.n, &c.factor);
  if (status == INK_OK) status = ink_pairs_build(&job, env, out);
  double mean = 0.0;
  for (uint64_t e = 0; status == INK_OK && e < c.people.n_values; e++) mean += (double)c.people.values[e] / (double)c.people.n_values;
  const ink_linear_rule rule = { .is_mean = true, .mean = (float)mean, .lowest = data->value_min, .highest = data->value_max };
  if (status == INK_OK) status = ink_linear_settings(out, "slope_one", &rule, c.factor, data->items.n);
  release(&c);
  return status == INK_OK ? ink_popular_tensor(data, env, out) : status;
}

const ink_trainer ink_trainer_item_knn = { .name = "item-knn", .about = "items that the same people chose, or rated alike", .settings = knn_settings,
                                           .n_settings = K_N, .fit = fit_knn };
const ink_trainer ink_trainer_rp3 = { .name = "rp3", .about = "a random walk of three steps from item to item, popular ones discounted",
                                      .settings = rp3_settings, .n_settings = R_N, .fit = fit_rp3 };
const ink_trainer ink_trainer_slope_one = { .name = "slope-one", .about = "mean differences between the ratings of two items",
                                            .settings = slope_settings, .n_settings = O_N, .fit = fit_slope };
