/* save_pack.c - see save_pack.h. */
#include "save_pack.h"

#include <string.h>

#include "open_pack.h"

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
