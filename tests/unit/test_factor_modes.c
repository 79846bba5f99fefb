/* test_factor_modes.c - factor models beside als: sums, ratings beside fold rows (SVD++), nonnegative vectors. Truth is the
 * formula itself in double: the sum, a Gaussian elimination, the conditions of Karush, Kuhn and Tucker.
 *
 * Bounds. Sums of n terms are off by (n + 2) u sum |terms|, u = 2^-24. Systems here have a ridge of 1 and a trace below
 * 2^11, so a solution is off by less than 1.1 * 2^11 * u * (n + 3m + 6) * |x| (test_factor.c), |x| <= 8, n + 3m < 100: below .1;
 * they were seen to be a hundred times better, and TIGHT holds them to that. */
#include <math.h>

#include "arena.h"
#include "factor.h"
#include "packlib.h"
#include "scan.h"
#include "testlib.h"

#include "base.h"

enum { N = 50, D = 7, MOST = 40, MEMORY = 1 << 18 };
#define TIGHT 1e-4

static _Alignas(64) uint8_t model_memory[MEMORY], state_memory[MEMORY], other_memory[MEMORY], scratch_memory[MEMORY];
static ink_past events[MOST];
static ink_part parts[MOST + 3];

typedef struct bench { packlib pack; const ink_family *family; ink_bound bound; ink_arena scratch; ink_fault fault; } bench;

static ink_status bind(bench *b) {
  const ink_tensor_source source = packlib_source(&b->pack);
  ink_arena measure, arena;
  ink_arena_init_measure(&measure);
  const ink_bind first = { b->family->name, &source, N, MOST, NULL, &measure, &b->fault };
  INK_TRY(b->family->bind(&first, &b->bound));
  ink_arena_init(&arena, model_memory, measure.high);
  const ink_bind second = { b->family->name, &source, N, MOST, ink_kernels_best(), &arena, &b->fault };
  CHECK_EQ(b->family->bind(&second, &b->bound), INK_OK);
  CHECK(b->bound.state_bytes <= MEMORY && b->bound.scratch_bytes <= MEMORY);
  ink_arena_init(&b->scratch, scratch_memory, b->bound.scratch_bytes);
  return INK_OK;
}

static void open_bench(bench *b, const ink_family *family, const char *prefix) {
  memset(b, 0, sizeof *b);
  b->family = family;
  packlib_factor(&b->pack, prefix, N, D, false, false, 9);
  CHECK_EQ(bind(b), INK_OK);
}

static const float *tensor(bench *b, const char *prefix, const char *part) { return packlib_find(&b->pack, packlib_name(prefix, part))->data; }

static float *settings(bench *b, const char *prefix) { return (float *)(uintptr_t)tensor(b, prefix, "settings"); }

/* Different items; every fourth event is a dislike or a low rating. */
static ink_history make_history(uint32_t n, uint32_t seed, bool rating) {
  for (uint32_t i = 0; i < n; i++)
    events[i] = (ink_past){ .item = (i * 7 + seed) % N, .weight = i % 4 == 3 ? -5.0f : (float)(1 + (i + seed) % 3), .rating = rating && i % 5 != 2,
                            .value = (float)(1 + (i * 3 + seed) % 5), .time = i, .seq = i + 1 };
  return (ink_history){ events, n, 0 };
}

static void fold(bench *b, const ink_history *h, void *state) {
  CHECK_EQ(b->family->fold(b->bound.model, h, state, &b->scratch), INK_OK);
  CHECK_EQ(b->scratch.used, 0);
}

static ink_query query_of(const bench *b, const void *state) {
  ink_query q;
  b->family->query(b->bound.model, state, &q);
  return q;
}

/* Parts of a score, added, beside the score. */
static void check_reasons(bench *b, const ink_history *h) {
  const ink_query q = query_of(b, state_memory);
  for (uint32_t item = 0; item < N; item += 6) {
    uint32_t n = 0;
    double sum = 0;
    float score;
    CHECK_EQ(b->family->reasons(b->bound.model, state_memory, h, item, &b->scratch, parts, &n), INK_OK);
    CHECK(n > 0 && n <= h->n + 3);
    for (uint32_t i = 0; i < n; i++) sum += parts[i].weight;
    CHECK_EQ(ink_scan_some(ink_kernels_best(), &q, &item, 0, 1, &(ink_arena){ other_memory, MEMORY, 0, 0 }, &score), INK_OK);
    CHECK_NEAR(sum, score, TIGHT);
  }
}

/* -------------------------------------------------------------------- sums */

