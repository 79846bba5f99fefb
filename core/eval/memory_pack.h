/* memory_pack.h - trained tensors as an open pack in memory, by the writer and the gate of files: what is measured on the
 * way to a pack is what would be shipped. */
#ifndef INK_MEMORY_PACK_H
#define INK_MEMORY_PACK_H

#include "train.h"

typedef struct ink_memory_pack {
  ink_allocator allocator;
  uint8_t *file;                  /* [bytes] */
  size_t bytes, written;
  void *memory;                   /* of the open pack */
  ink_pack *pack;
} ink_memory_pack;

/* The bytes of the file alone: p->file. */
ink_status ink_memory_pack_write(ink_memory_pack *p, const ink_trained *trained, const ink_train_env *env);
/* `trained` must hold the catalogue too; it may go before the pack does. Whatever comes of it, close afterwards.
 * Errors of the writer and of the gate; INK_E_NO_MEMORY. */
ink_status ink_memory_pack_open(ink_memory_pack *p, const ink_trained *trained, const ink_train_env *env);
void ink_memory_pack_close(ink_memory_pack *p);

#endif
