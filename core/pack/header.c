/* header.c - see header.h. A reader by recursive descent without the recursion: the grammar is three
 * objects deep at most, so the depth is in the functions' names.
 *
 *   header   = object of  name: tensor | "__metadata__": object of  name: string
 *   tensor   = object of  "dtype": name, "shape": [numbers], "data_offsets": [number, number]
 *
 * Order of reading: characters, strings, numbers, objects, tensors, the walk. */
#include "header.h"

#include "bytes.h"
#include "caps.h"
#include "fault.h"
#include "utf8.h"

#include "base.h"

enum { AT_START, IN_HEADER, IN_METADATA, AT_END };

#define LENGTH_BYTES 8u                   /* the header's length stands before it */

/* ------------------------------------------------------------------ characters */

static int peek(const ink_header *h) { return h->at < h->n_bytes ? h->bytes[h->at] : -1; }

static void skip_space(ink_header *h) {
  for (;; h->at++) {
    const int c = peek(h);
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
  }
}

static ink_status at_byte(const ink_header *h, ink_status code, size_t at) {
  return ink_refuse_at(h->fault, code, "byte", LENGTH_BYTES + (uint64_t)at);
}

/* The character at h->at is not the one that the grammar wants. */
static ink_status unexpected(const ink_header *h, const char *allowed) {
  const ink_text found = { (const char *)h->bytes + h->at, 1 };
  if (h->at < h->n_bytes) ink_refuse_text(h->fault, INK_E_PACK_SYNTAX, h->about, found, allowed);
  else ink_refuse_found(h->fault, INK_E_PACK_SYNTAX, h->about, "the header's end", allowed);
  return at_byte(h, INK_E_PACK_SYNTAX, h->at);
}

/* Space, then this one character. */
static ink_status expect(ink_header *h, char c, const char *allowed) {
  skip_space(h);
  if (peek(h) != c) return unexpected(h, allowed);
  h->at++;
  return INK_OK;
}

/* ------------------------------------------------------------------ strings */

/* Four hexadecimal digits, or -1. */
static int32_t hex4(const uint8_t *b) {
  int32_t x = 0;
  for (int i = 0; i < 4; i++) {
    const uint8_t c = b[i];
    if (c >= '0' && c <= '9') x = x * 16 + (c - '0');
    else if (c >= 'a' && c <= 'f') x = x * 16 + (c - 'a' + 10);
    else if (c >= 'A' && c <= 'F') x = x * 16 + (c - 'A' + 10);
    else return -1;
  }
  return x;
}

/* The code unit of an escape \uXXXX at h->at + offset, or -1. */
static int32_t unicode_escape(const ink_header *h, size_t offset) {
  const uint8_t *const b = h->bytes + h->at + offset;
  const size_t left = h->n_bytes - h->at;
  return left >= offset + 6 && b[0] == '\\' && b[1] == 'u' ? hex4(b + 2) : -1;
}

/* \uXXXX or a pair of them at h->at. A half of a pair is no character; U+0000 would end the text for
 * every reader in C. */
static ink_status skip_unicode_escape(ink_header *h) {
  const int32_t unit = unicode_escape(h, 0);
  if (unit < 0) {
    ink_refuse(h->fault, INK_E_PACK_SYNTAX, h->about, "four hexadecimal digits after \\u");
    return at_byte(h, INK_E_PACK_SYNTAX, h->at);
  }
  const bool high = unit >= 0xd800 && unit <= 0xdbff, low = unit >= 0xdc00 && unit <= 0xdfff;
  const int32_t next = high ? unicode_escape(h, 6) : -1;
  const bool pair = next >= 0xdc00 && next <= 0xdfff;
  if (unit == 0 || low || (high && !pair)) {
    ink_refuse(h->fault, INK_E_PACK_UTF8, h->about, "\\u0001 to \\uffff, surrogates in pairs");
    return at_byte(h, INK_E_PACK_UTF8, h->at);
  }
  h->at += pair ? 12 : 6;
  return INK_OK;
}

static ink_status skip_escape(ink_header *h) {
  const int c = h->at + 1 < h->n_bytes ? h->bytes[h->at + 1] : -1;
  switch (c) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
      h->at += 2;
      return INK_OK;
    case 'u':
      return skip_unicode_escape(h);
    default:
      ink_refuse(h->fault, INK_E_PACK_SYNTAX, h->about, "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
      return at_byte(h, INK_E_PACK_SYNTAX, h->at);
  }
}

