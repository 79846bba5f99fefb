/* The gate of a pack: everything of inkling.h's pack section on a good pack, and every refusal beside the
 * nearest thing that is allowed. */
#include "caps.h"
#include "pack.h"
#include "pack_build.h"

#define U8(name, words) draft_vector(&d, name, INK_DTYPE_U8, sizeof(words) - 1, words)

/* One draft for all tests: it is large, and each test begins with draft_three() or draft_full(). */
static draft d;

/* Three items with a number, a text and tags. */
static void draft_full(void) {
  static const int32_t years[] = { 1999, 0, -5 };
  static const uint32_t title_ends[] = { 4, 4, 9 }, genre_ends[] = { 2, 2, 3 }, name_ends[] = { 5, 10 };
  static const uint16_t genres[] = { 1, 0, 1 };
  draft_three(&d);
  draft_meta(&d, "name", "three \"films\"");
  draft_meta(&d, "licence", "CC0-1.0");
  draft_vector(&d, "items.year", INK_DTYPE_I32, 3, years);
  U8("items.year.missing", "\x02");
  U8("items.title.bytes", "Hey!\xc3\x89t\xc3\xa9");
  draft_vector(&d, "items.title.ends", INK_DTYPE_U32, 3, title_ends);
  draft_vector(&d, "items.genres.values", INK_DTYPE_U16, 3, genres);
  draft_vector(&d, "items.genres.ends", INK_DTYPE_U32, 3, genre_ends);
  U8("items.genres.names.bytes", "dramacrime");
  draft_vector(&d, "items.genres.names.ends", INK_DTYPE_U32, 2, name_ends);
  U8("items.genres.missing", "\x02");
  draft_vector(&d, "popular.scores", INK_DTYPE_F32, 3, "\0\0\0\0\0\0\x80\x3f\0\0\0\x40");
}

static ink_status status(ink_fault *fault) { return draft_status(&d, fault); }

static bool is(ink_text got, const char *want) { return ink_text_equal(got, ink_text_of(want)); }

/* ------------------------------------------------------------------ a good pack */

TEST(all_that_a_pack_tells) {
  built b;
  opened o;
  ink_fault fault;
  ink_text key, value;
  ink_tensor_info t;
  draft_full();
  CHECK_EQ(built_draft(&d, &b, &fault), INK_OK);
  CHECK_EQ(opened_open(&o, &b, &fault), INK_OK);
  CHECK_EQ(ink_pack_verify(o.pack, &fault), INK_OK);
  CHECK_EQ(ink_pack_n_items(o.pack), 3);
  CHECK(is(ink_pack_item_id(o.pack, 0), "b") && is(ink_pack_item_id(o.pack, 2), "c"));
  CHECK_EQ(ink_pack_item_id(o.pack, 3).n, 0);
  CHECK_EQ(ink_pack_find(o.pack, ink_text_of("a")), 1);
  CHECK_EQ(ink_pack_find(o.pack, ink_text_of("b")), 0);
  CHECK_EQ(ink_pack_find(o.pack, ink_text_of("c")), 2);
  CHECK_EQ(ink_pack_find(o.pack, ink_text_of("")), INK_NONE);
  CHECK_EQ(ink_pack_find(o.pack, ink_text_of("aa")), INK_NONE);
  CHECK_EQ(ink_pack_find(o.pack, ink_text_of("d")), INK_NONE);

  CHECK_EQ(ink_pack_n_metadata(o.pack), 4);         /* data.sha256, inkling, licence, name */
  CHECK_EQ(ink_pack_metadata_at(o.pack, 3, &key, &value), INK_OK);
  CHECK(is(key, "name") && is(value, "three \\\"films\\\""));
  CHECK_EQ(ink_pack_metadata_at(o.pack, 4, &key, &value), INK_E_ARG);
  CHECK_EQ(ink_pack_metadata(o.pack, ink_text_of("licence"), &value), INK_OK);
  CHECK(is(value, "CC0-1.0"));
  CHECK_EQ(ink_pack_metadata(o.pack, ink_text_of("license"), &value), INK_E_NOT_FOUND);

  CHECK_EQ(ink_pack_n_tensors(o.pack), d.n_tensors);
  CHECK_EQ(ink_pack_tensor_at(o.pack, d.n_tensors, &t), INK_E_ARG);
  for (uint32_t i = 0; i < d.n_tensors; i++) {
    const ink_tensor *want = &d.tensors[i];
    CHECK_EQ(ink_pack_tensor(o.pack, want->name, &t), INK_OK);
    CHECK(ink_text_equal(t.name, want->name) && t.dtype == want->dtype && t.rank == want->rank && t.bytes == want->bytes);
    CHECK(memcmp(t.shape, want->shape, sizeof t.shape) == 0 && memcmp(t.data, want->data, t.bytes) == 0);
    CHECK_EQ((uintptr_t)t.data % ink_dtype_bytes(t.dtype), 0);
  }
  CHECK_EQ(ink_pack_tensor(o.pack, ink_text_of("items"), &t), INK_E_NOT_FOUND);
  opened_free(&o);
  built_free(&b);
}

