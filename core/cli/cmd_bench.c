/* cmd_bench.c - inkling bench [PACK]: what answering costs on this machine, for every table of kernels it can
 * run. Times of one call, the least and the median of many: the least is what the machine can do, the median what it
 * does while others work too. The rate is the bytes of the item vectors over the least time. */
#include "open_pack.h"
#include "synthetic_pack.h"

#include <stdlib.h>
#include <string.h>

#include "caps.h"

enum { ITEMS, DIMENSIONS, EVENTS, COUNT, SECONDS };
static const cli_option options[] = {
  [ITEMS] = { .name = "items", .kind = CLI_WHOLE, .low = 1, .high = 4000000, .value = "N",
              .help = "items of the synthetic pack, where no PACK is given (default 10000)" },
  [DIMENSIONS] = { .name = "dimensions", .kind = CLI_WHOLE, .low = 1, .high = INK_CAP_DIM, .value = "D",
                   .help = "width of its vectors (default 64)" },
  [EVENTS] = { .name = "events", .kind = CLI_WHOLE, .low = 1, .high = 10000, .value = "N",
               .help = "events in the person's history (default 50)" },
  [COUNT] = { .name = "count", .letter = 'n', .kind = CLI_WHOLE, .low = 1, .high = INK_CAP_COUNT, .value = "N",
              .help = "length of the slate (default 10)" },
  [SECONDS] = { .name = "seconds", .kind = CLI_REAL, .low = 0.01, .high = 600, .value = "S",
                .help = "how long to measure each thing (default 0.3)" }
};

#define MAX_RUNS 100000u

typedef struct timing { double least, median; uint32_t runs; } timing;

typedef struct bench {
  cli *c;
  const cli_pack *pack;
  uint32_t n_events, count;
  double seconds;
  double *times;                  /* [MAX_RUNS] */
} bench;

/* ---------------------------------------------------------------- measuring */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static timing summary(double *times, uint32_t n) {
  qsort(times, n, sizeof *times, ascending);
  return (timing){ times[0], times[n / 2], n };
}

/* ------------------------------------------------------------------- engine */

/* A history of items spread over the catalogue. */
static ink_status track_some(const bench *b, ink_engine *engine, uint32_t first, uint32_t n) {
  const uint32_t n_items = ink_pack_n_items(b->pack->pack);
  for (uint32_t i = first; i < first + n; i++) {
    const uint32_t item = (uint32_t)((uint64_t)i * 2654435761u % n_items);
    const ink_event event = { .item = ink_pack_item_id(b->pack->pack, item), .kind = { "view", 4 }, .slate = { "", 0 }, .value = 1,
                              .time = i };
    ink_profile_report report = { .struct_bytes = sizeof report };
    const ink_status status = ink_track(engine, &event, NULL, &report, NULL);
    if (status != INK_OK) return status;
  }
  return INK_OK;
}

/* One new event and the slate that follows from it: what a page does after a click. */
static ink_status time_answers(const bench *b, ink_engine *engine, timing *out) {
  const ink_request request = { .struct_bytes = sizeof request, .count = b->count, .family = INK_NONE };
  uint32_t n = 0;
  for (const double start = cli_seconds(); n < MAX_RUNS && (n < 3 || cli_seconds() - start < b->seconds); n++) {
    ink_slate slate = { .struct_bytes = sizeof slate };
    ink_status status = ink_profile_erase(engine);
    if (status == INK_OK) status = track_some(b, engine, n, b->n_events - 1);
    const double before = cli_seconds();
    if (status == INK_OK) status = track_some(b, engine, n + b->n_events - 1, 1);
    if (status == INK_OK) status = ink_recommend(engine, &request, &slate);
    if (status != INK_OK) return status;
    b->times[n] = cli_seconds() - before;
  }
  *out = summary(b->times, n);
  return INK_OK;
}

