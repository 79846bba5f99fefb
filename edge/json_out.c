/* json_out.c - see json_out.h. The only subtle parts are text (escapes, bad UTF-8) and numbers
 * (the shortest digits that read back to the same bits, so that an answer is exact and readable). */
#include "json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ink_json_out_init(ink_json_out *out) {
  *out = (ink_json_out){ 0 };
}

void ink_json_out_free(ink_json_out *out) {
  free(out->bytes);
  *out = (ink_json_out){ 0 };
}

void ink_json_out_clear(ink_json_out *out) {
  out->n = 0;
  out->depth = 0;
  out->filled[0] = false;
  out->failed = false;
}

/* Room for n more bytes and the closing zero. */
static bool reserve(ink_json_out *out, size_t n) {
  if (out->failed) return false;
  if (n < out->cap && out->n < out->cap - n) return true;
  size_t cap = out->cap < 4096 ? 4096 : out->cap;
  while (cap <= out->n || cap - out->n <= n) {
    if (cap > SIZE_MAX / 2) { out->failed = true; return false; }
    cap *= 2;
  }
  char *bytes = realloc(out->bytes, cap);
  if (bytes == NULL) { out->failed = true; return false; }
  out->bytes = bytes;
  out->cap = cap;
  return true;
}

static void put(ink_json_out *out, const char *bytes, size_t n) {
  if (!reserve(out, n)) return;
  if (n > 0) memcpy(out->bytes + out->n, bytes, n);
  out->n += n;
  out->bytes[out->n] = '\0';
}

static void put_char(ink_json_out *out, char c) { put(out, &c, 1); }

/* ------------------------------------------------------------------- text */

/* Bytes of the well-formed UTF-8 character at s, or 0. RFC 3629: no overlong forms, no surrogates. */
static uint32_t utf8_length(const unsigned char *s, size_t n) {
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
  const uint32_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  if (n < length) return 0;
  for (uint32_t i = 1; i < length; i++) {
    if ((s[i] & 0xc0) != 0x80) return 0;
  }
  if (s[0] == 0xe0 && s[1] < 0xa0) return 0;
  if (s[0] == 0xed && s[1] > 0x9f) return 0;
  if (s[0] == 0xf0 && s[1] < 0x90) return 0;
  if (s[0] == 0xf4 && s[1] > 0x8f) return 0;
  return length;
}

static void put_escape(ink_json_out *out, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  const char *short_form = c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
  if (short_form != NULL) {
    put(out, short_form, 2);
  } else {
    const char long_form[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
    put(out, long_form, sizeof long_form);
  }
}

static void put_quoted(ink_json_out *out, ink_text text) {
  const unsigned char *s = (const unsigned char *)text.bytes;
  put_char(out, '"');
  for (size_t i = 0; i < text.n;) {
    if (s[i] < 0x20 || s[i] == '"' || s[i] == '\\' || s[i] == 0x7f) {
      put_escape(out, s[i]);
      i++;
      continue;
    }
    const uint32_t length = utf8_length(s + i, text.n - i);
    if (length == 0) put(out, "\xef\xbf\xbd", 3);
    else put(out, text.bytes + i, length);
    i += length == 0 ? 1 : length;
  }
  put_char(out, '"');
}

/* -------------------------------------------------------------- structure */

static ink_text text_of(const char *s) {
  return (ink_text){ s, (uint32_t)strlen(s) };
}

void ink_json_key(ink_json_out *out, ink_text key) {
  if (out->filled[out->depth]) put_char(out, ',');
  put_quoted(out, key);
  put_char(out, ':');
  out->filled[out->depth] = false;               /* the value that follows writes no comma of its own */
}

static void begin(ink_json_out *out, const char *key) {
  if (key != NULL) ink_json_key(out, text_of(key));
  if (out->filled[out->depth]) put_char(out, ',');
  out->filled[out->depth] = true;
}

static void open_level(ink_json_out *out, const char *key, char bracket) {
  begin(out, key);
  put_char(out, bracket);
  if (out->depth + 1 >= INK_JSON_OUT_DEPTH) { out->failed = true; return; }
  out->filled[++out->depth] = false;
}

static void close_level(ink_json_out *out, char bracket) {
  if (out->depth > 0) out->depth--;
  put_char(out, bracket);
}

void ink_json_object(ink_json_out *out, const char *key) { open_level(out, key, '{'); }
void ink_json_object_end(ink_json_out *out) { close_level(out, '}'); }
void ink_json_array(ink_json_out *out, const char *key) { open_level(out, key, '['); }
void ink_json_array_end(ink_json_out *out) { close_level(out, ']'); }

/* ----------------------------------------------------------------- values */

void ink_json_text(ink_json_out *out, const char *key, ink_text value) {
  begin(out, key);
  put_quoted(out, value);
}

void ink_json_string(ink_json_out *out, const char *key, const char *value) {
  ink_json_text(out, key, text_of(value));
}

void ink_json_escaped(ink_json_out *out, const char *key, ink_text value) {
  begin(out, key);
  put_char(out, '"');
  put(out, value.bytes, value.n);
  put_char(out, '"');
}

void ink_json_bool(ink_json_out *out, const char *key, bool value) {
  begin(out, key);
  put(out, value ? "true" : "false", value ? 4 : 5);
}

void ink_json_null(ink_json_out *out, const char *key) {
  begin(out, key);
  put(out, "null", 4);
}

void ink_json_whole(ink_json_out *out, const char *key, int64_t value) {
  char digits[32];
  begin(out, key);
  put(out, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value));
}

void ink_json_count(ink_json_out *out, const char *key, uint64_t value) {
  char digits[32];
  begin(out, key);
  put(out, digits, (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)value));
}

void ink_json_double(ink_json_out *out, const char *key, double value) {
  if (!isfinite(value)) { ink_json_null(out, key); return; }
  char digits[40];
  size_t n = 0;
  for (int precision = 15; precision <= 17; precision++) {
    n = (size_t)snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value) break;
  }
  begin(out, key);
  put(out, digits, n);
}

void ink_json_float(ink_json_out *out, const char *key, float value) {
  if (!isfinite(value)) { ink_json_null(out, key); return; }
  char digits[40];
  size_t n = 0;
  for (int precision = 6; precision <= 9; precision++) {
    n = (size_t)snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
    if (strtof(digits, NULL) == value) break;
  }
  begin(out, key);
  put(out, digits, n);
}

void ink_json_bits(ink_json_out *out, const char *key, float value) {
  char digits[16];
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  (void)snprintf(digits, sizeof digits, "%08x", (unsigned)bits);
  ink_json_string(out, key, digits);
}
