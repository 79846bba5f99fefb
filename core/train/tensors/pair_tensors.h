/* pair_tensors.h - sparse rows as tensors of a pack (core/model/linear_items.h): columns in 16 or 32 bits, numbers in int8
 * with one scale a row, or F32. */
#ifndef INK_PAIR_TENSORS_H
#define INK_PAIR_TENSORS_H

#include "train.h"

typedef struct ink_pair_rows {
  const char *prefix;             /* of the tensors: "item_knn", at most 48 bytes */
  uint32_t n_rows, n_cols;
  const uint32_t *ends;           /* [n_rows] */
  bool f32;
} ink_pair_rows;

/* `<prefix>.ends` U32 [n_rows], zeroed, to be filled by the caller: ink_pair_rows.ends. */
ink_status ink_pair_ends(ink_trained *out, const char *prefix, uint32_t n_rows, uint32_t **ends);
/* `<prefix>.cols`: U16 where the columns allow it. */
ink_status ink_pair_cols(ink_trained *out, const ink_pair_rows *rows, const uint32_t *cols);
/* `<prefix><suffix>`, and `<prefix><scale_suffix>` for int8: the largest magnitude of a row is 127 steps. */
ink_status ink_pair_values(ink_trained *out, const ink_pair_rows *rows, const char *suffix, const char *scale_suffix, const float *numbers);
/* A vector `<prefix><suffix>` of this type. */
ink_status ink_pair_vector(ink_trained *out, const char *prefix, const char *suffix, uint32_t dtype, uint32_t n, void **data);

#endif
