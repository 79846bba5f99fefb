/* recommend.c - the requests of inkling.h: each checks, searches, and fills the engine's one slate.
 * Nothing of the caller's is written before the answer is whole. */
#include "engine.h"

#include "reasons.h"

#include "base.h"

/* An allow-list shorter than this part of the catalogue is scored item by item: a scan reads rows in
 * order, some eight times faster than they are picked out. */
#define LIST_PART 8u

/* -------------------------------------------------------------------- slate */

/* Reasons of one item of the slate, into the next free lines. */
static ink_status give_reasons(ink_engine *e, const ink_member *m, const ink_request *r, ink_slate_item *item,
                               uint32_t *n_reasons) {
  const ink_history history = { e->timeline.events, e->timeline.n, r->now };
  const uint32_t most = r->max_reasons ? r->max_reasons : e->limits.max_reasons;
  const size_t mark = ink_arena_mark(&e->scratch);
  const bool by_terms = (r->flags & INK_BY_TERMS) != 0 && m->family->terms != NULL;
  ink_status status = INK_OK;
  ink_part *parts;
  uint32_t n_parts;
  INK_TAKE(&e->scratch, ink_member_parts(e, m), &parts);
  if (by_terms) n_parts = m->family->terms(m->bound.model, m->state, item->item, parts);
  else status = m->family->reasons(m->bound.model, m->state, &history, item->item, &e->scratch, parts, &n_parts);
  if (status == INK_OK) {
    item->reasons_first = *n_reasons;
    item->n_reasons = ink_reasons_compose(parts, n_parts, by_terms ? NULL : history.events, item->score, most, e->slate_reasons + *n_reasons);
    *n_reasons += item->n_reasons;
    e->most_reasons = ink_max_u32(e->most_reasons, *n_reasons);
  }
  ink_arena_rewind(&e->scratch, mark);
  return status;
}

/* The found items as a slate. m NULL: the scores are similarities, which no event caused. */
static ink_status fill_slate(ink_engine *e, const ink_member *m, const ink_search *s, uint32_t family, ink_slate *slate) {
  uint32_t n_reasons = 0;
  for (uint32_t i = 0; i < s->top.n; i++) {
    ink_slate_item *item = &e->slate_items[i];
    *item = (ink_slate_item){ .item = s->top.items[i], .score = s->top.scores[i], .family = family };
    if (m != NULL && (s->request->flags & INK_EXPLAIN) != 0) INK_TRY(give_reasons(e, m, s->request, item, &n_reasons));
  }
  *slate = (ink_slate){ .struct_bytes = sizeof *slate, .n_items = s->top.n, .n_reasons = n_reasons,
                        .complete = s->complete, .rows_done = s->rows_done,
                        .items = e->slate_items, .reasons = e->slate_reasons };
  return INK_OK;
}

static bool is_slate(const ink_slate *slate) { return slate != NULL && slate->struct_bytes == sizeof *slate; }

/* Room for the best min(count, passing). */
static void make_room(ink_engine *e, ink_search *s) {
  const uint32_t k = ink_min_u32(s->request->count, s->filter->n_left);
  ink_topk_init(&s->top, e->top_scores, e->top_items, k);
  e->most_items = ink_max_u32(e->most_items, k);
}

/* A short allow-list is a list to search. */
static void use_allow_list(const ink_engine *e, ink_search *s) {
  if (s->request->allow == NULL || s->request->n_allow > e->n_items / LIST_PART) return;
  s->items = s->request->allow;
  s->n = s->request->n_allow;
}

static uint32_t index_of(const ink_engine *e, const ink_member *m) { return (uint32_t)(m - e->members); }

static ink_status answer(ink_engine *e, ink_search *s, ink_slate *slate) {
  ink_member *m;
  INK_TRY(ink_request_member(e, s->request, &m));
  make_room(e, s);
  INK_TRY(ink_search_member(e, m, s));
  return fill_slate(e, m, s, index_of(e, m), slate);
}

/* ----------------------------------------------------------------- requests */

ink_status ink_recommend(ink_engine *e, const ink_request *request, ink_slate *slate) {
  ink_filter filter;
  ink_search s = { .request = request, .filter = &filter };
  if (!is_slate(slate)) return INK_E_ARG;
  INK_TRY(ink_request_check(e, request));
  ink_request_filter(e, request, (request->flags & INK_WITH_SEEN) != 0, &filter);
  use_allow_list(e, &s);
  return answer(e, &s, slate);
}