/* A string with escapes; *text is what stands between the quotes. */
static ink_status read_string(ink_header *h, ink_text *text) {
  INK_TRY(expect(h, '"', "a string in quotes"));
  const size_t start = h->at;
  for (int c = peek(h); c != '"'; c = peek(h)) {
    if (c < 0x20) return unexpected(h, "a string without control characters, closed by a quote");
    if (c == '\\') INK_TRY(skip_escape(h));
    else h->at++;
  }
  const size_t n = h->at - start, valid = ink_utf8_prefix(h->bytes + start, n);
  if (valid != n) {
    ink_refuse(h->fault, INK_E_PACK_UTF8, h->about, "UTF-8");
    return at_byte(h, INK_E_PACK_UTF8, start + valid);
  }
  h->at++;
  *text = (ink_text){ (const char *)h->bytes + start, (uint32_t)n };   /* n < INK_CAP_HEADER_BYTES */
  return INK_OK;
}

/* A name: a short string that means itself, so that two names are equal when their bytes are. */
static ink_status read_name(ink_header *h, ink_text *name) {
  skip_space(h);
  const size_t start = h->at + 1;
  INK_TRY(read_string(h, name));
  if (name->n == 0 || name->n > INK_CAP_NAME_BYTES) {
    ink_refuse_number(h->fault, INK_E_LIMIT, *name, "a name length of", name->n, 1, INK_CAP_NAME_BYTES);
    return at_byte(h, INK_E_LIMIT, start);
  }
  for (uint32_t i = 0; i < name->n; i++) {
    if (name->bytes[i] != '\\') continue;
    ink_refuse(h->fault, INK_E_PACK_KEY, *name, "a name without escapes");
    return at_byte(h, INK_E_PACK_KEY, start + i);
  }
  return INK_OK;
}

/* ------------------------------------------------------------------ numbers */

/* Digits without a leading zero. What does not fit is UINT64_MAX, which no check lets through. */
static ink_status read_number(ink_header *h, uint64_t *number) {
  skip_space(h);
  const size_t start = h->at;
  uint64_t x = 0;
  for (int c = peek(h); c >= '0' && c <= '9'; c = peek(h)) {
    const uint64_t digit = (uint64_t)(c - '0');
    x = x > (UINT64_MAX - digit) / 10 ? UINT64_MAX : x * 10 + digit;
    h->at++;
  }
  if (h->at == start) return unexpected(h, "a whole number, not negative");
  if (h->bytes[start] == '0' && h->at - start > 1) {
    h->at = start;
    return unexpected(h, "a number without leading zeros");
  }
  *number = x;
  return INK_OK;
}

/* [a, b, ...]: *n counts all of them, the first `cap` are kept. */
static ink_status read_numbers(ink_header *h, uint64_t *numbers, uint32_t cap, uint32_t *n) {
  INK_TRY(expect(h, '[', "a list of numbers"));
  *n = 0;
  skip_space(h);
  if (peek(h) == ']') {
    h->at++;
    return INK_OK;
  }
  for (;;) {
    uint64_t number = 0;
    INK_TRY(read_number(h, &number));
    if (*n < cap) numbers[*n] = number;
    ++*n;                                 /* a header has fewer than 2^24 bytes, hence numbers */
    skip_space(h);
    if (peek(h) != ',') return expect(h, ']', "a comma or ]");
    h->at++;
  }
}

/* ------------------------------------------------------------------ objects */

/* Steps to the next member of an object and over its colon; *more is false at the closing brace.
 * *first: no member was read yet. */
static ink_status next_member(ink_header *h, bool *first, ink_text *name, bool *more) {
  skip_space(h);
  *more = peek(h) != '}';
  if (!*more) {
    h->at++;
    return INK_OK;
  }
  if (!*first) INK_TRY(expect(h, ',', "a comma or }"));
  *first = false;
  INK_TRY(read_name(h, name));
  return expect(h, ':', "a colon");
}

/* ------------------------------------------------------------------ tensors */

/* What stands in one tensor's object. */
typedef struct tensor_fields {
  bool has_dtype, has_shape, has_offsets;
  uint64_t shape[INK_MAX_RANK];
  uint64_t offsets[2];
  uint32_t n_shape, n_offsets;
} tensor_fields;

static ink_status read_dtype(ink_header *h, uint32_t *dtype) {
  skip_space(h);
  const size_t start = h->at;
  ink_text name;
  INK_TRY(read_name(h, &name));
  for (uint32_t d = INK_DTYPE_U8; d <= INK_DTYPE_BOOL; d++) {
    if (!ink_text_equal(name, ink_text_of(ink_dtype_name(d)))) continue;
    *dtype = d;
    return INK_OK;
  }
  ink_refuse_text(h->fault, INK_E_PACK_DTYPE, h->about, name, "BOOL, U8..U64, I8..I64, F16, BF16, F32 or F64");
  return at_byte(h, INK_E_PACK_DTYPE, start);
}

