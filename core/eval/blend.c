/* blend.c - see blend.h: all people together first, then each bucket, drawn towards that. What the blend is worth is found on
 * people whom its weights were not fitted on: each half of the people by the weights of the other.
 * Reading order: one fit, its worth, the choice between the blend and its best member. */
#include "blend.h"

#include "blend_fit.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define LEAST_SHARE 0.02          /* of a weight in the sum of a bucket's; choices */

enum { M = INK_BLEND_MEMBERS };

/* --------------------------------------------------------------------- fits */

/* `members`: their bits. One member alone needs no fit for choices: its weight is 1. */
static ink_status fit_bucket(const ink_blend_task *t, uint32_t bucket, uint32_t members, const double *start, double *weights, uint32_t *n) {
  if (t->options->is_explicit) {
    ink_blend_rate(t, bucket, members, weights, n);
    return INK_OK;
  }
  return ink_blend_rank(t, bucket, start, weights, n);
}

/* Weights of all buckets from the half that `t` looks at. */
static ink_status fit(const ink_blend_task *t, uint32_t members, ink_blend *out) {
  double all[M + 1] = { 0 };
  uint32_t n;
  INK_TRY(fit_bucket(t, INK_BLEND_ALL, members, NULL, all, &n));
  if (n == 0) return INK_E_DATA_EMPTY;
  for (uint32_t b = 0; b < t->options->n_buckets; b++) {
    double own[M + 1] = { 0 };
    INK_TRY(fit_bucket(t, b, members, all, own, &out->n_samples[b]));
    const double trust = (double)out->n_samples[b] / ((double)out->n_samples[b] + INK_BLEND_PRIOR);
    for (uint32_t i = 0; i <= t->options->n_members; i++) out->weights[b][i] = trust * own[i] + (1.0 - trust) * all[i];
  }
  return INK_OK;
}

/* Choices: all weight to one member. */
static void give_all(const ink_blend_options *o, uint32_t member, ink_blend *out) {
  for (uint32_t b = 0; b < o->n_buckets; b++) {
    for (uint32_t i = 0; i <= o->n_members; i++) out->weights[b][i] = i == member ? 1.0 : 0.0;
  }
}

static ink_status fit_alone(const ink_blend_task *t, uint32_t member, ink_blend *out) {
  if (t->options->is_explicit) return fit(t, 1u << member, out);
  give_all(t->options, member, out);
  return INK_OK;
}

/* ---------------------------------------------------------------- the worth */

/* The sum over the people of the task's half, of a metric or of squared errors. */
static ink_status worth(const ink_blend_task *t, const ink_blend *blend, double *sum, double *n) {
  double value = 0.0;
  uint32_t counted = 0;
  if (t->options->is_explicit) ink_blend_rate_value(t, blend, &counted, &value);
  else INK_TRY(ink_blend_rank_value(t, blend, &counted, &value));
  if (counted > 0) *sum += value * counted;
  *n += counted;
  return INK_OK;
}

/* The worth of a member (INK_BLEND_MEMBERS: of the blend) on people whom it was not fitted on. With one half empty there are no
 * such people, and those it was fitted on are asked. */
static ink_status cross(const ink_blend_task *whole, uint32_t member, double *value) {
  const uint32_t everybody = (1u << whole->options->n_members) - 1;
  double sum = 0.0, n = 0.0;
  for (uint32_t half = 0; half < INK_BLEND_HALVES; half++) {
    ink_blend_task other = *whole, own = *whole;
    ink_blend fitted = { .blended = 0.0 };
    other.half = INK_BLEND_HALVES - 1 - half;
    own.half = half;
    ink_status status = member < M ? fit_alone(&other, member, &fitted) : fit(&other, everybody, &fitted);
    if (status == INK_E_DATA_EMPTY) status = member < M ? fit_alone(&own, member, &fitted) : fit(&own, everybody, &fitted);
    if (status == INK_OK) status = worth(&own, &fitted, &sum, &n);
    if (status != INK_OK && status != INK_E_DATA_EMPTY) return status;
  }
  *value = n > 0.0 ? sum / n : 0.0;
  if (whole->options->is_explicit) *value = ink_sqrt_f64(*value);
  return INK_OK;
}

/* --------------------------------------------------------------- the choice */

static bool better(const ink_blend_options *o, double a, double b) { return o->is_explicit ? a < b : a > b; }

/* Members that hardly speak in any bucket are left out, so that a pack need not carry them. */
static void silence(const ink_blend_options *o, ink_blend *out) {
  for (uint32_t m = 0; m < o->n_members; m++) {
    double most = 0.0;
    for (uint32_t b = 0; b < o->n_buckets; b++) most = out->weights[b][m] > most ? out->weights[b][m] : most;
    for (uint32_t b = 0; b < o->n_buckets && most < LEAST_SHARE; b++) out->weights[b][m] = 0.0;
  }
  for (uint32_t b = 0; b < o->n_buckets; b++) {
    double sum = 0.0;
    for (uint32_t m = 0; m < o->n_members; m++) sum += out->weights[b][m];
    for (uint32_t m = 0; m < o->n_members; m++) out->weights[b][m] /= sum;
  }
}

static ink_status choose(const ink_blend_task *t, ink_blend *out) {
  const ink_blend_options *o = t->options;
  uint32_t best = 0;
  INK_TRY(fit(t, (1u << o->n_members) - 1, out));
  INK_TRY(cross(t, M, &out->blended));
  for (uint32_t m = 0; m < o->n_members; m++) {
    INK_TRY(cross(t, m, &out->alone[m]));
    if (better(o, out->alone[m], out->alone[best])) best = m;
  }
  out->is_blend = o->n_members > 1 && better(o, out->blended, out->alone[best]);
  if (!out->is_blend) return fit_alone(t, best, out);
  if (!o->is_explicit) silence(o, out);
  return INK_OK;
}

ink_status ink_blend_fit(const ink_pack *pack, const ink_dataset *history, const ink_dataset *held, const ink_blend_options *options,
                         const ink_train_env *env, ink_blend *out) {
  ink_blend_samples samples;
  const ink_blend_task task = { options, &samples, env, INK_BLEND_HALVES };
  *out = (ink_blend){ .blended = 0.0 };
  ink_status status = ink_blend_samples_make(&samples, pack, history, held, options, env);
  if (status == INK_OK) {
    status = choose(&task, out);
    if (status == INK_E_DATA_EMPTY)
      status = ink_refuse(env->fault, status, ink_text_of("blend"), "at least one person with held-back events of known items");
  }
  ink_blend_samples_free(&samples);
  return status;
}

bool ink_blend_speaks(const ink_blend *blend, const ink_blend_options *options, uint32_t member) {
  for (uint32_t b = 0; b < options->n_buckets; b++)
    if (blend->weights[b][member] > 0.0) return true;
  return false;
}
