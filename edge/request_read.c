/* request_read.c - see request_read.h. A table of members says who reads what; each reader checks one
 * member and names it in what it refuses. */
#include "request_read.h"

#include <float.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WHOLE 9007199254740991.0      /* 2^53 - 1: whole numbers that every JSON reader keeps */

bool ink_refusal_say(ink_refusal *refusal, const char *code, uint32_t http, const char *format, ...) {
  va_list arguments;
  refusal->code = code;
  refusal->http = http;
  va_start(arguments, format);
  (void)vsnprintf(refusal->message, sizeof refusal->message, format, arguments);
  va_end(arguments);
  return false;
}

typedef struct reader {
  const ink_pack *pack;
  const ink_engine *engine;
  ink_asked *asked;
  ink_refusal *refusal;
  bool now_given;
} reader;

static bool bad_value(ink_refusal *refusal, const char *place, const char *allowed) {
  return ink_refusal_say(refusal, "REQUEST_VALUE", 400, "%s: allowed is %s", place, allowed);
}

static bool no_memory(ink_refusal *refusal) {
  return ink_refusal_say(refusal, "NO_MEMORY", 500, "there is not enough memory for this request");
}

static uint32_t length_of(const cJSON *array) {
  uint32_t n = 0;
  for (const cJSON *v = array->child; v != NULL; v = v->next) n++;
  return n;
}

/* ------------------------------------------------------------------- events */

typedef struct event_reader {
  const char *place;
  ink_event *event;
  bool *time_given;
  ink_refusal *refusal;
} event_reader;

static bool event_text(const event_reader *r, const cJSON *v, ink_text *out) {
  if (!cJSON_IsString(v)) {
    return ink_refusal_say(r->refusal, "REQUEST_VALUE", 400, "%s.%s: allowed is a string", r->place, v->string);
  }
  *out = ink_json_text_of(v);
  return true;
}

static bool event_value(const event_reader *r, const cJSON *v) {
  double number;
  if (!ink_json_number_of(v, -(double)FLT_MAX, (double)FLT_MAX, &number)) {
    return ink_refusal_say(r->refusal, "REQUEST_VALUE", 400, "%s.value: allowed is a finite number", r->place);
  }
  r->event->value = (float)number;
  return true;
}

static bool event_time(const event_reader *r, const cJSON *v) {
  if (!ink_json_whole_of(v, -MAX_WHOLE, MAX_WHOLE, &r->event->time)) {
    return ink_refusal_say(r->refusal, "REQUEST_VALUE", 400, "%s.time: allowed are whole milliseconds since 1970", r->place);
  }
  *r->time_given = true;
  return true;
}

static bool event_member(const event_reader *r, const cJSON *v) {
  const char *key = v->string;
  if (strcmp(key, "item") == 0) return event_text(r, v, &r->event->item);
  if (strcmp(key, "kind") == 0) return event_text(r, v, &r->event->kind);
  if (strcmp(key, "slate") == 0) return event_text(r, v, &r->event->slate);
  if (strcmp(key, "value") == 0) return event_value(r, v);
  if (strcmp(key, "time") == 0) return event_time(r, v);
  return ink_refusal_say(r->refusal, "REQUEST_KEY", 400, "%s.%.40s: unknown; an event has item, kind, value, time, slate", r->place, key);
}

bool ink_event_read(const cJSON *value, const char *place, ink_event *event, bool *time_given, ink_refusal *refusal) {
  const event_reader r = { place, event, time_given, refusal };
  *event = (ink_event){ .kind = { "view", 4 }, .value = 1, .slate = { "", 0 } };
  *time_given = false;
  if (!cJSON_IsObject(value)) {
    return ink_refusal_say(refusal, "REQUEST_VALUE", 400, "%s: allowed is an object with item, kind, value, time, slate", place);
  }
  for (const cJSON *v = value->child; v != NULL; v = v->next) {
    if (!event_member(&r, v)) return false;
  }
  if (event->item.bytes == NULL) return ink_refusal_say(refusal, "REQUEST_MISSING", 400, "%s.item is missing", place);
  return true;
}

/* Events without a time happened now; `now` itself may stand further down, so those are marked here
 * and settled by settle_times(). */
