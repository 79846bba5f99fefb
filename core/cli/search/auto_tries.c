/* auto_tries.c - see auto_run.h: one try, from settings to a figure. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "protocol.h"
#include "settings.h"

#include "base.h"

#define LENIENCE 1.4

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

static void drop(auto_try *t) {
  t->in_play = false;
  ink_trained_free(&t->trained);
}

/* Of one family the best try within the limit stays in play; of those above the limit none does. */
static void keep_or_drop(auto_run *a, auto_try *fresh) {
  fresh->in_play = true;
  if (a->most_bytes > 0) {                                           /* a larger and a smaller one may both be of use */
    if (fresh->bytes > a->most_bytes) drop(fresh);
    return;
  }
  for (uint32_t i = 0; i < a->n_tries && fresh->in_play; i++) {
    auto_try *old = &a->tries[i];
    if (old == fresh || strcmp(cli_family_of(old->trainer), cli_family_of(fresh->trainer)) != 0 || !old->in_play) continue;
    drop(stands_before(a, fresh, old) ? old : fresh);
  }
}

/* ------------------------------------------------------------- earlier runs */

/* The try's number in the file of figures. */
static uint32_t number_of(const auto_try *t) {
  uint32_t family = 0;
  while (ink_trainers[family] != t->trainer) family++;
  return family * (AUTO_SIMPLEST + 1) + t->config;
}

/* Takes the figure that an earlier run has of the try; false where it has none. Networks have other epochs in each run. */
static bool recall(auto_run *a, auto_try *t, uint32_t round) {
  const tune_trial *known = auto_is_network(t->trainer->name) ? NULL : tune_state_find(&a->state, number_of(t), round);
  if (known == NULL) return false;
  if (isnan(known->value)) {
    if (isnan(t->value)) t->failure = "could not be trained";
    return true;
  }
  ink_trained_free(&t->trained);
  t->value = known->value;
  t->seconds = known->seconds;
  t->measuring = 0;
  t->bytes = 0;
  t->round = round;
  t->share = cli_halving_share(AUTO_ETA, a->n_rounds, round);
  t->events = a->rounds[round].n_events;
  keep_or_drop(a, t);
  return true;
}

/* What was stopped may end another time: it is not kept. */
static void remember(auto_run *a, const auto_try *t, uint32_t round, double value, ink_status status) {
  const tune_trial trial = { number_of(t), round, value, t->seconds };
  if (auto_is_network(t->trainer->name) || status == INK_E_STOPPED || a->state.path == NULL || a->state_code != CLI_DONE) return;
  if (tune_state_find(&a->state, trial.config, round) == NULL) a->state_code = tune_state_add(a->c, &a->state, &trial);
}

/* ------------------------------------------------------------------ one try */

static const char *reason_of(const auto_run *a, ink_status status) {
  if (a->stopped) return "stopped";
  if (status == INK_E_STOPPED) return a->too_slow ? "would take too long" : "not done in its time";
  return status == INK_E_NO_MEMORY ? "not enough memory" : ink_status_text(status);
}

/* From the settings of *t to its tensors and figure. */
static ink_status train(auto_run *a, auto_try *t, uint32_t round, double cap) {
  const cli_members alone = { { { t->trainer, t->values } }, 1 };
  ink_train_env env = auto_env(a);
  a->c->fault = (ink_fault){ 0 };
  ink_trained_init(&t->trained, &env.allocator);
  auto_allow(a, cap);
  const double start = cli_seconds(), most = auto_left(a) - auto_end_seconds(a);
  if (most > cap) a->deadline = start + fmin(most, LENIENCE * cap);      /* what is nearly done is not thrown away */
  ink_status status = cli_members_fit(&alone, a->seed, &a->rounds[round], &env, &t->trained);
  t->seconds = cli_seconds() - start;
  t->bytes = auto_bytes(a, &t->trained);
  a->cap = INFINITY;                              /* what was trained is measured, unless the time is up */
  if (status == INK_OK) status = auto_measure(a, &t->trained, &a->tune, &env, &t->value);
  t->measuring = cli_seconds() - start - t->seconds;
  t->round = round;
  t->share = cli_halving_share(AUTO_ETA, a->n_rounds, round);
  t->events = a->rounds[round].n_events;
  if (status != INK_OK) ink_trained_free(&t->trained);
  cli_progress_end(&a->c->progress);
  return status;
}

void auto_train(auto_run *a, auto_try *t, uint32_t round, double cap) {
  auto_tell_round(a);
  if (!recall(a, t, round)) {
    auto_try fresh = *t;
    const ink_status status = train(a, &fresh, round, cap);
    if (status == INK_OK) {
      ink_trained_free(&t->trained);
      *t = fresh;
      keep_or_drop(a, t);
    } else if (isnan(t->value)) {
      t->failure = reason_of(a, status);
      t->seconds = fresh.seconds;
    }
    remember(a, &fresh, round, status == INK_OK ? fresh.value : NAN, status);
  }
  auto_tell(a, t);
}

void auto_train_again(auto_run *a, auto_try *t) {
  if (train(a, t, t->round, INFINITY) != INK_OK) t->in_play = false;
}
