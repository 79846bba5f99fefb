/* import_parquet.c - see import_parquet.h. From the footer to the columns' pages; import_pages.c unpacks what is inside. */
#include "import_parquet.h"

#include <math.h>
#include <string.h>

#include "import_pages.h"
#include "import_thrift.h"

enum { TYPE_I32 = 1, TYPE_I64 = 2, TYPE_F32 = 4, TYPE_F64 = 5 };
enum { CODEC_NONE = 0, CODEC_SNAPPY = 1, CODEC_GZIP = 2 };
enum { PAGE_DATA = 0, PAGE_DICTIONARY = 2, PAGE_DATA_2 = 3 };
enum { CODE_PLAIN = 0, CODE_PLAIN_DICTIONARY = 2, CODE_DICTIONARY = 8 };
#define LARGEST_PAGE 0x40000000

/* A leaf of the schema: how deep nulls and lists go. */
typedef struct leaf { uint32_t number, max_nulls, max_lists; bool found; } leaf;

/* A column chunk. */
typedef struct chunk { int64_t type, codec, n_values, packed, data, dictionary; } chunk;

/* A page's header. */
typedef struct page { int64_t type, unpacked, packed, n_values, encoding, nulls_bytes, lists_bytes; bool is_packed; } page;

/* Numbers of one column: the bytes of each value, and where a list begins. */
typedef struct column {
  uint32_t width;                 /* 4 or 8 bytes */
  uint8_t *values, *dictionary;
  uint8_t *begins;                /* 1: this value is the first of a row */
  uint64_t n, cap, n_dictionary;
} column;

typedef struct parquet {
  cli *c;
  const cli_file *file;
  leaf id, features;
  uint64_t n_rows;                /* taken so far */
} parquet;

static int refuse(const parquet *p, const uint8_t *at, const char *what) {
  return cli_bad_input("DATA_SYNTAX", p->file->path, "byte %zu: %s", at == NULL ? (size_t)0 : (size_t)(at - p->file->bytes), what);
}

/* ------------------------------------------------------------------- schema */

typedef struct element { int64_t repetition, n_children; ink_text name; } element;

static element read_element(thrift *t) {
  element e = { 0, 0, { "", 0 } };
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) {
    if (f.id == 3 && f.type == THRIFT_I32) e.repetition = thrift_whole(t);
    else if (f.id == 4 && f.type == THRIFT_BINARY) e.name = thrift_text(t);
    else if (f.id == 5 && f.type == THRIFT_I32) e.n_children = thrift_whole(t);
    else thrift_skip(t, f.type);
  }
  return e;
}

/* Where a walk over the schema stands: leaves are counted in the order of their columns. */
typedef struct walk { uint32_t left, leaves, depth; const char *id, *features; } walk;

static void walk_schema(parquet *p, thrift *t, walk *w, ink_text top, uint32_t nulls, uint32_t lists) {
  if (w->left == 0 || ++w->depth > 8) {
    t->bad = true;
    return;
  }
  w->left--;
  const element e = read_element(t);
  if (e.repetition != 0) nulls++;
  if (e.repetition == 2) lists++;
  if (top.n == 0) top = e.name;
  for (int64_t i = 0; i < e.n_children && !t->bad; i++) walk_schema(p, t, w, top, nulls, lists);
  w->depth--;
  if (e.n_children > 0 || t->bad) return;
  const leaf found = { w->leaves++, nulls, lists, true };
  if (top.n == strlen(w->id) && memcmp(top.bytes, w->id, top.n) == 0) p->id = found;
  if (top.n == strlen(w->features) && memcmp(top.bytes, w->features, top.n) == 0) p->features = found;
}

static void read_schema(parquet *p, thrift *t, const char *id, const char *features) {
  uint32_t type;
  walk w = { .left = thrift_list(t, &type), .id = id, .features = features };
  if (w.left == 0 || type != THRIFT_STRUCT) {
    t->bad = true;
    return;
  }
  w.left--;
  const element root = read_element(t);
  for (int64_t i = 0; i < root.n_children && !t->bad; i++) walk_schema(p, t, &w, (ink_text){ "", 0 }, 0, 0);
}

