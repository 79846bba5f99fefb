/* fit_neighbours.h - trainers of item-item weights that are counted. */
#ifndef INK_FIT_NEIGHBOURS_H
#define INK_FIT_NEIGHBOURS_H

#include "dataset.h"
#include "train.h"

extern const ink_trainer ink_trainer_rp3, ink_trainer_slope_one;

#endif
