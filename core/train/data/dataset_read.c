/* dataset_read.c - a file of interactions, row by row, into a data set.
 * What a file looks like is decided in read_plan.c; here each kind of line becomes events. */
#include "blocks.h"
#include "caps.h"
#include "dataset_build.h"
#include "decimal.h"
#include "json_line.h"
#include "read_plan.h"
#include "utf8.h"
#include "base.h"

static const ink_text NO_TEXT = { "", 0 };

typedef struct event_reader {
  ink_line_reader lines;
  ink_read_plan plan;
  const ink_read_options *options;
  ink_dataset *d;
  ink_dataset_build build;
  uint32_t default_kind[2];       /* without and with a rating; INK_NONE until it is needed */
  ink_fields fields;
} event_reader;

/* One row before it is understood. An empty text is an absent cell. */
typedef struct raw_row {
  ink_text cell[INK_N_ROLES];
  bool value_is_weight;
} raw_row;

static ink_text label_of(const event_reader *r, uint32_t role) {
  return ink_text_of(r->plan.format == INK_FORMAT_JSONL || r->plan.label[role][0] == 0 ? ink_role_name(role) : r->plan.label[role]);
}

static ink_status refuse(const event_reader *r, ink_status status, uint32_t role, ink_text cell, const char *allowed) {
  return ink_line_fault(&r->lines, status, label_of(r, role), cell, allowed);
}

/* ------------------------------------------------------------------- cells */

/* Only a name that was not met before needs its bytes checked. */
static ink_status number_id(event_reader *r, ink_names *names, uint32_t role, ink_text id, uint32_t *number) {
  const uint32_t known = ink_names_find(names, id);
  if (known != INK_NONE) {
    *number = known;
    return INK_OK;
  }
  if (id.n == 0) return refuse(r, INK_E_DATA_SYNTAX, role, id, "an id of 1 to 1024 bytes: this one is empty");
  if (id.n > INK_CAP_ITEM_ID_BYTES) return refuse(r, INK_E_LIMIT, role, id, "an id of 1 to 1024 bytes");
  if (!ink_utf8_valid(id.bytes, id.n))
    return refuse(r, INK_E_DATA_UTF8, role, id, "UTF-8; a Latin-1 file must be declared as such");
  if (role == INK_ROLE_ITEM && names->n == INK_CAP_ITEMS) return refuse(r, INK_E_LIMIT, role, id, "at most 16777216 items");
  return ink_names_add(names, &r->d->allocator, id, number);
}

