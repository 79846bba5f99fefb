/* sort_order.c - heap sort (Williams 1964) of indices. */
#include "sort_order.h"

#include "base.h"

/* Puts `value` into the heap of n (the last one at its root) from slot i downwards. */
static void sift_down(uint32_t *heap, uint32_t n, uint32_t i, uint32_t value, ink_before_fn before, const void *ctx) {
  for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && before(ctx, heap[child], heap[child + 1])) child++;
    if (!before(ctx, value, heap[child])) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = value;
}

void ink_sort_order(uint32_t *order, uint32_t n, ink_before_fn before, const void *ctx) {
  for (uint32_t i = 0; i < n; i++) order[i] = i;
  for (uint32_t i = n / 2; i > 0; i--) sift_down(order, n, i - 1, order[i - 1], before, ctx);
  for (uint32_t end = n; end > 1; end--) {
    const uint32_t last = order[end - 1];
    order[end - 1] = order[0];
    sift_down(order, end - 1, 0, last, before, ctx);
  }
}
