/* sort_order.h - puts the numbers 0..n-1 into an order that the caller defines. Heap sort: in place, and
 * never slower than n log n, whatever a hostile file holds. Equal ones come out in any order, but always
 * in the same one. */
#ifndef INK_SORT_ORDER_H
#define INK_SORT_ORDER_H

#include <stdbool.h>
#include <stdint.h>

typedef bool (*ink_before_fn)(const void *ctx, uint32_t a, uint32_t b);

/* order [n] out: a permutation with before(ctx, order[i], order[j]) for no i > j. */
void ink_sort_order(uint32_t *order, uint32_t n, ink_before_fn before, const void *ctx);

#endif
