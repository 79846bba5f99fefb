/* pack_build.h - files for tests of the pack: raw ones from header text and bytes, whole ones from a draft
 * that holds a small catalogue, and a door that opens what was built in memory of exactly the measured size. */
#ifndef INK_PACK_BUILD_H
#define INK_PACK_BUILD_H

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "fault.h"
#include "inkling.h"
#include "pack_write.h"
#include "testlib.h"
#include "utf8.h"

/* A file in memory of exactly its size, so that a sanitizer sees every step outside. */
typedef struct built {
  uint8_t *bytes;                 /* aligned to 64 */
  size_t n;
} built;

static inline built built_new(size_t n) {
  built b = { aligned_alloc(64, (n + 63) / 64 * 64 + 64), n };
  if (b.bytes == NULL) abort();
  memset(b.bytes, 0, n);
  return b;
}
static inline void built_free(built *b) {
  free(b->bytes);
  *b = (built){ NULL, 0 };
}

/* Length, header text, then data (NULL: zeros). */
static inline built built_raw(const char *json, size_t n_json, const void *data, size_t n_data) {
  built b = built_new(8 + n_json + n_data);
  for (int i = 0; i < 8; i++) b.bytes[i] = (uint8_t)((uint64_t)n_json >> 8 * i);
  memcpy(b.bytes + 8, json, n_json);
  if (data != NULL) memcpy(b.bytes + 8 + n_json, data, n_data);
  return b;
}

/* ------------------------------------------------------------------ drafts */

#define DRAFT_CAP 1100

typedef struct draft {
  ink_tensor tensors[DRAFT_CAP];
  ink_meta_entry metadata[DRAFT_CAP];
  uint32_t n_tensors, n_metadata;
} draft;

static inline ink_tensor *draft_find(draft *d, const char *name) {
  for (uint32_t i = 0; i < d->n_tensors; i++)
    if (ink_text_equal(d->tensors[i].name, ink_text_of(name))) return &d->tensors[i];
  return NULL;
}

/* Adds a vector, or replaces the one of that name. Data is borrowed. */
static inline void draft_vector(draft *d, const char *name, uint32_t dtype, uint32_t n, const void *data) {
  ink_tensor *t = draft_find(d, name);
  if (t == NULL) t = &d->tensors[d->n_tensors++];
  *t = (ink_tensor){ .name = ink_text_of(name), .dtype = dtype, .rank = 1, .shape = { n, 1, 1, 1 }, .data = data,
                     .bytes = (size_t)n * ink_dtype_bytes(dtype) };
}
static inline void draft_matrix(draft *d, const char *name, uint32_t dtype, uint32_t rows, uint32_t cols, const void *data) {
  draft_vector(d, name, dtype, rows, data);
  ink_tensor *t = draft_find(d, name);
  t->rank = 2;
  t->shape[1] = cols;
  t->bytes *= cols;
}
static inline void draft_remove(draft *d, const char *name) {
  ink_tensor *const t = draft_find(d, name);
  *t = d->tensors[--d->n_tensors];
}
static inline void draft_meta(draft *d, const char *key, const char *value) {
  d->metadata[d->n_metadata++] = (ink_meta_entry){ ink_text_of(key), ink_text_of(value) };
}

/* Three items, "b" "a" "c", and nothing else. */
static inline void draft_three(draft *d) {
  static const uint32_t ends[] = { 1, 2, 3 }, order[] = { 1, 0, 2 };
  d->n_tensors = d->n_metadata = 0;
  draft_vector(d, "items.id.bytes", INK_DTYPE_U8, 3, "bac");
  draft_vector(d, "items.id.ends", INK_DTYPE_U32, 3, ends);
  draft_vector(d, "items.id.order", INK_DTYPE_U32, 3, order);
}

static inline ink_status built_append(void *ctx, const void *bytes, size_t n) {
  built *b = ctx;
  memcpy(b->bytes + b->n, bytes, n);
  b->n += n;
  return INK_OK;
}

/* Writes the draft; the size that was promised must come out. */
static inline ink_status built_draft(const draft *d, built *out, ink_fault *fault) {
  static _Alignas(64) uint8_t scratch[8192];
  const ink_pack_draft p = { d->tensors, d->n_tensors, d->metadata, d->n_metadata };
  size_t n = 0;
  ink_arena arena;
  const ink_status size = ink_pack_write_size(&p, &n, fault);
  if (size != INK_OK) return size;
  *out = built_new(n);
  out->n = 0;
  ink_arena_init(&arena, scratch, ink_pack_write_scratch_bytes(&p));
  const ink_status status = ink_pack_write(&p, &arena, built_append, out, fault);
  if (status != INK_OK) built_free(out);
  else CHECK_EQ(out->n, n);
  return status;
}

/* ------------------------------------------------------------------ opening */

typedef struct opened {
  ink_pack *pack;
  void *mem;
  size_t mem_bytes;
} opened;

static inline ink_status opened_open(opened *o, const built *b, ink_fault *fault) {
  *o = (opened){ NULL, NULL, 0 };
  const ink_status status = ink_pack_measure(b->bytes, b->n, &o->mem_bytes, fault);
  if (status != INK_OK) return status;
  o->mem = aligned_alloc(64, (o->mem_bytes + 63) / 64 * 64);
  memset(o->mem, 0xa5, o->mem_bytes);
  return ink_pack_open(b->bytes, b->n, o->mem, o->mem_bytes, &o->pack, fault);
}
static inline void opened_free(opened *o) { free(o->mem); }

/* Opens and closes; a refusal must have filled its fault, and a sentence must come of it. */
static inline ink_status built_status(const built *b, ink_fault *fault) {
  opened o;
  char text[400];
  *fault = (ink_fault){ 0 };
  const ink_status status = opened_open(&o, b, fault);
  CHECK((status == INK_OK) == (o.pack != NULL));
  CHECK_EQ(fault->code, status);
  if (status != INK_OK) CHECK(ink_fault_text(fault, text, sizeof text) > 10);
  opened_free(&o);
  return status;
}

/* Writes and opens: whichever refuses. */
static inline ink_status draft_status(const draft *d, ink_fault *fault) {
  built b;
  const ink_status written = built_draft(d, &b, fault);
  if (written != INK_OK) return written;
  const ink_status status = built_status(&b, fault);
  built_free(&b);
  return status;
}

static inline bool fault_names(const ink_fault *f, const char *name) {
  return ink_text_equal((ink_text){ f->name, f->name_bytes }, ink_text_of(name));
}

#endif
