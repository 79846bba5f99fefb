/* item2vec.h - item vectors from items that the same people chose: skip-gram with negative sampling over sets (Barkan &
 * Koenigstein 2016; Mikolov et al. 2013). Each item has a vector x for being met and one z for being told; over pairs (i, c)
 * of one person's choices and drawn items j
 *     minimise  -ln sigma(x_i . z_c) - sum_j ln sigma(-x_i . z_j)
 * For every choice of every person `contexts` others of the same person are drawn anew in each pass: a window over a shuffled
 * set. A person is the mean of the x of her choices, and item c scores mean . z_c + e ln n_c, n_c people having chosen c: of
 * e = -1, -.75, ... .25 the one that ranks the hidden choices best, and 0 where nothing is hidden. Pairs of frequent items are left out at random: an item of share f is kept with probability min(1, sqrt(t/f)),
 * t = subsample. */
#ifndef INK_ITEM2VEC_H
#define INK_ITEM2VEC_H

#include "positives.h"

#define INK_ITEM2VEC_NEGATIVES 64u /* of a pair, at most */

typedef struct ink_item2vec_options {
  uint32_t d, iterations, patience, contexts, negatives;
  float rate;
  double popularity;              /* negatives are drawn by an item's choices to this power */
  double subsample;               /* 0: all pairs */
  uint64_t seed;
} ink_item2vec_options;

typedef struct ink_item2vec_model {
  uint32_t n_items, d;
  size_t stride;                  /* d rounded up to 8, filled with zeros */
  float *met, *told;              /* [n_items, stride] x and z */
  float *bias;                    /* [n_items] as below */
} ink_item2vec_model;

/* `model` is written on success only. INK_E_DIVERGED (told) when vectors grow without bound. */
ink_status ink_item2vec_fit(const ink_item2vec_options *options, const ink_positives *positives, const ink_train_env *env,
                            ink_item2vec_model *model);
void ink_item2vec_free(ink_item2vec_model *model, const ink_allocator *allocator);

#endif
