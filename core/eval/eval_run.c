/* eval_run.c - see eval_run.h. Reading order: numbers of items, workers, folding and scoring, the loop. */
#include "eval_run.h"

#include "batch.h"
#include "blocks.h"
#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define SMALLEST_JOURNAL 4096u
#define BYTES_AN_EVENT 128u       /* of a record, beside its id and kind */
#define ROUNDS 100u               /* the caller's progress is told about so many times */

/* -------------------------------------------------------------------- maps */

static ink_status map_items(ink_eval_run *run) {
  const ink_names *items = &(run->candidates != NULL ? run->candidates : run->test)->items;
  if (run->history->items.n > items->n || run->test->items.n > items->n || run->history->users.n > run->test->users.n)
    return INK_E_ARG;
  INK_NEW(&run->env->allocator, items->n, &run->item_map);
  run->n_mapped = items->n;
  run->n_items = ink_pack_n_items(run->pack);
  for (uint32_t i = 0; i < items->n; i++) run->item_map[i] = ink_pack_find(run->pack, ink_names_at(items, i));
  return INK_OK;
}

void ink_eval_window(const ink_eval_run *run, uint32_t user, uint64_t *first, uint64_t *end) {
  const ink_dataset *h = run->history;
  *first = *end = 0;
  if (user >= h->users.n) return;
  *end = h->user_starts[user + 1];
  *first = h->user_starts[user];
  if (*end - *first > INK_CAP_EVENTS) *first = *end - INK_CAP_EVENTS;
}

void ink_eval_folded(const ink_eval_run *run, uint32_t user, uint64_t *first, uint64_t *end) {
  const uint32_t most = run->options->n_events;
  ink_eval_window(run, user, first, end);
  if (most == 0 || *end - *first <= most) return;
  if (run->options->oldest_events) *end = *first + most;
  else *first = *end - most;
}

static size_t journal_bytes(const ink_eval_run *run, uint64_t first, uint64_t end) {
  size_t bytes = SMALLEST_JOURNAL;
  for (uint64_t e = first; e < end; e++)
    bytes += BYTES_AN_EVENT + ink_names_at(&run->history->items, run->history->item[e]).n;
  return bytes;
}

/* Who has test events, and the largest history among them. */
static ink_status find_people(ink_eval_run *run) {
  INK_NEW(&run->env->allocator, run->test->users.n, &run->people);
  for (uint32_t u = 0; u < run->test->users.n; u++) {
    const uint64_t n_test = ink_dataset_user_events(run->test, u);
    uint64_t first, end;
    if (n_test == 0) continue;
    ink_eval_window(run, u, &first, &end);
    run->most_seen = ink_max_u32(run->most_seen, (uint32_t)(end - first));
    ink_eval_folded(run, u, &first, &end);
    const size_t bytes = journal_bytes(run, first, end);
    run->people[run->n_people++] = u;
    run->most_test = ink_max_u32(run->most_test, (uint32_t)n_test);
    run->most_events = ink_max_u32(run->most_events, (uint32_t)(end - first));
    if (bytes > run->most_bytes) run->most_bytes = bytes;
  }
  if (run->n_people > 0) return INK_OK;
  return ink_refuse(run->env->fault, INK_E_DATA_EMPTY, NAME("test data"), "at least one person with a test event");
}

/* The table that the caller asked for, with nothing in it yet. */
static ink_status open_table(ink_eval_run *run) {
  const ink_allocator *a = &run->env->allocator;
  ink_eval_people *t = run->options->people;
  if (t == NULL) return INK_OK;
  const uint64_t n_values = (uint64_t)run->n_people * run->options->n_metrics;
  *t = (ink_eval_people){ .n = run->n_people, .n_metrics = run->options->n_metrics };
  INK_NEW(a, t->n, &t->user);
  INK_NEW(a, t->n, &t->n_history);
  INK_NEW(a, t->n, &t->weights);
  INK_NEW(a, n_values, &t->values);
  for (uint64_t i = 0; i < n_values; i++) t->values[i] = __builtin_nan("");
  for (uint32_t i = 0; i < t->n; i++) {
    uint64_t first, end;
    ink_eval_window(run, run->people[i], &first, &end);
    t->user[i] = run->people[i];
    t->n_history[i] = (uint32_t)(end - first);
    t->weights[i] = 1.0;
  }
  return INK_OK;
}

