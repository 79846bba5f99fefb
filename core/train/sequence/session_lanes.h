/* session_lanes.h - session-parallel mini-batches (Hidasi et al. 2016): every row of a batch walks along one sequence, and
 * where that ends, along the next that nobody has begun. States go on from batch to batch; a batch is `steps` events
 * of each row, over which gradients are carried back. */
#ifndef INK_SESSION_LANES_H
#define INK_SESSION_LANES_H

#include "sequences.h"

typedef struct ink_lanes {
  ink_allocator allocator;
  uint32_t n, steps;              /* rows of a batch, events of each */
  uint32_t *all, *order;          /* [n_order] sequences of at least two events; this epoch's order of them */
  uint32_t n_order, next;         /* next: the first that is not begun */
  uint64_t *at, *end;             /* [n] the event that a row stands at, and its sequence's end */
  uint64_t n_pairs;               /* targets of an epoch */
} ink_lanes;

/* At most one row a sequence. */
ink_status ink_lanes_make(const ink_sequences *s, uint32_t n, uint32_t steps, const ink_allocator *allocator, ink_lanes *out);
void ink_lanes_free(ink_lanes *l);
/* A new epoch: a new order, all rows at the beginning of nothing. */
void ink_lanes_start(ink_lanes *l, ink_rng *rng);
/* The next batch into `out`, whose arrays are the caller's; false when the epoch is over. */
bool ink_lanes_batch(ink_lanes *l, const ink_sequences *s, ink_batch *out);

#endif
