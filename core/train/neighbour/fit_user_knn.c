/* fit_user_knn.c - user-knn (Herlocker et al. 1999) as core/model/user_knn.h serves it: from *prototypes*, means over groups
 * of at least `people_each` people found by k-means (Xue et al. 2005), so that no person's row is in a pack; and an item
 * that fewer than `support` of a group chose is not in its mean. `rows=people` writes everybody's row instead: the classical
 * family over all users, to measure what prototypes lose. Such a file tells who chose what: it is not for shipping.
 * Whom a prototype is near to is asked from both sides (user_reach.h), and votes for what is rare are worth more. */
#include "fit_user_knn.h"

#include "baseline.h"
#include "blocks.h"
#include "common_settings.h"
#include "dataset.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "item_gram.h"
#include "kmeans.h"
#include "linear_settings.h"
#include "mem.h"
#include "pair_tensors.h"
#include "user_knn.h"
#include "user_reach.h"
#include "utf8.h"
#include "base.h"

enum { PLAIN, TF_IDF, BM25 };
static const char *const weighting_words[] = { "none", "tf-idf", "bm25", NULL };
static const char *const rows_words[] = { "prototypes", "people", NULL };

enum { U_ROWS, U_PROTOTYPES, U_EACH, U_SUPPORT, U_PASSES, U_NEIGHBOURS, U_REVERSE, U_FEEDBACK, U_WEIGHTING, U_VOTE, U_SHRINK, U_ITEM_SHRINK, U_MEAN_SHRINK, U_BM25_K1, U_BM25_B,
       U_WEIGHTS, U_N };
static const ink_setting user_settings[U_N] = {
  [U_ROWS] = { "rows", "prototypes: means over groups; people: everybody's own row, for measuring only, not for shipping", 0, 0, 1, true, rows_words },
  [U_PROTOTYPES] = { "prototypes", "groups of people to look for; -1 = one for 10 people, at most 1000", -1, -1, 65535, true, NULL },
  [U_EACH] = { "people_each", "a group has at least so many people", 10, 2, 1e6, true, NULL },
  [U_SUPPORT] = { "support", "an item stands in a prototype when so many of the group chose it", 2, 1, 1e6, true, NULL },
  [U_PASSES] = { "passes", "passes of k-means, at most", 20, 1, 1000, true, NULL },
  [U_NEIGHBOURS] = { "neighbours", "prototypes (or people) nearest to a person that a score asks; -1 = 10 (implicit), 20 (explicit)", -1, -1, 1e6, true, NULL },
  [U_REVERSE] = { "reverse", "how many people are nearest to a prototype (or row), who ask it too (implicit); 0 = none, -1 = a twentieth", -1, -1, 1e6, true, NULL },
  [U_FEEDBACK] = { "feedback", "implicit: rank what people choose; explicit: predict ratings; auto: explicit where there are ratings", 0, 0, 2, true,
                   ink_feedback_words },
  [U_WEIGHTING] = { "weighting", "of choices before people are compared (implicit)", BM25, 0, 2, true, weighting_words },
  [U_VOTE] = { "vote_power", "a neighbour's choice of an item is worth (its rarity by weighting)^power (implicit)", 0.5, 0, 4, false, NULL },
  [U_SHRINK] = { "shrink", "added to the denominator of the similarity; -1 = 0 (implicit), 5 (explicit)", -1, -1, 1e6, false, NULL },
  [U_ITEM_SHRINK] = { "item_shrink", "pull of a group's mean rating of an item towards the baseline (explicit)", 3, 0, 1000, false, NULL },
  [U_MEAN_SHRINK] = { "mean_shrink", "pull of the weighted mean towards the baseline (explicit)", 0.3, 0, 1000, false, NULL },
  [U_BM25_K1] = { "bm25_k1", "saturation of repeated choices", 1.2, 0, 1000, false, NULL },
  [U_BM25_B] = { "bm25_b", "how much long histories are discounted", 0.75, 0, 1, false, NULL },
  [U_WEIGHTS] = { "weights", "how numbers are stored", 0, 0, 1, true, ink_weights_words },
};

