/* cosine.c - the items whose vectors point the same way as one item's.
 *
 * cos(i, j) = y_i.y_j / (|y_i| |y_j|), all in the kernels' row form on widened rows (int8 rows as they
 * dequantise), so cos(i, j) and cos(j, i) are the same bits. A row of zeros is like nothing: 0.
 * Norms are computed with the dots, from rows that are in the first cache by then: keeping them would cost a pass
 * over the whole catalogue each time an engine is opened, which an edge does for every request. */
#include "engine.h"

#include "fmath.h"
#include "item_rows.h"

#include "base.h"

typedef struct cosine {
  const ink_kernels *kernels;
  const ink_rows *rows;
  const float *vector;            /* [d] of the item asked about */
  float norm;
  float *widened;                 /* [d] */
} cosine;

size_t ink_cosine_scratch_bytes(uint32_t width) {
  return 2 * ink_align_up(width * sizeof(float), INK_ALIGN) + ink_align_up(INK_REQUEST_BLOCK * sizeof(uint32_t), INK_ALIGN);
}

/* Row as floats: in place, or widened into room [d]. */
static const float *row_as_floats(const cosine *c, uint32_t row, float *room) {
  if (c->rows->dtype == INK_ROWS_F32) return (const float *)c->rows->data + (size_t)row * c->rows->d;
  ink_rows_widen(c->kernels, c->rows, row, room);
  return room;
}

static float norm_of(const cosine *c, const float *x) { return ink_sqrt_f32(c->kernels->dot_f32(x, x, c->rows->d)); }

/* Rounding may pass 1 by an ulp; what people do with a cosine (acos) may not bear that. */
static float cosine_of(const cosine *c, uint32_t row) {
  const float *x = row_as_floats(c, row, c->widened);
  const float norms = c->norm * norm_of(c, x);
  if (!(norms > 0.0f)) return 0.0f;
  const float cos = c->kernels->dot_f32(x, c->vector, c->rows->d) / norms;
  return cos > 1.0f ? 1.0f : cos < -1.0f ? -1.0f : cos;
}

static void search_all(const cosine *c, ink_search *s) {
  uint32_t row = 0;
  for (; row < c->rows->n && !ink_search_is_spent(s); row++, s->rows_done++)
    if (ink_filter_passes(s->filter, row)) ink_topk_push(&s->top, cosine_of(c, row), row);
  s->complete = row == c->rows->n;
}

static void search_list(const cosine *c, ink_search *s, uint32_t *block) {
  uint32_t at = 0;
  while (at < s->n && !ink_search_is_spent(s)) {
    const uint32_t n = ink_search_next(s, &at, block, INK_REQUEST_BLOCK);
    for (uint32_t i = 0; i < n; i++) ink_topk_push(&s->top, cosine_of(c, block[i]), block[i]);
    s->rows_done += n;
  }
  s->complete = at == s->n;
}

static ink_status search(ink_engine *e, const ink_rows *rows, uint32_t item, ink_search *s) {
  cosine c = { .kernels = e->kernels, .rows = rows };
  float *room;
  uint32_t *block;
  INK_TAKE(&e->scratch, rows->d, &room);
  INK_TAKE(&e->scratch, rows->d, &c.widened);
  INK_TAKE(&e->scratch, INK_REQUEST_BLOCK, &block);
  c.vector = row_as_floats(&c, item, room);
  c.norm = norm_of(&c, c.vector);
  if (s->items != NULL) search_list(&c, s, block);
  else search_all(&c, s);
  ink_topk_sort(&s->top);
  return INK_OK;
}

ink_status ink_search_cosine(ink_engine *e, const ink_rows *rows, uint32_t item, ink_search *s) {
  const size_t mark = ink_arena_mark(&e->scratch);
  s->complete = true;
  if (s->top.k == 0) return INK_OK;
  const ink_status status = search(e, rows, item, s);
  ink_arena_rewind(&e->scratch, mark);
  return status;
}
