/* test_json_in.c - the strict reader of JSON: what RFC 8259 allows and what not, byte by byte; limits; keys. needs: edge */
#include "json_in.h"
#include "testlib.h"

static bool accepts(const char *text, size_t n) {
  ink_json_problem problem = { INK_JSON_OK, 0, "", "" };
  const bool good = ink_json_check(text, n, &ink_json_limits_request, &problem);
  if (good) {                                    /* whatever passes, cJSON must be able to read */
    cJSON *tree = cJSON_ParseWithLength(text, n);
    CHECK(tree != NULL);
    cJSON_Delete(tree);
  }
  return good;
}

static bool allows(const char *text) { return accepts(text, strlen(text)); }

/* Refused with this code at this byte. */
static bool refuses(const char *text, ink_json_code code, size_t at) {
  ink_json_problem problem = { INK_JSON_OK, 0, "", "" };
  if (ink_json_check(text, strlen(text), &ink_json_limits_request, &problem)) { printf("accepted: %s\n", text); return false; }
  if (problem.code != code || problem.at != at) printf("%s: code %d at %zu: %s\n", text, (int)problem.code, problem.at, problem.what);
  return problem.code == code && problem.at == at;
}

TEST(values) {
  static const char *const good[] = { "null", "true", "false", "0", "-0", "1", "-12", "1.5", "-0.25e10", "1E5", "2e+3", "2e-3", "\"\"", "\"a\"", "[]", "{}",
                                      "[1]", "[1,2]", "[[],{}]", "{\"a\":1}", "{\"a\":[{\"b\":null}],\"c\":\"d\"}", " \t\r\n[ 1 , 2 ] " };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) CHECK(allows(good[i]));
}

TEST(broken_values) {
  CHECK(refuses("", INK_JSON_SYNTAX, 0));
  CHECK(refuses("  ", INK_JSON_SYNTAX, 2));
  CHECK(refuses("nul", INK_JSON_SYNTAX, 0));
  CHECK(refuses("True", INK_JSON_SYNTAX, 0));
  CHECK(refuses("01", INK_JSON_SYNTAX, 1));
  CHECK(refuses("-", INK_JSON_SYNTAX, 1));
  CHECK(refuses("+1", INK_JSON_SYNTAX, 0));
  CHECK(refuses(".5", INK_JSON_SYNTAX, 0));
  CHECK(refuses("1.", INK_JSON_SYNTAX, 2));
  CHECK(refuses("1e", INK_JSON_SYNTAX, 2));
  CHECK(refuses("1e+", INK_JSON_SYNTAX, 3));
  CHECK(refuses("NaN", INK_JSON_SYNTAX, 0));
  CHECK(refuses("Infinity", INK_JSON_SYNTAX, 0));
  CHECK(refuses("1 2", INK_JSON_SYNTAX, 2));
  CHECK(refuses("{}x", INK_JSON_SYNTAX, 2));
  CHECK(refuses("'a'", INK_JSON_SYNTAX, 0));
  CHECK(refuses("\xef\xbb\xbf{}", INK_JSON_SYNTAX, 0));
}

TEST(broken_structure) {
  CHECK(refuses("[", INK_JSON_SYNTAX, 1));
  CHECK(refuses("[1", INK_JSON_SYNTAX, 2));
  CHECK(refuses("[1,", INK_JSON_SYNTAX, 3));
  CHECK(refuses("[1,]", INK_JSON_SYNTAX, 3));
  CHECK(refuses("[,1]", INK_JSON_SYNTAX, 1));
  CHECK(refuses("[1 2]", INK_JSON_SYNTAX, 3));
  CHECK(refuses("[1}", INK_JSON_SYNTAX, 2));
  CHECK(refuses("{1:2}", INK_JSON_SYNTAX, 1));
  CHECK(refuses("{\"a\"}", INK_JSON_SYNTAX, 4));
  CHECK(refuses("{\"a\":}", INK_JSON_SYNTAX, 5));
  CHECK(refuses("{\"a\":1,}", INK_JSON_SYNTAX, 7));
  CHECK(refuses("{\"a\":1]", INK_JSON_SYNTAX, 6));
  CHECK(refuses("{,}", INK_JSON_SYNTAX, 1));
  CHECK(refuses("]", INK_JSON_SYNTAX, 0));
}

TEST(strings) {
  CHECK(allows("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\u00e9\""));
  CHECK(allows("\"\\ud83d\\uDE00\""));
  CHECK(allows("\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf\""));
  CHECK(refuses("\"a", INK_JSON_SYNTAX, 2));
  CHECK(refuses("\"\\", INK_JSON_SYNTAX, 2));
  CHECK(refuses("\"\\x\"", INK_JSON_SYNTAX, 2));
  CHECK(refuses("\"\\u12g4\"", INK_JSON_SYNTAX, 5));
  CHECK(refuses("\"\\u12\"", INK_JSON_SYNTAX, 5));
  CHECK(refuses("\"\\u0000\"", INK_JSON_SYNTAX, 7));
  CHECK(refuses("\"\\ud800\"", INK_JSON_SYNTAX, 7));
  CHECK(refuses("\"\\ud800\\n\"", INK_JSON_SYNTAX, 8));
  CHECK(refuses("\"\\ud800\\u0041\"", INK_JSON_SYNTAX, 13));
  CHECK(refuses("\"\\ude00\"", INK_JSON_SYNTAX, 7));
  CHECK(refuses("\"a\nb\"", INK_JSON_SYNTAX, 2));
  CHECK(!accepts("\"\0\"", 3));
}

TEST(bytes_that_are_no_utf8) {
  static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char text[16];
    snprintf(text, sizeof text, "\"%s\"", bad[i]);
    CHECK(refuses(text, INK_JSON_SYNTAX, 1));
  }
}

