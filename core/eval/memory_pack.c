/* memory_pack.c - see memory_pack.h. */
#include "memory_pack.h"

#include "blocks.h"
#include "mem.h"
#include "base.h"

static ink_status take(void *ctx, const void *bytes, size_t n) {
  ink_memory_pack *p = ctx;
  ink_mem_copy(p->file + p->written, bytes, n);
  p->written += n;
  return INK_OK;
}

ink_status ink_memory_pack_write(ink_memory_pack *p, const ink_trained *trained, const ink_train_env *env) {
  const ink_pack_draft draft = { trained->tensors, trained->n_tensors, trained->metadata, trained->n_metadata };
  const size_t scratch_bytes = ink_pack_write_scratch_bytes(&draft);
  ink_arena scratch;
  *p = (ink_memory_pack){ .allocator = env->allocator };
  INK_TRY(ink_pack_write_size(&draft, &p->bytes, env->fault));
  INK_NEW(&p->allocator, p->bytes, &p->file);
  void *memory = ink_block_resize(&p->allocator, NULL, scratch_bytes, 1);
  if (memory == NULL) return INK_E_NO_MEMORY;
  ink_arena_init(&scratch, memory, scratch_bytes);
  const ink_status status = ink_pack_write(&draft, &scratch, take, p, env->fault);
  ink_block_free(&p->allocator, memory);
  return status;
}

ink_status ink_memory_pack_open(ink_memory_pack *p, const ink_trained *trained, const ink_train_env *env) {
  size_t bytes;
  INK_TRY(ink_memory_pack_write(p, trained, env));
  INK_TRY(ink_pack_measure(p->file, p->bytes, &bytes, env->fault));
  p->memory = ink_block_resize(&p->allocator, NULL, bytes, 1);
  if (p->memory == NULL) return INK_E_NO_MEMORY;
  return ink_pack_open(p->file, p->bytes, p->memory, bytes, &p->pack, env->fault);
}

void ink_memory_pack_close(ink_memory_pack *p) {
  ink_block_free(&p->allocator, p->memory);
  ink_block_free(&p->allocator, p->file);
  *p = (ink_memory_pack){ .allocator = p->allocator };
}
