/* catalogue_tensors.c - see catalogue_tensors.h. */
#include "catalogue_tensors.h"

#include "blocks.h"
#include "caps.h"
#include "columns.h"
#include "fault.h"
#include "mem.h"
#include "sort_order.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

/* "items." + a column's name + the longest suffix + zero */
#define TENSOR_NAME_BYTES (6 + INK_COLUMN_NAME_BYTES + 16)

static ink_status vector(ink_trained *out, const char *name, uint32_t dtype, uint32_t n, void **data) {
  return ink_trained_tensor(out, name, dtype, 1, &n, data);
}

/* --------------------------------------------------------------------- ids */

static bool id_before(const void *ctx, uint32_t a, uint32_t b) {
  const ink_names *names = ctx;
  return ink_text_order(ink_names_at(names, a), ink_names_at(names, b)) < 0;
}

static ink_status add_strings(const ink_names *names, const char *bytes_name, const char *ends_name, ink_trained *out) {
  void *bytes, *ends;
  if (names->n_bytes > UINT32_MAX) return INK_E_LIMIT;
  INK_TRY(vector(out, bytes_name, INK_DTYPE_U8, (uint32_t)names->n_bytes, &bytes));
  INK_TRY(vector(out, ends_name, INK_DTYPE_U32, names->n, &ends));
  ink_mem_copy(bytes, names->bytes, names->n_bytes);
  for (uint32_t i = 0; i < names->n; i++) ((uint32_t *)ends)[i] = (uint32_t)names->ends[i];
  return INK_OK;
}

static ink_status add_ids(const ink_dataset *d, const ink_train_env *env, ink_trained *out) {
  const ink_names *items = &d->items;
  void *order;
  if (items->n == 0) return ink_refuse(env->fault, INK_E_DATA_EMPTY, NAME("items"), "at least one item");
  if (items->n > INK_CAP_ITEMS) return ink_refuse_range(env->fault, INK_E_LIMIT, NAME("items"), items->n, 1, INK_CAP_ITEMS);
  if (items->n_bytes > UINT32_MAX)
    return ink_refuse_range(env->fault, INK_E_LIMIT, NAME("bytes of item ids"), (double)items->n_bytes, 1, UINT32_MAX);
  INK_TRY(add_strings(items, "items.id.bytes", "items.id.ends", out));
  INK_TRY(vector(out, "items.id.order", INK_DTYPE_U32, items->n, &order));
  ink_sort_order(order, items->n, id_before, items);
  return INK_OK;
}

/* ----------------------------------------------------------------- columns */

/* "items.<column><suffix>" into name. */
static const char *part_name(char name[TENSOR_NAME_BYTES], const ink_column *column, const char *suffix) {
  const ink_text stem = ink_text_of(column->name), tail = ink_text_of(suffix);
  ink_mem_copy(name, "items.", 6);
  ink_mem_copy(name + 6, stem.bytes, stem.n);
  ink_mem_copy(name + 6 + stem.n, tail.bytes, tail.n + 1);
  return name;
}

static uint32_t whole_dtype(double low, double high) {
  if (low >= 0 && high <= 255) return INK_DTYPE_U8;
  if (low >= 0 && high <= 65535) return INK_DTYPE_U16;
  return low >= (double)INT32_MIN && high <= (double)INT32_MAX ? INK_DTYPE_I32 : INK_DTYPE_I64;
}

/* The smallest type that holds every value exactly. Magnitudes are below 2^53, so the casts are safe. */
static uint32_t number_dtype(const ink_column *column) {
  double low = 0, high = 0;
  bool whole = true, single = true;
  for (uint32_t i = 0; i < column->n_items; i++) {
    const double x = column->number[i];
    if (x < low) low = x;
    if (x > high) high = x;
    whole = whole && x == (double)(int64_t)x;
    single = single && x == (double)(float)x;
  }
  return whole ? whole_dtype(low, high) : single ? INK_DTYPE_F32 : INK_DTYPE_F64;
}

static void store_number(void *data, uint32_t dtype, uint32_t i, double x) {
  switch (dtype) {
    case INK_DTYPE_U8: ((uint8_t *)data)[i] = (uint8_t)x; break;
    case INK_DTYPE_U16: ((uint16_t *)data)[i] = (uint16_t)x; break;
    case INK_DTYPE_I32: ((int32_t *)data)[i] = (int32_t)x; break;
    case INK_DTYPE_I64: ((int64_t *)data)[i] = (int64_t)x; break;
    case INK_DTYPE_F32: ((float *)data)[i] = (float)x; break;
    default: ((double *)data)[i] = x; break;
  }
}

static ink_status add_numbers(const ink_column *column, ink_trained *out) {
  char name[TENSOR_NAME_BYTES];
  const uint32_t dtype = number_dtype(column);
  void *data;
  INK_TRY(vector(out, part_name(name, column, ""), dtype, column->n_items, &data));
  for (uint32_t i = 0; i < column->n_items; i++) store_number(data, dtype, i, column->number[i]);
  return INK_OK;
}

static ink_status add_ends(const ink_column *column, ink_trained *out) {
  char name[TENSOR_NAME_BYTES];
  void *ends;
  INK_TRY(vector(out, part_name(name, column, ".ends"), INK_DTYPE_U32, column->n_items, &ends));
  ink_mem_copy(ends, column->ends, column->n_items * sizeof *column->ends);
  return INK_OK;
}

