/* test_gemm.c - blocked products against a sum in double, on every table, over shapes around the blocks. */
#include <math.h>
#include <stdlib.h>

#include "gemm.h"
#include "testlib.h"

static const char *const names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };

static float *made(size_t n) {
  float *x = malloc((n + 1) * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = (float)(rand() / (RAND_MAX + 1.0) * 2 - 1);
  return x;
}

/* |computed - true| <= (k + 2) u sum|a||b| <= (k + 2) u k for entries within 1, whatever the order of adding. */
static void one(const ink_gemm *g, size_t m, size_t n, size_t k, int flip_a, int flip_b, int accumulate) {
  float *a = made(m * k), *b = made(k * n), *c = made(m * (n + 3)), *before = made(0);
  void *scratch = aligned_alloc(64, (ink_gemm_scratch_bytes(g) + 63) / 64 * 64);
  free(before);
  before = malloc((m * (n + 3) + 1) * sizeof *before);
  memcpy(before, c, m * (n + 3) * sizeof *c);
  ink_gemm_run(g, m, n, k, flip_a ? ink_gemm_transposed(a, m) : ink_gemm_plain(a, k),
               flip_b ? ink_gemm_transposed(b, k) : ink_gemm_plain(b, n), c, n + 3, accumulate, scratch);
  const double bound = ((double)k + 2) * 0x1p-24 * ((double)k + 1);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = accumulate ? (double)before[i * (n + 3) + j] : 0;
      for (size_t p = 0; p < k; p++)
        sum += (double)(flip_a ? a[p * m + i] : a[i * k + p]) * (double)(flip_b ? b[j * k + p] : b[p * n + j]);
      CHECK_NEAR((double)c[i * (n + 3) + j], sum, bound);
    }
    for (size_t j = n; j < n + 3; j++) CHECK_EQ_BITS(c[i * (n + 3) + j], before[i * (n + 3) + j]);
  }
  free(a); free(b); free(c); free(before); free(scratch);
}

TEST(every_table_and_every_edge) {
  static const size_t sizes[] = { 0, 1, 3, 4, 13, 33, 64, 130 };
  for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
    const ink_gemm *g = ink_gemm_named(names[t]);
    if (!g) continue;
    CHECK(strcmp(ink_gemm_name(g), names[t]) == 0);
    for (size_t i = 0; i < 8; i++)
      for (size_t j = 0; j < 8; j++)
        for (size_t l = 0; l < 8; l++) one(g, sizes[i], sizes[j], sizes[l], i & 1, j & 1, l & 1);
    one(g, 5, 1100, 300, 0, 1, 0);
    one(g, 260, 7, 600, 1, 0, 1);
  }
}

TEST(rows_computed_apart_have_the_same_bits) {
  const ink_gemm *g = ink_gemm_best();
  enum { M = 97, N = 41, K = 300 };
  float *a = made(M * K), *b = made(K * N), *whole = made(M * N), *parts = made(M * N);
  void *scratch = aligned_alloc(64, (ink_gemm_scratch_bytes(g) + 63) / 64 * 64);
  ink_gemm_run(g, M, N, K, ink_gemm_plain(a, K), ink_gemm_plain(b, N), whole, N, false, scratch);
  for (size_t first = 0; first < M; first += 29) {
    const size_t rows = M - first < 29 ? M - first : 29;
    ink_gemm_run(g, rows, N, K, ink_gemm_plain(a + first * K, K), ink_gemm_plain(b, N), parts + first * N, N, false, scratch);
  }
  CHECK(memcmp(whole, parts, M * N * sizeof *whole) == 0);
  free(a); free(b); free(whole); free(parts); free(scratch);
}

/* Packed in two pieces, multiplied in two pieces: what ink_gemm_run() gives. */
TEST(a_packed_right_side_gives_the_same_bits) {
  enum { M = 131, N = 1300, K = 200, CUT = INK_GEMM_COLUMNS * 3 };
  float *a = made(M * K), *b = made(K * N), *whole = made(M * N), *parts = malloc(M * N * sizeof *parts);
  memcpy(parts, whole, M * N * sizeof *parts);
  for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
    const ink_gemm *g = ink_gemm_named(names[t]);
    if (!g) continue;
    void *scratch = aligned_alloc(64, (ink_gemm_scratch_bytes(g) + 63) / 64 * 64);
    float *packed = aligned_alloc(64, (ink_gemm_packed_floats(g, N, K) * sizeof *packed + 63) / 64 * 64);
    const ink_gemm_in rows = ink_gemm_plain(a, K);
    ink_gemm_pack(g, K, CUT, ink_gemm_plain(b, N), packed);
    ink_gemm_pack(g, K, N - CUT, ink_gemm_plain(b + CUT, N), packed + CUT * K);
    for (int accumulate = 0; accumulate < 2; accumulate++) {
      ink_gemm_run(g, M, N, K, rows, ink_gemm_plain(b, N), whole, N, accumulate, scratch);
      ink_gemm_run_packed(g, M, CUT, K, rows, packed, parts, N, accumulate, scratch);
      ink_gemm_run_packed(g, M, N - CUT, K, rows, packed + CUT * K, parts + CUT, N, accumulate, scratch);
      CHECK(memcmp(whole, parts, M * N * sizeof *whole) == 0);
    }
    free(packed); free(scratch);
  }
  free(a); free(b); free(whole); free(parts);
}

/* e^(x + b - m): 4 ulp of the exponential and two roundings of sums within 42; every table's bits alike. */
TEST(softened_rows_are_the_same_by_every_table) {
  static const size_t sizes[] = { 1, 2, 15, 16, 17, 100, 515 };
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int with_bias = 0; with_bias < 2; with_bias++) {
      const size_t n = sizes[s];
      float *x = made(n), *bias = made(n), *first = made(n), *y = made(n), sum = 0;
      double most = -1e9, total = 0;
      for (size_t j = 0; j < n; j++) {
        x[j] *= 20;
        const double at = (double)(with_bias ? x[j] + bias[j] : x[j]);
        most = at > most ? at : most;
      }
      for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        const ink_gemm *g = ink_gemm_named(names[t]);
        if (!g) continue;
        memcpy(y, x, n * sizeof *x);
        const float got = ink_gemm_soften(g, y, with_bias ? bias : NULL, n);
        if (t == 0) memcpy(first, y, n * sizeof *y), sum = got;
        CHECK(memcmp(first, y, n * sizeof *y) == 0);
        CHECK_EQ_BITS(got, sum);
      }
      for (size_t j = 0; j < n; j++) {
        const double want = exp((double)(with_bias ? x[j] + bias[j] : x[j]) - most);
        CHECK_NEAR((double)first[j], want, (4 + 42) * 0x1p-23 * want);
        total += want;
      }
      CHECK_NEAR((double)sum, total, (4 + 42 + 515) * 0x1p-23 * total);
      free(x); free(bias); free(first); free(y);
    }
}

TEST(unknown_tables_are_not_found) { CHECK(ink_gemm_named("mmx") == NULL); }

TEST_MAIN(T(every_table_and_every_edge), T(rows_computed_apart_have_the_same_bits), T(a_packed_right_side_gives_the_same_bits),
          T(softened_rows_are_the_same_by_every_table), T(unknown_tables_are_not_found))
