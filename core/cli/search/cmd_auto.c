/* cmd_auto.c - inkling auto EVENTS -o PACK: tries families on a part of the events for some minutes, blends the best, and packs what
 * won, trained on everything. Ctrl-C ends the trying; the best so far becomes the pack. */
#include "auto_run.h"

#include <math.h>
#ifndef __wasi__
#include <signal.h>
#endif
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "hash.h"
#include "open_pack.h"
#include "save_pack.h"
#include "settings.h"

#include "base.h"

enum { EVENTS, OUT, MINUTES, MOST_BYTES, METRIC, FEEDBACK, SPLIT, FAMILIES, STATE, SEED, NAME, LICENCE };
static const char *const feedback_words[] = { "auto", "implicit", "explicit", NULL };
static const char *const split_words[] = { "random", "leave-last", NULL };
static const cli_option options[] = {
  [EVENTS] = { .name = "events", .kind = CLI_TEXT, .value = "FILE", .help = "who did what, where it does not stand behind the command's name" },
  [OUT] = { .name = "output", .letter = 'o', .kind = CLI_TEXT, .required = true, .value = "PACK",
            .help = "the pack to write; PACK.training is written beside it" },
  [MINUTES] = { .name = "minutes", .kind = CLI_REAL, .low = 0.01, .high = 10000, .value = "N", .help = "how long it may take, reading apart (default 5)" },
  [MOST_BYTES] = { .name = "max-bytes", .kind = CLI_TEXT, .value = "SIZE", .help = "the largest pack that is wanted: 5MB, 800KB, 2000000" },
  [METRIC] = { .name = "metric", .kind = CLI_TEXT, .value = "M",
               .help = "what is to be good: ndcg@20 (default), recall@20, hit@10 ...; rmse for ratings. Says implicit or explicit, too" },
  [FEEDBACK] = { .name = "feedback", .kind = CLI_WORD, .words = feedback_words, .value = "F",
                 .help = "implicit: rank what people choose; explicit: predict ratings; auto (default): explicit where the values differ" },
  [SPLIT] = { .name = "split", .kind = CLI_WORD, .words = split_words, .value = "RULE",
              .help = "what tries are measured on. random (default): a share of each person's items, drawn by lot; leave-last (default with --format "
                      "sequence): the last event of each person, so that lstm and gru take part" },
  [FAMILIES] = { .name = "families", .kind = CLI_TEXT, .value = "A,B,...", .help = "try only these (default: all that fit the data)" },
  [STATE] = { .name = "state", .kind = CLI_TEXT, .value = "FILE",
              .help = "figures of finished tries are kept here; the same call goes on from them (not with --max-bytes)" },
  [SEED] = { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N", .help = "for all that is drawn by lot (default 0)" },
  [NAME] = CLI_PACK_NAME_OPTION,
  [LICENCE] = CLI_PACK_LICENCE_OPTION,
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS
};

#define LOOK_AFTER 1.0            /* seconds, and this part of what is allowed: then a pace is known */
#define LOOK_PART 0.1
#define FAR_LONGER 1.4            /* many end before their last pass */

/* --------------------------------------------------------------- being asked to stop */

#ifdef __wasi__
static int asked;                         /* there are no signals */
static void listen_for_interrupt(void) { asked = 0; }
#else
static volatile sig_atomic_t asked;

static void on_interrupt(int number) {
  asked = 1;
  (void)signal(number, SIG_DFL);          /* whoever asks twice means it */
}

static void listen_for_interrupt(void) {
  asked = 0;
  (void)signal(SIGINT, on_interrupt);
}
#endif

/* Will what runs now take far longer than it may, at its pace since its stage began? */
static bool is_too_slow(auto_run *a, const ink_progress *p) {
  const double now = cli_seconds();
  if (a->stage != p->stage || p->done < a->stage_last) {       /* another, or the same once more for a part of the people */
    a->stage = p->stage;
    a->stage_started = now;
    a->stage_first = p->done;
  }
  a->stage_last = p->done;
  const double spent = now - a->stage_started, done = (double)(p->done - a->stage_first);
  if (spent < LOOK_AFTER + LOOK_PART * a->cap || done <= 0 || p->done >= p->total) return false;
  return spent * (double)(p->total - a->stage_first) / done > FAR_LONGER * a->cap;
}

static bool show(void *ctx, const ink_progress *p) {
  auto_run *a = ctx;
  if (asked != 0) {
    asked = 0;
    a->stopped = true;
    return false;
  }
  (void)cli_progress_show(&a->c->progress, p);
  a->too_slow = is_too_slow(a, p);
  return !a->too_slow && cli_seconds() < a->deadline;
}

ink_train_env auto_env(auto_run *a) {
  ink_train_env env = cli_env(a->c);
  env.progress_ctx = a;
  env.progress = show;
  return env;
}

/* -------------------------------------------------------------------- words */

static int read_size(cli *c, const char *text, uint64_t *bytes) {
  static const struct { const char *unit; double factor; } units[] = { { "", 1 }, { "B", 1 }, { "KB", 1e3 }, { "MB", 1e6 }, { "GB", 1e9 },
                                                                       { "k", 1e3 }, { "M", 1e6 }, { "G", 1e9 } };
  char *end;
  const double number = strtod(text, &end);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (end == text || strcmp(end, units[i].unit) != 0 || !(number > 0) || number * units[i].factor > 1e12) continue;
    *bytes = (uint64_t)(number * units[i].factor);
    return CLI_DONE;
  }
  return cli_bad_words(c, "--max-bytes %s: a size such as 5MB, 800KB or 2000000", text);
}

