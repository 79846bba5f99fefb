/* largest.h - the k largest of many keys, when their order does not matter: what a heap would keep, without its order. */
#ifndef INK_LARGEST_H
#define INK_LARGEST_H

#include <stdint.h>

#include "base.h"

/* A key of a magnitude (from 0 on, finite) and an item: larger is the larger magnitude, or the lower item. */
static inline uint64_t ink_largest_key(float magnitude, uint32_t item) { return (uint64_t)ink_f32_bits(magnitude) << 32 | (UINT32_MAX - item); }
static inline uint32_t ink_largest_item(uint64_t key) { return UINT32_MAX - (uint32_t)key; }

/* Moves the k largest of keys [n], which all differ and are below 2^63, to the front. A digit of seven bits a pass over those that are
 * still undecided: at most nine passes, about two of them over all. */
void ink_largest_first(uint64_t *keys, uint32_t n, uint32_t k);

#endif
