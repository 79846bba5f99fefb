/* protocol.c - ranking: one person's test items among the catalogue or a list. See protocol.h for who is counted.
 *
 * Most metrics look at the first K places only, so the engine is asked for a slate a little longer than K, as a
 * device would; all of the catalogue is scored only where that is not enough: for auc and metrics without a cut,
 * and where a tie crosses the end of the slate. */
#include "protocol.h"

#include "batch.h"
#include "caps.h"
#include "eval_run.h"
#include "fault.h"
#include "rng.h"
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

/* Marks what the engine leaves out. True when any of the history is in the catalogue. */
static bool mark_history(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  const ink_dataset *h = run->history;
  bool known = false;
  uint64_t first, end, first_folded, end_folded;
  ink_eval_window(run, user, &first, &end);
  ink_eval_folded(run, user, &first_folded, &end_folded);
  w->n_denied = 0;
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = run->item_map[h->item[e]];
    const bool folded = e >= first_folded && e < end_folded;
    known = known || (item != INK_NONE && folded && h->kind[e] != run->hide);
    if (!ink_eval_leaves_out(run, e)) continue;
    ink_eval_mark(w, item, INK_CANDIDATE_OUT);
    if (!folded) w->denied[w->n_denied++] = item;
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
      ink_eval_mark(w, item, INK_CANDIDATE_TEST);
      t.ranked++;
    }
  }
  return t;
}

/* ------------------------------------------------------------------ slates */

/* Serving order is of no matter in here: sums over a slate run over ascending items, whoever found them. */
static void sort_items(uint32_t *items, uint32_t n) {
  for (uint32_t i = 1; i < n; i++) {
    const uint32_t item = items[i];
    uint32_t at = i;
    for (; at > 0 && items[at - 1] > item; at--) items[at] = items[at - 1];
    items[at] = item;
  }
}

/* The best k, ascending, into w->front: of a slate's items [n], or (NULL) from w->scores of the whole catalogue. */
static uint32_t front_of(const ink_eval_run *run, ink_eval_worker *w, const uint32_t *items, uint32_t n, uint32_t k) {
  if (items == NULL) return ink_places_top(w->scores, w->what, run->n_items, k, w->spare, w->front);
  const uint32_t n_front = ink_min_u32(k, n);
  for (uint32_t i = 0; i < n_front; i++) w->front[i] = items[i];
  return n_front;
}

static void measure_slate(const ink_eval_run *run, ink_eval_worker *w, const uint32_t *items, uint32_t n_items) {
  for (uint32_t m = 0; m < run->options->n_metrics; m++) {
    const ink_metric *metric = &run->options->metrics[m];
    if (!ink_metric_of_all(metric->kind) && !ink_metric_of_slate(metric->kind)) continue;
    const uint32_t n = front_of(run, w, items, n_items, metric->k);
    for (uint32_t i = 0; w->shown[m] != NULL && i < n; i++) w->shown[m][w->front[i]]++;
    if (w->shown[m] != NULL) continue;
    if (items != NULL) sort_items(w->front, n);
    w->slate_values[m] = ink_beyond_of_slate(&run->beyond, metric, w->front, n);
  }
}

/* ------------------------------------------------------------------ places */

/* From the front of a ranking in w->scores and w->items [n], or all of it; false when a tie at its end needs the whole. */
static bool places_of_front(const ink_eval_run *run, ink_eval_worker *w, uint32_t n, bool whole) {
  for (uint32_t i = 0; i < n; i++) w->listed[i] = w->what[w->items[i]];
  if (!ink_places_front(w->scores, w->listed, n, run->max_k, whole, &w->places)) return false;
  measure_slate(run, w, w->items, n);
  return true;
}

/* The slate that a device would show, as far as it goes. */
static ink_status places_of_slate(const ink_eval_run *run, ink_eval_worker *w, bool *found) {
  ink_request request = ink_eval_request(run, run->slate_count);
  request.deny = w->denied;
  request.n_deny = w->n_denied;
  ink_slate slate = { .struct_bytes = sizeof slate };
  INK_TRY(ink_recommend(w->engine, &request, &slate));
  for (uint32_t i = 0; i < slate.n_items; i++) {
    w->scores[i] = slate.items[i].score;
    w->items[i] = slate.items[i].item;
  }
  *found = places_of_front(run, w, slate.n_items, slate.n_items < run->slate_count);
  return INK_OK;
}

static ink_status places_of_catalogue(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  INK_TRY(ink_eval_score(run, w, user, NULL, run->n_items, w->scores));
  ink_places_all(w->scores, w->what, run->n_items, &w->work, &w->places);
  measure_slate(run, w, NULL, 0);
  return INK_OK;
}

/* Adds an item to the list behind its n items, unless it is there or is none of the candidates. */
static uint32_t add_listed(ink_eval_worker *w, uint32_t item, uint32_t n) {
  if (w->what[item] != INK_CANDIDATE) return n;
  ink_eval_mark(w, item, INK_CANDIDATE_OUT);         /* so that it is taken once */
  w->items[n] = item;
  w->listed[n] = INK_CANDIDATE;
  return n + 1;
}

