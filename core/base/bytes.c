/* bytes.c - the bounded reader and writer of bytes.h.
 * Numbers are put together from bytes: this is right on any machine, and compilers make it one load. */
#include "bytes.h"

#include "mem.h"

#include "base.h"

/* ------------------------------------------------------------------ reader */

void ink_reader_init(ink_reader *r, const void *bytes, size_t n) {
  *r = (ink_reader){ .bytes = bytes, .n = n };
}

const uint8_t *ink_read_span(ink_reader *r, size_t n) {
  if (r->failed || n > r->n - r->at) {
    r->failed = true;
    return NULL;
  }
  const uint8_t *const span = r->bytes + r->at;
  r->at += n;
  return span;
}

uint8_t ink_read_u8(ink_reader *r) {
  const uint8_t *const b = ink_read_span(r, 1);
  return b == NULL ? 0 : b[0];
}

uint16_t ink_read_u16(ink_reader *r) {
  const uint8_t *const b = ink_read_span(r, 2);
  return b == NULL ? 0 : (uint16_t)((uint32_t)b[0] | (uint32_t)b[1] << 8);
}

static uint32_t join_u32(const uint8_t *b) {
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

uint32_t ink_read_u32(ink_reader *r) {
  const uint8_t *const b = ink_read_span(r, 4);
  return b == NULL ? 0 : join_u32(b);
}

uint64_t ink_read_u64(ink_reader *r) {
  const uint8_t *const b = ink_read_span(r, 8);
  return b == NULL ? 0 : (uint64_t)join_u32(b) | (uint64_t)join_u32(b + 4) << 32;
}

float ink_read_f32(ink_reader *r) { return ink_f32_from_bits(ink_read_u32(r)); }

ink_text ink_read_text(ink_reader *r, uint32_t n) {
  const uint8_t *const b = ink_read_span(r, n);
  return b == NULL ? (ink_text){ .bytes = "", .n = 0 } : (ink_text){ .bytes = (const char *)b, .n = n };
}

/* ------------------------------------------------------------------ writer */

void ink_writer_init(ink_writer *w, void *bytes, size_t cap) {
  *w = (ink_writer){ .bytes = bytes, .cap = cap };
}

void ink_write_span(ink_writer *w, const void *bytes, size_t n) {
  /* Once failed always failed: a later, shorter piece must not land behind a hole. */
  if (w->failed || n > w->cap - w->at) w->failed = true;
  else ink_mem_copy(w->bytes + w->at, bytes, n);
  w->at = n > SIZE_MAX - w->at ? SIZE_MAX : w->at + n;
}

void ink_write_u8(ink_writer *w, uint8_t value) { ink_write_span(w, &value, 1); }

void ink_write_u16(ink_writer *w, uint16_t value) {
  const uint8_t b[2] = { (uint8_t)value, (uint8_t)(value >> 8) };
  ink_write_span(w, b, sizeof b);
}

void ink_write_u32(ink_writer *w, uint32_t value) {
  const uint8_t b[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };
  ink_write_span(w, b, sizeof b);
}

void ink_write_u64(ink_writer *w, uint64_t value) {
  uint8_t b[8];
  for (unsigned i = 0; i < 8; i++) b[i] = (uint8_t)(value >> (8 * i));
  ink_write_span(w, b, sizeof b);
}

void ink_write_f32(ink_writer *w, float value) { ink_write_u32(w, ink_f32_bits(value)); }

void ink_write_text(ink_writer *w, ink_text text) { ink_write_span(w, text.bytes, text.n); }
