/* blend_fit.h - the two ways from a table of samples to weights: choices (ranking) and ratings. For core/eval only. */
#ifndef INK_BLEND_FIT_H
#define INK_BLEND_FIT_H

#include "blend_samples.h"

typedef struct ink_blend_task {
  const ink_blend_options *options;
  const ink_blend_samples *samples;
  const ink_train_env *env;
} ink_blend_task;

#define INK_BLEND_ALL UINT32_MAX  /* in place of a bucket: the samples of all */

/* weights [n_members] out, sum 1, from the samples of one bucket; `start` [n_members] may be NULL. *n: how many samples there
 * were; with none, weights are not touched. *value: the metric reached. */
ink_status ink_blend_rank(const ink_blend_task *task, uint32_t bucket, const double *start, double *weights, uint32_t *n, double *value);
/* The metric of given weights. */
ink_status ink_blend_rank_value(const ink_blend_task *task, uint32_t bucket, const double *weights, uint32_t *n, double *value);

/* weights [n_members + 1] out, the constant last; *value: root of the mean squared error. */
ink_status ink_blend_rate(const ink_blend_task *task, uint32_t bucket, double *weights, uint32_t *n);
void ink_blend_rate_value(const ink_blend_task *task, const ink_blend *blend, double *value);
/* The error of member m alone after its best constant and factor. */
double ink_blend_rate_alone(const ink_blend_task *task, uint32_t m);

/* Least of 1/2 w'Hw - b'w over w >= 0; H [n, n] positive definite, w [n] the start. Coordinate descent. */
void ink_blend_nonnegative(const double *h, const double *b, uint32_t n, double *w);

#endif
