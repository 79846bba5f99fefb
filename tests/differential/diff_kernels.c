/* diff_kernels.c - every kernel table of this build and CPU against kernel_ref, bit for bit, on every
 * length 0..129 and at odd offsets. Where a table is not to be had, the reason is printed.
 *
 * Inputs lie in heap blocks that end with their last element, so AddressSanitizer sees a read too far;
 * outputs have guards on both sides. Input numbers are of many magnitudes, with zeros of both signs
 * and subnormals among them. */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "caps.h"
#include "kernel.h"
#include "rng.h"
#include "testlib.h"

#define MAX_LENGTH 129u
#define GUARD 16u

static const char *const table_names[] = { "sse2", "avx2", "avx512", "neon", "wasm128" };
static const ink_kernels *got;                  /* the table under test */
static const ink_kernels *const want = &ink_kernels_ref;
static ink_rng rng;

/* ------------------------------------------------------------------ inputs */

static float some_float(void) {
  switch (ink_rng_below(&rng, 16)) {
    case 0: return 0.0f;
    case 1: return -0.0f;
    case 2: return 0x1p-140f * (float)ink_rng_normal(&rng);
    case 3: return 1.0e5f * (float)ink_rng_normal(&rng);
    default: return (float)ink_rng_normal(&rng);
  }
}

/* Blocks that end with their last element. The offset in elements moves the start off every alignment. */
static void *block_bytes(size_t n, size_t size, size_t offset) {
  uint8_t *const block = malloc((n + offset) * size + 1);
  if (block == NULL) abort();
  uint8_t *const exact = realloc(block, (n + offset) * size != 0 ? (n + offset) * size : 1);
  if (exact == NULL) abort();
  return exact;
}
static float *floats(size_t n, size_t offset) {
  float *const x = block_bytes(n, sizeof(float), offset);
  for (size_t i = 0; i < n + offset; i++) x[i] = some_float();
  return x;
}
static uint16_t *halves(size_t n, size_t offset) {
  uint16_t *const x = block_bytes(n, sizeof(uint16_t), offset);
  for (size_t i = 0; i < n + offset; i++) {
    do x[i] = (uint16_t)ink_rng_u64(&rng);
    while ((x[i] & 0x7c00u) == 0x7c00u);        /* the gate lets no infinity and no NaN through */
  }
  return x;
}
static uint16_t *brains(size_t n, size_t offset) {
  uint16_t *const x = block_bytes(n, sizeof(uint16_t), offset);
  for (size_t i = 0; i < n + offset; i++) x[i] = (uint16_t)(ink_f32_bits(some_float()) >> 16);
  return x;
}
static int8_t *bytes(size_t n, size_t offset) {
  int8_t *const x = block_bytes(n, 1, offset);
  for (size_t i = 0; i < n + offset; i++) x[i] = (int8_t)((int32_t)ink_rng_below(&rng, 256) - 128);
  return x;
}

/* ----------------------------------------------------------------- outputs */

typedef struct result {
  uint8_t want[4 * (MAX_LENGTH * 4 + 2 * GUARD)], got[4 * (MAX_LENGTH * 4 + 2 * GUARD)];
} result;
static result r;

/* Where the two tables write: four-byte elements between guards. Both start with the same content. */
static void *want_at(void) { return r.want + 4 * GUARD; }
static void *got_at(void) { return r.got + 4 * GUARD; }
static void fresh_results(void) {
  for (size_t i = 0; i < sizeof r.want / 4; i++) {
    const float x = some_float();
    memcpy(r.want + 4 * i, &x, 4);
  }
  memcpy(r.got, r.want, sizeof r.got);
}
/* All of it: what was to be written and what was not. */
static void check_same(const char *what, size_t d, size_t n, size_t offset) {
  if (memcmp(r.want, r.got, sizeof r.want) == 0) return;
  size_t at = 0;
  while (r.want[at] == r.got[at]) at++;
  printf("%s %s: d=%zu n=%zu offset=%zu: element %zd differs\n", got->name, what, d, n, offset, (ptrdiff_t)(at / 4) - (ptrdiff_t)GUARD);
  test_failed_checks++;
}
static void check_float(const char *what, size_t d, size_t offset, float a, float b) {
  if (ink_f32_bits(a) == ink_f32_bits(b)) return;
  printf("%s %s: d=%zu offset=%zu: %a, not %a\n", got->name, what, d, offset, (double)b, (double)a);
  test_failed_checks++;
}

/* ---------------------------------------------------------------- row form */

