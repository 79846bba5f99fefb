/* test_kernel_ref.c - is the specification itself right? kernel_ref.c against plain sums in double, within the bound
 * of its roundings (u = 2^-24), and against what the words of kernel.h say. The other tables equal it bit for bit
 * (tests/differential/diff_kernels.c). */
#include <math.h>

#include "base.h"
#include "caps.h"
#include "kernel.h"
#include "rng.h"
#include "testlib.h"

#define U 0x1p-24
static const ink_kernels *const k = &ink_kernels_ref;

static void normals(ink_rng *rng, float *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = (float)ink_rng_normal(rng);
}

/* d/8 + 4 roundings at most lie on the way of each product: |error| <= (d/8 + 4) u sum |a||b|, to first order. */
TEST(dots_are_near_the_true_sum) {
  float a[300], b[300];
  ink_rng rng;
  ink_rng_seed(&rng, 1, 0);
  for (size_t d = 0; d <= 300; d += 7) {
    normals(&rng, a, d);
    normals(&rng, b, d);
    double sum = 0.0, size = 0.0;
    for (size_t j = 0; j < d; j++) {
      sum += (double)a[j] * (double)b[j];
      size += fabs((double)a[j] * (double)b[j]);
    }
    CHECK_NEAR((double)k->dot_f32(a, b, d), sum, 1.01 * ((double)d / 8.0 + 4.0) * U * size);
  }
  CHECK_EQ_BITS(k->dot_f32(a, b, 0), 0.0f);
}

