/* checkpoint_file.c - see checkpoint_file.h. */
#include "checkpoint_file.h"

#include <stdint.h>
#include <sys/stat.h>

/* Each checkpoint has memory of its own, so that a long run's do not add up. */
static ink_status begin(void *ctx) {
  cli_checkpoint *k = ctx;
  k->memory = cli_memory_new();
  k->output = NULL;
  k->failed = k->memory == NULL || cli_output_open(k->memory, k->path, &k->output) != CLI_DONE;
  return k->failed ? INK_E_STOPPED : INK_OK;
}

static ink_status put(void *ctx, const void *bytes, size_t n) {
  const cli_checkpoint *k = ctx;
  (void)cli_output_write(k->output, bytes, n);    /* a failure is told by the commit */
  return INK_OK;
}

static ink_status end(void *ctx, bool keep) {
  cli_checkpoint *k = ctx;
  if (keep && cli_output_commit(&k->output, 1) != CLI_DONE) k->failed = true;
  if (!keep) cli_output_drop(k->output);
  cli_memory_free(k->memory);
  k->output = NULL;
  return k->failed ? INK_E_STOPPED : INK_OK;
}

int cli_checkpoint_open(cli_checkpoint *k, cli *c, const char *path) {
  struct stat st;
  *k = (cli_checkpoint){ .c = c, .path = path };
  if (path == NULL) return CLI_DONE;
  k->door = (ink_checkpointing){ .ctx = k, .begin = begin, .write = put, .end = end };
  if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return CLI_DONE;
  const int code = cli_file_load(c->memory, path, SIZE_MAX / 2, &k->earlier);
  k->door.earlier = k->earlier.bytes;
  k->door.earlier_bytes = k->earlier.n;
  return code;
}

void cli_checkpoint_close(cli_checkpoint *k) { cli_file_close(&k->earlier); }
