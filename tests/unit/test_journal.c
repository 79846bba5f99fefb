/* The journal: bytes as FORMAT.md says, appending, forgetting, loading; every kind of damage at every place. */
#include <stdlib.h>

#include "caps.h"
#include "fault.h"
#include "journal.h"
#include "testlib.h"
#include "utf8.h"

enum { CAP = 1 << 20, MAX = 2000 };

typedef struct book {
  ink_journal j;
  uint8_t bytes[CAP];
  uint32_t offsets[MAX];
} book;

static book a, b;                                    /* large, so not on the stack */

static ink_event event_of(const char *item, const char *kind, float value, int64_t time) {
  return (ink_event){ .item = ink_text_of(item), .kind = ink_text_of(kind), .value = value, .time = time };
}

static void open_book(book *k) { CHECK_EQ(ink_journal_init(&k->j, k->bytes, CAP, k->offsets, MAX), INK_OK); }

/* n events of different lengths, with and without a slate. */
static void fill(book *k, uint32_t n) {
  char item[40];
  open_book(k);
  for (uint32_t i = 0; i < n; i++) {
    snprintf(item, sizeof item, "item-%u-%.*s", i, (int)(i % 17), "abcdefghijklmnopq");
    ink_event e = event_of(item, i % 3 == 0 ? "like" : "view", (float)i / 4, (int64_t)i * 1000 - 500);
    if (i % 2 == 0) e.slate = ink_text_of("slate/7");
    CHECK_EQ(ink_journal_append(&k->j, &e, NULL, NULL), INK_OK);
  }
}

static bool same_event(const ink_event *x, const ink_event *y) {
  return ink_text_equal(x->item, y->item) && ink_text_equal(x->kind, y->kind) && ink_text_equal(x->slate, y->slate) &&
         memcmp(&x->value, &y->value, sizeof x->value) == 0 && x->time == y->time && x->seq == y->seq;
}

/* k holds the first n events of `whole`, and nothing else. */
static bool is_beginning(const book *k, const book *whole, uint32_t n) {
  if (k->j.n_events != n) return false;
  for (uint32_t i = 0; i < n; i++) {
    ink_event x, y;
    ink_journal_event(&k->j, i, &x);
    ink_journal_event(&whole->j, i, &y);
    if (!same_event(&x, &y)) return false;
  }
  return k->j.used == (n < whole->j.n_events ? whole->j.offsets[n] : whole->j.used) &&
         memcmp(k->j.bytes, whole->j.bytes, k->j.used) == 0;
}

/* Loads a copy of exactly n bytes, so that a sanitizer sees a step outside. */
static ink_status load(book *k, const uint8_t *bytes, size_t n, uint64_t *cut, ink_fault *f) {
  uint8_t *const copy = malloc(n + (n == 0));
  if (n > 0) memcpy(copy, bytes, n);
  *f = (ink_fault){ 0 };
  const ink_status status = ink_journal_load(&k->j, copy, n, cut, f);
  CHECK_EQ(f->code, status);
  free(copy);
  return status;
}

/* ------------------------------------------------------------------ bytes */

TEST(the_bytes) {
  /* The checksum was computed outside: Python, crc32c of bytes 0-3 and 8-end, by its bitwise definition. */
  static const uint8_t want[] = {
    'I', 'N', 'K', 'J', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    42, 0, 0, 0, 0x7a, 0xd0, 0x26, 0xf9, 1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0, 0, 0xa0, 0x40, 3, 0, 6, 1, 'm', ':', '1', 'r', 'a', 't', 'i', 'n', 'g', 's',
  };
  ink_event e = event_of("m:1", "rating", 5.0f, -2);
  ink_text record;
  e.kind.n = 6;
  e.slate = ink_text_of("s");
  open_book(&a);
  CHECK_EQ(ink_journal_append(&a.j, &e, &record, NULL), INK_OK);
  CHECK_EQ(a.j.used, sizeof want);
  CHECK(memcmp(a.bytes, want, sizeof want) == 0);
  CHECK(record.bytes == (const char *)a.bytes + 16 && record.n == 42);
}