/* Marks a field as seen, once. */
static ink_status once(const ink_header *h, bool *seen, ink_text name) {
  if (!*seen) {
    *seen = true;
    return INK_OK;
  }
  ink_refuse(h->fault, INK_E_PACK_DUPLICATE, name, "one dtype, one shape and one data_offsets");
  return at_byte(h, INK_E_PACK_DUPLICATE, h->at);
}

static ink_status read_field(ink_header *h, ink_text name, tensor_fields *f, uint32_t *dtype) {
  if (ink_text_equal(name, ink_text_of("dtype"))) {
    INK_TRY(once(h, &f->has_dtype, name));
    return read_dtype(h, dtype);
  }
  if (ink_text_equal(name, ink_text_of("shape"))) {
    INK_TRY(once(h, &f->has_shape, name));
    return read_numbers(h, f->shape, INK_MAX_RANK, &f->n_shape);
  }
  if (ink_text_equal(name, ink_text_of("data_offsets"))) {
    INK_TRY(once(h, &f->has_offsets, name));
    return read_numbers(h, f->offsets, 2, &f->n_offsets);
  }
  ink_refuse(h->fault, INK_E_PACK_KEY, name, "dtype, shape and data_offsets");
  return at_byte(h, INK_E_PACK_KEY, h->at);
}

/* Bytes of the tensor, in 64 bits on every build. False: a dimension or the product is too large. */
static bool shape_bytes(const tensor_fields *f, ink_header_entry *entry, uint64_t *bytes) {
  uint64_t product = ink_dtype_bytes(entry->dtype);
  for (uint32_t i = 0; i < INK_MAX_RANK; i++) {
    const uint64_t dim = i < f->n_shape ? f->shape[i] : 1;
    if (dim > UINT32_MAX || (dim != 0 && product > UINT64_MAX / dim)) return false;
    product *= dim;
    entry->shape[i] = (uint32_t)dim;
  }
  entry->rank = f->n_shape;
  *bytes = product;
  return true;
}

static ink_status check_shape(const ink_header *h, const tensor_fields *f, ink_header_entry *entry, uint64_t *bytes) {
  if (f->n_shape > INK_MAX_RANK)
    ink_refuse_found(h->fault, INK_E_PACK_SHAPE, h->about, "a shape of more dimensions", "4 dimensions at most");
  else if (!shape_bytes(f, entry, bytes))
    ink_refuse_found(h->fault, INK_E_PACK_SHAPE, h->about, "a larger shape",
                     "dimensions below 2^32 and fewer than 2^64 bytes");
  else return INK_OK;
  return at_byte(h, INK_E_PACK_SHAPE, h->at);
}

static ink_status check_offsets(const ink_header *h, const tensor_fields *f, uint64_t bytes, ink_header_entry *entry) {
  const uint64_t begin = f->offsets[0], end = f->offsets[1];
  if (f->n_offsets != 2) {
    ink_refuse(h->fault, INK_E_PACK_OFFSETS, h->about, "data_offsets of two numbers");
    return at_byte(h, INK_E_PACK_OFFSETS, h->at);
  }
  if (begin > end || end - begin != bytes) {
    const double got = begin > end ? -(double)(begin - end) : (double)(end - begin);
    ink_refuse_number(h->fault, INK_E_PACK_OFFSETS, h->about, "data_offsets over a length of", got, (double)bytes, (double)bytes);
    return at_byte(h, INK_E_PACK_OFFSETS, h->at);
  }
  if (end > h->data_bytes) {
    ink_refuse_number(h->fault, INK_E_PACK_TRUNCATED, h->about, "data_offsets with an end of", (double)end, 0, (double)h->data_bytes);
    return at_byte(h, INK_E_PACK_TRUNCATED, h->at);
  }
  if ((LENGTH_BYTES + h->n_bytes + begin) % ink_dtype_bytes(entry->dtype) != 0) {
    ink_refuse(h->fault, INK_E_PACK_ALIGN, h->about, "a place in the file that is a multiple of the element's size");
    return ink_refuse_at(h->fault, INK_E_PACK_ALIGN, "byte", LENGTH_BYTES + h->n_bytes + begin);
  }
  entry->begin = begin;
  entry->end = end;
  return INK_OK;
}

static ink_status read_tensor(ink_header *h, ink_header_entry *entry) {
  tensor_fields fields = { 0 };
  bool first = true, more = true;
  uint64_t bytes = 0;
  INK_TRY(expect(h, '{', "a tensor: {\"dtype\", \"shape\", \"data_offsets\"}"));
  while (more) {
    ink_text name;
    INK_TRY(next_member(h, &first, &name, &more));
    if (more) INK_TRY(read_field(h, name, &fields, &entry->dtype));
  }
  if (!fields.has_dtype || !fields.has_shape || !fields.has_offsets) {
    ink_refuse(h->fault, INK_E_PACK_SYNTAX, h->about, "a tensor with dtype, shape and data_offsets");
    return at_byte(h, INK_E_PACK_SYNTAX, h->at);
  }
  INK_TRY(check_shape(h, &fields, entry, &bytes));
  return check_offsets(h, &fields, bytes, entry);
}

