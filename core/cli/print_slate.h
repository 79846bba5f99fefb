/* print_slate.h - a slate for people: titles, scores, reasons in words. (For scripts: edge's slate_json.h.) */
#ifndef CLI_PRINT_SLATE_H
#define CLI_PRINT_SLATE_H

#include "person.h"

/* person NULL: reasons have no kinds of events to name. */
void cli_print_slate(const cli_pack *pack, const ink_engine *engine, const ink_slate *slate, const cli_person *person, bool explain);

#endif