static int check_families(const cli *c, const char *list) {
  char word[32];
  for (const char *at = list; list != NULL; at++) {
    const size_t n = strcspn(at, ",");
    (void)snprintf(word, sizeof word, "%.*s", (int)(n < 31 ? n : 31), at);
    if (cli_trainer(c, word) == NULL) return CLI_WORDS;
    at += n;
    if (*at == '\0') break;
  }
  return CLI_DONE;
}

static int read_words(auto_run *a) {
  cli *c = a->c;
  const char *size = cli_args_text(&c->args, MOST_BYTES), *metric = cli_args_text(&c->args, METRIC);
  ink_metric found[INK_MAX_METRICS];
  uint32_t n = 0;
  a->seconds = 60 * cli_args_number(&c->args, MINUTES, 5);
  a->seed = (uint64_t)cli_args_number(&c->args, SEED, 0);
  a->families = cli_args_text(&c->args, FAMILIES);
  if (check_families(c, a->families) != CLI_DONE) return CLI_WORDS;
  if (size != NULL && cli_args_text(&c->args, STATE) != NULL)
    return cli_bad_words(c, "--state and --max-bytes do not go together: sizes of tries are not kept");
  if (size != NULL && read_size(c, size, &a->most_bytes) != CLI_DONE) return CLI_WORDS;
  if (metric == NULL) return CLI_DONE;
  const bool read = ink_metrics_parse(cli_text(metric), found, &n, &c->fault) == INK_OK;
  if (!read || n != 1 || ink_metric_of_slate(found[0].kind) || (found[0].k > INK_BLEND_TOP && found[0].k != INK_METRIC_ALL))
    return cli_bad_words(c, "--metric %s: one of a ranking up to place %u, such as ndcg@20, recall@20 or hit@10; or rmse", metric, INK_BLEND_TOP);
  a->metric = found[0];
  return CLI_DONE;
}

/* --------------------------------------------------------------------- pack */

static int describe(auto_run *a, ink_trained *out, const char *path) {
  cli *c = a->c;
  char models[300];
  const char *alone = cli_family_of(a->tries[a->chosen[0]].trainer);
  if (a->n_chosen > 1) cli_hybrid_models(&a->blend, models, sizeof models);
  else (void)snprintf(models, sizeof models, "%s%s", alone, strcmp(alone, "popular") == 0 ? "" : ",popular");
  return cli_describe_pack(c, out, cli_args_text(&c->args, NAME), cli_args_text(&c->args, LICENCE), models, path);
}

/* Trained on everything some families grow: then the choice is made again under a tighter limit. */
static int choose_within(auto_run *a, ink_trained *out) {
  const uint64_t limit = a->most_bytes;
  for (uint32_t round = 0; round < 3; round++) {
    size_t bytes;
    int code = auto_choose(a);
    if (code == CLI_DONE) code = auto_final(a, out);
    if (code != CLI_DONE) return code;
    const ink_pack_draft draft = { out->tensors, out->n_tensors, out->metadata, out->n_metadata };
    const ink_status status = ink_pack_write_size(&draft, &bytes, &a->c->fault);
    if (status != INK_OK) return cli_refuse(a->c, status, NULL);
    if (limit == 0 || bytes + 1000 <= limit) return CLI_DONE;
    a->most_bytes = (uint64_t)((double)a->most_bytes * (double)limit / (double)bytes * 0.97);
    ink_trained_free(out);
  }
  return cli_bad_input("LIMIT", "auto", "no pack within --max-bytes was found");
}

/* What to type to see it at work: for somebody who saw the first two items of the file. */
static void print_next_step(const auto_run *a, const char *path, FILE *out) {
  fprintf(out, "next      inkling recommend %s --history ", path);
  for (uint32_t i = 0; i < 2 && i < a->data.items.n; i++) {
    if (i > 0) fputc(',', out);
    cli_print_text(out, ink_names_at(&a->data.items, i), 0);
  }
  fprintf(out, " --explain\n");
}