TEST(append_and_read_back) {
  static const int64_t times[] = { 0, -1, 1, INT64_MIN, INT64_MAX, 1700000000000 };
  static const float values[] = { 0.0f, -0.0f, 1e11f, -1e11f, 1e-45f, 4.5f };
  ink_event out;
  open_book(&a);
  for (uint32_t i = 0; i < 6; i++) {
    const ink_event e = event_of("\xc3\xa9", "a-z_09", values[i], times[i]);
    CHECK_EQ(ink_journal_append(&a.j, &e, NULL, NULL), INK_OK);
  }
  CHECK_EQ(a.j.next_seq, 7);
  CHECK_EQ(a.j.generation, 0);
  for (uint32_t i = 0; i < 6; i++) {
    ink_event want = event_of("\xc3\xa9", "a-z_09", values[i], times[i]);
    want.seq = i + 1;
    ink_journal_event(&a.j, i, &out);
    CHECK(same_event(&out, &want));
  }
}

TEST(init) {
  CHECK_EQ(ink_journal_init(&a.j, a.bytes, 16, a.offsets, 1), INK_OK);
  CHECK_EQ(ink_journal_init(&a.j, a.bytes, 15, a.offsets, 1), INK_E_MEMORY);
  CHECK_EQ(ink_journal_init(&a.j, NULL, 16, a.offsets, 1), INK_E_ARG);
  CHECK_EQ(ink_journal_init(&a.j, a.bytes, 16, NULL, 1), INK_E_ARG);
  CHECK_EQ(ink_journal_init(&a.j, a.bytes, 16, a.offsets, 0), INK_E_ARG);
  CHECK_EQ(ink_journal_init(&a.j, a.bytes, 16, a.offsets, INK_CAP_EVENTS), INK_OK);
  CHECK_EQ(ink_journal_init(&a.j, a.bytes, 16, a.offsets, INK_CAP_EVENTS + 1), INK_E_ARG);
}

/* ------------------------------------------------------------------ fields */

static ink_status try_event(const ink_event *e, const char *field) {
  ink_fault f = { 0 };
  const ink_journal before = a.j;
  const ink_status status = ink_journal_append(&a.j, e, NULL, &f);
  CHECK_EQ(f.code, status);
  if (status == INK_OK) return status;
  CHECK(ink_text_equal((ink_text){ f.name, f.name_bytes }, ink_text_of(field)));
  CHECK(memcmp(&before, &a.j, sizeof before) == 0);
  return status;
}

TEST(fields_of_an_event) {
  static char longest[1025];
  const float zero = 0;
  memset(longest, 'x', sizeof longest);
  open_book(&a);
  ink_event e = event_of("i", "view", 1, 0);
  e.item = (ink_text){ longest, 1024 };
  CHECK_EQ(try_event(&e, ""), INK_OK);
  e.item.n = 1025;
  CHECK_EQ(try_event(&e, "item"), INK_E_EVENT);
  e.item.n = 0;
  CHECK_EQ(try_event(&e, "item"), INK_E_EVENT);
  e.item = ink_text_of("\xc3");
  CHECK_EQ(try_event(&e, "item"), INK_E_EVENT);
  e = event_of("i", "view", 1, 0);
  e.kind = (ink_text){ longest, 32 };
  CHECK_EQ(try_event(&e, ""), INK_OK);
  e.kind.n = 33;
  CHECK_EQ(try_event(&e, "kind"), INK_E_EVENT);
  e.kind.n = 0;
  CHECK_EQ(try_event(&e, "kind"), INK_E_EVENT);
  for (int c = 0; c < 256; c++) {
    const char kind = (char)c;
    e.kind = (ink_text){ &kind, 1 };
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    CHECK_EQ(try_event(&e, "kind"), good ? INK_OK : INK_E_EVENT);
  }
  e = event_of("i", "view", 1, 0);
  e.slate = (ink_text){ longest, 64 };
  CHECK_EQ(try_event(&e, ""), INK_OK);
  e.slate.n = 65;
  CHECK_EQ(try_event(&e, "slate"), INK_E_EVENT);
  e.slate = ink_text_of("\xff");
  CHECK_EQ(try_event(&e, "slate"), INK_E_EVENT);
  e = event_of("i", "view", 1e11f, 0);
  CHECK_EQ(try_event(&e, ""), INK_OK);
  e.value = 1.0001e11f;
  CHECK_EQ(try_event(&e, "value"), INK_E_EVENT);
  e.value = -1.0001e11f;
  CHECK_EQ(try_event(&e, "value"), INK_E_EVENT);
  e.value = 1 / zero;
  CHECK_EQ(try_event(&e, "value"), INK_E_EVENT);
  e.value = zero / zero;
  CHECK_EQ(try_event(&e, "value"), INK_E_EVENT);
}

