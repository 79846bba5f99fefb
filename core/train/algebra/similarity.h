/* similarity.h - how alike two items (or people) are, from sums over those who met both. Pure functions. */
#ifndef INK_SIMILARITY_H
#define INK_SIMILARITY_H

#include <stdint.h>

#include "fmath.h"

enum { INK_COSINE, INK_PEARSON, INK_ADJUSTED_COSINE, INK_PEARSON_BASELINE, INK_JACCARD, INK_EUCLIDEAN };
extern const char *const ink_similarity_words[];  /* in that order, then NULL */

/* Over the n people who rated both, of ratings x and y less what the kind takes off beforehand (adjusted cosine: the
 * person's mean; pearson-baseline: the baseline; others: nothing). */
typedef struct ink_pair_sums { float xy, xx, yy, x, y, n; } ink_pair_sums;

/* Ratings. n_x, n_y: all who rated each.
 *   cosine, adjusted cosine, pearson-baseline   sum xy / sqrt(sum xx sum yy)
 *   pearson                                     the same about the means of x and y over these n
 *   jaccard                                     n / (n_x + n_y - n)
 *   euclidean                                   1 / (1 + mean of (x - y)^2)
 * 0 where it is not defined (constant ratings). */
float ink_similarity_rated(uint32_t kind, const ink_pair_sums *s, float n_x, float n_y);

/* Choices: `both` = sum of products, lengths of the two columns (for jaccard: numbers of people; their number in both).
 *   cosine and its kin    both / (|x| |y| + shrink)
 *   jaccard               n / (n_x + n_y - n + shrink)
 *   euclidean             1 / (1 + |x - y| + shrink) */
static inline float ink_similarity_chosen(uint32_t kind, float both, float length_x, float length_y, float shrink) {
  if (kind == INK_EUCLIDEAN) {
    const float apart = length_x * length_x + length_y * length_y - 2.0f * both;
    return 1.0f / (1.0f + ink_sqrt_f32(apart > 0.0f ? apart : 0.0f) + shrink);
  }
  const float by = (kind == INK_JACCARD ? length_x + length_y - both : length_x * length_y) + shrink;
  return by > 0.0f ? both / by : 0.0f;
}

#endif
