/* cmd_eval.c - inkling eval PACK: how good its answers are on events that it has not seen, by the engine that
 * ships. What the numbers mean stands in core/eval/metrics.h and protocol.h. */
#include "data_options.h"
#include "leaks.h"

#include <math.h>
#include <string.h>

#include "protocol.h"
#include "split.h"

static const char *const protocol_words[] = { "known-users", "unseen-users", "leave-last", "candidates", "ratings", NULL };

enum { HISTORY, TEST, PROTOCOL, METRICS, CANDIDATES, SPLIT, SEED, ONLY_UNSEEN, VALIDATION, MODEL, WITH_SEEN, NOW, ALLOW_OVERLAP };
static const cli_option options[] = {
  [HISTORY] = { .name = "history", .kind = CLI_TEXT, .value = "FILE", .help = "what the people of the test did before" },
  [TEST] = { .name = "test", .kind = CLI_TEXT, .value = "FILE", .help = "what they did then: to be predicted" },
  [PROTOCOL] = { .name = "protocol", .kind = CLI_WORD, .words = protocol_words, .value = "P",
                 .help = "unseen-users (default), known-users, leave-last, candidates, ratings: see above" },
  [METRICS] = { .name = "metrics", .kind = CLI_TEXT, .value = "M,M,...",
                .help = "precision@K recall@K f1@K ap@K map@K ndcg@K mrr@K hit@K auc coverage@K, or rmse and mae of ratings (default: recall@20,ndcg@20; "
                        "hit@10,ndcg@10 for candidates; rmse,mae for ratings)" },
  [CANDIDATES] = { .name = "candidates", .kind = CLI_TEXT, .value = "FILE",
                   .help = "candidates: user item item ... each person's items to rank the test items among" },
  [SPLIT] = { .name = "split", .kind = CLI_REAL, .low = 0.000001, .high = 0.999999, .value = "SHARE",
              .help = "unseen-users with one file (--test): the share of each person's items that is to be predicted (default 0.2)" },
  [SEED] = { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N",
             .help = "for --split, and for models that explore (default 0)" },
  [ONLY_UNSEEN] = { .name = "only-unseen", .kind = CLI_FLAG,
                    .help = "unseen-users with one file: leave out the people that the pack was trained on (for packs made with --holdout users:P)" },
  [VALIDATION] = { .name = "validation", .kind = CLI_FLAG, .help = "leave-last: predict the last event but one, from those before it" },
  [MODEL] = { .name = "model", .kind = CLI_TEXT, .value = "NAME",
              .help = "measure this model of the pack alone (default: as served, with its fallbacks)" },
  [WITH_SEEN] = { .name = "with-seen", .kind = CLI_FLAG, .help = "items of the history may be recommended again" },
  [NOW] = { .name = "now", .kind = CLI_WHOLE, .low = -9007199254740991.0, .high = 9007199254740991.0, .value = "MS",
            .help = "the time of every request (default: the latest in the history)" },
  [ALLOW_OVERLAP] = { .name = "allow-overlap", .kind = CLI_FLAG,
                      .help = "measure even where the pack was trained on the test data; the answer says so" },
  CLI_EVENT_OPTIONS
};

typedef struct job {
  uint32_t protocol;              /* INK_PROTOCOL_* */
  ink_metric metrics[INK_MAX_METRICS];
  uint32_t n_metrics;
  ink_dataset history_file, test_file, candidates_file, history_part, test_part;
  const ink_dataset *history, *test, *candidates;
  cli_leaks leaks;
  ink_eval_report report;
  double seconds;
} job;

/* ---------------------------------------------------------------- the words */