/* ------------------------------------------------------------------ headers */

static chunk read_chunk_meta(thrift *t) {
  chunk c = { .data = -1, .dictionary = -1 };
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) {
    int64_t *target = f.id == 1 ? &c.type : f.id == 4 ? &c.codec : f.id == 5 ? &c.n_values : f.id == 7 ? &c.packed : f.id == 9 ? &c.data
                    : f.id == 11 ? &c.dictionary : NULL;
    if (target != NULL && (f.type == THRIFT_I32 || f.type == THRIFT_I64)) *target = thrift_whole(t);
    else thrift_skip(t, f.type);
  }
  return c;
}

static chunk read_chunk(thrift *t) {
  chunk c = { .data = -1, .dictionary = -1 };
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) {
    if (f.id == 3 && f.type == THRIFT_STRUCT) c = read_chunk_meta(t);
    else thrift_skip(t, f.type);
  }
  return c;
}

/* The headers of data (5), of a dictionary (7) and of data version 2 (8) lie inside. */
static void read_page_inner(thrift *t, int32_t kind, page *out) {
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) {
    const bool whole = f.type == THRIFT_I32;
    if (f.id == 1 && whole) out->n_values = thrift_whole(t);
    else if (f.id == (kind == 8 ? 4 : 2) && whole) out->encoding = thrift_whole(t);
    else if (kind == 8 && f.id == 5 && whole) out->nulls_bytes = thrift_whole(t);
    else if (kind == 8 && f.id == 6 && whole) out->lists_bytes = thrift_whole(t);
    else if (kind == 8 && f.id == 7 && f.type == THRIFT_FALSE) out->is_packed = false;
    else thrift_skip(t, f.type);
  }
}

static page read_page(thrift *t) {
  page out = { .type = -1, .is_packed = true };
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) {
    if (f.id == 1 && f.type == THRIFT_I32) out.type = thrift_whole(t);
    else if (f.id == 2 && f.type == THRIFT_I32) out.unpacked = thrift_whole(t);
    else if (f.id == 3 && f.type == THRIFT_I32) out.packed = thrift_whole(t);
    else if ((f.id == 5 || f.id == 7 || f.id == 8) && f.type == THRIFT_STRUCT) read_page_inner(t, f.id, &out);
    else thrift_skip(t, f.type);
  }
  return out;
}

/* -------------------------------------------------------------------- pages */

static int add_value(const parquet *p, column *col, const uint8_t *value, bool begins) {
  if (col->n == col->cap) {
    const uint64_t cap = col->cap * 2 + 1024;
    uint8_t *values = cli_resize(p->c->memory, col->values, (size_t)(cap * col->width));
    if (values != NULL) col->values = values;
    uint8_t *marks = values == NULL ? NULL : cli_resize(p->c->memory, col->begins, (size_t)cap);
    if (marks == NULL) return cli_no_memory();
    col->begins = marks;
    col->cap = cap;
  }
  memcpy(col->values + col->n * col->width, value, col->width);
  col->begins[col->n++] = begins;
  return CLI_DONE;
}

static uint32_t bits_of(uint32_t largest) {
  uint32_t bits = 0;
  while (largest >> bits != 0) bits++;
  return bits;
}

/* Version 1 writes the length of the levels before them, version 2 in the header; levels that can only be 0 are not written. */
static bool take_levels(const uint8_t **at, const uint8_t *end, uint32_t largest, bool told, int64_t bytes, pages_runs *runs) {
  uint64_t n = told ? (uint64_t)bytes : 0;
  if (largest == 0 && !told) return true;
  if (!told) {
    if (end - *at < 4) return false;
    for (uint32_t i = 4; i-- > 0;) n = n << 8 | (*at)[i];
    *at += 4;
  }
  if (n > (uint64_t)(end - *at)) return false;
  *runs = (pages_runs){ .at = *at, .end = *at + n, .width = bits_of(largest) };
  *at += n;
  return true;
}

