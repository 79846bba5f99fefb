/* score.c - scores of items by one family, and the search for the best: through the whole catalogue with
 * core/rank's scans, or through a list of items. Both give an item the same bits. */
#include "engine.h"

#include "scan.h"

#include "base.h"

/* ------------------------------------------------------------------- scores */

/* Families without a query score ranges. */
static void score_ranges(const ink_member *m, const uint32_t *items, uint32_t first, uint32_t n, float *out) {
  const ink_family *f = m->family;
  if (items == NULL) f->score(m->bound.model, m->state, first, n, out);
  else
    for (uint32_t i = 0; i < n; i++) f->score(m->bound.model, m->state, items[i], 1, &out[i]);
}

ink_status ink_score_some(ink_engine *e, const ink_member *m, const uint32_t *items, uint32_t first, uint32_t n, float *out) {
  ink_query query;
  if (m->family->query == NULL) {
    score_ranges(m, items, first, n, out);
    return INK_OK;
  }
  m->family->query(m->bound.model, m->state, &query);
  return ink_scan_some(e->kernels, &query, items, first, n, &e->scratch, out);
}

/* ------------------------------------------------------------------- search */

size_t ink_search_scratch_bytes(uint32_t width, uint32_t max_slate) {
  const size_t block = 2 * ink_align_up(INK_REQUEST_BLOCK * sizeof(float), INK_ALIGN);
  return block + ink_align_up(ink_scan_scratch_bytes(width, max_slate), INK_ALIGN);
}

uint32_t ink_search_next(ink_search *s, uint32_t *at, uint32_t *out, uint32_t cap) {
  uint32_t n = 0;
  for (; *at < s->n && n < cap; (*at)++) {
    const uint32_t item = s->items[*at];
    if (!ink_filter_passes(s->filter, item)) continue;
    ink_filter_drop(s->filter, item);
    out[n++] = item;
  }
  return n;
}

static ink_status search_list(ink_engine *e, const ink_member *m, ink_search *s) {
  uint32_t *block, at = 0;
  float *scores;
  INK_TAKE(&e->scratch, INK_REQUEST_BLOCK, &block);
  INK_TAKE(&e->scratch, INK_REQUEST_BLOCK, &scores);
  while (at < s->n && !ink_search_is_spent(s)) {
    const uint32_t n = ink_search_next(s, &at, block, INK_REQUEST_BLOCK);
    INK_TRY(ink_score_some(e, m, block, 0, n, scores));
    for (uint32_t i = 0; i < n; i++) ink_topk_push(&s->top, scores[i], block[i]);
    s->rows_done += n;
  }
  s->complete = at == s->n;
  ink_topk_sort(&s->top);
  return INK_OK;
}

static ink_status search_by_query(ink_engine *e, const ink_member *m, ink_search *s) {
  const ink_scan_options options = { s->request->budget_rows, (s->request->flags & INK_EXACT_ONLY) != 0 };
  ink_scan_report report;
  ink_query query;
  m->family->query(m->bound.model, m->state, &query);
  INK_TRY(ink_scan_top(e->kernels, &query, s->filter, &options, &e->scratch, &s->top, &report));
  s->rows_done = report.rows_done;
  s->complete = report.complete;
  return INK_OK;
}

static ink_status search_by_score(ink_engine *e, const ink_member *m, ink_search *s) {
  uint32_t *hits, first = 0;
  float *scores;
  INK_TAKE(&e->scratch, INK_REQUEST_BLOCK, &scores);
  INK_TAKE(&e->scratch, INK_REQUEST_BLOCK, &hits);
  while (first < e->n_items && !ink_search_is_spent(s)) {
    const uint32_t n = ink_min_u32(INK_REQUEST_BLOCK, e->n_items - first);
    m->family->score(m->bound.model, m->state, first, n, scores);
    ink_scan_ready(e->kernels, scores, first, n, s->filter, hits, &s->top);
    s->rows_done += n;
    first += n;
  }
  s->complete = first == e->n_items;
  ink_topk_sort(&s->top);
  return INK_OK;
}

ink_status ink_search_member(ink_engine *e, const ink_member *m, ink_search *s) {
  const size_t mark = ink_arena_mark(&e->scratch);
  s->complete = true;
  if (s->top.k == 0) return INK_OK;
  const ink_status status = s->items != NULL ? search_list(e, m, s)
                          : m->family->query != NULL ? search_by_query(e, m, s) : search_by_score(e, m, s);
  ink_arena_rewind(&e->scratch, mark);
  return status;
}