static bool read_events(reader *r, const cJSON *v) {
  if (!cJSON_IsArray(v)) return bad_value(r->refusal, "events", "an array of events");
  const uint32_t n = length_of(v);
  if (n > INK_REQUEST_EVENTS) return bad_value(r->refusal, "events", "at most 2000 events");
  r->asked->events = calloc(n + 1u, sizeof *r->asked->events);
  if (r->asked->events == NULL) return no_memory(r->refusal);
  for (const cJSON *e = v->child; e != NULL; e = e->next) {
    char place[24];
    bool time_given;
    ink_event *event = &r->asked->events[r->asked->n_events];
    (void)snprintf(place, sizeof place, "events[%u]", r->asked->n_events);
    if (!ink_event_read(e, place, event, &time_given, r->refusal)) return false;
    if (!time_given) event->time = INK_NO_TIME;
    r->asked->n_events++;
  }
  return true;
}

/* `now` is what the request says, else the time of its newest event, else 0: the answer depends on
 * nothing but the request. */
static void settle_times(reader *r) {
  ink_asked *asked = r->asked;
  for (uint32_t i = 0; !r->now_given && i < asked->n_events; i++) {
    const int64_t time = asked->events[i].time;
    if (time != INK_NO_TIME && time > asked->request.now) asked->request.now = time;
  }
  for (uint32_t i = 0; i < asked->n_events; i++) {
    if (asked->events[i].time == INK_NO_TIME) asked->events[i].time = asked->request.now;
  }
}

/* -------------------------------------------------------------------- lists */

static bool check_id(reader *r, const cJSON *v, const char *list, uint32_t i) {
  if (cJSON_IsString(v) && v->valuestring[0] != '\0') return true;
  return ink_refusal_say(r->refusal, "REQUEST_VALUE", 400, "%s[%u]: allowed is an item id, a string", list, i);
}

/* An array of ids as items of the pack; ids that it has not go to `unknown` where that is wanted. */
static bool read_ids(reader *r, const cJSON *v, const char *list, uint32_t **items, uint32_t *n_items, bool keep_unknown) {
  if (!cJSON_IsArray(v)) return bad_value(r->refusal, list, "an array of item ids");
  const uint32_t n = length_of(v);
  uint32_t *found = calloc(n + 1u, sizeof *found);
  if (found == NULL) return no_memory(r->refusal);
  *items = found;
  if (keep_unknown) r->asked->unknown = calloc(n + 1u, sizeof *r->asked->unknown);
  if (keep_unknown && r->asked->unknown == NULL) return no_memory(r->refusal);
  uint32_t i = 0;
  for (const cJSON *id = v->child; id != NULL; id = id->next) {
    if (!check_id(r, id, list, i++)) return false;
    const uint32_t item = ink_pack_find(r->pack, ink_json_text_of(id));
    if (item != INK_NONE) found[(*n_items)++] = item;
    else if (keep_unknown) r->asked->unknown[r->asked->n_unknown++] = ink_json_text_of(id);
  }
  return true;
}

static bool read_allow(reader *r, const cJSON *v) {
  ink_request *request = &r->asked->request;
  if (!read_ids(r, v, "allow", &r->asked->allow, &request->n_allow, false)) return false;
  request->allow = r->asked->allow;              /* not NULL even when empty: then nothing is allowed */
  return true;
}

static bool read_deny(reader *r, const cJSON *v) {
  ink_request *request = &r->asked->request;
  if (!read_ids(r, v, "deny", &r->asked->deny, &request->n_deny, false)) return false;
  request->deny = r->asked->deny;
  return true;
}

static bool read_items(reader *r, const cJSON *v) {
  if (!cJSON_IsArray(v) || length_of(v) == 0 || length_of(v) > INK_REQUEST_COUNT) {
    return bad_value(r->refusal, "items", "an array of 1 to 1000 item ids");
  }
  return read_ids(r, v, "items", &r->asked->items, &r->asked->n_items, true);
}

