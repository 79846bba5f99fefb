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
 * These are averaged over people. So are measures of a person's slate S, his first K candidates in serving order (fewer
 * where there are fewer), which do not ask whether the slate was right. K is at most INK_METRIC_SLATE:
 *   diversity@K   mean over pairs of S of 1 - |A and B| / |A or B|, A and B the two items' tags (Jaccard; all columns of
 *                 tags together). Pairs in which one has no tag are left out
 *   spread@K      mean over pairs of S of 1 - cosine of the two items' vectors (1 where one is zero)
 *   novelty@K     mean over S of log2(N / n_i), the self-information of "somebody has i": n_i of N people have an event on i
 *                 in the popularity data (protocol.h); n_i 0 counts as 1 (Zhou et al. 2010)
 *   longtail@K    share of S outside the head; the head is the fifth (rounded) of the catalogue with the largest n_i,
 *                 ties by item number
 * A person for whom a measure has no value (no pair, no slate) is left out of its average. Of all people together, with
 * c_i the number of people in whose S item i stands:
 *   coverage@K    share of the catalogue with c_i > 0
 *   gini@K        sum over i = 1..n of (2i - n - 1) c_(i) / (n * sum c), c ascending: 0 when all items are shown equally
 *                 often, 1 - 1/n when one alone is shown
 *   rmse, mae     over test pairs: root of the mean squared error, mean absolute error
 *
 * Intervals are at 95 %; bootstrap.h has others. Averages over people: mean +- 1.96 s/sqrt(n), s with n - 1, cut to 0..1. rmse and mae: pairs
 * of one person are not independent, so people are the sampling unit (ratio estimator): with e_u the sum of a
 * person's n_u errors and M = sum e / sum n, the variance of M is U/(U-1) * sum (e_u - n_u*M)^2 / (sum n)^2; for
 * rmse this is done on squared errors, and the ends' roots are taken. coverage and gini have no interval. */
#ifndef INK_METRICS_H
#define INK_METRICS_H

#include "inkling.h"

enum {
  INK_METRIC_PRECISION = 1, INK_METRIC_RECALL, INK_METRIC_F1, INK_METRIC_AP, INK_METRIC_NDCG, INK_METRIC_MRR,
  INK_METRIC_HIT, INK_METRIC_AUC, INK_METRIC_COVERAGE, INK_METRIC_RMSE, INK_METRIC_MAE, INK_METRIC_DIVERSITY,
  INK_METRIC_SPREAD, INK_METRIC_NOVELTY, INK_METRIC_LONGTAIL, INK_METRIC_GINI
};

#define INK_MAX_METRICS 64u
#define INK_METRIC_ALL UINT32_MAX /* K left out: all places */
#define INK_METRIC_SLATE 1000u    /* longest slate that is measured: pairs are quadratic */

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
/* Is it a person's, from the slate alone (diversity, spread, novelty, longtail)? */
bool ink_metric_of_slate(uint32_t kind);
/* Is it one number of all people's slates together (coverage, gini)? */
bool ink_metric_of_all(uint32_t kind);
/* Does more mean better? Not for errors and inequality. */
bool ink_metric_rises(uint32_t kind);

/* ------------------------------------------------------------- one person */

typedef struct ink_person_ranks {
  const double *places;           /* [n_places] ascending: p_1, p_2 ... ; those beyond every K may be left out */
  uint32_t n_places;
  uint32_t n_test;                /* T >= n_places */
  double auc;                     /* of all T; looked at only for auc */
} ink_person_ranks;

/* A metric that is averaged over people, but for those of slates: beyond.h. */
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
  double low, high;               /* 95 %; both NaN where there is no interval (one person, coverage, gini) */
} ink_metric_value;

/* NaN when nothing was added. */
ink_metric_value ink_metric_finish(const ink_metric *metric, const ink_metric_sum *s);
/* The value alone, of sums of values (or errors) and of weights. */
double ink_metric_mean(const ink_metric *metric, double sum, double weight);

#endif
