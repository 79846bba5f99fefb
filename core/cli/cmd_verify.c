/* cmd_verify.c - inkling verify PACK: the gate, the families' own checks, then the digest. */
#include "open_pack.h"

static int report(cli *c, const cli_pack *pack) {
  const ink_text digest = cli_metadata(pack->pack, "data.sha256");
  if (!c->json) {
    printf("%s is whole: %u items, %u tensors, data sha256 ", pack->file.path, ink_pack_n_items(pack->pack),
           ink_pack_n_tensors(pack->pack));
    cli_print_text(stdout, digest, 0);
    fputc('\n', stdout);
    return CLI_DONE;
  }
  ink_json_object(&c->out, NULL);
  ink_json_bool(&c->out, "valid", true);
  ink_json_count(&c->out, "items", ink_pack_n_items(pack->pack));
  ink_json_count(&c->out, "tensors", ink_pack_n_tensors(pack->pack));
  ink_json_count(&c->out, "bytes", pack->file.n);
  ink_json_escaped(&c->out, "data.sha256", digest);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

/* Opening an engine checks every shape and range that the families rely on. */
static int verify(cli *c, const cli_pack *pack) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1, .max_count = 1, .max_reasons = 1 };
  ink_engine *engine;
  const int code = cli_engine_open(c, pack, &limits, &engine);
  if (code != CLI_DONE) return code;
  const ink_status status = ink_pack_verify(pack->pack, &c->fault);
  return status == INK_OK ? report(c, pack) : cli_refuse(c, status, pack->file.path);
}

static int run(cli *c) {
  cli_pack pack;
  int code = cli_pack_open(c, c->args.words[0], &pack);
  if (code == CLI_DONE) code = verify(c, &pack);
  cli_pack_close(&pack);
  return code;
}

const cli_command cli_cmd_verify = {
  .name = "verify", .words = "PACK", .min_words = 1, .max_words = 1,
  .about = "check a pack: structure, every number, the models' shapes, the digest",
  .details = "Reads every byte of PACK. Exit code 0: it is whole. Exit code 3: it was refused; the sentence on\n"
             "standard error names the tensor or key, the place and what is allowed there.",
  .examples = "  inkling verify movies.safetensors\n"
              "  inkling verify movies.safetensors --json\n",
  .run = run
};
