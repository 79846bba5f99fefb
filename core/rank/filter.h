/* filter.h - which items may appear: one bit an item, asked inside the scan, so that a filter that few
 * items pass still fills the slate. The bits are made anew for every request from seen, hidden,
 * allowed and denied items. */
#ifndef INK_FILTER_H
#define INK_FILTER_H

#include "inkling.h"

typedef struct ink_filter {
  uint64_t *out;                  /* bit set = left out; [ink_filter_words(n_items)]; NULL = all may appear */
  uint32_t n_items;
  uint32_t n_left;                /* items that may still appear */
} ink_filter;

static inline size_t ink_filter_words(uint32_t n_items) { return ((size_t)n_items + 63) / 64; }
/* All items may appear. */
void ink_filter_init(ink_filter *filter, uint64_t *words, uint32_t n_items);
/* None may; used before an allow-list. */
void ink_filter_none(ink_filter *filter);
/* Item < n_items. Idempotent. */
void ink_filter_drop(ink_filter *filter, uint32_t item);
void ink_filter_admit(ink_filter *filter, uint32_t item);
static inline bool ink_filter_passes(const ink_filter *filter, uint32_t item) {
  return filter->out == NULL || ((filter->out[item >> 6] >> (item & 63)) & 1) == 0;
}

#endif