typedef struct crowd {
  const double *values;
  const ink_train_env *env;
  bool is_explicit;
  ink_choices choices;            /* weighted choices, or residual ratings */
  ink_baseline base;              /* explicit */
  float *item_weights;            /* [N] implicit */
  ink_kmeans groups;              /* rows=prototypes */
  uint32_t n_prototypes;
  uint32_t *cols, n_pairs;        /* [n_pairs] rows by item */
  float *numbers, *norms;         /* [n_pairs], [P] */
} crowd;

/* ----------------------------------------------------------------- weighting */

/* Items are terms, people are documents: what everybody chose says little, and one choice among many says less. */
static ink_status weigh(crowd *c) {
  ink_matrix *m = &c->choices.people;
  const uint32_t how = (uint32_t)c->values[U_WEIGHTING];
  const float k1 = (float)c->values[U_BM25_K1], b = (float)c->values[U_BM25_B];
  const float average = (float)((double)m->n_values / (double)m->n_rows);
  INK_NEW(&c->env->allocator, m->n_cols, &c->item_weights);
  for (uint32_t i = 0; i < m->n_cols; i++) {
    const double n = (double)(c->choices.items.starts[i + 1] - c->choices.items.starts[i]), idf = ink_log1p_f64((double)m->n_rows / (1.0 + n));
    c->item_weights[i] = how == PLAIN ? 1.0f : (float)idf;
  }
  for (uint32_t u = 0; u < m->n_rows; u++) {
    const float length = (1.0f - b) + b * (float)(m->starts[u + 1] - m->starts[u]) / average;
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) {
      const float x = m->values[e], size = x < 0.0f ? -x : x;
      if (how == BM25) m->values[e] = x * (k1 + 1.0f) / (k1 * length + size);
      m->values[e] *= c->item_weights[m->cols[e]];
    }
  }
  return INK_OK;
}

/* Ratings less what their person and item give anyhow. */
static void centre(crowd *c) {
  ink_matrix *m = &c->choices.people;
  for (uint32_t u = 0; u < m->n_rows; u++)
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) m->values[e] -= c->base.mean + c->base.person[u] + c->base.item[m->cols[e]];
}

static ink_status prepare(crowd *c, const ink_dataset *data) {
  const ink_allocator *a = &c->env->allocator;
  if (c->is_explicit) {
    INK_TRY(ink_dataset_matrix(data, true, c->env, &c->choices.people));
    INK_TRY(ink_baseline_fit(&c->choices.people, 10, 15, 10, a, &c->base));
    centre(c);
  } else {
    INK_TRY(ink_choices_of(data, c->env, &c->choices));
    INK_TRY(weigh(c));
    ink_matrix_free(&c->choices.items, a);
  }
  return ink_matrix_transpose(&c->choices.people, c->env, &c->choices.items);
}

/* -------------------------------------------------------------------- groups */

static void scale_rows(ink_matrix *m) {
  for (uint32_t r = 0; r < m->n_rows; r++) {
    double squares = 0.0;
    for (uint64_t e = m->starts[r]; e < m->starts[r + 1]; e++) squares += (double)m->values[e] * (double)m->values[e];
    const float by = squares > 0.0 ? (float)(1.0 / ink_sqrt_f64(squares)) : 0.0f;
    for (uint64_t e = m->starts[r]; e < m->starts[r + 1]; e++) m->values[e] *= by;
  }
}

/* k-means over rows of length 1, so that distance goes with cosine. The matrix is scaled and put back. */
static ink_status find_groups(crowd *c, uint64_t seed) {
  const ink_train_env *env = c->env;
  ink_matrix *m = &c->choices.people, columns = { .n_rows = 0 };
  const uint32_t least = (uint32_t)c->values[U_EACH], wanted = c->values[U_PROTOTYPES] >= 1.0 ? (uint32_t)c->values[U_PROTOTYPES]
                                                                                              : ink_min_u32(m->n_rows / 10 + 1, 1000);
  const ink_kmeans_options options = { .k = ink_min_u32(wanted, m->n_rows), .passes = (uint32_t)c->values[U_PASSES], .least = least, .directions = true, .seed = seed };
  float *kept;
  if (m->n_rows < least) return ink_refuse_range(env->fault, INK_E_SETTING, ink_text_of("people_each"), least, 2, m->n_rows);
  INK_NEW(&env->allocator, m->n_values, &kept);
  ink_mem_copy(kept, m->values, (size_t)m->n_values * sizeof *kept);
  scale_rows(m);
  ink_status status = ink_matrix_transpose(m, env, &columns);
  if (status == INK_OK) status = ink_kmeans_fit(m, &columns, &options, env, &c->groups);
  ink_matrix_free(&columns, &env->allocator);
  ink_mem_copy(m->values, kept, (size_t)m->n_values * sizeof *kept);
  ink_block_free(&env->allocator, kept);
  c->n_prototypes = c->groups.k;
  return status;
}

