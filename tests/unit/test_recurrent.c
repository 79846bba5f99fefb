/* test_recurrent.c - LSTM and GRU against their formulas in double, step against fold over moving windows, reasons
 * against folds without the event, int8 weights, and what bind refuses.
 *
 * The bound: gates are sums of at most 2*D + 2 products of numbers below 2 in magnitude, so off by less than 1e-5 in f32;
 * every event adds at most that through gates whose slopes are below 1, and forgets some: 20 events stay within 1e-3. */
#include <math.h>

#include "packlib.h"
#include "recurrent.h"
#include "testlib.h"

#include "base.h"

enum { N = 40, D = 12, LENGTH = 20, MOST = 90, MEMORY = 1 << 18 };

static _Alignas(64) uint8_t model_memory[MEMORY], state_memory[MEMORY], other_memory[MEMORY], scratch_memory[MEMORY];
static ink_past events[MOST];

typedef struct bench { packlib pack; const ink_family *family; ink_bound bound; ink_arena scratch; ink_fault fault; } bench;

static ink_status bind(bench *b, const ink_family *family) {
  const ink_tensor_source source = packlib_source(&b->pack);
  ink_arena measure, arena;
  ink_arena_init_measure(&measure);
  const ink_bind first = { family->name, &source, N, MOST, NULL, &measure, &b->fault };
  b->family = family;
  INK_TRY(family->bind(&first, &b->bound));
  ink_arena_init(&arena, model_memory, measure.high);
  const ink_bind second = { family->name, &source, N, MOST, ink_kernels_best(), &arena, &b->fault };
  CHECK_EQ(family->bind(&second, &b->bound), INK_OK);
  CHECK(b->bound.state_bytes <= MEMORY && b->bound.scratch_bytes <= MEMORY);
  ink_arena_init(&b->scratch, scratch_memory, b->bound.scratch_bytes);
  return INK_OK;
}

enum { KINDS = 3, GAPS = 7 };

static void open_bench(bench *b, bool lstm, bool with_inputs) {
  const char *p = lstm ? "lstm" : "gru";
  memset(b, 0, sizeof *b);
  packlib_recurrent(&b->pack, p, lstm ? 4 : 3, N, D, false, false, 5);
  if (with_inputs) {
    float *settings = (float *)(uintptr_t)packlib_find(&b->pack, packlib_name(p, "settings"))->data;
    float *kinds = packlib_add(&b->pack, packlib_name(p, "kind.weight"), INK_DTYPE_F32, KINDS, D);
    float *gaps = packlib_add(&b->pack, packlib_name(p, "gap.weight"), INK_DTYPE_F32, GAPS, D);
    ink_rng rng;
    ink_rng_seed(&rng, 9, 9);
    settings[1] = KINDS, settings[2] = GAPS;
    for (uint32_t i = 0; i < KINDS * D; i++) kinds[i] = 0.5f * (float)ink_rng_normal(&rng);
    for (uint32_t i = 0; i < GAPS * D; i++) gaps[i] = 0.5f * (float)ink_rng_normal(&rng);
  }
  CHECK_EQ(bind(b, lstm ? &ink_family_lstm : &ink_family_gru), INK_OK);
}

/* Every fifth event is a dislike, which the network does not see. The first have no time; then gaps run from seconds to weeks.
 * Kinds: those that have a row, one that has none, none at all. */
static ink_history make_history(uint32_t n, uint64_t seed) {
  ink_rng rng;
  int64_t time = 1700000000000;
  ink_rng_seed(&rng, seed, 1);
  for (uint32_t i = 0; i < n; i++) {
    time += (int64_t)(60000.0 * exp(10 * ink_rng_f64(&rng)) / 4);
    events[i] = (ink_past){ .item = ink_rng_below(&rng, N), .kind = i % 6 == 5 ? INK_NONE : i % 6 % (KINDS + 1), .value = 1,
                            .weight = i % 5 == 4 ? -5.0f : 1.0f, .time = i < 3 ? INK_NO_TIME : time, .seq = i + 1 };
  }
  return (ink_history){ events, n, 1000 };
}

