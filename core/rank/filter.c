/* filter.c - see filter.h. */
#include "filter.h"

#include "base.h"

void ink_filter_init(ink_filter *filter, uint64_t *words, uint32_t n_items) {
  const size_t n_words = ink_filter_words(n_items);
  for (size_t w = 0; w < n_words; w++) words[w] = 0;
  filter->out = words;
  filter->n_items = n_items;
  filter->n_left = n_items;
}

void ink_filter_none(ink_filter *filter) {
  const size_t n_words = ink_filter_words(filter->n_items);
  for (size_t w = 0; w < n_words; w++) filter->out[w] = UINT64_MAX;
  filter->n_left = 0;
}

void ink_filter_drop(ink_filter *filter, uint32_t item) {
  INK_ASSERT(item < filter->n_items);
  const uint64_t bit = (uint64_t)1 << (item & 63);
  uint64_t *word = &filter->out[item >> 6];
  filter->n_left -= (*word & bit) == 0;
  *word |= bit;
}

void ink_filter_admit(ink_filter *filter, uint32_t item) {
  INK_ASSERT(item < filter->n_items);
  const uint64_t bit = (uint64_t)1 << (item & 63);
  uint64_t *word = &filter->out[item >> 6];
  filter->n_left += (*word & bit) != 0;
  *word &= ~bit;
}
