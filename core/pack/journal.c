/* journal.c - see journal.h; the bytes are described in FORMAT.md, section 5:
 *
 *   header   "INKJ", u32 version, u64 zero
 *   record   u32 length, u32 checksum, u64 seq, i64 time, f32 value, u16 item bytes, u8 kind bytes,
 *            u8 slate bytes, then item, kind and slate
 *
 * The checksum (CRC-32C) covers the whole record but itself: the length too, because a wrong length would
 * hide where the next record begins.
 *
 * A journal grows at its end, so a crash can only hurt its end: there, and only there, damage is cut off.
 * Anywhere else it means that something else went wrong; then nothing is dropped silently. */
#include "journal.h"

#include "bytes.h"
#include "caps.h"
#include "fault.h"
#include "hash.h"
#include "mem.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

#define MAGIC 0x4a4b4e49u                 /* "INKJ" */
#define VERSION 1u
#define FIXED_BYTES 32u                   /* of a record, before its strings */
#define MAX_RECORD (FIXED_BYTES + INK_CAP_ITEM_ID_BYTES + INK_CAP_KIND_BYTES + INK_CAP_SLATE_BYTES)
#define MAX_SEQ 9007199254740991u         /* 2^53 - 1: a plain number in JavaScript */

_Static_assert(INK_CAP_ITEM_ID_BYTES <= UINT16_MAX, "item length is a u16");
_Static_assert(INK_CAP_KIND_BYTES <= UINT8_MAX && INK_CAP_SLATE_BYTES <= UINT8_MAX, "kind and slate lengths are u8");

/* ------------------------------------------------------------------ one event */