static const float *vector_of(const bench *b, const void *state) {
  ink_query q;
  b->family->query(b->bound.model, state, &q);
  return q.vector;
}

/* ---------------------------------------------------------- the formulas */

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static const float *tensor(bench *b, const char *prefix, const char *rest) { return packlib_find(&b->pack, packlib_name(prefix, rest))->data; }

/* FORMAT.md's buckets, counted another way. */
static uint32_t plain_gap(const ink_past *past, const ink_past *before) {
  if (before == NULL || past->time == INK_NO_TIME || before->time == INK_NO_TIME) return 0;
  const double minutes = floor((double)(past->time - before->time) / 60000);
  const uint32_t bucket = minutes < 1 ? 1 : 2 + (uint32_t)floor(log2(minutes));
  return bucket < GAPS - 1 ? bucket : GAPS - 1;
}

static void plain_input(bench *b, const char *p, const ink_past *past, const ink_past *before, double *x) {
  const ink_tensor *kinds = packlib_find(&b->pack, packlib_name(p, "kind.weight"));
  for (uint32_t j = 0; j < D; j++) x[j] = (double)tensor(b, p, "embedding.weight")[past->item * D + j];
  if (kinds == NULL) return;
  for (uint32_t j = 0; j < D; j++) {
    if (past->kind < KINDS) x[j] += (double)((const float *)kinds->data)[past->kind * D + j];
    x[j] += (double)tensor(b, p, "gap.weight")[plain_gap(past, before) * D + j];
  }
}

static void plain_step(bench *b, bool lstm, const double *x, double *h, double *c) {
  const char *p = lstm ? "lstm" : "gru";
  const float *w = tensor(b, p, "weight_ih_l0"), *u = tensor(b, p, "weight_hh_l0");
  const float *bx = tensor(b, p, "bias_ih_l0"), *bh = tensor(b, p, "bias_hh_l0");
  double gx[4 * D], gh[4 * D];
  for (uint32_t g = 0; g < (lstm ? 4 : 3) * D; g++) {
    gx[g] = (double)bx[g], gh[g] = (double)bh[g];
    for (uint32_t j = 0; j < D; j++) gx[g] += (double)w[g * D + j] * x[j], gh[g] += (double)u[g * D + j] * h[j];
  }
  for (uint32_t j = 0; j < D; j++) {
    if (lstm) {
      c[j] = sigmoid(gx[D + j] + gh[D + j]) * c[j] + sigmoid(gx[j] + gh[j]) * tanh(gx[2 * D + j] + gh[2 * D + j]);
      h[j] = sigmoid(gx[3 * D + j] + gh[3 * D + j]) * tanh(c[j]);
    } else {
      const double r = sigmoid(gx[j] + gh[j]), z = sigmoid(gx[D + j] + gh[D + j]);
      h[j] = (1 - z) * tanh(gx[2 * D + j] + r * gh[2 * D + j]) + z * h[j];
    }
  }
}

/* The seen events from number `first` on, without event `skip`: as if it had never been. h [D]. */
static void plain_fold(bench *b, bool lstm, const ink_history *history, uint32_t first, uint32_t skip, double *h) {
  const ink_past *before = NULL;
  double c[D] = { 0 }, x[D];
  uint32_t seen = 0;
  memset(h, 0, D * sizeof *h);
  for (uint32_t i = 0; i < history->n; i++) {
    if (events[i].weight <= 0 || seen++ < first || i == skip) continue;
    plain_input(b, lstm ? "lstm" : "gru", &events[i], before, x);
    plain_step(b, lstm, x, h, c);
    before = &events[i];
  }
}

