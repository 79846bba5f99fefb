/* edge_request.c - see edge_request.h: paths, the engine behind them, answers. */
#include "edge_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request_read.h"
#include "slate_json.h"

struct ink_edge {
  void *pack_memory, *engine_memory;
  ink_pack *pack;
  ink_engine *engine;
  size_t file_bytes;
};

/* ------------------------------------------------------------------ opening */

static void *take_aligned(size_t bytes) {
  if (bytes > SIZE_MAX - INK_ALIGN) return NULL;
  return aligned_alloc(INK_ALIGN, (bytes + INK_ALIGN) / INK_ALIGN * INK_ALIGN);
}

static ink_status open_pack(ink_edge *edge, const void *file, size_t file_bytes, ink_fault *fault) {
  size_t bytes;
  ink_status status = ink_pack_measure(file, file_bytes, &bytes, fault);
  if (status != INK_OK) return status;
  edge->pack_memory = take_aligned(bytes);
  if (edge->pack_memory == NULL) return INK_E_NO_MEMORY;
  edge->file_bytes = file_bytes;
  return ink_pack_open(file, file_bytes, edge->pack_memory, bytes, &edge->pack, fault);
}

/* The journal's room: no request within the caps can overflow it, so no event is ever dropped. */
static ink_limits edge_limits(void) {
  return (ink_limits){ .struct_bytes = sizeof(ink_limits), .max_events = INK_REQUEST_EVENTS, .max_count = INK_REQUEST_COUNT,
                       .max_reasons = INK_REQUEST_REASONS, .journal_bytes = INK_REQUEST_BYTES + 96u * INK_REQUEST_EVENTS };
}

static ink_status open_engine(ink_edge *edge, const ink_kernels *kernels, ink_fault *fault) {
  const ink_limits limits = edge_limits();
  size_t bytes;
  ink_status status = ink_engine_measure(edge->pack, &limits, &bytes, fault);
  if (status != INK_OK) return status;
  edge->engine_memory = take_aligned(bytes);
  if (edge->engine_memory == NULL) return INK_E_NO_MEMORY;
  return ink_engine_open(edge->pack, &limits, kernels, edge->engine_memory, bytes, &edge->engine, fault);
}

ink_status ink_edge_open(const void *file, size_t file_bytes, const ink_kernels *kernels, ink_edge **edge, ink_fault *fault) {
  ink_edge *fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) return INK_E_NO_MEMORY;
  ink_status status = open_pack(fresh, file, file_bytes, fault);
  if (status == INK_OK) status = open_engine(fresh, kernels, fault);
  if (status != INK_OK) { ink_edge_close(fresh); return status; }
  *edge = fresh;
  return INK_OK;
}

void ink_edge_close(ink_edge *edge) {
  if (edge == NULL) return;
  free(edge->engine_memory);
  free(edge->pack_memory);
  free(edge);
}

/* ---------------------------------------------------------------- answering */

static uint32_t put_refusal(ink_json_out *out, const ink_refusal *refusal) {
  ink_json_out_clear(out);
  ink_json_object(out, NULL);
  ink_json_object(out, "error");
  ink_json_string(out, "code", refusal->code);
  ink_json_string(out, "message", refusal->message);
  ink_json_object_end(out);
  ink_json_object_end(out);
  return refusal->http;
}

/* A refusal by the core: who asked for too much or for what is not there gets 400, our own troubles are 500. */
static bool refuse_status(ink_refusal *refusal, ink_status status, const char *place, const ink_fault *fault) {
  char sentence[200];
  const bool ours = status == INK_E_MEMORY || status == INK_E_SCRATCH || status == INK_E_NO_MEMORY || status == INK_E_ARG;
  if (fault->code == (uint32_t)status) (void)ink_fault_text(fault, sentence, sizeof sentence);
  else (void)snprintf(sentence, sizeof sentence, "%s", ink_status_text(status));
  return ink_refusal_say(refusal, ink_status_name(status), ours ? 500 : 400, "%s%s%s", place, place[0] == '\0' ? "" : ": ", sentence);
}

static bool track_events(ink_edge *edge, const ink_asked *asked, ink_refusal *refusal) {
  for (uint32_t i = 0; i < asked->n_events; i++) {
    ink_profile_report report = { .struct_bytes = sizeof report };
    ink_fault fault = { 0 };
    char place[24];
    (void)snprintf(place, sizeof place, "events[%u]", i);
    const ink_status status = ink_track(edge->engine, &asked->events[i], NULL, &report, &fault);
    if (status != INK_OK) return refuse_status(refusal, status, place, &fault);
  }
  return true;
}

static ink_status ask_engine(ink_edge *edge, const ink_asked *asked, uint32_t takes, ink_slate *slate) {
  if (takes & INK_TAKES_ITEM) return ink_similar(edge->engine, asked->item, &asked->request, slate);
  if (takes & INK_TAKES_ITEMS) return ink_rank(edge->engine, asked->items, asked->n_items, &asked->request, slate);
  return ink_recommend(edge->engine, &asked->request, slate);
}

static void put_slate(ink_json_out *out, const ink_edge *edge, const ink_asked *asked, const ink_slate *slate) {
  const ink_slate_view view = { .pack = edge->pack, .engine = edge->engine, .slate = slate,
                                .explain = (asked->request.flags & INK_EXPLAIN) != 0,
                                .columns = asked->columns, .n_columns = asked->n_columns };
  ink_json_object(out, NULL);
  ink_json_slate(out, &view);
  ink_json_array(out, "unknown");
  for (uint32_t i = 0; i < asked->n_unknown; i++) ink_json_text(out, NULL, asked->unknown[i]);
  ink_json_array_end(out);
  ink_json_object_end(out);
}

