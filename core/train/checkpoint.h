/* checkpoint.h - the state of an unfinished training run as bytes, and back.
 *
 * The caller of training may hand in an ink_checkpointing (train.h): a way to keep bytes, and the bytes kept by an earlier
 * run. A trainer writes its numbers in a fixed order and reads them in the same one; a header says which run they belong to.
 *
 *   "INKC" | u32 version | u8[32] key of the run | fields | u8[32] SHA-256 of all before it
 *
 * The key is a digest of all that decides a run: family, settings, seed, data. Fields are as wide as they are in memory:
 * a checkpoint stays on the machine that made it. */
#ifndef INK_CHECKPOINT_H
#define INK_CHECKPOINT_H

#include "sha256.h"
#include "train.h"

typedef struct ink_checkpoint_writer {
  const ink_checkpointing *door;
  ink_sha256 digest;
  ink_status status;              /* the first failure stays */
} ink_checkpoint_writer;

void ink_checkpoint_begin(ink_checkpoint_writer *w, const ink_checkpointing *door, const uint8_t key[INK_SHA256_BYTES]);
void ink_checkpoint_put(ink_checkpoint_writer *w, const void *bytes, size_t n);
/* From now on the door keeps these bytes instead of earlier ones. */
ink_status ink_checkpoint_end(ink_checkpoint_writer *w);

typedef struct ink_checkpoint_reader {
  const uint8_t *at, *end;
  bool good;                      /* false: more was asked for than there is */
} ink_checkpoint_reader;

/* Checks bytes of `door->earlier` before any are used. Refuses with INK_E_DATA_FORMAT what is damaged or belongs to
 * another run, and says which. */
ink_status ink_checkpoint_open(ink_checkpoint_reader *r, const ink_checkpointing *door, const uint8_t key[INK_SHA256_BYTES],
                               ink_fault *fault);
void ink_checkpoint_get(ink_checkpoint_reader *r, void *bytes, size_t n);
/* All was read and nothing is left, else INK_E_DATA_FORMAT. */
ink_status ink_checkpoint_close(const ink_checkpoint_reader *r, ink_fault *fault);

#endif
