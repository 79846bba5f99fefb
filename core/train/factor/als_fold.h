/* als_fold.h - for als_fold.c, als_fold_loss.c and rating_fold.c: people set aside, and how well a fold of what they show
 * tells what they hide. */
#ifndef INK_ALS_FOLD_H
#define INK_ALS_FOLD_H

#include "als.h"
#include "rng.h"

/* aside [n_rows]: 1 for the `wanted` people chosen at random, who have at least two observations; order [n_rows] is room.
 * Returns how many there are. */
uint32_t ink_als_choose_aside(const ink_als_matrix *m, uint32_t wanted, ink_rng *rng, uint32_t *order, uint8_t *aside);
/* Moves a fifth of each row, at least one, to its end; shown[r] observations stay in front of them. */
void ink_als_hide(ink_als_matrix *m, ink_rng *rng, uint32_t *shown);

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
