/* rating_model.h - factor models of ratings that are not solved in closed form: biased matrix factorization and SVD++ by
 * stochastic gradient descent (Funk 2006; Koren 2008), nonnegative factors by coordinate descent. Mode by mode they predict
 *     mean + b_u + b_i + (p_u + |N_u|^-1/2 sum_j c_j y_j) . q_i        (svd: without y; nmf: p, q >= 0)
 * over the observations of als_data.h: b = rating - mean, a = c = confidence. |N| is the sum of c. */
#ifndef INK_RATING_MODEL_H
#define INK_RATING_MODEL_H

#include "als_data.h"
#include "factor_tensors.h"

typedef struct ink_rating_options {
  uint32_t d, epochs;
  float rate, decay;              /* the step of epoch t is rate * decay^t */
  float lambda, bias_lambda;      /* of each observation's step */
  float init_scale;               /* deviation of the first vectors' elements */
  bool implicit;                  /* with y: SVD++ */
  uint64_t seed;
} ink_rating_options;

typedef struct ink_rating_model {
  uint32_t n_people, n_items, d;
  float *people, *items;          /* [n_people, d], [n_items, d] */
  float *implicit;                /* [n_items, d] y, or NULL */
  float *person_bias, *item_bias; /* [n_people], [n_items] */
} ink_rating_model;

/* Random vectors (normal; their magnitudes where `positive`), zero biases and y. */
ink_status ink_rating_new(const ink_rating_options *o, uint32_t n_people, uint32_t n_items, bool positive, const ink_allocator *allocator,
                          ink_rating_model *out);
void ink_rating_free(ink_rating_model *m, const ink_allocator *allocator);

/* One pass over all people in an order of its own, each observation one step; work [2 d + n_people] floats.
 * False when the numbers ran away. One worker: SVD++ ties all items of a person together. */
bool ink_rating_epoch(const ink_rating_options *o, const ink_als_matrix *people_by_items, uint32_t epoch, float *work, ink_rating_model *m);

/* to [d] += |N|^-1/2 sum c y over the person's observations. */
void ink_rating_add_choices(const ink_rating_model *m, const ink_als_matrix *people_by_items, uint32_t person, float *to);

/* One pass of coordinate descent over all rows of one side, every element in turn at its exact minimum, not below 0:
 *   sum a (b - own_r . other_i)^2 + lambda n |own_r|^2. Rows are independent. */
ink_status ink_rating_positive_pass(const ink_als_matrix *rows, const float *other, uint32_t d, float lambda, const ink_train_env *env, float *own);

/* People set aside from training, whose hidden ratings tell how well a fold predicts. */
typedef struct ink_rating_aside {
  ink_als_matrix rest, aside;     /* aside: what a person shows stands first in each row */
  uint32_t *shown;                /* [aside.n_rows] */
} ink_rating_aside;
/* A tenth of the people, at most 2000; none (aside.n_rows 0) where that is fewer than 20. */
ink_status ink_rating_set_aside(const ink_als_matrix *people_by_items, uint64_t seed, const ink_train_env *env, ink_rating_aside *out);
void ink_rating_aside_free(ink_rating_aside *a, const ink_allocator *allocator);

/* Searches the two ridges of parts->settings (as they stand: the start) that predict the hidden ratings best, folding with the
 * family that serves them. `fixed` [2]: true keeps that one. mean: what b lacks of a rating. */
ink_status ink_rating_fit_fold(const ink_rating_aside *a, float mean, const ink_factor_parts *parts, const bool fixed[2], const ink_train_env *env,
                               float settings[FACTOR_N_SETTINGS]);

#endif
