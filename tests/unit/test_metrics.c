/* test_metrics.c - metrics against ranx, trec_eval and scikit-learn (1e-9), hand-computed ties, names, intervals. */
#include <math.h>
#include <stdlib.h>

#include "golden/ranking_metrics.h"
#include "metrics.h"
#include "places.h"
#include "testlib.h"

enum { ROOM = 4096 };

static float work_scores[ROOM], block_score[ROOM], spare[ROOM];
static uint32_t order[ROOM], block_tests[ROOM], above[ROOM], equal[ROOM];
static double place_room[ROOM];

static ink_places places_of(const float *scores, const uint8_t *what, uint32_t n) {
  ink_places_work w = { work_scores, order, block_score, block_tests, above, equal };
  ink_places p = { .places = place_room };
  ink_places_all(scores, what, n, &w, &p);
  return p;
}

static ink_metric metric_of(const char *name) {
  ink_metric m[INK_MAX_METRICS];
  uint32_t n = 0;
  CHECK_EQ(ink_metrics_parse((ink_text){ name, (uint32_t)strlen(name) }, m, &n, NULL), INK_OK);
  CHECK_EQ(n, 1);
  return m[0];
}

static uint32_t count_tests(const uint8_t *what, uint32_t n) {
  uint32_t n_test = 0;
  for (uint32_t i = 0; i < n; i++) n_test += what[i] == INK_CANDIDATE_TEST;
  return n_test;
}

static double value_of(const char *name, const float *scores, const uint8_t *what, uint32_t n) {
  const ink_metric m = metric_of(name);
  const ink_places p = places_of(scores, what, n);
  return ink_metric_of_person(&m, &(ink_person_ranks){ p.places, p.n, count_tests(what, n), p.auc });
}

TEST(against_libraries) {
  for (int m = 0; m < GOLDEN_METRICS; m++)
    for (int u = 0; u < GOLDEN_PEOPLE; u++)
      CHECK_NEAR(value_of(golden_names[m], golden_scores[u], golden_tests[u], GOLDEN_CANDIDATES), golden_values[m][u], 1e-9);
  for (int u = 0; u < GOLDEN_PEOPLE; u++) {
    CHECK_NEAR(value_of("auc", golden_scores[u], golden_tests[u], GOLDEN_CANDIDATES), golden_auc[0][u], 1e-9);
    CHECK_NEAR(value_of("auc", golden_tied[u], golden_tests[u], GOLDEN_CANDIDATES), golden_auc[1][u], 1e-9);
  }
  ink_metric_sum squares = { 0 }, sizes = { 0 };
  for (int i = 0; i < GOLDEN_PAIRS; i++) {
    const double error = (double)golden_pairs[1][i] - (double)golden_pairs[0][i];
    ink_metric_sum_add(&squares, error * error, 1);
    ink_metric_sum_add(&sizes, fabs(error), 1);
  }
  const ink_metric rmse = metric_of("rmse"), mae = metric_of("mae");
  CHECK_NEAR(ink_metric_finish(&rmse, &squares).value, golden_rmse, 1e-9);
  CHECK_NEAR(ink_metric_finish(&mae, &sizes).value, golden_mae, 1e-9);
}

/* The mean of a metric over all orders of the ties, by brute force: places are the expected ones. */
TEST(tied_places_are_expected_places) {
  static const float SCORES[] = { 3, 2, 2, 2, 2, 2, 1, 1 };
  static const uint8_t WHAT[] = { 0, 1, 0, 1, 0, 0, 1, 0 };
  const ink_places p = places_of(SCORES, WHAT, 8);
  CHECK_EQ(p.n, 3);
  /* behind 1, five tied with two test items: 1 + 6/3, 1 + 12/3; behind 6, two tied with one: 6 + 3/2 */
  CHECK_NEAR(p.places[0], 3.0, 0);
  CHECK_NEAR(p.places[1], 5.0, 0);
  CHECK_NEAR(p.places[2], 7.5, 0);
  /* all choices of 2 out of the 5 places 2..6 */
  double first = 0, second = 0;
  int n = 0;
  for (int i = 2; i <= 6; i++)
    for (int j = i + 1; j <= 6; j++) {
      first += i;
      second += j;
      n++;
    }
  CHECK_NEAR(p.places[0], first / n, 1e-12);
  CHECK_NEAR(p.places[1], second / n, 1e-12);
  /* auc: pairs (test, other) by hand: others score 3, 2 2 2, 1. Test at 2: 1 below + 3/2; twice. Test at 1: 1/2 */
  CHECK_NEAR(p.auc, (2.5 + 2.5 + 0.5) / 15, 1e-12);
}

