/* scan_certified.c - the exact f32 top k from a scan of int8 rows.
 *
 * For row i with vector x, its int8 image x^, query q and its 7-bit image q^:
 *   q.x = q^.x^ + (q - q^).x^ + q.(x - x^)
 *   |q.x - q^.x^| <= lost*|x^| + |q|*err                       (Cauchy-Schwarz)
 * where lost = |q - q^|, err >= |x - x^|. Rounding of both computed scores is bounded by `slack` below.
 * So the computed f32 score of i lies within a_i +- e_i, where a_i is the computed int8 score.
 *
 * One pass keeps the k best lower bounds a_i - e_i; their worst, T, is a score that k rows surely reach.
 * Rows with a_i + e_i < T cannot enter the top k. The others are kept as candidates and, at the end,
 * scored from their f32 rows. Nothing is approximate in what comes out. */
#include "base.h"
#include "fmath.h"
#include "scan_block.h"

typedef struct certified {
  ink_scorer approximate, exact;
  const ink_rows *rows;           /* the int8 rows */
  const ink_filter *filter;
  float lost, query_norm;
  float relative, absolute;       /* rounding: relative * |x^ bound| + absolute */
  float reach_max;                /* e_i of the worst row: one threshold for a whole block */
  ink_topk lower;                 /* the k best lower bounds */
  float *upper;                   /* [cap] upper bounds of candidates */
  uint32_t *items;                /* [cap] */
  uint32_t n, cap;
  ink_topk *top;
  ink_scan_report *report;
} certified;

static float magnitude(float x) { return x < 0.0f ? -x : x; }

/* Half the width of the interval around a_i. All factors are rounded up or padded: see bounds(). */
static float reach(const certified *c, float norm, float err) {
  return (c->lost * norm + c->query_norm * err + c->relative * c->query_norm * (norm + err) + c->absolute) * 1.000001f;
}

/* Rounding. The f32 dot has d/8 additions a sum, 3 folds and a product: relative error below (d/8 + 4) u of
 * sum|q||x| <= |q||x|, |x| <= |x^| + err; u = 2^-24. The int8 score is an exact integer (< 2^24) times two
 * roundings: below 3 u of |q^||x^|, and |q^| <= |q| + lost <= 2|q|, so 6 u. Two for the sums a_i +- e_i, and two more for second-order terms.
 * Bias and offset add at most 2 u of the magnitudes around them to each of the two scores. */
static void bounds(certified *c, const ink_query *query) {
  const uint32_t d = query->rows->d;
  const float u = 0x1p-24f;
  double squares = 0.0;
  for (uint32_t j = 0; j < d; j++) squares += (double)query->vector[j] * (double)query->vector[j];
  c->query_norm = (float)(ink_sqrt_f64(squares) * (1.0 + 0x1p-20)) + 0x1p-126f;
  c->lost = c->approximate.query_lost;
  c->relative = ((float)(d / 8) + 14.0f) * u;
  c->absolute = 0x1p-120f;
  if (query->bias || query->offset != 0.0f) {
    float most = 0.0f;
    for (uint32_t i = 0; query->bias && i < query->rows->n; i++)
      if (magnitude(query->bias[i]) > most) most = magnitude(query->bias[i]);
    c->absolute += 8.0f * u * (most + magnitude(query->offset) + 2.0f * c->query_norm * (c->rows->norm_max + c->rows->err_max));
  }
  c->reach_max = reach(c, c->rows->norm_max, c->rows->err_max);
}

/* Drops candidates that the risen threshold excludes. */
static void prune(certified *c) {
  const float threshold = ink_topk_threshold(&c->lower);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < c->n; i++) {
    if (c->upper[i] < threshold) continue;
    c->upper[kept] = c->upper[i];
    c->items[kept++] = c->items[i];
  }
  c->n = kept;
}

/* Scores the candidates from their f32 rows. */
static void rerank(certified *c) {
  for (uint32_t i = 0; i < c->n; i++) ink_topk_push(c->top, ink_scorer_one(&c->exact, c->items[i]), c->items[i]);
  c->report->reranked += c->n;
  c->n = 0;
}

static void consider(certified *c, uint32_t row, float score) {
  const float e = reach(c, c->rows->norm[row], c->rows->err[row]);
  if (score + e < ink_topk_threshold(&c->lower) || !ink_filter_passes(c->filter, row)) return;
  if (c->n == c->cap) {
    prune(c);
    if (c->n > c->cap / 2) rerank(c); /* many near ties: settle them now rather than prune again and again */
  }
  ink_topk_push(&c->lower, score - e, row);
  c->upper[c->n] = score + e;
  c->items[c->n++] = row;
}

static void consider_block(certified *c, const uint32_t first[4], uint32_t n, const float *scores, uint32_t *hits) {
  for (uint32_t q = 0; q < 4; q++) {
    const float threshold = ink_topk_threshold(&c->lower) - c->reach_max;
    const float *part = scores + q * n;
    const size_t n_hits = c->exact.kernels->select_ge(part, n, threshold, hits);
    for (size_t h = 0; h < n_hits; h++) consider(c, first[q] + hits[h], part[hits[h]]);
  }
}

static ink_status prepare(certified *c, const ink_kernels *kernels, const ink_query *query, ink_arena *scratch, uint32_t k) {
  float *scores;
  uint32_t *items;
  INK_TRY(ink_scorer_init(&c->approximate, kernels, query->rows_i8, query, scratch));
  c->exact = (ink_scorer){ .kernels = kernels, .rows = query->rows, .query = query->vector,
                           .bias = query->bias, .offset = query->offset };
  INK_TAKE(scratch, k, &scores);
  INK_TAKE(scratch, k, &items);
  ink_topk_init(&c->lower, scores, items, k);
  c->cap = (uint32_t)INK_CERTIFIED_CANDIDATES(k);
  INK_TAKE(scratch, c->cap, &c->upper);
  INK_TAKE(scratch, c->cap, &c->items);
  c->n = 0;
  c->rows = query->rows_i8;
  bounds(c, query);
  return INK_OK;
}

ink_status ink_scan_certified(const ink_kernels *kernels, const ink_query *query, const ink_filter *filter, uint32_t budget,
                              ink_arena *scratch, ink_topk *top, ink_scan_report *report) {
  const uint32_t n_rows = query->rows->n, quarter = n_rows / 4;
  certified c = { .filter = filter, .top = top, .report = report };
  float *scores;
  uint32_t *hits;
  INK_TRY(prepare(&c, kernels, query, scratch, top->k));
  INK_TAKE(scratch, 4 * INK_BLOCK_ROWS, &scores);
  INK_TAKE(scratch, 4 * INK_BLOCK_ROWS, &hits);

  uint32_t i = 0;
  for (; i < quarter && report->rows_done < budget; i += INK_BLOCK_ROWS) {
    const uint32_t n = ink_min_u32(INK_BLOCK_ROWS, quarter - i);
    const uint32_t first[4] = { i, quarter + i, 2 * quarter + i, 3 * quarter + i };
    ink_scorer_block(&c.approximate, first, n, scores);
    consider_block(&c, first, n, scores, hits);
    report->rows_done += 4 * n;
  }
  report->complete = i >= quarter;
  for (uint32_t row = 4 * quarter; report->complete && row < n_rows; row++, report->rows_done++)
    consider(&c, row, ink_scorer_one(&c.approximate, row));
  prune(&c);
  rerank(&c);
  return INK_OK;
}