TEST(columns_and_their_values) {
  built b;
  opened o;
  ink_fault fault;
  ink_text text;
  uint32_t kind, n;
  double number;
  draft_full();
  CHECK_EQ(built_draft(&d, &b, &fault), INK_OK);
  CHECK_EQ(opened_open(&o, &b, &fault), INK_OK);
  CHECK_EQ(ink_pack_n_columns(o.pack), 3);
  const uint32_t genres = ink_pack_column(o.pack, ink_text_of("genres")), title = ink_pack_column(o.pack, ink_text_of("title"));
  const uint32_t year = ink_pack_column(o.pack, ink_text_of("year"));
  CHECK(genres == 0 && title == 1 && year == 2);
  CHECK_EQ(ink_pack_column(o.pack, ink_text_of("id")), INK_NONE);
  CHECK_EQ(ink_pack_column_at(o.pack, 0, &text, &kind), INK_OK);
  CHECK(is(text, "genres") && kind == INK_COLUMN_TAGS);
  CHECK_EQ(ink_pack_column_at(o.pack, 3, &text, &kind), INK_E_ARG);

  CHECK_EQ(ink_pack_number(o.pack, year, 0, &number), INK_OK);
  CHECK(number == 1999);
  CHECK_EQ(ink_pack_number(o.pack, year, 1, &number), INK_E_NOT_FOUND);
  CHECK_EQ(ink_pack_number(o.pack, year, 2, &number), INK_OK);
  CHECK(number == -5);
  CHECK_EQ(ink_pack_number(o.pack, year, 3, &number), INK_E_ARG);
  CHECK_EQ(ink_pack_number(o.pack, 3, 0, &number), INK_E_ARG);
  CHECK_EQ(ink_pack_number(o.pack, title, 0, &number), INK_E_ARG);

  CHECK_EQ(ink_pack_text(o.pack, title, 0, &text), INK_OK);
  CHECK(is(text, "Hey!"));
  CHECK_EQ(ink_pack_text(o.pack, title, 1, &text), INK_OK);
  CHECK_EQ(text.n, 0);
  CHECK_EQ(ink_pack_text(o.pack, title, 2, &text), INK_OK);
  CHECK(is(text, "\xc3\x89t\xc3\xa9"));
  CHECK_EQ(ink_pack_text(o.pack, genres, 0, &text), INK_E_ARG);

  CHECK_EQ(ink_pack_n_tags(o.pack, genres, 0, &n), INK_OK);
  CHECK_EQ(n, 2);
  CHECK_EQ(ink_pack_tag(o.pack, genres, 0, 0, &text), INK_OK);
  CHECK(is(text, "crime"));
  CHECK_EQ(ink_pack_tag(o.pack, genres, 0, 1, &text), INK_OK);
  CHECK(is(text, "drama"));
  CHECK_EQ(ink_pack_tag(o.pack, genres, 0, 2, &text), INK_E_ARG);
  CHECK_EQ(ink_pack_n_tags(o.pack, genres, 1, &n), INK_E_NOT_FOUND);
  CHECK_EQ(ink_pack_tag(o.pack, genres, 2, 0, &text), INK_OK);
  CHECK(is(text, "crime"));
  CHECK_EQ(ink_pack_n_tags(o.pack, year, 0, &n), INK_E_ARG);
  opened_free(&o);
  built_free(&b);
}

/* 1000 ids of many lengths, some a prefix of others: each is found, and its neighbours are not. */
TEST(find_among_many) {
  enum { N = 1000 };
  static char bytes[N * 8];
  static uint32_t ends[N], order[N];
  uint32_t at = 0;
  for (uint32_t i = 0; i < N; i++) {
    at += (uint32_t)sprintf(bytes + at, "%u", i * 7919u % 100003u);
    ends[i] = at;
    order[i] = i;
  }
  for (uint32_t i = 1; i < N; i++)                   /* insertion sort by strcmp on copies */
    for (uint32_t k = i; k > 0; k--) {
      char x[16] = { 0 }, y[16] = { 0 };
      const uint32_t p = order[k - 1], q = order[k], p0 = p ? ends[p - 1] : 0, q0 = q ? ends[q - 1] : 0;
      memcpy(x, bytes + p0, ends[p] - p0);
      memcpy(y, bytes + q0, ends[q] - q0);
      if (strcmp(x, y) < 0) break;
      order[k - 1] = q;
      order[k] = p;
    }
  built b;
  opened o;
  ink_fault fault;
  draft_three(&d);
  draft_vector(&d, "items.id.bytes", INK_DTYPE_U8, at, bytes);
  draft_vector(&d, "items.id.ends", INK_DTYPE_U32, N, ends);
  draft_vector(&d, "items.id.order", INK_DTYPE_U32, N, order);
  CHECK_EQ(built_draft(&d, &b, &fault), INK_OK);
  CHECK_EQ(opened_open(&o, &b, &fault), INK_OK);
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < N; i++) {
    char longer[20] = { 0 };
    const ink_text id = ink_pack_item_id(o.pack, i);
    wrong += ink_pack_find(o.pack, id) != i;
    memcpy(longer, id.bytes, id.n);
    longer[id.n] = '/';
    wrong += ink_pack_find(o.pack, ink_text_of(longer)) != INK_NONE;
  }
  CHECK_EQ(wrong, 0);
  opened_free(&o);
  built_free(&b);
}

/* ------------------------------------------------------------------ memory */

