/* fit_als.h - the trainer of the als family. */
#ifndef INK_FIT_ALS_H
#define INK_FIT_ALS_H

#include "train.h"

extern const ink_trainer ink_trainer_als;

#endif
