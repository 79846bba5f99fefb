/* test_rng.c - the generator against its authors' numbers, and the shapes of what is drawn from it.
 * Bounds are five standard deviations or the 99.999 % point, for a fixed seed: they fail for good or never. */
#include <math.h>

#include "base.h"
#include "rng.h"
#include "testlib.h"

/* State 1, 2, 3, 4: the published first outputs of xoshiro256++. */
TEST(published_outputs) {
  static const uint64_t want[10] = { 41943041u, 58720359u, 3588806011781223u, 3591011842654386u, 9228616714210784205u,
                                     9973669472204895162u, 14011001112246962877u, 12406186145184390807u,
                                     15849039046786891736u, 10450023813501588000u };
  ink_rng rng = { .s = { 1, 2, 3, 4 } };
  for (size_t i = 0; i < INK_COUNT_OF(want); i++) CHECK(ink_rng_u64(&rng) == want[i]);
}

TEST(seeds_and_streams_differ) {
  ink_rng a, b;
  ink_rng_seed(&a, 7, 0);
  ink_rng_seed(&b, 7, 0);
  for (int i = 0; i < 10; i++) CHECK(ink_rng_u64(&a) == ink_rng_u64(&b));
  const uint64_t other[4][2] = { { 7, 1 }, { 8, 0 }, { 0, 7 }, { 6, 1 } };
  for (size_t i = 0; i < 4; i++) {
    ink_rng_seed(&a, 7, 0);
    ink_rng_seed(&b, other[i][0], other[i][1]);
    int same = 0;
    for (int j = 0; j < 100; j++) same += ink_rng_u64(&a) == ink_rng_u64(&b);
    CHECK_EQ(same, 0);
  }
}

TEST(below_is_even) {
  ink_rng rng;
  ink_rng_seed(&rng, 1, 0);
  uint32_t count[7] = { 0 };
  for (int i = 0; i < 70000; i++) {
    const uint32_t x = ink_rng_below(&rng, 7);
    CHECK(x < 7);
    count[x % 7]++;
  }
  double chi2 = 0.0;
  for (int i = 0; i < 7; i++) chi2 += ((double)count[i] - 1e4) * ((double)count[i] - 1e4) / 1e4;
  CHECK(chi2 < 33.1);                           /* 6 degrees of freedom */
  for (int i = 0; i < 100; i++) CHECK_EQ(ink_rng_below(&rng, 1), 0);
  /* n = 3 * 2^30: without rejection every third value would come up twice as often as the others */
  uint32_t n_thirds = 0;
  for (int i = 0; i < 30000; i++) n_thirds += ink_rng_below(&rng, 3u << 30) % 3 == 0;
  CHECK_NEAR(n_thirds, 1e4, 5 * sqrt(30000.0 * 2 / 9));
}

TEST(uniform) {
  ink_rng rng;
  ink_rng_seed(&rng, 2, 0);
  double sum32 = 0.0, sum64 = 0.0, squares = 0.0;
  for (int i = 0; i < 100000; i++) {
    const float x = ink_rng_f32(&rng);
    const double y = ink_rng_f64(&rng);
    CHECK(x >= 0.0f && x < 1.0f && y >= 0.0 && y < 1.0);
    sum32 += (double)x;
    sum64 += y;
    squares += y * y;
  }
  CHECK_NEAR(sum32 / 1e5, 0.5, 5 * sqrt(1.0 / 12 / 1e5));
  CHECK_NEAR(sum64 / 1e5, 0.5, 5 * sqrt(1.0 / 12 / 1e5));
  CHECK_NEAR(squares / 1e5, 1.0 / 3, 5 * sqrt(4.0 / 45 / 1e5));
}

TEST(normal) {
  ink_rng rng;
  ink_rng_seed(&rng, 3, 0);
  const double n = 200000;
  double moment[5] = { 0 };
  uint32_t inside = 0;
  double before = 0.0, products = 0.0;
  for (int i = 0; i < (int)n; i++) {
    const double x = ink_rng_normal(&rng);
    double power = 1.0;
    products += x * before;
    before = x;
    for (int m = 1; m < 5; m++) moment[m] += power *= x;
    inside += x > -1.0 && x < 1.0;
  }
  CHECK_NEAR(moment[1] / n, 0.0, 5 * sqrt(1 / n));
  CHECK_NEAR(moment[2] / n, 1.0, 5 * sqrt(2 / n));
  CHECK_NEAR(moment[3] / n, 0.0, 5 * sqrt(15 / n));
  CHECK_NEAR(moment[4] / n, 3.0, 5 * sqrt(96 / n));
  CHECK_NEAR(products / n, 0.0, 5 * sqrt(1 / n)); /* one draw says nothing of the next */
  CHECK_NEAR(inside / n, 0.682689492, 5 * sqrt(0.683 * 0.317 / n));
}

TEST(shuffle_gives_every_order) {
  ink_rng rng;
  ink_rng_seed(&rng, 4, 0);
  uint32_t count[4][4] = { { 0 } };
  uint32_t first_two[4][4] = { { 0 } };
  for (int i = 0; i < 24000; i++) {
    uint32_t a[4] = { 0, 1, 2, 3 };
    ink_rng_shuffle(&rng, a, 4);
    CHECK_EQ((1u << a[0]) | (1u << a[1]) | (1u << a[2]) | (1u << a[3]), 15);
    for (int j = 0; j < 4; j++) count[j][a[j] % 4]++;
    first_two[a[0] % 4][a[1] % 4]++;
  }
  for (int j = 0; j < 4; j++) {
    for (int k = 0; k < 4; k++) {
      CHECK_NEAR(count[j][k], 6000, 5 * sqrt(24000.0 * 3 / 16));
      CHECK_NEAR(first_two[j][k], j == k ? 0 : 2000, 5 * sqrt(24000.0 * 11 / 144));
    }
  }
  uint32_t one = 9;
  ink_rng_shuffle(&rng, &one, 1);
  ink_rng_shuffle(&rng, NULL, 0);
  CHECK_EQ(one, 9);
}

TEST_MAIN(T(published_outputs), T(seeds_and_streams_differ), T(below_is_even), T(uniform), T(normal), T(shuffle_gives_every_order))
