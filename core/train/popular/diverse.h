/* diverse.h - an order of items that does not say the same thing ten times: what a person without a history sees first. */
#ifndef INK_DIVERSE_H
#define INK_DIVERSE_H

#include "dataset.h"

/* Items that are set in order by comparison; those behind keep their order of what is left of their scores. */
#define INK_DIVERSE_ITEMS 200u

/* Lowers scores [n_items] so that ordering by them is greedy by
 *     score_i * (1 - strength * most similar of those before)          score_i > 0; others stay
 * with the cosine of TF-IDF rows of words and tags as similarity (the idea of MMR: Carbonell & Goldstein 1998; made once, in
 * training, so that a device pays nothing). Data without words and tags is left as it is.
 *   strength  0..1; 0: nothing is done */
ink_status ink_diversify(const ink_dataset *data, double strength, const ink_train_env *env, float *scores);

#endif
