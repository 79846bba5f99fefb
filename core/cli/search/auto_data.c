/* auto_data.c - see auto_run.h: explicit or implicit, what is held back, who is measured, and the people of each round. */
#include "auto_run.h"

#include <string.h>

#include "catalogue_tensors.h"
#include "data_options.h"
#include "fault.h"
#include "hash.h"
#include "split.h"

#include "base.h"

#define MOST_MEASURED 2000u       /* people that tries are measured on, and as many for the choice */
#define MOST_MEASURED_ONCE 5000u  /* where each of them has one event to be measured by */
#define LEAST_PEOPLE 5000u        /* of a round: families that count pairs need many, and fewer would put others before them */
#define HELD_CHOICES 0.2
#define HELD_RATINGS 0.1

/* ------------------------------------------------------------------- asked */

/* A share of each person's items, or the last event; and why. */
static int choose_question(auto_run *a, const char *split, uint32_t format) {
  cli *c = a->c;
  const bool last = split != NULL && strcmp(split, "leave-last") == 0;
  a->facts.has_order = a->data.has_time || a->data.in_order;
  a->asks_next = last || (split == NULL && format == INK_FORMAT_SEQUENCE);
  if (last && !a->facts.has_order) return cli_bad_words(c, "--split leave-last: the events have no times, and the file is no --format sequence");
  if (a->asks_next) a->why_held = last ? "each person's last event, as asked for" : "each person's last event, because the file is in time order";
  return CLI_DONE;
}

/* Explicit or implicit, and why. */
static int choose_feedback(auto_run *a, const char *word) {
  const ink_dataset *d = &a->data;
  const bool rated = d->value_max > d->value_min, measured = a->metric.kind != 0;
  ink_metric found[INK_MAX_METRICS];
  uint32_t n;
  char *why = cli_take(a->c->memory, 200, 1);
  if (why == NULL) return cli_no_memory();
  if (word != NULL && strcmp(word, "auto") != 0) {
    a->is_explicit = strcmp(word, "explicit") == 0;
    (void)snprintf(why, 200, "%s, as asked for", word);
  } else if (measured) {
    a->is_explicit = !ink_metric_of_ranking(a->metric.kind);
    (void)snprintf(why, 200, "%s, because %s is to be good", a->is_explicit ? "explicit" : "implicit", a->metric.name);
  } else if (a->asks_next) {
    (void)snprintf(why, 200, "implicit, because what comes next is asked");
  } else {
    a->is_explicit = rated;
    if (rated) (void)snprintf(why, 200, "explicit, because the values differ (%.9g to %.9g); --feedback implicit ranks instead", (double)d->value_min, (double)d->value_max);
    else (void)snprintf(why, 200, "implicit, because %s", d->has_value ? "all values are alike or are amounts" : "the file has no values");
  }
  a->why = why;
  if (a->is_explicit && !rated) return cli_bad_words(a->c, "--feedback explicit: the data has no ratings that differ");
  if (measured && a->is_explicit == ink_metric_of_ranking(a->metric.kind))
    return cli_bad_words(a->c, "--metric %s does not go with --feedback %s", a->metric.name, word);
  if (measured) return CLI_DONE;
  (void)ink_metrics_parse(cli_text(a->is_explicit ? "rmse" : "ndcg@20"), found, &n, NULL);
  a->metric = found[0];
  return CLI_DONE;
}

/* -------------------------------------------------------------------- data */

/* People with held-back events in two halves by hashed id, each of at most MOST_MEASURED: parts 0 and 2 (3: not measured). */
static void halves(auto_run *a, uint8_t *parts) {
  const double most = a->asks_next ? MOST_MEASURED_ONCE : MOST_MEASURED;
  uint32_t n_people = 0;
  for (uint32_t u = 0; u < a->held.users.n; u++) n_people += ink_dataset_user_events(&a->held, u) > 0;
  const double share = n_people > 2 * most ? 2 * most / n_people : 1;
  for (uint32_t u = 0; u < a->held.users.n; u++) {
    const ink_text id = ink_names_at(&a->held.users, u);
    const uint64_t lot = ink_hash64(id.bytes, id.n, a->seed + 0x6175746fu);
    const bool in = (double)(lot >> 11) * 0x1p-53 < share && ink_dataset_user_events(&a->held, u) > 0;
    a->n_tune += in && (lot & 1) != 0;
    a->n_choose += in && (lot & 1) == 0;
    for (uint64_t e = a->held.user_starts[u]; e < a->held.user_starts[u + 1]; e++)
      parts[e] = !in ? INK_PART_TEST + 1 : (lot & 1) != 0 ? INK_PART_TRAIN : INK_PART_TEST;
  }
}

