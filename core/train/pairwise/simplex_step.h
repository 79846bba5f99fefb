/* simplex_step.h - private to simplex.c and simplex_step.c: one step on a batch of people. */
#ifndef INK_SIMPLEX_STEP_H
#define INK_SIMPLEX_STEP_H

#include "gemm.h"
#include "simplex.h"

/* Everything that a step reads and writes. */
typedef struct ink_simplex_step {
  const ink_simplex_options *o;
  const ink_positives *positives;
  const ink_train_env *env;
  const ink_gemm *gemm;
  ink_simplex_model *model;
  float rate;                     /* of this pass */
  /* the batch */
  const uint32_t *people;         /* [n_people] with two choices or more */
  uint32_t n_people;
  uint64_t *starts;               /* [n_people + 1] places of their choices in `k` */
  uint64_t cap_entries;
  const uint32_t *negatives;      /* [n_negatives] different items */
  uint32_t n_negatives;
  uint32_t *slot;                 /* [n_items] place among the negatives, or INK_NONE */
  float *negative_rows;           /* [n_negatives, stride] their vectors before the step */
  /* what its people found */
  float *sum, *unit, *away, *pull;        /* [batch, stride] S, q, dq, and dL/dS */
  float *coefficient;             /* [batch, n_negatives] dL/d(q.y_j) */
  float *k;                       /* [entries] what S counts in the gradient of each choice */
  double *loss;                   /* [batch] */
  /* items */
  float *gradient;                /* [n_items, stride] zero between steps */
  float *squares;                 /* [n_items] sum of |g|^2 so far */
  uint8_t *touched;               /* [n_items] */
  uint8_t *scratch;               /* [n_workers, scratch_bytes] of gemm */
  size_t scratch_bytes;
} ink_simplex_step;

/* One step; the sum of the loss over the batch's choices. */
double ink_simplex_step_run(ink_simplex_step *s);

#endif
