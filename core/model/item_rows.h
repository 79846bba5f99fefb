/* item_rows.h - item matrices of a pack, whatever family they belong to: F32, F16, BF16, or I8 with
 * `.scale`, `.sum` and `.err`; and an int8 copy beside rows of another type, for a certified scan. */
#ifndef INK_ITEM_ROWS_H
#define INK_ITEM_ROWS_H

#include "model.h"

/* The matrix `<prefix>.<part>` [n_items, d], d in 1..INK_CAP_DIM. */
ink_status ink_bind_rows(const ink_bind *b, const char *part, ink_rows *rows);
/* The optional int8 copy; data NULL where there is none. Takes 4 bytes an item: the norm of each row,
 * which the bound of a certified scan needs. */
ink_status ink_bind_rows_copy(const ink_bind *b, const char *part, const ink_rows *items, ink_rows *copy);
/* Row `item` as floats, out [d]. */
void ink_rows_widen(const ink_kernels *kernels, const ink_rows *rows, uint32_t item, float *out);

#endif
