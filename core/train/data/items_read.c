/* items_read.c - rows of an items file into raw cells. See items_raw.h and columns.h. */
#include "blocks.h"
#include "caps.h"
#include "fault.h"
#include "fields.h"
#include "items_raw.h"
#include "json_line.h"
#include "mem.h"
#include "read_plan.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define SKIP INK_NONE

static const ink_text NO_TEXT = { "", 0 };

typedef struct items_reader {
  ink_dataset *d;
  ink_line_reader *lines;
  const ink_items_options *options;
  ink_raw_items *raw;
  bool json, header, quoted;
  char separator;
  uint32_t n_cells, id_cell;      /* of tables */
  uint32_t column[INK_MAX_FIELDS];        /* raw column of each cell, or SKIP */
  ink_fields fields;
} items_reader;

static ink_status refuse(const items_reader *r, ink_status status, ink_text column, ink_text cell, const char *allowed) {
  return ink_line_fault(r->lines, status, column, cell, allowed);
}

/* ------------------------------------------------------------------- names */

/* "Release Year" -> "release_year". False when nothing is left or it is too long. */
static bool plain_column_name(ink_text name, char out[INK_COLUMN_NAME_BYTES + 1]) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < name.n; i++) {
    const char c = name.bytes[i];
    const char small = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    const bool letter = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (!letter && (n == 0 || out[n - 1] == '_')) continue;
    if (n == INK_COLUMN_NAME_BYTES) return false;
    out[n++] = letter ? small : '_';
  }
  while (n > 0 && out[n - 1] == '_') n--;
  out[n] = 0;
  return n > 0;
}

/* The raw column of this name, a new one where there is none yet. *is_new may be NULL. */
static ink_status column_of(items_reader *r, ink_text name, uint32_t *column, bool *is_new) {
  char plain[INK_COLUMN_NAME_BYTES + 1];
  ink_raw_items *raw = r->raw;
  if (!plain_column_name(name, plain))
    return refuse(r, INK_E_DATA_COLUMN, name, NO_TEXT, "a column name with letters a-z or digits, 64 at most");
  if (ink_text_equal(ink_text_of(plain), NAME("id"))) ink_mem_copy(plain, "id_", 4);   /* items.id is the catalogue's own */
  uint32_t i = 0;
  while (i < raw->n_columns && !ink_text_equal(ink_text_of(raw->columns[i].name), ink_text_of(plain))) i++;
  if (is_new != NULL) *is_new = i == raw->n_columns;
  if (i == INK_CAP_COLUMNS) return refuse(r, INK_E_LIMIT, name, NO_TEXT, "at most 64 columns");
  if (i == raw->n_columns) {
    raw->columns[i] = (ink_raw_column){ .cells = NULL };
    ink_mem_copy(raw->columns[i].name, plain, sizeof plain);
    raw->n_columns++;
  }
  *column = i;
  return INK_OK;
}

static uint32_t id_fit(const ink_items_options *options, ink_text name) {
  const ink_read_options asked = { .item = options->id };
  const uint32_t fit = ink_role_fit(&asked, INK_ROLE_ITEM, name);
  if (fit > 0 || options->id != NULL || name.n != 2) return fit;
  return (name.bytes[0] | 0x20) == 'i' && (name.bytes[1] | 0x20) == 'd' ? 1 : 0;
}

/* -------------------------------------------------------------------- rows */

static ink_status keep_text(items_reader *r, ink_text text, uint64_t *start) {
  ink_raw_items *raw = r->raw;
  if (raw->cap_pool - raw->n_pool < text.n) {
    const uint64_t cap = ink_block_grown(raw->cap_pool, (uint64_t)raw->n_pool + text.n);
    INK_GROW(&r->d->allocator, cap, &raw->pool);
    raw->cap_pool = (size_t)cap;
  }
  ink_mem_copy(raw->pool + raw->n_pool, text.bytes, text.n);
  *start = raw->n_pool;
  raw->n_pool += text.n;
  return INK_OK;
}

