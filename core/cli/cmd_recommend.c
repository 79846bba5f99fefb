/* cmd_recommend.c - inkling recommend PACK: what one person would like, by the engine that ships. */
#include "caps.h"
#include "person.h"
#include "print_slate.h"
#include "slate_json.h"

enum { HISTORY, HISTORY_FILE, KIND, NOW, COUNT, EXPLAIN, BY_TERMS, REASONS, MODEL, NO_FALLBACK, WITH_SEEN, ALLOW, DENY, SEED };
static const cli_option options[] = {
  [HISTORY] = { .name = "history", .kind = CLI_TEXT, .value = "ID,ID,...",
                .help = "ids of items, oldest first; for ids with commas use --history-file" },
  [HISTORY_FILE] = { .name = "history-file", .kind = CLI_TEXT, .value = "FILE",
                     .help = "events as JSON lines: {\"item\": \"318\", \"kind\": \"like\", \"value\": 1, \"time\": 1700000000000}" },
  [KIND] = { .name = "kind", .kind = CLI_TEXT, .value = "KIND", .help = "what --history's events are: view (default), like, purchase ..." },
  [NOW] = { .name = "now", .kind = CLI_WHOLE, .low = -9007199254740991.0, .high = 9007199254740991.0, .value = "MS",
            .help = "the time of the call, ms since 1970 (default: that of the newest event, else 0)" },
  [COUNT] = { .name = "count", .letter = 'n', .kind = CLI_WHOLE, .low = 1, .high = INK_CAP_COUNT, .value = "N",
              .help = "how many items (default 10)" },
  [EXPLAIN] = { .name = "explain", .kind = CLI_FLAG, .help = "say why: contributions that add up to the score" },
  [BY_TERMS] = { .name = "by-terms", .kind = CLI_FLAG, .help = "with --explain: name the item's words and tags in the place of events, where the model knows them" },
  [REASONS] = { .name = "reasons", .kind = CLI_WHOLE, .low = 1, .high = INK_CAP_REASONS, .value = "N",
                .help = "most events listed an item (default 8)" },
  [MODEL] = { .name = "model", .kind = CLI_TEXT, .value = "NAME", .help = "answer by this model of the pack (see inkling inspect)" },
  [NO_FALLBACK] = { .name = "no-fallback", .kind = CLI_FLAG, .help = "refuse instead of falling back to the next model" },
  [WITH_SEEN] = { .name = "with-seen", .kind = CLI_FLAG, .help = "do not leave out the history's items" },
  [ALLOW] = { .name = "allow", .kind = CLI_TEXT, .value = "ID,ID,...", .help = "only these items" },
  [DENY] = { .name = "deny", .kind = CLI_TEXT, .value = "ID,ID,...", .help = "never these items" },
  [SEED] = { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N",
             .help = "for models that explore (default 0)" }
};

/* ------------------------------------------------------------------ request */

static int read_person(cli *c, cli_person *person) {
  const char *list = cli_args_text(&c->args, HISTORY), *file = cli_args_text(&c->args, HISTORY_FILE), *kind = cli_args_text(&c->args, KIND);
  *person = (cli_person){ .now = (int64_t)cli_args_number(&c->args, NOW, 0) };
  if (list != NULL && file != NULL) return cli_bad_words(c, "--history and --history-file exclude each other");
  int code = CLI_DONE;
  if (list != NULL) code = cli_person_from_list(c, list, kind != NULL ? kind : "view", person);
  if (file != NULL) code = cli_person_from_file(c, file, person);
  if (code == CLI_DONE) cli_person_settle(person, cli_args_text(&c->args, NOW) != NULL);
  return code;
}

