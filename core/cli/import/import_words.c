/* import_words.c - vectors of words, which may as well be items: word2vec's text and binary forms, and GloVe's,
 * which is the text form without its first line. A token may hold blanks (the large GloVe files do): the last
 * d fields of a line are its numbers, whatever stands before them is its id.
 * Formats: word2vec.c (Mikolov 2013), gensim's save_word2vec_format, glove (Pennington 2014). */
#include "import_formats.h"

#include <string.h>

#include "caps.h"
#include "decimal.h"
#include "fields.h"
#include "line_reader.h"

/* ---------------------------------------------------------------------- text */

typedef struct words {
  cli_vectors *v;
  cli_source *source;
  ink_line_reader reader;
} words;

/* A status of the line reader or of decimal cells, told. */
static int fail(words *w, ink_status status) {
  return status == INK_E_READ ? cli_source_complain(w->source) : cli_refuse(w->v->c, status, NULL);
}

static int bad_line(words *w, ink_status status, ink_text cell, const char *allowed) {
  return fail(w, ink_line_fault(&w->reader, status, (ink_text){ "", 0 }, cell, allowed));
}

/* Takes the last field of `line` away from it. */
static ink_text last_field(ink_text *line) {
  while (line->n > 0 && (line->bytes[line->n - 1] == ' ' || line->bytes[line->n - 1] == '\t')) line->n--;
  uint32_t first = line->n;
  while (first > 0 && line->bytes[first - 1] != ' ' && line->bytes[first - 1] != '\t') first--;
  const ink_text field = { line->bytes + first, line->n - first };
  line->n = first;
  return field;
}

static int take_line(words *w, ink_line line) {
  float *row = cli_vectors_next(w->v);
  if (row == NULL) return cli_no_memory();
  ink_text rest = { line.bytes, line.n };
  for (uint32_t k = w->v->d; k-- > 0;) {
    const ink_text field = last_field(&rest);
    double number;
    if (!ink_decimal_parse(field, &number)) {
      return bad_line(w, INK_E_DATA_NUMBER, field, "an id, then as many numbers as in the other lines");
    }
    row[k] = (float)number;
  }
  return cli_vectors_take(w->v, ink_text_trim(rest), "line", w->reader.line);
}

static uint32_t count_fields(ink_line line) {
  ink_text field;
  uint32_t n = 0;
  while (ink_fields_next_word(&line, &field)) n++;
  return n;
}

/* "V D": two whole numbers within what a pack may hold. */
static bool parse_counts(ink_line line, double *n, double *d) {
  ink_text first, second, third;
  return ink_fields_next_word(&line, &first) && ink_fields_next_word(&line, &second) && !ink_fields_next_word(&line, &third) &&
         ink_decimal_parse(first, n) && ink_decimal_parse(second, d) && *n >= 1 && *n <= INK_CAP_ITEMS && *d >= 1 && *d <= INK_CAP_DIM &&
         (double)(uint32_t)*n == *n && (double)(uint32_t)*d == *d;
}

/* All lines that are left. `line` is the first of them when have_line. */
static int take_lines(words *w, ink_line line, bool have_line) {
  int code = have_line ? take_line(w, line) : CLI_DONE;
  while (code == CLI_DONE) {
    bool more;
    const ink_status status = ink_line_reader_next(&w->reader, false, &line, &more);
    if (status != INK_OK) return fail(w, status);
    if (!more) break;
    if (line.n > 0) code = take_line(w, line);
  }
  return code;
}

static int read_glove(words *w) {
  ink_line line = { NULL, 0 };
  bool more;
  const ink_status status = ink_line_reader_next(&w->reader, false, &line, &more);
  if (status != INK_OK) return fail(w, status);
  if (!more) return cli_vectors_end(w->v);
  const uint32_t n_fields = count_fields(line);
  if (n_fields < 2) return bad_line(w, INK_E_DATA_SYNTAX, (ink_text){ "", 0 }, "an id and its numbers, separated by blanks");
  const int code = cli_vectors_begin(w->v, n_fields - 1, 0);
  return code == CLI_DONE ? take_lines(w, line, true) : code;
}

