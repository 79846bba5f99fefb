/* test_bytes.c - the bounded reader and writer: order of bytes, ends, failure that stays. */
#include "bytes.h"
#include "testlib.h"

#include "base.h"

static const uint8_t sample[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
                                  0x0d, 0x0e, 0x0f, 0x00, 0x00, 0x80, 0x3f, 'h', 'i' };

static void write_all(ink_writer *w) {
  ink_write_u8(w, 0x01);
  ink_write_u16(w, 0x0302);
  ink_write_u32(w, 0x07060504u);
  ink_write_u64(w, 0x0f0e0d0c0b0a0908u);
  ink_write_f32(w, 1.0f);
  ink_write_text(w, (ink_text){ "hi", 2 });
}

TEST(little_endian_out) {
  uint8_t out[sizeof sample + 1];
  ink_writer w;
  out[sizeof sample] = 0xee;
  ink_writer_init(&w, out, sizeof sample);
  write_all(&w);
  CHECK(!w.failed);
  CHECK_EQ(w.at, sizeof sample);
  CHECK(memcmp(out, sample, sizeof sample) == 0);
  CHECK_EQ(out[sizeof sample], 0xee);
}

TEST(every_shorter_span_fails_and_nothing_is_written_behind_it) {
  for (size_t cap = 0; cap < sizeof sample; cap++) {
    uint8_t out[sizeof sample];
    ink_writer w;
    memset(out, 0xee, sizeof out);
    ink_writer_init(&w, out, cap);
    write_all(&w);
    CHECK(w.failed);
    CHECK_EQ(w.at, sizeof sample);              /* what it would have needed */
    for (size_t i = cap; i < sizeof out; i++) CHECK_EQ(out[i], 0xee);
  }
  uint8_t one = 0xee;
  ink_writer w;
  ink_writer_init(&w, &one, 1);
  ink_write_u16(&w, 7);
  ink_write_u8(&w, 7);                          /* would fit, but lies behind a hole */
  CHECK_EQ(one, 0xee);
  ink_writer_init(&w, NULL, 0);
  write_all(&w);
  CHECK_EQ(w.at, sizeof sample);
}

TEST(little_endian_in) {
  ink_reader r;
  ink_reader_init(&r, sample, sizeof sample);
  CHECK_EQ(ink_read_u8(&r), 0x01);
  CHECK_EQ(ink_read_u16(&r), 0x0302);
  CHECK_EQ(ink_read_u32(&r), 0x07060504u);
  CHECK(ink_read_u64(&r) == 0x0f0e0d0c0b0a0908u);
  CHECK_EQ_BITS(ink_read_f32(&r), 1.0f);
  CHECK_EQ(ink_reader_left(&r), 2);
  const ink_text text = ink_read_text(&r, 2);
  CHECK_EQ(text.n, 2);
  CHECK(text.bytes == (const char *)sample + 19);
  CHECK(!r.failed);
  CHECK_EQ(ink_reader_left(&r), 0);
  CHECK(ink_read_span(&r, 0) != NULL);
  CHECK(!r.failed);
}

TEST(a_step_too_far_fails_for_good) {
  ink_reader r;
  ink_reader_init(&r, sample, 3);
  CHECK_EQ(ink_read_u32(&r), 0);
  CHECK(r.failed);
  CHECK_EQ(ink_read_u8(&r), 0);                 /* would fit, but the reader has failed */
  CHECK_EQ(ink_reader_left(&r), 3);
  CHECK_EQ(ink_read_text(&r, 1).n, 0);
  ink_reader_init(&r, sample, 3);
  CHECK(ink_read_span(&r, SIZE_MAX) == NULL);
  CHECK(r.failed);
  ink_reader_init(&r, NULL, 0);
  CHECK_EQ(ink_read_u64(&r), 0);
  CHECK(r.failed);
}

TEST_MAIN(T(little_endian_out), T(every_shorter_span_fails_and_nothing_is_written_behind_it), T(little_endian_in),
          T(a_step_too_far_fails_for_good))
