/* descent.h - passes of stochastic gradient descent that are watched: the hidden choices are ranked ten times in a full run, the
 * best state is kept, and a run ends when `patience` looks brought nothing better. What is descended, the caller knows. */
#ifndef INK_DESCENT_H
#define INK_DESCENT_H

#include "positives.h"

typedef struct ink_descent {
  const char *name;               /* of the family: for progress and faults */
  uint32_t iterations, patience;
  const ink_positives *positives;
  ink_watch watch;                /* its ctx is for all doors */
  /* One pass and its mean loss. */
  ink_status (*pass)(void *ctx, uint32_t iteration, double *loss);
  /* Keeps the state as the best so far; the last one where nobody is watched. */
  void (*keep)(void *ctx);
} ink_descent;

/* INK_E_STOPPED, and what `pass` gives. */
ink_status ink_descend(const ink_descent *d, const ink_train_env *env);

/* The rate of a pass: falls linearly from `rate` to a twentieth of it. */
float ink_descent_rate(float rate, uint32_t iteration, uint32_t iterations);

/* INK_E_DIVERGED (told, with the pass and what to set) unless all of x [n] is finite and within the cap of a pack. */
ink_status ink_descent_check(const float *x, size_t n, const char *name, const char *advice, uint32_t iteration, const ink_train_env *env);

#endif
