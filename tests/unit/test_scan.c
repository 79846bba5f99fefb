/* test_scan.c - every path of retrieval against a plain loop, on every kernel table of this build.
 * The plain loop asks the reference table's single-row dot, so scores agree in every bit. */
#include <math.h>
#include <stdlib.h>

#include "quant.h"
#include "scan.h"
#include "testlib.h"

enum { N = 1203, D = 40, K = 17, SCRATCH = 1 << 20 };

static const char *const table_names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
static float vectors[N * D], biases[N], norms[N], scales[N], errs[N], vector[D];
static uint16_t halves[N * D];
static int8_t bytes[N * D];
static int32_t sums[N];
static uint64_t words[(N + 63) / 64];
static _Alignas(64) uint8_t memory[SCRATCH];

static double gaussian(void) {
  double s = -6;
  for (int i = 0; i < 12; i++) s += rand() / (RAND_MAX + 1.0);
  return s;
}

static void make(ink_rows *f32, ink_rows *i8) {
  float norm_max = 0, err_max = 0;
  for (uint32_t i = 0; i < N; i++) {
    const double size = exp(gaussian());
    for (uint32_t j = 0; j < D; j++) vectors[i * D + j] = (float)(size * gaussian());
    ink_quant_row(vectors + i * D, D, bytes + i * D, &scales[i], &sums[i], &errs[i]);
    norms[i] = ink_quant_norm(bytes + i * D, D, scales[i]);
    biases[i] = (float)gaussian();
    norm_max = fmaxf(norm_max, norms[i]);
    err_max = fmaxf(err_max, errs[i]);
  }
  for (uint32_t i = 0; i < N * D; i++) { uint32_t u; memcpy(&u, &vectors[i], 4); halves[i] = (uint16_t)(u >> 16); }
  for (uint32_t j = 0; j < D; j++) vector[j] = (float)gaussian();
  /* duplicates, so that ties must be settled by the index */
  for (uint32_t i = 0; i < 50; i++) {
    memcpy(vectors + (N - 1 - i) * D, vectors + i * D, D * sizeof(float));
    memcpy(bytes + (N - 1 - i) * D, bytes + i * D, D);
    scales[N - 1 - i] = scales[i]; sums[N - 1 - i] = sums[i]; errs[N - 1 - i] = errs[i]; norms[N - 1 - i] = norms[i];
    biases[N - 1 - i] = biases[i];
  }
  *f32 = (ink_rows){ .dtype = INK_ROWS_F32, .n = N, .d = D, .data = vectors };
  *i8 = (ink_rows){ .dtype = INK_ROWS_I8, .n = N, .d = D, .data = bytes, .scale = scales, .sum = sums, .err = errs,
                    .norm = norms, .norm_max = norm_max, .err_max = err_max };
}

/* Scores by ink_scan_some() on the reference table, then repeated selection of the best. */
static uint32_t plain_top(const ink_query *query, const ink_filter *filter, uint32_t k, float *scores, uint32_t *items) {
  static float all[N];
  static char taken[N];
  ink_arena arena;
  uint32_t n = 0;
  ink_arena_init(&arena, memory, SCRATCH);
  CHECK_EQ(ink_scan_some(ink_kernels_named("ref"), query, NULL, 0, N, &arena, all), INK_OK);
  for (uint32_t i = 0; i < N; i++) taken[i] = !ink_filter_passes(filter, i);
  for (; n < k; n++) {
    uint32_t best = INK_NONE;
    for (uint32_t i = 0; i < N; i++)
      if (!taken[i] && (best == INK_NONE || all[i] > all[best])) best = i;
    if (best == INK_NONE) break;
    taken[best] = 1;
    scores[n] = all[best];
    items[n] = best;
  }
  return n;
}

static void compare(const ink_query *query, const ink_filter *filter, uint32_t k) {
  static float want[N], got[N];
  static uint32_t want_items[N], got_items[N];
  const uint32_t n = plain_top(query, filter, k, want, want_items);
  for (size_t t = 0; t < sizeof table_names / sizeof *table_names; t++) {
    const ink_kernels *kernels = ink_kernels_named(table_names[t]);
    if (!kernels) continue;
    ink_arena arena;
    ink_topk top;
    ink_scan_report report;
    const ink_scan_options options = { 0 };
    ink_arena_init(&arena, memory, ink_scan_scratch_bytes(D, k));
    ink_topk_init(&top, got, got_items, k);
    CHECK_EQ(ink_scan_top(kernels, query, filter, &options, &arena, &top, &report), INK_OK);
    CHECK_EQ(arena.used, 0);
    CHECK_EQ(top.n, n);
    CHECK(report.complete && report.rows_done == N);
    for (uint32_t i = 0; i < n; i++) { CHECK_EQ(got_items[i], want_items[i]); CHECK_EQ_BITS(got[i], want[i]); }
  }
}

static void each_filter(const ink_query *query) {
  ink_filter filter;
  const uint32_t ks[] = { 1, K, 500 };
  for (size_t i = 0; i < 3; i++) {
    ink_filter_init(&filter, words, N);
    compare(query, &filter, ks[i]);
    for (uint32_t item = 0; item < N; item++) if (rand() % 3) ink_filter_drop(&filter, item);
    compare(query, &filter, ks[i]);
    ink_filter_none(&filter);
    for (uint32_t item = 0; item < N; item += 400) ink_filter_admit(&filter, item);
    compare(query, &filter, ks[i]);
  }
}