static ink_status number_kind(event_reader *r, ink_text cell, uint32_t *number) {
  char name[INK_CAP_KIND_BYTES];
  const ink_text kind = { name, ink_min_u32(cell.n, INK_CAP_KIND_BYTES + 1) };
  for (uint32_t i = 0; i < cell.n && i < INK_CAP_KIND_BYTES; i++) {
    const char c = cell.bytes[i];
    name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  if (!ink_kind_is_legal(kind))
    return refuse(r, INK_E_DATA_SYNTAX, INK_ROLE_KIND, cell, "a kind of 1 to 32 letters a-z, digits, _ and -");
  ink_names *kinds = &r->d->kinds;
  if (kinds->n == INK_CAP_KINDS && ink_names_find(kinds, kind) == INK_NONE)
    return refuse(r, INK_E_LIMIT, INK_ROLE_KIND, cell, "at most 64 kinds");
  return ink_names_add(kinds, &r->d->allocator, kind, number);
}

static ink_status default_kind(event_reader *r, bool is_rating, uint32_t *kind) {
  uint32_t *cached = &r->default_kind[is_rating];
  if (*cached == INK_NONE) {
    const char *name = r->options->default_kind != NULL ? r->options->default_kind : is_rating ? "rating" : "view";
    INK_TRY(number_kind(r, ink_text_of(name), cached));
  }
  *kind = *cached;
  return INK_OK;
}

static ink_status parse_value(const event_reader *r, ink_text cell, float *value) {
  double x;
  if (!ink_decimal_parse(cell, &x)) return refuse(r, INK_E_DATA_NUMBER, INK_ROLE_VALUE, cell, "a decimal number such as 3.5");
  if (!(x >= -(double)INK_CAP_MAGNITUDE && x <= (double)INK_CAP_MAGNITUDE))
    return refuse(r, INK_E_DATA_NUMBER, INK_ROLE_VALUE, cell, "a number within +-1e11");
  *value = (float)x;
  return INK_OK;
}

static ink_status parse_time(const event_reader *r, ink_text cell, int64_t *time) {
  if (ink_time_parse(cell, time)) return INK_OK;
  return refuse(r, INK_E_DATA_NUMBER, INK_ROLE_TIME, cell, "seconds or milliseconds since 1970, or a date like 2005-09-06T12:00:00Z");
}

/* has_cell: the file has this column at all (an empty cell in it is then an error, but for times and kinds). */
static ink_status add_row(event_reader *r, const raw_row *row, bool has_value_cell) {
  ink_dataset *d = r->d;
  uint32_t user, item, kind;
  float value = 1.0f;
  int64_t time = INK_NO_TIME;
  INK_TRY(number_id(r, &d->users, INK_ROLE_USER, row->cell[INK_ROLE_USER], &user));
  INK_TRY(number_id(r, &d->items, INK_ROLE_ITEM, row->cell[INK_ROLE_ITEM], &item));
  if (has_value_cell) {
    INK_TRY(parse_value(r, row->cell[INK_ROLE_VALUE], &value));
    d->has_value = true;
  }
  if (row->cell[INK_ROLE_TIME].n > 0) {
    INK_TRY(parse_time(r, row->cell[INK_ROLE_TIME], &time));
    d->has_time = true;
  }
  if (row->cell[INK_ROLE_KIND].n > 0) INK_TRY(number_kind(r, row->cell[INK_ROLE_KIND], &kind));
  else INK_TRY(default_kind(r, has_value_cell && !row->value_is_weight, &kind));
  return ink_dataset_build_add(&r->build, user, item, kind, value, time);
}

/* -------------------------------------------------------------------- rows */

/* csv, tsv and ratings. */
static ink_status read_cells(event_reader *r, ink_line line) {
  const ink_read_plan *plan = &r->plan;
  const char *wrong = ink_fields_cut(line, plan->separator, plan->quoted, &r->fields);
  if (wrong != NULL) return ink_line_fault(&r->lines, INK_E_DATA_SYNTAX, NO_TEXT, NO_TEXT, wrong);
  raw_row row = { .value_is_weight = plan->value_is_weight };
  for (uint32_t role = 0; role < INK_N_ROLES; role++) {
    const uint32_t column = plan->column[role];
    row.cell[role] = NO_TEXT;
    if (column == INK_NONE) continue;
    if (column >= r->fields.n) return refuse(r, INK_E_DATA_COLUMN, role, NO_TEXT, "as many cells as the first line has");
    row.cell[role] = r->fields.cell[column];
  }
  return add_row(r, &row, plan->column[INK_ROLE_VALUE] != INK_NONE);
}

/* NCF's lists of negatives begin a line with `(user,item)`: the pair becomes two words. */
static bool split_pair(ink_text word, ink_text *user, ink_text *item) {
  if (word.n < 5 || word.bytes[0] != '(' || word.bytes[word.n - 1] != ')') return false;
  uint32_t comma = 1;
  while (comma < word.n && word.bytes[comma] != ',') comma++;
  if (comma + 1 >= word.n) return false;
  *user = (ink_text){ word.bytes + 1, comma - 1 };
  *item = (ink_text){ word.bytes + comma + 1, word.n - comma - 2 };
  return true;
}

static ink_status add_listed(event_reader *r, uint32_t user, ink_text id, uint32_t kind, int64_t place) {
  uint32_t item;
  INK_TRY(number_id(r, &r->d->items, INK_ROLE_ITEM, id, &item));
  return ink_dataset_build_add(&r->build, user, item, kind, 1.0f, place);
}

/* adjacency and sequence. A line with a user alone is a user without events. */
static ink_status read_list(event_reader *r, ink_line line) {
  const bool in_order = r->plan.format == INK_FORMAT_SEQUENCE;
  ink_text word, user_id, first = NO_TEXT;
  uint32_t user, kind;
  int64_t place = in_order ? 0 : INK_NO_TIME;
  (void)ink_fields_next_word(&line, &word);
  if (!split_pair(word, &user_id, &first)) user_id = word;
  INK_TRY(number_id(r, &r->d->users, INK_ROLE_USER, user_id, &user));
  INK_TRY(default_kind(r, false, &kind));
  if (first.n > 0) {
    INK_TRY(add_listed(r, user, first, kind, place));
    place += in_order;
  }
  while (ink_fields_next_word(&line, &word)) {
    INK_TRY(add_listed(r, user, word, kind, place));
    place += in_order;
  }
  r->d->has_time = in_order;
  r->d->in_order = true;
  return INK_OK;
}

/* One member of a JSON event: kept when its key fits a role better than what was there. */
static ink_status take_member(event_reader *r, ink_text key, const ink_json_value *v, uint32_t best[INK_N_ROLES], raw_row *row) {
  for (uint32_t role = 0; role < INK_N_ROLES; role++) {
    const uint32_t fit = ink_role_fit(r->options, role, key);
    if (fit == 0 || v->kind == INK_JSON_NULL) continue;
    if (fit == best[role]) return refuse(r, INK_E_DATA_DUPLICATE, role, key, "each key once");
    if (fit < best[role]) continue;
    const bool is_text = v->kind == INK_JSON_STRING, is_number = v->kind == INK_JSON_NUMBER;
    const bool legal = role == INK_ROLE_VALUE ? is_number : role == INK_ROLE_KIND ? is_text : is_text || is_number;
    const char *wanted = role == INK_ROLE_VALUE ? "a number" : role == INK_ROLE_KIND ? "a string" : "a string or a number";
    const ink_text text = { v->text.bytes, v->text.n };
    if (!legal) return refuse(r, INK_E_DATA_SYNTAX, role, text, wanted);
    best[role] = fit;
    row->cell[role] = text;
    if (role == INK_ROLE_VALUE) row->value_is_weight = ink_role_is_weight(key);
  }
  return INK_OK;
}

static ink_status read_json(event_reader *r, ink_line line) {
  ink_json json;
  ink_json_value value;
  ink_text key;
  uint32_t best[INK_N_ROLES] = { 0 };
  raw_row row = { .value_is_weight = false };
  for (uint32_t role = 0; role < INK_N_ROLES; role++) row.cell[role] = NO_TEXT;
  bool more = true, whole = ink_json_object_open(&json, line);
  while (whole && more) {
    whole = ink_json_object_next(&json, &key, &value, &more);
    if (whole && more) INK_TRY(take_member(r, key, &value, best, &row));
  }
  if (!whole) return ink_line_fault(&r->lines, INK_E_DATA_SYNTAX, NO_TEXT, NO_TEXT, json.allowed);
  for (uint32_t role = INK_ROLE_USER; role <= INK_ROLE_ITEM; role++)
    if (best[role] == 0) return refuse(r, INK_E_DATA_COLUMN, role, NO_TEXT, "both a user and an item in each object");
  return add_row(r, &row, best[INK_ROLE_VALUE] != 0);
}

static ink_status read_rows(event_reader *r) {
  bool more = true, header = r->plan.header;
  for (;;) {
    ink_line line;
    INK_TRY(ink_line_reader_next(&r->lines, r->plan.quoted, &line, &more));
    if (!more) return INK_OK;
    if (ink_text_trim((ink_text){ line.bytes, line.n }).n == 0) continue;
    if (header) {
      header = false;
      continue;
    }
    switch (r->plan.format) {
      case INK_FORMAT_JSONL: INK_TRY(read_json(r, line)); break;
      case INK_FORMAT_ADJACENCY: case INK_FORMAT_SEQUENCE: INK_TRY(read_list(r, line)); break;
      default: INK_TRY(read_cells(r, line)); break;
    }
  }
}

/* -------------------------------------------------------------------- door */

static ink_status read_all(event_reader *r, const ink_dataset *start_from) {
  ink_dataset *d = r->d;
  if (start_from != NULL) INK_TRY(ink_dataset_copy_names(d, start_from));
  INK_TRY(ink_dataset_weigh_kinds(d, r->options, start_from, r->lines.env));   /* early: a mistake is told before a long read */
  INK_TRY(ink_read_plan_make(&r->lines, r->options, &r->plan, d->explain, sizeof d->explain));
  INK_TRY(read_rows(r));
  if (d->n_events == 0) return ink_line_fault(&r->lines, INK_E_DATA_EMPTY, NO_TEXT, NO_TEXT, "at least one event");
  INK_TRY(ink_dataset_weigh_kinds(d, r->options, start_from, r->lines.env));   /* again, for the kinds that were met */
  return ink_dataset_build_finish(&r->build);
}

static ink_status open_and_read(ink_dataset *d, const ink_source *source, const ink_read_options *options,
                                const ink_dataset *start_from, const ink_train_env *env) {
  event_reader *r;
  INK_NEW(&env->allocator, 1, &r);
  *r = (event_reader){ .options = options, .d = d, .build = { .d = d }, .default_kind = { INK_NONE, INK_NONE } };
  ink_status status = ink_line_reader_open(&r->lines, source, options->encoding, env);
  if (status == INK_OK) status = read_all(r, start_from);
  ink_line_reader_close(&r->lines);
  ink_dataset_build_drop(&r->build);
  ink_block_free(&env->allocator, r);
  return status;
}

ink_status ink_dataset_read(ink_dataset *d, const ink_source *source, const ink_read_options *options,
                            const ink_dataset *start_from, const ink_train_env *env) {
  const ink_status status = open_and_read(d, source, options, start_from, env);
  if (status != INK_OK) ink_dataset_free(d);
  if (status != INK_OK && env->fault->code != (uint32_t)status) *env->fault = (ink_fault){ .code = (uint32_t)status, .low = 1 };
  return status;
}
