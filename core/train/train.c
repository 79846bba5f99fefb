/* train.c - what every trainer shares: the serial stand-in for threads, and the list of tensors and
 * metadata that a trainer hands to the pack writer. */
#include "train.h"

#include "blocks.h"
#include "decimal_text.h"
#include "mem.h"
#include "tensor.h"
#include "utf8.h"
#include "base.h"

static void serial_for(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t shard = 0; shard < n_shards; shard++) body(arg, shard, 0);
}

const ink_threads ink_threads_serial = { NULL, 1, serial_for };

void ink_trained_init(ink_trained *t, const ink_allocator *allocator) {
  *t = (ink_trained){ .allocator = *allocator };
}

void ink_trained_free(ink_trained *t) {
  const ink_allocator allocator = t->allocator;
  for (uint32_t i = 0; i < t->n_blocks; i++) ink_block_free(&allocator, t->blocks[i]);
  ink_block_free(&allocator, t->blocks);
  ink_block_free(&allocator, t->tensors);
  ink_block_free(&allocator, t->metadata);
  *t = (ink_trained){ .allocator = allocator };
}

ink_status ink_trained_block(ink_trained *t, size_t bytes, void **block) {
  if (t->n_blocks == t->cap_blocks) {
    const uint32_t cap = (uint32_t)ink_block_grown(t->cap_blocks, t->n_blocks + 1);
    INK_GROW(&t->allocator, cap, &t->blocks);
    t->cap_blocks = cap;
  }
  void *fresh = ink_block_resize(&t->allocator, NULL, bytes, 1);
  if (fresh == NULL) return INK_E_NO_MEMORY;
  ink_mem_fill(fresh, 0, bytes);
  t->blocks[t->n_blocks++] = fresh;
  *block = fresh;
  return INK_OK;
}

static ink_status keep_text(ink_trained *t, const char *text, ink_text *out) {
  const ink_text from = ink_text_of(text);
  void *bytes;
  INK_TRY(ink_trained_block(t, from.n, &bytes));
  ink_mem_copy(bytes, from.bytes, from.n);
  *out = (ink_text){ bytes, from.n };
  return INK_OK;
}

static bool tensor_bytes(uint32_t dtype, uint32_t rank, const uint32_t *shape, size_t *bytes) {
  size_t n = ink_dtype_bytes(dtype);
  if (n == 0 || rank > INK_MAX_RANK) return false;
  for (uint32_t i = 0; i < rank; i++)
    if (!ink_size_mul(n, shape[i], &n)) return false;
  *bytes = n;
  return true;
}

ink_status ink_trained_tensor(ink_trained *t, const char *name, uint32_t dtype, uint32_t rank, const uint32_t *shape,
                              void **data) {
  ink_tensor tensor = { .dtype = dtype, .rank = rank, .shape = { 1, 1, 1, 1 } };
  if (!tensor_bytes(dtype, rank, shape, &tensor.bytes)) return INK_E_ARG;
  for (uint32_t i = 0; i < rank; i++) tensor.shape[i] = shape[i];
  if (t->n_tensors == t->cap_tensors) {
    const uint32_t cap = (uint32_t)ink_block_grown(t->cap_tensors, t->n_tensors + 1);
    INK_GROW(&t->allocator, cap, &t->tensors);
    t->cap_tensors = cap;
  }
  void *block;
  INK_TRY(keep_text(t, name, &tensor.name));
  INK_TRY(ink_trained_block(t, tensor.bytes, &block));
  tensor.data = block;
  t->tensors[t->n_tensors++] = tensor;
  *data = block;
  return INK_OK;
}

ink_status ink_trained_meta(ink_trained *t, const char *key, const char *value) {
  if (t->n_metadata == t->cap_metadata) {
    const uint32_t cap = (uint32_t)ink_block_grown(t->cap_metadata, t->n_metadata + 1);
    INK_GROW(&t->allocator, cap, &t->metadata);
    t->cap_metadata = cap;
  }
  ink_meta_entry entry;
  INK_TRY(keep_text(t, key, &entry.key));
  INK_TRY(keep_text(t, value, &entry.value));
  t->metadata[t->n_metadata++] = entry;
  return INK_OK;
}

ink_status ink_trained_meta_number(ink_trained *t, const char *key, float value) {
  char text[INK_DECIMAL_TEXT_BYTES];
  ink_decimal_text(value, text);
  return ink_trained_meta(t, key, text);
}
