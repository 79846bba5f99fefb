/* eval_train.c - eval --train FAMILY: cuts the events (once, or in folds), trains on what is left, measures on what was cut
 * off. So a figure needs no pack on the disk, nothing can leak, and people can be scored as training left them, too.
 * Reading order: words, files, how events are cut, one part, all of them. */
#include "eval_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "hash.h"
#include "holdout.h"
#include "hybrid_train.h"
#include "settings.h"

#define MOST_FOLDS 50u
#define PART_HISTORY 3u           /* of people who are not trained on: what they are folded from */

static const char *text_of(const cli *c, const char *option) { return cli_args_text(&c->args, cli_args_index(&c->args, option)); }
static bool flag_of(const cli *c, const char *option) { return cli_args_flag(&c->args, cli_args_index(&c->args, option)); }

/* -------------------------------------------------------------------- words */

static bool is_users(const char *split) { return strncmp(split, "users:", 6) == 0; }

/* The cut that a protocol suggests, and the protocol that a cut suggests. */
static const char *standard_split(const char *protocol) {
  if (protocol != NULL && strcmp(protocol, "unseen-users") == 0) return "users:0.2";
  return protocol != NULL && strcmp(protocol, "leave-last") == 0 ? "leave-last" : "random:0.2";
}

static const char *standard_protocol(const char *split) {
  return split == NULL ? "known-users" : is_users(split) ? "unseen-users" : strcmp(split, "leave-last") == 0 ? "leave-last" : "known-users";
}

static int check_train_files(const cli *c, const eval_job *j) {
  const bool one = text_of(c, "events") != NULL, two = text_of(c, "history") != NULL && text_of(c, "test") != NULL;
  if (one == two || (one && (text_of(c, "history") != NULL || text_of(c, "test") != NULL))) {
    return cli_bad_words(c, "--train wants either --events FILE, to be cut by --split, or --history FILE and --test FILE");
  }
  if (two && (text_of(c, "split") != NULL || text_of(c, "folds") != NULL)) return cli_bad_words(c, "--split and --folds cut --events FILE");
  if ((j->m.protocol == INK_PROTOCOL_CANDIDATES) != (text_of(c, "candidates") != NULL)) {
    return cli_bad_words(c, "--candidates FILE and --protocol candidates belong together");
  }
  if (one && j->m.protocol == INK_PROTOCOL_CANDIDATES) return cli_bad_words(c, "--protocol candidates wants --history, --test and --candidates");
  if (j->split != NULL && is_users(j->split) && flag_of(c, "trained-person")) {
    return cli_bad_words(c, "--trained-person: people of --split %s are not trained on", j->split);
  }
  return CLI_DONE;
}

int eval_train_check(cli *c, eval_job *j) {
  if (text_of(c, "events") != NULL && text_of(c, "folds") == NULL) {
    j->split = text_of(c, "split") != NULL ? text_of(c, "split") : standard_split(text_of(c, "protocol"));
  }
  if (text_of(c, "folds") != NULL) j->split = "by the file of folds";
  int code = cli_measure_words(c, standard_protocol(j->split), &j->m);
  if (code == CLI_DONE) code = check_train_files(c, j);
  if (code != CLI_DONE) return code;
  code = cli_any_trainer(c, text_of(c, "train"), &j->trainer);
  if (code != CLI_DONE) return code;
  if (!cli_is_hybrid(j->trainer) && text_of(c, "metric") != NULL) return cli_bad_words(c, "--metric is for --train hybrid; what is measured is told by --metrics");
  j->values = cli_take(c->memory, j->trainer->n_settings + 1u, sizeof *j->values);
  return j->values == NULL ? cli_no_memory() : cli_settings(c, j->trainer, j->values);
}

/* -------------------------------------------------------------------- files */

static int read_all(cli *c, eval_job *j) {
  const char *events = text_of(c, "events"), *items = text_of(c, "items"), *candidates = text_of(c, "candidates");
  ink_read_options how;
  ink_items_options item_options;
  int code = cli_event_options(c, &how);
  if (code == CLI_DONE) code = cli_item_options(c, &item_options);
  if (code == CLI_DONE) code = cli_dataset_read(c, events != NULL ? events : text_of(c, "history"), &how, NULL, &j->m.history_file);
  if (code == CLI_DONE && items != NULL) code = cli_items_read(c, items, &item_options, &j->m.history_file);
  if (code != CLI_DONE || events != NULL) return code;
  code = cli_dataset_read(c, text_of(c, "test"), &how, &j->m.history_file, &j->m.test_file);
  if (code != CLI_DONE || candidates == NULL) return code;
  const ink_read_options lists = { .format = INK_FORMAT_ADJACENCY };
  j->m.candidates = &j->m.candidates_file;
  return cli_dataset_read(c, candidates, &lists, &j->m.test_file, &j->m.candidates_file);
}

