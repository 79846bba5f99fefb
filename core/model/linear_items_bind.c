/* linear_items_bind.c - matches the tensors of item-item weights. Columns are checked to be ascending and inside the
 * catalogue, once, so that scoring may index freely; that reads all pairs (a few milliseconds for ten million).
 * Reading order: ink_linear_bind() first. */
#include "linear_items.h"

#include "fault.h"
#include "tensors_bind.h"

#include "base.h"

/* ------------------------------------------------------------------- pairs */

static ink_status match_ends(const ink_bind *b, const uint32_t **ends, uint32_t *n_pairs) {
  uint32_t before = 0;
  ink_tensor t;
  INK_TRY(ink_bind_need(b, "ends", "", INK_DTYPE_U32, b->n_items, 0, &t));
  *ends = t.data;
  for (uint32_t i = 0; i < b->n_items; i++) {
    const uint32_t end = (*ends)[i];
    if (end < before || end > LINEAR_MAX_PAIRS) {
      ink_refuse_range(b->fault, INK_E_PACK_ENDS, t.name, end, before, LINEAR_MAX_PAIRS);
      return ink_refuse_at(b->fault, INK_E_PACK_ENDS, "row", i);
    }
    before = end;
  }
  *n_pairs = before;
  return INK_OK;
}

static ink_status check_cols(const ink_bind *b, ink_text name, const ink_linear *l) {
  uint32_t z = 0;
  for (uint32_t i = 0; i < l->n_items; i++) {
    uint32_t least = 0;
    for (; z < l->ends[i]; z++) {
      const uint32_t col = ink_linear_col(l, z);
      if (col < least || col >= l->n_cols) {
        ink_refuse_range(b->fault, INK_E_PACK_INDEX, name, col, least, (double)l->n_cols - 1);
        return ink_refuse_at(b->fault, INK_E_PACK_INDEX, "row", i);
      }
      least = col + 1;
    }
  }
  return INK_OK;
}

static ink_status match_cols(const ink_bind *b, uint32_t n_pairs, ink_linear *l) {
  ink_tensor t;
  INK_TRY(ink_bind_get(b, "cols", "", &t));
  if (t.dtype != INK_DTYPE_U16 && t.dtype != INK_DTYPE_U32) return ink_refuse_dtype(b->fault, &t, "U16 or U32");
  INK_TRY(ink_bind_need(b, "cols", "", t.dtype, n_pairs, 0, &t));
  if (t.dtype == INK_DTYPE_U16) l->cols16 = t.data;
  else l->cols32 = t.data;
  return check_cols(b, t.name, l);
}

static ink_status match_numbers(const ink_bind *b, const char *part, const char *scale, uint32_t n_pairs, ink_pair_numbers *out) {
  ink_tensor t;
  INK_TRY(ink_bind_get(b, part, "", &t));
  if (t.dtype != INK_DTYPE_F32 && t.dtype != INK_DTYPE_I8) return ink_refuse_dtype(b->fault, &t, "F32 or I8");
  INK_TRY(ink_bind_need(b, part, "", t.dtype, n_pairs, 0, &t));
  if (t.dtype == INK_DTYPE_F32) {
    out->f32 = t.data;
    return INK_OK;
  }
  out->i8 = t.data;
  INK_TRY(ink_bind_need(b, scale, "", INK_DTYPE_F32, b->n_items, 0, &t));
  out->scale = t.data;
  return INK_OK;
}

/* ---------------------------------------------------------------- settings */

static const ink_bounds allowed[LINEAR_N_SETTINGS] = {
  [LINEAR_MODE] = { 0, 1 }, [LINEAR_SHRINK] = { 0, 1e6f }, [LINEAR_MEAN] = { -1e6f, 1e6f },
  [LINEAR_PERSON_SHRINK] = { 0, 1e6f }, [LINEAR_LOWEST] = { -1e6f, 1e6f }, [LINEAR_HIGHEST] = { -1e6f, 1e6f },
};

static ink_status match_settings(const ink_bind *b, ink_linear *l) {
  ink_tensor t;
  INK_TRY(ink_bind_settings(b, allowed, LINEAR_N_SETTINGS, &t));
  const float mode = (l->settings = t.data)[LINEAR_MODE];
  return mode == 0.0f || mode == 1.0f ? INK_OK : ink_bind_refuse_value(b, &t, "setting", LINEAR_MODE, mode, 0, 1);
}

ink_status ink_linear_match(const ink_bind *b, uint32_t n_cols, ink_linear *l) {
  uint32_t n_pairs = 0;
  ink_tensor t;
  *l = (ink_linear){ .n_items = b->n_items, .max_events = b->max_events, .n_cols = n_cols };
  INK_TRY(match_settings(b, l));
  INK_TRY(match_ends(b, &l->ends, &n_pairs));
  INK_TRY(match_cols(b, n_pairs, l));
  INK_TRY(match_numbers(b, "values", "scale", n_pairs, &l->values));
  if (ink_bind_find(b, "shifts", "", &t)) INK_TRY(match_numbers(b, "shifts", "shift_scale", n_pairs, &l->shifts));
  if (ink_linear_is_mean(l)) {
    INK_TRY(ink_bind_need(b, "bias", "", INK_DTYPE_F32, b->n_items, 0, &t));
    l->bias = t.data;
  }
  return INK_OK;
}

ink_status ink_linear_bind(const ink_bind *b, ink_bound *out) {
  ink_linear l, *kept;
  ink_bound bound = { .model = NULL };
  INK_TRY(ink_linear_match(b, b->n_items, &l));
  if (!ink_linear_sizes(&l, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = l;
  bound.model = kept;
  *out = bound;
  return INK_OK;
}
