/* cmd_import.c - inkling import FILE -o PACK: item vectors that something else made become a pack. */
#include "data_options.h"
#include "import_formats.h"
#include "import_pack.h"
#include "open_pack.h"
#include "save_pack.h"

#include <string.h>

#include "sha256.h"

static const char *const vector_formats[] = { "auto", "npy", "npz", "safetensors", "word2vec", "word2vec-binary", "glove", "csv",
                                              "jsonl", "pickle", "parquet", "spark", "item-item", NULL };
static const char *const zero_words[] = { "refuse", "drop", "keep", NULL };
static const char *const scale_words[] = { "auto", "unit", "none", NULL };

enum { OUT, FROM, TENSOR, IDS, ITEM_FEATURES, SCALE, ZERO_ROWS, UNOBSERVED, REGULARIZATION, NAME, LICENCE, EVENTS };
static const cli_option options[] = {
  [OUT] = { .name = "output", .letter = 'o', .kind = CLI_TEXT, .required = true, .value = "PACK", .help = "the pack to write" },
  [FROM] = { .name = "from", .kind = CLI_WORD, .words = vector_formats, .value = "F",
             .help = "npy, npz, safetensors, word2vec, word2vec-binary, glove, csv, jsonl, pickle, parquet, spark, item-item (default: seen from "
                     "the file)" },
  [TENSOR] = { .name = "tensor", .kind = CLI_TEXT, .value = "NAME",
               .help = "which array of a .npz or safetensors file holds the item vectors" },
  [IDS] = { .name = "ids", .kind = CLI_TEXT, .value = "FILE",
            .help = "ids of the rows: one a line, a JSON array (.json) or a NumPy array (.npy); default: 0, 1, 2 ..." },
  [ITEM_FEATURES] = { .name = "item-features", .kind = CLI_TEXT, .value = "FILE",
                      .help = "LightFM: the sparse matrix of items by features (scipy.sparse.save_npz); default: each item is its own feature" },
  [SCALE] = { .name = "scale", .kind = CLI_WORD, .words = scale_words, .value = "S",
              .help = "unit: scale each vector to length 1; none: as they are; auto (default): unit for word2vec and GloVe, else none" },
  [ZERO_ROWS] = { .name = "zero-rows", .kind = CLI_WORD, .words = zero_words, .value = "W",
                  .help = "what to do with vectors of zeros: refuse (default), drop, keep" },
  [UNOBSERVED] = { .name = "unobserved", .kind = CLI_REAL, .low = 0, .high = 1e6, .value = "X",
                   .help = "weight of items that a person did not touch, against 1 for those she did (default 0.3, or what the file says)" },
  [REGULARIZATION] = { .name = "regularization", .kind = CLI_REAL, .low = 0, .high = 1e6, .value = "X",
                       .help = "ridge of the fold-in, as a multiple of the vectors' mean square (default 1, or what the file says)" },
  [NAME] = CLI_PACK_NAME_OPTION,
  [LICENCE] = CLI_PACK_LICENCE_OPTION,
  [EVENTS] = CLI_COUNTED_EVENTS_OPTION,
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS
};

/* --------------------------------------------------------------------- read */

/* Text formats stream, so that they may be gzipped and larger than memory. */
static int read_text(cli *c, cli_vectors *v) {
  cli_source *source;
  int code = cli_source_open(c->memory, v->path, &source);
  if (code != CLI_DONE) return code;
  if (cli_args_text(&c->args, TENSOR) != NULL || cli_args_text(&c->args, IDS) != NULL) {
    code = cli_bad_words(c, "--tensor and --ids are for files whose rows have no ids; %s has them", v->format);
  } else if (strcmp(v->format, "word2vec") == 0) {
    code = cli_import_word2vec(v, source);
  } else if (strcmp(v->format, "glove") == 0) {
    code = cli_import_glove(v, source);
  } else if (strcmp(v->format, "csv") == 0) {
    code = cli_import_csv(v, source);
  } else {
    code = cli_import_jsonl(v, source);
  }
  cli_source_close(source);
  return code;
}

