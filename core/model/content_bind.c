/* content_bind.c - matches the tensors of term rows and their string list. Reading order: ink_content_bind() first. */
#include "content.h"

#include "fault.h"
#include "tensors_bind.h"

#include "base.h"

/* Ends rise and close with the bytes, so that a term may be cut out freely. */
static ink_status match_terms(const ink_bind *b, ink_content *c, uint32_t *n_terms) {
  ink_tensor bytes, ends;
  uint32_t before = 0;
  INK_TRY(ink_bind_get(b, "terms.ends", "", &ends));
  INK_TRY(ink_bind_need(b, "terms.ends", "", INK_DTYPE_U32, ends.shape[0], 0, &ends));
  INK_TRY(ink_bind_get(b, "terms.bytes", "", &bytes));
  INK_TRY(ink_bind_need(b, "terms.bytes", "", INK_DTYPE_U8, bytes.shape[0], 0, &bytes));
  c->bytes = bytes.data;
  c->ends = ends.data;
  *n_terms = ends.shape[0];
  if (*n_terms < 1 || *n_terms > CONTENT_MAX_TERMS)
    return ink_refuse_range(b->fault, INK_E_LIMIT, ends.name, *n_terms, 1, CONTENT_MAX_TERMS);
  for (uint32_t t = 0; t < *n_terms; before = c->ends[t++])
    if (c->ends[t] < before) return ink_refuse_range(b->fault, INK_E_PACK_ENDS, ends.name, c->ends[t], before, bytes.shape[0]);
  if (before != bytes.shape[0])
    return ink_refuse_range(b->fault, INK_E_PACK_ENDS, ends.name, before, bytes.shape[0], bytes.shape[0]);
  return INK_OK;
}

/* Two of these numbers are multiplied with an event's weight and summed: within this bound no sum overflows. */
static ink_status check_weights(const ink_bind *b, const ink_linear *l) {
  const bool f32 = l->values.f32 != NULL;
  ink_tensor t;
  INK_TRY(ink_bind_get(b, f32 ? "values" : "scale", "", &t));
  const float *x = t.data;
  for (uint32_t i = 0; i < t.shape[0]; i++)
    if (!(x[i] >= -CONTENT_MAX_WEIGHT && x[i] <= CONTENT_MAX_WEIGHT))
      return ink_bind_refuse_value(b, &t, "weight", i, x[i], -CONTENT_MAX_WEIGHT, CONTENT_MAX_WEIGHT);
  return INK_OK;
}

static uint32_t longest_row(const ink_linear *l) {
  uint32_t longest = 0;
  for (uint32_t i = 0; i < l->n_items; i++) longest = ink_max_u32(longest, l->ends[i] - ink_linear_first(l, i));
  return longest;
}

/* Beside what sums need: the system of a ridge, and its right side and solution. */
static bool add_sizes(const ink_content *c, ink_bound *out) {
  const uint32_t n = ink_min_u32(CONTENT_WINDOW, c->rows.max_events);
  if (!ink_linear_sizes(&c->rows, out)) return false;
  const size_t system = ink_align_up(((size_t)n + 2) * ink_align_up(n, 16) * sizeof(float), INK_ALIGN) + 2 * INK_ALIGN;
  if (c->rows.settings[LINEAR_SHRINK] > 0.0f && out->scratch_bytes < system) out->scratch_bytes = system;
  out->n_terms = longest_row(&c->rows);
  return true;
}

ink_status ink_content_bind(const ink_bind *b, ink_bound *out) {
  ink_content c = { .kernels = b->kernels }, *kept;
  ink_bound bound = { .model = NULL };
  uint32_t n_terms = 0;
  INK_TRY(match_terms(b, &c, &n_terms));
  INK_TRY(ink_linear_match(b, n_terms, &c.rows));
  INK_TRY(check_weights(b, &c.rows));
  if (!add_sizes(&c, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = c;
  bound.model = kept;
  *out = bound;
  return INK_OK;
}
