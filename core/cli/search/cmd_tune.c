/* cmd_tune.c - inkling tune FAMILY: settings that are good on a part of the training events that is held back. Random
 * search (Bergstra & Bengio 2012), or successive halving (halving.h): many configurations are trained on few
 * of the people, the best third of them on three times as many, and so on to all. */
#include "fit_pack.h"
#include "files.h"
#include "halving.h"
#include "holdout.h"
#include "hybrid_train.h"
#include "measure.h"
#include "settings.h"
#include "tune_space.h"
#include "tune_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

#define MOST_RUNGS 16u
#define SHOWN 20u                 /* lines of the table at the end */
#define PART_UNUSED 3u            /* test events of people who are not measured */

static const char *const method_words[] = { "random", "halving", NULL };
enum { RANDOM, HALVING };

enum { EVENTS, OUT, TRY, SET, MEMBERS, METHOD, TRIALS, ETA, METRIC, SPLIT, PEOPLE, STATE, SEED };
static const cli_option options[] = {
  [EVENTS] = { .name = "events", .kind = CLI_TEXT, .required = true, .value = "FILE", .help = "who did what: the training events alone" },
  [OUT] = { .name = "output", .letter = 'o', .kind = CLI_TEXT, .value = "FILE",
            .help = "where the best settings go, a line each; inkling train FAMILY --set @FILE takes them" },
  [TRY] = { .name = "try", .kind = CLI_TEXT, .repeats = true, .value = "KEY=A,B,C",
            .help = "what is tried of a setting: values, or a range as regularization=0.001..1 (default: every number from a quarter to four "
                    "times its standard)" },
  [SET] = { .name = "set", .kind = CLI_TEXT, .repeats = true, .value = "KEY=VALUE", .help = "a setting that stays as it is" },
  [MEMBERS] = { .name = "members", .kind = CLI_TEXT, .value = "A,B,...",
                .help = "hybrid: the families to blend; --try and --set speak of one as als.factors=32,64" },
  [METHOD] = { .name = "method", .kind = CLI_WORD, .words = method_words, .value = "M",
               .help = "halving (default): many configurations on few people, the best on ever more; random: each on all" },
  [TRIALS] = { .name = "trials", .kind = CLI_WHOLE, .low = 1, .high = 5000, .value = "N", .help = "configurations (default 27); the first is the standard one" },
  [ETA] = { .name = "eta", .kind = CLI_WHOLE, .low = 2, .high = 10, .value = "N", .help = "halving: one of N goes on, with N times the people (default 3)" },
  [METRIC] = { .name = "metric", .kind = CLI_TEXT, .value = "M", .help = "what is to be good (default: ndcg@20; rmse where --set feedback=explicit)" },
  [SPLIT] = { .name = "split", .kind = CLI_TEXT, .value = "RULE", .help = "what is held back: random:20% (default), users:20%, leave-last, time:80%" },
  [PEOPLE] = { .name = "people", .kind = CLI_WHOLE, .low = 10, .high = 1e9, .value = "N", .help = "people measured at most, drawn by lot (default 5000)" },
  [STATE] = { .name = "state", .kind = CLI_TEXT, .value = "FILE", .help = "finished trials are kept here; the same call goes on from it" },
  [SEED] = { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N", .help = "for all that is drawn by lot (default 0)" },
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS
};

typedef struct job {
  tune_space space;
  tune_state state;
  ink_metric metric;
  bool of_ratings;
  uint64_t seed;
  ink_dataset data, history, test;
  uint8_t *parts;
  uint32_t n_rungs, eta;          /* the last rung is trained on all people */
  uint32_t *alive; uint32_t n_alive;       /* configurations that are still in, best first after a rung */
  double *values;                 /* room for one configuration */
  uint32_t n_planned, n_done;     /* trials */
} job;

/* -------------------------------------------------------------------- words */

static int read_metric(cli *c, job *j) {
  const char *text = cli_args_text(&c->args, METRIC);
  bool explicit_feedback = false;
  uint32_t cursor = 0, n;
  const char *pair;
  ink_metric metrics[INK_MAX_METRICS];
  while ((pair = cli_args_next(&c->args, SET, &cursor)) != NULL) explicit_feedback = explicit_feedback || strcmp(pair, "feedback=explicit") == 0;
  if (text == NULL) text = explicit_feedback ? "rmse" : "ndcg@20";
  if (ink_metrics_parse(cli_text(text), metrics, &n, &c->fault) != INK_OK || n != 1) {
    return cli_bad_words(c, "--metric %s: one metric, as ndcg@20 or rmse", text);
  }
  if (ink_metric_of_slate(metrics[0].kind) || ink_metric_of_all(metrics[0].kind)) {
    return cli_bad_words(c, "--metric %s: it asks how slates look, not whether they are right", text);
  }
  j->metric = metrics[0];
  j->of_ratings = !ink_metric_of_ranking(j->metric.kind);
  return CLI_DONE;
}

/* Rungs as long as one configuration is left for the last. */
static void plan_rungs(const cli *c, job *j) {
  uint32_t left = (uint32_t)cli_args_number(&c->args, TRIALS, 27);
  j->eta = (uint32_t)cli_args_number(&c->args, ETA, 3);
  j->n_alive = left;
  j->n_rungs = 1;
  j->n_planned = left;
  if ((uint32_t)cli_args_number(&c->args, METHOD, (double)HALVING) == RANDOM) return;
  while (left >= j->eta && j->n_rungs < MOST_RUNGS) {
    left = cli_halving_left(left, j->eta);
    j->n_planned += left;
    j->n_rungs++;
  }
}

/* --------------------------------------------------------------------- data */

static int read_data(cli *c, job *j) {
  ink_read_options how;
  ink_items_options item_options;
  const char *items = cli_args_text(&c->args, cli_args_index(&c->args, "items"));
  int code = cli_event_options(c, &how);
  if (code == CLI_DONE) code = cli_item_options(c, &item_options);
  if (code == CLI_DONE) code = cli_dataset_read(c, cli_args_text(&c->args, EVENTS), &how, NULL, &j->data);
  return code == CLI_DONE && items != NULL ? cli_items_read(c, items, &item_options, &j->data) : code;
}

/* Test events of people beyond --people are left out. */
static void limit_people(const cli *c, job *j) {
  const ink_dataset *d = &j->data;
  double n_people = 0;
  for (uint32_t u = 0; u < d->users.n; u++) {
    bool tested = false;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++) tested = tested || j->parts[e] == INK_PART_TEST;
    n_people += tested;
  }
  const double share = cli_args_number(&c->args, PEOPLE, 5000) / (n_people > 0 ? n_people : 1);
  for (uint32_t u = 0; u < d->users.n && share < 1; u++) {
    if (cli_halving_lot(d, u, ~j->seed) < share) continue;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++) if (j->parts[e] == INK_PART_TEST) j->parts[e] = PART_UNUSED;
  }
}

