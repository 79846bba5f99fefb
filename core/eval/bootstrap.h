/* bootstrap.h - how sure is a figure, and is one model really better than another? Both ask the table of people that an
 * evaluation can leave (ink_eval_people): people, not events, are what was drawn from the world.
 *
 * Interval (Efron 1979; percentile bootstrap). n people are drawn with replacement from the n that there are, the metric is
 * computed of them, and that `rounds` times; the interval reaches from the 2.5th to the 97.5th percentile of the rounds'
 * values (between two of them by the straight line, as numpy's default). Works for rmse too, where the normal
 * approximation is poor, and knows that the pairs of one person hang together.
 *
 * Difference of two models on the same people, d_u = a_u - b_u, of those whom both have a value for:
 *   t test        t = mean(d) / (s / sqrt(n)), two-sided by Student's distribution of n - 1 degrees
 *   randomization (Fisher 1935) were the models alike, each d_u could as well have had the other sign: signs are drawn
 *                 `rounds` times, and p = (1 + rounds in which |sum| is at least the one seen) / (1 + rounds). It assumes
 *                 nothing of the distribution; the smallest p it can give is 1 / (1 + rounds)
 * For rmse and mae d_u is the difference of sums of (squared) errors. Nothing here corrects for many comparisons: with m
 * of them ask for p < 0.05 / m.
 *
 * Deterministic: each round has its own stream of the seed, so threads do not matter. */
#ifndef INK_BOOTSTRAP_H
#define INK_BOOTSTRAP_H

#include "metrics.h"
#include "train.h"

typedef struct ink_resampling {
  uint32_t rounds;                /* 1..INK_MOST_ROUNDS */
  uint64_t seed;
} ink_resampling;
#define INK_MOST_ROUNDS 1000000u

/* values [n] of a metric, NaN where a person has none; weights [n]. With fewer than two people there is no interval.
 * INK_E_SETTING: rounds out of range. INK_E_NO_MEMORY. */
ink_status ink_bootstrap(const ink_metric *metric, const double *values, const double *weights, uint32_t n,
                         const ink_resampling *how, const ink_train_env *env, ink_metric_value *out);

typedef struct ink_paired {
  uint32_t n;                     /* people with a value of both */
  double difference;              /* a - b: of means; of the metric itself for rmse */
  double low, high;               /* 95 % by the bootstrap over pairs of values */
  double t, p_t;                  /* NaN with fewer than two people; where all d_u are equal t is infinite or 0 */
  double p_random;
} ink_paired;

/* a [n], b [n] of the same people. */
ink_status ink_paired_test(const ink_metric *metric, const double *a, const double *b, const double *weights, uint32_t n,
                           const ink_resampling *how, const ink_train_env *env, ink_paired *out);

/* P(|T| >= |t|) for T of Student's distribution with `degrees` > 0; within 1e-12 or 1e-9 of the value. */
double ink_student_two_sided(double t, double degrees);

#endif
