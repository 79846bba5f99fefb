/* auto_choose.c - see auto_run.h. A blend is made of the best tries of some families, as far as the limit of bytes
 * allows. Its weights are fitted on the people that tries were measured on; whether it or the best try alone is shipped is decided
 * on other people. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "fit_popular.h"
#include "settings.h"

#include "base.h"

#define LEAST_WEIGHT 0.02         /* a member whose weight is below it in every bucket is left out */
#define MOST_ASKED 10000u         /* people whose answers weights are fitted on; fewer where time is short, and below LEAST_ASKED no blend */
#define LEAST_ASKED 200u
#define HOPE 1.5                  /* times what is left: likely seconds are no promise, and what is stopped is no loss */
#define LEAST_END 0.5             /* seconds that the end may always take */
#define OVERRUN 0.05              /* of the whole time: better than to throw away what is nearly trained */
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

static void gather_once(auto_run *a, uint32_t most) {
  uint64_t bytes = a->catalogue_bytes;
  a->n_chosen = 0;
  while (a->n_chosen < most) {
    const auto_try *best = NULL;
    for (uint32_t i = 0; i < a->n_tries; i++) {
      const auto_try *t = &a->tries[i];
      const bool fits = a->most_bytes == 0 || bytes + (t->bytes - a->catalogue_bytes) <= a->most_bytes;
      if (!t->in_play || !fits || has_family(a, t->trainer)) continue;
      if (best == NULL || auto_better(a, t->value, best->value)) best = t;
    }
    if (best == NULL || (a->n_chosen > 0 && !is_good(a, best->value, a->tries[a->chosen[0]].value))) return;
    a->chosen[a->n_chosen++] = (uint32_t)(best - a->tries);
    bytes += best->bytes - a->catalogue_bytes;
  }
}

