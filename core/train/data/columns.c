/* columns.c - raw cells of an items file into numbers, text and tags. See columns.h for the rules. */
#include "columns.h"

#include "blocks.h"
#include "caps.h"
#include "decimal.h"
#include "fault.h"
#include "fields.h"
#include "items_raw.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define LEAVE_OUT UINT32_MAX
#define LARGEST_WHOLE 9007199254740992.0   /* 2^53: beyond it a double drops digits */

static const ink_text NO_TEXT = { "", 0 };

typedef struct converter {
  ink_dataset *d;
  ink_line_reader *lines;         /* for faults */
  const ink_raw_items *raw;
  const ink_items_options *options;
  char tag_separator;
} converter;

static ink_text cell_text(const converter *v, const ink_raw_cell *cell) {
  return (ink_text){ v->raw->pool + cell->start, cell->n };
}

static ink_status refuse_cell(const converter *v, const ink_raw_column *from, const ink_raw_cell *cell, ink_status status,
                              const char *allowed) {
  v->lines->line = cell->line;
  return ink_line_fault(v->lines, status, ink_text_of(from->name), cell_text(v, cell), allowed);
}

/* -------------------------------------------------------------------- kinds */

/* Whole numbers are kept as such whatever their size; fractions share the cap of the pack's floats. */
static bool is_column_number(ink_text text, double *x) {
  if (!ink_decimal_parse(text, x)) return false;
  const double size = *x < 0 ? -*x : *x;
  return size <= (double)INK_CAP_MAGNITUDE || (size <= LARGEST_WHOLE && size == (double)(int64_t)size);
}

/* "007" is a name that happens to have digits. */
static bool looks_like_number(ink_text text) {
  double x;
  const bool padded = text.n > 1 && text.bytes[0] == '0' && text.bytes[1] >= '0' && text.bytes[1] <= '9';
  return !padded && is_column_number(text, &x);
}

static bool has_byte(ink_text text, char wanted) {
  for (uint32_t i = 0; i < text.n; i++)
    if (text.bytes[i] == wanted) return true;
  return false;
}

static uint32_t detect_kind(const converter *v, const ink_raw_column *from) {
  uint32_t n_numbers = 0, n_tagged = 0;
  if (from->arrays) return INK_COLUMN_TAGS;
  for (uint32_t i = 0; i < from->n; i++) {
    const ink_text text = cell_text(v, &from->cells[i]);
    n_numbers += looks_like_number(text);
    n_tagged += has_byte(text, v->tag_separator);
  }
  if (n_numbers == from->n) return INK_COLUMN_NUMBER;
  return n_tagged > 0 && n_tagged >= from->n / 20 ? INK_COLUMN_TAGS : INK_COLUMN_TEXT;
}

static ink_status kind_of_word(const ink_train_env *env, ink_text column, ink_text word, uint32_t *kind) {
  if (ink_text_equal(word, NAME("number"))) *kind = INK_COLUMN_NUMBER;
  else if (ink_text_equal(word, NAME("text"))) *kind = INK_COLUMN_TEXT;
  else if (ink_text_equal(word, NAME("tags"))) *kind = INK_COLUMN_TAGS;
  else if (ink_text_equal(word, NAME("skip"))) *kind = LEAVE_OUT;
  else return ink_refuse_text(env->fault, INK_E_SETTING, column, word, "number, text, tags or skip");
  return INK_OK;
}

/* Kind of every raw column, from the options where they speak. kinds [raw->n_columns]. */
static ink_status decide_kinds(const converter *v, uint32_t *kinds) {
  for (uint32_t c = 0; c < v->raw->n_columns; c++) kinds[c] = detect_kind(v, &v->raw->columns[c]);
  ink_text rest = ink_text_of(v->options->types), name, word;
  while (ink_fields_next_pair(&rest, &name, &word)) {
    uint32_t c = 0;
    while (c < v->raw->n_columns && !ink_text_equal(name, ink_text_of(v->raw->columns[c].name))) c++;
    if (c == v->raw->n_columns)
      return ink_refuse_text(v->lines->env->fault, INK_E_SETTING, NAME("types"), name, "a column of the items file");
    INK_TRY(kind_of_word(v->lines->env, name, word, &kinds[c]));
  }
  return INK_OK;
}

/* -------------------------------------------------------------- conversions */