static int read_ids(cli *c, ink_names *ids, const ink_names **given) {
  const char *path = cli_args_text(&c->args, IDS);
  *ids = (ink_names){ 0 };
  *given = NULL;
  if (path == NULL) return CLI_DONE;
  *given = ids;
  return cli_import_ids(c, path, ids);
}

static int read_whole(cli *c, cli_vectors *v, ink_trained *out) {
  typedef int (*reader)(cli_vectors *, const cli_file *, const char *, const ink_names *);
  const reader read = strcmp(v->format, "npy") == 0 ? cli_import_npy
                    : strcmp(v->format, "npz") == 0 ? cli_import_npz
                    : strcmp(v->format, "safetensors") == 0 ? cli_import_safetensors
                    : strcmp(v->format, "pickle") == 0 ? cli_import_pickle
                    : strcmp(v->format, "parquet") == 0 ? cli_import_parquet : cli_import_word2vec_binary;
  ink_names ids;
  const ink_names *given;
  cli_file file;
  int code = read_ids(c, &ids, &given);
  if (code != CLI_DONE) return code;
  code = cli_file_load(c->memory, v->path, SIZE_MAX / 2, &file);
  if (code == CLI_DONE && strcmp(v->format, "npz") == 0 && cli_is_item_item(c, &file)) v->format = "item-item";
  if (code == CLI_DONE) {
    code = strcmp(v->format, "item-item") == 0 ? cli_import_item_item(v, &file, given, out) : read(v, &file, cli_args_text(&c->args, TENSOR), given);
  }
  cli_file_close(&file);
  return code;
}

static bool is_one_of(const char *format, const char *const *list) {
  for (; *list != NULL; list++) {
    if (strcmp(format, *list) == 0) return true;
  }
  return false;
}

/* The format that was asked for, else what the (unpacked) beginning of the file looks like. */
static int find_format(cli *c, cli_vectors *v) {
  const uint32_t asked = (uint32_t)cli_args_number(&c->args, FROM, 0);
  v->format = asked > 0 ? vector_formats[asked] : cli_is_folder(v->path) ? "spark" : NULL;
  if (v->format != NULL) return CLI_DONE;
  cli_source *source;
  int code = cli_source_open(c->memory, v->path, &source);
  if (code != CLI_DONE) return code;
  const size_t cap = 65536;
  uint8_t *head = cli_take(c->memory, cap, 1);
  if (head == NULL) return cli_no_memory();
  size_t n = 0, got = 0;
  const ink_source view = cli_source_view(source);
  ink_status status;
  do {
    status = view.read(view.ctx, head + n, cap - n, &got);
    n += got;
  } while (status == INK_OK && got > 0 && n < cap);
  if (status != INK_OK) code = cli_source_complain(source);
  else v->format = cli_import_detect(head, n, view.bytes);
  cli_source_close(source);
  if (code == CLI_DONE && v->format == NULL) {
    code = cli_bad_input("DATA_FORMAT", v->path,
                         "no format that is read here; allowed are .npy, .npz, safetensors, word2vec, GloVe, CSV, JSON lines (see --from)");
  }
  return code;
}

static int read_vectors(cli *c, cli_vectors *v, ink_trained *out) {
  static const char *const words[] = { "word2vec", "word2vec-binary", "glove", NULL }, *const texts[] = { "word2vec", "glove", "csv", "jsonl", NULL };
  *v = (cli_vectors){ .c = c, .path = c->args.words[0], .zero_rows = (uint32_t)cli_args_number(&c->args, ZERO_ROWS, 0),
                      .family = "als", .item_features = cli_args_text(&c->args, ITEM_FEATURES) };
  if (strcmp(v->path, "-") == 0) return cli_bad_words(c, "FILE must be a file: its beginning is looked at twice");
  const int code = find_format(c, v);
  if (code != CLI_DONE) return code;
  const uint32_t scale = (uint32_t)cli_args_number(&c->args, SCALE, 0);
  v->auto_scale = scale == 0;
  v->unit_length = scale == 1 || (scale == 0 && is_one_of(v->format, words));
  if (strcmp(v->format, "spark") == 0) {
    ink_sha256_init(&v->digest);
    return cli_import_folder(v);
  }
  return is_one_of(v->format, texts) ? read_text(c, v) : read_whole(c, v, out);
}

