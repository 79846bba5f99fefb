/* fit_simplex.h - the simplex trainer: settings to options, vectors to tensors (core/pack/FORMAT.md). */
#ifndef INK_FIT_SIMPLEX_H
#define INK_FIT_SIMPLEX_H

#include "train.h"

extern const ink_trainer ink_trainer_simplex;

#endif