static bool valid_kind(ink_text kind) {
  for (uint32_t i = 0; i < kind.n; i++) {
    const char c = kind.bytes[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return false;
  }
  return kind.n >= 1 && kind.n <= INK_CAP_KIND_BYTES;
}

/* Every rule of an event, for new ones and for stored ones. */
static ink_status check_event(const ink_event *e, ink_fault *fault) {
  const ink_text item = NAME("item"), slate = NAME("slate"), value = NAME("value");
  const double cap = (double)INK_CAP_MAGNITUDE;
  if (e->item.n == 0 || e->item.n > INK_CAP_ITEM_ID_BYTES)
    return ink_refuse_number(fault, INK_E_EVENT, item, "a length of", e->item.n, 1, INK_CAP_ITEM_ID_BYTES);
  if (!ink_utf8_valid(e->item.bytes, e->item.n)) return ink_refuse_text(fault, INK_E_EVENT, item, e->item, "UTF-8");
  if (!valid_kind(e->kind)) return ink_refuse_text(fault, INK_E_EVENT, NAME("kind"), e->kind, "1 to 32 characters of a-z, 0-9, _ and -");
  if (e->slate.n > INK_CAP_SLATE_BYTES)
    return ink_refuse_number(fault, INK_E_EVENT, slate, "a length of", e->slate.n, 0, INK_CAP_SLATE_BYTES);
  if (!ink_utf8_valid(e->slate.bytes, e->slate.n)) return ink_refuse_text(fault, INK_E_EVENT, slate, e->slate, "UTF-8");
  if (!(e->value >= -INK_CAP_MAGNITUDE && e->value <= INK_CAP_MAGNITUDE))
    return ink_refuse_number(fault, INK_E_EVENT, value, "a value of", (double)e->value, -cap, cap);
  return INK_OK;
}

/* ------------------------------------------------------------------ one record */

static uint32_t checksum(const uint8_t *record, uint32_t length) {
  return ink_crc32c(ink_crc32c(0, record, 4), record + 8, length - 8);
}

static uint32_t record_bytes(const ink_event *e) { return FIXED_BYTES + e->item.n + e->kind.n + e->slate.n; }

static void write_record(uint8_t *to, const ink_event *e, uint64_t seq) {
  const uint32_t length = record_bytes(e);
  ink_writer w;
  ink_writer_init(&w, to, length);
  ink_write_u32(&w, length);
  ink_write_u32(&w, 0);
  ink_write_u64(&w, seq);
  ink_write_u64(&w, (uint64_t)e->time);
  ink_write_f32(&w, e->value);
  ink_write_u16(&w, (uint16_t)e->item.n);
  ink_write_u8(&w, (uint8_t)e->kind.n);
  ink_write_u8(&w, (uint8_t)e->slate.n);
  ink_write_text(&w, e->item);
  ink_write_text(&w, e->kind);
  ink_write_text(&w, e->slate);
  ink_writer_init(&w, to + 4, 4);
  ink_write_u32(&w, checksum(to, length));
}

/* Two's complement, without the implementation's leave. */
static int64_t to_signed(uint64_t u) { return u <= INT64_MAX ? (int64_t)u : -(int64_t)(UINT64_MAX - u) - 1; }

/* The event in a whole record. */
static void read_record(const uint8_t *record, ink_event *out) {
  ink_reader r;
  ink_reader_init(&r, record, MAX_RECORD);
  const uint32_t length = ink_read_u32(&r);
  r.n = length;
  r.at = 8;
  out->seq = ink_read_u64(&r);
  out->time = to_signed(ink_read_u64(&r));
  out->value = ink_read_f32(&r);
  const uint32_t n_item = ink_read_u16(&r), n_kind = ink_read_u8(&r), n_slate = ink_read_u8(&r);
  out->item = ink_read_text(&r, n_item);
  out->kind = ink_read_text(&r, n_kind);
  out->slate = ink_read_text(&r, n_slate);
  INK_ASSERT(!r.failed && r.at == length);
}

/* Do the first 32 bytes look like a record's: lengths in their ranges that agree with each other? */
static bool believable(const uint8_t *bytes, size_t left, uint32_t *length) {
  ink_reader r;
  ink_reader_init(&r, bytes, ink_min_size(left, FIXED_BYTES));
  const uint32_t n = ink_read_u32(&r);
  ink_read_span(&r, 24);
  const uint32_t n_item = ink_read_u16(&r), n_kind = ink_read_u8(&r), n_slate = ink_read_u8(&r);
  *length = n;
  return !r.failed && n_item >= 1 && n_item <= INK_CAP_ITEM_ID_BYTES && n_kind >= 1 && n_kind <= INK_CAP_KIND_BYTES &&
         n_slate <= INK_CAP_SLATE_BYTES && n == FIXED_BYTES + n_item + n_kind + n_slate;
}

/* Does a whole, undamaged record begin here? What its fields hold may still be out of its range. */
static bool whole_record(const uint8_t *bytes, size_t left, uint32_t *length) {
  if (!believable(bytes, left, length) || *length > left) return false;
  ink_reader r;
  ink_reader_init(&r, bytes + 4, 4);
  return ink_read_u32(&r) == checksum(bytes, *length);
}

/* ------------------------------------------------------------------ life */

static void write_header(uint8_t *to) {
  ink_writer w;
  ink_writer_init(&w, to, INK_JOURNAL_HEADER_BYTES);
  ink_write_u32(&w, MAGIC);
  ink_write_u32(&w, VERSION);
  ink_write_u64(&w, 0);
}

ink_status ink_journal_init(ink_journal *j, uint8_t *bytes, size_t cap, uint32_t *offsets, uint32_t max_events) {
  if (bytes == NULL || offsets == NULL || max_events == 0 || max_events > INK_CAP_EVENTS) return INK_E_ARG;
  if (cap < INK_JOURNAL_HEADER_BYTES) return INK_E_MEMORY;
  *j = (ink_journal){ .bytes = bytes, .cap = ink_min_size(cap, UINT32_MAX), .used = INK_JOURNAL_HEADER_BYTES,
                      .offsets = offsets, .max_events = max_events, .next_seq = 1 };
  write_header(bytes);
  return INK_OK;
}

static ink_status refuse_full(ink_fault *fault, ink_text what, double got, double high) {
  return ink_refuse_number(fault, INK_E_JOURNAL_FULL, what, "a count of", got, 0, high);
}

ink_status ink_journal_append(ink_journal *j, const ink_event *event, ink_text *record, ink_fault *fault) {
  INK_TRY(check_event(event, fault));
  const uint32_t length = record_bytes(event);
  /* not INK_E_JOURNAL_FULL, which callers answer by dropping old events: that would not help here */
  if (length > j->cap - INK_JOURNAL_HEADER_BYTES)
    return ink_refuse_number(fault, INK_E_LIMIT, NAME("bytes"), "a record of", length, 0, (double)(j->cap - INK_JOURNAL_HEADER_BYTES));
  if (j->next_seq > MAX_SEQ)
    return ink_refuse_number(fault, INK_E_JOURNAL_ORDER, NAME("seq"), "a number of", (double)j->next_seq, 1, (double)MAX_SEQ);
  if (j->n_events == j->max_events)
    return refuse_full(fault, NAME("events"), (double)j->n_events + 1, j->max_events);
  if (length > j->cap - j->used) return refuse_full(fault, NAME("bytes"), (double)j->used + length, (double)j->cap);
  uint8_t *const to = j->bytes + j->used;
  write_record(to, event, j->next_seq);
  j->offsets[j->n_events++] = (uint32_t)j->used;
  j->used += length;
  j->next_seq++;
  if (record != NULL) *record = (ink_text){ (const char *)to, length };
  return INK_OK;
}

void ink_journal_event(const ink_journal *j, uint32_t i, ink_event *out) {
  INK_ASSERT(i < j->n_events);
  read_record(j->bytes + j->offsets[i], out);
}

void ink_journal_clear(ink_journal *j) {
  ink_mem_fill(j->bytes, 0, j->used);     /* erased is erased: not left behind in memory */
  j->used = INK_JOURNAL_HEADER_BYTES;
  j->n_events = 0;
  j->next_seq = 1;
  j->generation++;
  write_header(j->bytes);
}

/* ------------------------------------------------------------------ dropping */

/* Records are moved towards the front, whose bytes were already read: the callback never sees moved ones. */
uint32_t ink_journal_filter(ink_journal *j, bool (*keep)(const ink_event *event, uint32_t i, const void *ctx), const void *ctx) {
  uint32_t kept = 0;
  size_t to = INK_JOURNAL_HEADER_BYTES;
  for (uint32_t i = 0; i < j->n_events; i++) {
    const size_t from = j->offsets[i];
    ink_event event;
    read_record(j->bytes + from, &event);
    const uint32_t length = record_bytes(&event);
    if (!keep(&event, i, ctx)) continue;
    ink_mem_move(j->bytes + to, j->bytes + from, length);
    j->offsets[kept++] = (uint32_t)to;
    to += length;
  }
  const uint32_t dropped = j->n_events - kept;
  if (dropped == 0) return 0;
  ink_mem_fill(j->bytes + to, 0, j->used - to);
  j->n_events = kept;
  j->used = to;
  j->generation++;
  return dropped;
}

static bool is_young(const ink_event *event, uint32_t i, const void *ctx) {
  (void)event;
  return i >= *(const uint32_t *)ctx;
}

uint32_t ink_journal_drop_oldest(ink_journal *j, uint32_t n) { return ink_journal_filter(j, is_young, &n); }

/* ------------------------------------------------------------------ loading */

static ink_status check_header(const uint8_t *bytes, size_t n, ink_fault *fault) {
  ink_reader r;
  ink_reader_init(&r, bytes, n);
  const uint32_t magic = ink_read_u32(&r), version = ink_read_u32(&r);
  const uint64_t reserved = ink_read_u64(&r);
  const ink_text none = { NULL, 0 };
  if (r.failed || magic != MAGIC) {
    ink_refuse(fault, INK_E_JOURNAL_MAGIC, none, "a header of 16 bytes that begins with INKJ");
    return ink_refuse_at(fault, INK_E_JOURNAL_MAGIC, "byte", 0);
  }
  if (version == VERSION && reserved == 0) return INK_OK;
  if (version != VERSION) ink_refuse_number(fault, INK_E_JOURNAL_VERSION, none, "version", version, VERSION, VERSION);
  else ink_refuse(fault, INK_E_JOURNAL_VERSION, none, "zeros behind the version");
  return ink_refuse_at(fault, INK_E_JOURNAL_VERSION, "byte", version != VERSION ? 4 : 8);
}

static bool all_zero(const uint8_t *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i] != 0) return false;
  return true;
}