/* The best tries that fit together, best first, one of each family. Those of earlier runs are trained again; what cannot be is not taken. */
static void gather(auto_run *a, uint32_t most) {
  bool all = false;
  while (!all) {
    gather_once(a, most);
    all = true;
    for (uint32_t i = 0; i < a->n_chosen; i++) {
      auto_try *t = &a->tries[a->chosen[i]];
      if (t->trained.n_tensors == 0) auto_train_again(a, t);
      all = all && t->in_play;
    }
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

/* Tensors as learnt on the part, or as they are served: on everything, where that was done. */
static ink_status join(auto_run *a, bool whole, ink_trained *out) {
  ink_status status = INK_OK;
  for (uint32_t i = 0; i < a->n_chosen && status == INK_OK; i++) {
    const auto_try *t = &a->tries[a->chosen[i]];
    status = auto_borrow(out, whole && t->whole.n_tensors > 0 ? &t->whole : &t->trained);
  }
  return status;
}

static ink_status fit_weights(auto_run *a, const ink_train_env *env) {
  ink_trained whole;
  ink_memory_pack pack = { .allocator = env->allocator };
  ink_trained_init(&whole, &env->allocator);
  ink_status status = ink_catalogue_tensors(&a->data, env, &whole);
  if (status == INK_OK) status = join(a, false, &whole);
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
  if (status == INK_OK) status = join(a, false, &whole);
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

/* As many people as there is time to ask; none where they would be too few. */
static uint32_t people_to_ask(const auto_run *a) {
  const uint32_t most = a->n_tune < MOST_ASKED ? a->n_tune : MOST_ASKED;
  const double all = auto_blend_seconds(a, most), room = auto_left(a) - auto_final_seconds(a);
  if (HOPE * room >= all) return most;
  const double n = most * HOPE * room / all;
  return n < LEAST_ASKED ? 0 : (uint32_t)n;
}

static const char *why_no_blend(ink_status status, uint32_t n_asked, uint32_t n_gathered) {
  if (status == INK_E_STOPPED || n_asked == 0) return "no time was left for a blend";
  return n_gathered < 2 ? "there is nothing to blend it with" : "no blend was better where weights are fitted";
}

/* --------------------------------------------------------------------- doors */

int auto_choose(auto_run *a) {
  ink_train_env env = auto_env(a);
  const bool stopped = a->stopped;
  ink_status status = INK_OK;
  a->alone = a->blended = NAN;
  gather(a, 1);
  if (a->n_chosen == 0) return cli_bad_input("DATA_EMPTY", "auto", "no try fits into --max-bytes");
  const uint32_t best = a->chosen[0], n_asked = people_to_ask(a);
  a->stopped = false;                                  /* what follows is short, and makes what was found a pack */
  auto_allow(a, fmax(auto_left(a) - auto_final_seconds(a), LEAST_END));
  a->cap = INFINITY;
  if (auto_left(a) > 0) status = auto_measure(a, &a->tries[best].trained, &a->choose, &env, &a->alone);
  a->blend.options.n_people = n_asked;
  if (n_asked > 0) gather(a, auto_most_blended(a));
  const uint32_t n_gathered = a->n_chosen;
  if (status == INK_OK && a->n_chosen > 1) status = try_blend(a, &env);
  cli_progress_end(&a->c->progress);
  if (status != INK_OK && status != INK_E_STOPPED && status != INK_E_DATA_EMPTY) return cli_refuse(a->c, status, NULL);
  if (isnan(a->blended)) a->no_blend = why_no_blend(status, n_asked, n_gathered);
  if (status != INK_OK || a->n_chosen < 2 || !auto_better(a, a->blended, a->alone)) {
    a->chosen[0] = best;
    a->n_chosen = 1;
  }
  a->stopped = a->stopped || stopped;
  name_members(a);
  return CLI_DONE;
}

/* Trains a chosen try on everything, where that is likely to be done in time; else what it learnt on the part stays. */
static ink_status fit_whole(auto_run *a, auto_try *t) {
  const cli_members alone = { { { t->trainer, t->values } }, 1 };
  const double room = auto_left(a) + OVERRUN * a->seconds + LEAST_END, seconds = auto_seconds_on(t, a->data.n_events);
  if (t->whole.n_tensors > 0 || seconds > HOPE * room) return INK_OK;
  ink_train_env env = auto_env(a);
  ink_trained_init(&t->whole, &env.allocator);
  auto_allow(a, room);
  ink_status status = cli_members_fit(&alone, a->seed, &a->data, &env, &t->whole);
  if (status == INK_OK) {
    t->bytes = auto_bytes(a, &t->whole);
  } else {
    ink_trained_free(&t->whole);
  }
  return status == INK_E_STOPPED ? INK_OK : status;
}

/* The quick ones first: so most members are trained on everything. */
static ink_status fit_all(auto_run *a) {
  const bool stopped = a->stopped;
  bool done[AUTO_MOST_BLENDED] = { false };
  ink_status status = INK_OK;
  a->stopped = false;
  for (uint32_t round = 0; round < a->n_chosen && status == INK_OK; round++) {
    uint32_t next = INK_NONE;
    for (uint32_t i = 0; i < a->n_chosen; i++) {
      const double s = auto_seconds_on(&a->tries[a->chosen[i]], a->data.n_events);
      if (!done[i] && (next == INK_NONE || s < auto_seconds_on(&a->tries[a->chosen[next]], a->data.n_events))) next = i;
    }
    done[next] = true;
    if (!a->stopped) status = fit_whole(a, &a->tries[a->chosen[next]]);
  }
  a->stopped = a->stopped || stopped;
  return status;
}

static const char *closed(const auto_run *a, ink_text text) {
  char *copy = cli_take(a->c->memory, (size_t)text.n + 1, 1);
  if (copy != NULL) (void)snprintf(copy, (size_t)text.n + 1, "%.*s", (int)text.n, text.bytes);
  return copy;
}

/* Metadata of `from` under keys that `out` has not. */
static ink_status borrow_metadata(const auto_run *a, const ink_trained *from, ink_trained *out) {
  for (uint32_t k = 0; k < from->n_metadata; k++) {
    const ink_meta_entry *e = &from->metadata[k];
    bool there = false;
    for (uint32_t m = 0; m < out->n_metadata && !there; m++)
      there = out->metadata[m].key.n == e->key.n && memcmp(out->metadata[m].key.bytes, e->key.bytes, e->key.n) == 0;
    const char *key = there ? NULL : closed(a, e->key), *value = there ? NULL : closed(a, e->value);
    if (!there && (key == NULL || value == NULL)) return INK_E_NO_MEMORY;
    if (!there) INK_TRY(ink_trained_meta(out, key, value));
  }
  return INK_OK;
}

/* What training wrote of its own; of members that use one key the first speaks. */
static ink_status join_metadata(const auto_run *a, ink_trained *out) {
  for (uint32_t i = 0; i < a->n_chosen; i++) {
    const auto_try *t = &a->tries[a->chosen[i]];
    const ink_trained *from = t->whole.n_tensors > 0 ? &t->whole : &t->trained;
    INK_TRY(borrow_metadata(a, from, out));
  }
  return INK_OK;
}

int auto_final(auto_run *a, ink_trained *out) {
  const ink_train_env env = cli_env(a->c);
  ink_status status = fit_all(a);
  if (status == INK_OK) status = ink_popular_tensor(&a->data, &env, out);
  if (status == INK_OK) status = join(a, true, out);
  if (status == INK_OK) status = join_metadata(a, out);
  if (status == INK_OK && a->n_chosen > 1) status = cli_hybrid_tensors(&a->blend, out);
  if (status == INK_OK) status = ink_catalogue_tensors(&a->data, &env, out);
  if (status == INK_OK) status = auto_metadata(a, out);
  cli_progress_end(&a->c->progress);
  return status == INK_OK ? CLI_DONE : cli_refuse(a->c, status, NULL);
}
