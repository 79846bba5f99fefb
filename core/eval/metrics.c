/* metrics.c - see metrics.h, which has every definition. */
#include "metrics.h"

#include "caps.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

/* ------------------------------------------------------------------- names */

enum { K_NONE, K_MUST, K_MAY };   /* does the name take an "@K"? */

static const struct { const char *name; uint32_t kind, takes_k; } NAMES[] = {
  { "precision", INK_METRIC_PRECISION, K_MUST }, { "recall", INK_METRIC_RECALL, K_MUST }, { "f1", INK_METRIC_F1, K_MUST },
  { "ap", INK_METRIC_AP, K_MAY }, { "map", INK_METRIC_AP, K_MAY }, { "ndcg", INK_METRIC_NDCG, K_MAY },
  { "mrr", INK_METRIC_MRR, K_MAY }, { "hit", INK_METRIC_HIT, K_MUST }, { "hr", INK_METRIC_HIT, K_MUST },
  { "auc", INK_METRIC_AUC, K_NONE }, { "coverage", INK_METRIC_COVERAGE, K_MUST },
  { "rmse", INK_METRIC_RMSE, K_NONE }, { "mae", INK_METRIC_MAE, K_NONE }, { "diversity", INK_METRIC_DIVERSITY, K_MUST },
  { "spread", INK_METRIC_SPREAD, K_MUST }, { "novelty", INK_METRIC_NOVELTY, K_MUST },
  { "longtail", INK_METRIC_LONGTAIL, K_MUST }, { "gini", INK_METRIC_GINI, K_MUST },
};

bool ink_metric_of_ranking(uint32_t kind) { return kind != INK_METRIC_RMSE && kind != INK_METRIC_MAE; }

bool ink_metric_of_slate(uint32_t kind) {
  return kind == INK_METRIC_DIVERSITY || kind == INK_METRIC_SPREAD || kind == INK_METRIC_NOVELTY || kind == INK_METRIC_LONGTAIL;
}

bool ink_metric_of_all(uint32_t kind) { return kind == INK_METRIC_COVERAGE || kind == INK_METRIC_GINI; }

bool ink_metric_rises(uint32_t kind) { return ink_metric_of_ranking(kind) && kind != INK_METRIC_GINI; }

/* 1..INK_CAP_ITEMS in plain digits, or 0. */
static uint32_t parse_k(ink_text text) {
  uint32_t k = 0;
  if (text.n == 0 || text.n > 8 || text.bytes[0] == '0') return 0;
  for (uint32_t i = 0; i < text.n; i++) {
    if (text.bytes[i] < '0' || text.bytes[i] > '9') return 0;
    k = k * 10 + (uint32_t)(text.bytes[i] - '0');
  }
  return k <= INK_CAP_ITEMS ? k : 0;
}

static ink_status parse_one(ink_text name, ink_metric *out, ink_fault *fault) {
  uint32_t at = 0, i = 0;
  while (at < name.n && name.bytes[at] != '@') at++;
  const ink_text stem = { name.bytes, at };
  while (i < INK_COUNT_OF(NAMES) && !ink_text_equal(stem, ink_text_of(NAMES[i].name))) i++;
  if (i == INK_COUNT_OF(NAMES) || name.n >= sizeof out->name)
    return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), name,
                           "precision recall f1 map ndcg mrr hit auc coverage gini diversity spread novelty longtail rmse mae");
  ink_metric m = { .kind = NAMES[i].kind };
  const bool has_k = at < name.n;
  if (has_k && NAMES[i].takes_k == K_NONE)
    return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), name, "this metric without @K");
  if (!has_k && NAMES[i].takes_k == K_MUST)
    return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), name, "a cut, as in recall@20");
  m.k = has_k ? parse_k((ink_text){ name.bytes + at + 1, name.n - at - 1 }) : NAMES[i].takes_k == K_NONE ? 0 : INK_METRIC_ALL;
  if (has_k && m.k == 0) return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), name, "a whole number 1..16777216 after @");
  if (ink_metric_of_slate(m.kind) && m.k > INK_METRIC_SLATE)
    return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), name, "a slate of at most 1000 items");
  ink_mem_copy(m.name, name.bytes, name.n);
  *out = m;
  return INK_OK;
}

/* The next name between commas, blanks around it dropped; false at the end. */
static bool next_name(ink_text *rest, ink_text *name) {
  uint32_t end = 0;
  if (rest->bytes == NULL) return false;
  while (end < rest->n && rest->bytes[end] != ',') end++;
  *name = (ink_text){ rest->bytes, end };
  while (name->n > 0 && name->bytes[0] == ' ') *name = (ink_text){ name->bytes + 1, name->n - 1 };
  while (name->n > 0 && name->bytes[name->n - 1] == ' ') name->n--;
  *rest = end < rest->n ? (ink_text){ rest->bytes + end + 1, rest->n - end - 1 } : (ink_text){ NULL, 0 };
  return true;
}

