/* simplex.h - item vectors of length 1 whose sums stand for people, by a contrastive loss over cosines (Mao et al. 2021, SimpleX
 * with g = 0: a person is nothing but the mean of the items of the history, so somebody who was not in training is as well off).
 *
 * With S = sum of the person's item vectors, p_i = (S - y_i) / |S - y_i|, q = S / |S| and a batch's negatives j:
 *   CCL      sum_i [ 1 - p_i.y_i + weight * mean_j max(0, q.y_j - margin) ]
 *   SOFTMAX  sum_i [ -p_i.y_i / t + ln( exp(p_i.y_i / t) + N/n sum_j exp(q.y_j / t) ) ],  t = temperature (Wu et al. 2024)
 * where the n drawn stand for all N items: their sum is on average that of the whole catalogue (Bengio & Senecal 2008).
 * The item that is to be told is left out of the mean that tells it. Negatives are items drawn evenly, shared by the people
 * of a batch; a person's own items do not count among them.
 *
 * Gradients are those of the directions (the part along y changes no cosine); a step is
 *   y <- unit(y - rate * g / sqrt(sum of all |g|^2 of this item so far))       (Duchi et al. 2011, one number a row).
 *
 * In the end a row becomes n^e long, n people having chosen the item: of e = 0, .02, ... .1 the one that ranks the hidden
 * choices best, and 0 where nothing is hidden. */
#ifndef INK_SIMPLEX_H
#define INK_SIMPLEX_H

#include "positives.h"

enum { INK_SIMPLEX_CCL, INK_SIMPLEX_SOFTMAX };

typedef struct ink_simplex_options {
  uint32_t loss;                  /* INK_SIMPLEX_* */
  uint32_t d, iterations, patience;
  uint32_t batch, negatives;      /* people and drawn items of a step */
  float margin, weight, temperature, rate;
  uint64_t seed;
} ink_simplex_options;

typedef struct ink_simplex_model {
  uint32_t n_items, d;
  size_t stride;                  /* d rounded up to 8, filled with zeros */
  float *items;                   /* [n_items, stride]; of length 1 while it is trained, then as below */
} ink_simplex_model;

/* `model` is written on success only. */
ink_status ink_simplex_fit(const ink_simplex_options *options, const ink_positives *positives, const ink_train_env *env,
                           ink_simplex_model *model);
void ink_simplex_free(ink_simplex_model *model, const ink_allocator *allocator);

#endif
