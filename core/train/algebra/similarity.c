/* similarity.c - see similarity.h. */
#include "similarity.h"

#include "fmath.h"
#include "base.h"

const char *const ink_similarity_words[] = { "cosine", "pearson", "adjusted-cosine", "pearson-baseline", "jaccard", "euclidean", NULL };

static double ratio(double of, double squares_x, double squares_y) {
  const double by = ink_sqrt_f64(squares_x > 0.0 ? squares_x : 0.0) * ink_sqrt_f64(squares_y > 0.0 ? squares_y : 0.0);
  return by > 0.0 ? of / by : 0.0;
}

/* In double: sums of ratings are exact, and what is left of them after the means may be small. */
static double correlation(const ink_pair_sums *s) {
  const double n = (double)s->n, x = (double)s->x, y = (double)s->y;
  return ratio(n * (double)s->xy - x * y, n * (double)s->xx - x * x, n * (double)s->yy - y * y);
}

float ink_similarity_rated(uint32_t kind, const ink_pair_sums *s, float n_x, float n_y) {
  const double apart = (double)s->xx + (double)s->yy - 2.0 * (double)s->xy;
  switch (kind) {
    case INK_PEARSON: return (float)correlation(s);
    case INK_JACCARD: return s->n / (n_x + n_y - s->n);
    case INK_EUCLIDEAN: return s->n > 0.0f ? (float)(1.0 / (1.0 + (apart > 0.0 ? apart : 0.0) / (double)s->n)) : 0.0f;
    default: return (float)ratio((double)s->xy, (double)s->xx, (double)s->yy);
  }
}
