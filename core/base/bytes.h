/* bytes.h - little-endian reading and writing that cannot step outside its span.
 *
 * Both remember failure: after the first step that does not fit, a reader hands out zeros and a writer
 * writes nothing more, so a format is read or written straight down and asked once at the end.
 * Never use a value that was read before the reader was asked. */
#ifndef INK_BYTES_H
#define INK_BYTES_H

#include "inkling.h"

typedef struct ink_reader {
  const uint8_t *bytes;
  size_t n, at;                   /* at <= n */
  bool failed;
} ink_reader;

void ink_reader_init(ink_reader *r, const void *bytes, size_t n);
static inline size_t ink_reader_left(const ink_reader *r) { return r->n - r->at; }
uint8_t ink_read_u8(ink_reader *r);
uint16_t ink_read_u16(ink_reader *r);
uint32_t ink_read_u32(ink_reader *r);
uint64_t ink_read_u64(ink_reader *r);
float ink_read_f32(ink_reader *r);
/* The next n bytes, borrowed from the span; NULL when there are fewer. */
const uint8_t *ink_read_span(ink_reader *r, size_t n);
/* The same as text; empty when there are fewer. */
ink_text ink_read_text(ink_reader *r, uint32_t n);

typedef struct ink_writer {
  uint8_t *bytes;
  size_t cap;
  size_t at;                      /* bytes asked for so far: goes on counting after a failure */
  bool failed;
} ink_writer;

/* bytes NULL with cap 0 measures: it fails, and `at` tells the bytes needed. */
void ink_writer_init(ink_writer *w, void *bytes, size_t cap);
void ink_write_u8(ink_writer *w, uint8_t value);
void ink_write_u16(ink_writer *w, uint16_t value);
void ink_write_u32(ink_writer *w, uint32_t value);
void ink_write_u64(ink_writer *w, uint64_t value);
void ink_write_f32(ink_writer *w, float value);
void ink_write_span(ink_writer *w, const void *bytes, size_t n);
void ink_write_text(ink_writer *w, ink_text text);

#endif