TEST(memory_must_be_as_measured) {
  built b;
  ink_fault fault;
  ink_pack *pack = NULL;
  size_t n;
  draft_full();
  CHECK_EQ(built_draft(&d, &b, &fault), INK_OK);
  CHECK_EQ(ink_pack_measure(b.bytes, b.n, &n, &fault), INK_OK);
  uint8_t *const mem = aligned_alloc(64, (n + 127) / 64 * 64);
  CHECK_EQ(ink_pack_open(b.bytes, b.n, mem, n - 1, &pack, &fault), INK_E_MEMORY);
  CHECK_EQ(ink_pack_open(b.bytes, b.n, mem, 0, &pack, &fault), INK_E_MEMORY);
  CHECK_EQ(ink_pack_open(b.bytes, b.n, NULL, n, &pack, &fault), INK_E_MEMORY);
  CHECK_EQ(ink_pack_open(b.bytes, b.n, mem + 8, n, &pack, &fault), INK_E_MEMORY);
  CHECK(pack == NULL && fault.code == INK_E_MEMORY);
  CHECK_EQ(ink_pack_open(b.bytes, b.n, mem, n, &pack, NULL), INK_OK);
  CHECK_EQ(ink_pack_open(NULL, b.n, mem, n, &pack, &fault), INK_E_ARG);
  CHECK_EQ(ink_pack_open(b.bytes + 4, b.n - 4, mem, n, &pack, &fault), INK_E_ARG);
  CHECK_EQ(ink_pack_measure(b.bytes + 1, b.n - 1, &n, &fault), INK_E_ARG);
  CHECK_EQ(ink_pack_measure(NULL, 0, &n, &fault), INK_E_ARG);
  free(mem);
  built_free(&b);
}

/* ------------------------------------------------------------------ all entries together */

#define META "{\"__metadata__\":{\"inkling\":\"1\"}"
#define IDS ",\"items.id.bytes\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[8,9]}" \
  ",\"items.id.ends\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[0,4]}" \
  ",\"items.id.order\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[4,8]}"

/* One item "x", then bytes 9 to 15. */
static ink_status raw_status(const char *json, size_t n_data, ink_fault *fault) {
  static const uint8_t data[16] = { 1, 0, 0, 0, 0, 0, 0, 0, 'x' };
  char text[2000];
  size_t n = strlen(json);
  memcpy(text, json, n);
  while (n % 8 != 0) text[n++] = ' ';
  built b = built_raw(text, n, data, n_data);
  const ink_status status = built_status(&b, fault);
  built_free(&b);
  return status;
}

TEST(places) {
  ink_fault f;
  CHECK_EQ(raw_status(META IDS "}", 9, &f), INK_OK);
  CHECK_EQ(raw_status(META IDS "}", 10, &f), INK_E_PACK_TRAILING);
  CHECK(f.got == 10 && f.high == 9 && f.at > 200);
  CHECK_EQ(raw_status(META IDS "}", 8, &f), INK_E_PACK_TRUNCATED);
  CHECK(fault_names(&f, "items.id.bytes"));
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[9,12]}" IDS "}", 12, &f), INK_OK);
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[10,12]}" IDS "}", 12, &f), INK_E_PACK_OFFSETS);
  CHECK(fault_names(&f, "t") && f.got == 10 && f.low == 9 && f.high == 9);
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[8,12]}" IDS "}", 12, &f), INK_E_PACK_OFFSETS);
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}" IDS "}", 9, &f), INK_E_PACK_OFFSETS);
  /* empty tensors stand where one ends and another begins, and nowhere else */
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}" IDS "}", 9, &f), INK_OK);
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]}" IDS "}", 9, &f), INK_OK);
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[9,9]}" IDS "}", 9, &f), INK_OK);
  CHECK_EQ(raw_status(META ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[3,3]}" IDS "}", 9, &f), INK_E_PACK_OFFSETS);
}

TEST(names_stand_once) {
  ink_fault f;
  CHECK_EQ(raw_status(META IDS ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[9,9]}"
                      ",\"u\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[9,9]}}", 9, &f), INK_OK);
  CHECK_EQ(raw_status(META IDS ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[9,9]}"
                      ",\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[9,9]}}", 9, &f), INK_E_PACK_DUPLICATE);
  CHECK(fault_names(&f, "t") && f.at > 0);
  CHECK_EQ(raw_status("{\"__metadata__\":{\"b\":\"\",\"inkling\":\"1\",\"a\":\"\"}" IDS "}", 9, &f), INK_OK);
  CHECK_EQ(raw_status("{\"__metadata__\":{\"a\":\"\",\"inkling\":\"1\",\"a\":\"\"}" IDS "}", 9, &f), INK_E_PACK_DUPLICATE);
  CHECK(fault_names(&f, "a"));
}

TEST(version_and_digest_form) {
  ink_fault f;
  char json[1000], digest[65];
  CHECK_EQ(raw_status("{\"__metadata__\":{\"a\":\"b\"}" IDS "}", 9, &f), INK_E_PACK_VERSION);
  CHECK_EQ(raw_status("{\"__metadata__\":{\"inkling\":\"2\"}" IDS "}", 9, &f), INK_E_PACK_VERSION);
  CHECK(fault_names(&f, "inkling") && strcmp(f.found, "\"2\"") == 0);
  CHECK_EQ(raw_status("{\"__metadata__\":{\"inkling\":\"\"}" IDS "}", 9, &f), INK_E_PACK_VERSION);
  CHECK_EQ(raw_status("{\"__metadata__\":{\"inkling\":\"\\u0031\"}" IDS "}", 9, &f), INK_E_PACK_VERSION);
  CHECK_EQ(raw_status("{}", 0, &f), INK_E_PACK_VERSION);
  CHECK_EQ(raw_status(META "}", 0, &f), INK_E_PACK_MISSING);
  CHECK(fault_names(&f, "items.id.bytes"));
  for (uint32_t i = 0; i < 5; i++) {
    static const char last[] = "0fFg";
    memset(digest, 'a', 64);
    digest[63] = i < 4 ? last[i] : '\0';
    digest[64] = '\0';
    snprintf(json, sizeof json, "{\"__metadata__\":{\"inkling\":\"1\",\"data.sha256\":\"%s\"}%s}", digest, IDS);
    CHECK_EQ(raw_status(json, 9, &f), i < 2 ? INK_OK : INK_E_PACK_METADATA);
  }
}

