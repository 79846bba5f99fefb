/* import_table.c - vectors in tables: CSV (id, then numbers; a header line or none; comma, tab or semicolon)
 * and JSON lines ({"id": ..., "embedding": [...]}). */
#include "import_formats.h"

#include <float.h>
#include <string.h>

#include "decimal.h"
#include "json_in.h"
#include "line_reader.h"

typedef struct table {
  cli_vectors *v;
  cli_source *source;
  ink_line_reader reader;
  char separator;
} table;

static int fail(table *t, ink_status status) {
  return status == INK_E_READ ? cli_source_complain(t->source) : cli_refuse(t->v->c, status, NULL);
}

static int bad_line(table *t, ink_status status, ink_text cell, const char *allowed) {
  return fail(t, ink_line_fault(&t->reader, status, (ink_text){ "", 0 }, cell, allowed));
}

/* ----------------------------------------------------------------------- CSV */

/* The first cell, quotes undone in place, taken away from the line. */
static bool take_id(ink_line *line, char separator, ink_text *id) {
  uint32_t n = 0, i = 0;
  char *p = line->bytes;
  const bool quoted = line->n > 0 && p[0] == '"';
  for (i = quoted ? 1 : 0; i < line->n; i++) {
    if (!quoted && p[i] == separator) break;
    if (quoted && p[i] == '"') {
      if (i + 1 == line->n || p[i + 1] != '"') { i++; break; }
      i++;                                       /* a doubled quote is one */
    }
    p[n++] = p[i];
  }
  if (i < line->n && p[i] != separator) return false;
  *id = quoted ? (ink_text){ p, n } : ink_text_trim((ink_text){ p, n });
  line->bytes += i;                              /* at the separator, or at the end */
  line->n -= i;
  return true;
}

/* The next cell behind a separator; false at the end of the line. */
static bool take_cell(ink_line *line, char separator, ink_text *cell) {
  if (line->n == 0) return false;
  const char *first = line->bytes + 1;
  const char *end = memchr(first, separator, line->n - 1u);
  const uint32_t n = end == NULL ? line->n - 1 : (uint32_t)(end - first);
  *cell = ink_text_trim((ink_text){ first, n });
  line->bytes += n + 1;
  line->n -= n + 1;
  return true;
}

/* The character that stands most often in the first line. */
static char separator_of(ink_line line) {
  static const char separators[] = { ',', '\t', ';' };
  char best = ',';
  uint32_t most = 0;
  for (size_t k = 0; k < sizeof separators; k++) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < line.n; i++) n += line.bytes[i] == separators[k];
    if (n > most) { most = n; best = separators[k]; }
  }
  return best;
}

/* Cells behind the id, and whether each is a number. Does not change the line. */
static uint32_t count_cells(ink_line line, char separator, bool *all_numbers) {
  uint32_t n = 0;
  ink_text cell;
  double number;
  bool in_quotes = false;
  *all_numbers = true;
  uint32_t i = 0;
  for (; i < line.n && (in_quotes || line.bytes[i] != separator); i++) in_quotes ^= line.bytes[i] == '"';
  line.bytes += i;
  line.n -= i;
  while (take_cell(&line, separator, &cell)) {
    n++;
    *all_numbers = *all_numbers && ink_decimal_parse(cell, &number);
  }
  return n;
}

static int take_csv_line(table *t, ink_line line) {
  float *row = cli_vectors_next(t->v);
  ink_text id, cell;
  uint32_t n = 0;
  if (row == NULL) return cli_no_memory();
  if (!take_id(&line, t->separator, &id)) {
    return bad_line(t, INK_E_DATA_SYNTAX, (ink_text){ "", 0 },
                    "an id; quotes must close before the separator");
  }
  while (take_cell(&line, t->separator, &cell)) {
    double number;
    if (n == t->v->d) return bad_line(t, INK_E_DATA_SYNTAX, cell, "as many numbers as in the first row");
    if (!ink_decimal_parse(cell, &number)) return bad_line(t, INK_E_DATA_NUMBER, cell, "a decimal number");
    row[n++] = (float)number;
  }
  if (n != t->v->d) return bad_line(t, INK_E_DATA_SYNTAX, (ink_text){ "", 0 }, "as many numbers as in the first row");
  return cli_vectors_take(t->v, id, "line", t->reader.line);
}

static int begin_csv(table *t, ink_line line) {
  bool all_numbers;
  t->separator = separator_of(line);
  const uint32_t n = count_cells(line, t->separator, &all_numbers);
  if (n == 0) return bad_line(t, INK_E_DATA_SYNTAX, (ink_text){ "", 0 }, "an id and its numbers, separated by comma, tab or semicolon");
  const int code = cli_vectors_begin(t->v, n, 0);
  return code == CLI_DONE && all_numbers ? take_csv_line(t, line) : code;      /* else it is a header */
}

