/* test_factor_gradient.c - folding by gradient steps: against the same descent written in double, steps that are limited, draws
 * that are passed over, reasons that sum to the score, dislikes, settings that are refused.
 *
 * Bound of the comparison: about 300 steps, each with an error of a few units in the last place of values of about 1, which
 * the decay keeps from growing: 1e-4. Draws whose two best scores lie closer than that would part the ways; the seeds have none. */
#include <math.h>

#include "factor.h"
#include "hash.h"
#include "packlib.h"
#include "testlib.h"

enum { N = 60, D = 12, EVENTS = 24 };

static packlib pack;
static ink_fault fault;
static _Alignas(64) uint8_t model_memory[1 << 14], state[1 << 16], scratch_memory[1 << 16];
static ink_bound bound;
static uint32_t n_items;

static ink_status bind(void) {
  const ink_tensor_source source = packlib_source(&pack);
  ink_arena measure, arena;
  ink_arena_init_measure(&measure);
  const ink_bind first = { "bpr", &source, n_items, EVENTS, NULL, &measure, &fault };
  const ink_status status = ink_family_bpr.bind(&first, &bound);
  if (status != INK_OK) return status;
  ink_arena_init(&arena, model_memory, sizeof model_memory);
  const ink_bind second = { "bpr", &source, n_items, EVENTS, ink_kernels_named("ref"), &arena, &fault };
  CHECK(bound.state_bytes <= sizeof state && bound.scratch_bytes <= sizeof scratch_memory);
  return ink_family_bpr.bind(&second, &bound);
}

static float *tensor(const char *name) { return (float *)(uintptr_t)packlib_find(&pack, name)->data; }

static void begin_with(uint32_t items) {
  n_items = items;
  packlib_free(&pack);
  packlib_factor(&pack, "bpr", items, D, false, false, 5);
  CHECK_EQ(bind(), INK_OK);
}

static void begin(void) { begin_with(N); }

/* Events on items 0, 7, 14 ...; every `dislike`-th weighs -5. */
static uint32_t fill(ink_past *events, uint32_t n, uint32_t dislike) {
  for (uint32_t i = 0; i < n; i++)
    events[i] = (ink_past){ .item = i * 7 % N, .value = 1, .weight = dislike && i % dislike == dislike - 1 ? -5.0f : 1.0f, .time = i, .seq = i };
  return n;
}

static ink_query fold(const ink_history *history) {
  ink_arena scratch;
  ink_query q;
  ink_arena_init(&scratch, scratch_memory, bound.scratch_bytes);
  CHECK_EQ(ink_family_bpr.fold(bound.model, history, state, &scratch), INK_OK);
  ink_family_bpr.query(bound.model, state, &q);
  return q;
}

static double score_of(const double *x, uint32_t item) {
  double sum = (double)tensor("bpr.bias")[item];
  for (uint32_t k = 0; k < D; k++) sum += x[k] * (double)tensor("bpr.items")[item * D + k];
  return sum;
}

static bool is_own(const ink_history *history, uint32_t item) {
  bool own = false;
  for (uint32_t j = 0; j < history->n; j++) own |= history->events[j].item == item;
  return own;
}

/* The head of factor_gradient.c, in double. */
static void descend(const ink_history *history, double x[D]) {
  const float *const s = tensor("bpr.settings");
  const uint32_t draws = (uint32_t)s[FACTOR_CANDIDATES], steps = (uint32_t)s[FACTOR_STEPS];
  uint32_t passes = (uint32_t)s[FACTOR_PASSES];
  if (steps > 0 && steps / history->n < passes) passes = steps / history->n < 2 ? 2 : steps / history->n;
  for (uint32_t k = 0; k < D; k++) x[k] = 0.0;
  for (uint32_t pass = 0; pass < passes; pass++) {
    const double rate = (double)s[FACTOR_RATE] * (1.0 - (double)pass / passes);
    for (uint32_t j = 0; j < history->n; j++) {
      const uint32_t item = history->events[j].item;
      const double sign = history->events[j].weight < 0 ? -1.0 : 1.0;
      uint32_t other = INK_NONE;
      for (uint32_t i = 0; i < draws; i++) {
        const uint64_t hash = ink_hash_u64((uint64_t)(pass * draws + i) << 32 | item);
        const uint32_t drawn = (uint32_t)((hash >> 32) * N >> 32);
        if (steps > 0 && is_own(history, drawn)) continue;
        if (other == INK_NONE || sign * score_of(x, drawn) > sign * score_of(x, other)) other = drawn;
      }
      if (other == INK_NONE) continue;
      const double pull = sign * rate / (1.0 + exp(sign * (score_of(x, item) - score_of(x, other))));
      for (uint32_t k = 0; k < D; k++)
        x[k] += pull * ((double)tensor("bpr.items")[item * D + k] - (double)tensor("bpr.items")[other * D + k]);
    }
    for (uint32_t k = 0; k < D; k++) x[k] *= pow(1.0 - rate * (double)s[FACTOR_LAMBDA], history->n);
  }
}

