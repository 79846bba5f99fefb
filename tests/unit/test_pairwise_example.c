/* test_pairwise_example.c - the numbers of the worked examples in docs/families/bpr.md, simplex.md and item2vec.md, by the code
 * that ships. */
#include "factor.h"
#include "fmath.h"
#include "packlib.h"
#include "sgd.h"
#include "testlib.h"

#define DIGITS 0.00006            /* four digits are printed */

/* docs/families/bpr.md */
TEST(a_step_of_bpr) {
  const ink_sgd *const sgd = ink_sgd_named("ref");
  float u[8] = { 1, 0 }, i[8] = { 0.5f, 0.5f }, j[8] = { 1, -0.5f };
  const float margin = sgd->margin(u, i, j, 8), slope = ink_sigmoid_f32(-margin);
  CHECK_NEAR((double)margin, -0.5, DIGITS);
  CHECK_NEAR((double)slope, 0.6225, DIGITS);
  sgd->pair(u, i, j, 8, 0.1f * slope, 1.0f);
  const double want[3][2] = { { 0.9689, 0.0622 }, { 0.5622, 0.5 }, { 0.9378, -0.5 } };
  for (uint32_t k = 0; k < 2; k++) {
    CHECK_NEAR((double)u[k], want[0][k], DIGITS);
    CHECK_NEAR((double)i[k], want[1][k], DIGITS);
    CHECK_NEAR((double)j[k], want[2][k], DIGITS);
  }
  CHECK_NEAR((double)sgd->margin(u, i, j, 8), -0.3016, DIGITS);
}

static packlib pack;
static ink_fault fault;
static _Alignas(64) uint8_t model_memory[1 << 12], state[1 << 12], scratch_memory[1 << 14];

/* docs/families/simplex.md: a = (1, 0), b = (.6, .8), c = (0, 1), d = (-.6, .8); a, b and c were chosen. */
TEST(a_sum_of_simplex) {
  static const float rows[8] = { 1, 0, 0.6f, 0.8f, 0, 1, -0.6f, 0.8f }, settings[12] = { 2, 0, 0, 0, 0, 0, 0, 1 };
  static const ink_past events[3] = { { .item = 0, .value = 1, .weight = 1 }, { .item = 1, .value = 1, .weight = 1, .seq = 1 },
                                      { .item = 2, .value = 1, .weight = 1, .seq = 2 } };
  static const double scores[4] = { 0.5333, 0.8, 0.6, 0.16 };
  memcpy(packlib_add(&pack, "simplex.items", INK_DTYPE_F32, 4, 2), rows, sizeof rows);
  memcpy(packlib_add(&pack, "simplex.settings", INK_DTYPE_F32, 12, 0), settings, sizeof settings);
  const ink_tensor_source source = packlib_source(&pack);
  const ink_history history = { events, 3, 0 };
  ink_arena arena;
  ink_bound bound;
  ink_query q;
  ink_part parts[6];
  uint32_t n_parts;
  ink_arena_init(&arena, model_memory, sizeof model_memory);
  const ink_bind b = { "simplex", &source, 4, 4, ink_kernels_named("ref"), &arena, &fault };
  CHECK_EQ(ink_family_simplex.bind(&b, &bound), INK_OK);
  ink_arena_init(&arena, scratch_memory, sizeof scratch_memory);
  CHECK_EQ(ink_family_simplex.fold(bound.model, &history, state, &arena), INK_OK);
  ink_family_simplex.query(bound.model, state, &q);
  for (uint32_t i = 0; i < 4; i++)
    CHECK_NEAR((double)q.vector[0] * (double)rows[2 * i] + (double)q.vector[1] * (double)rows[2 * i + 1], scores[i], DIGITS);
  CHECK_EQ(ink_family_simplex.reasons(bound.model, state, &history, 3, &arena, parts, &n_parts), INK_OK);
  const double want[3] = { -0.2, 0.0933, 0.2667 };
  CHECK_EQ(n_parts, 3);
  for (uint32_t i = 0; i < 3; i++) CHECK_NEAR(parts[i].weight, want[i], DIGITS);
  packlib_free(&pack);
}

/* docs/families/item2vec.md */
TEST(a_pair_of_item2vec) {
  const ink_sgd *const sgd = ink_sgd_named("ref");
  float x[8] = { 0.2f, 0.1f }, told[8] = { 0.4f, -0.2f }, drawn[8] = { 0.1f, 0.3f }, sum[8] = { 0 };
  const float right = ink_sigmoid_f32(sgd->dot(x, told, 8)), wrong = ink_sigmoid_f32(-sgd->dot(x, drawn, 8));
  CHECK_NEAR((double)right, 0.5150, DIGITS);
  CHECK_NEAR((double)wrong, 0.4875, DIGITS);
  sgd->meet(x, told, sum, 8, 0.5f * (1.0f - right));
  sgd->meet(x, drawn, sum, 8, -0.5f * (1.0f - wrong));
  const double want[3][2] = { { 0.4485, -0.1758 }, { 0.0488, 0.2744 }, { 0.2714, -0.0254 } };
  for (uint32_t k = 0; k < 2; k++) {
    CHECK_NEAR((double)told[k], want[0][k], DIGITS);
    CHECK_NEAR((double)drawn[k], want[1][k], DIGITS);
    CHECK_NEAR((double)(x[k] + sum[k]), want[2][k], DIGITS);
  }
}

TEST_MAIN(T(a_step_of_bpr), T(a_sum_of_simplex), T(a_pair_of_item2vec))