ink_status ink_rank(ink_engine *e, const uint32_t *items, uint32_t n, const ink_request *request, ink_slate *slate) {
  static const uint32_t nothing = 0;
  ink_filter filter;
  ink_search s = { .request = request, .filter = &filter, .items = n > 0 ? items : &nothing, .n = n };
  if (!is_slate(slate)) return INK_E_ARG;
  INK_TRY(ink_request_check(e, request));
  if (n > e->limits.max_count) return INK_E_ARG;
  INK_TRY(ink_request_check_items(e, items, n));
  ink_request_filter(e, request, true, &filter);
  return answer(e, &s, slate);
}

/* One item whatever the lists say: a filter that only it passes, and reasons without being asked. */
ink_status ink_explain(ink_engine *e, uint32_t item, const ink_request *request, ink_slate *slate) {
  ink_filter filter;
  if (!is_slate(slate)) return INK_E_ARG;
  INK_TRY(ink_request_check(e, request));
  INK_TRY(ink_request_check_items(e, &item, 1));
  ink_request alone = *request;
  alone.flags |= INK_EXPLAIN;
  ink_search s = { .request = &alone, .filter = &filter, .items = &item, .n = 1 };
  ink_filter_init(&filter, e->filter_words, e->n_items);
  return answer(e, &s, slate);
}

ink_status ink_score(ink_engine *e, const uint32_t *items, uint32_t n, const ink_request *request, float *out) {
  ink_member *m;
  INK_TRY(ink_request_check(e, request));
  if (out == NULL && n > 0) return INK_E_ARG;
  if (items == NULL && n > e->n_items) return INK_E_UNKNOWN_ITEM;
  if (items != NULL) INK_TRY(ink_request_check_items(e, items, n));
  INK_TRY(ink_request_member(e, request, &m));
  return ink_score_some(e, m, items, 0, n, out);
}

ink_status ink_taste_of(ink_engine *e, const ink_request *request, ink_taste *taste) {
  ink_member *m;
  ink_query query;
  if (taste == NULL || taste->struct_bytes != sizeof *taste) return INK_E_ARG;
  INK_TRY(ink_request_check(e, request));
  INK_TRY(ink_request_member(e, request, &m));
  if (m->family->query == NULL) return INK_E_UNKNOWN_FAMILY;
  m->family->query(m->bound.model, m->state, &query);
  if (query.rows->dtype != INK_ROWS_F32) return INK_E_UNKNOWN_FAMILY;
  *taste = (ink_taste){ sizeof *taste, query.rows->d, query.vector, query.rows->data, query.bias, query.offset };
  return INK_OK;
}

/* ------------------------------------------------------------------ similar */

static const ink_rows *rows_of(const ink_engine *e, uint32_t family) {
  const ink_member *m = &e->members[family];
  return m->family->rows == NULL ? NULL : m->family->rows(m->bound.model);
}

/* The family asked for, or the first that has item vectors. */
static ink_status find_rows(const ink_engine *e, const ink_request *r, uint32_t *family, const ink_rows **rows) {
  const uint32_t first = r->family == INK_NONE ? 0 : r->family;
  const uint32_t end = r->family == INK_NONE ? e->n_members : r->family + 1;
  for (uint32_t i = first; i < end; i++) {
    *rows = rows_of(e, i);
    *family = i;
    if (*rows != NULL) return INK_OK;
  }
  return INK_E_UNKNOWN_FAMILY;
}

ink_status ink_similar(ink_engine *e, uint32_t item, const ink_request *request, ink_slate *slate) {
  ink_filter filter;
  ink_search s = { .request = request, .filter = &filter };
  const ink_rows *rows;
  uint32_t family;
  if (!is_slate(slate)) return INK_E_ARG;
  INK_TRY(ink_request_check(e, request));
  INK_TRY(ink_request_check_items(e, &item, 1));
  INK_TRY(find_rows(e, request, &family, &rows));
  ink_request_filter(e, request, (request->flags & INK_WITH_SEEN) != 0, &filter);
  ink_filter_drop(&filter, item);
  use_allow_list(e, &s);
  make_room(e, &s);
  INK_TRY(ink_search_cosine(e, rows, item, &s));
  return fill_slate(e, NULL, &s, family, slate);
}
