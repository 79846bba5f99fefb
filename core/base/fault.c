/* fault.c - a refusal as a record and as one sentence:
 *
 *     tensor "als.items": shape [100, 65] is not what is allowed: [100, 64] (byte 1234)
 *
 * The record holds no more than fits; the sentence is as long as it needs to be and is cut where the
 * caller's buffer ends. Text from outside is shown without control characters and without broken UTF-8,
 * because it goes to terminals and logs. Numbers are written without a libc: whole numbers exactly,
 * others to nine significant digits, which is for reading and not for reading back. */
#include "fault.h"

#include <float.h>

#include "mem.h"
#include "status.h"
#include "utf8.h"

#include "base.h"

/* --------------------------------------------------------------- a sink of characters */

/* Counts all, keeps what fits. */
typedef struct sink {
  char *out;
  size_t cap, n;
} sink;

static void put(sink *s, char c) {
  if (s->n < s->cap) s->out[s->n] = c;
  s->n++;
}

static void put_words(sink *s, const char *words) {
  while (*words != '\0') put(s, *words++);
}

/* Shows outside bytes: controls become '?', and so does everything that is not ASCII in invalid UTF-8. */
static void put_outside(sink *s, const char *bytes, size_t n) {
  const bool valid = ink_utf8_valid(bytes, n);
  for (size_t i = 0; i < n; i++) {
    const uint8_t b = (uint8_t)bytes[i];
    const bool control = b < 0x20 || b == 0x7f || (b == 0xc2 && i + 1 < n && (uint8_t)bytes[i + 1] < 0xa0);
    if (control && b == 0xc2) i++;
    put(s, control || (b >= 0x80 && !valid) ? '?' : (char)b);
  }
}

static void put_u64(sink *s, uint64_t x) {
  char digits[20];
  size_t n = 0;
  do {
    digits[n++] = (char)('0' + x % 10);
    x /= 10;
  } while (x != 0);
  while (n > 0) put(s, digits[--n]);
}

/* Nine digits, the first `point` of them before the point (none: "0.0..."), without closing zeros. */
static void put_decimal(sink *s, uint64_t nine, int point) {
  char digits[9];
  int n = 9;
  for (int i = 9; i-- > 0; nine /= 10) digits[i] = (char)('0' + nine % 10);
  while (n > 1 && n > point && digits[n - 1] == '0') n--;
  if (point <= 0) put_words(s, "0.");
  for (int i = point; i < 0; i++) put(s, '0');
  for (int i = 0; i < n; i++) {
    if (i == point && i > 0) put(s, '.');
    put(s, digits[i]);
  }
}

/* x > 0, not whole or very large. Scaling by ten some 600 times at most costs last digits at the ends of
 * the range of doubles; nobody computes with this text. */
