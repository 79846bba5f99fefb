/* factor_tensors.h - a trained factor model as the tensors of core/model/factor.h, under any of its families' prefixes. */
#ifndef INK_FACTOR_TENSORS_H
#define INK_FACTOR_TENSORS_H

#include "factor.h"
#include "train.h"

typedef struct ink_factor_parts {
  const char *prefix;             /* of the tensors: "pure_svd", at most 16 bytes */
  uint32_t n, d, precision;       /* INK_PRECISION_* of the items; fold rows are stored alike, but int8 without a copy */
  float settings[FACTOR_N_SETTINGS];
  float *items;                   /* [n, d] io: becomes what the stored rows stand for */
  const float *bias;              /* [n] or NULL */
  float *fold;                    /* [n, d] io, or NULL */
} ink_factor_parts;

/* INK_E_DIVERGED, with a fault, when a value does not fit the precision. */
ink_status ink_factor_tensors(const ink_factor_parts *parts, const ink_train_env *env, ink_trained *out);

#endif
