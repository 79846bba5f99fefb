/* protocol.c - ranking: one person's test items among the catalogue or a list. See protocol.h for who is counted.
 *
 * Most metrics look at the first K places only, so the engine is asked for a slate a little longer than K, as a
 * device would; all of the catalogue is scored only where that is not enough: for auc and metrics without a cut,
 * and where a tie crosses the end of the slate. */
#include "protocol.h"

#include "caps.h"
#include "eval_run.h"
#include "fault.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define SLATE_MORE 32u            /* items asked for beyond K, so that ties seldom cross the end */

static const char *const NAMES[] = { "known-users", "unseen-users", "leave-last", "candidates", "ratings" };

const char *ink_protocol_name(uint32_t protocol) {
  return protocol >= 1 && protocol <= INK_COUNT_OF(NAMES) ? NAMES[protocol - 1] : NULL;
}

uint32_t ink_protocol_named(ink_text name) {
  for (uint32_t i = 0; i < INK_COUNT_OF(NAMES); i++)
    if (ink_text_equal(name, ink_text_of(NAMES[i]))) return i + 1;
  return 0;
}

/* ------------------------------------------------------------------- marks */

static void mark(ink_eval_worker *w, uint32_t item, uint8_t what) {
  if (w->what[item] == INK_CANDIDATE) w->touched[w->n_touched++] = item;
  w->what[item] = what;
}

static void unmark(ink_eval_worker *w) {
  for (uint32_t i = 0; i < w->n_touched; i++) w->what[w->touched[i]] = INK_CANDIDATE;
  w->n_touched = 0;
}

/* Marks what the engine leaves out. True when any of the history is in the catalogue. */
static bool mark_history(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  const ink_dataset *h = run->history;
  const uint32_t hide = ink_names_find(&h->kinds, NAME("hide"));
  bool known = false;
  uint64_t first, end;
  ink_eval_window(run, user, &first, &end);
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = run->item_map[h->item[e]];
    if (item == INK_NONE) continue;
    known = known || h->kind[e] != hide;
    if (!run->options->with_seen || h->kind[e] == hide) mark(w, item, INK_CANDIDATE_OUT);
  }
  return known;
}

/* How a person's different test items divide. */
typedef struct test_items {
  uint32_t ranked, outside, seen;
} test_items;

/* Marks the test items that are candidates; each item counts once. */
static test_items mark_test(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  test_items t = { 0, 0, 0 };
  for (uint64_t e = run->test->user_starts[user]; e < run->test->user_starts[user + 1]; e++) {
    const uint32_t number = run->test->item[e], item = run->item_map[number];
    if (w->met[number] == user + 1) continue;
    w->met[number] = user + 1;
    if (item == INK_NONE) t.outside++;
    else if (w->what[item] == INK_CANDIDATE_OUT) t.seen++;
    else {
      mark(w, item, INK_CANDIDATE_TEST);
      t.ranked++;
    }
  }
  return t;
}

/* ------------------------------------------------------------------ places */

/* The slate that a device would show, as far as it goes. *found false: a tie at its end needs the whole. */
static ink_status places_of_slate(const ink_eval_run *run, ink_eval_worker *w, bool *found) {
  const ink_request request = ink_eval_request(run, run->slate_count);
  ink_slate slate = { .struct_bytes = sizeof slate };
  INK_TRY(ink_recommend(w->engine, &request, &slate));
  for (uint32_t i = 0; i < slate.n_items; i++) {
    w->scores[i] = slate.items[i].score;
    w->listed[i] = w->what[slate.items[i].item];
  }
  *found = ink_places_front(w->scores, w->listed, slate.n_items, run->max_k, slate.n_items < run->slate_count, &w->places);
  for (uint32_t m = 0; *found && m < run->options->n_metrics; m++) {
    uint64_t *bits = w->covered[m];
    for (uint32_t i = 0; bits != NULL && i < slate.n_items && i < run->options->metrics[m].k; i++)
      bits[slate.items[i].item >> 6] |= (uint64_t)1 << (slate.items[i].item & 63);
  }
  return INK_OK;
}

static ink_status places_of_catalogue(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  INK_TRY(ink_eval_score(run, w, user, NULL, run->n_items, w->scores));
  ink_places_all(w->scores, w->what, run->n_items, &w->work, &w->places);
  for (uint32_t m = 0; m < run->options->n_metrics; m++)
    if (w->covered[m] != NULL)
      ink_places_mark_top(w->scores, w->what, run->n_items, run->options->metrics[m].k, w->spare, w->covered[m]);
  return INK_OK;
}

/* Test items first, then the listed ones that were not met yet. */
static uint32_t gather_list(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_counts *counts) {
  const ink_dataset *c = run->candidates;
  const uint64_t first = user < c->users.n ? c->user_starts[user] : 0, end = user < c->users.n ? c->user_starts[user + 1] : 0;
  uint32_t n = 0;
  for (; n < w->n_touched; n++) {
    w->items[n] = w->touched[n];
    w->listed[n] = INK_CANDIDATE_TEST;
  }
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = run->item_map[c->item[e]];
    if (item == INK_NONE) counts->n_candidates_outside++;
    if (item == INK_NONE || w->what[item] != INK_CANDIDATE) continue;
    mark(w, item, INK_CANDIDATE_OUT);       /* so that it is taken once */
    w->items[n] = item;
    w->listed[n++] = INK_CANDIDATE;
  }
  return n;
}

