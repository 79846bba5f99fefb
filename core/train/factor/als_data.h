/* als_data.h - what alternating least squares is fitted to: a data set's events as one observation a pair. */
#ifndef INK_ALS_DATA_H
#define INK_ALS_DATA_H

#include "dataset.h"
#include "train.h"

/* Observations, row by row. Two numbers each:
 *   implicit   a = confidence above the unobserved weight, b = the pull (confidence * preference 1)
 *   explicit   a = confidence, b = rating - mean */
typedef struct ink_als_matrix {
  uint32_t n_rows, n_cols;
  uint64_t n_values;
  uint64_t *starts;               /* [n_rows + 1] */
  uint32_t *cols;                 /* [n_values] */
  float *a, *b;                   /* [n_values] */
} ink_als_matrix;

/* The numbers of `als.settings` that turn an event's weight or rating into an observation. */
typedef struct ink_als_rule {
  bool is_explicit;
  float a_scale, a_shift, b_scale, b_shift;       /* implicit */
  float mean, lowest, highest;                    /* explicit; ink_als_observe() finds them */
} ink_als_rule;

/* The events of a pair become one observation exactly as a fold on the device makes it: weights are summed in event
 * order, the last rating counts, the order of first appearance stays. Pairs without weight and rating are left out.
 * Explicit: rule->mean, lowest, highest are filled in first. */
ink_status ink_als_observe(const ink_dataset *d, ink_als_rule *rule, const ink_train_env *env, ink_als_matrix *people_by_items);

ink_status ink_als_transpose(const ink_als_matrix *m, const ink_train_env *env, ink_als_matrix *out);
/* Rows in which keep[r] == wanted, in order, all columns. */
ink_status ink_als_select(const ink_als_matrix *m, const uint8_t *keep, uint8_t wanted, const ink_train_env *env, ink_als_matrix *out);
void ink_als_matrix_free(ink_als_matrix *m, const ink_allocator *allocator);

#endif
