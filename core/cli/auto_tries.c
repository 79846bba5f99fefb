/* auto_tries.c - see auto_run.h. First every family with its standard settings (popularity first, each at most a quarter of the time), then other
 * settings of the three best, best family first, then small ones where a pack has a limit. A try begins only when it is
 * likely to end while there is still time to train what was chosen on everything. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "protocol.h"
#include "settings.h"

#include "base.h"

#define QUARTER 0.25
#define BEST_FAMILIES 3u
#define FIRST_SECONDS 1.0         /* what the first try is taken to need */
#define SPARE 1.15                /* of what the end is likely to take */
#define EASE_SECONDS 1.4e-10      /* of one core or two, an item to the third power: 61 s at 9,700 items, and as long again for the end */

/* -------------------------------------------------------------------- time */

double auto_left(const auto_run *a) { return a->started + a->seconds - cli_seconds(); }

void auto_until(auto_run *a, double share) { a->deadline = cli_seconds() + share * auto_left(a); }

bool auto_better(const auto_run *a, double x, double y) {
  if (isnan(x) || isnan(y)) return !isnan(x);
  return a->is_explicit ? x < y : x > y;
}

double auto_whole_seconds(const auto_run *a, const auto_try *t) {
  const double part = a->part.n_events > 0 ? (double)a->data.n_events / (double)a->part.n_events : 1;
  return t->seconds * part;
}

/* Likely seconds of the end: the best tries of so many families, trained on everything, and their blend. */
static double end_seconds(const auto_run *a) {
  double sum = 0.5, done[AUTO_MOST_BLENDED] = { 0 };
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const bool may_win = a->tries[i].trained.n_tensors > 0;        /* neither outdone by its like nor too large */
    double s = may_win ? auto_whole_seconds(a, &a->tries[i]) : 0;
    for (uint32_t k = 0; k < AUTO_MOST_BLENDED; k++) {          /* the longest ones: never too little */
      if (s <= done[k]) continue;
      const double less = done[k];
      done[k] = s;
      s = less;
    }
  }
  for (uint32_t k = 0; k < AUTO_MOST_BLENDED; k++) sum += done[k] * 1.3;
  return SPARE * sum;
}

static bool has_time(const auto_run *a, double seconds) { return !a->stopped && seconds + end_seconds(a) < auto_left(a); }

/* ------------------------------------------------------------------- one try */

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

static uint64_t bytes_of(const auto_run *a, const ink_trained *t) {
  uint64_t bytes = a->catalogue_bytes;
  for (uint32_t i = 0; i < t->n_tensors; i++) bytes += t->tensors[i].bytes + 100;    /* and a line of the header */
  return bytes;
}

/* Of one family the best try within the limit keeps its tensors; of those above the limit none does. */
static void keep_or_drop(auto_run *a, auto_try *fresh) {
  const bool fits = a->most_bytes == 0 || fresh->bytes <= a->most_bytes;
  for (uint32_t i = 0; i + 1 < a->n_tries && fits; i++) {
    auto_try *old = &a->tries[i];
    if (strcmp(cli_family_of(old->trainer), cli_family_of(fresh->trainer)) != 0 || old->trained.n_tensors == 0) continue;
    if (a->most_bytes > 0) continue;                                 /* a larger and a smaller one may both be of use */
    ink_trained_free(auto_better(a, fresh->value, old->value) ? &old->trained : &fresh->trained);
  }
  if (!fits) ink_trained_free(&fresh->trained);
}

static const char *reason_of(const auto_run *a, ink_status status) {
  if (a->stopped) return "stopped";
  return status == INK_E_STOPPED ? "not done in its time" : status == INK_E_NO_MEMORY ? "not enough memory" : ink_status_text(status);
}

static int run_try(auto_run *a, auto_try *t, double share) {
  const double start = cli_seconds();
  ink_train_env env = auto_env(a);
  a->c->fault = (ink_fault){ 0 };
  ink_trained_init(&t->trained, &env.allocator);
  auto_until(a, share);
  const cli_members alone = { { { t->trainer, t->values } }, 1 };
  ink_status status = cli_members_fit(&alone, a->seed, &a->part, &env, &t->trained);
  t->seconds = cli_seconds() - start;
  t->bytes = bytes_of(a, &t->trained);
  if (status == INK_OK) status = auto_measure(a, &t->trained, &a->tune, &env, &t->value);
  cli_progress_end(&a->c->progress);
  if (status == INK_OK) {
    keep_or_drop(a, t);
  } else {
    t->value = NAN;
    t->failure = reason_of(a, status);
    ink_trained_free(&t->trained);
  }
  auto_tell(a, t);
  return status == INK_E_NO_MEMORY && a->n_tries == 1 ? cli_no_memory() : CLI_DONE;
}

/* ---------------------------------------------------------------- all tries */

static bool was_tried(const auto_run *a, const ink_trainer *trainer, const char *words) {
  for (uint32_t i = 0; i < a->n_tries; i++)
    if (a->tries[i].trainer == trainer && strcmp(a->tries[i].words, words) == 0) return true;
  return false;
}

