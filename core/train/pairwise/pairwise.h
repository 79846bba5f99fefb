/* pairwise.h - vectors of people and items by stochastic gradient descent over pairs: a chosen item i should stand above one
 * that was not chosen, j. score(u, i) = x_u . y_i + b_i, margin x = score(u, i) - score(u, j).
 *
 * BPR   minimises -ln sigma(x) + lambda/2 (|x_u|^2 + |y_i|^2 + |y_j|^2), j drawn by a source of negatives
 *       (Rendle et al. 2009).
 * WARP  draws j until one stands within 1 of i or above it; with t draws i's rank is about (N - 1) / t, and the step has the
 *       weight ln(1 + rank) / ln(N) of a hinge loss (Weston et al. 2011).
 *
 * Passes are watched (descent.h); strata (strata.h) make the result independent of threads. With
 * tags, rows of items are sums of parts (item_parts.h), settled after each round of strata. */
#ifndef INK_PAIRWISE_H
#define INK_PAIRWISE_H

#include "positives.h"
#include "negatives.h"

typedef struct ink_pairwise_options {
  const char *name;               /* of the family: for progress and faults */
  bool warp, item_bias;
  uint32_t d, iterations, patience;
  uint32_t trials;                /* warp: draws at most */
  float rate, lambda, bias_lambda, init_scale;
  uint32_t negatives, candidates; /* bpr: INK_NEGATIVES_*, and how many are looked at */
  double popularity;              /* negatives are drawn by an item's choices to this power */
  const ink_matrix *tags;         /* [n_items, tags] rows of items are sums (item_parts.h); NULL: an item's row is its own */
  uint64_t seed;
} ink_pairwise_options;

typedef struct ink_pairwise_model {
  uint32_t n_people, n_items, d;
  size_t stride;                  /* d rounded up to 8; the rest of a row is 0 */
  float *people;                  /* [n_people, stride] */
  float *items;                   /* [n_items, stride] */
  float *bias;                    /* [n_items], or NULL */
} ink_pairwise_model;

/* `model` is written on success only. INK_E_DIVERGED (told) when vectors grow without bound. */
ink_status ink_pairwise_fit(const ink_pairwise_options *options, const ink_positives *positives, const ink_train_env *env,
                            ink_pairwise_model *model);
void ink_pairwise_free(ink_pairwise_model *model, const ink_allocator *allocator);

#endif