/* ------------------------------------------------------------------ the walk */

ink_status ink_header_open(ink_header *h, const void *file, size_t file_bytes, ink_fault *fault) {
  ink_reader reader;
  ink_reader_init(&reader, file, file_bytes);
  const uint64_t n = ink_read_u64(&reader);
  const ink_text none = { NULL, 0 };
  if (reader.failed) {
    ink_refuse(fault, INK_E_PACK_TRUNCATED, none, "a file that begins with the length of its header");
    return ink_refuse_at(fault, INK_E_PACK_TRUNCATED, "byte", file_bytes);
  }
  if (n < 2 || n > INK_CAP_HEADER_BYTES) {
    ink_refuse_number(fault, INK_E_PACK_HEADER_BYTES, none, "a header length of", (double)n, 2, INK_CAP_HEADER_BYTES);
    return ink_refuse_at(fault, INK_E_PACK_HEADER_BYTES, "byte", 0);
  }
  if (n > file_bytes - LENGTH_BYTES) {
    ink_refuse(fault, INK_E_PACK_TRUNCATED, none, "a file that holds its whole header");
    return ink_refuse_at(fault, INK_E_PACK_TRUNCATED, "byte", file_bytes);
  }
  *h = (ink_header){ .bytes = (const uint8_t *)file + LENGTH_BYTES, .n_bytes = (size_t)n, .state = AT_START,
                     .data_bytes = file_bytes - LENGTH_BYTES - n, .fault = fault };
  return INK_OK;
}

/* Counts an entry against its cap before it is handed out. */
static ink_status count(const ink_header *h, uint32_t *n, uint32_t cap, const char *allowed) {
  if (*n < cap) {
    ++*n;
    return INK_OK;
  }
  ink_refuse(h->fault, INK_E_LIMIT, h->about, allowed);
  return at_byte(h, INK_E_LIMIT, h->at);
}

static ink_status finish(ink_header *h) {
  h->about = (ink_text){ NULL, 0 };
  for (; h->at < h->n_bytes; h->at++)
    if (h->bytes[h->at] != ' ') return unexpected(h, "spaces up to the header's end");
  h->state = AT_END;
  return INK_OK;
}

/* A pair of strings inside `__metadata__`; *found is false at its closing brace. */
static ink_status next_metadata(ink_header *h, ink_header_entry *entry, bool *found) {
  INK_TRY(next_member(h, &h->first, &entry->name, found));
  if (!*found) {
    h->state = IN_HEADER;
    h->first = false;                     /* `__metadata__` itself was a member of the header */
    return INK_OK;
  }
  h->about = entry->name;
  entry->metadata = true;
  entry->at = LENGTH_BYTES + (uint64_t)((const uint8_t *)entry->name.bytes - h->bytes);
  INK_TRY(count(h, &h->n_metadata, INK_CAP_METADATA, "1024 metadata entries at most"));
  return read_string(h, &entry->value);
}

/* A tensor, or the step into `__metadata__`; *found is true for a tensor. */
static ink_status next_tensor(ink_header *h, ink_header_entry *entry, bool *found) {
  bool more;
  INK_TRY(next_member(h, &h->first, &entry->name, &more));
  *found = false;
  if (!more) return finish(h);
  h->about = entry->name;
  entry->at = LENGTH_BYTES + (uint64_t)((const uint8_t *)entry->name.bytes - h->bytes);
  if (ink_text_equal(entry->name, ink_text_of("__metadata__"))) {
    INK_TRY(once(h, &h->seen_metadata, entry->name));
    h->state = IN_METADATA;
    h->first = true;
    return expect(h, '{', "an object of strings");
  }
  *found = true;
  INK_TRY(count(h, &h->n_tensors, INK_CAP_TENSORS, "1024 tensors at most"));
  return read_tensor(h, entry);
}

ink_status ink_header_next(ink_header *h, ink_header_entry *entry, bool *more) {
  *entry = (ink_header_entry){ 0 };
  *more = false;
  if (h->state == AT_START) {
    if (peek(h) != '{') return unexpected(h, "{ as the first byte");
    h->at++;
    h->state = IN_HEADER;
    h->first = true;
  }
  while (!*more && h->state != AT_END) {
    if (h->state == IN_METADATA) INK_TRY(next_metadata(h, entry, more));
    else INK_TRY(next_tensor(h, entry, more));
  }
  return INK_OK;
}
