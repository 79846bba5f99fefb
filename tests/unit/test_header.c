/* The header's reader: what safetensors allows is read as it was meant, what it does not is refused with the
 * code, the place and the name. Cases that differ in one thing stand side by side. */
#include "caps.h"
#include "header.h"
#include "pack_build.h"

/* Reads all entries of a raw file. */
static ink_status read_all(const built *b, ink_header *h, ink_fault *fault) {
  ink_header_entry e;
  bool more = true;
  *fault = (ink_fault){ 0 };
  ink_status status = ink_header_open(h, b->bytes, b->n, fault);
  while (status == INK_OK && more) status = ink_header_next(h, &e, &more);
  return status;
}

static ink_status status_of(const char *json, size_t n_json, size_t n_data, ink_fault *fault) {
  ink_header h;
  built b = built_raw(json, n_json, NULL, n_data);
  const ink_status status = read_all(&b, &h, fault);
  CHECK_EQ(fault->code, status);
  built_free(&b);
  return status;
}

/* ------------------------------------------------------------------ what is read */

TEST(entries_come_out_as_written) {
  const char json[] = " {\n\t\"__metadata__\" : { \"a\":\"x\\\"y\", \"b\" : \"\" } ,\r\n \"t.1\": "
                      "{\"shape\" :[2, 0,4294967295] ,\"data_offsets\": [ 16 , 16 ],\"dtype\":\"F64\"},"
                      "\"\xc3\xa9\":{\"data_offsets\":[0,16],\"dtype\":\"BF16\",\"shape\":[8]},"
                      "\"scalar\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[3,4]} }   ";
  const char *text = json + 1;                       /* the first byte must be the brace */
  char padded[400];
  size_t n = strlen(text);
  memcpy(padded, text, n);
  while (n % 8 != 0) padded[n++] = ' ';
  built b = built_raw(padded, n, NULL, 16);
  ink_header h;
  ink_header_entry e;
  ink_fault fault;
  bool more;
  CHECK_EQ(ink_header_open(&h, b.bytes, b.n, &fault), INK_OK);
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);
  CHECK(more && e.metadata && ink_text_equal(e.name, ink_text_of("a")) && ink_text_equal(e.value, ink_text_of("x\\\"y")));
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);
  CHECK(more && e.metadata && ink_text_equal(e.name, ink_text_of("b")) && e.value.n == 0);
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);
  CHECK(more && !e.metadata && ink_text_equal(e.name, ink_text_of("t.1")));
  CHECK(e.dtype == INK_DTYPE_F64 && e.rank == 3 && e.shape[0] == 2 && e.shape[1] == 0 && e.shape[2] == 4294967295u && e.shape[3] == 1);
  CHECK(e.begin == 16 && e.end == 16 && memcmp(b.bytes + e.at, "t.1\"", 4) == 0);
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);
  CHECK(more && ink_text_equal(e.name, ink_text_of("\xc3\xa9")) && e.dtype == INK_DTYPE_BF16 && e.begin == 0 && e.end == 16);
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);
  CHECK(more && e.rank == 0 && e.shape[0] == 1 && e.begin == 3 && e.end == 4);
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);
  CHECK(!more && h.n_tensors == 3 && h.n_metadata == 2);
  CHECK_EQ(ink_header_next(&h, &e, &more), INK_OK);  /* stays at the end */
  CHECK(!more);
  built_free(&b);
}

TEST(every_type) {
  static const char *const names[] = { "U8", "I8", "U16", "I16", "F16", "BF16", "U32", "I32", "F32", "U64", "I64", "F64", "BOOL" };
  for (uint32_t i = 0; i < 13; i++) {
    char json[200];
    ink_fault fault;
    const size_t bytes = ink_dtype_bytes(i + 1);
    snprintf(json, sizeof json, "{\"t\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%zu]}}%60s", names[i], bytes, "");
    CHECK_EQ(status_of(json, 72, bytes, &fault), INK_OK);
    CHECK_EQ(status_of(json, 72, bytes - 1, &fault), INK_E_PACK_TRUNCATED);
  }
}

