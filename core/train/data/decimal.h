/* decimal.h - text to numbers and times, without a C library and without a locale.
 *
 * Only decimal notation is a number: [+-] digits [. digits] [e [+-] digits], at least one digit before or
 * after the point. "nan", "inf", "0x10", "1_000", "1,5" and blanks inside are none. */
#ifndef INK_DECIMAL_H
#define INK_DECIMAL_H

#include "inkling.h"

/* The nearest double where the number has at most 15 significant digits and a power of ten within +-22
 * (Clinger 1990, the fast path: both parts are exact, one rounding); otherwise within 8 ulp (half an
 * ulp for the digits and for each 22 powers of ten).
 * False when the text is no number, or too large for a double; a number too small becomes 0. */
bool ink_decimal_parse(ink_text text, double *out);

/* A time in ms since 1970, rounded to the nearest, half up.
 * A number: below 1e11 in magnitude seconds (up to the year 5138), below 1e14 milliseconds (from 1973 on),
 * more is refused. Else ISO-8601: YYYY-MM-DD, then optionally `T` or a blank and hh:mm[:ss[.fraction]],
 * then optionally Z or +-hh[:]mm. Years 0000..9999, proleptic Gregorian calendar, no leap seconds. */
bool ink_time_parse(ink_text text, int64_t *ms);

#endif
