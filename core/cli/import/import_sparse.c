/* import_sparse.c - see import_sparse.h. */
#include "import_sparse.h"

#include <math.h>
#include <string.h>

#include "caps.h"
#include "import_npy.h"

static const char *const parts[] = { "data", "indices", "indptr", "shape" };
enum { DATA, INDICES, STARTS, SHAPE, N_PARTS };

static const cli_zip_entry *find(const cli_zip *zip, const char *part) {
  char name[32];
  (void)snprintf(name, sizeof name, "%s.npy", part);
  return cli_zip_find(zip, name);
}

bool cli_sparse_is_in(const cli_zip *zip) {
  for (uint32_t i = 0; i < N_PARTS; i++) {
    if (find(zip, parts[i]) == NULL) return false;
  }
  return true;
}

static int refuse(const cli_zip *zip, const char *part, uint64_t at, const char *what) {
  return cli_bad_input("DATA_SYNTAX", zip->file->path, "%s, number %llu: %s", part, (unsigned long long)at, what);
}

static int read_part(cli *c, const cli_zip *zip, uint32_t part, cli_npy *npy) {
  const cli_zip_entry *entry = find(zip, parts[part]);
  const uint8_t *bytes = NULL;
  const int code = cli_zip_read(c, zip, entry, &bytes);
  if (code != CLI_DONE) return code;
  const int parsed = cli_npy_parse(zip->file->path, parts[part], bytes, (size_t)entry->unpacked, npy);
  if (parsed == CLI_DONE && npy->rank != 1) return refuse(zip, parts[part], 0, "an array of one dimension is expected");
  return parsed;
}

/* A whole number of type <i4 or <i8; false when it is another type or below zero. */
static bool whole_at(const cli_npy *npy, uint64_t i, uint64_t *value) {
  const uint32_t size = strcmp(npy->descr, "<i4") == 0 ? 4 : strcmp(npy->descr, "<i8") == 0 ? 8 : 0;
  uint64_t bits = 0;
  if (size == 0) return false;
  for (uint32_t k = size; k-- > 0;) bits = bits << 8 | npy->data[i * size + k];
  *value = bits;
  return (bits >> (8 * size - 1)) == 0;
}

static int read_shape(cli *c, const cli_zip *zip, cli_sparse *s) {
  cli_npy npy;
  const int code = read_part(c, zip, SHAPE, &npy);
  if (code != CLI_DONE) return code;
  if (npy.shape[0] != 2 || !whole_at(&npy, 0, &s->n_rows) || !whole_at(&npy, 1, &s->n_cols)) {
    return refuse(zip, "shape", 0, "two whole numbers are expected");
  }
  if (s->n_rows > INK_CAP_ITEMS || s->n_cols > INK_CAP_ITEMS) return refuse(zip, "shape", 0, "more rows or columns than a pack may have items");
  return CLI_DONE;
}

static int read_starts(cli *c, const cli_zip *zip, cli_sparse *s) {
  cli_npy npy;
  const int code = read_part(c, zip, STARTS, &npy);
  if (code != CLI_DONE) return code;
  if (npy.shape[0] != s->n_rows + 1) return refuse(zip, "indptr", 0, "as many numbers as rows, and one more, are expected");
  s->starts = cli_take(c->memory, (size_t)s->n_rows + 1, sizeof *s->starts);
  if (s->starts == NULL) return cli_no_memory();
  for (uint64_t i = 0; i <= s->n_rows; i++) {
    if (!whole_at(&npy, i, &s->starts[i]) || s->starts[i] < (i == 0 ? 0 : s->starts[i - 1]) || (i == 0 && s->starts[0] != 0)) {
      return refuse(zip, "indptr", i, "starts of rows rise from 0");
    }
  }
  s->n = s->starts[s->n_rows];
  return CLI_DONE;
}

static int read_cols(cli *c, const cli_zip *zip, cli_sparse *s) {
  cli_npy npy;
  const int code = read_part(c, zip, INDICES, &npy);
  if (code != CLI_DONE) return code;
  if (npy.shape[0] != s->n) return refuse(zip, "indices", npy.shape[0], "as many numbers as the last of indptr says are expected");
  s->cols = cli_take(c->memory, (size_t)s->n + 1, sizeof *s->cols);
  if (s->cols == NULL) return cli_no_memory();
  for (uint64_t i = 0; i < s->n; i++) {
    uint64_t col;
    if (!whole_at(&npy, i, &col) || col >= s->n_cols) return refuse(zip, "indices", i, "a column of the matrix is expected");
    s->cols[i] = (uint32_t)col;
  }
  return CLI_DONE;
}

static int read_values(cli *c, const cli_zip *zip, cli_sparse *s) {
  cli_npy npy;
  const int code = read_part(c, zip, DATA, &npy);
  if (code != CLI_DONE) return code;
  const uint32_t dtype = strcmp(npy.descr, "<f4") == 0 ? INK_DTYPE_F32 : strcmp(npy.descr, "<f8") == 0 ? INK_DTYPE_F64 : 0;
  if (dtype == 0 || npy.shape[0] != s->n) return refuse(zip, "data", npy.shape[0], "as many numbers of type <f4 or <f8 as indices are expected");
  const cli_matrix m = { .bytes = npy.data, .dtype = dtype, .n = 1, .d = s->n };
  s->values = cli_take(c->memory, (size_t)s->n + 1, sizeof *s->values);
  if (s->values == NULL) return cli_no_memory();
  for (uint64_t i = 0; i < s->n; i++) {
    s->values[i] = (float)cli_element(&m, 0, i);
    if (!(fabsf(s->values[i]) <= INK_CAP_MAGNITUDE)) return refuse(zip, "data", i, "a finite number is expected");
  }
  return CLI_DONE;
}

int cli_sparse_read(cli *c, const cli_zip *zip, cli_sparse *s) {
  *s = (cli_sparse){ 0 };
  int code = read_shape(c, zip, s);
  if (code == CLI_DONE) code = read_starts(c, zip, s);
  if (code == CLI_DONE) code = read_cols(c, zip, s);
  return code == CLI_DONE ? read_values(c, zip, s) : code;
}
