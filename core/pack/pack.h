/* pack.h - an opened pack from the inside: tables over the borrowed file. The rest of the core uses
 * inkling.h's ink_pack_*; this header is for the files of this room (and for tests).
 *
 * Opening goes in this order, each step relying on those before it:
 *   header.c        every entry by itself
 *   pack.c          all entries together: names once, data without holes, version, digest's form
 *   pack_numbers.c  floats finite and not too large
 *   catalogue.c     ids
 *   pack_columns.c  properties of items
 * Tensors of models are checked by their families. */
#ifndef INK_PACK_H
#define INK_PACK_H

#include "inkling.h"
#include "tensor.h"

/* A list of strings: one block of bytes, and where each string ends. Checked: ends ascend to the
 * block's length, and each string is valid UTF-8. */
typedef struct ink_strings {
  const char *bytes;
  const uint32_t *ends;           /* [n] */
  uint32_t n;
} ink_strings;

static inline ink_text ink_strings_at(const ink_strings *strings, uint32_t i) {
  const uint32_t start = i == 0 ? 0 : strings->ends[i - 1];
  return (ink_text){ strings->bytes + start, strings->ends[i] - start };
}

typedef struct ink_pack_meta {
  ink_text key, value;            /* value: escapes as they stand in the file */
} ink_pack_meta;

typedef struct ink_pack_column_info {
  ink_text name;                  /* [a-z0-9_]+ */
  uint32_t kind;                  /* INK_COLUMN_* */
  ink_tensor values;              /* numbers [n_items], or tags [sum of counts] U16 | U32 */
  ink_strings strings;            /* texts [n_items], or the names of tags [n_tags] */
  const uint32_t *ends;           /* tags: where each item's end, [n_items] */
  const uint8_t *missing;         /* bit i % 8 of byte i / 8: item i has no value; NULL: all have one */
} ink_pack_column_info;

struct ink_pack {
  const uint8_t *file, *data;     /* data: the first byte behind the header */
  size_t data_bytes;
  ink_tensor *tensors;            /* [n_tensors] in the header's order */
  uint32_t *by_name;              /* [n_tensors] indices of tensors, ordered by name */
  uint32_t *by_place;             /* [n_tensors] the same, ordered by data_offsets */
  ink_pack_meta *metadata;        /* [n_metadata] in the header's order */
  uint32_t *by_key;               /* [n_metadata] */
  ink_pack_column_info *columns;  /* [n_columns] ordered by name */
  uint32_t n_tensors, n_metadata, n_columns, n_items;
  ink_strings ids;
  const uint32_t *order;          /* [n_items] items ordered by id */
};

/* ------------------------------------------------------------- for the files of this room */

/* Places in the file, for faults. */
static inline uint64_t ink_pack_place(const ink_pack *pack, const ink_tensor *tensor) {
  return (uint64_t)((const uint8_t *)tensor->data - pack->file);
}

/* The tensor `stem` + `part`, which must be there. `stem` begins a name of the pack, `part` has 15 bytes at
 * most. INK_E_PACK_MISSING. */
ink_status ink_pack_need(const ink_pack *pack, ink_text stem, const char *part, ink_tensor *out, ink_fault *fault);
/* A vector of `dtype` and n elements (INK_NONE: any number). INK_E_PACK_DTYPE, INK_E_PACK_SHAPE. */
ink_status ink_pack_vector(const ink_pack *pack, const ink_tensor *tensor, uint32_t dtype, uint32_t n, ink_fault *fault);
/* Ends [n] of a block of `total` elements: never falling, the last one equal to total. INK_E_PACK_ENDS. */
ink_status ink_pack_ends(const ink_tensor *ends, size_t total, ink_fault *fault);
/* Checks a pair of tensors as a list of n strings (INK_NONE: any number). */
ink_status ink_pack_strings(const ink_pack *pack, const ink_tensor *bytes, const ink_tensor *ends, uint32_t n,
                            ink_strings *out, ink_fault *fault);

/* catalogue.c: fills ids, order, n_items. */
ink_status ink_pack_check_ids(ink_pack *pack, ink_fault *fault);
/* pack_columns.c: fills columns [INK_CAP_COLUMNS at most], n_columns. */
ink_status ink_pack_check_columns(ink_pack *pack, ink_fault *fault);

#endif