/* People who are held back as a whole are folded from four fifths of their items. */
static ink_status cut_people(const job *j, const ink_train_env *env, uint8_t *pairs) {
  const ink_split_rule rule = { .how = INK_SPLIT_PAIRS, .fraction = 0.2, .seed = j->seed };
  const ink_status status = ink_split_parts(&j->data, &rule, env, pairs);
  for (uint64_t e = 0; e < j->data.n_events && status == INK_OK; e++)
    if (j->parts[e] == INK_PART_TEST && pairs[e] != INK_PART_TEST) j->parts[e] = INK_PART_VALIDATION;
  return status;
}

static int cut_data(cli *c, job *j) {
  const char *words = cli_args_text(&c->args, SPLIT);
  const ink_train_env env = cli_env(c);
  ink_split_rule rule = { .seed = j->seed };
  int code = cli_split_rule(c, "split", words == NULL ? "random:0.2" : words, "", &j->data, &rule);
  if (code != CLI_DONE) return code;
  rule.validation = false;
  j->parts = cli_take(c->memory, (size_t)j->data.n_events + 1, 1);
  uint8_t *pairs = cli_take(c->memory, (size_t)j->data.n_events + 1, 1);
  if (j->parts == NULL || pairs == NULL) return cli_no_memory();
  const bool users = rule.how == INK_SPLIT_USERS;
  ink_status status = ink_split_parts(&j->data, &rule, &env, j->parts);
  if (status == INK_OK && users) status = cut_people(j, &env, pairs);
  limit_people(c, j);
  if (status == INK_OK) status = ink_dataset_part(&j->data, j->parts, users ? 1u << INK_PART_VALIDATION : 1u << INK_PART_TRAIN, &env, &j->history);
  if (status == INK_OK) status = ink_dataset_part(&j->data, j->parts, 1u << INK_PART_TEST, &env, &j->test);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

/* -------------------------------------------------------------------- trials */

static double share_of(const job *j, uint32_t rung) { return cli_halving_share(j->eta, j->n_rungs, rung); }

static int measure(cli *c, const job *j, const cli_fit *fit, double *value) {
  const ink_train_env env = cli_env(c);
  const ink_eval_options how = { .metrics = &j->metric, .n_metrics = 1, .family = INK_NONE, .now = INK_NO_TIME, .seed = j->seed };
  ink_eval_report report;
  const ink_status status = j->of_ratings ? ink_eval_ratings(fit->pack, &j->history, &j->test, &how, &env, &report)
                                          : ink_eval_ranking(fit->pack, &j->history, &j->test, NULL, &how, &env, &report);
  cli_progress_end(&c->progress);
  *value = status == INK_OK ? report.values[0].value : NAN;
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

/* A configuration that cannot be trained (it diverges, a system is singular) has no value; a failing machine ends all. */
static int try_config(cli *c, job *j, const ink_dataset *kept, uint32_t config, uint32_t rung) {
  tune_trial t = { config, rung, NAN, 0 };
  cli_fit fit;
  const double start = cli_seconds();
  tune_space_draw(&j->space, j->seed, config, j->values);
  int code = cli_fit_pack(c, j->space.trainer, j->values, j->seed, &j->data, kept, &fit);
  if (code == CLI_DONE) code = measure(c, j, &fit, &t.value);
  cli_fit_close(&fit);
  t.seconds = cli_seconds() - start;
  return code == CLI_FAILED ? code : tune_state_add(c, &j->state, &t);
}

/* Seconds that the trials to come will take, by what those of this and other rungs took for each person. */
static double seconds_left(const job *j, uint32_t rung, uint32_t n_left) {
  double seconds = 0, people = 0, to_come = 0;
  for (uint32_t i = 0; i < j->state.n; i++) {
    seconds += j->state.trials[i].seconds;
    people += share_of(j, j->state.trials[i].rung);
  }
  for (uint32_t r = rung, n = j->n_alive; r < j->n_rungs; r++, n = cli_halving_left(n, j->eta)) {
    to_come += share_of(j, r) * (double)(r == rung ? n_left : n);
  }
  return people > 0 ? seconds / people * to_come : 0;
}

static bool better(const job *j, double a, double b) {
  if (isnan(a) || isnan(b)) return !isnan(a) && isnan(b);
  return ink_metric_rises(j->metric.kind) ? a > b : a < b;
}

static void tell(const job *j, const tune_trial *t, uint32_t n_left) {
  double best = NAN;
  for (uint32_t i = 0; i < j->state.n; i++)
    if (j->state.trials[i].rung == t->rung && better(j, j->state.trials[i].value, best)) best = j->state.trials[i].value;
  fprintf(stderr, "[%u/%u] configuration %u on %.3g %% of the people: %s %.5f (best %.5f), %.1f s; about %.0f s left\n", j->n_done, j->n_planned,
          t->config, 100 * share_of(j, t->rung), j->metric.name, t->value, best, t->seconds, seconds_left(j, t->rung, n_left));
}

/* ------------------------------------------------------------------- search */

/* Best first; equal ones by number. A plain insertion: there are few. */
static void order_alive(job *j, uint32_t rung) {
  for (uint32_t i = 1; i < j->n_alive; i++) {
    const uint32_t config = j->alive[i];
    const double value = tune_state_find(&j->state, config, rung)->value;
    uint32_t at = i;
    for (; at > 0 && better(j, value, tune_state_find(&j->state, j->alive[at - 1], rung)->value); at--) j->alive[at] = j->alive[at - 1];
    j->alive[at] = config;
  }
}

static int run_rung(cli *c, job *j, uint32_t rung) {
  const ink_train_env env = cli_env(c);
  ink_dataset kept;
  const ink_status status = cli_halving_people(&j->data, j->parts, share_of(j, rung), j->seed, &env, &kept);
  int code = status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
  for (uint32_t i = 0; i < j->n_alive && code == CLI_DONE; i++) {
    const bool known = tune_state_find(&j->state, j->alive[i], rung) != NULL;
    if (!known) code = try_config(c, j, &kept, j->alive[i], rung);
    j->n_done++;
    if (code == CLI_DONE && !known) tell(j, tune_state_find(&j->state, j->alive[i], rung), j->n_alive - i - 1);
  }
  if (status == INK_OK) ink_dataset_free(&kept);
  if (code == CLI_DONE) order_alive(j, rung);
  return code;
}

static int search(cli *c, job *j) {
  j->alive = cli_take(c->memory, j->n_alive, sizeof *j->alive);
  if (j->alive == NULL) return cli_no_memory();
  for (uint32_t i = 0; i < j->n_alive; i++) j->alive[i] = i;
  int code = CLI_DONE;
  for (uint32_t rung = 0; rung < j->n_rungs && code == CLI_DONE; rung++) {
    if (rung > 0) j->n_alive = cli_halving_left(j->n_alive, j->eta);
    code = run_rung(c, j, rung);
  }
  return code;
}

/* Does trial a stand before trial b in the table? Trained on more people first. */
static bool stands_before(const job *j, const tune_trial *a, const tune_trial *b) {
  if (a->rung != b->rung) return a->rung > b->rung;
  if (better(j, a->value, b->value) || better(j, b->value, a->value)) return better(j, a->value, b->value);
  return a->config < b->config;
}

static void sort_trials(job *j) {
  tune_trial *t = j->state.trials;
  for (uint32_t i = 1; i < j->state.n; i++) {
    const tune_trial one = t[i];
    uint32_t at = i;
    for (; at > 0 && stands_before(j, &one, &t[at - 1]); at--) t[at] = t[at - 1];
    t[at] = one;
  }
}

/* ------------------------------------------------------------------- report */

/* "factors=64 regularization=0.01": what was tried. */
static void print_tried(const job *j, const char *before, const char *between, FILE *out) {
  for (uint32_t i = 0; i < j->space.n_dims; i++) {
    const ink_setting *s = &j->space.trainer->settings[j->space.dims[i].setting];
    char text[64];
    tune_value_text(s, j->values[j->space.dims[i].setting], text);
    fprintf(out, "%s%s%s=%s", i == 0 ? "" : between, before, s->name, text);
  }
}

static int print_table(const cli *c, job *j) {
  const char *members = cli_args_text(&c->args, MEMBERS);
  printf("\n%5s %8s %12s %9s  %s\n", "place", "people", j->metric.name, "seconds", "settings");
  for (uint32_t i = 0; i < j->state.n && i < SHOWN; i++) {
    const tune_trial *t = &j->state.trials[i];
    tune_space_draw(&j->space, j->seed, t->config, j->values);
    printf("%5u %6.3g %%", i + 1, 100 * share_of(j, t->rung));
    cli_print_figure(t->value, 12);
    printf(" %9.1f  ", t->seconds);
    print_tried(j, "", " ", stdout);
    printf("%s\n", t->config == 0 ? "   (standard)" : "");
  }
  if (j->state.n > SHOWN) printf("      and %u more\n", j->state.n - SHOWN);
  tune_space_draw(&j->space, j->seed, j->state.trials[0].config, j->values);
  printf("\ninkling train %s %s%s%s", j->space.trainer->name, members == NULL ? "" : "--members ", members == NULL ? "" : members, members == NULL ? "" : " ");
  print_tried(j, "--set ", " ", stdout);
  printf(" ...\n");
  return CLI_DONE;
}

static int put_table(cli *c, job *j) {
  ink_json_out *out = &c->out;
  ink_json_object(out, NULL);
  ink_json_string(out, "family", j->space.trainer->name);
  ink_json_string(out, "metric", j->metric.name);
  ink_json_count(out, "seed", j->seed);
  ink_json_count(out, "kept", j->state.n_kept);
  ink_json_array(out, "trials");
  for (uint32_t i = 0; i < j->state.n; i++) {
    const tune_trial *t = &j->state.trials[i];
    tune_space_draw(&j->space, j->seed, t->config, j->values);
    ink_json_object(out, NULL);
    ink_json_count(out, "config", t->config);
    ink_json_double(out, "people", share_of(j, t->rung));
    ink_json_double(out, "value", t->value);
    ink_json_double(out, "seconds", t->seconds);
    ink_json_object(out, "settings");
    cli_put_settings(out, j->space.trainer, j->values);
    ink_json_object_end(out);
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
  ink_json_object_end(out);
  return cli_print_json(c);
}

/* A line for each setting, of all that the search ran with: those that were tried and those of --set. */
static int write_best(cli *c, job *j) {
  const char *path = cli_args_text(&c->args, OUT);
  cli_output *output;
  if (path == NULL) return CLI_DONE;
  const int code = cli_output_open(c->memory, path, &output);
  if (code != CLI_DONE) return code;
  tune_space_draw(&j->space, j->seed, j->state.trials[0].config, j->values);
  for (uint32_t i = 0; i < j->space.trainer->n_settings; i++) {
    const ink_setting *s = &j->space.trainer->settings[i];
    char text[64], line[160];
    if (j->values[i] == s->standard) continue;
    tune_value_text(s, j->values[i], text);
    const int n = snprintf(line, sizeof line, "%s=%s\n", s->name, text);
    (void)cli_output_write(output, line, (size_t)n);       /* a failure is told by the commit */
  }
  const int committed = cli_output_commit(&output, 1);
  cli_output_drop(output);
  return committed;
}

/* --------------------------------------------------------------------- door */

/* What makes a search, beside its space. */
static uint64_t hash_of(const cli *c, const job *j) {
  const char *split = cli_args_text(&c->args, SPLIT), *members = cli_args_text(&c->args, MEMBERS);
  const double numbers[] = { (double)j->data.n_events, (double)j->data.users.n, (double)j->data.items.n, j->n_rungs, j->eta, j->metric.kind, j->metric.k,
                             cli_args_number(&c->args, PEOPLE, 5000) };
  uint64_t h = tune_space_hash(&j->space, j->seed);
  h = ink_hash64(numbers, sizeof numbers, h);
  if (members != NULL) h = ink_hash64(members, strlen(members), h);
  return split == NULL ? h : ink_hash64(split, strlen(split), h);
}

static int tune(cli *c, job *j) {
  int code = read_data(c, j);
  if (code == CLI_DONE) code = cut_data(c, j);
  if (code == CLI_DONE) code = tune_state_open(c, cli_args_text(&c->args, STATE), hash_of(c, j), &j->state);
  if (code != CLI_DONE) return code;
  fprintf(stderr, "%s: %u configurations in %u rungs, %u trials, %u of them done; %llu held-back events\n", j->space.trainer->name, j->n_alive,
          j->n_rungs, j->n_planned, j->state.n_kept, (unsigned long long)j->test.n_events);
  tune_space_print(&j->space, stderr);
  code = search(c, j);
  if (code != CLI_DONE) return code;
  sort_trials(j);
  if (isnan(j->state.trials[0].value)) return cli_bad_input("DIVERGED", j->space.trainer->name, "no configuration could be trained");
  code = write_best(c, j);
  if (code != CLI_DONE) return code;
  return c->json ? put_table(c, j) : print_table(c, j);
}

static int run(cli *c) {
  job *j = cli_take(c->memory, 1, sizeof *j);
  if (j == NULL) return cli_no_memory();
  memset(j, 0, sizeof *j);
  const ink_trainer *trainer;
  int code = cli_any_trainer(c, c->args.words[0], &trainer);
  if (code != CLI_DONE) return code;
  j->seed = (uint64_t)cli_args_number(&c->args, SEED, 0);
  j->values = cli_take(c->memory, trainer->n_settings + 1u, sizeof *j->values);
  if (j->values == NULL) return cli_no_memory();
  code = tune_space_read(c, trainer, &j->space);
  if (code == CLI_DONE) code = read_metric(c, j);
  if (code != CLI_DONE) return code;
  plan_rungs(c, j);
  return tune(c, j);
}

const cli_command cli_cmd_tune = {
  .name = "tune", .words = "FAMILY", .min_words = 1, .max_words = 1,
  .about = "search good settings of a family on a held-back part of the training events",
  .details = "Holds back a part of the events (--split), trains configurations on the rest, measures them on that part, and names the\n"
             "best. The first configuration is the standard one. Hand it the training events alone: what a model is judged on in\n"
             "the end must not have chosen its settings. With --state a search that was stopped goes on; the same call and seed\n"
             "find the same settings, whatever the number of threads.",
  .examples = "  inkling tune als --events train.csv --set feedback=implicit --try factors=32,64,128 --try regularization=0.0005..0.05 -o best.txt\n"
              "  inkling train als --events train.csv --set feedback=implicit --set @best.txt -o movies.safetensors\n"
              "  inkling tune hybrid --events train.csv --members als,rp3 --try als.factors=64,128 --try rp3.beta=0.2..0.8 -o best.txt\n"
             "  inkling tune item-knn --events train.csv --trials 81 --state knn.state --metric recall@20\n"
              "  inkling tune als --events ratings.csv --set feedback=explicit --metric rmse --method random --trials 20 --json\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
