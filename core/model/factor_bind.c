/* factor_bind.c - matches the tensors of a factor model: names, types, shapes and ranges, so that
 * factor.c may index freely. What the gate of the pack has checked (finite, |x| within its cap) holds.
 * Item rows are matched by item_rows.c. Reading order: ink_factor_bind() first. */
#include "factor.h"

#include "fault.h"
#include "item_rows.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

static const ink_rows_names item_names = INK_ROWS_NAMES("als.items");
static const ink_rows_names copy_names = INK_ROWS_NAMES("als.items8");

/* ---------------------------------------------------------------- settings */

static const struct { float low, high; } allowed[FACTOR_N_SETTINGS] = {
  [FACTOR_MODE] = { 0, 1 },
  [FACTOR_UNOBSERVED] = { 0, 1e6f },
  [FACTOR_A_SCALE] = { 0, 1e6f },
  [FACTOR_A_SHIFT] = { -1e6f, 1e6f },
  [FACTOR_B_SCALE] = { 0, 1e6f },
  [FACTOR_B_SHIFT] = { -1e6f, 1e6f },
  [FACTOR_LAMBDA] = { 0, 1e9f },
  [FACTOR_NU] = { 0, 4 },
  [FACTOR_BIAS_LAMBDA] = { 0, 1e9f },
  [FACTOR_MEAN] = { -1e6f, 1e6f },
  [FACTOR_LOWEST] = { -1e6f, 1e6f },
  [FACTOR_HIGHEST] = { -1e6f, 1e6f },
};

static ink_status refuse_setting(const ink_bind *b, uint32_t i, float got, float low, float high) {
  ink_refuse_range(b->fault, INK_E_PACK_VALUE, NAME("als.settings"), (double)got, (double)low, (double)high);
  return ink_refuse_at(b->fault, INK_E_PACK_VALUE, "setting", i);
}

static ink_status match_settings(const ink_bind *b, ink_factor *f) {
  const void *data;
  INK_TRY(ink_bind_need(b, NAME("als.settings"), INK_DTYPE_F32, FACTOR_N_SETTINGS, 0, &data));
  const float *s = data;
  for (uint32_t i = 0; i < FACTOR_N_SETTINGS; i++)
    if (!(s[i] >= allowed[i].low && s[i] <= allowed[i].high))
      return refuse_setting(b, i, s[i], allowed[i].low, allowed[i].high);
  if (s[FACTOR_MODE] != 0.0f && s[FACTOR_MODE] != 1.0f) return refuse_setting(b, FACTOR_MODE, s[FACTOR_MODE], 0, 1);
  if (s[FACTOR_HIGHEST] < s[FACTOR_LOWEST])
    return refuse_setting(b, FACTOR_HIGHEST, s[FACTOR_HIGHEST], s[FACTOR_LOWEST], allowed[FACTOR_HIGHEST].high);
  f->settings = s;
  return INK_OK;
}

/* -------------------------------------------------------------------- bind */

bool ink_factor_present(const ink_tensor_source *tensors) {
  ink_tensor t;
  return tensors->find(tensors->ctx, item_names.rows, &t);
}

static ink_status match_sides(const ink_bind *b, ink_factor *f) {
  const void *data;
  if (ink_factor_is_explicit(f)) {
    INK_TRY(ink_bind_need(b, NAME("als.bias"), INK_DTYPE_F32, f->rows.n, 0, &data));
    f->bias = data;
  } else {
    INK_TRY(ink_bind_need(b, NAME("als.gram"), INK_DTYPE_F32, f->rows.d, f->rows.d, &data));
    f->gram = data;
  }
  return INK_OK;
}

ink_status ink_factor_bind(const ink_bind *b, ink_bound *out) {
  ink_factor model = { .kernels = b->kernels, .max_events = b->max_events };
  ink_bound bound = { .model = NULL };
  ink_factor *kept;
  INK_TRY(match_settings(b, &model));
  INK_TRY(ink_bind_rows(b, &item_names, &model.rows));
  INK_TRY(ink_bind_rows_copy(b, &copy_names, &model.rows, &model.rows_i8));
  INK_TRY(match_sides(b, &model));
  model.m = model.rows.d + (ink_factor_is_explicit(&model) ? 1 : 0);
  model.stride = (uint32_t)ink_align_up(model.m, 16);
  if (!ink_factor_sizes(&model, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = model;
  bound.model = kept;
  bound.width = model.rows.d;
  *out = bound;
  return INK_OK;
}
