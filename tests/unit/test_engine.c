/* test_engine.c - what the calls of inkling.h accept, refuse and keep: limits, requests, the journal through
 * the engine, forgetting, packs that change under a profile, fallback, lists and budgets.
 * What every family must do alike is in contract/contract.c. */
#include <math.h>

#include "caps.h"
#include "enginelib.h"

enum { N = 400, D = 12 };

static void make_pack(lab *l, const char *prefix, const uint32_t *number, uint32_t n) {
  packlib_items(&l->pack_tensors, prefix, number, n);
  packlib_als(&l->pack_tensors, n, D, INK_DTYPE_F32, false, 5);
  packlib_popular(&l->pack_tensors, n, 6);
}

static void open_lab(lab *l) {
  make_pack(l, "i", NULL, N);
  lab_open(l, "als,popular");
}

/* ------------------------------------------------------------------ opening */

static void check_limits(lab *l, ink_limits limits, ink_status want, const char *name) {
  size_t bytes;
  CHECK_EQ(ink_engine_measure(l->pack, &limits, &bytes, &l->fault), want);
  if (want == INK_OK) return;
  CHECK_EQ(l->fault.code, want);
  CHECK(l->fault.name_bytes == strlen(name) && memcmp(l->fault.name, name, strlen(name)) == 0);
}

TEST(limits_are_checked_at_their_caps) {
  lab l = { 0 };
  const uint32_t size = sizeof(ink_limits);
  open_lab(&l);
  check_limits(&l, (ink_limits){ size - 1, 0, 0, 0, 0 }, INK_E_ARG, "limits.struct_bytes");
  check_limits(&l, (ink_limits){ size, INK_CAP_EVENTS, 0, 0, 0 }, INK_OK, "");
  check_limits(&l, (ink_limits){ size, INK_CAP_EVENTS + 1, 0, 0, 0 }, INK_E_LIMIT, "limits.max_events");
  check_limits(&l, (ink_limits){ size, 0, INK_CAP_COUNT, 0, 0 }, INK_OK, "");
  check_limits(&l, (ink_limits){ size, 0, INK_CAP_COUNT + 1, 0, 0 }, INK_E_LIMIT, "limits.max_count");
  check_limits(&l, (ink_limits){ size, 0, 0, INK_CAP_REASONS, 0 }, INK_OK, "");
  check_limits(&l, (ink_limits){ size, 0, 0, INK_CAP_REASONS + 1, 0 }, INK_E_LIMIT, "limits.max_reasons");
  check_limits(&l, (ink_limits){ size, 0, 0, 0, 4096 }, INK_OK, "");
  check_limits(&l, (ink_limits){ size, 0, 0, 0, 4095 }, INK_E_LIMIT, "limits.journal_bytes");
  lab_close(&l);
}

TEST(opening_needs_its_arguments) {
  lab l = { 0 };
  ink_engine *engine = NULL;
  size_t bytes;
  open_lab(&l);
  uint8_t *block = lab_block(&l, l.engine_bytes + 64);
  CHECK_EQ(ink_engine_measure(NULL, NULL, &bytes, &l.fault), INK_E_ARG);
  CHECK_EQ(ink_engine_measure(l.pack, NULL, NULL, NULL), INK_E_ARG);
  CHECK_EQ(ink_engine_open(l.pack, NULL, NULL, block, l.engine_bytes, NULL, &l.fault), INK_E_ARG);
  CHECK_EQ(ink_engine_open(l.pack, NULL, NULL, NULL, l.engine_bytes, &engine, &l.fault), INK_E_MEMORY);
  CHECK_EQ(ink_engine_open(l.pack, NULL, NULL, block + 8, l.engine_bytes, &engine, &l.fault), INK_E_MEMORY);
  CHECK_EQ(l.fault.code, INK_E_MEMORY);
  CHECK(engine == NULL);
  CHECK_EQ(ink_engine_open(l.pack, NULL, NULL, block, l.engine_bytes, &engine, NULL), INK_OK);
  lab_close(&l);
}

TEST(families_are_listed_in_the_order_of_the_chain) {
  lab l = { 0 };
  open_lab(&l);
  CHECK_EQ(ink_engine_n_families(l.engine), 2);
  CHECK(strcmp(ink_engine_family_name(l.engine, 0), "als") == 0 && strcmp(ink_engine_family_name(l.engine, 1), "popular") == 0);
  CHECK(ink_engine_family_name(l.engine, 2) == NULL && ink_engine_family_name(l.engine, INK_NONE) == NULL);
  CHECK_EQ(ink_engine_family(l.engine, "popular"), 1);
  CHECK_EQ(ink_engine_family(l.engine, "pop"), INK_NONE);
  CHECK_EQ(ink_engine_family(l.engine, ""), INK_NONE);
  lab_close(&l);
}

