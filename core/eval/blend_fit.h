/* blend_fit.h - the two ways from a table of samples to weights: choices (ranking) and ratings. Both are told which people may
 * be looked at, so that weights can be judged on others than those they were fitted on. For core/eval only. */
#ifndef INK_BLEND_FIT_H
#define INK_BLEND_FIT_H

#include "blend_samples.h"

#define INK_BLEND_HALVES 2u

typedef struct ink_blend_task {
  const ink_blend_options *options;
  const ink_blend_samples *samples;
  const ink_train_env *env;
  uint32_t half;                  /* of the people, that is looked at: 0, 1, or INK_BLEND_HALVES: both */
} ink_blend_task;

#define INK_BLEND_ALL UINT32_MAX  /* in place of a bucket: everybody, with all of the history */

static inline bool ink_blend_takes(const ink_blend_task *task, uint32_t sample, uint32_t bucket) {
  const ink_blend_sample *s = &task->samples->samples[sample];
  if (s->n_rows == 0 || (task->half != INK_BLEND_HALVES && s->person % INK_BLEND_HALVES != task->half)) return false;
  return bucket == INK_BLEND_ALL ? s->is_whole : s->bucket == bucket;
}

/* weights [n_members] out, sum 1, from the samples of one bucket; `start` [n_members] may be NULL. *n: how many samples there
 * were; with none, weights are not touched. */
ink_status ink_blend_rank(const ink_blend_task *task, uint32_t bucket, const double *start, double *weights, uint32_t *n);
/* The metric of given weights: each bucket's on everybody (INK_BLEND_ALL) who falls into it. *n: people. */
ink_status ink_blend_rank_value(const ink_blend_task *task, const ink_blend *blend, uint32_t *n, double *value);

/* weights [n_members + 1] out, the constant last, of the members whose bit is in `members`; the others weigh 0. */
void ink_blend_rate(const ink_blend_task *task, uint32_t bucket, uint32_t members, double *weights, uint32_t *n);
/* The mean squared error of everybody (INK_BLEND_ALL). *n: ratings. */
void ink_blend_rate_value(const ink_blend_task *task, const ink_blend *blend, uint32_t *n, double *value);

/* Least of 1/2 w'Hw - b'w over w >= 0; H [n, n] positive definite, w [n] the start. Coordinate descent. */
void ink_blend_nonnegative(const double *h, const double *b, uint32_t n, double *w);

#endif
