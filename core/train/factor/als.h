/* als.h - alternating least squares between the data and the pack: options, model, and the steps of a fit.
 * fit_als.c turns settings into options and a model into tensors; everything else is behind this header.
 *
 * Implicit (Hu, Koren & Volinsky 2008, with the regularization of Rendle et al. 2022): over people u and items i,
 *     sum_obs a (x.y - b/a)^2 + a0 sum_all c_i (x.y)^2 + sum_u R_u |x_u|^2 + sum_i R_i |y_i|^2,
 *     R_u = lambda (n_u + a0 N)^nu, R_i = lambda (n_i + a0 c_i U)^nu for N items, U people.
 * c_i grows with an item's observations, mean 1: not to choose what everybody meets says more than not to choose what
 * hardly anybody has seen (He et al. 2016).
 * Explicit (Koren, Bell & Volinsky 2009): over the observed,
 *     sum a (r - mean - b_u - b_i - x.y)^2 + lambda n^nu (|x|^2, |y|^2) + bias_lambda (b_u^2, b_i^2). */
#ifndef INK_ALS_H
#define INK_ALS_H

#include "als_data.h"

typedef struct ink_als_options {
  ink_als_rule rule;
  uint32_t d, iterations;
  uint32_t cg_steps, block;                       /* as als_solve.h has them; both 0: exact */
  float unobserved;                               /* a0, implicit */
  float popularity;                               /* c_i goes with n_i to this power; 0: all are 1 */
  float lambda, nu, bias_lambda;
  float init_scale;
  uint64_t seed;
} ink_als_options;

/* One side: vectors, and in explicit mode biases. */
typedef struct ink_als_side {
  uint32_t n;
  float *vectors;                 /* [n, d] */
  float *bias;                    /* [n], or NULL */
  float *weight;                  /* [n] c_i of items, or NULL = all 1 */
} ink_als_side;

/* Ridge of a half step; of training, or of a fold. */
typedef struct ink_als_ridge { float lambda, nu, bias_lambda; } ink_als_ridge;

/* A progress bar over several fits. */
typedef struct ink_als_clock { uint64_t done, total; } ink_als_clock;

/* ---- als_half.c, als_basis.c */

/* Solves every row of `matrix` (rows = own, columns = other). In implicit mode `other` is first turned to the axes
 * in which its Gram matrix is diagonal, which changes no score. `own` is where conjugate gradients and blocks start: it
 * is turned along; an exact solve overwrites it unseen. */
ink_status ink_als_half_step(const ink_als_options *options, const ink_als_ridge *ridge, const ink_als_matrix *matrix,
                             ink_als_side *other, ink_als_side *own, const ink_train_env *env);

/* gram [d, d] = sum of weight * v v^T over the rows. Fixed shards, added in order. */
ink_status ink_als_gram(const ink_als_side *side, uint32_t d, const ink_train_env *env, double *gram);
/* Rotates the vectors of `side` in place so that their Gram matrix is diagonal, spectrum [d] >= 0; and those of
 * `partner` (may be NULL) with them, so that scores between the two stay what they were. */
ink_status ink_als_diagonalise(ink_als_side *side, ink_als_side *partner, uint32_t d, const ink_train_env *env, float *spectrum);

/* ---- als_model.c */

typedef struct ink_als_model { ink_als_side people, items; } ink_als_model;

ink_status ink_als_side_new(ink_als_side *side, uint32_t n, const ink_als_options *options, const ink_allocator *allocator);
void ink_als_side_free(ink_als_side *side, const ink_allocator *allocator);
/* `model` is written on success only. */
ink_status ink_als_fit(const ink_als_options *options, const ink_als_matrix *people_by_items, const ink_train_env *env,
                       ink_als_clock *clock, ink_als_model *model);
void ink_als_model_free(ink_als_model *model, const ink_allocator *allocator);

/* ---- als_fold.c */

/* Fits the ridge of folding: trains without a tenth of the people (at most 2000), folds these in from four fifths of their
 * observations and searches the ridge that tells the hidden fifth best: explicit by squared error, implicit by NDCG@100.
 * With fewer than 20 such people, *ridge is that of training. */
ink_status ink_als_fit_fold(const ink_als_options *options, const ink_als_matrix *people_by_items, const ink_train_env *env,
                            ink_als_clock *clock, ink_als_ridge *ridge);

#endif