/* Each limit: the largest legal document passes, one more is refused. */
TEST(limits) {
  char text[2048];
  for (uint32_t depth = INK_JSON_IN_DEPTH; depth <= INK_JSON_IN_DEPTH + 1; depth++) {
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    CHECK_EQ(depth == INK_JSON_IN_DEPTH, depth == INK_JSON_IN_DEPTH ? allows(text) : !refuses(text, INK_JSON_DEPTH, INK_JSON_IN_DEPTH));
  }
  for (uint32_t n = INK_JSON_IN_NUMBER; n <= INK_JSON_IN_NUMBER + 1; n++) {
    memset(text, '7', n);
    text[n] = '\0';
    CHECK(n == INK_JSON_IN_NUMBER ? allows(text) : refuses(text, INK_JSON_LIMIT, 0));
  }
  for (uint32_t members = 64; members <= 65; members++) {
    size_t n = 0;
    for (uint32_t i = 0; i < members; i++) n += (size_t)snprintf(text + n, sizeof text - n, "%s\"k%u\":1", i == 0 ? "{" : ",", i);
    snprintf(text + n, sizeof text - n, "}");
    ink_json_problem problem = { INK_JSON_OK, 0, "", "" };
    CHECK_EQ(ink_json_check(text, strlen(text), &ink_json_limits_request, &problem), members == 64);
    CHECK(members == 64 || problem.code == INK_JSON_LIMIT);
  }
}

static ink_json_code parse(const char *text, char key[48]) {
  cJSON *tree;
  ink_json_problem problem = { INK_JSON_OK, 0, "", "" };
  if (ink_json_parse(text, strlen(text), &ink_json_limits_request, &tree, &problem)) cJSON_Delete(tree);
  memcpy(key, problem.key, 48);
  return problem.code;
}

TEST(duplicate_keys) {
  char key[48];
  CHECK_EQ(parse("{\"a\":1,\"b\":2}", key), INK_JSON_OK);
  CHECK_EQ(parse("{\"a\":1,\"A\":2}", key), INK_JSON_OK);
  CHECK_EQ(parse("[{\"a\":1},{\"a\":2}]", key), INK_JSON_OK);
  CHECK_EQ(parse("{\"a\":{\"a\":{\"a\":1}}}", key), INK_JSON_OK);
  CHECK_EQ(parse("{\"a\":1,\"b\":2,\"a\":3}", key), INK_JSON_DUPLICATE);
  CHECK(strcmp(key, "a") == 0);
  CHECK_EQ(parse("{\"a\":1,\"\\u0061\":3}", key), INK_JSON_DUPLICATE);       /* the same key, written in two ways */
  CHECK_EQ(parse("[0,{\"x\":[{},{\"k\":1,\"k\":1}]},2]", key), INK_JSON_DUPLICATE);
  CHECK(strcmp(key, "k") == 0);
  CHECK_EQ(parse("{\"x\":{\"y\":1},\"z\":{\"q\":1,\"q\":2}}", key), INK_JSON_DUPLICATE);
  CHECK_EQ(parse("{\"0123456789012345678901234567890123456789012345678901234567890\":1,\"0123456789012345678901234567890123456789012345678901234567890\":1}", key), INK_JSON_DUPLICATE);
  CHECK_EQ(strlen(key), 47);
}

TEST(numbers_out_of_a_tree) {
  cJSON *tree;
  ink_json_problem problem;
  const char *text = "[3, 3.5, 9007199254740991, 9007199254740993, 1e400, \"3\", true]";
  CHECK(ink_json_parse(text, strlen(text), &ink_json_limits_request, &tree, &problem));
  int64_t whole = 0;
  double number;
  bool flag;
  const cJSON *v = tree->child;
  CHECK(ink_json_whole_of(v, 0, 3, &whole) && whole == 3);
  CHECK(!ink_json_whole_of(v, 4, 9, &whole) && !ink_json_whole_of(v, 0, 2, &whole));
  v = v->next;
  CHECK(!ink_json_whole_of(v, 0, 10, &whole) && ink_json_number_of(v, 0, 10, &number) && number == 3.5);
  v = v->next;
  CHECK(ink_json_whole_of(v, 0, 9007199254740991.0, &whole) && whole == 9007199254740991);
  v = v->next;
  CHECK(!ink_json_whole_of(v, 0, 9007199254740991.0, &whole));
  v = v->next;
  CHECK(!ink_json_number_of(v, -1e308, 1e308, &number));
  v = v->next;
  CHECK(!ink_json_number_of(v, 0, 10, &number) && !ink_json_bool_of(v, &flag));
  v = v->next;
  CHECK(ink_json_bool_of(v, &flag) && flag && !ink_json_whole_of(v, 0, 1, &whole));
  cJSON_Delete(tree);
}

/* The fast path of cJSON and our check see the same thing in random documents made of JSON's own characters. */
TEST(random_documents) {
  static const char letters[] = "[]{}:,\"01eE+-.\\untrfals ";
  uint64_t state = 88172645463325252u;
  uint32_t n_good = 0;
  for (uint32_t i = 0; i < 200000; i++) {
    char text[12];
    size_t n = 0;
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    uint64_t bits = state;
    for (size_t length = 1 + bits % 11; n < length; n++) {
      bits = bits * 6364136223846793005u + 1442695040888963407u;
      text[n] = letters[(bits >> 33) % (sizeof letters - 1)];
    }
    n_good += accepts(text, n);
  }
  CHECK(n_good > 1000);
}

TEST_MAIN(T(values), T(broken_values), T(broken_structure), T(strings), T(bytes_that_are_no_utf8), T(limits), T(duplicate_keys),
          T(numbers_out_of_a_tree), T(random_documents))
