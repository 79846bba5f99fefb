/* pool.c - see pool.h. Each block is preceded by 64 bytes that hold its size and its neighbours in one
 * ring, so that freeing everything needs no table. */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "guard.h"

#define ALIGN 64u

typedef struct block {
  struct block *before, *after;
  size_t bytes;                   /* what the block can hold */
} block;

struct cli_memory {
  block ring;                     /* holds no bytes: the ring's fixed point */
  cli_guard guard;
};

_Static_assert(sizeof(block) <= ALIGN, "the head must fit before an aligned block");

cli_memory *cli_memory_new(void) {
  cli_memory *memory = malloc(sizeof *memory);
  if (memory == NULL) return NULL;
  memory->ring = (block){ &memory->ring, &memory->ring, 0 };
  cli_guard_init(&memory->guard);
  return memory;
}

void cli_memory_free(cli_memory *memory) {
  if (memory == NULL) return;
  block *b = memory->ring.after;
  while (b != &memory->ring) {
    block *after = b->after;
    free(b);
    b = after;
  }
  cli_guard_free(&memory->guard);
  free(memory);
}

static void link_in(cli_memory *memory, block *b) {
  cli_guard_lock(&memory->guard);
  b->before = &memory->ring;
  b->after = memory->ring.after;
  b->after->before = b;
  memory->ring.after = b;
  cli_guard_unlock(&memory->guard);
}

static void link_out(cli_memory *memory, block *b) {
  cli_guard_lock(&memory->guard);
  b->before->after = b->after;
  b->after->before = b->before;
  cli_guard_unlock(&memory->guard);
}

static block *head_of(void *p) { return (block *)(void *)((char *)p - ALIGN); }

static void *new_block(cli_memory *memory, size_t bytes) {
  if (bytes > SIZE_MAX - 2 * ALIGN) return NULL;
  const size_t whole = (bytes + ALIGN + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
  block *b = aligned_alloc(ALIGN, whole);
  if (b == NULL) return NULL;
  b->bytes = whole - ALIGN;
  link_in(memory, b);
  return (char *)b + ALIGN;
}

void *cli_resize(void *memory, void *old, size_t bytes) {
  cli_memory *m = memory;
  if (bytes == 0) {
    if (old != NULL) { link_out(m, head_of(old)); free(head_of(old)); }
    return NULL;
  }
  if (old == NULL) return new_block(m, bytes);
  const size_t had = head_of(old)->bytes;
  if (bytes <= had && bytes >= had / 2) return old;
  void *fresh = new_block(m, bytes);
  if (fresh == NULL) return bytes <= had ? old : NULL;
  memcpy(fresh, old, bytes < had ? bytes : had);
  link_out(m, head_of(old));
  free(head_of(old));
  return fresh;
}

void *cli_take(cli_memory *memory, size_t n, size_t size) {
  if (size != 0 && n > SIZE_MAX / size) return NULL;
  return new_block(memory, n * size);
}

ink_allocator cli_allocator(cli_memory *memory) {
  return (ink_allocator){ memory, cli_resize };
}
