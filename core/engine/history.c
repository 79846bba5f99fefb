/* history.c - see history.h. Appends usually come in the order of time and cost one look-up; an event out of
 * order is moved to its place, which ends the version (states folded before are no longer a beginning). */
#include "history.h"

#include "caps.h"
#include "mem.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

/* ----------------------------------------------------------------- one event */

static float cut_weight(float w) {
  return w > INK_CAP_WEIGHT ? INK_CAP_WEIGHT : w < -INK_CAP_WEIGHT ? -INK_CAP_WEIGHT : w;
}

/* A rating weighs its kind's weight, positive from "liked" on: its value says how many stars, not how much. */
static ink_past observe(const ink_event *event, uint32_t item, const ink_kinds *kinds) {
  const uint32_t kind = ink_kinds_find(kinds, event->kind);
  const float of_kind = ink_kinds_weight(kinds, kind);
  const bool rating = ink_text_equal(event->kind, NAME("rating"));
  const float sign = event->value >= kinds->liked_from ? 1.0f : -1.0f;
  return (ink_past){ .item = item, .kind = kind, .value = event->value, .rating = rating,
                     .weight = cut_weight(of_kind * (rating ? sign : event->value)),
                     .time = event->time, .seq = event->seq };
}

static bool is_before(const ink_past *a, const ink_past *b) {
  return a->time != b->time ? a->time < b->time : a->seq < b->seq;
}

/* ------------------------------------------------------------------ in order */

static void insert(ink_timeline *t, const ink_past *past) {
  uint32_t at = t->n;
  while (at > 0 && is_before(past, &t->events[at - 1])) at--;
  if (at < t->n) t->version++;
  ink_mem_move(&t->events[at + 1], &t->events[at], (t->n - at) * sizeof *past);
  t->events[at] = *past;
  t->n++;
}

/* Moves `past` down the heap (the latest at its root) from slot i. */
static void sift_down(ink_past *heap, uint32_t n, uint32_t i, ink_past past) {
  for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && is_before(&heap[child], &heap[child + 1])) child++;
    if (!is_before(&past, &heap[child])) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = past;
}

/* Heap sort: in place, no worst case, and (time, seq) leaves no ties to chance. */
static void sort(ink_past *events, uint32_t n) {
  for (uint32_t i = n / 2; i > 0; i--) sift_down(events, n, i - 1, events[i - 1]);
  for (uint32_t end = n; end > 1; end--) {
    const ink_past last = events[end - 1];
    events[end - 1] = events[0];
    sift_down(events, end - 1, 0, last);
  }
}

static bool is_sorted(const ink_past *events, uint32_t n) {
  for (uint32_t i = 1; i < n; i++)
    if (is_before(&events[i], &events[i - 1])) return false;
  return true;
}

/* ---------------------------------------------------------------------- sync */

static void read_event(ink_timeline *t, const ink_event *event, const ink_pack *pack, const ink_kinds *kinds, bool whole) {
  const uint32_t item = ink_pack_find(pack, event->item);
  if (item == INK_NONE) return;
  if (ink_text_equal(event->kind, NAME("hide"))) {
    t->hidden[t->n_hidden++] = item;
    return;
  }
  const ink_past past = observe(event, item, kinds);
  if (whole) t->events[t->n++] = past;
  else insert(t, &past);
}

void ink_timeline_sync(ink_timeline *t, const ink_journal *journal, const ink_pack *pack, const ink_kinds *kinds) {
  const bool whole = t->n_read == 0 || t->generation != journal->generation;
  ink_event event;
  if (whole) {
    t->n = t->n_hidden = t->n_read = 0;
    t->version++;
  }
  for (; t->n_read < journal->n_events; t->n_read++) {
    ink_journal_event(journal, t->n_read, &event);
    read_event(t, &event, pack, kinds, whole);
  }
  if (whole && !is_sorted(t->events, t->n)) sort(t->events, t->n);
  t->generation = journal->generation;
}