static void one_dot(size_t d, size_t offset) {
  float *const a = floats(d, offset), *const q = floats(d, offset / 2);
  uint16_t *const h = halves(d, offset), *const b = brains(d, offset);
  const float *const query = q + offset / 2;
  check_float("dot_f32", d, offset, want->dot_f32(a + offset, query, d), got->dot_f32(a + offset, query, d));
  check_float("dot_f16", d, offset, want->dot_f16(h + offset, query, d), got->dot_f16(h + offset, query, d));
  check_float("dot_bf16", d, offset, want->dot_bf16(b + offset, query, d), got->dot_bf16(b + offset, query, d));
  free(a);
  free(q);
  free(h);
  free(b);
}

static void four_dots(size_t d, size_t n, size_t offset) {
  const size_t stride = d + offset % 3, quarter = n * stride, all = n == 0 ? 0 : 3 * quarter + (n - 1) * stride + d;
  float *const q = floats(d, 0), *const a = floats(all, offset);
  uint16_t *const h = halves(all, offset), *const b = brains(all, offset);
  const float *const ra[4] = { a + offset, a + offset + quarter, a + offset + 2 * quarter, a + offset + 3 * quarter };
  const uint16_t *const rh[4] = { h + offset, h + offset + quarter, h + offset + 2 * quarter, h + offset + 3 * quarter };
  const uint16_t *const rb[4] = { b + offset, b + offset + quarter, b + offset + 2 * quarter, b + offset + 3 * quarter };
  fresh_results();
  want->dot4_f32(ra, stride, q, d, n, want_at());
  got->dot4_f32(ra, stride, q, d, n, got_at());
  check_same("dot4_f32", d, n, offset);
  want->dot4_f16(rh, stride, q, d, n, want_at());
  got->dot4_f16(rh, stride, q, d, n, got_at());
  check_same("dot4_f16", d, n, offset);
  want->dot4_bf16(rb, stride, q, d, n, want_at());
  got->dot4_bf16(rb, stride, q, d, n, got_at());
  check_same("dot4_bf16", d, n, offset);
  /* the same rows as a matrix of 4n rows, and of a few less */
  for (size_t less = 0; less < 4 && less <= 4 * n; less++) {
    want->gemv_f32(a + offset, stride, 4 * n - less, d, q, want_at());
    got->gemv_f32(a + offset, stride, 4 * n - less, d, q, got_at());
    check_same("gemv_f32", d, 4 * n - less, offset);
  }
  free(q);
  free(a);
  free(h);
  free(b);
}

TEST(dots) {
  for (size_t d = 0; d <= MAX_LENGTH; d++) {
    for (size_t offset = 0; offset < 8; offset++) one_dot(d, offset);
    four_dots(d, d % 6, d % 5);
    four_dots(d, 5, 1);
  }
  one_dot(INK_CAP_DIM, 3);
}

/* -------------------------------------------------------------------- int8 */

typedef struct prepared {
  uint8_t *want, *got;
} prepared;

static uint8_t *aligned(size_t n) {
  uint8_t *const p = aligned_alloc(64, ink_align_up(n + 1, 64));
  if (p == NULL) abort();
  return p;
}
static prepared prepare(const uint8_t *q, size_t d) {
  const prepared p = { aligned(want->i8_query_bytes(d)), aligned(got->i8_query_bytes(d)) };
  CHECK(got->i8_query_bytes(d) <= 4 * d + 128); /* what scans set aside */
  want->i8_query(q, d, p.want);
  got->i8_query(q, d, p.got);
  return p;
}
static void check_i8(const int8_t *rows, size_t stride, const uint8_t *q, size_t d, size_t n, size_t offset) {
  const prepared p = prepare(q, d);
  const int8_t *const from[4] = { rows, rows + n * stride, rows + 2 * n * stride, rows + 3 * n * stride };
  fresh_results();
  want->dot4_i8(from, stride, p.want, d, n, want_at());
  got->dot4_i8(from, stride, p.got, d, n, got_at());
  check_same("dot4_i8", d, n, offset);
  if (n > 0) CHECK_EQ(got->dot_i8(rows, p.got, d), want->dot_i8(rows, p.want, d));
  free(p.want);
  free(p.got);
}

TEST(int8_dots) {
  for (size_t d = 0; d <= MAX_LENGTH; d++) {
    for (size_t offset = 0; offset < 4; offset++) {
      const size_t n = (d + offset) % 6, stride = d + offset % 2;
      const size_t all = n == 0 ? 0 : (4 * n - 1) * stride + d;
      int8_t *const rows = bytes(all, offset);
      uint8_t q[MAX_LENGTH];
      for (size_t j = 0; j < d; j++) q[j] = (uint8_t)ink_rng_below(&rng, 128);
      check_i8(rows + offset, stride, q, d, n, offset);
      free(rows);
    }
  }
}