static bool answer_asked(ink_edge *edge, const ink_asked *asked, uint32_t takes, ink_json_out *out, ink_refusal *refusal) {
  ink_slate slate = { .struct_bytes = sizeof slate };
  const ink_fault none = { 0 };
  if (!track_events(edge, asked, refusal)) return false;
  const ink_status status = ask_engine(edge, asked, takes, &slate);
  if (status != INK_OK) return refuse_status(refusal, status, "", &none);
  put_slate(out, edge, asked, &slate);
  return true;
}

/* The person's events live from here to the end of this function and no longer. */
static bool answer_body(ink_edge *edge, const cJSON *body, uint32_t takes, bool with_path, ink_json_out *out, ink_refusal *refusal) {
  ink_asked asked;
  const bool good = ink_asked_read(body, edge->pack, edge->engine, takes, with_path, &asked, refusal) &&
                    answer_asked(edge, &asked, takes, out, refusal);
  (void)ink_profile_erase(edge->engine);
  ink_asked_free(&asked);
  return good;
}

/* -------------------------------------------------------------------- paths */

static bool answer_health(ink_edge *edge, ink_json_out *out) {
  (void)edge;
  ink_json_object(out, NULL);
  ink_json_string(out, "status", "ok");
  ink_json_object_end(out);
  return true;
}

static bool answer_pack(ink_edge *edge, ink_json_out *out) {
  ink_json_object(out, NULL);
  ink_json_pack(out, edge->pack, edge->engine, edge->file_bytes);
  ink_json_object_end(out);
  return true;
}

typedef struct route {
  const char *path, *method;
  uint32_t takes;                 /* of a POST */
  bool (*get)(ink_edge *edge, ink_json_out *out);
} route;

static const route routes[] = {
  { "/v1/recommend", "POST", INK_TAKES_EVENTS | INK_TAKES_SCAN, NULL },
  { "/v1/similar", "POST", INK_TAKES_ITEM | INK_TAKES_SCAN, NULL },
  { "/v1/rank", "POST", INK_TAKES_ITEMS | INK_TAKES_EVENTS, NULL },
  { "/v1/health", "GET", 0, answer_health },
  { "/v1/pack", "GET", 0, answer_pack }
};

static const route *find_route(const char *path, const char *method, ink_refusal *refusal) {
  for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
    if (strcmp(routes[i].path, path) != 0) continue;
    if (method == NULL || strcmp(method, routes[i].method) == 0) return &routes[i];
    (void)ink_refusal_say(refusal, "REQUEST_METHOD", 405, "%s answers %s", path, routes[i].method);
    return NULL;
  }
  (void)ink_refusal_say(refusal, "REQUEST_PATH", 404,
                        "%.40s: unknown; there are /v1/recommend, /v1/similar, /v1/rank, /v1/health, /v1/pack", path);
  return NULL;
}

static bool refuse_json(ink_refusal *refusal, const ink_json_problem *problem) {
  const uint32_t http = problem->code == INK_JSON_MEMORY ? 500 : 400;
  const char *code = ink_json_code_name(problem->code);
  if (problem->key[0] != '\0') return ink_refusal_say(refusal, code, http, "%s: \"%s\"", problem->what, problem->key);
  return ink_refusal_say(refusal, code, http, "byte %zu: %s", problem->at, problem->what);
}

/* The path that a body names, or `given`. NULL with a refusal. */
static const char *path_of(const cJSON *body, const char *given, ink_refusal *refusal) {
  if (given != NULL) return given;
  const cJSON *path = cJSON_IsObject(body) ? cJSON_GetObjectItemCaseSensitive(body, "path") : NULL;
  if (path == NULL) return "/v1/recommend";
  if (cJSON_IsString(path)) return path->valuestring;
  (void)ink_refusal_say(refusal, "REQUEST_VALUE", 400, "path: allowed is a string such as \"/v1/recommend\"");
  return NULL;
}

static bool answer_tree(ink_edge *edge, const char *method, const char *given, const cJSON *body, ink_json_out *out, ink_refusal *refusal) {
  const char *path = path_of(body, given, refusal);
  const route *r = path == NULL ? NULL : find_route(path, method, refusal);
  if (r == NULL) return false;
  if (r->get != NULL) return r->get(edge, out);
  return answer_body(edge, body, r->takes, given == NULL, out, refusal);
}

static bool answer_bytes(ink_edge *edge, const char *method, const char *path, const char *body, size_t n, ink_json_out *out,
                         ink_refusal *refusal) {
  const route *r = path == NULL ? NULL : find_route(path, method, refusal);
  if (path != NULL && r == NULL) return false;
  if (r != NULL && r->get != NULL) return r->get(edge, out);
  if (n > INK_REQUEST_BYTES) {
    return ink_refusal_say(refusal, "REQUEST_BYTES", 413, "the body has %zu bytes; allowed are %u", n, INK_REQUEST_BYTES);
  }
  cJSON *tree;
  ink_json_problem problem;
  if (!ink_json_parse(body, n, &ink_json_limits_request, &tree, &problem)) return refuse_json(refusal, &problem);
  const bool good = answer_tree(edge, method, path, tree, out, refusal);
  cJSON_Delete(tree);
  return good;
}

uint32_t ink_edge_answer(ink_edge *edge, const char *method, const char *path, const char *body, size_t n, ink_json_out *out) {
  ink_refusal refusal = { "INTERNAL", 500, "" };
  const bool good = answer_bytes(edge, method, path, body, n, out, &refusal);
  if (good && !out->failed) return 200;
  if (good) (void)ink_refusal_say(&refusal, "NO_MEMORY", 500, "there is not enough memory for this answer");
  return put_refusal(out, &refusal);
}