TEST(digest) {
  built b;
  opened o;
  ink_fault fault;
  draft_full();
  CHECK_EQ(built_draft(&d, &b, &fault), INK_OK);
  for (size_t back = 1; back <= 9; back += 8) {      /* text of a column: nothing but the digest can tell */
    b.bytes[b.n - back] ^= 1;
    CHECK_EQ(opened_open(&o, &b, &fault), INK_OK);
    CHECK_EQ(ink_pack_verify(o.pack, &fault), INK_E_PACK_DIGEST);
    CHECK(fault_names(&fault, "data.sha256") && fault.code == INK_E_PACK_DIGEST);
    b.bytes[b.n - back] ^= 1;
    CHECK_EQ(ink_pack_verify(o.pack, NULL), INK_OK);
    opened_free(&o);
  }
  built_free(&b);
  static const uint8_t data[9] = { 1, 0, 0, 0, 0, 0, 0, 0, 'x' };
  char json[] = META IDS "}       ";
  b = built_raw(json, (sizeof json - 1) / 8 * 8, data, 9);
  CHECK_EQ(opened_open(&o, &b, &fault), INK_OK);
  CHECK_EQ(ink_pack_verify(o.pack, &fault), INK_E_PACK_METADATA);
  opened_free(&o);
  built_free(&b);
}

/* ------------------------------------------------------------------ numbers */

/* Writes are refused like reads; here the file is changed after it was written. */
static ink_status number_status(uint32_t dtype, uint32_t n, uint32_t at, uint64_t bits, ink_fault *fault) {
  static const uint8_t zeros[8 * 300];
  const size_t size = ink_dtype_bytes(dtype);
  built b;
  opened o;
  draft_three(&d);
  draft_vector(&d, "x", dtype, n, zeros);
  CHECK_EQ(built_draft(&d, &b, fault), INK_OK);
  CHECK_EQ(opened_open(&o, &b, fault), INK_OK);
  ink_tensor_info t;
  CHECK_EQ(ink_pack_tensor(o.pack, ink_text_of("x"), &t), INK_OK);
  uint8_t *const cell = b.bytes + ((const uint8_t *)t.data - b.bytes) + at * size;
  for (size_t i = 0; i < size; i++) cell[i] = (uint8_t)(bits >> 8 * i);
  opened_free(&o);
  const ink_status status = built_status(&b, fault);
  built_free(&b);
  return status;
}

TEST(largest_numbers) {
  static const struct { uint32_t dtype; uint64_t sign, largest, infinity; } types[] = {
    { INK_DTYPE_F32, 1u << 31, 0x51ba43b7, 0x7f800000 },             /* 1e11 rounded to float */
    { INK_DTYPE_F64, 1ull << 63, 0 /* filled in below */, 0x7ff0000000000000 },
    { INK_DTYPE_BF16, 1u << 15, 0x51ba, 0x7f80 },
    { INK_DTYPE_F16, 1u << 15, 0x7bff, 0x7c00 },
  };
  for (size_t i = 0; i < 4; i++) {
    ink_fault f;
    uint64_t largest = types[i].largest;
    if (types[i].dtype == INK_DTYPE_F64) {
      const double cap = (double)INK_CAP_MAGNITUDE;
      memcpy(&largest, &cap, 8);
    }
    for (int negative = 0; negative <= 1; negative++) {
      const uint64_t sign = negative ? types[i].sign : 0;
      const uint32_t dtype = types[i].dtype;
      CHECK_EQ(number_status(dtype, 3, 1, sign | largest, &f), INK_OK);
      const ink_status over = dtype == INK_DTYPE_F16 ? INK_E_PACK_NOT_FINITE : INK_E_PACK_MAGNITUDE;
      CHECK_EQ(number_status(dtype, 3, 1, sign | (largest + 1), &f), over);
      CHECK(fault_names(&f, "x") && f.at == 1 && strcmp(f.unit, "element") == 0 && f.high == (double)INK_CAP_MAGNITUDE);
      CHECK_EQ(number_status(dtype, 3, 1, sign | (types[i].infinity - 1), &f), dtype == INK_DTYPE_F16 ? INK_OK : INK_E_PACK_MAGNITUDE);
      CHECK_EQ(number_status(dtype, 3, 1, sign | types[i].infinity, &f), INK_E_PACK_NOT_FINITE);
      CHECK(negative ? f.got < -1e308 : f.got > 1e308);
      CHECK_EQ(number_status(dtype, 3, 1, sign | (types[i].infinity + 1), &f), INK_E_PACK_NOT_FINITE);
      CHECK_EQ(number_status(dtype, 3, 1, sign | (types[i].sign - 1), &f), INK_E_PACK_NOT_FINITE);
      CHECK(f.got != f.got);
      CHECK_EQ(number_status(dtype, 3, 1, sign | 1, &f), INK_OK);     /* subnormal */
    }
  }
}

