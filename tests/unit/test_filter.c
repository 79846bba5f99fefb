/* test_filter.c - one bit an item, and the count of what is left. */
#include "filter.h"
#include "testlib.h"

enum { N = 131 };

TEST(drop_and_admit_keep_the_count) {
  uint64_t words[3]; char out[N] = { 0 };
  ink_filter f;
  uint32_t state = 7, left = N;
  CHECK_EQ(ink_filter_words(N), 3);
  ink_filter_init(&f, words, N);
  for (int round = 0; round < 2000; round++) {
    state = state * 1664525u + 1013904223u;
    const uint32_t item = (state >> 9) % N;
    if (state >> 31) { ink_filter_drop(&f, item); left -= !out[item]; out[item] = 1; }
    else { ink_filter_admit(&f, item); left += out[item] != 0; out[item] = 0; }
    CHECK_EQ(f.n_left, left);
  }
  for (uint32_t i = 0; i < N; i++) CHECK_EQ(ink_filter_passes(&f, i), !out[i]);
}

TEST(none_then_a_few) {
  uint64_t words[3];
  ink_filter f;
  ink_filter_init(&f, words, N);
  ink_filter_none(&f);
  CHECK_EQ(f.n_left, 0);
  ink_filter_admit(&f, 0);
  ink_filter_admit(&f, N - 1);
  CHECK_EQ(f.n_left, 2);
  CHECK(ink_filter_passes(&f, N - 1) && !ink_filter_passes(&f, 64));
}

TEST(without_words_all_pass) {
  const ink_filter f = { .out = NULL, .n_items = 3, .n_left = 3 };
  CHECK(ink_filter_passes(&f, 2));
}

TEST_MAIN(T(drop_and_admit_keep_the_count), T(none_then_a_few), T(without_words_all_pass))