/* A pack of vectors alone still answers a stranger: by the catalogue's order. */
TEST(a_pack_without_popularity_falls_back_to_its_order) {
  lab l = { 0 };
  packlib_items(&l.pack_tensors, "i", NULL, 50);
  packlib_als(&l.pack_tensors, 50, D, INK_DTYPE_F32, false, 5);
  lab_open(&l, "als");
  const ink_request r = lab_request(3, 0);
  const ink_slate s = lab_recommend(l.engine, &r);
  CHECK_EQ(s.n_items, 3);
  for (uint32_t i = 0; i < 3; i++) CHECK(s.items[i].item == i && s.items[i].score == 0 && s.items[i].family == 1);
  lab_close(&l);
}

TEST(a_pack_without_models_is_refused) {
  lab l = { 0 };
  size_t bytes;
  packlib_items(&l.pack_tensors, "i", NULL, 50);
  ink_status status = lab_open_pack(&l, "");
  if (status == INK_OK) status = ink_engine_measure(l.pack, NULL, &bytes, &l.fault);
  CHECK_EQ(status, INK_E_PACK_NO_MODEL);
  lab_close(&l);
}

TEST(a_model_that_does_not_fit_is_refused_by_name) {
  lab l = { 0 };
  size_t bytes;
  char words[300];
  packlib_items(&l.pack_tensors, "i", NULL, 50);
  packlib_als(&l.pack_tensors, 50, D, INK_DTYPE_F32, false, 5);
  packlib_add(&l.pack_tensors, "als.gram", INK_DTYPE_F32, D, D + 1);
  CHECK_EQ(lab_open_pack(&l, "als"), INK_OK);
  CHECK_EQ(ink_engine_measure(l.pack, NULL, &bytes, &l.fault), INK_E_PACK_SHAPE);
  ink_fault_text(&l.fault, words, sizeof words);
  CHECK(strstr(words, "als.gram") != NULL && strstr(words, "[12, 13]") != NULL);
  lab_close(&l);
}

/* ------------------------------------------------------------------ requests */

typedef ink_status (*call_fn)(ink_engine *engine, const ink_request *request, ink_slate *slate);
static ink_status call_similar(ink_engine *e, const ink_request *r, ink_slate *s) { return ink_similar(e, 3, r, s); }
static ink_status call_explain(ink_engine *e, const ink_request *r, ink_slate *s) { return ink_explain(e, 3, r, s); }
static ink_status call_rank(ink_engine *e, const ink_request *r, ink_slate *s) { return ink_rank(e, (const uint32_t[]){ 3, 4 }, 2, r, s); }
static ink_status call_score(ink_engine *e, const ink_request *r, ink_slate *s) {
  float out[1] = { 42 };
  (void)s;
  const ink_status status = ink_score(e, NULL, 1, r, out);
  CHECK(status == INK_OK || out[0] == 42);
  return status;
}
static const call_fn calls[] = { ink_recommend, call_similar, call_explain, call_rank, call_score };

static void check_refused(lab *l, const ink_request *r, ink_status want) {
  for (size_t c = 0; c < 5; c++) {
    ink_slate slate = { .struct_bytes = sizeof slate, .n_items = 77 };
    CHECK_EQ(calls[c](l->engine, r, &slate), want);
    CHECK_EQ(slate.n_items, 77);
    CHECK(slate.items == NULL);
  }
}

TEST(requests_are_checked_before_anything_is_written) {
  lab l = { 0 };
  const uint32_t legal[] = { 0, N - 1 }, outside[] = { 0, N };
  open_lab(&l);
  ink_request r = lab_request(100, INK_WITH_SEEN | INK_EXPLAIN | INK_EXACT_ONLY);
  r.allow = r.deny = legal;
  r.n_allow = r.n_deny = 2;
  r.max_reasons = 8;
  r.family = 0;
  for (size_t c = 0; c < 5; c++) {
    ink_slate slate = { .struct_bytes = sizeof slate };
    CHECK_EQ(calls[c](l.engine, &r, &slate), INK_OK);
  }
  check_refused(&l, NULL, INK_E_ARG);
#define BAD(field, value, want) do { ink_request bad = r; bad.field = (value); check_refused(&l, &bad, want); } while (0)
  BAD(struct_bytes, sizeof r - 4, INK_E_ARG);
  BAD(count, 0, INK_E_ARG);
  BAD(count, 101, INK_E_ARG);
  BAD(flags, 32, INK_E_ARG);
  BAD(max_reasons, 9, INK_E_ARG);
  BAD(family, 2, INK_E_UNKNOWN_FAMILY);
  BAD(allow, outside, INK_E_UNKNOWN_ITEM);
  BAD(deny, outside, INK_E_UNKNOWN_ITEM);
  BAD(allow, NULL, INK_E_ARG);
  BAD(deny, NULL, INK_E_ARG);
  lab_close(&l);
}

