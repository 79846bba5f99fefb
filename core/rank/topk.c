/* topk.c - see topk.h. A binary heap in two parallel arrays; the root is the worst item held. */
#include "topk.h"

#include <float.h>

#include "base.h"

/* The total order, worst first: lower score, then higher item. */
static bool is_worse(float score_a, uint32_t item_a, float score_b, uint32_t item_b) {
  return score_a != score_b ? score_a < score_b : item_a > item_b;
}

/* Moves (score, item) down from slot i until both children are better. */
static void sift_down(ink_topk *top, uint32_t n, uint32_t i, float score, uint32_t item) {
  for (;;) {
    uint32_t child = 2 * i + 1;
    if (child >= n) break;
    if (child + 1 < n && is_worse(top->scores[child + 1], top->items[child + 1], top->scores[child], top->items[child]))
      child++;
    if (!is_worse(top->scores[child], top->items[child], score, item)) break;
    top->scores[i] = top->scores[child];
    top->items[i] = top->items[child];
    i = child;
  }
  top->scores[i] = score;
  top->items[i] = item;
}

static void sift_up(ink_topk *top, uint32_t i, float score, uint32_t item) {
  while (i > 0) {
    const uint32_t parent = (i - 1) / 2;
    if (!is_worse(score, item, top->scores[parent], top->items[parent])) break;
    top->scores[i] = top->scores[parent];
    top->items[i] = top->items[parent];
    i = parent;
  }
  top->scores[i] = score;
  top->items[i] = item;
}

void ink_topk_init(ink_topk *top, float *scores, uint32_t *items, uint32_t k) {
  top->scores = scores;
  top->items = items;
  top->k = k;
  top->n = 0;
}

void ink_topk_push(ink_topk *top, float score, uint32_t item) {
  if (top->n < top->k) {
    sift_up(top, top->n++, score, item);
  } else if (top->k > 0 && is_worse(top->scores[0], top->items[0], score, item)) {
    sift_down(top, top->n, 0, score, item);
  }
}

float ink_topk_threshold(const ink_topk *top) {
  if (top->k == 0) return ink_f32_from_bits(0x7f800000u);
  return top->n < top->k ? ink_f32_from_bits(0xff800000u) : top->scores[0];
}

/* Heap sort: the worst goes to the end, again and again. */
void ink_topk_sort(ink_topk *top) {
  for (uint32_t n = top->n; n > 1; n--) {
    const float score = top->scores[n - 1];
    const uint32_t item = top->items[n - 1];
    top->scores[n - 1] = top->scores[0];
    top->items[n - 1] = top->items[0];
    sift_down(top, n - 1, 0, score, item);
  }
}
