/* test_tape.c - every operation's gradient against central differences, optimisers against their formulas,
 * and learning itself: a model that must fit.
 * Central differences with step e in f32: error about e^2 |f'''| / 6 + 2^-24 |f| / e, so 4e-3 with e = 1e-2 here. */
#include <math.h>
#include <stdlib.h>

#include "optimise.h"
#include "tape.h"
#include "testlib.h"

enum { ARENA = 1 << 24, B = 5, D = 6, H = 4, N = 9 };

static _Alignas(64) uint8_t memory[ARENA];
static ink_arena arena;
static ink_tape tape;

/* -------------------------------------------------------------- parameters */

static float values[6][N * 4 * D], grads[6][N * 4 * D], firsts[6][N * 4 * D], seconds[6][N * 4 * D];
static uint32_t touched[N];
static uint8_t is_touched[N];
static ink_param params[6];

static float uniform(void) { return (float)(rand() / (RAND_MAX + 1.0) * 2 - 1); }

static ink_param *param(int i, uint32_t rows, uint32_t cols) {
  params[i] = (ink_param){ .name = "p", .rows = rows, .cols = cols, .value = values[i], .grad = grads[i],
                           .moment1 = firsts[i], .moment2 = seconds[i] };
  for (uint32_t j = 0; j < rows * cols; j++) {
    values[i][j] = uniform();
    grads[i][j] = firsts[i][j] = seconds[i][j] = 0;
  }
  return &params[i];
}

static void fresh(void) {
  const ink_status status = (ink_arena_init(&arena, memory, ARENA), ink_tape_init(&tape, &arena, 200, &ink_threads_serial, 3));
  CHECK_EQ(status, INK_OK);
}

/* ---------------------------------------------------------- gradient checks */

typedef ink_var (*model)(ink_tape *t);

/* Turns any matrix into a scalar whose gradient differs from entry to entry. */
static ink_var weigh(ink_tape *t, ink_var x) {
  static float weights[4096];
  const ink_node *n = ink_tape_at(t, x);
  for (uint32_t i = 0; i < n->rows * n->cols; i++) weights[i] = sinf((float)(i * 7 + 1));
  const uint32_t rows = n->rows, cols = n->cols;
  return ink_op_mean(t, ink_op_mul(t, x, ink_op_input(t, weights, rows, cols)));
}

static double value_of(model f) {
  ink_tape_reset(&tape, true);
  const ink_var loss = f(&tape);
  CHECK_EQ(tape.status, INK_OK);
  return (double)ink_tape_scalar(&tape, loss);
}

static void check(const char *name, model f, int n_params) {
  const float e = 1e-2f;
  value_of(f);
  CHECK_EQ(ink_tape_backward(&tape, tape.n - 1), INK_OK);
  int wrong = 0, moved = 0;
  for (int p = 0; p < n_params; p++)
    for (uint32_t i = 0; i < params[p].rows * params[p].cols; i++) {
      const float kept = params[p].value[i];
      static float analytic[6][N * 4 * D];
      analytic[p][i] = params[p].grad[i];
      params[p].value[i] = kept + e;
      const double up = value_of(f);
      params[p].value[i] = kept - e;
      const double down = value_of(f);
      params[p].value[i] = kept;
      const double numeric = (up - down) / (2.0 * (double)e);
      if (fabs(numeric - (double)analytic[p][i]) > 4e-3 * (1 + fabs(numeric))) {
        if (wrong++ == 0) printf("%s: param %d entry %u: %g, central difference %g\n", name, p, i, (double)analytic[p][i], numeric);
      }
      moved += fabs(numeric) > 1e-5;
    }
  CHECK_EQ(wrong, 0);
  CHECK(moved > 0);
}

#define P(i) ink_op_param(t, &params[i])
static const uint32_t some_rows[B] = { 3, 0, 3, INK_NONE, 8 }, causal[B] = { 0, 1, 2, 3, 4 };
static const uint32_t targets[B] = { 2, 0, INK_NONE, 8, 2 }, column_items[N] = { 5, 6, 7, 8, 5, 7, 1, 2, 3 };
static const float labels[B * N] = { 1, 0, 0, 1, 0.5f, 0, 0, 1 };

