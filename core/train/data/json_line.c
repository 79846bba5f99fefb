/* json_line.c - see json_line.h. */
#include "json_line.h"

#include "mem.h"
#include "base.h"

static bool refuse(ink_json *j, const char *allowed) {
  j->allowed = allowed;
  return false;
}

static void skip_blanks(ink_json *j) {
  while (j->at != j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\r' || *j->at == '\n')) j->at++;
}

static bool take(ink_json *j, char wanted) {
  skip_blanks(j);
  if (j->at == j->end || *j->at != wanted) return false;
  j->at++;
  return true;
}

/* ----------------------------------------------------------------- strings */

static int32_t hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static bool take_hex4(ink_json *j, uint32_t *out) {
  uint32_t x = 0;
  if (j->end - j->at < 4) return false;
  for (uint32_t i = 0; i < 4; i++) {
    const int32_t h = hex_value(*j->at++);
    if (h < 0) return false;
    x = x << 4 | (uint32_t)h;
  }
  *out = x;
  return true;
}

/* Writes a code point as UTF-8: never more bytes than the escape it came from. */
static char *put_utf8(char *to, uint32_t c) {
  if (c < 0x80) {
    *to++ = (char)c;
    return to;
  }
  const uint32_t n = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;      /* bytes that follow the first */
  static const uint8_t FIRST[4] = { 0, 0xc0, 0xe0, 0xf0 };
  *to++ = (char)(FIRST[n] | (c >> (6 * n)));
  for (uint32_t i = n; i > 0; i--) *to++ = (char)(0x80 | ((c >> (6 * (i - 1))) & 0x3f));
  return to;
}

/* After "\u": one code point, two escapes where the first is a high surrogate. */
static bool take_code_point(ink_json *j, uint32_t *out) {
  uint32_t high, low;
  if (!take_hex4(j, &high)) return refuse(j, "four hexadecimal digits after \\u");
  if (high >= 0xdc00 && high < 0xe000) return refuse(j, "surrogates in pairs");
  *out = high;
  if (high < 0xd800 || high >= 0xe000) return true;
  if (j->end - j->at < 6 || j->at[0] != '\\' || j->at[1] != 'u') return refuse(j, "surrogates in pairs");
  j->at += 2;
  if (!take_hex4(j, &low) || low < 0xdc00 || low >= 0xe000) return refuse(j, "surrogates in pairs");
  *out = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  return true;
}

static bool take_escape(ink_json *j, char **to) {
  if (j->at == j->end) return refuse(j, "a string that is closed");
  const char c = *j->at++;
  uint32_t point;
  switch (c) {
    case '"': case '\\': case '/': *(*to)++ = c; return true;
    case 'b': *(*to)++ = '\b'; return true;
    case 'f': *(*to)++ = '\f'; return true;
    case 'n': *(*to)++ = '\n'; return true;
    case 'r': *(*to)++ = '\r'; return true;
    case 't': *(*to)++ = '\t'; return true;
    case 'u':
      if (!take_code_point(j, &point)) return false;
      *to = put_utf8(*to, point);
      return true;
    default: return refuse(j, "escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
  }
}

/* The opening quote is taken. `keep` false only checks (inside nested values, unescaped when walked). */
static bool take_string(ink_json *j, bool keep, ink_line *out) {
  char *const start = j->at, *to = start;
  while (j->at != j->end && *j->at != '"') {
    const char c = *j->at++;
    if ((uint8_t)c < 0x20) return refuse(j, "no control characters inside a string");
    char discarded[4], *nowhere = discarded;
    if (c == '\\') {
      if (!take_escape(j, keep ? &to : &nowhere)) return false;
    } else if (keep) {
      *to++ = c;
    }
  }
  if (j->at == j->end) return refuse(j, "a string that is closed");
  *out = (ink_line){ start, (uint32_t)((keep ? to : j->at) - start) };
  j->at++;
  return true;
}

/* ----------------------------------------------------------------- scalars */

static bool take_digits(ink_json *j) {
  const char *start = j->at;
  while (j->at != j->end && *j->at >= '0' && *j->at <= '9') j->at++;
  return j->at != start;
}

static bool take_number(ink_json *j, ink_line *out) {
  char *const start = j->at;
  if (*j->at == '-') j->at++;
  if (j->at != j->end && *j->at == '0') j->at++;
  else if (!take_digits(j)) return refuse(j, "a JSON value");
  if (j->at != j->end && *j->at == '.') {
    j->at++;
    if (!take_digits(j)) return refuse(j, "digits after the point");
  }
  if (j->at != j->end && (*j->at == 'e' || *j->at == 'E')) {
    j->at++;
    if (j->at != j->end && (*j->at == '+' || *j->at == '-')) j->at++;
    if (!take_digits(j)) return refuse(j, "digits in the exponent");
  }
  *out = (ink_line){ start, (uint32_t)(j->at - start) };
  return true;
}

static bool take_word(ink_json *j, ink_json_value *value) {
  static const struct { const char *word; uint32_t n, kind; } WORDS[] = {
    { "true", 4, INK_JSON_TRUE }, { "false", 5, INK_JSON_FALSE }, { "null", 4, INK_JSON_NULL },
  };
  for (size_t i = 0; i < INK_COUNT_OF(WORDS); i++) {
    if ((size_t)(j->end - j->at) < WORDS[i].n || !ink_mem_equal(j->at, WORDS[i].word, WORDS[i].n)) continue;
    *value = (ink_json_value){ WORDS[i].kind, { j->at, WORDS[i].n } };
    j->at += WORDS[i].n;
    return true;
  }
  return refuse(j, "a JSON value");
}

/* A value that is no array or object. j->at is not at the end. */
static bool take_scalar(ink_json *j, bool keep, ink_json_value *value) {
  const char c = *j->at;
  if (c == '"') {
    j->at++;
    value->kind = INK_JSON_STRING;
    return take_string(j, keep, &value->text);
  }
  if (c == '-' || (c >= '0' && c <= '9')) {
    value->kind = INK_JSON_NUMBER;
    return take_number(j, &value->text);
  }
  return take_word(j, value);
}

/* ------------------------------------------------------------------ nested */

/* Which brackets are open: bit i of `objects` says that level i is an object. */
typedef struct nesting {
  uint64_t objects;
  uint32_t depth;
} nesting;

static bool open_bracket(ink_json *j, nesting *n) {
  if (n->depth == INK_JSON_DEPTH) return refuse(j, "at most 64 values inside each other");
  const uint64_t bit = (uint64_t)1 << n->depth++;
  n->objects = *j->at++ == '{' ? n->objects | bit : n->objects & ~bit;
  return true;
}

static bool in_object(const nesting *n) { return ((n->objects >> (n->depth - 1)) & 1) != 0; }

static bool skip_key(ink_json *j) {
  ink_line key;
  if (!take(j, '"')) return refuse(j, "a key in quotes");
  if (!take_string(j, false, &key)) return false;
  return take(j, ':') || refuse(j, "a colon after the key");
}

/* After a whole value: closes what closes here, and takes the comma before the next value.
 * Returns with depth 0 when the outermost bracket closed. */
static bool close_brackets(ink_json *j, nesting *n) {
  while (n->depth > 0) {
    if (take(j, in_object(n) ? '}' : ']')) {
      n->depth--;
      continue;
    }
    if (!take(j, ',')) return refuse(j, "a comma or a closing bracket");
    return !in_object(n) || skip_key(j);
  }
  return true;
}

/* Takes the array or object at j->at, checking all of it. */
static bool take_nested(ink_json *j, ink_json_value *value) {
  char *const start = j->at;
  value->kind = *start == '{' ? INK_JSON_OBJECT : INK_JSON_ARRAY;
  nesting n = { 0, 0 };
  do {
    skip_blanks(j);
    if (j->at == j->end) return refuse(j, "every bracket closed");
    if (*j->at == '{' || *j->at == '[') {
      if (!open_bracket(j, &n)) return false;
      if (take(j, in_object(&n) ? '}' : ']')) {
        n.depth--;
        if (!close_brackets(j, &n)) return false;
      } else if (in_object(&n) && !skip_key(j)) {
        return false;
      }
    } else {
      ink_json_value inner;
      if (!take_scalar(j, false, &inner) || !close_brackets(j, &n)) return false;
    }
  } while (n.depth > 0);
  value->text = (ink_line){ start, (uint32_t)(j->at - start) };
  return true;
}

static bool take_value(ink_json *j, ink_json_value *value) {
  skip_blanks(j);
  if (j->at == j->end) return refuse(j, "a JSON value");
  return *j->at == '{' || *j->at == '[' ? take_nested(j, value) : take_scalar(j, true, value);
}

/* ------------------------------------------------------------------- doors */

bool ink_json_object_open(ink_json *j, ink_line line) {
  *j = (ink_json){ line.bytes, line.bytes + line.n, true, "" };
  return take(j, '{') || refuse(j, "one JSON object a line");
}

bool ink_json_object_next(ink_json *j, ink_text *key, ink_json_value *value, bool *more) {
  *more = false;
  if (take(j, '}')) {
    skip_blanks(j);
    return j->at == j->end || refuse(j, "nothing after the object");
  }
  if (!j->first && !take(j, ',')) return refuse(j, "a comma or }");
  j->first = false;
  ink_line name;
  if (!take(j, '"')) return refuse(j, "a key in quotes");
  if (!take_string(j, true, &name)) return false;
  if (!take(j, ':')) return refuse(j, "a colon after the key");
  *key = (ink_text){ name.bytes, name.n };
  *more = true;
  return take_value(j, value);
}

void ink_json_array_open(ink_json *j, const ink_json_value *array) {
  *j = (ink_json){ array->text.bytes + 1, array->text.bytes + array->text.n, true, "" };
}

bool ink_json_array_next(ink_json *j, ink_json_value *value, bool *more) {
  *more = false;
  if (take(j, ']')) return true;
  if (!j->first && !take(j, ',')) return refuse(j, "a comma or ]");
  j->first = false;
  *more = true;
  return take_value(j, value);
}
