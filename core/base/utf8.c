/* utf8.c - validity of UTF-8, by the table of well-formed byte sequences in the Unicode standard
 * (chapter 3, table 3-7). ASCII, which ids mostly are, goes by eight bytes at a time. */
#include "utf8.h"

#include "base.h"

/* What may follow a lead byte: how many bytes, and the range of the first of them (the others are 80..BF).
 * The narrow ranges keep out long forms (E0, F0), surrogates (ED) and what lies over U+10FFFF (F4). */
typedef struct follow {
  uint8_t n, low, high;
} follow;

static follow follow_of(uint8_t lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return (follow){ 1, 0x80, 0xbf };
  if (lead == 0xe0) return (follow){ 2, 0xa0, 0xbf };
  if (lead == 0xed) return (follow){ 2, 0x80, 0x9f };
  if (lead >= 0xe1 && lead <= 0xef) return (follow){ 2, 0x80, 0xbf };
  if (lead == 0xf0) return (follow){ 3, 0x90, 0xbf };
  if (lead >= 0xf1 && lead <= 0xf3) return (follow){ 3, 0x80, 0xbf };
  if (lead == 0xf4) return (follow){ 3, 0x80, 0x8f };
  return (follow){ 0, 0, 0 };
}

/* Length of the character at bytes[0], which is not ASCII; 0 when it is no character. */
static size_t long_character(const uint8_t *bytes, size_t n) {
  const follow f = follow_of(bytes[0]);
  if (f.n == 0 || n <= f.n) return 0;
  if (bytes[1] < f.low || bytes[1] > f.high) return 0;
  for (size_t i = 2; i <= f.n; i++)
    if ((bytes[i] & 0xc0u) != 0x80u) return 0;
  return (size_t)f.n + 1;
}

static bool ascii_eight(const uint8_t *bytes) {
  uint64_t word;
  ink_mem_copy(&word, bytes, sizeof word);
  return (word & 0x8080808080808080u) == 0;
}

size_t ink_utf8_prefix(const void *bytes, size_t n) {
  const uint8_t *const b = bytes;
  size_t i = 0;
  while (i < n) {
    if (n - i >= 8 && ascii_eight(b + i)) {
      i += 8;
    } else if (b[i] < 0x80) {
      i++;
    } else {
      const size_t step = long_character(b + i, n - i);
      if (step == 0) return i;
      i += step;
    }
  }
  return n;
}

size_t ink_utf8_cut(const void *bytes, size_t n_bytes, size_t n) {
  const uint8_t *const b = bytes;
  if (n >= n_bytes) return n_bytes;
  size_t m = n;
  while (m > 0 && n - m < 3 && (b[m] & 0xc0u) == 0x80u) m--;
  return (b[m] & 0xc0u) == 0x80u ? n : m;
}