TEST(folds_follow_the_formulas) {
  for (int which = 0; which < 4; which++) {
    bench b;
    open_bench(&b, which % 2, which / 2);
    const ink_history history = make_history(24, 3);      /* 20 seen: exactly a window */
    double h[D];
    plain_fold(&b, which % 2, &history, 0, INK_NONE, h);
    CHECK_EQ(b.family->fold(b.bound.model, &history, state_memory, &b.scratch), INK_OK);
    CHECK_EQ(b.scratch.used, 0);
    for (uint32_t j = 0; j < D; j++) CHECK_NEAR((double)vector_of(&b, state_memory)[j], h[j], 1e-3);
    packlib_free(&b.pack);
  }
}

/* Windows of 20 move by blocks of 5: of four events that are seen beyond a full window one asks for a fold. */
TEST(steps_equal_folds_and_windows_move_in_blocks) {
  for (int which = 0; which < 4; which++) {
    bench b;
    uint32_t refolds = 0;
    open_bench(&b, which % 2, which / 2);
    ink_history history = make_history(80, 4);
    for (history.n = 1; history.n <= 80; history.n++) {
      CHECK_EQ(b.family->fold(b.bound.model, &history, other_memory, &b.scratch), INK_OK);
      const ink_status stepped = history.n == 1 ? INK_REFOLD : b.family->step(b.bound.model, &history, state_memory, &b.scratch);
      CHECK(stepped == INK_OK || stepped == INK_REFOLD);
      refolds += stepped == INK_REFOLD;
      if (stepped == INK_REFOLD) CHECK_EQ(b.family->fold(b.bound.model, &history, state_memory, &b.scratch), INK_OK);
      CHECK(memcmp(vector_of(&b, state_memory), vector_of(&b, other_memory), D * sizeof(float)) == 0);
    }
    CHECK_EQ(refolds, 1 + 9);                              /* 64 seen: 44 beyond the window, 9 blocks begun */
    packlib_free(&b.pack);
  }
}

TEST(nothing_seen_is_no_state) {
  bench b;
  open_bench(&b, true, false);
  ink_history history = make_history(1, 1);
  events[0].weight = -1;
  CHECK(!b.family->can_score(b.bound.model, &history));
  CHECK_EQ(b.family->fold(b.bound.model, &history, state_memory, &b.scratch), INK_E_SINGULAR);
  packlib_free(&b.pack);
}

TEST(reasons_are_differences_of_folds) {
  for (int which = 0; which < 4; which++) {
    bench b;
    ink_part parts[MOST + 3];
    uint32_t n = 0;
    const uint32_t item = 7;
    const bool lstm = which % 2;
    open_bench(&b, lstm, which / 2);
    const float *row = tensor(&b, lstm ? "lstm" : "gru", "embedding.weight") + item * D;
    const ink_history history = make_history(30, 6);       /* 24 seen: the window starts at the sixth */
    CHECK_EQ(b.family->fold(b.bound.model, &history, state_memory, &b.scratch), INK_OK);
    CHECK_EQ(b.family->reasons(b.bound.model, state_memory, &history, item, &b.scratch, parts, &n), INK_OK);
    CHECK_EQ(n, 16 + 1);
    CHECK_EQ(parts[16].kind, INK_REASON_BASE);
    double h[D], without[D];
    plain_fold(&b, lstm, &history, 5, INK_NONE, h);
    for (uint32_t k = 0; k < 16; k++) {
      double difference = 0;
      plain_fold(&b, lstm, &history, 5, parts[k].past, without);
      for (uint32_t j = 0; j < D; j++) difference += (h[j] - without[j]) * (double)row[j];
      CHECK_NEAR(parts[k].weight, difference, 2e-2);
    }
    packlib_free(&b.pack);
  }
}

