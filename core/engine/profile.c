/* profile.c - the journal through the engine: track, load, look, forget. Each call leaves journal and
 * timeline agreeing. States are not touched: they see by the timeline's version that they are old. */
#include "engine.h"

#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "utf8.h"

#include "base.h"

static void sync(ink_engine *e) { ink_timeline_sync(&e->timeline, &e->journal, e->pack, &e->kinds); }

/* After events went: leaves no trace of them in the engine's block. What was derived from them is cleared, as
 * far as it was ever written, and made anew when it is next needed. The journal clears its own bytes. */
static void wipe(ink_engine *e) {
  ink_timeline *t = &e->timeline;
  ink_mem_fill(t->events, 0, t->n * sizeof *t->events);
  ink_mem_fill(t->hidden, 0, t->n_hidden * sizeof *t->hidden);
  t->n = t->n_hidden = t->n_read = 0;
  for (uint32_t i = 0; i < e->n_members; i++) {
    ink_mem_fill(e->members[i].state, 0, e->members[i].bound.state_bytes);
    e->members[i].version = 0;
  }
  ink_mem_fill(e->filter_words, 0, ink_filter_words(e->n_items) * sizeof *e->filter_words);
  ink_mem_fill(e->top_scores, 0, e->most_items * sizeof *e->top_scores);
  ink_mem_fill(e->top_items, 0, e->most_items * sizeof *e->top_items);
  ink_mem_fill(e->slate_items, 0, e->most_items * sizeof *e->slate_items);
  ink_mem_fill(e->slate_reasons, 0, e->most_reasons * sizeof *e->slate_reasons);
  e->most_items = e->most_reasons = 0;
  ink_mem_fill(e->scratch.base, 0, e->scratch.high);
  if (e->scratch.high > e->scratch_high) e->scratch_high = e->scratch.high;
  e->scratch.high = e->scratch.used;
}

/* Text may be borrowed from the journal's own image, whose records move when events are dropped: this keeps
 * it in scratch, which has room for an event's strings (want_scratch in engine.c). */
static ink_status keep_text(ink_engine *e, ink_text *text) {
  char *copy;
  INK_TAKE(&e->scratch, text->n, &copy);
  ink_mem_copy(copy, text->bytes, text->n);
  text->bytes = copy;
  return INK_OK;
}

/* ------------------------------------------------------------------ reports */

/* The caller's report may be NULL; else it must be of a size that we know. */
static bool is_report(const ink_profile_report *report) {
  return report == NULL || report->struct_bytes == sizeof *report;
}

static void fill_report(const ink_engine *e, uint32_t n_dropped, uint64_t bytes_cut, ink_profile_report *report) {
  const ink_journal *j = &e->journal;
  ink_event first = { .seq = j->next_seq };
  if (report == NULL) return;
  if (j->n_events > 0) ink_journal_event(j, 0, &first);
  *report = (ink_profile_report){ .struct_bytes = sizeof *report, .n_events = j->n_events,
                                  .n_known = ink_timeline_known(&e->timeline), .n_dropped = n_dropped,
                                  .bytes_cut = bytes_cut, .first_seq = first.seq, .next_seq = j->next_seq };
}

/* ------------------------------------------------------------ adding, loading */

/* Drops the oldest eighth until there is room; nothing is lost but what had to go. */
static ink_status append_with_room(ink_engine *e, const ink_event *event, ink_text *record, uint32_t *n_dropped, ink_fault *fault) {
  ink_journal *j = &e->journal;
  ink_event kept = *event;
  ink_status status = INK_E_JOURNAL_FULL;
  INK_TRY(keep_text(e, &kept.item));
  INK_TRY(keep_text(e, &kept.kind));
  INK_TRY(keep_text(e, &kept.slate));
  while (status == INK_E_JOURNAL_FULL && j->n_events > 0) {
    *n_dropped += ink_journal_drop_oldest(j, ink_max_u32(1, j->n_events / 8));
    status = ink_journal_append(j, &kept, record, fault);
  }
  wipe(e);
  return status;
}

