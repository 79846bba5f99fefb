/* fit_spectral.h - training of spectral: co-occurrence as a filter on the graph of people and items. */
#ifndef INK_FIT_SPECTRAL_H
#define INK_FIT_SPECTRAL_H

#include "train.h"

extern const ink_trainer ink_trainer_spectral;

#endif