void ink_eval_people_free(ink_eval_people *people, const ink_allocator *allocator) {
  void *const blocks[] = { people->user, people->n_history, people->weights, people->values };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
  *people = (ink_eval_people){ 0 };
}

static void find_now(ink_eval_run *run) {
  run->now = run->options->now;
  for (uint64_t e = 0; run->options->now == INK_NO_TIME && e < run->history->n_events; e++)
    if (run->history->time[e] > run->now) run->now = run->history->time[e];
  if (run->now == INK_NO_TIME) run->now = 0;
}

/* ----------------------------------------------------------------- workers */

static ink_status open_engine(const ink_eval_run *run, ink_eval_worker *w) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = ink_max_u32(run->most_events, 1),
                              .max_count = ink_max_u32(run->slate_count, 1), .max_reasons = 1, .journal_bytes = run->most_bytes };
  size_t bytes;
  INK_TRY(ink_engine_measure(run->pack, &limits, &bytes, run->env->fault));
  w->memory = ink_block_resize(&run->env->allocator, NULL, bytes, 1);
  if (w->memory == NULL) return INK_E_NO_MEMORY;
  return ink_engine_open(run->pack, &limits, run->env->kernels, w->memory, bytes, &w->engine, run->env->fault);
}

/* Counts of the catalogue for each metric of all slates together, and room for one slate. */
static ink_status open_slates(const ink_eval_run *run, ink_eval_worker *w) {
  const ink_eval_options *o = run->options;
  uint32_t most = 1;
  INK_NEW(&run->env->allocator, o->n_metrics, &w->shown);
  for (uint32_t i = 0; i < o->n_metrics; i++) w->shown[i] = NULL;
  INK_NEW(&run->env->allocator, o->n_metrics, &w->slate_values);
  for (uint32_t i = 0; i < o->n_metrics; i++) {
    const ink_metric *m = &o->metrics[i];
    if (ink_metric_of_all(m->kind) || ink_metric_of_slate(m->kind)) most = ink_max_u32(most, ink_min_u32(m->k, run->n_items));
    if (!ink_metric_of_all(m->kind)) continue;
    INK_NEW(&run->env->allocator, run->n_items, &w->shown[i]);
    ink_mem_fill(w->shown[i], 0, run->n_items * sizeof *w->shown[i]);
  }
  INK_NEW(&run->env->allocator, most, &w->front);
  return INK_OK;
}

static ink_status open_worker(const ink_eval_run *run, ink_eval_worker *w) {
  const ink_allocator *a = &run->env->allocator;
  const uint64_t n = run->n_items, t = (uint64_t)run->most_test + 1;
  INK_NEW(a, n, &w->scores);
  INK_NEW(a, n, &w->spare);
  INK_NEW(a, n, &w->what);
  INK_NEW(a, n, &w->touched);
  INK_NEW(a, n, &w->listed);
  INK_NEW(a, run->n_mapped, &w->met);
  INK_NEW(a, n, &w->items);
  INK_NEW(a, t, &w->rated);
  INK_NEW(a, t, &w->work.scores);
  INK_NEW(a, t, &w->work.order);
  INK_NEW(a, t, &w->work.block_score);
  INK_NEW(a, t, &w->work.block_tests);
  INK_NEW(a, t, &w->work.above);
  INK_NEW(a, t, &w->work.equal);
  INK_NEW(a, t, &w->places.places);
  ink_mem_fill(w->what, INK_CANDIDATE, (size_t)n);
  ink_mem_fill(w->met, 0, run->n_mapped * sizeof *w->met);
  INK_NEW(a, (uint64_t)run->most_seen + 1, &w->denied);
  INK_TRY(open_slates(run, w));
  INK_TRY(ink_eval_batch_open(run, w));
  return run->options->vectors != NULL ? INK_OK : open_engine(run, w);
}

