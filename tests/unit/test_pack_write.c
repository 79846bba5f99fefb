/* The writer: the bytes of the file are what FORMAT.md says, drafts that the gate would refuse are not written,
 * failures of the sink are passed up, and the same draft in another order gives the same file. */
#include "caps.h"
#include "pack_build.h"
#include "sha256.h"

static draft d;

/* ------------------------------------------------------------------ bytes */

TEST(the_file_to_the_byte) {
  static const float scores[] = { 1, 2, 3 };
  static const double weights[] = { 0.5 };
  built b;
  ink_fault f;
  char want[1000], hex[65] = { 0 };
  uint8_t digest[32];
  draft_three(&d);
  draft_vector(&d, "popular.scores", INK_DTYPE_F32, 3, scores);
  draft_matrix(&d, "w", INK_DTYPE_F64, 1, 1, weights);
  draft_meta(&d, "name", "a \"b\"\\\n\x01\x1f\x7f/\b\f\r\t h\xc3\xa9");
  draft_meta(&d, "als.factors", "64");
  CHECK_EQ(built_draft(&d, &b, &f), INK_OK);
  uint64_t header = 0;
  for (int i = 8; i-- > 0;) header = header << 8 | b.bytes[i];
  CHECK_EQ((8 + header) % 64, 0);
  CHECK_EQ(b.n, 8 + header + 8 + 12 + 12 + 12 + 3);
  const uint8_t *data = b.bytes + 8 + header;
  ink_sha256_of(data, b.n - 8 - (size_t)header, digest);
  ink_sha256_hex(digest, hex);
  const int n = snprintf(want, sizeof want,
    "{\"__metadata__\":{\"als.factors\":\"64\",\"data.sha256\":\"%s\",\"inkling\":\"1\","
    "\"name\":\"a \\\"b\\\"\\\\\\n\\u0001\\u001f\x7f/\\b\\f\\r\\t h\xc3\xa9\"},"
    "\"w\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[0,8]},"
    "\"items.id.ends\":{\"dtype\":\"U32\",\"shape\":[3],\"data_offsets\":[8,20]},"
    "\"items.id.order\":{\"dtype\":\"U32\",\"shape\":[3],\"data_offsets\":[20,32]},"
    "\"popular.scores\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[32,44]},"
    "\"items.id.bytes\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[44,47]}}", hex);
  CHECK(header >= (uint64_t)n && header < (uint64_t)n + 64 && memcmp(b.bytes + 8, want, (size_t)n) == 0);
  for (size_t i = 8 + (size_t)n; i < 8 + header; i++) CHECK_EQ(b.bytes[i], ' ');
  CHECK(memcmp(data, weights, 8) == 0 && memcmp(data + 32, scores, 12) == 0 && memcmp(data + 44, "bac", 3) == 0);
  built_free(&b);
}

TEST(scalars_and_empty_tensors) {
  static const float one = 1;
  built b;
  ink_fault f;
  draft_three(&d);
  draft_vector(&d, "s", INK_DTYPE_F32, 1, &one);
  draft_find(&d, "s")->rank = 0;
  draft_vector(&d, "e", INK_DTYPE_F32, 0, NULL);
  draft_matrix(&d, "m", INK_DTYPE_U16, 7, 0, NULL);
  CHECK_EQ(built_draft(&d, &b, &f), INK_OK);
  CHECK(strstr((const char *)b.bytes + 8, "\"s\":{\"dtype\":\"F32\",\"shape\":[],") != NULL);
  CHECK(strstr((const char *)b.bytes + 8, "\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}") != NULL);
  CHECK(strstr((const char *)b.bytes + 8, "\"m\":{\"dtype\":\"U16\",\"shape\":[7,0],") != NULL);
  CHECK_EQ(built_status(&b, &f), INK_OK);
  built_free(&b);
}

TEST(order_of_the_draft_does_not_matter) {
  static const uint8_t zeros[64];
  built first, other;
  ink_fault f;
  draft_three(&d);
  draft_vector(&d, "x", INK_DTYPE_F32, 4, zeros);
  draft_vector(&d, "X", INK_DTYPE_U16, 4, zeros);
  draft_vector(&d, "xx", INK_DTYPE_F64, 4, zeros);
  draft_meta(&d, "b", "1");
  draft_meta(&d, "a", "2");
  draft_meta(&d, "z", "3");
  CHECK_EQ(built_draft(&d, &first, &f), INK_OK);
  for (uint32_t round = 0; round < 20; round++) {
    for (uint32_t i = 0; i < d.n_tensors; i++) {
      const uint32_t k = (i * 7 + round * 3) % d.n_tensors;
      const ink_tensor t = d.tensors[i];
      d.tensors[i] = d.tensors[k];
      d.tensors[k] = t;
    }
    const ink_meta_entry m = d.metadata[round % 3];
    d.metadata[round % 3] = d.metadata[0];
    d.metadata[0] = m;
    CHECK_EQ(built_draft(&d, &other, &f), INK_OK);
    CHECK(first.n == other.n && memcmp(first.bytes, other.bytes, first.n) == 0);
    built_free(&other);
  }
  built_free(&first);
}

