/* test_decimal.c - numbers against the C library's strtod, times against known instants. */
#include <math.h>
#include <stdlib.h>

#include "decimal.h"
#include "testlib.h"

static ink_text text_of(const char *s) { return (ink_text){ s, (uint32_t)strlen(s) }; }

static uint64_t ulps_apart(double a, double b) {
  int64_t x, y;
  memcpy(&x, &a, 8);
  memcpy(&y, &b, 8);
  return (uint64_t)(x > y ? x - y : y - x);
}

TEST(forms) {
  static const struct { const char *text; double want; } GOOD[] = {
    { "0", 0 }, { "-0", -0.0 }, { "+5", 5 }, { "3.5", 3.5 }, { ".5", 0.5 }, { "5.", 5 }, { "1e3", 1000 }, { "1E-3", 0.001 },
    { "007", 7 }, { "123456789012345", 123456789012345.0 }, { "0.000001", 1e-6 }, { "1e400000", -1 }, { "0e999999", 0 },
    { "1e-5000", 0 }, { "00000000000000000000000001", 1 }, { "0.00000000000000000000000001", 1e-26 },
  };
  static const char *const BAD[] = { "", "-", "+", ".", "e5", "1e", "1e+", "nan", "NaN", "inf", "-inf", "infinity", "0x10", "1_0",
                                     "1,5", " 1", "1 ", "1.2.3", "--1", "+-1", "1e5.5", "1f", "\xd9\xa1" };
  double x;
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
    if (GOOD[i].want == -1) {
      CHECK(!ink_decimal_parse(text_of(GOOD[i].text), &x));    /* too large */
      continue;
    }
    CHECK(ink_decimal_parse(text_of(GOOD[i].text), &x));
    CHECK(x == GOOD[i].want && signbit(x) == signbit(GOOD[i].want));
  }
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) CHECK(!ink_decimal_parse(text_of(BAD[i]), &x));
}

TEST(against_strtod) {
  uint64_t state = 88172645463325252u, worst = 0;
  for (int i = 0; i < 200000; i++) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    char s[64];
    const int digits = 1 + (int)(state % 15), exponent = (int)(state >> 32) % 8;
    const unsigned long long mantissa = (state >> 8) % (unsigned long long)pow(10, digits);
    snprintf(s, sizeof s, "%llue%d", mantissa, (i & 1) ? exponent : -exponent);
    double x;
    CHECK(ink_decimal_parse(text_of(s), &x));
    CHECK(x == strtod(s, NULL));             /* 15 digits: correctly rounded */
    double any;
    memcpy(&any, &state, 8);
    if (!isfinite(any) || fabs(any) < 1e-290) continue;
    snprintf(s, sizeof s, "%.17g", any);
    CHECK(ink_decimal_parse(text_of(s), &x));
    const uint64_t apart = ulps_apart(x, any);
    if (apart > worst) worst = apart;
  }
  CHECK(worst <= 8);                         /* half an ulp for the digits and for each 22 powers of ten */
}

TEST(times) {
  static const struct { const char *text; int64_t want; } GOOD[] = {
    { "0", 0 }, { "978300760", 978300760000 }, { "1396800000.6545", 1396800000655 }, { "99999999999", 99999999999000 },
    { "100000000000", 100000000000 }, { "1700000000123", 1700000000123 }, { "-1.5", -1500 },
    { "1970-01-01", 0 }, { "2000-02-29", 951782400000 }, { "1969-12-31", -86400000 }, { "2023-11-14T22:13:20Z", 1700000000000 },
    { "2023-11-14 22:13:20", 1700000000000 }, { "2023-11-15T00:13:20+02:00", 1700000000000 }, { "2023-11-14T17:13:20-0500", 1700000000000 },
    { "2023-11-14T22:13:20.1235Z", 1700000000124 }, { "2023-11-14T22:13", 1699999980000 }, { "0000-01-01", -62167219200000 },
    { "9999-12-31T23:59:59.999Z", 253402300799999 }, { "1900-03-01", -2203891200000 },
  };
  static const char *const BAD[] = { "", "100000000000000", "2023-13-01", "2023-00-01", "2023-02-29", "1900-02-29", "2023-11-31",
    "2023-11-14T24:00:00", "2023-11-14T22:60", "2023-11-14T22", "2023-11-14T22:13:20+2", "2023/11/14", "14.11.2023", "2023-11-14Z", "20231114x" };
  int64_t t;
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
    CHECK(ink_time_parse(text_of(GOOD[i].text), &t));
    if (t != GOOD[i].want) printf("%s\n", GOOD[i].text);
    CHECK_EQ(t, GOOD[i].want);
  }
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    if (ink_time_parse(text_of(BAD[i]), &t)) printf("%s\n", BAD[i]);
    CHECK(!ink_time_parse(text_of(BAD[i]), &t));
  }
}

TEST_MAIN(T(forms), T(against_strtod), T(times))
