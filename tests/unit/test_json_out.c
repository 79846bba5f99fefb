/* test_json_out.c - the writer of JSON: structure, escapes, numbers that read back to the same bits. needs: edge */
#include "json_out.h"
#include "testlib.h"

#include <math.h>
#include <stdlib.h>

static bool is(ink_json_out *out, const char *want) {
  const bool good = !out->failed && out->n == strlen(want) && memcmp(out->bytes, want, out->n) == 0 && out->bytes[out->n] == '\0';
  if (!good) printf("%s is not %s\n", out->bytes, want);
  ink_json_out_free(out);
  return good;
}

static ink_text text(const char *s) { return (ink_text){ s, (uint32_t)strlen(s) }; }

TEST(structure) {
  ink_json_out out;
  ink_json_out_init(&out);
  ink_json_object(&out, NULL);
  ink_json_count(&out, "a", UINT64_MAX);
  ink_json_array(&out, "b");
  ink_json_whole(&out, NULL, INT64_MIN);
  ink_json_object(&out, NULL);
  ink_json_object_end(&out);
  ink_json_array(&out, NULL);
  ink_json_array_end(&out);
  ink_json_bool(&out, NULL, true);
  ink_json_null(&out, NULL);
  ink_json_array_end(&out);
  ink_json_key(&out, text("c"));
  ink_json_string(&out, NULL, "d");
  ink_json_key(&out, text("e"));
  ink_json_object(&out, NULL);
  ink_json_bool(&out, "f", false);
  ink_json_object_end(&out);
  ink_json_escaped(&out, "g", text("\\u0041"));
  ink_json_object_end(&out);
  CHECK(is(&out, "{\"a\":18446744073709551615,\"b\":[-9223372036854775808,{},[],true,null],\"c\":\"d\",\"e\":{\"f\":false},\"g\":\"\\u0041\"}"));
}

TEST(strings) {
  ink_json_out out;
  ink_json_out_init(&out);
  ink_json_text(&out, NULL, (ink_text){ "a\"\\\n\r\t\x01\0\x7f/", 10 });
  CHECK(is(&out, "\"a\\\"\\\\\\n\\r\\t\\u0001\\u0000\\u007f/\""));
  ink_json_out_init(&out);
  ink_json_string(&out, NULL, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  CHECK(is(&out, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""));
  ink_json_out_init(&out);                       /* each bad byte becomes U+FFFD; what is good around it stays */
  ink_json_string(&out, NULL, "a\xff\xc3(\xed\xa0\x80z");
  CHECK(is(&out, "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\""));
}

static bool float_reads_back(float x) {
  ink_json_out out;
  ink_json_out_init(&out);
  ink_json_float(&out, NULL, x);
  const float back = strtof(out.bytes, NULL);
  const bool good = memcmp(&back, &x, sizeof x) == 0 && out.n <= 15;
  ink_json_out_free(&out);
  return good;
}

static bool double_reads_back(double x) {
  ink_json_out out;
  ink_json_out_init(&out);
  ink_json_double(&out, NULL, x);
  const double back = strtod(out.bytes, NULL);
  const bool good = memcmp(&back, &x, sizeof x) == 0;
  ink_json_out_free(&out);
  return good;
}

TEST(numbers_read_back) {
  uint64_t state = 1;
  uint32_t n_bad = 0;
  for (uint32_t i = 0; i < 100000; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const uint32_t u = (uint32_t)(state >> 32);
    float f;
    double d;
    memcpy(&f, &u, sizeof f);
    memcpy(&d, &state, sizeof d);
    if (isfinite(f)) n_bad += !float_reads_back(f);
    if (isfinite(d)) n_bad += !double_reads_back(d);
  }
  CHECK_EQ(n_bad, 0);
}

TEST(numbers_are_short) {
  ink_json_out out;
  ink_json_out_init(&out);
  ink_json_array(&out, NULL);
  ink_json_float(&out, NULL, 0.1f);
  ink_json_float(&out, NULL, -0.0f);
  ink_json_double(&out, NULL, 0.1);
  ink_json_double(&out, NULL, 1e300);
  ink_json_double(&out, NULL, (double)NAN);
  ink_json_float(&out, NULL, INFINITY);
  ink_json_bits(&out, NULL, 1.0f);
  ink_json_array_end(&out);
  CHECK(is(&out, "[0.1,-0,0.1,1e+300,null,null,\"3f800000\"]"));
}

TEST(depth_and_clearing) {
  ink_json_out out;
  ink_json_out_init(&out);
  for (uint32_t i = 0; i < INK_JSON_OUT_DEPTH - 1; i++) ink_json_array(&out, NULL);
  CHECK(!out.failed);
  ink_json_array(&out, NULL);
  CHECK(out.failed);
  ink_json_out_clear(&out);
  ink_json_null(&out, NULL);
  CHECK(is(&out, "null"));
}

TEST(long_documents) {
  ink_json_out out;
  ink_json_out_init(&out);
  ink_json_array(&out, NULL);
  for (uint32_t i = 0; i < 100000; i++) ink_json_count(&out, NULL, i);
  ink_json_array_end(&out);
  CHECK_EQ(out.n, 588891);                       /* 10 + 180 + 2700 + 36000 + 450000 digits, 99999 commas, 2 brackets */
  CHECK(memcmp(out.bytes + out.n - 7, ",99999]", 7) == 0);
  ink_json_out_free(&out);
}

TEST_MAIN(T(structure), T(strings), T(numbers_read_back), T(numbers_are_short), T(depth_and_clearing), T(long_documents))