static ink_status add_texts(const ink_column *column, ink_trained *out) {
  char name[TENSOR_NAME_BYTES];
  void *bytes;
  INK_TRY(vector(out, part_name(name, column, ".bytes"), INK_DTYPE_U8, (uint32_t)column->n_bytes, &bytes));
  ink_mem_copy(bytes, column->bytes, column->n_bytes);
  return add_ends(column, out);
}

static ink_status add_tags(const ink_column *column, ink_trained *out) {
  char name[TENSOR_NAME_BYTES], names_ends[TENSOR_NAME_BYTES];
  void *values;
  _Static_assert(INK_CAP_TAGS <= 65536, "tags are numbered in 16 bits");
  INK_TRY(vector(out, part_name(name, column, ".values"), INK_DTYPE_U16, (uint32_t)column->n_values, &values));
  for (size_t i = 0; i < column->n_values; i++) ((uint16_t *)values)[i] = (uint16_t)column->values[i];
  INK_TRY(add_strings(&column->tags, part_name(name, column, ".names.bytes"), part_name(names_ends, column, ".names.ends"), out));
  return add_ends(column, out);
}

static ink_status add_missing(const ink_column *column, ink_trained *out) {
  char name[TENSOR_NAME_BYTES];
  uint32_t n_missing = 0;
  for (uint32_t i = 0; i < column->n_items; i++) n_missing += !column->have[i];
  if (n_missing == 0) return INK_OK;
  void *bits;
  INK_TRY(vector(out, part_name(name, column, ".missing"), INK_DTYPE_U8, (column->n_items + 7) / 8, &bits));
  for (uint32_t i = 0; i < column->n_items; i++)
    if (!column->have[i]) ((uint8_t *)bits)[i / 8] = (uint8_t)(((uint8_t *)bits)[i / 8] | 1u << i % 8);
  return INK_OK;
}

static ink_status add_column(const ink_column *column, ink_trained *out) {
  switch (column->kind) {
    case INK_COLUMN_NUMBER: INK_TRY(add_numbers(column, out)); break;
    case INK_COLUMN_TEXT: INK_TRY(add_texts(column, out)); break;
    default: INK_TRY(add_tags(column, out)); break;
  }
  return add_missing(column, out);
}

/* ------------------------------------------------------------------- kinds */

/* A table in a pack replaces the usual one, so it repeats the usual kinds that the data does not name. */
static ink_status all_kinds(const ink_dataset *d, ink_names *kinds, const ink_allocator *allocator) {
  uint32_t number;
  INK_TRY(ink_names_copy(kinds, &d->kinds, allocator));
  for (uint32_t i = 0; ink_usual_kind(i).n > 0; i++) INK_TRY(ink_names_add(kinds, allocator, ink_usual_kind(i), &number));
  return INK_OK;
}

static ink_status add_kind_table(const ink_dataset *d, const ink_names *kinds, const ink_train_env *env, ink_trained *out) {
  void *weights;
  if (kinds->n > INK_CAP_KINDS)
    return ink_refuse_range(env->fault, INK_E_LIMIT, NAME("kinds of events"), kinds->n, 1, INK_CAP_KINDS);
  INK_TRY(add_strings(kinds, "events.kinds.bytes", "events.kinds.ends", out));
  INK_TRY(vector(out, "events.kinds.weights", INK_DTYPE_F32, kinds->n, &weights));
  for (uint32_t k = 0; k < kinds->n; k++)
    ((float *)weights)[k] = k < d->kinds.n ? d->kind_weight[k] : ink_kind_weight(ink_names_at(kinds, k));
  return INK_OK;
}

static ink_status add_kinds(const ink_dataset *d, const ink_train_env *env, ink_trained *out) {
  if (!ink_dataset_unusual_kinds(d)) return INK_OK;
  ink_names kinds = { .n = 0 };
  ink_status status = all_kinds(d, &kinds, &env->allocator);
  if (status == INK_OK) status = add_kind_table(d, &kinds, env, out);
  ink_names_free(&kinds, &env->allocator);
  return status;
}

static ink_status add_rating_scale(const ink_dataset *d, ink_trained *out) {
  const uint32_t rating = ink_names_find(&d->kinds, NAME("rating"));
  uint64_t e = 0;
  while (e < d->n_events && d->kind[e] != rating) e++;
  if (e == d->n_events) return INK_OK;
  void *scale;
  INK_TRY(vector(out, "events.rating", INK_DTYPE_F32, 3, &scale));
  ink_mem_copy(scale, (const float[3]){ d->value_min, d->value_max, d->liked_from }, 12);
  return INK_OK;
}

ink_status ink_catalogue_tensors(const ink_dataset *d, const ink_train_env *env, ink_trained *out) {
  INK_TRY(add_ids(d, env, out));
  for (uint32_t c = 0; d->columns != NULL && c < d->columns->n; c++) {
    if (d->columns->column[c].n_items != d->items.n) return INK_E_ARG;
    INK_TRY(add_column(&d->columns->column[c], out));
  }
  INK_TRY(add_kinds(d, env, out));
  return add_rating_scale(d, out);
}
