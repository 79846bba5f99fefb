/* journal.h - a person's events as bytes: check, append, forget, keep the newest, cut a torn tail.
 * FORMAT.md describes the bytes. The journal knows no items and no weights: it keeps strings.
 * The image is: header (magic, version), then records, each with length and checksum. */
#ifndef INK_JOURNAL_H
#define INK_JOURNAL_H

#include "inkling.h"

#define INK_JOURNAL_HEADER_BYTES 16u

typedef struct ink_journal {
  uint8_t *bytes;                 /* the image: header, then records */
  size_t cap, used;
  uint32_t *offsets;              /* [max_events] start of each record, in order of arrival */
  uint32_t n_events, max_events;
  uint64_t next_seq;
  uint64_t generation;            /* rises on every change but an append */
} ink_journal;

/* Fresh and empty. `bytes` [cap], `offsets` [max_events] stay the caller's. */
ink_status ink_journal_init(ink_journal *j, uint8_t *bytes, size_t cap, uint32_t *offsets, uint32_t max_events);
/* Checks fields (see ink_event) and appends. On failure nothing changed:
 *   INK_E_EVENT          a field is out of its range
 *   INK_E_JOURNAL_FULL   there is no room; dropping old events makes some
 *   INK_E_LIMIT          the event is larger than the whole journal may be
 *   INK_E_JOURNAL_ORDER  sequence numbers are used up (2^53 - 1); only ink_journal_clear() starts anew */
ink_status ink_journal_append(ink_journal *j, const ink_event *event, ink_text *record, ink_fault *fault);
/* Replaces the content by `bytes` after checking all of it; a torn tail is cut (*bytes_cut). `bytes` may be
 * the journal's own image. On failure nothing changed: INK_E_JOURNAL_* and INK_E_EVENT; a fault at a record
 * has its number (from 0) as its name and as `got`. */
ink_status ink_journal_load(ink_journal *j, const void *bytes, size_t n_bytes, uint64_t *bytes_cut, ink_fault *fault);
/* Event i in order of arrival; text borrowed from the image. i < n_events. */
void ink_journal_event(const ink_journal *j, uint32_t i, ink_event *out);
/* Drops the events for which keep() is false, moving the others together. Returns how many went. */
uint32_t ink_journal_filter(ink_journal *j, bool (*keep)(const ink_event *event, uint32_t i, const void *ctx), const void *ctx);
/* Drops the oldest n (in order of arrival). */
uint32_t ink_journal_drop_oldest(ink_journal *j, uint32_t n);
/* Empty again, numbers from 1; the bytes of old events are overwritten. */
void ink_journal_clear(ink_journal *j);

#endif