TEST(half_a_tie) {
  /* one test item tied with 3 others behind 2 better ones: 1 + 2 + 3/2 */
  static const float SCORES[] = { 9, 9, 5, 5, 5, 5, 0 };
  static const uint8_t WHAT[] = { 0, 0, 0, 1, 0, 0, 0 };
  CHECK_NEAR(places_of(SCORES, WHAT, 7).places[0], 4.5, 0);
  CHECK_NEAR(value_of("hit@3", SCORES, WHAT, 7), 0, 0);
  CHECK_NEAR(value_of("hit@4", SCORES, WHAT, 7), 1, 0);              /* 4.5 rounds down to 4 */
  CHECK_NEAR(value_of("mrr", SCORES, WHAT, 7), 1 / 4.5, 1e-15);
  CHECK_NEAR(value_of("ndcg@5", SCORES, WHAT, 7), 1 / log2(5.5), 1e-14);
  /* everything tied and everything a test item: perfect, and no precision above 1 */
  static const float SAME[] = { 1, 1, 1, 1 };
  static const uint8_t ALL[] = { 1, 1, 1, 1 };
  CHECK_NEAR(value_of("precision@2", SAME, ALL, 4), 1, 0);
  CHECK_NEAR(value_of("ndcg@3", SAME, ALL, 4), 1, 1e-15);
  CHECK_NEAR(value_of("map", SAME, ALL, 4), 1, 1e-15);
  CHECK_NEAR(value_of("auc", SAME, ALL, 4), 0.5, 0);
}

TEST(out_is_out) {
  static const float SCORES[] = { 9, 8, 7, 6 };
  static const uint8_t WHAT[] = { 2, 0, 2, 1 };
  CHECK_NEAR(places_of(SCORES, WHAT, 4).places[0], 2, 0);
  CHECK_NEAR(places_of(SCORES, WHAT, 4).auc, 0, 0);
  CHECK_EQ(places_of(SCORES, WHAT, 3).n, 0);
}

/* Random scores on a coarse grid: the front of the sorted list gives the same places as counting all. */
TEST(front_equals_whole) {
  enum { N = 60 };
  uint64_t state = 12345;
  int n_refused = 0, n_given = 0;
  for (int round = 0; round < 3000; round++) {
    float scores[N], sorted[N];
    uint8_t what[N], listed[N];
    int by_score[N];
    const uint32_t levels = 2 + (uint32_t)round % 40;
    for (int i = 0; i < N; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      scores[i] = (float)((state >> 33) % levels);
      what[i] = (state >> 60) < 3 ? INK_CANDIDATE_TEST : INK_CANDIDATE;
      by_score[i] = i;
    }
    for (int i = 1; i < N; i++)
      for (int j = i; j > 0 && scores[by_score[j]] > scores[by_score[j - 1]]; j--) {
        const int t = by_score[j];
        by_score[j] = by_score[j - 1];
        by_score[j - 1] = t;
      }
    for (int i = 0; i < N; i++) {
      sorted[i] = scores[by_score[i]];
      listed[i] = what[by_score[i]];
    }
    const ink_places all = places_of(scores, what, N);
    double front_room[N];
    ink_places front = { .places = front_room };
    CHECK(ink_places_front(sorted, listed, N, 10, true, &front));
    CHECK(front.n == all.n && memcmp(front_room, all.places, all.n * sizeof(double)) == 0);
    if (!ink_places_front(sorted, listed, 20, 10, false, &front)) {
      n_refused++;
      CHECK(sorted[9] == sorted[19]);            /* only a tie across the border is refused */
      continue;
    }
    n_given++;
    uint32_t within = 0;
    while (within < all.n && all.places[within] < 11) within++;
    CHECK(front.n >= within && memcmp(front_room, all.places, within * sizeof(double)) == 0);
    CHECK(front.n == within || front_room[within] >= 11);
  }
  CHECK(n_refused > 100 && n_given > 1000);
}

TEST(top_in_serving_order) {
  enum { N = 100 };
  uint64_t state = 99;
  for (int round = 0; round < 500; round++) {
    float scores[N];
    uint8_t what[N];
    uint32_t top[N + 10];
    for (int i = 0; i < N; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      scores[i] = (float)((state >> 40) % (uint64_t)(1 + round % 120)) - 20;
      what[i] = (uint8_t)((state >> 33) % 3);
    }
    const uint32_t k = (uint32_t)round % 110;
    const uint32_t n_top = ink_places_top(scores, what, N, k, spare, top);
    uint32_t at = 0;
    for (int i = 0; i < N; i++) {
      uint32_t better = 0;
      for (int j = 0; j < N; j++)
        better += what[j] != INK_CANDIDATE_OUT && (scores[j] > scores[i] || (scores[j] == scores[i] && j < i));
      const bool want = what[i] != INK_CANDIDATE_OUT && better < k;
      CHECK_EQ(at < n_top && top[at] == (uint32_t)i, want);
      at += want;
    }
    CHECK_EQ(at, n_top);
  }
}

