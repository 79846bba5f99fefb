/* user_reach.h - how far rows of user-knn reach: a row speaks to the people who are nearest to *it*, as well as each person asks the
 * rows nearest to them (reverse nearest neighbours, Korn & Muthukrishnan 2000). Who has a long history of common tastes is so
 * asked by many, and who chose at random by few. */
#ifndef INK_USER_REACH_H
#define INK_USER_REACH_H

#include "dataset.h"

typedef struct ink_reach_job {
  const ink_matrix *people, *items;   /* weighted choices, transposes of each other */
  uint32_t n_rows;                /* P */
  const uint32_t *ends, *cols;    /* [N] and pairs: rows (below P) that have an item, item after item */
  const float *numbers;           /* [pairs] without the items' weights */
  const float *item_weights;      /* [N] */
  float shrink;                   /* of the similarity */
  bool rows_are_people;           /* row p is person p, who is not among those it reaches */
  uint32_t n_reached;             /* K, at least 1 */
} ink_reach_job;

/* reach [P] = the similarity of each row with the K-th of the people by it; 0 where fewer are like it at all. Each row in one piece,
 * so the result does not depend on threads. INK_E_NO_MEMORY. */
ink_status ink_user_reach(const ink_reach_job *job, const ink_train_env *env, float *reach);

#endif
