/* item_system.h - the linear system of one item: which others predict it, their products with it and with each other. Over
 * the whole catalogue where its Gram matrix fits, else over the partners that are most like the item. */
#ifndef INK_ITEM_SYSTEM_H
#define INK_ITEM_SYSTEM_H

#include "item_gram.h"
#include "item_pairs.h"
#include "topk.h"

typedef struct ink_item_system {
  uint32_t n;
  const uint32_t *items;          /* [n] best first; NULL: item i is i */
  const float *gram;              /* [n, stride] aligned to 64; stride a multiple of 8 where `items` is set */
  size_t stride;
  const float *with_target;       /* [n] products with the target */
  uint32_t self;                  /* the target's place, or INK_NONE */
} ink_item_system;

typedef struct ink_partners_worker {
  ink_gram_room room;
  ink_topk top;
  float *scores, *gram, *with_target;
  uint32_t *items;
} ink_partners_worker;

typedef struct ink_partners {
  const ink_choices *choices;
  const float *whole;             /* [N, N], or NULL */
  uint32_t most;                  /* partners of an item where there is no whole */
  float *norm;                    /* [N] roots of the diagonal */
  ink_partners_worker *workers;
  uint32_t n_workers;
} ink_partners;

/* `whole` as of ink_gram_whole(), or NULL: then each item has at most `most` partners, those of the largest cosine. On
 * failure too the caller closes. INK_E_NO_MEMORY. */
ink_status ink_partners_open(ink_partners *p, const ink_choices *choices, const float *whole, uint32_t most, const ink_train_env *env);
void ink_partners_close(ink_partners *p, const ink_allocator *allocator);

/* The system of `target`, borrowed until the worker's next call. Uses `room` and leaves it empty. */
void ink_partners_of(const ink_partners *p, uint32_t target, uint32_t worker, ink_sources *room, ink_item_system *out);

/* Writes a solution [n] as the target's sources. */
void ink_partners_put(const ink_item_system *s, const float *solution, ink_sources *out);

#endif