static int read_word2vec(words *w) {
  ink_line line = { NULL, 0 };
  bool more;
  double n, d;
  const ink_status status = ink_line_reader_next(&w->reader, false, &line, &more);
  if (status != INK_OK) return fail(w, status);
  if (!more || !parse_counts(line, &n, &d)) {
    return bad_line(w, INK_E_DATA_SYNTAX, (ink_text){ line.bytes, line.n },
                    "two whole numbers: how many words, how many numbers each");
  }
  int code = cli_vectors_begin(w->v, (uint64_t)d, 0);
  if (code == CLI_DONE) code = take_lines(w, line, false);
  if (code != CLI_DONE || w->v->n + (w->v->zero_rows == CLI_ZERO_DROP ? w->v->n_zero : 0) == (uint32_t)n) return code;
  return cli_bad_input("DATA_SYNTAX", w->v->path, "line 1 promises %.0f words; the file has %u", n, w->v->n);
}

static int read_text(cli_vectors *v, cli_source *source, int (*read)(words *w)) {
  const ink_train_env env = cli_env(v->c);
  const ink_source view = cli_source_view(source);
  words w = { .v = v, .source = source };
  const ink_status status = ink_line_reader_open(&w.reader, &view, INK_ENCODING_UTF8, &env);
  if (status != INK_OK) return fail(&w, status);
  int code = read(&w);
  ink_line_reader_close(&w.reader);
  return code == CLI_DONE ? cli_vectors_end(v) : code;
}

int cli_import_glove(cli_vectors *v, cli_source *source) { return read_text(v, source, read_glove); }
int cli_import_word2vec(cli_vectors *v, cli_source *source) { return read_text(v, source, read_word2vec); }

/* -------------------------------------------------------------------- binary */

static int bad_byte(const cli_vectors *v, size_t at, const char *what) {
  return cli_bad_input("DATA_SYNTAX", v->path, "byte %zu: %s", at, what);
}

/* "token " and d little-endian floats, at file[*at]; word2vec.c ends each with a line feed, gensim does not. */
static int take_record(cli_vectors *v, const cli_file *file, size_t *at) {
  const uint8_t *p = file->bytes;
  size_t first = *at;
  while (first < file->n && (p[first] == '\n' || p[first] == '\r')) first++;
  size_t end = first;
  while (end < file->n && p[end] != ' ' && end - first <= INK_CAP_ITEM_ID_BYTES) end++;
  if (end == file->n) return bad_byte(v, first, "the file ends inside a record: a token, a blank and its numbers are expected");
  if (p[end] != ' ') return bad_byte(v, first, "a token of more than 1024 bytes");
  const size_t row_bytes = v->d * sizeof(float);
  if (file->n - end - 1 < row_bytes) return bad_byte(v, end, "the file ends inside the numbers of a record");
  float *row = cli_vectors_next(v);
  if (row == NULL) return cli_no_memory();
  const cli_matrix m = { p + end + 1, INK_DTYPE_F32, false, false, 1, v->d };
  for (uint32_t k = 0; k < v->d; k++) row[k] = (float)cli_element(&m, 0, k);
  *at = end + 1 + row_bytes;
  return cli_vectors_take(v, (ink_text){ (const char *)p + first, (uint32_t)(end - first) }, "byte", first);
}

int cli_import_word2vec_binary(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids) {
  if (tensor != NULL || ids != NULL) {
    return cli_bad_input("DATA_FORMAT", v->path, "a word2vec file names its rows itself; leave out --tensor and --ids");
  }
  const uint8_t *line_end = memchr(file->bytes, '\n', file->n < 64 ? file->n : 64);
  char text[64];
  double n, d;
  if (line_end == NULL) return bad_byte(v, 0, "a line with two whole numbers is expected: how many words, how many numbers each");
  const size_t n_text = (size_t)(line_end - file->bytes);
  memcpy(text, file->bytes, n_text);
  if (!parse_counts((ink_line){ text, (uint32_t)n_text }, &n, &d)) {
    return bad_byte(v, 0, "a line with two whole numbers is expected: how many words, how many numbers each");
  }
  int code = cli_vectors_begin(v, (uint64_t)d, 0);
  size_t at = n_text + 1;
  for (uint32_t i = 0; i < (uint32_t)n && code == CLI_DONE; i++) code = take_record(v, file, &at);
  while (code == CLI_DONE && at < file->n && (file->bytes[at] == '\n' || file->bytes[at] == '\r')) at++;
  if (code == CLI_DONE && at < file->n) return bad_byte(v, at, "something follows the last of the promised words");
  return code == CLI_DONE ? cli_vectors_end(v) : code;
}