/* ----------------------------------------------------------------- JSON lines */

static const cJSON *member_of(const cJSON *object, const char *const *names) {
  for (; *names != NULL; names++) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, *names);
    if (value != NULL) return value;
  }
  return NULL;
}

/* A string, or a whole number as its digits. */
static bool json_id(const cJSON *value, char digits[24], ink_text *id) {
  int64_t whole;
  if (cJSON_IsString(value)) { *id = ink_json_text_of(value); return true; }
  if (!ink_json_whole_of(value, -9007199254740991.0, 9007199254740991.0, &whole)) return false;
  *id = (ink_text){ digits, (uint32_t)snprintf(digits, 24, "%lld", (long long)whole) };
  return true;
}

static int take_json_row(table *t, const cJSON *vector, ink_text id) {
  float *row = cli_vectors_next(t->v);
  uint32_t n = 0;
  if (row == NULL) return cli_no_memory();
  for (const cJSON *x = vector->child; x != NULL; x = x->next) {
    double number;
    if (n == t->v->d) return bad_line(t, INK_E_DATA_SYNTAX, id, "as many numbers as in the first row");
    if (!ink_json_number_of(x, -(double)FLT_MAX, (double)FLT_MAX, &number)) {
      return bad_line(t, INK_E_DATA_NUMBER, id, "an array of numbers");
    }
    row[n++] = (float)number;
  }
  if (n != t->v->d) return bad_line(t, INK_E_DATA_SYNTAX, id, "as many numbers as in the first row");
  return cli_vectors_take(t->v, id, "line", t->reader.line);
}

static int take_json_object(table *t, const cJSON *object) {
  static const char *const id_names[] = { "id", "item", "item_id", "itemId", "key", "token", "word", NULL };
  static const char *const vector_names[] = { "embedding", "vector", "values", "features", NULL };
  const cJSON *id_value = member_of(object, id_names), *vector = member_of(object, vector_names);
  char digits[24];
  ink_text id;
  if (!json_id(id_value, digits, &id)) {
    return bad_line(t, INK_E_DATA_COLUMN, (ink_text){ "", 0 },
                    "a member id (item, item_id, key, token, word) with text or a whole number");
  }
  if (!cJSON_IsArray(vector)) {
    return bad_line(t, INK_E_DATA_COLUMN, id, "a member embedding (vector, values, features) with an array of numbers");
  }
  if (t->v->d == 0) {
    const int code = cli_vectors_begin(t->v, (uint64_t)cJSON_GetArraySize(vector), 0);
    if (code != CLI_DONE) return code;
  }
  return take_json_row(t, vector, id);
}

static int take_json_line(table *t, ink_line line) {
  cJSON *object;
  ink_json_problem problem;
  if (!ink_json_parse(line.bytes, line.n, &ink_json_limits_request, &object, &problem)) {
    return problem.code == INK_JSON_MEMORY ? cli_no_memory() : bad_line(t, INK_E_DATA_SYNTAX, (ink_text){ "", 0 }, problem.what);
  }
  const int code = take_json_object(t, object);
  cJSON_Delete(object);
  return code;
}

/* ----------------------------------------------------------------------- both */

static int read_table(table *t, bool quoted, int (*begin)(table *, ink_line), int (*take)(table *, ink_line)) {
  int code = CLI_DONE;
  for (bool first = true; code == CLI_DONE;) {
    ink_line line;
    bool more;
    const ink_status status = ink_line_reader_next(&t->reader, quoted, &line, &more);
    if (status != INK_OK) return fail(t, status);
    if (!more) break;
    if (line.n == 0) continue;
    code = first && begin != NULL ? begin(t, line) : take(t, line);
    first = false;
  }
  return code;
}

static int open_table(cli_vectors *v, cli_source *source, bool quoted, int (*begin)(table *, ink_line), int (*take)(table *, ink_line)) {
  const ink_train_env env = cli_env(v->c);
  const ink_source view = cli_source_view(source);
  table t = { .v = v, .source = source };
  const ink_status status = ink_line_reader_open(&t.reader, &view, INK_ENCODING_UTF8, &env);
  if (status != INK_OK) return fail(&t, status);
  const int code = read_table(&t, quoted, begin, take);
  ink_line_reader_close(&t.reader);
  return code == CLI_DONE ? cli_vectors_end(v) : code;
}

int cli_import_csv(cli_vectors *v, cli_source *source) { return open_table(v, source, true, begin_csv, take_csv_line); }
int cli_import_jsonl(cli_vectors *v, cli_source *source) { return open_table(v, source, false, NULL, take_json_line); }
