/* optimise.h - from gradients to new parameters: SGD, Adagrad, Adam, AdamW; clipping; schedules.
 * Rows of a table that no batch touched are skipped (lazy Adam): their moments do not decay meanwhile. */
#ifndef INK_OPTIMISE_H
#define INK_OPTIMISE_H

#include "tape.h"

enum { INK_SGD = 0, INK_ADAGRAD, INK_ADAM, INK_ADAMW };

typedef struct ink_optimiser {
  uint32_t kind;
  double rate;                    /* this step's learning rate: see ink_schedule() */
  double beta1, beta2, epsilon;   /* Adam: .9 .999 1e-8; Adagrad: epsilon alone; SGD: beta1 = momentum */
  double weight_decay;            /* AdamW: decoupled; others: added to the gradient */
  double clip;                    /* largest global norm of the gradients; 0 = none */
  uint64_t step;                  /* steps done */
} ink_optimiser;

/* Applies and clears the gradients of all params. Returns the global norm before clipping; when that is not
 * finite nothing is applied: *diverged. */
double ink_optimise(ink_optimiser *o, ink_param *const *params, uint32_t n_params, const ink_threads *threads, bool *diverged);

enum { INK_CONSTANT = 0, INK_LINEAR, INK_COSINE };
/* Rate at `step` of `total`: rises linearly over `warmup` steps, then constant, linear to 0 or a half cosine to 0. */
double ink_schedule(uint32_t kind, double peak, uint64_t step, uint64_t warmup, uint64_t total);

#endif
