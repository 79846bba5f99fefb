/* person.h - a person on the command line: events from --history or --history-file, tracked on an engine that
 * was opened with room for them. */
#ifndef CLI_PERSON_H
#define CLI_PERSON_H

#include "open_pack.h"

typedef struct cli_person {
  ink_event *events;              /* [n] in the order given */
  uint32_t n;
  int64_t now;                    /* --now, else the newest event's time, else 0 */
  uint64_t text_bytes;            /* of all ids, kinds and slates: room for the journal */
} cli_person;

/* "id,id,...": events of one kind at the time `now`. */
int cli_person_from_list(cli *c, const char *list, const char *kind, cli_person *person);
/* JSON lines, one event each: {"item": "...", "kind": "...", "value": 1, "time": 1700000000000}. */
int cli_person_from_file(cli *c, const char *path, cli_person *person);
/* Fills times that are missing with `now` (time_given: --now was said). */
void cli_person_settle(cli_person *person, bool now_given);
/* An engine with these events; `limits` says count and reasons. Tells of the first event that is refused. */
int cli_person_open(cli *c, const cli_pack *pack, const cli_person *person, ink_limits limits, ink_engine **engine);

/* --allow and --deny of the call as lists of items; ids that the pack does not have are skipped. */
int cli_request_lists(cli *c, const ink_pack *pack, ink_request *request);

#endif
