/* auto_search.c - see auto_run.h. Successive halving over families and their settings at once (halving.h). First every family with its first
 * settings, on few people where there are many; then settings drawn for the best families; then the best of them all on ever more people. Beside the
 * best configurations each round takes along the best one of each good family, since a blend wants different ones, and the last round
 * the first settings of the best families: they are the ones that are known to carry over.
 * A try begins only where it is likely to end while there is time to train the winners on everything; without that limit the same
 * call makes the same tries. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "settings.h"

#include "base.h"

#define FIRST_SECONDS 0.5         /* what a family is taken to need before it was seen */
#define FIRST_CAP 0.12            /* of the whole time, for the first settings of one family */
#define DRAWN_FAMILIES 5u         /* the best, whose settings are drawn */
#define DRAWN 6u                  /* settings of each */
#define NEAR_CHOICES 0.6
#define NEAR_RATINGS 0.92
#define TAKEN_ALONG 8u            /* families whose best configuration goes on, in the last round LAST_TAKEN */
#define LAST_TAKEN 5u
#define KEPT_FIRST 3u             /* of so many families the first settings are tried on everybody */
#define LEAST_EPOCHS 5.0          /* of a network: with fewer it is not worth its time */
#define NETWORK_PART 0.6          /* of the time that is left, for one network and its training on everything */

/* Until when, as parts of the whole time, first settings and drawn ones may begin: of one round, of more. */
static const double first_ends[] = { 0.6, 0.3 }, drawn_ends[] = { 1.0, 0.5 };
#define MIDDLE_ENDS 0.65

static bool before(const auto_run *a, double part) { return cli_seconds() < a->started + part * a->seconds; }

/* --------------------------------------------------------------- new tries */

static bool is_small(const auto_run *a, uint32_t config) { return a->most_bytes > 0 && config % 2 == 1; }

/* The configuration of a family as a try that was not made yet; NULL where there was one like it, no room, no memory. */
static auto_try *new_try(auto_run *a, const ink_trainer *trainer, uint32_t config) {
  const size_t bytes = (trainer->n_settings + 1u) * sizeof(double);
  double *values = cli_take(a->c->memory, 3, bytes), *room = values + trainer->n_settings + 1, *usual = room + trainer->n_settings + 1;
  tune_space *space = cli_take(a->c->memory, 1, sizeof *space);
  if (values == NULL || space == NULL || a->n_tries == AUTO_MOST_TRIES) return NULL;
  auto_space(trainer, &a->facts, is_small(a, config), room, space);
  auto_usual(trainer, a->is_explicit, usual);
  tune_space_draw(space, a->seed, config, values);
  (void)cli_resize(a->c->memory, space, 0);
  for (uint32_t i = 0; i < a->n_tries; i++)
    if (a->tries[i].trainer == trainer && memcmp(a->tries[i].values, values, trainer->n_settings * sizeof *values) == 0) return NULL;
  auto_try *t = &a->tries[a->n_tries++];
  *t = (auto_try){ .trainer = trainer, .values = values, .config = config, .value = NAN };
  tune_values_text(trainer, values, usual, t->words, sizeof t->words);
  return t;
}

static void leave_out(auto_run *a, const char *family, const char *why) {
  if (a->n_left_out < sizeof a->left_out / sizeof *a->left_out) a->left_out[a->n_left_out++] = (auto_left_out){ family, why };
}

/* Is the word one of a list with commas? */
static bool is_listed(const char *list, const char *word) {
  const size_t n = strlen(word);
  for (const char *at = list; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
    if (strcspn(at, ",") == n && memcmp(at, word, n) == 0) return true;
  }
  return false;
}

static void leave_out_late(auto_run *a, const char *family) {
  leave_out(a, family, a->stopped ? "came after Ctrl-C" : "did not fit into the time (--minutes)");
}

