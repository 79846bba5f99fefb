/* fit_item_knn.c - item-knn: items that the same people chose, or rated alike; knn-baseline: the same for ratings, under the
 * name and with the settings of Koren (2010).
 *
 * Choices: similarity of two items' columns of (weighted) choices (Sarwar 2001; Deshpande & Karypis 2004).
 * Ratings: similarity over the people who rated both, times its significance n/(n + shrink) (Herlocker 1999); a score is
 *   the baseline plus the weighted mean of what the person's ratings differ from theirs. */
#include "fit_item_knn.h"

#include "baseline.h"
#include "blocks.h"
#include "common_settings.h"
#include "dataset.h"
#include "fit_popular.h"
#include "fmath.h"
#include "item_gram.h"
#include "item_pairs.h"
#include "linear_settings.h"
#include "mem.h"
#include "similarity.h"
#include "base.h"

#define CHOICES_SHRINK 10.0       /* of the similarity of choices, when not set */

enum { PLAIN, TF_IDF, BM25 };
enum { KEEP_SOURCES, KEEP_TARGETS };
static const char *const keep_words[] = { "sources", "targets", NULL };
static const char *const weighting_words[] = { "none", "tf-idf", "bm25", NULL };

enum { K_NEIGHBOURS, K_KEEP, K_FEEDBACK, K_SIMILARITY, K_SHRINK, K_PERSON, K_WEIGHTING, K_BM25_K1, K_BM25_B, K_POSITIVE, K_MEAN_SHRINK, K_WEIGHTS, K_N };
static const ink_setting knn_settings[K_N] = {
  [K_NEIGHBOURS] = { "neighbours", "others kept for each item", 200, 1, 10000, true, NULL },
  [K_KEEP] = { "keep", "sources: each item keeps those that speak for it; targets: those it speaks for (choices)", KEEP_SOURCES, 0, 1, true, keep_words },
  [K_FEEDBACK] = { "feedback", "implicit: rank what people choose; explicit: predict ratings; auto: explicit where there are ratings", 0, 0, 2, true,
                   ink_feedback_words },
  [K_SIMILARITY] = { "similarity", "of two items; -1 = cosine (implicit), pearson-baseline (explicit)", -1, -1, INK_EUCLIDEAN, true, ink_similarity_words },
  [K_SHRINK] = { "shrink", "added to the denominator (implicit), or significance n/(n + shrink) (explicit); -1 = 10, 100", -1, -1, 1e6, false, NULL },
  [K_PERSON] = { "person_power", "when items are compared, a person who chose n of them counts by n^-power (implicit)", 0.5, 0, 2, false, NULL },
  [K_WEIGHTING] = { "weighting", "of choices before they are compared (implicit)", PLAIN, 0, 2, true, weighting_words },
  [K_BM25_K1] = { "bm25_k1", "saturation of repeated choices", 1.2, 0, 1000, false, NULL },
  [K_BM25_B] = { "bm25_b", "how much popular items are discounted", 0.75, 0, 1, false, NULL },
  [K_POSITIVE] = { "positive_only", "drop items that people like less together (explicit)", 0, 0, 1, true, ink_yes_words },
  [K_MEAN_SHRINK] = { "mean_shrink", "pull of the weighted mean towards the baseline (explicit)", 0.3, 0, 1000, false, NULL },
  [K_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

enum { B_NEIGHBOURS, B_SIMILARITY, B_SHRINK, B_POSITIVE, B_MEAN_SHRINK, B_WEIGHTS, B_N };
static const uint32_t of_knn[B_N] = { K_NEIGHBOURS, K_SIMILARITY, K_SHRINK, K_POSITIVE, K_MEAN_SHRINK, K_WEIGHTS };
static const ink_setting baseline_settings[B_N] = {
  [B_NEIGHBOURS] = { "neighbours", "sources kept for each item", 200, 1, 10000, true, NULL },
  [B_SIMILARITY] = { "similarity", "of two items", INK_PEARSON_BASELINE, 0, INK_EUCLIDEAN, true, ink_similarity_words },
  [B_SHRINK] = { "shrink", "significance n/(n + shrink) of a similarity from n people", 100, 0, 1e6, false, NULL },
  [B_POSITIVE] = { "positive_only", "drop items that people like less together", 0, 0, 1, true, ink_yes_words },
  [B_MEAN_SHRINK] = { "mean_shrink", "pull of the weighted mean towards the baseline", 0.3, 0, 1000, false, NULL },
  [B_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

typedef struct knn {
  const double *values;
  const ink_train_env *env;
  ink_choices choices;            /* weighted choices, or ratings less what the similarity takes off */
  uint32_t kind;
  float shrink;
  float *length;                  /* [N] of columns; of jaccard, weights of people (choices) */
  float *person;                  /* [n_people] how much their choices count in a likeness (choices) */
  float *factor;                  /* [N] what a source's weight is multiplied by (choices) */
  ink_pair_sums *sums;            /* [n_workers * N] zero between targets (ratings) */
} knn;

static void release(knn *k) {
  const ink_allocator *a = &k->env->allocator;
  ink_choices_free(&k->choices, a);
  void *const blocks[] = { k->length, k->person, k->factor, k->sums };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
}

/* ----------------------------------------------------------------- choices */

static uint32_t count_of(const ink_matrix *m, uint32_t row) { return (uint32_t)(m->starts[row + 1] - m->starts[row]); }

/* Of BM25: how long an item's column is beside the average. */
static float length_norm(const knn *k, uint32_t item) {
  const float b = (float)k->values[K_BM25_B];
  const double average = (double)k->choices.people.n_values / (double)k->choices.people.n_cols;
  return (1.0f - b) + b * (float)((double)count_of(&k->choices.items, item) / average);
}

/* People are terms, items are documents: choices of people who choose much say little. */
static void weigh(knn *k) {
  ink_matrix *m = &k->choices.people;
  const uint32_t how = (uint32_t)k->values[K_WEIGHTING];
  const float k1 = (float)k->values[K_BM25_K1];
  for (uint32_t u = 0; u < m->n_rows; u++) {
    const double rare = ink_log_f64((double)m->n_cols / (1.0 + (double)count_of(m, u)));
    const float idf = rare > 0.0 ? (float)rare : 0.0f;
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) {
      const float x = m->values[e], sign = x < 0.0f ? -1.0f : 1.0f, size = x * sign;
      if (how == TF_IDF) m->values[e] = sign * ink_sqrt_f32(size) * idf;
      if (how == BM25) m->values[e] = x * (k1 + 1.0f) / (k1 * length_norm(k, m->cols[e]) + size) * idf;
    }
  }
}

/* The person's own choices are weighed as the columns were: an item's part of BM25 goes into its weights, which are chosen without it. */
static void find_factors(knn *k) {
  const float k1 = (float)k->values[K_BM25_K1];
  const bool bm25 = k->kind != INK_JACCARD && (uint32_t)k->values[K_WEIGHTING] == BM25;
  for (uint32_t i = 0; i < k->choices.items.n_rows; i++) k->factor[i] = bm25 ? (k1 + 1.0f) / (k1 * length_norm(k, i) + 1.0f) : 1.0f;
}

/* Of columns, before people are weighed down: a long history then makes less of two items' likeness, as in Deshpande & Karypis' rows
 * of length 1 over plain frequencies. Sets and distances are of people who count as much as they do. */
static void find_lengths(knn *k) {
  const ink_matrix *items = &k->choices.items;
  const bool is_angle = k->kind != INK_JACCARD && k->kind != INK_EUCLIDEAN;
  for (uint32_t i = 0; i < items->n_rows; i++) {
    double sum = 0.0;
    for (uint64_t e = items->starts[i]; e < items->starts[i + 1]; e++) {
      const double x = (double)items->values[e];
      sum += is_angle ? x * x : x * x * (double)k->person[items->cols[e]];
    }
    k->length[i] = k->kind == INK_JACCARD ? (float)sum : (float)ink_sqrt_f64(sum);
  }
}

/* A product of two choices is weighed once: in the rows by person, not in those by item. */
static ink_status weigh_people(knn *k) {
  ink_matrix *m = &k->choices.people;
  INK_NEW(&k->env->allocator, m->n_rows, &k->person);
  for (uint32_t u = 0; u < m->n_rows; u++) {
    const uint32_t n = count_of(m, u);
    k->person[u] = n > 0 ? (float)ink_pow_f64((double)n, -k->values[K_PERSON]) : 0.0f;
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) m->values[e] *= k->person[u];
  }
  return INK_OK;
}

static ink_status prepare_choices(knn *k, const ink_dataset *data) {
  const ink_allocator *a = &k->env->allocator;
  INK_TRY(ink_choices_of(data, k->env, &k->choices));
  INK_NEW(a, data->items.n, &k->length);
  INK_NEW(a, data->items.n, &k->factor);
  find_factors(k);
  if (k->kind == INK_JACCARD) {                       /* sets: whoever chose it chose it once */
    for (uint64_t e = 0; e < k->choices.people.n_values; e++) k->choices.people.values[e] = k->choices.items.values[e] = 1.0f;
  } else if (k->values[K_WEIGHTING] > 0.0) {
    weigh(k);
    ink_matrix_free(&k->choices.items, a);
    INK_TRY(ink_matrix_transpose(&k->choices.people, k->env, &k->choices.items));
  }
  INK_TRY(weigh_people(k));
  find_lengths(k);
  return INK_OK;
}

/* A similarity reads the same both ways. */
static ink_status chosen_partners(void *arg, uint32_t item, ink_sources *out, uint32_t worker) {
  const knn *k = arg;
  (void)worker;
  ink_gram_row(&k->choices, item, out);
  for (uint32_t n = 0; n < out->n; n++) {
    const uint32_t j = out->named[n];
    out->value[j] = ink_similarity_chosen(k->kind, out->value[j], k->length[item], k->length[j], k->shrink);
  }
  return INK_OK;
}

/* ----------------------------------------------------------------- ratings */

static void centre(knn *k, const ink_baseline *base) {
  ink_matrix *m = &k->choices.people;
  for (uint32_t u = 0; u < m->n_rows; u++) {
    double mean = 0.0;
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) mean += (double)m->values[e] / (double)count_of(m, u);
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) {
      if (k->kind == INK_ADJUSTED_COSINE) m->values[e] -= (float)mean;
      if (k->kind == INK_PEARSON_BASELINE) m->values[e] -= base->mean + base->person[u] + base->item[m->cols[e]];
    }
  }
}