TEST(a_bad_number_is_found_wherever_it_is) {
  static const uint32_t types[] = { INK_DTYPE_F16, INK_DTYPE_BF16, INK_DTYPE_F32, INK_DTYPE_F64 };
  for (size_t i = 0; i < 4; i++)
    for (uint32_t at = 0; at < 70; at++) {
      ink_fault f;
      const uint64_t all_ones = ink_dtype_bytes(types[i]) == 8 ? UINT64_MAX : (1ull << 8 * ink_dtype_bytes(types[i])) - 1;
      CHECK_EQ(number_status(types[i], 70, at, all_ones, &f), INK_E_PACK_NOT_FINITE);
      CHECK_EQ(f.at, at);
    }
}

TEST(whole_numbers_may_be_anything_and_bool_may_not) {
  ink_fault f;
  for (uint32_t dtype = INK_DTYPE_U8; dtype <= INK_DTYPE_I64; dtype++)
    if (dtype < INK_DTYPE_F16 || (dtype > INK_DTYPE_BF16 && dtype != INK_DTYPE_F32))
      CHECK_EQ(number_status(dtype, 3, 2, UINT64_MAX, &f), INK_OK);
  CHECK_EQ(number_status(INK_DTYPE_BOOL, 3, 2, 1, &f), INK_OK);
  CHECK_EQ(number_status(INK_DTYPE_BOOL, 3, 2, 2, &f), INK_E_PACK_VALUE);
  CHECK(f.got == 2 && f.high == 1 && f.at == 2);
}

/* ------------------------------------------------------------------ ids */

static void ids(const char *bytes, uint32_t n_bytes, uint32_t n, const uint32_t *ends, const uint32_t *order) {
  draft_vector(&d, "items.id.bytes", INK_DTYPE_U8, n_bytes, bytes);
  draft_vector(&d, "items.id.ends", INK_DTYPE_U32, n, ends);
  draft_vector(&d, "items.id.order", INK_DTYPE_U32, n, order);
}

TEST(tensors_of_ids) {
  static const char *const names[] = { "items.id.bytes", "items.id.ends", "items.id.order" };
  ink_fault f;
  for (int i = 0; i < 3; i++) {
    draft_three(&d);
    draft_remove(&d, names[i]);
    CHECK_EQ(status(&f), INK_E_PACK_MISSING);
    CHECK(fault_names(&f, names[i]));
    draft_three(&d);
    draft_find(&d, names[i])->dtype = i == 0 ? INK_DTYPE_I8 : INK_DTYPE_I32;
    CHECK_EQ(status(&f), INK_E_PACK_DTYPE);
    CHECK(fault_names(&f, names[i]) && f.at > 0);
    draft_three(&d);
    draft_find(&d, names[i])->rank = 2;
    CHECK_EQ(status(&f), INK_E_PACK_SHAPE);
    CHECK(fault_names(&f, names[i]) && strcmp(f.found, "shape [3, 1]") == 0);
  }
  static const uint32_t order[] = { 1, 0, 2, 3 };
  draft_three(&d);
  draft_vector(&d, "items.id.order", INK_DTYPE_U32, 4, order);
  CHECK_EQ(status(&f), INK_E_PACK_SHAPE);
  CHECK(strcmp(f.allowed, "[3]") == 0);
}

