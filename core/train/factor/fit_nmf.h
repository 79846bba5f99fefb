/* fit_nmf.h - the nmf trainer. */
#ifndef INK_FIT_NMF_H
#define INK_FIT_NMF_H

#include "train.h"

extern const ink_trainer ink_trainer_nmf;

#endif