static int read_words(cli *c, job *j) {
  static const char *const standard[] = { [INK_PROTOCOL_KNOWN_USERS] = "recall@20,ndcg@20",
                                          [INK_PROTOCOL_UNSEEN_USERS] = "recall@20,ndcg@20",
                                          [INK_PROTOCOL_LEAVE_LAST] = "recall@20,ndcg@20", [INK_PROTOCOL_CANDIDATES] = "hit@10,ndcg@10",
                                          [INK_PROTOCOL_RATINGS] = "rmse,mae" };
  const char *protocol = cli_args_text(&c->args, PROTOCOL), *metrics = cli_args_text(&c->args, METRICS);
  j->protocol = ink_protocol_named(cli_text(protocol == NULL ? "unseen-users" : protocol));
  if (metrics == NULL) metrics = standard[j->protocol];
  if (ink_metrics_parse(cli_text(metrics), j->metrics, &j->n_metrics, &c->fault) != INK_OK) {
    char sentence[300];
    (void)ink_fault_text(&c->fault, sentence, sizeof sentence);
    return cli_bad_words(c, "--metrics %s: %s", metrics, sentence);
  }
  for (uint32_t i = 0; i < j->n_metrics; i++) {
    if (ink_metric_of_ranking(j->metrics[i].kind) != (j->protocol != INK_PROTOCOL_RATINGS)) {
      return cli_bad_words(c, "--metrics %s: rmse and mae are for --protocol ratings, all others for rankings", j->metrics[i].name);
    }
  }
  return CLI_DONE;
}

/* One file is cut in two; two files are taken as they are. */
static bool takes_one_file(const job *j, const char *history, const char *test) {
  return j->protocol == INK_PROTOCOL_LEAVE_LAST || (j->protocol == INK_PROTOCOL_UNSEEN_USERS && (history == NULL || test == NULL));
}

static int check_files(const cli *c, const job *j) {
  const char *history = cli_args_text(&c->args, HISTORY), *test = cli_args_text(&c->args, TEST),
      *candidates = cli_args_text(&c->args, CANDIDATES);
  const bool one = takes_one_file(j, history, test);
  const char *name = ink_protocol_name(j->protocol);
  if (one && (history == NULL) == (test == NULL)) return cli_bad_words(c, "--protocol %s wants one file: --test FILE", name);
  if (!one && (history == NULL || test == NULL)) return cli_bad_words(c, "--protocol %s wants --history FILE and --test FILE", name);
  if ((j->protocol == INK_PROTOCOL_CANDIDATES) != (candidates != NULL)) {
    return cli_bad_words(c, "--candidates FILE and --protocol candidates belong together");
  }
  if (cli_args_flag(&c->args, ONLY_UNSEEN) && !(one && j->protocol == INK_PROTOCOL_UNSEEN_USERS)) {
    return cli_bad_words(c, "--only-unseen is for --protocol unseen-users with one file");
  }
  return CLI_DONE;
}

/* -------------------------------------------------------------------- files */

#define PART_LEFT_OUT 7u          /* in neither part */

/* The events of people that the pack was trained on. */
static void drop_known_people(const job *j, uint8_t *parts) {
  const ink_dataset *d = &j->test_file;
  for (uint32_t u = 0; u < d->users.n; u++) {
    if (!ink_sidecar_knows(&j->leaks.sidecar, ink_names_at(&d->users, u))) continue;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++) parts[e] = PART_LEFT_OUT;
  }
}

static int cut(cli *c, job *j) {
  const ink_split_rule pairs = { .how = INK_SPLIT_PAIRS, .fraction = cli_args_number(&c->args, SPLIT, 0.2),
                                 .seed = (uint64_t)cli_args_number(&c->args, SEED, 0) };
  const ink_split_rule last = { .how = INK_SPLIT_LAST, .validation = cli_args_flag(&c->args, VALIDATION) };
  const ink_split_rule *rule = j->protocol == INK_PROTOCOL_LEAVE_LAST ? &last : &pairs;
  const uint32_t test = rule->validation ? INK_PART_VALIDATION : INK_PART_TEST;
  const ink_train_env env = cli_env(c);
  uint8_t *parts = cli_take(c->memory, (size_t)j->test_file.n_events + 1, 1);
  if (parts == NULL) return cli_no_memory();
  ink_status status = ink_split_parts(&j->test_file, rule, &env, parts);
  if (cli_args_flag(&c->args, ONLY_UNSEEN)) drop_known_people(j, parts);
  if (status == INK_OK) status = ink_dataset_part(&j->test_file, parts, 1u << INK_PART_TRAIN, &env, &j->history_part);
  if (status == INK_OK) status = ink_dataset_part(&j->test_file, parts, 1u << test, &env, &j->test_part);
  j->history = &j->history_part;
  j->test = &j->test_part;
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

static int read_files(cli *c, job *j) {
  const char *history = cli_args_text(&c->args, HISTORY), *test = cli_args_text(&c->args, TEST),
      *candidates = cli_args_text(&c->args, CANDIDATES);
  ink_read_options how;
  int code = cli_event_options(c, &how);
  if (code != CLI_DONE) return code;
  if (takes_one_file(j, history, test)) {
    code = cli_dataset_read(c, test != NULL ? test : history, &how, NULL, &j->test_file);
    return code == CLI_DONE ? cut(c, j) : code;
  }
  code = cli_dataset_read(c, history, &how, NULL, &j->history_file);
  if (code == CLI_DONE) code = cli_dataset_read(c, test, &how, &j->history_file, &j->test_file);
  j->history = &j->history_file;
  j->test = &j->test_file;
  if (code != CLI_DONE || candidates == NULL) return code;
  const ink_read_options lists = { .format = INK_FORMAT_ADJACENCY };
  j->candidates = &j->candidates_file;
  return cli_dataset_read(c, candidates, &lists, &j->test_file, &j->candidates_file);
}

/* ------------------------------------------------------------------ measure */

/* The families' own checks, and which of them is asked for. */
static int find_model(cli *c, const cli_pack *pack, uint32_t *family) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1, .max_count = 1, .max_reasons = 1 };
  ink_engine *engine;
  const int code = cli_engine_open(c, pack, &limits, &engine);
  return code == CLI_DONE ? cli_find_model(c, pack, engine, cli_args_text(&c->args, MODEL), family) : code;
}

