/* json_in.c - see json_in.h. The check is one pass with an explicit stack of what is open; each
 * position expects one of five things (enum expect). Then cJSON builds, then keys are compared. */
#include "json_in.h"

#include <math.h>
#include <string.h>

const ink_json_limits ink_json_limits_request = { .depth = INK_JSON_IN_DEPTH, .members = 64 };

typedef struct cursor {
  const unsigned char *s;
  size_t n, i;
  const ink_json_limits *limits;
  ink_json_problem *problem;
} cursor;

static bool refuse(cursor *c, ink_json_code code, const char *what) {
  *c->problem = (ink_json_problem){ code, c->i, what, "" };
  return false;
}

static bool is_digit(const cursor *c) {
  return c->i < c->n && c->s[c->i] >= '0' && c->s[c->i] <= '9';
}

static bool next_is(const cursor *c, char byte) {
  return c->i < c->n && c->s[c->i] == (unsigned char)byte;
}

static void skip_space(cursor *c) {
  while (c->i < c->n) {
    const unsigned char b = c->s[c->i];
    if (b != ' ' && b != '\t' && b != '\n' && b != '\r') return;
    c->i++;
  }
}

/* ----------------------------------------------------------------- scalars */

static void skip_digits(cursor *c) {
  while (is_digit(c)) c->i++;
}

/* The length is capped because cJSON copies numbers into a buffer of 64 and would cut a longer one. */
static bool check_number(cursor *c) {
  const size_t start = c->i;
  if (next_is(c, '-')) c->i++;
  if (!is_digit(c)) return refuse(c, INK_JSON_SYNTAX, "a value is expected here");
  if (next_is(c, '0')) {
    c->i++;
    if (is_digit(c)) return refuse(c, INK_JSON_SYNTAX, "a number may not start with 0");
  }
  skip_digits(c);
  if (next_is(c, '.')) {
    c->i++;
    if (!is_digit(c)) return refuse(c, INK_JSON_SYNTAX, "a digit must follow the decimal point");
    skip_digits(c);
  }
  if (next_is(c, 'e') || next_is(c, 'E')) {
    c->i++;
    if (next_is(c, '+') || next_is(c, '-')) c->i++;
    if (!is_digit(c)) return refuse(c, INK_JSON_SYNTAX, "a digit must follow the exponent");
    skip_digits(c);
  }
  if (c->i - start > INK_JSON_IN_NUMBER) {
    c->i = start;
    return refuse(c, INK_JSON_LIMIT, "a number may have at most 40 characters");
  }
  return true;
}

static bool check_word(cursor *c, const char *word) {
  const size_t n = strlen(word);
  if (c->n - c->i < n || memcmp(c->s + c->i, word, n) != 0) return refuse(c, INK_JSON_SYNTAX, "a value is expected here");
  c->i += n;
  return true;
}

/* Four hexadecimal digits after \u; *unit is the UTF-16 unit. */
static bool read_unit(cursor *c, uint32_t *unit) {
  uint32_t value = 0;
  for (uint32_t k = 0; k < 4; k++, c->i++) {
    const unsigned char b = c->i < c->n ? c->s[c->i] : 0;
    const uint32_t digit = b >= '0' && b <= '9' ? (uint32_t)(b - '0')
                         : b >= 'a' && b <= 'f' ? (uint32_t)(b - 'a' + 10)
                         : b >= 'A' && b <= 'F' ? (uint32_t)(b - 'A' + 10) : 16u;
    if (digit == 16) return refuse(c, INK_JSON_SYNTAX, "four hexadecimal digits must follow \\u");
    value = value * 16 + digit;
  }
  *unit = value;
  return true;
}

static bool check_escape(cursor *c) {
  c->i++;                                        /* the backslash */
  if (c->i < c->n && c->s[c->i] != 0 && strchr("\"\\/bfnrt", c->s[c->i]) != NULL) { c->i++; return true; }
  if (!next_is(c, 'u')) return refuse(c, INK_JSON_SYNTAX, "unknown escape in a string");
  c->i++;
  uint32_t unit;
  if (!read_unit(c, &unit)) return false;
  if (unit == 0) return refuse(c, INK_JSON_SYNTAX, "U+0000 is not allowed in a string");
  if (unit >= 0xdc00 && unit <= 0xdfff) return refuse(c, INK_JSON_SYNTAX, "a lone surrogate in a string");
  if (unit < 0xd800 || unit > 0xdbff) return true;
  if (!next_is(c, '\\')) return refuse(c, INK_JSON_SYNTAX, "a lone surrogate in a string");
  c->i++;
  if (!next_is(c, 'u')) return refuse(c, INK_JSON_SYNTAX, "a lone surrogate in a string");
  c->i++;
  if (!read_unit(c, &unit)) return false;
  if (unit < 0xdc00 || unit > 0xdfff) return refuse(c, INK_JSON_SYNTAX, "a lone surrogate in a string");
  return true;
}