static ink_status convert_numbers(const converter *v, const ink_raw_column *from, ink_column *to) {
  INK_NEW(&v->d->allocator, to->n_items, &to->number);
  ink_mem_fill(to->number, 0, to->n_items * sizeof *to->number);
  for (uint32_t i = 0; i < from->n; i++) {
    const ink_raw_cell *cell = &from->cells[i];
    if (!is_column_number(cell_text(v, cell), &to->number[cell->item]))
      return refuse_cell(v, from, cell, INK_E_DATA_NUMBER, "a decimal number within +-1e11, or a whole one within +-2^53");
  }
  return INK_OK;
}

/* The cell of each item, or NULL: cells come in the order of the file, columns need the order of items. */
static ink_status cells_by_item(const converter *v, const ink_raw_column *from, uint32_t n_items, const ink_raw_cell ***out) {
  const ink_raw_cell **by_item;
  INK_NEW(&v->d->allocator, n_items, &by_item);
  for (uint32_t i = 0; i < n_items; i++) by_item[i] = NULL;
  for (uint32_t i = 0; i < from->n; i++) by_item[from->cells[i].item] = &from->cells[i];
  *out = by_item;
  return INK_OK;
}

static ink_status copy_texts(const converter *v, const ink_raw_column *from, const ink_raw_cell *const *by_item, ink_column *to) {
  uint64_t n_bytes = 0;
  for (uint32_t i = 0; i < from->n; i++) n_bytes += from->cells[i].n;
  if (n_bytes > UINT32_MAX)
    return refuse_cell(v, from, &from->cells[from->n - 1], INK_E_LIMIT, "at most 4 GB of text in a column");
  INK_NEW(&v->d->allocator, n_bytes, &to->bytes);
  for (uint32_t item = 0; item < to->n_items; item++) {
    if (by_item[item] != NULL) {
      const ink_text text = cell_text(v, by_item[item]);
      ink_mem_copy(to->bytes + to->n_bytes, text.bytes, text.n);
      to->n_bytes += text.n;
    }
    to->ends[item] = (uint32_t)to->n_bytes;
  }
  return INK_OK;
}

/* The next tag of a cell, blanks around it dropped; false at the end. */
static bool next_tag(ink_text *rest, char separator, ink_text *tag) {
  if (rest->n == 0) return false;
  uint32_t end = 0;
  while (end < rest->n && rest->bytes[end] != separator) end++;
  *tag = ink_text_trim((ink_text){ rest->bytes, end });
  const uint32_t used = end < rest->n ? end + 1 : end;
  *rest = (ink_text){ rest->bytes + used, rest->n - used };
  return true;
}

/* Numbers the tags of one cell into to->values, each once. There is room: a cell has fewer tags than bytes + 1. */
static ink_status take_tags(const converter *v, const ink_raw_column *from, const ink_raw_cell *cell, ink_column *to) {
  ink_text rest = cell_text(v, cell), tag;
  const size_t first = to->n_values;
  while (next_tag(&rest, from->arrays ? INK_TAG_JOINT : v->tag_separator, &tag)) {
    uint32_t number;
    if (tag.n == 0) continue;
    INK_TRY(ink_names_add(&to->tags, &v->d->allocator, tag, &number));
    if (to->tags.n > INK_CAP_TAGS) return refuse_cell(v, from, cell, INK_E_LIMIT, "at most 65536 different tags in a column");
    size_t i = first;
    while (i < to->n_values && to->values[i] != number) i++;
    if (i == to->n_values) to->values[to->n_values++] = number;
  }
  return INK_OK;
}

static ink_status copy_tags(const converter *v, const ink_raw_column *from, const ink_raw_cell *const *by_item, ink_column *to) {
  uint64_t most = 0;
  for (uint32_t i = 0; i < from->n; i++) {
    const ink_text text = cell_text(v, &from->cells[i]);
    most++;
    for (uint32_t b = 0; b < text.n; b++) most += text.bytes[b] == (from->arrays ? INK_TAG_JOINT : v->tag_separator);
  }
  if (most > UINT32_MAX) return refuse_cell(v, from, &from->cells[from->n - 1], INK_E_LIMIT, "at most 2^32-1 tags in a column");
  INK_NEW(&v->d->allocator, most, &to->values);
  for (uint32_t item = 0; item < to->n_items; item++) {
    if (by_item[item] != NULL) INK_TRY(take_tags(v, from, by_item[item], to));
    to->ends[item] = (uint32_t)to->n_values;
  }
  return INK_OK;
}