TEST(int8_extremes) {
  static int8_t rows[4 * INK_CAP_DIM];
  static uint8_t q[INK_CAP_DIM];
  const int8_t ends[3] = { -128, 127, -1 };
  for (size_t e = 0; e < 3; e++) {
    memset(rows, ends[e], sizeof rows);
    memset(q, 127, sizeof q);
    check_i8(rows, INK_CAP_DIM, q, INK_CAP_DIM, 1, 0);
    CHECK_EQ(want->dot_i8(rows, q, INK_CAP_DIM), (int32_t)INK_CAP_DIM * 127 * ends[e]);
  }
}

TEST(scale_int8) {
  for (size_t n = 0; n <= MAX_LENGTH; n++) {
    int32_t idot[MAX_LENGTH], sum[MAX_LENGTH];
    float *const scale = floats(n, 1);
    for (size_t i = 0; i < n; i++) {
      idot[i] = (int32_t)ink_rng_below(&rng, 1u << 26) - (1 << 25);
      sum[i] = (int32_t)ink_rng_below(&rng, 1u << 19) - (1 << 18);
    }
    for (int32_t bias = -64; bias <= 127; bias += 63) {
      fresh_results();
      want->scale_i8(idot, sum, bias, scale + 1, 0.37f, n, want_at());
      got->scale_i8(idot, sum, bias, scale + 1, 0.37f, n, got_at());
      check_same("scale_i8", 0, n, 1);
    }
    want->scale_i8(idot, NULL, 64, scale + 1, -1.5f, n, want_at());
    got->scale_i8(idot, NULL, 64, scale + 1, -1.5f, n, got_at());
    check_same("scale_i8 without sums", 0, n, 1);
    free(scale);
  }
}

/* --------------------------------------------------------------- selecting */

TEST(select) {
  const float infinity = ink_f32_from_bits(0x7f800000u);
  for (size_t n = 0; n <= MAX_LENGTH; n++) {
    for (size_t offset = 0; offset < 4; offset++) {
      float *const x = floats(n, offset);
      const float thresholds[] = { -infinity, infinity, 0.0f, -0.0f, n > 0 ? x[offset + n / 2] : 1.0f, 1.5f, -1.0f };
      for (size_t t = 0; t < INK_COUNT_OF(thresholds); t++) {
        fresh_results();
        const size_t a = want->select_ge(x + offset, n, thresholds[t], want_at());
        const size_t b = got->select_ge(x + offset, n, thresholds[t], got_at());
        CHECK_EQ(b, a);
        check_same("select_ge", t, n, offset);
      }
      free(x);
    }
  }
}

/* ------------------------------------------------------ element by element */

TEST(elementwise) {
  for (size_t n = 0; n <= MAX_LENGTH; n++) {
    for (size_t offset = 0; offset < 4; offset++) {
      float *const x = floats(n, offset);
      uint16_t *const h = halves(n, offset), *const b = brains(n, offset);
      int8_t *const i8 = bytes(n, offset);
      const float alpha = some_float();
      fresh_results();
      want->axpy_f32(alpha, x + offset, want_at(), n);
      got->axpy_f32(alpha, x + offset, got_at(), n);
      check_same("axpy_f32", 0, n, offset);
      want->add_f32(x + offset, want_at(), n);
      got->add_f32(x + offset, got_at(), n);
      check_same("add_f32", 0, n, offset);
      want->widen_f16(h + offset, want_at(), n);
      got->widen_f16(h + offset, got_at(), n);
      check_same("widen_f16", 0, n, offset);
      want->widen_bf16(b + offset, want_at(), n);
      got->widen_bf16(b + offset, got_at(), n);
      check_same("widen_bf16", 0, n, offset);
      want->widen_i8(i8 + offset, alpha, want_at(), n);
      got->widen_i8(i8 + offset, alpha, got_at(), n);
      check_same("widen_i8", 0, n, offset);
      free(x);
      free(h);
      free(b);
      free(i8);
    }
  }
}

/* All 65,536 patterns but NaN, which instruction sets may make quiet or not; infinities are right. */
TEST(widen_all_patterns) {
  for (uint32_t first = 0; first < 65536; first += 64) {
    uint16_t f16[64], bf16[64];
    for (uint32_t i = 0; i < 64; i++) {
      const uint16_t bits = (uint16_t)(first + i);
      f16[i] = (bits & 0x7fffu) > 0x7c00u ? 0 : bits;
      bf16[i] = (bits & 0x7fffu) > 0x7f80u ? 0 : bits;
    }
    want->widen_f16(f16, want_at(), 64);
    got->widen_f16(f16, got_at(), 64);
    check_same("widen_f16", first, 64, 0);
    want->widen_bf16(bf16, want_at(), 64);
    got->widen_bf16(bf16, got_at(), 64);
    check_same("widen_bf16", first, 64, 0);
  }
}

