/* cmd_auto.c - inkling auto EVENTS -o PACK: tries families on a part of the events for some minutes, blends the best, and packs what
 * won, trained on everything. Ctrl-C ends the trying; the best so far becomes the pack. */
#include "auto_run.h"

#include <math.h>
#ifndef __wasi__
#include <signal.h>
#endif
#include <stdlib.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "data_options.h"
#include "fault.h"
#include "hash.h"
#include "open_pack.h"
#include "save_pack.h"
#include "settings.h"
#include "split.h"

#include "base.h"

enum { OUT, MINUTES, MOST_BYTES, METRIC, FEEDBACK, FAMILIES, SEED, NAME, LICENCE };
static const char *const feedback_words[] = { "auto", "implicit", "explicit", NULL };
static const cli_option options[] = {
  [OUT] = { .name = "output", .letter = 'o', .kind = CLI_TEXT, .required = true, .value = "PACK",
            .help = "the pack to write; PACK.training is written beside it" },
  [MINUTES] = { .name = "minutes", .kind = CLI_REAL, .low = 0.01, .high = 10000, .value = "N", .help = "how long it may take, reading apart (default 5)" },
  [MOST_BYTES] = { .name = "max-bytes", .kind = CLI_TEXT, .value = "SIZE", .help = "the largest pack that is wanted: 5MB, 800KB, 2000000" },
  [METRIC] = { .name = "metric", .kind = CLI_TEXT, .value = "M",
               .help = "what is to be good: ndcg@20 (default), recall@20, hit@10 ...; rmse for ratings. Says implicit or explicit, too" },
  [FEEDBACK] = { .name = "feedback", .kind = CLI_WORD, .words = feedback_words, .value = "F",
                 .help = "implicit: rank what people choose; explicit: predict ratings; auto (default): explicit where the values differ" },
  [FAMILIES] = { .name = "families", .kind = CLI_TEXT, .value = "A,B,...", .help = "try only these (default: all that fit the data)" },
  [SEED] = { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N", .help = "for all that is drawn by lot (default 0)" },
  [NAME] = CLI_PACK_NAME_OPTION,
  [LICENCE] = CLI_PACK_LICENCE_OPTION,
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS
};

#define MOST_MEASURED 2000u       /* people that tries are measured on, and as many for the choice */
#define HELD_CHOICES 0.2
#define HELD_RATINGS 0.1

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

static bool show(void *ctx, const ink_progress *p) {
  auto_run *a = ctx;
  if (asked != 0) {
    asked = 0;
    a->stopped = true;
    return false;
  }
  (void)cli_progress_show(&a->c->progress, p);
  return cli_seconds() < a->deadline;
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
  if (size != NULL && read_size(c, size, &a->most_bytes) != CLI_DONE) return CLI_WORDS;
  if (metric == NULL) return CLI_DONE;
  const bool read = ink_metrics_parse(cli_text(metric), found, &n, &c->fault) == INK_OK;
  if (!read || n != 1 || ink_metric_of_slate(found[0].kind) || (found[0].k > INK_BLEND_TOP && found[0].k != INK_METRIC_ALL))
    return cli_bad_words(c, "--metric %s: one of a ranking up to place %u, such as ndcg@20, recall@20 or hit@10; or rmse", metric, INK_BLEND_TOP);
  a->metric = found[0];
  return CLI_DONE;
}

/* Explicit or implicit, and why. */
static int choose_feedback(auto_run *a, const char *word) {
  const ink_dataset *d = &a->data;
  const bool rated = d->value_max > d->value_min, measured = a->metric.kind != 0;
  ink_metric found[INK_MAX_METRICS];
  uint32_t n;
  char *why = cli_take(a->c->memory, 200, 1);
  if (why == NULL) return cli_no_memory();
  if (word != NULL && strcmp(word, "auto") != 0) {
    a->is_explicit = strcmp(word, "explicit") == 0;
    (void)snprintf(why, 200, "%s, as asked for", word);
  } else if (measured) {
    a->is_explicit = !ink_metric_of_ranking(a->metric.kind);
    (void)snprintf(why, 200, "%s, because %s is to be good", a->is_explicit ? "explicit" : "implicit", a->metric.name);
  } else {
    a->is_explicit = rated;
    if (rated) (void)snprintf(why, 200, "explicit, because the values differ (%.9g to %.9g); --feedback implicit ranks instead", (double)d->value_min, (double)d->value_max);
    else (void)snprintf(why, 200, "implicit, because %s", d->has_value ? "all values are alike or are amounts" : "the file has no values");
  }
  a->why = why;
  if (a->is_explicit && !rated) return cli_bad_words(a->c, "--feedback explicit: the data has no ratings that differ");
  if (measured && a->is_explicit == ink_metric_of_ranking(a->metric.kind))
    return cli_bad_words(a->c, "--metric %s does not go with --feedback %s", a->metric.name, word);
  if (measured) return CLI_DONE;
  (void)ink_metrics_parse(cli_text(a->is_explicit ? "rmse" : "ndcg@20"), found, &n, NULL);
  a->metric = found[0];
  return CLI_DONE;
}

/* --------------------------------------------------------------------- data */

/* People with held-back events in two halves by hashed id, each of at most MOST_MEASURED: parts 0 and 2 (3: not measured). */
static void halves(const auto_run *a, uint8_t *parts) {
  uint32_t n_people = 0;
  for (uint32_t u = 0; u < a->held.users.n; u++) n_people += ink_dataset_user_events(&a->held, u) > 0;
  const double share = n_people > 2 * MOST_MEASURED ? 2.0 * MOST_MEASURED / n_people : 1;
  for (uint32_t u = 0; u < a->held.users.n; u++) {
    const ink_text id = ink_names_at(&a->held.users, u);
    const uint64_t lot = ink_hash64(id.bytes, id.n, a->seed + 0x6175746fu);
    const bool in = (double)(lot >> 11) * 0x1p-53 < share;
    for (uint64_t e = a->held.user_starts[u]; e < a->held.user_starts[u + 1]; e++)
      parts[e] = !in ? INK_PART_TEST + 1 : (lot & 1) != 0 ? INK_PART_TRAIN : INK_PART_TEST;
  }
}

static ink_status cut(auto_run *a) {
  const ink_train_env env = cli_env(a->c);
  cli_hybrid how = { .fraction = a->is_explicit ? HELD_RATINGS : HELD_CHOICES };
  how.options.seed = a->seed;
  INK_TRY(cli_hybrid_cut(&how, &a->data, &a->data, &env, &a->part, &a->held));
  uint8_t *parts = cli_take(a->c->memory, (size_t)a->held.n_events + 1, 1);
  if (parts == NULL) return INK_E_NO_MEMORY;
  halves(a, parts);
  INK_TRY(ink_dataset_part(&a->held, parts, 1u << INK_PART_TRAIN, &env, &a->tune));
  INK_TRY(ink_dataset_part(&a->held, parts, 1u << INK_PART_TEST, &env, &a->choose));
  if (a->tune.n_events > 0 && a->choose.n_events > 0) return INK_OK;
  return ink_refuse(&a->c->fault, INK_E_DATA_EMPTY, cli_text("events"), "a few people with at least three events each");
}

static ink_status weigh_catalogue(auto_run *a) {
  const ink_train_env env = cli_env(a->c);
  ink_trained t;
  size_t bytes;
  ink_trained_init(&t, &env.allocator);
  ink_status status = ink_catalogue_tensors(&a->data, &env, &t);
  const ink_pack_draft draft = { t.tensors, t.n_tensors, t.metadata, t.n_metadata };
  if (status == INK_OK) status = ink_pack_write_size(&draft, &bytes, &a->c->fault);
  if (status == INK_OK) a->catalogue_bytes = bytes + 12000;         /* and the table of tries */
  ink_trained_free(&t);
  return status;
}

static int read_data(auto_run *a) {
  cli *c = a->c;
  const char *items = cli_args_text(&c->args, cli_args_index(&c->args, "items"));
  ink_read_options how;
  ink_items_options how_items;
  int code = cli_event_options(c, &how);
  if (code == CLI_DONE) code = cli_item_options(c, &how_items);
  if (code == CLI_DONE) code = cli_dataset_read(c, c->args.words[0], &how, NULL, &a->data);
  if (code == CLI_DONE && items != NULL) code = cli_items_read(c, items, &how_items, &a->data);
  if (code == CLI_DONE) code = choose_feedback(a, cli_args_text(&c->args, FEEDBACK));
  if (code != CLI_DONE) return code;
  ink_status status = cut(a);
  if (status == INK_OK) status = weigh_catalogue(a);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
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
  return CLI_DONE;
}

static void begin_blend(auto_run *a) {
  static const uint32_t buckets[] = { 0, 3, 10, 30, 100 };
  ink_blend_options *o = &a->blend.options;
  o->is_explicit = a->is_explicit;
  o->metric = a->metric;
  o->n_people = MOST_MEASURED;
  o->seed = a->seed;
  o->n_buckets = (uint32_t)(sizeof buckets / sizeof *buckets);
  memcpy(o->buckets, buckets, sizeof buckets);
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
  a->started = cli_seconds();
  code = auto_try_all(a);
  if (code == CLI_DONE) code = choose_within(a, &out);
  if (code == CLI_DONE) code = describe(a, &out, path);
  if (code == CLI_DONE) code = cli_save_trained(c, &out, &a->data, path, &bytes, &sidecar);
  return code == CLI_DONE ? report(a, path, bytes, sidecar) : code;
}

const cli_command cli_cmd_auto = {
  .name = "auto", .words = "EVENTS", .min_words = 1, .max_words = 1,
  .about = "try families for some minutes and pack the best, or a blend of the best",
  .details = "Reads who did what (EVENTS), holds a fifth of each person's items back (of ratings a tenth), and tries families on the\n"
             "rest: each with its standard settings, then other settings of the best three. The best tries of up to four families are\n"
             "blended, with weights by length of history (inkling train hybrid does the same for families that you name); other people\n"
             "than those the weights were fitted on decide whether the blend is better than the best try alone. What won is trained\n"
             "again on everything and packed. A try that does not end in its share of the time is given up.\n"
             "With --max-bytes only what fits is chosen, small settings are tried too (int8, fewer factors, fewer neighbours), and the\n"
             "table says which try is the best of its size.\n"
             "Ctrl-C ends the trying: the best so far becomes the pack. Ctrl-C once more ends everything, and nothing is written.\n"
             "The table of tries goes into the pack's metadata. The same tries give the same bytes.",
  .examples = "  inkling auto plays.csv --items songs.csv -o songs.safetensors\n"
              "  inkling auto ratings.csv --minutes 1 --metric ndcg@10 -o movies.safetensors\n"
              "  inkling auto ratings.csv --items movies.csv --max-bytes 2MB --json -o movies.safetensors\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
