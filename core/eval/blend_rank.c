/* blend_rank.c - weights for choices; see blend.h and blend_fit.h. Samples are cut into fixed groups whose sums are added in
 * order, so threads do not show. Reading order: sums over samples, logistic stacking, the metric, the search. */
#include "blend_fit.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "places.h"
#include "base.h"

#define GROUP 32u
#define NEWTON_STEPS 12u
#define HALVINGS 6u
#define RIDGE 1e-3                /* on a weight, beside one person's information */
#define PASSES 8u                 /* of the search over all weights */
#define LEAST_GAIN 1e-6

enum { M = INK_BLEND_MEMBERS };

typedef struct sums {
  double n, value;
  double g[M], h[M * M];
} sums;

typedef struct pass {
  const ink_blend_task *task;
  uint32_t bucket;
  const double *weights;
  const ink_blend *blend;         /* in place of weights: those of each sample's bucket */
  void (*add)(const struct pass *p, uint32_t sample, uint32_t worker, sums *to);
  sums *groups;
  /* room of each worker */
  float *scores;                  /* [n_workers, row_cap] */
  uint8_t *what;
  ink_places_work *work;
  double *places;                 /* [n_workers, INK_BLEND_TESTS + 1] */
} pass;

/* -------------------------------------------------------- sums over samples */

static void add_group(void *arg, uint32_t group, uint32_t worker) {
  const pass *p = arg;
  const ink_blend_samples *s = p->task->samples;
  const uint32_t end = ink_min_u32((group + 1) * GROUP, s->n_samples);
  ink_mem_fill(&p->groups[group], 0, sizeof p->groups[group]);
  for (uint32_t i = group * GROUP; i < end; i++)
    if (ink_blend_takes(p->task, i, p->bucket)) p->add(p, i, worker, &p->groups[group]);
}

static sums add_up(pass *p, const double *weights) {
  const ink_threads *threads = &p->task->env->threads;
  const uint32_t n_groups = (p->task->samples->n_samples + GROUP - 1) / GROUP;
  sums all = { 0 };
  p->weights = weights;
  threads->parallel_for(threads->ctx, n_groups, add_group, p);
  for (uint32_t i = 0; i < n_groups; i++) {
    all.n += p->groups[i].n;
    all.value += p->groups[i].value;
    for (uint32_t m = 0; m < M; m++) all.g[m] += p->groups[i].g[m];
    for (uint32_t m = 0; m < M * M; m++) all.h[m] += p->groups[i].h[m];
  }
  return all;
}

/* What the weights make of the rows of a sample. */
static void blend_rows(const pass *p, uint32_t sample, float *out) {
  const ink_blend_samples *s = p->task->samples;
  const float *rows = ink_blend_rows(s, sample);
  const double *weights = p->blend != NULL ? p->blend->weights[s->samples[sample].bucket] : p->weights;
  for (uint32_t i = 0; i < s->samples[sample].n_rows; i++) {
    double score = 0.0;
    for (uint32_t m = 0; m < s->n_members; m++) score += weights[m] * (double)rows[i * s->n_members + m];
    out[i] = (float)score;
  }
}

/* ------------------------------------------------------- logistic stacking */

/* Loss, gradient and curvature of one person, who weighs 1: minus the mean log probability of the held-back items. */
static void add_logistic(const pass *p, uint32_t sample, uint32_t worker, sums *to) {
  const ink_blend_samples *s = p->task->samples;
  const ink_blend_sample *of = &s->samples[sample];
  const uint32_t n_members = s->n_members;
  const float *rows = ink_blend_rows(s, sample);
  float *scores = p->scores + (size_t)worker * s->row_cap, most = -3e38f;
  double mean[M] = { 0 }, square[M * M] = { 0 }, whole = 0.0;
  blend_rows(p, sample, scores);
  for (uint32_t i = 0; i < of->n_rows; i++) most = scores[i] > most ? scores[i] : most;
  for (uint32_t i = 0; i < of->n_rows; i++) {
    const double e = (double)ink_exp_f32(scores[i] - most);
    const float *x = rows + (size_t)i * n_members;
    whole += e;
    for (uint32_t a = 0; a < n_members; a++) {
      mean[a] += e * (double)x[a];
      for (uint32_t b = 0; b <= a; b++) square[a * M + b] += e * (double)x[a] * (double)x[b];
    }
  }
  to->n += 1.0;
  to->value += ink_log_f64(whole) + (double)most;
  for (uint32_t i = 0; i < of->n_tests; i++) to->value -= (double)scores[i] / of->n_tests;
  for (uint32_t a = 0; a < n_members; a++) {
    to->g[a] += mean[a] / whole;
    for (uint32_t i = 0; i < of->n_tests; i++) to->g[a] -= (double)rows[i * n_members + a] / of->n_tests;
    for (uint32_t b = 0; b <= a; b++) to->h[a * M + b] += square[a * M + b] / whole - mean[a] * mean[b] / whole / whole;
  }
}

