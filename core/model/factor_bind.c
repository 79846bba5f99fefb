/* factor_bind.c - matches the tensors of a factor model: names, types, shapes and ranges, so that
 * factor.c may index freely. What the gate of the pack has checked (finite, |x| within its cap) holds.
 * Item rows are matched by item_rows.c. Reading order: ink_factor_bind() first. */
#include "factor.h"

#include "fault.h"
#include "item_rows.h"
#include "tensors_bind.h"

#include "base.h"

/* ---------------------------------------------------------------- settings */

static const ink_bounds allowed[FACTOR_N_SETTINGS] = {
  [FACTOR_MODE] = { 0, FACTOR_N_MODES - 1 },
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

/* Gradient mode: bounded work, and steps that cannot turn a vector round. */
static const ink_bounds allowed_gradient[FACTOR_N_SETTINGS] = {
  [FACTOR_MODE] = { FACTOR_GRADIENT, FACTOR_GRADIENT },
  [FACTOR_PASSES] = { 1, 1000 },
  [FACTOR_RATE] = { 0, 10 },
  [FACTOR_STEPS] = { 0, 1e6f },
  [FACTOR_CANDIDATES] = { 1, 64 },
  [FACTOR_LAMBDA] = { 0, 0.1f },
};

static ink_status match_settings(const ink_bind *b, ink_factor *f) {
  ink_tensor t;
  INK_TRY(ink_bind_settings(b, allowed, FACTOR_N_SETTINGS, &t));
  const float *s = f->settings = t.data;
  f->mode = (uint32_t)s[FACTOR_MODE];
  f->rated = f->mode == FACTOR_EXPLICIT || f->mode == FACTOR_NONNEGATIVE;
  if (s[FACTOR_MODE] != (float)f->mode)
    return ink_bind_refuse_value(b, &t, "setting", FACTOR_MODE, s[FACTOR_MODE], 0, FACTOR_N_MODES - 1);
  if (f->mode == FACTOR_GRADIENT) INK_TRY(ink_bind_settings(b, allowed_gradient, FACTOR_N_SETTINGS, &t));
  if (s[FACTOR_HIGHEST] < s[FACTOR_LOWEST])
    return ink_bind_refuse_value(b, &t, "setting", FACTOR_HIGHEST, s[FACTOR_HIGHEST], s[FACTOR_LOWEST], allowed[FACTOR_HIGHEST].high);
  return INK_OK;
}

/* -------------------------------------------------------------------- bind */

static ink_status match_sides(const ink_bind *b, ink_factor *f) {
  ink_tensor t;
  if (f->mode == FACTOR_IMPLICIT) {
    INK_TRY(ink_bind_need(b, "gram", "", INK_DTYPE_F32, f->rows.d, f->rows.d, &t));
    f->gram = t.data;
    return INK_OK;
  }
  if (f->rated || ink_bind_find(b, "bias", "", &t)) {
    INK_TRY(ink_bind_need(b, "bias", "", INK_DTYPE_F32, f->rows.n, 0, &t));
    f->bias = t.data;
  }
  if (f->mode == FACTOR_SUMS) f->fold = f->rows;
  if (f->mode == FACTOR_NONNEGATIVE || !ink_bind_find(b, "fold", "", &t)) return INK_OK;
  INK_TRY(ink_bind_rows(b, "fold", &f->fold));
  const uint32_t want[] = { f->rows.n, f->rows.d };
  return f->fold.d == f->rows.d ? INK_OK : ink_refuse_shape(b->fault, &t, 2, want);
}

ink_status ink_factor_bind(const ink_bind *b, ink_bound *out) {
  ink_factor model = { .kernels = b->kernels, .max_events = b->max_events };
  ink_bound bound = { .model = NULL };
  ink_factor *kept;
  INK_TRY(match_settings(b, &model));
  INK_TRY(ink_bind_rows(b, "items", &model.rows));
  INK_TRY(ink_bind_rows_copy(b, "items8", &model.rows, &model.rows_i8));
  INK_TRY(match_sides(b, &model));
  model.m = model.rows.d + (model.rated ? 1 : 0);
  model.stride = (uint32_t)ink_align_up(model.m, 16);
  if (!ink_factor_sizes(&model, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = model;
  bound.model = kept;
  bound.width = model.rows.d;
  *out = bound;
  return INK_OK;
}