static ink_status prepare_ratings(knn *k, const ink_dataset *data, ink_baseline *base) {
  const ink_allocator *a = &k->env->allocator;
  const uint64_t n_sums = (uint64_t)k->env->threads.n_workers * data->items.n;
  INK_TRY(ink_dataset_matrix(data, true, k->env, &k->choices.people));
  INK_TRY(ink_baseline_fit(&k->choices.people, 10, 15, 10, a, base));
  centre(k, base);
  INK_TRY(ink_matrix_transpose(&k->choices.people, k->env, &k->choices.items));
  INK_NEW(a, n_sums, &k->sums);
  ink_mem_fill(k->sums, 0, (size_t)n_sums * sizeof *k->sums);
  return INK_OK;
}

static void add_ratings(const knn *k, uint32_t target, ink_pair_sums *sums, ink_sources *out) {
  const ink_matrix *items = &k->choices.items, *people = &k->choices.people;
  for (uint64_t e = items->starts[target]; e < items->starts[target + 1]; e++) {
    const uint32_t u = items->cols[e];
    const float x = items->values[e];
    for (uint64_t f = people->starts[u]; f < people->starts[u + 1]; f++) {
      const float y = people->values[f];
      ink_pair_sums *s = &sums[people->cols[f]];
      ink_sources_name(out, people->cols[f]);
      s->xy += x * y;
      s->xx += x * x;
      s->yy += y * y;
      s->x += x;
      s->y += y;
      s->n += 1.0f;
    }
  }
}

