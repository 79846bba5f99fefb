/* test_decimal_text.c - numbers as text: known cases, and that random floats read back by the C library as themselves, with
 * no shorter text doing so. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "decimal.h"
#include "decimal_text.h"
#include "base.h"
#include "rng.h"
#include "testlib.h"

static bool says(float x, const char *want) {
  char text[INK_DECIMAL_TEXT_BYTES];
  ink_decimal_text(x, text);
  if (strcmp(text, want) != 0) printf("%.9g became %s, not %s\n", (double)x, text, want);
  return strcmp(text, want) == 0;
}

TEST(known) {
  CHECK(says(0.0f, "0"));
  CHECK(says(64.0f, "64"));
  CHECK(says(-1.0f, "-1"));
  CHECK(says(0.005f, "0.005"));
  CHECK(says(0.1f, "0.1"));
  CHECK(says(1.2f, "1.2"));
  CHECK(says(-12.5f, "-12.5"));
  CHECK(says(1000000.0f, "1000000"));
  CHECK(says(123456789.0f, "123456790"));
  CHECK(says(16777216.0f, "16777216"));
  CHECK(says(0.000001f, "0.000001"));
  CHECK(says(1e-7f, "1e-7"));
  CHECK(says(1e11f, "1e11"));
  CHECK(says(-1.5e-9f, "-1.5e-9"));
  CHECK(says(3.14159274f, "3.1415927"));
}

static int digits_of(const char *text) {
  int n = 0;
  for (; *text != 0 && *text != 'e'; text++) n += *text >= '0' && *text <= '9';
  return n;
}

TEST(reads_back) {
  ink_rng rng;
  ink_rng_seed(&rng, 1, 0);
  for (int i = 0; i < 20000; i++) {
    char text[INK_DECIMAL_TEXT_BYTES], shorter[40];
    const float x = ink_f32_from_bits((uint32_t)ink_rng_u64(&rng));
    if (!ink_f32_finite(x) || fabsf(x) < FLT_MIN) continue;
    ink_decimal_text(x, text);
    const bool same = strtof(text, NULL) == x;
    if (!same) printf("%.9g became %s\n", (double)x, text);
    CHECK(same);
    if (strchr(text, 'e') == NULL) continue;
    snprintf(shorter, sizeof shorter, "%.*e", digits_of(text) - 2, (double)x);
    CHECK(digits_of(text) == 1 || strtof(shorter, NULL) != x);
  }
}

TEST(ends_of_the_range) {
  static const float ends[] = { FLT_MAX, FLT_MIN, FLT_TRUE_MIN, -FLT_MAX };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    char text[INK_DECIMAL_TEXT_BYTES];
    ink_decimal_text(ends[i], text);
    CHECK_EQ_BITS(strtof(text, NULL), ends[i]);
  }
}

TEST_MAIN(T(known), T(reads_back), T(ends_of_the_range))