/* ------------------------------------------------------------------ what is refused */

typedef struct row {
  ink_status want;
  const char *json;               /* '~' stands for a byte with the value of `byte` */
  int at;                         /* byte of json where the fault is, -1: not asked */
  const char *name;               /* fault's name, NULL: not asked */
} row;

#define TENSOR "{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}"
#define WITH(field) "{\"t\":{" field "}}"

static void check_rows(const row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ink_fault fault;
    char text[400];
    const ink_status got = status_of(rows[i].json, strlen(rows[i].json), 2, &fault);
    bool good = got == rows[i].want;
    if (rows[i].at >= 0) good = good && fault.at == (uint64_t)rows[i].at + 8 && strcmp(fault.unit, "byte") == 0;
    if (rows[i].name != NULL) good = good && fault_names(&fault, rows[i].name);
    if (good) continue;
    CHECK(false);
    ink_fault_text(&fault, text, sizeof text);
    printf("  row %zu: %s: %s, %s\n", i, rows[i].json, ink_status_name(got), text);
  }
}

TEST(syntax) {
  static const row rows[] = {
    { INK_OK, "{}", -1, NULL },
    { INK_OK, "{}      ", -1, NULL },
    { INK_OK, "{ \t\r\n}", -1, NULL },
    { INK_OK, "{\"__metadata__\":{}}", -1, NULL },
    { INK_OK, "{\"t\":" TENSOR "}", -1, NULL },
    { INK_E_PACK_SYNTAX, " {}", 0, NULL },
    { INK_E_PACK_SYNTAX, "[]", 0, NULL },
    { INK_E_PACK_SYNTAX, "{ ", 2, "" },
    { INK_E_PACK_SYNTAX, "{}\t", 2, NULL },
    { INK_E_PACK_SYNTAX, "{}}", 2, NULL },
    { INK_E_PACK_SYNTAX, "{}{", 2, NULL },
    { INK_E_PACK_SYNTAX, "{,}", 1, NULL },
    { INK_E_PACK_SYNTAX, "{\"t\":" TENSOR ",}", 53, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":" TENSOR " \"u\"}", 53, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\" " TENSOR "}", 5, NULL },
    { INK_E_PACK_SYNTAX, "{t:" TENSOR "}", 1, NULL },
    { INK_E_PACK_SYNTAX, "{'t':" TENSOR "}", 1, NULL },
    { INK_E_PACK_SYNTAX, "{\"t\":[]}", 5, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":null}", 5, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":" TENSOR, 52, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]", -1, "t" },
    { INK_E_PACK_SYNTAX, "{\"t", 3, NULL },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":[]}", 16, "__metadata__" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":null}", 16, "__metadata__" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":1}}", 21, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"b\",}}", 25, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"b\"", 24, "a" },
    { INK_E_PACK_SYNTAX, "{\"t\":" TENSOR "}/**/", 53, NULL },
  };
  check_rows(rows, sizeof rows / sizeof *rows);
}

