/* read_plan.h - how a file of interactions is to be read: its format, its separator, which column is what.
 * Made from options and the file's first bytes, before a row is read. */
#ifndef INK_READ_PLAN_H
#define INK_READ_PLAN_H

#include "fields.h"
#include "line_reader.h"

enum { INK_ROLE_USER = 0, INK_ROLE_ITEM, INK_ROLE_VALUE, INK_ROLE_TIME, INK_ROLE_KIND, INK_N_ROLES };

typedef struct ink_read_plan {
  uint32_t format;                /* never AUTO */
  char separator;                 /* a character or INK_SEPARATOR_* */
  bool quoted, header;
  uint32_t column[INK_N_ROLES];   /* index of the cell; INK_NONE */
  char label[INK_N_ROLES][24];    /* the column's name for faults: "movieId", or "3"; zero-closed */
  bool value_is_weight;           /* the values are multiplicities, not ratings */
} ink_read_plan;

/* Faults: INK_E_DATA_FORMAT when the first lines fit no format or two, INK_E_DATA_COLUMN when a column
 * is missing, INK_E_DATA_EMPTY, and those of the line reader. `explain` [cap] gets the plan in words. */
ink_status ink_read_plan_make(ink_line_reader *lines, const ink_read_options *options, ink_read_plan *plan, char *explain,
                              size_t cap);

/* How well a name fits a role: 0 not at all, else the higher the better. A name that the options give fits alone. */
uint32_t ink_role_fit(const ink_read_options *options, uint32_t role, ink_text name);
/* Does a column of this name hold multiplicities ("weight", "count", "plays", "quantity")? */
bool ink_role_is_weight(ink_text name);
/* "user", "item", "value", "time", "kind". */
const char *ink_role_name(uint32_t role);

#endif
