/* fuzz_request.c - any bytes as a request to an edge. needs: edge
 * Every answer is one valid JSON document with an HTTP status of the contract; a refusal says a code and a
 * sentence; what the strict check lets through, cJSON reads; and nothing of a request is left for the next one. */
#include "edge_request.h"
#include "fuzzlib.h"
#include "json_in.h"
#include "packlib.h"

#define N_ITEMS 24u

/* One small pack and its edge for the whole run, and what it answers to a stranger. */
static ink_edge *edge;
static char *stranger;
static size_t n_stranger;

static uint32_t ask(const char *body, size_t n, ink_json_out *out) {
  ink_json_out_init(out);
  const uint32_t http = ink_edge_answer(edge, NULL, NULL, body, n, out);
  FUZZ_CHECK(!out->failed && out->n > 0);
  return http;
}

static void add_titles(packlib *p) {
  uint32_t *ends = packlib_add(p, "items.title.ends", INK_DTYPE_U32, N_ITEMS, 0);
  char *bytes = packlib_add(p, "items.title.bytes", INK_DTYPE_U8, N_ITEMS * 3, 0);
  for (uint32_t i = 0; i < N_ITEMS; i++) {
    memcpy(bytes + (size_t)i * 3, i % 2 ? "\xe2\x82\xac" : "a\"\\", 3);     /* a euro sign; what must be escaped */
    ends[i] = (i + 1) * 3;
  }
}

static void open_once(void) {
  static packlib pack;
  ink_fault fault = { 0 };
  size_t n;
  if (edge != NULL) return;
  packlib_items(&pack, "i", NULL, N_ITEMS);
  packlib_als(&pack, N_ITEMS, 4, INK_DTYPE_F32, false, 1);
  packlib_popular(&pack, N_ITEMS, 2);
  add_titles(&pack);
  const void *file = packlib_write(&pack, "als,popular", &n);
  FUZZ_CHECK(ink_edge_open(file, n, NULL, &edge, &fault) == INK_OK);
  ink_json_out out;
  FUZZ_CHECK(ask("{\"explain\":true}", 16, &out) == 200);
  stranger = fuzz_copy(out.bytes, out.n);
  n_stranger = out.n;
  ink_json_out_free(&out);
}

static void check_refusal(const ink_json_out *out) {
  cJSON *tree;
  ink_json_problem problem;
  FUZZ_CHECK(ink_json_parse(out->bytes, out->n, &ink_json_limits_request, &tree, &problem));
  const cJSON *error = cJSON_GetObjectItemCaseSensitive(tree, "error");
  FUZZ_CHECK(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(error, "code")));
  FUZZ_CHECK(strlen(cJSON_GetObjectItemCaseSensitive(error, "message")->valuestring) > 0);
  cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  const ink_json_limits large = { .depth = INK_JSON_IN_DEPTH, .members = UINT32_MAX };
  ink_json_problem problem;
  ink_json_out out;
  open_once();
  char *body = fuzz_copy(data, n);
  const uint32_t http = ask(body, n, &out);
  FUZZ_CHECK(http == 200 || http == 400 || http == 404 || http == 405 || http == 413);
  FUZZ_CHECK(ink_json_check(out.bytes, out.n, &large, &problem));
  if (http != 200) check_refusal(&out);
  if (http == 200) FUZZ_CHECK(ink_json_check(body, n, &ink_json_limits_request, &problem));
  ink_json_out_free(&out);
  FUZZ_CHECK(ask("{\"explain\":true}", 16, &out) == 200);
  FUZZ_CHECK(out.n == n_stranger && memcmp(out.bytes, stranger, n_stranger) == 0);
  ink_json_out_free(&out);
  free(body);
  return 0;
}