/* ------------------------------------------------------------------ refusals */

static ink_status size_status(ink_fault *f) {
  const ink_pack_draft p = { d.tensors, d.n_tensors, d.metadata, d.n_metadata };
  size_t n;
  *f = (ink_fault){ 0 };
  return ink_pack_write_size(&p, &n, f);
}

TEST(names_and_keys) {
  static char long_name[257];
  static const struct { const char *name; ink_status want; } names[] = {
    { "a b", INK_OK }, { "\xc3\xa9", INK_OK }, { "A/b:c", INK_OK }, { long_name + 1, INK_OK }, { long_name, INK_E_PACK_KEY },
    { "", INK_E_PACK_KEY }, { "a\"b", INK_E_PACK_KEY }, { "a\\b", INK_E_PACK_KEY }, { "a\nb", INK_E_PACK_KEY },
    { "\xc3", INK_E_PACK_KEY }, { "__metadata__", INK_E_PACK_KEY },
  };
  static const struct { const char *key; ink_status want; } keys[] = {
    { "a.b_c@20-z", INK_OK }, { long_name + 1, INK_OK }, { long_name, INK_E_PACK_KEY }, { "", INK_E_PACK_KEY },
    { "A", INK_E_PACK_KEY }, { "a b", INK_E_PACK_KEY }, { "\xc3\xa9", INK_E_PACK_KEY },
    { "inkling", INK_E_PACK_DUPLICATE }, { "data.sha256", INK_E_PACK_DUPLICATE },
  };
  ink_fault f;
  memset(long_name, 'n', 256);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    draft_three(&d);
    draft_vector(&d, names[i].name, INK_DTYPE_U8, 0, "");
    CHECK_EQ(size_status(&f), names[i].want);
    CHECK_EQ(draft_status(&d, &f), names[i].want);
  }
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    draft_three(&d);
    draft_meta(&d, keys[i].key, "v");
    CHECK_EQ(size_status(&f), keys[i].want);
    CHECK_EQ(draft_status(&d, &f), keys[i].want);
  }
  draft_three(&d);
  d.tensors[d.n_tensors++] = d.tensors[0];
  CHECK_EQ(size_status(&f), INK_E_PACK_DUPLICATE);
  CHECK(fault_names(&f, "items.id.bytes"));
  draft_three(&d);
  draft_meta(&d, "a", "1");
  draft_meta(&d, "a", "2");
  CHECK_EQ(size_status(&f), INK_E_PACK_DUPLICATE);
}

TEST(values_of_metadata) {
  ink_fault f;
  draft_three(&d);
  draft_meta(&d, "a", "\xed\xa0\x80");
  CHECK_EQ(size_status(&f), INK_E_PACK_UTF8);
  d.metadata[0].value = (ink_text){ "a\0b", 3 };
  CHECK_EQ(size_status(&f), INK_E_PACK_METADATA);
  d.metadata[0].value = (ink_text){ NULL, 0 };
  CHECK_EQ(draft_status(&d, &f), INK_OK);
}

TEST(tensors_must_agree_with_their_shape) {
  static const float x[4] = { 0 };
  ink_fault f;
  draft_three(&d);
  draft_vector(&d, "x", INK_DTYPE_F32, 4, x);
  ink_tensor *t = draft_find(&d, "x");
  CHECK_EQ(size_status(&f), INK_OK);
  t->bytes = 15;
  CHECK_EQ(size_status(&f), INK_E_PACK_SHAPE);
  t->bytes = 17;
  CHECK_EQ(size_status(&f), INK_E_PACK_SHAPE);
  CHECK(fault_names(&f, "x") && f.got == 17 && f.low == 16);
  t->bytes = 16;
  t->rank = 4;
  CHECK_EQ(size_status(&f), INK_OK);
  t->rank = 5;
  CHECK_EQ(size_status(&f), INK_E_PACK_SHAPE);
  t->rank = 1;
  t->dtype = 14;
  CHECK_EQ(size_status(&f), INK_E_PACK_DTYPE);
  t->dtype = INK_DTYPE_F32;
  t->rank = 4;
  t->shape[0] = t->shape[1] = t->shape[2] = UINT32_MAX;
  t->shape[3] = 0;
  CHECK_EQ(size_status(&f), INK_E_PACK_SHAPE);
}

TEST(numbers_that_the_gate_would_refuse_are_not_written) {
  static const float over[] = { 0, 1.1e11f };
  static const uint32_t nan_bits[] = { 0, 0x7fc00000 };
  ink_fault f;
  built b;
  draft_three(&d);
  draft_vector(&d, "x", INK_DTYPE_F32, 2, over);
  CHECK_EQ(built_draft(&d, &b, &f), INK_E_PACK_MAGNITUDE);
  CHECK(fault_names(&f, "x") && f.at == 1);
  draft_vector(&d, "x", INK_DTYPE_F32, 2, nan_bits);
  CHECK_EQ(built_draft(&d, &b, &f), INK_E_PACK_NOT_FINITE);
}

