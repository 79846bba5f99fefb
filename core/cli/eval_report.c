/* eval_report.c - what eval found, for people and for scripts. */
#include "eval_job.h"

#include <math.h>
#include <string.h>

#include "settings.h"

static const char *interval_name(const eval_job *j) {
  return j->n_folds > 0 ? "lowest and highest fold" : j->m.resampling.rounds > 0 ? "bootstrap" : "normal";
}

/* --------------------------------------------------------------- for scripts */

static void put_metrics(ink_json_out *out, const cli_measure *m, const ink_metric_value *values) {
  ink_json_object(out, "metrics");
  for (uint32_t i = 0; i < m->n_metrics; i++) {
    ink_json_object(out, m->metrics[i].name);
    ink_json_double(out, "value", values[i].value);
    ink_json_array(out, "ci95");
    ink_json_double(out, NULL, values[i].low);
    ink_json_double(out, NULL, values[i].high);
    ink_json_array_end(out);
    ink_json_object_end(out);
  }
  ink_json_object_end(out);
}

static void put_counts(ink_json_out *out, const eval_job *j) {
  const ink_eval_counts *n = &j->report.counts;
  ink_json_object(out, "counts");
  ink_json_count(out, "test", n->n_test);
  ink_json_count(out, "test_outside_catalogue", n->n_test_outside);
  ink_json_count(out, "test_in_history", n->n_test_seen);
  ink_json_count(out, "candidates", n->n_candidates);
  ink_json_count(out, "candidates_outside_catalogue", n->n_candidates_outside);
  ink_json_count(out, "users_without_test", n->n_without_test);
  ink_json_count(out, "users_without_history", n->n_without_history);
  ink_json_count(out, "users_without_slate", n->n_without_slate);
  ink_json_object_end(out);
  ink_json_object(out, "overlap");
  ink_json_bool(out, "checked", j->leaks.checked || j->trainer != NULL);
  ink_json_count(out, "pairs", j->leaks.overlap.n_pairs_known);
  ink_json_count(out, "users", j->leaks.overlap.n_users_known);
  ink_json_object_end(out);
}

static void put_training(ink_json_out *out, const eval_job *j) {
  if (j->trainer == NULL) return;
  ink_json_object(out, "trained");
  ink_json_string(out, "family", j->trainer->name);
  ink_json_object(out, "settings");
  cli_put_settings(out, j->trainer, j->values);
  ink_json_object_end(out);
  if (j->split != NULL) ink_json_string(out, "split", j->split);
  ink_json_count(out, "events", j->n_trained_on);
  ink_json_double(out, "seconds", j->seconds_training);
  ink_json_object_end(out);
}