/* ----------------------------------------------------------- how events are cut */

/* Which parts (1 << part) are trained on, folded from, predicted. */
typedef struct cut {
  uint8_t *parts;                 /* [n_events] */
  uint32_t train, history, test;
  uint8_t *folds; uint64_t n_rows; /* NULL: one cut */
} cut;

/* Pairs go to folds by the hash of their ids: all events of a pair to one, whatever their order in the file. */
static int make_folds(cli *c, eval_job *j, const char *words, cut *k) {
  const ink_dataset *d = &j->m.history_file;
  char *end;
  const unsigned long n = strtoul(words, &end, 10);
  if (words[0] < '0' || words[0] > '9' || *end != '\0' || n < 2 || n > MOST_FOLDS) {
    return cli_bad_words(c, "--split folds:%s: allowed are 2 to %u folds", words, MOST_FOLDS);
  }
  k->n_rows = d->n_events;
  k->folds = cli_take(c->memory, (size_t)d->n_events + 1, 1);
  if (k->folds == NULL) return cli_no_memory();
  for (uint32_t u = 0; u < d->users.n; u++) {
    const ink_text user = ink_names_at(&d->users, u);
    const uint64_t key = ink_hash64(user.bytes, user.n, j->m.how.seed);
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++) {
      const ink_text item = ink_names_at(&d->items, d->item[e]);
      k->folds[d->row[e]] = (uint8_t)(ink_hash64(item.bytes, item.n, key) % n);
    }
  }
  j->n_folds = (uint32_t)n;
  return CLI_DONE;
}

static int read_folds(cli *c, eval_job *j, const char *path, cut *k) {
  cli_source *source;
  int code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  const ink_train_env env = cli_env(c);
  const ink_source view = cli_source_view(source);
  const ink_status status = ink_folds_read(&view, &env, &k->folds, &k->n_rows);
  cli_source_close(source);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  for (uint64_t i = 0; i < k->n_rows; i++) j->n_folds = k->folds[i] >= j->n_folds ? k->folds[i] + 1u : j->n_folds;
  return j->n_folds >= 2 && j->n_folds <= MOST_FOLDS ? CLI_DONE : cli_bad_input("DATA_FORMAT", path, "2 to %u folds, from 0", MOST_FOLDS);
}

/* Held-out people keep a part of their items to be folded from; a fifth of them is predicted. */
static ink_status cut_people(const ink_dataset *d, uint64_t seed, const ink_train_env *env, uint8_t *pairs, cut *k) {
  const ink_split_rule rule = { .how = INK_SPLIT_PAIRS, .fraction = 0.2, .seed = seed };
  const ink_status status = ink_split_parts(d, &rule, env, pairs);
  for (uint64_t e = 0; e < d->n_events && status == INK_OK; e++) {
    if (k->parts[e] == INK_PART_TEST && pairs[e] != INK_PART_TEST) k->parts[e] = PART_HISTORY;
  }
  k->history = 1u << PART_HISTORY;
  return status;
}

