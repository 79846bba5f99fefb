/* positives.h - what people chose, as rows of items: the positives of the pairwise and contrastive trainers; some of them
 * hidden, so that training can watch how well it ranks what it never saw.
 *
 * A choice is a pair whose events weigh more than 0 together. How much more does not count: a pair is chosen or not. */
#ifndef INK_POSITIVES_H
#define INK_POSITIVES_H

#include "dataset.h"

typedef struct ink_positives {
  ink_allocator allocator;
  uint32_t n_people, n_items;
  uint64_t *starts;               /* [n_people + 1] */
  uint32_t *items;                /* ascending inside a row; without the hidden ones */
  uint32_t n_watched;
  uint32_t *watched;              /* [n_watched] people, each with hidden choices: */
  uint64_t *hidden_starts;        /* [n_watched + 1] */
  uint32_t *hidden;
} ink_positives;

/* Of `n_watched` people, or a tenth of all where that is less, drawn by the seed among those with at least five choices, a fifth
 * of the choices is hidden. INK_E_DATA_EMPTY (told) when nothing was chosen. */
ink_status ink_positives_make(const ink_dataset *data, uint32_t n_watched, uint64_t seed, const ink_train_env *env, ink_positives *out);
void ink_positives_free(ink_positives *c);
/* Is `item` among the person's choices that training sees? */
bool ink_positives_has(const ink_positives *c, uint32_t person, uint32_t item);

/* What to rank the catalogue with: score = items row . vector of the person (+ bias). */
typedef struct ink_watch {
  const float *items;             /* [n_items, stride] */
  const float *bias;              /* [n_items] or NULL */
  size_t stride;
  void *ctx;
  void (*person)(void *ctx, uint32_t person, float *vector);   /* fills [stride]; called from several workers */
} ink_watch;

/* Mean NDCG@20 of the hidden choices of the watched, among all items but those that training sees of the person. */
ink_status ink_positives_ndcg(const ink_positives *c, const ink_watch *watch, const ink_train_env *env, double *ndcg);

#endif
