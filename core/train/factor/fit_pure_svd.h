/* fit_pure_svd.h - the pure-svd trainer. */
#ifndef INK_FIT_PURE_SVD_H
#define INK_FIT_PURE_SVD_H

#include "train.h"

extern const ink_trainer ink_trainer_pure_svd;

#endif