TEST(f32_bf16_and_int8_scans_equal_a_plain_loop) {
  ink_rows f32, i8;
  make(&f32, &i8);
  const ink_rows bf16 = { .dtype = INK_ROWS_BF16, .n = N, .d = D, .data = halves };
  const ink_rows *const all[] = { &f32, &bf16, &i8 };
  for (size_t r = 0; r < 3; r++)
    for (int with_bias = 0; with_bias < 2; with_bias++) {
      const ink_query query = { .rows = all[r], .vector = vector, .bias = with_bias ? biases : NULL,
                                .offset = with_bias ? 3.5f : 0.0f };
      each_filter(&query);
    }
}

TEST(certified_scan_equals_the_exact_one) {
  for (int round = 0; round < 20; round++) {
    ink_rows f32, i8;
    make(&f32, &i8);
    const ink_query query = { .rows = &f32, .rows_i8 = &i8, .vector = vector, .bias = round % 2 ? biases : NULL,
                              .offset = round % 4 == 3 ? -2.0f : 0.0f };
    each_filter(&query);
  }
}

TEST(certified_scan_survives_a_table_of_equal_rows) {
  ink_rows f32, i8;
  make(&f32, &i8);
  for (uint32_t i = 1; i < N; i++) {
    memcpy(vectors + i * D, vectors, D * sizeof(float));
    memcpy(bytes + i * D, bytes, D);
    scales[i] = scales[0]; sums[i] = sums[0]; errs[i] = errs[0]; norms[i] = norms[0];
  }
  const ink_query query = { .rows = &f32, .rows_i8 = &i8, .vector = vector };
  each_filter(&query);
}

TEST(certified_scan_reranks_few) {
  ink_rows f32, i8;
  make(&f32, &i8);
  ink_arena arena;
  ink_filter filter;
  ink_topk top;
  float got[10]; uint32_t items[10];
  ink_scan_report report;
  const ink_query query = { .rows = &f32, .rows_i8 = &i8, .vector = vector };
  const ink_scan_options options = { 0 };
  ink_filter_init(&filter, words, N);
  ink_arena_init(&arena, memory, SCRATCH);
  ink_topk_init(&top, got, items, 10);
  CHECK_EQ(ink_scan_top(ink_kernels_best(), &query, &filter, &options, &arena, &top, &report), INK_OK);
  CHECK(report.reranked >= 10 && report.reranked < N / 8);
}

TEST(budget_stops_the_scan_and_says_so) {
  ink_rows f32, i8;
  make(&f32, &i8);
  ink_arena arena;
  ink_filter filter;
  ink_topk top;
  float got[5]; uint32_t items[5];
  ink_scan_report report;
  for (int shortcut = 0; shortcut < 2; shortcut++) {
    const ink_query query = { .rows = &f32, .rows_i8 = shortcut ? &i8 : NULL, .vector = vector };
    const ink_scan_options options = { .budget_rows = 300 };
    ink_filter_init(&filter, words, N);
    ink_arena_init(&arena, memory, SCRATCH);
    ink_topk_init(&top, got, items, 5);
    CHECK_EQ(ink_scan_top(ink_kernels_best(), &query, &filter, &options, &arena, &top, &report), INK_OK);
    CHECK(!report.complete && report.rows_done >= 300 && report.rows_done < N);
    CHECK_EQ(top.n, 5);
  }
}

TEST(too_little_scratch_is_refused) {
  ink_rows f32, i8;
  make(&f32, &i8);
  ink_arena arena;
  ink_filter filter;
  ink_topk top;
  float got[5]; uint32_t items[5];
  ink_scan_report report;
  const ink_query query = { .rows = &f32, .rows_i8 = &i8, .vector = vector };
  const ink_scan_options options = { 0 };
  ink_filter_init(&filter, words, N);
  ink_arena_init(&arena, memory, 512);
  ink_topk_init(&top, got, items, 5);
  CHECK_EQ(ink_scan_top(ink_kernels_best(), &query, &filter, &options, &arena, &top, &report), INK_E_SCRATCH);
  CHECK_EQ(arena.used, 0);
}

TEST(tiny_tables) {
  ink_rows f32, i8;
  make(&f32, &i8);
  for (uint32_t n = 0; n < 9; n++) {
    f32.n = i8.n = n;
    for (int shortcut = 0; shortcut < 2; shortcut++) {
      const ink_query query = { .rows = &f32, .rows_i8 = shortcut ? &i8 : NULL, .vector = vector };
      const ink_scan_options options = { 0 };
      ink_arena arena;
      ink_filter filter;
      ink_topk top;
      float got[5]; uint32_t items[5];
      ink_scan_report report;
      ink_filter_init(&filter, words, n);
      ink_arena_init(&arena, memory, SCRATCH);
      ink_topk_init(&top, got, items, 5);
      CHECK_EQ(ink_scan_top(ink_kernels_best(), &query, &filter, &options, &arena, &top, &report), INK_OK);
      CHECK_EQ(top.n, n < 5 ? n : 5);
      CHECK(report.complete && report.rows_done == n);
    }
  }
}

TEST_MAIN(T(f32_bf16_and_int8_scans_equal_a_plain_loop), T(certified_scan_equals_the_exact_one),
          T(certified_scan_survives_a_table_of_equal_rows), T(certified_scan_reranks_few), T(budget_stops_the_scan_and_says_so),
          T(too_little_scratch_is_refused), T(tiny_tables))
