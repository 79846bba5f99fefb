/* request_read.h - the body of a request as checked numbers and borrowed text. Private to the edge. */
#ifndef INK_REQUEST_READ_H
#define INK_REQUEST_READ_H

#include "json_in.h"
#include "edge_request.h"

/* Which members a path knows. */
enum {
  INK_TAKES_EVENTS = 1u << 0,     /* events, fallback, explain, reasons, seed, now */
  INK_TAKES_SCAN = 1u << 1,       /* count, allow, deny, withSeen, budget */
  INK_TAKES_ITEM = 1u << 2,       /* item (required) */
  INK_TAKES_ITEMS = 1u << 3       /* items (required) */
};

/* What was asked. Ids of the lists are already items of the pack; unknown ids were skipped. */
typedef struct ink_asked {
  ink_request request;
  ink_event *events;              /* [n_events] text borrowed from the tree */
  uint32_t n_events;
  uint32_t *allow, *deny, *items; /* lists; request.allow and .deny point to them */
  uint32_t n_items;
  ink_text *unknown;              /* [n_unknown] ids of `items` that the pack has not */
  uint32_t n_unknown;
  uint32_t item;
  uint32_t *columns;              /* [n_columns] */
  uint32_t n_columns;
} ink_asked;

/* Why a request was refused. */
typedef struct ink_refusal {
  const char *code;               /* static: "REQUEST_VALUE" */
  uint32_t http;                  /* 400, 404, 500 ... */
  char message[240];              /* one sentence that names the place */
} ink_refusal;

/* Fills *asked from the body's tree; `takes` is INK_TAKES_*; `with_path`: a member `path` is no mistake.
 * False with *refusal. Either way ink_asked_free() gives the memory back. */
bool ink_asked_read(const cJSON *body, const ink_pack *pack, const ink_engine *engine, uint32_t takes, bool with_path,
                    ink_asked *asked, ink_refusal *refusal);
void ink_asked_free(ink_asked *asked);

/* One event object: item, kind, value, time, slate. `time_given` tells whether it has a time.
 * `place` stands before the member's name in a refusal: "events[3]". Also reads history files. */
bool ink_event_read(const cJSON *value, const char *place, ink_event *event, bool *time_given, ink_refusal *refusal);

/* Fills *refusal, printf-like, and gives false. */
bool ink_refusal_say(ink_refusal *refusal, const char *code, uint32_t http, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
