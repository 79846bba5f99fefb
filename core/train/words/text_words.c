/* text_words.c - see text_words.h. Classes and folds of characters are ranges of Unicode 15: rules where a block has
 * one, no tables of single characters. */
#include "text_words.h"

#include "utf8.h"
#include "base.h"

enum { OTHER, WORD, CJK };

/* -------------------------------------------------------------- characters */

typedef struct range { uint32_t first, last; } range;

static bool within(const range *ranges, size_t n, uint32_t c) {
  for (size_t i = 0; i < n; i++)
    if (c >= ranges[i].first && c <= ranges[i].last) return true;
  return false;
}

/* Han with its radicals and extensions, kana, Hangul; half-width kana. */
static bool is_cjk(uint32_t c) {
  static const range ranges[] = { { 0x1100, 0x11ff }, { 0x2e80, 0x2fdf }, { 0x3005, 0x3007 }, { 0x3041, 0x318f }, { 0x31a0, 0x31ff },
                                  { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa960, 0xa97f }, { 0xac00, 0xd7ff },
                                  { 0xf900, 0xfaff }, { 0xff66, 0xffdc }, { 0x20000, 0x3ffff } };
  return c != 0x30fb && within(ranges, INK_COUNT_OF(ranges), c);
}

/* What separates beyond ASCII: Latin-1's signs, punctuation of other scripts, symbols, private use, emoji. */
static bool is_sign(uint32_t c) {
  static const range ranges[] = { { 0x80, 0xa9 }, { 0xab, 0xb4 }, { 0xb6, 0xb9 }, { 0xbb, 0xbf }, { 0xd7, 0xd7 }, { 0xf7, 0xf7 },
                                  { 0x37e, 0x37e }, { 0x387, 0x387 }, { 0x55a, 0x55f }, { 0x589, 0x58a }, { 0x5be, 0x5be },
                                  { 0x60c, 0x60d }, { 0x61b, 0x61f }, { 0x66a, 0x66d }, { 0x6d4, 0x6d4 }, { 0x964, 0x965 },
                                  { 0xe4f, 0xe4f }, { 0x1680, 0x1680 }, { 0x2000, 0x2bff }, { 0x2e00, 0x2e7f }, { 0x3000, 0x3004 },
                                  { 0x3008, 0x3040 }, { 0x30fb, 0x30fb }, { 0x3190, 0x319f }, { 0x3200, 0x33ff }, { 0xe000, 0xf8ff },
                                  { 0xfe10, 0xfe1f }, { 0xfe30, 0xfe6f }, { 0xfeff, 0xff0f }, { 0xff1a, 0xff20 }, { 0xff3b, 0xff40 },
                                  { 0xff5b, 0xff65 }, { 0xffe0, 0xffff }, { 0x1f000, 0x1faff }, { 0xe0000, 0x10ffff } };
  return within(ranges, INK_COUNT_OF(ranges), c);
}

static uint32_t class_of(uint32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? WORD : OTHER;
  return is_cjk(c) ? CJK : is_sign(c) ? OTHER : WORD;
}

/* Blocks where a capital letter stands right before its small one: the capital is even, or odd. */
static bool is_even_capital(uint32_t c) {
  static const range ranges[] = { { 0x100, 0x137 }, { 0x14a, 0x177 }, { 0x1de, 0x1ef }, { 0x1f8, 0x21f }, { 0x222, 0x233 }, { 0x370, 0x373 },
                                  { 0x376, 0x377 }, { 0x3d8, 0x3ef },
                                  { 0x460, 0x481 }, { 0x48a, 0x4bf }, { 0x4d0, 0x52f }, { 0x1e00, 0x1e95 }, { 0x1ea0, 0x1eff } };
  return c % 2 == 0 && within(ranges, INK_COUNT_OF(ranges), c);
}
static bool is_odd_capital(uint32_t c) {
  static const range ranges[] = { { 0x139, 0x148 }, { 0x179, 0x17e }, { 0x1cd, 0x1dc }, { 0x4c1, 0x4ce } };
  return c % 2 == 1 && within(ranges, INK_COUNT_OF(ranges), c);
}

