/* cmd_train.c - inkling train FAMILY --events FILE -o PACK: from a file of events to a pack, and beside it
 * PACK.training, the record of who it was trained on, by which eval can tell a leak. */
#include "checkpoint_file.h"
#include "data_options.h"
#include "files.h"
#include "fit_pack.h"
#include "holdout.h"
#include "hybrid_train.h"
#include "open_pack.h"
#include "save_pack.h"
#include "settings.h"
#include "word_file.h"

#include <string.h>

#include "catalogue_tensors.h"

enum { OUT, EVENTS, HOLDOUT, SET, MEMBERS, METRIC, SEED, CHECKPOINT, NAME, LICENCE };
static const cli_option options[] = {
  [OUT] = { .name = "output", .letter = 'o', .kind = CLI_TEXT, .required = true, .value = "PACK",
            .help = "the pack to write; PACK.training is written beside it" },
  [EVENTS] = { .name = "events", .kind = CLI_TEXT, .required = true, .value = "FILE",
               .help = "who did what: ratings, clicks, purchases ..." },
  [HOLDOUT] = { .name = "holdout", .kind = CLI_TEXT, .value = "RULE",
                .help = "keep events out of training, to test on later: none (default), leave-last, random:20%, users:10%, time:80% or time:2019-01-01" },
  [SET] = { .name = "set", .kind = CLI_TEXT, .repeats = true, .value = "KEY=VALUE",
            .help = "a setting of the family; see inkling train FAMILY --help. Of a member of a blend: als.factors=64" },
  [MEMBERS] = { .name = "members", .kind = CLI_TEXT, .value = "A,B,...", .help = "hybrid: the families to blend" },
  [METRIC] = { .name = "metric", .kind = CLI_TEXT, .value = "M", .help = "hybrid: what its weights are to raise (default ndcg@20); ratings: rmse" },
  [SEED] = { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N",
             .help = "for all that is random (default 0); the same seed gives the same bytes" },
  [CHECKPOINT] = { .name = "checkpoint", .kind = CLI_TEXT, .value = "FILE",
                   .help = "lstm, gru: keep the run's state here after each epoch, and go on from it where the file is there" },
  [NAME] = CLI_PACK_NAME_OPTION,
  [LICENCE] = CLI_PACK_LICENCE_OPTION,
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS,
  { .name = "vectors", .kind = CLI_TEXT, .value = "FILE",
    .help = "vectors of words, for content-vectors: text of word2vec or GloVe, gzipped or not" }
};

/* One training run: what was asked, what was read, what came out. */
typedef struct job {
  const ink_trainer *trainer;
  double *values;
  uint64_t seed;
  ink_dataset data, part;         /* all of the file; what is trained on when something is held out */
  const ink_dataset *kept;        /* one of the two */
  cli_holdout holdout;
  cli_hybrid *hybrid;             /* NULL: one family */
  ink_trained trained;
  const char *pack_path;
  char *sidecar_path;             /* NULL: the pack goes to a pipe */
  uint64_t pack_bytes;
  double seconds_reading, seconds_training, seconds_writing;
} job;

/* --------------------------------------------------------------------- read */

static int read_data(cli *c, job *j) {
  const char *items = cli_args_text(&c->args, cli_args_index(&c->args, "items"));
  const char *vectors = cli_args_text(&c->args, cli_args_index(&c->args, "vectors"));
  const char *rule = cli_args_text(&c->args, HOLDOUT);
  ink_read_options event_options;
  ink_items_options item_options;
  const double start = cli_seconds();
  int code = cli_event_options(c, &event_options);
  if (code == CLI_DONE) code = cli_item_options(c, &item_options);
  if (code == CLI_DONE) code = cli_dataset_read(c, cli_args_text(&c->args, EVENTS), &event_options, NULL, &j->data);
  if (code == CLI_DONE && items != NULL) code = cli_items_read(c, items, &item_options, &j->data);
  if (code == CLI_DONE && vectors != NULL) code = cli_word_file(c, vectors, &j->data);
  if (code == CLI_DONE) code = cli_holdout_apply(c, rule == NULL ? "none" : rule, j->seed, &j->data, &j->part, &j->kept, &j->holdout);
  j->seconds_reading = cli_seconds() - start;
  return code;
}

/* -------------------------------------------------------------------- train */

