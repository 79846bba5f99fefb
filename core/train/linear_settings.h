/* linear_settings.h - what the trainers of item-item weights share: choosing feedback, and the settings tensor of
 * core/model/linear_items.h. */
#ifndef INK_LINEAR_SETTINGS_H
#define INK_LINEAR_SETTINGS_H

#include "dataset.h"
#include "item_pairs.h"
#include "train.h"

enum { INK_FEEDBACK_AUTO, INK_FEEDBACK_IMPLICIT, INK_FEEDBACK_EXPLICIT };
extern const char *const ink_feedback_words[];    /* "auto", "implicit", "explicit", NULL */
extern const char *const ink_yes_words[];         /* "no", "yes", NULL */
extern const char *const ink_weights_words[];     /* "int8", "f32", NULL: how weights are stored; index 1 is ink_pairs_job.f32 */

/* `auto` is explicit where ratings differ. INK_E_SETTING when explicit is asked for and they do not. */
ink_status ink_choose_feedback(const ink_dataset *data, uint32_t feedback, const ink_train_env *env, bool *is_explicit);

typedef struct ink_linear_rule {
  bool is_mean;
  float shrink, mean, person_shrink, lowest, highest;
} ink_linear_rule;

/* Adds <prefix>.settings and, for means, <prefix>.bias [n_items]. */
ink_status ink_linear_settings(ink_trained *out, const char *prefix, const ink_linear_rule *rule, const float *bias, uint32_t n_items);

/* Builds the weights of a family that scores by sums: pairs, settings, and the popular family that closes the chain. */
ink_status ink_linear_sums(const ink_pairs_job *job, const ink_dataset *data, const ink_train_env *env, ink_trained *out);

#endif
