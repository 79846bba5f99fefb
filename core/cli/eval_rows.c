/* eval_rows.c - the main measurement and the rows beside it: by length of history, by popularity of the test item, by number of
 * events that people are folded from. */
#include "eval_job.h"

#include <stdlib.h>
#include <string.h>

#include "split.h"

#define MOST_LENGTHS 16u

static const char *text_of(const cli *c, const char *option) { return cli_args_text(&c->args, cli_args_index(&c->args, option)); }

static eval_row *new_row(eval_job *j, const char *by) {
  if (j->n_rows == EVAL_MOST_ROWS) return NULL;
  eval_row *row = &j->rows[j->n_rows++];
  memset(row, 0, sizeof *row);
  row->by = by;
  return row;
}

static void fill_row(const eval_job *j, const ink_eval_report *report, eval_row *row) {
  row->n_users = report->counts.n_users;
  memcpy(row->values, report->values, j->m.n_metrics * sizeof *row->values);
}

/* -------------------------------------------------------- by length of history */

static const struct { uint32_t low, high; const char *label; } LENGTHS[] = {
  { 0, 0, "no event" }, { 1, 2, "1 or 2 events" }, { 3, 9, "3 to 9 events" }, { 10, 29, "10 to 29 events" },
  { 30, 99, "30 to 99 events" }, { 100, UINT32_MAX, "100 events or more" },
};

static int row_of_length(cli *c, eval_job *j, const ink_eval_people *people, uint32_t length, double *some) {
  const ink_train_env env = cli_env(c);
  uint32_t n = 0;
  for (uint32_t i = 0; i < people->n; i++) n += people->n_history[i] >= LENGTHS[length].low && people->n_history[i] <= LENGTHS[length].high;
  eval_row *row = n == 0 ? NULL : new_row(j, "history");
  if (row == NULL) return CLI_DONE;
  (void)snprintf(row->label, sizeof row->label, "%s", LENGTHS[length].label);
  row->n_users = n;
  for (uint32_t m = 0; m < j->m.n_metrics; m++) {
    ink_metric_sum sum = { 0 };
    const double *values = people->values + (size_t)m * people->n;
    for (uint32_t i = 0; i < people->n; i++) {
      const bool in = people->n_history[i] >= LENGTHS[length].low && people->n_history[i] <= LENGTHS[length].high;
      some[i] = in ? values[i] : (double)__builtin_nan("");
      if (some[i] == some[i]) ink_metric_sum_add(&sum, some[i], people->weights[i]);
    }
    row->values[m] = ink_metric_finish(&j->m.metrics[m], &sum);
    const ink_status status = j->m.resampling.rounds == 0 ? INK_OK
        : ink_bootstrap(&j->m.metrics[m], some, people->weights, people->n, &j->m.resampling, &env, &row->values[m]);
    if (status != INK_OK) return cli_refuse(c, status, NULL);
  }
  return CLI_DONE;
}

static int rows_by_length(cli *c, eval_job *j, const ink_eval_people *people) {
  double *some = cli_take(c->memory, people->n + 1u, sizeof *some);
  if (some == NULL) return cli_no_memory();
  int code = CLI_DONE;
  for (uint32_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS && code == CLI_DONE; i++) code = row_of_length(c, j, people, i, some);
  (void)cli_resize(c->memory, some, 0);
  return code;
}

/* ---------------------------------------------------------------- by popularity */

enum { HEAD, MIDDLE, TAIL, N_BANDS };

typedef struct item_count {
  uint32_t item, n;
} item_count;

static int more_events(const void *a, const void *b) {
  const item_count *x = a, *y = b;
  return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : (x->item > y->item) - (x->item < y->item);
}

/* The most popular items that together hold a third of the events, the next third, the others. */
static int find_bands(cli *c, const ink_dataset *history, uint32_t n_items, uint8_t **bands, uint32_t sizes[N_BANDS]) {
  item_count *counts = cli_take(c->memory, n_items + 1u, sizeof *counts);
  *bands = cli_take(c->memory, n_items + 1u, 1);
  if (counts == NULL || *bands == NULL) return cli_no_memory();
  for (uint32_t i = 0; i < n_items; i++) counts[i] = (item_count){ i, 0 };
  for (uint64_t e = 0; e < history->n_events; e++) counts[history->item[e]].n++;
  qsort(counts, n_items, sizeof *counts, more_events);
  uint64_t seen = 0;
  for (uint32_t i = 0; i < n_items; i++) {
    const uint32_t band = counts[i].n == 0 || 3 * seen >= 2 * history->n_events ? TAIL : 3 * seen >= history->n_events ? MIDDLE : HEAD;
    (*bands)[counts[i].item] = (uint8_t)band;
    sizes[band] += counts[i].n > 0;
    seen += counts[i].n;
  }
  (void)cli_resize(c->memory, counts, 0);
  return CLI_DONE;
}