TEST(names) {
  ink_metric m[INK_MAX_METRICS];
  uint32_t n;
  const char *list = "recall@20, ndcg@20,map,hr@1,auc,coverage@10,rmse,mrr@16777216";
  CHECK_EQ(ink_metrics_parse((ink_text){ list, (uint32_t)strlen(list) }, m, &n, NULL), INK_OK);
  CHECK_EQ(n, 8);
  CHECK(m[0].kind == INK_METRIC_RECALL && m[0].k == 20 && strcmp(m[0].name, "recall@20") == 0);
  CHECK(strcmp(m[1].name, "ndcg@20") == 0);
  CHECK(m[2].kind == INK_METRIC_AP && m[2].k == INK_METRIC_ALL);
  CHECK(m[3].kind == INK_METRIC_HIT && strcmp(m[3].name, "hr@1") == 0);
  CHECK(m[4].k == 0 && m[7].k == 16777216);
  static const char *const BAD[] = { "", "recall", "recall@", "recall@0", "recall@16777217", "recall@020", "recall@2x", "auc@5", "rmse@1",
    "recal@5", "recall@5,", "recall@5,hit@5,recall@5", "ap@5,map@5", "Recall@5", "recall@99999999999999999999999" };
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    ink_fault fault = { 0 };
    CHECK_EQ(ink_metrics_parse((ink_text){ BAD[i], (uint32_t)strlen(BAD[i]) }, m, &n, &fault), INK_E_SETTING);
    CHECK(fault.code == INK_E_SETTING && fault.allowed[0] != 0);
  }
}

TEST(intervals) {
  const ink_metric recall = metric_of("recall@5"), mae = metric_of("mae"), rmse = metric_of("rmse");
  ink_metric_sum s = { 0 }, half = { 0 }, joined = { 0 };
  static const double X[] = { 0.25, 0.5, 0.5, 1.0, 0.0 };
  for (int i = 0; i < 5; i++) {
    ink_metric_sum_add(&s, X[i], 1);
    ink_metric_sum_add(i < 2 ? &joined : &half, X[i], 1);
  }
  ink_metric_sum_join(&joined, &half);
  ink_metric_value v = ink_metric_finish(&recall, &s), w = ink_metric_finish(&recall, &joined);
  /* mean .45, squared deviations .04 + .0025 + .0025 + .3025 + .2025 = .55 */
  const double h = 1.96 * sqrt(0.55 / 4) / sqrt(5);
  CHECK_NEAR(v.value, 0.45, 1e-15);
  CHECK_NEAR(v.low, 0.45 - h, 1e-12);
  CHECK_NEAR(v.high, 0.45 + h, 1e-12);
  CHECK(v.value == w.value && v.low == w.low && v.high == w.high);
  ink_metric_sum one = { 0 }, none = { 0 }, high = { 0 };
  ink_metric_sum_add(&one, 1, 1);
  CHECK(ink_metric_finish(&recall, &one).value == 1 && isnan(ink_metric_finish(&recall, &one).low));
  CHECK(isnan(ink_metric_finish(&recall, &none).value));
  ink_metric_sum_add(&high, 1, 1);
  ink_metric_sum_add(&high, 1, 1);
  ink_metric_sum_add(&high, 0.9, 1);
  CHECK_NEAR(ink_metric_finish(&recall, &high).high, 1, 0);          /* cut */
  /* ratio estimator by hand: errors 2 over 1 pair, 3 over 3 pairs: M = 5/4, residuals .75, -.75 */
  ink_metric_sum pairs = { 0 };
  ink_metric_sum_add(&pairs, 2, 1);
  ink_metric_sum_add(&pairs, 3, 3);
  v = ink_metric_finish(&mae, &pairs);
  CHECK_NEAR(v.value, 1.25, 1e-15);
  CHECK_NEAR(v.high - v.value, 1.96 * sqrt(2.0 / 1.0 * (0.5625 + 0.5625)) / 4, 1e-12);
  v = ink_metric_finish(&rmse, &pairs);
  CHECK_NEAR(v.value, sqrt(1.25), 1e-15);
  CHECK_NEAR(v.high, sqrt(1.25 + 1.96 * 1.5 / 4), 1e-12);
}

TEST_MAIN(T(against_libraries), T(tied_places_are_expected_places), T(half_a_tie), T(out_is_out), T(front_equals_whole),
          T(top_in_serving_order), T(names), T(intervals))