/* The numbers of one page, unpacked at `at`. */
static int take_values(const parquet *p, const page *g, const leaf *l, column *col, const uint8_t *at, const uint8_t *end, pages_runs lists,
                       pages_runs nulls, const uint8_t *shown) {
  const bool plain = g->encoding == CODE_PLAIN;
  pages_runs places = { 0 };
  if (!plain && g->n_values > 0) {
    if (at == end || *at > 32) return refuse(p, shown, "places in a dictionary are expected");
    places = (pages_runs){ .at = at + 1, .end = end, .width = *at };
  }
  for (int64_t i = 0; i < g->n_values; i++) {
    uint32_t list = 0, null = 0, place = 0;
    if (l->max_lists > 0 && !pages_next(&lists, &list)) return refuse(p, shown, "a page with fewer values than it says");
    if (l->max_nulls > 0 && !pages_next(&nulls, &null)) return refuse(p, shown, "a page with fewer values than it says");
    if (l->max_nulls > 0 && null != l->max_nulls) return refuse(p, shown, "a null or an empty list; every item needs an id and all of its numbers");
    if (plain ? (uint64_t)(end - at) < col->width : !pages_next(&places, &place) || place >= col->n_dictionary) {
      return refuse(p, shown, "a page with fewer values than it says, or a place that the dictionary does not have");
    }
    const int code = add_value(p, col, plain ? at : col->dictionary + (uint64_t)place * col->width, list == 0);
    if (code != CLI_DONE) return code;
    if (plain) at += col->width;
  }
  return CLI_DONE;
}

static int take_dictionary(const parquet *p, const page *g, column *col, const uint8_t *at, const uint8_t *end, const uint8_t *shown) {
  if (g->n_values < 0 || (uint64_t)g->n_values > (uint64_t)(end - at) / col->width) return refuse(p, shown, "a dictionary with fewer values than it says");
  col->n_dictionary = (uint64_t)g->n_values;
  col->dictionary = cli_take(p->c->memory, (size_t)g->n_values + 1, col->width);
  if (col->dictionary == NULL) return cli_no_memory();
  memcpy(col->dictionary, at, (size_t)g->n_values * col->width);
  return CLI_DONE;
}

/* Levels of version 2 are never packed; the rest of its page, or all of version 1's, is. */
static int unpack(const parquet *p, const chunk *c, const page *g, const uint8_t *packed, uint8_t *out) {
  const int64_t levels = g->type == PAGE_DATA_2 ? g->nulls_bytes + g->lists_bytes : 0;
  const size_t n_in = (size_t)(g->packed - levels), n_out = (size_t)(g->unpacked - levels);
  bool good;
  memcpy(out, packed, (size_t)levels);
  if (c->codec == CODEC_NONE || !g->is_packed) {
    good = n_in == n_out;
    if (good) memcpy(out + levels, packed + levels, n_out);
  } else if (c->codec == CODEC_SNAPPY) {
    good = pages_unsnappy(packed + levels, n_in, out + levels, n_out);
  } else if (c->codec == CODEC_GZIP) {
    good = pages_gunzip(packed + levels, n_in, out + levels, n_out);
  } else {
    return cli_bad_input("DATA_FORMAT", p->file->path, "pages packed by codec %lld; allowed are none, snappy and gzip", (long long)c->codec);
  }
  return good ? CLI_DONE : refuse(p, packed, "the packed bytes of a page are damaged");
}

