/* test_edge_request.c - one edge, many requests: methods and paths, and that nothing of one request is left for the
 * next. What each member may hold is tested on the built commands (tests/edge/contract.test.mjs). needs: edge */
#include "edge_request.h"
#include "packlib.h"
#include "testlib.h"

#define N 20u

static ink_edge *open_edge(packlib *p) {
  ink_edge *edge = NULL;
  ink_fault fault = { 0 };
  size_t n;
  packlib_items(p, "i", NULL, N);
  packlib_als(p, N, 4, INK_DTYPE_F32, false, 3);
  packlib_popular(p, N, 4);
  const void *file = packlib_write(p, "als,popular", &n);
  CHECK_EQ(ink_edge_open(file, n, NULL, &edge, &fault), INK_OK);
  return edge;
}

static uint32_t ask(ink_edge *edge, const char *method, const char *path, const char *body, ink_json_out *out) {
  ink_json_out_clear(out);
  return ink_edge_answer(edge, method, path, body, strlen(body), out);
}

static bool says(const ink_json_out *out, const char *words) { return strstr(out->bytes, words) != NULL; }

TEST(paths_and_methods) {
  packlib p = { 0 };
  ink_edge *edge = open_edge(&p);
  ink_json_out out;
  ink_json_out_init(&out);
  CHECK_EQ(ask(edge, "POST", "/v1/recommend", "{}", &out), 200);
  CHECK_EQ(ask(edge, NULL, "/v1/recommend", "{}", &out), 200);
  CHECK_EQ(ask(edge, "GET", "/v1/recommend", "{}", &out), 405);
  CHECK(says(&out, "REQUEST_METHOD"));
  CHECK_EQ(ask(edge, "GET", "/v1/health", "not even JSON", &out), 200);
  CHECK(says(&out, "{\"status\":\"ok\"}"));
  CHECK_EQ(ask(edge, "POST", "/v1/health", "{}", &out), 405);
  CHECK_EQ(ask(edge, "GET", "/v1/pack", "", &out), 200);
  CHECK(says(&out, "\"items\":20") && says(&out, "\"models\":[\"als\",\"popular\"]"));
  CHECK_EQ(ask(edge, "POST", "/v1/nothing", "{}", &out), 404);
  CHECK_EQ(ask(edge, "POST", "/v1/recommend", "{\"path\":\"/v1/rank\"}", &out), 400);      /* the URL says the path */
  CHECK(says(&out, "REQUEST_KEY"));
  CHECK_EQ(ask(edge, NULL, NULL, "{\"path\":\"/v1/similar\",\"item\":\"i3\"}", &out), 200);
  CHECK_EQ(ask(edge, NULL, "/v1/similar", "{\"item\":\"nobody\"}", &out), 404);
  CHECK(says(&out, "UNKNOWN_ITEM"));
  ink_json_out_free(&out);
  ink_edge_close(edge);
  packlib_free(&p);
}

/* Whatever came before - answered or refused half way through its events - a stranger gets a stranger's answer. */
TEST(nothing_is_kept) {
  static const char *const before[] = {
    "{\"events\":[{\"item\":\"i1\"},{\"item\":\"i2\",\"kind\":\"hide\"}]}", "{\"events\":[{\"item\":\"i1\"},{\"item\":\"i2\",\"kind\":\"BAD\"}]}",
    "{\"events\":[{\"item\":\"i1\"}],\"model\":\"als\",\"fallback\":false}", "{\"events\":[{\"item\":\"i1\"}],\"count\":0}", "{\"events\":[{\"item\":", "{\"allow\":[\"i1\"]}"
  };
  packlib p = { 0 };
  ink_edge *edge = open_edge(&p);
  ink_json_out first, out;
  ink_json_out_init(&first);
  ink_json_out_init(&out);
  CHECK_EQ(ask(edge, NULL, NULL, "{\"explain\":\"words\",\"count\":20}", &first), 400);
  CHECK_EQ(ask(edge, NULL, NULL, "{\"explain\":\"terms\",\"count\":20}", &first), 200);
  CHECK_EQ(ask(edge, NULL, NULL, "{\"explain\":true,\"count\":20}", &first), 200);
  for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
    (void)ask(edge, NULL, NULL, before[i], &out);
    CHECK(out.n != first.n || memcmp(out.bytes, first.bytes, first.n) != 0);
    CHECK_EQ(ask(edge, NULL, NULL, "{\"explain\":true,\"count\":20}", &out), 200);
    CHECK(out.n == first.n && memcmp(out.bytes, first.bytes, first.n) == 0);
  }
  ink_json_out_free(&first);
  ink_json_out_free(&out);
  ink_edge_close(edge);
  packlib_free(&p);
}

TEST(a_body_at_the_limit) {
  packlib p = { 0 };
  ink_edge *edge = open_edge(&p);
  ink_json_out out;
  ink_json_out_init(&out);
  char *body = malloc(INK_REQUEST_BYTES + 1);
  CHECK(body != NULL);
  if (body != NULL) {
    memset(body, ' ', INK_REQUEST_BYTES + 1);
    memcpy(body, "{}", 2);
    CHECK_EQ(ink_edge_answer(edge, "POST", "/v1/recommend", body, INK_REQUEST_BYTES, &out), 200);
    ink_json_out_clear(&out);
    CHECK_EQ(ink_edge_answer(edge, "POST", "/v1/recommend", body, (size_t)INK_REQUEST_BYTES + 1, &out), 413);
    CHECK(says(&out, "REQUEST_BYTES"));
  }
  free(body);
  ink_json_out_free(&out);
  ink_edge_close(edge);
  packlib_free(&p);
}

TEST(a_pack_that_is_refused) {
  ink_edge *edge = NULL;
  ink_fault fault = { 0 };
  static const uint64_t bytes[4] = { 8, 0, 0, 0 };
  CHECK(ink_edge_open(bytes, sizeof bytes, NULL, &edge, &fault) != INK_OK);
  CHECK(edge == NULL);
  CHECK(fault.code != 0);
  ink_edge_close(NULL);
}

TEST_MAIN(T(paths_and_methods), T(nothing_is_kept), T(a_body_at_the_limit), T(a_pack_that_is_refused))