static void close_worker(const ink_eval_run *run, ink_eval_worker *w) {
  const ink_allocator *a = &run->env->allocator;
  ink_eval_batch_close(run, w);
  void *const blocks[] = { w->memory, w->scores, w->spare, w->what, w->touched, w->met, w->listed, w->items, w->rated,
                           w->work.scores, w->work.order, w->work.block_score, w->work.block_tests, w->work.above,
                           w->work.equal, w->places.places, w->slate_values, w->front, w->denied };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  for (uint32_t i = 0; w->shown != NULL && i < run->options->n_metrics; i++) ink_block_free(a, w->shown[i]);
  ink_block_free(a, w->shown);
}

static ink_status open_shards(ink_eval_run *run) {
  const uint64_t n_sums = (uint64_t)run->n_shards * run->options->n_metrics;
  INK_NEW(&run->env->allocator, run->n_shards, &run->shards);
  INK_NEW(&run->env->allocator, n_sums, &run->sums);
  ink_mem_fill(run->sums, 0, (size_t)n_sums * sizeof *run->sums);
  for (uint32_t s = 0; s < run->n_shards; s++)
    run->shards[s] = (ink_eval_shard){ .sums = run->sums + (size_t)s * run->options->n_metrics };
  return INK_OK;
}

/* No more workers than shards: each has an engine and the catalogue's scores in memory. */
ink_status ink_eval_run_open(ink_eval_run *run) {
  INK_TRY(map_items(run));
  INK_TRY(find_people(run));
  INK_TRY(open_table(run));
  find_now(run);
  run->hide = ink_names_find(&run->history->kinds, NAME("hide"));
  const ink_eval_options *o = run->options;
  const ink_dataset *popularity = o->popularity != NULL ? o->popularity : run->history;
  INK_TRY(ink_beyond_open(run->pack, o->metrics, o->n_metrics, popularity, run->item_map, o->slate_vectors, run->env, &run->beyond));
  run->n_shards = (run->n_people + INK_EVAL_SHARD - 1) / INK_EVAL_SHARD;
  INK_TRY(open_shards(run));
  const uint32_t n_workers = run->env->threads.n_workers;
  INK_NEW(&run->env->allocator, n_workers, &run->workers);
  ink_mem_fill(run->workers, 0, n_workers * sizeof *run->workers);
  run->n_workers = n_workers;
  for (uint32_t i = 0; i < ink_min_u32(n_workers, run->n_shards); i++) INK_TRY(open_worker(run, &run->workers[i]));
  return ink_eval_batch_plan(run);
}

void ink_eval_run_close(ink_eval_run *run) {
  for (uint32_t i = 0; i < run->n_workers; i++) close_worker(run, &run->workers[i]);
  ink_beyond_close(&run->beyond, &run->env->allocator);
  ink_eval_batch_forget(run);
  ink_block_free(&run->env->allocator, run->workers);
  ink_block_free(&run->env->allocator, run->shards);
  ink_block_free(&run->env->allocator, run->sums);
  ink_block_free(&run->env->allocator, run->people);
  ink_block_free(&run->env->allocator, run->item_map);
}

/* ------------------------------------------------------- folding and scoring */

ink_status ink_eval_fold_newest(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, uint32_t n) {
  const ink_dataset *h = run->history;
  uint64_t first, end;
  if (w->engine == NULL) return INK_OK;
  INK_TRY(ink_profile_erase(w->engine));
  ink_eval_folded(run, user, &first, &end);
  if (end - first > n) first = end - n;
  for (uint64_t e = first; e < end; e++) {
    if (run->item_map[h->item[e]] == INK_NONE) continue;
    const ink_event event = { .item = ink_names_at(&h->items, h->item[e]), .kind = ink_names_at(&h->kinds, h->kind[e]),
                              .value = h->value[e], .time = h->time[e] };
    INK_TRY(ink_track(w->engine, &event, NULL, NULL, NULL));
  }
  return INK_OK;
}

