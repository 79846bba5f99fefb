/* Validity of UTF-8 against a decoder that is written from the definition: all code points, all sequences of
 * one and two bytes, and very many of three and four. */
#include <stdlib.h>

#include "testlib.h"
#include "utf8.h"

/* Decodes one character; 0 bytes when it is none. Slow and plain: bits, shortest form, no surrogates. */
static size_t plain_character(const uint8_t *b, size_t n) {
  static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const size_t length = b[0] < 0x80 ? 1 : b[0] >> 5 == 6 ? 2 : b[0] >> 4 == 14 ? 3 : b[0] >> 3 == 30 ? 4 : 0;
  if (length == 0 || length > n) return 0;
  if (length == 1) return 1;
  uint32_t code = b[0] & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) {
    if (b[i] >> 6 != 2) return 0;
    code = code << 6 | (b[i] & 0x3f);
  }
  return code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : length;
}

static size_t plain_prefix(const uint8_t *b, size_t n) {
  size_t i = 0;
  while (i < n) {
    const size_t step = plain_character(b + i, n - i);
    if (step == 0) return i;
    i += step;
  }
  return n;
}

static size_t encode(uint32_t code, uint8_t out[4]) {
  if (code < 0x80) { out[0] = (uint8_t)code; return 1; }
  const size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = n; i-- > 1; code >>= 6) out[i] = (uint8_t)(0x80 | (code & 0x3f));
  out[0] = (uint8_t)((0xf00u >> n & 0xff) | code);
  return n;
}

TEST(all_code_points) {
  for (uint32_t code = 0; code <= 0x110000; code++) {
    uint8_t b[4];
    const size_t n = encode(code, b);
    const bool allowed = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (ink_utf8_valid(b, n) != allowed) { CHECK(false); return; }
    if (allowed && n > 1 && ink_utf8_prefix(b, n - 1) != 0) { CHECK(false); return; }
  }
}

TEST(all_short_sequences) {
  for (uint32_t x = 0; x < 1u << 16; x++) {
    const uint8_t b[2] = { (uint8_t)(x >> 8), (uint8_t)x };
    if (ink_utf8_prefix(b, 2) != plain_prefix(b, 2)) { CHECK(false); return; }
  }
  for (uint32_t x = 0; x < 1u << 24; x += 7) {
    const uint8_t b[4] = { (uint8_t)(0xe0 | (x >> 20)), (uint8_t)(x >> 12), (uint8_t)(x >> 4), (uint8_t)(x << 4 | 0x80) };
    if (ink_utf8_prefix(b, 4) != plain_prefix(b, 4)) { CHECK(false); return; }
  }
}

TEST(every_place_in_a_longer_text) {
  uint8_t text[64];
  for (size_t n = 0; n <= sizeof text; n++)
    for (size_t bad = 0; bad < n; bad++) {
      memset(text, 'a', sizeof text);
      text[bad] = 0x80;
      CHECK_EQ(ink_utf8_prefix(text, n), bad);
      text[bad] = 0xc3;
      CHECK_EQ(ink_utf8_prefix(text, n), bad);
      if (bad + 1 < n) text[bad + 1] = 0xa9;
      CHECK_EQ(ink_utf8_prefix(text, n), bad + 1 < n ? n : bad);
    }
  CHECK_EQ(ink_utf8_prefix(NULL, 0), 0);
}

TEST(cut) {
  const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xacz";      /* starts: 0 1 3 6 10 */
  static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };
  for (size_t n = 0; n <= 11; n++) CHECK_EQ(ink_utf8_cut(text, 11, n), want[n]);
  CHECK_EQ(ink_utf8_cut(text, 11, 99), 11);
  CHECK_EQ(ink_utf8_cut("\x80\x80\x80\x80\x80\x80", 6, 5), 5);      /* no character at all: cut anywhere */
}

TEST(order_of_text) {
  CHECK(ink_text_order(ink_text_of("a"), ink_text_of("b")) < 0);
  CHECK(ink_text_order(ink_text_of("ab"), ink_text_of("a")) > 0);
  CHECK(ink_text_order(ink_text_of("a"), ink_text_of("\xc3\xa9")) < 0);   /* unsigned bytes */
  CHECK(ink_text_order(ink_text_of(""), (ink_text){ NULL, 0 }) == 0);
  CHECK(ink_text_equal(ink_text_of("x"), ink_text_of("x")) && !ink_text_equal(ink_text_of("x"), ink_text_of("xy")));
}

TEST_MAIN(T(all_code_points), T(all_short_sequences), T(every_place_in_a_longer_text), T(cut), T(order_of_text))