static uint32_t gather_test(ink_eval_worker *w) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < w->n_touched; i++) {
    if (w->what[w->touched[i]] != INK_CANDIDATE_TEST) continue;
    w->items[n] = w->touched[i];
    w->listed[n++] = INK_CANDIDATE_TEST;
  }
  return n;
}

static uint32_t gather_list(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_counts *counts) {
  const ink_dataset *c = run->candidates;
  const uint64_t first = user < c->users.n ? c->user_starts[user] : 0, end = user < c->users.n ? c->user_starts[user + 1] : 0;
  uint32_t n = gather_test(w);
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = run->item_map[c->item[e]];
    counts->n_candidates_outside += item == INK_NONE;
    if (item != INK_NONE) n = add_listed(w, item, n);
  }
  return n;
}

/* Lots: again and again while few are wanted of many; else each item is taken with the share that is still wanted
 * of what is left (Knuth, algorithm S). Whoever evaluates a person draws the same. */
static uint32_t gather_lots(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  uint32_t n = gather_test(w), left = run->n_items - w->n_touched, wanted = ink_min_u32(run->options->n_sampled, left);
  const uint32_t end = n + wanted;
  ink_rng rng;
  ink_rng_seed(&rng, run->options->seed, user);
  while (wanted <= left / 2 && n < end) n = add_listed(w, ink_rng_below(&rng, run->n_items), n);
  for (uint32_t item = 0; n < end; item++) {
    if (w->what[item] != INK_CANDIDATE) continue;
    if (ink_rng_below(&rng, left--) < end - n) n = add_listed(w, item, n);
  }
  return n;
}

static bool is_listed(const ink_eval_run *run) { return run->candidates != NULL || run->options->n_sampled > 0; }

static ink_status places_of_list(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_counts *counts) {
  const uint32_t n = run->candidates != NULL ? gather_list(run, w, user, counts) : gather_lots(run, w, user);
  counts->n_candidates += n;
  INK_TRY(ink_eval_score(run, w, user, w->items, n, w->scores));
  ink_places_all(w->scores, w->listed, n, &w->work, &w->places);
  return INK_OK;
}

static ink_status find_places(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_counts *counts) {
  bool found = false, whole;
  uint32_t n;
  if (ink_eval_batch_front(run, w, &n, &whole) && places_of_front(run, w, n, whole)) return INK_OK;
  INK_TRY(ink_eval_fold(run, w, user));
  if (is_listed(run)) return places_of_list(run, w, user, counts);
  if (run->slate_count > 0 && w->engine != NULL) INK_TRY(places_of_slate(run, w, &found));
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
  for (uint32_t m = 0; m < run->options->n_metrics; m++) w->slate_values[m] = __builtin_nan("");
  const ink_status status = find_places(run, w, user, &shard->counts);
  const bool no_slate = status == INK_E_NOT_FOUND || status == INK_E_SINGULAR;
  if (status != INK_OK && !no_slate) return status;
  count_person(&t, known, no_slate, &shard->counts);
  const double auc = no_slate ? 0.5 : w->places.auc * (double)t.ranked / (double)n_test;
  const ink_person_ranks ranks = { w->places.places, no_slate ? 0 : w->places.n, n_test, auc };
  for (uint32_t m = 0; m < run->options->n_metrics; m++) {
    const ink_metric *metric = &run->options->metrics[m];
    const bool of_slate = ink_metric_of_slate(metric->kind) || ink_metric_of_all(metric->kind);
    ink_eval_add(run, w, m, of_slate ? w->slate_values[m] : ink_metric_of_person(metric, &ranks), 1.0, shard);
  }
  return INK_OK;
}

static ink_status rank_person(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_shard *shard) {
  const bool known = mark_history(run, w, user);
  if (run->candidates != NULL) ink_eval_unmark(w);
  const ink_status status = rank_marked(run, w, user, known, shard);
  ink_eval_unmark(w);
  return status;
}

/* --------------------------------------------------------------------- door */

/* The largest K, and how long a slate to ask for: 0 when some metric needs the whole catalogue. */
static ink_status plan_slate(ink_eval_run *run, bool *whole) {
  const ink_eval_options *o = run->options;
  *whole = false;
  if (o->n_metrics == 0 || o->n_metrics > INK_MAX_METRICS)
    return ink_refuse_range(run->env->fault, INK_E_SETTING, NAME("number of metrics"), o->n_metrics, 1, INK_MAX_METRICS);
  for (uint32_t m = 0; m < o->n_metrics; m++) {
    const ink_metric *metric = &o->metrics[m];
    const ink_text name = ink_text_of(metric->name);
    if (!ink_metric_of_ranking(metric->kind))
      return ink_refuse_text(run->env->fault, INK_E_SETTING, NAME("metric"), name,
                             "metrics of a ranking: rmse and mae are for ratings");
    if (is_listed(run) && (ink_metric_of_all(metric->kind) || ink_metric_of_slate(metric->kind)))
      return ink_refuse_text(run->env->fault, INK_E_SETTING, NAME("metric"), name,
                             "other metrics: a list is no slate of the catalogue");
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
  if (!whole && !is_listed(&run) && wanted < n_items && wanted <= INK_CAP_COUNT) run.slate_count = wanted;
  ink_status status = ink_eval_run_open(&run);
  if (status == INK_OK) status = ink_eval_run_all(&run, report);
  ink_eval_run_close(&run);
  return status;
}