/* May these bytes, where no whole record begins, be what a crash left of one record?
 *  - Zeros of any number are what a file system leaves of a write that was announced and never made.
 *  - A record whose lengths are sound is the last one when it reaches the end or would reach further. It is not
 *    searched: what it holds comes from outside and may look like a record.
 *  - Where the lengths are unsound, they are what was damaged: of the last record when nothing whole follows
 *    among so few bytes as a record may have. When something does, cutting would lose good events. */
static bool is_torn_tail(const uint8_t *bytes, size_t left) {
  uint32_t length;
  if (all_zero(bytes, left)) return true;
  if (left > MAX_RECORD) return false;
  if (believable(bytes, left, &length)) return length >= left;
  for (size_t i = 1; i < left; i++)
    if (whole_record(bytes + i, left - i, &length)) return false;
  return true;
}

/* Fault at a record: its number (from 0) as the name and as `got`, its place in bytes. */
static ink_status refuse_record(ink_fault *fault, ink_status code, uint32_t number, size_t at, const char *allowed) {
  char digits[10];
  uint32_t n = sizeof digits, left = number;
  do {
    digits[--n] = (char)('0' + left % 10);
    left /= 10;
  } while (left != 0);
  ink_refuse(fault, code, (ink_text){ digits + n, (uint32_t)sizeof digits - n }, allowed);
  if (fault != NULL) fault->got = number;
  return ink_refuse_at(fault, code, "byte", at);
}

