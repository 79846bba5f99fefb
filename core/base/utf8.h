/* utf8.h - counted text: of a literal, equality, order by bytes, and whether it is valid UTF-8.
 * Nothing here knows letters, cases or languages. */
#ifndef INK_UTF8_H
#define INK_UTF8_H

#include "inkling.h"
#include "mem.h"

/* Text of a zero-closed string, borrowed from it. NULL gives empty text. */
static inline ink_text ink_text_of(const char *string) {
  ink_text text = { string, 0 };
  if (string != NULL) while (string[text.n] != '\0') text.n++;
  return text;
}

static inline bool ink_text_equal(ink_text a, ink_text b) {
  return a.n == b.n && ink_mem_equal(a.bytes, b.bytes, a.n);
}

/* < 0, 0, > 0: unsigned bytes, a prefix before what it begins. */
static inline int ink_text_order(ink_text a, ink_text b) {
  return ink_mem_order(a.bytes, a.n, b.bytes, b.n);
}

/* Bytes at the front that are whole, valid characters (Unicode 15, table 3-7: no surrogates, nothing over
 * U+10FFFF, no longer form than needed). Equal to n for valid text; else the place of the first fault. */
size_t ink_utf8_prefix(const void *bytes, size_t n);
static inline bool ink_utf8_valid(const void *bytes, size_t n) { return ink_utf8_prefix(bytes, n) == n; }

/* The largest m <= n at which text may be cut without splitting a character (bytes[n] is not looked at
 * when n is the end of the text). */
size_t ink_utf8_cut(const void *bytes, size_t n_bytes, size_t n);

#endif