TEST(fields_of_a_tensor) {
  static const row rows[] = {
    { INK_OK, WITH("\"data_offsets\":[0,2],\"shape\":[2],\"dtype\":\"U8\""), -1, NULL },
    { INK_E_PACK_SYNTAX, WITH("\"shape\":[2],\"data_offsets\":[0,2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, WITH("\"dtype\":\"U8\",\"data_offsets\":[0,2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, WITH("\"dtype\":\"U8\",\"shape\":[2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, WITH(""), -1, "t" },
    { INK_E_PACK_KEY, WITH("\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"x\":1"), -1, "x" },
    { INK_E_PACK_KEY, WITH("\"Dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]"), -1, "Dtype" },
    { INK_E_PACK_DUPLICATE, WITH("\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]"), -1, "dtype" },
    { INK_E_PACK_DUPLICATE, WITH("\"dtype\":\"U8\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,2]"), -1, "shape" },
    { INK_E_PACK_DUPLICATE, WITH("\"data_offsets\":[0,2],\"data_offsets\":[0,2]"), -1, "data_offsets" },
    { INK_E_PACK_DUPLICATE, "{\"__metadata__\":{},\"__metadata__\":{}}", -1, "__metadata__" },
    { INK_E_PACK_DTYPE, WITH("\"dtype\":\"U9\",\"shape\":[2],\"data_offsets\":[0,2]"), 14, "t" },
    { INK_E_PACK_DTYPE, WITH("\"dtype\":\"u8\",\"shape\":[2],\"data_offsets\":[0,2]"), 14, "t" },
    { INK_E_PACK_DTYPE, WITH("\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]"), 14, "t" },
    { INK_E_PACK_SYNTAX, WITH("\"dtype\":8,\"shape\":[2],\"data_offsets\":[0,2]"), 14, "t" },
  };
  check_rows(rows, sizeof rows / sizeof *rows);
}

#define SHAPE(shape) WITH("\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[0,2]")
#define EMPTY(shape) WITH("\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[0,0]")

TEST(shapes) {
  static const row rows[] = {
    { INK_OK, SHAPE("[1,2,1,1]"), -1, NULL },
    { INK_E_PACK_SHAPE, SHAPE("[1,2,1,1,1]"), -1, "t" },
    { INK_E_PACK_SHAPE, SHAPE("[1,2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"), -1, "t" },
    { INK_OK, EMPTY("[4294967295,4294967295,0]"), -1, NULL },
    { INK_OK, EMPTY("[0,4294967295,4294967295,4294967295]"), -1, NULL },
    { INK_E_PACK_SHAPE, EMPTY("[0,4294967296]"), -1, "t" },
    { INK_E_PACK_SHAPE, EMPTY("[4294967295,4294967295,2,0]"), -1, "t" },
    { INK_E_PACK_SHAPE, EMPTY("[18446744073709551616,0]"), -1, "t" },
    { INK_E_PACK_SHAPE, EMPTY("[99999999999999999999999999999999999999,0]"), -1, "t" },
    { INK_E_PACK_OFFSETS, EMPTY("[]"), -1, "t" },                     /* a scalar has one element */
    { INK_E_PACK_OFFSETS, SHAPE("[3]"), -1, "t" },
    { INK_E_PACK_OFFSETS, SHAPE("[1]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[2.0]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[2e0]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[-2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[+2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[02]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[00]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[2,]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[,2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[2 2]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[\"2\"]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("[[2]]"), -1, "t" },
    { INK_E_PACK_SYNTAX, SHAPE("2"), -1, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":{\"shape\":[2", -1, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":{\"shape\":[2,", -1, "t" },
    { INK_E_PACK_SYNTAX, "{\"t\":{\"shape\":[", -1, "t" },
  };
  check_rows(rows, sizeof rows / sizeof *rows);
}

#define OFFSETS(n, offsets) WITH("\"dtype\":\"U8\",\"shape\":[" n "],\"data_offsets\":" offsets)

TEST(offsets) {
  static const row rows[] = {                        /* the files have two bytes of data */
    { INK_OK, OFFSETS("1", "[1,2]"), -1, NULL },
    { INK_E_PACK_TRUNCATED, OFFSETS("1", "[2,3]"), -1, "t" },
    { INK_OK, OFFSETS("0", "[2,2]"), -1, NULL },
    { INK_E_PACK_TRUNCATED, OFFSETS("0", "[3,3]"), -1, "t" },
    { INK_E_PACK_OFFSETS, OFFSETS("1", "[2,1]"), -1, "t" },
    { INK_E_PACK_OFFSETS, OFFSETS("2", "[1,2]"), -1, "t" },
    { INK_E_PACK_OFFSETS, OFFSETS("2", "[2]"), -1, "t" },
    { INK_E_PACK_OFFSETS, OFFSETS("2", "[0,2,2]"), -1, "t" },
    { INK_E_PACK_OFFSETS, OFFSETS("0", "[]"), -1, "t" },
    { INK_E_PACK_TRUNCATED, OFFSETS("0", "[18446744073709551615,18446744073709551615]"), -1, "t" },
    { INK_E_PACK_TRUNCATED, OFFSETS("0", "[99999999999999999999,99999999999999999999]"), -1, "t" },
    { INK_E_PACK_OFFSETS, OFFSETS("2", "[18446744073709551615,1]"), -1, "t" },
    { INK_E_PACK_SYNTAX, OFFSETS("2", "[0,02]"), -1, "t" },
  };
  check_rows(rows, sizeof rows / sizeof *rows);
}

TEST(strings) {
  static const row rows[] = {
    { INK_OK, "{\"__metadata__\":{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\uFFFF\\u0001\"}}", -1, NULL },
    { INK_OK, "{\"__metadata__\":{\"a\":\"\\ud83c\\udfac\\uD800\\uDC00\\udbff\\udfff\"}}", -1, NULL },
    { INK_OK, "{\"__metadata__\":{\"a\":\"\x7f h\xc3\xa9\"}}", -1, NULL },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\u0000\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\ud83c\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\ud83cx\\udfac\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\udfac\\ud83c\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\ud83c\\ud83c\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\ud83c\\u0000\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"\\ud83c\\ue000\"}}", 22, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"x\xc3\"}}", 23, "a" },
    { INK_E_PACK_UTF8, "{\"__metadata__\":{\"a\":\"x\xed\xa0\x80\"}}", 23, "a" },
    { INK_E_PACK_UTF8, "{\"\xff\":" TENSOR "}", 2, NULL },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"\\x\"}}", 22, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"\\u12g4\"}}", 22, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"\\u12", 22, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"\\", 22, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"\t\"}}", 22, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"\x1f\"}}", 22, "a" },
    { INK_E_PACK_SYNTAX, "{\"__metadata__\":{\"a\":\"b}}", 25, "a" },
    { INK_E_PACK_KEY, "{\"__metadata__\":{\"\\u0061\":\"b\"}}", 18, NULL },
    { INK_E_PACK_KEY, "{\"a\\nb\":" TENSOR "}", 3, NULL },
    { INK_E_PACK_KEY, "{\"t\":{\"dtyp\\u0065\":\"U8\"}}", -1, NULL },
    { INK_E_LIMIT, "{\"\":" TENSOR "}", 2, NULL },
    { INK_E_LIMIT, "{\"__metadata__\":{\"\":\"b\"}}", 18, NULL },
  };
  check_rows(rows, sizeof rows / sizeof *rows);
}

TEST(a_zero_byte_is_refused_everywhere) {
  const char text[] = "{\"t\":" TENSOR "}";
  for (size_t i = 0; i + 1 < sizeof text; i++) {
    char json[sizeof text];
    ink_fault fault;
    memcpy(json, text, sizeof text);
    json[i] = '\0';
    CHECK(status_of(json, sizeof text - 1, 2, &fault) != INK_OK);
  }
}

TEST(alignment) {
  ink_fault fault;                                   /* the header alone decides where F32 may begin */
  for (int pad = 0; pad < 8; pad++) {
    char json[100];
    const int n = snprintf(json, sizeof json, "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}%*s", pad, "");
    const bool aligned = (8 + n) % 4 == 0;
    CHECK_EQ(status_of(json, (size_t)n, 4, &fault), aligned ? INK_OK : INK_E_PACK_ALIGN);
    if (!aligned) CHECK(fault.at == 8u + (unsigned)n && fault_names(&fault, "t"));
  }
}

/* ------------------------------------------------------------------ caps */

TEST(length_of_the_header) {
  ink_fault fault;
  ink_header h;
  uint8_t file[16] = { 0 };
  for (size_t n = 0; n < 8; n++) {
    CHECK_EQ(ink_header_open(&h, file, n, &fault), INK_E_PACK_TRUNCATED);
    CHECK_EQ(fault.at, n);
  }
  for (uint8_t n = 0; n < 4; n++) {
    file[0] = n;
    CHECK_EQ(ink_header_open(&h, file, 10, &fault), n < 2 ? INK_E_PACK_HEADER_BYTES : n == 2 ? INK_OK : INK_E_PACK_TRUNCATED);
  }
  memset(file, 0xff, 8);
  CHECK_EQ(ink_header_open(&h, file, 16, &fault), INK_E_PACK_HEADER_BYTES);

  built b = built_new(8 + INK_CAP_HEADER_BYTES + 1);
  memset(b.bytes + 8, ' ', b.n - 8);
  memcpy(b.bytes + 8, "{}", 2);
  b.bytes[3] = 1;                                    /* 2^24 */
  CHECK_EQ(read_all(&b, &h, &fault), INK_OK);
  b.bytes[0] = 1;
  CHECK_EQ(read_all(&b, &h, &fault), INK_E_PACK_HEADER_BYTES);
  CHECK_EQ(fault.high, INK_CAP_HEADER_BYTES);
  built_free(&b);
}

TEST(length_of_a_name) {
  for (int n = 255; n <= 256; n++) {
    char json[600], name[300];
    ink_fault fault;
    memset(name, 'n', sizeof name);
    const int m = snprintf(json, sizeof json, "{\"%.*s\":" TENSOR "}", n, name);
    CHECK_EQ(status_of(json, (size_t)m, 2, &fault), n == 255 ? INK_OK : INK_E_LIMIT);
    if (n == 256) CHECK(fault.got == 256 && fault.high == 255 && fault.at == 10);
  }
}

static size_t many_entries(char *json, uint32_t n, const char *before, const char *entry, const char *after) {
  size_t at = (size_t)sprintf(json, "%s", before);
  for (uint32_t i = 0; i < n; i++) at += (size_t)sprintf(json + at, "%s\"n%u\":%s", i > 0 ? "," : "", i, entry);
  return at + (size_t)sprintf(json + at, "%s", after);
}

TEST(number_of_entries) {
  static char json[200000];
  ink_fault fault;
  for (uint32_t n = 1024; n <= 1025; n++) {
    size_t m = many_entries(json, n, "{", "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}", "}");
    CHECK_EQ(status_of(json, m, 0, &fault), n == INK_CAP_TENSORS ? INK_OK : INK_E_LIMIT);
    if (n == 1025) CHECK(fault_names(&fault, "n1024"));
    m = many_entries(json, n, "{\"__metadata__\":{", "\"\"", "}}");
    CHECK_EQ(status_of(json, m, 0, &fault), n == INK_CAP_METADATA ? INK_OK : INK_E_LIMIT);
  }
}

TEST(every_prefix_of_a_header_is_refused) {
  const char json[] = "{\"__metadata__\":{\"inkling\":\"1\"},\"t\":" TENSOR "}";
  for (size_t n = 2; n < sizeof json; n++) {
    ink_fault fault;
    CHECK((status_of(json, n, 2, &fault) == INK_OK) == (n == sizeof json - 1));
  }
}

TEST_MAIN(T(entries_come_out_as_written), T(every_type), T(syntax), T(fields_of_a_tensor), T(shapes), T(offsets), T(strings),
          T(a_zero_byte_is_refused_everywhere), T(alignment), T(length_of_the_header), T(length_of_a_name), T(number_of_entries),
          T(every_prefix_of_a_header_is_refused))
