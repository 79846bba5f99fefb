/* text_words.h - words of a text, in any script: what a search engine would index.
 *
 *   word       a run of letters, digits and marks, folded to small letters (Latin, Greek, Cyrillic, Armenian,
 *              full-width). Runs of one character are left out, as scikit-learn's standard pattern does
 *   CJK        a run of Han, kana or Hangul gives its overlapping pairs of characters; a run of one gives that one
 *              (Lucene's CJKBigramFilter)
 *   all else   (blanks, punctuation, symbols, emoji, bytes that are not UTF-8) separates
 *
 * Scripts that write without blanks and are not CJK (Thai, Khmer) give whole runs. Accents stay. Nothing is
 * normalised: a text in NFD keeps its combining marks.
 * web/src/text_words.ts does the same on the device, and a test holds both to one list. */
#ifndef INK_TEXT_WORDS_H
#define INK_TEXT_WORDS_H

#include "inkling.h"

#define INK_WORD_BYTES 64u              /* longer words keep their first whole characters within this */

typedef struct ink_words {
  const uint8_t *bytes;
  size_t n, at;
  bool in_run;                          /* the CJK character at `at` has been part of a pair already */
  char word[INK_WORD_BYTES];
} ink_words;

/* `text` is borrowed while words are taken; it may hold any bytes. */
void ink_words_open(ink_words *words, ink_text text);
/* False at the end. *word is borrowed until the next call. */
bool ink_words_next(ink_words *words, ink_text *word);

/* Is it so frequent in English or Chinese that it says nothing of what a text is about? A short list of function words
 * (English), of pairs and single characters (Chinese, simplified and traditional). */
enum { INK_STOP_NONE, INK_STOP_ENGLISH, INK_STOP_CHINESE, INK_STOP_BOTH };
bool ink_is_stop_word(ink_text word, uint32_t list);

#endif
