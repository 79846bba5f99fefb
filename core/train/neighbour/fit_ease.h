/* fit_ease.h - training of ease: every item from all others by one ridge regression in closed form. */
#ifndef INK_FIT_EASE_H
#define INK_FIT_EASE_H

#include "train.h"

extern const ink_trainer ink_trainer_ease;

#endif
