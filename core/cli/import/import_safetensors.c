/* import_safetensors.c - any safetensors file, not only packs: also one whose tensors are not aligned, whose
 * names have other characters, or that holds types we do not serve. The header is read by the strict JSON
 * reader and every tensor's place is held against the file. */
#include "import_formats.h"

#include <string.h>

#include "base.h"
#include "json_in.h"

#define MAX_HEADER 100000000u     /* the reference library's own limit */
#define MAX_TENSORS 16384u

/* ------------------------------------------------------------------- tensor */

static uint32_t dtype_of(const char *name) {
  static const struct { const char *name; uint32_t dtype; } types[] = {
    { "F32", INK_DTYPE_F32 }, { "F16", INK_DTYPE_F16 }, { "BF16", INK_DTYPE_BF16 }, { "F64", INK_DTYPE_F64 }, { "I8", INK_DTYPE_I8 }
  };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (strcmp(types[i].name, name) == 0) return types[i].dtype;
  }
  return 0;
}

static bool is_vectors(const cJSON *tensor) {
  const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(tensor, "dtype"), *shape = cJSON_GetObjectItemCaseSensitive(tensor, "shape");
  if (!cJSON_IsString(dtype) || dtype_of(dtype->valuestring) == 0 || !cJSON_IsArray(shape)) return false;
  return cJSON_GetArraySize(shape) == 2;
}

static int bad_tensor(const cli_vectors *v, const cJSON *tensor, const char *what) {
  return cli_bad_input("DATA_SYNTAX", v->path, "tensor \"%.80s\": %s", tensor->string, what);
}

static bool pair_of(const cJSON *array, int64_t pair[2]) {
  const cJSON *first = cJSON_IsArray(array) ? array->child : NULL;
  return first != NULL && first->next != NULL && first->next->next == NULL &&
         ink_json_whole_of(first, 0, 9007199254740991.0, &pair[0]) && ink_json_whole_of(first->next, 0, 9007199254740991.0, &pair[1]);
}

/* Every tensor of the file must lie inside its data, also those that are not taken. */
static int check_place(const cli_vectors *v, const cJSON *tensor, uint64_t data_bytes) {
  int64_t place[2];
  if (!cJSON_IsObject(tensor) || !pair_of(cJSON_GetObjectItemCaseSensitive(tensor, "data_offsets"), place)) {
    return bad_tensor(v, tensor, "data_offsets of two whole numbers are expected");
  }
  if (place[0] > place[1] || (uint64_t)place[1] > data_bytes) return bad_tensor(v, tensor, "its data lies outside the file");
  return CLI_DONE;
}

static int read_matrix(const cli_vectors *v, const cJSON *tensor, const uint8_t *data, cli_matrix *m) {
  int64_t shape[2], place[2];
  const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(tensor, "dtype");
  if (!is_vectors(tensor)) return bad_tensor(v, tensor, "vectors must have two dimensions and type F32, F16, BF16, F64 or I8");
  if (!pair_of(cJSON_GetObjectItemCaseSensitive(tensor, "shape"), shape)) {
    return bad_tensor(v, tensor, "a shape of whole numbers is expected");
  }
  (void)pair_of(cJSON_GetObjectItemCaseSensitive(tensor, "data_offsets"), place);
  const uint32_t type = dtype_of(dtype->valuestring);
  size_t bytes = cli_element_bytes(type);
  if ((uint64_t)shape[0] > SIZE_MAX || (uint64_t)shape[1] > SIZE_MAX || !ink_size_mul(bytes, (size_t)shape[0], &bytes) ||
      !ink_size_mul(bytes, (size_t)shape[1], &bytes) || bytes != (uint64_t)(place[1] - place[0])) {
    return bad_tensor(v, tensor, "its data_offsets disagree with its shape");
  }
  *m = (cli_matrix){ data + place[0], type, false, false, (uint64_t)shape[0], (uint64_t)shape[1] };
  return CLI_DONE;
}

/* ----------------------------------------------------------------- choosing */

static int list_tensors(const cli_vectors *v, const cJSON *header, const char *what) {
  char names[240] = "";
  size_t n = 0;
  for (const cJSON *t = header->child; t != NULL && n + 1 < sizeof names; t = t->next) {
    if (!is_vectors(t)) continue;
    const int wrote = snprintf(names + n, sizeof names - n, "%s%.60s", n == 0 ? "" : ", ", t->string);
    n += wrote > 0 ? (size_t)wrote : 0;
  }
  return cli_bad_input("DATA_COLUMN", v->path, "%s; matrices in it: %s", what, n == 0 ? "none" : names);
}

/* The only matrix, or the only one with "item" in its name. */
static const cJSON *guess(const cJSON *header) {
  const cJSON *only = NULL, *item = NULL;
  uint32_t n = 0, n_item = 0;
  for (const cJSON *t = header->child; t != NULL; t = t->next) {
    if (!is_vectors(t)) continue;
    only = t;
    n++;
    if (strstr(t->string, "item") != NULL) { item = t; n_item++; }
  }
  return n == 1 ? only : n_item == 1 ? item : NULL;
}

static int take_from(cli_vectors *v, const cJSON *header, const uint8_t *data, uint64_t data_bytes, const char *tensor,
                     const ink_names *ids) {
  for (const cJSON *t = header->child; t != NULL; t = t->next) {
    if (strcmp(t->string, "__metadata__") == 0) continue;
    const int code = check_place(v, t, data_bytes);
    if (code != CLI_DONE) return code;
  }
  const cJSON *chosen = tensor != NULL ? cJSON_GetObjectItemCaseSensitive(header, tensor) : guess(header);
  if (chosen == NULL) {
    return list_tensors(v, header, tensor != NULL ? "there is no tensor of the name that --tensor gives"
                        : "say with --tensor which tensor holds the item vectors");
  }
  cli_matrix m = { .bytes = NULL };
  const int code = read_matrix(v, chosen, data, &m);
  if (code != CLI_DONE) return code;
  (void)snprintf(v->source, sizeof v->source, "%.100s", chosen->string);
  return cli_vectors_take_matrix(v, &m, ids);
}

int cli_import_safetensors(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids) {
  if (file->n < 8) {
    return cli_bad_input("DATA_SYNTAX", file->path, "byte 0: a safetensors file begins with 8 bytes that give its header's length");
  }
  uint64_t header_bytes = 0;
  for (uint32_t i = 8; i-- > 0;) header_bytes = header_bytes << 8 | file->bytes[i];
  if (header_bytes > MAX_HEADER || header_bytes > file->n - 8) {
    return cli_bad_input("DATA_SYNTAX", file->path, "byte 0: a header of %llu bytes; the file has %zu",
                         (unsigned long long)header_bytes, file->n);
  }
  cJSON *header;
  ink_json_problem problem;
  const ink_json_limits limits = { .depth = 4, .members = MAX_TENSORS };
  if (!ink_json_parse((const char *)file->bytes + 8, (size_t)header_bytes, &limits, &header, &problem)) {
    if (problem.code == INK_JSON_MEMORY) return cli_no_memory();
    return cli_bad_input("DATA_SYNTAX", file->path, "byte %zu of the header: %s %s", problem.at, problem.what, problem.key);
  }
  const int code = cJSON_IsObject(header)
      ? take_from(v, header, file->bytes + 8 + header_bytes, file->n - 8 - header_bytes, tensor, ids)
      : cli_bad_input("DATA_SYNTAX", file->path, "byte 8: the header is no JSON object");
  cJSON_Delete(header);
  return code;
}