TEST(items_and_slates_are_checked) {
  lab l = { 0 };
  static uint32_t many[101];
  float out[N + 1];
  open_lab(&l);
  const ink_request r = lab_request(10, 0);
  ink_slate slate = { .struct_bytes = sizeof slate }, old = { .struct_bytes = sizeof slate - 8 };
  CHECK_EQ(ink_recommend(l.engine, &r, &old), INK_E_ARG);
  CHECK_EQ(ink_recommend(l.engine, &r, NULL), INK_E_ARG);
  CHECK_EQ(ink_similar(l.engine, N, &r, &slate), INK_E_UNKNOWN_ITEM);
  CHECK_EQ(ink_explain(l.engine, N, &r, &slate), INK_E_UNKNOWN_ITEM);
  CHECK_EQ(ink_rank(l.engine, (const uint32_t[]){ 1, N }, 2, &r, &slate), INK_E_UNKNOWN_ITEM);
  CHECK_EQ(ink_rank(l.engine, NULL, 2, &r, &slate), INK_E_ARG);
  CHECK_EQ(ink_rank(l.engine, many, 101, &r, &slate), INK_E_ARG);
  CHECK_EQ(ink_rank(l.engine, many, 100, &r, &slate), INK_OK);
  CHECK_EQ(slate.n_items, 1);                             /* a hundred times item 0 */
  CHECK_EQ(ink_rank(l.engine, NULL, 0, &r, &slate), INK_OK);
  CHECK_EQ(slate.n_items, 0);
  CHECK_EQ(ink_score(l.engine, NULL, N + 1, &r, out), INK_E_UNKNOWN_ITEM);
  CHECK_EQ(ink_score(l.engine, (const uint32_t[]){ N }, 1, &r, out), INK_E_UNKNOWN_ITEM);
  CHECK_EQ(ink_score(l.engine, NULL, 1, &r, NULL), INK_E_ARG);
  CHECK_EQ(ink_score(l.engine, NULL, N, &r, out), INK_OK);
  CHECK_EQ(ink_score(l.engine, NULL, 0, &r, NULL), INK_OK);
  lab_close(&l);
}

/* Everything a slate says, as a row of numbers to compare. */
static uint32_t slate_digest(ink_engine *engine, uint32_t flags) {
  ink_slate slate = { .struct_bytes = sizeof slate };
  ink_request r = lab_request(20, flags | INK_EXPLAIN);
  uint32_t digest = 2166136261u;
  CHECK_EQ(ink_recommend(engine, &r, &slate), INK_OK);
  for (uint32_t i = 0; i < slate.n_items; i++) {
    uint32_t bits;
    memcpy(&bits, &slate.items[i].score, 4);
    digest = (digest ^ bits) * 16777619u;
    digest = (digest ^ slate.items[i].item) * 16777619u;
    lab_check_reasons(&slate, i);
    for (uint32_t k = 0; k < slate.items[i].n_reasons; k++) {
      const ink_reason *reason = &slate.reasons[slate.items[i].reasons_first + k];
      uint64_t weight;
      memcpy(&weight, &reason->weight, 8);
      digest = (digest ^ (uint32_t)(weight ^ weight >> 32)) * 16777619u;
      digest = (digest ^ reason->item) * 16777619u;
    }
  }
  return digest;
}

/* ----------------------------------------------------------------- fallback */

TEST(a_family_that_cannot_answer_hands_on_or_says_so) {
  lab l = { 0 };
  ink_slate slate = { .struct_bytes = sizeof slate };
  open_lab(&l);
  ink_request r = lab_request(5, 0);
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 1);                /* empty history */
  r.family = 0;
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 1);
  r.flags = INK_NO_FALLBACK;
  CHECK_EQ(ink_recommend(l.engine, &r, &slate), INK_E_NOT_FOUND);
  lab_track_item(l.engine, 3, "like", 1, 1);
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 0);
  lab_track_item(l.engine, 3, "dislike", 1, 2);                            /* they cancel: nothing is left */
  CHECK_EQ(ink_recommend(l.engine, &r, &slate), INK_E_SINGULAR);
  CHECK_EQ(ink_recommend(l.engine, &r, &slate), INK_E_SINGULAR);           /* remembered */
  r.flags = 0;
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 1);
  lab_track_item(l.engine, 4, "view", 1, 3);
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 0);                /* and recovers, */
  const void *image;
  size_t n;
  lab fresh = { 0 };
  open_lab(&fresh);
  CHECK_EQ(ink_profile_image(l.engine, &image, &n), INK_OK);
  CHECK_EQ(ink_profile_load(fresh.engine, image, n, NULL, &fresh.fault), INK_OK);
  CHECK_EQ(slate_digest(l.engine, 0), slate_digest(fresh.engine, 0));      /* not by a step from nothing */
  lab_close(&fresh);
  r.family = 1;
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 1);
  lab_close(&l);
}

/* ------------------------------------------------------------------- journal */