static ink_var m_matmul(ink_tape *t) { return weigh(t, ink_op_matmul(t, P(0), P(1), 0)); }
static ink_var m_matmul_ta(ink_tape *t) { return weigh(t, ink_op_matmul(t, P(0), P(1), INK_TRANSPOSE_A)); }
static ink_var m_matmul_tb(ink_tape *t) { return weigh(t, ink_op_matmul(t, P(0), P(1), INK_TRANSPOSE_B)); }
static ink_var m_matmul_tt(ink_tape *t) { return weigh(t, ink_op_matmul(t, P(0), P(1), INK_TRANSPOSE_A | INK_TRANSPOSE_B)); }
static ink_var m_gather(ink_tape *t) { return weigh(t, ink_op_gather(t, &params[0], some_rows, B)); }
static ink_var m_rows(ink_tape *t) { return weigh(t, ink_op_rows(t, P(0), 1, 3)); }
static ink_var m_cols(ink_tape *t) { return weigh(t, ink_op_cols(t, P(0), 1, 3)); }
static ink_var m_reshape(ink_tape *t) { return weigh(t, ink_op_reshape(t, P(0), D, B)); }
static ink_var m_concat(ink_tape *t) { return weigh(t, ink_op_concat(t, P(0), P(1))); }
static ink_var m_stack(ink_tape *t) {
  const ink_var parts[] = { P(0), P(1), P(0) };
  return weigh(t, ink_op_stack(t, parts, 3));
}
static ink_var m_row_dot(ink_tape *t) { return weigh(t, ink_op_row_dot(t, P(0), P(1))); }
static ink_var m_add(ink_tape *t) { return weigh(t, ink_op_add(t, P(0), P(1))); }
static ink_var m_sub(ink_tape *t) { return weigh(t, ink_op_sub(t, P(0), P(1))); }
static ink_var m_mul(ink_tape *t) { return weigh(t, ink_op_mul(t, P(0), P(1))); }
static ink_var m_scale(ink_tape *t) { return weigh(t, ink_op_scale(t, P(0), -2.5f)); }
static ink_var m_bias(ink_tape *t) { return weigh(t, ink_op_bias(t, P(0), P(1))); }
static ink_var m_sigmoid(ink_tape *t) { return weigh(t, ink_op_sigmoid(t, P(0))); }
static ink_var m_tanh(ink_tape *t) { return weigh(t, ink_op_tanh(t, P(0))); }
static ink_var m_relu(ink_tape *t) { return weigh(t, ink_op_relu(t, P(0))); }
static ink_var m_dropout(ink_tape *t) {
  ink_rng_seed(&t->rng, 4, 4);      /* the same mask each time */
  return weigh(t, ink_op_dropout(t, P(0), 0.4f));
}
static ink_var m_softmax(ink_tape *t) { return weigh(t, ink_op_softmax(t, P(0), NULL)); }
static ink_var m_masked(ink_tape *t) { return weigh(t, ink_op_softmax(t, P(0), causal)); }
static ink_var m_norm(ink_tape *t) { return weigh(t, ink_op_layer_norm(t, P(0), P(1), P(2), 1e-5f)); }
static ink_var m_squares(ink_tape *t) { return ink_op_sum_squares(t, ink_op_scale(t, P(0), 0.3f)); }
static ink_var m_lstm(ink_tape *t) {
  const ink_var c = ink_op_lstm_c(t, P(0), P(1)), h = ink_op_lstm_h(t, c);
  return ink_op_add(t, weigh(t, c), weigh(t, ink_op_mul(t, h, h)));
}
static ink_var m_gru(ink_tape *t) { return weigh(t, ink_op_gru(t, P(0), P(1), P(2))); }
static ink_var m_entropy(ink_tape *t) { return ink_op_cross_entropy(t, P(0), targets); }
static ink_var m_full(ink_tape *t) { return ink_op_scale(t, ink_op_cross_entropy_full(t, P(0), &params[1], &params[2], targets), 3.0f); }
static ink_var m_bpr(ink_tape *t) { return ink_op_bpr(t, P(0), targets, column_items); }
static ink_var m_bpr_max(ink_tape *t) { return ink_op_bpr_max(t, P(0), targets, column_items, 0.7f); }
static ink_var m_top1_max(ink_tape *t) { return ink_op_top1_max(t, P(0), targets, NULL); }
static ink_var m_binary(ink_tape *t) { return ink_op_binary(t, P(0), labels); }
static ink_var m_mse(ink_tape *t) { return ink_op_mse(t, P(0), labels); }

#define CASE(f, n) check(#f, f, n)

TEST(gradients_of_shapes_and_products) {
  fresh();
  param(0, B, D), param(1, D, H), CASE(m_matmul, 2);
  param(0, D, B), param(1, D, H), CASE(m_matmul_ta, 2);
  param(0, B, D), param(1, H, D), CASE(m_matmul_tb, 2);
  param(0, D, B), param(1, H, D), CASE(m_matmul_tt, 2);
  param(0, N, D), CASE(m_gather, 1);
  param(0, B, D), CASE(m_rows, 1);
  param(0, B, D), CASE(m_reshape, 1);
  param(0, B, D), CASE(m_cols, 1);
  param(0, B, D), param(1, B, H), CASE(m_concat, 2);
  param(0, B, D), param(1, 3, D), CASE(m_stack, 2);
  param(0, B, D), param(1, B, D), CASE(m_row_dot, 2);
}

