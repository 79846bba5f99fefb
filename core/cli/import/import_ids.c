/* import_ids.c - ids from a side file, and a guess at a file's format from its first bytes. */
#include "import_formats.h"
#include "import_npy.h"

#include <string.h>

#include "caps.h"
#include "decimal.h"
#include "fields.h"
#include "json_in.h"
#include "line_reader.h"

/* ---------------------------------------------------------------------- ids */

static int add_id(cli *c, ink_names *ids, ink_text id, const char *path, const char *unit, uint64_t at) {
  const ink_allocator allocator = cli_allocator(c->memory);
  uint32_t index;
  if (id.n == 0) return cli_bad_input("DATA_SYNTAX", path, "%s %llu: an empty id", unit, (unsigned long long)at);
  if (ids->n == INK_CAP_ITEMS) return cli_bad_input("LIMIT", path, "more than %u ids", INK_CAP_ITEMS);
  const uint32_t n = ids->n;
  const ink_status status = ink_names_add(ids, &allocator, id, &index);
  if (status != INK_OK) return cli_refuse(c, status, path);
  if (index == n) return CLI_DONE;
  return cli_bad_input("DATA_DUPLICATE", path, "%s %llu: the id \"%.*s\" stands there twice", unit, (unsigned long long)at,
                       (int)(id.n < 64 ? id.n : 64), id.bytes);
}

static int read_lines(cli *c, cli_source *source, const char *path, ink_names *ids) {
  const ink_train_env env = cli_env(c);
  const ink_source view = cli_source_view(source);
  ink_line_reader reader;
  ink_status status = ink_line_reader_open(&reader, &view, INK_ENCODING_UTF8, &env);
  bool more = status == INK_OK;
  int code = CLI_DONE;
  while (more && code == CLI_DONE) {
    ink_line line;
    status = ink_line_reader_next(&reader, false, &line, &more);
    if (status != INK_OK) break;
    if (more) code = add_id(c, ids, (ink_text){ line.bytes, line.n }, path, "line", reader.line);
  }
  if (status != INK_OK) code = status == INK_E_READ ? cli_source_complain(source) : cli_refuse(c, status, NULL);
  if (status == INK_OK) ink_line_reader_close(&reader);
  return code;
}

static int read_json(cli *c, const cli_file *file, ink_names *ids) {
  cJSON *array;
  ink_json_problem problem;
  if (!ink_json_parse((const char *)file->bytes, file->n, &ink_json_limits_request, &array, &problem)) {
    if (problem.code == INK_JSON_MEMORY) return cli_no_memory();
    return cli_bad_input("DATA_SYNTAX", file->path, "byte %zu: %s", problem.at, problem.what);
  }
  int code = cJSON_IsArray(array) ? CLI_DONE : cli_bad_input("DATA_SYNTAX", file->path, "an array of ids is expected");
  uint64_t i = 0;
  for (const cJSON *id = array->child; id != NULL && code == CLI_DONE; id = id->next, i++) {
    code = cJSON_IsString(id) ? add_id(c, ids, ink_json_text_of(id), file->path, "element", i)
                              : cli_bad_input("DATA_SYNTAX", file->path, "element %llu: an id must be a string", (unsigned long long)i);
  }
  cJSON_Delete(array);
  return code;
}

static bool ends_with(const char *path, const char *end) {
  const size_t n = strlen(path), m = strlen(end);
  return n >= m && strcmp(path + n - m, end) == 0;
}

int cli_import_ids(cli *c, const char *path, ink_names *ids) {
  if (ends_with(path, ".npy") || ends_with(path, ".json")) {
    cli_file file;
    cli_npy npy = { .path = path };
    int code = cli_file_load(c->memory, path, SIZE_MAX / 2, &file);
    if (code == CLI_DONE && ends_with(path, ".json")) {
      code = read_json(c, &file, ids);
    } else if (code == CLI_DONE) {
      code = cli_npy_parse(path, "", file.bytes, file.n, &npy);
      if (code == CLI_DONE) code = cli_npy_texts(c, &npy, ids);
    }
    cli_file_close(&file);
    return code;
  }
  cli_source *source;
  int code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  code = read_lines(c, source, path, ids);
  cli_source_close(source);
  return code;
}

/* ------------------------------------------------------------------- format */

static bool begins(const uint8_t *bytes, size_t n, const char *magic, size_t n_magic) {
  return n >= n_magic && memcmp(bytes, magic, n_magic) == 0;
}

/* The second line of a word2vec file: text when all behind the token are decimal numbers. */
static bool second_line_is_text(const uint8_t *bytes, size_t n) {
  const uint8_t *first_end = memchr(bytes, '\n', n);
  if (first_end == NULL) return false;
  const size_t start = (size_t)(first_end - bytes) + 1;
  const uint8_t *end = memchr(first_end + 1, '\n', n - start);
  ink_line rest = { (char *)(uintptr_t)(bytes + start), (uint32_t)(end == NULL ? n - start : (size_t)(end - first_end) - 1) };
  ink_text word;
  double number;
  uint32_t n_numbers = 0;
  while (ink_fields_next_word(&rest, &word)) {
    n_numbers = ink_decimal_parse(word, &number) ? n_numbers + 1 : 0;
    if (rest.n == 0 && end == NULL) break;       /* the last word may be cut */
  }
  return n_numbers > 0;
}

static const char *detect_text(const uint8_t *bytes, size_t n) {
  const uint8_t *end = memchr(bytes, '\n', n);
  ink_line line = { (char *)(uintptr_t)bytes, (uint32_t)(end == NULL ? n : (size_t)(end - bytes)) };
  const bool commas = memchr(line.bytes, ',', line.n) != NULL || memchr(line.bytes, '\t', line.n) != NULL ||
      memchr(line.bytes, ';', line.n) != NULL;
  double number;
  ink_text word, last = { "", 0 };
  uint32_t n_words = 0, n_numbers = 0;
  while (ink_fields_next_word(&line, &word)) {
    n_words++;
    last = word;
    if (ink_decimal_parse(word, &number)) n_numbers++;
  }
  if (n_words == 2 && n_numbers == 2) return second_line_is_text(bytes, n) ? "word2vec" : "word2vec-binary";
  if (commas) return "csv";
  return n_words >= 2 && ink_decimal_parse(last, &number) ? "glove" : NULL;
}

const char *cli_import_detect(const uint8_t *bytes, size_t n, uint64_t file_bytes) {
  if (begins(bytes, n, "\x93NUMPY", 6)) return "npy";
  if (n >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5) return "pickle";
  if (begins(bytes, n, "PAR1", 4)) return "parquet";
  if (begins(bytes, n, "PK\3\4", 4) || begins(bytes, n, "PK\5\6", 4)) return "npz";
  uint64_t header = 0;
  for (uint32_t i = n >= 9 ? 8 : 0; i-- > 0;) header = header << 8 | bytes[i];
  if (n >= 9 && bytes[8] == '{' && header < file_bytes) return "safetensors";
  if (begins(bytes, n, "{", 1)) return "jsonl";
  return detect_text(bytes, n);
}