/* One character of more than seven bits: RFC 3629. */
static bool check_utf8(cursor *c) {
  const unsigned char *s = c->s + c->i;
  const size_t left = c->n - c->i;
  const size_t length = s[0] < 0xc2 || s[0] > 0xf4 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  bool good = length != 0 && left >= length;
  for (size_t k = 1; good && k < length; k++) good = (s[k] & 0xc0) == 0x80;
  if (good && s[0] == 0xe0) good = s[1] >= 0xa0;
  if (good && s[0] == 0xed) good = s[1] <= 0x9f;
  if (good && s[0] == 0xf0) good = s[1] >= 0x90;
  if (good && s[0] == 0xf4) good = s[1] <= 0x8f;
  if (!good) return refuse(c, INK_JSON_SYNTAX, "text is not UTF-8");
  c->i += length;
  return true;
}

static bool check_string(cursor *c) {
  c->i++;                                        /* the opening quote */
  while (c->i < c->n) {
    const unsigned char b = c->s[c->i];
    if (b == '"') { c->i++; return true; }
    if (b < 0x20) return refuse(c, INK_JSON_SYNTAX, "a control character in a string must be escaped");
    if (b == '\\') {
      if (!check_escape(c)) return false;
    } else if (b < 0x80) {
      c->i++;
    } else if (!check_utf8(c)) {
      return false;
    }
  }
  return refuse(c, INK_JSON_SYNTAX, "a string does not end");
}

/* --------------------------------------------------------------- structure */

/* What may stand at this position. */
enum expect { VALUE, FIRST_VALUE, FIRST_KEY, KEY, AFTER };

typedef struct nest {
  char close[INK_JSON_IN_DEPTH];  /* the bracket that each open level waits for */
  uint32_t members[INK_JSON_IN_DEPTH];
  uint32_t depth;
} nest;

static bool open_level(cursor *c, nest *open, char bracket, enum expect *expect) {
  if (open->depth == c->limits->depth) return refuse(c, INK_JSON_DEPTH, "nested too deeply");
  open->close[open->depth] = bracket == '{' ? '}' : ']';
  open->members[open->depth++] = 0;
  c->i++;
  *expect = bracket == '{' ? FIRST_KEY : FIRST_VALUE;
  return true;
}

static bool check_value(cursor *c, nest *open, enum expect *expect) {
  const char b = (char)c->s[c->i];
  *expect = AFTER;
  switch (b) {
    case '{': case '[': return open_level(c, open, b, expect);
    case '"': return check_string(c);
    case 't': return check_word(c, "true");
    case 'f': return check_word(c, "false");
    case 'n': return check_word(c, "null");
    default: return check_number(c);
  }
}

static bool check_key(cursor *c, nest *open, enum expect *expect) {
  if (c->s[c->i] != '"') return refuse(c, INK_JSON_SYNTAX, "a key in quotes is expected here");
  if (++open->members[open->depth - 1] > c->limits->members) return refuse(c, INK_JSON_LIMIT, "an object has too many members");
  if (!check_string(c)) return false;
  skip_space(c);
  if (!next_is(c, ':')) return refuse(c, INK_JSON_SYNTAX, "a colon is expected after a key");
  c->i++;
  *expect = VALUE;
  return true;
}

/* After a value inside an object or an array: a comma, or the bracket that closes it. */
static bool check_after(cursor *c, nest *open, enum expect *expect) {
  const char close = open->close[open->depth - 1];
  if (next_is(c, close)) {
    c->i++;
    open->depth--;
    return true;
  }
  if (!next_is(c, ',')) return refuse(c, INK_JSON_SYNTAX, close == '}' ? "',' or '}' is expected here" : "',' or ']' is expected here");
  c->i++;
  *expect = close == '}' ? KEY : VALUE;
  return true;
}

static bool closes_empty(cursor *c, nest *open, enum expect *expect) {
  const char close = *expect == FIRST_KEY ? '}' : ']';
  if ((*expect != FIRST_KEY && *expect != FIRST_VALUE) || !next_is(c, close)) return false;
  c->i++;
  open->depth--;
  *expect = AFTER;
  return true;
}