/* Blocks where small letters lie a fixed way behind the capitals. */
static uint32_t block_fold(uint32_t c) {
  static const struct { range capitals; uint32_t way; } blocks[] = {
    { { 'A', 'Z' }, 32 }, { { 0xc0, 0xd6 }, 32 }, { { 0xd8, 0xde }, 32 }, { { 0x388, 0x38a }, 37 }, { { 0x391, 0x3a1 }, 32 },
    { { 0x3a3, 0x3ab }, 32 }, { { 0x400, 0x40f }, 80 }, { { 0x410, 0x42f }, 32 }, { { 0x531, 0x556 }, 48 }, { { 0xff21, 0xff3a }, 32 } };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++)
    if (within(&blocks[i].capitals, 1, c)) return c + blocks[i].way;
  return c;
}

static uint32_t fold(uint32_t c) {
  switch (c) {
    case 0x130: return 'i';             /* dotted capital I; the small dotless one is a letter of its own */
    case 0x178: return 0xff;
    case 0x17f: return 's';
    case 0x37f: return 0x3f3;
    case 0x386: return 0x3ac;
    case 0x38c: return 0x3cc;
    case 0x38e: return 0x3cd;
    case 0x38f: return 0x3ce;
    case 0x3c2: return 0x3c3;           /* final sigma */
    case 0x3cf: return 0x3d7;
    case 0x4c0: return 0x4cf;
    case 0x1e9e: return 0xdf;
    default: break;
  }
  return is_even_capital(c) || is_odd_capital(c) ? c + 1 : block_fold(c);
}

/* ------------------------------------------------------------------- bytes */

typedef struct character { uint32_t code, bytes; } character;

/* The character at words->at; a byte that begins none counts as a sign of one byte. */
static character character_at(const ink_words *w) {
  static const uint8_t lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
  const uint8_t *b = w->bytes + w->at;
  if (b[0] < 0x80) return (character){ b[0], 1 };
  const uint32_t length = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
  if (length > w->n - w->at || ink_utf8_prefix(b, length) != length) return (character){ 0x80, 1 };
  uint32_t code = b[0] & lead_bits[length];
  for (uint32_t i = 1; i < length; i++) code = code << 6 | (b[i] & 0x3fu);
  return (character){ code, length };
}

/* Writes a character; gives its bytes. */
static uint32_t put(uint32_t code, char *to) {
  const uint32_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
  for (uint32_t i = length; i-- > 1; code >>= 6) to[i] = (char)(0x80u | (code & 0x3fu));
  to[0] = (char)(leads[length] | code);
  return length;
}

/* ------------------------------------------------------------------- words */

void ink_words_open(ink_words *words, ink_text text) {
  words->bytes = (const uint8_t *)text.bytes;
  words->n = text.n;
  words->at = 0;
  words->in_run = false;
}

/* The run of letters at `at`, folded; gives its characters. */
static uint32_t take_word(ink_words *w, ink_text *word) {
  uint32_t n_characters = 0, n_bytes = 0;
  bool room = true;
  while (w->at < w->n) {
    const character c = character_at(w);
    char small[4];
    if (class_of(c.code) != WORD) break;
    const uint32_t length = put(fold(c.code), small);
    room = room && n_bytes + length <= INK_WORD_BYTES;
    if (room) {
      ink_mem_copy(w->word + n_bytes, small, length);
      n_bytes += length;
    }
    n_characters++;
    w->at += c.bytes;
  }
  *word = (ink_text){ w->word, n_bytes };
  return n_characters;
}

/* The pair at `at`, or the lone character of a run of one; false at the end of a longer run. */
static bool take_cjk(ink_words *w, character first, ink_text *word) {
  const char *start = (const char *)w->bytes + w->at;
  const bool was_in_run = w->in_run;
  w->at += first.bytes;
  w->in_run = false;
  if (w->at < w->n) {
    const character second = character_at(w);
    if (class_of(second.code) == CJK) {
      w->in_run = true;
      *word = (ink_text){ start, first.bytes + second.bytes };
      return true;
    }
  }
  *word = (ink_text){ start, first.bytes };
  return !was_in_run;
}

bool ink_words_next(ink_words *w, ink_text *word) {
  while (w->at < w->n) {
    const character c = character_at(w);
    const uint32_t class = class_of(c.code);
    if (class == OTHER) w->at += c.bytes;
    else if (class == WORD ? take_word(w, word) > 1 : take_cjk(w, c, word)) return true;
  }
  return false;
}
