/* columns.h - an items file: what is known about each item besides its id. Numbers, text and tags,
 * ready to become the catalogue columns of a pack. */
#ifndef INK_COLUMNS_H
#define INK_COLUMNS_H

#include "dataset.h"

#define INK_COLUMN_NAME_BYTES 64u

/* One column over the items of a data set. Arrays have n_items entries; an item without a value has
 * have = 0 and 0 or empty in the others. */
typedef struct ink_column {
  char name[INK_COLUMN_NAME_BYTES + 1];   /* [a-z0-9_]+, zero-closed */
  uint32_t kind;                  /* INK_COLUMN_NUMBER, _TEXT or _TAGS */
  uint32_t n_items;
  uint8_t *have;
  double *number;                 /* NUMBER */
  char *bytes; size_t n_bytes;    /* TEXT: valid UTF-8, items in order */
  ink_names tags;                 /* TAGS: numbered in the order in which items bring them */
  uint32_t *values; size_t n_values;      /* TAGS: of item after item, each tag once an item */
  uint32_t *ends;                 /* TEXT, TAGS: where each item ends in bytes or values */
} ink_column;

typedef struct ink_columns {
  ink_column *column;
  uint32_t n;
  uint32_t n_rows;                /* rows of the file */
  uint32_t n_unknown;             /* rows whose item has no event: left out, or added with `all_items` */
} ink_columns;

typedef struct ink_items_options {
  uint32_t format;                /* INK_FORMAT_AUTO, _CSV, _TSV, _JSONL; _RATINGS: cells without a header (names!) */
  const char *id;                 /* the id's column; NULL: the usual aliases, else the first column */
  const char *names;              /* "id,title,genres": the columns of a file without a header line; "-" skips one */
  const char *types;              /* "year=number,title=text,genres=tags,zip=skip"; others are detected */
  const char *tag_separator;      /* one character between tags; NULL = "|" */
  uint32_t encoding;              /* INK_ENCODING_* */
  bool all_items;                 /* items without events become part of the catalogue */
} ink_items_options;

/* Reads `source` and gives `d` its columns (d->columns must be NULL).
 *
 * Files: CSV (comma or semicolon), TSV, JSON lines, or - with `names` - cells separated by `::`, tab, comma,
 * semicolon or `|` and no header. Column names become [a-z0-9_]+ ("Release Year" -> release_year); the id
 * itself is no column. Values are UTF-8, or Latin-1 on request. An empty cell and a JSON null are missing.
 *
 * Kind of a column that `types` does not name: number when every value is one; tags when values are JSON
 * arrays, or when the tag separator stands in at least one value of twenty; else text. JSON true and false are 1 and 0.
 *
 * Items that no event names are left out unless `all_items` says otherwise: a model of interactions knows
 * nothing of them, and they would make the catalogue that metrics rank over larger. n_unknown counts them.
 *
 * Faults name file, line and column: an item twice (INK_E_DATA_DUPLICATE), cells that do not match the header,
 * values not of the kind asked for. INK_E_LIMIT: 64 columns, 65536 tags a column, 2^32-1 bytes or tags of a column.
 * On failure d->columns is NULL; items that all_items added may remain numbered. */
ink_status ink_dataset_read_items(ink_dataset *d, const ink_source *source, const ink_items_options *options,
                                  const ink_train_env *env);
void ink_columns_free(ink_columns *columns, const ink_allocator *allocator);

#endif
