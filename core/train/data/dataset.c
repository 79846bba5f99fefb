/* dataset.c - the data set itself: empty, free, and from events in file order to events by user and time.
 *
 * Sorting is a counting sort by user (stable, so file order stays) and then, only where times are out of
 * order, a bottom-up merge sort inside the user. Columns are moved one at a time: the peak is the
 * events plus one column. */
#include "dataset.h"

#include "blocks.h"
#include "dataset_build.h"
#include "mem.h"
#include "base.h"

void ink_dataset_init(ink_dataset *d, const ink_allocator *allocator) {
  *d = (ink_dataset){ .allocator = *allocator };
}

void ink_dataset_free(ink_dataset *d) {
  const ink_allocator allocator = d->allocator;
  if (d->columns != NULL && !d->borrows_columns) ink_columns_free(d->columns, &allocator);
  ink_names_free(&d->users, &allocator);
  ink_names_free(&d->items, &allocator);
  ink_names_free(&d->kinds, &allocator);
  ink_block_free(&allocator, d->user_starts);
  ink_block_free(&allocator, d->item);
  ink_block_free(&allocator, d->value);
  ink_block_free(&allocator, d->time);
  ink_block_free(&allocator, d->kind);
  ink_block_free(&allocator, d->row);
  ink_block_free(&allocator, d->kind_weight);
  ink_dataset_init(d, &allocator);
}

/* ---------------------------------------------------------------- building */

static ink_status grow_events(ink_dataset_build *b) {
  ink_dataset *d = b->d;
  if (d->n_events == INK_MAX_DATA_EVENTS) return INK_E_LIMIT;
  uint64_t cap = ink_block_grown(b->cap, d->n_events + 1);
  if (cap > INK_MAX_DATA_EVENTS) cap = INK_MAX_DATA_EVENTS;
  INK_GROW(&d->allocator, cap, &b->user);
  INK_GROW(&d->allocator, cap, &d->item);
  INK_GROW(&d->allocator, cap, &d->value);
  INK_GROW(&d->allocator, cap, &d->time);
  INK_GROW(&d->allocator, cap, &d->kind);
  b->cap = cap;
  return INK_OK;
}

ink_status ink_dataset_build_add(ink_dataset_build *b, uint32_t user, uint32_t item, uint32_t kind, float value, int64_t time) {
  ink_dataset *d = b->d;
  if (d->n_events == b->cap) INK_TRY(grow_events(b));
  const uint64_t e = d->n_events++;
  b->user[e] = user;
  d->item[e] = item;
  d->value[e] = value;
  d->time[e] = time;
  d->kind[e] = (uint8_t)kind;
  return INK_OK;
}

/* --------------------------------------------------------------- sorting */

/* user_starts [n_users + 1], and the events' places in the file in (user, place) order. */
static ink_status order_by_user(ink_dataset_build *b, uint32_t *order) {
  ink_dataset *d = b->d;
  const uint32_t n_users = d->users.n;
  INK_NEW(&d->allocator, (uint64_t)n_users + 1, &d->user_starts);
  uint64_t *starts = d->user_starts;
  ink_mem_fill(starts, 0, ((size_t)n_users + 1) * sizeof *starts);
  for (uint64_t e = 0; e < d->n_events; e++) starts[b->user[e] + 1]++;
  for (uint32_t u = 0; u < n_users; u++) starts[u + 1] += starts[u];
  /* Filling moves each start to its end; shifting by one puts them back. */
  for (uint64_t e = 0; e < d->n_events; e++) order[starts[b->user[e]]++] = (uint32_t)e;
  for (uint32_t u = n_users; u > 0; u--) starts[u] = starts[u - 1];
  starts[0] = 0;
  return INK_OK;
}

static bool times_ascend(const int64_t *time, const uint32_t *order, uint64_t n) {
  for (uint64_t i = 1; i < n; i++)
    if (time[order[i]] < time[order[i - 1]]) return false;
  return true;
}

/* Merges order[0..mid) and order[mid..n), both ascending in time, into out; equal times: the left first. */
static void merge_runs(const int64_t *time, const uint32_t *order, uint64_t mid, uint64_t n, uint32_t *out) {
  uint64_t left = 0, right = mid;
  for (uint64_t i = 0; i < n; i++) {
    const bool take_left = left < mid && (right == n || time[order[left]] <= time[order[right]]);
    out[i] = take_left ? order[left++] : order[right++];
  }
}