static int cut_once(cli *c, eval_job *j, const ink_split_rule *rule, cut *k) {
  const ink_dataset *d = &j->m.history_file;
  const ink_train_env env = cli_env(c);
  uint8_t *pairs = cli_take(c->memory, (size_t)d->n_events + 1, 1);
  if (pairs == NULL) return cli_no_memory();
  ink_status status = ink_split_parts(d, rule, &env, k->parts);
  if (status == INK_OK && rule->how == INK_SPLIT_USERS) status = cut_people(d, rule->seed, &env, pairs, k);
  (void)cli_resize(c->memory, pairs, 0);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

static int plan_cut(cli *c, eval_job *j, cut *k, ink_split_rule *rule) {
  const char *folds = text_of(c, "folds");
  *k = (cut){ .train = 1u << INK_PART_TRAIN, .history = 1u << INK_PART_TRAIN, .test = 1u << INK_PART_TEST };
  *rule = (ink_split_rule){ .seed = j->m.how.seed };
  k->parts = cli_take(c->memory, (size_t)j->m.history_file.n_events + 1, 1);
  if (k->parts == NULL) return cli_no_memory();
  if (folds != NULL || strncmp(j->split, "folds:", 6) == 0) {
    rule->how = INK_SPLIT_FOLDS;
    return folds != NULL ? read_folds(c, j, folds, k) : make_folds(c, j, j->split + 6, k);
  }
  const int code = cli_split_rule(c, "split", j->split, "folds:5, ", &j->m.history_file, rule);
  if (code != CLI_DONE || rule->how != INK_SPLIT_LAST) return code;
  if (flag_of(c, "validation")) k->test = 1u << INK_PART_VALIDATION;
  else k->history |= 1u << INK_PART_VALIDATION;
  return CLI_DONE;
}

/* ----------------------------------------------------------------- one part */

static int measure_people(cli *c, eval_job *j, const cli_fit *fit, const ink_dataset *history, const ink_dataset *test) {
  ink_eval_vectors vectors;
  if (cli_is_hybrid(j->trainer) || !cli_fit_people(fit, &vectors)) {     /* a member's vectors are not the blend's */
    fprintf(stderr, "inkling: training %s with these settings leaves no vectors of people beside f32 vectors of items: "
                    "there is no trained person to score\n", j->trainer->name);
    return CLI_DONE;
  }
  cli_measure m = j->m;
  m.how.metrics = m.metrics;
  m.how.vectors = &vectors;
  j->has_person = true;
  const double start = cli_seconds();
  const int code = cli_measure_run(c, &m, fit->pack, history, test, &j->person, NULL);
  j->seconds_person += cli_seconds() - start;
  return code;
}

static int train_and_measure(cli *c, eval_job *j, const ink_dataset *kept, const ink_dataset *history, const ink_dataset *test) {
  cli_fit fit;
  int code = cli_fit_pack(c, j->trainer, j->values, j->m.how.seed, &j->m.history_file, kept, &fit);
  j->seconds_training += fit.seconds;
  j->n_trained_on = kept->n_events;
  j->m.how.popularity = kept;
  if (code == CLI_DONE) code = eval_measure(c, j, fit.pack, history, test);
  if (code == CLI_DONE && flag_of(c, "trained-person")) code = measure_people(c, j, &fit, history, test);
  cli_fit_close(&fit);
  j->m.how.popularity = NULL;
  return code;
}

static int measure_part(cli *c, eval_job *j, const cut *k) {
  const ink_dataset *d = &j->m.history_file;
  const ink_train_env env = cli_env(c);
  ink_dataset kept = { 0 }, history = { 0 }, test = { 0 };
  ink_status status = ink_dataset_part(d, k->parts, k->train, &env, &kept);
  if (status == INK_OK) status = ink_dataset_part(d, k->parts, k->history, &env, &history);
  if (status == INK_OK) status = ink_dataset_part(d, k->parts, k->test, &env, &test);
  const int code = status == INK_OK ? train_and_measure(c, j, &kept, &history, &test) : cli_refuse(c, status, NULL);
  if (kept.allocator.resize != NULL) ink_dataset_free(&kept);
  if (history.allocator.resize != NULL) ink_dataset_free(&history);
  if (test.allocator.resize != NULL) ink_dataset_free(&test);
  return code;
}

/* ------------------------------------------------------------------ all parts */

/* A fold's figures become a row, and part of the mean. */
static void add_fold(eval_job *j, uint32_t fold, ink_eval_report *all) {
  eval_row *row = &j->rows[fold];
  *row = (eval_row){ .by = "fold", .n_users = j->report.counts.n_users };
  (void)snprintf(row->label, sizeof row->label, "fold %u", fold);
  for (uint32_t m = 0; m < j->m.n_metrics; m++) {
    const double x = j->report.values[m].value;
    ink_metric_value *v = &all->values[m];
    row->values[m] = j->report.values[m];
    v->low = fold == 0 || x < v->low ? x : v->low;
    v->high = fold == 0 || x > v->high ? x : v->high;
    v->value += x / (double)j->n_folds;
  }
  all->counts.n_users += j->report.counts.n_users;
  all->counts.n_test += j->report.counts.n_test;
  all->counts.n_candidates += j->report.counts.n_candidates;
  j->n_rows = fold + 1;
}

static int measure_folds(cli *c, eval_job *j, cut *k, ink_split_rule *rule) {
  ink_eval_report *all = cli_take(c->memory, 1, sizeof *all);
  if (all == NULL) return cli_no_memory();
  memset(all, 0, sizeof *all);
  rule->folds = k->folds;
  rule->n_folds = k->n_rows;
  for (uint32_t fold = 0; fold < j->n_folds; fold++) {
    rule->fold = (uint8_t)fold;
    int code = cut_once(c, j, rule, k);
    if (code == CLI_DONE) code = measure_part(c, j, k);
    if (code != CLI_DONE) return code;
    add_fold(j, fold, all);
  }
  j->report = *all;
  return CLI_DONE;
}

int eval_train(cli *c, eval_job *j) {
  cut k;
  ink_split_rule rule;
  int code = read_all(c, j);
  if (code != CLI_DONE) return code;
  if (j->split == NULL) return train_and_measure(c, j, &j->m.history_file, &j->m.history_file, &j->m.test_file);
  code = plan_cut(c, j, &k, &rule);
  if (code != CLI_DONE) return code;
  if (j->n_folds > 0) return measure_folds(c, j, &k, &rule);
  code = cut_once(c, j, &rule, &k);
  return code == CLI_DONE ? measure_part(c, j, &k) : code;
}