/* The trainer of a family that is asked for and fits the data, NULL otherwise. */
static const ink_trainer *wanted(const auto_run *a, const char *family) {
  if (a->families != NULL && !is_listed(a->families, family)) return NULL;
  return auto_family_why_not(family, &a->facts) == NULL ? cli_find_trainer(family) : NULL;
}

/* What is asked for, or everything, and does not fit the data; what does something else altogether is not told. */
static void leave_out_unfit(auto_run *a) {
  for (uint32_t i = 0; i < auto_families(); i++) {
    const char *family = auto_family(i), *why = auto_family_why_not(family, &a->facts);
    if (why != NULL && why[0] != '\0' && (a->families == NULL || is_listed(a->families, family))) leave_out(a, family, why);
  }
}

/* ----------------------------------------------------------- order of merit */

static bool is_like(const auto_try *a, const auto_try *b) { return a->trainer == b->trainer; }

/* Tries with a figure, the best first; ties as they were tried. Gives how many. */
static uint32_t by_merit(auto_run *a, auto_try **out) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < a->n_tries; i++) {
    if (isnan(a->tries[i].value)) continue;
    uint32_t at = n++;
    for (; at > 0 && auto_better(a, a->tries[i].value, out[at - 1]->value); at--) out[at] = out[at - 1];
    out[at] = &a->tries[i];
  }
  return n;
}

/* The best try of each family, best first, at most `most` of them. Gives how many. */
static uint32_t best_of_families(auto_run *a, uint32_t most, auto_try **out) {
  auto_try *all[AUTO_MOST_TRIES];
  const uint32_t n_all = by_merit(a, all);
  uint32_t n = 0;
  for (uint32_t i = 0; i < n_all && n < most; i++) {
    bool met = false;
    for (uint32_t k = 0; k < n; k++) met = met || is_like(out[k], all[i]);
    if (!met) out[n++] = all[i];
  }
  return n;
}

/* What training the best families on everybody is likely to take: the last round comes before further settings. */
static double last_round_seconds(auto_run *a) {
  auto_try *best[LAST_TAKEN];
  const uint32_t n = a->n_rounds > 1 ? best_of_families(a, LAST_TAKEN, best) : 0;
  double sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += best[i]->share < 1 ? auto_seconds_on(best[i], a->part.n_events) : 0;
  return sum;
}

/* ------------------------------------------------------------- the very first */

/* What is there at once, whatever the time: a pack can be made of it. For ratings these are averages of items and people. */
static void try_the_simplest(auto_run *a) {
  const char *name = a->is_explicit ? "svd" : "popular";
  if (a->families != NULL && !is_listed(a->families, name)) return;
  auto_try *t = new_try(a, cli_find_trainer(name), 0);
  if (t == NULL) return;
  for (uint32_t i = 0; i < t->trainer->n_settings && a->is_explicit; i++) {
    if (strcmp(t->trainer->settings[i].name, "factors") != 0) continue;
    t->values[i] = 0;
    (void)snprintf(t->words, sizeof t->words, "factors=0");
    t->config = AUTO_SIMPLEST;
  }
  auto_train(a, t, a->n_rounds - 1, INFINITY);
}

/* ---------------------------------------------------------- first settings */

static double first_cap(const auto_run *a) {
  const bool none = a->n_tries == 0 || isnan(a->tries[0].value);
  return none ? INFINITY : fmin(FIRST_CAP * a->seconds, 0.25 * auto_left(a));
}

static bool was_tried(const auto_run *a, const ink_trainer *trainer) {
  bool tried = false;
  for (uint32_t i = 0; i < a->n_tries; i++) tried = tried || a->tries[i].trainer == trainer;
  return tried;
}