/* The same measurement with the test events of one band: the other test items are candidates like any. */
static int row_of_band(cli *c, eval_job *j, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test, const uint8_t *parts,
                       uint32_t band, uint32_t size) {
  static const char *const names[] = { "head", "middle", "tail" };
  const ink_train_env env = cli_env(c);
  ink_dataset some;
  ink_eval_report report;
  const ink_status status = ink_dataset_part(test, parts, 1u << band, &env, &some);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  int code = CLI_DONE;
  eval_row *row = some.n_events == 0 ? NULL : new_row(j, "popularity");
  if (row != NULL) {
    (void)snprintf(row->label, sizeof row->label, "%s (%u items)", names[band], size);
    code = cli_measure_run(c, &j->m, pack, history, &some, &report, NULL);
    if (code == CLI_DONE) fill_row(j, &report, row);
  }
  ink_dataset_free(&some);
  return code;
}

static int rows_by_popularity(cli *c, eval_job *j, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test) {
  uint8_t *bands, *parts = cli_take(c->memory, (size_t)test->n_events + 1, 1);
  uint32_t sizes[N_BANDS] = { 0 };
  if (parts == NULL) return cli_no_memory();
  int code = find_bands(c, history, test->items.n, &bands, sizes);
  for (uint64_t e = 0; e < test->n_events && code == CLI_DONE; e++) parts[e] = bands[test->item[e]];
  for (uint32_t b = 0; b < N_BANDS && code == CLI_DONE; b++) code = row_of_band(c, j, pack, history, test, parts, b, sizes[b]);
  return code;
}

/* ------------------------------------------------------------ by events folded */

/* "1,3,10,50" into lengths; 0 of them when the words are off. */
static uint32_t read_lengths(const char *text, uint32_t lengths[MOST_LENGTHS]) {
  uint32_t n = 0;
  while (n < MOST_LENGTHS) {
    char *end;
    const unsigned long length = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || length < 1 || length > 100000 || (*end != ',' && *end != '\0')) return 0;
    lengths[n++] = (uint32_t)length;
    if (*end == '\0') return n;
    text = end + 1;
  }
  return 0;
}

static int rows_by_events(cli *c, eval_job *j, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test) {
  uint32_t lengths[MOST_LENGTHS];
  const uint32_t n = read_lengths(text_of(c, "history-events"), lengths);
  cli_measure cut = j->m;
  ink_eval_report report;
  int code = CLI_DONE;
  cut.how.oldest_events = cli_args_flag(&c->args, cli_args_index(&c->args, "oldest-events"));
  cut.how.metrics = cut.metrics;
  for (uint32_t i = 0; i < n && code == CLI_DONE; i++) {
    cut.how.n_events = lengths[i];
    code = cli_measure_run(c, &cut, pack, history, test, &report, NULL);
    eval_row *row = code == CLI_DONE ? new_row(j, "events") : NULL;
    if (row == NULL) continue;
    (void)snprintf(row->label, sizeof row->label, "%u", lengths[i]);
    fill_row(j, &report, row);
  }
  return code;
}

/* ------------------------------------------------------------------------ doors */

int eval_rows_check(const cli *c, const eval_job *j) {
  uint32_t lengths[MOST_LENGTHS];
  const char *events = text_of(c, "history-events");
  if (events != NULL && read_lengths(events, lengths) == 0) {
    return cli_bad_words(c, "--history-events is \"%s\"; allowed are up to %u whole numbers from 1, as 1,3,10,50", events, MOST_LENGTHS);
  }
  const char *by = text_of(c, "by");
  if (by != NULL && strcmp(by, "popularity") == 0 && j->m.protocol == INK_PROTOCOL_CANDIDATES) {
    return cli_bad_words(c, "--by popularity: not for listed candidates, which belong to all test items of a person");
  }
  return CLI_DONE;
}

int eval_measure(cli *c, eval_job *j, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test) {
  const char *by = text_of(c, "by");
  ink_eval_people people = { 0 };
  const ink_allocator allocator = cli_allocator(c->memory);
  const double start = cli_seconds();
  int code = cli_measure_run(c, &j->m, pack, history, test, &j->report, by == NULL ? NULL : &people);
  j->seconds += cli_seconds() - start;
  if (code == CLI_DONE && by != NULL) {
    code = strcmp(by, "history") == 0 ? rows_by_length(c, j, &people) : rows_by_popularity(c, j, pack, history, test);
  }
  if (code == CLI_DONE && text_of(c, "history-events") != NULL) code = rows_by_events(c, j, pack, history, test);
  ink_eval_people_free(&people, &allocator);
  return code;
}