static void set_feedback(const auto_run *a, auto_try *t) {
  cli_member m = { t->trainer, t->values };
  cli_member_word(&m, "feedback", a->is_explicit ? "explicit" : "implicit");
}

static int begin(auto_run *a, const ink_trainer *trainer, const char *words, double likely, double share) {
  if (a->n_tries == AUTO_MOST_TRIES || was_tried(a, trainer, words) || !has_time(a, likely)) return CLI_DONE;
  double *values = cli_take(a->c->memory, trainer->n_settings + 1u, sizeof *values);
  if (values == NULL) return cli_no_memory();
  if (!auto_values(trainer, words, values)) return CLI_DONE;          /* this build's family has no such setting */
  auto_try *t = &a->tries[a->n_tries++];
  *t = (auto_try){ .trainer = trainer, .values = values, .words = words, .value = NAN };
  set_feedback(a, t);
  return run_try(a, t, share);
}

/* Is the word one of a list with commas? */
static bool is_listed(const char *list, const char *word) {
  const size_t n = strlen(word);
  for (const char *at = list; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
    if (strcspn(at, ",") == n && memcmp(at, word, n) == 0) return true;
  }
  return false;
}

static bool wanted(const auto_run *a, const ink_trainer *trainer) {
  if (a->families != NULL && !is_listed(a->families, trainer->name)) return false;
  if (strncmp(trainer->name, "content", 7) == 0 && a->data.columns == NULL) return false;
  return auto_settings(trainer->name, a->is_explicit, false, 0) != NULL;
}

/* The k-th best trainer by its best try so far; NULL where there are fewer. */
static const ink_trainer *best_trainer(const auto_run *a, uint32_t k) {
  const ink_trainer *taken[BEST_FAMILIES + 1] = { NULL };
  for (uint32_t rank = 0; rank <= k; rank++) {
    const auto_try *best = NULL;
    for (uint32_t i = 0; i < a->n_tries; i++) {
      const auto_try *t = &a->tries[i];
      bool used = isnan(t->value);
      for (uint32_t r = 0; r < rank; r++) used = used || taken[r] == t->trainer;
      if (!used && (best == NULL || auto_better(a, t->value, best->value))) best = t;
    }
    if (best == NULL) return NULL;
    taken[rank] = best->trainer;
  }
  return taken[k];
}

static double slowest(const auto_run *a, const ink_trainer *trainer) {
  double most = FIRST_SECONDS;
  for (uint32_t i = 0; i < a->n_tries; i++)
    if (a->tries[i].trainer == trainer && a->tries[i].seconds > most) most = a->tries[i].seconds;
  return most;
}

/* Other settings of the best families, in turn: the second of each, then the third ... */
static int refine(auto_run *a, bool small) {
  const ink_trainer *best[BEST_FAMILIES];
  int code = CLI_DONE;
  for (uint32_t k = 0; k < BEST_FAMILIES; k++) best[k] = best_trainer(a, k);
  for (uint32_t i = small ? 0 : 1; i < 8 && code == CLI_DONE; i++) {
    for (uint32_t k = 0; k < BEST_FAMILIES && code == CLI_DONE; k++) {
      const char *words = best[k] == NULL ? NULL : auto_settings(best[k]->name, a->is_explicit, small, i);
      if (words != NULL) code = begin(a, best[k], words, 2.5 * slowest(a, best[k]), 0.7);
    }
  }
  return code;
}

/* Popularity is there at once; what counts and solves comes next, then what walks in small steps. */
static uint32_t turn_of(const char *name) {
  static const char *const slow[] = { "slim", "nmf", "bpr", "warp", "simplex", "item2vec" };
  if (strcmp(name, "popular") == 0) return 0;
  for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
    if (strcmp(name, slow[i]) == 0) return 2;
  return 1;
}

/* What the first try of a family is likely to take. ease inverts a matrix of all pairs of items in one go, which nothing can stop:
 * where that is known to be long it is not begun. */
static double first_seconds(const auto_run *a, const char *name) {
  const double n = a->data.items.n;
  return strcmp(name, "ease") == 0 && n <= 15000 ? FIRST_SECONDS + EASE_SECONDS * n * n * n : FIRST_SECONDS;
}

int auto_try_all(auto_run *a) {
  int code = CLI_DONE;
  for (uint32_t turn = 0; turn < 3; turn++) {
    for (uint32_t i = 0; i < ink_n_trainers && code == CLI_DONE; i++) {
      const ink_trainer *t = ink_trainers[i];
      const double share = best_trainer(a, 0) == NULL ? 0.9 : QUARTER;
      if (turn_of(t->name) == turn && wanted(a, t)) code = begin(a, t, "", first_seconds(a, t->name), share);
    }
  }
  if (code == CLI_DONE && a->most_bytes > 0) code = refine(a, true);
  return code == CLI_DONE ? refine(a, false) : code;
}