TEST(track_reports_and_hands_out_the_record) {
  lab l = { 0 };
  ink_text record = { NULL, 0 };
  ink_profile_report report = { .struct_bytes = sizeof report };
  open_lab(&l);
  ink_event event = lab_event("i5", "view", 1, 1000);
  CHECK_EQ(ink_track(l.engine, &event, &record, &report, &l.fault), INK_OK);
  CHECK(record.n > 0 && report.n_events == 1 && report.n_known == 1 && report.n_dropped == 0);
  CHECK(report.first_seq == 1 && report.next_seq == 2);
  event.item = ink_text_of("elsewhere");
  CHECK_EQ(ink_track(l.engine, &event, NULL, &report, NULL), INK_OK);
  CHECK(report.n_events == 2 && report.n_known == 1);
  event.value = NAN;
  CHECK_EQ(ink_track(l.engine, &event, NULL, &report, &l.fault), INK_E_EVENT);
  CHECK_EQ(l.fault.code, INK_E_EVENT);
  event.value = 1;
  report.struct_bytes = 4;
  CHECK_EQ(ink_track(l.engine, &event, NULL, &report, &l.fault), INK_E_ARG);
  CHECK_EQ(ink_track(l.engine, NULL, NULL, NULL, &l.fault), INK_E_ARG);
  report.struct_bytes = sizeof report;
  CHECK_EQ(ink_profile_read(l.engine, &report), INK_OK);
  CHECK_EQ(report.n_events, 2);
  CHECK_EQ(ink_profile_event(l.engine, 1, &event), INK_OK);
  CHECK(event.seq == 2 && event.item.n == 9);
  CHECK_EQ(ink_profile_event(l.engine, 2, &event), INK_E_ARG);
  lab_close(&l);
}

TEST(a_full_journal_drops_its_oldest_eighth) {
  lab l = { 0 };
  ink_profile_report report = { .struct_bytes = sizeof report };
  make_pack(&l, "i", NULL, N);
  CHECK_EQ(lab_open_pack(&l, "als,popular"), INK_OK);
  CHECK_EQ(lab_open_engine(&l, &(ink_limits){ sizeof(ink_limits), 16, 0, 0, 0 }, NULL), INK_OK);
  for (uint32_t i = 0; i < 16; i++) lab_track_item(l.engine, i, "like", 1, i);
  /* the event's text is borrowed from the journal that makes room for it */
  ink_event again;
  ink_fault fault = { 0 };
  CHECK_EQ(ink_profile_event(l.engine, 15, &again), INK_OK);
  CHECK_EQ(ink_track(l.engine, &again, NULL, &report, &fault), INK_OK);
  CHECK_EQ(fault.code, 0);                                /* filled only by calls that fail */
  CHECK(report.n_events == 15 && report.n_dropped == 2 && report.first_seq == 3 && report.next_seq == 18);
  CHECK_EQ(ink_profile_event(l.engine, 14, &again), INK_OK);
  CHECK(ink_text_equal(again.item, ink_text_of("i15")) && ink_text_equal(again.kind, ink_text_of("like")));
  lab_close(&l);
}

TEST(a_journal_full_of_bytes_makes_room_for_a_large_event) {
  lab l = { 0 };
  char id[INK_CAP_ITEM_ID_BYTES + 1];
  ink_profile_report report = { .struct_bytes = sizeof report };
  make_pack(&l, "i", NULL, N);
  CHECK_EQ(lab_open_pack(&l, "als,popular"), INK_OK);
  CHECK_EQ(lab_open_engine(&l, &(ink_limits){ sizeof(ink_limits), 100, 0, 0, 4096 }, NULL), INK_OK);
  for (uint32_t i = 0; i < 100; i++) lab_track_item(l.engine, i, "like", 1, i);
  memset(id, 'x', sizeof id);
  id[INK_CAP_ITEM_ID_BYTES] = '\0';
  const ink_event event = lab_event(id, "view", 1, 0);
  CHECK_EQ(ink_track(l.engine, &event, NULL, &report, &l.fault), INK_OK);
  CHECK(report.n_dropped > 10 && report.n_events > 20);
  lab_close(&l);
}

TEST(an_image_brings_a_profile_back) {
  lab l = { 0 }, other = { 0 };
  const void *image;
  size_t n;
  ink_profile_report report = { .struct_bytes = sizeof report };
  open_lab(&l);
  open_lab(&other);
  for (uint32_t i = 0; i < 30; i++) lab_track_item(l.engine, i * 7 % N, i % 5 ? "view" : "like", 1, 100 - i);
  CHECK_EQ(ink_profile_image(l.engine, &image, &n), INK_OK);
  lab_track_item(other.engine, 5, "hide", 1, 1);
  CHECK_EQ(ink_profile_load(other.engine, image, n, &report, &other.fault), INK_OK);
  CHECK(report.n_events == 30 && report.n_known == 30 && report.bytes_cut == 0);
  CHECK_EQ(slate_digest(other.engine, 0), slate_digest(l.engine, 0));
  CHECK_EQ(ink_profile_load(other.engine, image, n - 3, &report, &other.fault), INK_OK);
  CHECK(report.n_events == 29 && report.bytes_cut > 0);
  CHECK(slate_digest(other.engine, 0) != slate_digest(l.engine, 0));
  CHECK_EQ(ink_profile_load(other.engine, "INKX", 4, &report, &other.fault), INK_E_JOURNAL_MAGIC);
  CHECK_EQ(ink_profile_read(other.engine, &report), INK_OK);
  CHECK_EQ(report.n_events, 29);                          /* refused: as it was */
  CHECK_EQ(ink_profile_load(other.engine, NULL, 4, &report, &other.fault), INK_E_ARG);
  lab_close(&l);
  lab_close(&other);
}

