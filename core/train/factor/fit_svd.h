/* fit_svd.h - the svd and svdpp trainers. */
#ifndef INK_FIT_SVD_H
#define INK_FIT_SVD_H

#include "train.h"

extern const ink_trainer ink_trainer_svd, ink_trainer_svdpp;

#endif
