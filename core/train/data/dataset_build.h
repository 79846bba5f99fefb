/* dataset_build.h - how a data set comes to be: events are added in file order, then sorted by user and time.
 * For the readers and the splitter of this room only. */
#ifndef INK_DATASET_BUILD_H
#define INK_DATASET_BUILD_H

#include "columns.h"
#include "dataset.h"

#define INK_MAX_DATA_EVENTS (UINT32_MAX - 1u)   /* rows are numbered in 32 bits */

typedef struct ink_dataset_build {
  ink_dataset *d;                 /* its event columns are in file order until finished */
  uint32_t *user;                 /* [cap] */
  uint64_t cap;
} ink_dataset_build;

/* user, item and kind are numbers that d's names hold. */
ink_status ink_dataset_build_add(ink_dataset_build *b, uint32_t user, uint32_t item, uint32_t kind, float value, int64_t time);
/* Sorts; d->row says where each event stood. */
ink_status ink_dataset_build_finish(ink_dataset_build *b);
void ink_dataset_build_drop(ink_dataset_build *b);
/* Users, items and kinds with their numbers. `to` has no names yet. */
ink_status ink_dataset_copy_names(ink_dataset *to, const ink_dataset *from);

/* kind_weight and liked_from: usual, then as in `from` (or NULL), then as the options say. */
ink_status ink_dataset_weigh_kinds(ink_dataset *d, const ink_read_options *options, const ink_dataset *from,
                                   const ink_train_env *env);
/* 1..32 of [a-z0-9_-]. */
bool ink_kind_is_legal(ink_text kind);

#endif
