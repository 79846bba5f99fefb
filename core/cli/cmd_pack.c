/* cmd_pack.c - inkling pack --model FILE --items FILE -o PACK: a model that something else trained becomes a pack as it is.
 *
 * The tensors are those of core/pack/FORMAT.md, under its names or under those that a PyTorch module gives its parts: its
 * state_dict needs no conversion. Numbers are copied, nothing is executed. What a family would not use is refused, not left out: a
 * network without one of its parts is another network. With --into a pack gets a further model: its catalogue stays. */
#include "data_options.h"
#include "import_pack.h"
#include "model_tensors.h"
#include "open_pack.h"
#include "save_pack.h"

#include <string.h>

#include "caps.h"
#include "pack.h"
#include "sha256.h"
#include "utf8.h"

enum { MODEL, OUT, INTO, LENGTH, FIRST_ROW, NAME, LICENCE, EVENTS };
static const cli_option options[] = {
  [MODEL] = { .name = "model", .kind = CLI_TEXT, .required = true, .value = "FILE", .help = "the tensors: a safetensors file" },
  [OUT] = { .name = "output", .letter = 'o', .kind = CLI_TEXT, .required = true, .value = "PACK", .help = "the pack to write" },
  [INTO] = { .name = "into", .kind = CLI_TEXT, .value = "PACK2",
             .help = "instead of --items: PACK is PACK2 with the model added; the rows are its items. FILE may be a pack of the same items" },
  [LENGTH] = { .name = "length", .kind = CLI_WHOLE, .low = 1, .high = 1000, .value = "N",
               .help = "events that lstm and gru look back, where the file has no settings (default 50)" },
  [FIRST_ROW] = { .name = "first-row", .kind = CLI_WHOLE, .low = 0, .high = 1, .value = "N",
                  .help = "row of the first item in lstm's and gru's tables: 1 where row 0 is padding (default 0)" },
  [NAME] = CLI_PACK_NAME_OPTION,
  [LICENCE] = CLI_PACK_LICENCE_OPTION,
  [EVENTS] = CLI_COUNTED_EVENTS_OPTION,
  CLI_EVENT_OPTIONS,
  CLI_ITEM_OPTIONS
};

/* The catalogue is the items file, all of it, in its order: row i of a model's tables is its i-th item. */
static int add_catalogue(cli *c, ink_trained *out, uint32_t *n_items) {
  const cli_vectors none = { .c = c };
  cli_import_options o = { .items = cli_args_text(&c->args, cli_args_index(&c->args, "items")), .events = cli_args_text(&c->args, EVENTS) };
  cli_import_report report;
  int code = cli_event_options(c, &o.events_options);
  if (code == CLI_DONE) code = cli_item_options(c, &o.items_options);
  o.items_options.all_items = true;
  if (code == CLI_DONE) code = cli_import_tensors(c, &none, &o, out, &report);
  for (uint32_t i = 0; code == CLI_DONE && i < out->n_tensors; i++)
    if (ink_text_equal(out->tensors[i].name, cli_text("items.id.ends"))) *n_items = out->tensors[i].shape[0];
  return code;
}

/* Its word for the models, without the last one, which answers for everybody: "als,popular" gives "als,". */
static void keep_models(ink_text models, char out[256]) {
  const size_t n = models.n < 200 ? models.n : 200;
  (void)snprintf(out, 256, "%.*s,", (int)n, models.bytes);
  char *last = strstr(out, "popular,");
  if (last != NULL) *last = '\0';
}

/* `trained.sha256` goes: the record of one model's training does not speak for two. */
static bool is_rewritten(ink_text key) {
  static const char *const keys[] = { "inkling", "data.sha256", "trained.sha256", "name", "licence", "models", "source.sha256" };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (ink_text_equal(key, cli_text(keys[i]))) return true;
  return false;
}

/* All of a pack but what is said anew. */
static ink_status copy_pack(const ink_pack *pack, ink_trained *out) {
  ink_status status = INK_OK;
  for (uint32_t i = 0; status == INK_OK && i < pack->n_tensors; i++) {
    const ink_tensor *t = &pack->tensors[i];
    char name[INK_CAP_NAME_BYTES + 1];
    void *data;
    (void)snprintf(name, sizeof name, "%.*s", (int)t->name.n, t->name.bytes);
    status = ink_trained_tensor(out, name, t->dtype, t->rank, t->shape, &data);
    if (status == INK_OK) memcpy(data, t->data, t->bytes);
  }
  for (uint32_t i = 0; status == INK_OK && i < pack->n_metadata; i++)
    if (!is_rewritten(pack->metadata[i].key)) status = cli_model_meta(out, pack->metadata[i].key, pack->metadata[i].value);
  return status;
}