static ink_status keep_cell(items_reader *r, uint32_t column, uint32_t item, ink_text text) {
  ink_raw_column *c = &r->raw->columns[column];
  if (text.n == 0) return INK_OK;
  if (!ink_utf8_valid(text.bytes, text.n))
    return refuse(r, INK_E_DATA_UTF8, ink_text_of(c->name), text, "UTF-8; a Latin-1 file must be declared as such");
  if (c->n == c->cap) {
    const uint64_t cap = ink_block_grown(c->cap, (uint64_t)c->n + 1);
    INK_GROW(&r->d->allocator, cap, &c->cells);
    c->cap = (uint32_t)cap;
  }
  ink_raw_cell cell = { .n = text.n, .item = item, .line = r->lines->line };
  INK_TRY(keep_text(r, text, &cell.start));
  c->cells[c->n++] = cell;
  return INK_OK;
}

/* The item of a row; INK_NONE for one to leave out. */
static ink_status find_item(items_reader *r, ink_text id, uint32_t *item) {
  ink_raw_items *raw = r->raw;
  ink_names *items = &r->d->items;
  raw->n_rows++;
  if (id.n == 0 || id.n > INK_CAP_ITEM_ID_BYTES) return refuse(r, INK_E_DATA_SYNTAX, NAME("id"), id, "an id of 1 to 1024 bytes");
  if (!ink_utf8_valid(id.bytes, id.n))
    return refuse(r, INK_E_DATA_UTF8, NAME("id"), id, "UTF-8; a Latin-1 file must be declared as such");
  *item = ink_names_find(items, id);
  if (*item == INK_NONE) {
    raw->n_unknown++;
    if (!r->options->all_items) return INK_OK;
    if (items->n == INK_CAP_ITEMS) return refuse(r, INK_E_LIMIT, NAME("id"), id, "at most 16777216 items");
    INK_TRY(ink_names_add(items, &r->d->allocator, id, item));
  }
  if (*item >= raw->cap_met) {
    const uint32_t cap = (uint32_t)ink_block_grown(raw->cap_met, items->n);
    INK_GROW(&r->d->allocator, cap, &raw->met);
    ink_mem_fill(raw->met + raw->cap_met, 0, cap - raw->cap_met);
    raw->cap_met = cap;
  }
  if (raw->met[*item]) return refuse(r, INK_E_DATA_DUPLICATE, NAME("id"), id, "each item once");
  raw->met[*item] = 1;
  return INK_OK;
}

static ink_status read_cells(items_reader *r, ink_line line) {
  uint32_t item;
  const char *wrong = ink_fields_cut(line, r->separator, r->quoted, &r->fields);
  if (wrong != NULL) return refuse(r, INK_E_DATA_SYNTAX, NO_TEXT, NO_TEXT, wrong);
  if (r->fields.n != r->n_cells) return refuse(r, INK_E_DATA_COLUMN, NO_TEXT, NO_TEXT, "as many cells as there are columns");
  INK_TRY(find_item(r, r->fields.cell[r->id_cell], &item));
  for (uint32_t c = 0; c < r->n_cells && item != INK_NONE; c++)
    if (r->column[c] != SKIP) INK_TRY(keep_cell(r, r->column[c], item, r->fields.cell[c]));
  return INK_OK;
}

/* -------------------------------------------------------------------- json */

static ink_text text_of_value(const ink_json_value *v) {
  switch (v->kind) {
    case INK_JSON_TRUE: return NAME("1");
    case INK_JSON_FALSE: return NAME("0");
    case INK_JSON_NULL: return NO_TEXT;
    default: return (ink_text){ v->text.bytes, v->text.n };
  }
}

/* An array's elements, joined in place: unescaped strings only shrink, so writing never overtakes reading. */
static ink_status join_array(items_reader *r, ink_text key, const ink_json_value *array, ink_text *joined) {
  ink_json walk;
  ink_json_value v;
  bool more = true;
  char *const start = array->text.bytes, *to = start;
  ink_json_array_open(&walk, array);
  for (;;) {
    (void)ink_json_array_next(&walk, &v, &more);
    if (!more) break;
    if (v.kind == INK_JSON_ARRAY || v.kind == INK_JSON_OBJECT)
      return refuse(r, INK_E_DATA_SYNTAX, key, NO_TEXT, "an array of strings or numbers");
    const ink_text text = text_of_value(&v);
    if (to != start) *to++ = INK_TAG_JOINT;
    ink_mem_move(to, text.bytes, text.n);
    to += text.n;
  }
  *joined = (ink_text){ start, (uint32_t)(to - start) };
  return INK_OK;
}

