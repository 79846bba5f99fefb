/* common_settings.c - see common_settings.h. */
#include "common_settings.h"

#include "fault.h"
#include "utf8.h"
#include "base.h"

const char *const ink_feedback_words[] = { "auto", "implicit", "explicit", NULL };
const char *const ink_yes_words[] = { "no", "yes", NULL };
const char *const ink_weights_words[] = { "int8", "f32", NULL };

ink_status ink_choose_feedback(const ink_dataset *data, uint32_t feedback, const ink_train_env *env, bool *is_explicit) {
  const bool rated = data->value_max > data->value_min;
  if (feedback == INK_FEEDBACK_EXPLICIT && !rated)
    return ink_refuse_found(env->fault, INK_E_SETTING, ink_text_of("feedback"), "explicit", "implicit: the data has no ratings that differ");
  *is_explicit = feedback == INK_FEEDBACK_EXPLICIT || (feedback == INK_FEEDBACK_AUTO && rated);
  return INK_OK;
}