/* ---------------------------------------------------------------------- rows */

/* Weights of items compare people; what a prototype says of an item goes without them. */
static void put(crowd *c, uint32_t item, uint32_t prototype, float mean) {
  const float number = c->item_weights != NULL ? mean / c->item_weights[item] : mean;
  if (number == 0.0f) return;
  c->cols[c->n_pairs] = prototype;
  c->numbers[c->n_pairs++] = number;
  c->norms[prototype] += mean * mean;
}

/* An item's mean in each group: over all of it (implicit), over those who rated it (explicit). */
static void put_item(crowd *c, uint32_t item, float *sum, uint32_t *n) {
  const ink_matrix *items = &c->choices.items;
  const uint32_t support = (uint32_t)c->values[U_SUPPORT];
  const float pull = (float)c->values[U_ITEM_SHRINK];
  for (uint64_t e = items->starts[item]; e < items->starts[item + 1]; e++) {
    const uint32_t p = c->groups.cluster != NULL ? c->groups.cluster[items->cols[e]] : items->cols[e];
    sum[p] += items->values[e];
    n[p]++;
  }
  for (uint32_t p = 0; p < c->n_prototypes; p++) {
    if (n[p] == 0) continue;
    if (c->groups.cluster == NULL) put(c, item, p, sum[p]);
    else if (n[p] >= support) put(c, item, p, sum[p] / (c->is_explicit ? (float)n[p] + pull : (float)c->groups.size[p]));
    sum[p] = 0.0f;
    n[p] = 0;
  }
}

static ink_status make_rows(crowd *c, uint32_t *ends) {
  const ink_allocator *a = &c->env->allocator;
  const uint32_t n_items = c->choices.items.n_rows;
  float *sum;
  uint32_t *n = NULL;
  INK_NEW(a, c->choices.items.n_values, &c->cols);
  INK_NEW(a, c->choices.items.n_values, &c->numbers);
  INK_NEW(a, c->n_prototypes, &c->norms);
  INK_NEW(a, c->n_prototypes, &sum);
  n = ink_block_resize(a, NULL, c->n_prototypes, sizeof *n);
  for (uint32_t p = 0; n != NULL && p < c->n_prototypes; p++) {
    c->norms[p] = sum[p] = 0.0f;
    n[p] = 0;
  }
  for (uint32_t i = 0; n != NULL && i < n_items; i++) {
    put_item(c, i, sum, n);
    ends[i] = c->n_pairs;
  }
  ink_block_free(a, sum);
  ink_block_free(a, n);
  return n != NULL ? INK_OK : INK_E_NO_MEMORY;
}

/* ------------------------------------------------------------------- tensors */

static float shrink_of(const crowd *c) {
  return (float)(c->values[U_SHRINK] >= 0.0 ? c->values[U_SHRINK] : c->is_explicit ? 5.0 : 0.0);
}

static uint32_t reached_by(const crowd *c) {
  return c->values[U_REVERSE] >= 0.0 ? (uint32_t)c->values[U_REVERSE] : c->choices.people.n_rows / 20 + 1;
}

static ink_status put_norms(const crowd *c, ink_trained *out) {
  void *norms, *near;
  INK_TRY(ink_pair_vector(out, "user_knn", ".norms", INK_DTYPE_F32, c->n_prototypes, &norms));
  for (uint32_t p = 0; p < c->n_prototypes; p++) ((float *)norms)[p] = ink_sqrt_f32(c->norms[p]);
  INK_TRY(ink_pair_vector(out, "user_knn", ".near", INK_DTYPE_F32, USER_KNN_N, &near));
  ((float *)near)[USER_KNN_NEAR] = (float)(c->values[U_NEIGHBOURS] > 0.0 ? c->values[U_NEIGHBOURS] : c->is_explicit ? 20.0 : 10.0);
  ((float *)near)[USER_KNN_SHRINK] = shrink_of(c);
  return INK_OK;
}

