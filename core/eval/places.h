/* places.h - where test items stand among the candidates, ties as metrics.h defines them. By counting: the
 * catalogue is never sorted. */
#ifndef INK_PLACES_H
#define INK_PLACES_H

#include "inkling.h"

/* What a candidate is, one byte each. */
enum { INK_CANDIDATE = 0, INK_CANDIDATE_TEST = 1, INK_CANDIDATE_OUT = 2 };

/* Room for one person's work; each array [most test items of one person + 1]. */
typedef struct ink_places_work {
  float *scores;                  /* of the test items */
  uint32_t *order;                /* them, best first */
  float *block_score;             /* each score once, best first */
  uint32_t *block_tests;          /* test items with it */
  uint32_t *above;                /* others above this block and below the one before */
  uint32_t *equal;                /* others in this block */
} ink_places_work;

typedef struct ink_places {
  double *places;                 /* [most test items] ascending */
  uint32_t n;
  double auc;
} ink_places;

/* All places and the AUC of the candidates marked INK_CANDIDATE_TEST. scores [n], what [n]; nothing is NaN. */
void ink_places_all(const float *scores, const uint8_t *what, uint32_t n, ink_places_work *work, ink_places *out);

/* The same from the front of the ranking: what [n] of the best n candidates, scores [n] descending. Places below
 * max_k + 1 are right; later ones may be missing; the AUC is not given. `whole`: there are no other candidates.
 * False, and nothing is written, when a tie at the end of the list may reach into the first max_k places. */
bool ink_places_front(const float *scores, const uint8_t *what, uint32_t n, uint32_t max_k, bool whole, ink_places *out);

/* The k-th largest of x [n], 1 <= k <= n; x is left in another order. */
float ink_places_kth(float *x, uint32_t n, uint32_t k);

/* Which are the k best candidates in serving order (score down, then index up): their indices, ascending, into
 * top [k]; fewer where there are fewer. Returns how many. spare [n] is overwritten. */
uint32_t ink_places_top(const float *scores, const uint8_t *what, uint32_t n, uint32_t k, float *spare, uint32_t *top);

#endif
