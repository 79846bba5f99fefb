/* descent.c - see descent.h. */
#include "descent.h"

#include "caps.h"
#include "fault.h"
#include "utf8.h"
#include "base.h"

#define LOOKS 10u                 /* in a full run */
#define LAST_RATE 0.05f

float ink_descent_rate(float rate, uint32_t iteration, uint32_t iterations) {
  const float left = 1.0f - (float)iteration / (float)iterations;
  return rate * (left > LAST_RATE ? left : LAST_RATE);
}

ink_status ink_descent_check(const float *x, size_t n, const char *name, const char *advice, uint32_t iteration, const ink_train_env *env) {
  size_t i = 0;
  while (i < n && x[i] < INK_CAP_MAGNITUDE && x[i] > -INK_CAP_MAGNITUDE) i++;      /* no comparison holds for NaN */
  if (i == n) return INK_OK;
  ink_refuse(env->fault, INK_E_DIVERGED, ink_text_of(name), advice);
  return ink_refuse_at(env->fault, INK_E_DIVERGED, "iteration", iteration + 1);
}

static ink_status tell(const ink_descent *d, const ink_train_env *env, uint32_t done, double loss, double metric) {
  const ink_progress p = { .stage = d->name, .done = done, .total = d->iterations, .loss = loss, .metric = metric };
  return env->progress == NULL || env->progress(env->progress_ctx, &p) ? INK_OK : INK_E_STOPPED;
}

ink_status ink_descend(const ink_descent *d, const ink_train_env *env) {
  const uint32_t every = ink_max_u32(1, d->iterations / LOOKS);
  const bool watched = d->positives->n_watched > 0;
  double most = -1.0, metric = __builtin_nan(""), loss;
  uint32_t since = 0;
  for (uint32_t i = 0; i < d->iterations && since < d->patience; i++) {
    INK_TRY(d->pass(d->watch.ctx, i, &loss));
    if (watched && (i + 1 == d->iterations || (i + 1) % every == 0)) {
      INK_TRY(ink_positives_ndcg(d->positives, &d->watch, env, &metric));
      since = metric > most ? 0 : since + 1;
      if (since == 0) {
        most = metric;
        d->keep(d->watch.ctx);
      }
    }
    INK_TRY(tell(d, env, i + 1, loss, metric));
  }
  if (!watched) d->keep(d->watch.ctx);
  return INK_OK;
}
