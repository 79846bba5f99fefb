/* item_rows.c - see item_rows.h.
 *
 * Sums of int8 rows are checked for their range because the score subtracts 64 times the sum in int32.
 * Whether scales, sums and errors belong to their rows is the digest's business. */
#include "item_rows.h"

#include "caps.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "tensors_bind.h"

#include "base.h"

/* -------------------------------------------------------------------- rows */

static ink_status check_not_negative(const ink_bind *b, const ink_tensor *t) {
  const float *x = t->data;
  for (uint32_t i = 0; i < t->shape[0]; i++)
    if (!(x[i] >= 0.0f)) return ink_bind_refuse_value(b, t, "row", i, x[i], 0.0f, INK_CAP_MAGNITUDE);
  return INK_OK;
}

static ink_status check_sums(const ink_bind *b, const ink_tensor *t, uint32_t d) {
  const int32_t *sum = t->data, most = 128 * (int32_t)d;
  for (uint32_t i = 0; i < t->shape[0]; i++)
    if (sum[i] < -most || sum[i] > most)
      return ink_bind_refuse_value(b, t, "row", i, (float)sum[i], (float)-most, (float)most);
  return INK_OK;
}

static ink_status match_i8_sides(const ink_bind *b, const char *part, ink_rows *rows) {
  ink_tensor scale, sum, err;
  INK_TRY(ink_bind_need(b, part, ".scale", INK_DTYPE_F32, rows->n, 0, &scale));
  INK_TRY(ink_bind_need(b, part, ".sum", INK_DTYPE_I32, rows->n, 0, &sum));
  INK_TRY(ink_bind_need(b, part, ".err", INK_DTYPE_F32, rows->n, 0, &err));
  rows->scale = scale.data;
  rows->sum = sum.data;
  rows->err = err.data;
  INK_TRY(check_not_negative(b, &scale));
  INK_TRY(check_not_negative(b, &err));
  return check_sums(b, &sum, rows->d);
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

ink_status ink_bind_rows(const ink_bind *b, const char *part, ink_rows *rows) {
  const uint32_t want[] = { b->n_items, INK_NONE };
  ink_tensor t;
  INK_TRY(ink_bind_get(b, part, "", &t));
  INK_TRY(rows_dtype(b, &t, &rows->dtype));
  if (t.rank != 2 || t.shape[0] != b->n_items) return ink_refuse_shape(b->fault, &t, 2, want);
  if (t.shape[1] < 1 || t.shape[1] > INK_CAP_DIM)
    return ink_refuse_range(b->fault, INK_E_LIMIT, t.name, t.shape[1], 1, INK_CAP_DIM);
  rows->n = t.shape[0];
  rows->d = t.shape[1];
  rows->data = t.data;
  return rows->dtype == INK_ROWS_I8 ? match_i8_sides(b, part, rows) : INK_OK;
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

ink_status ink_bind_rows_copy(const ink_bind *b, const char *part, const ink_rows *items, ink_rows *copy) {
  float *norms, *row;
  ink_tensor t;
  *copy = (ink_rows){ .dtype = INK_ROWS_I8, .n = items->n, .d = items->d };
  if (items->dtype == INK_ROWS_I8 || !ink_bind_find(b, part, "", &t)) return INK_OK;
  INK_TRY(ink_bind_need(b, part, "", INK_DTYPE_I8, items->n, items->d, &t));
  copy->data = t.data;
  INK_TRY(match_i8_sides(b, part, copy));
  INK_TAKE(b->arena, items->n, &norms);
  const size_t mark = ink_arena_mark(b->arena);
  INK_TAKE(b->arena, items->d, &row);
  if (!ink_arena_measuring(b->arena)) fill_norms(b->kernels, copy, row, norms);
  ink_arena_rewind(b->arena, mark);
  return INK_OK;
}

void ink_rows_widen(const ink_kernels *kernels, const ink_rows *rows, uint32_t item, float *out) {
  const uint32_t d = rows->d;
  const size_t at = (size_t)item * d;
  switch (rows->dtype) {
    case INK_ROWS_F32: ink_mem_copy(out, (const float *)rows->data + at, d * sizeof *out); break;
    case INK_ROWS_F16: kernels->widen_f16((const uint16_t *)rows->data + at, out, d); break;
    case INK_ROWS_BF16: kernels->widen_bf16((const uint16_t *)rows->data + at, out, d); break;
    default: kernels->widen_i8((const int8_t *)rows->data + at, rows->scale[item], out, d); break;
  }
}
