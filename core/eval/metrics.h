/* metrics.h - what the numbers of an evaluation mean, exactly, and their computation for one person.
 *
 * Setting. A person has T >= 1 test items, each once. Candidates are ordered by score, highest first. Which items are
 * candidates is the protocol's affair (protocol.h). A test item that is none has no place: it is missed.
 *
 * Places and ties. Equal scores form a block. Behind g candidates with higher scores, in a block of m
 * candidates of which r are test items, the j-th test item (j = 1..r) has place
 *
 *     p = g + j*(m + 1)/(r + 1),
 *
 * its expected place when the block is shuffled. For a lone test item that is 1 + g + (m - 1)/2: each tie counts
 * half. Places ascend, are at least 1 apart, and are whole numbers where there are no ties. (Serving breaks ties
 * by item number; a metric must not be rewarded or punished for that.) A place is *within K* when it rounds down to at
 * most K: p < K + 1. So of two that tie across the border a test item counts, at its place in between.
 *
 * Per person, with h(K) = the number of test items within K, and p1 < p2 < ... the places:
 *   precision@K   h(K) / K
 *   recall@K      h(K) / T
 *   f1@K          2*precision*recall / (precision + recall); 0 when both are 0
 *   ap@K, map@K   (sum over i <= h(K) of i / p_i) / T             K left out: all places (as TREC's map)
 *   ndcg@K        (sum over i <= h(K) of 1/log2(p_i + 1)) / (sum over i = 1..min(K, T) of 1/log2(i + 1)); K left out: all
 *   mrr@K         1/p_1 when p_1 is within K, else 0                   K left out: all
 *   hit@K, hr@K   1 when h(K) > 0, else 0
 *   auc           share of (test item, other candidate) pairs in which the test item has the higher score, ties
 *                 half, test items without a place never; 1/2 when there is no other candidate
 * These are averaged over people. Of all people together:
 *   coverage@K    share of the catalogue that stands in at least one person's first K, in serving order
 *   rmse, mae     over test pairs: root of the mean squared error, mean absolute error
 *
 * Intervals are at 95 %. Averages over people: mean +- 1.96 s/sqrt(n), s with n - 1, cut to 0..1. rmse and mae: pairs
 * of one person are not independent, so people are the sampling unit (ratio estimator): with e_u the sum of a
 * person's n_u errors and M = sum e / sum n, the variance of M is U/(U-1) * sum (e_u - n_u*M)^2 / (sum n)^2; for
 * rmse this is done on squared errors, and the ends' roots are taken. coverage has no interval. */
#ifndef INK_METRICS_H
#define INK_METRICS_H

#include "inkling.h"

enum {
  INK_METRIC_PRECISION = 1, INK_METRIC_RECALL, INK_METRIC_F1, INK_METRIC_AP, INK_METRIC_NDCG, INK_METRIC_MRR,
  INK_METRIC_HIT, INK_METRIC_AUC, INK_METRIC_COVERAGE, INK_METRIC_RMSE, INK_METRIC_MAE
};

#define INK_MAX_METRICS 64u
#define INK_METRIC_ALL UINT32_MAX /* K left out: all places */

typedef struct ink_metric {
  uint32_t kind;                  /* INK_METRIC_* */
  uint32_t k;                     /* 1..INK_CAP_ITEMS, or INK_METRIC_ALL; 0 where there is no K */
  char name[24];                  /* as asked for: "recall@20"; zero-closed */
} ink_metric;

/* "recall@20,ndcg@20,mrr" into metrics [INK_MAX_METRICS]. INK_E_SETTING: an unknown name, a K that is missing, not a
 * number or does not belong there, the same metric twice, none or too many. */
ink_status ink_metrics_parse(ink_text list, ink_metric *metrics, uint32_t *n_metrics, ink_fault *fault);
/* Is it one of a ranking (not rmse, mae)? */
bool ink_metric_of_ranking(uint32_t kind);

/* ------------------------------------------------------------- one person */

typedef struct ink_person_ranks {
  const double *places;           /* [n_places] ascending: p_1, p_2 ... ; those beyond every K may be left out */
  uint32_t n_places;
  uint32_t n_test;                /* T >= n_places */
  double auc;                     /* of all T; looked at only for auc */
} ink_person_ranks;

/* A metric that is averaged over people. */
double ink_metric_of_person(const ink_metric *metric, const ink_person_ranks *ranks);

/* ------------------------------------------------------------------- sums */

/* Partial sums; add in any grouping that is the same every time and the result is the same every time. */
typedef struct ink_metric_sum {
  uint64_t n;                     /* people */
  double weight;                  /* people, or pairs for rmse and mae */
  double sum;                     /* of values or errors */
  double squares;                 /* sum of e*e */
  double cross;                   /* sum of e*n */
  double weights2;                /* sum of n*n */
} ink_metric_sum;

/* One person's value (weight 1), or the sum of a person's errors and the number of its pairs. */
void ink_metric_sum_add(ink_metric_sum *s, double value, double weight);
void ink_metric_sum_join(ink_metric_sum *s, const ink_metric_sum *other);

typedef struct ink_metric_value {
  double value;
  double low, high;               /* 95 %; both NaN where there is no interval (one person, coverage) */
} ink_metric_value;

/* NaN when nothing was added. */
ink_metric_value ink_metric_finish(const ink_metric *metric, const ink_metric_sum *s);

#endif