TEST(int8_weights_are_read_as_they_dequantise) {
  bench whole, small;
  open_bench(&whole, true, false);
  open_bench(&small, true, false);
  static const char *const names[] = { "weight_ih_l0", "weight_hh_l0" };
  for (int i = 0; i < 2; i++) {
    const ink_tensor *t = packlib_find(&small.pack, packlib_name("lstm", names[i]));
    const float *w = t->data;
    float *read = (float *)(uintptr_t)packlib_find(&whole.pack, packlib_name("lstm", names[i]))->data;
    char name[PACKLIB_NAME];
    snprintf(name, sizeof name, "lstm.%s", names[i]);
    packlib_i8(&small.pack, name, w, 4 * D, D, read);
  }
  const ink_history history = make_history(20, 8);
  CHECK_EQ(bind(&small, &ink_family_lstm), INK_OK);
  CHECK_EQ(small.family->fold(small.bound.model, &history, state_memory, &small.scratch), INK_OK);
  float first[D];
  memcpy(first, vector_of(&small, state_memory), sizeof first);
  CHECK_EQ(bind(&whole, &ink_family_lstm), INK_OK);
  CHECK_EQ(whole.family->fold(whole.bound.model, &history, state_memory, &whole.scratch), INK_OK);
  CHECK(memcmp(first, vector_of(&whole, state_memory), sizeof first) == 0);
  packlib_free(&whole.pack);
  packlib_free(&small.pack);
}

static ink_status refused(const char *name, uint32_t dtype, uint32_t rows, uint32_t columns, bool drop) {
  bench b = { .family = NULL };
  packlib_recurrent(&b.pack, "lstm", 4, N, D, false, false, 5);
  if (drop) packlib_drop(&b.pack, name);
  else packlib_add(&b.pack, name, dtype, rows, columns);
  const ink_status status = bind(&b, &ink_family_lstm);
  if (status != INK_OK) CHECK(b.fault.name_bytes == strlen(name) && memcmp(b.fault.name, name, b.fault.name_bytes) == 0);
  packlib_free(&b.pack);
  return status;
}

TEST(bind_refuses_by_name) {
  CHECK_EQ(refused("lstm.weight_hh_l0", INK_DTYPE_F32, 4 * D, D, false), INK_OK);
  CHECK_EQ(refused("lstm.weight_hh_l0", INK_DTYPE_F32, 3 * D, D, false), INK_E_PACK_SHAPE);
  CHECK_EQ(refused("lstm.weight_ih_l0", INK_DTYPE_F32, 4 * D, D + 1, false), INK_E_PACK_SHAPE);
  CHECK_EQ(refused("lstm.weight_ih_l0", INK_DTYPE_F16, 4 * D, D, false), INK_E_PACK_DTYPE);
  CHECK_EQ(refused("lstm.bias_ih_l0", INK_DTYPE_F32, 0, 0, true), INK_E_PACK_MISSING);
  CHECK_EQ(refused("lstm.bias_hh_l0", INK_DTYPE_F32, 4 * D + 1, 0, false), INK_E_PACK_SHAPE);
  CHECK_EQ(refused("lstm.embedding.weight", INK_DTYPE_F32, N + 1, D, false), INK_E_PACK_SHAPE);
  CHECK_EQ(refused("lstm.items.weight", INK_DTYPE_F32, N, D + 1, false), INK_E_PACK_SHAPE);
  CHECK_EQ(refused("lstm.settings", INK_DTYPE_F32, 4, 0, false), INK_E_PACK_VALUE);      /* zeros: a window of nothing */
  CHECK_EQ(refused("lstm.settings", INK_DTYPE_F32, 0, 0, true), INK_E_PACK_MISSING);
}

/* Settings 1 and 2 (rows of kinds and gaps) and the tensors that they ask for. */
static ink_status with_settings(float kinds, float gaps, uint32_t kind_rows, uint32_t gap_rows) {
  bench b = { .family = NULL };
  packlib_recurrent(&b.pack, "gru", 3, N, D, false, false, 5);
  float *settings = (float *)(uintptr_t)packlib_find(&b.pack, "gru.settings")->data;
  settings[1] = kinds, settings[2] = gaps;
  if (kind_rows) packlib_add(&b.pack, "gru.kind.weight", INK_DTYPE_F32, kind_rows, D);
  if (gap_rows) packlib_add(&b.pack, "gru.gap.weight", INK_DTYPE_F32, gap_rows, D);
  const ink_status status = bind(&b, &ink_family_gru);
  packlib_free(&b.pack);
  return status;
}

