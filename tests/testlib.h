/* testlib.h - as much of a test framework as fits on a page, so that the same test runs natively
 * and in wasm. A test file includes it, writes TEST(name) { ... } and closes with TEST_MAIN(a, b, c).
 * Each test program ends with the line "<program>: P passed, F failed" (tests, not checks). */
#ifndef INK_TESTLIB_H
#define INK_TESTLIB_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int test_failed_checks;

#define TEST(name) static void test_##name(void)

#define CHECK(cond)                                                                   \
  do {                                                                                \
    if (!(cond)) {                                                                    \
      test_failed_checks++;                                                           \
      printf("%s:%d: CHECK(%s)\n", __FILE__, __LINE__, #cond);                        \
    }                                                                                 \
  } while (0)

#define CHECK_EQ(got, want)                                                           \
  do {                                                                                \
    const long long got_ = (long long)(got), want_ = (long long)(want);               \
    if (got_ != want_) {                                                              \
      test_failed_checks++;                                                           \
      printf("%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, got_, want_); \
    }                                                                                 \
  } while (0)

/* Floats must agree in every bit. */
#define CHECK_EQ_BITS(got, want)                                                      \
  do {                                                                                \
    const float got_ = (got), want_ = (want);                                         \
    uint32_t gb_, wb_;                                                                \
    memcpy(&gb_, &got_, 4); memcpy(&wb_, &want_, 4);                                  \
    if (gb_ != wb_) {                                                                 \
      test_failed_checks++;                                                           \
      printf("%s:%d: %s is %.9g (%08x), not %.9g (%08x)\n", __FILE__, __LINE__, #got, \
             (double)got_, gb_, (double)want_, wb_);                                  \
    }                                                                                 \
  } while (0)

#define CHECK_NEAR(got, want, bound)                                                  \
  do {                                                                                \
    const double got_ = (got), want_ = (want), b_ = (bound);                          \
    if (!(got_ - want_ <= b_ && want_ - got_ <= b_)) {                                \
      test_failed_checks++;                                                           \
      printf("%s:%d: %s is %.17g, not %.17g +- %g\n", __FILE__, __LINE__, #got, got_, want_, b_); \
    }                                                                                 \
  } while (0)

typedef struct test_case { const char *name; void (*run)(void); } test_case;

static inline int test_run(const char *program, const test_case *cases, size_t n) {
  int passed = 0, failed = 0;
  const char *slash = strrchr(program, '/');
  for (size_t i = 0; i < n; i++) {
    test_failed_checks = 0;
    cases[i].run();
    if (test_failed_checks) { failed++; printf("FAIL %s\n", cases[i].name); }
    else passed++;
  }
  printf("%s: %d passed, %d failed\n", slash ? slash + 1 : program, passed, failed);
  return failed != 0;
}

#define T(name) { #name, test_##name }
#define TEST_MAIN(...)                                                                \
  int main(void) {                                                                    \
    static const test_case cases[] = { __VA_ARGS__ };                                 \
    return test_run(__FILE__, cases, sizeof cases / sizeof *cases);                   \
  }

#endif