TEST(retention_keeps_the_recent_and_of_those_the_last) {
  lab l = { 0 };
  ink_profile_report report = { .struct_bytes = sizeof report };
  open_lab(&l);
  for (uint32_t i = 0; i < 10; i++) lab_track_item(l.engine, i, "view", 1, i == 4 ? INK_NO_TIME : (int64_t)i);
  CHECK_EQ(ink_profile_retain(l.engine, INK_NO_TIME, 0, &report), INK_OK);
  CHECK(report.n_events == 10 && report.n_dropped == 0);
  CHECK_EQ(ink_profile_retain(l.engine, 3, 0, &report), INK_OK);
  CHECK(report.n_events == 6 && report.n_dropped == 4);
  CHECK_EQ(ink_profile_retain(l.engine, INK_NO_TIME, 2, &report), INK_OK);
  CHECK(report.n_events == 2 && report.n_dropped == 4 && report.first_seq == 9);
  lab_close(&l);
}

/* ---------------------------------------------------------------- forgetting */

static bool block_holds(const uint8_t *block, size_t n_block, const void *needle, size_t n) {
  for (size_t i = 0; i + n <= n_block; i++)
    if (memcmp(block + i, needle, n) == 0) return true;
  return false;
}

TEST(what_is_forgotten_leaves_no_trace) {
  lab l = { 0 };
  uint32_t number[N];
  for (uint32_t i = 0; i < N; i++) number[i] = 1000000 + i;
  make_pack(&l, "secret", number, N);
  lab_open(&l, "als,popular");
  const uint8_t *block = l.blocks.blocks[l.blocks.n_blocks - 1];
  for (uint32_t i = 0; i < 20; i++) {
    char id[24];
    snprintf(id, sizeof id, "secret%u", 1000000 + i);
    lab_track(l.engine, id, "like", 1, 0x1122334455667788 + i);
    if (i % 4 == 0) slate_digest(l.engine, 0);
  }
  ink_slate slate = { .struct_bytes = sizeof slate };
  const ink_request r = lab_request(50, INK_EXPLAIN | INK_WITH_SEEN);
  CHECK_EQ(ink_recommend(l.engine, &r, &slate), INK_OK);
  const double weight = slate.reasons[0].weight;
  const int64_t time = 0x1122334455667788 + 3, later = time + 1;
  const uint32_t observed[] = { 4, 5, 6, 7 };                         /* in the model's state */
  CHECK(block_holds(block, l.engine_bytes, "secret1000003", 13) && block_holds(block, l.engine_bytes, &time, 8));
  CHECK(block_holds(block, l.engine_bytes, &weight, 8));
  CHECK_EQ(ink_profile_forget_item(l.engine, ink_text_of("secret1000003"), NULL), INK_OK);
  CHECK(!block_holds(block, l.engine_bytes, "secret1000003", 13) && !block_holds(block, l.engine_bytes, &time, 8));
  CHECK(!block_holds(block, l.engine_bytes, &weight, 8));
  CHECK(block_holds(block, l.engine_bytes, "secret1000004", 13) && block_holds(block, l.engine_bytes, &later, 8));
  const size_t high = ink_engine_high_water(l.engine);
  slate_digest(l.engine, 0);
  CHECK(block_holds(block, l.engine_bytes, observed, sizeof observed));
  CHECK_EQ(ink_profile_erase(l.engine), INK_OK);
  CHECK(!block_holds(block, l.engine_bytes, "secret", 6) && !block_holds(block, l.engine_bytes, &later, 8));
  CHECK(!block_holds(block, l.engine_bytes, observed, sizeof observed));
  CHECK(ink_engine_high_water(l.engine) >= high);
  lab_close(&l);
}

