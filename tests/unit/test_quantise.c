/* test_quantise.c - 16-bit floats against their definition, every one of them; tables of vectors in five precisions. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>

#include "hosted.h"
#include "quantise.h"
#include "quant.h"
#include "rng.h"
#include "testlib.h"
#include "utf8.h"

/* What the 16 bits mean, in double. */
static double value_of(uint16_t h, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1, e = h >> mantissa_bits & ((1 << exponent_bits) - 1), m = h & ((1 << mantissa_bits) - 1);
  const double x = e == 0 ? ldexp(m, 1 - bias - mantissa_bits) : ldexp((1 << mantissa_bits) + m, e - bias - mantissa_bits);
  return h >> 15 ? -x : x;
}

TEST(every_f16) {
  for (uint32_t h = 0; h < 0x10000; h++) {
    if ((h >> 10 & 31) == 31) continue;
    const float x = (float)value_of((uint16_t)h, 5, 10);
    CHECK_EQ_BITS(ink_f16_to_f32((uint16_t)h), x);
    CHECK_EQ(ink_f16_of(x), h);
  }
}

TEST(every_bf16) {
  for (uint32_t h = 0; h < 0x10000; h++) {
    if ((h >> 7 & 255) == 255) continue;
    const float x = (float)value_of((uint16_t)h, 8, 7);
    CHECK_EQ_BITS(ink_bf16_to_f32((uint16_t)h), x);
    CHECK_EQ(ink_bf16_of(x), h);
  }
}

/* Between two neighbours: the nearer one; in the middle the even one. */
static void between(uint16_t (*of)(float), int exponent_bits, int mantissa_bits, uint32_t last) {
  for (uint32_t h = 0; h < last; h++) {
    const double low = value_of((uint16_t)h, exponent_bits, mantissa_bits), high = value_of((uint16_t)(h + 1), exponent_bits, mantissa_bits);
    const float middle = (float)((low + high) / 2.0);
    if ((double)middle != (low + high) / 2.0) continue;         /* bf16 subnormals: the middle is no float */
    CHECK_EQ(of(middle), h + (h & 1));
    CHECK_EQ(of(nextafterf(middle, 0.0f)), h);
    CHECK_EQ(of(nextafterf(middle, INFINITY)), h + 1);
    CHECK_EQ(of(-middle), 0x8000u | (h + (h & 1)));
  }
}

TEST(rounding) {
  between(ink_f16_of, 5, 10, 0x7bff);
  between(ink_bf16_of, 8, 7, 0x7f7f);
  CHECK_EQ(ink_f16_of(65519.0f), 0x7bff);
  CHECK_EQ(ink_f16_of(65520.0f), 0x7c00);
  CHECK_EQ(ink_f16_of(-1e30f), 0xfc00);
  CHECK_EQ(ink_f16_of(1e-30f), 0);
  CHECK_EQ(ink_bf16_of(3.4e38f), 0x7f80);
}

enum { N = 9, D = 5 };
static float rows[N * D], given[N * D];
static hosted h;
static ink_trained out;

static void make(uint32_t precision) {
  ink_rng rng;
  ink_rng_seed(&rng, 5, 0);
  hosted_init(&h);
  ink_trained_init(&out, &h.env.allocator);
  for (uint32_t i = 0; i < N * D; i++) given[i] = rows[i] = i < D ? 0.0f : (float)ink_rng_normal(&rng);
  CHECK_EQ(ink_quantise_tensor(&out, "als.items", precision, rows, N, D), INK_OK);
}

static const ink_tensor *tensor(const char *name) {
  for (uint32_t i = 0; i < out.n_tensors; i++)
    if (ink_text_equal(out.tensors[i].name, ink_text_of(name))) return &out.tensors[i];
  return NULL;
}

static void done(uint32_t n_tensors) {
  CHECK_EQ(out.n_tensors, n_tensors);
  ink_trained_free(&out);
  CHECK_EQ(h.memory.live, 0);
}

static void shape_is(const char *name, uint32_t dtype, uint32_t rank) {
  const ink_tensor *t = tensor(name);
  CHECK(t != NULL && t->dtype == dtype && t->rank == rank && t->shape[0] == N && (rank == 1 || t->shape[1] == D));
}

TEST(f32_rows_stay) {
  make(INK_PRECISION_F32);
  shape_is("als.items", INK_DTYPE_F32, 2);
  for (uint32_t i = 0; i < N * D; i++) {
    CHECK_EQ_BITS(((const float *)tensor("als.items")->data)[i], given[i]);
    CHECK_EQ_BITS(rows[i], given[i]);
  }
  done(1);
}

TEST(rows_of_16_bits) {
  for (uint32_t bf16 = 0; bf16 < 2; bf16++) {
    make(bf16 ? INK_PRECISION_BF16 : INK_PRECISION_F16);
    shape_is("als.items", bf16 ? INK_DTYPE_BF16 : INK_DTYPE_F16, 2);
    const uint16_t *stored = tensor("als.items")->data;
    for (uint32_t i = 0; i < N * D; i++) {
      CHECK_EQ_BITS(rows[i], bf16 ? ink_bf16_to_f32(stored[i]) : ink_f16_to_f32(stored[i]));
      CHECK(fabsf(rows[i] - given[i]) <= fabsf(given[i]) * (bf16 ? 0x1p-8f : 0x1p-11f));
    }
    done(1);
  }
}

/* The int8 rule itself is tested in test_quant.c; here that its parts land in their tensors, and what rows become. */
static void check_i8(const char *name, const char *scale, const char *sum, const char *err, bool replaced) {
  shape_is(name, INK_DTYPE_I8, 2);
  shape_is(scale, INK_DTYPE_F32, 1);
  shape_is(sum, INK_DTYPE_I32, 1);
  shape_is(err, INK_DTYPE_F32, 1);
  for (uint32_t i = 0; i < N; i++) {
    int8_t row[D];
    float s, e;
    int32_t total;
    ink_quant_row(given + i * D, D, row, &s, &total, &e);
    CHECK(memcmp((const int8_t *)tensor(name)->data + i * D, row, D) == 0);
    CHECK_EQ_BITS(((const float *)tensor(scale)->data)[i], s);
    CHECK_EQ(((const int32_t *)tensor(sum)->data)[i], total);
    CHECK_EQ_BITS(((const float *)tensor(err)->data)[i], e);
    for (uint32_t k = 0; k < D; k++) CHECK_EQ_BITS(rows[i * D + k], replaced ? s * (float)row[k] : given[i * D + k]);
  }
}

TEST(int8_rows) {
  make(INK_PRECISION_I8);
  check_i8("als.items", "als.items.scale", "als.items.sum", "als.items.err", true);
  done(4);
}

TEST(int8_copy) {
  make(INK_PRECISION_F32_I8);
  shape_is("als.items", INK_DTYPE_F32, 2);
  check_i8("als.items8", "als.items8.scale", "als.items8.sum", "als.items8.err", false);
  done(5);
}

TEST(too_long_for_f16) {
  hosted_init(&h);
  ink_trained_init(&out, &h.env.allocator);
  for (uint32_t i = 0; i < N * D; i++) rows[i] = 1.0f;
  rows[7] = 65520.0f;
  CHECK_EQ(ink_quantise_tensor(&out, "als.items", INK_PRECISION_F16, rows, N, D), INK_E_DIVERGED);
  ink_trained_free(&out);
  CHECK_EQ(h.memory.live, 0);
}

TEST_MAIN(T(every_f16), T(every_bf16), T(rounding), T(f32_rows_stay), T(rows_of_16_bits), T(int8_rows), T(int8_copy), T(too_long_for_f16))
