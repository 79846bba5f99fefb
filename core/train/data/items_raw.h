/* items_raw.h - an items file as cells of text, before it is known what kind of column each is.
 * For items_read.c, which fills it, and columns.c, which makes columns of it. */
#ifndef INK_ITEMS_RAW_H
#define INK_ITEMS_RAW_H

#include "columns.h"
#include "line_reader.h"

#define INK_TAG_JOINT '\x1f'      /* between the elements of a JSON array (unit separator) */

typedef struct ink_raw_cell {
  uint64_t start;                 /* in the pool */
  uint32_t n, item;
  uint64_t line;
} ink_raw_cell;

typedef struct ink_raw_column {
  char name[INK_COLUMN_NAME_BYTES + 1];
  ink_raw_cell *cells; uint32_t n, cap;   /* filled cells only, in the order of the file */
  bool arrays;                    /* at least one was a JSON array */
} ink_raw_column;

typedef struct ink_raw_items {
  char *pool; size_t n_pool, cap_pool;
  ink_raw_column *columns; uint32_t n_columns;    /* [INK_CAP_COLUMNS] */
  uint8_t *met; uint32_t cap_met; /* items that had a row */
  uint32_t n_rows, n_unknown;
} ink_raw_items;

/* Fills `raw` (zeroed by the caller) from the lines. Numbers new items in `d` only with options->all_items. */
ink_status ink_items_read_raw(ink_dataset *d, ink_line_reader *lines, const ink_items_options *options, ink_raw_items *raw);
void ink_raw_items_free(ink_raw_items *raw, const ink_allocator *allocator);

#endif
