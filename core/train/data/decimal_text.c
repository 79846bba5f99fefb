/* decimal_text.c - see decimal_text.h. One digit more is tried until the text reads back as the number; nine
 * always do for a float (Steele & White 1990), so there is no clever algorithm here. */
#include "decimal_text.h"

#include "decimal.h"
#include "base.h"

/* A decimal under way: digits * 10^exponent. */
typedef struct decimal { uint32_t digits; int32_t exponent; } decimal;

static double power_of_ten(int32_t e) {
  double p = 1.0;
  for (int32_t i = e < 0 ? -e : e; i > 0; i--) p *= 10.0;
  return p;
}

/* x > 0 to n digits, rounded. */
static decimal rounded(double x, int32_t n) {
  int32_t e = 0;
  double m = x;
  while (m >= power_of_ten(n)) m = x / power_of_ten(++e);
  while (m < power_of_ten(n - 1)) m = x * power_of_ten(-(--e));
  const uint32_t digits = (uint32_t)(m + 0.5);
  return (decimal){ digits, e };
}

static char *put_digits(char *to, uint32_t x, int32_t n) {
  for (int32_t i = n; i-- > 0; x /= 10) to[i] = (char)('0' + x % 10);
  return to + n;
}

static int32_t count_digits(uint32_t x) {
  int32_t n = 1;
  for (; x >= 10; x /= 10) n++;
  return n;
}

/* d.digits has no closing zeros here. Plain notation from 1e-6 to below 1e9, else with an exponent. */
static void write(decimal d, bool negative, char *to) {
  const int32_t n = count_digits(d.digits), first = n + d.exponent;    /* digits before the point */
  if (negative) *to++ = '-';
  if (first > 9 || first < -5) {
    const int32_t e = first - 1;
    const uint32_t head = (uint32_t)power_of_ten(n - 1);
    to = put_digits(to, d.digits / head, 1);
    if (n > 1) *to++ = '.';
    to = put_digits(to, d.digits % head, n - 1);
    *to++ = 'e';
    if (e < 0) *to++ = '-';
    to = put_digits(to, (uint32_t)(e < 0 ? -e : e), count_digits((uint32_t)(e < 0 ? -e : e)));
  } else if (d.exponent >= 0) {
    to = put_digits(to, d.digits, n);
    for (int32_t i = 0; i < d.exponent; i++) *to++ = '0';
  } else if (first > 0) {
    const uint32_t split = (uint32_t)power_of_ten(-d.exponent);
    to = put_digits(to, d.digits / split, first);
    *to++ = '.';
    to = put_digits(to, d.digits % split, -d.exponent);
  } else {
    *to++ = '0';
    *to++ = '.';
    for (int32_t i = first; i < 0; i++) *to++ = '0';
    to = put_digits(to, d.digits, n);
  }
  *to = 0;
}

static uint32_t text_bytes(const char *text) {
  uint32_t n = 0;
  while (text[n] != 0) n++;
  return n;
}

void ink_decimal_text(float x, char out[INK_DECIMAL_TEXT_BYTES]) {
  const double size = x < 0.0f ? -(double)x : (double)x;
  if (x == 0.0f) {
    out[0] = '0';
    out[1] = 0;
    return;
  }
  for (int32_t n = 1; n <= 9; n++) {
    decimal d = rounded(size, n);
    double back;
    for (; d.digits % 10 == 0; d.digits /= 10) d.exponent++;
    write(d, x < 0.0f, out);
    if (ink_decimal_parse((ink_text){ out, text_bytes(out) }, &back) && (float)back == x) return;
  }
}
