/* measure.c - see measure.h. Reading order: words, files, running, words about rankings. */
#include "measure.h"

#include <math.h>
#include <string.h>

#include "decimal.h"
#include "split.h"

const char *const cli_protocol_words[] = { "known-users", "unseen-users", "leave-last", "candidates", "ratings", NULL };

/* -------------------------------------------------------------------- words */

static const char *text_of(const cli *c, const char *option) { return cli_args_text(&c->args, cli_args_index(&c->args, option)); }
static bool flag_of(const cli *c, const char *option) { return cli_args_flag(&c->args, cli_args_index(&c->args, option)); }
static double number_of(const cli *c, const char *option, double standard) {
  return cli_args_number(&c->args, cli_args_index(&c->args, option), standard);
}

static int read_metrics(cli *c, cli_measure *m) {
  static const char *const standard[] = { [INK_PROTOCOL_KNOWN_USERS] = "recall@20,ndcg@20",
                                          [INK_PROTOCOL_UNSEEN_USERS] = "recall@20,ndcg@20",
                                          [INK_PROTOCOL_LEAVE_LAST] = "recall@20,ndcg@20", [INK_PROTOCOL_CANDIDATES] = "hit@10,ndcg@10",
                                          [INK_PROTOCOL_RATINGS] = "rmse,mae" };
  const char *metrics = text_of(c, "metrics");
  if (metrics == NULL) metrics = text_of(c, "sampled") != NULL ? "hit@10,ndcg@10" : standard[m->protocol];
  if (ink_metrics_parse(cli_text(metrics), m->metrics, &m->n_metrics, &c->fault) != INK_OK) {
    char sentence[300];
    (void)ink_fault_text(&c->fault, sentence, sizeof sentence);
    return cli_bad_words(c, "--metrics %s: %s", metrics, sentence);
  }
  for (uint32_t i = 0; i < m->n_metrics; i++) {
    if (ink_metric_of_ranking(m->metrics[i].kind) != (m->protocol != INK_PROTOCOL_RATINGS)) {
      return cli_bad_words(c, "--metrics %s: rmse and mae are for --protocol ratings, all others for rankings", m->metrics[i].name);
    }
  }
  return CLI_DONE;
}

int cli_measure_words(cli *c, const char *standard, cli_measure *m) {
  const char *protocol = text_of(c, "protocol"), *vectors = text_of(c, "slate-vectors");
  m->protocol = ink_protocol_named(cli_text(protocol == NULL ? standard : protocol));
  const int code = read_metrics(c, m);
  if (code != CLI_DONE) return code;
  const bool sampled = text_of(c, "sampled") != NULL;
  if (sampled && (m->protocol == INK_PROTOCOL_CANDIDATES || m->protocol == INK_PROTOCOL_RATINGS)) {
    return cli_bad_words(c, "--sampled draws candidates by lot: not for --protocol %s", ink_protocol_name(m->protocol));
  }
  m->how = (ink_eval_options){ .metrics = m->metrics, .n_metrics = m->n_metrics, .family = INK_NONE, .with_seen = flag_of(c, "with-seen"),
                               .now = text_of(c, "now") == NULL ? INK_NO_TIME : (int64_t)number_of(c, "now", 0),
                               .seed = (uint64_t)number_of(c, "seed", 0), .n_sampled = (uint32_t)number_of(c, "sampled", 0) };
  if (vectors != NULL) m->how.slate_vectors = cli_text(vectors);
  m->resampling = (ink_resampling){ (uint32_t)number_of(c, "bootstrap", 0), m->how.seed };
  return CLI_DONE;
}

/* -------------------------------------------------------------------- files */

/* One file is cut in two; two files are taken as they are. */
static bool takes_one_file(const cli_measure *m, const char *history, const char *test) {
  return m->protocol == INK_PROTOCOL_LEAVE_LAST || (m->protocol == INK_PROTOCOL_UNSEEN_USERS && (history == NULL || test == NULL));
}

int cli_measure_check_files(const cli *c, const cli_measure *m) {
  const char *history = text_of(c, "history"), *test = text_of(c, "test"), *candidates = text_of(c, "candidates");
  const bool one = takes_one_file(m, history, test);
  const char *name = ink_protocol_name(m->protocol);
  if (one && (history == NULL) == (test == NULL)) return cli_bad_words(c, "--protocol %s wants one file: --test FILE", name);
  if (!one && (history == NULL || test == NULL)) return cli_bad_words(c, "--protocol %s wants --history FILE and --test FILE", name);
  if ((m->protocol == INK_PROTOCOL_CANDIDATES) != (candidates != NULL)) {
    return cli_bad_words(c, "--candidates FILE and --protocol candidates belong together");
  }
  if (flag_of(c, "only-unseen") && !(one && m->protocol == INK_PROTOCOL_UNSEEN_USERS)) {
    return cli_bad_words(c, "--only-unseen is for --protocol unseen-users with one file");
  }
  return CLI_DONE;
}

#define PART_LEFT_OUT 7u          /* in neither part */

