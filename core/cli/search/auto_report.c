/* auto_report.c - see auto_run.h: lines as it runs, the table at the end, the same in the pack's metadata. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "open_pack.h"
#include "settings.h"

#include "base.h"

#define LEAST_WIDTH 20

static void describe(const auto_try *t, char out[160]) {
  (void)snprintf(out, 160, "%s%s%s", t->trainer->name, t->words[0] == '\0' ? "" : " ", t->words);
}

/* ------------------------------------------------------------ while it runs */

/* On standard error, because the answer goes to standard output. */
void auto_name_round(auto_run *a, const char *what, uint32_t n, uint32_t round) {
  const uint32_t people = (uint32_t)(cli_halving_share(AUTO_ETA, a->n_rounds, round) * a->n_people + 0.5);
  (void)snprintf(a->heading, sizeof a->heading, "round %u of %u: %u %s, trained on %s%u people", round + 1, a->n_rounds, n, what,
                 round + 1 == a->n_rounds ? "all " : "", people);
}

void auto_tell_round(auto_run *a) {
  if (a->heading[0] != '\0') fprintf(stderr, "%s\n", a->heading);
  a->heading[0] = '\0';
}

void auto_tell_start(const auto_run *a) {
  fprintf(stderr, "read      %llu events, %u people, %u items (%s)\n", (unsigned long long)a->data.n_events, a->data.users.n, a->data.items.n, a->data.explain);
  fprintf(stderr, "seeking   the best %s within %.3g minutes; Ctrl-C packs the best so far\n", a->metric.name, a->seconds / 60);
}

static double best_value(const auto_run *a) {
  double best = NAN;
  for (uint32_t i = 0; i < a->n_tries; i++)
    if (auto_better(a, a->tries[i].value, best)) best = a->tries[i].value;
  return best;
}

void auto_tell(const auto_run *a, const auto_try *t) {
  char what[160];
  const double left = fmax(auto_left(a), 0), best = best_value(a);
  describe(t, what);
  fprintf(stderr, "%3u:%02u left   %-44s ", (uint32_t)(left / 60), (uint32_t)fmod(left, 60), what);
  if (isnan(t->value)) fprintf(stderr, "%s after %.1f s\n", t->failure, t->seconds);
  else fprintf(stderr, "%s %.4f%s   %.1f s\n", a->metric.name, t->value, t->value == best ? ", the best so far" : "", t->seconds);
}

/* ------------------------------------------------------------------ in order */

/* Tries in order of merit, those without a figure last; ties as they were tried. */
static void order(const auto_run *a, uint32_t *out) {
  for (uint32_t i = 0; i < a->n_tries; i++) {
    uint32_t at = i;
    for (; at > 0 && auto_better(a, a->tries[i].value, a->tries[out[at - 1]].value); at--) out[at] = out[at - 1];
    out[at] = i;
  }
}

static bool is_chosen(const auto_run *a, uint32_t i) {
  for (uint32_t k = 0; k < a->n_chosen; k++)
    if (a->chosen[k] == i) return true;
  return false;
}

/* Is there no try that is both smaller and at least as good? */
static bool on_front(const auto_run *a, uint32_t i) {
  const auto_try *t = &a->tries[i];
  for (uint32_t k = 0; k < a->n_tries; k++) {
    const auto_try *o = &a->tries[k];
    if (k != i && !isnan(o->value) && o->bytes <= t->bytes && !auto_better(a, t->value, o->value) && (o->bytes < t->bytes || k < i)) return false;
  }
  return !isnan(t->value);
}

/* Members that were not trained on everything, as "als, rp3"; gives how many. */
static uint32_t from_part(const auto_run *a, char *out, size_t cap) {
  uint32_t n = 0;
  size_t at = 0;
  out[0] = '\0';
  for (uint32_t i = 0; i < a->n_chosen; i++) {
    const auto_try *t = &a->tries[a->chosen[i]];
    if (t->whole.n_tensors > 0 || at >= cap) continue;
    const int wrote = snprintf(out + at, cap - at, "%s%s", n++ == 0 ? "" : ", ", t->trainer->name);
    at += wrote > 0 ? (size_t)wrote : 0;
  }
  return n;
}

/* ---------------------------------------------------------------- in the pack */

/* One try a key: "auto.try.01" = "als factors=128: ndcg@20 0.1234, 1234567 bytes". */
static ink_status put_try(const auto_run *a, const auto_try *t, uint32_t place, ink_trained *out) {
  char key[24], value[300], what[160];
  int n = 0;
  describe(t, what);
  (void)snprintf(key, sizeof key, "auto.try.%02u", place);
  if (isnan(t->value)) (void)snprintf(value, sizeof value, "%s: %s", what, t->failure);
  else n = snprintf(value, sizeof value, "%s: %s %.5f", what, a->metric.name, t->value);
  if (n > 0 && t->share < 1) n += snprintf(value + n, sizeof value - (size_t)n, " on %.3g %% of the people", 100 * t->share);
  if (n > 0 && t->bytes > 0) (void)snprintf(value + n, sizeof value - (size_t)n, ", %llu bytes", (unsigned long long)t->bytes);
  return ink_trained_meta(out, key, value);
}

