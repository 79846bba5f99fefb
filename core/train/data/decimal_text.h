/* decimal_text.h - numbers to text without a C library: what decimal.h reads. */
#ifndef INK_DECIMAL_TEXT_H
#define INK_DECIMAL_TEXT_H

#define INK_DECIMAL_TEXT_BYTES 24

/* The shortest decimal text that decimal.h reads as the same float, closed with a zero: "0.005", "64", "-1.5e-9".
 * Finite numbers only. */
void ink_decimal_text(float x, char out[INK_DECIMAL_TEXT_BYTES]);

#endif
