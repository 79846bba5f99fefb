/* line_reader.c - see line_reader.h. Line feeds are searched eight bytes a step, so that reading is
 * bound by the hash tables behind it and not by this file. */
#include "line_reader.h"

#include "blocks.h"
#include "base.h"

#define FIRST_BYTES 262144u
#define PEEK_BYTES 65536u

ink_status ink_line_reader_open(ink_line_reader *r, const ink_source *source, uint32_t encoding, const ink_train_env *env) {
  *r = (ink_line_reader){ .source = source, .env = env, .encoding = encoding, .next_line = 1 };
  INK_GROW(&env->allocator, FIRST_BYTES, &r->buf);
  r->cap = FIRST_BYTES;
  return INK_OK;
}

void ink_line_reader_close(ink_line_reader *r) {
  ink_block_free(&r->env->allocator, r->buf);
  ink_block_free(&r->env->allocator, r->converted);
  r->buf = r->converted = NULL;
}

/* ----------------------------------------------------------------- filling */

static ink_status tell_progress(const ink_line_reader *r) {
  const ink_train_env *env = r->env;
  if (env->progress == NULL) return INK_OK;
  const ink_progress p = { "reading", r->taken, r->source->bytes, __builtin_nan(""), __builtin_nan("") };
  return env->progress(env->progress_ctx, &p) ? INK_OK : INK_E_STOPPED;
}

/* Reads once more behind `end`, making room first: by moving, or by growing when the buffer is one line. */
static ink_status fill(ink_line_reader *r) {
  if (r->at > 0 && r->end == r->cap) {
    ink_mem_move(r->buf, r->buf + r->at, r->end - r->at);
    r->end -= r->at;
    r->at = 0;
  }
  if (r->end == r->cap) {
    if (r->cap > INK_MAX_LINE_BYTES) return ink_line_fault(r, INK_E_LIMIT, (ink_text){ "", 0 }, (ink_text){ "", 0 }, "lines of at most 64 MB");
    INK_GROW(&r->env->allocator, r->cap * 2, &r->buf);
    r->cap *= 2;
  }
  size_t n = 0;
  INK_TRY(r->source->read(r->source->ctx, r->buf + r->end, r->cap - r->end, &n));
  r->end += n;
  r->taken += n;
  r->ended = n == 0;
  return tell_progress(r);
}

static void skip_byte_order_mark(ink_line_reader *r) {
  if (r->next_line == 1 && r->end - r->at >= 3 && ink_mem_equal(r->buf + r->at, "\xef\xbb\xbf", 3)) r->at += 3;
}

ink_status ink_line_reader_peek(ink_line_reader *r, ink_text *bytes) {
  while (!r->ended && r->end - r->at < PEEK_BYTES) INK_TRY(fill(r));
  skip_byte_order_mark(r);
  *bytes = (ink_text){ r->buf + r->at, (uint32_t)ink_min_size(r->end - r->at, PEEK_BYTES) };
  return INK_OK;
}

/* ----------------------------------------------------------------- lines */

/* First place of `wanted` at or after `from`, or `end`. */
static const char *find_byte(const char *from, const char *end, char wanted) {
  const uint64_t ones = 0x0101010101010101u, pattern = ones * (uint8_t)wanted;
  for (; end - from >= 8; from += 8) {
    uint64_t x;
    __builtin_memcpy(&x, from, 8);
    x ^= pattern;
    if (((x - ones) & ~x & (ones << 7)) != 0) break;
  }
  while (from != end && *from != wanted) from++;
  return from;
}

static size_t count_quotes(const char *from, const char *end) {
  size_t n = 0;
  while ((from = find_byte(from, end, '"')) != end) {
    n++;
    from++;
  }
  return n;
}

/* Where the record that begins at r->at ends: a line feed, or r->end. Fills as needed; *n_feeds counts
 * the line feeds inside. A record is whole when its quotes are even: RFC 4180 doubles the ones inside. */
static ink_status find_end(ink_line_reader *r, bool quoted, size_t *length, uint64_t *n_feeds) {
  size_t looked = 0, quotes = 0;
  *n_feeds = 0;
  for (;;) {
    const char *from = r->buf + r->at + looked, *end = r->buf + r->end;
    const char *feed = find_byte(from, end, '\n');
    if (quoted) quotes += count_quotes(from, feed);
    looked += (size_t)(feed - from);
    if (feed == end) {
      if (r->ended) break;
      INK_TRY(fill(r));
    } else if (quotes % 2 == 0) {
      break;
    } else {
      looked++;
      ++*n_feeds;
    }
  }
  *length = looked;
  if (quotes % 2 == 0) return INK_OK;
  return ink_line_fault(r, INK_E_DATA_SYNTAX, (ink_text){ "", 0 }, (ink_text){ "", 0 }, "every quote closed: the one opened here never is");
}