static void try_first_settings(auto_run *a) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < auto_families(); i++) n += !auto_is_network(auto_family(i)) && wanted(a, auto_family(i)) != NULL;
  auto_name_round(a, "families with their first settings", n, 0);
  for (uint32_t i = 0; i < auto_families(); i++) {
    const ink_trainer *trainer = wanted(a, auto_family(i));
    if (trainer == NULL || auto_is_network(trainer->name)) continue;
    const bool may = a->n_tries == 0 || (before(a, first_ends[a->n_rounds > 1]) && auto_has_time(a, FIRST_SECONDS, 0));
    auto_try *t = may ? new_try(a, trainer, 0) : NULL;
    if (t != NULL) auto_train(a, t, 0, first_cap(a));
    else if (!may && !was_tried(a, trainer)) leave_out_late(a, trainer->name);
  }
}

/* ----------------------------------------------------------------- networks */

static double *setting_of(const auto_try *t, const char *name) {
  for (uint32_t i = 0; i < t->trainer->n_settings; i++)
    if (strcmp(t->trainer->settings[i].name, name) == 0) return &t->values[i];
  return NULL;
}

static void set_epochs(auto_run *a, auto_try *t, double epochs) {
  double *usual = cli_take(a->c->memory, t->trainer->n_settings + 1u, sizeof *usual);
  if (usual == NULL) return;
  auto_usual(t->trainer, false, usual);
  *setting_of(t, "epochs") = epochs;
  tune_values_text(t->trainer, t->values, usual, t->words, sizeof t->words);
}

/* What a network may take, its training on everything at the end with it. */
static double network_seconds(auto_run *a) { return NETWORK_PART * (auto_left(a) - auto_end_seconds(a) - last_round_seconds(a)); }

/* So long may an epoch on the first round's people take, if LEAST_EPOCHS on all, and on everything, are to fit. */
static double epoch_cap(auto_run *a) {
  const double events = (double)(a->part.n_events + a->data.n_events);
  return network_seconds(a) * (double)a->rounds[0].n_events / (LEAST_EPOCHS * events);
}

/* One epoch shows how long one takes; then as many as there is time for, twice: now, and on everything at the end. */
static void try_network(auto_run *a, const ink_trainer *trainer) {
  auto_try *t = auto_has_time(a, FIRST_SECONDS, 0) && epoch_cap(a) > 0 ? new_try(a, trainer, 0) : NULL;
  if (t == NULL) {
    leave_out_late(a, trainer->name);
    return;
  }
  const double most = *setting_of(t, "epochs");
  set_epochs(a, t, 1);
  auto_train(a, t, 0, fmin(first_cap(a), epoch_cap(a)));
  if (isnan(t->value)) return;
  const double an_epoch = auto_seconds_on(t, a->part.n_events), again = (double)a->data.n_events / (double)a->part.n_events;
  const double epochs = fmin(most, floor(network_seconds(a) / (an_epoch * (1 + again))));
  if (epochs < LEAST_EPOCHS) return;
  set_epochs(a, t, epochs);
  const double before_it = t->value;
  auto_train(a, t, a->n_rounds - 1, 1.5 * an_epoch * epochs);
  if (t->value == before_it && t->share < 1) set_epochs(a, t, 1);      /* it was stopped: what stands is the one epoch */
}

static void try_networks(auto_run *a) {
  for (uint32_t i = 0; i < auto_families(); i++) {
    const ink_trainer *trainer = auto_is_network(auto_family(i)) ? wanted(a, auto_family(i)) : NULL;
    if (trainer != NULL) try_network(a, trainer);
  }
}

/* ----------------------------------------------------------- drawn settings */

static double slowest(const auto_run *a, const ink_trainer *trainer) {
  double most = FIRST_SECONDS;
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[i];
    if (t->trainer == trainer && !isnan(t->value)) most = fmax(most, auto_seconds_on(t, a->rounds[0].n_events) + t->measuring);
  }
  return most;
}

/* Is it near enough to the best for other settings to bring it there? */
static bool is_near(const auto_run *a, double value, double best) { return a->is_explicit ? value * NEAR_RATINGS <= best : value >= NEAR_CHOICES * best; }