/* ------------------------------------------------------- symmetric systems */

typedef struct system {
  size_t d, lda;
  float *want, *got;              /* [d, lda] */
} system_pair;

static system_pair fresh_system(size_t d, size_t lda) {
  const size_t n = d * lda * sizeof(float);
  const system_pair s = { d, lda, (float *)(void *)aligned(n), (float *)(void *)aligned(n) };
  for (size_t i = 0; i < d * lda; i++) s.want[i] = 0.25f * (float)ink_rng_normal(&rng);
  memcpy(s.got, s.want, n);
  return s;
}
static void check_lower(const char *what, const system_pair *s, size_t n) {
  for (size_t row = 0; row < s->d; row++) {
    if (memcmp(s->want + row * s->lda, s->got + row * s->lda, (row + 1) * sizeof(float)) == 0) continue;
    printf("%s %s: d=%zu n=%zu: row %zu differs\n", got->name, what, s->d, n, row);
    test_failed_checks++;
    return;
  }
}
static void free_system(const system_pair *s) {
  free(s->want);
  free(s->got);
}

/* An update, then a diagonal that makes it definite, then factor and solve. */
static void check_system(size_t d, size_t n, size_t lda, size_t offset) {
  system_pair s = fresh_system(d, lda);
  const size_t stride = d + offset;
  float *const x = block_bytes(n == 0 ? 0 : (n - 1) * stride + d, sizeof(float), offset), *const w = floats(n, 0);
  float *const b = floats(d, offset);
  for (size_t i = 0; n > 0 && i < (n - 1) * stride + d + offset; i++) x[i] = (float)ink_rng_normal(&rng);
  for (size_t i = 0; i < n; i++) w[i] = ink_rng_f32(&rng) + 0.1f;
  want->syrk_f32(x + offset, stride, w, n, d, s.want, lda);
  got->syrk_f32(x + offset, stride, w, n, d, s.got, lda);
  check_lower("syrk_f32", &s, n);
  for (size_t i = 0; i < d; i++) {
    s.want[i * lda + i] += (float)d;
    s.got[i * lda + i] += (float)d;
  }
  CHECK(want->chol_f32(s.want, d, lda));
  CHECK(got->chol_f32(s.got, d, lda));
  check_lower("chol_f32", &s, n);
  fresh_results();
  want->chol_solve_f32(s.want, d, lda, b + offset, want_at());
  got->chol_solve_f32(s.got, d, lda, b + offset, got_at());
  check_same("chol_solve_f32", d, n, offset);
  memcpy(got_at(), b + offset, d * sizeof(float));
  got->chol_solve_f32(s.got, d, lda, got_at(), got_at());
  check_same("chol_solve_f32 in place", d, n, offset);
  free(x);
  free(w);
  free(b);
  free_system(&s);
}

TEST(systems) {
  for (size_t d = 0; d <= MAX_LENGTH; d++) {
    check_system(d, d % 7, ink_align_up(d, 8), d % 3);
    check_system(d, 1, ink_align_up(d, 8) + 8 * (d % 2), 1);
  }
  check_system(64, 100, 64, 0);                 /* several passes over the inputs */
  check_system(67, 211, 72, 5);
  check_system(128, 33, 128, 0);
}

/* Both refuse the same matrices: a pivot of zero, below zero, and NaN, at each place. */
TEST(not_definite) {
  const float bad[3] = { 0.0f, -1.0f, ink_f32_from_bits(0x7fc00000u) };
  for (size_t at = 0; at < 20; at++) {
    for (size_t k = 0; k < 3; k++) {
      system_pair s = fresh_system(20, 24);
      for (size_t i = 0; i < 20 * 24; i++) s.want[i] = 0.0f;
      for (size_t i = 0; i < 20; i++) s.want[i * 25] = i == at ? bad[k] : 1.0f;
      memcpy(s.got, s.want, 20 * 24 * sizeof(float));
      CHECK(!want->chol_f32(s.want, 20, 24));
      CHECK(!got->chol_f32(s.got, 20, 24));
      free_system(&s);
    }
  }
}