static int report(auto_run *a, const char *path, uint64_t bytes, const char *sidecar) {
  cli *c = a->c;
  if (c->json && strcmp(path, "-") != 0) {
    ink_json_object(&c->out, NULL);
    ink_json_string(&c->out, "pack", path);
    if (sidecar != NULL) ink_json_string(&c->out, "sidecar", sidecar);
    ink_json_count(&c->out, "bytes", bytes);
    auto_put(a, &c->out);
    ink_json_double(&c->out, "seconds", cli_seconds() - a->started);
    ink_json_object_end(&c->out);
    return cli_print_json(c);
  }
  FILE *out = strcmp(path, "-") == 0 ? stderr : stdout;
  auto_print(a, out);
  fprintf(out, "wrote     %s, ", path);
  cli_print_size(out, bytes);
  fprintf(out, ", after %.0f s\n", cli_seconds() - a->started);
  if (sidecar != NULL) fprintf(out, "          %s says who was in it: keep it, do not ship it\n", sidecar);
  if (strcmp(path, "-") != 0) print_next_step(a, path, out);
  return CLI_DONE;
}

static void begin_blend(auto_run *a) {
  static const uint32_t buckets[] = { 0, 3, 10, 30, 100 };
  ink_blend_options *o = &a->blend.options;
  o->is_explicit = a->is_explicit;
  o->metric = a->metric;
  o->seed = a->seed;
  o->n_buckets = (uint32_t)(sizeof buckets / sizeof *buckets);
  memcpy(o->buckets, buckets, sizeof buckets);
}

/* What makes a search: figures of another one are refused. */
static uint64_t hash_of(const auto_run *a) {
  const double numbers[] = { (double)a->data.n_events, (double)a->data.users.n, (double)a->data.items.n, a->metric.kind, a->metric.k, a->is_explicit,
                             a->asks_next, (double)a->n_rounds, a->data.columns != NULL };
  return ink_hash64(numbers, sizeof numbers, a->seed);
}

static int read_data(auto_run *a) {
  const cli_args *args = &a->c->args;
  const char *file = args->n_words > 0 ? args->words[0] : NULL, *option = cli_args_text(args, EVENTS);
  if ((file == NULL) == (option == NULL)) return cli_bad_words(a->c, "auto wants one file of events: inkling auto plays.csv -o songs.safetensors");
  const int code = auto_read_data(a, file != NULL ? file : option, cli_args_text(args, SPLIT), cli_args_text(args, FEEDBACK));
  return code == CLI_DONE ? tune_state_open(a->c, cli_args_text(args, STATE), hash_of(a), &a->state) : code;
}

static int run(cli *c) {
  const char *path = cli_args_text(&c->args, OUT);
  auto_run *a = cli_take(c->memory, 1, sizeof *a);
  uint64_t bytes = 0;
  char *sidecar = NULL;
  ink_trained out;
  if (a == NULL) return cli_no_memory();
  memset(a, 0, sizeof *a);
  a->c = c;
  int code = read_words(a);
  if (code == CLI_DONE) code = read_data(a);
  if (code != CLI_DONE) return code;
  const ink_allocator allocator = cli_allocator(c->memory);
  ink_trained_init(&out, &allocator);
  begin_blend(a);
  listen_for_interrupt();
  auto_tell_start(a);
  a->started = cli_seconds();
  code = auto_search(a);
  if (code == CLI_DONE) code = choose_within(a, &out);
  if (code == CLI_DONE) code = describe(a, &out, path);
  if (code == CLI_DONE) code = cli_save_trained(c, &out, &a->data, path, &bytes, &sidecar);
  return code == CLI_DONE ? report(a, path, bytes, sidecar) : code;
}

const cli_command cli_cmd_auto = {
  .name = "auto", .words = "EVENTS", .min_words = 0, .max_words = 1,
  .about = "try families for some minutes and pack the best, or a blend of the best",
  .details = "Reads who did what (EVENTS), holds a fifth of each person's items back (of ratings a tenth; with --split leave-last the last\n"
             "event), and tries families on the rest: each with its first settings, then settings drawn by lot for the best five. Where there\n"
             "are many people, that is done on a share of them, and the best third goes on to more people and at last to all (successive\n"
             "halving, as in inkling tune). The best tries of up to four families (for ratings six) are blended, with weights by length of history (inkling\n"
             "train hybrid does the same for families that you name); other people than those the weights were fitted on decide whether\n"
             "the blend is better than the best try alone. What won is trained again on everything and packed. A try that would not end\n"
             "in its share of the time is given up, and the report says what was left out and why. Whatever the time, there is a pack.\n"
             "With --max-bytes only what fits is chosen, small settings are tried too (int8, fewer factors, fewer neighbours), and the\n"
             "table says which try is the best of its size.\n"
             "Ctrl-C ends the trying: the best so far becomes the pack. Ctrl-C once more ends everything, and nothing is written.\n"
             "The table of tries goes into the pack's metadata. The same tries give the same bytes.",
  .examples = "  inkling auto plays.csv --items songs.csv -o songs.safetensors\n"
              "  inkling auto ratings.csv --minutes 1 --metric ndcg@10 -o movies.safetensors\n"
              "  inkling auto clicks.csv --split leave-last --minutes 15 -o shop.safetensors\n"
              "  inkling auto ratings.csv --items movies.csv --max-bytes 2MB --json -o movies.safetensors\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
