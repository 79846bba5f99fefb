/* import_npz.c - .npy files, and .npz archives of them. An archive that the library `implicit` saved is
 * recognised: its item factors are taken with alpha and regularization, so that folding a person in is
 * what `recalculate_user` does; its user factors are left where they are, because a pack must not tell
 * who was in the training data. */
#include "import_formats.h"
#include "import_npy.h"
#include "import_zip.h"

#include <string.h>

int cli_import_npy(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids) {
  cli_npy npy = { .path = file->path };
  cli_matrix m = { .bytes = NULL };
  if (tensor != NULL) return cli_bad_input("DATA_FORMAT", file->path, "a .npy file holds one array without a name; leave out --tensor");
  int code = cli_npy_parse(file->path, "", file->bytes, file->n, &npy);
  if (code == CLI_DONE) code = cli_npy_matrix(&npy, &m);
  return code == CLI_DONE ? cli_vectors_take_matrix(v, &m, ids) : code;
}

/* ------------------------------------------------------------------ archive */

/* Names by which libraries call the vectors of items. */
static const char *const usual_names[] = { "item_factors", "item_embeddings", "item_embedding", "item_embed", "item_vectors",
                                           "items", "vectors",
                                           "embeddings", NULL };

static int list_entries(const cli_zip *zip, const char *what) {
  char names[200] = "";
  size_t n = 0;
  for (uint32_t i = 0; i < zip->n && n + 1 < sizeof names; i++) {
    const ink_text name = zip->entries[i].name;
    const int wrote = snprintf(names + n, sizeof names - n, "%s%.*s", i == 0 ? "" : ", ", (int)(name.n < 60 ? name.n : 60), name.bytes);
    n += wrote > 0 ? (size_t)wrote : 0;
  }
  return cli_bad_input("DATA_COLUMN", zip->file->path, "%s; it holds: %s", what, names);
}

/* The entry NAME.npy, or NULL. */
static const cli_zip_entry *find_array(const cli_zip *zip, const char *name) {
  char file_name[256];
  const int n = snprintf(file_name, sizeof file_name, "%s.npy", name);
  return n > 0 && n < (int)sizeof file_name ? cli_zip_find(zip, file_name) : NULL;
}

static int choose(const cli_zip *zip, const char *tensor, const cli_zip_entry **entry, const char **name) {
  *name = tensor;
  *entry = tensor == NULL ? NULL : find_array(zip, tensor);
  if (tensor != NULL) return *entry != NULL ? CLI_DONE : list_entries(zip, "the archive has no array of the name that --tensor gives");
  for (uint32_t i = 0; usual_names[i] != NULL; i++) {
    *name = usual_names[i];
    *entry = find_array(zip, usual_names[i]);
    if (*entry != NULL) return CLI_DONE;
  }
  if (cli_zip_find(zip, "archive/data.pkl") != NULL) {
    return cli_bad_input("DATA_FORMAT", zip->file->path,
                         "a PyTorch checkpoint is a pickle, which can run code; save the state dict with safetensors instead");
  }
  if (zip->n != 1) return list_entries(zip, "say with --tensor which array holds the item vectors");
  *entry = &zip->entries[0];
  *name = "";
  return CLI_DONE;
}

static int read_array(const cli_vectors *v, const cli_zip *zip, const cli_zip_entry *entry, const char *name, cli_npy *npy) {
  const uint8_t *bytes = NULL;
  const int code = cli_zip_read(v->c, zip, entry, &bytes);
  return code == CLI_DONE ? cli_npy_parse(zip->file->path, name, bytes, (size_t)entry->unpacked, npy) : code;
}

/* *found is false when the archive has no such number. */
static int read_scalar(const cli_vectors *v, const cli_zip *zip, const char *name, double *value, bool *found) {
  const cli_zip_entry *entry = find_array(zip, name);
  cli_npy npy = { .path = zip->file->path };
  *found = false;
  if (entry == NULL) return CLI_DONE;
  const int code = read_array(v, zip, entry, name, &npy);
  if (code == CLI_DONE) *found = cli_npy_scalar(&npy, value);
  return code;
}

/* implicit's AlternatingLeastSquares saves alpha; its other factor models do not. */
static int read_implicit(cli_vectors *v, const cli_zip *zip) {
  bool has_alpha = false, has_regularization = false;
  int code = read_scalar(v, zip, "alpha", &v->alpha, &has_alpha);
  if (code == CLI_DONE) code = read_scalar(v, zip, "regularization", &v->regularization, &has_regularization);
  if (code != CLI_DONE || !has_alpha || !has_regularization) return code;
  if (!(v->alpha > 0 && v->alpha <= 1e6) || !(v->regularization >= 0 && v->regularization <= 1e9)) {
    return cli_bad_input("DATA_NUMBER", zip->file->path, "alpha %g or regularization %g is out of range", v->alpha, v->regularization);
  }
  v->has_als = true;
  return CLI_DONE;
}

int cli_import_npz(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids) {
  cli_zip zip = { .n = 0 };
  const cli_zip_entry *entry = NULL;
  const char *name = "";
  cli_npy npy = { .path = file->path };
  cli_matrix m = { .bytes = NULL };
  int code = cli_zip_open(v->c, file, &zip);
  if (code == CLI_DONE) code = choose(&zip, tensor, &entry, &name);
  if (code == CLI_DONE && strcmp(name, "item_factors") == 0) code = read_implicit(v, &zip);
  if (code == CLI_DONE) code = read_array(v, &zip, entry, name, &npy);
  if (code == CLI_DONE) code = cli_npy_matrix(&npy, &m);
  if (code != CLI_DONE) return code;
  (void)snprintf(v->source, sizeof v->source, "%.100s", name);
  return cli_vectors_take_matrix(v, &m, ids);
}
