/* edge_request.h - one request in, one answer out: what every edge shares, whatever brings the bytes
 * (standard input of the WASI command, an HTTP server, a test). openapi.yaml is the contract.
 *
 * A request is a path and a JSON body. Everything in it is checked here, by tables of members; what is
 * unknown is refused, because a misspelt `deny` must not show what was to be left out. Stateless: the
 * person's events come with the request and are erased before the answer leaves.
 * Nothing in a request can trap: a refusal is {"error":{"code":"...","message":"..."}} and an HTTP status.
 *
 * Reading order: edge_request.c (paths, answering), request_read.c (members). */
#ifndef INK_EDGE_REQUEST_H
#define INK_EDGE_REQUEST_H

#include "inkling.h"
#include "json_out.h"

#define INK_REQUEST_BYTES 1048576u   /* longest body */
#define INK_REQUEST_EVENTS 2000u     /* events in a request */
#define INK_REQUEST_COUNT 1000u      /* longest slate, and items to rank */
#define INK_REQUEST_REASONS 64u      /* reasons an item */

/* One opened pack with an engine to answer from; for one thread at a time. */
typedef struct ink_edge ink_edge;

/* Checks the pack and opens an engine on it. `file` is borrowed until ink_edge_close(); kernels NULL = best.
 * INK_E_NO_MEMORY, and what ink_pack_open() and ink_engine_open() refuse. */
ink_status ink_edge_open(const void *file, size_t file_bytes, const ink_kernels *kernels, ink_edge **edge, ink_fault *fault);
void ink_edge_close(ink_edge *edge);

/* Answers into the empty `out` and gives the HTTP status: 200, 400, 404, 405, 413 or 500.
 *   method  "GET" or "POST"; NULL: whatever the path wants
 *   path    "/v1/recommend" ...; NULL: the body's member `path`, which is refused otherwise
 *   body    n bytes of JSON, trusted in nothing; ignored by GET */
uint32_t ink_edge_answer(ink_edge *edge, const char *method, const char *path, const char *body, size_t n, ink_json_out *out);

#endif
