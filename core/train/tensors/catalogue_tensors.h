/* catalogue_tensors.h - the part of a pack that every family shares: ids, their order, columns, kinds, rating scale.
 * core/pack/FORMAT.md says what each tensor means. */
#ifndef INK_CATALOGUE_TENSORS_H
#define INK_CATALOGUE_TENSORS_H

#include "dataset.h"

/* Adds to `out`:
 *   items.id.bytes U8 [B], items.id.ends U32 [N], items.id.order U32 [N]
 *   items.<column>...                of d->columns: whole numbers in the smallest of U8, U16, I32, I64; fractions in
 *                                    F32 where that is exact, else F64; `.missing` where an item has no value
 *   events.kinds.bytes/.ends/.weights   only where a kind does not weigh what it usually does
 *   events.rating F32 [3]            only where d has events of kind "rating"
 * INK_E_DATA_EMPTY without items, INK_E_LIMIT over the caps, INK_E_NO_MEMORY. */
ink_status ink_catalogue_tensors(const ink_dataset *d, const ink_train_env *env, ink_trained *out);

#endif
