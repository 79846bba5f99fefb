/* test_factor_gradient.c - folding by gradient steps: against the same descent written in double, reasons that sum to the score,
 * dislikes, settings that are refused.
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

static ink_status bind(void) {
  const ink_tensor_source source = packlib_source(&pack);
  ink_arena measure, arena;
  ink_arena_init_measure(&measure);
  const ink_bind first = { "bpr", &source, N, EVENTS, NULL, &measure, &fault };
  const ink_status status = ink_family_bpr.bind(&first, &bound);
  if (status != INK_OK) return status;
  ink_arena_init(&arena, model_memory, sizeof model_memory);
  const ink_bind second = { "bpr", &source, N, EVENTS, ink_kernels_named("ref"), &arena, &fault };
  CHECK(bound.state_bytes <= sizeof state && bound.scratch_bytes <= sizeof scratch_memory);
  return ink_family_bpr.bind(&second, &bound);
}

static float *tensor(const char *name) { return (float *)(uintptr_t)packlib_find(&pack, name)->data; }

static void begin(void) {
  packlib_free(&pack);
  packlib_factor(&pack, "bpr", N, D, false, false, 5);
  CHECK_EQ(bind(), INK_OK);
}

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

/* The head of factor_gradient.c, in double. */
static void descend(const ink_history *history, double x[D]) {
  const float *const s = tensor("bpr.settings");
  const uint32_t passes = (uint32_t)s[FACTOR_PASSES], draws = (uint32_t)s[FACTOR_CANDIDATES];
  for (uint32_t k = 0; k < D; k++) x[k] = 0.0;
  for (uint32_t pass = 0; pass < passes; pass++) {
    const double rate = (double)s[FACTOR_RATE] * (1.0 - (double)pass / passes);
    for (uint32_t j = 0; j < history->n; j++) {
      const uint32_t item = history->events[j].item;
      const double sign = history->events[j].weight < 0 ? -1.0 : 1.0;
      uint32_t other = 0;
      for (uint32_t i = 0; i < draws; i++) {
        const uint64_t hash = ink_hash_u64((uint64_t)(pass * draws + i) << 32 | item);
        const uint32_t drawn = (uint32_t)((hash >> 32) * N >> 32);
        if (i == 0 || sign * score_of(x, drawn) > sign * score_of(x, other)) other = drawn;
      }
      const double pull = sign * rate / (1.0 + exp(sign * (score_of(x, item) - score_of(x, other))));
      for (uint32_t k = 0; k < D; k++)
        x[k] += pull * ((double)tensor("bpr.items")[item * D + k] - (double)tensor("bpr.items")[other * D + k]);
    }
    for (uint32_t k = 0; k < D; k++) x[k] *= pow(1.0 - rate * (double)s[FACTOR_LAMBDA], history->n);
  }
}

TEST(steps_as_in_double) {
  ink_past events[EVENTS];
  begin();
  for (uint32_t n = 1; n <= EVENTS; n += 4) {
    const ink_history history = { events, fill(events, n, n % 8 == 5 ? 3 : 0), 0 };
    double x[D], length = 0.0;
    const ink_query q = fold(&history);
    descend(&history, x);
    for (uint32_t k = 0; k < D; k++) {
      CHECK_NEAR((double)q.vector[k], x[k], 1e-4);
      length += x[k] * x[k];
    }
    CHECK(length > 0.01);
  }
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
  refused(FACTOR_CANDIDATES, 0);
  refused(FACTOR_CANDIDATES, 65);
  refused(FACTOR_LAMBDA, 0.2f);
  CHECK_EQ(bind(), INK_OK);
}

TEST_MAIN(T(steps_as_in_double), T(reasons_sum_to_the_score), T(likes_pull_and_dislikes_push), T(settings_have_bounds))
