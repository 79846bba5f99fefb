/* fit_slim.h - training of slim: every item from few others, by a sparse regression. */
#ifndef INK_FIT_SLIM_H
#define INK_FIT_SLIM_H

#include "train.h"

extern const ink_trainer ink_trainer_slim;

#endif