/* Latin-1 is the first 256 code points: a byte from 0x80 on becomes two. */
static ink_status to_utf8(ink_line_reader *r, ink_line *line) {
  if (r->converted_cap < (size_t)line->n * 2) {
    INK_GROW(&r->env->allocator, (uint64_t)line->n * 2, &r->converted);
    r->converted_cap = (size_t)line->n * 2;
  }
  uint32_t n = 0;
  for (uint32_t i = 0; i < line->n; i++) {
    const uint8_t c = (uint8_t)line->bytes[i];
    if (c >= 0x80) r->converted[n++] = (char)(0xc0 | (c >> 6));
    r->converted[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
  }
  *line = (ink_line){ r->converted, n };
  return INK_OK;
}

ink_status ink_line_reader_next(ink_line_reader *r, bool quoted, ink_line *line, bool *more) {
  if (r->next_line == 1) {
    ink_text first;
    INK_TRY(ink_line_reader_peek(r, &first));
  }
  r->line = r->next_line;
  size_t length;
  uint64_t n_feeds;
  INK_TRY(find_end(r, quoted, &length, &n_feeds));
  *more = length > 0 || r->at < r->end;
  if (!*more) return INK_OK;
  if (length > INK_MAX_LINE_BYTES) return ink_line_fault(r, INK_E_LIMIT, (ink_text){ "", 0 }, (ink_text){ "", 0 }, "lines of at most 64 MB");
  *line = (ink_line){ r->buf + r->at, (uint32_t)length };
  r->at += length + (r->at + length < r->end);
  r->next_line += n_feeds + 1;
  if (line->n > 0 && line->bytes[line->n - 1] == '\r') line->n--;
  return r->encoding == INK_ENCODING_LATIN1 ? to_utf8(r, line) : INK_OK;
}

/* ------------------------------------------------------------------ faults */

typedef struct fault_name {
  char *bytes;
  uint32_t n, cap;
} fault_name;

/* Control characters and broken ends of UTF-8 would spoil a message: they become '?'. */
static void put(fault_name *to, ink_text text, uint32_t most) {
  const uint32_t n = ink_min_u32(text.n, most);
  for (uint32_t i = 0; i < n && to->n < to->cap; i++) {
    const uint8_t c = (uint8_t)text.bytes[i];
    to->bytes[to->n++] = c < 0x20 || c >= 0x7f ? '?' : (char)c;
  }
}

static ink_text base_name(ink_text path) {
  for (uint32_t i = path.n; i > 0; i--)
    if (path.bytes[i - 1] == '/') return (ink_text){ path.bytes + i, path.n - i };
  return path;
}

ink_status ink_line_fault(const ink_line_reader *r, ink_status status, ink_text column, ink_text cell, const char *allowed) {
  ink_fault *fault = r->env->fault;
  *fault = (ink_fault){ .code = (uint32_t)status, .at = r->line, .low = 1, .high = 0, .unit = "line" };
  fault_name name = { fault->name, 0, sizeof fault->name };
  put(&name, base_name(ink_text_of(r->source->name != NULL ? r->source->name : "input")), 40);
  if (column.n > 0) {
    put(&name, ink_text_of(", column "), 16);
    put(&name, column, 20);
  }
  if (cell.n > 0) {
    put(&name, ink_text_of(" \""), 2);
    put(&name, cell, 20);
    put(&name, ink_text_of("\""), 1);
  }
  fault->name_bytes = name.n;
  const ink_text words = ink_text_of(allowed);
  ink_mem_copy(fault->allowed, words.bytes, ink_min_size(words.n, sizeof fault->allowed - 1));
  return status;
}

/* -------------------------------------------------------------------- text */

/* Length of the well-formed sequence at `at`, or 0. Second byte's range by first byte: Unicode table 3-7. */
static uint32_t sequence_length(const uint8_t *at, size_t left) {
  const uint8_t first = at[0];
  if (first < 0x80) return 1;
  const uint32_t n = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (n == 0 || n > left) return 0;
  const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high) return 0;
  for (uint32_t i = 2; i < n; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return n;
}

bool ink_utf8_valid(ink_text text) {
  const uint8_t *bytes = (const uint8_t *)text.bytes;
  for (uint32_t i = 0; i < text.n;) {
    const uint32_t n = sequence_length(bytes + i, text.n - i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

ink_text ink_text_trim(ink_text text) {
  while (text.n > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
    text.bytes++;
    text.n--;
  }
  while (text.n > 0 && (text.bytes[text.n - 1] == ' ' || text.bytes[text.n - 1] == '\t')) text.n--;
  return text;
}