static ink_status add_origin(const job *j, ink_trained *out) {
  char number[32];
  ink_status status = ink_trained_meta(out, "train.holdout", j->holdout.words);
  (void)snprintf(number, sizeof number, "%llu", (unsigned long long)j->seed);
  if (status == INK_OK) status = ink_trained_meta(out, "train.seed", number);
  (void)snprintf(number, sizeof number, "%llu", (unsigned long long)j->kept->n_events);
  if (status == INK_OK) status = ink_trained_meta(out, "train.events", number);
  return status;
}

static int fit_from_checkpoint(cli *c, job *j, cli_checkpoint *checkpoint) {
  ink_train_env env = cli_env(c);
  const double start = cli_seconds();
  if (checkpoint->path != NULL) env.checkpointing = &checkpoint->door;
  ink_status status = j->hybrid != NULL ? cli_hybrid_fit(j->hybrid, &j->data, j->kept, &env, &j->trained)
                                        : cli_fit_models(c, j->trainer, j->values, j->seed, j->kept, &env, &j->trained);
  if (status == INK_OK) status = ink_catalogue_tensors(&j->data, &env, &j->trained);
  if (status == INK_OK) status = add_origin(j, &j->trained);
  j->seconds_training = cli_seconds() - start;
  cli_progress_end(&c->progress);
  if (checkpoint->failed) return CLI_FAILED;
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  char models[300];
  if (j->hybrid != NULL) cli_hybrid_models(j->hybrid, models, sizeof models);
  else (void)snprintf(models, sizeof models, "%s%s", cli_family_of(j->trainer), strcmp(j->trainer->name, "popular") == 0 ? "" : ",popular");
  return cli_describe_pack(c, &j->trained, cli_args_text(&c->args, NAME), cli_args_text(&c->args, LICENCE), models, j->pack_path);
}

static int fit(cli *c, job *j) {
  cli_checkpoint checkpoint;
  int code = cli_checkpoint_open(&checkpoint, c, cli_args_text(&c->args, CHECKPOINT));
  if (code == CLI_DONE) code = fit_from_checkpoint(c, j, &checkpoint);
  cli_checkpoint_close(&checkpoint);
  return code;
}

/* -------------------------------------------------------------------- write */

static int save(cli *c, job *j) {
  const double start = cli_seconds();
  const int code = cli_save_trained(c, &j->trained, j->kept, j->pack_path, &j->pack_bytes, &j->sidecar_path);
  j->seconds_writing = cli_seconds() - start;
  return code;
}

/* ------------------------------------------------------------------- report */

static uint32_t count_people(const ink_dataset *d) {
  uint32_t n = 0;
  for (uint32_t u = 0; u < d->users.n; u++) n += ink_dataset_user_events(d, u) > 0;
  return n;
}

static int print_report(const job *j) {
  FILE *out = strcmp(j->pack_path, "-") == 0 ? stderr : stdout;
  fprintf(out, "read      %llu events, %u people, %u items in %.2f s (%s)\n", (unsigned long long)j->data.n_events, count_people(&j->data),
          j->data.items.n, j->seconds_reading, j->data.explain);
  if (j->holdout.n_events > 0) fprintf(out, "held out  %llu events (%s)\n", (unsigned long long)j->holdout.n_events, j->holdout.words);
  fprintf(out, "trained   %s on %llu events of %u people in %.2f s\n", j->trainer->name, (unsigned long long)j->kept->n_events,
          count_people(j->kept), j->seconds_training);
  if (j->hybrid != NULL) cli_print_hybrid(j->hybrid, out);
  fprintf(out, "wrote     %s, ", j->pack_path);
  cli_print_size(out, j->pack_bytes);
  fprintf(out, "\n");
  if (j->sidecar_path != NULL) fprintf(out, "          %s says who was in it: keep it, do not ship it\n", j->sidecar_path);
  return CLI_DONE;
}

static int put_report(cli *c, const job *j) {
  ink_json_out *out = &c->out;
  ink_json_object(out, NULL);
  ink_json_string(out, "pack", j->pack_path);
  if (j->sidecar_path != NULL) ink_json_string(out, "sidecar", j->sidecar_path);
  ink_json_string(out, "family", j->trainer->name);
  ink_json_string(out, "format", j->data.explain);
  ink_json_count(out, "users", count_people(&j->data));
  ink_json_count(out, "items", j->data.items.n);
  ink_json_count(out, "events", j->data.n_events);
  ink_json_object(out, "trained");
  ink_json_count(out, "users", count_people(j->kept));
  ink_json_count(out, "events", j->kept->n_events);
  ink_json_object_end(out);
  ink_json_object(out, "holdout");
  ink_json_string(out, "rule", j->holdout.words);
  ink_json_count(out, "events", j->holdout.n_events);
  ink_json_object_end(out);
  ink_json_object(out, "settings");
  cli_put_settings(out, j->trainer, j->values);
  ink_json_object_end(out);
  if (j->hybrid != NULL) cli_put_hybrid(out, j->hybrid);
  ink_json_count(out, "seed", j->seed);
  ink_json_object(out, "seconds");
  ink_json_double(out, "read", j->seconds_reading);
  ink_json_double(out, "train", j->seconds_training);
  ink_json_double(out, "write", j->seconds_writing);
  ink_json_object_end(out);
  ink_json_count(out, "bytes", j->pack_bytes);
  ink_json_object_end(out);
  return cli_print_json(c);
}

