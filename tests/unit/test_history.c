/* test_history.c - what events mean (kinds, ratings, hiding), their order, and that a timeline brought up to date event by
 * event is the one that is read at once. */
#include <math.h>

#include "bind.h"
#include "caps.h"
#include "enginelib.h"
#include "history.h"

enum { N_ITEMS = 40, MOST = 300 };

static uint8_t image[1 << 16];
static uint32_t offsets[MOST], hidden_a[MOST], hidden_b[MOST];
static ink_past events_a[MOST], events_b[MOST], plain[MOST];

static ink_kinds standard_kinds(void) {
  packlib none = { 0 };
  const ink_tensor_source source = packlib_source(&none);
  ink_kinds kinds;
  CHECK_EQ(ink_kinds_bind(&source, &kinds, NULL), INK_OK);
  return kinds;
}

static float weight_of(const ink_kinds *kinds, const char *kind) {
  return ink_kinds_weight(kinds, ink_kinds_find(kinds, ink_text_of(kind)));
}

/* -------------------------------------------------------------------- kinds */

TEST(standard_kinds_weigh_as_documented) {
  const ink_kinds kinds = standard_kinds();
  CHECK(weight_of(&kinds, "view") == 1 && weight_of(&kinds, "click") == 1 && weight_of(&kinds, "like") == 5);
  CHECK(weight_of(&kinds, "purchase") == 10 && weight_of(&kinds, "dislike") == -5);
  CHECK(weight_of(&kinds, "rating") == 1 && weight_of(&kinds, "hide") == 0);
  CHECK(weight_of(&kinds, "anything-else") == 1 && weight_of(&kinds, "likes") == 1 && weight_of(&kinds, "lik") == 1);
}

static void add_kinds(packlib *p, const char *bytes, const uint32_t *ends, const float *weights, uint32_t n) {
  memcpy(packlib_add(p, "events.kinds.bytes", INK_DTYPE_U8, (uint32_t)strlen(bytes), 0), bytes, strlen(bytes));
  memcpy(packlib_add(p, "events.kinds.ends", INK_DTYPE_U32, n, 0), ends, n * 4);
  memcpy(packlib_add(p, "events.kinds.weights", INK_DTYPE_F32, n, 0), weights, n * 4);
}

static ink_status bind_kinds(const packlib *p, ink_kinds *kinds, ink_fault *fault) {
  const ink_tensor_source source = packlib_source(p);
  return ink_kinds_bind(&source, kinds, fault);
}

TEST(kinds_of_a_pack_replace_the_standard) {
  packlib p = { 0 };
  ink_kinds kinds;
  add_kinds(&p, "playskip", (uint32_t[]){ 4, 8 }, (float[]){ 2, -1e6f }, 2);
  memcpy(packlib_add(&p, "events.rating", INK_DTYPE_F32, 3, 0), (float[]){ 0, 10, 7 }, 12);
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_OK);
  CHECK(weight_of(&kinds, "play") == 2 && weight_of(&kinds, "skip") == -1e6f && weight_of(&kinds, "like") == 1);
  CHECK(kinds.liked_from == 7);
  packlib_free(&p);
}

