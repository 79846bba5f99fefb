/* blocks.h - growing blocks over an ink_allocator. Every reader and builder of this room gets its arrays
 * through these, so that overflow of a size is checked in one place. */
#ifndef INK_BLOCKS_H
#define INK_BLOCKS_H

#include "train.h"
#include "base.h"

/* `n` elements of `size` bytes, keeping what `block` (may be NULL) holds; NULL when there is no memory
 * or the size overflows. n = 0 is asked for as one byte, so that "empty" and "no memory" differ. */
static inline void *ink_block_resize(const ink_allocator *allocator, void *block, uint64_t n, size_t size) {
  size_t bytes;
  if (n > SIZE_MAX || !ink_size_mul((size_t)n, size, &bytes)) return NULL;
  return allocator->resize(allocator->ctx, block, bytes == 0 ? 1 : bytes);
}

static inline void ink_block_free(const ink_allocator *allocator, void *block) {
  if (block != NULL) (void)allocator->resize(allocator->ctx, block, 0);
}

/* A capacity for at least `need` elements that makes appending cheap: one and a half times the old one. */
static inline uint64_t ink_block_grown(uint64_t cap, uint64_t need) {
  const uint64_t grown = cap + cap / 2 + 16;
  return grown > need ? grown : need;
}

/* Allocates n elements of what `ptr` points at: INK_NEW(allocator, n, &starts). */
#define INK_NEW(allocator, n, ptr)                                             \
  do {                                                                         \
    void *ink_new_ = ink_block_resize((allocator), NULL, (n), sizeof(**(ptr))); \
    if (ink_new_ == NULL) return INK_E_NO_MEMORY;                              \
    *(ptr) = ink_new_;                                                         \
  } while (0)

/* The same for a block that exists or is NULL: INK_GROW(allocator, new_cap, &bytes). */
#define INK_GROW(allocator, n, ptr)                                              \
  do {                                                                           \
    void *ink_grow_ = ink_block_resize((allocator), *(ptr), (n), sizeof(**(ptr))); \
    if (ink_grow_ == NULL) return INK_E_NO_MEMORY;                               \
    *(ptr) = ink_grow_;                                                          \
  } while (0)

#endif
