/* arena.h - a bump allocator over memory that the caller owns: take, mark, rewind, high water.
 * A function leaves its arena at the mark at which it found it. Blocks are not cleared.
 * A *measuring* arena (base NULL) hands out NULL-based addresses and counts only: bind and
 * open functions run once with it to learn x_bytes, then again with memory. */
#ifndef INK_ARENA_H
#define INK_ARENA_H

#include "inkling.h"

typedef struct ink_arena {
  uint8_t *base;                  /* NULL while measuring */
  size_t cap;                     /* SIZE_MAX while measuring */
  size_t used;
  size_t high;                    /* highest `used` ever */
} ink_arena;

void ink_arena_init(ink_arena *arena, void *mem, size_t bytes);
void ink_arena_init_measure(ink_arena *arena);
static inline bool ink_arena_measuring(const ink_arena *arena) { return arena->base == NULL; }

/* `n` elements of `size` bytes, aligned to 64. INK_E_SCRATCH when it does not fit (or overflows).
 * While measuring *out is NULL and the call succeeds: do not touch the block then. */
ink_status ink_arena_take(ink_arena *arena, size_t n, size_t size, void **out);

/* Takes n elements of the type that `ptr` points at: INK_TAKE(scratch, d, &vector). */
#define INK_TAKE(arena, n, ptr)                                              \
  do {                                                                       \
    void *ink_take_;                                                         \
    INK_TRY(ink_arena_take((arena), (n), sizeof(**(ptr)), &ink_take_));      \
    *(ptr) = ink_take_;                                                      \
  } while (0)

static inline size_t ink_arena_mark(const ink_arena *arena) { return arena->used; }
static inline void ink_arena_rewind(ink_arena *arena, size_t mark) { arena->used = mark; }

#endif
