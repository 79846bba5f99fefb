/* line_reader.h - a stream of bytes as lines (or CSV records), and the faults that point into it.
 * One buffer, no allocation a line; a line is borrowed until the next call and may be changed in place. */
#ifndef INK_LINE_READER_H
#define INK_LINE_READER_H

#include "dataset.h"

#define INK_MAX_LINE_BYTES 67108864u  /* 64 MB: an adjacency line may name millions of items */

typedef struct ink_line {
  char *bytes;
  uint32_t n;                     /* without CR and LF */
} ink_line;

typedef struct ink_line_reader {
  const ink_source *source;
  const ink_train_env *env;
  uint32_t encoding;              /* INK_ENCODING_* */
  char *buf; size_t cap, at, end; /* bytes at..end are read and not yet handed out */
  char *converted; size_t converted_cap;   /* a Latin-1 line in UTF-8 */
  bool ended;
  uint64_t taken;                 /* bytes from the source */
  uint64_t line;                  /* number of the first line of the record handed out last, from 1 */
  uint64_t next_line;
} ink_line_reader;

ink_status ink_line_reader_open(ink_line_reader *r, const ink_source *source, uint32_t encoding, const ink_train_env *env);
void ink_line_reader_close(ink_line_reader *r);
/* The first bytes (up to 64 KB, or all there are), without a byte order mark. Borrowed until the next call. */
ink_status ink_line_reader_peek(ink_line_reader *r, ink_text *bytes);
/* The next line; *more false at the end. With `quoted`, a line feed between double quotes belongs to the record. */
ink_status ink_line_reader_next(ink_line_reader *r, bool quoted, ink_line *line, bool *more);

/* Fills env->fault (file and column as its name, the cell as what was found, the line as its place) and
 * returns `status`. column and cell may be empty. */
ink_status ink_line_fault(const ink_line_reader *r, ink_status status, ink_text column, ink_text cell, const char *allowed);

/* The same without blanks and tabs around it. */
ink_text ink_text_trim(ink_text text);

#endif