TEST(forgetting_accepts_text_of_the_journal_itself) {
  lab l = { 0 };
  ink_event event;
  ink_profile_report report = { .struct_bytes = sizeof report };
  open_lab(&l);
  lab_track(l.engine, "i1", "view", 1, 1);
  for (uint32_t i = 0; i < 6; i++) lab_track(l.engine, i % 2 ? "i22" : "i333", "view", 1, 2);
  CHECK_EQ(ink_profile_event(l.engine, 1, &event), INK_OK);
  CHECK_EQ(ink_profile_forget_item(l.engine, event.item, &report), INK_OK);     /* i333, moved while it is compared */
  CHECK(report.n_dropped == 3 && report.n_events == 4);
  CHECK_EQ(ink_profile_forget_event(l.engine, 3, &report), INK_OK);
  CHECK(report.n_dropped == 1 && report.n_events == 3);
  CHECK_EQ(ink_profile_forget_event(l.engine, 3, &report), INK_OK);
  CHECK_EQ(report.n_dropped, 0);
  CHECK_EQ(ink_profile_forget_item(l.engine, (ink_text){ "x", 4000 }, &report), INK_OK);
  CHECK_EQ(report.n_dropped, 0);
  lab_close(&l);
}

/* The same events under another numbering, with some items gone: known by their ids. */
TEST(a_profile_survives_another_pack) {
  lab l = { 0 }, other = { 0 };
  static uint32_t number[N - 50];
  const void *image;
  size_t n;
  ink_profile_report report = { .struct_bytes = sizeof report };
  for (uint32_t i = 0; i < N - 50; i++) number[i] = N - 1 - i;        /* i399, i398 ... i50: i0..i49 are gone */
  make_pack(&l, "i", NULL, N);
  make_pack(&other, "i", number, N - 50);
  const float *rows = packlib_find(&l.pack_tensors, "als.items")->data, *gram = packlib_find(&l.pack_tensors, "als.gram")->data;
  float *moved = packlib_add(&other.pack_tensors, "als.items", INK_DTYPE_F32, N - 50, D);
  for (uint32_t i = 0; i < N - 50; i++) memcpy(moved + i * D, rows + number[i] * D, D * sizeof *rows);
  memcpy(packlib_add(&other.pack_tensors, "als.gram", INK_DTYPE_F32, D, D), gram, D * D * sizeof *gram);
  packlib_als_settings(&l.pack_tensors, false)[7] = 0;                /* a ridge that knows no catalogue */
  packlib_als_settings(&other.pack_tensors, false)[7] = 0;
  lab_open(&l, "als,popular");
  lab_open(&other, "als,popular");
  for (uint32_t i = 40; i < 60; i++) lab_track_item(l.engine, i, "like", 1, i);
  lab_track_item(l.engine, 100, "hide", 1, 1);
  CHECK_EQ(ink_profile_image(l.engine, &image, &n), INK_OK);
  CHECK_EQ(ink_profile_load(other.engine, image, n, &report, &other.fault), INK_OK);
  CHECK(report.n_events == 21 && report.n_known == 11);
  /* the first pack, told only of what the second knows, gives the same scores for the same ids */
  for (uint32_t i = 40; i < 50; i++) {
    char id[8];
    snprintf(id, sizeof id, "i%u", (unsigned)i);
    CHECK_EQ(ink_profile_forget_item(l.engine, ink_text_of(id), NULL), INK_OK);
  }
  const ink_request r = lab_request(20, 0);
  for (uint32_t i = 0; i < N - 50; i += 13) {
    float a, b;
    const uint32_t there = number[i];
    CHECK(ink_text_equal(ink_pack_item_id(other.pack, i), ink_pack_item_id(l.pack, there)));
    CHECK_EQ(ink_score(l.engine, &there, 1, &r, &a), INK_OK);
    CHECK_EQ(ink_score(other.engine, &i, 1, &r, &b), INK_OK);
    CHECK_EQ_BITS(b, a);
  }
  const ink_slate s = lab_recommend(other.engine, &(ink_request){ .struct_bytes = sizeof r, .count = 100, .family = INK_NONE });
  for (uint32_t i = 0; i < s.n_items; i++) CHECK(number[s.items[i].item] != 100);
  lab_close(&l);
  lab_close(&other);
}

/* --------------------------------------------------------------------- lists */

/* Long and short allow-lists, and the whole catalogue, by one rule: checked against scores of all items. */
static void check_top(lab *l, const ink_request *r, const bool *may) {
  static float scores[N];
  ink_slate slate = { .struct_bytes = sizeof slate };
  uint32_t n_may = 0;
  CHECK_EQ(ink_score(l->engine, NULL, N, r, scores), INK_OK);
  CHECK_EQ(ink_recommend(l->engine, r, &slate), INK_OK);
  for (uint32_t i = 0; i < N; i++) n_may += may[i];
  CHECK_EQ(slate.n_items, n_may < r->count ? n_may : r->count);
  CHECK_EQ(slate.complete, 1);
  for (uint32_t k = 0; k < slate.n_items; k++) {
    const uint32_t item = slate.items[k].item;
    uint32_t better = 0;
    CHECK(may[item]);
    CHECK_EQ_BITS(slate.items[k].score, scores[item]);
    for (uint32_t i = 0; i < N; i++) better += may[i] && (scores[i] > scores[item] || (scores[i] == scores[item] && i < item));
    CHECK_EQ(better, k);
  }
}

