/* servelib.h - a family as it serves, for tests: bound over any tensors, in memory of exactly the size that it asked for
 * (so that a sanitizer sees a byte too many), then folded. What was trained is a source of tensors as it stands. */
#ifndef INK_SERVELIB_H
#define INK_SERVELIB_H

#include <stdlib.h>

#include "model.h"
#include "train.h"
#include "utf8.h"

static inline bool trained_find(const void *ctx, ink_text name, ink_tensor *out) {
  const ink_trained *t = ctx;
  for (uint32_t i = 0; i < t->n_tensors; i++)
    if (ink_text_equal(t->tensors[i].name, name)) return *out = t->tensors[i], true;
  return false;
}

static inline ink_tensor_source trained_source(const ink_trained *t) { return (ink_tensor_source){ t, trained_find }; }

typedef struct served {
  const ink_family *family;
  ink_bound bound;
  void *model, *state, *scratch;
} served;

static inline void *served_block(size_t bytes) {
  void *block = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (block == NULL) abort();
  return block;
}

static inline void served_free(served *s) {
  free(s->model);
  free(s->state);
  free(s->scratch);
  *s = (served){ 0 };
}

/* What `s` had before is freed: it begins as zeros. */
static inline ink_status served_bind(served *s, const ink_family *family, ink_tensor_source source, uint32_t n_items, uint32_t max_events,
                                     const ink_kernels *kernels, ink_fault *fault) {
  ink_arena arena;
  served_free(s);
  s->family = family;
  ink_arena_init_measure(&arena);
  const ink_bind measured = { family->name, &source, n_items, max_events, NULL, &arena, fault };
  const ink_status status = family->bind(&measured, &s->bound);
  if (status != INK_OK) return status;
  const size_t bytes = arena.high;
  s->model = served_block(bytes);
  s->state = served_block(s->bound.state_bytes);
  s->scratch = served_block(s->bound.scratch_bytes);
  ink_arena_init(&arena, s->model, bytes);
  const ink_bind bind = { family->name, &source, n_items, max_events, kernels, &arena, fault };
  return family->bind(&bind, &s->bound);
}

static inline ink_status served_fold(served *s, const ink_past *events, uint32_t n) {
  const ink_history history = { events, n, 0 };
  ink_arena scratch;
  ink_arena_init(&scratch, s->scratch, s->bound.scratch_bytes);
  return s->family->fold(s->bound.model, &history, s->state, &scratch);
}

#endif