static void check_sums(bench *b, const ink_history *h, const float *rows, double nu) {
  double q[D] = { 0 }, size[D] = { 0 }, total = 0;
  fold(b, h, state_memory);
  for (uint32_t i = 0; i < h->n; i++) total += fabs((double)h->events[i].weight);
  for (uint32_t i = 0; i < h->n; i++)
    for (uint32_t k = 0; k < D; k++) {
      const double term = (double)h->events[i].weight * (double)rows[h->events[i].item * D + k] * pow(total, -nu);
      q[k] += term;
      size[k] += fabs(term);
    }
  for (uint32_t k = 0; k < D; k++) CHECK_NEAR(query_of(b, state_memory).vector[k], q[k], (h->n + 4) * 0x1p-24 * size[k]);
  check_reasons(b, h);
}

TEST(sums_are_weighted_sums_of_fold_rows_or_items) {
  bench b;
  open_bench(&b, &ink_family_pure_svd, "pure_svd");
  for (uint32_t n = 1; n < 30; n += 4) {
    const ink_history h = make_history(n, n, false);
    check_sums(&b, &h, tensor(&b, "pure_svd", "items"), 0.5);
  }
  float *rows = packlib_add(&b.pack, "pure_svd.fold", INK_DTYPE_F32, N, D), *bias = packlib_add(&b.pack, "pure_svd.bias", INK_DTYPE_F32, N, 0);
  for (uint32_t i = 0; i < N * D; i++) rows[i] = (float)(i % 11) - 4.5f;
  for (uint32_t i = 0; i < N; i++) bias[i] = (float)(i % 3);
  settings(&b, "pure_svd")[FACTOR_NU] = 1;
  CHECK_EQ(bind(&b), INK_OK);
  const ink_history h = make_history(17, 2, false);
  check_sums(&b, &h, rows, 1);
  CHECK(query_of(&b, state_memory).bias == bias && query_of(&b, state_memory).offset == 0);
  packlib_free(&b.pack);
}

TEST(a_step_has_the_bits_of_a_fold_or_asks_for_one) {
  const struct { const ink_family *family; const char *prefix; bool steps; } all[] = {
    { &ink_family_pure_svd, "pure_svd", true }, { &ink_family_svd, "svd", true }, { &ink_family_svdpp, "svdpp", false }, { &ink_family_nmf, "nmf", false } };
  for (size_t a = 0; a < 4; a++) {
    bench b;
    open_bench(&b, all[a].family, all[a].prefix);
    ink_history h = make_history(12, 3, true);
    h.n = 1;
    fold(&b, &h, state_memory);
    for (h.n = 2; h.n <= 12; h.n++) {
      CHECK_EQ(b.family->step(b.bound.model, &h, state_memory, &b.scratch), all[a].steps ? INK_OK : INK_REFOLD);
      if (!all[a].steps) break;
      fold(&b, &h, other_memory);
      const ink_query got = query_of(&b, state_memory), want = query_of(&b, other_memory);
      for (uint32_t k = 0; k < D; k++) CHECK_EQ_BITS(got.vector[k], want.vector[k]);
      CHECK_EQ_BITS(got.offset, want.offset);
    }
    packlib_free(&b.pack);
  }
}

/* ------------------------------------------------------------------- ridge */

enum { M = D + 1 };

/* A and right side of explicit mode in double; v (may be NULL) is what the choice of items says. */
static void system_of(bench *b, const char *prefix, const ink_history *h, const double *v, double a[M][M], double rhs[M]) {
  const float *rows = tensor(b, prefix, "items"), *bias = tensor(b, prefix, "bias"), *s = settings(b, prefix);
  memset(a, 0, M * sizeof *a);
  memset(rhs, 0, M * sizeof *rhs);
  for (uint32_t i = 0; i < h->n; i++) {
    const ink_past *e = &h->events[i];
    double x[M], c = e->rating ? 1 : fmin(1, fabs((double)e->weight) / 5), r = e->rating ? (double)e->value : e->weight > 0 ? 5 : 1;
    for (uint32_t k = 0; k < M; k++) x[k] = k < D ? (double)rows[e->item * D + k] : 1;
    r -= (double)s[FACTOR_MEAN] + (double)bias[e->item];
    for (uint32_t k = 0; v != NULL && k < D; k++) r -= v[k] * x[k];
    for (uint32_t j = 0; j < M; j++) {
      rhs[j] += c * r * x[j];
      for (uint32_t k = 0; k < M; k++) a[j][k] += c * x[j] * x[k];
    }
  }
  for (uint32_t k = 0; k < M; k++) a[k][k] += k < D ? (double)s[FACTOR_LAMBDA] : (double)s[FACTOR_BIAS_LAMBDA];
}

