/* blend_samples.c - see blend_samples.h. Every sample has its own fixed place, so that threads do not show; a sample is
 * made by one worker, with the engine of an evaluation (eval_run.h).
 * Reading order: who is asked, with how much of the history, candidates, one sample, the door. */
#include "blend_samples.h"

#include "blocks.h"
#include "eval_run.h"
#include "fault.h"
#include "fmath.h"
#include "hash.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define LEAST_SPREAD 1e-20

typedef struct job {
  const ink_blend_options *options;
  ink_blend_samples *out;
  ink_eval_run run;
  uint32_t families[INK_BLEND_MEMBERS];
  uint32_t n_asked;
  float *scores;                  /* [n_workers, n_members, n_items] */
  ink_status *statuses;           /* [n_groups] */
  uint32_t n_groups;              /* of samples; no more than the run has shards of people, for which it opens workers */
  uint32_t first;                 /* group of the whole that this round's shard 0 is */
} job;

/* ------------------------------------------------------------ who is asked */

static uint64_t place_of(const job *j, uint32_t user) {
  const ink_text id = ink_names_at(&j->run.test->users, user);
  return ink_hash64(id.bytes, id.n, j->options->seed + 0x626c656e64u);
}

/* The people with the smallest hashes to the front: a heap of the n kept ones would do; n is small beside the time
 * that asking takes, so the list is simply heap-sorted. */
static void sift(const job *j, uint32_t *people, uint32_t n, uint32_t i) {
  const uint32_t person = people[i];
  const uint64_t place = place_of(j, person);
  for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && place_of(j, people[child]) < place_of(j, people[child + 1])) child++;
    if (place_of(j, people[child]) <= place) break;
    people[i] = people[child];
    i = child;
  }
  people[i] = person;
}

static void shuffle_people(job *j) {
  uint32_t *people = j->run.people, n = j->run.n_people;
  for (uint32_t i = n / 2; i > 0; i--) sift(j, people, n, i - 1);
  for (uint32_t end = n; end > 1; end--) {
    const uint32_t last = people[end - 1];
    people[end - 1] = people[0];
    people[0] = last;
    sift(j, people, end - 1, 0);
  }
}

static uint32_t bucket_of(const ink_blend_options *o, uint64_t n_events) {
  uint32_t b = 0;
  while (b + 1 < o->n_buckets && o->buckets[b + 1] <= n_events) b++;
  return b;
}

static uint32_t n_known(const job *j, uint32_t person) {
  uint64_t first, end;
  ink_eval_window(&j->run, j->run.people[person], &first, &end);
  return (uint32_t)(end - first);
}

/* A length of bucket b, for somebody with a longer history. */
static uint32_t length_in(const job *j, uint32_t person, uint32_t b) {
  const uint32_t low = ink_max_u32(j->options->buckets[b], 1);
  const uint64_t dice = ink_hash_u64(place_of(j, j->run.people[person]) + b);
  return low + (uint32_t)(dice % (j->options->buckets[b + 1] - low));
}

/* Everybody with all of the history; then, for buckets that hold fewer than INK_BLEND_ENOUGH of these people, people of the
 * buckets above with their newest events, up to INK_BLEND_FILLED. Without somebody above, a bucket stays as it is. */
static void plan(job *j) {
  const ink_blend_options *o = j->options;
  ink_blend_sample *samples = j->out->samples;
  uint32_t counts[INK_BLEND_BUCKETS] = { 0 }, most[INK_BLEND_BUCKETS], n = 0;
  for (; n < j->n_asked; n++) {
    const uint32_t known = n_known(j, n), bucket = bucket_of(o, known);
    samples[n] = (ink_blend_sample){ .person = n, .n_kept = known, .is_whole = true, .bucket = bucket };
    counts[bucket]++;
  }
  for (uint32_t b = 0; b < o->n_buckets; b++) most[b] = counts[b] < INK_BLEND_ENOUGH ? INK_BLEND_FILLED : counts[b];
  for (uint32_t i = 0; i < j->n_asked; i++) {
    for (uint32_t b = 0; b < samples[i].bucket; b++) {
      if (counts[b] >= most[b] || o->buckets[b + 1] < 2) continue;
      samples[n++] = (ink_blend_sample){ .person = i, .n_kept = length_in(j, i, b), .bucket = b };
      counts[b]++;
    }
  }
  j->out->n_samples = n;
}

/* -------------------------------------------------------------- candidates */

typedef struct basket {
  ink_eval_worker *w;
  uint32_t *items, n, cap;        /* in w->items */
} basket;

/* Takes an item that was not met yet. */
static void put(basket *b, uint32_t item) {
  if (b->n == b->cap || b->w->what[item] != INK_CANDIDATE) return;
  ink_eval_mark(b->w, item, INK_CANDIDATE_OUT);
  b->items[b->n++] = item;
}