/* Rows by prototype, weighted as people's are when they are compared, and how far each reaches. */
static ink_status put_reach(const crowd *c, const uint32_t *ends, ink_trained *out) {
  const ink_reach_job job = { .people = &c->choices.people, .items = &c->choices.items, .n_rows = c->n_prototypes, .ends = ends, .cols = c->cols,
                              .numbers = c->numbers, .item_weights = c->item_weights, .shrink = shrink_of(c),
                              .rows_are_people = c->groups.cluster == NULL, .n_reached = reached_by(c) };
  void *reach;
  if (c->is_explicit || job.n_reached == 0) return INK_OK;
  INK_TRY(ink_pair_vector(out, "user_knn", ".reach", INK_DTYPE_F32, c->n_prototypes, &reach));
  return ink_user_reach(&job, c->env, reach);
}

/* What votes are worth: a power of an item's rarity. */
static ink_status put_votes(const crowd *c, uint32_t n_items, ink_trained *out) {
  void *votes;
  if (c->is_explicit || c->values[U_VOTE] == 0.0 || (uint32_t)c->values[U_WEIGHTING] == PLAIN) return INK_OK;
  INK_TRY(ink_pair_vector(out, "user_knn", ".votes", INK_DTYPE_F32, n_items, &votes));
  for (uint32_t i = 0; i < n_items; i++) ((float *)votes)[i] = (float)ink_pow_f64((double)c->item_weights[i], c->values[U_VOTE]);
  return INK_OK;
}

static ink_status put_rest(const crowd *c, const ink_dataset *data, ink_trained *out) {
  const uint32_t n = data->items.n;
  const ink_linear_rule sums = { .is_mean = false },
                        means = { .is_mean = true, .shrink = (float)c->values[U_MEAN_SHRINK], .mean = c->base.mean, .person_shrink = 15,
                                  .lowest = data->value_min, .highest = data->value_max };
  INK_TRY(ink_linear_settings(out, "user_knn", c->is_explicit ? &means : &sums, c->base.item, n));
  if (!c->is_explicit && c->values[U_WEIGHTING] > 0.0) {
    void *weights;
    INK_TRY(ink_pair_vector(out, "user_knn", ".item_weights", INK_DTYPE_F32, n, &weights));
    for (uint32_t i = 0; i < n; i++) ((float *)weights)[i] = c->item_weights[i] * c->item_weights[i];
  }
  INK_TRY(ink_trained_meta(out, "user_knn.rows", rows_words[(uint32_t)c->values[U_ROWS]]));
  INK_TRY(ink_trained_meta_number(out, "user_knn.prototypes", (float)c->n_prototypes));
  return ink_popular_tensor(data, c->env, out);
}

static ink_status build(crowd *c, const ink_dataset *data, uint64_t seed, ink_trained *out) {
  uint32_t *ends;
  INK_TRY(prepare(c, data));
  c->n_prototypes = data->users.n;
  if (c->values[U_ROWS] == 0.0) INK_TRY(find_groups(c, seed));
  INK_TRY(ink_pair_ends(out, "user_knn", data->items.n, &ends));
  INK_TRY(make_rows(c, ends));
  const ink_pair_rows rows = { "user_knn", data->items.n, c->n_prototypes, ends, c->values[U_WEIGHTS] > 0.0 };
  INK_TRY(ink_pair_cols(out, &rows, c->cols));
  INK_TRY(ink_pair_values(out, &rows, ".values", ".scale", c->numbers));
  INK_TRY(put_norms(c, out));
  INK_TRY(put_reach(c, ends, out));
  INK_TRY(put_votes(c, data->items.n, out));
  return put_rest(c, data, out);
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const ink_allocator *a = &env->allocator;
  crowd c = { .values = values, .env = env };
  INK_TRY(ink_choose_feedback(data, (uint32_t)values[U_FEEDBACK], env, &c.is_explicit));
  const ink_status status = build(&c, data, seed, out);
  void *const blocks[] = { c.item_weights, c.cols, c.numbers, c.norms };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_kmeans_free(&c.groups, a);
  ink_baseline_free(&c.base, a);
  ink_choices_free(&c.choices, a);
  return status;
}

const ink_trainer ink_trainer_user_knn = { .name = "user-knn", .about = "what people like this one chose or how they rated, from prototypes of people",
                                           .settings = user_settings, .n_settings = U_N, .fit = fit };
