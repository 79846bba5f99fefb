/* fit_item2vec.h - the item2vec trainer: settings to options, vectors to tensors (core/pack/FORMAT.md). */
#ifndef INK_FIT_ITEM2VEC_H
#define INK_FIT_ITEM2VEC_H

#include "train.h"

extern const ink_trainer ink_trainer_item2vec;

#endif
