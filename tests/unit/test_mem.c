/* test_mem.c - mem.c's own four functions, which a build with a C library leaves out, and the inline ones.
 * The file is included under other names, so that they are tested wherever tests run; what they are
 * compared with is the C library. */
#include <stdlib.h>

#include "testlib.h"

#ifndef INK_NO_LIBC
#define INK_NO_LIBC
#endif
#define memcpy ours_memcpy
#define memmove ours_memmove
#define memset ours_memset
#define memcmp ours_memcmp
#include "../../core/base/mem.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#define N 80
static uint8_t want[3 * N], got[3 * N], source[3 * N];

static void fresh(void) {
  for (size_t i = 0; i < sizeof source; i++) {
    source[i] = (uint8_t)(i * 37 + 11);
    want[i] = got[i] = (uint8_t)(i * 101);
  }
}

TEST(copy_every_length_and_offset) {
  for (size_t n = 0; n <= N; n++) {
    for (size_t to = 0; to < 9; to++) {
      for (size_t from = 0; from < 9; from++) {
        fresh();
        memcpy(want + to, source + from, n);
        CHECK(ours_memcpy(got + to, source + from, n) == got + to);
        CHECK(memcmp(want, got, sizeof want) == 0);
      }
    }
  }
}

TEST(move_overlapping_both_ways) {
  for (size_t n = 0; n <= N; n++) {
    for (size_t to = 0; to < 20; to++) {
      fresh();
      memmove(want + to, want + 10, n);
      CHECK(ours_memmove(got + to, got + 10, n) == got + to);
      CHECK(memcmp(want, got, sizeof want) == 0);
    }
  }
}

TEST(fill) {
  for (size_t n = 0; n <= N; n++) {
    for (size_t to = 0; to < 9; to++) {
      fresh();
      memset(want + to, 0x1a5, n);              /* only the low byte counts */
      CHECK(ours_memset(got + to, 0x1a5, n) == got + to);
      CHECK(memcmp(want, got, sizeof want) == 0);
    }
  }
}

static int sign(int x) { return (x > 0) - (x < 0); }

TEST(compare) {
  for (size_t n = 0; n <= N; n++) {
    fresh();
    memcpy(got, source, sizeof got);
    CHECK_EQ(ours_memcmp(got, source, n), 0);
    for (size_t at = 0; at < n; at++) {
      got[at] = (uint8_t)(source[at] + 128);    /* unsigned: 0x80 is above 0x7f */
      CHECK_EQ(sign(ours_memcmp(got, source, n)), sign(memcmp(got, source, n)));
      CHECK_EQ(sign(ours_memcmp(source, got, n)), sign(memcmp(source, got, n)));
      got[at] = source[at];
    }
  }
}

TEST(inline_words) {
  char a[8] = "abcdefg";
  ink_mem_move(a + 1, a, 3);
  CHECK(ink_mem_equal(a, "aabcefg", 7));
  ink_mem_fill(a, 'x', 2);
  ink_mem_copy(a + 2, "yz", 2);
  CHECK(ink_mem_equal(a, "xxyzefg", 7));
  CHECK(!ink_mem_equal(a, "xxyzefh", 7));
  ink_mem_copy(NULL, NULL, 0);
  ink_mem_fill(NULL, 0, 0);
  CHECK(ink_mem_equal(NULL, a, 0));
  CHECK(ink_mem_order("ab", 2, "abc", 3) < 0);
  CHECK(ink_mem_order("abc", 3, "ab", 2) > 0);
  CHECK(ink_mem_order("b", 1, "abc", 3) > 0);
  CHECK(ink_mem_order("\xc3", 1, "z", 1) > 0);
  CHECK(ink_mem_order("abc", 3, "abc", 3) == 0);
  CHECK(ink_mem_order(NULL, 0, "a", 1) < 0);
}

TEST_MAIN(T(copy_every_length_and_offset), T(move_overlapping_both_ways), T(fill), T(compare), T(inline_words))