/* The best items of one member that were not met yet, by insertion: few of a catalogue's items get into the list. */
static void put_best(const job *j, basket *b, const float *scores) {
  uint32_t best[INK_BLEND_TOP], n = 0;
  for (uint32_t i = 0; i < j->run.n_items; i++) {
    if (b->w->what[i] != INK_CANDIDATE || (n == INK_BLEND_TOP && !(scores[i] > scores[best[n - 1]]))) continue;
    uint32_t at = n < INK_BLEND_TOP ? n++ : n - 1;
    for (; at > 0 && scores[i] > scores[best[at - 1]]; at--) best[at] = best[at - 1];
    best[at] = i;
  }
  for (uint32_t i = 0; i < n; i++) put(b, best[i]);
}

/* What the history holds is no candidate, nor is what was cut off it. */
static void mark_known(const job *j, ink_eval_worker *w, uint32_t user) {
  uint64_t first, end;
  ink_eval_window(&j->run, user, &first, &end);
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = j->run.item_map[j->run.history->item[e]];
    if (item != INK_NONE) ink_eval_mark(w, item, INK_CANDIDATE_OUT);
  }
}

static void put_tests(const job *j, basket *b, uint32_t user, float *ratings) {
  const ink_dataset *t = j->run.test;
  for (uint64_t e = t->user_starts[user]; e < t->user_starts[user + 1] && b->n < INK_BLEND_TESTS; e++) {
    const uint32_t item = j->run.item_map[t->item[e]], n_before = b->n;
    if (item != INK_NONE) put(b, item);
    if (ratings != NULL && b->n > n_before) ratings[n_before] = t->value[e];
  }
}

/* -------------------------------------------------------------- one sample */

/* Scores of all members over the catalogue; a silent one's are 0. False when nobody says anything - or, of ratings,
 * when one is silent: least squares would take its 0 for a rating. */
static ink_status ask_members(const job *j, ink_eval_worker *w, float *scores, bool *usable) {
  const size_t n = j->run.n_items;
  uint32_t n_spoke = 0;
  for (uint32_t m = 0; m < j->options->n_members; m++) {
    ink_request request = ink_eval_request(&j->run, 1);
    request.family = j->families[m];
    request.flags |= INK_NO_FALLBACK;
    const ink_status status = ink_score(w->engine, NULL, (uint32_t)n, &request, scores + m * n);
    if (status == INK_OK) n_spoke++;
    else if (status == INK_E_NOT_FOUND || status == INK_E_SINGULAR) ink_mem_fill(scores + m * n, 0, n * sizeof *scores);
    else return status;
  }
  *usable = j->options->is_explicit ? n_spoke == j->options->n_members : n_spoke > 0;
  return INK_OK;
}

/* One over the standard deviation, as the blend is served; 0 for a member that says the same of all. */
static double unit_of(const float *scores, uint32_t n) {
  const double first = (double)scores[0];
  double mean = 0.0, squares = 0.0;
  for (uint32_t i = 0; i < n; i++) mean += (double)scores[i] - first;
  mean = mean / n + first;
  for (uint32_t i = 0; i < n; i++) squares += ((double)scores[i] - mean) * ((double)scores[i] - mean);
  const double spread = ink_sqrt_f64(squares / n);
  return spread > LEAST_SPREAD ? 1.0 / spread : 0.0;
}

static void fill_rows(const job *j, const basket *b, const float *scores, float *rows) {
  const uint32_t n_members = j->options->n_members, n = j->run.n_items;
  for (uint32_t m = 0; m < n_members; m++) {
    const float unit = j->options->is_explicit ? 1.0f : (float)unit_of(scores + (size_t)m * n, n);
    for (uint32_t i = 0; i < b->n; i++) rows[(size_t)i * n_members + m] = unit * scores[(size_t)m * n + b->items[i]];
  }
}

static void put_others(const job *j, basket *b, const float *scores, ink_rng *rng) {
  const ink_blend_options *o = j->options;
  for (uint32_t m = 0; m < o->n_members && !o->drawn_only; m++) put_best(j, b, scores + (size_t)m * j->run.n_items);
  for (uint32_t i = 0; i < (o->drawn_only ? INK_BLEND_LOTS : INK_BLEND_DRAWN); i++) put(b, ink_rng_below(rng, j->run.n_items));
}

static ink_status make_sample(const job *j, ink_eval_worker *w, float *scores, uint32_t at) {
  const ink_blend_samples *out = j->out;
  ink_blend_sample *sample = &out->samples[at];
  const uint32_t user = j->run.people[sample->person];
  basket b = { w, w->items, 0, ink_min_u32(out->row_cap, j->run.n_items) };
  ink_rng rng;
  bool usable;
  INK_TRY(ink_eval_fold_newest(&j->run, w, user, sample->n_kept));
  INK_TRY(ask_members(j, w, scores, &usable));
  if (!usable) return INK_OK;
  mark_known(j, w, user);
  put_tests(j, &b, user, out->ratings == NULL ? NULL : out->ratings + (size_t)at * INK_BLEND_TESTS);
  sample->n_tests = b.n;
  ink_rng_seed(&rng, j->options->seed, at);
  if (!j->options->is_explicit) put_others(j, &b, scores, &rng);
  sample->n_rows = sample->n_tests > 0 ? b.n : 0;
  fill_rows(j, &b, scores, out->scores + (size_t)at * out->row_cap * out->n_members);
  ink_eval_unmark(w);
  return INK_OK;
}