static ink_status rated_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const knn *k = arg;
  ink_pair_sums *sums = k->sums + (size_t)worker * k->choices.items.n_rows;
  const float rated = (float)count_of(&k->choices.items, target);
  add_ratings(k, target, sums, out);
  for (uint32_t n = 0; n < out->n; n++) {
    const uint32_t j = out->named[n];
    const float like = ink_similarity_rated(k->kind, &sums[j], rated, (float)count_of(&k->choices.items, j));
    out->value[j] = like < 0.0f && k->values[K_POSITIVE] > 0.0 ? 0.0f : like * (sums[j].n / (sums[j].n + k->shrink));
    sums[j] = (ink_pair_sums){ .n = 0.0f };
  }
  return INK_OK;
}

static ink_status fit_ratings(knn *k, const ink_dataset *data, ink_pairs_job *job, ink_trained *out) {
  ink_baseline base = { .person = NULL };
  ink_status status = prepare_ratings(k, data, &base);
  job->sources = rated_sources;
  job->by_source = false;         /* a mean is made of what speaks for its item */
  if (status == INK_OK) status = ink_pairs_build(job, k->env, out);
  const ink_linear_rule rule = { .is_mean = true, .shrink = (float)k->values[K_MEAN_SHRINK], .mean = base.mean, .person_shrink = 15,
                                 .lowest = data->value_min, .highest = data->value_max };
  if (status == INK_OK) status = ink_linear_settings(out, "item_knn", &rule, base.item, data->items.n);
  ink_baseline_free(&base, &k->env->allocator);
  return status == INK_OK ? ink_popular_tensor(data, k->env, out) : status;
}

