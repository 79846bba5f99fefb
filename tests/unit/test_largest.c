/* test_largest.c - selection against a full sort: all sizes, ties of magnitude, digits that are all alike. */
#include "hosted.h"

#include "largest.h"
#include "rng.h"
#include "testlib.h"

enum { MOST = 400 };

static int descending(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? 1 : x > y ? -1 : 0;
}

static void check(const uint64_t *keys, uint32_t n, uint32_t k) {
  uint64_t sorted[MOST], chosen[MOST];
  memcpy(sorted, keys, n * sizeof *keys);
  memcpy(chosen, keys, n * sizeof *keys);
  qsort(sorted, n, sizeof *sorted, descending);
  ink_largest_first(chosen, n, k);
  qsort(chosen, k < n ? k : n, sizeof *chosen, descending);
  CHECK(memcmp(sorted, chosen, (k < n ? k : n) * sizeof *chosen) == 0);
  qsort(chosen, n, sizeof *chosen, descending);
  CHECK(memcmp(sorted, chosen, n * sizeof *chosen) == 0);            /* none is lost */
}

/* `levels` different magnitudes: 1 is ties throughout. */
TEST(as_a_sort_would) {
  static const uint32_t levels[] = { 1, 2, 7, 1000000 };
  ink_rng rng;
  uint64_t keys[MOST];
  ink_rng_seed(&rng, 7, 0);
  for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
    for (uint32_t n = 0; n <= MOST; n += n < 20 ? 1 : 19) {
      for (uint32_t i = 0; i < n; i++) keys[i] = ink_largest_key((float)(ink_rng_u64(&rng) % levels[l]) / 1000.0f, (i * 7919u) % 65537u);
      for (uint32_t k = 0; k <= n + 1; k += n < 20 ? 1 : 37) check(keys, n, k);
    }
}

TEST(keys_hold_their_item_and_equals_go_by_it) {
  CHECK_EQ(ink_largest_item(ink_largest_key(0.5f, 123456)), 123456);
  CHECK_EQ(ink_largest_item(ink_largest_key(0.0f, 0)), 0);
  CHECK(ink_largest_key(0.5f, 3) > ink_largest_key(0.5f, 4));
  CHECK(ink_largest_key(0.5000001f, 9) > ink_largest_key(0.5f, 0));
  CHECK(ink_largest_key(3.0e38f, 0) < 1ull << 63);
}

TEST_MAIN(T(as_a_sort_would), T(keys_hold_their_item_and_equals_go_by_it))
