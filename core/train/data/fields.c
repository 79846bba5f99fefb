/* fields.c - see fields.h. */
#include "fields.h"

#include "base.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* A cell in quotes: `at` stands on the opening one. Content moves left over undone quotes. */
static const char *take_quoted(char **at, char *end, char separator, ink_text *cell) {
  char *const start = *at + 1, *from = start, *to = start;
  for (;; from++) {
    if (from == end) return "every quote closed";
    if (*from == '"') {
      if (from + 1 == end || from[1] != '"') break;
      from++;
    }
    *to++ = *from;
  }
  *cell = (ink_text){ start, (uint32_t)(to - start) };
  for (from++; from != end && is_blank(*from) && *from != separator; from++) {}
  if (from != end && *from != separator) return "a separator after a closing quote";
  *at = from;
  return NULL;
}

static const char *take_plain(char **at, char *end, char separator, bool quoted, ink_text *cell) {
  char *const start = *at;
  char *from = start;
  bool has_quote = false;
  for (; from != end; from++) {
    if (*from == '"') has_quote = true;
    if (separator == INK_SEPARATOR_COLONS ? from[0] == ':' && from + 1 != end && from[1] == ':' : *from == separator) break;
  }
  if (quoted && has_quote) return "quotes around the whole cell, doubled inside";
  *cell = ink_text_trim((ink_text){ start, (uint32_t)(from - start) });
  *at = from;
  return NULL;
}

static const char *cut_words(ink_line line, ink_fields *fields) {
  ink_text word;
  while (ink_fields_next_word(&line, &word)) {
    if (fields->n == INK_MAX_FIELDS) return "at most 256 cells";
    fields->cell[fields->n++] = word;
  }
  return NULL;
}

const char *ink_fields_cut(ink_line line, char separator, bool quoted, ink_fields *fields) {
  fields->n = 0;
  if (separator == INK_SEPARATOR_BLANKS) return cut_words(line, fields);
  char *at = line.bytes, *const end = line.bytes + line.n;
  for (;;) {
    if (fields->n == INK_MAX_FIELDS) return "at most 256 cells";
    ink_text *cell = &fields->cell[fields->n++];
    char *first = at;
    while (quoted && first != end && is_blank(*first) && *first != separator) first++;
    const bool in_quotes = quoted && first != end && *first == '"';
    if (in_quotes) at = first;
    const char *wrong = in_quotes ? take_quoted(&at, end, separator, cell) : take_plain(&at, end, separator, quoted, cell);
    if (wrong != NULL) return wrong;
    if (at == end) return NULL;
    at += separator == INK_SEPARATOR_COLONS ? 2 : 1;
  }
}

bool ink_fields_has(const char *bytes, uint32_t n, char separator) {
  for (uint32_t i = 0; i < n; i++) {
    if (separator != INK_SEPARATOR_COLONS && bytes[i] == separator) return true;
    if (separator == INK_SEPARATOR_COLONS && bytes[i] == ':' && i + 1 < n && bytes[i + 1] == ':') return true;
  }
  return false;
}

bool ink_fields_next_word(ink_line *rest, ink_text *word) {
  char *at = rest->bytes, *const end = rest->bytes + rest->n;
  while (at != end && is_blank(*at)) at++;
  char *const start = at;
  while (at != end && !is_blank(*at)) at++;
  *word = (ink_text){ start, (uint32_t)(at - start) };
  *rest = (ink_line){ at, (uint32_t)(end - at) };
  return at != start;
}

bool ink_fields_next_pair(ink_text *rest, ink_text *key, ink_text *value) {
  if (rest->n == 0) return false;
  uint32_t end = 0, equals = 0;
  while (end < rest->n && rest->bytes[end] != ',') end++;
  while (equals < end && rest->bytes[equals] != '=') equals++;
  *key = (ink_text){ rest->bytes, equals };
  *value = equals < end ? (ink_text){ rest->bytes + equals + 1, end - equals - 1 } : (ink_text){ "", 0 };
  const uint32_t used = end < rest->n ? end + 1 : end;
  *rest = (ink_text){ rest->bytes + used, rest->n - used };
  return true;
}

const char *ink_separator_name(char separator) {
  switch (separator) {
    case ',': return "comma";
    case ';': return "semicolon";
    case '\t': return "tab";
    case '|': return "bar";
    case INK_SEPARATOR_COLONS: return "::";
    default: return "blank";
  }
}