static bool read_item(reader *r, const cJSON *v) {
  if (!cJSON_IsString(v) || v->valuestring[0] == '\0') return bad_value(r->refusal, "item", "an item id, a string");
  r->asked->item = ink_pack_find(r->pack, ink_json_text_of(v));
  if (r->asked->item != INK_NONE) return true;
  return ink_refusal_say(r->refusal, "UNKNOWN_ITEM", 404, "item: the pack has no item \"%.100s\"", v->valuestring);
}

/* --------------------------------------------------------------- properties */

static bool all_columns(reader *r) {
  r->asked->n_columns = ink_pack_n_columns(r->pack);
  r->asked->columns = calloc(r->asked->n_columns + 1u, sizeof *r->asked->columns);
  if (r->asked->columns == NULL) return no_memory(r->refusal);
  for (uint32_t i = 0; i < r->asked->n_columns; i++) r->asked->columns[i] = i;
  return true;
}

static bool read_properties(reader *r, const cJSON *v) {
  if (cJSON_IsTrue(v)) return all_columns(r);
  if (!cJSON_IsArray(v) || length_of(v) > 64) return bad_value(r->refusal, "properties", "true, or an array of at most 64 column names");
  r->asked->columns = calloc(length_of(v) + 1u, sizeof *r->asked->columns);
  if (r->asked->columns == NULL) return no_memory(r->refusal);
  for (const cJSON *name = v->child; name != NULL; name = name->next) {
    if (!cJSON_IsString(name)) return bad_value(r->refusal, "properties", "true, or an array of column names");
    const uint32_t column = ink_pack_column(r->pack, ink_json_text_of(name));
    if (column == INK_NONE) {
      return ink_refusal_say(r->refusal, "REQUEST_VALUE", 400, "properties: the pack has no column \"%.60s\"", name->valuestring);
    }
    r->asked->columns[r->asked->n_columns++] = column;
  }
  return true;
}

/* ------------------------------------------------------------------ scalars */

static bool read_count(reader *r, const cJSON *v) {
  int64_t n;
  if (!ink_json_whole_of(v, 1, INK_REQUEST_COUNT, &n)) return bad_value(r->refusal, "count", "a whole number from 1 to 1000");
  r->asked->request.count = (uint32_t)n;
  return true;
}

static bool read_reasons(reader *r, const cJSON *v) {
  int64_t n;
  if (!ink_json_whole_of(v, 1, INK_REQUEST_REASONS, &n)) return bad_value(r->refusal, "reasons", "a whole number from 1 to 64");
  r->asked->request.max_reasons = (uint32_t)n;
  return true;
}

static bool read_now(reader *r, const cJSON *v) {
  if (!ink_json_whole_of(v, -MAX_WHOLE, MAX_WHOLE, &r->asked->request.now)) {
    return bad_value(r->refusal, "now", "whole milliseconds since 1970");
  }
  r->now_given = true;
  return true;
}

static bool read_seed(reader *r, const cJSON *v) {
  int64_t seed;
  if (!ink_json_whole_of(v, 0, MAX_WHOLE, &seed)) return bad_value(r->refusal, "seed", "a whole number from 0 to 2^53 - 1");
  r->asked->request.seed = (uint64_t)seed;
  return true;
}

/* Sets or clears `flag` by a JSON boolean. */
static bool read_flag(reader *r, const cJSON *v, uint32_t flag, bool sets) {
  bool value;
  if (!ink_json_bool_of(v, &value)) return bad_value(r->refusal, v->string, "true or false");
  if (value == sets) r->asked->request.flags |= flag;
  return true;
}

/* true, or "terms": by the words and tags of the item. */
static bool read_explain(reader *r, const cJSON *v) {
  bool value;
  if (cJSON_IsString(v) && strcmp(v->valuestring, "terms") == 0) r->asked->request.flags |= INK_EXPLAIN | INK_BY_TERMS;
  else if (!ink_json_bool_of(v, &value)) return bad_value(r->refusal, "explain", "true, false or \"terms\"");
  else if (value) r->asked->request.flags |= INK_EXPLAIN;
  return true;
}
static bool read_with_seen(reader *r, const cJSON *v) { return read_flag(r, v, INK_WITH_SEEN, true); }
static bool read_fallback(reader *r, const cJSON *v) { return read_flag(r, v, INK_NO_FALLBACK, false); }