static void put_fraction(sink *s, double x) {
  int exponent = 0;
  while (x >= 10.0) { x /= 10.0; exponent++; }
  while (x < 1.0) { x *= 10.0; exponent--; }
  uint64_t nine = (uint64_t)(x * 1e8 + 0.5);
  if (nine >= 1000000000) { nine /= 10; exponent++; }
  if (exponent >= -4 && exponent < 9) {
    put_decimal(s, nine, exponent + 1);
    return;
  }
  put_decimal(s, nine, 1);
  put_words(s, exponent < 0 ? "e-" : "e+");
  put_u64(s, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

static void put_number(sink *s, double x) {
  const double whole_limit = 9007199254740992.0;   /* 2^53 */
  if (x != x) { put_words(s, "NaN"); return; }
  if (x < 0) { put(s, '-'); x = -x; }
  if (x > DBL_MAX) put_words(s, "infinity");
  else if (x <= whole_limit && (double)(uint64_t)x == x) put_u64(s, (uint64_t)x);
  else put_fraction(s, x);
}

/* --------------------------------------------------------------- filling a record */

/* Copies zero-closed words, cut to the field at the start of a character. */
static void set_words(char *field, size_t cap, const char *words) {
  const ink_text text = ink_text_of(words);
  const size_t n = ink_utf8_cut(text.bytes, text.n, cap - 1);
  ink_mem_copy(field, text.bytes, n);
  field[n] = '\0';
}

static void set_name(ink_fault *fault, ink_text name) {
  const size_t n = ink_utf8_cut(name.bytes, name.n, sizeof fault->name);
  ink_mem_copy(fault->name, name.bytes, n);
  fault->name_bytes = (uint32_t)n;
}

ink_status ink_refuse_found(ink_fault *fault, ink_status code, ink_text name, const char *found, const char *allowed) {
  if (fault == NULL) return code;
  *fault = (ink_fault){ .code = (uint32_t)code, .low = 1, .high = 0 };
  set_name(fault, name);
  set_words(fault->found, sizeof fault->found, found);
  set_words(fault->allowed, sizeof fault->allowed, allowed);
  return code;
}

ink_status ink_refuse(ink_fault *fault, ink_status code, ink_text name, const char *allowed) {
  return ink_refuse_found(fault, code, name, "", allowed);
}

ink_status ink_refuse_text(ink_fault *fault, ink_status code, ink_text name, ink_text found, const char *allowed) {
  char words[sizeof fault->found];
  sink s = { words, sizeof words - 1, 0 };
  const size_t room = sizeof words - 6;   /* two quotes, "...", zero */
  const size_t n = ink_utf8_cut(found.bytes, found.n, room);
  put(&s, '"');
  put_outside(&s, found.bytes, n);
  put_words(&s, n < found.n ? "...\"" : "\"");
  words[s.n] = '\0';
  return ink_refuse_found(fault, code, name, words, allowed);
}

ink_status ink_refuse_range(ink_fault *fault, ink_status code, ink_text name, double got, double low, double high) {
  ink_refuse_found(fault, code, name, "", "");
  if (fault == NULL) return code;
  fault->got = got;
  fault->low = low;
  fault->high = high;
  return code;
}

ink_status ink_refuse_number(ink_fault *fault, ink_status code, ink_text name, const char *what, double got, double low, double high) {
  ink_refuse_range(fault, code, name, got, low, high);
  if (fault == NULL) return code;
  sink s = { fault->found, sizeof fault->found - 1, 0 };
  put_words(&s, what);
  put(&s, ' ');
  put_number(&s, got);
  fault->found[s.n < s.cap ? s.n : s.cap] = '\0';
  return code;
}

/* "[100, 64]"; INK_NONE, which stands for any number, is written as n. */
static void put_shape(sink *s, uint32_t rank, const uint32_t *shape) {
  put(s, '[');
  for (uint32_t i = 0; i < rank; i++) {
    if (i > 0) put_words(s, ", ");
    if (shape[i] == INK_NONE) put(s, 'n');
    else put_u64(s, shape[i]);
  }
  put(s, ']');
}

ink_status ink_refuse_shape(ink_fault *fault, const ink_tensor *tensor, uint32_t rank, const uint32_t *want) {
  char found[64], allowed[64];
  INK_ASSERT(rank <= INK_MAX_RANK);
  sink f = { found, sizeof found - 1, 0 }, a = { allowed, sizeof allowed - 1, 0 };
  put_words(&f, "shape ");
  put_shape(&f, tensor->rank, tensor->shape);
  put_shape(&a, rank, want);
  found[f.n] = allowed[a.n] = '\0';       /* at most 6 + 48 + 2 characters each */
  return ink_refuse_found(fault, INK_E_PACK_SHAPE, tensor->name, found, allowed);
}

ink_status ink_refuse_dtype(ink_fault *fault, const ink_tensor *tensor, const char *allowed) {
  return ink_refuse_found(fault, INK_E_PACK_DTYPE, tensor->name, ink_dtype_name(tensor->dtype), allowed);
}

ink_status ink_refuse_at(ink_fault *fault, ink_status code, const char *unit, uint64_t at) {
  if (fault == NULL) return code;
  set_words(fault->unit, sizeof fault->unit, unit);
  fault->at = at;
  return code;
}

const char *ink_dtype_name(uint32_t dtype) {
  switch (dtype) {
    case INK_DTYPE_BOOL: return "BOOL";
    case INK_DTYPE_U8: return "U8";
    case INK_DTYPE_I8: return "I8";
    case INK_DTYPE_U16: return "U16";
    case INK_DTYPE_I16: return "I16";
    case INK_DTYPE_F16: return "F16";
    case INK_DTYPE_BF16: return "BF16";
    case INK_DTYPE_U32: return "U32";
    case INK_DTYPE_I32: return "I32";
    case INK_DTYPE_F32: return "F32";
    case INK_DTYPE_U64: return "U64";
    case INK_DTYPE_I64: return "I64";
    case INK_DTYPE_F64: return "F64";
    default: return "?";
  }
}

/* --------------------------------------------------------------- the sentence */

static void put_name(sink *s, const ink_fault *fault) {
  const uint32_t n = ink_min_u32(fault->name_bytes, sizeof fault->name);
  if (n == 0) return;
  const char *const subject = ink_status_subject((ink_status)fault->code);
  put_words(s, subject);
  if (subject[0] != '\0') put(s, ' ');
  put(s, '"');
  put_outside(s, fault->name, n);
  put_words(s, "\": ");
}

/* A field that should be closed by zero but came from who knows where. */
static void put_field(sink *s, const char *field, size_t cap) {
  size_t n = 0;
  while (n < cap && field[n] != '\0') n++;
  put_outside(s, field, n);
}

static void put_what(sink *s, const ink_fault *fault) {
  const bool range = fault->low <= fault->high;
  const bool found = fault->found[0] != '\0', allowed = fault->allowed[0] != '\0';
  if (found) put_field(s, fault->found, sizeof fault->found);
  else if (range) put_number(s, fault->got);
  else put_words(s, ink_status_text((ink_status)fault->code));
  if (!range && !allowed) return;
  put_words(s, found || range ? " is not what is allowed: " : "; allowed: ");
  if (allowed) {
    put_field(s, fault->allowed, sizeof fault->allowed);
    return;
  }
  put_number(s, fault->low);
  if (fault->low == fault->high) return;
  put_words(s, " to ");
  put_number(s, fault->high);
}

size_t ink_fault_text(const ink_fault *fault, char *out, size_t cap) {
  sink s = { out, cap > 0 ? cap - 1 : 0, 0 };
  put_name(&s, fault);
  put_what(&s, fault);
  if (fault->unit[0] != '\0') {
    put_words(&s, " (");
    put_field(&s, fault->unit, sizeof fault->unit);
    put(&s, ' ');
    put_u64(&s, fault->at);
    put(&s, ')');
  }
  if (cap > 0) out[s.n < cap ? s.n : ink_utf8_prefix(out, cap - 1)] = '\0';
  return s.n;
}
