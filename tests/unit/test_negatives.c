/* test_negatives.c - alias tables draw by their weights; nothing chosen is drawn; hard draws take the highest; the generator
 * learns which items stand too high. */
#include "hosted.h"
#include "negatives.h"
#include "testlib.h"

enum { PEOPLE = 4, ITEMS = 40, STRIDE = 8 };

static hosted h;
static uint64_t starts[PEOPLE + 1] = { 0, 20, 40, 60, 99 };
static uint32_t chosen[99], cols[1] = { 0 };
static uint64_t pair_starts[2] = { 0, 1 };
static float items[ITEMS * STRIDE], people[PEOPLE * STRIDE];
static ink_positives choices = { .n_people = PEOPLE, .n_items = ITEMS, .starts = starts, .items = chosen };
static ink_strata strata;
static ink_negatives negatives;
static ink_stratum stratum;

/* Persons 0 to 2 chose the even items, person 3 all but the last. Item i scores i for everybody. */
static void begin(uint32_t how, uint32_t k, double popularity) {
  hosted_init(&h);
  for (uint32_t i = 0; i < 60; i++) chosen[i] = 2 * (i % 20);
  for (uint32_t i = 0; i < 39; i++) chosen[60 + i] = i;
  for (uint32_t i = 0; i < ITEMS; i++) items[i * STRIDE] = (float)i / 10.0f;
  for (uint32_t p = 0; p < PEOPLE; p++) people[p * STRIDE] = 1.0f;
  CHECK_EQ(ink_strata_new(&strata, 1, ITEMS, pair_starts, cols, &h.env.allocator), INK_OK);
  CHECK_EQ(ink_negatives_new(&negatives, how, k, popularity, 0.05f, &choices, 1, &h.env), INK_OK);
  ink_strata_deal(&strata, 1, 0, &ink_threads_serial);
  ink_negatives_deal(&negatives, &strata);
  stratum = (ink_stratum){ .members = strata.members, .n_members = ITEMS };
  ink_rng_seed(&stratum.rng, 1, 2);
}

static void shut(void) {
  ink_negatives_free(&negatives);
  ink_strata_free(&strata);
  CHECK_EQ(h.memory.live, 0);
}

static uint32_t draw(uint32_t person) {
  const ink_scorer scorer = { ink_sgd_named("ref"), items, NULL, STRIDE };
  return ink_negatives_draw(&negatives, &stratum, &scorer, people + person * STRIDE, person, 2.0f);
}

TEST(alias_draws_by_weight) {
  enum { N = 7 };
  const double draws = 200000.0;
  static const float weights[N] = { 0, 1, 2, 0.5f, 10, 0, 3 };
  float keep[N];
  uint32_t other[N], work[N], count[N] = { 0 };
  ink_alias a = { .keep = keep, .other = other };
  ink_rng rng;
  ink_alias_fill(&a, weights, N, work);
  ink_rng_seed(&rng, 5, 0);
  for (uint32_t i = 0; i < (uint32_t)draws; i++) count[ink_alias_draw(&a, &rng)]++;
  for (uint32_t i = 0; i < N; i++) {                       /* five standard deviations of a binomial */
    const double p = (double)weights[i] / 16.5;
    CHECK_NEAR((double)count[i] / draws, p, 5.0 * sqrt(p * (1.0 - p) / draws) + 1e-12);
  }
}

TEST(nothing_chosen_is_drawn) {
  for (uint32_t weighted = 0; weighted < 2; weighted++) {
    uint32_t count[ITEMS] = { 0 }, none = 0;
    begin(INK_NEGATIVES_UNIFORM, 0, weighted ? 1.0 : 0.0);
    for (uint32_t i = 0; i < 20000; i++) {
      const uint32_t item = draw(1);                       /* one in 256 times all tries met chosen items */
      if (item != INK_NONE) count[item]++;
    }
    for (uint32_t i = 0; i < ITEMS; i++) CHECK_EQ(count[i] == 0, i % 2 == 0);
    if (!weighted) CHECK_NEAR((double)count[7], 1000.0 * 255 / 256, 5.0 * sqrt(950.0));
    else CHECK_NEAR((double)count[39] / (double)count[37], 1.0, 0.25);           /* never chosen and chosen once: weight 1 both */
    for (uint32_t i = 0; i < 200; i++) {                   /* only item 39 is left for person 3: many tries meet none */
      const uint32_t item = draw(3);
      CHECK(item == 39 || item == INK_NONE);
      none += item == INK_NONE;
    }
    CHECK(none > 50 && none < 200);
    shut();
  }
}

TEST(hard_draws_take_the_highest) {
  double mean = 0.0;
  begin(INK_NEGATIVES_HARD, 64, 0.0);
  for (uint32_t i = 0; i < 500; i++) mean += draw(0) / 500.0;
  CHECK(mean > 38.5);                                      /* of 64 draws among 20 items the best is nearly always 39 */
  shut();
  begin(INK_NEGATIVES_HARD, 2, 0.0);
  mean = 0.0;
  for (uint32_t i = 0; i < 5000; i++) mean += draw(0) / 5000.0;
  CHECK_NEAR(mean, 26.3, 0.6);                             /* the larger of two of 1, 3 ... 39: 2 * 13.65 - 1 */
  shut();
}

/* At first any candidate, in the end those that score high. */
TEST(the_generator_learns) {
  double first = 0.0, last = 0.0;
  begin(INK_NEGATIVES_ADVERSARIAL, 8, 0.0);
  for (uint32_t i = 0; i < 300; i++) first += draw(0) / 300.0;
  for (uint32_t i = 0; i < 20000; i++) (void)draw(i % 3);
  for (uint32_t i = 0; i < 300; i++) last += draw(0) / 300.0;
  CHECK(first < 27.0);
  CHECK(last > 32.0);
  CHECK(negatives.item_bias[39] > negatives.item_bias[1]);
  shut();
}

TEST_MAIN(T(alias_draws_by_weight), T(nothing_chosen_is_drawn), T(hard_draws_take_the_highest), T(the_generator_learns))
