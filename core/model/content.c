/* content.c - see content.h. Observations come from linear_items.c; sums over terms stand where its sums over items do.
 * Reading order: the profile, doors. */
#include "content.h"

#include "caps.h"
#include "fmath.h"
#include "mem.h"

#include "base.h"

/* -------------------------------------------------------------- the profile */

static bool is_ridge(const ink_content *c) { return c->rows.settings[LINEAR_SHRINK] > 0.0f; }

static void clear(const ink_linear *l, ink_linear_state *s) { ink_mem_fill(s->sum, 0, l->n_cols * sizeof *s->sum); }

static void keep_newest(ink_linear_state *s) {
  const uint32_t first = s->n > CONTENT_WINDOW ? s->n - CONTENT_WINDOW : 0;
  for (uint32_t j = first; j < s->n; j++) {
    s->item[j - first] = s->item[j];
    s->past[j - first] = s->past[j];
    s->pull[j - first] = s->pull[j];
    s->trust[j - first] = s->trust[j];
  }
  s->n -= first;
}

/* A NaN fails, too. */
static bool is_usable(const float *x, uint32_t n) {
  for (uint32_t j = 0; j < n; j++)
    if (!(x[j] <= INK_CAP_MAGNITUDE && x[j] >= -INK_CAP_MAGNITUDE)) return false;
  return true;
}

/* Puts alpha in the place of y: X X^T row by row, each item's terms spread out over the sums and met with those before. */
static ink_status solve(const ink_content *c, ink_linear_state *s, ink_arena *scratch) {
  const ink_linear *l = &c->rows;
  const size_t mark = ink_arena_mark(scratch);
  const uint32_t stride = (uint32_t)ink_align_up(s->n, 16);
  float *a, *x;
  INK_TAKE(scratch, (size_t)s->n * stride, &a);
  INK_TAKE(scratch, 2 * (size_t)stride, &x);
  for (uint32_t j = 0; j < s->n; j++) {
    clear(l, s);
    ink_linear_add_row(l, s, s->item[j], 1.0f);
    for (uint32_t i = 0; i <= j; i++) a[(size_t)j * stride + i] = ink_linear_dot_sums(l, s->sum, s->item[i]);
    a[(size_t)j * stride + j] += l->settings[LINEAR_SHRINK] / s->trust[j];
    x[stride + j] = s->pull[j];
  }
  const bool done = c->kernels->chol_f32(a, s->n, stride);
  if (done) {
    c->kernels->chol_solve_f32(a, s->n, stride, x + stride, x);
    ink_mem_copy(s->pull, x, s->n * sizeof *x);
  }
  ink_arena_rewind(scratch, mark);
  return done && is_usable(s->pull, s->n) ? INK_OK : INK_E_SINGULAR;
}

/* |p|. Likes and dislikes that cancel, and items without terms, leave no direction. */
static ink_status measure(const ink_content *c, ink_linear_state *s) {
  s->length = is_ridge(c) ? 1.0f : ink_sqrt_f32(c->kernels->dot_f32(s->sum, s->sum, c->rows.n_cols));
  return s->length > 0.0f && ink_f32_finite(s->length) ? INK_OK : INK_E_SINGULAR;
}

/* -------------------------------------------------------------------- doors */

static ink_status fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_content *c = model;
  ink_linear_state *s;
  ink_arena arena;
  ink_arena_init(&arena, state, SIZE_MAX);
  INK_TRY(ink_linear_lay_out(&c->rows, &arena, &s));
  INK_TRY(ink_linear_observe(&c->rows, s, history, scratch));
  if (is_ridge(c)) keep_newest(s);
  if (ink_linear_is_mean(&c->rows)) ink_linear_find_person(&c->rows, s);
  if (is_ridge(c)) INK_TRY(solve(c, s, scratch));
  clear(&c->rows, s);
  for (uint32_t j = 0; j < s->n; j++) ink_linear_add_row(&c->rows, s, s->item[j], s->pull[j]);
  return measure(c, s);
}

static ink_status step(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_content *c = model;
  if (is_ridge(c)) return INK_REFOLD;
  INK_TRY(ink_linear_step(&c->rows, history, state, scratch));
  return measure(c, state);
}

static void score(const void *model, const void *state, uint32_t first, uint32_t n, float *out) {
  const ink_content *c = model;
  const ink_linear_state *s = state;
  for (uint32_t i = 0; i < n; i++)
    out[i] = ink_linear_base_of(&c->rows, s, first + i) + ink_linear_dot_sums(&c->rows, s->sum, first + i) / s->length;
}

static ink_status reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                          ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  const ink_content *c = model;
  const ink_linear_state *s = state;
  uint32_t n = 0;
  (void)history;
  (void)scratch;
  for (uint32_t j = 0; j < s->n; j++) {
    const double weight = (double)s->pull[j] * ink_linear_dot_rows(&c->rows, s->item[j], item, NULL) / (double)s->length;
    if (weight != 0.0) parts[n++] = (ink_part){ INK_REASON_EVENT, s->past[j], weight };
  }
  *n_parts = ink_linear_add_base(&c->rows, s, item, parts, n);
  return INK_OK;
}

static uint32_t terms(const void *model, const void *state, uint32_t item, ink_part *parts) {
  const ink_content *c = model;
  const ink_linear_state *s = state;
  const ink_linear *l = &c->rows;
  uint32_t n = 0;
  for (uint32_t z = ink_linear_first(l, item); z < l->ends[item]; z++) {
    const uint32_t col = ink_linear_col(l, z);
    const double weight = (double)s->sum[col] * (double)ink_linear_number(&l->values, item, z) / (double)s->length;
    if (weight != 0.0) parts[n++] = (ink_part){ INK_REASON_TERM, col, weight };
  }
  return ink_linear_add_base(&c->rows, s, item, parts, n);
}

static ink_text term(const void *model, uint32_t number) {
  const ink_content *c = model;
  if (number >= c->rows.n_cols) return (ink_text){ 0 };
  const uint32_t first = number == 0 ? 0 : c->ends[number - 1];
  return (ink_text){ c->bytes + first, c->ends[number] - first };
}

const ink_family ink_family_content = {
  .name = "content", .leads = "ends", .bind = ink_content_bind, .can_score = ink_linear_can_score,
  .fold = fold, .step = step, .score = score, .reasons = reasons, .terms = terms, .term = term,
};