ink_status ink_metrics_parse(ink_text list, ink_metric *metrics, uint32_t *n_metrics, ink_fault *fault) {
  uint32_t n = 0;
  ink_text name;
  while (next_name(&list, &name)) {
    ink_metric m;
    INK_TRY(parse_one(name, &m, fault));
    if (n == INK_MAX_METRICS) return ink_refuse_range(fault, INK_E_SETTING, NAME("number of metrics"), n + 1, 1, INK_MAX_METRICS);
    for (uint32_t i = 0; i < n; i++)
      if (metrics[i].kind == m.kind && metrics[i].k == m.k)
        return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), name, "each metric once");
    metrics[n++] = m;
  }
  if (n == 0) return ink_refuse(fault, INK_E_SETTING, NAME("metrics"), "at least one, as in recall@20,ndcg@20");
  *n_metrics = n;
  return INK_OK;
}

/* --------------------------------------------------------------- one person */

/* h(K): places are ascending. */
static uint32_t hits_within(const ink_person_ranks *r, uint32_t k) {
  uint32_t n = 0;
  while (n < r->n_places && r->places[n] < (double)k + 1.0) n++;
  return n;
}

static double average_precision(const ink_person_ranks *r, uint32_t n_hits) {
  double sum = 0;
  for (uint32_t i = 0; i < n_hits; i++) sum += (double)(i + 1) / r->places[i];
  return sum / (double)r->n_test;
}

static double discounted_gain(const ink_person_ranks *r, uint32_t n_hits, uint32_t k) {
  double gain = 0, ideal = 0;
  for (uint32_t i = 0; i < n_hits; i++) gain += 1.0 / ink_log2_f64(r->places[i] + 1.0);
  for (uint32_t i = 0; i < r->n_test && i < k; i++) ideal += 1.0 / ink_log2_f64((double)i + 2.0);
  return gain / ideal;
}

double ink_metric_of_person(const ink_metric *metric, const ink_person_ranks *r) {
  const uint32_t n_hits = hits_within(r, metric->k);
  const double hits = n_hits, test = r->n_test, k = metric->k;
  switch (metric->kind) {
    case INK_METRIC_PRECISION: return hits / k;
    case INK_METRIC_RECALL: return hits / test;
    case INK_METRIC_F1: return 2.0 * hits / (k + test);     /* 2PR/(P + R) with P = h/K, R = h/T */
    case INK_METRIC_AP: return average_precision(r, n_hits);
    case INK_METRIC_NDCG: return discounted_gain(r, n_hits, metric->k);
    case INK_METRIC_MRR: return n_hits > 0 ? 1.0 / r->places[0] : 0.0;
    case INK_METRIC_HIT: return n_hits > 0 ? 1.0 : 0.0;
    case INK_METRIC_AUC: return r->auc;
    default: INK_ASSERT(false); return 0.0;
  }
}

/* -------------------------------------------------------------------- sums */

void ink_metric_sum_add(ink_metric_sum *s, double value, double weight) {
  s->n++;
  s->weight += weight;
  s->sum += value;
  s->squares += value * value;
  s->cross += value * weight;
  s->weights2 += weight * weight;
}

void ink_metric_sum_join(ink_metric_sum *s, const ink_metric_sum *other) {
  s->n += other->n;
  s->weight += other->weight;
  s->sum += other->sum;
  s->squares += other->squares;
  s->cross += other->cross;
  s->weights2 += other->weights2;
}

static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

double ink_metric_mean(const ink_metric *metric, double sum, double weight) {
  return metric->kind == INK_METRIC_RMSE ? ink_sqrt_f64(sum / weight) : sum / weight;
}

/* The largest value that a metric can have; errors and self-information have none. */
static double largest(uint32_t kind) {
  const bool open = !ink_metric_of_ranking(kind) || kind == INK_METRIC_NOVELTY;
  return open ? __builtin_inf() : kind == INK_METRIC_SPREAD ? 2.0 : 1.0;
}

ink_metric_value ink_metric_finish(const ink_metric *metric, const ink_metric_sum *s) {
  const double none = __builtin_nan("");
  ink_metric_value v = { none, none, none };
  if (s->n == 0) return v;
  const double mean = s->sum / s->weight, n = (double)s->n;
  v.value = mean;
  if (s->n > 1) {
    /* sum (e - n*M)^2, expanded; for averages (all weights 1) this is the usual sum of squared deviations */
    const double spread = s->squares - 2.0 * mean * s->cross + mean * mean * s->weights2;
    const double half = 1.96 * ink_sqrt_f64(n / (n - 1.0) * (spread > 0 ? spread : 0.0)) / s->weight;
    const double top = largest(metric->kind);
    v.low = clip(mean - half, 0.0, top);
    v.high = clip(mean + half, 0.0, top);
  }
  if (metric->kind == INK_METRIC_RMSE) v = (ink_metric_value){ ink_sqrt_f64(v.value), ink_sqrt_f64(v.low), ink_sqrt_f64(v.high) };
  return v;
}