TEST(room) {
  static uint32_t offsets[3];
  static uint8_t bytes[16 + 34 * 3];
  const ink_event e = event_of("i", "v", 1, 0);                    /* a record of 34 bytes, the smallest */
  ink_fault f;
  ink_journal j;
  CHECK_EQ(ink_journal_init(&j, bytes, sizeof bytes, offsets, 2), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_E_JOURNAL_FULL);
  CHECK(f.got == 3 && f.high == 2);
  CHECK_EQ(ink_journal_init(&j, bytes, sizeof bytes - 34, offsets, 3), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_E_JOURNAL_FULL);
  CHECK_EQ(j.n_events, 2);
  CHECK_EQ(ink_journal_init(&j, bytes, sizeof bytes - 34 - 1, offsets, 3), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_E_JOURNAL_FULL);
  CHECK_EQ(ink_journal_init(&j, bytes, 16 + 34, offsets, 3), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_OK);
  CHECK_EQ(ink_journal_init(&j, bytes, 16 + 33, offsets, 3), INK_OK);
  CHECK_EQ(ink_journal_append(&j, &e, NULL, &f), INK_E_LIMIT);     /* no dropping of old events would help */
}

/* ------------------------------------------------------------------ dropping */

static bool keep_listed(const ink_event *event, uint32_t i, const void *ctx) {
  const uint8_t *keep = ctx;
  CHECK_EQ(event->seq, i + 1);                       /* seen as it was, though others have moved */
  return keep[i] != 0;
}

TEST(filter_equals_never_having_come) {
  for (uint32_t pattern = 0; pattern < 64; pattern++) {
    uint8_t keep[6];
    uint32_t n = 0;
    fill(&a, 6);
    open_book(&b);
    for (uint32_t i = 0; i < 6; i++) {
      ink_event e;
      keep[i] = pattern >> i & 1;
      ink_journal_event(&a.j, i, &e);
      b.j.next_seq = i + 1;
      if (keep[i]) CHECK_EQ(ink_journal_append(&b.j, &e, NULL, NULL), INK_OK);
      n += keep[i];
    }
    b.j.next_seq = 7;
    const uint64_t generation = a.j.generation;
    const size_t used = a.j.used;
    CHECK_EQ(ink_journal_filter(&a.j, keep_listed, keep), 6 - n);
    CHECK_EQ(a.j.generation, generation + (n < 6));
    CHECK_EQ(a.j.next_seq, 7);
    CHECK(is_beginning(&a, &b, n) && memcmp(a.offsets, b.offsets, n * sizeof *a.offsets) == 0);
    for (size_t i = a.j.used; i < used; i++) CHECK_EQ(a.bytes[i], 0);   /* the forgotten leave no bytes */
  }
}

TEST(drop_oldest_and_clear) {
  ink_event e;
  fill(&a, 10);
  CHECK_EQ(ink_journal_drop_oldest(&a.j, 0), 0);
  CHECK_EQ(a.j.generation, 0);
  CHECK_EQ(ink_journal_drop_oldest(&a.j, 4), 4);
  CHECK_EQ(a.j.n_events, 6);
  ink_journal_event(&a.j, 0, &e);
  CHECK_EQ(e.seq, 5);
  CHECK_EQ(ink_journal_drop_oldest(&a.j, 7), 6);
  CHECK_EQ(a.j.used, 16);
  CHECK_EQ(a.j.next_seq, 11);
  fill(&a, 10);
  const size_t used = a.j.used;
  ink_journal_clear(&a.j);
  CHECK(a.j.n_events == 0 && a.j.used == 16 && a.j.next_seq == 1 && a.j.generation == 1);
  for (size_t i = 16; i < used; i++) CHECK_EQ(a.bytes[i], 0);
}

/* ------------------------------------------------------------------ loading */

TEST(load_gives_the_same_journal) {
  uint64_t cut = 99;
  ink_fault f;
  fill(&a, 50);
  fill(&b, 3);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_OK);
  CHECK_EQ(cut, 0);
  CHECK(is_beginning(&b, &a, 50) && memcmp(a.offsets, b.offsets, 50 * sizeof *a.offsets) == 0);
  CHECK_EQ(b.j.next_seq, 51);
  CHECK_EQ(b.j.generation, 1);
  CHECK_EQ(ink_journal_load(&b.j, b.bytes, b.j.used, &cut, &f), INK_OK);   /* its own image */
  CHECK(is_beginning(&b, &a, 50));
  CHECK_EQ(load(&b, a.bytes, 16, &cut, &f), INK_OK);                       /* an empty one */
  CHECK(b.j.n_events == 0 && b.j.next_seq == 1);
}

