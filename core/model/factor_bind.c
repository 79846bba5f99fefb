/* factor_bind.c - matches the tensors of a factor model: names, types, shapes and ranges, so that
 * factor.c may index freely. What the gate of the pack has checked (finite, |x| within its cap) holds.
 *
 * Sums of int8 rows are checked for their range because the score subtracts 64 times the sum in int32.
 * Whether scales, sums and errors belong to their rows is the digest's business.
 *
 * Memory: the model itself, and 4 bytes an item where int8 rows stand beside others: the norm of each,
 * which the bound of a certified scan needs. Reading order: ink_factor_bind() first. */
#include "factor.h"

#include "caps.h"
#include "fault.h"
#include "fmath.h"
#include "utf8.h"

#include "base.h"

#define TEXT(words) { words, sizeof(words) - 1 }
#define NAME(words) ((ink_text)TEXT(words))

static bool find(const ink_bind *b, ink_text name, ink_tensor *out) {
  return b->tensors->find(b->tensors->ctx, name, out);
}

/* A tensor that must be there, of this type and shape (rank 1, or 2 when `columns` is not 0). */
static ink_status need(const ink_bind *b, ink_text name, uint32_t dtype, uint32_t rows, uint32_t columns, const void **data) {
  const uint32_t want[] = { rows, columns }, rank = columns ? 2 : 1;
  ink_tensor t;
  if (!find(b, name, &t)) return ink_refuse(b->fault, INK_E_PACK_MISSING, name, "a tensor of this name");
  if (t.dtype != dtype) return ink_refuse_dtype(b->fault, &t, ink_dtype_name(dtype));
  if (t.rank != rank || t.shape[0] != rows || (rank == 2 && t.shape[1] != columns))
    return ink_refuse_shape(b->fault, &t, rank, want);
  *data = t.data;
  return INK_OK;
}

/* -------------------------------------------------------------------- rows */

static ink_status check_not_negative(const ink_bind *b, ink_text name, const float *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    if (x[i] >= 0.0f) continue;
    ink_refuse_range(b->fault, INK_E_PACK_VALUE, name, (double)x[i], 0.0, (double)INK_CAP_MAGNITUDE);
    return ink_refuse_at(b->fault, INK_E_PACK_VALUE, "row", i);
  }
  return INK_OK;
}

static ink_status check_sums(const ink_bind *b, ink_text name, const int32_t *sum, uint32_t n, uint32_t d) {
  const int32_t most = 128 * (int32_t)d;
  for (uint32_t i = 0; i < n; i++) {
    if (sum[i] >= -most && sum[i] <= most) continue;
    ink_refuse_range(b->fault, INK_E_PACK_VALUE, name, sum[i], -most, most);
    return ink_refuse_at(b->fault, INK_E_PACK_VALUE, "row", i);
  }
  return INK_OK;
}

typedef struct i8_names { ink_text rows, scale, sum, err; } i8_names;

static ink_status match_i8_sides(const ink_bind *b, const i8_names *names, ink_rows *rows) {
  const void *scale = NULL, *sum = NULL, *err = NULL;   /* gcc 12 cannot see that need() sets them */
  INK_TRY(need(b, names->scale, INK_DTYPE_F32, rows->n, 0, &scale));
  INK_TRY(need(b, names->sum, INK_DTYPE_I32, rows->n, 0, &sum));
  INK_TRY(need(b, names->err, INK_DTYPE_F32, rows->n, 0, &err));
  rows->scale = scale;
  rows->sum = sum;
  rows->err = err;
  INK_TRY(check_not_negative(b, names->scale, rows->scale, rows->n));
  INK_TRY(check_not_negative(b, names->err, rows->err, rows->n));
  return check_sums(b, names->sum, rows->sum, rows->n, rows->d);
}

static ink_status rows_dtype(const ink_bind *b, const ink_tensor *t, uint32_t *out) {
  switch (t->dtype) {
    case INK_DTYPE_F32: *out = INK_ROWS_F32; return INK_OK;
    case INK_DTYPE_F16: *out = INK_ROWS_F16; return INK_OK;
    case INK_DTYPE_BF16: *out = INK_ROWS_BF16; return INK_OK;
    case INK_DTYPE_I8: *out = INK_ROWS_I8; return INK_OK;
    default: return ink_refuse_dtype(b->fault, t, "F32, F16, BF16 or I8");
  }
}