/* The history as the state of a model: the score of one item right after the person's events are new. */
static ink_status time_folds(const bench *b, ink_engine *engine, timing *out) {
  const ink_request request = { .struct_bytes = sizeof request, .count = 1, .family = INK_NONE };
  const uint32_t item = 0;
  uint32_t n = 0;
  for (const double start = cli_seconds(); n < MAX_RUNS && (n < 3 || cli_seconds() - start < b->seconds); n++) {
    float score;
    ink_status status = ink_profile_erase(engine);
    if (status == INK_OK) status = track_some(b, engine, n, b->n_events);
    const double before = cli_seconds();
    if (status == INK_OK) status = ink_score(engine, &item, 1, &request, &score);
    if (status != INK_OK) return status;
    b->times[n] = cli_seconds() - before;
  }
  *out = summary(b->times, n);
  return INK_OK;
}

static ink_status time_similar(const bench *b, ink_engine *engine, timing *out) {
  const ink_request request = { .struct_bytes = sizeof request, .count = b->count, .family = INK_NONE };
  uint32_t n = 0;
  for (const double start = cli_seconds(); n < MAX_RUNS && (n < 3 || cli_seconds() - start < b->seconds); n++) {
    ink_slate slate = { .struct_bytes = sizeof slate };
    const double before = cli_seconds();
    const ink_status status = ink_similar(engine, n % ink_pack_n_items(b->pack->pack), &request, &slate);
    if (status != INK_OK) return status;
    b->times[n] = cli_seconds() - before;
  }
  *out = summary(b->times, n);
  return INK_OK;
}

/* The gate and the families' checks, as at the start of a page. */
static timing time_opening(const bench *b, void *memory, size_t bytes) {
  uint32_t n = 0;
  for (const double start = cli_seconds(); n < MAX_RUNS && (n < 3 || cli_seconds() - start < b->seconds); n++) {
    ink_pack *pack;
    const double before = cli_seconds();
    (void)ink_pack_open(b->pack->file.bytes, b->pack->file.n, memory, bytes, &pack, &b->c->fault);
    b->times[n] = cli_seconds() - before;
  }
  return summary(b->times, n);
}

/* ---------------------------------------------------------------- reporting */

static void report(const bench *b, const char *kernel, const char *what, timing t, size_t bytes) {
  if (!b->c->json) {
    printf("%-8s %-22s %10.4f ms  %10.4f ms", kernel, what, t.least * 1e3, t.median * 1e3);
    if (bytes > 0) printf("  %7.2f GB/s", (double)bytes / t.least * 1e-9);
    fputc('\n', stdout);
    return;
  }
  ink_json_out *out = &b->c->out;
  ink_json_object(out, NULL);
  ink_json_string(out, "kernel", kernel);
  ink_json_string(out, "what", what);
  ink_json_double(out, "least_ms", t.least * 1e3);
  ink_json_double(out, "median_ms", t.median * 1e3);
  ink_json_count(out, "runs", t.runs);
  if (bytes > 0) ink_json_double(out, "gb_per_second", (double)bytes / t.least * 1e-9);
  ink_json_object_end(out);
}

static int bench_kernel(const bench *b, const ink_kernels *kernels, size_t row_bytes) {
  cli *c = b->c;
  const ink_limits limits = { .struct_bytes = sizeof limits, .max_events = b->n_events, .max_count = b->count };
  const char *name = ink_kernels_name(kernels);
  ink_engine *engine;
  timing t;
  c->kernels = kernels;
  const int code = cli_engine_open(c, b->pack, &limits, &engine);
  if (code != CLI_DONE) return code;
  ink_status status = time_folds(b, engine, &t);
  if (status != INK_OK) return cli_refuse(c, status, b->pack->file.path);
  report(b, name, "fold", t, 0);
  status = time_answers(b, engine, &t);
  if (status != INK_OK) return cli_refuse(c, status, b->pack->file.path);
  report(b, name, "track + recommend", t, row_bytes);
  status = time_similar(b, engine, &t);
  if (status == INK_E_UNKNOWN_FAMILY) return CLI_DONE;   /* a pack without item vectors */
  if (status != INK_OK) return cli_refuse(c, status, b->pack->file.path);
  report(b, name, "similar", t, row_bytes);
  return CLI_DONE;
}