TEST(a_header_and_loose_records) {
  uint8_t image[4000];
  uint64_t cut;
  ink_fault f;
  fill(&a, 9);
  const size_t skip = a.offsets[4], n = a.j.used - skip;                   /* as the browser does: header + records 4 to 8 */
  memcpy(image, a.bytes, 16);
  memcpy(image + 16, a.bytes + skip, n);
  open_book(&b);
  CHECK_EQ(load(&b, image, 16 + n, &cut, &f), INK_OK);
  CHECK(b.j.n_events == 5 && b.j.next_seq == 10);
  CHECK_EQ(load(&b, a.bytes + 16, a.j.used - 16, &cut, &f), INK_E_JOURNAL_MAGIC);   /* and no header: refused */
  CHECK_EQ(b.j.n_events, 5);
}

TEST(header) {
  uint8_t image[17] = { 'I', 'N', 'K', 'J', 1 };
  uint64_t cut;
  ink_fault f;
  open_book(&b);
  for (size_t n = 0; n < 16; n++) CHECK_EQ(load(&b, image, n, &cut, &f), INK_E_JOURNAL_MAGIC);
  CHECK_EQ(load(&b, image, 16, &cut, &f), INK_OK);
  image[3] = 'j';
  CHECK_EQ(load(&b, image, 16, &cut, &f), INK_E_JOURNAL_MAGIC);
  image[3] = 'J';
  image[4] = 2;
  CHECK_EQ(load(&b, image, 16, &cut, &f), INK_E_JOURNAL_VERSION);
  CHECK(f.at == 4 && f.got == 2);
  image[4] = 0;
  CHECK_EQ(load(&b, image, 16, &cut, &f), INK_E_JOURNAL_VERSION);
  image[4] = 1;
  for (size_t i = 8; i < 16; i++) {
    image[i] = 1;
    CHECK_EQ(load(&b, image, 16, &cut, &f), INK_E_JOURNAL_VERSION);
    CHECK_EQ(f.at, 8);
    image[i] = 0;
  }
}

TEST(room_for_what_is_loaded) {
  static uint32_t offsets[10];
  static uint8_t bytes[2000];
  ink_journal j;
  uint64_t cut;
  ink_fault f;
  fill(&a, 10);
  CHECK_EQ(ink_journal_init(&j, bytes, a.j.used, offsets, 10), INK_OK);
  CHECK_EQ(ink_journal_load(&j, a.bytes, a.j.used, &cut, &f), INK_OK);
  CHECK_EQ(ink_journal_init(&j, bytes, a.j.used - 1, offsets, 10), INK_OK);
  CHECK_EQ(ink_journal_load(&j, a.bytes, a.j.used, &cut, &f), INK_E_JOURNAL_FULL);
  CHECK_EQ(ink_journal_init(&j, bytes, a.j.used, offsets, 9), INK_OK);
  CHECK_EQ(ink_journal_load(&j, a.bytes, a.j.used, &cut, &f), INK_E_JOURNAL_FULL);
  CHECK(f.got == 10 && f.high == 9 && j.n_events == 0);
}

/* ------------------------------------------------------------------ damage */

TEST(truncation_loses_the_last_record_at_most) {
  enum { N = 12 };
  uint64_t cut;
  ink_fault f;
  fill(&a, N);
  open_book(&b);
  for (size_t n = 16; n <= a.j.used; n++) {
    uint32_t whole = 0;
    while (whole < N && (whole + 1 < N ? a.offsets[whole + 1] : a.j.used) <= n) whole++;
    CHECK_EQ(load(&b, a.bytes, n, &cut, &f), INK_OK);
    CHECK(is_beginning(&b, &a, whole));
    CHECK_EQ(cut, n - b.j.used);
  }
}

TEST(a_flipped_bit_is_refused_in_the_middle_and_cut_at_the_end) {
  enum { N = 7 };
  uint64_t cut;
  ink_fault f;
  fill(&a, N);
  fill(&b, 3);
  const ink_journal before = b.j;
  for (size_t bit = 16 * 8; bit < 8 * a.j.used; bit++) {
    uint32_t record = 0;
    while (record + 1 < N && a.offsets[record + 1] <= bit / 8) record++;
    a.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    const ink_status status = load(&b, a.bytes, a.j.used, &cut, &f);
    a.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (record + 1 < N) {
      CHECK_EQ(status, INK_E_JOURNAL_RECORD);
      CHECK(f.got == record && f.at == a.offsets[record] && strcmp(f.unit, "byte") == 0 && f.name_bytes == 1 && f.name[0] == (char)('0' + record));
      CHECK(memcmp(&before, &b.j, sizeof before) == 0 && is_beginning(&b, &a, 3));
    } else {
      CHECK_EQ(status, INK_OK);
      CHECK(cut == a.j.used - a.offsets[N - 1] && is_beginning(&b, &a, N - 1));
      fill(&b, 3);
    }
  }
}