static void try_drawn_settings(auto_run *a) {
  auto_try *best[DRAWN_FAMILIES];
  uint32_t n = best_of_families(a, DRAWN_FAMILIES, best);
  while (n > 1 && !is_near(a, best[n - 1]->value, best[0]->value)) n--;
  auto_name_round(a, "best families with settings drawn by lot", n, 0);
  for (uint32_t config = 1; config <= DRAWN; config++) {
    for (uint32_t k = 0; k < n; k++) {
      const ink_trainer *trainer = best[k]->trainer;
      const double likely = 1.5 * slowest(a, trainer);
      if (auto_is_network(trainer->name) || !before(a, drawn_ends[a->n_rounds > 1]) || !auto_has_time(a, likely, last_round_seconds(a))) continue;
      auto_try *t = new_try(a, trainer, config);
      if (t != NULL) auto_train(a, t, 0, fmin(3 * likely, 0.7 * auto_left(a)));
    }
  }
}

/* ------------------------------------------------------------- later rounds */

typedef struct survivors { auto_try *all[AUTO_MOST_TRIES]; uint32_t n; } survivors;

/* Takes a try that was not trained on so many people yet. */
static void take(survivors *s, auto_try *t, double share) {
  for (uint32_t i = 0; i < s->n; i++)
    if (s->all[i] == t) return;
  if (t->share < share && !auto_is_network(t->trainer->name)) s->all[s->n++] = t;
}

/* The best third, the best of each good family, and for the last round first settings. */
static void choose_survivors(auto_run *a, uint32_t round, survivors *s) {
  const double share = cli_halving_share(AUTO_ETA, a->n_rounds, round);
  const bool last = round + 1 == a->n_rounds;
  auto_try *all[AUTO_MOST_TRIES], *best[TAKEN_ALONG];
  const uint32_t n_all = by_merit(a, all), n_best = best_of_families(a, last ? LAST_TAKEN : TAKEN_ALONG, best);
  uint32_t n_below = 0;
  s->n = 0;
  for (uint32_t i = 0; i < n_all; i++) n_below += all[i]->share < share && all[i]->share >= share / AUTO_ETA * 0.99;
  for (uint32_t i = 0; i < n_best; i++) take(s, best[i], share);
  for (uint32_t i = 0; i < a->n_tries && last; i++)
    for (uint32_t k = 0; k < n_best && k < KEPT_FIRST; k++)
      if (a->tries[i].config == 0 && is_like(&a->tries[i], best[k]) && !isnan(a->tries[i].value)) take(s, &a->tries[i], share);
  for (uint32_t i = 0; i < n_all && s->n < cli_halving_left(n_below, AUTO_ETA); i++) take(s, all[i], share);
}

static void run_round(auto_run *a, uint32_t round) {
  const uint64_t events = a->rounds[round].n_events;
  const double ends = round + 1 < a->n_rounds ? MIDDLE_ENDS : 1;
  survivors s;
  choose_survivors(a, round, &s);
  auto_name_round(a, "best so far", s.n, round);
  for (uint32_t i = 0; i < s.n; i++) {
    const double likely = auto_seconds_on(s.all[i], events) + s.all[i]->measuring;
    if (before(a, ends) && auto_has_time(a, likely, 0)) auto_train(a, s.all[i], round, 2 * likely + 1);
  }
}

int auto_search(auto_run *a) {
  leave_out_unfit(a);
  try_the_simplest(a);
  try_first_settings(a);
  try_networks(a);
  try_drawn_settings(a);
  for (uint32_t round = 1; round < a->n_rounds; round++) run_round(a, round);
  if (a->state_code != CLI_DONE) return a->state_code;
  for (uint32_t i = 0; i < a->n_tries; i++)
    if (!isnan(a->tries[i].value)) return CLI_DONE;
  return cli_bad_input("DATA_EMPTY", "auto", "no family could be trained: %s", a->n_tries == 0 ? "none of those asked for fits the data" : a->tries[0].failure);
}