static void sort_by_time(const int64_t *time, uint32_t *order, uint64_t n, uint32_t *spare) {
  for (uint64_t run = 1; run < n; run *= 2) {
    for (uint64_t at = 0; at < n; at += 2 * run) {
      const uint64_t left = n - at < 2 * run ? n - at : 2 * run;
      merge_runs(time, order + at, run < left ? run : left, left, spare + at);
    }
    ink_mem_copy(order, spare, (size_t)n * sizeof *order);
  }
}

static ink_status order_by_time(ink_dataset *d, uint32_t *order) {
  uint32_t *spare = NULL;
  for (uint32_t u = 0; u < d->users.n; u++) {
    uint32_t *mine = order + d->user_starts[u];
    const uint64_t n = ink_dataset_user_events(d, u);
    if (times_ascend(d->time, mine, n)) continue;
    if (spare == NULL) INK_NEW(&d->allocator, d->n_events, &spare);
    sort_by_time(d->time, mine, n, spare);
  }
  ink_block_free(&d->allocator, spare);
  return INK_OK;
}

/* Replaces a column of `size`-byte elements (1, 4 or 8) by itself in the new order. */
static ink_status reorder(const ink_dataset *d, const uint32_t *order, size_t size, void *column, void **sorted) {
  void *fresh = ink_block_resize(&d->allocator, NULL, d->n_events, size);
  if (fresh == NULL) return INK_E_NO_MEMORY;
  uint8_t *to = fresh;
  const uint8_t *from = column;
  switch (size) {
    case 8: for (uint64_t e = 0; e < d->n_events; e++) ink_mem_copy(to + e * 8, from + (uint64_t)order[e] * 8, 8); break;
    case 4: for (uint64_t e = 0; e < d->n_events; e++) ink_mem_copy(to + e * 4, from + (uint64_t)order[e] * 4, 4); break;
    default: for (uint64_t e = 0; e < d->n_events; e++) to[e] = from[order[e]]; break;
  }
  ink_block_free(&d->allocator, column);
  *sorted = fresh;
  return INK_OK;
}

static ink_status reorder_columns(ink_dataset *d, const uint32_t *order) {
  void *sorted;
  INK_TRY(reorder(d, order, sizeof *d->item, d->item, &sorted));
  d->item = sorted;
  INK_TRY(reorder(d, order, sizeof *d->value, d->value, &sorted));
  d->value = sorted;
  INK_TRY(reorder(d, order, sizeof *d->time, d->time, &sorted));
  d->time = sorted;
  INK_TRY(reorder(d, order, sizeof *d->kind, d->kind, &sorted));
  d->kind = sorted;
  return INK_OK;
}

static void find_rating_scale(ink_dataset *d) {
  const uint32_t rating = ink_names_find(&d->kinds, (ink_text){ "rating", 6 });
  bool any = false;
  d->value_min = d->value_max = 0.0f;
  for (uint64_t e = 0; e < d->n_events; e++) {
    if (d->kind[e] != rating) continue;
    if (!any || d->value[e] < d->value_min) d->value_min = d->value[e];
    if (!any || d->value[e] > d->value_max) d->value_max = d->value[e];
    any = true;
  }
}

ink_status ink_dataset_build_finish(ink_dataset_build *b) {
  ink_dataset *d = b->d;
  INK_NEW(&d->allocator, d->n_events, &d->row);
  INK_TRY(order_by_user(b, d->row));
  ink_dataset_build_drop(b);
  if (d->has_time) INK_TRY(order_by_time(d, d->row));
  INK_TRY(reorder_columns(d, d->row));
  find_rating_scale(d);
  return INK_OK;
}

void ink_dataset_build_drop(ink_dataset_build *b) {
  ink_block_free(&b->d->allocator, b->user);
  b->user = NULL;
}

ink_status ink_dataset_copy_names(ink_dataset *to, const ink_dataset *from) {
  INK_TRY(ink_names_copy(&to->users, &from->users, &to->allocator));
  INK_TRY(ink_names_copy(&to->items, &from->items, &to->allocator));
  return ink_names_copy(&to->kinds, &from->kinds, &to->allocator);
}