static void agrees(uint32_t n, uint32_t dislike) {
  ink_past events[EVENTS];
  const ink_history history = { events, fill(events, n, dislike), 0 };
  double x[D], length = 0.0;
  const ink_query q = fold(&history);
  descend(&history, x);
  for (uint32_t k = 0; k < D; k++) {
    CHECK_NEAR((double)q.vector[k], x[k], 1e-4);
    length += x[k] * x[k];
  }
  CHECK(length > 0.01);
}

/* 0: all passes, and every draw counts (packs of before). With 60 steps 13 events have four passes and more have two. */
TEST(steps_as_in_double) {
  static const float steps[] = { 0, 1, 60, 1e6f };
  begin();
  for (uint32_t i = 0; i < 4; i++) {
    tensor("bpr.settings")[FACTOR_STEPS] = steps[i];
    for (uint32_t n = 1; n <= EVENTS; n += 4) agrees(n, n % 8 == 5 ? 3 : 0);
  }
}

/* Who has everything has nothing to hold it against: no step, and only the items' own scores are left. */
TEST(all_of_the_catalogue) {
  ink_past events[EVENTS];
  ink_part parts[EVENTS + 3];
  ink_arena scratch;
  uint32_t n = 0;
  begin_with(EVENTS);
  for (uint32_t i = 0; i < EVENTS; i++) events[i] = (ink_past){ .item = i, .value = 1, .weight = 1 };
  const ink_history history = { events, EVENTS, 0 };
  const ink_query q = fold(&history);
  for (uint32_t k = 0; k < D; k++) CHECK_EQ_BITS(q.vector[k], 0.0f);
  ink_arena_init(&scratch, scratch_memory, bound.scratch_bytes);
  CHECK_EQ(ink_family_bpr.reasons(bound.model, state, &history, 3, &scratch, parts, &n), INK_OK);
  CHECK(n == 1 && parts[0].kind == INK_REASON_BASE);
}

TEST(reasons_sum_to_the_score) {
  ink_past events[EVENTS];
  ink_part parts[EVENTS + 3];
  begin();
  for (uint32_t dislike = 0; dislike < 6; dislike += 5) {
    const ink_history history = { events, fill(events, EVENTS, dislike), 0 };
    const ink_query q = fold(&history);
    for (uint32_t item = 0; item < N; item += 11) {
      ink_arena scratch;
      uint32_t n = 0;
      double sum = 0.0, score = (double)tensor("bpr.bias")[item];
      ink_arena_init(&scratch, scratch_memory, bound.scratch_bytes);
      CHECK_EQ(ink_family_bpr.reasons(bound.model, state, &history, item, &scratch, parts, &n), INK_OK);
      CHECK_EQ(n, EVENTS + 1);
      for (uint32_t i = 0; i < n; i++) sum += parts[i].weight;
      for (uint32_t k = 0; k < D; k++) score += (double)q.vector[k] * (double)tensor("bpr.items")[item * D + k];
      CHECK_NEAR(sum, score, 1e-5);
    }
  }
}

/* A liked item ends above what it was before, a disliked one below. */
TEST(likes_pull_and_dislikes_push) {
  ink_past events[1] = { { .item = 9, .value = 1, .weight = 1 } };
  const ink_history history = { events, 1, 0 };
  begin();
  double x[D];
  ink_query q = fold(&history);
  for (uint32_t k = 0; k < D; k++) x[k] = (double)q.vector[k];
  const double liked = score_of(x, 9) - (double)tensor("bpr.bias")[9];
  events[0].weight = -1;
  q = fold(&history);
  for (uint32_t k = 0; k < D; k++) x[k] = (double)q.vector[k];
  CHECK(liked > 0.5 && score_of(x, 9) - (double)tensor("bpr.bias")[9] < -0.5);
}

static void refused(uint32_t setting, float value) {
  const float kept = tensor("bpr.settings")[setting];
  tensor("bpr.settings")[setting] = value;
  CHECK_EQ(bind(), INK_E_PACK_VALUE);
  CHECK_EQ(fault.at, setting);
  tensor("bpr.settings")[setting] = kept;
}

TEST(settings_have_bounds) {
  begin();
  refused(FACTOR_PASSES, 0);
  refused(FACTOR_PASSES, 1001);
  refused(FACTOR_RATE, 11);
  refused(FACTOR_STEPS, -1);
  refused(FACTOR_STEPS, 2e6f);
  refused(FACTOR_CANDIDATES, 0);
  refused(FACTOR_CANDIDATES, 65);
  refused(FACTOR_LAMBDA, 0.2f);
  CHECK_EQ(bind(), INK_OK);
}

TEST_MAIN(T(steps_as_in_double), T(all_of_the_catalogue), T(reasons_sum_to_the_score), T(likes_pull_and_dislikes_push), T(settings_have_bounds))
