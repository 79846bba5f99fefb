/* test_item2vec.c - skip-gram with negatives finds what it must find: where vectors are wide enough, every product x_i . z_c ends
 * at ln(n_ic / m_ic), n_ic being how often c is told beside i and m_ic how often it is drawn against i (Levy & Goldberg 2014).
 *
 * Bound: descent by random pairs never stands quite still; the mean distance of the products is .05 at this seed. */
#include "hosted.h"
#include "item2vec.h"
#include "testlib.h"

enum { PEOPLE = 60, ITEMS = 6 };

static uint64_t starts[PEOPLE + 1];
static uint32_t chosen[PEOPLE * ITEMS];
static double together[ITEMS][ITEMS];

/* Items 0 to 2 go together, as do 3 to 5, and sometimes others; a person has two to four. */
static void choose(ink_positives *p) {
  uint64_t at = 0;
  for (uint32_t u = 0; u < PEOPLE; u++) {
    const uint32_t base = u % 2 * 3, more = u % 5 == 0 ? 3 - base + u % 3 : ITEMS;
    starts[u] = at;
    for (uint32_t i = 0; i < ITEMS; i++)
      if (i == more || (i >= base && i < base + 3 && (u % 3 == 2 || i - base != u % 3))) chosen[at++] = i;
    starts[u + 1] = at;
  }
  *p = (ink_positives){ .n_people = PEOPLE, .n_items = ITEMS, .starts = starts, .items = chosen };
}

/* together[i][c]: expected pairs (i, c) of one context a choice. */
static void count_together(void) {
  memset(together, 0, sizeof together);
  for (uint32_t u = 0; u < PEOPLE; u++) {
    const double n = (double)(starts[u + 1] - starts[u]);
    for (uint64_t a = starts[u]; a < starts[u + 1]; a++)
      for (uint64_t b = starts[u]; b < starts[u + 1]; b++)
        if (a != b) together[chosen[a]][chosen[b]] += 1.0 / (n - 1.0);
  }
}

TEST(products_are_shifted_information) {
  hosted h;
  ink_positives positives;
  ink_item2vec_model m;
  const ink_item2vec_options o = { .d = 16, .iterations = 2000, .patience = 100, .contexts = 10, .negatives = 2, .rate = 0.03f, .seed = 3 };
  double off = 0.0, most = 0.0;
  uint32_t n = 0;
  hosted_init(&h);
  choose(&positives);
  count_together();
  CHECK_EQ(ink_item2vec_fit(&o, &positives, &h.env, &m), INK_OK);
  for (uint32_t i = 0; i < ITEMS; i++) {
    double all = 0.0;
    for (uint32_t c = 0; c < ITEMS; c++) all += together[i][c];
    for (uint32_t c = 0; c < ITEMS; c++) {
      if (together[i][c] == 0.0) continue;                 /* never told: the product falls without end */
      double product = 0.0;
      for (uint32_t k = 0; k < 16; k++) product += (double)m.met[i * m.stride + k] * (double)m.told[c * m.stride + k];
      const double drawn = 2.0 / (double)ITEMS * (all - together[i][c]);         /* nothing is drawn against itself */
      const double away = fabs(product - log(together[i][c] / drawn));
      off += away;
      most = fmax(most, away);
      n++;
    }
  }
  CHECK(n > 20);
  CHECK(off / n < 0.08);
  CHECK(most < 0.4);
  ink_item2vec_free(&m, &h.env.allocator);
  CHECK_EQ(h.memory.live, 0);
}

TEST_MAIN(T(products_are_shifted_information))