static int bench_all(const bench *b) {
  static const char *const names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
  cli *c = b->c;
  const uint32_t asked = cli_args_index(&c->args, "kernel");
  const ink_kernels *only = cli_args_text(&c->args, asked) == NULL ? NULL : c->kernels;
  ink_tensor_info rows;
  const size_t row_bytes = ink_pack_tensor(b->pack->pack, cli_text("als.items"), &rows) == INK_OK ? rows.bytes : 0;
  size_t bytes = 0;
  if (ink_pack_measure(b->pack->file.bytes, b->pack->file.n, &bytes, &c->fault) == INK_OK) {
    void *memory = cli_take(c->memory, bytes, 1);
    if (memory == NULL) return cli_no_memory();
    report(b, "", "open the pack", time_opening(b, memory, bytes), 0);
  }
  int code = CLI_DONE;
  for (size_t i = 0; i < sizeof names / sizeof *names && code == CLI_DONE; i++) {
    const ink_kernels *kernels = ink_kernels_named(names[i]);
    if (kernels != NULL && (only == NULL || only == kernels)) code = bench_kernel(b, kernels, row_bytes);
  }
  return code;
}

static int bench_pack(cli *c, const cli_pack *pack) {
  bench b = { .c = c, .pack = pack, .n_events = (uint32_t)cli_args_number(&c->args, EVENTS, 50),
              .count = (uint32_t)cli_args_number(&c->args, COUNT, 10),
              .seconds = cli_args_number(&c->args, SECONDS, 0.3), .times = cli_take(c->memory, MAX_RUNS, sizeof(double)) };
  if (b.times == NULL) return cli_no_memory();
  if (c->json) {
    ink_json_object(&c->out, NULL);
    ink_json_string(&c->out, "pack", pack->file.path);
    ink_json_count(&c->out, "items", ink_pack_n_items(pack->pack));
    ink_json_count(&c->out, "bytes", pack->file.n);
    ink_json_count(&c->out, "events", b.n_events);
    ink_json_array(&c->out, "runs");
  } else {
    printf("%s: %u items, %u events, slates of %u\n%-31s %13s  %13s\n", pack->file.path, ink_pack_n_items(pack->pack), b.n_events,
           b.count, "", "least", "median");
  }
  const int code = bench_all(&b);
  if (code != CLI_DONE || !c->json) return code;
  ink_json_array_end(&c->out);
  ink_json_object_end(&c->out);
  return cli_print_json(c);
}

static int run(cli *c) {
  cli_pack pack = { .pack = NULL };
  int code = c->args.n_words > 0
      ? cli_pack_open(c, c->args.words[0], &pack)
      : cli_synthetic_pack(c, (uint32_t)cli_args_number(&c->args, ITEMS, 10000),
                           (uint32_t)cli_args_number(&c->args, DIMENSIONS, 64), &pack);
  if (code == CLI_DONE) code = bench_pack(c, &pack);
  cli_pack_close(&pack);
  return code;
}

const cli_command cli_cmd_bench = {
  .name = "bench", .words = "[PACK]", .min_words = 0, .max_words = 1,
  .about = "measure what answering costs on this machine",
  .details = "Times opening the pack, folding a history in, one new event with the slate that follows from it, and similar\n"
             "items, for each table of kernels that this machine can run (or the one that --kernel names). The rate is the\n"
             "bytes of the item vectors over the least time.",
  .examples = "  inkling bench movies.safetensors\n"
              "  inkling bench --items 100000 --dimensions 64 --json\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
