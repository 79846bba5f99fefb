/* fit_item_knn.h - training of item-knn, and of knn-baseline, which it serves. */
#ifndef INK_FIT_ITEM_KNN_H
#define INK_FIT_ITEM_KNN_H

#include "train.h"

extern const ink_trainer ink_trainer_item_knn, ink_trainer_knn_baseline;

#endif
