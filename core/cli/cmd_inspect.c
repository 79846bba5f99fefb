/* cmd_inspect.c - inkling inspect PACK: what is in a pack, for people and for scripts. */
#include "open_pack.h"

#include "fault.h"
#include "slate_json.h"

/* ---------------------------------------------------------------- for people */

static void print_shape(const ink_tensor_info *t) {
  char shape[64];
  int n = snprintf(shape, sizeof shape, "[");
  for (uint32_t i = 0; i < t->rank && n < (int)sizeof shape; i++) {
    n += snprintf(shape + n, sizeof shape - (size_t)n, "%s%u", i == 0 ? "" : ", ", t->shape[i]);
  }
  printf("%-5s %s]%*s ", ink_dtype_name(t->dtype), shape, n < 19 ? 19 - n : 0, "");
}

static void print_tensors(const ink_pack *pack) {
  printf("\nTensors\n");
  for (uint32_t i = 0; i < ink_pack_n_tensors(pack); i++) {
    ink_tensor_info t;
    if (ink_pack_tensor_at(pack, i, &t) != INK_OK) continue;
    fputs("  ", stdout);
    cli_print_text(stdout, t.name, 24);
    fputc(' ', stdout);
    print_shape(&t);
    cli_print_size(stdout, t.bytes);
    fputc('\n', stdout);
  }
}

static void print_columns(const ink_pack *pack) {
  if (ink_pack_n_columns(pack) == 0) return;
  printf("\nColumns of the catalogue\n");
  for (uint32_t i = 0; i < ink_pack_n_columns(pack); i++) {
    ink_text name;
    uint32_t kind;
    if (ink_pack_column_at(pack, i, &name, &kind) != INK_OK) continue;
    fputs("  ", stdout);
    cli_print_text(stdout, name, 24);
    printf(" %s\n", ink_column_kind_name(kind));
  }
}

static void print_metadata(const ink_pack *pack) {
  printf("\nMetadata\n");
  for (uint32_t i = 0; i < ink_pack_n_metadata(pack); i++) {
    ink_text key, value;
    if (ink_pack_metadata_at(pack, i, &key, &value) != INK_OK) continue;
    fputs("  ", stdout);
    cli_print_text(stdout, key, 24);
    fputc(' ', stdout);
    cli_print_text(stdout, value, 0);
    fputc('\n', stdout);
  }
}

static int print_for_people(const cli_pack *pack, const ink_engine *engine) {
  printf("%s: %u items, ", pack->file.path, ink_pack_n_items(pack->pack));
  cli_print_size(stdout, pack->file.n);
  printf(", models");
  for (uint32_t i = 0; i < ink_engine_n_families(engine); i++) printf("%s %s", i == 0 ? "" : ",", ink_engine_family_name(engine, i));
  fputc('\n', stdout);
  print_metadata(pack->pack);
  print_columns(pack->pack);
  print_tensors(pack->pack);
  return CLI_DONE;
}

/* --------------------------------------------------------------- for scripts */

static void put_tensor(ink_json_out *out, const ink_tensor_info *t) {
  ink_json_object(out, NULL);
  ink_json_text(out, "name", t->name);
  ink_json_string(out, "dtype", ink_dtype_name(t->dtype));
  ink_json_array(out, "shape");
  for (uint32_t k = 0; k < t->rank; k++) ink_json_count(out, NULL, t->shape[k]);
  ink_json_array_end(out);
  ink_json_count(out, "bytes", t->bytes);
  ink_json_object_end(out);
}

static int print_json(cli *c, const cli_pack *pack, const ink_engine *engine) {
  ink_json_object(&c->out, NULL);
  ink_json_pack(&c->out, pack->pack, engine, pack->file.n);
  ink_json_array(&c->out, "tensors");
  for (uint32_t i = 0; i < ink_pack_n_tensors(pack->pack); i++) {
    ink_tensor_info t;
    if (ink_pack_tensor_at(pack->pack, i, &t) == INK_OK) put_tensor(&c->out, &t);
  }
  ink_json_array_end(&c->out);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

static int inspect(cli *c, const cli_pack *pack) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1, .max_count = 1, .max_reasons = 1 };
  ink_engine *engine;
  const int code = cli_engine_open(c, pack, &limits, &engine);
  if (code != CLI_DONE) return code;
  return c->json ? print_json(c, pack, engine) : print_for_people(pack, engine);
}

static int run(cli *c) {
  cli_pack pack;
  int code = cli_pack_open(c, c->args.words[0], &pack);
  if (code == CLI_DONE) code = inspect(c, &pack);
  cli_pack_close(&pack);
  return code;
}

const cli_command cli_cmd_inspect = {
  .name = "inspect", .words = "PACK", .min_words = 1, .max_words = 1,
  .about = "show what is in a pack: models, metadata, columns, tensors, sizes",
  .details = "PACK passes the same gate as everywhere; its digest is checked by `inkling verify` only.",
  .examples = "  inkling inspect movies.safetensors\n"
              "  inkling inspect movies.safetensors --json\n",
  .run = run
};
