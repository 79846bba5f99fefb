/* import_pages.c - see import_pages.h. Formats: google/snappy, format_description.txt; RFC 1952; apache/parquet-format, Encodings.md. */
#include "import_pages.h"

#include <string.h>
#include <zlib.h>

/* ------------------------------------------------------------------- snappy */

typedef struct bytes { const uint8_t *at, *end; } bytes;

static bool take_whole(bytes *b, uint32_t n, uint32_t *value) {
  if ((size_t)(b->end - b->at) < n) return false;
  *value = 0;
  for (uint32_t i = n; i-- > 0;) *value = *value << 8 | b->at[i];
  b->at += n;
  return true;
}

static bool take_varint(bytes *b, uint64_t *value) {
  *value = 0;
  for (uint32_t shift = 0; shift < 64 && b->at < b->end; shift += 7) {
    const uint8_t byte = *b->at++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool put_literal(bytes *in, uint8_t tag, uint8_t *out, size_t n_out, size_t *n) {
  uint32_t length = tag >> 2;
  if (length >= 60 && !take_whole(in, length - 59, &length)) return false;
  const uint64_t size = (uint64_t)length + 1;
  if (size > (uint64_t)(in->end - in->at) || size > n_out - *n) return false;
  memcpy(out + *n, in->at, (size_t)size);
  in->at += size;
  *n += (size_t)size;
  return true;
}

/* Byte by byte: a copy may reach into what it writes. */
static bool put_copy(uint32_t length, uint32_t offset, uint8_t *out, size_t n_out, size_t *n) {
  if (offset == 0 || offset > *n || length > n_out - *n) return false;
  for (uint32_t i = 0; i < length; i++, (*n)++) out[*n] = out[*n - offset];
  return true;
}

bool pages_unsnappy(const uint8_t *in, size_t n_in, uint8_t *out, size_t n_out) {
  bytes b = { in, in + n_in };
  uint64_t announced;
  size_t n = 0;
  if (!take_varint(&b, &announced) || announced != n_out) return false;
  while (b.at < b.end) {
    const uint8_t tag = *b.at++;
    uint32_t more = 0;
    bool good;
    switch (tag & 3) {
      case 0: good = put_literal(&b, tag, out, n_out, &n); break;
      case 1: good = take_whole(&b, 1, &more) && put_copy(4 + ((tag >> 2) & 7u), (uint32_t)(tag >> 5) << 8 | more, out, n_out, &n); break;
      case 2: good = take_whole(&b, 2, &more) && put_copy(1 + (uint32_t)(tag >> 2), more, out, n_out, &n); break;
      default: good = take_whole(&b, 4, &more) && put_copy(1 + (uint32_t)(tag >> 2), more, out, n_out, &n);
    }
    if (!good) return false;
  }
  return n == n_out;
}

/* --------------------------------------------------------------------- gzip */

bool pages_gunzip(const uint8_t *in, size_t n_in, uint8_t *out, size_t n_out) {
  z_stream s = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)n_in, .next_out = out, .avail_out = (uInt)n_out };
  if (n_in > UINT32_MAX || n_out > UINT32_MAX || inflateInit2(&s, 16 + MAX_WBITS) != Z_OK) return false;
  const bool whole = inflate(&s, Z_FINISH) == Z_STREAM_END && s.avail_out == 0;
  (void)inflateEnd(&s);
  return whole;
}

/* --------------------------------------------------------------------- runs */

static bool begin_run(pages_runs *r) {
  bytes b = { r->at, r->end };
  uint64_t head;
  if (!take_varint(&b, &head) || head >> 1 > UINT32_MAX) return false;
  r->packed = (head & 1) != 0;
  r->left = r->packed ? (head >> 1) * 8 : head >> 1;
  if (r->left == 0) return false;
  if (r->packed) {
    uint64_t size = (head >> 1) * r->width;
    if (size > (uint64_t)(b.end - b.at)) {       /* the last group may be cut short of what pads it */
      size = (uint64_t)(b.end - b.at);
      if (r->width > 0 && size * 8 / r->width < r->left) r->left = size * 8 / r->width;
    }
    r->groups = b.at;
    r->bit = 0;
    b.at += size;
  } else if (!take_whole(&b, (r->width + 7) / 8, &r->value)) {
    return false;
  }
  r->at = b.at;
  return r->left > 0;
}

bool pages_next(pages_runs *r, uint32_t *value) {
  if (r->left == 0 && !begin_run(r)) return false;
  r->left--;
  *value = r->value;
  if (!r->packed) return true;
  uint64_t bits = 0;
  const uint64_t first = r->bit >> 3, last = (r->bit + r->width + 7) >> 3;
  for (uint64_t i = last; i-- > first;) bits = bits << 8 | r->groups[i];
  *value = (uint32_t)((bits >> (r->bit & 7)) & (((uint64_t)1 << r->width) - 1));
  r->bit += r->width;
  return true;
}
