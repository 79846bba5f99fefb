/* columns.h - the columns of an items file: what is known about each item besides its id. */
#ifndef INK_COLUMNS_H
#define INK_COLUMNS_H

#include "dataset.h"

typedef struct ink_columns ink_columns;
void ink_columns_free(ink_columns *columns, const ink_allocator *allocator);

#endif
