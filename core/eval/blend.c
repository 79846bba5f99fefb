/* blend.c - see blend.h: all people together first, then each bucket, drawn towards that. */
#include "blend.h"

#include "blend_fit.h"
#include "fault.h"
#include "utf8.h"
#include "base.h"

static ink_status fit_bucket(const ink_blend_task *t, uint32_t bucket, const double *start, double *weights, uint32_t *n) {
  double value;
  if (t->options->is_explicit) return ink_blend_rate(t, bucket, weights, n);
  return ink_blend_rank(t, bucket, start, weights, n, &value);
}

static ink_status fit_all(const ink_blend_task *t, ink_blend *out) {
  double all[INK_BLEND_MEMBERS + 1] = { 0 };
  uint32_t n;
  INK_TRY(fit_bucket(t, INK_BLEND_ALL, NULL, all, &n));
  if (n == 0) return ink_refuse(t->env->fault, INK_E_DATA_EMPTY, ink_text_of("blend"), "at least one person with held-back events of known items");
  for (uint32_t b = 0; b < t->options->n_buckets; b++) {
    double own[INK_BLEND_MEMBERS + 1] = { 0 };
    INK_TRY(fit_bucket(t, b, all, own, &out->n_samples[b]));
    const double trust = (double)out->n_samples[b] / ((double)out->n_samples[b] + INK_BLEND_PRIOR);
    for (uint32_t i = 0; i <= t->options->n_members; i++) out->weights[b][i] = trust * own[i] + (1.0 - trust) * all[i];
  }
  return INK_OK;
}

/* Each bucket's people by their own weights: the mean over all. */
static ink_status measure_ranking(const ink_blend_task *t, ink_blend *out) {
  const uint32_t n_members = t->options->n_members;
  double sum = 0.0, people = 0.0, value;
  uint32_t n;
  for (uint32_t m = 0; m < n_members; m++) {
    double alone[INK_BLEND_MEMBERS] = { 0 };
    alone[m] = 1.0;
    INK_TRY(ink_blend_rank_value(t, INK_BLEND_ALL, alone, &n, &out->alone[m]));
  }
  for (uint32_t b = 0; b < t->options->n_buckets; b++) {
    INK_TRY(ink_blend_rank_value(t, b, out->weights[b], &n, &value));
    sum += value * n;
    people += n;
  }
  out->blended = sum / people;
  return INK_OK;
}

static ink_status measure(const ink_blend_task *t, ink_blend *out) {
  if (!t->options->is_explicit) return measure_ranking(t, out);
  for (uint32_t m = 0; m < t->options->n_members; m++) out->alone[m] = ink_blend_rate_alone(t, m);
  ink_blend_rate_value(t, out, &out->blended);
  return INK_OK;
}

ink_status ink_blend_fit(const ink_pack *pack, const ink_dataset *history, const ink_dataset *held, const ink_blend_options *options,
                         const ink_train_env *env, ink_blend *out) {
  ink_blend_samples samples;
  const ink_blend_task task = { options, &samples, env };
  *out = (ink_blend){ .blended = 0.0 };
  ink_status status = ink_blend_samples_make(&samples, pack, history, held, options, env);
  if (status == INK_OK) status = fit_all(&task, out);
  if (status == INK_OK) status = measure(&task, out);
  ink_blend_samples_free(&samples);
  return status;
}
