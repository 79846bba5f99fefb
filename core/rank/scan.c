/* scan.c - the exact scan, and scores of single rows. The certified int8 short-cut is in scan_certified.c.
 *
 * Rows are read as four streams from four distant quarters of the table: one sequential stream does not
 * saturate a core's memory pipeline (1.25-1.6 x measured from 25 MB up). What n mod 4 leaves over
 * is scored row by row: same bits. */
#include "scan.h"

#include "base.h"
#include "caps.h"
#include "quant.h"
#include "scan_block.h"

/* Upper bound of what any kernel table keeps of a 7-bit query (four bytes a value, and a head). */
#define PREPARED_BYTES(d) (4 * (size_t)(d) + 128)

size_t ink_scan_scratch_bytes(uint32_t d, uint32_t k) {
  const size_t kept = k <= INK_CERTIFIED_MAX_K ? k : 0;
  return ink_align_up(PREPARED_BYTES(d), INK_ALIGN) + ink_align_up(d, INK_ALIGN)
       + 3 * ink_align_up(4 * INK_BLOCK_ROWS * sizeof(float), INK_ALIGN)
       + 2 * ink_align_up(kept * sizeof(float), INK_ALIGN)
       + 2 * ink_align_up(INK_CERTIFIED_CANDIDATES(kept) * sizeof(float), INK_ALIGN) + 2 * INK_ALIGN;
}

/* ------------------------------------------------------------------ scorer */

static ink_status prepare_i8(ink_scorer *s, const float *vector, ink_arena *scratch) {
  uint8_t *q;
  void *prepared;
  INK_ASSERT(s->kernels->i8_query_bytes(s->rows->d) <= PREPARED_BYTES(s->rows->d));
  INK_TAKE(scratch, s->rows->d, &q);
  INK_TRY(ink_arena_take(scratch, PREPARED_BYTES(s->rows->d), 1, &prepared));
  ink_quant_query(vector, s->rows->d, q, &s->query_scale, &s->query_lost);
  s->kernels->i8_query(q, s->rows->d, prepared);
  s->query = prepared;
  return INK_OK;
}

ink_status ink_scorer_init(ink_scorer *s, const ink_kernels *kernels, const ink_rows *rows, const ink_query *query,
                           ink_arena *scratch) {
  s->kernels = kernels;
  s->rows = rows;
  s->bias = query->bias;
  s->offset = query->offset;
  s->query = query->vector;
  s->query_scale = s->query_lost = 0.0f;
  INK_TAKE(scratch, 4 * INK_BLOCK_ROWS, &s->idots);
  return rows->dtype == INK_ROWS_I8 ? prepare_i8(s, query->vector, scratch) : INK_OK;
}

static const void *row_at(const ink_rows *rows, size_t row) {
  static const uint8_t element_bytes[] = { [INK_ROWS_F32] = 4, [INK_ROWS_F16] = 2, [INK_ROWS_BF16] = 2, [INK_ROWS_I8] = 1 };
  return (const uint8_t *)rows->data + row * rows->d * element_bytes[rows->dtype];
}

/* What every score goes through after its dot product, wherever it was computed. */
static void finish(const ink_scorer *s, uint32_t row, uint32_t n, float *out) {
  if (s->bias) s->kernels->add_f32(s->bias + row, out, n);
  if (s->offset != 0.0f)
    for (uint32_t i = 0; i < n; i++) out[i] += s->offset;
}

static void dots_i8(const ink_scorer *s, const uint32_t first[4], uint32_t n, float *out) {
  const ink_rows *rows = s->rows;
  const int8_t *const r[4] = { row_at(rows, first[0]), row_at(rows, first[1]), row_at(rows, first[2]), row_at(rows, first[3]) };
  s->kernels->dot4_i8(r, rows->d, s->query, rows->d, n, s->idots);
  for (uint32_t q = 0; q < 4; q++)
    s->kernels->scale_i8(s->idots + q * n, rows->sum + first[q], INK_QUERY_OFFSET, rows->scale + first[q], s->query_scale, n,
                         out + q * n);
}

void ink_scorer_block(const ink_scorer *s, const uint32_t first[4], uint32_t n, float *out) {
  const ink_rows *rows = s->rows;
  const ink_kernels *k = s->kernels;
  const void *const r[4] = { row_at(rows, first[0]), row_at(rows, first[1]), row_at(rows, first[2]), row_at(rows, first[3]) };
  const uint16_t *const h[4] = { r[0], r[1], r[2], r[3] };
  const float *const f[4] = { r[0], r[1], r[2], r[3] };
  switch (rows->dtype) {
    case INK_ROWS_F32: k->dot4_f32(f, rows->d, s->query, rows->d, n, out); break;
    case INK_ROWS_F16: k->dot4_f16(h, rows->d, s->query, rows->d, n, out); break;
    case INK_ROWS_BF16: k->dot4_bf16(h, rows->d, s->query, rows->d, n, out); break;
    default: dots_i8(s, first, n, out); break;
  }
  if (s->bias || s->offset != 0.0f)
    for (uint32_t q = 0; q < 4; q++) finish(s, first[q], n, out + q * n);
}

