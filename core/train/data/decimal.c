/* decimal.c - see decimal.h. The date rule is that of H. Hinnant, "chrono-compatible low-level date algorithms". */
#include "decimal.h"

#include "base.h"

#define MAX_EXPONENT 400          /* beyond it every number is 0 or too large */

static const double POWERS[23] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
                                   1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

typedef struct cursor {
  const char *at, *end;
} cursor;

static bool take(cursor *c, char wanted) {
  if (c->at == c->end || *c->at != wanted) return false;
  c->at++;
  return true;
}

/* ----------------------------------------------------------------- numbers */

typedef struct digits {
  uint64_t mantissa;              /* up to 19 significant digits */
  int32_t exponent;               /* of ten */
  uint32_t n;                     /* digits read, zeros too */
} digits;

/* Digits past the 19th only move the exponent: 19 carry more than a double holds. */
static void take_digits(cursor *c, bool after_point, digits *d) {
  for (; c->at != c->end && is_digit(*c->at); c->at++) {
    if (d->n < UINT32_MAX) d->n++;
    const bool fits = d->mantissa < 1000000000000000000u;
    if (fits) d->mantissa = d->mantissa * 10 + (uint64_t)(*c->at - '0');
    if (fits == after_point && d->exponent > -MAX_EXPONENT * 4 && d->exponent < MAX_EXPONENT * 4)
      d->exponent += after_point ? -1 : 1;
  }
}

static bool take_exponent(cursor *c, int32_t *exponent) {
  if (!take(c, 'e') && !take(c, 'E')) return true;
  const bool minus = take(c, '-');
  if (!minus) (void)take(c, '+');
  if (c->at == c->end || !is_digit(*c->at)) return false;
  int32_t e = 0;
  for (; c->at != c->end && is_digit(*c->at); c->at++)
    if (e < 10000) e = e * 10 + (*c->at - '0');
  *exponent += minus ? -e : e;
  return true;
}

static bool scale_by_ten(double x, int32_t exponent, double *out) {
  if (x == 0.0) exponent = 0;
  if (exponent > MAX_EXPONENT) return false;
  if (exponent < -MAX_EXPONENT) exponent = -MAX_EXPONENT;
  for (; exponent > 22; exponent -= 22) x *= 1e22;
  for (; exponent < -22; exponent += 22) x /= 1e22;
  x = exponent >= 0 ? x * POWERS[exponent] : x / POWERS[-exponent];
  *out = x;
  return x <= 1.7976931348623157e308;
}

static bool take_number(cursor *c, double *out) {
  digits d = { 0, 0, 0 };
  const bool minus = take(c, '-');
  if (!minus) (void)take(c, '+');
  take_digits(c, false, &d);
  if (take(c, '.')) take_digits(c, true, &d);
  if (d.n == 0 || !take_exponent(c, &d.exponent)) return false;
  double x;
  if (!scale_by_ten((double)d.mantissa, d.exponent, &x)) return false;
  *out = minus ? -x : x;
  return true;
}

bool ink_decimal_parse(ink_text text, double *out) {
  cursor c = { text.bytes, text.bytes + text.n };
  double x;
  if (text.n == 0 || !take_number(&c, &x) || c.at != c.end) return false;
  *out = x;
  return true;
}

/* ------------------------------------------------------------------- times */

/* Exactly n digits, low..high. */
static bool take_fixed(cursor *c, uint32_t n, int32_t low, int32_t high, int32_t *out) {
  int32_t x = 0;
  for (; n > 0; n--, c->at++) {
    if (c->at == c->end || !is_digit(*c->at)) return false;
    x = x * 10 + (*c->at - '0');
  }
  *out = x;
  return x >= low && x <= high;
}

static int32_t days_in_month(int32_t year, int32_t month) {
  static const uint8_t DAYS[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : DAYS[month - 1];
}

/* Days from 1970-01-01; years begin in March so that the leap day comes last. */
static int64_t days_from_civil(int32_t year, int32_t month, int32_t day) {
  const int32_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
  const int32_t year_of_era = y - era * 400;
  const int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (int64_t)era * 146097 + day_of_era - 719468;
}

/* [.fraction] of a second, to the nearest ms. */
static bool take_fraction(cursor *c, int64_t *ms) {
  if (!take(c, '.') && !take(c, ',')) return true;
  int32_t value = 0, scale = 10000;
  if (c->at == c->end || !is_digit(*c->at)) return false;
  for (; c->at != c->end && is_digit(*c->at); c->at++, scale /= 10) value += (*c->at - '0') * (scale / 10);
  *ms += (value + 5) / 10;
  return true;
}

static bool take_clock(cursor *c, int64_t *ms) {
  int32_t hour, minute, second = 0;
  if (!take_fixed(c, 2, 0, 23, &hour) || !take(c, ':') || !take_fixed(c, 2, 0, 59, &minute)) return false;
  if (take(c, ':') && !take_fixed(c, 2, 0, 59, &second)) return false;
  *ms += (((int64_t)hour * 60 + minute) * 60 + second) * 1000;
  return take_fraction(c, ms);
}

static bool take_zone(cursor *c, int64_t *ms) {
  const bool east = take(c, '+'), west = !east && take(c, '-');
  int32_t hour, minute = 0;
  if (!east && !west) {
    (void)take(c, 'Z');
    return true;
  }
  if (!take_fixed(c, 2, 0, 23, &hour)) return false;
  if ((take(c, ':') || c->at != c->end) && !take_fixed(c, 2, 0, 59, &minute)) return false;
  *ms -= (east ? 1 : -1) * ((int64_t)hour * 60 + minute) * 60000;
  return true;
}

static bool parse_iso(ink_text text, int64_t *ms) {
  cursor c = { text.bytes, text.bytes + text.n };
  int32_t year, month, day;
  if (!take_fixed(&c, 4, 0, 9999, &year) || !take(&c, '-') || !take_fixed(&c, 2, 1, 12, &month) || !take(&c, '-')) return false;
  if (!take_fixed(&c, 2, 1, days_in_month(year, month), &day)) return false;
  int64_t t = days_from_civil(year, month, day) * 86400000;
  if (take(&c, 'T') || take(&c, ' ')) {
    if (!take_clock(&c, &t)) return false;
    if (c.at + 1 < c.end && *c.at == ' ') c.at++;    /* "12:00:00 UTC" is not, but "12:00:00 +0200" is common */
    if (!take_zone(&c, &t)) return false;
  }
  if (c.at != c.end) return false;
  *ms = t;
  return true;
}

/* x is below 1e14 in magnitude, so the cast is safe. */
static int64_t round_half_up(double x) {
  const int64_t whole = (int64_t)x;
  const double rest = x - (double)whole;
  return whole + (rest >= 0.5) - (rest < -0.5);
}

bool ink_time_parse(ink_text text, int64_t *ms) {
  double x;
  if (!ink_decimal_parse(text, &x)) return parse_iso(text, ms);
  const double size = x < 0 ? -x : x;
  if (size >= 1e14) return false;
  *ms = round_half_up(size < 1e11 ? x * 1000.0 : x);
  return true;
}