/* A slate may hold anything, a whole record too. Cutting the outer record must not stumble over it. */
TEST(a_record_inside_a_record) {
  static uint8_t inner[64];
  uint64_t cut;
  ink_fault f;
  ink_text record;
  ink_event e = event_of("i", "v", 0, 0);
  open_book(&a);
  for (uint64_t seq = 1; seq < 100000; seq++) {      /* until its checksum and all else is UTF-8 */
    ink_journal_clear(&a.j);
    a.j.next_seq = seq;
    CHECK_EQ(ink_journal_append(&a.j, &e, &record, NULL), INK_OK);
    if (ink_utf8_valid(record.bytes, record.n)) break;
  }
  memcpy(inner, record.bytes, record.n);
  ink_journal_clear(&a.j);
  CHECK_EQ(ink_journal_append(&a.j, &e, NULL, NULL), INK_OK);
  e.slate = (ink_text){ (const char *)inner, record.n };
  CHECK_EQ(ink_journal_append(&a.j, &e, NULL, NULL), INK_OK);
  open_book(&b);
  for (size_t n = a.offsets[1]; n < a.j.used; n++) {
    CHECK_EQ(load(&b, a.bytes, n, &cut, &f), INK_OK);
    CHECK(is_beginning(&b, &a, 1));
  }
}

/* The last but one broken and the last torn: two records are hurt, so it is no torn tail. */
TEST(damage_before_a_torn_record) {
  uint64_t cut;
  ink_fault f;
  fill(&a, 4);
  open_book(&b);
  a.bytes[a.offsets[2] + 40] ^= 1;
  CHECK_EQ(load(&b, a.bytes, a.j.used - 1, &cut, &f), INK_E_JOURNAL_RECORD);
  CHECK(f.got == 2 && f.at == a.offsets[2]);
  CHECK_EQ(load(&b, a.bytes, a.offsets[3] + 1, &cut, &f), INK_E_JOURNAL_RECORD);
  CHECK_EQ(load(&b, a.bytes, a.offsets[3], &cut, &f), INK_OK);
  CHECK(b.j.n_events == 2);
}

TEST(what_a_file_system_leaves) {
  static uint8_t image[40000];
  uint64_t cut;
  ink_fault f;
  fill(&a, 5);
  open_book(&b);
  const size_t n = a.j.used, last = a.offsets[4];
  memcpy(image, a.bytes, n);
  CHECK_EQ(load(&b, image, 30000, &cut, &f), INK_OK);                      /* zeros, however many */
  CHECK(cut == 30000 - n && is_beginning(&b, &a, 5));
  memset(image + last, 0, n - last);
  CHECK_EQ(load(&b, image, n, &cut, &f), INK_OK);                          /* zeros instead of the last record */
  CHECK(is_beginning(&b, &a, 4));
  memcpy(image, a.bytes, n);
  memset(image + n, 0xee, 1200);
  CHECK_EQ(load(&b, image, n + 1152, &cut, &f), INK_OK);                   /* as long as a record may be */
  CHECK(is_beginning(&b, &a, 5));
  CHECK_EQ(load(&b, image, n + 1153, &cut, &f), INK_E_JOURNAL_RECORD);     /* more than that was never one record */
  CHECK(f.got == 5 && f.at == n);
  memset(image + n, 0, 2000);
  image[n + 1999] = 1;
  CHECK_EQ(load(&b, image, n + 2000, &cut, &f), INK_E_JOURNAL_RECORD);
  memcpy(image + n, a.bytes + last, n - last);                             /* garbage, then a whole record: not the end */
  memmove(image + n + 3, image + n, n - last);
  CHECK_EQ(load(&b, image, n + 3 + n - last, &cut, &f), INK_E_JOURNAL_RECORD);
}

/* ------------------------------------------------------------------ whole records with wrong content */