ink_status ink_eval_fold(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  return ink_eval_fold_newest(run, w, user, INK_CAP_EVENTS);
}

ink_request ink_eval_request(const ink_eval_run *run, uint32_t count) {
  const ink_eval_options *o = run->options;
  return (ink_request){ .struct_bytes = sizeof(ink_request), .count = count, .now = run->now, .seed = o->seed,
                        .flags = (o->with_seen ? INK_WITH_SEEN : 0u) | (o->family != INK_NONE ? INK_NO_FALLBACK : 0u),
                        .family = o->family };
}

static void score_vectors(const ink_eval_run *run, uint32_t user, const uint32_t *items, uint32_t n, float *out) {
  const ink_eval_vectors *v = run->options->vectors;
  const bool known = user < v->n_users;
  const float *q = v->users + (size_t)(known ? user : 0) * v->d;
  if (items == NULL && known) run->env->kernels->gemv_f32(v->items, v->d, n, v->d, q, out);
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t item = items == NULL ? i : items[i];
    float score = !known ? 0.0f : items == NULL ? out[i] : run->env->kernels->dot_f32(v->items + (size_t)item * v->d, q, v->d);
    if (v->item_bias != NULL) score += v->item_bias[item];
    if (v->user_bias != NULL && known) score += v->user_bias[user];
    out[i] = score + v->offset;
  }
}

ink_status ink_eval_score(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, const uint32_t *items, uint32_t n,
                          float *out) {
  if (w->engine == NULL) {
    score_vectors(run, user, items, n, out);
    return INK_OK;
  }
  const ink_request request = ink_eval_request(run, 1);
  return ink_score(w->engine, items, n, &request, out);
}

/* --------------------------------------------------------------------- loop */

typedef struct round {
  const ink_eval_run *run;
  uint32_t first;                 /* group of the whole that this round's group 0 is */
} round;

static void evaluate_shard(const ink_eval_run *run, ink_eval_worker *w, uint32_t shard) {
  ink_eval_shard *s = &run->shards[shard];
  const uint32_t start = shard * INK_EVAL_SHARD, end = ink_min_u32(start + INK_EVAL_SHARD, run->n_people);
  for (uint32_t i = start; i < end && s->status == INK_OK; i++) {
    w->person = i;
    s->status = run->person(run, w, run->people[i], s);
  }
}

static void evaluate_group(void *arg, uint32_t group, uint32_t worker) {
  const round *r = arg;
  const ink_eval_run *run = r->run;
  const uint32_t first = (r->first + group) * INK_EVAL_GROUP, end = ink_min_u32(first + INK_EVAL_GROUP, run->n_shards);
  ink_eval_batch_score(run, &run->workers[worker], first * INK_EVAL_SHARD, ink_min_u32(end * INK_EVAL_SHARD, run->n_people));
  for (uint32_t shard = first; shard < end; shard++) evaluate_shard(run, &run->workers[worker], shard);
}

static ink_status tell_progress(const ink_eval_run *run, uint32_t n_shards) {
  const ink_train_env *env = run->env;
  const uint32_t done = ink_min_u32(n_shards * INK_EVAL_SHARD, run->n_people);
  if (env->progress == NULL) return INK_OK;
  const ink_progress p = { "evaluating", done, run->n_people, __builtin_nan(""), __builtin_nan("") };
  return env->progress(env->progress_ctx, &p) ? INK_OK : INK_E_STOPPED;
}

