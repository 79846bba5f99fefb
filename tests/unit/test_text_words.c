/* test_text_words.c - words against Python's Unicode data, bytes that are not UTF-8, stop words. */
#include "hosted.h"
#include "testlib.h"
#include "text_words.h"
#include "utf8.h"

#include "golden/content_truth.h"

/* Words joined by blanks. */
static const char *joined(ink_text text) {
  static char out[8192];
  ink_words words;
  ink_text word;
  size_t n = 0;
  ink_words_open(&words, text);
  while (ink_words_next(&words, &word)) {
    if (n > 0) out[n++] = ' ';
    memcpy(out + n, word.bytes, word.n);
    n += word.n;
  }
  out[n] = 0;
  return out;
}

TEST(words_are_those_of_unicode) {
  for (size_t i = 0; i < sizeof truth_words / sizeof *truth_words; i++) {
    const char *got = joined(ink_text_of(truth_words[i].text));
    CHECK(strcmp(got, truth_words[i].words) == 0);
    if (strcmp(got, truth_words[i].words) != 0) printf("  %s\n  is   %s\n  want %s\n", truth_words[i].text, got, truth_words[i].words);
  }
}

TEST(bytes_that_are_not_utf8_separate) {
  CHECK(strcmp(joined((ink_text){ "good\xffwords \xc3", 12 }), "good words") == 0);
  CHECK(strcmp(joined((ink_text){ "caf\xc3\xa9 na\xef\x80ve", 13 }), "caf\xc3\xa9 na ve") == 0);
  CHECK(strcmp(joined((ink_text){ "over\xc1\x81long \xed\xa0\x80", 14 }), "over long") == 0);
  CHECK(strcmp(joined((ink_text){ "\xe6\x9d", 2 }), "") == 0);
  CHECK(strcmp(joined((ink_text){ NULL, 0 }), "") == 0);
}

TEST(any_bytes_end) {
  uint32_t x = 1;
  char bytes[300];
  for (uint32_t round = 0; round < 500; round++) {
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)((x = x * 1664525u + 1013904223u) >> 24);
    const char *got = joined((ink_text){ bytes, sizeof bytes });
    CHECK(ink_utf8_valid(got, strlen(got)));
  }
}

TEST(stop_words) {
  CHECK(ink_is_stop_word(ink_text_of("the"), INK_STOP_ENGLISH) && ink_is_stop_word(ink_text_of("yours"), INK_STOP_BOTH));
  CHECK(!ink_is_stop_word(ink_text_of("the"), INK_STOP_CHINESE) && !ink_is_stop_word(ink_text_of("the"), INK_STOP_NONE));
  CHECK(!ink_is_stop_word(ink_text_of("ship"), INK_STOP_BOTH) && !ink_is_stop_word(ink_text_of("tags:the"), INK_STOP_BOTH));
  CHECK(ink_is_stop_word(ink_text_of("\xe6\x88\x91\xe4\xbb\xac"), INK_STOP_CHINESE));
  CHECK(!ink_is_stop_word(ink_text_of("\xe6\x88\x91\xe4\xbb\xac"), INK_STOP_ENGLISH));
  CHECK(!ink_is_stop_word(ink_text_of("\xe7\x94\xb5\xe5\xbd\xb1"), INK_STOP_BOTH));
}

TEST_MAIN(T(words_are_those_of_unicode), T(bytes_that_are_not_utf8_separate), T(any_bytes_end), T(stop_words))
