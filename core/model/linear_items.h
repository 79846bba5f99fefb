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
  const uint32_t *ends;           /* [N] */
  const uint16_t *cols16;         /* [Z], or */
  const uint32_t *cols32;
  ink_pair_numbers values, shifts;
  const float *bias;              /* [N], mode 1 */
  const float *settings;
} ink_linear;

ink_status ink_linear_bind(const ink_bind *b, ink_bound *out);
bool ink_linear_sizes(const ink_linear *l, ink_bound *out);

bool ink_linear_can_score(const void *model, const ink_history *history);
ink_status ink_linear_fold(const void *model, const ink_history *history, void *state, ink_arena *scratch);
ink_status ink_linear_step(const void *model, const ink_history *history, void *state, ink_arena *scratch);
void ink_linear_score(const void *model, const void *state, uint32_t first, uint32_t n, float *out);
ink_status ink_linear_reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                              ink_arena *scratch, ink_part *parts, uint32_t *n_parts);

extern const ink_family ink_family_item_knn, ink_family_rp3, ink_family_slope_one, ink_family_ease, ink_family_slim,
    ink_family_spectral;

#endif
