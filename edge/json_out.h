/* json_out.h - writes one JSON document into a growing buffer: the same bytes for the command line
 * and for every edge, because both build their answers with it.
 * Compact, no spaces; members stand in the order in which they are written. It does not check that a
 * key is given twice. Text that is not UTF-8 comes out with U+FFFD for each bad byte, so that the
 * document is always valid.
 * When memory runs out the writer remembers it and ignores what follows: look at `failed` once, at the end. */
#ifndef INK_JSON_OUT_H
#define INK_JSON_OUT_H

#include "inkling.h"

#define INK_JSON_OUT_DEPTH 32u    /* deepest nesting that our own answers may have */

typedef struct ink_json_out {
  char *bytes;                    /* n bytes and a closing zero; owned here, see ink_json_out_free() */
  size_t n, cap;
  uint32_t depth;
  bool filled[INK_JSON_OUT_DEPTH];  /* does the open object or array hold anything yet? */
  bool failed;
} ink_json_out;

void ink_json_out_init(ink_json_out *out);
void ink_json_out_free(ink_json_out *out);
/* Empties the buffer and keeps its memory. */
void ink_json_out_clear(ink_json_out *out);

/* Every call that writes a value takes its key: NULL inside an array and at the top. */
void ink_json_object(ink_json_out *out, const char *key);
void ink_json_object_end(ink_json_out *out);
void ink_json_array(ink_json_out *out, const char *key);
void ink_json_array_end(ink_json_out *out);

void ink_json_text(ink_json_out *out, const char *key, ink_text value);
void ink_json_string(ink_json_out *out, const char *key, const char *value);
/* `value` is already escaped as JSON wants it (metadata of a pack). */
void ink_json_escaped(ink_json_out *out, const char *key, ink_text value);
void ink_json_bool(ink_json_out *out, const char *key, bool value);
void ink_json_whole(ink_json_out *out, const char *key, int64_t value);
void ink_json_count(ink_json_out *out, const char *key, uint64_t value);
void ink_json_null(ink_json_out *out, const char *key);
/* The shortest decimal text that reads back to the same bits; null for NaN and infinities. */
void ink_json_double(ink_json_out *out, const char *key, double value);
void ink_json_float(ink_json_out *out, const char *key, float value);
/* The eight hexadecimal digits of a float's bits, as a string: "3f9d70a4". */
void ink_json_bits(ink_json_out *out, const char *key, float value);

/* The same for a key that is not a C string: metadata keys, column names. */
void ink_json_key(ink_json_out *out, ink_text key);

#endif