void ink_blend_nonnegative(const double *h, const double *b, uint32_t n, double *w) {
  for (uint32_t sweep = 0; sweep < 1000; sweep++) {
    double moved = 0.0;
    for (uint32_t i = 0; i < n; i++) {
      double rest = b[i];
      for (uint32_t j = 0; j < n; j++) rest -= j == i ? 0.0 : h[i * n + j] * w[j];
      const double fresh = rest > 0.0 && h[i * n + i] > 0.0 ? rest / h[i * n + i] : 0.0;
      moved += (fresh - w[i]) * (fresh - w[i]);
      w[i] = fresh;
    }
    if (moved < 1e-24) return;
  }
}

/* Where the quadratic at `w` is least, w >= 0. */
static void newton_target(const sums *at, uint32_t n, const double *w, double *target) {
  double h[M * M], b[M];
  for (uint32_t i = 0; i < n; i++) {
    for (uint32_t j = 0; j < n; j++) h[i * n + j] = at->h[i >= j ? i * M + j : j * M + i] + (i == j ? RIDGE : 0.0);
    target[i] = w[i];
  }
  for (uint32_t i = 0; i < n; i++) {
    b[i] = -at->g[i];
    for (uint32_t j = 0; j < n; j++) b[i] += h[i * n + j] * w[j];
  }
  ink_blend_nonnegative(h, b, n, target);
}

static void logistic(pass *p, double *w) {
  const uint32_t n = p->task->samples->n_members;
  double target[M], next[M];
  p->add = add_logistic;
  for (uint32_t m = 0; m < n; m++) w[m] = 0.0;
  sums at = add_up(p, w);
  for (uint32_t step = 0; step < NEWTON_STEPS; step++) {
    double length = 1.0;
    bool better = false;
    newton_target(&at, n, w, target);
    for (uint32_t i = 0; i < HALVINGS && !better; i++, length *= 0.5) {
      for (uint32_t m = 0; m < n; m++) next[m] = w[m] + length * (target[m] - w[m]);
      const sums there = add_up(p, next);
      better = there.value < at.value - 1e-9 * at.n;
      if (!better) continue;
      at = there;
      for (uint32_t m = 0; m < n; m++) w[m] = next[m];
    }
    if (!better) return;
  }
}

/* ------------------------------------------------------------- the metric */

/* The metric of the rows that `what` [n_rows] marks. */
static double metric_of_rows(const pass *p, uint32_t sample, uint32_t worker, uint32_t n_tests, const float *scores, const uint8_t *what) {
  ink_places places = { .places = p->places + (size_t)worker * (INK_BLEND_TESTS + 1) };
  ink_places_all(scores, what, p->task->samples->samples[sample].n_rows, &p->work[worker], &places);
  const ink_person_ranks ranks = { .places = places.places, .n_places = places.n, .n_test = n_tests, .auc = places.auc };
  return ink_metric_of_person(&p->task->options->metric, &ranks);
}

/* Among drawn candidates each held-back item stands alone, as evaluations with such lists have it. */
static void add_metric(const pass *p, uint32_t sample, uint32_t worker, sums *to) {
  const ink_blend_samples *s = p->task->samples;
  const ink_blend_sample *of = &s->samples[sample];
  const bool each = p->task->options->drawn_only;
  float *scores = p->scores + (size_t)worker * s->row_cap;
  uint8_t *what = p->what + (size_t)worker * s->row_cap;
  blend_rows(p, sample, scores);
  for (uint32_t i = 0; i < of->n_rows; i++) what[i] = i >= of->n_tests ? INK_CANDIDATE : each ? INK_CANDIDATE_OUT : INK_CANDIDATE_TEST;
  to->n += 1.0;
  if (!each) to->value += metric_of_rows(p, sample, worker, of->n_tests, scores, what);
  for (uint32_t i = 0; i < of->n_tests && each; i++) {
    what[i] = INK_CANDIDATE_TEST;
    to->value += metric_of_rows(p, sample, worker, 1, scores, what) / of->n_tests;
    what[i] = INK_CANDIDATE_OUT;
  }
}

static double metric_of(pass *p, const double *weights) {
  p->add = add_metric;
  const sums all = add_up(p, weights);
  return all.n > 0.0 ? all.value / all.n : 0.0;
}

/* --------------------------------------------------------------- the search */

/* Takes `w` as the best so far if it is. */
static bool try_weights(pass *p, const double *w, double *best, double *value) {
  double sum = 0.0, unit[M];
  const uint32_t n = p->task->samples->n_members;
  for (uint32_t m = 0; m < n; m++) sum += w[m];
  if (!(sum > 0.0)) return false;
  for (uint32_t m = 0; m < n; m++) unit[m] = w[m] / sum;
  const double found = metric_of(p, unit);
  if (!(found > *value + LEAST_GAIN)) return false;
  *value = found;
  for (uint32_t m = 0; m < n; m++) best[m] = unit[m];
  return true;
}