/* -------------------------------------------------------------------- write */

static ink_status meta_number(ink_trained *out, const char *key, double value) {
  char text[32];
  (void)snprintf(text, sizeof text, "%.9g", value);
  return ink_trained_meta(out, key, text);
}

static ink_status meta_of(ink_trained *out, const char *family, const char *key, double value) {
  char name[64];
  (void)snprintf(name, sizeof name, "%s.%s", family, key);
  return meta_number(out, name, value);
}

/* Of the file, or of a folder's parts one after the other. */
static int digest_source(cli *c, const cli_vectors *v, uint8_t digest[INK_SHA256_BYTES]) {
  ink_sha256 parts = v->digest;
  cli_file file;
  if (strcmp(v->format, "spark") == 0) {
    ink_sha256_final(&parts, digest);
    return CLI_DONE;
  }
  const int code = cli_file_load(c->memory, v->path, SIZE_MAX / 2, &file);
  if (code == CLI_DONE) ink_sha256_of(file.bytes, file.n, digest);
  cli_file_close(&file);
  return code;
}

/* Where the vectors came from: format, part, digest of the file. */
static int add_source(cli *c, const cli_vectors *v, const cli_import_report *report, ink_trained *out) {
  uint8_t digest[INK_SHA256_BYTES];
  char hex[INK_SHA256_HEX + 1];
  const int code = digest_source(c, v, digest);
  if (code != CLI_DONE) return code;
  ink_sha256_hex(digest, hex);
  hex[INK_SHA256_HEX] = '\0';
  ink_status status = ink_trained_meta(out, "source.sha256", hex);
  if (status == INK_OK) status = ink_trained_meta(out, "import.format", v->format);
  if (status == INK_OK && v->source[0] != '\0') status = ink_trained_meta(out, "import.tensor", v->source);
  if (status == INK_OK) status = ink_trained_meta(out, "import.scale", v->unit_length ? "unit" : "none");
  if (status == INK_OK && v->has_als) status = meta_number(out, "als.alpha", v->alpha);
  if (status != INK_OK || v->rows == NULL) return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
  status = meta_of(out, v->family, "factors", v->d);
  if (status == INK_OK && !v->rated.is) status = meta_of(out, v->family, "unobserved", report->a0);
  if (status == INK_OK) status = meta_of(out, v->family, "lambda", report->lambda);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

static int print_report(const cli_vectors *v, const cli_import_report *report, const char *path, uint64_t bytes) {
  FILE *out = strcmp(path, "-") == 0 ? stderr : stdout;
  fprintf(out, "%s: %u items, ", path, v->n);
  if (v->rows != NULL) fprintf(out, "%u numbers each, ", v->d);
  fprintf(out, "from %s%s%s; served by %s\n", v->format, v->source[0] != '\0' ? " " : "", v->source, v->family);
  if (v->n_zero > 0) fprintf(out, "%u rows of zeros %s\n", v->n_zero, v->zero_rows == CLI_ZERO_DROP ? "left out" : "kept");
  if (report->n_events > 0) {
    fprintf(out, "%llu events counted, %llu of items without a vector left out\n",
            (unsigned long long)(report->n_events - report->n_unknown),
            (unsigned long long)report->n_unknown);
  }
  const bool steps = strcmp(v->family, "bpr") == 0 || strcmp(v->family, "warp") == 0;
  if (v->rows != NULL) fprintf(out, "fold-in: %s, ", steps ? "gradient steps" : v->has_als && report->nu == 0 ? "as implicit's ALS does" : "ridge");
  cli_print_size(out, bytes);
  fprintf(out, " written\n");
  return CLI_DONE;
}

static int put_report(cli *c, const cli_vectors *v, const cli_import_report *report, const char *path, uint64_t bytes) {
  ink_json_out *out = &c->out;
  ink_json_object(out, NULL);
  ink_json_string(out, "pack", path);
  ink_json_count(out, "items", v->n);
  ink_json_count(out, "dimensions", v->d);
  ink_json_string(out, "format", v->format);
  ink_json_string(out, "tensor", v->source);
  ink_json_count(out, "zero_rows", v->n_zero);
  ink_json_count(out, "columns", report->n_columns);
  ink_json_count(out, "events", report->n_events);
  ink_json_count(out, "unknown_events", report->n_unknown);
  ink_json_object(out, "fold");
  ink_json_bool(out, "as_implicit", v->has_als && report->nu == 0);
  ink_json_double(out, "unobserved", report->a0);
  ink_json_double(out, "lambda", report->lambda);
  ink_json_double(out, "nu", report->nu);
  ink_json_object_end(out);
  ink_json_count(out, "bytes", bytes);
  ink_json_object_end(out);
  return cli_print_json(c);
}

static int save(cli *c, const cli_vectors *v, const cli_import_report *report, ink_trained *trained) {
  const char *path = cli_args_text(&c->args, OUT);
  char models[64];
  (void)snprintf(models, sizeof models, "%s,popular", v->family);
  int code = add_source(c, v, report, trained);
  if (code == CLI_DONE) code = cli_describe_pack(c, trained, cli_args_text(&c->args, NAME), cli_args_text(&c->args, LICENCE), models, path);
  cli_output *output = NULL;
  if (code == CLI_DONE) code = cli_output_open(c->memory, path, &output);
  char digest[65];
  if (code == CLI_DONE) code = cli_write_pack(c, trained, output, path, digest);
  const uint64_t bytes = output == NULL ? 0 : cli_output_bytes(output);
  if (code == CLI_DONE) code = cli_output_commit(&output, 1);
  cli_output_drop(output);
  if (code != CLI_DONE) return code;
  return c->json && strcmp(path, "-") != 0 ? put_report(c, v, report, path, bytes) : print_report(v, report, path, bytes);
}

static int run(cli *c) {
  cli_vectors vectors;
  cli_import_report report;
  cli_import_options o = { .items = cli_args_text(&c->args, cli_args_index(&c->args, "items")), .events = cli_args_text(&c->args, EVENTS),
                           .unobserved = cli_args_number(&c->args, UNOBSERVED, -1),
                           .regularization = cli_args_number(&c->args, REGULARIZATION, -1) };
  const ink_allocator allocator = cli_allocator(c->memory);
  ink_trained trained;
  int code = cli_event_options(c, &o.events_options);
  if (code == CLI_DONE) code = cli_item_options(c, &o.items_options);
  if (code != CLI_DONE) return code;
  ink_trained_init(&trained, &allocator);
  code = read_vectors(c, &vectors, &trained);
  if (code == CLI_DONE) code = cli_import_tensors(c, &vectors, &o, &trained, &report);
  if (code == CLI_DONE) code = save(c, &vectors, &report, &trained);
  ink_trained_free(&trained);
  return code;
}

const cli_command cli_cmd_import = {
  .name = "import", .words = "FILE", .min_words = 1, .max_words = 1,
  .about = "make a pack of item vectors that something else made",
  .details = "FILE holds one vector an item: a NumPy array (.npy), an archive of them (.npz; models saved by the\n"
             "library `implicit` are recognised and fold people in as `recalculate_user` does), safetensors,\n"
             "word2vec (text or binary), GloVe, CSV (id, numbers) or JSON lines ({\"id\", \"embedding\"}); text may be\n"
             "gzipped. Models that gensim, LightFM and Surprise pickle are read as data; item factors of\n"
             "Spark's ALS come from the folder that it saved (Parquet or JSON), neighbours from what implicit's item-item\n"
             "models save. A person is then folded in by a ridge solve over the vectors of what she did.\n"
             "Nothing in FILE is ever executed: unknown pickles and object arrays are refused. So are NaN, infinities,\n"
             "double ids, rows of another length, and files that are cut short, each with its row and place.\n"
             "Vectors of users are never taken over.",
  .examples = "  inkling import als.npz --ids items.txt -o movies.safetensors\n"
              "  inkling import model.safetensors --tensor item_embedding.weight --ids ids.json -o shop.safetensors\n"
              "  inkling import vectors.txt.gz --items movies.csv --events ratings.csv -o movies.safetensors\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
