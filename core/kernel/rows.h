/* rows.h - what a scan reads: a table of item vectors in one of four element types, and a query against it.
 * Families make queries, core/rank answers them; neither needs to know the other. */
#ifndef INK_ROWS_H
#define INK_ROWS_H

#include "kernel.h"

/* Rows of item vectors as a scan wants them. score(i) = dot(row i, vector) [+ bias[i]] + offset. */
typedef struct ink_rows {
  uint32_t dtype;                 /* INK_ROWS_* */
  uint32_t n, d;
  const void *data;               /* [n, d] */
  const float *scale;             /* [n], int8 only */
  const int32_t *sum;             /* [n], int8 only */
  const float *err;               /* [n], int8 only: norm of what rounding lost */
  /* Only where int8 rows stand beside the rows that they approximate (ink_query.rows_i8), made by bind: */
  const float *norm;              /* [n] ink_quant_norm() of each row */
  float norm_max, err_max;        /* the largest of each */
} ink_rows;

typedef struct ink_query {
  const ink_rows *rows;           /* what the score is defined on */
  const ink_rows *rows_i8;        /* int8 copy of `rows` for a certified short-cut, or NULL */
  const float *vector;            /* [d], inside the state */
  const float *bias;              /* [n] or NULL */
  float offset;
} ink_query;

#endif