/* An event that is refused for itself is refused by the first append, before any room is made. */
ink_status ink_track(ink_engine *e, const ink_event *event, ink_text *record, ink_profile_report *report, ink_fault *fault) {
  const size_t mark = ink_arena_mark(&e->scratch);
  ink_fault found = { 0 };
  uint32_t n_dropped = 0;
  if (event == NULL || !is_report(report)) return ink_refuse(fault, INK_E_ARG, (ink_text){ 0 }, "");
  ink_status status = ink_journal_append(&e->journal, event, record, &found);
  if (status == INK_E_JOURNAL_FULL) status = append_with_room(e, event, record, &n_dropped, &found);
  ink_arena_rewind(&e->scratch, mark);
  sync(e);
  if (status == INK_OK) fill_report(e, n_dropped, 0, report);
  else if (fault != NULL) *fault = found;
  return status;
}

ink_status ink_profile_load(ink_engine *e, const void *bytes, size_t n_bytes, ink_profile_report *report, ink_fault *fault) {
  uint64_t bytes_cut = 0;
  if ((bytes == NULL && n_bytes > 0) || !is_report(report)) return ink_refuse(fault, INK_E_ARG, (ink_text){ 0 }, "");
  INK_TRY(ink_journal_load(&e->journal, bytes, n_bytes, &bytes_cut, fault));
  wipe(e);
  sync(e);
  fill_report(e, 0, bytes_cut, report);
  return INK_OK;
}

/* ------------------------------------------------------------------- looking */

ink_status ink_profile_image(const ink_engine *e, const void **bytes, size_t *n_bytes) {
  if (bytes == NULL || n_bytes == NULL) return INK_E_ARG;
  *bytes = e->journal.bytes;
  *n_bytes = e->journal.used;
  return INK_OK;
}

ink_status ink_profile_event(const ink_engine *e, uint32_t i, ink_event *out) {
  if (out == NULL || i >= e->journal.n_events) return INK_E_ARG;
  ink_journal_event(&e->journal, i, out);
  return INK_OK;
}

ink_status ink_profile_read(const ink_engine *e, ink_profile_report *report) {
  if (report == NULL || !is_report(report)) return INK_E_ARG;
  fill_report(e, 0, 0, report);
  return INK_OK;
}

/* ---------------------------------------------------------------- forgetting */

typedef bool (*keep_fn)(const ink_event *event, uint32_t i, const void *ctx);

static ink_status drop(ink_engine *e, keep_fn keep, const void *ctx, ink_profile_report *report) {
  if (!is_report(report)) return INK_E_ARG;
  const uint32_t n_dropped = ink_journal_filter(&e->journal, keep, ctx);
  if (n_dropped > 0) wipe(e);
  sync(e);
  fill_report(e, n_dropped, 0, report);
  return INK_OK;
}

static bool is_other_item(const ink_event *event, uint32_t i, const void *item) {
  (void)i;
  return !ink_text_equal(event->item, *(const ink_text *)item);
}

static bool is_other_event(const ink_event *event, uint32_t i, const void *seq) {
  (void)i;
  return event->seq != *(const uint64_t *)seq;
}

ink_status ink_profile_forget_item(ink_engine *e, ink_text item, ink_profile_report *report) {
  const size_t mark = ink_arena_mark(&e->scratch);
  if (item.n > INK_CAP_ITEM_ID_BYTES) item.n = 0;        /* no event names such an item, nor one of no bytes */
  INK_TRY(keep_text(e, &item));
  const ink_status status = drop(e, is_other_item, &item, report);
  ink_arena_rewind(&e->scratch, mark);
  return status;
}

ink_status ink_profile_forget_event(ink_engine *e, uint64_t seq, ink_profile_report *report) {
  return drop(e, is_other_event, &seq, report);
}

ink_status ink_profile_erase(ink_engine *e) {
  ink_journal_clear(&e->journal);
  wipe(e);
  sync(e);
  return INK_OK;
}

static bool is_recent(const ink_event *event, uint32_t i, const void *ctx) {
  (void)i;
  return event->time >= *(const int64_t *)ctx;
}

/* Two passes, one report: what is too old goes first, then the oldest of what is left. */
ink_status ink_profile_retain(ink_engine *e, int64_t not_before, uint32_t max_events, ink_profile_report *report) {
  ink_journal *j = &e->journal;
  if (!is_report(report)) return INK_E_ARG;
  uint32_t n_dropped = ink_journal_filter(j, is_recent, &not_before);
  if (max_events != 0 && j->n_events > max_events) n_dropped += ink_journal_drop_oldest(j, j->n_events - max_events);
  if (n_dropped > 0) wipe(e);
  sync(e);
  fill_report(e, n_dropped, 0, report);
  return INK_OK;
}
