/* model_tensors.c - see model_tensors.h. Reading order: cli_model_tensors_add() first.
 *
 * A name is `<family>.<part>`, as in core/pack/FORMAT.md, or one of the parts that a PyTorch module keeps beside its nn.LSTM
 * or nn.GRU (`embedding.weight`): these get the family's name in front. */
#include "model_tensors.h"

#include <string.h>

#include "header.h"
#include "hybrid_train.h"
#include "settings.h"
#include "tensor.h"
#include "utf8.h"

enum { LSTM, GRU, N_RECURRENT, MAX_FAMILIES = 64 };
static const char *const recurrent[N_RECURRENT] = { "lstm", "gru" };
static const char *const beside[] = { "embedding.weight", "items.weight", "items.bias", "kind.weight", "gap.weight" };
/* What a recurrent family reads; a layer's number follows where the name ends in _l. */
static const char *const read_parts[] = { "embedding.weight", "items.weight", "items.bias", "kind.weight", "gap.weight", "settings",
                                          "weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l" };

typedef struct job {
  cli *c;
  const cli_file *file;
  cli_model_tensors *m;
  ink_trained *out;
  uint32_t family;                /* LSTM, GRU, or N_RECURRENT: neither */
  uint32_t n_kinds, n_gaps;       /* rows of kind.weight and gap.weight */
  bool has_settings;
  bool is_pack;                   /* the file has a catalogue of its own */
} job;

static bool begins(ink_text name, const char *with) { return name.n >= strlen(with) && memcmp(name.bytes, with, strlen(with)) == 0; }

static ink_text behind(ink_text name, size_t n) { return (ink_text){ name.bytes + n, name.n - (uint32_t)n }; }

static int refuse(const job *j, ink_text name, const char *what) {
  return cli_bad_input("DATA_COLUMN", j->file->path, "tensor \"%.*s\": %s", (int)(name.n < 120 ? name.n : 120), name.bytes, what);
}

/* -------------------------------------------------------------------- names */

#define EVERYBODYS "popular"      /* the last family of every pack */

/* The families: what can be trained can be served. A blend goes first, as it answers before its members. */
static uint32_t n_families(void) { return ink_n_trainers + 1; }
static const char *family_at(uint32_t i) { return cli_family_of(i == 0 ? &cli_trainer_hybrid : ink_trainers[i - 1]); }

/* `<family>.` in front of a name: how long, or 0. *family: family_at(*family). */
static size_t prefix_of(ink_text name, uint32_t *family) {
  for (uint32_t i = 0; i < n_families(); i++) {
    const char *word = family_at(i);
    const size_t n = strlen(word);
    if (name.n <= n || name.bytes[n] != '.') continue;
    size_t k = 0;
    while (k < n && name.bytes[k] == (word[k] == '-' ? '_' : word[k])) k++;
    if (k < n) continue;
    *family = i;
    return n + 1;
  }
  return 0;
}

static bool is_beside(ink_text name) {
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
    if (ink_text_equal(name, cli_text(beside[i]))) return true;
  return false;
}

/* Would lstm or gru read this part? What follows the names in read_parts is a layer's number or an int8 matrix's companion. */
static int check_part(const job *j, ink_text name, ink_text part) {
  for (size_t i = 0; i < sizeof read_parts / sizeof *read_parts; i++) {
    if (!begins(part, read_parts[i])) continue;
    const ink_text rest = behind(part, strlen(read_parts[i]));
    const bool is_layer = read_parts[i][strlen(read_parts[i]) - 1] == 'l';
    if (!is_layer) return CLI_DONE;
    if (rest.n > 0 && rest.bytes[0] >= '0' && rest.bytes[0] <= '3' && (rest.n == 1 || rest.bytes[1] == '.')) return CLI_DONE;
    return refuse(j, name, "networks of one direction with at most four layers are served");
  }
  return refuse(j, name, "lstm and gru have no such part; allowed are embedding.weight, items.weight, items.bias, kind.weight, gap.weight, "
                         "settings, and weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 to _l3");
}

/* ------------------------------------------------------------------ copying */