TEST(gather) {
  for (size_t d = 0; d <= MAX_LENGTH; d++) {
    for (size_t n = 0; n <= 9; n += 3) {
      const size_t offset = (d + n) % 4, stride = d + offset;
      float *const x = floats(n == 0 ? 0 : (n - 1) * stride + d, offset), *const c = floats(n, 0);
      fresh_results();
      want->gather_axpy_f32(x + offset, stride, c, n, d, want_at());
      got->gather_axpy_f32(x + offset, stride, c, n, d, got_at());
      check_same("gather_axpy_f32", d, n, offset);
      free(x);
      free(c);
    }
  }
}

/* ---------------------------------------------------------------- networks */

/* From where a curve is a straight line to where it is flat, and far beyond: all exponents, both signs. */
static float some_argument(void) {
  const float x = ink_f32_from_bits((uint32_t)ink_rng_u64(&rng));
  return ink_rng_below(&rng, 2) || !(x - x == 0.0f) ? 8.0f * (float)ink_rng_normal(&rng) : x;
}

static void check_curves(const float *x, size_t n, size_t offset) {
  fresh_results();
  for (int both = 0; both < 2; both++) memcpy((float *)(both ? got_at() : want_at()) + offset, x, n * sizeof *x);
  want->sigmoid_f32((float *)want_at() + offset, n);
  got->sigmoid_f32((float *)got_at() + offset, n);
  check_same("sigmoid_f32", 0, n, offset);
  want->tanh_f32((float *)want_at() + offset, n);     /* of what the sigmoids left: 0 to 1 */
  got->tanh_f32((float *)got_at() + offset, n);
  check_same("tanh_f32 of sigmoids", 0, n, offset);
  for (int both = 0; both < 2; both++) memcpy((float *)(both ? got_at() : want_at()) + offset, x, n * sizeof *x);
  want->tanh_f32((float *)want_at() + offset, n);
  got->tanh_f32((float *)got_at() + offset, n);
  check_same("tanh_f32", 0, n, offset);
}

TEST(curves) {
  float x[MAX_LENGTH];
  for (size_t round = 0; round < 20; round++) {
    for (size_t n = 0; n <= MAX_LENGTH; n++) {
      for (size_t i = 0; i < n; i++) x[i] = some_argument();
      check_curves(x, n, n % 4);
    }
  }
  for (size_t i = 0; i < 64; i++) x[i] = (i % 2 ? -1.0f : 1.0f) * (0.6245f + 0.0000157f * (float)i);     /* where tanh changes its form */
  check_curves(x, 64, 0);
  const float ends[] = { 0.0f, -0.0f, 0x1p-149f, -0x1p-149f, 87.5f, -87.5f, 103.0f, -104.0f, -104.5f, 44.0f, 45.0f, -45.0f, 1e11f, -1e11f, 3e38f, -3e38f };
  check_curves(ends, INK_COUNT_OF(ends), 1);
}

TEST(panels) {
  for (size_t n_in = 0; n_in <= 20; n_in++) {
    for (size_t n = 0; n <= 9; n++) {
      const size_t offset = (n + n_in) % 4, n_out = INK_PANEL * (n_in % 3);
      if (n * n_out > 4 * MAX_LENGTH) continue;
      float *const w = floats(n_in * n_out, offset), *const x = floats(n_in * (n + offset), offset);
      fresh_results();
      want->panels_f32(w + offset, x + offset, n + offset, n_in, n, n_out, want_at());
      got->panels_f32(w + offset, x + offset, n + offset, n_in, n, n_out, got_at());
      check_same("panels_f32", n_in, n, offset);
      free(w);
      free(x);
    }
  }
}

/* -------------------------------------------------------------------- main */

/* The tests count once for each table. */
int main(void) {
  static const test_case cases[] = { T(dots), T(int8_dots), T(int8_extremes), T(scale_int8), T(select), T(elementwise),
                                     T(widen_all_patterns), T(systems), T(not_definite), T(gather), T(curves), T(panels) };
  size_t passed = 0, failed = 0;
  for (size_t t = 0; t < INK_COUNT_OF(table_names); t++) {
    got = ink_kernels_named(table_names[t]);
    if (got == NULL) {
      printf("skipped: table %s is not in this build or not for this CPU\n", table_names[t]);
      continue;
    }
    ink_rng_seed(&rng, 20260101, t);
    for (size_t i = 0; i < INK_COUNT_OF(cases); i++) {
      test_failed_checks = 0;
      cases[i].run();
      if (test_failed_checks == 0) passed++;
      else failed++, printf("FAIL %s %s\n", got->name, cases[i].name);
    }
  }
  printf("diff_kernels: %zu passed, %zu failed\n", passed, failed);
  return failed != 0;
}
