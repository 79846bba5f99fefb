/* fit_popular.h - training of the popular family, which closes the chain of families in every pack. */
#ifndef INK_FIT_POPULAR_H
#define INK_FIT_POPULAR_H

#include "dataset.h"
#include "train.h"

extern const ink_trainer ink_trainer_popular;

/* `popular.scores` F32 [N] by the trainer's standard settings: the number of people for whom an item's events weigh more
 * than 0 together, similar items set apart where the data has words or tags (diverse.h). Does nothing when `out` has them. */
ink_status ink_popular_tensor(const ink_dataset *data, const ink_train_env *env, ink_trained *out);

#endif
