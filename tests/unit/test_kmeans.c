/* test_kmeans.c - k-means against scikit-learn from the same starts; k-means++ finds places that lie apart; clusters of too
 * few rows are dissolved; workers do not show; memory that runs out. */
#include "hosted.h"

#include "../golden/kmeans_truth.h"
#include "kmeans.h"
#include "rng.h"
#include "testlib.h"

static hosted h;
static ink_matrix rows, columns;

static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 3);
}

/* Sparse rows of a dense table. */
static void open_rows(const float *x, uint32_t n, uint32_t d) {
  hosted_init(&h);
  rows = (ink_matrix){ .n_rows = n, .n_cols = d };
  rows.starts = hosted_resize(&h.memory, NULL, (n + 1) * sizeof *rows.starts);
  rows.cols = hosted_resize(&h.memory, NULL, n * d * sizeof *rows.cols + 1);
  rows.values = hosted_resize(&h.memory, NULL, n * d * sizeof *rows.values + 1);
  for (uint32_t r = 0; r < n; r++) {
    rows.starts[r] = rows.n_values;
    for (uint32_t c = 0; c < d; c++) {
      if (x[r * d + c] == 0) continue;
      rows.cols[rows.n_values] = c;
      rows.values[rows.n_values++] = x[r * d + c];
    }
  }
  rows.starts[n] = rows.n_values;
  CHECK_EQ(ink_matrix_transpose(&rows, &h.env, &columns), INK_OK);
}

static void close_rows(void) {
  ink_matrix_free(&rows, &h.env.allocator);
  ink_matrix_free(&columns, &h.env.allocator);
  CHECK_EQ(h.memory.live, 0);
}

/* Squared distances of about 10 in f32 centres: each is off by less than 10 * 8 * 2^-24. */
TEST(scikit_learn_finds_the_same) {
  const ink_kmeans_options options = { .k = TRUTH_K, .passes = 300, .least = 1, .starts = truth_starts };
  ink_kmeans m, again;
  open_rows(&truth_points[0][0], TRUTH_ROWS, TRUTH_D);
  CHECK_EQ(ink_kmeans_fit(&rows, &columns, &options, &h.env, &m), INK_OK);
  CHECK_EQ(m.k, TRUTH_K);
  for (uint32_t r = 0; r < TRUTH_ROWS; r++) CHECK_EQ(m.cluster[r], truth_cluster[r]);
  CHECK_NEAR(m.inertia, truth_inertia, (double)TRUTH_ROWS * 5e-6);
  h.env.threads = (ink_threads){ NULL, 3, backwards };
  CHECK_EQ(ink_kmeans_fit(&rows, &columns, &options, &h.env, &again), INK_OK);
  CHECK(memcmp(m.centres, again.centres, TRUTH_K * TRUTH_D * sizeof(float)) == 0);
  ink_kmeans_free(&m, &h.env.allocator);
  ink_kmeans_free(&again, &h.env.allocator);
  close_rows();
}

/* Ten places far from each other, twelve rows at each: uniform starts would miss one nearly always. */
TEST(starts_spread_out) {
  static float x[120 * 10];
  memset(x, 0, sizeof x);
  for (uint32_t r = 0; r < 120; r++) x[r * 10 + r % 10] = 100.0f + (float)(r / 10) / 16.0f;
  open_rows(x, 120, 10);
  for (uint64_t seed = 0; seed < 5; seed++) {
    ink_kmeans m;
    CHECK_EQ(ink_kmeans_fit(&rows, &columns, &(ink_kmeans_options){ .k = 10, .passes = 20, .least = 12, .seed = seed }, &h.env, &m), INK_OK);
    CHECK_EQ(m.k, 10);
    for (uint32_t r = 10; r < 120; r++) CHECK_EQ(m.cluster[r], m.cluster[r % 10]);
    ink_kmeans_free(&m, &h.env.allocator);
  }
  close_rows();
}

TEST(small_clusters_are_dissolved) {
  static float x[100 * 3];
  ink_rng rng;
  ink_rng_seed(&rng, 5, 0);
  for (uint32_t i = 0; i < 300; i++) x[i] = (float)ink_rng_normal(&rng);
  open_rows(x, 100, 3);
  for (uint32_t least = 1; least <= 128; least *= 2) {
    ink_kmeans m;
    uint32_t total = 0, count[64] = { 0 };
    CHECK_EQ(ink_kmeans_fit(&rows, &columns, &(ink_kmeans_options){ .k = 30, .passes = 10, .least = least }, &h.env, &m), INK_OK);
    for (uint32_t r = 0; r < 100; r++) count[m.cluster[r]]++;
    for (uint32_t c = 0; c < m.k; c++) {
      CHECK(m.size[c] == count[c] && (m.size[c] >= least || m.k == 1));
      total += m.size[c];
    }
    CHECK_EQ(total, 100);
    ink_kmeans_free(&m, &h.env.allocator);
  }
  close_rows();
}

TEST(rows_that_are_one_point) {
  static const float x[8 * 2] = { 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2 };
  ink_kmeans m;
  open_rows(x, 8, 2);
  CHECK_EQ(ink_kmeans_fit(&rows, &columns, &(ink_kmeans_options){ .k = 3, .passes = 10, .least = 1 }, &h.env, &m), INK_OK);
  CHECK(m.k == 1 && m.size[0] == 8 && m.inertia == 0);
  ink_kmeans_free(&m, &h.env.allocator);
  close_rows();
}

TEST(no_memory_leaves_nothing_behind) {
  const ink_kmeans_options options = { .k = TRUTH_K, .passes = 3, .least = 1 };
  ink_status status = INK_E_NO_MEMORY;
  ink_kmeans m;
  open_rows(&truth_points[0][0], TRUTH_ROWS, TRUTH_D);
  const long before = h.memory.live;
  for (long requests = 1; status != INK_OK && requests < 100; requests++) {
    h.memory.fail_at = requests;
    status = ink_kmeans_fit(&rows, &columns, &options, &h.env, &m);
    h.memory.fail_at = 0;
    if (status != INK_OK) CHECK(status == INK_E_NO_MEMORY && h.memory.live == before);
  }
  CHECK_EQ(status, INK_OK);
  ink_kmeans_free(&m, &h.env.allocator);
  close_rows();
}

TEST_MAIN(T(scikit_learn_finds_the_same), T(starts_spread_out), T(small_clusters_are_dissolved), T(rows_that_are_one_point),
          T(no_memory_leaves_nothing_behind))