/* A case by hand: which element goes to which sum, and in which order sums are folded. */
TEST(order_of_the_sums) {
  const float one[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
  const float big = 0x1p24f;
  /* sums 0 and 4 meet first: big - big = 0 keeps the ones; in any other order a one is lost in big */
  const float first[16] = { big, 1, 0, 0, -big, 0, 0, 1 };
  CHECK_EQ_BITS(k->dot_f32(first, one, 8), 2.0f);
  /* elements 0 and 8 share a sum, which loses the 1 of element 8 before element 4 takes big away */
  const float second[16] = { big, 0, 0, 0, -big, 0, 0, 0, 1 };
  CHECK_EQ_BITS(k->dot_f32(second, one, 9), 0.0f);
  const float third[16] = { 1, 0, 0, 0, -big, 0, 0, 0, big };
  CHECK_EQ_BITS(k->dot_f32(third, one, 9), 0.0f);
}

TEST(halves_are_widened_exactly) {
  static const struct { uint16_t bits; float value; } f16[] = {
    { 0x0000, 0.0f }, { 0x8000, -0.0f }, { 0x3c00, 1.0f }, { 0xc000, -2.0f }, { 0x3555, 0x1.554p-2f },
    { 0x7bff, 65504.0f }, { 0x0400, 0x1p-14f }, { 0x03ff, 0x1.ff8p-15f }, { 0x0001, 0x1p-24f }, { 0x8001, -0x1p-24f } };
  for (size_t i = 0; i < INK_COUNT_OF(f16); i++) {
    float y;
    k->widen_f16(&f16[i].bits, &y, 1);
    CHECK_EQ_BITS(y, f16[i].value);
  }
  const uint16_t infinite[2] = { 0x7c00, 0xfc00 }, brain[2] = { 0x3fc0, 0x8001 };
  float y[2];
  k->widen_f16(infinite, y, 2);
  CHECK(isinf(y[0]) && y[0] > 0 && isinf(y[1]) && y[1] < 0);
  k->widen_bf16(brain, y, 2);
  CHECK_EQ_BITS(y[0], 1.5f);
  CHECK_EQ_BITS(y[1], -0x1p-133f);
}

TEST(four_streams_and_strides) {
  float table[4 * 3 * 5], q[4], out[12];
  ink_rng rng;
  ink_rng_seed(&rng, 2, 0);
  normals(&rng, table, 60);
  normals(&rng, q, 4);
  const float *const r[4] = { table + 45, table, table + 15, table + 30 };
  k->dot4_f32(r, 5, q, 4, 3, out);
  for (size_t s = 0; s < 4; s++) {
    for (size_t i = 0; i < 3; i++) CHECK_EQ_BITS(out[s * 3 + i], k->dot_f32(r[s] + 5 * i, q, 4));
  }
}

TEST(int8_is_exact) {
  int8_t row[INK_CAP_DIM];
  uint8_t q[INK_CAP_DIM];
  ink_rng rng;
  ink_rng_seed(&rng, 3, 0);
  int64_t sum = 0;
  for (size_t j = 0; j < INK_CAP_DIM; j++) {
    row[j] = (int8_t)((int32_t)ink_rng_below(&rng, 256) - 128);
    q[j] = (uint8_t)ink_rng_below(&rng, 128);
    sum += (int64_t)row[j] * q[j];
  }
  CHECK_EQ(k->dot_i8(row, q, INK_CAP_DIM), sum);
  const int32_t idot[2] = { 1000, 16777217 }, sums[2] = { 10, 0 };
  const float scale[2] = { 0.5f, 1.0f };
  float out[2];
  k->scale_i8(idot, sums, 64, scale, 0.25f, 2, out);
  CHECK_EQ_BITS(out[0], 360.0f * 0.125f);
  CHECK_EQ_BITS(out[1], 16777216.0f * 0.25f);   /* to nearest even */
}

/* A x = b for A = sum w x x^T + d I; the residual of a backward stable solve is below 3 (d+1) u |A||x| (Higham 2002, 10.4). */
TEST(a_system_is_solved) {
  enum { D = 37, LDA = 40, N = 60 };
  static _Alignas(64) float a[D * LDA], l[D * LDA];
  float x[N * D], w[N], b[D], solution[D];
  double exact[D][D] = { { 0 } };
  ink_rng rng;
  ink_rng_seed(&rng, 4, 0);
  normals(&rng, x, N * D);
  normals(&rng, b, D);
  for (size_t i = 0; i < N; i++) w[i] = 0.5f + ink_rng_f32(&rng);
  for (size_t i = 0; i < D; i++) a[i * LDA + i] = (float)D;
  k->syrk_f32(x, D, w, N, D, a, LDA);
  for (size_t r = 0; r < D; r++) {
    for (size_t c = 0; c <= r; c++) {
      double sum = r == c ? (double)D : 0.0, size = sum;
      for (size_t i = 0; i < N; i++) {
        const double term = (double)w[i] * (double)x[i * D + r] * (double)x[i * D + c];
        sum += term;
        size += fabs(term);
      }
      CHECK_NEAR((double)a[r * LDA + c], sum, (N + 3) * U * size);
      exact[r][c] = exact[c][r] = (double)a[r * LDA + c];
    }
  }
  memcpy(l, a, sizeof l);
  CHECK(k->chol_f32(l, D, LDA));
  k->chol_solve_f32(l, D, LDA, b, solution);
  for (size_t r = 0; r < D; r++) {
    double residual = -(double)b[r], size = 0.0;
    for (size_t c = 0; c < D; c++) {
      residual += exact[r][c] * (double)solution[c];
      /* |A| <= |L||L^T| entry by entry costs at most a factor sqrt(a_rr a_cc) */
      size += sqrt(exact[r][r] * exact[c][c]) * fabs((double)solution[c]);
    }
    CHECK_NEAR(residual, 0.0, 3.0 * (D + 1) * U * size);
  }
}

TEST(sums_of_rows) {
  float x[3 * 5], y[5] = { 1, 2, 3, 4, 5 }, z[5] = { 1, 2, 3, 4, 5 };
  const float c[3] = { 2.0f, -1.0f, 0.5f };
  ink_rng rng;
  ink_rng_seed(&rng, 5, 0);
  normals(&rng, x, 15);
  k->gather_axpy_f32(x, 5, c, 3, 5, y);
  for (size_t i = 0; i < 3; i++) k->axpy_f32(c[i], x + 5 * i, z, 5);
  for (size_t j = 0; j < 5; j++) CHECK_EQ_BITS(y[j], z[j]);
  k->add_f32(x, z, 5);
  for (size_t j = 0; j < 5; j++) CHECK_EQ_BITS(z[j], y[j] + x[j]);
  k->gemv_f32(x, 5, 3, 5, y, z);
  for (size_t r = 0; r < 3; r++) CHECK_EQ_BITS(z[r], k->dot_f32(x + 5 * r, y, 5));
}

TEST(tables_have_names_and_no_holes) {
  static const char *const names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
  size_t found = 0;
  for (size_t i = 0; i < INK_COUNT_OF(names); i++) {
    const ink_kernels *const table = ink_kernels_named(names[i]);
    if (table == NULL) continue;
    found++;
    CHECK(strcmp(ink_kernels_name(table), names[i]) == 0);
    /* a table is a name and function pointers, all of one size */
    const unsigned char *const bytes = (const unsigned char *)table;
    for (size_t at = 0; at < sizeof *table; at += sizeof(void *)) {
      unsigned char none[sizeof(void *)] = { 0 };
      CHECK(memcmp(bytes + at, none, sizeof none) != 0);
    }
  }
  CHECK(found >= 1);
  CHECK(ink_kernels_named("ref") == &ink_kernels_ref);
  CHECK(ink_kernels_named("") == NULL && ink_kernels_named("avx") == NULL && ink_kernels_named("refs") == NULL);
  CHECK(ink_kernels_named(ink_kernels_name(ink_kernels_best())) == ink_kernels_best());
#if defined(__x86_64__) || defined(__aarch64__) || defined(__wasm_simd128__)
  CHECK(ink_kernels_best() != &ink_kernels_ref);
#endif
}

TEST_MAIN(T(dots_are_near_the_true_sum), T(order_of_the_sums), T(halves_are_widened_exactly), T(four_streams_and_strides), T(int8_is_exact),
          T(a_system_is_solved), T(sums_of_rows), T(tables_have_names_and_no_holes))
