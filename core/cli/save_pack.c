/* save_pack.c - see save_pack.h. */
#include "save_pack.h"

#include <string.h>

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

int cli_write_pack(cli *c, const ink_trained *trained, cli_output *output) {
  const ink_pack_draft draft = { trained->tensors, trained->n_tensors, trained->metadata, trained->n_metadata };
  const size_t bytes = ink_pack_write_scratch_bytes(&draft);
  void *memory = cli_take(c->memory, bytes, 1);
  if (memory == NULL) return cli_no_memory();
  ink_arena scratch;
  ink_arena_init(&scratch, memory, bytes);
  const ink_status status = ink_pack_write(&draft, &scratch, cli_output_write, output, &c->fault);
  if (status == INK_OK || cli_output_failed(output)) return CLI_DONE;      /* the commit tells why writing failed */
  return cli_refuse(c, status, NULL);
}
