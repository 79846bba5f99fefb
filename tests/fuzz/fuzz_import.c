/* fuzz_import.c - any bytes as a file of vectors: .npy, .npz, safetensors, binary word2vec, pickles, Parquet, and ids. needs: cli
 * The readers of core/cli get exactly these bytes; what they take is within the caps of a pack, finite, named once. What they
 * say on standard error is not looked at here. */
#include "caps.h"
#include "cli.h"
#include "fuzzlib.h"
#include "import_formats.h"
#include "import_npy.h"

#ifndef __wasi__
#include <fcntl.h>
#include <unistd.h>
#endif

/* ------------------------------------------------------------------ silence */

#ifdef __wasi__
static int hush(void) { return -1; }
static void unhush(int saved) { (void)saved; }
#else
static int hush(void) {
  static int nothing = -1;
  if (nothing < 0) nothing = open("/dev/null", O_WRONLY);
  const int saved = dup(2);
  FUZZ_CHECK(saved >= 0 && nothing >= 0 && dup2(nothing, 2) == 2);
  return saved;
}

static void unhush(int saved) {
  FUZZ_CHECK(dup2(saved, 2) == 2);
  (void)close(saved);
}
#endif

/* ------------------------------------------------------------------- checks */

static void check_vectors(const cli_vectors *v) {
  FUZZ_CHECK(v->n >= 1 && v->n <= INK_CAP_ITEMS && v->d >= 1 && v->d <= INK_CAP_DIM && v->ids.n == v->n);
  for (size_t i = 0; i < (size_t)v->n * v->d; i++) {
    FUZZ_CHECK(v->rows[i] <= INK_CAP_MAGNITUDE && v->rows[i] >= -INK_CAP_MAGNITUDE);
  }
  for (uint32_t i = 0; i < v->n; i++) {
    const ink_text id = ink_names_at(&v->ids, i);
    FUZZ_CHECK(id.n >= 1 && id.n <= INK_CAP_ITEM_ID_BYTES && ink_utf8_valid(id.bytes, id.n));
    FUZZ_CHECK(ink_names_find(&v->ids, id) == i);
  }
  if (v->has_als) FUZZ_CHECK(v->alpha > 0 && v->regularization >= 0);
}

typedef int (*reader)(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);

static void import_with(cli *c, reader read, const cli_file *file, const char *tensor) {
  cli_vectors v = { .c = c, .path = "fuzz", .format = "fuzz", .zero_rows = CLI_ZERO_DROP };
  const int code = read(&v, file, tensor, NULL);
  FUZZ_CHECK(code == CLI_DONE || code == CLI_REFUSED || code == CLI_FAILED);
  if (code == CLI_DONE) check_vectors(&v);
}

static void read_all(cli *c, const cli_file *file) {
  const char *format = cli_import_detect(file->bytes, file->n, file->n);
  cli_npy npy;
  ink_names ids = { 0 };
  if (format != NULL && strcmp(format, "npz") == 0) {
    import_with(c, cli_import_npz, file, NULL);
    import_with(c, cli_import_npz, file, "weights");
  } else if (format != NULL && strcmp(format, "safetensors") == 0) {
    import_with(c, cli_import_safetensors, file, NULL);
    import_with(c, cli_import_safetensors, file, "items");
  } else if (format != NULL && strcmp(format, "word2vec-binary") == 0) {
    import_with(c, cli_import_word2vec_binary, file, NULL);
  } else if (format != NULL && strcmp(format, "pickle") == 0) {
    import_with(c, cli_import_pickle, file, NULL);
  } else if (format != NULL && strcmp(format, "parquet") == 0) {
    import_with(c, cli_import_parquet, file, NULL);
  } else {
    import_with(c, cli_import_npy, file, NULL);
    if (cli_npy_parse("fuzz", "", file->bytes, file->n, &npy) == CLI_DONE) (void)cli_npy_texts(c, &npy, &ids);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  cli c = { .memory = cli_memory_new() };
  FUZZ_CHECK(c.memory != NULL);
  uint8_t *bytes = fuzz_copy(data, n);
  const cli_file file = { .path = "fuzz", .bytes = bytes, .n = n };
  const int saved = hush();
  read_all(&c, &file);
  unhush(saved);
  free(bytes);
  cli_memory_free(c.memory);
  return 0;
}
