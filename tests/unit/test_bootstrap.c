/* test_bootstrap.c - Student's test against scipy (tests/golden/make_beyond.py), the randomization test against all signs,
 * intervals against what is known of them, threads. */
#include "bootstrap.h"
#include "hosted.h"
#include "testlib.h"

#include "golden/beyond_truth.h"

static const ink_metric RECALL = { INK_METRIC_RECALL, 5, "recall@5" }, RMSE = { INK_METRIC_RMSE, 0, "rmse" };
static double ones[1000];

static void start(hosted *h) {
  hosted_init(h);
  for (int i = 0; i < 1000; i++) ones[i] = 1;
}

TEST(student_against_scipy) {
  hosted h;
  ink_paired p;
  start(&h);
  for (int i = 0; i < STUDENT_POINTS; i++) {
    const double want = student_points[i][2];
    CHECK_NEAR(ink_student_two_sided(student_points[i][0], student_points[i][1]), want, 1e-9 * want + 1e-300);
  }
  for (int c = 0; c < PAIRED_CASES; c++) {
    CHECK_EQ(ink_paired_test(&RECALL, paired_a[c], paired_b[c], ones, paired_n[c], &(ink_resampling){ 10, 1 }, &h.env, &p), INK_OK);
    CHECK_NEAR(p.t, paired_t[c][0], 1e-9);
    CHECK_NEAR(p.p_t, paired_t[c][1], 1e-9);
  }
  CHECK_EQ(h.memory.live, 0);
}

/* p over all 2^10 signs. */
static double exact_p(const double *a, const double *b) {
  int reached = 0;
  double seen = 0;
  for (int i = 0; i < 10; i++) seen += a[i] - b[i];
  for (int signs = 0; signs < 1024; signs++) {
    double sum = 0;
    for (int i = 0; i < 10; i++) sum += (signs >> i & 1) ? a[i] - b[i] : b[i] - a[i];
    reached += fabs(sum) >= fabs(seen) - 1e-12;
  }
  return reached / 1024.0;
}

TEST(randomization_against_all_signs) {
  hosted h;
  ink_paired p;
  start(&h);
  const double *a = paired_a[2], *b = paired_b[2];
  CHECK_EQ(paired_n[2], 10);
  CHECK_EQ(ink_paired_test(&RECALL, a, b, ones, 10, &(ink_resampling){ 100000, 7 }, &h.env, &p), INK_OK);
  CHECK_NEAR(p.p_random, exact_p(a, b), 0.007);             /* four standard errors at most */
  CHECK(p.low <= p.difference && p.difference <= p.high);
  ink_paired same;
  CHECK_EQ(ink_paired_test(&RECALL, a, a, ones, 10, &(ink_resampling){ 100, 7 }, &h.env, &same), INK_OK);
  CHECK(same.p_random == 1 && same.p_t == 1 && same.difference == 0 && same.t == 0);
}

/* Means of 400 draws of which a share of .3 is 1: the interval is near the normal one. */
TEST(interval_of_a_mean) {
  hosted h;
  ink_metric_value v, w;
  double x[400];
  start(&h);
  for (int i = 0; i < 400; i++) x[i] = i % 10 < 3;
  CHECK_EQ(ink_bootstrap(&RECALL, x, ones, 400, &(ink_resampling){ 20000, 3 }, &h.env, &v), INK_OK);
  const double half = 1.96 * sqrt(0.3 * 0.7 / 400);
  CHECK_NEAR(v.value, 0.3, 1e-12);
  CHECK_NEAR(v.low, 0.3 - half, 0.003);
  CHECK_NEAR(v.high, 0.3 + half, 0.003);
  CHECK_EQ(ink_bootstrap(&RECALL, x, ones, 400, &(ink_resampling){ 20000, 3 }, &h.env, &w), INK_OK);
  CHECK(memcmp(&v, &w, sizeof v) == 0);
  for (int i = 0; i < 400; i++) x[i] += i * 1e-5;            /* so that hardly two draws have one mean */
  CHECK_EQ(ink_bootstrap(&RECALL, x, ones, 400, &(ink_resampling){ 300, 3 }, &h.env, &v), INK_OK);
  CHECK_EQ(ink_bootstrap(&RECALL, x, ones, 400, &(ink_resampling){ 300, 4 }, &h.env, &w), INK_OK);
  CHECK(v.low != w.low && v.high != w.high);
  CHECK_EQ(h.memory.live, 0);
}

/* Two people: the draws are 0 0, 0 1, 1 0, 1 1, so each interval reaches from the one to the other. rmse draws pairs. */
TEST(small_and_missing) {
  hosted h;
  ink_metric_value v;
  start(&h);
  const double two[] = { 0, NAN, 1 }, errors[] = { 4, 36 }, pairs[] = { 1, 4 };
  CHECK_EQ(ink_bootstrap(&RECALL, two, ones, 3, &(ink_resampling){ 500, 3 }, &h.env, &v), INK_OK);
  CHECK(v.value == 0.5 && v.low == 0 && v.high == 1);
  CHECK_EQ(ink_bootstrap(&RECALL, two, ones, 2, &(ink_resampling){ 500, 3 }, &h.env, &v), INK_OK);
  CHECK(v.value == 0 && isnan(v.low));
  CHECK_EQ(ink_bootstrap(&RECALL, two, ones, 0, &(ink_resampling){ 500, 3 }, &h.env, &v), INK_OK);
  CHECK(isnan(v.value));
  CHECK_EQ(ink_bootstrap(&RMSE, errors, pairs, 2, &(ink_resampling){ 500, 3 }, &h.env, &v), INK_OK);
  CHECK_NEAR(v.value, sqrt(8), 1e-15);
  CHECK_NEAR(v.low, 2, 1e-15);
  CHECK_NEAR(v.high, 3, 1e-15);
  CHECK_EQ(ink_bootstrap(&RECALL, two, ones, 3, &(ink_resampling){ 0, 3 }, &h.env, &v), INK_E_SETTING);
}

static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t i = n_shards; i > 0; i--) body(arg, i - 1, i % 3);
}

TEST(threads_and_memory_do_not_matter) {
  hosted h;
  ink_paired one, other;
  start(&h);
  const ink_resampling how = { 999, 5 };
  CHECK_EQ(ink_paired_test(&RECALL, paired_a[3], paired_b[3], ones, 40, &how, &h.env, &one), INK_OK);
  h.env.threads = (ink_threads){ NULL, 3, backwards };
  h.memory.stale = 0;
  CHECK_EQ(ink_paired_test(&RECALL, paired_a[3], paired_b[3], ones, 40, &how, &h.env, &other), INK_OK);
  CHECK(one.low == other.low && one.high == other.high && one.p_random == other.p_random);
  for (long fail = 1; fail <= 5; fail++) {
    h.memory.fail_at = fail;
    CHECK_EQ(ink_paired_test(&RECALL, paired_a[3], paired_b[3], ones, 40, &how, &h.env, &other), INK_E_NO_MEMORY);
    CHECK_EQ(h.memory.live, 0);
  }
}

TEST_MAIN(T(student_against_scipy), T(randomization_against_all_signs), T(interval_of_a_mean), T(small_and_missing),
          T(threads_and_memory_do_not_matter))
