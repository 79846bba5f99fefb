/* columns.c - the columns of an items file. */
#include "columns.h"

#include "blocks.h"
#include "base.h"

struct ink_columns {
  uint32_t n;
};

void ink_columns_free(ink_columns *columns, const ink_allocator *allocator) { ink_block_free(allocator, columns); }
