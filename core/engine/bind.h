/* bind.h - what an engine takes from a pack: the families that it holds, and the meaning of event kinds. */
#ifndef INK_BIND_H
#define INK_BIND_H

#include "inkling.h"
#include "model.h"

/* Event kinds and what they weigh, borrowed from the pack or the standard ones (FORMAT.md, `events.*`). */
typedef struct ink_kinds {
  const char *bytes;              /* names one after the other */
  const uint32_t *ends;           /* [n] */
  const float *weights;           /* [n] */
  uint32_t n;
  float liked_from;               /* a rating from here on counts as liked where only liking counts */
} ink_kinds;

/* Checks `events.kinds.*` and `events.rating`, or takes the standard where they are absent. */
ink_status ink_kinds_bind(const ink_tensor_source *tensors, ink_kinds *out, ink_fault *fault);
/* Index of a kind, or INK_NONE; and the weight of an index (1 for INK_NONE). */
uint32_t ink_kinds_find(const ink_kinds *kinds, ink_text kind);
float ink_kinds_weight(const ink_kinds *kinds, uint32_t kind);

/* Finds tensors in a pack, for families. */
ink_tensor_source ink_bind_source(const ink_pack *pack);
/* Families to be bound, in the order of the chain: those with tensors in the pack, and the last one, which
 * answers without a history. INK_E_PACK_NO_MODEL when no family has tensors. out [INK_CAP_FAMILIES]. */
ink_status ink_bind_families(const ink_tensor_source *tensors, const ink_family **out, uint32_t *n, ink_fault *fault);

#endif
