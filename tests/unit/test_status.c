/* Every status has a name and a sentence; faults become sentences that name what, where and what is allowed. */
#include "fault.h"
#include "status.h"
#include "testlib.h"
#include "utf8.h"

/* The codes of inkling.h, written down a second time. -Wswitch refuses this file when one is missing. */
static const char *expected_name(ink_status status) {
  switch (status) {
    case INK_OK: return "OK";
    case INK_E_ARG: return "ARG";
    case INK_E_MEMORY: return "MEMORY";
    case INK_E_SCRATCH: return "SCRATCH";
    case INK_E_LIMIT: return "LIMIT";
    case INK_E_UNKNOWN_ITEM: return "UNKNOWN_ITEM";
    case INK_E_UNKNOWN_FAMILY: return "UNKNOWN_FAMILY";
    case INK_REFOLD: return "REFOLD";
    case INK_E_NOT_FOUND: return "NOT_FOUND";
    case INK_E_SINGULAR: return "SINGULAR";
    case INK_E_PACK_TRUNCATED: return "PACK_TRUNCATED";
    case INK_E_PACK_HEADER_BYTES: return "PACK_HEADER_BYTES";
    case INK_E_PACK_SYNTAX: return "PACK_SYNTAX";
    case INK_E_PACK_KEY: return "PACK_KEY";
    case INK_E_PACK_DUPLICATE: return "PACK_DUPLICATE";
    case INK_E_PACK_DTYPE: return "PACK_DTYPE";
    case INK_E_PACK_SHAPE: return "PACK_SHAPE";
    case INK_E_PACK_OFFSETS: return "PACK_OFFSETS";
    case INK_E_PACK_ALIGN: return "PACK_ALIGN";
    case INK_E_PACK_TRAILING: return "PACK_TRAILING";
    case INK_E_PACK_VERSION: return "PACK_VERSION";
    case INK_E_PACK_METADATA: return "PACK_METADATA";
    case INK_E_PACK_MISSING: return "PACK_MISSING";
    case INK_E_PACK_NOT_FINITE: return "PACK_NOT_FINITE";
    case INK_E_PACK_MAGNITUDE: return "PACK_MAGNITUDE";
    case INK_E_PACK_UTF8: return "PACK_UTF8";
    case INK_E_PACK_IDS: return "PACK_IDS";
    case INK_E_PACK_ENDS: return "PACK_ENDS";
    case INK_E_PACK_INDEX: return "PACK_INDEX";
    case INK_E_PACK_DIGEST: return "PACK_DIGEST";
    case INK_E_PACK_NO_MODEL: return "PACK_NO_MODEL";
    case INK_E_PACK_VALUE: return "PACK_VALUE";
    case INK_E_JOURNAL_MAGIC: return "JOURNAL_MAGIC";
    case INK_E_JOURNAL_VERSION: return "JOURNAL_VERSION";
    case INK_E_JOURNAL_RECORD: return "JOURNAL_RECORD";
    case INK_E_JOURNAL_FULL: return "JOURNAL_FULL";
    case INK_E_EVENT: return "EVENT";
    case INK_E_JOURNAL_ORDER: return "JOURNAL_ORDER";
    case INK_E_DATA_SYNTAX: return "DATA_SYNTAX";
    case INK_E_DATA_COLUMN: return "DATA_COLUMN";
    case INK_E_DATA_NUMBER: return "DATA_NUMBER";
    case INK_E_DATA_UTF8: return "DATA_UTF8";
    case INK_E_DATA_EMPTY: return "DATA_EMPTY";
    case INK_E_DATA_DUPLICATE: return "DATA_DUPLICATE";
    case INK_E_DATA_OVERLAP: return "DATA_OVERLAP";
    case INK_E_DATA_FORMAT: return "DATA_FORMAT";
    case INK_E_SETTING: return "SETTING";
    case INK_E_DIVERGED: return "DIVERGED";
    case INK_E_NO_MEMORY: return "NO_MEMORY";
    case INK_E_READ: return "READ";
    case INK_E_STOPPED: return "STOPPED";
  }
  return NULL;
}

TEST(every_code_has_its_name_and_a_sentence) {
  int n = 0;
  for (int code = 0; code < 1000; code++) {
    const char *name = expected_name((ink_status)code);
    const char *text = ink_status_text((ink_status)code);
    CHECK(strcmp(ink_status_name((ink_status)code), name != NULL ? name : "UNKNOWN") == 0);
    CHECK((strcmp(text, "unknown status") == 0) == (name == NULL));
    CHECK(strlen(text) >= 8 && text[strlen(text) - 1] != '.');
    n += name != NULL;
  }
  CHECK_EQ(n, 51);
}

TEST(values_are_pinned) {
  CHECK_EQ(INK_REFOLD, 7);
  CHECK_EQ(INK_E_PACK_TRUNCATED, 20);
  CHECK_EQ(INK_E_PACK_VALUE, 41);
  CHECK_EQ(INK_E_JOURNAL_MAGIC, 60);
  CHECK_EQ(INK_E_JOURNAL_ORDER, 65);
  CHECK_EQ(INK_E_DATA_SYNTAX, 80);
  CHECK_EQ(INK_E_STOPPED, 92);
  CHECK_EQ(ink_abi_version(), INK_ABI_VERSION);
}