/* Gaussian elimination; the matrix is definite, so pivots need no search. */
static void eliminate(double a[M][M], double x[M]) {
  for (uint32_t k = 0; k < M; k++)
    for (uint32_t i = 0; i < M; i++) {
      if (i == k) continue;
      const double by = a[i][k] / a[k][k];
      for (uint32_t j = k; j < M; j++) a[i][j] -= by * a[k][j];
      x[i] -= by * x[k];
    }
  for (uint32_t k = 0; k < M; k++) x[k] /= a[k][k];
}

TEST(fold_rows_are_taken_off_before_the_ridge_and_added_after) {
  bench b;
  open_bench(&b, &ink_family_svdpp, "svdpp");
  const float *fold_rows = tensor(&b, "svdpp", "fold");
  for (uint32_t n = 1; n < 30; n += 4) {
    const ink_history h = make_history(n, n, true);
    double v[D] = { 0 }, a[M][M], x[M], total = 0;
    for (uint32_t i = 0; i < n; i++) {
      const double c = h.events[i].rating ? 1 : fmin(1, fabs((double)h.events[i].weight) / 5);
      total += c;
      for (uint32_t k = 0; k < D; k++) v[k] += c * (double)fold_rows[h.events[i].item * D + k];
    }
    for (uint32_t k = 0; k < D; k++) v[k] /= sqrt(total);
    system_of(&b, "svdpp", &h, v, a, x);
    eliminate(a, x);
    fold(&b, &h, state_memory);
    const ink_query q = query_of(&b, state_memory);
    for (uint32_t k = 0; k < D; k++) CHECK_NEAR(q.vector[k], x[k] + v[k], TIGHT);
    CHECK_NEAR(q.offset, 3.5 + x[D], TIGHT);
    check_reasons(&b, &h);
  }
  packlib_free(&b.pack);
}

/* What tells the minimum under x >= 0: no pull where x > 0, none upwards where x = 0. */
TEST(a_nonnegative_fold_is_the_minimum) {
  bench b;
  uint32_t at_zero = 0;
  open_bench(&b, &ink_family_nmf, "nmf");
  for (uint32_t n = 1; n < 36; n += 3) {
    const ink_history h = make_history(n, n, true);
    double a[M][M], rhs[M];
    system_of(&b, "nmf", &h, NULL, a, rhs);
    fold(&b, &h, state_memory);
    const ink_query q = query_of(&b, state_memory);
    for (uint32_t k = 0; k < M; k++) {
      const double x = k < D ? (double)q.vector[k] : (double)q.offset - 3.5;
      double pull = rhs[k];
      for (uint32_t j = 0; j < M; j++) pull -= a[k][j] * (j < D ? (double)q.vector[j] : (double)q.offset - 3.5);
      CHECK(k == D || x >= 0);
      CHECK(pull <= TIGHT * (1 + fabs(rhs[k])));
      if (x > 0 || k == D) CHECK(pull >= -TIGHT * (1 + fabs(rhs[k])));
      at_zero += x == 0;
    }
    check_reasons(&b, &h);
  }
  CHECK(at_zero > 10);
  packlib_free(&b.pack);
}

/* ---------------------------------------------------------------- refusals */

TEST(fold_rows_of_another_width_and_unknown_modes_are_refused) {
  bench b;
  open_bench(&b, &ink_family_svdpp, "svdpp");
  packlib_add(&b.pack, "svdpp.fold", INK_DTYPE_F32, N, D + 1);
  CHECK_EQ(bind(&b), INK_E_PACK_SHAPE);
  packlib_add(&b.pack, "svdpp.fold", INK_DTYPE_F32, N, D);
  CHECK_EQ(bind(&b), INK_OK);
  for (float mode = 0.5f; mode < 8; mode += 4.5f) {
    settings(&b, "svdpp")[FACTOR_MODE] = mode;
    CHECK_EQ(bind(&b), INK_E_PACK_VALUE);
    CHECK(b.fault.name_bytes == 14 && memcmp(b.fault.name, "svdpp.settings", 14) == 0);
  }
  packlib_free(&b.pack);
}

TEST_MAIN(T(sums_are_weighted_sums_of_fold_rows_or_items), T(a_step_has_the_bits_of_a_fold_or_asks_for_one),
          T(fold_rows_are_taken_off_before_the_ridge_and_added_after), T(a_nonnegative_fold_is_the_minimum),
          T(fold_rows_of_another_width_and_unknown_modes_are_refused))
