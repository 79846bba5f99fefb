/* save_pack.c - see save_pack.h. */
#include "save_pack.h"

#include <string.h>

#include "open_pack.h"
#include "sidecar.h"

/* The file's name without folder and ending, of the characters that a name may have. */
static void stem_of(const char *path, char out[64]) {
  const char *slash = strrchr(path, '/');
  const char *first = slash == NULL ? path : slash + 1;
  const char *dot = strrchr(first, '.');
  size_t n = dot == NULL || dot == first ? strlen(first) : (size_t)(dot - first);
  if (n > 63) n = 63;
  for (size_t i = 0; i < n; i++) out[i] = first[i] > 0x20 && first[i] < 0x7f ? first[i] : '_';
  out[n] = '\0';
}

int cli_describe_pack(cli *c, ink_trained *trained, const char *name, const char *licence, const char *models, const char *output_path) {
  char stem[64];
  stem_of(output_path, stem);
  ink_status status = ink_trained_meta(trained, "name", name != NULL ? name : stem);
  if (status == INK_OK && licence != NULL) status = ink_trained_meta(trained, "licence", licence);
  if (status == INK_OK) status = ink_trained_meta(trained, "models", models);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

static int check_models(cli *c, const cli_pack *pack) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1, .max_count = 1, .max_reasons = 1 };
  ink_engine *engine;
  return cli_engine_open(c, pack, &limits, &engine);
}

static int check_written(cli *c, cli_output *output, const char *path, char digest[65]) {
  cli_pack pack = { .pack = NULL };
  int code = cli_output_reopen(c->memory, output, &pack.file);
  digest[0] = '\0';
  if (code != CLI_DONE || pack.file.path == NULL) return code;
  pack.file.path = path;
  code = cli_pack_open_file(c, path, &pack);
  if (code == CLI_DONE) code = check_models(c, &pack);
  if (code == CLI_DONE) {
    const ink_text hex = cli_metadata(pack.pack, "data.sha256");
    (void)snprintf(digest, 65, "%.*s", (int)hex.n, hex.bytes);
  }
  cli_pack_close(&pack);
  return code;
}

int cli_write_pack(cli *c, const ink_trained *trained, cli_output *output, const char *path, char digest[65]) {
  const ink_pack_draft draft = { trained->tensors, trained->n_tensors, trained->metadata, trained->n_metadata };
  const size_t bytes = ink_pack_write_scratch_bytes(&draft);
  void *memory = cli_take(c->memory, bytes, 1);
  if (memory == NULL) return cli_no_memory();
  ink_arena scratch;
  ink_arena_init(&scratch, memory, bytes);
  const ink_status status = ink_pack_write(&draft, &scratch, cli_output_write, output, &c->fault);
  if (status != INK_OK && !cli_output_failed(output)) return cli_refuse(c, status, path);
  return check_written(c, output, path, digest);       /* tells why writing failed, if it did */
}

/* ------------------------------------------------------- a pack and its sidecar */

static uint8_t hex_digit(char c) { return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10); }

static int write_sidecar(cli *c, const ink_dataset *kept, const char digest[65], cli_output *output) {
  const ink_train_env env = cli_env(c);
  uint8_t raw[INK_SHA256_BYTES], *bytes;
  size_t n;
  for (size_t i = 0; i < sizeof raw; i++) raw[i] = (uint8_t)(hex_digit(digest[2 * i]) << 4 | hex_digit(digest[2 * i + 1]));
  const ink_status status = ink_sidecar_make(kept, raw, &env, &bytes, &n);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  (void)cli_output_write(output, bytes, n);      /* a failure is told by the commit */
  return CLI_DONE;
}

char *cli_sidecar_path(cli *c, const char *pack_path) {
  const size_t n = strlen(pack_path);
  char *path = cli_take(c->memory, n + sizeof ".training", 1);
  if (path == NULL) return NULL;
  memcpy(path, pack_path, n);
  memcpy(path + n, ".training", sizeof ".training");
  return path;
}

/* Both files are complete before either gets its name; the sidecar goes first, so that no pack is without its own. */
int cli_save_trained(cli *c, const ink_trained *trained, const ink_dataset *kept, const char *path, uint64_t *bytes, char **sidecar) {
  cli_output *outputs[2] = { NULL, NULL };
  char digest[65];
  *sidecar = NULL;
  int code = cli_output_open(c->memory, path, &outputs[1]);
  if (code == CLI_DONE) code = cli_write_pack(c, trained, outputs[1], path, digest);
  if (code == CLI_DONE && digest[0] != '\0') {
    *sidecar = cli_sidecar_path(c, path);
    code = *sidecar == NULL ? cli_no_memory() : cli_output_open(c->memory, *sidecar, &outputs[0]);
    if (code == CLI_DONE) code = write_sidecar(c, kept, digest, outputs[0]);
  }
  if (code == CLI_DONE) {
    const uint32_t first = outputs[0] == NULL ? 1 : 0;
    *bytes = cli_output_bytes(outputs[1]);
    code = cli_output_commit(outputs + first, 2 - first);
  }
  cli_output_drop(outputs[0]);
  cli_output_drop(outputs[1]);
  return code;
}