TEST(gradients_element_by_element) {
  fresh();
  param(0, B, D), param(1, B, D), CASE(m_add, 2);
  param(0, B, D), param(1, B, D), CASE(m_sub, 2);
  param(0, B, D), param(1, B, D), CASE(m_mul, 2);
  param(0, B, D), CASE(m_scale, 1);
  param(0, B, D), CASE(m_sigmoid, 1);
  param(0, B, D), CASE(m_tanh, 1);
  param(0, B, D), CASE(m_dropout, 1);
  param(0, B, D);
  for (int i = 0; i < B * D; i++) values[0][i] += values[0][i] < 0 ? -0.1f : 0.1f;      /* away from the corner */
  CASE(m_relu, 1);
  param(0, B, D), param(1, 1, D), CASE(m_bias, 2);
}

TEST(gradients_of_rows_and_cells) {
  fresh();
  param(0, B, D), CASE(m_softmax, 1);
  param(0, B, D), CASE(m_masked, 1);
  param(0, B, D), param(1, 1, D), param(2, 1, D), CASE(m_norm, 3);
  param(0, B, D), CASE(m_squares, 1);
  param(0, B, 4 * H), param(1, B, H), CASE(m_lstm, 2);
  param(0, B, 3 * H), param(1, B, 3 * H), param(2, B, H), CASE(m_gru, 3);
}

TEST(gradients_of_losses) {
  fresh();
  param(0, B, N), CASE(m_entropy, 1);
  param(0, B, D), param(1, N, D), param(2, 1, N), CASE(m_full, 3);
  param(0, B, N), CASE(m_bpr, 1);
  param(0, B, N), CASE(m_bpr_max, 1);
  param(0, B, N), CASE(m_top1_max, 1);
  param(0, B, N), CASE(m_binary, 1);
  param(0, B, N), CASE(m_mse, 1);
}

/* ------------------------------------------------------------------ others */

TEST(relu_and_dropout) {
  fresh();
  ink_param *p = param(0, 1, 4);
  p->value[0] = -1, p->value[1] = 2, p->value[2] = 0, p->value[3] = 3;
  ink_tape_reset(&tape, true);
  CHECK_EQ(ink_tape_backward(&tape, ink_op_mean(&tape, ink_op_relu(&tape, ink_op_param(&tape, p)))), INK_OK);
  CHECK_EQ_BITS(p->grad[0], 0.0f); CHECK_EQ_BITS(p->grad[1], 0.25f); CHECK_EQ_BITS(p->grad[2], 0.0f);
  static float ones[1000];
  for (int i = 0; i < 1000; i++) ones[i] = 1;
  ink_tape_reset(&tape, true);
  const ink_var x = ink_op_dropout(&tape, ink_op_input(&tape, ones, 10, 100), 0.3f);
  int zeros = 0;
  for (int i = 0; i < 1000; i++) {
    const float y = ink_tape_at(&tape, x)->value[i];
    zeros += y == 0.0f;
    CHECK(y == 0.0f || fabsf(y - 1 / 0.7f) < 1e-6f);
  }
  CHECK(zeros > 240 && zeros < 360);
  ink_tape_reset(&tape, false);
  const ink_var same = ink_op_input(&tape, ones, 10, 100);
  CHECK_EQ(ink_op_dropout(&tape, same, 0.3f), same);
}

TEST(failures_stick_and_nothing_crashes) {
  fresh();
  param(0, B, D), param(1, B, D);
  ink_tape *t = &tape;
  const ink_var bad = ink_op_matmul(t, P(0), P(1), 0);
  CHECK_EQ(bad, 0);
  CHECK_EQ(t->status, INK_E_ARG);
  CHECK_EQ(ink_tape_backward(t, ink_op_mean(t, ink_op_tanh(t, bad))), INK_E_ARG);
  ink_tape_reset(t, true);
  for (int i = 0; i < 300; i++) ink_op_scale(t, P(0), 1);
  CHECK_EQ(t->status, INK_E_LIMIT);
  ink_tape_reset(t, true);
  CHECK_EQ(ink_op_zeros(t, 100000, 100000), 0);
  CHECK_EQ(t->status, INK_E_SCRATCH);
}

