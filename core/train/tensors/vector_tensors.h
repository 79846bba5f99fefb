/* vector_tensors.h - item vectors as the tensors of a factor family (core/model/factor.h): what the pairwise and contrastive
 * trainers share of packing. */
#ifndef INK_VECTOR_TENSORS_H
#define INK_VECTOR_TENSORS_H

#include "dataset.h"
#include "factor.h"
#include "train.h"

/* Rows lie `stride` floats apart and are d long. */
typedef struct ink_vectors {
  const ink_trainer *trainer;     /* its name is the prefix; its settings become metadata */
  const double *values;           /* of its settings */
  uint32_t n_items, n_people, d, precision;
  size_t stride;
  const float *items;             /* [n_items, stride] */
  const float *fold;              /* the same: what an item adds to a person, or NULL */
  const float *bias;              /* [n_items] or NULL */
  const float *people;            /* [n_people, stride] as training left them, or NULL: no part of the pack */
  float settings[FACTOR_N_SETTINGS];
} ink_vectors;

/* Adds <prefix>.items, .fold, .bias and .settings, metadata, people_vectors, and the popular family that closes the chain. */
ink_status ink_vector_tensors(const ink_vectors *v, const ink_dataset *data, const ink_train_env *env, ink_trained *out);

#endif