/* The events of people that the pack was trained on. */
static void drop_known_people(const ink_dataset *d, const ink_sidecar *sidecar, uint8_t *parts) {
  for (uint32_t u = 0; u < d->users.n; u++) {
    if (!ink_sidecar_knows(sidecar, ink_names_at(&d->users, u))) continue;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++) parts[e] = PART_LEFT_OUT;
  }
}

static int read_share(const cli *c, double *share) {
  const char *text = text_of(c, "split");
  *share = 0.2;
  if (text == NULL || (ink_decimal_parse(cli_text(text), share) && *share > 0 && *share < 1)) return CLI_DONE;
  return cli_bad_words(c, "--split is \"%s\"; allowed is a share between 0 and 1, as 0.2", text);
}

static int cut(cli *c, cli_measure *m, const ink_sidecar *sidecar) {
  ink_split_rule rule = { .how = INK_SPLIT_LAST, .validation = flag_of(c, "validation"), .seed = m->how.seed };
  const int code = read_share(c, &rule.fraction);
  if (code != CLI_DONE) return code;
  const bool last = m->protocol == INK_PROTOCOL_LEAVE_LAST;
  if (!last) rule.how = INK_SPLIT_PAIRS;
  const uint32_t test = last && rule.validation ? INK_PART_VALIDATION : INK_PART_TEST;
  const ink_train_env env = cli_env(c);
  uint8_t *parts = cli_take(c->memory, (size_t)m->test_file.n_events + 1, 1);
  if (parts == NULL) return cli_no_memory();
  ink_status status = ink_split_parts(&m->test_file, &rule, &env, parts);
  if (flag_of(c, "only-unseen") && sidecar != NULL) drop_known_people(&m->test_file, sidecar, parts);
  if (status == INK_OK) status = ink_dataset_part(&m->test_file, parts, 1u << INK_PART_TRAIN, &env, &m->history_part);
  if (status == INK_OK) status = ink_dataset_part(&m->test_file, parts, 1u << test, &env, &m->test_part);
  m->history = &m->history_part;
  m->test = &m->test_part;
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

int cli_measure_files(cli *c, cli_measure *m, const ink_sidecar *sidecar) {
  const char *history = text_of(c, "history"), *test = text_of(c, "test"), *candidates = text_of(c, "candidates");
  ink_read_options how;
  int code = cli_event_options(c, &how);
  if (code != CLI_DONE) return code;
  if (takes_one_file(m, history, test)) {
    code = cli_dataset_read(c, test != NULL ? test : history, &how, NULL, &m->test_file);
    return code == CLI_DONE ? cut(c, m, sidecar) : code;
  }
  code = cli_dataset_read(c, history, &how, NULL, &m->history_file);
  if (code == CLI_DONE) code = cli_dataset_read(c, test, &how, &m->history_file, &m->test_file);
  m->history = &m->history_file;
  m->test = &m->test_file;
  if (code != CLI_DONE || candidates == NULL) return code;
  const ink_read_options lists = { .format = INK_FORMAT_ADJACENCY };
  m->candidates = &m->candidates_file;
  return cli_dataset_read(c, candidates, &lists, &m->test_file, &m->candidates_file);
}

/* ------------------------------------------------------------------ running */

static ink_status resample(const cli_measure *m, const ink_eval_people *people, const ink_train_env *env, ink_eval_report *report) {
  for (uint32_t i = 0; i < m->n_metrics && m->resampling.rounds > 0; i++) {
    if (ink_metric_of_all(m->metrics[i].kind)) continue;
    const ink_status status = ink_bootstrap(&m->metrics[i], people->values + (size_t)i * people->n, people->weights, people->n,
                                            &m->resampling, env, &report->values[i]);
    if (status != INK_OK) return status;
  }
  return INK_OK;
}

int cli_measure_run(cli *c, const cli_measure *m, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test,
                    ink_eval_report *report, ink_eval_people *people) {
  const ink_train_env env = cli_env(c);
  ink_eval_people own = { 0 };
  ink_eval_options how = m->how;
  how.people = people != NULL ? people : m->resampling.rounds > 0 ? &own : NULL;
  ink_status status = m->protocol == INK_PROTOCOL_RATINGS ? ink_eval_ratings(pack, history, test, &how, &env, report)
                                                          : ink_eval_ranking(pack, history, test, m->candidates, &how, &env, report);
  if (status == INK_OK && how.people != NULL) status = resample(m, how.people, &env, report);
  ink_eval_people_free(&own, &env.allocator);
  cli_progress_end(&c->progress);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

/* ------------------------------------------------------------- words about it */

const char *cli_measure_ranking(const cli_measure *m, const ink_eval_report *report, char text[100]) {
  const ink_eval_counts *n = &report->counts;
  if (m->protocol == INK_PROTOCOL_RATINGS) return NULL;
  if (m->how.n_sampled > 0) {
    (void)snprintf(text, 100, "%u sampled items and the test items: figures compare with no other ranking", m->how.n_sampled);
    return text;
  }
  if (m->candidates == NULL) return "the whole catalogue";
  (void)snprintf(text, 100, "the listed candidates (%.1f a person)", n->n_users > 0 ? (double)n->n_candidates / n->n_users : 0.0);
  return text;
}

void cli_print_figure(double value, int width) {
  if (isnan(value)) printf(" %*s", width, "-");
  else printf(" %*.5f", width, value);
}
