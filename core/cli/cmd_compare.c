/* cmd_compare.c - inkling compare A B ...: packs side by side on the same people: quality, bytes, milliseconds, and whether
 * a difference is more than luck. */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PACKS 16u
#define TIMED_PEOPLE 200u
#define TIMED_COUNT 20u

static const cli_option options[] = {
  { .name = "rounds", .kind = CLI_WHOLE, .low = 100, .high = INK_MOST_ROUNDS, .value = "N",
    .help = "draws of the paired tests and of the intervals of differences (default 10000)" },
  CLI_MEASURE_OPTIONS,
  CLI_EVENT_OPTIONS
};

typedef struct entry {
  const char *path;
  uint64_t bytes;
  char models[300];               /* a blend names its members */
  ink_eval_report report;
  ink_eval_people people;
  ink_paired paired[INK_MAX_METRICS];      /* against the first pack */
  double open_ms, slate_ms;       /* median over people of the test */
} entry;

typedef struct job {
  cli_measure m;
  entry *entries; uint32_t n;
  ink_resampling how;
} job;

/* ------------------------------------------------------------------- timing */

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* From an empty profile to a slate, for one person. */
static ink_status answer(const job *j, ink_engine *engine, uint32_t user) {
  const ink_dataset *h = j->m.history;
  const ink_request request = { .struct_bytes = sizeof request, .count = TIMED_COUNT, .now = j->m.how.now == INK_NO_TIME ? 0 : j->m.how.now,
                                .family = INK_NONE };
  ink_slate slate = { .struct_bytes = sizeof slate };
  ink_status status = ink_profile_erase(engine);
  for (uint64_t e = user < h->users.n ? h->user_starts[user] : 0; user < h->users.n && e < h->user_starts[user + 1] && status == INK_OK; e++) {
    const ink_event event = { .item = ink_names_at(&h->items, h->item[e]), .kind = ink_names_at(&h->kinds, h->kind[e]),
                              .value = h->value[e], .time = h->time[e] };
    status = ink_track(engine, &event, NULL, NULL, NULL);
  }
  return status == INK_OK ? ink_recommend(engine, &request, &slate) : status;
}

/* People spread over the table; one answer first, so that no page is touched for the first time on the clock. */
static int time_slates(cli *c, const job *j, const cli_pack *pack, entry *out) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_count = TIMED_COUNT, .max_events = 5000 };
  double times[TIMED_PEOPLE];
  ink_engine *engine;
  const double start = cli_seconds();
  const int code = cli_engine_open(c, pack, &limits, &engine);
  if (code != CLI_DONE) return code;
  out->open_ms = (cli_seconds() - start) * 1e3;
  const uint32_t n = out->people.n < TIMED_PEOPLE ? out->people.n : TIMED_PEOPLE;
  (void)answer(j, engine, out->people.user[0]);
  for (uint32_t i = 0; i < n; i++) {
    const double before = cli_seconds();
    (void)answer(j, engine, out->people.user[(uint64_t)i * out->people.n / n]);
    times[i] = (cli_seconds() - before) * 1e3;
  }
  qsort(times, n, sizeof *times, by_size);
  out->slate_ms = times[n / 2];
  return CLI_DONE;
}

/* ---------------------------------------------------------------- measuring */

static int find_model(cli *c, job *j, const cli_pack *pack) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1, .max_count = 1, .max_reasons = 1 };
  ink_engine *engine;
  const int code = cli_engine_open(c, pack, &limits, &engine);
  return code != CLI_DONE ? code
       : cli_find_model(c, pack, engine, cli_args_text(&c->args, cli_args_index(&c->args, "model")), &j->m.how.family);
}

static int measure_open(cli *c, job *j, const cli_pack *pack, entry *out) {
  cli_leaks leaks = { 0 };
  const bool allowed = cli_args_flag(&c->args, cli_args_index(&c->args, "allow-overlap"));
  const ink_text models = cli_metadata(pack->pack, "models");
  (void)snprintf(out->models, sizeof out->models, "%.*s", (int)models.n, models.bytes);
  out->bytes = pack->file.n;
  int code = find_model(c, j, pack);
  if (code == CLI_DONE) code = cli_leaks_open(c, pack, &leaks);
  if (code == CLI_DONE && j->m.history == NULL) code = cli_measure_files(c, &j->m, leaks.checked ? &leaks.sidecar : NULL);
  if (code == CLI_DONE) code = cli_leaks_check(c, pack, j->m.test, j->m.protocol == INK_PROTOCOL_UNSEEN_USERS, allowed, &leaks);
  cli_leaks_close(&leaks);
  if (code == CLI_DONE) code = cli_measure_run(c, &j->m, pack->pack, j->m.history, j->m.test, &out->report, &out->people);
  return code == CLI_DONE ? time_slates(c, j, pack, out) : code;
}