/* ------------------------------------------------------------------- doors */

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  knn k = { .values = values, .env = env };
  ink_pairs_job job = { .prefix = "item_knn", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[K_NEIGHBOURS], data->items.n),
                        .f32 = values[K_WEIGHTS] > 0.0, .by_source = values[K_KEEP] > 0.0, .sources = chosen_partners, .arg = &k };
  bool is_explicit;
  (void)seed;
  INK_TRY(ink_choose_feedback(data, (uint32_t)values[K_FEEDBACK], env, &is_explicit));
  k.kind = values[K_SIMILARITY] >= 0.0 ? (uint32_t)values[K_SIMILARITY] : is_explicit ? INK_PEARSON_BASELINE : INK_COSINE;
  k.shrink = (float)(values[K_SHRINK] >= 0.0 ? values[K_SHRINK] : is_explicit ? 100.0 : CHOICES_SHRINK);
  ink_status status = is_explicit ? fit_ratings(&k, data, &job, out) : prepare_choices(&k, data);
  job.factor = k.factor;
  if (status == INK_OK && !is_explicit) status = ink_linear_sums(&job, data, env, out);
  release(&k);
  return status;
}

static ink_status fit_baseline(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  double all[K_N];
  for (uint32_t i = 0; i < K_N; i++) all[i] = knn_settings[i].standard;
  for (uint32_t i = 0; i < B_N; i++) all[of_knn[i]] = values[i];
  all[K_FEEDBACK] = INK_FEEDBACK_EXPLICIT;
  return fit(data, all, seed, env, out);
}

const ink_trainer ink_trainer_item_knn = { .name = "item-knn", .about = "items that the same people chose, or rated alike",
                                           .settings = knn_settings, .n_settings = K_N, .fit = fit };
const ink_trainer ink_trainer_knn_baseline = { .name = "knn-baseline", .serves = "item-knn",
                                               .about = "ratings from how those of similar items differ from a baseline",
                                               .settings = baseline_settings, .n_settings = B_N, .fit = fit_baseline };
