/* als_fold.h - private to als_fold.c and als_fold_loss.c: people set aside, and how well a fold of what they show tells
 * what they hide. */
#ifndef INK_ALS_FOLD_H
#define INK_ALS_FOLD_H

#include "als.h"

typedef struct ink_als_trial {
  const ink_als_options *options;
  const ink_train_env *env;
  const ink_als_matrix *all;      /* people set aside: what they show stands first in each row, then what they hide */
  const ink_als_matrix *shown;
  ink_als_side *items, *people;   /* people: folded from `shown` */
} ink_als_trial;

/* Explicit: squared error of the hidden ratings, weighted by their confidence, clipped to the scale; summed. */
ink_status ink_als_rating_loss(const ink_als_trial *t, double *loss);

/* Implicit: minus the NDCG@100 of the hidden items among all that are not shown, summed over people. Deeper than the lists that
 * are shown in the end: with few hidden items a person, the places 20 to 100 make the measure steadier. */
ink_status ink_als_ranking_loss(const ink_als_trial *t, double *loss);

#endif