static int take_page(const parquet *p, const chunk *c, const page *g, const leaf *l, column *col, const uint8_t *packed) {
  const bool second = g->type == PAGE_DATA_2;
  pages_runs lists = { 0 }, nulls = { 0 };
  uint8_t *bytes = cli_take(p->c->memory, (size_t)g->unpacked + 1, 1);
  if (bytes == NULL) return cli_no_memory();
  int code = unpack(p, c, g, packed, bytes);
  const uint8_t *at = bytes, *end = bytes + g->unpacked;
  if (code == CLI_DONE && g->type == PAGE_DICTIONARY) {
    code = take_dictionary(p, g, col, at, end, packed);
  } else if (code == CLI_DONE && g->encoding != CODE_PLAIN && g->encoding != CODE_PLAIN_DICTIONARY && g->encoding != CODE_DICTIONARY) {
    code = cli_bad_input("DATA_FORMAT", p->file->path, "values in encoding %lld; allowed are plain and dictionary", (long long)g->encoding);
  } else if (code == CLI_DONE) {
    if (!take_levels(&at, end, l->max_lists, second, g->lists_bytes, &lists) || !take_levels(&at, end, l->max_nulls, second, g->nulls_bytes, &nulls)) {
      code = refuse(p, packed, "the levels of a page reach over its end");
    } else {
      code = take_values(p, g, l, col, at, end, lists, nulls, packed);
    }
  }
  cli_resize(p->c->memory, bytes, 0);
  return code;
}

static bool sound(const page *g, uint64_t left) {
  return g->unpacked >= 0 && g->unpacked <= LARGEST_PAGE && g->packed >= 0 && (uint64_t)g->packed <= left && g->n_values >= 0 &&
      g->nulls_bytes >= 0 && g->lists_bytes >= 0 && g->nulls_bytes <= g->packed && g->lists_bytes <= g->packed - g->nulls_bytes &&
      g->nulls_bytes + g->lists_bytes <= g->unpacked;
}

static int read_column(const parquet *p, const chunk *c, const leaf *l, column *col) {
  const int64_t first = c->dictionary > 0 && c->dictionary < c->data ? c->dictionary : c->data;
  col->width = c->type == TYPE_I64 || c->type == TYPE_F64 ? 8 : 4;
  if (first < 4 || (uint64_t)first > p->file->n || c->packed < 0 || (uint64_t)c->packed > p->file->n - (uint64_t)first) {
    return refuse(p, NULL, "a column that lies outside of the file");
  }
  thrift t = { p->file->bytes + first, p->file->bytes + first + c->packed, false };
  while (t.at < t.end && (int64_t)col->n < c->n_values) {
    const uint8_t *head = t.at;
    const page g = read_page(&t);
    if (t.bad || !sound(&g, (uint64_t)(t.end - t.at))) return refuse(p, head, "the header of a page is damaged");
    if (g.type == PAGE_DATA || g.type == PAGE_DATA_2 || g.type == PAGE_DICTIONARY) {
      const int code = take_page(p, c, &g, l, col, t.at);
      if (code != CLI_DONE) return code;
    }
    t.at += g.packed;
  }
  return (int64_t)col->n == c->n_values ? CLI_DONE : refuse(p, t.at, "a column with another number of values than it says");
}

/* --------------------------------------------------------------------- rows */

static uint64_t bits_at(const column *col, uint64_t i) {
  uint64_t bits = 0;
  for (uint32_t k = col->width; k-- > 0;) bits = bits << 8 | col->values[i * col->width + k];
  return bits;
}

static int64_t whole_at(const column *col, uint64_t i) {
  const uint64_t bits = bits_at(col, i);
  return col->width == 8 ? (int64_t)bits : (int32_t)(uint32_t)bits;
}

static float real_at(const column *col, uint64_t i) {
  const cli_matrix m = { .bytes = col->values, .dtype = col->width == 8 ? INK_DTYPE_F64 : INK_DTYPE_F32, .n = 1, .d = col->n };
  return (float)cli_element(&m, 0, i);
}

static int take_row(parquet *p, cli_vectors *v, int64_t id, const column *numbers, uint64_t first, uint64_t n) {
  char digits[24];
  const ink_text text = { digits, (uint32_t)snprintf(digits, sizeof digits, "%lld", (long long)id) };
  int code = v->d == 0 ? cli_vectors_begin(v, n, 0) : CLI_DONE;
  if (code != CLI_DONE) return code;
  if (n != v->d) {
    return cli_bad_input("DATA_SYNTAX", p->file->path, "row %llu (id %s): %llu numbers; the rows before have %u", (unsigned long long)p->n_rows, digits,
                         (unsigned long long)n, v->d);
  }
  float *row = cli_vectors_next(v);
  if (row == NULL) return cli_no_memory();
  for (uint64_t i = 0; i < n; i++) row[i] = real_at(numbers, first + i);
  return cli_vectors_take(v, text, "row", p->n_rows++);
}