float ink_scorer_one(const ink_scorer *s, uint32_t row) {
  const ink_rows *rows = s->rows;
  const ink_kernels *k = s->kernels;
  const void *at = row_at(rows, row);
  float score;
  switch (rows->dtype) {
    case INK_ROWS_F32: score = k->dot_f32(at, s->query, rows->d); break;
    case INK_ROWS_F16: score = k->dot_f16(at, s->query, rows->d); break;
    case INK_ROWS_BF16: score = k->dot_bf16(at, s->query, rows->d); break;
    default: {
      const int32_t idot = k->dot_i8(at, s->query, rows->d);
      k->scale_i8(&idot, &rows->sum[row], INK_QUERY_OFFSET, &rows->scale[row], s->query_scale, 1, &score);
    }
  }
  finish(s, row, 1, &score);
  return score;
}

/* -------------------------------------------------------------- exact scan */

void ink_scan_ready(const ink_kernels *kernels, const float *scores, uint32_t first, uint32_t n, const ink_filter *filter,
                    uint32_t *hits, ink_topk *top) {
  const size_t n_hits = kernels->select_ge(scores, n, ink_topk_threshold(top), hits);
  for (size_t h = 0; h < n_hits; h++)
    if (ink_filter_passes(filter, first + hits[h])) ink_topk_push(top, scores[hits[h]], first + hits[h]);
}

static ink_status scan_exact(const ink_kernels *kernels, const ink_query *query, const ink_filter *filter, uint32_t budget,
                             ink_arena *scratch, ink_topk *top, ink_scan_report *report) {
  const uint32_t n_rows = query->rows->n, quarter = n_rows / 4;
  ink_scorer scorer;
  float *scores;
  uint32_t *hits;
  INK_TRY(ink_scorer_init(&scorer, kernels, query->rows, query, scratch));
  INK_TAKE(scratch, 4 * INK_BLOCK_ROWS, &scores);
  INK_TAKE(scratch, 4 * INK_BLOCK_ROWS, &hits);

  for (uint32_t i = 0; i < quarter; i += INK_BLOCK_ROWS) {
    if (report->rows_done >= budget) return INK_OK;
    const uint32_t n = ink_min_u32(INK_BLOCK_ROWS, quarter - i);
    const uint32_t first[4] = { i, quarter + i, 2 * quarter + i, 3 * quarter + i };
    ink_scorer_block(&scorer, first, n, scores);
    for (uint32_t q = 0; q < 4; q++) ink_scan_ready(kernels, scores + q * n, first[q], n, filter, hits, top);
    report->rows_done += 4 * n;
  }
  for (uint32_t row = 4 * quarter; row < n_rows; row++, report->rows_done++)
    if (ink_filter_passes(filter, row)) ink_topk_push(top, ink_scorer_one(&scorer, row), row);
  report->complete = true;
  return INK_OK;
}

ink_status ink_scan_top(const ink_kernels *kernels, const ink_query *query, const ink_filter *filter,
                        const ink_scan_options *options, ink_arena *scratch, ink_topk *top, ink_scan_report *report) {
  const size_t mark = ink_arena_mark(scratch);
  const uint32_t budget = options->budget_rows ? options->budget_rows : UINT32_MAX;
  const bool certified = query->rows_i8 && !options->exact_only && top->k > 0 && top->k <= INK_CERTIFIED_MAX_K;
  *report = (ink_scan_report){ 0 };
  const ink_status status = certified ? ink_scan_certified(kernels, query, filter, budget, scratch, top, report)
                                      : scan_exact(kernels, query, filter, budget, scratch, top, report);
  ink_arena_rewind(scratch, mark);
  if (status == INK_OK) ink_topk_sort(top);
  return status;
}

/* ------------------------------------------------------------- single rows */

/* A run of rows in order, through the four-row kernel. */
static void score_run(const ink_scorer *s, uint32_t first, uint32_t n, float *out) {
  const uint32_t quarter = n / 4;
  float scores[4 * 32];
  for (uint32_t i = 0; i < quarter; i += 32) {
    const uint32_t m = ink_min_u32(32, quarter - i);
    const uint32_t from[4] = { first + i, first + quarter + i, first + 2 * quarter + i, first + 3 * quarter + i };
    ink_scorer_block(s, from, m, scores);
    for (uint32_t q = 0; q < 4; q++)
      for (uint32_t j = 0; j < m; j++) out[q * quarter + i + j] = scores[q * m + j];
  }
  for (uint32_t i = 4 * quarter; i < n; i++) out[i] = ink_scorer_one(s, first + i);
}

ink_status ink_scan_some(const ink_kernels *kernels, const ink_query *query, const uint32_t *items, uint32_t first, uint32_t n,
                         ink_arena *scratch, float *out) {
  const size_t mark = ink_arena_mark(scratch);
  ink_scorer scorer;
  INK_TRY(ink_scorer_init(&scorer, kernels, query->rows, query, scratch));
  if (items == NULL) score_run(&scorer, first, n, out);
  else
    for (uint32_t i = 0; i < n; i++) out[i] = ink_scorer_one(&scorer, items[i]);
  ink_arena_rewind(scratch, mark);
  return INK_OK;
}