static ink_status convert_lists(const converter *v, const ink_raw_column *from, ink_column *to) {
  const ink_raw_cell **by_item;
  INK_NEW(&v->d->allocator, to->n_items, &to->ends);
  INK_TRY(cells_by_item(v, from, to->n_items, &by_item));
  const ink_status status = to->kind == INK_COLUMN_TEXT ? copy_texts(v, from, by_item, to) : copy_tags(v, from, by_item, to);
  ink_block_free(&v->d->allocator, by_item);
  return status;
}

static ink_status convert_column(const converter *v, const ink_raw_column *from, uint32_t kind, ink_column *to) {
  to->kind = kind;
  to->n_items = v->d->items.n;
  ink_mem_copy(to->name, from->name, sizeof to->name);
  INK_NEW(&v->d->allocator, to->n_items, &to->have);
  ink_mem_fill(to->have, 0, to->n_items);
  for (uint32_t i = 0; i < from->n; i++) to->have[from->cells[i].item] = 1;
  return kind == INK_COLUMN_NUMBER ? convert_numbers(v, from, to) : convert_lists(v, from, to);
}

/* A column that no item has a value in says nothing and is left out. */
static ink_status convert_all(const converter *v, ink_columns *columns) {
  uint32_t kinds[INK_CAP_COLUMNS];
  INK_TRY(decide_kinds(v, kinds));
  INK_NEW(&v->d->allocator, v->raw->n_columns, &columns->column);
  for (uint32_t c = 0; c < v->raw->n_columns; c++) {
    if (kinds[c] == LEAVE_OUT || v->raw->columns[c].n == 0) continue;
    ink_column *to = &columns->column[columns->n++];
    *to = (ink_column){ .kind = 0 };
    INK_TRY(convert_column(v, &v->raw->columns[c], kinds[c], to));
  }
  columns->n_rows = v->raw->n_rows;
  columns->n_unknown = v->raw->n_unknown;
  return INK_OK;
}

/* -------------------------------------------------------------------- doors */

void ink_columns_free(ink_columns *columns, const ink_allocator *allocator) {
  for (uint32_t c = 0; c < columns->n; c++) {
    ink_column *column = &columns->column[c];
    ink_block_free(allocator, column->have);
    ink_block_free(allocator, column->number);
    ink_block_free(allocator, column->bytes);
    ink_names_free(&column->tags, allocator);
    ink_block_free(allocator, column->values);
    ink_block_free(allocator, column->ends);
  }
  ink_block_free(allocator, columns->column);
  ink_block_free(allocator, columns);
}

static ink_status make_columns(ink_dataset *d, ink_line_reader *lines, const ink_items_options *options, ink_raw_items *raw) {
  ink_columns *columns;
  const char *separator = options->tag_separator != NULL ? options->tag_separator : "|";
  if (separator[0] == 0 || separator[1] != 0)
    return ink_refuse_text(lines->env->fault, INK_E_SETTING, NAME("tag separator"), ink_text_of(separator), "one character");
  INK_TRY(ink_items_read_raw(d, lines, options, raw));
  INK_NEW(&d->allocator, 1, &columns);
  *columns = (ink_columns){ .column = NULL };
  const converter v = { d, lines, raw, options, separator[0] };
  const ink_status status = convert_all(&v, columns);
  if (status == INK_OK) d->columns = columns;
  else ink_columns_free(columns, &d->allocator);
  return status;
}

ink_status ink_dataset_read_items(ink_dataset *d, const ink_source *source, const ink_items_options *options,
                                  const ink_train_env *env) {
  ink_line_reader lines;
  ink_raw_items raw = { .pool = NULL };
  ink_status status = ink_line_reader_open(&lines, source, options->encoding, env);
  if (status == INK_OK) status = make_columns(d, &lines, options, &raw);
  ink_raw_items_free(&raw, &d->allocator);
  ink_line_reader_close(&lines);
  if (status != INK_OK && env->fault->code != (uint32_t)status) (void)ink_refuse(env->fault, status, NO_TEXT, "");
  return status;
}
