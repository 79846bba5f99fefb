/* topk.h - the k best of n under a total order: score down, then item index up. Never a tie left to chance.
 * A heap whose root is the worst kept, so a scan needs one comparison for most rows. */
#ifndef INK_TOPK_H
#define INK_TOPK_H

#include "inkling.h"

typedef struct ink_topk {
  float *scores;                  /* [k] heap order until sorted */
  uint32_t *items;                /* [k] */
  uint32_t k, n;
} ink_topk;

/* `scores` and `items` [k] stay the caller's. k may be 0. */
void ink_topk_init(ink_topk *top, float *scores, uint32_t *items, uint32_t k);
/* Offers one item; items may come in any order, each once. */
void ink_topk_push(ink_topk *top, float score, uint32_t item);
/* A score below this cannot enter; -infinity until k are held. (An equal score may, by its index.) */
float ink_topk_threshold(const ink_topk *top);
/* Best first. Afterwards nothing may be pushed. */
void ink_topk_sort(ink_topk *top);

#endif
