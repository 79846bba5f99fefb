/* auto_tries.c - see auto_run.h: one try, from settings to a figure. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "protocol.h"
#include "settings.h"

#include "base.h"

bool auto_better(const auto_run *a, double x, double y) {
  if (isnan(x) || isnan(y)) return !isnan(x);
  return a->is_explicit ? x < y : x > y;
}

ink_status auto_borrow(ink_trained *to, const ink_trained *from) {
  for (uint32_t i = 0; i < from->n_tensors; i++) {
    const ink_tensor *t = &from->tensors[i];
    bool there = false;
    for (uint32_t k = 0; k < to->n_tensors && !there; k++)
      there = to->tensors[k].name.n == t->name.n && memcmp(to->tensors[k].name.bytes, t->name.bytes, t->name.n) == 0;
    if (there) continue;
    if (to->n_tensors == to->cap_tensors) {
      const uint32_t cap = to->cap_tensors * 2 + 16;
      ink_tensor *grown = cli_resize(to->allocator.ctx, to->tensors, cap * sizeof *grown);
      if (grown == NULL) return INK_E_NO_MEMORY;
      to->tensors = grown;
      to->cap_tensors = cap;
    }
    to->tensors[to->n_tensors++] = *t;
  }
  return INK_OK;
}

static ink_status measure_pack(auto_run *a, const ink_pack *pack, const ink_dataset *test, const ink_train_env *env, double *value) {
  const ink_eval_options how = { .metrics = &a->metric, .n_metrics = 1, .family = INK_NONE, .now = INK_NO_TIME, .seed = a->seed };
  ink_eval_report report;
  const ink_status status = a->is_explicit ? ink_eval_ratings(pack, &a->part, test, &how, env, &report)
                                           : ink_eval_ranking(pack, &a->part, test, NULL, &how, env, &report);
  if (status == INK_OK) *value = report.values[0].value;
  return status;
}

ink_status auto_measure(auto_run *a, const ink_trained *trained, const ink_dataset *test, const ink_train_env *env, double *value) {
  ink_trained whole;
  ink_memory_pack pack = { .allocator = env->allocator };
  ink_trained_init(&whole, &env->allocator);
  ink_status status = ink_catalogue_tensors(&a->data, env, &whole);
  if (status == INK_OK) status = auto_borrow(&whole, trained);
  if (status == INK_OK) status = ink_memory_pack_open(&pack, &whole, env);
  if (status == INK_OK) status = measure_pack(a, pack.pack, test, env, value);
  ink_memory_pack_close(&pack);
  ink_trained_free(&whole);
  return status;
}

uint64_t auto_bytes(const auto_run *a, const ink_trained *t) {
  uint64_t bytes = a->catalogue_bytes;
  for (uint32_t i = 0; i < t->n_tensors; i++) bytes += t->tensors[i].bytes + 100;    /* and a line of the header */
  return bytes;
}

/* Is the figure of `x` to be trusted above that of `y`, of the same family? What was trained on more people first: a smaller round's best figure is
 * partly luck. */
static bool stands_before(const auto_run *a, const auto_try *x, const auto_try *y) {
  return x->share != y->share ? x->share > y->share : auto_better(a, x->value, y->value);
}

/* Of one family the best try within the limit keeps its tensors; of those above the limit none does. */
static void keep_or_drop(auto_run *a, auto_try *fresh) {
  const bool fits = a->most_bytes == 0 || fresh->bytes <= a->most_bytes;
  for (uint32_t i = 0; i < a->n_tries && fits; i++) {
    auto_try *old = &a->tries[i];
    if (old == fresh || strcmp(cli_family_of(old->trainer), cli_family_of(fresh->trainer)) != 0 || old->trained.n_tensors == 0) continue;
    if (a->most_bytes > 0) continue;                                 /* a larger and a smaller one may both be of use */
    ink_trained_free(stands_before(a, fresh, old) ? &old->trained : &fresh->trained);
  }
  if (!fits) ink_trained_free(&fresh->trained);
}

static const char *reason_of(const auto_run *a, ink_status status) {
  if (a->stopped) return "stopped";
  if (status == INK_E_STOPPED) return a->too_slow ? "would take too long" : "not done in its time";
  return status == INK_E_NO_MEMORY ? "not enough memory" : ink_status_text(status);
}

void auto_train(auto_run *a, auto_try *t, uint32_t round, double cap) {
  const cli_members alone = { { { t->trainer, t->values } }, 1 };
  const ink_dataset *people = &a->rounds[round];
  auto_try fresh = *t;
  ink_train_env env = auto_env(a);
  a->c->fault = (ink_fault){ 0 };
  ink_trained_init(&fresh.trained, &env.allocator);
  auto_tell_round(a);
  auto_allow(a, cap);
  const double start = cli_seconds();
  ink_status status = cli_members_fit(&alone, a->seed, people, &env, &fresh.trained);
  fresh.seconds = cli_seconds() - start;
  fresh.bytes = auto_bytes(a, &fresh.trained);
  a->cap = INFINITY;                              /* what was trained is measured, unless the time is up */
  if (status == INK_OK) status = auto_measure(a, &fresh.trained, &a->tune, &env, &fresh.value);
  fresh.measuring = cli_seconds() - start - fresh.seconds;
  fresh.share = cli_halving_share(AUTO_ETA, a->n_rounds, round);
  fresh.events = people->n_events;
  cli_progress_end(&a->c->progress);
  if (status != INK_OK) {
    ink_trained_free(&fresh.trained);
    if (isnan(t->value)) t->failure = reason_of(a, status);
    if (isnan(t->value)) t->seconds = fresh.seconds;
  } else {
    ink_trained_free(&t->trained);
    *t = fresh;
    keep_or_drop(a, t);
  }
  auto_tell(a, t);
}