TEST(wrong_kinds_are_refused_with_their_place) {
  static const struct { const char *bytes; uint32_t ends[2]; float weights[2]; ink_status want; uint64_t at; } cases[] = {
    { "playskip", { 4, 4 }, { 1, 1 }, INK_E_PACK_ENDS, 1 },      { "playskip", { 4, 9 }, { 1, 1 }, INK_E_PACK_ENDS, 1 },
    { "playskip", { 4, 7 }, { 1, 1 }, INK_E_PACK_ENDS, 0 },      { "playPlay", { 4, 8 }, { 1, 1 }, INK_E_PACK_VALUE, 1 },
    { "playplay", { 4, 8 }, { 1, 1 }, INK_E_PACK_DUPLICATE, 1 }, { "playskip", { 4, 8 }, { 1, 1.0001e6f }, INK_E_PACK_VALUE, 1 },
    { "playskip", { 4, 8 }, { -1.0001e6f, 1 }, INK_E_PACK_VALUE, 0 },
    { "abcdefghijklmnopqrstuvwxyz0123456", { 33, 33 }, { 1, 1 }, INK_E_PACK_ENDS, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    packlib p = { 0 };
    ink_kinds kinds;
    ink_fault fault = { 0 };
    add_kinds(&p, cases[i].bytes, cases[i].ends, cases[i].weights, 2);
    CHECK_EQ(bind_kinds(&p, &kinds, &fault), cases[i].want);
    CHECK_EQ(fault.code, cases[i].want);
    CHECK_EQ(fault.at, cases[i].at);
    packlib_free(&p);
  }
}

TEST(as_many_kinds_as_the_cap_and_no_more) {
  for (uint32_t n = INK_CAP_KINDS; n <= INK_CAP_KINDS + 1; n++) {
    packlib p = { 0 };
    ink_kinds kinds;
    char bytes[3 * (INK_CAP_KINDS + 1) + 1];
    uint32_t ends[INK_CAP_KINDS + 1];
    float weights[INK_CAP_KINDS + 1] = { 0 };
    for (uint32_t i = 0; i < n; i++) snprintf(bytes + 3 * i, 4, "k%c%c", 'a' + (int)(i / 26), 'a' + (int)(i % 26)), ends[i] = 3 * i + 3;
    add_kinds(&p, bytes, ends, weights, n);
    CHECK_EQ(bind_kinds(&p, &kinds, NULL), n == INK_CAP_KINDS ? INK_OK : INK_E_LIMIT);
    packlib_free(&p);
  }
}

TEST(parts_of_kinds_that_are_missing_or_odd_are_refused) {
  packlib p = { 0 };
  ink_kinds kinds;
  add_kinds(&p, "play", (uint32_t[]){ 4 }, (float[]){ 1 }, 1);
  packlib_add(&p, "events.kinds.bytes", INK_DTYPE_I8, 4, 0);
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_DTYPE);
  packlib_add(&p, "events.kinds.bytes", INK_DTYPE_U8, 2, 2);
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_SHAPE);
  packlib_add(&p, "events.kinds.bytes", INK_DTYPE_U8, 4, 0);
  packlib_add(&p, "events.kinds.weights", INK_DTYPE_F32, 2, 0);
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_SHAPE);
  packlib_drop(&p, "events.kinds.weights");
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_MISSING);
  packlib_drop(&p, "events.kinds.ends");
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_MISSING);
  packlib_drop(&p, "events.kinds.bytes");
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_OK);
  memcpy(packlib_add(&p, "events.rating", INK_DTYPE_F32, 3, 0), (float[]){ 5, 1, 3 }, 12);
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_VALUE);
  packlib_add(&p, "events.rating", INK_DTYPE_F32, 2, 0);
  CHECK_EQ(bind_kinds(&p, &kinds, NULL), INK_E_PACK_SHAPE);
  packlib_free(&p);
}

/* ----------------------------------------------------------------- timeline */

typedef struct fixture {
  lab lab;
  ink_journal journal;
  ink_kinds kinds;
  ink_timeline timeline;
} fixture;

static void start(fixture *f) {
  memset(f, 0, sizeof *f);
  packlib_items(&f->lab.pack_tensors, "i", NULL, N_ITEMS);
  packlib_popular(&f->lab.pack_tensors, N_ITEMS, 1);
  CHECK_EQ(lab_open_pack(&f->lab, "popular"), INK_OK);
  CHECK_EQ(ink_journal_init(&f->journal, image, sizeof image, offsets, MOST), INK_OK);
  f->kinds = standard_kinds();
  f->timeline.events = events_a;
  f->timeline.hidden = hidden_a;
}

static void append(fixture *f, const char *item, const char *kind, float value, int64_t time) {
  const ink_event event = lab_event(item, kind, value, time);
  CHECK_EQ(ink_journal_append(&f->journal, &event, NULL, NULL), INK_OK);
}

static void sync(fixture *f) { ink_timeline_sync(&f->timeline, &f->journal, f->lab.pack, &f->kinds); }

TEST(weights_are_kind_times_value) {
  static const struct { const char *kind; float value, weight; bool rating; } cases[] = {
    { "like", 1, 5, false }, { "like", 0.5f, 2.5f, false }, { "dislike", 1, -5, false }, { "view", 3, 3, false },
    { "strange", 2, 2, false }, { "purchase", 1e6f, 1e6f, false }, { "dislike", 1e9f, -1e6f, false }, { "view", 0, 0, false },
    { "rating", 4, 1, true }, { "rating", 3.5f, 1, true }, { "rating", 3, -1, true }, { "rating", 1, -1, true },
  };
  fixture f;
  start(&f);
  f.kinds.liked_from = 3.5f;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) append(&f, "i7", cases[i].kind, cases[i].value, (int64_t)i);
  sync(&f);
  CHECK_EQ(f.timeline.n, sizeof cases / sizeof *cases);
  for (uint32_t i = 0; i < f.timeline.n; i++) {
    CHECK_EQ_BITS(events_a[i].weight, cases[i].weight);
    CHECK_EQ_BITS(events_a[i].value, cases[i].value);
    CHECK_EQ(events_a[i].rating, cases[i].rating);
    CHECK_EQ(events_a[i].item, 7);
    CHECK_EQ(events_a[i].seq, i + 1);
  }
  CHECK_EQ(events_a[4].kind, INK_NONE);
  CHECK_EQ(events_a[0].kind, ink_kinds_find(&f.kinds, ink_text_of("like")));
  lab_close(&f.lab);
}

TEST(hidden_and_unknown_items_are_no_observations) {
  fixture f;
  start(&f);
  append(&f, "i1", "view", 1, 1);
  append(&f, "i2", "hide", 1, 2);
  append(&f, "nobody-sells-this", "like", 1, 3);
  append(&f, "nobody-sells-this", "hide", 1, 4);
  append(&f, "i2", "like", 1, 5);
  sync(&f);
  CHECK_EQ(f.timeline.n, 2);
  CHECK_EQ(f.timeline.n_hidden, 1);
  CHECK_EQ(hidden_a[0], 2);
  CHECK_EQ(ink_timeline_known(&f.timeline), 3);
  CHECK_EQ(events_a[1].item, 2);
  lab_close(&f.lab);
}

