/* beyond.h - measures of slates that do not ask whether they were right: how unlike each other, how little known, how
 * far from the best-sellers the items are. Definitions stand in metrics.h. What they need of the catalogue is made once
 * a run and read by all workers. */
#ifndef INK_BEYOND_H
#define INK_BEYOND_H

#include "dataset.h"
#include "metrics.h"

typedef struct ink_beyond {
  double *information;            /* [n_items] log2(N / n_i); NULL unless asked for, as all below */
  uint8_t *in_tail;               /* [n_items] 1: outside the head */
  uint64_t *tag_ends;             /* [n_items] end of the item's tags in `tags`, which ascend inside an item */
  uint32_t *tags;
  float *vectors; double *norms;  /* [n_items, d], [n_items] */
  uint32_t n_items, d;
} ink_beyond;

/* What the metrics [n] need. `popularity`: who has which item; item_map [its items]: number in the pack or INK_NONE.
 * `vectors`: the tensor of item vectors for spread, [n_items, d] of F32, F16, BF16 or I8; empty: the first of a name
 * that ends in ".items". Whatever comes of it, ink_beyond_close() frees; `out` is initialised here.
 * INK_E_PACK_MISSING: spread without such a tensor, diversity without a column of tags. */
ink_status ink_beyond_open(const ink_pack *pack, const ink_metric *metrics, uint32_t n, const ink_dataset *popularity,
                           const uint32_t *item_map, ink_text vectors, const ink_train_env *env, ink_beyond *out);
void ink_beyond_close(ink_beyond *b, const ink_allocator *allocator);

/* One slate: items [n], each once, ascending (so that sums do not depend on who found them). NaN: no value. */
double ink_beyond_of_slate(const ink_beyond *b, const ink_metric *metric, const uint32_t *items, uint32_t n);

/* Of counts c [n] (the order is lost): the Gini index; 0 when nothing was shown. */
double ink_beyond_gini(uint32_t *counts, uint32_t n, const ink_train_env *env, ink_status *status);

#endif