typedef struct survey {
  uint32_t n_events;
  size_t end;                     /* behind the last whole record */
  uint64_t last_seq;
} survey;

/* Checks all of it, keeps nothing. */
static ink_status survey_records(const uint8_t *bytes, size_t n, uint32_t max_events, survey *s, ink_fault *fault) {
  for (uint32_t length; s->end < n; s->end += length) {
    ink_event event;
    if (!whole_record(bytes + s->end, n - s->end, &length)) {
      if (is_torn_tail(bytes + s->end, n - s->end)) return INK_OK;
      return refuse_record(fault, INK_E_JOURNAL_RECORD, s->n_events, s->end, "damage at the end only, of one record");
    }
    read_record(bytes + s->end, &event);
    if (check_event(&event, fault) != INK_OK) return ink_refuse_at(fault, INK_E_EVENT, "record", s->n_events);
    if (event.seq <= s->last_seq || event.seq > MAX_SEQ)
      return refuse_record(fault, INK_E_JOURNAL_ORDER, s->n_events, s->end, "numbers that rise from record to record, below 2^53");
    if (s->n_events == max_events) return refuse_full(fault, NAME("events"), (double)max_events + 1, max_events);
    s->last_seq = event.seq;
    s->n_events++;
  }
  return INK_OK;
}

ink_status ink_journal_load(ink_journal *j, const void *bytes, size_t n_bytes, uint64_t *bytes_cut, ink_fault *fault) {
  survey s = { .end = INK_JOURNAL_HEADER_BYTES };
  INK_TRY(check_header(bytes, n_bytes, fault));
  INK_TRY(survey_records(bytes, n_bytes, j->max_events, &s, fault));
  if (s.end > j->cap) return refuse_full(fault, NAME("bytes"), (double)s.end, (double)j->cap);
  ink_mem_move(j->bytes, bytes, s.end);
  if (j->used > s.end) ink_mem_fill(j->bytes + s.end, 0, j->used - s.end);
  j->used = s.end;
  j->n_events = s.n_events;
  j->next_seq = s.last_seq + 1;
  j->generation++;
  for (size_t at = INK_JOURNAL_HEADER_BYTES, i = 0; i < s.n_events; i++) {
    ink_event event;
    j->offsets[i] = (uint32_t)at;
    read_record(j->bytes + at, &event);
    at += record_bytes(&event);
  }
  *bytes_cut = n_bytes - s.end;
  return INK_OK;
}
