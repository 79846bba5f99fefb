/* auto_report.c - see auto_run.h: a line as each try ends, the table at the end, the same in the pack's metadata. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "open_pack.h"
#include "settings.h"

#include "base.h"

static void describe(const auto_try *t, char out[160]) {
  (void)snprintf(out, 160, "%s%s%s", t->trainer->name, t->words[0] == '\0' ? "" : " ", t->words);
}

/* While it runs: on standard error, because the answer goes to standard output. */
void auto_tell(const auto_run *a, const auto_try *t) {
  char what[160];
  const double left = auto_left(a);
  describe(t, what);
  fprintf(stderr, "%4.0f s left   %-36s ", left > 0 ? left : 0, what);
  if (isnan(t->value)) fprintf(stderr, "%s\n", t->failure);
  else fprintf(stderr, "%s %.4f   %.1f s\n", a->metric.name, t->value, t->seconds);
}

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

/* One try a key: "auto.try.01" = "als factors=128: ndcg@20 0.1234, 3.2 s, 1.2 MB". */
ink_status auto_metadata(const auto_run *a, ink_trained *out) {
  uint32_t by_merit[AUTO_MOST_TRIES];
  char key[24], value[256], what[160];
  order(a, by_merit);
  INK_TRY(ink_trained_meta(out, "auto.metric", a->metric.name));
  INK_TRY(ink_trained_meta(out, "auto.feedback", a->why));
  INK_TRY(ink_trained_meta(out, "auto.trained_on", a->from_part ? "the part that tries were trained on" : "everything"));
  if (!isnan(a->alone)) INK_TRY(ink_trained_meta_number(out, "auto.best_alone", (float)a->alone));
  if (!isnan(a->blended)) INK_TRY(ink_trained_meta_number(out, "auto.blend", (float)a->blended));
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[by_merit[i]];
    describe(t, what);
    (void)snprintf(key, sizeof key, "auto.try.%02u", i + 1);
    if (isnan(t->value)) (void)snprintf(value, sizeof value, "%s: %s", what, t->failure);
    else (void)snprintf(value, sizeof value, "%s: %s %.5f, %llu bytes", what, a->metric.name, t->value, (unsigned long long)t->bytes);
    INK_TRY(ink_trained_meta(out, key, value));
  }
  return INK_OK;
}

static void print_tries(const auto_run *a, FILE *out) {
  uint32_t by_merit[AUTO_MOST_TRIES];
  char what[160];
  order(a, by_merit);
  fprintf(out, "\n  %-38s %9s %9s %12s\n", "tried", a->metric.name, "seconds", "pack");
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[by_merit[i]];
    describe(t, what);
    fprintf(out, "%c %-38s ", is_chosen(a, by_merit[i]) ? '*' : ' ', what);
    if (isnan(t->value)) {
      fprintf(out, "%s\n", t->failure);
      continue;
    }
    fprintf(out, "%9.4f %9.1f     ", t->value, t->seconds);
    cli_print_size(out, t->bytes);
    fprintf(out, "%s\n", a->most_bytes > 0 && on_front(a, by_merit[i]) ? "   best of its size" : "");
  }
}

void auto_print(const auto_run *a, FILE *out) {
  fprintf(out, "feedback  %s\n", a->why);
  print_tries(a, out);
  fprintf(out, "\n");
  if (!isnan(a->alone)) {
    fprintf(out, "On people kept for the choice: best try alone %.4f", a->alone);
    if (!isnan(a->blended)) fprintf(out, ", blend %.4f", a->blended);
    fprintf(out, " (%s)\n", a->metric.name);
  }
  if (a->n_chosen > 1) cli_print_hybrid(&a->blend, out);
  else fprintf(out, "chosen    %s alone\n", a->tries[a->chosen[0]].trainer->name);
  if (a->from_part) fprintf(out, "no time was left to train on everything: the pack holds what the tries learnt, from %llu of %llu events\n",
                            (unsigned long long)a->part.n_events, (unsigned long long)a->data.n_events);
}

void auto_put(const auto_run *a, ink_json_out *out) {
  uint32_t by_merit[AUTO_MOST_TRIES];
  order(a, by_merit);
  ink_json_string(out, "feedback", a->why);
  ink_json_string(out, "metric", a->metric.name);
  ink_json_double(out, "alone", a->alone);
  if (!isnan(a->blended)) ink_json_double(out, "blended", a->blended);
  ink_json_bool(out, "trained_on_everything", !a->from_part);
  ink_json_array(out, "tries");
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[by_merit[i]];
    ink_json_object(out, NULL);
    ink_json_string(out, "family", t->trainer->name);
    ink_json_string(out, "settings", t->words);
    if (isnan(t->value)) ink_json_string(out, "failure", t->failure);
    else ink_json_double(out, "value", t->value);
    ink_json_double(out, "seconds", t->seconds);
    ink_json_count(out, "bytes", t->bytes);
    ink_json_bool(out, "chosen", is_chosen(a, by_merit[i]));
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
  if (a->n_chosen > 1) cli_put_hybrid(out, &a->blend);
}