/* First the id is looked for, on a copy: reading unescapes in place, and cells may come before the id. */
static ink_status find_json_id(items_reader *r, ink_line line, uint32_t *item) {
  uint64_t start;
  const size_t n_pool = r->raw->n_pool;
  INK_TRY(keep_text(r, (ink_text){ line.bytes, line.n }, &start));
  ink_json json;
  ink_json_value v;
  ink_text key, id = NO_TEXT;
  uint32_t best = 0;
  bool more = true, whole = ink_json_object_open(&json, (ink_line){ r->raw->pool + start, line.n });
  while (whole && more) {
    whole = ink_json_object_next(&json, &key, &v, &more);
    const uint32_t fit = whole && more ? id_fit(r->options, key) : 0;
    if (fit <= best) continue;
    if (v.kind != INK_JSON_STRING && v.kind != INK_JSON_NUMBER)
      return refuse(r, INK_E_DATA_SYNTAX, key, NO_TEXT, "a string or a number as id");
    best = fit;
    id = text_of_value(&v);
  }
  if (!whole) return refuse(r, INK_E_DATA_SYNTAX, NO_TEXT, NO_TEXT, json.allowed);
  if (best == 0)
    return refuse(r, INK_E_DATA_COLUMN, ink_text_of(r->options->id != NULL ? r->options->id : "id"), NO_TEXT,
                  "an id in each object");
  r->id_cell = best;
  const ink_status status = find_item(r, id, item);
  r->raw->n_pool = n_pool;
  return status;
}

static ink_status read_json(items_reader *r, ink_line line) {
  uint32_t item, column;
  INK_TRY(find_json_id(r, line, &item));
  ink_json json;
  ink_json_value v;
  ink_text key;
  bool more = item != INK_NONE, skip_id = true;
  (void)ink_json_object_open(&json, line);
  while (more) {
    (void)ink_json_object_next(&json, &key, &v, &more);
    if (!more) break;
    if (skip_id && id_fit(r->options, key) == r->id_cell) {
      skip_id = false;
      continue;
    }
    if (v.kind == INK_JSON_OBJECT) continue;      /* nothing that a column could hold */
    INK_TRY(column_of(r, key, &column, NULL));
    ink_raw_column *c = &r->raw->columns[column];
    if (c->n > 0 && c->cells[c->n - 1].item == item) return refuse(r, INK_E_DATA_DUPLICATE, key, NO_TEXT, "each key once");
    ink_text text = text_of_value(&v);
    if (v.kind == INK_JSON_ARRAY) INK_TRY(join_array(r, key, &v, &text));
    c->arrays = c->arrays || v.kind == INK_JSON_ARRAY;
    INK_TRY(keep_cell(r, column, item, text));
  }
  return INK_OK;
}

/* ------------------------------------------------------------------ layout */

static char separator_of(ink_text line, uint32_t format) {
  static const char TRIED[] = { INK_SEPARATOR_COLONS, '\t', ',', ';', '|' };
  if (format == INK_FORMAT_TSV) return '\t';
  uint32_t n = 0;
  while (n < line.n && line.bytes[n] != '\n') n++;
  for (size_t t = 0; t < sizeof TRIED; t++)
    if (ink_fields_has(line.bytes, n, TRIED[t])) return TRIED[t];
  return ',';
}

