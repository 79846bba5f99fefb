/* fit_recurrent.h - trainers of the lstm and gru families. */
#ifndef INK_FIT_RECURRENT_H
#define INK_FIT_RECURRENT_H

#include "dataset.h"
#include "train.h"

extern const ink_trainer ink_trainer_lstm, ink_trainer_gru;

#endif