/* --------------------------------------------------------------------- all */

static uint32_t group_start(const job *j, uint32_t group) { return (uint32_t)((uint64_t)group * j->out->n_samples / j->n_groups); }

static void make_group(void *arg, uint32_t shard, uint32_t worker) {
  const job *j = arg;
  const uint32_t group = j->first + shard, start = group_start(j, group), end = group_start(j, group + 1);
  float *scores = j->scores + (size_t)worker * j->options->n_members * j->run.n_items;
  for (uint32_t i = start; i < end && j->statuses[group] == INK_OK; i++)
    j->statuses[group] = make_sample(j, &j->run.workers[worker], scores, i);
}

static ink_status make_all(job *j) {
  const ink_train_env *env = j->run.env;
  const uint32_t n_samples = j->out->n_samples, n_groups = j->n_groups, step = env->threads.n_workers * 2;
  for (j->first = 0; j->first < n_groups; j->first += step) {
    const uint32_t n = ink_min_u32(step, n_groups - j->first);
    env->threads.parallel_for(env->threads.ctx, n, make_group, j);
    for (uint32_t i = j->first; i < j->first + n; i++)
      if (j->statuses[i] != INK_OK) return j->statuses[i];
    const ink_progress p = { "asking the members", group_start(j, j->first + n), n_samples,
                             __builtin_nan(""), __builtin_nan("") };
    if (env->progress != NULL && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
  }
  return INK_OK;
}

static ink_status find_families(job *j) {
  ink_eval_worker *w = &j->run.workers[0];
  for (uint32_t m = 0; m < j->options->n_members; m++) {
    j->families[m] = ink_engine_family(w->engine, j->options->members[m]);
    if (j->families[m] == INK_NONE) return INK_E_UNKNOWN_FAMILY;
  }
  return INK_OK;
}

static ink_status take_room(job *j) {
  ink_blend_samples *out = j->out;
  const ink_blend_options *o = j->options;
  out->n_members = o->n_members;
  out->row_cap = INK_BLEND_TESTS + (o->is_explicit ? 0 : INK_BLEND_LOTS + INK_BLEND_TOP * o->n_members);
  INK_NEW(&out->allocator, (uint64_t)j->n_asked + INK_BLEND_BUCKETS * INK_BLEND_FILLED, &out->samples);
  plan(j);
  j->n_groups = (j->n_asked + INK_EVAL_SHARD - 1) / INK_EVAL_SHARD;
  INK_NEW(&out->allocator, (uint64_t)out->n_samples * out->row_cap * o->n_members, &out->scores);
  if (o->is_explicit) INK_NEW(&out->allocator, (uint64_t)out->n_samples * INK_BLEND_TESTS, &out->ratings);
  INK_NEW(&out->allocator, (uint64_t)j->run.n_workers * o->n_members * j->run.n_items, &j->scores);
  INK_NEW(&out->allocator, j->n_groups, &j->statuses);
  for (uint32_t i = 0; i < j->n_groups; i++) j->statuses[i] = INK_OK;
  return INK_OK;
}

ink_status ink_blend_samples_make(ink_blend_samples *s, const ink_pack *pack, const ink_dataset *history, const ink_dataset *held,
                                  const ink_blend_options *options, const ink_train_env *env) {
  const ink_eval_options how = { .metrics = &options->metric, .n_metrics = 1, .family = INK_NONE, .now = INK_NO_TIME, .seed = options->seed };
  job j = { .options = options, .out = s, .run = { .pack = pack, .history = history, .test = held, .options = &how, .env = env } };
  *s = (ink_blend_samples){ .allocator = env->allocator };
  ink_status status = ink_eval_run_open(&j.run);
  if (status == INK_OK) status = find_families(&j);
  if (status == INK_OK) {
    j.n_asked = ink_min_u32(options->n_people, j.run.n_people);
    shuffle_people(&j);
    status = take_room(&j);
  }
  if (status == INK_OK) status = make_all(&j);
  ink_block_free(&env->allocator, j.scores);
  ink_block_free(&env->allocator, j.statuses);
  ink_eval_run_close(&j.run);
  return status == INK_OK ? INK_OK : ink_refuse(env->fault, status, NAME("blend"), "");
}

void ink_blend_samples_free(ink_blend_samples *s) {
  ink_block_free(&s->allocator, s->samples);
  ink_block_free(&s->allocator, s->scores);
  ink_block_free(&s->allocator, s->ratings);
}
