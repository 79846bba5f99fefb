/* pack_write.h - the one writer of packs: safetensors, header padded to 64, tensors ordered by element
 * size (largest first) then name, `data.sha256` filled in. Same input, same bytes.
 * It writes through a callback, so it knows no files. Used by training, import and tests. */
#ifndef INK_PACK_WRITE_H
#define INK_PACK_WRITE_H

#include "arena.h"
#include "inkling.h"
#include "tensor.h"

typedef struct ink_meta_entry {
  ink_text key;                   /* [a-z0-9_.@-]+ */
  ink_text value;                 /* UTF-8, not escaped */
} ink_meta_entry;

typedef struct ink_pack_draft {
  const ink_tensor *tensors;      /* any order; borrowed; .bytes must agree with the shape */
  uint32_t n_tensors;
  const ink_meta_entry *metadata; /* `inkling` and `data.sha256` are added by the writer */
  uint32_t n_metadata;
} ink_pack_draft;

/* Takes the next bytes of the file; not INK_OK stops the writing and is passed up. */
typedef ink_status (*ink_write_fn)(void *ctx, const void *bytes, size_t n);

/* Bytes of the finished file. */
ink_status ink_pack_write_size(const ink_pack_draft *draft, size_t *file_bytes, ink_fault *fault);
/* scratch: at least ink_pack_write_scratch_bytes(), behind a mark that is a multiple of 64. */
size_t ink_pack_write_scratch_bytes(const ink_pack_draft *draft);
ink_status ink_pack_write(const ink_pack_draft *draft, ink_arena *scratch, ink_write_fn write, void *ctx, ink_fault *fault);

#endif
