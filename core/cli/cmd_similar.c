/* cmd_similar.c - inkling similar PACK ID: the items most like one item. */
#include "caps.h"
#include "person.h"
#include "print_slate.h"
#include "slate_json.h"

enum { COUNT, ALLOW, DENY };
static const cli_option options[] = {
  [COUNT] = { .name = "count", .letter = 'n', .kind = CLI_WHOLE, .low = 1, .high = INK_CAP_COUNT, .value = "N",
              .help = "how many items (default 10)" },
  [ALLOW] = { .name = "allow", .kind = CLI_TEXT, .value = "ID,ID,...", .help = "only these items" },
  [DENY] = { .name = "deny", .kind = CLI_TEXT, .value = "ID,ID,...", .help = "never these items" }
};

static int print_answer(cli *c, const cli_pack *pack, const ink_engine *engine, const ink_slate *slate) {
  if (!c->json) {
    cli_print_slate(pack, engine, slate, NULL, false);
    return CLI_DONE;
  }
  const ink_slate_view view = { .pack = pack->pack, .engine = engine, .slate = slate };
  ink_json_object(&c->out, NULL);
  ink_json_slate(&c->out, &view);
  ink_json_array(&c->out, "unknown");
  ink_json_array_end(&c->out);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

static int similar(cli *c, const cli_pack *pack) {
  const char *id = c->args.words[1];
  const uint32_t item = ink_pack_find(pack->pack, cli_text(id));
  if (item == INK_NONE) return cli_bad_input("UNKNOWN_ITEM", pack->file.path, "there is no item \"%.200s\"", id);
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1,
                              .max_count = (uint32_t)cli_args_number(&c->args, COUNT, 10), .max_reasons = 1 };
  ink_engine *engine;
  ink_request request = { .struct_bytes = sizeof request, .count = limits.max_count, .family = INK_NONE };
  int code = cli_engine_open(c, pack, &limits, &engine);
  if (code == CLI_DONE) code = cli_request_lists(c, pack->pack, &request);
  if (code != CLI_DONE) return code;
  ink_slate slate = { .struct_bytes = sizeof slate };
  const ink_status status = ink_similar(engine, item, &request, &slate);
  return status == INK_OK ? print_answer(c, pack, engine, &slate) : cli_refuse(c, status, pack->file.path);
}

static int run(cli *c) {
  cli_pack pack;
  int code = cli_pack_open(c, c->args.words[0], &pack);
  if (code == CLI_DONE) code = similar(c, &pack);
  cli_pack_close(&pack);
  return code;
}

const cli_command cli_cmd_similar = {
  .name = "similar", .words = "PACK ID", .min_words = 2, .max_words = 2,
  .about = "the items most like one item",
  .details = "Likeness is the cosine of the items' vectors; the item itself is left out. The JSON answer has the form\n"
             "of `inkling recommend`.",
  .examples = "  inkling similar movies.safetensors 318\n"
              "  inkling similar movies.safetensors 318 -n 5 --json\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
