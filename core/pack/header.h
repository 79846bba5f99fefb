/* header.h - the reader of a safetensors header: a JSON object of tensors, and of `__metadata__`, which is
 * a flat map of strings. It walks the bytes once, entry by entry, and allocates nothing.
 *
 * It is stricter than JSON: names hold no escapes, numbers are whole and not negative, no name may stand
 * twice inside one tensor, unknown keys are refused, and after the closing brace only spaces follow.
 * Each entry is checked by itself: type, shape, place inside the file, alignment. What needs all of them
 * at once (names twice, holes, overlap) is pack.c's work. FORMAT.md, section 1, is the normative text.
 *
 * Format: https://huggingface.co/docs/safetensors; JSON: RFC 8259. */
#ifndef INK_HEADER_H
#define INK_HEADER_H

#include "inkling.h"

typedef struct ink_header_entry {
  bool metadata;                  /* a pair of strings; else a tensor */
  ink_text name;                  /* tensor name or metadata key, 1..INK_CAP_NAME_BYTES bytes, without escapes */
  ink_text value;                 /* metadata: between its quotes, escapes as they stand */
  uint32_t dtype, rank;
  uint32_t shape[INK_MAX_RANK];   /* unused are 1 */
  uint64_t begin, end;            /* data_offsets; begin <= end <= bytes of the data region */
  uint64_t at;                    /* byte of the file at which the entry's name begins */
} ink_header_entry;

typedef struct ink_header {
  const uint8_t *bytes;           /* the JSON text: 8 bytes into the file */
  size_t n_bytes;
  uint64_t data_bytes;            /* bytes of the file behind the header */
  size_t at;
  uint32_t state;                 /* where in the grammar: see header.c */
  bool first;                     /* no entry of the object was read yet */
  bool seen_metadata;
  uint32_t n_tensors, n_metadata; /* handed out so far */
  ink_text about;                 /* what a fault concerns: the entry being read */
  ink_fault *fault;
} ink_header;

/* Reads the header's length. `file` is borrowed while the reader is in use; `fault` may be NULL.
 * Errors: INK_E_PACK_TRUNCATED, INK_E_PACK_HEADER_BYTES. */
ink_status ink_header_open(ink_header *h, const void *file, size_t file_bytes, ink_fault *fault);

/* The next entry, in the file's order; *more is false behind the last one.
 * After a failure the reader must not be used again. */
ink_status ink_header_next(ink_header *h, ink_header_entry *entry, bool *more);

#endif
