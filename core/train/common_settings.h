/* common_settings.h - settings that trainers of several families share: the words they may be given, and what data say. */
#ifndef INK_COMMON_SETTINGS_H
#define INK_COMMON_SETTINGS_H

#include "dataset.h"
#include "train.h"

enum { INK_FEEDBACK_AUTO, INK_FEEDBACK_IMPLICIT, INK_FEEDBACK_EXPLICIT };
extern const char *const ink_feedback_words[];    /* "auto", "implicit", "explicit", NULL */
extern const char *const ink_yes_words[];         /* "no", "yes", NULL */
extern const char *const ink_weights_words[];     /* "int8", "f32", NULL: how weights are stored; index 1 is ink_pairs_job.f32 */

/* `auto` is explicit where ratings differ. INK_E_SETTING when explicit is asked for and they do not. */
ink_status ink_choose_feedback(const ink_dataset *data, uint32_t feedback, const ink_train_env *env, bool *is_explicit);

#endif
