/* linear_settings.h - what the trainers of item-item weights share: the settings tensor of core/model/linear_items.h. */
#ifndef INK_LINEAR_SETTINGS_H
#define INK_LINEAR_SETTINGS_H

#include "dataset.h"
#include "item_pairs.h"
#include "train.h"

typedef struct ink_linear_rule {
  bool is_mean;
  float shrink, mean, person_shrink, lowest, highest;
} ink_linear_rule;

/* Adds <prefix>.settings and, for means, <prefix>.bias [n_items]. */
ink_status ink_linear_settings(ink_trained *out, const char *prefix, const ink_linear_rule *rule, const float *bias, uint32_t n_items);

/* Builds the weights of a family that scores by sums: pairs, settings, and the popular family that closes the chain. */
ink_status ink_linear_sums(const ink_pairs_job *job, const ink_dataset *data, const ink_train_env *env, ink_trained *out);

#endif
