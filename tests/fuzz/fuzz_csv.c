/* fuzz_csv.c - readers of events and of items, over any bytes, in any format. needs: cjson
 *
 * Input: byte 0 chooses format (3 bits), encoding, reader, and further options (3 bits); byte 1 the size of the reads and whether memory runs out; the rest is
 * the file. What was read must hold its own rules; what was refused must say so and leave nothing; the size of the
 * reads must not show; and a line of JSON that we accept, cJSON accepts too (cJSON is laxer). */
#define _POSIX_C_SOURCE 200809L
#include <cjson/cJSON.h>

#include "../unit/hosted.h"
#include "columns.h"
#include "fuzzlib.h"
#include "utf8.h"

typedef struct outcome {
  ink_status status;
  hosted h;
  ink_dataset d;
} outcome;

static const char EVENTS[] = "user,item\nu,a\nu,b\nv,7\n";

static ink_source source_of(hosted_text *t, const void *bytes, size_t n, size_t step) {
  *t = (hosted_text){ bytes, n, 0, step };
  return (ink_source){ t, hosted_text_read, "folder/file.csv", n };
}

static void read_events(outcome *o, const uint8_t *bytes, size_t n, const ink_read_options *options, size_t step, long fail_at) {
  hosted_text t;
  const ink_source source = source_of(&t, bytes, n, step);
  hosted_init(&o->h);
  ink_dataset_init(&o->d, &o->h.env.allocator);
  o->h.memory.fail_at = fail_at;
  o->status = ink_dataset_read(&o->d, &source, options, NULL, &o->h.env);
}

static void read_items(outcome *o, const uint8_t *bytes, size_t n, const ink_items_options *options, size_t step, long fail_at) {
  hosted_text t;
  read_events(o, (const uint8_t *)EVENTS, sizeof EVENTS - 1, &(ink_read_options){ 0 }, 4096, 0);
  FUZZ_CHECK(o->status == INK_OK);
  const ink_source source = source_of(&t, bytes, n, step);
  o->h.memory.fail_at = fail_at;
  o->status = ink_dataset_read_items(&o->d, &source, options, &o->h.env);
}

/* ------------------------------------------------------------------- rules */

static void check_names(const ink_names *names) {
  for (uint32_t i = 0; i < names->n; i++) {
    const ink_text name = ink_names_at(names, i);
    FUZZ_CHECK(name.n > 0 && ink_utf8_valid(name.bytes, name.n));
    FUZZ_CHECK(ink_names_find(names, name) == i);
  }
}

static void check_events(const ink_dataset *d) {
  uint8_t *met = calloc(d->n_events + 1, 1);
  FUZZ_CHECK(d->n_events > 0 && d->user_starts[0] == 0 && d->user_starts[d->users.n] == d->n_events);
  for (uint32_t u = 0; u < d->users.n; u++) {
    FUZZ_CHECK(d->user_starts[u] <= d->user_starts[u + 1]);
    for (uint64_t e = d->user_starts[u] + 1; e < d->user_starts[u + 1]; e++)
      FUZZ_CHECK(d->time[e - 1] < d->time[e] || (d->time[e - 1] == d->time[e] && d->row[e - 1] < d->row[e]));
  }
  for (uint64_t e = 0; e < d->n_events; e++) {
    FUZZ_CHECK(d->item[e] < d->items.n && d->kind[e] < d->kinds.n && isfinite(d->value[e]) && fabsf(d->value[e]) <= 1e11f);
    FUZZ_CHECK(d->row[e] < d->n_events && !met[d->row[e]]);
    met[d->row[e]] = 1;
  }
  free(met);
  check_names(&d->users);
  check_names(&d->items);
  check_names(&d->kinds);
}

static void check_column(const ink_column *c, uint32_t n_items) {
  FUZZ_CHECK(c->n_items == n_items && c->name[0] != 0);
  for (uint32_t i = 0; i < n_items; i++) {
    if (c->kind == INK_COLUMN_NUMBER) FUZZ_CHECK(isfinite(c->number[i]));
    else FUZZ_CHECK(c->ends[i] >= (i == 0 ? 0 : c->ends[i - 1]));
  }
  if (c->kind == INK_COLUMN_TEXT) FUZZ_CHECK(c->ends[n_items - 1] == c->n_bytes && ink_utf8_valid(c->bytes, c->n_bytes));
  if (c->kind == INK_COLUMN_TAGS) {
    FUZZ_CHECK(c->ends[n_items - 1] == c->n_values);
    for (size_t i = 0; i < c->n_values; i++) FUZZ_CHECK(c->values[i] < c->tags.n);
    check_names(&c->tags);
  }
}

