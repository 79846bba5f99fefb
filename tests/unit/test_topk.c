/* test_topk.c - the k best against a plain sort, with many ties. */
#include "testlib.h"
#include "topk.h"

enum { N = 300 };

static uint32_t state = 1;
static uint32_t next(void) { state = state * 1664525u + 1013904223u; return state >> 8; }

static int better(float sa, uint32_t ia, float sb, uint32_t ib) { return sa != sb ? sa > sb : ia < ib; }

/* Selection sort of (score, item), best first. */
static void sort_plainly(float *s, uint32_t *it, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = i + 1; j < n; j++)
      if (better(s[j], it[j], s[i], it[i])) {
        const float f = s[i]; s[i] = s[j]; s[j] = f;
        const uint32_t u = it[i]; it[i] = it[j]; it[j] = u;
      }
}

TEST(agrees_with_a_sort_whatever_the_order_and_the_ties) {
  for (uint32_t round = 0; round < 200; round++) {
    float scores[N], heap[N]; uint32_t items[N], kept[N];
    const uint32_t n = next() % N, k = next() % (n + 5), levels = 1 + next() % 40;
    for (uint32_t i = 0; i < n; i++) { scores[i] = (float)(next() % levels) - 10.0f; items[i] = i; }
    for (uint32_t i = n; i > 1; i--) { const uint32_t j = next() % i, t = items[i - 1]; items[i - 1] = items[j]; items[j] = t; }
    ink_topk top;
    ink_topk_init(&top, heap, kept, k < N ? k : N);
    for (uint32_t i = 0; i < n; i++) ink_topk_push(&top, scores[i], items[i]);
    ink_topk_sort(&top);
    sort_plainly(scores, items, n);
    CHECK_EQ(top.n, n < top.k ? n : top.k);
    for (uint32_t i = 0; i < top.n; i++) { CHECK_EQ_BITS(heap[i], scores[i]); CHECK_EQ(kept[i], items[i]); }
  }
}

TEST(threshold_is_minus_infinity_until_full_then_the_worst) {
  float heap[2]; uint32_t kept[2];
  ink_topk top;
  ink_topk_init(&top, heap, kept, 2);
  ink_topk_push(&top, 3.0f, 0);
  CHECK(ink_topk_threshold(&top) < -3.4e38f);
  ink_topk_push(&top, 5.0f, 1);
  CHECK_EQ_BITS(ink_topk_threshold(&top), 3.0f);
  ink_topk_push(&top, 4.0f, 2);
  CHECK_EQ_BITS(ink_topk_threshold(&top), 4.0f);
}

TEST(k_zero_keeps_nothing) {
  ink_topk top;
  ink_topk_init(&top, NULL, NULL, 0);
  ink_topk_push(&top, 1.0f, 1);
  ink_topk_sort(&top);
  CHECK_EQ(top.n, 0);
  CHECK(ink_topk_threshold(&top) > 3.4e38f);
}

TEST_MAIN(T(agrees_with_a_sort_whatever_the_order_and_the_ties), T(threshold_is_minus_infinity_until_full_then_the_worst),
          T(k_zero_keeps_nothing))
