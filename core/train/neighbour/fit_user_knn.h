/* fit_user_knn.h - training of user-knn: prototypes of people, or for measuring, the people themselves. */
#ifndef INK_FIT_USER_KNN_H
#define INK_FIT_USER_KNN_H

#include "train.h"

extern const ink_trainer ink_trainer_user_knn;

#endif