/* Rounds between which progress is told; a round keeps every worker busy. */
static ink_status evaluate_all(const ink_eval_run *run) {
  const uint32_t n_groups = (run->n_shards + INK_EVAL_GROUP - 1) / INK_EVAL_GROUP;
  const uint32_t step = ink_max_u32(n_groups / ROUNDS, run->env->threads.n_workers * 4);
  for (uint32_t first = 0; first < n_groups; first += step) {
    const uint32_t n = ink_min_u32(step, n_groups - first), end = ink_min_u32((first + n) * INK_EVAL_GROUP, run->n_shards);
    run->env->threads.parallel_for(run->env->threads.ctx, n, evaluate_group, &(round){ run, first });
    for (uint32_t i = first * INK_EVAL_GROUP; i < end; i++)
      if (run->shards[i].status != INK_OK) return ink_refuse(run->env->fault, run->shards[i].status, NAME("evaluation"), "");
    INK_TRY(tell_progress(run, end));
  }
  return INK_OK;
}

/* Counts are added over workers: whoever counted, the sums are the same. */
static ink_status of_all(const ink_eval_run *run, uint32_t metric, ink_metric_value *out) {
  ink_status status = INK_OK;
  uint32_t *shown = run->workers[0].shown[metric], n = 0;
  for (uint32_t w = 1; w < run->n_workers; w++)
    for (uint32_t i = 0; run->workers[w].shown != NULL && i < run->n_items; i++) shown[i] += run->workers[w].shown[metric][i];
  for (uint32_t i = 0; i < run->n_items; i++) n += shown[i] > 0;
  const bool gini = run->options->metrics[metric].kind == INK_METRIC_GINI;
  const double value = gini ? ink_beyond_gini(shown, run->n_items, run->env, &status) : (double)n / (double)run->n_items;
  *out = (ink_metric_value){ value, __builtin_nan(""), __builtin_nan("") };
  return status;
}

void ink_eval_add(const ink_eval_run *run, const ink_eval_worker *w, uint32_t metric, double value, double weight,
                  ink_eval_shard *shard) {
  ink_eval_people *t = run->options->people;
  if (value != value) return;
  ink_metric_sum_add(&shard->sums[metric], value, weight);
  if (t == NULL) return;
  t->values[(size_t)metric * t->n + w->person] = value;
  t->weights[w->person] = weight;
}

static void join_counts(ink_eval_counts *all, const ink_eval_counts *one) {
  all->n_users += one->n_users;
  all->n_without_test += one->n_without_test;
  all->n_without_history += one->n_without_history;
  all->n_without_slate += one->n_without_slate;
  all->n_test += one->n_test;
  all->n_test_outside += one->n_test_outside;
  all->n_test_seen += one->n_test_seen;
  all->n_candidates += one->n_candidates;
  all->n_candidates_outside += one->n_candidates_outside;
}

static ink_status join_shards(const ink_eval_run *run, ink_eval_report *report) {
  for (uint32_t s = 0; s < run->n_shards; s++) join_counts(&report->counts, &run->shards[s].counts);
  for (uint32_t m = 0; m < run->options->n_metrics; m++) {
    const ink_metric *metric = &run->options->metrics[m];
    ink_metric_sum sum = { 0 };
    for (uint32_t s = 0; s < run->n_shards; s++) ink_metric_sum_join(&sum, &run->shards[s].sums[m]);
    report->values[m] = ink_metric_finish(metric, &sum);
    if (ink_metric_of_all(metric->kind)) INK_TRY(of_all(run, m, &report->values[m]));
  }
  return INK_OK;
}

ink_status ink_eval_run_all(ink_eval_run *run, ink_eval_report *report) {
  INK_TRY(evaluate_all(run));
  ink_mem_fill(report, 0, sizeof *report);
  INK_TRY(join_shards(run, report));
  const ink_eval_counts *n = &report->counts;
  if (n->n_test > n->n_test_outside + n->n_test_seen) return INK_OK;
  return ink_refuse(run->env->fault, INK_E_DATA_EMPTY, NAME("test data"),
                    "items of the catalogue that are new to somebody: do these files belong together?");
}
