/* synthetic_pack.c - see synthetic_pack.h. It goes the way of an import, into memory instead of a file. */
#include "synthetic_pack.h"

#include <string.h>

#include "import_pack.h"
#include "save_pack.h"
#include "rng.h"

typedef struct sink {
  uint8_t *bytes;
  size_t n;
} sink;

static ink_status take_bytes(void *ctx, const void *bytes, size_t n) {
  sink *s = ctx;
  memcpy(s->bytes + s->n, bytes, n);
  s->n += n;
  return INK_OK;
}

static int fill(cli_vectors *v, uint32_t n, uint32_t d) {
  ink_rng rng;
  ink_rng_seed(&rng, 1, 0);
  int code = cli_vectors_begin(v, d, n);
  for (uint32_t i = 0; i < n && code == CLI_DONE; i++) {
    float *row = cli_vectors_next(v);
    char id[16];
    if (row == NULL) return cli_no_memory();
    for (uint32_t k = 0; k < d; k++) row[k] = (float)(ink_rng_normal(&rng) * 0.1);
    const int length = snprintf(id, sizeof id, "i%u", i);
    code = cli_vectors_take(v, (ink_text){ id, (uint32_t)length }, "row", i);
  }
  return code;
}

static int write_to_memory(cli *c, const ink_trained *trained, cli_pack *pack) {
  const ink_pack_draft draft = { trained->tensors, trained->n_tensors, trained->metadata, trained->n_metadata };
  const size_t scratch_bytes = ink_pack_write_scratch_bytes(&draft);
  size_t file_bytes;
  ink_arena scratch;
  ink_status status = ink_pack_write_size(&draft, &file_bytes, &c->fault);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  void *memory = cli_take(c->memory, scratch_bytes, 1);
  sink s = { cli_take(c->memory, file_bytes, 1), 0 };
  if (memory == NULL || s.bytes == NULL) return cli_no_memory();
  ink_arena_init(&scratch, memory, scratch_bytes);
  status = ink_pack_write(&draft, &scratch, take_bytes, &s, &c->fault);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  *pack = (cli_pack){ .file = { .path = "synthetic", .bytes = s.bytes, .n = s.n } };
  return cli_pack_open_file(c, "synthetic", pack);
}

int cli_synthetic_pack(cli *c, uint32_t n, uint32_t d, cli_pack *pack) {
  cli_vectors v = { .c = c, .path = "synthetic", .format = "synthetic", .family = "als" };
  const cli_import_options options = { .unobserved = -1, .regularization = -1 };
  const ink_allocator allocator = cli_allocator(c->memory);
  cli_import_report report;
  ink_trained trained;
  int code = fill(&v, n, d);
  if (code != CLI_DONE) return code;
  ink_trained_init(&trained, &allocator);
  code = cli_import_tensors(c, &v, &options, &trained, &report);
  if (code == CLI_DONE) code = cli_describe_pack(c, &trained, "synthetic", NULL, "als,popular", "synthetic");
  if (code == CLI_DONE) code = write_to_memory(c, &trained, pack);
  ink_trained_free(&trained);
  return code;
}
