/* synthetic_pack.c - see synthetic_pack.h. It goes the way of an import, into memory instead of a file. */
#include "synthetic_pack.h"

#include "import_pack.h"
#include "memory_pack.h"
#include "save_pack.h"
#include "rng.h"

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
  const ink_train_env env = cli_env(c);
  ink_memory_pack memory;         /* freed with the call's memory */
  const ink_status status = ink_memory_pack_write(&memory, trained, &env);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  *pack = (cli_pack){ .file = { .path = "synthetic", .bytes = memory.file, .n = memory.bytes } };
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