TEST(losses_have_their_values) {
  fresh();
  ink_param *p = param(0, 1, 3);
  p->value[0] = 1, p->value[1] = 2, p->value[2] = -1;
  static const uint32_t second[1] = { 1 };
  ink_tape *t = &tape;
  const double e = log(exp(1) + exp(2) + exp(-1)) - 2;
  CHECK_NEAR((double)ink_tape_scalar(t, ink_op_cross_entropy(t, P(0), second)), e, 1e-6);
  const double bpr = (log(1 + exp(-1)) + log(1 + exp(-3))) / 2;
  CHECK_NEAR((double)ink_tape_scalar(t, ink_op_bpr(t, P(0), second, NULL)), bpr, 1e-6);
  const double w = exp(1) + exp(-1), p0 = exp(1) / w, p2 = exp(-1) / w;
  const double bpr_max = -log(p0 / (1 + exp(-1)) + p2 / (1 + exp(-3))) + 0.5 * (p0 * 1 + p2 * 1);
  CHECK_NEAR((double)ink_tape_scalar(t, ink_op_bpr_max(t, P(0), second, NULL, 0.5f)), bpr_max, 1e-6);
}

/* One step of each optimiser from w = 1 with gradient 0.5. */
TEST(optimisers_follow_their_formulas) {
  const double want[4] = { 1 - 0.1 * (0.5 + 0.01), 1 - 0.1 * 0.51 / 0.51, 1 - 0.1, (1 - 0.1 * 0.01) - 0.1 };
  for (uint32_t kind = 0; kind < 4; kind++) {
    ink_param *p = param(0, 1, 1);
    ink_param *all[] = { p };
    bool diverged = true;
    ink_optimiser o = { .kind = kind, .rate = 0.1, .beta1 = kind == INK_SGD ? 0 : 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.01 };
    p->value[0] = 1;
    p->grad[0] = 0.5f;
    CHECK_NEAR(ink_optimise(&o, all, 1, &ink_threads_serial, &diverged), 0.5, 1e-6);
    CHECK(!diverged);
    CHECK_NEAR((double)p->value[0], want[kind], 1e-6);
    CHECK_EQ_BITS(p->grad[0], 0.0f);
    p->grad[0] = INFINITY;
    const float before = p->value[0];
    ink_optimise(&o, all, 1, &ink_threads_serial, &diverged);
    CHECK(diverged);
    CHECK_EQ_BITS(p->value[0], before);
  }
}

TEST(schedules) {
  CHECK_NEAR(ink_schedule(INK_CONSTANT, 2, 0, 4, 100), 0.5, 1e-12);
  CHECK_NEAR(ink_schedule(INK_LINEAR, 2, 50, 0, 100), 1, 1e-12);
  CHECK_NEAR(ink_schedule(INK_COSINE, 2, 0, 0, 100), 2, 1e-6);
  CHECK_NEAR(ink_schedule(INK_COSINE, 2, 25, 0, 100), 1 + cos(3.14159265358979 / 4), 1e-6);
  CHECK_NEAR(ink_schedule(INK_COSINE, 2, 100, 0, 100), 0, 1e-6);
}

/* Only rows that were gathered move; and a bilinear model learns a table it can represent. */
TEST(a_model_learns_and_untouched_rows_rest) {
  fresh();
  ink_param *table = param(0, N, D), *weights = param(1, D, 1);
  table->touched = touched;
  table->is_touched = is_touched;
  memset(is_touched, 0, sizeof is_touched);
  ink_param *all[] = { table, weights };
  ink_optimiser o = { .kind = INK_ADAM, .rate = 0.02, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8 };
  static const uint32_t rows[4] = { 1, 2, 5, 7 };
  static const float wanted[4] = { 0.5f, -2, 1, 3 };
  const float rests = table->value[3 * D];
  bool diverged;
  double loss = 1;
  for (int step = 0; step < 600; step++) {
    ink_tape *t = &tape;
    ink_tape_reset(t, true);
    const ink_var l = ink_op_mse(t, ink_op_matmul(t, ink_op_gather(t, table, rows, 4), P(1), 0), wanted);
    loss = (double)ink_tape_scalar(t, l);
    CHECK_EQ(ink_tape_backward(t, l), INK_OK);
    ink_optimise(&o, all, 2, &ink_threads_serial, &diverged);
  }
  CHECK(loss < 1e-4);
  CHECK_EQ_BITS(table->value[3 * D], rests);
}

TEST_MAIN(T(gradients_of_shapes_and_products), T(gradients_element_by_element), T(gradients_of_rows_and_cells), T(gradients_of_losses),
          T(relu_and_dropout), T(failures_stick_and_nothing_crashes), T(losses_have_their_values), T(optimisers_follow_their_formulas),
          T(schedules), T(a_model_learns_and_untouched_rows_rest))