static int train(cli *c, job *j) {
  int code = read_data(c, j);
  if (code == CLI_DONE && j->hybrid != NULL) code = cli_hybrid_read(c, j->values, j->seed, j->kept, j->hybrid);
  if (code == CLI_DONE) code = fit(c, j);
  if (code == CLI_DONE) code = save(c, j);
  if (code != CLI_DONE) return code;
  return c->json && strcmp(j->pack_path, "-") != 0 ? put_report(c, j) : print_report(j);
}

static int run(cli *c) {
  job *j = cli_take(c->memory, 1, sizeof *j);
  if (j == NULL) return cli_no_memory();
  memset(j, 0, sizeof *j);
  int code = cli_any_trainer(c, c->args.words[0], &j->trainer);
  if (code != CLI_DONE) return code;
  const bool blends = cli_is_hybrid(j->trainer);
  if (!blends && cli_args_text(&c->args, METRIC) != NULL) return cli_bad_words(c, "--metric is for train hybrid");
  if (blends) {
    j->hybrid = cli_take(c->memory, 1, sizeof *j->hybrid);
    if (j->hybrid == NULL) return cli_no_memory();
    memset(j->hybrid, 0, sizeof *j->hybrid);
  }
  j->values = cli_take(c->memory, j->trainer->n_settings + 1u, sizeof *j->values);
  if (j->values == NULL) return cli_no_memory();
  code = cli_settings(c, j->trainer, j->values);
  if (code != CLI_DONE) return code;
  const ink_allocator allocator = cli_allocator(c->memory);
  ink_trained_init(&j->trained, &allocator);     /* its memory, like all here, goes back at the end of the call */
  j->pack_path = cli_args_text(&c->args, OUT);
  j->seed = (uint64_t)cli_args_number(&c->args, SEED, 0);
  return train(c, j);
}

/* `inkling train --help` lists the families, `inkling train als --help` the settings of one. */
static int help(cli *c, FILE *out) {
  const char *word = c->args.n_words == 0 ? NULL : c->args.words[0];
  const ink_trainer *trainer = NULL;
  if (word != NULL) trainer = strcmp(word, cli_trainer_hybrid.name) == 0 ? &cli_trainer_hybrid : cli_trainer(c, word);
  if (word != NULL && trainer == NULL) return CLI_WORDS;
  if (out == NULL) return CLI_DONE;
  if (trainer == NULL) {
    fprintf(out, "\nFamilies (inkling train FAMILY --help lists the settings of one)\n");
    cli_print_trainers(out);
  } else {
    fprintf(out, "\nSettings of %s (--set NAME=VALUE), with what they are when not set\n", trainer->name);
    cli_print_settings(trainer, out);
  }
  return CLI_DONE;
}

const cli_command cli_cmd_train = {
  .name = "train", .words = "FAMILY", .min_words = 1, .max_words = 1,
  .about = "learn from a file of events and write a pack",
  .details = "Reads who did what (--events), learns item vectors by the method FAMILY, and writes one file that a page,\n"
             "an edge or this command can answer from. PACK.training beside it holds keyed digests of who was in it, so\n"
             "that `inkling eval` can tell test data that was trained on; it is not part of what is shipped.\n"
             "The same file, settings and seed give the same bytes, whatever the number of threads.",
  .examples = "  inkling train als --events ratings.csv -o movies.safetensors\n"
              "  inkling train als --events ratings.csv --items movies.csv --set factors=64 --set iterations=15 -o movies.safetensors\n"
              "  inkling train als --events u.data --holdout users:10% --seed 1 --json -o movies.safetensors\n"
              "  inkling train hybrid --events plays.csv --members als,rp3,popular --set als.factors=128 -o songs.safetensors\n"
              "  inkling train als --help\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run, .help = help
};