/* Without the first rows where these are no items; then a table must have a row for each item. */
static int trim_table(job *j, ink_header_entry *e, ink_text part) {
  const bool is_table = begins(part, "embedding.weight") || begins(part, "items.");
  if (!is_table || e->rank == 0) return CLI_DONE;
  const uint32_t skipped = j->m->first_row, rows = e->shape[0];
  if (rows < skipped || rows - skipped != j->m->n_items) {
    char what[160];
    (void)snprintf(what, sizeof what, "%u rows, %u of them before the first item; there are %u items%s", rows, skipped, j->m->n_items,
                   skipped == 0 && rows == j->m->n_items + 1 ? " (where row 0 is padding: --first-row 1)" : "");
    return refuse(j, e->name, what);
  }
  e->begin += (e->end - e->begin) / rows * skipped;
  e->shape[0] = rows - skipped;
  return CLI_DONE;
}

static const ink_tensor *made(const job *j, const char *name) {
  for (uint32_t i = 0; i < j->out->n_tensors; i++)
    if (ink_text_equal(j->out->tensors[i].name, cli_text(name))) return &j->out->tensors[i];
  return NULL;
}

static int copy(job *j, const ink_header_entry *e, const char *prefix, const uint8_t *data) {
  char name[300];
  void *to;
  (void)snprintf(name, sizeof name, "%s%.*s", prefix, (int)e->name.n, e->name.bytes);
  if (made(j, name) != NULL) return refuse(j, e->name, "the pack has this tensor already");
  const ink_status status = ink_trained_tensor(j->out, name, e->dtype, e->rank, e->shape, &to);
  if (status != INK_OK) return cli_refuse(j->c, status, NULL);
  memcpy(to, data + e->begin, (size_t)(e->end - e->begin));
  return CLI_DONE;
}

static void note(job *j, const ink_header_entry *e, ink_text part) {
  if (ink_text_equal(part, cli_text("settings"))) j->has_settings = true;
  if (ink_text_equal(part, cli_text("kind.weight"))) j->n_kinds = e->shape[0];
  if (ink_text_equal(part, cli_text("gap.weight"))) j->n_gaps = e->shape[0];
}

/* A pack's own catalogue, kinds and popular items are not taken; but its ids must be the ids that are there. */
static bool is_catalogue(const job *j, ink_text name) {
  if (!j->is_pack) return false;
  return begins(name, "popular.") || begins(name, "events.") || (begins(name, "items.") && !is_beside(name));
}

static int check_catalogue(const job *j, const ink_header_entry *e, const uint8_t *data) {
  static const char *const parts[] = { "items.id.bytes", "items.id.ends" };
  for (size_t i = 0; i < 2; i++) {
    const ink_tensor *t = made(j, parts[i]);
    if (!ink_text_equal(e->name, cli_text(parts[i])) || t == NULL) continue;
    if (t->bytes != e->end - e->begin || memcmp(t->data, data + e->begin, t->bytes) != 0)
      return refuse(j, e->name, "the pack's items are others, or in another order: train both models on the same files");
  }
  return CLI_DONE;
}

ink_status cli_model_meta(ink_trained *out, ink_text key, ink_text value) {
  char name[256], words[2048];
  if (key.n >= sizeof name || value.n >= sizeof words || memchr(value.bytes, '\\', value.n) != NULL) return INK_OK;
  (void)snprintf(name, sizeof name, "%.*s", (int)key.n, key.bytes);
  (void)snprintf(words, sizeof words, "%.*s", (int)value.n, value.bytes);
  return ink_trained_meta(out, name, words);
}