static int measure(cli *c, const cli_pack *pack, job *j, uint32_t family) {
  const ink_eval_options how = { .metrics = j->metrics, .n_metrics = j->n_metrics, .family = family,
                                 .with_seen = cli_args_flag(&c->args, WITH_SEEN),
                                 .now = cli_args_text(&c->args, NOW) == NULL ? INK_NO_TIME : (int64_t)cli_args_number(&c->args, NOW, 0),
                                 .seed = (uint64_t)cli_args_number(&c->args, SEED, 0) };
  const ink_train_env env = cli_env(c);
  const double start = cli_seconds();
  const ink_status status = j->protocol == INK_PROTOCOL_RATINGS
      ? ink_eval_ratings(pack->pack, j->history, j->test, &how, &env, &j->report)
      : ink_eval_ranking(pack->pack, j->history, j->test, j->candidates, &how, &env, &j->report);
  j->seconds = cli_seconds() - start;
  cli_progress_end(&c->progress);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

/* ------------------------------------------------------------------- report */

static void put_metrics(ink_json_out *out, const job *j) {
  ink_json_object(out, "metrics");
  for (uint32_t i = 0; i < j->n_metrics; i++) {
    const ink_metric_value *v = &j->report.values[i];
    ink_json_object(out, j->metrics[i].name);
    ink_json_double(out, "value", v->value);
    ink_json_array(out, "ci95");
    ink_json_double(out, NULL, v->low);
    ink_json_double(out, NULL, v->high);
    ink_json_array_end(out);
    ink_json_object_end(out);
  }
  ink_json_object_end(out);
}

static void put_counts(ink_json_out *out, const job *j) {
  const ink_eval_counts *n = &j->report.counts;
  ink_json_object(out, "counts");
  ink_json_count(out, "test", n->n_test);
  ink_json_count(out, "test_outside_catalogue", n->n_test_outside);
  ink_json_count(out, "test_in_history", n->n_test_seen);
  ink_json_count(out, "candidates_outside_catalogue", n->n_candidates_outside);
  ink_json_count(out, "users_without_test", n->n_without_test);
  ink_json_count(out, "users_without_history", n->n_without_history);
  ink_json_count(out, "users_without_slate", n->n_without_slate);
  ink_json_object_end(out);
  ink_json_object(out, "overlap");
  ink_json_bool(out, "checked", j->leaks.checked);
  ink_json_count(out, "pairs", j->leaks.overlap.n_pairs_known);
  ink_json_count(out, "users", j->leaks.overlap.n_users_known);
  ink_json_object_end(out);
}

static int put_report(cli *c, const job *j) {
  ink_json_object(&c->out, NULL);
  ink_json_string(&c->out, "protocol", ink_protocol_name(j->protocol));
  ink_json_count(&c->out, "users", j->report.counts.n_users);
  put_metrics(&c->out, j);
  put_counts(&c->out, j);
  ink_json_double(&c->out, "seconds", j->seconds);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

static int print_report(const job *j) {
  const ink_eval_counts *n = &j->report.counts;
  printf("%s: %u people, %llu test items, %.2f s\n\n", ink_protocol_name(j->protocol), n->n_users, (unsigned long long)n->n_test,
         j->seconds);
  for (uint32_t i = 0; i < j->n_metrics; i++) {
    const ink_metric_value *v = &j->report.values[i];
    printf("  %-14s %8.5f", j->metrics[i].name, v->value);
    if (!isnan(v->low)) printf("   %.5f to %.5f at 95 %%", v->low, v->high);
    fputc('\n', stdout);
  }
  if (n->n_test_outside > 0) printf("\n%llu test items are not in the pack\n", (unsigned long long)n->n_test_outside);
  if (n->n_test_seen > 0) printf("%llu test items stand in the history and were left out\n", (unsigned long long)n->n_test_seen);
  if (n->n_without_history > 0) printf("%u people had nothing of the pack in their history\n", n->n_without_history);
  const bool people_matter = j->protocol == INK_PROTOCOL_UNSEEN_USERS;
  if (j->leaks.overlap.n_pairs_known > 0 || (people_matter && j->leaks.overlap.n_users_known > 0)) {
    printf("the pack was trained on %llu of the test pairs and %u of the test people\n",
           (unsigned long long)j->leaks.overlap.n_pairs_known, j->leaks.overlap.n_users_known);
  }
  return CLI_DONE;
}

static int evaluate(cli *c, const cli_pack *pack, job *j) {
  uint32_t family;
  int code = find_model(c, pack, &family);
  if (code == CLI_DONE) code = cli_leaks_open(c, pack, &j->leaks);
  if (code == CLI_DONE && cli_args_flag(&c->args, ONLY_UNSEEN) && !j->leaks.checked) {
    code = cli_bad_input("DATA_OVERLAP", pack->file.path, "--only-unseen needs the record of who was trained on");
  }
  if (code == CLI_DONE) code = read_files(c, j);
  if (code == CLI_DONE) {
    code = cli_leaks_check(c, pack, j->test, j->protocol == INK_PROTOCOL_UNSEEN_USERS, cli_args_flag(&c->args, ALLOW_OVERLAP), &j->leaks);
  }
  if (code == CLI_DONE) code = measure(c, pack, j, family);
  cli_leaks_close(&j->leaks);
  if (code != CLI_DONE) return code;
  return c->json ? put_report(c, j) : print_report(j);
}

/* The data sets' memory, like all of a call, goes back at its end. */
static int run(cli *c) {
  job *j = cli_take(c->memory, 1, sizeof *j);
  if (j == NULL) return cli_no_memory();
  memset(j, 0, sizeof *j);
  int code = read_words(c, j);
  if (code == CLI_DONE) code = check_files(c, j);
  if (code != CLI_DONE) return code;
  cli_pack pack;
  code = cli_pack_open(c, c->args.words[0], &pack);
  if (code == CLI_DONE) code = evaluate(c, &pack, j);
  cli_pack_close(&pack);
  return code;
}

const cli_command cli_cmd_eval = {
  .name = "eval", .words = "PACK", .min_words = 1, .max_words = 1,
  .about = "measure a pack on events that it has not seen",
  .details = "Every person is folded in from the history, as on a device, and asked for a slate. Protocols:\n"
             "  unseen-users  people that the pack was not trained on: --history H --test T, or one file (--test) of which\n"
             "                a share of each person's items (--split) is to be predicted\n"
             "  known-users   --history: what the pack was trained on, --test: what the same people did then\n"
             "  leave-last    one file (--test): the last event of each person is predicted from those before it\n"
             "  candidates    --candidates: the test items are ranked among the listed items only\n"
             "  ratings       RMSE and MAE of the test's values\n"
             "Where PACK.training lies beside the pack, test data that was trained on is refused (exit code 3).",
  .examples = "  inkling eval movies.safetensors --history train.csv --test test.csv --protocol known-users --metrics recall@20,ndcg@20\n"
              "  inkling eval movies.safetensors --test others.csv --split 0.2 --seed 1 --json\n"
              "  inkling eval movies.safetensors --test ratings.csv --only-unseen      (trained with --holdout users:10%)\n"
              "  inkling eval movies.safetensors --history u1.base --test u1.test --protocol ratings\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