bool ink_json_check(const char *bytes, size_t n, const ink_json_limits *limits, ink_json_problem *problem) {
  cursor c = { (const unsigned char *)bytes, n, 0, limits, problem };
  nest open = { .depth = 0 };
  enum expect expect = VALUE;
  for (;;) {
    skip_space(&c);
    if (expect == AFTER && open.depth == 0) break;
    if (c.i == n) return refuse(&c, INK_JSON_SYNTAX, n == 0 ? "the document is empty" : "the document ends early");
    if (closes_empty(&c, &open, &expect)) continue;
    const bool good = expect == AFTER ? check_after(&c, &open, &expect)
                    : expect == KEY || expect == FIRST_KEY ? check_key(&c, &open, &expect)
                    : check_value(&c, &open, &expect);
    if (!good) return false;
  }
  if (c.i < n) return refuse(&c, INK_JSON_SYNTAX, "something follows the end of the document");
  return true;
}

/* ------------------------------------------------------------------- tree */

/* Keys of one object are few (the check saw to that), so pairs are compared. */
static const char *duplicate_of(const cJSON *object) {
  for (const cJSON *a = object->child; a != NULL; a = a->next) {
    for (const cJSON *b = a->next; b != NULL; b = b->next) {
      if (strcmp(a->string, b->string) == 0) return a->string;
    }
  }
  return NULL;
}

/* Walks the tree with a stack of its own: the check bounded the depth. */
static const char *duplicate_key(const cJSON *root) {
  const cJSON *stack[INK_JSON_IN_DEPTH + 1] = { root };
  uint32_t depth = 1;
  while (depth > 0) {
    const cJSON *node = stack[depth - 1];
    if (node == NULL) { depth--; continue; }
    stack[depth - 1] = node->next;
    const char *key = cJSON_IsObject(node) ? duplicate_of(node) : NULL;
    if (key != NULL) return key;
    if (node->child != NULL) stack[depth++] = node->child;
  }
  return NULL;
}

static size_t key_bytes(const char *key, size_t most) {
  const size_t n = strlen(key);
  return n < most ? n : most;
}

bool ink_json_parse(const char *bytes, size_t n, const ink_json_limits *limits, cJSON **root, ink_json_problem *problem) {
  if (!ink_json_check(bytes, n, limits, problem)) return false;
  cJSON *tree = cJSON_ParseWithLength(bytes, n);
  if (tree == NULL) {                            /* a valid document: only memory can be missing */
    *problem = (ink_json_problem){ INK_JSON_MEMORY, 0, "no memory for the document", "" };
    return false;
  }
  const char *key = duplicate_key(tree);
  if (key != NULL) {
    *problem = (ink_json_problem){ INK_JSON_DUPLICATE, 0, "a key stands twice in one object", "" };
    const size_t n_kept = key_bytes(key, sizeof problem->key - 1);
    memcpy(problem->key, key, n_kept);       /* the rest is zero: cut, and closed */
    cJSON_Delete(tree);
    return false;
  }
  *root = tree;
  return true;
}

const char *ink_json_code_name(ink_json_code code) {
  switch (code) {
    case INK_JSON_OK: return "JSON_OK";
    case INK_JSON_SYNTAX: return "JSON_SYNTAX";
    case INK_JSON_DEPTH: return "JSON_DEPTH";
    case INK_JSON_DUPLICATE: return "JSON_DUPLICATE";
    case INK_JSON_LIMIT: return "JSON_LIMIT";
    case INK_JSON_MEMORY: return "NO_MEMORY";
  }
  return "JSON_SYNTAX";
}

ink_text ink_json_text_of(const cJSON *value) {
  return (ink_text){ value->valuestring, (uint32_t)strlen(value->valuestring) };
}

bool ink_json_number_of(const cJSON *value, double low, double high, double *out) {
  if (!cJSON_IsNumber(value) || !isfinite(value->valuedouble)) return false;
  if (value->valuedouble < low || value->valuedouble > high) return false;
  *out = value->valuedouble;
  return true;
}

bool ink_json_whole_of(const cJSON *value, double low, double high, int64_t *out) {
  double number;
  if (!ink_json_number_of(value, low, high, &number)) return false;
  if ((double)(int64_t)number != number) return false;
  *out = (int64_t)number;
  return true;
}

bool ink_json_bool_of(const cJSON *value, bool *out) {
  if (!cJSON_IsBool(value)) return false;
  *out = cJSON_IsTrue(value) != 0;
  return true;
}