static int join(parquet *p, cli_vectors *v, const column *ids, const column *numbers) {
  uint64_t at = 0;
  int code = CLI_DONE;
  for (uint64_t r = 0; r < ids->n && code == CLI_DONE; r++) {
    uint64_t end = at + 1;
    if (at >= numbers->n) return refuse(p, NULL, "more ids than lists of numbers");
    while (end < numbers->n && !numbers->begins[end]) end++;
    code = take_row(p, v, whole_at(ids, r), numbers, at, end - at);
    at = end;
  }
  return code == CLI_DONE && at != numbers->n ? refuse(p, NULL, "more lists of numbers than ids") : code;
}

static int take_group(parquet *p, cli_vectors *v, thrift *t) {
  chunk id = { .data = -1 }, features = { .data = -1 };
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) {
    uint32_t type;
    if (f.id != 1 || f.type != THRIFT_LIST) {
      thrift_skip(t, f.type);
      continue;
    }
    const uint32_t n = thrift_list(t, &type);
    for (uint32_t i = 0; i < n && !t->bad; i++) {
      const chunk c = read_chunk(t);
      if (i == p->id.number) id = c;
      if (i == p->features.number) features = c;
    }
  }
  if (t->bad) return refuse(p, t->at, "the footer is damaged");
  if ((id.type != TYPE_I32 && id.type != TYPE_I64) || (features.type != TYPE_F32 && features.type != TYPE_F64)) {
    return cli_bad_input("DATA_FORMAT", p->file->path, "whole numbers as ids and lists of floats or doubles are expected");
  }
  column ids = { 0 }, numbers = { 0 };
  int code = read_column(p, &id, &p->id, &ids);
  if (code == CLI_DONE) code = read_column(p, &features, &p->features, &numbers);
  return code == CLI_DONE ? join(p, v, &ids, &numbers) : code;
}

static int take_groups(parquet *p, cli_vectors *v, thrift *t) {
  uint32_t type;
  const uint32_t n = thrift_list(t, &type);
  if (!p->id.found || !p->features.found || p->id.max_lists != 0 || p->features.max_lists != 1) {
    return cli_bad_input("DATA_COLUMN", p->file->path, "a column of ids and one of lists of numbers are expected, as Spark's ALS calls them: id, features");
  }
  int code = CLI_DONE;
  for (uint32_t i = 0; i < n && code == CLI_DONE; i++) code = take_group(p, v, t);
  return code;
}

int cli_parquet_take(cli_vectors *v, const cli_file *file, const char *id, const char *features) {
  parquet p = { .c = v->c, .file = file };
  const uint8_t *end = file->bytes + file->n;
  if (file->n < 12 || memcmp(file->bytes, "PAR1", 4) != 0 || memcmp(end - 4, "PAR1", 4) != 0) {
    return refuse(&p, NULL, "no Parquet file, or its end lacks (PAR1 is expected at both ends)");
  }
  const uint64_t footer = (uint64_t)end[-8] | (uint64_t)end[-7] << 8 | (uint64_t)end[-6] << 16 | (uint64_t)end[-5] << 24;
  if (footer > file->n - 12) return refuse(&p, end - 8, "a footer that is longer than the file");
  thrift t = { end - 8 - footer, end - 8, false };
  thrift_field f = { 0 };
  int code = CLI_DONE;
  while (code == CLI_DONE && thrift_next(&t, &f)) {
    if (f.id == 2 && f.type == THRIFT_LIST) read_schema(&p, &t, id, features);
    else if (f.id == 4 && f.type == THRIFT_LIST) code = take_groups(&p, v, &t);
    else thrift_skip(&t, f.type);
  }
  return code == CLI_DONE && t.bad ? refuse(&p, t.at, "the footer is damaged") : code;
}