static void check_sentence(const ink_fault *fault, const char *want) {
  char got[600];
  const size_t n = ink_fault_text(fault, got, sizeof got);
  CHECK_EQ(n, strlen(got));
  if (strcmp(got, want) == 0) return;
  CHECK(false);
  printf("  got:  %s\n  want: %s\n", got, want);
}

TEST(sentences) {
  const uint32_t want[] = { 100, 64 }, any[] = { INK_NONE };
  ink_tensor t = { .name = ink_text_of("als.items"), .rank = 2, .shape = { 100, 65, 1, 1 }, .dtype = INK_DTYPE_U8 };
  ink_fault f;
  CHECK_EQ(ink_refuse_shape(&f, &t, 2, want), INK_E_PACK_SHAPE);
  CHECK_EQ(ink_refuse_at(&f, INK_E_PACK_SHAPE, "byte", 1234), INK_E_PACK_SHAPE);
  check_sentence(&f, "tensor \"als.items\": shape [100, 65] is not what is allowed: [100, 64] (byte 1234)");
  ink_refuse_shape(&f, &t, 1, any);
  check_sentence(&f, "tensor \"als.items\": shape [100, 65] is not what is allowed: [n]");
  CHECK_EQ(ink_refuse_dtype(&f, &t, "F32 or I8"), INK_E_PACK_DTYPE);
  check_sentence(&f, "tensor \"als.items\": U8 is not what is allowed: F32 or I8");
  CHECK_EQ(ink_refuse(&f, INK_E_PACK_MISSING, ink_text_of("als.gram"), "F32 [d, d]"), INK_E_PACK_MISSING);
  check_sentence(&f, "tensor \"als.gram\": a tensor that is needed is not there; allowed: F32 [d, d]");
  ink_refuse(&f, INK_E_SINGULAR, ink_text_of(""), "");
  check_sentence(&f, "a system of equations has no unique solution");
  ink_refuse_range(&f, INK_E_LIMIT, ink_text_of("items"), 3, 2, 2);
  check_sentence(&f, "\"items\": 3 is not what is allowed: 2");
  ink_refuse_number(&f, INK_E_LIMIT, ink_text_of("items"), "a count of", 3, 1, 2);
  CHECK(f.got == 3 && f.low == 1 && f.high == 2);
  check_sentence(&f, "\"items\": a count of 3 is not what is allowed: 1 to 2");
  ink_refuse_number(&f, INK_E_LIMIT, ink_text_of("items"), "a count that is called by many, far too many words, namely of", 3, 1, 2);
  CHECK_EQ(strlen(f.found), sizeof f.found - 1);
  ink_refuse_text(&f, INK_E_DATA_NUMBER, ink_text_of("rating"), ink_text_of("4,5"), "a number");
  ink_refuse_at(&f, INK_E_DATA_NUMBER, "line", 12);
  check_sentence(&f, "\"rating\": \"4,5\" is not what is allowed: a number (line 12)");
  f = (ink_fault){ 0 };
  check_sentence(&f, "0 is not what is allowed: 0");
}

TEST(a_fault_may_be_null) {
  const ink_tensor t = { .rank = 0 };
  CHECK_EQ(ink_refuse(NULL, INK_E_ARG, ink_text_of("a"), "b"), INK_E_ARG);
  CHECK_EQ(ink_refuse_found(NULL, INK_E_ARG, ink_text_of("a"), "b", "c"), INK_E_ARG);
  CHECK_EQ(ink_refuse_text(NULL, INK_E_ARG, ink_text_of("a"), ink_text_of("b"), "c"), INK_E_ARG);
  CHECK_EQ(ink_refuse_range(NULL, INK_E_ARG, ink_text_of("a"), 1, 2, 3), INK_E_ARG);
  CHECK_EQ(ink_refuse_number(NULL, INK_E_ARG, ink_text_of("a"), "b", 1, 2, 3), INK_E_ARG);
  CHECK_EQ(ink_refuse_shape(NULL, &t, 0, NULL), INK_E_PACK_SHAPE);
  CHECK_EQ(ink_refuse_dtype(NULL, &t, "F32"), INK_E_PACK_DTYPE);
  CHECK_EQ(ink_refuse_at(NULL, INK_E_ARG, "byte", 1), INK_E_ARG);
}