/* The people of the test are the same for every pack: they come from the same files. */
static int test_pairs(cli *c, const job *j, entry *out) {
  const ink_train_env env = cli_env(c);
  const entry *first = &j->entries[0];
  for (uint32_t m = 0; m < j->m.n_metrics && out != first; m++) {
    const size_t at = (size_t)m * first->people.n;
    const ink_status status = ink_paired_test(&j->m.metrics[m], out->people.values + at, first->people.values + at, first->people.weights,
                                              first->people.n, &j->how, &env, &out->paired[m]);
    if (status != INK_OK) return cli_refuse(c, status, NULL);
  }
  return CLI_DONE;
}

static int measure_entry(cli *c, job *j, entry *out) {
  cli_pack pack;
  int code = cli_pack_open(c, out->path, &pack);
  if (code == CLI_DONE) code = measure_open(c, j, &pack, out);
  cli_pack_close(&pack);
  return code == CLI_DONE ? test_pairs(c, j, out) : code;
}

/* ------------------------------------------------------------------- report */

/* 0.05 over the number of comparisons (Bonferroni). */
static double border(const job *j) {
  uint32_t n = 0;
  for (uint32_t m = 0; m < j->m.n_metrics; m++) n += !ink_metric_of_all(j->m.metrics[m].kind);
  return n == 0 ? 0.0 : 0.05 / ((double)n * (double)(j->n - 1));
}

static void print_metric(const job *j, uint32_t m) {
  const ink_metric *metric = &j->m.metrics[m];
  for (uint32_t i = 0; i < j->n; i++) {
    const ink_metric_value *v = &j->entries[i].report.values[m];
    const ink_paired *p = &j->entries[i].paired[m];
    printf("%-14s %-28.28s", i == 0 ? metric->name : "", j->entries[i].path);
    cli_print_figure(v->value, 8);
    if (!isnan(v->low)) printf("  %.5f to %.5f", v->low, v->high);
    if (i > 0 && !ink_metric_of_all(metric->kind)) {
      printf("  %+.5f (%+.5f to %+.5f), p %.4g%s; t %.2f, p %.3g", p->difference, p->low, p->high, p->p_random,
             p->p_random < border(j) ? " *" : "", p->t, p->p_t);
    }
    fputc('\n', stdout);
  }
}

static int print_table(const job *j) {
  char text[100];
  const entry *first = &j->entries[0];
  const char *ranking = cli_measure_ranking(&j->m, &first->report, text);
  printf("%s: %u people, %llu test items\n", ink_protocol_name(j->m.protocol), first->report.counts.n_users,
         (unsigned long long)first->report.counts.n_test);
  if (ranking != NULL) printf("ranked among %s\n", ranking);
  printf("\n%-28s %12s %12s %12s  %s\n", "pack", "bytes", "ms to open", "ms a slate", "models");
  for (uint32_t i = 0; i < j->n; i++) {
    const entry *e = &j->entries[i];
    printf("%-28.28s %12llu %12.3f %12.3f  %s\n", e->path, (unsigned long long)e->bytes, e->open_ms, e->slate_ms, e->models);
  }
  fputc('\n', stdout);
  for (uint32_t m = 0; m < j->m.n_metrics; m++) print_metric(j, m);
  printf("\nms a slate: median of %u people, from no event to %u items. Differences are to the first pack on the same people, with 95 %% of\n"
         "the bootstrap; p by randomization of signs (%u rounds), then Student's paired t test. * p < %.3g, which is 0.05 over the\n"
         "number of comparisons.\n", first->people.n < TIMED_PEOPLE ? first->people.n : TIMED_PEOPLE, TIMED_COUNT, j->how.rounds, border(j));
  return CLI_DONE;
}

