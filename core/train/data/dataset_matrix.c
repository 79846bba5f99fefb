/* dataset_matrix.c - from events to the sparse matrix of users by items, and its transpose.
 * Columns of a row are sorted by two counting passes (transpose twice), so no comparison sort is needed
 * and the order in which equal pairs are merged stays the order of the events. */
#include "blocks.h"
#include "caps.h"
#include "dataset.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

float ink_event_weight(const ink_dataset *d, uint64_t e) {
  const float of_kind = d->kind_weight[d->kind[e]];
  if (ink_text_equal(ink_names_at(&d->kinds, d->kind[e]), (ink_text){ "rating", 6 }))
    return d->value[e] >= d->liked_from ? of_kind : -of_kind;
  const float weight = of_kind * d->value[e];
  return weight > INK_CAP_WEIGHT ? INK_CAP_WEIGHT : weight < -INK_CAP_WEIGHT ? -INK_CAP_WEIGHT : weight;
}

/* --------------------------------------------------------------- transpose */

static ink_status new_matrix(const ink_allocator *allocator, uint32_t n_rows, uint32_t n_cols, uint64_t n_values, ink_matrix *m) {
  *m = (ink_matrix){ .n_rows = n_rows, .n_cols = n_cols, .n_values = n_values };
  void *starts = ink_block_resize(allocator, NULL, (uint64_t)n_rows + 1, sizeof *m->starts);
  void *cols = ink_block_resize(allocator, NULL, n_values, sizeof *m->cols);
  void *values = ink_block_resize(allocator, NULL, n_values, sizeof *m->values);
  m->starts = starts;
  m->cols = cols;
  m->values = values;
  if (starts != NULL && cols != NULL && values != NULL) return INK_OK;
  ink_matrix_free(m, allocator);
  return INK_E_NO_MEMORY;
}

void ink_matrix_free(ink_matrix *m, const ink_allocator *allocator) {
  ink_block_free(allocator, m->starts);
  ink_block_free(allocator, m->cols);
  ink_block_free(allocator, m->values);
  *m = (ink_matrix){ 0 };
}

/* Stable: entries of one column keep the order of their rows (and, in a row, their own). */
ink_status ink_matrix_transpose(const ink_matrix *m, const ink_train_env *env, ink_matrix *out) {
  ink_matrix t;
  INK_TRY(new_matrix(&env->allocator, m->n_cols, m->n_rows, m->n_values, &t));
  ink_mem_fill(t.starts, 0, ((size_t)t.n_rows + 1) * sizeof *t.starts);
  for (uint64_t i = 0; i < m->n_values; i++) t.starts[m->cols[i] + 1]++;
  for (uint32_t r = 0; r < t.n_rows; r++) t.starts[r + 1] += t.starts[r];
  for (uint32_t r = 0; r < m->n_rows; r++) {
    for (uint64_t i = m->starts[r]; i < m->starts[r + 1]; i++) {
      const uint64_t to = t.starts[m->cols[i]]++;
      t.cols[to] = r;
      t.values[to] = m->values[i];
    }
  }
  for (uint32_t r = t.n_rows; r > 0; r--) t.starts[r] = t.starts[r - 1];
  t.starts[0] = 0;
  *out = t;
  return INK_OK;
}

/* ------------------------------------------------------------------- merge */

/* Joins neighbours of one column inside each row; rows are sorted by column. */
static void merge_pairs(ink_matrix *m, bool keep_last) {
  uint64_t to = 0, from = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    const uint64_t end = m->starts[r + 1], row_start = to;
    for (; from < end; from++) {
      const bool same = to > row_start && m->cols[to - 1] == m->cols[from];
      if (!same) {
        m->cols[to] = m->cols[from];
        m->values[to++] = m->values[from];
      } else if (keep_last) {
        m->values[to - 1] = m->values[from];
      } else {
        m->values[to - 1] += m->values[from];
      }
    }
    m->starts[r] = row_start;
  }
  m->starts[m->n_rows] = to;
  m->n_values = to;
}

/* Sorts the columns of each row, keeping the order of equal ones, then merges these. Takes m over:
 * on failure it is freed. */
static ink_status sort_and_merge(ink_matrix *m, bool keep_last, const ink_train_env *env, ink_matrix *out) {
  ink_matrix flipped, sorted;
  ink_status status = ink_matrix_transpose(m, env, &flipped);
  ink_matrix_free(m, &env->allocator);
  if (status != INK_OK) return status;
  status = ink_matrix_transpose(&flipped, env, &sorted);
  ink_matrix_free(&flipped, &env->allocator);
  if (status != INK_OK) return status;
  merge_pairs(&sorted, keep_last);
  *out = sorted;
  return INK_OK;
}

/* The events as a matrix, one entry each, columns in event order. */
static ink_status events_as_matrix(const ink_dataset *d, const ink_train_env *env, ink_matrix *m) {
  INK_TRY(new_matrix(&env->allocator, d->users.n, d->items.n, d->n_events, m));
  ink_mem_copy(m->starts, d->user_starts, ((size_t)d->users.n + 1) * sizeof *m->starts);
  ink_mem_copy(m->cols, d->item, (size_t)d->n_events * sizeof *m->cols);
  return INK_OK;
}

ink_status ink_dataset_matrix(const ink_dataset *d, bool keep_last, const ink_train_env *env, ink_matrix *users_by_items) {
  ink_matrix m;
  INK_TRY(events_as_matrix(d, env, &m));
  ink_mem_copy(m.values, d->value, (size_t)d->n_events * sizeof *m.values);
  return sort_and_merge(&m, keep_last, env, users_by_items);
}

static void drop_zeros(ink_matrix *m) {
  uint64_t to = 0, from = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    const uint64_t end = m->starts[r + 1];
    m->starts[r] = to;
    for (; from < end; from++) {
      if (m->values[from] == 0.0f) continue;
      m->cols[to] = m->cols[from];
      m->values[to++] = m->values[from];
    }
  }
  m->starts[m->n_rows] = to;
  m->n_values = to;
}

ink_status ink_dataset_weight_matrix(const ink_dataset *d, const ink_train_env *env, ink_matrix *users_by_items) {
  ink_matrix m;
  INK_TRY(events_as_matrix(d, env, &m));
  for (uint64_t e = 0; e < d->n_events; e++) m.values[e] = ink_event_weight(d, e);
  INK_TRY(sort_and_merge(&m, false, env, users_by_items));
  drop_zeros(users_by_items);
  return INK_OK;
}
