/* auto_choose.c - see auto_run.h. A blend is made of the best tries of up to four families, as far as the limit of bytes
 * allows. Its weights are fitted on the people that tries were measured on; whether it or the best try alone is shipped is decided
 * on other people. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "settings.h"

#include "base.h"

#define LEAST_WEIGHT 0.02         /* a member whose weight is below it in every bucket is left out */
#define HALF_AS_GOOD 0.5          /* tries that are worse than this part of the best are not blended */

/* ------------------------------------------------------------------ members */

static bool has_family(const auto_run *a, const ink_trainer *trainer) {
  for (uint32_t i = 0; i < a->n_chosen; i++)
    if (strcmp(cli_family_of(a->tries[a->chosen[i]].trainer), cli_family_of(trainer)) == 0) return true;
  return false;
}

static bool is_good(const auto_run *a, double value, double best) {
  return a->is_explicit ? value * HALF_AS_GOOD <= best : value >= best * HALF_AS_GOOD;
}

/* The best tries that fit together, best first, one of each family. */
static void gather(auto_run *a, uint32_t most) {
  uint64_t bytes = a->catalogue_bytes;
  a->n_chosen = 0;
  while (a->n_chosen < most) {
    const auto_try *best = NULL;
    for (uint32_t i = 0; i < a->n_tries; i++) {
      const auto_try *t = &a->tries[i];
      const bool fits = a->most_bytes == 0 || bytes + (t->bytes - a->catalogue_bytes) <= a->most_bytes;
      if (t->trained.n_tensors == 0 || isnan(t->value) || !fits || has_family(a, t->trainer)) continue;
      if (best == NULL || auto_better(a, t->value, best->value)) best = t;
    }
    if (best == NULL || (a->n_chosen > 0 && !is_good(a, best->value, a->tries[a->chosen[0]].value))) return;
    a->chosen[a->n_chosen++] = (uint32_t)(best - a->tries);
    bytes += best->bytes - a->catalogue_bytes;
  }
}

static void name_members(auto_run *a) {
  cli_hybrid *h = &a->blend;
  h->members.n = h->options.n_members = a->n_chosen;
  for (uint32_t i = 0; i < a->n_chosen; i++) {
    const auto_try *t = &a->tries[a->chosen[i]];
    h->members.all[i] = (cli_member){ t->trainer, t->values };
    h->options.members[i] = cli_family_of(t->trainer);
  }
}

/* -------------------------------------------------------------------- blend */

static ink_status join(auto_run *a, ink_trained *out) {
  ink_status status = INK_OK;
  for (uint32_t i = 0; i < a->n_chosen && status == INK_OK; i++) status = auto_borrow(out, &a->tries[a->chosen[i]].trained);
  return status;
}

static ink_status fit_weights(auto_run *a, const ink_train_env *env) {
  ink_trained whole;
  ink_memory_pack pack = { .allocator = env->allocator };
  ink_trained_init(&whole, &env->allocator);
  ink_status status = ink_catalogue_tensors(&a->data, env, &whole);
  if (status == INK_OK) status = join(a, &whole);
  if (status == INK_OK) status = ink_memory_pack_open(&pack, &whole, env);
  if (status == INK_OK) status = ink_blend_fit(pack.pack, &a->part, &a->tune, &a->blend.options, env, &a->blend.blend);
  ink_memory_pack_close(&pack);
  ink_trained_free(&whole);
  return status;
}

/* Leaves out members that hardly speak. True when there was one. */
static bool drop_silent(auto_run *a) {
  uint32_t n = 0;
  for (uint32_t m = 0; m < a->n_chosen; m++) {
    double most = 0;
    for (uint32_t b = 0; b < a->blend.options.n_buckets; b++) most = fmax(most, a->blend.blend.weights[b][m]);
    if (most >= LEAST_WEIGHT) a->chosen[n++] = a->chosen[m];
  }
  const bool dropped = n < a->n_chosen && n > 0;
  if (dropped) a->n_chosen = n;
  return dropped;
}

static ink_status measure_blend(auto_run *a, const ink_train_env *env) {
  ink_trained whole;
  ink_trained_init(&whole, &env->allocator);
  ink_status status = cli_hybrid_tensors(&a->blend, &whole);
  if (status == INK_OK) status = join(a, &whole);
  if (status == INK_OK) status = auto_measure(a, &whole, &a->choose, env, &a->blended);
  ink_trained_free(&whole);
  return status;
}

static ink_status try_blend(auto_run *a, const ink_train_env *env) {
  name_members(a);
  ink_status status = fit_weights(a, env);
  if (status == INK_OK && drop_silent(a) && a->n_chosen > 1) {
    name_members(a);
    status = fit_weights(a, env);
  }
  return status == INK_OK && a->n_chosen > 1 ? measure_blend(a, env) : status;
}

/* -------------------------------------------------------------------- doors */

int auto_choose(auto_run *a) {
  ink_train_env env = auto_env(a);
  a->alone = a->blended = NAN;
  gather(a, 1);
  if (a->n_chosen == 0)
    return cli_bad_input("DATA_EMPTY", "auto", a->most_bytes > 0 ? "no try fits into --max-bytes" : "no try could be measured: it may need more --minutes");
  const uint32_t best = a->chosen[0];
  const bool stopped = a->stopped;
  a->stopped = false;                                  /* what follows is short, and makes what was found a pack */
  auto_until(a, 0.5);
  ink_status status = auto_measure(a, &a->tries[best].trained, &a->choose, &env, &a->alone);
  gather(a, AUTO_MOST_BLENDED);
  if (status == INK_OK && a->n_chosen > 1) status = try_blend(a, &env);
  cli_progress_end(&a->c->progress);
  if (status != INK_OK && status != INK_E_STOPPED && status != INK_E_DATA_EMPTY) return cli_refuse(a->c, status, NULL);
  if (status != INK_OK || a->n_chosen < 2 || !auto_better(a, a->blended, a->alone)) {
    a->chosen[0] = best;
    a->n_chosen = 1;
  }
  a->stopped = a->stopped || stopped;
  name_members(a);
  return CLI_DONE;
}

/* Trained on everything, if that is done before the time is up. */
static ink_status fit_whole(auto_run *a, ink_trained *out) {
  double likely = 0;
  for (uint32_t i = 0; i < a->n_chosen; i++) likely += auto_whole_seconds(a, &a->tries[a->chosen[i]]);
  if (likely > 1.5 * auto_left(a) + 1) return INK_E_STOPPED;
  const bool stopped = a->stopped;
  ink_train_env env = auto_env(a);
  a->stopped = false;
  a->deadline = cli_seconds() + 1.5 * fmax(auto_left(a), 0) + 2;
  const ink_status status = cli_members_fit(&a->blend.members, a->seed, &a->data, &env, out);
  a->stopped = stopped || a->stopped;
  return status;
}

int auto_final(auto_run *a, ink_trained *out) {
  const ink_train_env env = cli_env(a->c);
  ink_status status = fit_whole(a, out);
  if (status == INK_E_STOPPED) {
    ink_trained_free(out);
    a->from_part = true;
    status = join(a, out);
  }
  if (status == INK_OK && a->n_chosen > 1) status = cli_hybrid_tensors(&a->blend, out);
  if (status == INK_OK) status = ink_catalogue_tensors(&a->data, &env, out);
  if (status == INK_OK) status = auto_metadata(a, out);
  cli_progress_end(&a->c->progress);
  return status == INK_OK ? CLI_DONE : cli_refuse(a->c, status, NULL);
}