static ink_status places_of_list(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_counts *counts) {
  const uint32_t n = gather_list(run, w, user, counts);
  INK_TRY(ink_eval_score(run, w, user, w->items, n, w->scores));
  ink_places_all(w->scores, w->listed, n, &w->work, &w->places);
  return INK_OK;
}

static ink_status find_places(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_counts *counts) {
  bool found = false;
  INK_TRY(ink_eval_fold(run, w, user));
  if (run->candidates != NULL) return places_of_list(run, w, user, counts);
  if (run->slate_count > 0) INK_TRY(places_of_slate(run, w, &found));
  return found ? INK_OK : places_of_catalogue(run, w, user);
}

/* ------------------------------------------------------------------- people */

static void count_person(const test_items *t, bool known, bool no_slate, ink_eval_counts *counts) {
  counts->n_users++;
  counts->n_test += (uint64_t)t->ranked + t->outside + t->seen;
  counts->n_test_outside += t->outside;
  counts->n_test_seen += t->seen;
  counts->n_without_test += t->ranked == 0;
  counts->n_without_history += !known;
  counts->n_without_slate += no_slate;
}

/* In a list the history is not marked: it is ranked as it was given. */
static ink_status rank_marked(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, bool known, ink_eval_shard *shard) {
  const test_items t = mark_test(run, w, user);
  const uint32_t n_test = t.ranked + t.outside + t.seen;
  const ink_status status = find_places(run, w, user, &shard->counts);
  const bool no_slate = status == INK_E_NOT_FOUND || status == INK_E_SINGULAR;
  if (status != INK_OK && !no_slate) return status;
  count_person(&t, known, no_slate, &shard->counts);
  const double auc = no_slate ? 0.5 : w->places.auc * (double)t.ranked / (double)n_test;
  const ink_person_ranks ranks = { w->places.places, no_slate ? 0 : w->places.n, n_test, auc };
  for (uint32_t m = 0; m < run->options->n_metrics; m++) {
    const ink_metric *metric = &run->options->metrics[m];
    if (metric->kind != INK_METRIC_COVERAGE) ink_metric_sum_add(&shard->sums[m], ink_metric_of_person(metric, &ranks), 1.0);
  }
  return INK_OK;
}

static ink_status rank_person(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_shard *shard) {
  const bool known = mark_history(run, w, user);
  if (run->candidates != NULL) unmark(w);
  const ink_status status = rank_marked(run, w, user, known, shard);
  unmark(w);
  return status;
}

/* --------------------------------------------------------------------- door */

/* The largest K, and how long a slate to ask for: 0 when some metric needs the whole catalogue. */
static ink_status plan_slate(ink_eval_run *run, bool *whole) {
  const ink_eval_options *o = run->options;
  *whole = o->vectors != NULL;
  if (o->n_metrics == 0 || o->n_metrics > INK_MAX_METRICS)
    return ink_refuse_range(run->env->fault, INK_E_SETTING, NAME("number of metrics"), o->n_metrics, 1, INK_MAX_METRICS);
  for (uint32_t m = 0; m < o->n_metrics; m++) {
    const ink_metric *metric = &o->metrics[m];
    const ink_text name = ink_text_of(metric->name);
    if (!ink_metric_of_ranking(metric->kind))
      return ink_refuse_text(run->env->fault, INK_E_SETTING, NAME("metric"), name,
                             "metrics of a ranking: rmse and mae are for ratings");
    if (metric->kind == INK_METRIC_COVERAGE && run->candidates != NULL)
      return ink_refuse_text(run->env->fault, INK_E_SETTING, NAME("metric"), name,
                             "other metrics: lists do not cover a catalogue");
    if (metric->kind == INK_METRIC_AUC || metric->k == INK_METRIC_ALL) *whole = true;
    else run->max_k = ink_max_u32(run->max_k, metric->k);
  }
  return INK_OK;
}

ink_status ink_eval_ranking(const ink_pack *pack, const ink_dataset *history, const ink_dataset *test,
                            const ink_dataset *candidates, const ink_eval_options *options, const ink_train_env *env, ink_eval_report *report) {
  ink_eval_run run = { .pack = pack, .history = history, .test = test, .candidates = candidates, .options = options, .env = env,
                       .person = rank_person };
  const uint32_t n_items = ink_pack_n_items(pack);
  bool whole;
  INK_TRY(plan_slate(&run, &whole));
  const uint32_t wanted = ink_min_u32(run.max_k, n_items) + SLATE_MORE;
  if (!whole && candidates == NULL && wanted < n_items && wanted <= INK_CAP_COUNT) run.slate_count = wanted;
  ink_status status = ink_eval_run_open(&run);
  if (status == INK_OK) status = ink_eval_run_all(&run, report);
  ink_eval_run_close(&run);
  return status;
}
