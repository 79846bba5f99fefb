/* fit_pairwise.h - the bpr and warp trainers: settings to options, vectors to tensors (core/pack/FORMAT.md). */
#ifndef INK_FIT_PAIRWISE_H
#define INK_FIT_PAIRWISE_H

#include "train.h"

extern const ink_trainer ink_trainer_bpr, ink_trainer_warp;

#endif
