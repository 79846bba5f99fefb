/* json_in.h - reads JSON that strangers sent. A strict check goes over the bytes first, without
 * recursion and without memory; only a document that is valid, shallow and small is then built into
 * a tree by cJSON, which is laxer than JSON and recurses.
 * Refused beyond what RFC 8259 refuses: duplicate keys, U+0000, lone surrogates, numbers of more than
 * INK_JSON_IN_NUMBER characters, and what is over the caller's limits. */
#ifndef INK_JSON_IN_H
#define INK_JSON_IN_H

#include <cjson/cJSON.h>

#include "inkling.h"

#define INK_JSON_IN_DEPTH 16u      /* deepest that any caller may allow */
#define INK_JSON_IN_NUMBER 40u

typedef struct ink_json_limits {
  uint32_t depth;                 /* 1..INK_JSON_IN_DEPTH */
  uint32_t members;               /* of one object; keys are compared in pairs, so keep it small for strangers */
} ink_json_limits;

extern const ink_json_limits ink_json_limits_request;    /* 16 levels, 64 members */

typedef enum ink_json_code {
  INK_JSON_OK = 0,
  INK_JSON_SYNTAX,
  INK_JSON_DEPTH,
  INK_JSON_DUPLICATE,
  INK_JSON_LIMIT,                 /* a number or an object over its cap */
  INK_JSON_MEMORY
} ink_json_code;

typedef struct ink_json_problem {
  ink_json_code code;
  size_t at;                      /* byte, from 0 */
  const char *what;               /* static sentence part: "a number may not start with 0" */
  char key[48];                   /* the duplicate key, cut; else "" */
} ink_json_problem;

/* Checks all n bytes: exactly one value, white space around it. */
bool ink_json_check(const char *bytes, size_t n, const ink_json_limits *limits, ink_json_problem *problem);
/* Checks, then builds. *root is freed with cJSON_Delete(). */
bool ink_json_parse(const char *bytes, size_t n, const ink_json_limits *limits, cJSON **root, ink_json_problem *problem);
/* The name of a code as answers show it: "JSON_SYNTAX". */
const char *ink_json_code_name(ink_json_code code);

/* ----------------------------------------------------- looking at a tree */

/* A string's text (cJSON has no strings with a zero inside: the check refused them). */
ink_text ink_json_text_of(const cJSON *value);
/* A whole number within low..high; false when it is not one. |bounds| at most 2^53. */
bool ink_json_whole_of(const cJSON *value, double low, double high, int64_t *out);
/* A finite number within low..high. */
bool ink_json_number_of(const cJSON *value, double low, double high, double *out);
bool ink_json_bool_of(const cJSON *value, bool *out);

#endif