TEST(order_of_ids) {
  static const uint32_t ends[] = { 1, 2, 3 };
  static const struct { const char *bytes; uint32_t order[3]; ink_status want; uint64_t at; } cases[] = {
    { "bac", { 1, 0, 2 }, INK_OK, 0 },
    { "bac", { 0, 1, 2 }, INK_E_PACK_IDS, 1 },
    { "bac", { 1, 2, 0 }, INK_E_PACK_IDS, 2 },
    { "bac", { 1, 1, 2 }, INK_E_PACK_IDS, 1 },       /* no permutation */
    { "bbc", { 0, 1, 2 }, INK_E_PACK_IDS, 1 },       /* an id twice */
    { "bac", { 1, 0, 3 }, INK_E_PACK_INDEX, 2 },
    { "bac", { UINT32_MAX, 0, 2 }, INK_E_PACK_INDEX, 0 },
    { "a\x7f\xc3", { 0, 1, 2 }, INK_E_PACK_UTF8, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ink_fault f;
    draft_three(&d);
    ids(cases[i].bytes, 3, 3, ends, cases[i].order);
    CHECK_EQ(status(&f), cases[i].want);
    if (cases[i].want == INK_E_PACK_IDS || cases[i].want == INK_E_PACK_INDEX)
      CHECK(fault_names(&f, "items.id.order") && f.at == cases[i].at);
  }
  static const uint32_t two[] = { 1, 3 }, up[] = { 0, 1 }, down[] = { 1, 0 };
  ink_fault f;
  draft_three(&d);
  ids("z\xc3\xa9", 3, 2, two, up);                   /* by unsigned bytes: z before e with an accent */
  CHECK_EQ(status(&f), INK_OK);
  ids("z\xc3\xa9", 3, 2, two, down);
  CHECK_EQ(status(&f), INK_E_PACK_IDS);
}

TEST(ends_of_ids) {
  static const uint32_t order[] = { 0, 1, 2 };
  static const struct { uint32_t ends[3]; ink_status want; uint64_t at; } cases[] = {
    { { 1, 2, 3 }, INK_OK, 0 },
    { { 1, 2, 2 }, INK_E_PACK_ENDS, 2 },
    { { 1, 2, 4 }, INK_E_PACK_ENDS, 2 },
    { { 2, 1, 3 }, INK_E_PACK_ENDS, 1 },
    { { UINT32_MAX, 2, 3 }, INK_E_PACK_ENDS, 0 },
    { { 1, 1, 3 }, INK_E_PACK_IDS, 1 },              /* empty */
    { { 0, 1, 3 }, INK_E_PACK_IDS, 0 },
    { { 1, 3, 3 }, INK_E_PACK_IDS, 2 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ink_fault f;
    draft_three(&d);
    ids("abc", 3, 3, cases[i].ends, order);
    CHECK_EQ(status(&f), cases[i].want);
    if (cases[i].want != INK_OK) CHECK_EQ(f.at, cases[i].at);
  }
  ink_fault f;
  draft_three(&d);
  ids("", 0, 0, order, order);
  CHECK_EQ(status(&f), INK_E_PACK_IDS);              /* an empty catalogue */
  static const uint32_t one = 1;
  ids("a", 1, 1, &one, order);
  CHECK_EQ(status(&f), INK_OK);
}

TEST(length_of_an_id) {
  static char bytes[1026];
  static const uint32_t zero = 0;
  memset(bytes, 'i', sizeof bytes);
  for (uint32_t n = 1024; n <= 1025; n++) {
    ink_fault f;
    draft_three(&d);
    ids(bytes, n, 1, &n, &zero);
    CHECK_EQ(status(&f), n == INK_CAP_ITEM_ID_BYTES ? INK_OK : INK_E_LIMIT);
    if (n == 1025) CHECK(f.got == 1025 && f.high == 1024);
  }
}

TEST(number_of_items) {
  uint32_t *const zeros = calloc(INK_CAP_ITEMS + 1, 4);
  ink_fault f;
  draft_three(&d);                                   /* the count is looked at before what is counted */
  ids("", 0, INK_CAP_ITEMS, zeros, zeros);
  CHECK_EQ(status(&f), INK_E_PACK_IDS);
  ids("", 0, INK_CAP_ITEMS + 1, zeros, zeros);
  CHECK_EQ(status(&f), INK_E_LIMIT);
  CHECK(f.got == INK_CAP_ITEMS + 1 && f.high == INK_CAP_ITEMS);
  free(zeros);
}

TEST(utf8_of_ids_and_texts) {
  static const uint32_t whole[] = { 2, 4 }, inside[] = { 1, 4 }, order[] = { 0, 1 };
  ink_fault f;
  draft_three(&d);
  ids("\xc3\xa8\xc3\xa9", 4, 2, whole, order);
  CHECK_EQ(status(&f), INK_OK);
  ids("\xc3\xa8\xc3\xa9", 4, 2, inside, order);
  CHECK_EQ(status(&f), INK_E_PACK_UTF8);
  CHECK(fault_names(&f, "items.id.bytes"));
  static const uint32_t text_inside[] = { 4, 5, 9 };
  draft_full();
  draft_vector(&d, "items.title.ends", INK_DTYPE_U32, 3, text_inside);
  CHECK_EQ(status(&f), INK_E_PACK_UTF8);
  CHECK(fault_names(&f, "items.title.bytes"));
  draft_full();
  U8("items.title.bytes", "Hey!\xc3\x89t\xc3\x28");
  CHECK_EQ(status(&f), INK_E_PACK_UTF8);
  draft_full();
  U8("items.genres.names.bytes", "dram\xff" "crime");
  CHECK_EQ(status(&f), INK_E_PACK_UTF8);
}

/* ------------------------------------------------------------------ columns */

TEST(names_in_the_catalogue) {
  static const struct { const char *name; ink_status want; } cases[] = {
    { "items.a", INK_OK }, { "items.0_z", INK_OK }, { "items_a", INK_OK }, { "item.a", INK_OK }, { "items", INK_OK },
    { "items.", INK_E_PACK_KEY }, { "items.A", INK_E_PACK_KEY }, { "items.a-b", INK_E_PACK_KEY }, { "items.a b", INK_E_PACK_KEY },
    { "items.\xc3\xa9", INK_E_PACK_KEY }, { "items.a.", INK_E_PACK_KEY }, { "items.a.x", INK_E_PACK_KEY },
    { "items.a.names", INK_E_PACK_KEY }, { "items.a.bytes.x", INK_E_PACK_KEY }, { "items..bytes", INK_E_PACK_KEY },
    { "items.id", INK_E_PACK_KEY }, { "items.id.missing", INK_E_PACK_KEY }, { "items.id.x", INK_E_PACK_KEY },
    { "items.id.values", INK_E_PACK_KEY }, { "items.i", INK_OK }, { "items.idx", INK_OK }, { "items.id_", INK_OK },
  };
  static const int32_t values[3] = { 0 };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ink_fault f;
    draft_three(&d);
    draft_vector(&d, cases[i].name, INK_DTYPE_I32, 3, values);
    CHECK_EQ(status(&f), cases[i].want);
    if (cases[i].want != INK_OK) CHECK(fault_names(&f, cases[i].name) && f.at > 8);
  }
}

TEST(parts_of_a_column) {
  static const struct { const char *remove, *missing; } lacking[] = {
    { "items.title.ends", "items.title.ends" }, { "items.genres.ends", "items.genres.ends" },
    { "items.genres.names.bytes", "items.genres.names.bytes" }, { "items.genres.names.ends", "items.genres.names.ends" },
    { "items.year", "items.year" }, { "items.title.bytes", "items.title" }, { "items.genres.values", "items.genres" },
  };
  ink_fault f;
  for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
    draft_full();
    draft_remove(&d, lacking[i].remove);
    CHECK_EQ(status(&f), INK_E_PACK_MISSING);
    CHECK(fault_names(&f, lacking[i].missing));
  }
  static const char *const foreign[] = { "items.year.ends", "items.year.names.bytes", "items.title.names.ends", "items.year.bytes",
                                         "items.title.values", "items.genres.bytes", "items.title", "items.genres" };
  static const uint32_t zeros[3] = { 0 };
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    draft_full();
    draft_vector(&d, foreign[i], INK_DTYPE_U32, 3, zeros);
    CHECK_EQ(status(&f), INK_E_PACK_KEY);
  }
}

