/* fields.h - a line cut into cells: by one separator (with or without RFC 4180 quotes), by `::`, or by blanks. */
#ifndef INK_FIELDS_H
#define INK_FIELDS_H

#include "line_reader.h"

#define INK_MAX_FIELDS 256u
#define INK_SEPARATOR_COLONS 1    /* `::` */
#define INK_SEPARATOR_BLANKS 2    /* any run of blanks and tabs */

typedef struct ink_fields {
  ink_text cell[INK_MAX_FIELDS];
  uint32_t n;
} ink_fields;

/* Cuts `line` at `separator` (a character, or INK_SEPARATOR_*). With `quoted`, cells may stand in double
 * quotes; doubled quotes inside are undone in place. Cells without quotes are trimmed of blanks.
 * NULL, or what is allowed: a broken quote, more than 256 cells. */
const char *ink_fields_cut(ink_line line, char separator, bool quoted, ink_fields *fields);
/* Does the separator (not blanks) occur? */
bool ink_fields_has(const char *bytes, uint32_t n, char separator);
/* The next cell of a line cut by blanks; false at the end. For lines of any length. */
bool ink_fields_next_word(ink_line *rest, ink_text *word);
/* The next "key=value" of a list parted by commas; value is empty where there is no "=". False at the end. */
bool ink_fields_next_pair(ink_text *rest, ink_text *key, ink_text *value);
/* "comma", "tab", ... */
const char *ink_separator_name(char separator);

#endif