TEST(lists_of_every_length_give_the_best_that_may_appear) {
  lab l = { 0 };
  ink_rng rng;
  ink_rng_seed(&rng, 3, 3);
  open_lab(&l);
  for (uint32_t i = 0; i < 12; i++) lab_track_item(l.engine, i * 31 % N, "like", 1, i);
  lab_track_item(l.engine, 200, "hide", 1, 50);
  for (uint32_t round = 0; round < 60; round++) {
    static uint32_t allow[2 * N], deny[N];
    bool may[N];
    ink_request r = lab_request(1 + round % 40, round % 2 ? INK_WITH_SEEN : 0);
    r.family = round % 3 == 0 ? 1 : INK_NONE;
    r.n_allow = round % 4 == 0 ? 0 : round % 4 == 1 ? ink_rng_below(&rng, N / 8) : ink_rng_below(&rng, 2 * N);
    r.allow = round % 7 == 0 ? NULL : allow;
    if (r.allow == NULL) r.n_allow = 0;
    r.deny = deny;
    r.n_deny = ink_rng_below(&rng, 30);
    for (uint32_t i = 0; i < N; i++) may[i] = r.allow == NULL;
    for (uint32_t i = 0; i < r.n_allow; i++) may[allow[i] = ink_rng_below(&rng, N)] = true;
    for (uint32_t i = 0; i < r.n_deny; i++) may[deny[i] = ink_rng_below(&rng, N)] = false;
    for (uint32_t i = 0; i < 12 && !(r.flags & INK_WITH_SEEN); i++) may[i * 31 % N] = false;
    may[200] = false;
    check_top(&l, &r, may);
  }
  lab_close(&l);
}

TEST(a_budget_ends_the_scan_and_says_so) {
  lab l = { 0 };
  ink_slate slate = { .struct_bytes = sizeof slate };
  make_pack(&l, "i", NULL, 6000);
  lab_open(&l, "als,popular");
  ink_request r = lab_request(5, 0);
  for (uint32_t family = 0; family < 2; family++) {
    if (family == 0) lab_track_item(l.engine, 7, "like", 1, 1);
    r.family = family;
    r.budget_rows = 100;
    CHECK_EQ(ink_recommend(l.engine, &r, &slate), INK_OK);
    CHECK(slate.complete == 0 && slate.rows_done >= 100 && slate.rows_done < 6000 && slate.n_items == 5);
    r.budget_rows = 6000;
    CHECK_EQ(ink_recommend(l.engine, &r, &slate), INK_OK);
    CHECK(slate.complete == 1 && slate.rows_done == 6000);
  }
  r.family = INK_NONE;
  r.budget_rows = 100;
  CHECK_EQ(ink_similar(l.engine, 3, &r, &slate), INK_OK);
  CHECK(slate.complete == 0 && slate.rows_done >= 100 && slate.rows_done < 6000);
  lab_close(&l);
}

/* ------------------------------------------------------------------- similar */

TEST(similar_is_the_cosine_and_symmetric) {
  static const uint32_t dtypes[] = { INK_DTYPE_F32, INK_DTYPE_F16, INK_DTYPE_BF16, INK_DTYPE_I8 };
  for (int t = 0; t < 4; t++) {
    lab l = { 0 };
    static float found[60][60];
    packlib_items(&l.pack_tensors, "i", NULL, 60);
    float *rows = packlib_als(&l.pack_tensors, 60, D, dtypes[t], false, 5);
    lab_open(&l, "als");
    const ink_request r = lab_request(100, 0);
    for (uint32_t i = 0; i < 60; i++) {
      ink_slate slate = { .struct_bytes = sizeof slate };
      CHECK_EQ(ink_similar(l.engine, i, &r, &slate), INK_OK);
      CHECK_EQ(slate.n_items, 59);
      for (uint32_t k = 0; k < 59; k++) {
        const uint32_t j = slate.items[k].item;
        double dot = 0, a = 0, b = 0;
        for (uint32_t c = 0; c < D; c++) {
          dot += (double)rows[i * D + c] * (double)rows[j * D + c];
          a += (double)rows[i * D + c] * (double)rows[i * D + c];
          b += (double)rows[j * D + c] * (double)rows[j * D + c];
        }
        /* (d/8 + 4) roundings of a sum of magnitudes <= |a||b|, and as many for the norms */
        CHECK_NEAR(slate.items[k].score, dot / sqrt(a * b), (2 * (D / 8 + 4) + 4) * 0x1p-24);
        CHECK(j != i && (k == 0 || slate.items[k].score <= slate.items[k - 1].score) && slate.items[k].n_reasons == 0);
        found[i][j] = slate.items[k].score;
      }
    }
    for (uint32_t i = 0; i < 60; i++) for (uint32_t j = 0; j < i; j++) CHECK_EQ_BITS(found[i][j], found[j][i]);
    lab_close(&l);
  }
}