ink_status auto_metadata(const auto_run *a, ink_trained *out) {
  uint32_t by_merit[AUTO_MOST_TRIES];
  char names[160], value[200];
  order(a, by_merit);
  INK_TRY(ink_trained_meta(out, "auto.metric", a->metric.name));
  INK_TRY(ink_trained_meta(out, "auto.feedback", a->why));
  INK_TRY(ink_trained_meta(out, "auto.held_back", a->why_held));
  if (from_part(a, names, sizeof names) == 0) (void)snprintf(value, sizeof value, "everything");
  else (void)snprintf(value, sizeof value, "everything, but %s on the part that tries were trained on", names);
  INK_TRY(ink_trained_meta(out, "auto.trained_on", value));
  if (!isnan(a->alone)) INK_TRY(ink_trained_meta_number(out, "auto.best_alone", (float)a->alone));
  if (!isnan(a->blended)) INK_TRY(ink_trained_meta_number(out, "auto.blend", (float)a->blended));
  for (uint32_t i = 0; i < a->n_tries; i++) INK_TRY(put_try(a, &a->tries[by_merit[i]], i + 1, out));
  return INK_OK;
}

/* -------------------------------------------------------------------- in words */

/* Of the longest name of a try. */
static int column_width(const auto_run *a) {
  char what[160];
  int most = LEAST_WIDTH;
  for (uint32_t i = 0; i < a->n_tries; i++) {
    describe(&a->tries[i], what);
    if ((int)strlen(what) > most) most = (int)strlen(what);
  }
  return most;
}

static void print_tries(const auto_run *a, FILE *out) {
  const int width = column_width(a);
  uint32_t by_merit[AUTO_MOST_TRIES];
  char what[160];
  order(a, by_merit);
  fprintf(out, "\n  %-*s %9s %9s %9s %11s\n", width, "tried", a->metric.name, "people", "training", "pack");
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[by_merit[i]];
    describe(t, what);
    fprintf(out, "%c %-*s ", is_chosen(a, by_merit[i]) ? '*' : ' ', width, what);
    if (isnan(t->value)) {
      fprintf(out, "        - %s after %.1f s\n", t->failure, t->seconds);
      continue;
    }
    if (t->share < 1) fprintf(out, "%9.4f %7.3g %% %7.1f s     ", t->value, 100 * t->share, t->seconds);
    else fprintf(out, "%9.4f %9s %7.1f s     ", t->value, "all", t->seconds);
    if (t->bytes > 0) cli_print_size(out, t->bytes);
    else fprintf(out, "as before");
    fprintf(out, "%s\n", a->most_bytes > 0 && on_front(a, by_merit[i]) ? "   best of its size" : "");
  }
}

/* Families that were left out, those with one reason in one line. */
static void print_left_out(const auto_run *a, FILE *out) {
  const char *head = "left out  ";
  for (uint32_t i = 0; i < a->n_left_out; i++) {
    const char *why = a->left_out[i].why;
    bool told = false;
    for (uint32_t k = 0; k < i; k++) told = told || a->left_out[k].why == why;
    if (told) continue;
    fprintf(out, "%s%s", head, a->left_out[i].family);
    for (uint32_t k = i + 1; k < a->n_left_out; k++)
      if (a->left_out[k].why == why) fprintf(out, ", %s", a->left_out[k].family);
    fprintf(out, ": %s\n", why);
    head = "          ";
  }
}

static void print_choice(const auto_run *a, FILE *out) {
  char what[160];
  if (!isnan(a->alone)) {
    fprintf(out, "choice    on other people: best try alone %s %.4f", a->metric.name, a->alone);
    if (!isnan(a->blended)) fprintf(out, ", blend %.4f", a->blended);
    if (a->no_blend != NULL) fprintf(out, "; %s", a->no_blend);
    fprintf(out, "\n");
  }
  if (a->n_chosen > 1) {
    cli_print_hybrid(&a->blend, out);
    return;
  }
  describe(&a->tries[a->chosen[0]], what);
  fprintf(out, "packed    %s alone\n", what);
}

void auto_print(const auto_run *a, FILE *out) {
  char names[160];
  fprintf(out, "feedback  %s\n", a->why);
  fprintf(out, "held back %s; tries are measured on %u people\n", a->why_held, a->n_tune);
  print_tries(a, out);
  fprintf(out, "* is in the pack\n\n");
  print_left_out(a, out);
  print_choice(a, out);
  if (from_part(a, names, sizeof names) > 0)
    fprintf(out, "no time was left to train %s on everything: the pack holds what was learnt without the held-back events\n", names);
}

/* --------------------------------------------------------------------- in JSON */

static void put_tries(const auto_run *a, ink_json_out *out) {
  uint32_t by_merit[AUTO_MOST_TRIES];
  order(a, by_merit);
  ink_json_array(out, "tries");
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[by_merit[i]];
    ink_json_object(out, NULL);
    ink_json_string(out, "family", t->trainer->name);
    ink_json_string(out, "settings", t->words);
    if (isnan(t->value)) ink_json_string(out, "failure", t->failure);
    else ink_json_double(out, "value", t->value);
    ink_json_double(out, "people", t->share);
    ink_json_double(out, "seconds", t->seconds);
    ink_json_count(out, "bytes", t->bytes);
    ink_json_bool(out, "chosen", is_chosen(a, by_merit[i]));
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
}

void auto_put(const auto_run *a, ink_json_out *out) {
  char names[160];
  ink_json_string(out, "feedback", a->why);
  ink_json_string(out, "held_back", a->why_held);
  ink_json_string(out, "metric", a->metric.name);
  ink_json_double(out, "alone", a->alone);
  if (!isnan(a->blended)) ink_json_double(out, "blended", a->blended);
  ink_json_bool(out, "trained_on_everything", from_part(a, names, sizeof names) == 0);
  put_tries(a, out);
  ink_json_array(out, "left_out");
  for (uint32_t i = 0; i < a->n_left_out; i++) {
    ink_json_object(out, NULL);
    ink_json_string(out, "family", a->left_out[i].family);
    ink_json_string(out, "why", a->left_out[i].why);
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
  if (a->n_chosen > 1) cli_put_hybrid(out, &a->blend);
}
