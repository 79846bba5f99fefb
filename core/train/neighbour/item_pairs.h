/* item_pairs.h - from "which items speak for which" to the sparse rows of a pack (core/model/linear_items.h).
 * A trainer fills one item at a time: a value for each source that speaks for it (regressions, neighbourhoods), or, with
 * `by_source`, for each target that it speaks for (walks). The largest `keep` by magnitude stay; rows are
 * stored by source, which is how a device reads them. */
#ifndef INK_ITEM_PAIRS_H
#define INK_ITEM_PAIRS_H

#include "train.h"

/* One item's partners, sparse in dense arrays. A trainer writes value[j] (and shift[j]) after naming j once. */
typedef struct ink_sources {
  float *value;                   /* [n_items] zero where not named */
  float *shift;                   /* [n_items], or NULL */
  uint8_t *is_named;              /* [n_items] */
  uint32_t *named;                /* [n_items + 1] */
  uint32_t n;
  bool all;                       /* every item counts, named or not: for dense rows, without shifts */
} ink_sources;

static inline void ink_sources_name(ink_sources *s, uint32_t j) {
  if (s->is_named[j]) return;
  s->is_named[j] = 1;
  s->named[s->n++] = j;
}

/* A whole row of them. Every one is written down, and the place moves on past the new ones: no branch to guess wrong. */
static inline void ink_sources_name_all(ink_sources *s, const uint32_t *cols, uint64_t n_cols) {
  uint8_t *const is_named = s->is_named;
  uint32_t *const named = s->named;
  uint32_t at = s->n;
  for (uint64_t k = 0; k < n_cols; k++) {
    named[at] = cols[k];
    at += is_named[cols[k]] ^ 1u;
    is_named[cols[k]] = 1;
  }
  s->n = at;
}

typedef struct ink_pairs_job {
  const char *prefix;             /* of the tensors: "item_knn" */
  uint32_t n_items, keep;
  bool by_source;
  bool unit_rows;                 /* the kept magnitudes of an item are scaled to the sum 1 */
  bool shifts, f32;               /* slope-one's second number; values as F32 instead of I8 */
  const float *factor;            /* [n_items] or NULL: what a source's numbers are multiplied by, once partners are chosen */
  /* Called for every item, from any worker; must depend on nothing but the item. */
  ink_status (*sources)(void *arg, uint32_t item, ink_sources *out, uint32_t worker);
  void *arg;
} ink_pairs_job;

/* Adds <prefix>.ends, .cols, .values (and .scale, .shifts, .shift_scale). Memory: 8 bytes for each of n_items * keep pairs,
 * 17 bytes an item for each worker. INK_E_STOPPED, INK_E_NO_MEMORY, and what `sources` returns. */
ink_status ink_pairs_build(const ink_pairs_job *job, const ink_train_env *env, ink_trained *out);

#endif
