/* test_merge.c - events of one item become one observation, in the order of first appearance. */
#include "arena.h"
#include "merge.h"
#include "rng.h"
#include "testlib.h"

enum { MOST = 3000 };
static _Alignas(64) uint8_t memory[1 << 16];
static ink_past events[MOST];
static ink_observation merged[MOST], plain[MOST];

static uint32_t merge_plainly(const ink_history *h, ink_observation *out) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < h->n; i++) {
    uint32_t j = 0;
    while (j < n && out[j].item != h->events[i].item) j++;
    if (j == n) out[n++] = (ink_observation){ h->events[i].item, 0, INK_NONE, 0.0f };
    out[j].newest = i;
    if (h->events[i].rating) out[j].rating = i;
    out[j].weight += h->events[i].weight;
  }
  return n;
}

static void check(uint32_t n_events, uint32_t n_items, uint64_t seed) {
  ink_arena arena;
  ink_rng rng;
  uint32_t n = 0;
  ink_rng_seed(&rng, seed, 0);
  for (uint32_t i = 0; i < n_events; i++)
    events[i] = (ink_past){ .item = ink_rng_below(&rng, n_items) * 64, .weight = (float)ink_rng_normal(&rng),
                            .rating = ink_rng_below(&rng, 3) == 0 };
  const ink_history h = { events, n_events, 0 };
  const size_t bytes = ink_merge_scratch_bytes(n_events);
  ink_arena_init(&arena, memory, bytes);
  CHECK(bytes <= sizeof memory);
  CHECK_EQ(ink_merge(&h, &arena, merged, &n), INK_OK);
  CHECK_EQ(arena.used, 0);
  const uint32_t want = merge_plainly(&h, plain);
  CHECK_EQ(n, want);
  for (uint32_t j = 0; j < want; j++) {
    CHECK_EQ(merged[j].item, plain[j].item);
    CHECK_EQ(merged[j].newest, plain[j].newest);
    CHECK_EQ(merged[j].rating, plain[j].rating);
    CHECK_EQ_BITS(merged[j].weight, plain[j].weight);
  }
}

TEST(equals_a_plain_double_loop) {
  for (uint64_t seed = 0; seed < 40; seed++) check(1 + (uint32_t)seed * 3, 1 + (uint32_t)seed % 9, seed);
  check(0, 1, 1);
  check(MOST, 5000, 2);
  check(MOST, 1, 3);
}

TEST(a_history_of_other_items_does_not_repeat) {
  for (uint32_t i = 0; i < 8; i++) events[i] = (ink_past){ .item = i };
  const ink_history h = { events, 8, 0 };
  CHECK(!ink_merge_repeats(&h));
  events[7].item = 0;
  CHECK(ink_merge_repeats(&h));
  const ink_history one = { events, 1, 0 };
  CHECK(!ink_merge_repeats(&one));
}

TEST(too_little_scratch_is_refused) {
  ink_arena arena;
  uint32_t n = 0;
  for (uint32_t i = 0; i < 100; i++) events[i] = (ink_past){ .item = i };
  const ink_history h = { events, 100, 0 };
  ink_arena_init(&arena, memory, 256);
  CHECK_EQ(ink_merge(&h, &arena, merged, &n), INK_E_SCRATCH);
  CHECK_EQ(arena.used, 0);
}

TEST_MAIN(T(equals_a_plain_double_loop), T(a_history_of_other_items_does_not_repeat), T(too_little_scratch_is_refused))
