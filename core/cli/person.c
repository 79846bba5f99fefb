/* person.c - see person.h. */
#include "person.h"

#include <string.h>

#include "caps.h"
#include "line_reader.h"
#include "request_read.h"

/* -------------------------------------------------------------------- lists */

/* The next of the parts between commas; *rest NULL after the last. */
static ink_text next_part(const char **rest) {
  const char *first = *rest, *comma = strchr(first, ',');
  *rest = comma == NULL ? NULL : comma + 1;
  return (ink_text){ first, (uint32_t)(comma == NULL ? strlen(first) : (size_t)(comma - first)) };
}

static uint32_t count_parts(const char *list) {
  uint32_t n = 1;
  for (; *list != '\0'; list++) n += *list == ',';
  return n;
}

static int items_of(cli *c, const ink_pack *pack, const char *list, const uint32_t **items, uint32_t *n) {
  uint32_t *found = cli_take(c->memory, count_parts(list), sizeof *found);
  if (found == NULL) return cli_no_memory();
  *items = found;                                /* not NULL even when empty: then no item is meant */
  for (const char *rest = list; rest != NULL;) {
    const ink_text id = next_part(&rest);
    const uint32_t item = id.n == 0 ? INK_NONE : ink_pack_find(pack, id);
    if (item != INK_NONE) found[(*n)++] = item;
  }
  return CLI_DONE;
}

int cli_request_lists(cli *c, const ink_pack *pack, ink_request *request) {
  const char *allow = cli_args_text(&c->args, cli_args_index(&c->args, "allow")),
      *deny = cli_args_text(&c->args, cli_args_index(&c->args, "deny"));
  int code = allow == NULL ? CLI_DONE : items_of(c, pack, allow, &request->allow, &request->n_allow);
  if (code == CLI_DONE && deny != NULL) code = items_of(c, pack, deny, &request->deny, &request->n_deny);
  return code;
}

int cli_person_from_list(cli *c, const char *list, const char *kind, cli_person *person) {
  person->events = cli_take(c->memory, count_parts(list), sizeof *person->events);
  if (person->events == NULL) return cli_no_memory();
  for (const char *rest = list; rest != NULL;) {
    const ink_text id = next_part(&rest);
    if (id.n == 0) continue;
    person->events[person->n++] = (ink_event){ .item = id, .kind = cli_text(kind), .slate = { "", 0 }, .value = 1, .time = INK_NO_TIME };
    person->text_bytes += id.n + strlen(kind);
  }
  return CLI_DONE;
}

/* --------------------------------------------------------------------- file */

static bool keep_text(cli *c, ink_text *text) {
  char *copy = cli_take(c->memory, text->n + 1u, 1);
  if (copy == NULL) return false;
  memcpy(copy, text->bytes, text->n);
  text->bytes = copy;
  return true;
}

/* The event's texts lie in the tree, which goes: they are copied. */
static int keep_event(cli *c, cli_person *person, ink_event event) {
  if (person->n == INK_CAP_EVENTS) return cli_bad_input("LIMIT", "--history-file", "more than %u events", INK_CAP_EVENTS);
  if ((person->n & (person->n - 1)) == 0) {      /* full at each power of two */
    const size_t cap = person->n == 0 ? 1 : 2 * (size_t)person->n;
    ink_event *grown = cli_resize(c->memory, person->events, cap * sizeof *grown);
    if (grown == NULL) return cli_no_memory();
    person->events = grown;
  }
  if (!keep_text(c, &event.item) || !keep_text(c, &event.kind) || !keep_text(c, &event.slate)) return cli_no_memory();
  person->text_bytes += (uint64_t)event.item.n + event.kind.n + event.slate.n;
  person->events[person->n++] = event;
  return CLI_DONE;
}

static int take_line(cli *c, ink_line line, uint64_t number, const char *path, cli_person *person) {
  cJSON *tree;
  ink_json_problem problem;
  ink_refusal refusal = { "DATA_SYNTAX", 400, "" };
  ink_event event;
  bool time_given;
  if (!ink_json_parse(line.bytes, line.n, &ink_json_limits_request, &tree, &problem)) {
    if (problem.code == INK_JSON_MEMORY) return cli_no_memory();
    return cli_bad_input("DATA_SYNTAX", path, "line %llu, byte %zu: %s", (unsigned long long)number, problem.at, problem.what);
  }
  int code;
  if (ink_event_read(tree, "event", &event, &time_given, &refusal)) {
    if (!time_given) event.time = INK_NO_TIME;
    code = keep_event(c, person, event);
  } else {
    code = cli_bad_input(refusal.code, path, "line %llu: %s", (unsigned long long)number, refusal.message);
  }
  cJSON_Delete(tree);
  return code;
}

static int read_lines(cli *c, ink_line_reader *reader, const cli_source *source, const char *path, cli_person *person) {
  int code = CLI_DONE;
  while (code == CLI_DONE) {
    ink_line line;
    bool more;
    const ink_status status = ink_line_reader_next(reader, false, &line, &more);
    if (status != INK_OK) return status == INK_E_READ ? cli_source_complain(source) : cli_refuse(c, status, NULL);
    if (!more) break;
    if (line.n > 0) code = take_line(c, line, reader->line, path, person);
  }
  return code;
}

int cli_person_from_file(cli *c, const char *path, cli_person *person) {
  cli_source *source;
  int code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  const ink_train_env env = cli_env(c);
  const ink_source view = cli_source_view(source);
  ink_line_reader reader;
  const ink_status status = ink_line_reader_open(&reader, &view, INK_ENCODING_UTF8, &env);
  if (status == INK_OK) {
    code = read_lines(c, &reader, source, path, person);
    ink_line_reader_close(&reader);
  } else {
    code = status == INK_E_READ ? cli_source_complain(source) : cli_refuse(c, status, path);
  }
  cli_source_close(source);
  return code;
}

/* ------------------------------------------------------------------- engine */

void cli_person_settle(cli_person *person, bool now_given) {
  for (uint32_t i = 0; !now_given && i < person->n; i++) {
    const int64_t time = person->events[i].time;
    if (time != INK_NO_TIME && time > person->now) person->now = time;
  }
  for (uint32_t i = 0; i < person->n; i++) {
    if (person->events[i].time == INK_NO_TIME) person->events[i].time = person->now;
  }
}

int cli_person_open(cli *c, const cli_pack *pack, const cli_person *person, ink_limits limits, ink_engine **engine) {
  limits.struct_bytes = sizeof limits;
  limits.max_events = person->n > 0 ? person->n : 1;
  limits.journal_bytes = (size_t)(4096 + 96 * (uint64_t)limits.max_events + person->text_bytes);
  const int code = cli_engine_open(c, pack, &limits, engine);
  if (code != CLI_DONE) return code;
  for (uint32_t i = 0; i < person->n; i++) {
    ink_profile_report report = { .struct_bytes = sizeof report };
    const ink_status status = ink_track(*engine, &person->events[i], NULL, &report, &c->fault);
    if (status == INK_OK) continue;
    char place[32];
    (void)snprintf(place, sizeof place, "event %u", i + 1);
    return cli_refuse(c, status, place);
  }
  return CLI_DONE;
}