static int add_pack(cli *c, const char *path, ink_trained *out, cli_model_tensors *m) {
  cli_pack pack;
  int code = cli_pack_open(c, path, &pack);
  if (code != CLI_DONE) return code;
  const ink_status status = copy_pack(pack.pack, out);
  m->n_items = pack.pack->n_items;
  keep_models(cli_metadata(pack.pack, "models"), m->models);
  cli_pack_close(&pack);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, path);
}

static int add_source(cli *c, const cli_file *file, ink_trained *out) {
  uint8_t digest[INK_SHA256_BYTES];
  char hex[INK_SHA256_HEX + 1];
  ink_sha256_of(file->bytes, file->n, digest);
  ink_sha256_hex(digest, hex);
  hex[INK_SHA256_HEX] = '\0';
  const ink_status status = ink_trained_meta(out, "source.sha256", hex);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

static int report(cli *c, const char *path, const char *models, uint32_t n_items, uint64_t bytes) {
  if (c->json && strcmp(path, "-") != 0) {
    ink_json_object(&c->out, NULL);
    ink_json_string(&c->out, "pack", path);
    ink_json_string(&c->out, "models", models);
    ink_json_count(&c->out, "items", n_items);
    ink_json_count(&c->out, "bytes", bytes);
    ink_json_object_end(&c->out);
    return cli_print_json(c);
  }
  FILE *out = strcmp(path, "-") == 0 ? stderr : stdout;
  fprintf(out, "%s: %u items, models %s, ", path, n_items, models);
  cli_print_size(out, bytes);
  fprintf(out, "\n");
  return CLI_DONE;
}

static int save(cli *c, ink_trained *trained, const char *models, uint32_t n_items) {
  const char *path = cli_args_text(&c->args, OUT);
  char digest[65];
  cli_output *output = NULL;
  int code = cli_describe_pack(c, trained, cli_args_text(&c->args, NAME), cli_args_text(&c->args, LICENCE), models, path);
  if (code == CLI_DONE) code = cli_output_open(c->memory, path, &output);
  if (code == CLI_DONE) code = cli_write_pack(c, trained, output, path, digest);
  const uint64_t bytes = output == NULL ? 0 : cli_output_bytes(output);
  if (code == CLI_DONE) code = cli_output_commit(&output, 1);
  cli_output_drop(output);
  return code == CLI_DONE ? report(c, path, models, n_items, bytes) : code;
}

static int run(cli *c) {
  const ink_allocator allocator = cli_allocator(c->memory);
  cli_model_tensors m = { .length = (uint32_t)cli_args_number(&c->args, LENGTH, 50),
                          .first_row = (uint32_t)cli_args_number(&c->args, FIRST_ROW, 0) };
  ink_trained trained;
  cli_file file = { .path = NULL };
  ink_trained_init(&trained, &allocator);
  const char *into = cli_args_text(&c->args, INTO);
  const bool has_items = cli_args_text(&c->args, cli_args_index(&c->args, "items")) != NULL;
  if (has_items == (into != NULL)) {
    return cli_bad_words(c, "--items FILE or --into PACK is needed, and not both: it names the rows of the model's tables, in their order");
  }
  int code = into != NULL ? add_pack(c, into, &trained, &m) : add_catalogue(c, &trained, &m.n_items);
  if (code == CLI_DONE) code = cli_file_load(c->memory, cli_args_text(&c->args, MODEL), SIZE_MAX / 2, &file);
  if (code == CLI_DONE) code = cli_model_tensors_add(c, &file, &m, &trained);
  if (code == CLI_DONE) code = add_source(c, &file, &trained);
  cli_file_close(&file);
  if (code == CLI_DONE) code = save(c, &trained, m.models, m.n_items);
  ink_trained_free(&trained);
  return code;
}

const cli_command cli_cmd_pack = {
  .name = "pack", .words = "", .min_words = 0, .max_words = 0,
  .about = "make a pack of a model's own tensors, such as PyTorch's LSTM or GRU",
  .details = "FILE is what safetensors.torch.save_file(model.state_dict(), FILE) wrote: an nn.LSTM or nn.GRU called lstm or gru, an\n"
             "nn.Embedding called embedding, and, where scores are not products with the embedding, an nn.Linear called items. The\n"
             "tensors of any other family are taken under the names of core/pack/FORMAT.md. The rows of --items are the rows of the\n"
             "model's tables, in the same order. Tensors that no family reads, shapes that do not fit and NaN are refused by the\n"
             "tensor's name. Nothing in FILE is executed.",
  .examples = "  inkling pack --model songs-lstm.safetensors --items songs.csv -o songs.safetensors\n"
              "  inkling pack --model films-gru.safetensors --into films.safetensors -o films-both.safetensors\n"
              "  inkling pack --model gru.safetensors --items items.csv --first-row 1 --length 20 --events clicks.csv -o shop.safetensors\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