/* CRC-32C by its definition, to seal what a broken writer would write. */
static void seal(uint8_t *record) {
  uint32_t crc = 0xffffffffu, n = 0;
  for (int i = 4; i-- > 0;) n = n << 8 | record[i];
  for (uint32_t i = 0; i < n; i++) {
    if (i >= 4 && i < 8) continue;
    crc ^= record[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  for (int i = 0; i < 4; i++) record[4 + i] = (uint8_t)(~crc >> 8 * i);
}

TEST(seal_is_the_journals_own) {
  uint8_t before[64];
  fill(&a, 1);
  memcpy(before, a.bytes, sizeof before);
  seal(a.bytes + 16);
  CHECK(memcmp(before, a.bytes, sizeof before) == 0);
}

static void put_seq(uint8_t *record, uint64_t seq) {
  for (int i = 0; i < 8; i++) record[8 + i] = (uint8_t)(seq >> 8 * i);
  seal(record);
}

TEST(sequence_numbers_rise) {
  const uint64_t largest = (1ull << 53) - 1;
  uint64_t cut;
  ink_fault f;
  fill(&a, 3);
  open_book(&b);
  put_seq(a.bytes + a.offsets[0], 0);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_E_JOURNAL_ORDER);
  CHECK(f.got == 0 && f.at == 16);
  put_seq(a.bytes + a.offsets[0], 2);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_E_JOURNAL_ORDER);
  CHECK(f.got == 1 && f.at == a.offsets[1]);
  put_seq(a.bytes + a.offsets[0], 1);
  put_seq(a.bytes + a.offsets[2], 1000);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_OK);
  CHECK_EQ(b.j.next_seq, 1001);
  put_seq(a.bytes + a.offsets[2], largest + 1);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_E_JOURNAL_ORDER);
  put_seq(a.bytes + a.offsets[2], largest);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_OK);
  const ink_event e = event_of("i", "view", 1, 0);                         /* used up: refused, and not as "full" */
  CHECK_EQ(ink_journal_append(&b.j, &e, NULL, &f), INK_E_JOURNAL_ORDER);
  CHECK_EQ(b.j.n_events, 3);
  put_seq(a.bytes + a.offsets[2], largest - 1);
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_OK);
  CHECK_EQ(ink_journal_append(&b.j, &e, NULL, &f), INK_OK);
}

/* Sealed, so it is no damage: even as the last record it is refused, not cut. */
TEST(fields_are_checked_when_loaded) {
  static const struct { uint32_t at; uint8_t byte; const char *field; } cases[] = {
    { 27, 0x7f, "value" }, { 32, 0xff, "item" }, { 38, 'V', "kind" }, { 42, 0xff, "slate" },
  };
  uint64_t cut;
  ink_fault f;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ink_event e = event_of("item-1", "view", 1, 0);
    e.slate = ink_text_of("s");
    open_book(&a);
    open_book(&b);
    for (int k = 0; k < 3; k++) CHECK_EQ(ink_journal_append(&a.j, &e, NULL, &f), INK_OK);
    uint8_t *const record = a.bytes + a.offsets[2];
    CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_OK);
    record[cases[i].at] = cases[i].byte;
    if (cases[i].at == 27) record[26] = 0xc0;
    seal(record);
    CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_E_EVENT);
    CHECK(ink_text_equal((ink_text){ f.name, f.name_bytes }, ink_text_of(cases[i].field)));
    CHECK(f.at == 2 && strcmp(f.unit, "record") == 0);
  }
}

TEST(lengths_inside_a_record_must_agree) {
  uint64_t cut;
  ink_fault f;
  fill(&a, 3);
  open_book(&b);
  for (size_t at = 28; at < 32; at++) {
    uint8_t *const record = a.bytes + a.offsets[1];
    record[at]++;
    seal(record);
    CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_E_JOURNAL_RECORD);
    CHECK_EQ(f.got, 1);
    record[at]--;
    seal(record);
  }
  CHECK_EQ(load(&b, a.bytes, a.j.used, &cut, &f), INK_OK);
}

TEST_MAIN(T(the_bytes), T(append_and_read_back), T(init), T(fields_of_an_event), T(room), T(filter_equals_never_having_come),
          T(drop_oldest_and_clear), T(load_gives_the_same_journal), T(a_header_and_loose_records), T(header), T(room_for_what_is_loaded),
          T(truncation_loses_the_last_record_at_most), T(a_flipped_bit_is_refused_in_the_middle_and_cut_at_the_end),
          T(a_record_inside_a_record), T(damage_before_a_torn_record),
          T(what_a_file_system_leaves), T(seal_is_the_journals_own), T(sequence_numbers_rise), T(fields_are_checked_when_loaded),
          T(lengths_inside_a_record_must_agree))