static const i8_names item_names = {
  TEXT("als.items"), TEXT("als.items.scale"), TEXT("als.items.sum"), TEXT("als.items.err"),
};
static const i8_names copy_names = {
  TEXT("als.items8"), TEXT("als.items8.scale"), TEXT("als.items8.sum"), TEXT("als.items8.err"),
};

static ink_status match_items(const ink_bind *b, ink_rows *rows) {
  const uint32_t want[] = { b->n_items, INK_NONE };
  ink_tensor t;
  if (!find(b, item_names.rows, &t)) return ink_refuse(b->fault, INK_E_PACK_MISSING, item_names.rows, "a tensor of this name");
  INK_TRY(rows_dtype(b, &t, &rows->dtype));
  if (t.rank != 2 || t.shape[0] != b->n_items) return ink_refuse_shape(b->fault, &t, 2, want);
  if (t.shape[1] < 1 || t.shape[1] > INK_CAP_DIM)
    return ink_refuse_range(b->fault, INK_E_LIMIT, item_names.rows, t.shape[1], 1, INK_CAP_DIM);
  rows->n = t.shape[0];
  rows->d = t.shape[1];
  rows->data = t.data;
  return rows->dtype == INK_ROWS_I8 ? match_i8_sides(b, &item_names, rows) : INK_OK;
}

/* Norms of the int8 rows as they dequantise, never too small: the bound of a certified scan rests on them.
 * Squares and their sums stay below 2^25, so the float dot is off by less than (d/8 + 4) 2^-24 < 2^-15. */
static void fill_norms(const ink_kernels *kernels, ink_rows *rows, float *row, float *norms) {
  rows->norm_max = rows->err_max = 0.0f;
  for (uint32_t i = 0; i < rows->n; i++) {
    kernels->widen_i8((const int8_t *)rows->data + (size_t)i * rows->d, 1.0f, row, rows->d);
    const double squares = (double)kernels->dot_f32(row, row, rows->d) * (1.0 + 0x1p-15);
    norms[i] = (float)(ink_sqrt_f64(squares) * (double)rows->scale[i] * (1.0 + 0x1p-20) + 0x1p-126);
    if (norms[i] > rows->norm_max) rows->norm_max = norms[i];
    if (rows->err[i] > rows->err_max) rows->err_max = rows->err[i];
  }
  rows->norm = norms;
}

/* The optional int8 copy beside rows of another type. */
static ink_status match_copy(const ink_bind *b, const ink_rows *items, ink_rows *copy) {
  float *norms, *row;
  ink_tensor t;
  *copy = (ink_rows){ .dtype = INK_ROWS_I8, .n = items->n, .d = items->d };
  if (items->dtype == INK_ROWS_I8 || !find(b, copy_names.rows, &t)) return INK_OK;
  INK_TRY(need(b, copy_names.rows, INK_DTYPE_I8, items->n, items->d, &copy->data));
  INK_TRY(match_i8_sides(b, &copy_names, copy));
  INK_TAKE(b->arena, items->n, &norms);
  const size_t mark = ink_arena_mark(b->arena);
  INK_TAKE(b->arena, items->d, &row);
  if (!ink_arena_measuring(b->arena)) fill_norms(b->kernels, copy, row, norms);
  ink_arena_rewind(b->arena, mark);
  return INK_OK;
}

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
  INK_TRY(need(b, NAME("als.settings"), INK_DTYPE_F32, FACTOR_N_SETTINGS, 0, &data));
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
    INK_TRY(need(b, NAME("als.bias"), INK_DTYPE_F32, f->rows.n, 0, &data));
    f->bias = data;
  } else {
    INK_TRY(need(b, NAME("als.gram"), INK_DTYPE_F32, f->rows.d, f->rows.d, &data));
    f->gram = data;
  }
  return INK_OK;
}

ink_status ink_factor_bind(const ink_bind *b, ink_bound *out) {
  ink_factor model = { .kernels = b->kernels, .max_events = b->max_events };
  ink_bound bound = { .model = NULL };
  ink_factor *kept;
  INK_TRY(match_settings(b, &model));
  INK_TRY(match_items(b, &model.rows));
  INK_TRY(match_copy(b, &model.rows, &model.rows_i8));
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
