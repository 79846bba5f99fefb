/* packed.h - tensors under construction into an opened pack, for tests that go through the real gate. */
#ifndef INK_TEST_PACKED_H
#define INK_TEST_PACKED_H

#include "hosted.h"
#include "pack_write.h"

typedef struct packed {
  uint8_t *file;
  size_t n, cap;
  void *mem;
  ink_pack *pack;
} packed;

static inline ink_status packed_take(void *ctx, const void *bytes, size_t n) {
  packed *p = ctx;
  if (n > p->cap - p->n) return INK_E_LIMIT;
  memcpy(p->file + p->n, bytes, n);
  p->n += n;
  return INK_OK;
}

/* `models`: metadata the reader needs beyond what `t` has is the caller's. Prints the fault on failure. */
static inline ink_status packed_open(packed *p, const ink_trained *t) {
  ink_fault fault = { 0 };
  const ink_pack_draft draft = { t->tensors, t->n_tensors, t->metadata, t->n_metadata };
  size_t mem_bytes = 0;
  memset(p, 0, sizeof *p);
  ink_status s = ink_pack_write_size(&draft, &p->cap, &fault);
  if (s == INK_OK) {
    const size_t scratch_bytes = ink_pack_write_scratch_bytes(&draft);
    void *scratch = aligned_alloc(64, (scratch_bytes + 127) / 64 * 64);
    ink_arena arena;
    ink_arena_init(&arena, scratch, scratch_bytes);
    p->file = aligned_alloc(64, (p->cap + 63) / 64 * 64);
    s = ink_pack_write(&draft, &arena, packed_take, p, &fault);
    free(scratch);
  }
  if (s == INK_OK) s = ink_pack_measure(p->file, p->n, &mem_bytes, &fault);
  if (s == INK_OK) {
    p->mem = aligned_alloc(64, (mem_bytes + 63) / 64 * 64);
    s = ink_pack_open(p->file, p->n, p->mem, mem_bytes, &p->pack, &fault);
  }
  if (s != INK_OK) {
    char text[300];
    ink_fault_text(&fault, text, sizeof text);
    printf("%s\n", text);
  }
  return s;
}

static inline void packed_close(packed *p) {
  free(p->file);
  free(p->mem);
}

#endif