static void starts(pass *p, const double *given, double *best, double *value) {
  const uint32_t n = p->task->samples->n_members;
  double w[M];
  *value = -1.0;
  logistic(p, w);
  (void)try_weights(p, w, best, value);
  if (given != NULL) (void)try_weights(p, given, best, value);
  for (uint32_t alone = 0; alone <= n; alone++) {
    for (uint32_t m = 0; m < n; m++) w[m] = alone == n || m == alone ? 1.0 : 0.0;
    (void)try_weights(p, w, best, value);
  }
}

/* One weight at a time, by factors and to nothing; one at nothing begins at shares of the whole. */
static void climb(pass *p, double *best, double *value) {
  static const double factors[] = { 0.0, 0.5, 0.7, 0.85, 0.93, 1.07, 1.18, 1.4, 2.0 }, shares[] = { 0.05, 0.15, 0.4 };
  const uint32_t n = p->task->samples->n_members;
  bool rose = n > 1;
  for (uint32_t round = 0; round < PASSES && rose; round++) {
    rose = false;
    for (uint32_t m = 0; m < n; m++) {
      const bool absent = best[m] == 0.0;
      const double from = best[m];
      for (uint32_t f = 0; f < (absent ? INK_COUNT_OF(shares) : INK_COUNT_OF(factors)); f++) {
        double w[M];
        for (uint32_t k = 0; k < n; k++) w[k] = best[k];
        w[m] = absent ? shares[f] : from * factors[f];
        rose = try_weights(p, w, best, value) || rose;
      }
    }
  }
}

/* -------------------------------------------------------------------- doors */

static ink_status open_pass(pass *p, ink_places_work *whole) {
  const ink_allocator *a = &p->task->env->allocator;
  const ink_blend_samples *s = p->task->samples;
  const uint32_t n = p->task->env->threads.n_workers, t = INK_BLEND_TESTS + 1;
  INK_NEW(a, (s->n_samples + GROUP - 1) / GROUP, &p->groups);
  INK_NEW(a, (uint64_t)n * s->row_cap, &p->scores);
  INK_NEW(a, (uint64_t)n * s->row_cap, &p->what);
  INK_NEW(a, n, &p->work);
  INK_NEW(a, (uint64_t)n * t, &p->places);
  INK_NEW(a, (uint64_t)n * t, &whole->scores);
  INK_NEW(a, (uint64_t)n * t, &whole->order);
  INK_NEW(a, (uint64_t)n * t, &whole->block_score);
  INK_NEW(a, (uint64_t)n * t, &whole->block_tests);
  INK_NEW(a, (uint64_t)n * t, &whole->above);
  INK_NEW(a, (uint64_t)n * t, &whole->equal);
  for (uint32_t w = 0; w < n; w++)
    p->work[w] = (ink_places_work){ whole->scores + w * t, whole->order + w * t, whole->block_score + w * t, whole->block_tests + w * t,
                                    whole->above + w * t, whole->equal + w * t };
  return INK_OK;
}

static void close_pass(pass *p, const ink_places_work *whole) {
  void *const blocks[] = { p->groups, p->scores, p->what, p->work, p->places, whole->scores, whole->order, whole->block_score,
                           whole->block_tests, whole->above, whole->equal };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&p->task->env->allocator, blocks[i]);
}

static uint32_t count(const ink_blend_task *task, uint32_t bucket) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < task->samples->n_samples; i++) n += ink_blend_takes(task, i, bucket);
  return n;
}

ink_status ink_blend_rank(const ink_blend_task *task, uint32_t bucket, const double *start, double *weights, uint32_t *n) {
  pass p = { .task = task, .bucket = bucket };
  ink_places_work whole = { NULL, NULL, NULL, NULL, NULL, NULL };
  double value;
  *n = count(task, bucket);
  if (*n == 0) return INK_OK;
  const ink_status status = open_pass(&p, &whole);
  if (status == INK_OK) {
    starts(&p, start, weights, &value);
    climb(&p, weights, &value);
  }
  close_pass(&p, &whole);
  return status;
}

ink_status ink_blend_rank_value(const ink_blend_task *task, const ink_blend *blend, uint32_t *n, double *value) {
  pass p = { .task = task, .bucket = INK_BLEND_ALL, .blend = blend };
  ink_places_work whole = { NULL, NULL, NULL, NULL, NULL, NULL };
  *n = count(task, INK_BLEND_ALL);
  const ink_status status = open_pass(&p, &whole);
  if (status == INK_OK) *value = metric_of(&p, NULL);
  close_pass(&p, &whole);
  return status;
}
