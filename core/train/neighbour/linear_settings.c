/* linear_settings.c - see linear_settings.h. */
#include "linear_settings.h"

#include "fit_popular.h"
#include "linear_items.h"
#include "mem.h"
#include "base.h"

static void name_into(char *to, const char *prefix, const char *suffix) {
  size_t n = 0;
  while (prefix[n]) to[n] = prefix[n], n++;
  for (size_t i = 0; suffix[i]; i++) to[n++] = suffix[i];
  to[n] = 0;
}

ink_status ink_linear_settings(ink_trained *out, const char *prefix, const ink_linear_rule *rule, const float *bias, uint32_t n_items) {
  const uint32_t n_settings = LINEAR_N_SETTINGS;
  char name[64];
  void *data;
  name_into(name, prefix, ".settings");
  INK_TRY(ink_trained_tensor(out, name, INK_DTYPE_F32, 1, &n_settings, &data));
  float *s = data;
  s[LINEAR_MODE] = rule->is_mean ? 1.0f : 0.0f;
  s[LINEAR_SHRINK] = rule->shrink;
  s[LINEAR_MEAN] = rule->mean;
  s[LINEAR_PERSON_SHRINK] = rule->person_shrink;
  s[LINEAR_LOWEST] = rule->lowest;
  s[LINEAR_HIGHEST] = rule->highest;
  if (!rule->is_mean) return INK_OK;
  name_into(name, prefix, ".bias");
  INK_TRY(ink_trained_tensor(out, name, INK_DTYPE_F32, 1, &n_items, &data));
  ink_mem_copy(data, bias, n_items * sizeof *bias);
  return INK_OK;
}

ink_status ink_linear_sums(const ink_pairs_job *job, const ink_dataset *data, const ink_train_env *env, ink_trained *out) {
  INK_TRY(ink_pairs_build(job, env, out));
  INK_TRY(ink_linear_settings(out, job->prefix, &(ink_linear_rule){ .is_mean = false }, NULL, job->n_items));
  return ink_popular_tensor(data, env, out);
}