static bool read_model(reader *r, const cJSON *v) {
  if (!cJSON_IsString(v)) return bad_value(r->refusal, "model", "the name of a family of the pack");
  r->asked->request.family = ink_engine_family(r->engine, v->valuestring);
  if (r->asked->request.family != INK_NONE) return true;
  return ink_refusal_say(r->refusal, "UNKNOWN_FAMILY", 400, "model: the pack has no family \"%.40s\"", v->valuestring);
}

static bool read_budget(reader *r, const cJSON *v) {
  int64_t rows;
  const cJSON *member = cJSON_IsObject(v) ? v->child : NULL;
  if (member == NULL || member->next != NULL || strcmp(member->string, "rows") != 0 ||
      !ink_json_whole_of(member, 1, (double)UINT32_MAX, &rows)) {
    return bad_value(r->refusal, "budget", "{\"rows\": a whole number from 1}");
  }
  r->asked->request.budget_rows = (uint32_t)rows;
  return true;
}

/* ------------------------------------------------------------------ members */

typedef struct member {
  const char *name;
  uint32_t takes;                 /* paths that know it; 0: all */
  bool (*read)(reader *r, const cJSON *v);
} member;

static const member members[] = {
  { "events", INK_TAKES_EVENTS, read_events },     { "model", 0, read_model },
  { "fallback", INK_TAKES_EVENTS, read_fallback }, { "explain", INK_TAKES_EVENTS, read_explain },
  { "reasons", INK_TAKES_EVENTS, read_reasons },   { "seed", INK_TAKES_EVENTS, read_seed },
  { "now", INK_TAKES_EVENTS, read_now },           { "count", INK_TAKES_SCAN, read_count },
  { "allow", INK_TAKES_SCAN, read_allow },         { "deny", INK_TAKES_SCAN, read_deny },
  { "withSeen", INK_TAKES_EVENTS | INK_TAKES_SCAN, read_with_seen },
  { "budget", INK_TAKES_SCAN, read_budget },       { "item", INK_TAKES_ITEM, read_item },
  { "items", INK_TAKES_ITEMS, read_items },        { "properties", 0, read_properties }
};

/* A member belongs to a path when the path takes all that it asks for. */
static const member *find_member(const char *name, uint32_t takes) {
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    if (strcmp(members[i].name, name) == 0 && (members[i].takes & takes) == members[i].takes) return &members[i];
  }
  return NULL;
}

static bool read_members(reader *r, const cJSON *body, uint32_t takes, bool with_path) {
  for (const cJSON *v = body->child; v != NULL; v = v->next) {
    if (with_path && strcmp(v->string, "path") == 0) continue;
    const member *m = find_member(v->string, takes);
    if (m == NULL) return ink_refusal_say(r->refusal, "REQUEST_KEY", 400, "%.60s: this path knows no such member", v->string);
    if (!m->read(r, v)) return false;
  }
  return true;
}

bool ink_asked_read(const cJSON *body, const ink_pack *pack, const ink_engine *engine, uint32_t takes, bool with_path,
                    ink_asked *asked, ink_refusal *refusal) {
  *asked = (ink_asked){ .item = INK_NONE };
  asked->request = (ink_request){ .struct_bytes = sizeof(ink_request), .family = INK_NONE };
  reader r = { pack, engine, asked, refusal, false };
  if (!cJSON_IsObject(body)) return bad_value(refusal, "the body", "a JSON object");
  if (!read_members(&r, body, takes, with_path)) return false;
  if ((takes & INK_TAKES_ITEM) && asked->item == INK_NONE) return ink_refusal_say(refusal, "REQUEST_MISSING", 400, "item is missing");
  if ((takes & INK_TAKES_ITEMS) && asked->items == NULL) return ink_refusal_say(refusal, "REQUEST_MISSING", 400, "items is missing");
  if (asked->request.count == 0) asked->request.count = asked->n_items > 0 ? asked->n_items : 10;
  settle_times(&r);
  return true;
}

void ink_asked_free(ink_asked *asked) {
  free(asked->events);
  free(asked->allow);
  free(asked->deny);
  free(asked->items);
  free(asked->unknown);
  free(asked->columns);
  *asked = (ink_asked){ .item = INK_NONE };
}