TEST(numbers_of_every_type) {
  static const uint8_t zeros[3 * 8];
  ink_fault f;
  for (uint32_t dtype = INK_DTYPE_U8; dtype <= INK_DTYPE_BOOL; dtype++) {
    draft_three(&d);
    draft_vector(&d, "items.x", dtype, 3, zeros);
    CHECK_EQ(status(&f), dtype == INK_DTYPE_F16 || dtype == INK_DTYPE_BF16 ? INK_E_PACK_DTYPE : INK_OK);
  }
  for (uint32_t n = 2; n <= 4; n++) {
    draft_three(&d);
    draft_vector(&d, "items.x", INK_DTYPE_U16, n, zeros);
    CHECK_EQ(status(&f), n == 3 ? INK_OK : INK_E_PACK_SHAPE);
  }
  static const struct { uint32_t dtype; uint64_t bits; double want; } values[] = {
    { INK_DTYPE_U8, 255, 255 }, { INK_DTYPE_I8, 255, -1 }, { INK_DTYPE_U16, 65535, 65535 }, { INK_DTYPE_I16, 65535, -1 },
    { INK_DTYPE_U32, 4294967295u, 4294967295.0 }, { INK_DTYPE_I32, 4294967295u, -1 }, { INK_DTYPE_U64, UINT64_MAX, 18446744073709551616.0 },
    { INK_DTYPE_I64, UINT64_MAX, -1 }, { INK_DTYPE_F32, 0x3fc00000, 1.5 }, { INK_DTYPE_F64, 0xbff8000000000000, -1.5 }, { INK_DTYPE_BOOL, 1, 1 },
  };
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    uint8_t bytes[24] = { 0 };
    const size_t size = ink_dtype_bytes(values[i].dtype);
    built b;
    opened o;
    double x = 0;
    memcpy(bytes + size, &values[i].bits, size);     /* little-endian, as the builds that run this test are */
    draft_three(&d);
    draft_vector(&d, "items.x", values[i].dtype, 3, bytes);
    CHECK_EQ(built_draft(&d, &b, &f), INK_OK);
    CHECK_EQ(opened_open(&o, &b, &f), INK_OK);
    CHECK_EQ(ink_pack_number(o.pack, 0, 1, &x), INK_OK);
    CHECK(x == values[i].want);
    opened_free(&o);
    built_free(&b);
  }
}

TEST(texts) {
  static const struct { uint32_t ends[3]; ink_status want; } cases[] = {
    { { 4, 4, 9 }, INK_OK }, { { 0, 0, 9 }, INK_OK }, { { 9, 9, 9 }, INK_OK }, { { 0, 0, 8 }, INK_E_PACK_ENDS },
    { { 0, 0, 10 }, INK_E_PACK_ENDS }, { { 4, 3, 9 }, INK_E_PACK_ENDS },
  };
  static const uint32_t four[] = { 4, 4, 9, 9 };
  ink_fault f;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    draft_full();
    draft_vector(&d, "items.title.ends", INK_DTYPE_U32, 3, cases[i].ends);
    CHECK_EQ(status(&f), cases[i].want);
  }
  draft_full();
  draft_vector(&d, "items.title.ends", INK_DTYPE_U32, 4, four);
  CHECK_EQ(status(&f), INK_E_PACK_SHAPE);
  draft_full();
  draft_find(&d, "items.title.bytes")->dtype = INK_DTYPE_I8;
  CHECK_EQ(status(&f), INK_E_PACK_DTYPE);
}

TEST(tags) {
  static const uint32_t wide[] = { 1, 0, 1 }, ends_low[] = { 2, 2, 2 }, ends_high[] = { 2, 2, 4 }, ends_four[] = { 1, 1, 1, 3 };
  static const uint16_t outside[] = { 1, 2, 0 };
  static const uint32_t wide_outside[] = { 0, 0, 2 }, huge[] = { 0, 65536, 0 };
  ink_fault f;
  draft_full();
  draft_vector(&d, "items.genres.values", INK_DTYPE_U32, 3, wide);
  CHECK_EQ(status(&f), INK_OK);
  draft_vector(&d, "items.genres.values", INK_DTYPE_U16, 3, outside);
  CHECK_EQ(status(&f), INK_E_PACK_INDEX);
  CHECK(fault_names(&f, "items.genres.values") && f.at == 1 && f.got == 2 && f.high == 1);
  draft_vector(&d, "items.genres.values", INK_DTYPE_U32, 3, wide_outside);
  CHECK_EQ(status(&f), INK_E_PACK_INDEX);
  draft_vector(&d, "items.genres.values", INK_DTYPE_U32, 3, huge);
  CHECK_EQ(status(&f), INK_E_PACK_INDEX);
  draft_vector(&d, "items.genres.values", INK_DTYPE_I32, 3, wide);
  CHECK_EQ(status(&f), INK_E_PACK_DTYPE);
  draft_full();
  draft_vector(&d, "items.genres.ends", INK_DTYPE_U32, 3, ends_low);
  CHECK_EQ(status(&f), INK_E_PACK_ENDS);
  draft_vector(&d, "items.genres.ends", INK_DTYPE_U32, 3, ends_high);
  CHECK_EQ(status(&f), INK_E_PACK_ENDS);
  draft_vector(&d, "items.genres.ends", INK_DTYPE_U32, 4, ends_four);
  CHECK_EQ(status(&f), INK_E_PACK_SHAPE);
  static const uint32_t none[3] = { 0 };             /* no tag on any item, no tag at all */
  draft_full();
  draft_vector(&d, "items.genres.values", INK_DTYPE_U16, 0, none);
  draft_vector(&d, "items.genres.ends", INK_DTYPE_U32, 3, none);
  draft_vector(&d, "items.genres.names.bytes", INK_DTYPE_U8, 0, none);
  draft_vector(&d, "items.genres.names.ends", INK_DTYPE_U32, 0, none);
  CHECK_EQ(status(&f), INK_OK);
}

