/* cmd_eval.c - inkling eval PACK: how good its answers are on events that it has not seen, by the engine that
 * ships. inkling eval --train FAMILY: the same of a family that is trained for it. What the numbers mean stands in
 * core/eval/metrics.h and protocol.h. */
#include "eval_job.h"

#include <string.h>

static const char *const by_words[] = { "history", "popularity", NULL };

static const cli_option options[] = {
  CLI_MEASURE_OPTIONS,
  { .name = "by", .kind = CLI_WORD, .words = by_words, .value = "WHAT",
    .help = "rows beside the figures: by length of the person's history, or by popularity of the test item (the best-sellers that have "
            "a third of the events, the next third, the others)" },
  { .name = "history-events", .kind = CLI_TEXT, .value = "N,N,...",
    .help = "rows beside the figures: people folded from their newest N events only, as 1,3,10,50" },
  { .name = "oldest-events", .kind = CLI_FLAG, .help = "--history-events takes the oldest ones: what a device knew at first" },
  { .name = "train", .kind = CLI_TEXT, .value = "FAMILY", .help = "measure this family, trained here, in place of a pack" },
  { .name = "events", .kind = CLI_TEXT, .value = "FILE",
    .help = "with --train: the file to cut by --split RULE: random:20% (of each person's items), users:20% (of the people, who are folded from "
            "four fifths of their items), leave-last, time:80% or time:2019-01-01, folds:5" },
  { .name = "folds", .kind = CLI_TEXT, .value = "FILE", .help = "with --train: a fold, from 0, for each row of --events, one a line" },
  { .name = "set", .kind = CLI_TEXT, .repeats = true, .value = "KEY=VALUE", .help = "with --train: a setting of the family" },
  { .name = "members", .kind = CLI_TEXT, .value = "A,B,...", .help = "with --train hybrid: the families to blend; --set A.KEY=VALUE sets one of them" },
  { .name = "metric", .kind = CLI_TEXT, .value = "M", .help = "with --train hybrid: what its weights are to raise (default ndcg@20)" },
  { .name = "trained-person", .kind = CLI_FLAG, .help = "with --train: beside it people as training left them, not folded: what folding costs" },
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS
};

static const char *text_of(const cli *c, const char *option) { return cli_args_text(&c->args, cli_args_index(&c->args, option)); }

/* The families' own checks, and which of them is asked for. */
static int find_model(cli *c, const cli_pack *pack, uint32_t *family) {
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = 1, .max_count = 1, .max_reasons = 1 };
  ink_engine *engine;
  const int code = cli_engine_open(c, pack, &limits, &engine);
  return code == CLI_DONE ? cli_find_model(c, pack, engine, text_of(c, "model"), family) : code;
}

static int evaluate(cli *c, const cli_pack *pack, eval_job *j) {
  const bool only_unseen = cli_args_flag(&c->args, cli_args_index(&c->args, "only-unseen"));
  const bool allowed = cli_args_flag(&c->args, cli_args_index(&c->args, "allow-overlap"));
  int code = find_model(c, pack, &j->m.how.family);
  if (code == CLI_DONE) code = cli_leaks_open(c, pack, &j->leaks);
  if (code == CLI_DONE && only_unseen && !j->leaks.checked) {
    code = cli_bad_input("DATA_OVERLAP", pack->file.path, "--only-unseen needs the record of who was trained on");
  }
  if (code == CLI_DONE) code = cli_measure_files(c, &j->m, &j->leaks.sidecar);
  if (code == CLI_DONE) code = cli_leaks_check(c, pack, j->m.test, j->m.protocol == INK_PROTOCOL_UNSEEN_USERS, allowed, &j->leaks);
  if (code == CLI_DONE) code = eval_measure(c, j, pack->pack, j->m.history, j->m.test);
  cli_leaks_close(&j->leaks);
  return code;
}

static int evaluate_file(cli *c, eval_job *j) {
  static const char *const of_training[] = { "events", "folds", "set", "members", "metric", "trained-person", "items" };
  for (size_t i = 0; i < sizeof of_training / sizeof *of_training; i++) {
    if (cli_args_flag(&c->args, cli_args_index(&c->args, of_training[i]))) return cli_bad_words(c, "--%s is for --train FAMILY", of_training[i]);
  }
  int code = cli_measure_words(c, "unseen-users", &j->m);
  if (code == CLI_DONE) code = cli_measure_check_files(c, &j->m);
  if (code == CLI_DONE) code = eval_rows_check(c, j);
  if (code != CLI_DONE) return code;
  cli_pack pack;
  code = cli_pack_open(c, c->args.words[0], &pack);
  if (code == CLI_DONE) code = evaluate(c, &pack, j);
  cli_pack_close(&pack);
  return code;
}

/* The data sets' memory, like all of a call, goes back at its end. */
static int run(cli *c) {
  const bool trains = text_of(c, "train") != NULL;
  if (trains == (c->args.n_words == 1)) return cli_bad_words(c, "wanted is either a PACK or --train FAMILY");
  eval_job *j = cli_take(c->memory, 1, sizeof *j);
  if (j == NULL) return cli_no_memory();
  memset(j, 0, sizeof *j);
  j->rows = cli_take(c->memory, EVAL_MOST_ROWS, sizeof *j->rows);
  if (j->rows == NULL) return cli_no_memory();
  int code;
  if (trains) {
    code = eval_train_check(c, j);
    if (code == CLI_DONE) code = eval_rows_check(c, j);
    if (code == CLI_DONE) code = eval_train(c, j);
  } else {
    code = evaluate_file(c, j);
  }
  if (code != CLI_DONE) return code;
  return c->json ? eval_put(c, j) : eval_print(j);
}

const cli_command cli_cmd_eval = {
  .name = "eval", .words = "PACK | --train FAMILY", .min_words = 0, .max_words = 1,
  .about = "measure a pack, or a family trained for it, on events that it has not seen",
  .details = "Every person is folded in from the history, as on a device, and asked for a slate. Protocols:\n"
             "  unseen-users  people that the pack was not trained on: --history H --test T, or one file (--test) of which\n"
             "                a share of each person's items (--split) is to be predicted\n"
             "  known-users   --history: what the pack was trained on, --test: what the same people did then\n"
             "  leave-last    one file (--test): the last event of each person is predicted from those before it\n"
             "  candidates    --candidates: the test items are ranked among the listed items only\n"
             "  ratings       RMSE and MAE of the test's values\n"
             "Where PACK.training lies beside the pack, test data that was trained on is refused (exit code 3). With --train one\n"
             "file is cut, trained on and measured in one go; nothing is written. docs/evaluation.md explains all of it.",
  .examples = "  inkling eval movies.safetensors --history train.csv --test test.csv --protocol known-users --metrics recall@20,ndcg@20\n"
              "  inkling eval movies.safetensors --test others.csv --split 0.2 --seed 1 --json\n"
              "  inkling eval movies.safetensors --test ratings.csv --only-unseen      (trained with --holdout users:10%)\n"
              "  inkling eval movies.safetensors --history u1.base --test u1.test --protocol ratings\n"
              "  inkling eval --train als --events ratings.csv --split users:20% --history-events 1,3,10,50\n"
              "  inkling eval --train als --events ratings.csv --split random:20% --trained-person --by popularity --bootstrap 1000\n"
              "  inkling eval --train slope-one --events u.data --split folds:5 --protocol ratings\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