/* Names of the cells: from a header line that is cut already, or from options->names. */
static ink_status name_columns(items_reader *r) {
  uint32_t best = 0;
  r->n_cells = r->fields.n;
  r->id_cell = 0;
  for (uint32_t c = 0; c < r->n_cells; c++) {
    const uint32_t fit = id_fit(r->options, r->fields.cell[c]);
    if (fit <= best) continue;
    best = fit;
    r->id_cell = c;
  }
  if (best == 0 && r->options->id != NULL)
    return refuse(r, INK_E_DATA_COLUMN, ink_text_of(r->options->id), NO_TEXT, "a name that stands among the columns");
  for (uint32_t c = 0; c < r->n_cells; c++) {
    const ink_text name = r->fields.cell[c];
    bool is_new;
    r->column[c] = SKIP;
    if (c == r->id_cell || name.n == 0 || ink_text_equal(name, NAME("-"))) continue;
    INK_TRY(column_of(r, name, &r->column[c], &is_new));
    if (!is_new) return refuse(r, INK_E_DATA_DUPLICATE, name, NO_TEXT, "each column name once");
  }
  return INK_OK;
}

static ink_status cut_given_names(items_reader *r) {
  ink_text rest = ink_text_of(r->options->names), name, value;
  for (r->fields.n = 0; ink_fields_next_pair(&rest, &name, &value); r->fields.n++) {
    if (r->fields.n == INK_MAX_FIELDS) return ink_refuse(r->lines->env->fault, INK_E_LIMIT, NAME("names"), "at most 256 columns");
    r->fields.cell[r->fields.n] = ink_text_trim(name);
  }
  return name_columns(r);
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static ink_status plan_items(items_reader *r) {
  ink_text first;
  const uint32_t format = r->options->format;
  r->lines->line = 1;
  INK_TRY(ink_line_reader_peek(r->lines, &first));
  uint32_t start = 0;
  while (start < first.n && is_space(first.bytes[start])) start++;
  if (start == first.n) return refuse(r, INK_E_DATA_EMPTY, NO_TEXT, NO_TEXT, "at least one item");
  r->json = format == INK_FORMAT_JSONL || (format == INK_FORMAT_AUTO && first.bytes[start] == '{');
  if (r->json) return INK_OK;
  r->separator = separator_of((ink_text){ first.bytes + start, first.n - start }, format);
  r->quoted = r->separator == ',' || r->separator == ';';
  r->header = r->options->names == NULL;
  return r->header ? INK_OK : cut_given_names(r);
}

static ink_status read_rows(items_reader *r) {
  for (;;) {
    ink_line line;
    bool more;
    INK_TRY(ink_line_reader_next(r->lines, r->quoted, &line, &more));
    if (!more) break;
    if (ink_text_trim((ink_text){ line.bytes, line.n }).n == 0) continue;
    if (r->header) {
      const char *wrong = ink_fields_cut(line, r->separator, r->quoted, &r->fields);
      if (wrong != NULL) return refuse(r, INK_E_DATA_SYNTAX, NO_TEXT, NO_TEXT, wrong);
      INK_TRY(name_columns(r));
      r->header = false;
    } else if (r->json) {
      INK_TRY(read_json(r, line));
    } else {
      INK_TRY(read_cells(r, line));
    }
  }
  return r->raw->n_rows > 0 ? INK_OK : refuse(r, INK_E_DATA_EMPTY, NO_TEXT, NO_TEXT, "at least one item");
}

/* -------------------------------------------------------------------- door */

ink_status ink_items_read_raw(ink_dataset *d, ink_line_reader *lines, const ink_items_options *options, ink_raw_items *raw) {
  items_reader *r;
  INK_NEW(&d->allocator, INK_CAP_COLUMNS, &raw->columns);
  INK_NEW(&d->allocator, 1, &r);
  *r = (items_reader){ .d = d, .lines = lines, .options = options, .raw = raw };
  ink_status status = plan_items(r);
  if (status == INK_OK) status = read_rows(r);
  ink_block_free(&d->allocator, r);
  return status;
}

void ink_raw_items_free(ink_raw_items *raw, const ink_allocator *allocator) {
  for (uint32_t c = 0; c < raw->n_columns; c++) ink_block_free(allocator, raw->columns[c].cells);
  ink_block_free(allocator, raw->columns);
  ink_block_free(allocator, raw->pool);
  ink_block_free(allocator, raw->met);
  *raw = (ink_raw_items){ 0 };
}