/* The cosine of a vector with itself is 1, or less by a rounding, never more: acos() of it must do. */
TEST(similar_never_passes_one) {
  lab l = { 0 };
  uint32_t n_ones = 0;
  packlib_items(&l.pack_tensors, "i", NULL, 200);
  packlib_als(&l.pack_tensors, 200, D, INK_DTYPE_F32, false, 5);
  float *items = (float *)(uintptr_t)packlib_find(&l.pack_tensors, "als.items")->data;
  for (uint32_t i = 0; i < 100 * D; i++) items[100 * D + i] = (i / D % 2 ? -1.0f : 1.0f) * items[i] * 0.7f, items[i] *= 1.1f;
  lab_open(&l, "als");
  const ink_request r = lab_request(100, 0);
  for (uint32_t i = 0; i < 100; i++) {
    ink_slate slate = { .struct_bytes = sizeof slate };
    const uint32_t twin = i + 100;
    ink_request only = r;
    only.allow = &twin;
    only.n_allow = 1;
    CHECK_EQ(ink_similar(l.engine, i, &only, &slate), INK_OK);
    const float s = slate.items[0].score * (i % 2 ? -1.0f : 1.0f);
    CHECK(s <= 1 && s > 0.999999f);
    n_ones += s == 1;
  }
  CHECK(n_ones > 20);
  lab_close(&l);
}

TEST(similar_keeps_the_lists_and_never_divides_by_zero) {
  lab l = { 0 };
  ink_slate slate = { .struct_bytes = sizeof slate };
  packlib_items(&l.pack_tensors, "i", NULL, 60);
  packlib_als(&l.pack_tensors, 60, D, INK_DTYPE_F32, false, 5);
  float *items = (float *)(uintptr_t)packlib_find(&l.pack_tensors, "als.items")->data;
  memset(items + 4 * D, 0, D * sizeof *items);
  for (uint32_t j = 0; j < D; j++) items[5 * D + j] = 1e11f, items[6 * D + j] = 1e-30f;
  lab_open(&l, "als");
  lab_track_item(l.engine, 20, "view", 1, 1);
  lab_track_item(l.engine, 21, "hide", 1, 1);
  ink_request r = lab_request(100, 0);
  const uint32_t deny[] = { 22 }, allow[] = { 5, 6, 4, 5, 20, 30 };
  r.deny = deny;
  r.n_deny = 1;
  CHECK_EQ(ink_similar(l.engine, 5, &r, &slate), INK_OK);
  CHECK_EQ(slate.n_items, 60 - 4);
  for (uint32_t k = 0; k < slate.n_items; k++) {
    const float s = slate.items[k].score;
    CHECK(s >= -1 && s <= 1);
    if (slate.items[k].item == 4 || slate.items[k].item == 6) CHECK(s == 0);
  }
  r.allow = allow;
  r.n_allow = 6;
  CHECK_EQ(ink_similar(l.engine, 5, &r, &slate), INK_OK);
  CHECK_EQ(slate.n_items, 3);
  r.flags = INK_WITH_SEEN;
  CHECK_EQ(ink_similar(l.engine, 5, &r, &slate), INK_OK);
  CHECK_EQ(slate.n_items, 4);
  r.family = 1;
  CHECK_EQ(ink_similar(l.engine, 5, &r, &slate), INK_E_UNKNOWN_FAMILY);
  lab_close(&l);
  packlib_items(&l.pack_tensors, "i", NULL, 60);
  packlib_popular(&l.pack_tensors, 60, 5);
  lab_open(&l, "popular");
  r.family = INK_NONE;
  r.allow = r.deny = NULL;
  r.n_allow = r.n_deny = 0;
  CHECK_EQ(ink_similar(l.engine, 5, &r, &slate), INK_E_UNKNOWN_FAMILY);
  lab_close(&l);
}

TEST_MAIN(T(limits_are_checked_at_their_caps), T(opening_needs_its_arguments), T(families_are_listed_in_the_order_of_the_chain),
          T(a_pack_without_popularity_falls_back_to_its_order), T(a_pack_without_models_is_refused),
          T(a_model_that_does_not_fit_is_refused_by_name), T(requests_are_checked_before_anything_is_written),
          T(items_and_slates_are_checked), T(a_family_that_cannot_answer_hands_on_or_says_so),
          T(track_reports_and_hands_out_the_record), T(a_full_journal_drops_its_oldest_eighth),
          T(a_journal_full_of_bytes_makes_room_for_a_large_event), T(an_image_brings_a_profile_back),
          T(retention_keeps_the_recent_and_of_those_the_last), T(what_is_forgotten_leaves_no_trace),
          T(forgetting_accepts_text_of_the_journal_itself), T(a_profile_survives_another_pack),
          T(lists_of_every_length_give_the_best_that_may_appear), T(a_budget_ends_the_scan_and_says_so),
          T(similar_is_the_cosine_and_symmetric), T(similar_never_passes_one), T(similar_keeps_the_lists_and_never_divides_by_zero))
