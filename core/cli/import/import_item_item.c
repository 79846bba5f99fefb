/* import_item_item.c - the neighbours that implicit's item-item models save: a sparse matrix of similarities, row by
 * row the K items that each speaks for. It becomes the weights of the item_knn family as it stands. */
#include "import_formats.h"
#include "import_sparse.h"

#include <string.h>

#include "item_pairs.h"
#include "linear_settings.h"

/* A row's entries become the item's partners; what stands twice is added. */
static ink_status sources_of(void *arg, uint32_t item, ink_sources *out, uint32_t worker) {
  const cli_sparse *s = arg;
  (void)worker;
  for (uint64_t k = s->starts[item]; k < s->starts[item + 1]; k++) {
    ink_sources_name(out, s->cols[k]);
    out->value[s->cols[k]] += s->values[k];
  }
  return INK_OK;
}

bool cli_is_item_item(cli *c, const cli_file *file) {
  cli_zip zip;
  return memcmp(file->bytes, "PK", 2) == 0 && cli_zip_open(c, file, &zip) == CLI_DONE && cli_sparse_is_in(&zip) && cli_zip_find(&zip, "K.npy") != NULL;
}

static uint64_t longest(const cli_sparse *s) {
  uint64_t most = 1;
  for (uint64_t r = 0; r < s->n_rows; r++) {
    const uint64_t n = s->starts[r + 1] - s->starts[r];
    if (n > most) most = n;
  }
  return most;
}

/* Names of the rows: those given, or numbers. */
static int name_rows(cli_vectors *v, uint64_t n, const ink_names *ids) {
  const ink_allocator allocator = cli_allocator(v->c->memory);
  if (ids != NULL && ids->n != n) return cli_bad_input("DATA_FORMAT", v->path, "%u ids for %llu rows", ids->n, (unsigned long long)n);
  for (uint32_t i = 0; i < n; i++) {
    char digits[24];
    uint32_t index;
    const ink_text number = { digits, (uint32_t)snprintf(digits, sizeof digits, "%u", i) };
    const ink_status status = ink_names_add(&v->ids, &allocator, ids != NULL ? ink_names_at(ids, i) : number, &index);
    if (status != INK_OK) return cli_refuse(v->c, status, v->path);
  }
  v->n = (uint32_t)n;
  v->family = "item-knn";
  return CLI_DONE;
}

int cli_import_item_item(cli_vectors *v, const cli_file *file, const ink_names *ids, ink_trained *out) {
  cli_zip zip;
  cli_sparse s;
  int code = cli_zip_open(v->c, file, &zip);
  if (code == CLI_DONE) code = cli_sparse_read(v->c, &zip, &s);
  if (code == CLI_DONE && (s.n_rows != s.n_cols || s.n_rows == 0)) code = cli_bad_input("DATA_FORMAT", file->path, "similarities of items are a square matrix");
  if (code == CLI_DONE) code = name_rows(v, s.n_rows, ids);
  if (code != CLI_DONE) return code;
  const ink_train_env env = cli_env(v->c);
  const ink_pairs_job job = { .prefix = "item_knn", .n_items = v->n, .keep = (uint32_t)longest(&s), .by_source = true, .f32 = true,
                              .sources = sources_of, .arg = &s };
  ink_status status = ink_pairs_build(&job, &env, out);
  if (status == INK_OK) status = ink_linear_settings(out, "item_knn", &(ink_linear_rule){ .lowest = 1, .highest = 5 }, NULL, v->n);
  return status == INK_OK ? CLI_DONE : cli_refuse(v->c, status, file->path);
}
