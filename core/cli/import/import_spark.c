/* import_spark.c - item factors of Spark's ALS: a saved model (its itemFactors), or a folder of part files as a data frame's
 * write gives it, in Parquet or JSON lines, or one Parquet file. Factors of users are not opened. */
#include "import_formats.h"
#include "import_parquet.h"

#include <string.h>

static bool ends_with(const char *path, const char *end) {
  const size_t n = strlen(path), m = strlen(end);
  return n >= m && strcmp(path + n - m, end) == 0;
}

int cli_import_parquet(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids) {
  if (ids != NULL) return cli_bad_input("DATA_FORMAT", file->path, "its rows have ids; leave out --ids");
  const int code = cli_parquet_take(v, file, "id", tensor != NULL ? tensor : "features");
  return code == CLI_DONE ? cli_vectors_end(v) : code;
}

static int take_json(cli_vectors *v, const char *path) {
  cli_source *source;
  int code = cli_source_open(v->c->memory, path, &source);
  if (code != CLI_DONE) return code;
  code = cli_import_jsonl(v, source);
  cli_source_close(source);
  return code;
}

/* Spark leaves parts without rows. */
static int take_part(cli_vectors *v, const char *path) {
  cli_file file;
  int code = cli_file_load(v->c->memory, path, SIZE_MAX / 2, &file);
  if (code != CLI_DONE) return code;
  const bool json = ends_with(path, ".json") || ends_with(path, ".json.gz");
  v->path = path;
  if (file.n == 0) code = CLI_DONE;
  else if (json) code = take_json(v, path);
  else if (ends_with(path, ".parquet")) code = cli_parquet_take(v, &file, "id", "features");
  else code = cli_bad_input("DATA_FORMAT", path, "a part of Spark's is .parquet, .json or .json.gz");
  ink_sha256_update(&v->digest, file.bytes, file.n);
  cli_file_close(&file);
  return code;
}

int cli_import_folder(cli_vectors *v) {
  const char *top = v->path;
  char inner[4096];
  char **paths = NULL;
  uint32_t n = 0;
  const int wrote = snprintf(inner, sizeof inner, "%s/itemFactors", top);
  const char *folder = wrote > 0 && wrote < (int)sizeof inner && cli_is_folder(inner) ? inner : top;
  int code = cli_folder_files(v->c->memory, folder, "part-", &paths, &n);
  if (code == CLI_DONE && n == 0) code = cli_bad_input("DATA_FORMAT", top, "a folder without part files; a model or a data frame saved by Spark is expected");
  for (uint32_t i = 0; i < n && code == CLI_DONE; i++) code = take_part(v, paths[i]);
  v->path = top;
  return code == CLI_DONE ? cli_vectors_end(v) : code;
}
