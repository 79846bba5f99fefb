/* json_line.h - one JSON object on one line, read member by member, strictly (RFC 8259), in place.
 * No tree, no recursion, no memory: strings are unescaped into their own bytes.
 * Nested values are checked whole and handed out as text; ink_json_array_next() walks an array. */
#ifndef INK_JSON_LINE_H
#define INK_JSON_LINE_H

#include "line_reader.h"

#define INK_JSON_DEPTH 64u        /* of values inside a member */

enum { INK_JSON_STRING = 1, INK_JSON_NUMBER, INK_JSON_TRUE, INK_JSON_FALSE, INK_JSON_NULL, INK_JSON_ARRAY, INK_JSON_OBJECT };

typedef struct ink_json_value {
  uint32_t kind;                  /* INK_JSON_* */
  ink_line text;                  /* a string's content, unescaped; else as written */
} ink_json_value;

typedef struct ink_json {
  char *at, *end;
  bool first;
  const char *allowed;            /* after a failure: what should have been there */
} ink_json;

/* Each returns false on broken syntax (`allowed` says why) and *more false at the end. */
bool ink_json_object_open(ink_json *j, ink_line line);
bool ink_json_object_next(ink_json *j, ink_text *key, ink_json_value *value, bool *more);
/* `array` is a value of kind ARRAY: its syntax was checked, strings inside are unescaped as they come. */
void ink_json_array_open(ink_json *j, const ink_json_value *array);
bool ink_json_array_next(ink_json *j, ink_json_value *value, bool *more);

#endif
