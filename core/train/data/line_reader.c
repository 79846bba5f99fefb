/* line_reader.c - see line_reader.h. Line feeds are searched eight bytes a step, so that reading is
 * bound by the hash tables behind it and not by this file. */
#include "line_reader.h"

#include "blocks.h"
#include "fault.h"
#include "mem.h"
#include "utf8.h"
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
    if (r->cap > INK_MAX_LINE_BYTES)
      return ink_line_fault(r, INK_E_LIMIT, (ink_text){ "", 0 }, (ink_text){ "", 0 }, "lines of at most 64 MB");
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
  return ink_line_fault(r, INK_E_DATA_SYNTAX, (ink_text){ "", 0 }, (ink_text){ "", 0 },
                        "every quote closed: the one opened here never is");
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
  if (length > INK_MAX_LINE_BYTES)
    return ink_line_fault(r, INK_E_LIMIT, (ink_text){ "", 0 }, (ink_text){ "", 0 }, "lines of at most 64 MB");
  *line = (ink_line){ r->buf + r->at, (uint32_t)length };
  r->at += length + (r->at + length < r->end);
  r->next_line += n_feeds + 1;
  if (line->n > 0 && line->bytes[line->n - 1] == '\r') line->n--;
  return r->encoding == INK_ENCODING_LATIN1 ? to_utf8(r, line) : INK_OK;
}

/* ------------------------------------------------------------------ faults */

static ink_text base_name(ink_text path) {
  for (uint32_t i = path.n; i > 0; i--)
    if (path.bytes[i - 1] == '/') return (ink_text){ path.bytes + i, path.n - i };
  return path;
}

/* Appends as many bytes as fit, cut between characters. */
static void append(char *name, uint32_t *n, uint32_t cap, ink_text text) {
  const size_t take = ink_utf8_cut(text.bytes, text.n, ink_min_u32(text.n, cap - *n));
  ink_mem_copy(name + *n, text.bytes, take);
  *n += (uint32_t)take;
}

ink_status ink_line_fault(const ink_line_reader *r, ink_status status, ink_text column, ink_text cell, const char *allowed) {
  char name[sizeof r->env->fault->name];
  uint32_t n = 0;
  append(name, &n, 56, base_name(ink_text_of(r->source->name != NULL ? r->source->name : "input")));
  if (column.n > 0) {
    append(name, &n, sizeof name, ink_text_of(", column "));
    append(name, &n, sizeof name, column);
  }
  if (cell.n > 0) ink_refuse_text(r->env->fault, status, (ink_text){ name, n }, cell, allowed);
  else ink_refuse(r->env->fault, status, (ink_text){ name, n }, allowed);
  return ink_refuse_at(r->env->fault, status, "line", r->line);
}

ink_text ink_text_trim(ink_text text) {
  while (text.n > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
    text.bytes++;
    text.n--;
  }
  while (text.n > 0 && (text.bytes[text.n - 1] == ' ' || text.bytes[text.n - 1] == '\t')) text.n--;
  return text;
}
