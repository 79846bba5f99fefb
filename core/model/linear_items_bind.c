/* linear_items_bind.c - matches the tensors of item-item weights. Columns are checked to be ascending and inside the
 * catalogue, once, so that scoring may index freely; that reads all pairs (a few milliseconds for ten million).
 * Reading order: ink_linear_bind() first. */
#include "linear_items.h"

#include "fault.h"

#include "base.h"

static bool find(const ink_bind *b, ink_text name, ink_tensor *out) { return b->tensors->find(b->tensors->ctx, name, out); }

bool ink_linear_present(const ink_linear_names *names, const ink_tensor_source *tensors) {
  ink_tensor t;
  return tensors->find(tensors->ctx, names->ends, &t);
}

/* ------------------------------------------------------------------- pairs */

static ink_status match_ends(const ink_bind *b, ink_text name, const uint32_t **ends, uint32_t *n_pairs) {
  const void *data = NULL;
  uint32_t before = 0;
  INK_TRY(ink_bind_need(b, name, INK_DTYPE_U32, b->n_items, 0, &data));
  *ends = data;
  for (uint32_t i = 0; i < b->n_items; i++) {
    const uint32_t end = (*ends)[i];
    if (end < before || end > LINEAR_MAX_PAIRS) {
      ink_refuse_range(b->fault, INK_E_PACK_ENDS, name, end, before, LINEAR_MAX_PAIRS);
      return ink_refuse_at(b->fault, INK_E_PACK_ENDS, "row", i);
    }
    before = end;
  }
  *n_pairs = before;
  return INK_OK;
}

static uint32_t col_at(const ink_linear *l, uint32_t z) { return l->cols16 ? l->cols16[z] : l->cols32[z]; }

static ink_status check_cols(const ink_bind *b, ink_text name, const ink_linear *l) {
  uint32_t z = 0;
  for (uint32_t i = 0; i < l->n_items; i++) {
    uint32_t least = 0;
    for (; z < l->ends[i]; z++) {
      const uint32_t col = col_at(l, z);
      if (col < least || col >= l->n_items) {
        ink_refuse_range(b->fault, INK_E_PACK_INDEX, name, col, least, (double)l->n_items - 1);
        return ink_refuse_at(b->fault, INK_E_PACK_INDEX, "row", i);
      }
      least = col + 1;
    }
  }
  return INK_OK;
}

static ink_status match_cols(const ink_bind *b, ink_text name, uint32_t n_pairs, ink_linear *l) {
  const void *data = NULL;
  ink_tensor t;
  if (!find(b, name, &t)) return ink_refuse(b->fault, INK_E_PACK_MISSING, name, "a tensor of this name");
  if (t.dtype != INK_DTYPE_U16 && t.dtype != INK_DTYPE_U32) return ink_refuse_dtype(b->fault, &t, "U16 or U32");
  INK_TRY(ink_bind_need(b, name, t.dtype, n_pairs, 0, &data));
  if (t.dtype == INK_DTYPE_U16) l->cols16 = data;
  else l->cols32 = data;
  return check_cols(b, name, l);
}

static ink_status match_numbers(const ink_bind *b, ink_text name, ink_text scale, uint32_t n_pairs, ink_pair_numbers *out) {
  const void *data = NULL, *scales = NULL;
  ink_tensor t;
  if (!find(b, name, &t)) return ink_refuse(b->fault, INK_E_PACK_MISSING, name, "a tensor of this name");
  if (t.dtype != INK_DTYPE_F32 && t.dtype != INK_DTYPE_I8) return ink_refuse_dtype(b->fault, &t, "F32 or I8");
  INK_TRY(ink_bind_need(b, name, t.dtype, n_pairs, 0, &data));
  if (t.dtype == INK_DTYPE_F32) {
    out->f32 = data;
    return INK_OK;
  }
  INK_TRY(ink_bind_need(b, scale, INK_DTYPE_F32, b->n_items, 0, &scales));
  out->i8 = data;
  out->scale = scales;
  return INK_OK;
}

/* ---------------------------------------------------------------- settings */

static const struct { float low, high; } allowed[LINEAR_N_SETTINGS] = {
  [LINEAR_MODE] = { 0, 1 }, [LINEAR_SHRINK] = { 0, 1e6f }, [LINEAR_MEAN] = { -1e6f, 1e6f },
  [LINEAR_PERSON_SHRINK] = { 0, 1e6f }, [LINEAR_LOWEST] = { -1e6f, 1e6f }, [LINEAR_HIGHEST] = { -1e6f, 1e6f },
};

static ink_status match_settings(const ink_bind *b, ink_text name, ink_linear *l) {
  const void *data = NULL;
  INK_TRY(ink_bind_need(b, name, INK_DTYPE_F32, LINEAR_N_SETTINGS, 0, &data));
  l->settings = data;
  for (uint32_t i = 0; i < LINEAR_N_SETTINGS; i++) {
    const float x = l->settings[i];
    if (x >= allowed[i].low && x <= allowed[i].high && (i != LINEAR_MODE || x == 0.0f || x == 1.0f)) continue;
    ink_refuse_range(b->fault, INK_E_PACK_VALUE, name, (double)x, (double)allowed[i].low, (double)allowed[i].high);
    return ink_refuse_at(b->fault, INK_E_PACK_VALUE, "setting", i);
  }
  return INK_OK;
}

ink_status ink_linear_bind(const ink_linear_names *names, const ink_bind *b, ink_bound *out) {
  ink_linear l = { .n_items = b->n_items, .max_events = b->max_events }, *kept;
  ink_bound bound = { .model = NULL };
  const void *bias = NULL;
  uint32_t n_pairs = 0;
  ink_tensor t;
  INK_TRY(match_settings(b, names->settings, &l));
  INK_TRY(match_ends(b, names->ends, &l.ends, &n_pairs));
  INK_TRY(match_cols(b, names->cols, n_pairs, &l));
  INK_TRY(match_numbers(b, names->values, names->scale, n_pairs, &l.values));
  if (find(b, names->shifts, &t)) INK_TRY(match_numbers(b, names->shifts, names->shift_scale, n_pairs, &l.shifts));
  if (l.settings[LINEAR_MODE] == 1.0f) INK_TRY(ink_bind_need(b, names->bias, INK_DTYPE_F32, b->n_items, 0, &bias));
  l.bias = bias;
  if (!ink_linear_sizes(&l, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = l;
  bound.model = kept;
  *out = bound;
  return INK_OK;
}