static void put_rows(ink_json_out *out, const eval_job *j) {
  if (j->n_rows == 0) return;
  ink_json_array(out, "rows");
  for (uint32_t i = 0; i < j->n_rows; i++) {
    const eval_row *row = &j->rows[i];
    ink_json_object(out, NULL);
    ink_json_string(out, "by", row->by);
    ink_json_string(out, "label", row->label);
    ink_json_count(out, "users", row->n_users);
    put_metrics(out, &j->m, row->values);
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
}

int eval_put(cli *c, const eval_job *j) {
  char text[100];
  const char *ranking = cli_measure_ranking(&j->m, &j->report, text);
  ink_json_object(&c->out, NULL);
  ink_json_string(&c->out, "protocol", ink_protocol_name(j->m.protocol));
  if (ranking != NULL) ink_json_string(&c->out, "ranked", ranking);
  ink_json_count(&c->out, "users", j->report.counts.n_users);
  put_metrics(&c->out, &j->m, j->report.values);
  ink_json_string(&c->out, "interval", interval_name(j));
  if (j->has_person) {
    ink_json_object(&c->out, "trained_person");
    put_metrics(&c->out, &j->m, j->person.values);
    ink_json_double(&c->out, "seconds", j->seconds_person);
    ink_json_object_end(&c->out);
  }
  put_rows(&c->out, j);
  put_training(&c->out, j);
  put_counts(&c->out, j);
  ink_json_double(&c->out, "seconds", j->seconds);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

/* ---------------------------------------------------------------- for people */

static void print_head(const eval_job *j) {
  char text[100];
  const char *ranking = cli_measure_ranking(&j->m, &j->report, text);
  if (j->trainer != NULL) {
    printf("%s on %llu events, %.2f s%s%s\n", j->trainer->name, (unsigned long long)j->n_trained_on, j->seconds_training,
           j->split == NULL ? "" : "; split ", j->split == NULL ? "" : j->split);
  }
  printf("%s: %u people, %llu test items, %.2f s\n", ink_protocol_name(j->m.protocol), j->report.counts.n_users,
         (unsigned long long)j->report.counts.n_test, j->seconds);
  if (ranking != NULL) printf("ranked among %s\n", ranking);
  fputc('\n', stdout);
}

static void print_values(const eval_job *j) {
  if (j->has_person) printf("  %-14s %8s   %-30s %s\n", "", "folded", "", "trained person");
  for (uint32_t i = 0; i < j->m.n_metrics; i++) {
    const ink_metric_value *v = &j->report.values[i];
    char range[40] = "";
    if (!isnan(v->low)) {
      (void)snprintf(range, sizeof range, "%.5f to %.5f%s", v->low, v->high, j->n_folds > 0 ? " over folds" : " at 95 %");
    }
    printf("  %-14s", j->m.metrics[i].name);
    cli_print_figure(v->value, 8);
    if (j->has_person) {
      printf("   %-30s", range);
      cli_print_figure(j->person.values[i].value, 8);
    } else if (range[0] != '\0') {
      printf("   %s", range);
    }
    fputc('\n', stdout);
  }
}

static void print_rows(const eval_job *j) {
  static const struct { const char *by, *title; } titles[] = {
    { "history", "by length of history" }, { "popularity", "by popularity of the test item" },
    { "events", "by events that people are folded from" }, { "fold", "by fold" } };
  const char *last = "";
  for (uint32_t i = 0; i < j->n_rows; i++) {
    const eval_row *row = &j->rows[i];
    const bool first = strcmp(row->by, last) != 0;
    for (size_t k = 0; first && k < sizeof titles / sizeof *titles; k++) {
      if (strcmp(titles[k].by, row->by) != 0) continue;
      printf("\n%-38s %8s", titles[k].title, "people");
      for (uint32_t m = 0; m < j->m.n_metrics; m++) printf(" %12s", j->m.metrics[m].name);
      fputc('\n', stdout);
    }
    printf("  %-36s %8u", row->label, row->n_users);
    for (uint32_t m = 0; m < j->m.n_metrics; m++) cli_print_figure(row->values[m].value, 12);
    fputc('\n', stdout);
    last = row->by;
  }
}

int eval_print(const eval_job *j) {
  const ink_eval_counts *n = &j->report.counts;
  print_head(j);
  print_values(j);
  print_rows(j);
  if (n->n_test_outside > 0) printf("\n%llu test items are not in the pack\n", (unsigned long long)n->n_test_outside);
  if (n->n_test_seen > 0) printf("%llu test items stand in the history and were left out\n", (unsigned long long)n->n_test_seen);
  if (n->n_without_history > 0) printf("%u people had nothing of the pack in their history\n", n->n_without_history);
  const bool people_matter = j->m.protocol == INK_PROTOCOL_UNSEEN_USERS;
  if (j->leaks.overlap.n_pairs_known > 0 || (people_matter && j->leaks.overlap.n_users_known > 0)) {
    printf("the pack was trained on %llu of the test pairs and %u of the test people\n",
           (unsigned long long)j->leaks.overlap.n_pairs_known, j->leaks.overlap.n_users_known);
  }
  return CLI_DONE;
}
