/* linear_items.h - families whose score is a sum over the person's items of a stored item-item weight: item-knn,
 * rp3, slope-one, ease, slim, spectral. They differ in how training makes the weights; serving is one.
 *
 * Sparse rows: row i lists the items j that an observation of i speaks for, ascending. N items, Z stored pairs.
 *   <p>.ends U32 [N]      row i is ends[i-1] .. ends[i]-1
 *   <p>.cols U16 or U32 [Z]
 *   <p>.values I8 [Z] with <p>.scale F32 [N] (value = scale[i] * stored), or F32 [Z]
 *   <p>.shifts I8 [Z] with <p>.shift_scale F32 [N], or F32 [Z]: only slope-one
 *   <p>.bias F32 [N]: only with settings[MODE] 1
 *   <p>.settings F32 [LINEAR_N_SETTINGS]
 *
 * MODE 0, sums:   score_j = sum_i w_i S_ij                    (w: weights of merged events; dislikes subtract)
 * MODE 1, means:  score_j = base_j + sum_i S_ij (r_i - base_i + D_ij) / (sum_i |S_ij| + shrink)
 *                 base_j = mean + u + bias_j; u = sum (r_i - mean - bias_i) / (n + person_shrink)
 * Sarwar et al. 2001; Deshpande & Karypis 2004; Lemire & Maclachlan 2005; Ning & Karypis 2011; Paudel et al. 2017;
 * Steck 2019; Shen et al. 2021. */
#ifndef INK_LINEAR_ITEMS_H
#define INK_LINEAR_ITEMS_H

#include "item_rows.h"
#include "model.h"

enum { LINEAR_MODE, LINEAR_SHRINK, LINEAR_MEAN, LINEAR_PERSON_SHRINK, LINEAR_LOWEST, LINEAR_HIGHEST, LINEAR_N_SETTINGS };

/* Pairs of one pack, so that every offset fits 32 bits. */
#define LINEAR_MAX_PAIRS 1073741824u

/* Numbers of pairs: exactly one of the pointers is set, or none. */
typedef struct ink_pair_numbers {
  const float *f32;
  const int8_t *i8;
  const float *scale;             /* [N], with i8 */
} ink_pair_numbers;

typedef struct ink_linear {
  uint32_t n_items, max_events;
  uint32_t n_cols;                /* what cols lie below: n_items; of content the terms, of user-knn people */
  const uint32_t *ends;           /* [N] */
  const uint16_t *cols16;         /* [Z], or */
  const uint32_t *cols32;
  ink_pair_numbers values, shifts;
  const float *bias;              /* [N], mode 1 */
  const float *settings;
} ink_linear;

ink_status ink_linear_bind(const ink_bind *b, ink_bound *out);
/* All that ink_linear_bind() matches, into a model on the stack. */
ink_status ink_linear_match(const ink_bind *b, uint32_t n_cols, ink_linear *l);
bool ink_linear_sizes(const ink_linear *l, ink_bound *out);

bool ink_linear_can_score(const void *model, const ink_history *history);
ink_status ink_linear_fold(const void *model, const ink_history *history, void *state, ink_arena *scratch);
ink_status ink_linear_step(const void *model, const ink_history *history, void *state, ink_arena *scratch);
void ink_linear_score(const void *model, const void *state, uint32_t first, uint32_t n, float *out);
ink_status ink_linear_reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                              ink_arena *scratch, ink_part *parts, uint32_t *n_parts);

/* What content.c and user_knn.c build on: a state, and how observations come into it. */
typedef struct ink_linear_state {
  float *sum;                     /* [n_cols] */
  float *weight;                  /* [n_cols] mode 1: sum of |S| */
  uint32_t *item, *past;          /* [max_events] observations */
  float *pull;                    /* [max_events] w_i, or r_i - base_i */
  float *trust;                   /* [max_events] mode 1: confidence 0..1 */
  uint32_t n;
  float person;                   /* u */
  float length;                   /* content: what scores are divided by */
} ink_linear_state;

ink_status ink_linear_lay_out(const ink_linear *l, ink_arena *arena, ink_linear_state **out);
/* Observations of a history, less what the person's items weigh anyhow in mode 1. INK_E_SINGULAR: there is none. */
ink_status ink_linear_observe(const ink_linear *l, ink_linear_state *s, const ink_history *history, ink_arena *scratch);
/* Mode 1: the person's mean deviation, shrunk; taken off every observation. */
void ink_linear_find_person(const ink_linear *l, ink_linear_state *s);
/* Adds a row to the sums, `by` times. */
void ink_linear_add_row(const ink_linear *l, ink_linear_state *s, uint32_t row, float by);
/* Sum over a row of its numbers times sum[column]. */
float ink_linear_dot_sums(const ink_linear *l, const float *sum, uint32_t row);
/* Sum over the columns that two rows share of the product of their numbers, times by[column] where `by` is not NULL. */
double ink_linear_dot_rows(const ink_linear *l, uint32_t i, uint32_t j, const float *by);
static inline bool ink_linear_is_mean(const ink_linear *l) { return l->settings[LINEAR_MODE] == 1.0f; }
/* Mode 1: mean + bias_item. */
static inline float ink_linear_base(const ink_linear *l, uint32_t item) { return l->settings[LINEAR_MEAN] + l->bias[item]; }
/* What no event caused: in mode 1 the base and the person's mean, else 0; and as parts behind the n that there are, whose new
 * number is returned. */
float ink_linear_base_of(const ink_linear *l, const ink_linear_state *s, uint32_t item);
uint32_t ink_linear_add_base(const ink_linear *l, const ink_linear_state *s, uint32_t item, ink_part *parts, uint32_t n);
/* Pairs of row i are first(i) .. ends[i]-1; pair z has a column and numbers. */
static inline uint32_t ink_linear_first(const ink_linear *l, uint32_t row) { return row == 0 ? 0 : l->ends[row - 1]; }
static inline uint32_t ink_linear_col(const ink_linear *l, uint32_t z) { return l->cols16 ? l->cols16[z] : l->cols32[z]; }
static inline float ink_linear_number(const ink_pair_numbers *x, uint32_t row, uint32_t z) {
  return x->f32 ? x->f32[z] : x->i8 ? x->scale[row] * (float)x->i8[z] : 0.0f;
}

extern const ink_family ink_family_item_knn, ink_family_rp3, ink_family_slope_one, ink_family_ease, ink_family_slim,
    ink_family_spectral;

#endif
