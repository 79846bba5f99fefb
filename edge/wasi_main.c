/* wasi_main.c - the small WASI command: one JSON request on standard input, one JSON answer on standard
 * output. Nothing else of the command line is in it, so that a cold start costs little.
 *
 *     inkling-edge.wasm PACK < request.json          (or the pack's path in INKLING_PACK)
 *
 * The request is the body of POST /v1/recommend, or of the path that its member `path` names.
 * Exit codes: 0 answered, 2 no pack was named, 3 the request or the pack was refused (the answer is then
 * {"error":{"code","message"}}), 4 the system failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge_request.h"
#include "read_some.h"

enum { DONE = 0, WORDS = 2, REFUSED = 3, FAILED = 4 };

static int fail(const char *what, const char *name) {
  fprintf(stderr, "inkling-edge: %s %s\n", what, name);
  return FAILED;
}

/* Standard input to its end in one block; at most max_bytes, or one more to show that there is more. NULL without memory or
 * when reading fails. */
static void *read_input(size_t max_bytes, size_t *n) {
  size_t cap = 65536, used = 0;
  char *bytes = malloc(cap);
  while (bytes != NULL && used <= max_bytes) {
    const ssize_t got = ink_read_some(STDIN_FILENO, bytes + used, cap - used);
    if (got == 0) break;
    used += got > 0 ? (size_t)got : 0;
    char *larger = got < 0 ? NULL : used < cap ? bytes : realloc(bytes, cap *= 2);
    if (larger == NULL) free(bytes);
    bytes = larger;
  }
  *n = used;
  return bytes;
}

/* A pack's size is known beforehand, so that it lies in memory once. */
static void *read_pack(const char *path, size_t *n) {
  FILE *in = fopen(path, "rb");
  if (in == NULL) return NULL;
  void *bytes = NULL;
  if (fseek(in, 0, SEEK_END) == 0) {
    const long end = ftell(in);
    if (end >= 0 && fseek(in, 0, SEEK_SET) == 0) {
      *n = (size_t)end;
      bytes = aligned_alloc(INK_ALIGN, (*n + INK_ALIGN) / INK_ALIGN * INK_ALIGN);
      if (bytes != NULL && fread(bytes, 1, *n, in) != *n) { free(bytes); bytes = NULL; }
    }
  }
  (void)fclose(in);
  return bytes;
}

static int refuse_pack(ink_status status, const ink_fault *fault, const char *path) {
  char sentence[400];
  ink_json_out out;
  if (status == INK_E_NO_MEMORY) return fail("no memory for", path);
  if (fault->code == (uint32_t)status) (void)ink_fault_text(fault, sentence, sizeof sentence);
  else (void)snprintf(sentence, sizeof sentence, "%s", ink_status_text(status));
  ink_json_out_init(&out);
  ink_json_object(&out, NULL);
  ink_json_object(&out, "error");
  ink_json_string(&out, "code", ink_status_name(status));
  ink_json_string(&out, "message", sentence);
  ink_json_object_end(&out);
  ink_json_object_end(&out);
  if (!out.failed) puts(out.bytes);
  ink_json_out_free(&out);
  return REFUSED;
}

static int answer(ink_edge *edge) {
  size_t n;
  void *body = read_input(INK_REQUEST_BYTES, &n);
  if (body == NULL) return fail("cannot read", "standard input");
  ink_json_out out;
  ink_json_out_init(&out);
  const uint32_t http = ink_edge_answer(edge, NULL, NULL, body, n, &out);
  const bool written = !out.failed && puts(out.bytes) >= 0 && fflush(stdout) == 0;
  ink_json_out_free(&out);
  free(body);
  if (!written) return fail("cannot write", "standard output");
  return http == 200 ? DONE : http < 500 ? REFUSED : FAILED;
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : getenv("INKLING_PACK");
  if (path == NULL || argc > 2) {
    fprintf(stderr, "usage: inkling-edge.wasm PACK < request.json (or set INKLING_PACK)\n");
    return WORDS;
  }
  size_t n = 0;
  void *file = read_pack(path, &n);
  if (file == NULL) return fail("cannot read", path);
  ink_edge *edge;
  ink_fault fault = { 0 };
  const ink_status status = ink_edge_open(file, n, NULL, &edge, &fault);
  const int code = status == INK_OK ? answer(edge) : refuse_pack(status, &fault, path);
  if (status == INK_OK) ink_edge_close(edge);
  free(file);
  return code;
}
