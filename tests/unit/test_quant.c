/* test_quant.c - what quantisation promises: bounds that hold in real arithmetic, offsets, zeros. */
#include <math.h>
#include <stdlib.h>

#include "quant.h"
#include "testlib.h"

enum { D = 77 };

static double uniform(void) { return rand() / (RAND_MAX + 1.0); }
static void fill(float *x, double size) {
  for (int j = 0; j < D; j++) x[j] = (float)(size * (uniform() * 2 - 1) * (uniform() < 0.1 ? 10 : 1));
}

TEST(row_error_is_bounded_tightly) {
  for (int round = 0; round < 2000; round++) {
    float x[D], scale, err; int8_t q[D]; int32_t sum, total = 0; double lost = 0, norm = 0;
    fill(x, pow(10, uniform() * 30 - 15));
    ink_quant_row(x, D, q, &scale, &sum, &err);
    for (int j = 0; j < D; j++) {
      total += q[j];
      lost += pow((double)x[j] - (double)scale * q[j], 2);
      norm += pow((double)scale * q[j], 2);
      CHECK(fabs((double)x[j] - (double)scale * q[j]) <= 0.5001 * (double)scale);
    }
    CHECK_EQ(sum, total);
    CHECK((double)err >= sqrt(lost) && (double)err <= sqrt(lost) * 1.00001);
    const double claimed = (double)ink_quant_norm(q, D, scale);
    CHECK(claimed >= sqrt(norm) && claimed <= sqrt(norm) * 1.00001);
  }
}

TEST(query_lies_in_seven_bits_and_its_loss_is_bounded) {
  for (int round = 0; round < 2000; round++) {
    float x[D], scale, lost; uint8_t q[D]; double away = 0;
    fill(x, pow(10, uniform() * 20 - 10));
    ink_quant_query(x, D, q, &scale, &lost);
    for (int j = 0; j < D; j++) {
      CHECK(q[j] >= 1 && q[j] <= 127);
      away += pow((double)x[j] - (double)scale * (q[j] - INK_QUERY_OFFSET), 2);
    }
    CHECK((double)lost >= sqrt(away) && (double)lost <= sqrt(away) * 1.00001);
  }
}

TEST(zeros_and_tiny_rows_count_as_zero_with_their_loss) {
  float zero[D] = { 0 }, tiny[D] = { 0 }, scale, err, lost; int8_t q[D]; uint8_t u[D]; int32_t sum;
  ink_quant_row(zero, D, q, &scale, &sum, &err);
  CHECK_EQ_BITS(scale, 0.0f); CHECK_EQ_BITS(err, 0.0f); CHECK_EQ(sum, 0); CHECK_EQ(q[3], 0);
  tiny[5] = 1e-38f;
  ink_quant_row(tiny, D, q, &scale, &sum, &err);
  CHECK_EQ_BITS(scale, 0.0f); CHECK(err >= 1e-38f);
  ink_quant_query(zero, D, u, &scale, &lost);
  CHECK_EQ(u[0], INK_QUERY_OFFSET); CHECK_EQ_BITS(lost, 0.0f);
}

TEST_MAIN(T(row_error_is_bounded_tightly), T(query_lies_in_seven_bits_and_its_loss_is_bounded),
          T(zeros_and_tiny_rows_count_as_zero_with_their_loss))
