/* test_recurrent_example.c - the worked examples of docs/families/lstm.md and gru.md, by the families that ship: one number in, one
 * number of state, three items. The pages round to four places. */
#include <string.h>

#include "packlib.h"
#include "recurrent.h"
#include "testlib.h"

#include "base.h"

static const float embedding[3] = { 1, -1, 0.5f }, bias[3] = { 0, 0.1f, 0 };

static void put(packlib *p, const char *prefix, const char *name, const float *values, uint32_t rows, uint32_t cols) {
  memcpy(packlib_add(p, packlib_name(prefix, name), INK_DTYPE_F32, rows, cols), values, rows * sizeof *values);
}

static void check(const ink_family *family, uint32_t gates, const float *w_x, const float *w_h, const double *state_after, const double *scores) {
  static const float zeros[4] = { 0 }, settings[4] = { 10 };
  static _Alignas(64) uint8_t model[1 << 14], state[1 << 12], scratch_memory[1 << 14];
  packlib p = { .n_tensors = 0 };
  ink_fault fault = { 0 };
  ink_arena measure, arena, scratch;
  ink_bound bound;
  put(&p, family->name, "embedding.weight", embedding, 3, 1);
  put(&p, family->name, "items.bias", bias, 3, 0);
  put(&p, family->name, "weight_ih_l0", w_x, gates, 1);
  put(&p, family->name, "weight_hh_l0", w_h, gates, 1);
  put(&p, family->name, "bias_ih_l0", zeros, gates, 0);
  put(&p, family->name, "bias_hh_l0", zeros, gates, 0);
  put(&p, family->name, "settings", settings, 4, 0);
  const ink_tensor_source source = packlib_source(&p);
  ink_arena_init_measure(&measure);
  const ink_bind first = { family->name, &source, 3, 8, NULL, &measure, &fault };
  CHECK_EQ(family->bind(&first, &bound), INK_OK);
  ink_arena_init(&arena, model, sizeof model);
  const ink_bind second = { family->name, &source, 3, 8, ink_kernels_best(), &arena, &fault };
  CHECK_EQ(family->bind(&second, &bound), INK_OK);
  ink_arena_init(&scratch, scratch_memory, sizeof scratch_memory);
  const ink_past events[2] = { { .item = 0, .kind = INK_NONE, .weight = 1, .time = 1 }, { .item = 1, .kind = INK_NONE, .weight = 1, .time = 2 } };
  for (uint32_t n = 1; n <= 2; n++) {
    const ink_history history = { events, n, 2 };
    ink_query q;
    CHECK_EQ(family->fold(bound.model, &history, state, &scratch), INK_OK);
    family->query(bound.model, state, &q);
    CHECK_NEAR((double)q.vector[0], state_after[n - 1], 5.1e-5);
    for (uint32_t i = 0; n == 2 && i < 3; i++) CHECK_NEAR((double)(q.vector[0] * embedding[i] + q.bias[i]), scores[i], 5.1e-5);
  }
  packlib_free(&p);
}

TEST(the_lstm_of_the_page) {
  static const float w_x[4] = { 1, 0, 2, 1 }, w_h[4] = { 0, 1, 0, 0 };
  static const double states[2] = { 0.4440, 0.0453 }, scores[3] = { 0.0453, 0.0547, 0.0227 };
  check(&ink_family_lstm, 4, w_x, w_h, states, scores);
}

TEST(the_gru_of_the_page) {
  static const float w_x[3] = { 1, 0, 2 }, w_h[3] = { 0, 1, 1 };
  static const double states[2] = { 0.4820, -0.0661 }, scores[3] = { -0.0661, 0.1661, -0.0330 };
  check(&ink_family_gru, 3, w_x, w_h, states, scores);
}

TEST_MAIN(T(the_lstm_of_the_page), T(the_gru_of_the_page))
