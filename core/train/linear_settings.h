/* linear_settings.h - what the trainers of item-item weights share: choosing feedback, and the settings tensor of
 * core/model/linear_items.h. */
#ifndef INK_LINEAR_SETTINGS_H
#define INK_LINEAR_SETTINGS_H

#include "dataset.h"
#include "train.h"

enum { INK_FEEDBACK_AUTO, INK_FEEDBACK_IMPLICIT, INK_FEEDBACK_EXPLICIT };
extern const char *const ink_feedback_words[];    /* "auto", "implicit", "explicit", NULL */
extern const char *const ink_yes_words[];         /* "no", "yes", NULL */

/* `auto` is explicit where ratings differ. INK_E_SETTING when explicit is asked for and they do not. */
ink_status ink_choose_feedback(const ink_dataset *data, uint32_t feedback, const ink_train_env *env, bool *is_explicit);

typedef struct ink_linear_rule {
  bool is_mean;
  float shrink, mean, person_shrink, lowest, highest;
} ink_linear_rule;

/* Adds <prefix>.settings and, for means, <prefix>.bias [n_items]. */
ink_status ink_linear_settings(ink_trained *out, const char *prefix, const ink_linear_rule *rule, const float *bias, uint32_t n_items);

#endif