static void put_pair(ink_json_out *out, const ink_paired *p) {
  ink_json_object(out, "to_first");
  ink_json_count(out, "users", p->n);
  ink_json_double(out, "difference", p->difference);
  ink_json_array(out, "ci95");
  ink_json_double(out, NULL, p->low);
  ink_json_double(out, NULL, p->high);
  ink_json_array_end(out);
  ink_json_double(out, "p_randomization", p->p_random);
  ink_json_double(out, "t", p->t);
  ink_json_double(out, "p_t", p->p_t);
  ink_json_object_end(out);
}

static void put_entry(ink_json_out *out, const job *j, uint32_t i) {
  const entry *e = &j->entries[i];
  ink_json_object(out, NULL);
  ink_json_string(out, "pack", e->path);
  ink_json_string(out, "models", e->models);
  ink_json_count(out, "bytes", e->bytes);
  ink_json_double(out, "open_ms", e->open_ms);
  ink_json_double(out, "slate_ms", e->slate_ms);
  ink_json_object(out, "metrics");
  for (uint32_t m = 0; m < j->m.n_metrics; m++) {
    const ink_metric_value *v = &e->report.values[m];
    ink_json_object(out, j->m.metrics[m].name);
    ink_json_double(out, "value", v->value);
    ink_json_array(out, "ci95");
    ink_json_double(out, NULL, v->low);
    ink_json_double(out, NULL, v->high);
    ink_json_array_end(out);
    if (i > 0 && !ink_metric_of_all(j->m.metrics[m].kind)) put_pair(out, &e->paired[m]);
    ink_json_object_end(out);
  }
  ink_json_object_end(out);
  ink_json_object_end(out);
}

static int put_table(cli *c, const job *j) {
  char text[100];
  const char *ranking = cli_measure_ranking(&j->m, &j->entries[0].report, text);
  ink_json_object(&c->out, NULL);
  ink_json_string(&c->out, "protocol", ink_protocol_name(j->m.protocol));
  if (ranking != NULL) ink_json_string(&c->out, "ranked", ranking);
  ink_json_count(&c->out, "users", j->entries[0].report.counts.n_users);
  ink_json_array(&c->out, "packs");
  for (uint32_t i = 0; i < j->n; i++) put_entry(&c->out, j, i);
  ink_json_array_end(&c->out);
  ink_json_count(&c->out, "rounds", j->how.rounds);
  ink_json_double(&c->out, "significant_below", border(j));
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

/* --------------------------------------------------------------------- door */

static int run(cli *c) {
  job *j = cli_take(c->memory, 1, sizeof *j);
  if (j == NULL) return cli_no_memory();
  memset(j, 0, sizeof *j);
  int code = cli_measure_words(c, "unseen-users", &j->m);
  if (code == CLI_DONE) code = cli_measure_check_files(c, &j->m);
  if (code != CLI_DONE) return code;
  j->n = c->args.n_words;
  j->how = (ink_resampling){ (uint32_t)cli_args_number(&c->args, cli_args_index(&c->args, "rounds"), 10000), j->m.how.seed };
  j->entries = cli_take(c->memory, j->n, sizeof *j->entries);
  if (j->entries == NULL) return cli_no_memory();
  memset(j->entries, 0, j->n * sizeof *j->entries);
  for (uint32_t i = 0; i < j->n && code == CLI_DONE; i++) {
    j->entries[i].path = c->args.words[i];
    code = measure_entry(c, j, &j->entries[i]);
  }
  if (code != CLI_DONE) return code;
  return c->json ? put_table(c, j) : print_table(j);
}

const cli_command cli_cmd_compare = {
  .name = "compare", .words = "PACK PACK ...", .min_words = 2, .max_words = MOST_PACKS,
  .about = "packs side by side: quality, bytes, milliseconds, and whether a difference is more than luck",
  .details = "Measures every pack on the same people, as eval does (inkling eval --help has the protocols), and tests each against the\n"
             "first. A difference is believed when its p lies below 0.05 over the number of comparisons: those are marked. What is\n"
             "good on the average may be worse for some: inkling eval --by history, --by popularity tell.",
  .examples = "  inkling compare als.safetensors rp3.safetensors --history train.csv --test test.csv --protocol known-users\n"
              "  inkling compare small.safetensors large.safetensors --test others.csv --metrics recall@20,novelty@20 --json\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