/* Whole numbers exactly, others to nine digits. */
TEST(numbers) {
  static const struct { double x; const char *text; } cases[] = {
    { 0, "0" }, { -1, "-1" }, { 1e11, "100000000000" }, { 9007199254740992.0, "9007199254740992" },
    { 0.1, "0.1" }, { 1.5, "1.5" }, { -2.25, "-2.25" }, { 123456.789, "123456.789" }, { 1e-4, "0.0001" },
    { 0.00012345, "0.00012345" }, { 1e-5, "1e-5" }, { 1.0 / 3, "0.333333333" }, { 2.0 / 3, "0.666666667" },
    { 1e300, "1e+300" }, { 1.25e17, "1.25e+17" }, { 999999.9999, "1000000" },
  };
  char text[200], want[200];
  ink_fault f;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ink_refuse_range(&f, INK_E_EVENT, ink_text_of("value"), cases[i].x, 0, 1);
    ink_fault_text(&f, text, sizeof text);
    snprintf(want, sizeof want, "field \"value\": %s is not what is allowed: 0 to 1", cases[i].text);
    CHECK(strcmp(text, want) == 0);
    if (strcmp(text, want) != 0) printf("  got: %s\n", text);
  }
  const double zero = 0;
  ink_refuse_range(&f, INK_E_EVENT, ink_text_of("value"), -1 / zero, 0, 1);
  check_sentence(&f, "field \"value\": -infinity is not what is allowed: 0 to 1");
  ink_refuse_range(&f, INK_E_EVENT, ink_text_of("value"), zero / zero, 0, 1);
  check_sentence(&f, "field \"value\": NaN is not what is allowed: 0 to 1");
  ink_refuse_range(&f, INK_E_EVENT, ink_text_of("value"), 5e-324, 0, 1);   /* ends, and says something small */
  CHECK(ink_fault_text(&f, text, sizeof text) > 0 && strstr(text, "e-324") != NULL);
}

TEST(outside_bytes_are_made_harmless) {
  const char bad[] = "a\n\x1b[31m\x7f\xff", c1[] = "x\xc2\x9bz\xc3\xa9";
  ink_fault f;
  ink_refuse(&f, INK_E_PACK_KEY, ink_text_of(bad), "");
  check_sentence(&f, "key \"a??[31m??\": a key stands where it does not belong");
  ink_refuse(&f, INK_E_PACK_KEY, ink_text_of(c1), "");
  check_sentence(&f, "key \"x?z\xc3\xa9\": a key stands where it does not belong");
  memset(&f, 0x41, sizeof f);                       /* nothing closed by zero anywhere */
  char text[700];
  CHECK(ink_fault_text(&f, text, sizeof text) < sizeof text);
}

TEST(long_text_is_cut_at_a_character) {
  char name[200], text[600];
  ink_fault f;
  memset(name, 'a', sizeof name);
  memcpy(name + 95, "\xc3\xa9", 2);                 /* crosses the field's end */
  ink_refuse(&f, INK_E_PACK_KEY, (ink_text){ name, 200 }, "");
  CHECK_EQ(f.name_bytes, 95);
  ink_refuse(&f, INK_E_PACK_KEY, (ink_text){ name, 95 }, "");
  CHECK_EQ(f.name_bytes, 95);
  ink_refuse(&f, INK_E_PACK_KEY, (ink_text){ name + 1, 96 }, "");
  CHECK_EQ(f.name_bytes, 96);
  ink_refuse_text(&f, INK_E_PACK_KEY, ink_text_of("k"), (ink_text){ name, 200 }, "short ones");
  CHECK_EQ(strlen(f.found), sizeof f.found - 1);
  CHECK(strcmp(f.found + sizeof f.found - 6, "a...\"") == 0);
  ink_fault_text(&f, text, sizeof text);
  CHECK(ink_utf8_valid(text, strlen(text)));
}

TEST(every_buffer_size_is_closed_and_whole) {
  ink_fault f;
  char whole[300], part[300];
  ink_refuse_text(&f, INK_E_EVENT, ink_text_of("h\xc3\xa9h\xe2\x82\xac"), ink_text_of("\xf0\x9f\x8e\xac"), "UTF-8");
  const size_t n = ink_fault_text(&f, whole, sizeof whole);
  for (size_t cap = 1; cap <= n + 1; cap++) {
    memset(part, 'X', sizeof part);
    CHECK_EQ(ink_fault_text(&f, part, cap), n);
    CHECK(strlen(part) < cap && part[cap] == 'X');
    CHECK(memcmp(part, whole, strlen(part)) == 0 && ink_utf8_valid(part, strlen(part)));
    CHECK(cap - 1 - strlen(part) < 4);
  }
  CHECK_EQ(ink_fault_text(&f, NULL, 0), n);
}

TEST(dtype_names) {
  CHECK(strcmp(ink_dtype_name(INK_DTYPE_BF16), "BF16") == 0);
  CHECK(strcmp(ink_dtype_name(0), "?") == 0 && strcmp(ink_dtype_name(14), "?") == 0);
  for (uint32_t d = INK_DTYPE_U8; d <= INK_DTYPE_BOOL; d++) CHECK(ink_dtype_name(d)[0] != '?' && ink_dtype_bytes(d) > 0);
}

TEST_MAIN(T(every_code_has_its_name_and_a_sentence), T(values_are_pinned), T(sentences), T(a_fault_may_be_null), T(numbers),
          T(outside_bytes_are_made_harmless), T(long_text_is_cut_at_a_character), T(every_buffer_size_is_closed_and_whole),
          T(dtype_names))