static void check_refusal(const outcome *o) {
  fuzz_check_fault(o->status, &o->h.fault);
  FUZZ_CHECK(o->status == INK_E_NO_MEMORY || o->status == INK_E_SETTING ||
             (o->h.fault.allowed[0] != 0 && strcmp(o->h.fault.unit, "line") == 0 && o->h.fault.at > 0));
}

/* ------------------------------------------------------------------- oracle */

/* Every line that is not blank. Lines with a zero byte are left out: cJSON ends there. */
static void check_lines_with_cjson(const uint8_t *bytes, size_t n) {
  const size_t start = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  for (size_t at = start; at < n;) {
    const uint8_t *feed = memchr(bytes + at, '\n', n - at);
    const size_t end = feed != NULL ? (size_t)(feed - bytes) : n;
    size_t blank = at;
    while (blank < end && (bytes[blank] == ' ' || bytes[blank] == '\t' || bytes[blank] == '\r')) blank++;
    if (blank < end && memchr(bytes + at, 0, end - at) == NULL) {
      cJSON *tree = cJSON_ParseWithLength((const char *)bytes + at, end - at);
      FUZZ_CHECK(cJSON_IsObject(tree));
      cJSON_Delete(tree);
    }
    at = end + 1;
  }
}

/* ------------------------------------------------------------------- target */

static void finish(outcome *o) {
  ink_dataset_free(&o->d);
  FUZZ_CHECK(o->h.memory.live == 0);
}

static void fuzz_events(const uint8_t *bytes, size_t n, const ink_read_options *options, size_t step, long fail_at) {
  outcome a, b;
  read_events(&a, bytes, n, options, step, 0);
  read_events(&b, bytes, n, options, 1 << 20, 0);
  FUZZ_CHECK(a.status == b.status && a.d.n_events == b.d.n_events && a.h.fault.at == b.h.fault.at);
  if (a.status == INK_OK) {
    check_events(&a.d);
    FUZZ_CHECK(memcmp(a.d.item, b.d.item, a.d.n_events * sizeof *a.d.item) == 0);
    if (options->encoding == INK_ENCODING_UTF8 && strcmp(a.d.explain, "json lines") == 0) check_lines_with_cjson(bytes, n);
  } else {
    check_refusal(&a);
    FUZZ_CHECK(a.d.n_events == 0 && a.d.users.n == 0 && a.h.memory.live == 0);
  }
  finish(&a);
  finish(&b);
  read_events(&a, bytes, n, options, step, fail_at);
  finish(&a);
}

static void fuzz_items(const uint8_t *bytes, size_t n, const ink_items_options *options, size_t step, long fail_at) {
  outcome a;
  read_items(&a, bytes, n, options, step, 0);
  if (a.status != INK_OK) {
    check_refusal(&a);
    FUZZ_CHECK(a.d.columns == NULL);
  }
  for (uint32_t c = 0; a.d.columns != NULL && c < a.d.columns->n; c++) check_column(&a.d.columns->column[c], a.d.items.n);
  finish(&a);
  read_items(&a, bytes, n, options, step, fail_at);
  finish(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  if (n < 2) return 0;
  const uint32_t format = (data[0] & 7u) % 7u, encoding = (data[0] >> 3) & 1u;
  const size_t step = 1u + (data[1] & 15u) * (data[1] & 15u);
  const long fail_at = 1 + (data[1] >> 4) * 3;
  const uint32_t choice = data[0] >> 5;
  if (((data[0] >> 4) & 1u) == 0) {
    const ink_read_options options = { .format = format, .encoding = encoding, .user = choice == 1 ? "1" : NULL, .item = choice == 1 ? "2" : NULL,
                                       .kind_weights = choice == 2 ? "like=3,odd=-1" : NULL, .time = choice == 3 ? "t" : NULL };
    fuzz_events(data + 2, n - 2, &options, step, fail_at);
  } else {
    const ink_items_options options = { .format = format, .encoding = encoding, .all_items = (choice & 1u) != 0, .names = (choice & 2u) != 0 ? "id,a,-,b" : NULL,
                                        .types = choice == 4 ? "a=number,b=tags" : NULL };
    fuzz_items(data + 2, n - 2, &options, step, fail_at);
  }
  return 0;
}
