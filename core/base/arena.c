/* arena.c - the bump allocator: see arena.h for its rules.
 * Offsets are aligned, not addresses: a measuring run and a run with memory must take the same
 * bytes, which holds because the base itself is aligned to INK_ALIGN. */
#include "arena.h"

#include "base.h"

void ink_arena_init(ink_arena *arena, void *mem, size_t bytes) {
  INK_ASSERT((uintptr_t)mem % INK_ALIGN == 0);
  *arena = (ink_arena){ .base = mem, .cap = bytes };
}

void ink_arena_init_measure(ink_arena *arena) {
  *arena = (ink_arena){ .base = NULL, .cap = SIZE_MAX };
}

ink_status ink_arena_take(ink_arena *arena, size_t n, size_t size, void **out) {
  size_t bytes, padded, end;
  if (!ink_size_mul(n, size, &bytes)) return INK_E_SCRATCH;
  if (!ink_size_add(arena->used, INK_ALIGN - 1, &padded)) return INK_E_SCRATCH;
  const size_t start = padded & ~(size_t)(INK_ALIGN - 1);
  if (!ink_size_add(start, bytes, &end) || end > arena->cap) return INK_E_SCRATCH;
  arena->used = end;
  if (end > arena->high) arena->high = end;
  *out = arena->base == NULL ? NULL : arena->base + start;
  return INK_OK;
}