static int take(job *j, ink_header_entry *e, const uint8_t *data) {
  uint32_t family;
  char prefix[8] = "";
  ink_text part = e->name;
  if (e->metadata) return prefix_of(e->name, &family) > 0 && cli_model_meta(j->out, e->name, e->value) != INK_OK ? cli_no_memory() : CLI_DONE;
  if (is_catalogue(j, e->name)) return check_catalogue(j, e, data);
  const size_t n = prefix_of(e->name, &family);
  const bool is_recurrent = n > 0 && j->family < N_RECURRENT && strcmp(family_at(family), recurrent[j->family]) == 0;
  if (n > 0 && !is_recurrent) return copy(j, e, "", data);
  if (n > 0) part = behind(e->name, n);
  else if (j->family == N_RECURRENT || !is_beside(e->name)) {
    return refuse(j, e->name, "no family has such a tensor; names begin with lstm., gru., als. ... (core/pack/FORMAT.md)");
  } else {
    (void)snprintf(prefix, sizeof prefix, "%s.", recurrent[j->family]);
  }
  int code = check_part(j, e->name, part);
  if (code == CLI_DONE) code = trim_table(j, e, part);
  if (code == CLI_DONE) note(j, e, part);
  return code == CLI_DONE ? copy(j, e, prefix, data) : code;
}

/* ---------------------------------------------------------------------- all */

/* Which families are in the file, and which of the two recurrent ones. */
static int find_families(job *j) {
  ink_header header;
  ink_header_entry e;
  bool more = true, found[MAX_FAMILIES] = { false };
  ink_status status = ink_header_open(&header, j->file->bytes, j->file->n, &j->c->fault);
  while (status == INK_OK && (status = ink_header_next(&header, &e, &more)) == INK_OK && more) {
    uint32_t family;
    if (!e.metadata && ink_text_equal(e.name, cli_text("items.id.bytes"))) j->is_pack = true;
    if (!e.metadata && prefix_of(e.name, &family) > 0 && family < MAX_FAMILIES) found[family] = true;
  }
  if (status != INK_OK) return cli_refuse(j->c, status, j->file->path);
  j->family = N_RECURRENT;
  char *models = j->m->models;
  const size_t before = strlen(models);
  for (uint32_t i = 0; i < n_families() && i < MAX_FAMILIES; i++) {
    const char *name = family_at(i);
    if (!found[i] || strcmp(name, EVERYBODYS) == 0) continue;
    const size_t n = strlen(models);
    (void)snprintf(models + n, sizeof j->m->models - n, "%s,", name);
    for (uint32_t k = 0; k < N_RECURRENT; k++) {
      if (strcmp(name, recurrent[k]) != 0) continue;
      if (j->family < N_RECURRENT) return cli_bad_input("DATA_COLUMN", j->file->path, "tensors of lstm and of gru: a pack is made of one of them");
      j->family = k;
    }
  }
  if (strlen(models) == before) {
    return cli_bad_input("DATA_COLUMN", j->file->path, "no tensor of a family is in it; an nn.LSTM called lstm gives lstm.weight_ih_l0 and so on");
  }
  (void)snprintf(models + strlen(models), sizeof j->m->models - strlen(models), "%s", EVERYBODYS);
  return CLI_DONE;
}

static int add_settings(job *j) {
  const uint32_t shape[1] = { 4 };
  char name[32];
  void *to;
  if (j->family == N_RECURRENT || j->has_settings) return CLI_DONE;
  (void)snprintf(name, sizeof name, "%s.settings", recurrent[j->family]);
  const ink_status status = ink_trained_tensor(j->out, name, INK_DTYPE_F32, 1, shape, &to);
  if (status != INK_OK) return cli_refuse(j->c, status, NULL);
  float *settings = to;
  settings[0] = (float)j->m->length;
  settings[1] = (float)j->n_kinds;
  settings[2] = (float)j->n_gaps;
  return CLI_DONE;
}

int cli_model_tensors_add(cli *c, const cli_file *file, cli_model_tensors *m, ink_trained *out) {
  job j = { .c = c, .file = file, .m = m, .out = out };
  ink_header header;
  ink_header_entry e;
  bool more = true;
  int code = find_families(&j);
  if (code != CLI_DONE) return code;
  ink_status status = ink_header_open(&header, file->bytes, file->n, &c->fault);
  while (status == INK_OK && code == CLI_DONE && (status = ink_header_next(&header, &e, &more)) == INK_OK && more)
    code = take(&j, &e, file->bytes + (file->n - header.data_bytes));
  if (status != INK_OK) return cli_refuse(c, status, file->path);
  return code == CLI_DONE ? add_settings(&j) : code;
}
