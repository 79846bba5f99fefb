/* merge.h - the events of one item as one observation, for families that fit one number a person and item.
 * Observations keep the order in which their items first appear; weights are summed in event order. So the
 * result is a function of the history alone, and one more event with a new item only adds to its end. */
#ifndef INK_MERGE_H
#define INK_MERGE_H

#include "model.h"

typedef struct ink_observation {
  uint32_t item;
  uint32_t newest;                /* history index of the item's newest event */
  uint32_t rating;                /* of its newest rating, or INK_NONE */
  float weight;                   /* sum of its events' weights; |sum| <= INK_CAP_EVENTS * INK_CAP_WEIGHT */
} ink_observation;

size_t ink_merge_scratch_bytes(uint32_t n_events);
/* out has room for history->n. Errors: INK_E_SCRATCH. Cost O(n). */
ink_status ink_merge(const ink_history *history, ink_arena *scratch, ink_observation *out, uint32_t *n);
/* Does an event before the last one name the last one's item? history->n > 0. */
bool ink_merge_repeats(const ink_history *history);

#endif
