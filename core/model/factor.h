/* factor.h - matrix factorization: item vectors in the pack, the person's vector made from the history on the device.
 * This header is for the files of the families; others use them through model.h.
 *
 * N items, d factors, m unknowns (d, and one more for the person's bias where there are ratings).
 * Tensors under the family's prefix: items [N, d], items8, settings, gram [d, d], bias [N], fold [N, d]. */
#ifndef INK_FACTOR_H
#define INK_FACTOR_H

#include "merge.h"
#include "model.h"

extern const ink_family ink_family_content_vectors, ink_family_bpr, ink_family_warp, ink_family_simplex, ink_family_item2vec;
extern const ink_family ink_family_als, ink_family_svd, ink_family_pure_svd, ink_family_svdpp, ink_family_nmf;

/* `<prefix>.settings`, by index. */
enum { FACTOR_MODE, FACTOR_UNOBSERVED, FACTOR_A_SCALE, FACTOR_A_SHIFT, FACTOR_B_SCALE, FACTOR_B_SHIFT,
       FACTOR_LAMBDA, FACTOR_NU, FACTOR_BIAS_LAMBDA, FACTOR_MEAN, FACTOR_LOWEST, FACTOR_HIGHEST,
       FACTOR_N_SETTINGS };
/* In gradient mode four places hold: how often the events are met at most, the size of a step, steps after which no further
 * pass begins (0: none), and draws for each step. */
enum { FACTOR_PASSES = FACTOR_UNOBSERVED, FACTOR_RATE = FACTOR_A_SCALE, FACTOR_STEPS = FACTOR_A_SHIFT, FACTOR_CANDIDATES = FACTOR_B_SCALE };

/* settings[FACTOR_MODE]: how observations make a vector. */
enum { FACTOR_IMPLICIT, FACTOR_EXPLICIT, FACTOR_SUMS, FACTOR_GRADIENT, FACTOR_NONNEGATIVE, FACTOR_N_MODES };

typedef struct ink_factor {
  const ink_kernels *kernels;
  ink_rows rows;                  /* [N, d] what scores are defined on */
  ink_rows rows_i8;               /* int8 copy for a certified scan; data NULL = none */
  ink_rows fold;                  /* [N, d] what an item adds to the person's vector; data NULL = none */
  const float *settings;          /* [FACTOR_N_SETTINGS] */
  const float *gram;              /* [d, d] implicit mode */
  const float *bias;              /* [N], or NULL */
  uint32_t mode, max_events;
  bool rated;                     /* explicit and nonnegative: predicts ratings, with a bias of the person */
  uint32_t m;
  uint32_t stride;                /* m rounded up to 16: rows of a system, and gathered item vectors */
} ink_factor;

typedef struct ink_factor_state {
  float *sum;                     /* [m, stride] A without its ridge, lower triangle */
  float *l;                       /* [m, stride] its Cholesky factor with the ridge */
  float *rhs;                     /* [stride] */
  float *x;                       /* [stride] q, and with ratings u at [d] */
  uint32_t *item;                 /* [max_events] observation j: its item, */
  uint32_t *past;                 /*   the history index of its reason, */
  float *a, *b;                   /*   its coefficients */
  uint32_t n;                     /* observations */
  float share;                    /* what a fold row is multiplied by, beside its coefficient */
} ink_factor_state;

/* The bind door: factor_bind.c. */
ink_status ink_factor_bind(const ink_bind *bind, ink_bound *out);
/* Bytes of a state and of scratch: factor.c. False when they overflow. */
bool ink_factor_sizes(const ink_factor *f, ink_bound *out);
/* Row of `item` as x [stride]: widened, the 1 of the person's bias, zeros: factor.c. */
void ink_factor_row(const ink_factor *f, const ink_rows *rows, uint32_t item, float *x);
/* x of A x = rhs under x >= 0 but for the person's bias. A, with its ridge, comes in s->l, which becomes its Cholesky
 * factor over the unknowns that are not zero; s->rhs is spent. INK_E_SINGULAR: not definite. factor_nonnegative.c. */
ink_status ink_factor_nonnegative(const ink_factor *f, ink_factor_state *s);

/* x by gradient steps, a_j what observation j adds to it, rhs the mean of the items it was held against. factor_gradient.c. */
ink_status ink_factor_gradient(const ink_factor *f, ink_factor_state *s, ink_arena *scratch);

#endif