static void random_event(fixture *f, ink_rng *rng, bool in_order, int64_t at) {
  static const char *const kinds[] = { "view", "like", "hide", "rating", "dislike" };
  char item[8];
  snprintf(item, sizeof item, "i%u", (unsigned)ink_rng_below(rng, N_ITEMS + 8));      /* some are unknown */
  const int64_t time = in_order ? at : ink_rng_below(rng, 6) == 0 ? INK_NO_TIME : (int64_t)ink_rng_below(rng, 50) - 25;
  append(f, item, kinds[ink_rng_below(rng, 5)], (float)(1 + ink_rng_below(rng, 5)), time);
}

/* Known observations of the journal by insertion into a sorted list. */
static uint32_t read_plainly(const fixture *f, ink_past *out) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < f->journal.n_events; i++) {
    ink_event e;
    ink_journal_event(&f->journal, i, &e);
    const uint32_t item = ink_pack_find(f->lab.pack, e.item);
    if (item == INK_NONE || ink_text_equal(e.kind, ink_text_of("hide"))) continue;
    uint32_t at = n++;
    for (; at > 0 && e.time < out[at - 1].time; at--) out[at] = out[at - 1];
    out[at] = (ink_past){ .item = item, .time = e.time, .seq = e.seq };
  }
  return n;
}

static void check_timeline(const fixture *f) {
  ink_timeline whole = { .events = events_b, .hidden = hidden_b };
  ink_timeline_sync(&whole, &f->journal, f->lab.pack, &f->kinds);
  const uint32_t want = read_plainly(f, plain);
  CHECK_EQ(f->timeline.n, want);
  CHECK_EQ(whole.n, want);
  CHECK_EQ(whole.n_hidden, f->timeline.n_hidden);
  CHECK(memcmp(hidden_a, hidden_b, whole.n_hidden * sizeof *hidden_a) == 0);
  for (uint32_t i = 0; i < want; i++) {
    CHECK(plain[i].item == events_a[i].item && plain[i].time == events_a[i].time && plain[i].seq == events_a[i].seq);
    CHECK(events_b[i].item == events_a[i].item && events_b[i].seq == events_a[i].seq);
    CHECK_EQ_BITS(events_b[i].weight, events_a[i].weight);
  }
}

static bool is_not_third(const ink_event *event, uint32_t i, const void *ctx) {
  (void)event; (void)ctx;
  return i % 3 != 0;
}

TEST(bit_by_bit_and_at_once_agree) {
  for (uint64_t seed = 0; seed < 20; seed++) {
    fixture f;
    ink_rng rng;
    start(&f);
    ink_rng_seed(&rng, seed, 0);
    for (uint32_t i = 0; i < 120; i++) {
      random_event(&f, &rng, seed % 2 == 0, (int64_t)i / 3);
      if (ink_rng_below(&rng, 3) == 0) sync(&f);          /* one or several events behind */
      if (i == 70) ink_journal_filter(&f.journal, is_not_third, NULL);
      if (i % 10 == 0) sync(&f), check_timeline(&f);
    }
    lab_close(&f.lab);
  }
}

TEST(the_version_tells_whether_the_past_has_changed) {
  fixture f;
  start(&f);
  sync(&f);
  append(&f, "i1", "view", 1, 10);
  sync(&f);
  const uint64_t first = f.timeline.version;
  append(&f, "i2", "view", 1, 10);                        /* same time, later number: at the end */
  append(&f, "i3", "view", 1, 12);
  append(&f, "unknown", "view", 1, 1);
  append(&f, "i4", "hide", 1, 1);
  sync(&f);
  CHECK_EQ(f.timeline.version, first);
  append(&f, "i5", "view", 1, 11);                        /* before i3 */
  sync(&f);
  const uint64_t second = f.timeline.version;
  CHECK(second != first);
  append(&f, "i6", "view", 1, INK_NO_TIME);               /* before all */
  sync(&f);
  CHECK(f.timeline.version != second);
  CHECK_EQ(events_a[0].item, 6);
  const uint64_t third = f.timeline.version;
  ink_journal_drop_oldest(&f.journal, 1);
  sync(&f);
  CHECK(f.timeline.version != third);
  check_timeline(&f);
  lab_close(&f.lab);
}

TEST_MAIN(T(standard_kinds_weigh_as_documented), T(kinds_of_a_pack_replace_the_standard),
          T(wrong_kinds_are_refused_with_their_place), T(as_many_kinds_as_the_cap_and_no_more),
          T(parts_of_kinds_that_are_missing_or_odd_are_refused), T(weights_are_kind_times_value),
          T(hidden_and_unknown_items_are_no_observations), T(bit_by_bit_and_at_once_agree),
          T(the_version_tells_whether_the_past_has_changed))