TEST(number_of_tags) {
  static uint32_t ends[INK_CAP_TAGS + 1];
  static const uint32_t last[] = { INK_CAP_TAGS - 1, 0, 0 };
  for (uint32_t n = INK_CAP_TAGS; n <= INK_CAP_TAGS + 1; n++) {
    ink_fault f;
    draft_full();
    draft_vector(&d, "items.genres.values", INK_DTYPE_U32, 3, last);
    draft_vector(&d, "items.genres.names.bytes", INK_DTYPE_U8, 0, "");
    draft_vector(&d, "items.genres.names.ends", INK_DTYPE_U32, n, ends);
    CHECK_EQ(status(&f), n == INK_CAP_TAGS ? INK_OK : INK_E_LIMIT);
  }
}

TEST(missing_bits) {
  static const int32_t values[9] = { 0 };
  static const uint32_t order[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, ends[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  for (uint32_t n = 7; n <= 9; n++) {
    ink_fault f;
    draft_three(&d);
    ids("abcdefghi", n, n, ends, order);
    draft_vector(&d, "items.x", INK_DTYPE_I32, n, values);
    draft_vector(&d, "items.x.missing", INK_DTYPE_U8, (n + 7) / 8, n == 7 ? "\x7f" : n == 8 ? "\xff" : "\xff\x01");
    CHECK_EQ(status(&f), INK_OK);
    draft_vector(&d, "items.x.missing", INK_DTYPE_U8, (n + 7) / 8, n == 7 ? "\xff" : n == 8 ? "\xff" : "\x00\x02");
    CHECK_EQ(status(&f), n == 8 ? INK_OK : INK_E_PACK_VALUE);
    draft_vector(&d, "items.x.missing", INK_DTYPE_U8, (n + 7) / 8 + 1, "\0\0\0");
    CHECK_EQ(status(&f), INK_E_PACK_SHAPE);
    draft_vector(&d, "items.x.missing", INK_DTYPE_BOOL, (n + 7) / 8, "\0\0\0");
    CHECK_EQ(status(&f), INK_E_PACK_DTYPE);
  }
}

TEST(number_of_columns) {
  static char names[66][16];
  static const uint8_t values[3];
  ink_fault f;
  draft_three(&d);
  for (int i = 0; i < 65; i++) {
    snprintf(names[i], sizeof names[i], "items.c%d", i);
    draft_vector(&d, names[i], INK_DTYPE_U8, 3, values);
    if (i == 63) CHECK_EQ(status(&f), INK_OK);
  }
  CHECK_EQ(status(&f), INK_E_LIMIT);
}

/* ------------------------------------------------------------------ damage */

TEST(every_truncation_is_refused) {
  built whole;
  ink_fault f;
  draft_full();
  CHECK_EQ(built_draft(&d, &whole, &f), INK_OK);
  for (size_t n = 0; n < whole.n; n++) {
    built part = built_new(n);
    memcpy(part.bytes, whole.bytes, n);
    CHECK(built_status(&part, &f) != INK_OK);
    built_free(&part);
  }
  built_free(&whole);
}

/* A changed bit is refused or makes another pack; either way nothing is read outside (sanitizers watch). */
TEST(every_flipped_bit_is_survived) {
  built b;
  ink_fault f;
  int refused = 0;
  draft_full();
  CHECK_EQ(built_draft(&d, &b, &f), INK_OK);
  for (size_t i = 0; i < 8 * b.n; i++) {
    b.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    refused += built_status(&b, &f) != INK_OK;
    b.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
  }
  CHECK(refused > (int)b.n);
  built_free(&b);
}

TEST_MAIN(T(all_that_a_pack_tells), T(columns_and_their_values), T(find_among_many), T(memory_must_be_as_measured), T(places),
          T(names_stand_once), T(version_and_digest_form), T(digest), T(largest_numbers), T(a_bad_number_is_found_wherever_it_is),
          T(whole_numbers_may_be_anything_and_bool_may_not), T(tensors_of_ids), T(order_of_ids), T(ends_of_ids), T(length_of_an_id),
          T(number_of_items), T(utf8_of_ids_and_texts), T(names_in_the_catalogue), T(parts_of_a_column), T(numbers_of_every_type),
          T(texts), T(tags), T(number_of_tags), T(missing_bits), T(number_of_columns), T(every_truncation_is_refused),
          T(every_flipped_bit_is_survived))