TEST(bind_checks_kinds_and_gaps) {
  CHECK_EQ(with_settings(64, 64, 64, 64), INK_OK);
  CHECK_EQ(with_settings(1, 2, 1, 2), INK_OK);
  CHECK_EQ(with_settings(65, 0, 65, 0), INK_E_PACK_VALUE);
  CHECK_EQ(with_settings(0, 65, 0, 65), INK_E_PACK_VALUE);
  CHECK_EQ(with_settings(0, 1, 0, 1), INK_E_PACK_VALUE);
  CHECK_EQ(with_settings(1.5f, 0, 2, 0), INK_E_PACK_VALUE);
  CHECK_EQ(with_settings(2, 0, 0, 0), INK_E_PACK_MISSING);
  CHECK_EQ(with_settings(2, 0, 3, 0), INK_E_PACK_SHAPE);
  CHECK_EQ(with_settings(0, 4, 0, 3), INK_E_PACK_SHAPE);
}

/* The state is the last event's, and every event asks for a fold. */
TEST(windows_of_one) {
  bench b = { .family = NULL };
  packlib_recurrent(&b.pack, "lstm", 4, N, D, false, false, 5);
  ((float *)(uintptr_t)packlib_find(&b.pack, "lstm.settings")->data)[0] = 1;
  CHECK_EQ(bind(&b, &ink_family_lstm), INK_OK);
  ink_history history = make_history(4, 2), last = { events + 3, 1, 1000 };
  CHECK_EQ(b.family->fold(b.bound.model, &history, state_memory, &b.scratch), INK_OK);
  CHECK_EQ(b.family->fold(b.bound.model, &last, other_memory, &b.scratch), INK_OK);
  CHECK(memcmp(vector_of(&b, state_memory), vector_of(&b, other_memory), D * sizeof(float)) == 0);
  history.n = 3;
  CHECK_EQ(b.family->fold(b.bound.model, &history, state_memory, &b.scratch), INK_OK);
  history.n = 4;
  CHECK_EQ(b.family->step(b.bound.model, &history, state_memory, &b.scratch), INK_REFOLD);
  packlib_free(&b.pack);
}

/* Only the window counts, however long the history: 100,000 events cost what 20 do. */
TEST(a_hundred_thousand_events) {
  enum { MANY = 100000 };
  static ink_past many[MANY];
  bench b;
  open_bench(&b, false, true);
  make_history(MOST, 7);
  for (uint32_t i = 0; i < MANY; i++) {
    many[i] = events[i % MOST];
    many[i].time = 1700000000000 + 100000 * (int64_t)i;
    many[i].weight = 1;
  }
  const ink_history all = { many, MANY, 0 }, window = { many + MANY - 20, 20, 0 };     /* 99,980 is a multiple of five: no block is open */
  CHECK_EQ(b.family->fold(b.bound.model, &all, state_memory, &b.scratch), INK_OK);
  CHECK_EQ(b.family->fold(b.bound.model, &window, other_memory, &b.scratch), INK_OK);
  CHECK(memcmp(vector_of(&b, state_memory), vector_of(&b, other_memory), D * sizeof(float)) == 0);
  packlib_free(&b.pack);
}

TEST_MAIN(T(folds_follow_the_formulas), T(steps_equal_folds_and_windows_move_in_blocks), T(nothing_seen_is_no_state),
          T(reasons_are_differences_of_folds), T(int8_weights_are_read_as_they_dequantise), T(bind_refuses_by_name),
          T(bind_checks_kinds_and_gaps), T(windows_of_one), T(a_hundred_thousand_events))
