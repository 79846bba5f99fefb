/* diverse.c - see diverse.h. Scores only fall as items are set, so each best one is found among current values, and the
 * values at which items were set never rise from one to the next: they are the new scores. */
#include "diverse.h"

#include "blocks.h"
#include "term_matrix.h"
#include "text_words.h"
#include "base.h"

typedef struct setting {
  const ink_train_env *env;
  ink_terms terms;
  ink_matrix items;               /* [terms, items]: who else has a term */
  float *near;                    /* [n_items] cosine with the item being set */
  float *most;                    /* [n_items] the largest of these so far */
  uint8_t *is_set;                /* [n_items] */
} setting;

static float value_of(const setting *s, const float *scores, double strength, uint32_t i) {
  return scores[i] > 0.0f ? (float)((double)scores[i] * (1.0 - strength * (double)s->most[i])) : scores[i];
}

/* The best item that is not set yet; ties: the lower. */
static uint32_t find_best(const setting *s, const float *scores, double strength, uint32_t n) {
  uint32_t best = INK_NONE;
  float most = 0.0f;
  for (uint32_t i = 0; i < n; i++) {
    if (s->is_set[i]) continue;
    const float value = value_of(s, scores, strength, i);
    if (best == INK_NONE || value > most) best = i, most = value;
  }
  return best;
}

/* Everybody's similarity with a newly set item, through the terms that they share. */
static void meet(setting *s, uint32_t item) {
  const ink_matrix *rows = &s->terms.rows, *items = &s->items;
  for (uint64_t e = rows->starts[item]; e < rows->starts[item + 1]; e++)
    for (uint64_t f = items->starts[rows->cols[e]]; f < items->starts[rows->cols[e] + 1]; f++)
      s->near[items->cols[f]] += rows->values[e] * items->values[f];
  for (uint64_t e = rows->starts[item]; e < rows->starts[item + 1]; e++)
    for (uint64_t f = items->starts[rows->cols[e]]; f < items->starts[rows->cols[e] + 1]; f++) {
      const uint32_t i = items->cols[f];
      const float near = s->near[i] > 1.0f ? 1.0f : s->near[i];
      if (near > s->most[i] && !s->is_set[i]) s->most[i] = near;
      s->near[i] = 0.0f;
    }
}

static ink_status run(setting *s, double strength, uint32_t n, float *scores) {
  INK_TRY(ink_matrix_transpose(&s->terms.rows, s->env, &s->items));
  INK_NEW(&s->env->allocator, n, &s->near);
  INK_NEW(&s->env->allocator, n, &s->most);
  INK_NEW(&s->env->allocator, n, &s->is_set);
  for (uint32_t i = 0; i < n; i++) s->near[i] = s->most[i] = 0.0f, s->is_set[i] = 0;
  for (uint32_t k = 0; k < INK_DIVERSE_ITEMS && k < n; k++) {
    const uint32_t item = find_best(s, scores, strength, n);
    s->is_set[item] = 1;
    meet(s, item);
  }
  for (uint32_t i = 0; i < n; i++) scores[i] = value_of(s, scores, strength, i);
  return INK_OK;
}

ink_status ink_diversify(const ink_dataset *data, double strength, const ink_train_env *env, float *scores) {
  const ink_term_rule rule = { .min_df = 2, .max_df = 0.5, .max_terms = UINT32_MAX, .stop = INK_STOP_BOTH };
  ink_term_weighting weighting = { .scheme = INK_TERMS_TFIDF, .sublinear = true, .tag_weight = 1.0f };
  setting s = { .env = env };
  if (strength == 0.0 || data->columns == NULL) return INK_OK;
  ink_status status = ink_terms_count(data->columns, data->items.n, &rule, env, &s.terms);
  if (status == INK_E_DATA_EMPTY) return INK_OK;
  if (status == INK_OK) status = ink_terms_weigh(&s.terms, &weighting, env);
  if (status == INK_OK) status = run(&s, strength, data->items.n, scores);
  ink_terms_free(&s.terms, &env->allocator);
  ink_matrix_free(&s.items, &env->allocator);
  ink_block_free(&env->allocator, s.near);
  ink_block_free(&env->allocator, s.most);
  ink_block_free(&env->allocator, s.is_set);
  return status;
}