TEST(caps) {
  static char names[1100][8];
  ink_fault f;
  d.n_tensors = d.n_metadata = 0;
  for (int i = 0; i < 1025; i++) {
    snprintf(names[i], sizeof names[i], "t%d", i);
    draft_vector(&d, names[i], INK_DTYPE_U8, 0, "");
    if (i == 1023) CHECK_EQ(size_status(&f), INK_OK);
  }
  CHECK_EQ(size_status(&f), INK_E_LIMIT);
  draft_three(&d);
  for (int i = 0; i < 1023; i++) {
    draft_meta(&d, names[i], "v");
    if (i == 1021) CHECK_EQ(draft_status(&d, &f), INK_OK);
  }
  CHECK_EQ(size_status(&f), INK_E_LIMIT);

  char *const text = malloc(INK_CAP_HEADER_BYTES + 1);   /* 8 + header is a multiple of 64, so 2^24 - 8 is the longest */
  size_t n = 0;
  memset(text, 'v', INK_CAP_HEADER_BYTES + 1);
  draft_three(&d);
  draft_meta(&d, "a", "");
  const ink_pack_draft q = { d.tensors, d.n_tensors, d.metadata, 1 };
  uint32_t low = 0, high = INK_CAP_HEADER_BYTES;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    d.metadata[0].value = (ink_text){ text, middle };
    if (ink_pack_write_size(&q, &n, &f) == INK_OK) low = middle;
    else high = middle;
  }
  CHECK_EQ(f.code, INK_E_PACK_HEADER_BYTES);
  d.metadata[0].value.n = low;
  CHECK_EQ(ink_pack_write_size(&q, &n, &f), INK_OK);
  CHECK_EQ(n, INK_CAP_HEADER_BYTES + 3 + 12 + 12);
  CHECK_EQ(draft_status(&d, &f), INK_OK);
  free(text);
}

/* ------------------------------------------------------------------ sink and scratch */

typedef struct failing {
  size_t left;                    /* bytes until the sink says no */
  size_t calls_after;
  bool failed;
} failing;

static ink_status failing_write(void *ctx, const void *bytes, size_t n) {
  failing *s = ctx;
  (void)bytes;
  s->calls_after += s->failed;
  if (n > s->left) {
    s->failed = true;
    return INK_E_NO_MEMORY;
  }
  s->left -= n;
  return INK_OK;
}

TEST(a_failing_sink_is_passed_up_at_once) {
  static _Alignas(64) uint8_t mem[8192];
  static const uint8_t zeros[20000];
  ink_fault f;
  size_t whole = 0;
  draft_three(&d);
  for (int i = 0; i < 3; i++) draft_vector(&d, i == 0 ? "x" : i == 1 ? "y" : "z", INK_DTYPE_F32, 1000, zeros);
  const ink_pack_draft p = { d.tensors, d.n_tensors, d.metadata, d.n_metadata };
  CHECK_EQ(ink_pack_write_size(&p, &whole, &f), INK_OK);
  for (size_t room = 0; room <= whole; room += room + 211 < whole ? 211 : whole - room > 0 ? whole - room : 1) {
    ink_arena arena;
    failing sink = { room, 0, false };
    ink_arena_init(&arena, mem, ink_pack_write_scratch_bytes(&p));
    CHECK_EQ(ink_pack_write(&p, &arena, failing_write, &sink, &f), room == whole ? INK_OK : INK_E_NO_MEMORY);
    CHECK_EQ(sink.calls_after, 0);
    CHECK_EQ(arena.used, 0);
    if (room == whole) CHECK_EQ(sink.left, 0);
  }
}

TEST(scratch_of_one_byte_less) {
  static _Alignas(64) uint8_t mem[8192];
  ink_fault f;
  ink_arena arena;
  failing sink = { SIZE_MAX, 0, false };
  draft_three(&d);
  const ink_pack_draft p = { d.tensors, d.n_tensors, d.metadata, d.n_metadata };
  ink_arena_init(&arena, mem, ink_pack_write_scratch_bytes(&p));
  CHECK_EQ(ink_pack_write(&p, &arena, failing_write, &sink, &f), INK_OK);
  CHECK_EQ(arena.high, ink_pack_write_scratch_bytes(&p));
  ink_arena_init(&arena, mem, ink_pack_write_scratch_bytes(&p) - 1);
  CHECK_EQ(ink_pack_write(&p, &arena, failing_write, &sink, &f), INK_E_SCRATCH);
}

TEST_MAIN(T(the_file_to_the_byte), T(scalars_and_empty_tensors), T(order_of_the_draft_does_not_matter), T(names_and_keys),
          T(values_of_metadata), T(tensors_must_agree_with_their_shape), T(numbers_that_the_gate_would_refuse_are_not_written),
          T(caps), T(a_failing_sink_is_passed_up_at_once), T(scratch_of_one_byte_less))
