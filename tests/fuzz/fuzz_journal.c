/* fuzz_journal.c - any bytes as a profile. What is accepted gives events that make the same journal again;
 * cutting an accepted image anywhere loses no more than its last record; what is refused changes nothing. */
#include "fuzzlib.h"
#include "hash.h"
#include "journal.h"

enum { MAX_EVENTS = 300, CAP = 40000 };

typedef struct book {
  ink_journal j;
  uint8_t *bytes;
  uint32_t offsets[MAX_EVENTS];
} book;

static void open_book(book *k) {
  k->bytes = malloc(CAP);
  FUZZ_CHECK(ink_journal_init(&k->j, k->bytes, CAP, k->offsets, MAX_EVENTS) == INK_OK);
}

static void close_book(book *k) { free(k->bytes); }

static bool equal_images(const ink_journal *a, const ink_journal *b) {
  return a->used == b->used && a->n_events == b->n_events && memcmp(a->bytes, b->bytes, a->used) == 0 &&
         memcmp(a->offsets, b->offsets, a->n_events * sizeof *a->offsets) == 0;
}

/* ------------------------------------------------------------------ what an accepted journal promises */

/* Events are in their ranges, and appended to an empty journal with their numbers they give the same bytes. */
static void check_events(const ink_journal *j) {
  book k;
  open_book(&k);
  for (uint32_t i = 0; i < j->n_events; i++) {
    ink_event e, again;
    ink_journal_event(j, i, &e);
    FUZZ_CHECK(e.seq >= k.j.next_seq && e.seq < j->next_seq);
    k.j.next_seq = e.seq;
    FUZZ_CHECK(ink_journal_append(&k.j, &e, NULL, NULL) == INK_OK);
    ink_journal_event(&k.j, i, &again);
    FUZZ_CHECK(again.seq == e.seq && again.time == e.time && ink_text_equal(again.item, e.item));
  }
  FUZZ_CHECK(equal_images(j, &k.j));
  FUZZ_CHECK(j->n_events == 0 ? j->next_seq == 1 : j->next_seq == k.j.next_seq);
  close_book(&k);
}

/* The image cut at `n` gives the records that are whole in it. */
static void check_cut(const ink_journal *j, size_t n) {
  book k;
  uint64_t cut = 0;
  uint32_t whole = 0;
  uint8_t *const part = fuzz_copy(j->bytes, n);
  open_book(&k);
  while (whole < j->n_events && (whole + 1 < j->n_events ? j->offsets[whole + 1] : j->used) <= n) whole++;
  FUZZ_CHECK(ink_journal_load(&k.j, part, n, &cut, NULL) == INK_OK);
  FUZZ_CHECK(k.j.n_events == whole && k.j.used + cut == n && memcmp(k.j.bytes, j->bytes, k.j.used) == 0);
  close_book(&k);
  free(part);
}

static bool keep_by_bits(const ink_event *event, uint32_t i, const void *ctx) {
  (void)event;
  return *(const uint32_t *)ctx >> i % 32 & 1;
}

/* After dropping some, the image loads to itself. */
static void check_filter(ink_journal *j, uint32_t bits) {
  book k;
  uint64_t cut = 0;
  open_book(&k);
  const uint32_t before = j->n_events, dropped = ink_journal_filter(j, keep_by_bits, &bits);
  FUZZ_CHECK(j->n_events + dropped == before);
  FUZZ_CHECK(ink_journal_load(&k.j, j->bytes, j->used, &cut, NULL) == INK_OK && cut == 0);
  FUZZ_CHECK(equal_images(j, &k.j));
  close_book(&k);
}

/* ------------------------------------------------------------------ one input */

static void add_one(ink_journal *j) {
  const ink_event e = { .item = ink_text_of("kept"), .kind = ink_text_of("like"), .value = 1, .time = 7 };
  FUZZ_CHECK(ink_journal_append(j, &e, NULL, NULL) == INK_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  book k;
  ink_fault fault = { 0 };
  uint64_t cut = 0;
  uint8_t *const bytes = fuzz_copy(data, n);
  open_book(&k);
  add_one(&k.j);
  const ink_journal before = k.j;
  const uint32_t sum = ink_crc32c(0, k.bytes, k.j.used);
  const ink_status status = ink_journal_load(&k.j, bytes, n, &cut, &fault);
  if (status == INK_OK) {
    FUZZ_CHECK(k.j.used + cut == n && memcmp(k.j.bytes, data, k.j.used) == 0 && k.j.generation == before.generation + 1);
    check_events(&k.j);
    const size_t step = k.j.used > 3000 ? 37 : 1;    /* every byte of small images */
    for (size_t at = 16; at <= k.j.used; at += step) check_cut(&k.j, at);
    check_filter(&k.j, sum ^ (uint32_t)n * 2654435761u);
  } else {
    fuzz_check_fault(status, &fault);
    FUZZ_CHECK(memcmp(&before, &k.j, sizeof before) == 0 && ink_crc32c(0, k.bytes, k.j.used) == sum);
  }
  close_book(&k);
  free(bytes);
  return 0;
}

/* ------------------------------------------------------------------ mutation */

static uint32_t read_u32(const uint8_t *b) { return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24; }

static void write_u32(uint8_t *b, uint32_t x) {
  for (int i = 0; i < 4; i++) b[i] = (uint8_t)(x >> 8 * i);
}

/* Mostly mends lengths and checksums afterwards, for no search would find them; sometimes leaves the damage. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t cap, unsigned seed) {
  const size_t fresh = LLVMFuzzerMutate(data, n, cap);
  if (seed % 4 == 0) return fresh;
  for (size_t at = 16; at + 34 <= fresh;) {
    const uint32_t length = 32u + data[at + 28] + 256u * (data[at + 29] % 4) + data[at + 30] + data[at + 31];
    if (length > fresh - at) break;
    data[at + 29] = (uint8_t)(data[at + 29] % 4);
    if (seed % 4 != 1 || read_u32(data + at) != length) write_u32(data + at, length);
    write_u32(data + at + 4, ink_crc32c(ink_crc32c(0, data + at, 4), data + at + 8, length - 8));
    at += length;
  }
  return fresh;
}
