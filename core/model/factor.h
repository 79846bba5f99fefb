/* factor.h - matrix factorization: item vectors in the pack, the person's vector by one ridge solve.
 * This header is for the two files of the family; others use ink_family_als through model.h.
 *
 * N items, d factors, m unknowns (d, and one more for the person's bias in explicit mode). */
#ifndef INK_FACTOR_H
#define INK_FACTOR_H

#include "model.h"

extern const ink_family ink_family_als;

/* `<prefix>.settings`, by index. */
enum { FACTOR_MODE, FACTOR_UNOBSERVED, FACTOR_A_SCALE, FACTOR_A_SHIFT, FACTOR_B_SCALE, FACTOR_B_SHIFT,
       FACTOR_LAMBDA, FACTOR_NU, FACTOR_BIAS_LAMBDA, FACTOR_MEAN, FACTOR_LOWEST, FACTOR_HIGHEST,
       FACTOR_N_SETTINGS };

typedef struct ink_factor {
  const ink_kernels *kernels;
  ink_rows rows;                  /* [N, d] what scores are defined on */
  ink_rows rows_i8;               /* int8 copy for a certified scan; data NULL = none */
  const float *settings;          /* [FACTOR_N_SETTINGS] */
  const float *gram;              /* [d, d] implicit mode */
  const float *bias;              /* [N] explicit mode */
  uint32_t max_events;
  uint32_t m;
  uint32_t stride;                /* m rounded up to 16: rows of a system, and gathered item vectors */
} ink_factor;

static inline bool ink_factor_is_explicit(const ink_factor *f) { return f->settings[FACTOR_MODE] == 1.0f; }

/* The bind door: factor_bind.c. */
ink_status ink_factor_bind(const ink_bind *bind, ink_bound *out);
/* Bytes of a state and of scratch: factor.c. False when they overflow. */
bool ink_factor_sizes(const ink_factor *f, ink_bound *out);

#endif