/* Of each person's items a share drawn by lot, or the last event. */
static ink_status hold_back(auto_run *a, const ink_train_env *env) {
  const ink_split_rule rule = { .how = a->asks_next ? INK_SPLIT_LAST : INK_SPLIT_PAIRS, .fraction = a->is_explicit ? HELD_RATINGS : HELD_CHOICES,
                                .seed = a->seed };
  uint8_t *parts = cli_take(a->c->memory, (size_t)a->data.n_events + 1, 1);
  if (parts == NULL) return INK_E_NO_MEMORY;
  INK_TRY(ink_split_parts(&a->data, &rule, env, parts));
  INK_TRY(ink_dataset_part(&a->data, parts, 1u << INK_PART_TRAIN, env, &a->part));
  INK_TRY(ink_dataset_part(&a->data, parts, 1u << INK_PART_TEST, env, &a->held));
  a->part.columns = a->data.columns;
  (void)cli_resize(a->c->memory, parts, 0);
  return INK_OK;
}

static ink_status cut(auto_run *a) {
  const ink_train_env env = cli_env(a->c);
  INK_TRY(hold_back(a, &env));
  uint8_t *parts = cli_take(a->c->memory, (size_t)a->held.n_events + 1, 1);
  if (parts == NULL) return INK_E_NO_MEMORY;
  halves(a, parts);
  INK_TRY(ink_dataset_part(&a->held, parts, 1u << INK_PART_TRAIN, &env, &a->tune));
  INK_TRY(ink_dataset_part(&a->held, parts, 1u << INK_PART_TEST, &env, &a->choose));
  if (a->tune.n_events > 0 && a->choose.n_events > 0) return INK_OK;
  return ink_refuse(&a->c->fault, INK_E_DATA_EMPTY, cli_text("events"), "a few people with at least three events each");
}

/* As many rounds as leave the first one people enough; the last is trained on all. */
static ink_status make_rounds(auto_run *a) {
  const ink_train_env env = cli_env(a->c);
  for (uint32_t u = 0; u < a->part.users.n; u++) a->n_people += ink_dataset_user_events(&a->part, u) > 0;
  a->n_rounds = 1;
  for (uint32_t n = a->n_people / AUTO_ETA; n >= LEAST_PEOPLE && a->n_rounds < AUTO_MOST_ROUNDS; n /= AUTO_ETA) a->n_rounds++;
  for (uint32_t r = 0; r + 1 < a->n_rounds; r++) {
    INK_TRY(cli_halving_people(&a->part, NULL, cli_halving_share(AUTO_ETA, a->n_rounds, r), a->seed, &env, &a->rounds[r]));
    a->rounds[r].columns = a->data.columns;
  }
  a->rounds[a->n_rounds - 1] = a->part;
  return INK_OK;
}

static ink_status weigh_catalogue(auto_run *a) {
  const ink_train_env env = cli_env(a->c);
  ink_trained t;
  size_t bytes;
  ink_trained_init(&t, &env.allocator);
  ink_status status = ink_catalogue_tensors(&a->data, &env, &t);
  const ink_pack_draft draft = { t.tensors, t.n_tensors, t.metadata, t.n_metadata };
  if (status == INK_OK) status = ink_pack_write_size(&draft, &bytes, &a->c->fault);
  if (status == INK_OK) a->catalogue_bytes = bytes + 12000;         /* and the table of tries */
  ink_trained_free(&t);
  return status;
}

static void gather_facts(auto_run *a) {
  a->facts.is_explicit = a->is_explicit;
  a->facts.asks_next = a->asks_next;
  a->facts.has_columns = a->data.columns != NULL;
  a->facts.n_items = a->data.items.n;
  a->facts.n_sequences = a->data.users.n;
  a->facts.n_events = a->data.n_events;
}

int auto_read_data(auto_run *a, const char *events, const char *split, const char *feedback) {
  cli *c = a->c;
  const char *items = cli_args_text(&c->args, cli_args_index(&c->args, "items"));
  ink_read_options how;
  ink_items_options how_items;
  int code = cli_event_options(c, &how);
  if (code == CLI_DONE) code = cli_item_options(c, &how_items);
  if (code == CLI_DONE) code = cli_dataset_read(c, events, &how, NULL, &a->data);
  if (code == CLI_DONE && items != NULL) code = cli_items_read(c, items, &how_items, &a->data);
  if (code == CLI_DONE) code = choose_question(a, split, how.format);
  if (code == CLI_DONE) code = choose_feedback(a, feedback);
  if (code != CLI_DONE) return code;
  if (a->why_held == NULL) a->why_held = a->is_explicit ? "a tenth of each person's ratings, drawn by lot" : "a fifth of each person's items, drawn by lot";
  gather_facts(a);
  ink_status status = cut(a);
  if (status == INK_OK) status = make_rounds(a);
  if (status == INK_OK) status = weigh_catalogue(a);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}