static int read_request(cli *c, const cli_pack *pack, const ink_engine *engine, const cli_person *person, ink_request *request) {
  *request = (ink_request){ .struct_bytes = sizeof *request, .count = (uint32_t)cli_args_number(&c->args, COUNT, 10), .now = person->now,
                            .seed = (uint64_t)cli_args_number(&c->args, SEED, 0), .family = INK_NONE };
  if (cli_args_flag(&c->args, EXPLAIN)) request->flags |= INK_EXPLAIN;
  if (cli_args_flag(&c->args, BY_TERMS)) request->flags |= INK_BY_TERMS;
  if (cli_args_flag(&c->args, WITH_SEEN)) request->flags |= INK_WITH_SEEN;
  if (cli_args_flag(&c->args, NO_FALLBACK)) request->flags |= INK_NO_FALLBACK;
  const int code = cli_find_model(c, pack, engine, cli_args_text(&c->args, MODEL), &request->family);
  if (code != CLI_DONE) return code;
  return cli_request_lists(c, pack->pack, request);
}

/* ------------------------------------------------------------------- answer */

/* Ids that the pack does not know say nothing; that is worth a word. */
static void put_unknown(cli *c, const ink_pack *pack, const cli_person *person) {
  uint32_t n = 0;
  if (c->json) ink_json_array(&c->out, "unknown");
  for (uint32_t i = 0; i < person->n; i++) {
    if (ink_pack_find(pack, person->events[i].item) != INK_NONE) continue;
    n++;
    if (c->json) ink_json_text(&c->out, NULL, person->events[i].item);
  }
  if (c->json) ink_json_array_end(&c->out);
  if (n > 0) fprintf(stderr, "inkling: %u of %u events name items that the pack does not have\n", n, person->n);
}

static int print_answer(cli *c, const cli_pack *pack, const ink_engine *engine, const ink_slate *slate, const cli_person *person) {
  const bool explain = cli_args_flag(&c->args, EXPLAIN);
  if (!c->json) {
    put_unknown(c, pack->pack, person);
    cli_print_slate(pack, engine, slate, person, explain);
    return CLI_DONE;
  }
  const ink_slate_view view = { .pack = pack->pack, .engine = engine, .slate = slate, .explain = explain };
  ink_json_object(&c->out, NULL);
  ink_json_slate(&c->out, &view);
  put_unknown(c, pack->pack, person);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

static int recommend(cli *c, const cli_pack *pack) {
  cli_person person;
  ink_engine *engine;
  ink_request request;
  const ink_limits limits = { .max_count = (uint32_t)cli_args_number(&c->args, COUNT, 10),
                              .max_reasons = (uint32_t)cli_args_number(&c->args, REASONS, 8) };
  int code = read_person(c, &person);
  if (code == CLI_DONE) code = cli_person_open(c, pack, &person, limits, &engine);
  if (code == CLI_DONE) code = read_request(c, pack, engine, &person, &request);
  if (code != CLI_DONE) return code;
  ink_slate slate = { .struct_bytes = sizeof slate };
  const ink_status status = ink_recommend(engine, &request, &slate);
  return status == INK_OK ? print_answer(c, pack, engine, &slate, &person) : cli_refuse(c, status, pack->file.path);
}

static int run(cli *c) {
  cli_pack pack;
  int code = cli_pack_open(c, c->args.words[0], &pack);
  if (code == CLI_DONE) code = recommend(c, &pack);
  cli_pack_close(&pack);
  return code;
}

const cli_command cli_cmd_recommend = {
  .name = "recommend", .words = "PACK", .min_words = 1, .max_words = 1,
  .about = "what a person with this history would like",
  .details = "The same engine as in the page and on the edge: the same history gives the same items with the same\n"
             "score_bits. Without a history the answer is what is popular. With --json the answer is\n"
             "{\"items\": [{\"id\", \"score\", \"score_bits\", \"position\", \"model\", \"reasons\"}], \"model\", \"complete\", \"rows\", \"unknown\"}.",
  .examples = "  inkling recommend movies.safetensors --history 318,296,593 -n 10\n"
              "  inkling recommend movies.safetensors --history 318 --kind like --explain\n"
              "  inkling recommend movies.safetensors --history-file mine.jsonl --deny 1,2 --json\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
