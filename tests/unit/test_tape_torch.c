/* test_tape_torch.c - the tape and serving against PyTorch in double (tests/golden/make_tape.py): values and gradients of
 * every operation; networks of two layers with random and with trained weights, forward, backward and as served;
 * optimisers over five steps; schedules.
 *
 * Bounds, with u = 2^-24 for f32. OPERATION: an output is at most 64 roundings of numbers within 4, each off by less than
 * 4 u, as is ink_quick_exp: 256 u. NETWORK: 12 cells feed each other, each a sum of 2 * 5 products and two functions (some
 * 40 roundings) whose slopes are below 1; a gradient is such a sum of 18 (people and steps): 4096 u. */
#include "hosted.h"
#include "testlib.h"
#include "packlib.h"

#include "optimise.h"
#include "recurrent_net.h"
#include "../golden/tape_truth.h"

#include "recurrent.h"
#include "base.h"

#define OPERATION (256 * 0x1p-24)
#define NETWORK (4096 * 0x1p-24)

enum { MEMORY = 1 << 22, MOST = 256 };
static _Alignas(64) uint8_t memory[MEMORY];
static ink_arena arena;
static ink_tape tape;
static ink_param params[3];
static float values[3][MOST], grads[3][MOST];

static int far_off(const char *name, const char *what, const float *got, const double *want, size_t n, double bound) {
  int wrong = 0;
  for (size_t i = 0; i < n; i++) {
    if (fabs((double)got[i] - want[i]) <= bound * (1 + fabs(want[i]))) continue;
    if (wrong++ == 0) printf("%s: %s %zu is %.9g, PyTorch says %.9g\n", name, what, i, (double)got[i], want[i]);
  }
  return wrong;
}

static void fresh_tape(uint32_t nodes) {
  ink_arena_init(&arena, memory, MEMORY);
  const ink_status status = ink_tape_init(&tape, &arena, nodes, &ink_threads_serial, 1);
  CHECK_EQ(status, INK_OK);
}

/* -------------------------------------------------------------- operations */

#define P(i) ink_op_param(t, &params[i])
static const uint32_t gathered[] = { 3, 0, 3, INK_NONE, 8 }, causal[] = { 0, 1, 2, 3, 4 };
static const uint32_t targets[] = { 2, 0, INK_NONE, 8, 2 }, column_items[] = { 5, 6, 7, 8, 5, 7, 1, 2, 3 };

static ink_var products(ink_tape *t, const char *name) {
  if (!strcmp(name, "matmul")) return ink_op_matmul(t, P(0), P(1), 0);
  if (!strcmp(name, "matmul_ta")) return ink_op_matmul(t, P(0), P(1), INK_TRANSPOSE_A);
  if (!strcmp(name, "matmul_tb")) return ink_op_matmul(t, P(0), P(1), INK_TRANSPOSE_B);
  if (!strcmp(name, "matmul_tt")) return ink_op_matmul(t, P(0), P(1), INK_TRANSPOSE_A | INK_TRANSPOSE_B);
  if (!strcmp(name, "row_dot")) return ink_op_row_dot(t, P(0), P(1));
  return 0;
}

static ink_var shapes(ink_tape *t, const char *name) {
  const ink_var parts[] = { P(0), P(1), P(0) };
  if (!strcmp(name, "gather")) return ink_op_gather(t, &params[0], gathered, 5);
  if (!strcmp(name, "rows")) return ink_op_rows(t, P(0), 1, 3);
  if (!strcmp(name, "cols")) return ink_op_cols(t, P(0), 1, 3);
  if (!strcmp(name, "reshape")) return ink_op_reshape(t, P(0), 6, 5);
  if (!strcmp(name, "concat")) return ink_op_concat(t, P(0), P(1));
  if (!strcmp(name, "stack")) return ink_op_stack(t, parts, 3);
  return 0;
}

static ink_var elements(ink_tape *t, const char *name) {
  if (!strcmp(name, "add")) return ink_op_add(t, P(0), P(1));
  if (!strcmp(name, "sub")) return ink_op_sub(t, P(0), P(1));
  if (!strcmp(name, "mul")) return ink_op_mul(t, P(0), P(1));
  if (!strcmp(name, "scale")) return ink_op_scale(t, P(0), -2.5f);
  if (!strcmp(name, "bias")) return ink_op_bias(t, P(0), P(1));
  if (!strcmp(name, "sigmoid")) return ink_op_sigmoid(t, P(0));
  if (!strcmp(name, "tanh")) return ink_op_tanh(t, P(0));
  if (!strcmp(name, "relu")) return ink_op_relu(t, P(0));
  if (!strcmp(name, "softmax")) return ink_op_softmax(t, P(0), NULL);
  if (!strcmp(name, "masked_softmax")) return ink_op_softmax(t, P(0), causal);
  if (!strcmp(name, "layer_norm")) return ink_op_layer_norm(t, P(0), P(1), P(2), 1e-5f);
  return 0;
}

static ink_var losses(ink_tape *t, const char *name) {
  if (!strcmp(name, "mean")) return ink_op_mean(t, P(0));
  if (!strcmp(name, "sum_squares")) return ink_op_sum_squares(t, P(0));
  if (!strcmp(name, "cross_entropy")) return ink_op_cross_entropy(t, P(0), targets);
  if (!strcmp(name, "cross_entropy_full")) return ink_op_cross_entropy_full(t, P(0), &params[1], &params[2], targets);
  if (!strcmp(name, "bpr")) return ink_op_bpr(t, P(0), targets, column_items);
  if (!strcmp(name, "bpr_max")) return ink_op_bpr_max(t, P(0), targets, column_items, 0.75f);
  if (!strcmp(name, "top1_max")) return ink_op_top1_max(t, P(0), targets, NULL);
  if (!strcmp(name, "binary")) return ink_op_binary(t, P(0), truth_labels);
  if (!strcmp(name, "mse")) return ink_op_mse(t, P(0), truth_labels);
  return 0;
}

static void take_params(const truth_case *c) {
  for (int i = 0; i < c->n_in; i++) {
    const uint32_t n = c->shape[i][0] * c->shape[i][1];
    params[i] = (ink_param){ .name = c->name, .rows = c->shape[i][0], .cols = c->shape[i][1], .value = values[i], .grad = grads[i] };
    memcpy(values[i], c->in[i], n * sizeof(float));
    memset(grads[i], 0, sizeof grads[i]);
  }
}

TEST(every_operation_is_pytorchs) {
  static ink_var (*const groups[])(ink_tape *, const char *) = { products, shapes, elements, losses };
  for (size_t k = 0; k < sizeof truth_cases / sizeof *truth_cases; k++) {
    const truth_case *c = &truth_cases[k];
    fresh_tape(40);
    take_params(c);
    ink_var out = 0;
    for (size_t g = 0; g < 4 && out == 0; g++) out = groups[g](&tape, c->name);
    CHECK(out != 0);
    const ink_node node = *ink_tape_at(&tape, out);
    CHECK_EQ(node.rows * node.cols, c->n_out);
    CHECK_EQ(far_off(c->name, "value", node.value, c->out, c->n_out, OPERATION), 0);
    const ink_var loss = c->is_loss ? out : ink_op_mean(&tape, ink_op_mul(&tape, out, ink_op_input(&tape, c->w, node.rows, node.cols)));
    CHECK_EQ(ink_tape_backward(&tape, loss), INK_OK);
    for (int i = 0; i < c->n_in; i++)
      CHECK_EQ(far_off(c->name, "gradient", grads[i], c->grad[i], (size_t)c->shape[i][0] * c->shape[i][1], OPERATION), 0);
  }
}

/* ---------------------------------------------------------------- networks */

static const truth_tensor *named(const truth_net *truth, const char *name) {
  for (int i = 0; i < truth->n_params; i++)
    if (!strcmp(truth->params[i].name, name)) return &truth->params[i];
  return NULL;
}

static void forward_and_back(const truth_net *truth, ink_recurrent_net *net) {
  fresh_tape(300);
  uint32_t inputs[TRUTH_STEPS * TRUTH_PEOPLE];
  memcpy(inputs, truth->inputs, sizeof inputs);
  const ink_batch batch = { .steps = TRUTH_STEPS, .rows = TRUTH_PEOPLE, .input = inputs };
  const ink_var h = ink_recurrent_forward(net, &tape, &batch, NULL, 0, 0);
  const ink_var loss = ink_op_cross_entropy_full(&tape, h, net->items, net->item_bias, truth->wanted);
  CHECK_EQ(far_off(truth->kind, "state", ink_tape_at(&tape, h)->value, truth->states, TRUTH_STEPS * TRUTH_PEOPLE * TRUTH_STATE, NETWORK), 0);
  CHECK_NEAR((double)ink_tape_scalar(&tape, loss), truth->loss, NETWORK);
  CHECK_EQ(ink_tape_backward(&tape, loss), INK_OK);
}

TEST(networks_are_pytorchs_forward_and_backward) {
  for (size_t k = 0; k < sizeof truth_nets / sizeof *truth_nets; k++) {
    const truth_net *truth = &truth_nets[k];
    const ink_recurrent_shape shape = { .lstm = truth->kind[0] == 'l', .n_items = TRUTH_ITEMS, .d = TRUTH_WIDTH, .h = TRUTH_STATE,
                                        .layers = TRUTH_LAYERS, .tied = false, .bias = true };
    hosted h;
    ink_recurrent_net net;
    hosted_init(&h);
    CHECK_EQ(ink_recurrent_init(&net, &shape, true, 1, &h.env.allocator), INK_OK);
    CHECK_EQ(net.n_params, truth->n_params);
    for (uint32_t i = 0; i < net.n_params; i++) {
      const truth_tensor *t = named(truth, net.all[i].name);
      CHECK(t != NULL);
      CHECK_EQ(net.all[i].rows * net.all[i].cols, t->rows * t->cols);
      memcpy(net.all[i].value, t->value, t->rows * t->cols * sizeof(float));
    }
    forward_and_back(truth, &net);
    for (uint32_t i = 0; i < net.n_params; i++) {
      const truth_tensor *t = named(truth, net.all[i].name);
      CHECK_EQ(far_off(t->name, "gradient", net.all[i].grad, t->grad, t->rows * t->cols, NETWORK), 0);
    }
    ink_recurrent_free(&net);
    CHECK_EQ(h.memory.live, 0);
  }
}

static void pack_of(const truth_net *truth, packlib *pack) {
  memset(pack, 0, sizeof *pack);
  for (int i = 0; i < truth->n_params; i++) {
    const truth_tensor *t = &truth->params[i];
    memcpy(packlib_add(pack, t->name, INK_DTYPE_F32, t->rows, t->rank == 2 ? t->cols : 0), t->value, t->rows * t->cols * sizeof(float));
  }
  ((float *)packlib_add(pack, packlib_name(truth->kind, "settings"), INK_DTYPE_F32, 4, 0))[0] = TRUTH_STEPS;
}

/* The state after the last event, and the score of every item, of one person. */
static void serve(const truth_net *truth, const ink_family *family, const ink_bound *bound, uint32_t person, ink_arena *scratch) {
  static _Alignas(64) uint8_t state[1 << 14];
  ink_past events[TRUTH_STEPS];
  const size_t first = (size_t)(TRUTH_STEPS - 1) * TRUTH_PEOPLE + person;
  ink_query query;
  for (uint32_t s = 0; s < TRUTH_STEPS; s++)
    events[s] = (ink_past){ .item = truth->inputs[s * TRUTH_PEOPLE + person], .kind = INK_NONE, .value = 1, .weight = 1, .time = s, .seq = s + 1 };
  const ink_history history = { events, TRUTH_STEPS, TRUTH_STEPS };
  CHECK(bound->state_bytes <= sizeof state);
  CHECK_EQ(family->fold(bound->model, &history, state, scratch), INK_OK);
  family->query(bound->model, state, &query);
  CHECK_EQ(far_off(truth->kind, "served state", query.vector, truth->states + first * TRUTH_STATE, TRUTH_STATE, NETWORK), 0);
  const float *rows = named(truth, packlib_name(truth->kind, "items.weight"))->value;
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
    float score = query.bias[i];
    for (uint32_t j = 0; j < TRUTH_STATE; j++) score += query.vector[j] * rows[i * TRUTH_STATE + j];
    CHECK_EQ(far_off(truth->kind, "served score", &score, &truth->scores[person * TRUTH_ITEMS + i], 1, NETWORK), 0);
  }
}

TEST(serving_is_pytorchs_too) {
  static _Alignas(64) uint8_t model[1 << 16], scratch_memory[1 << 16];
  for (size_t k = 0; k < sizeof truth_nets / sizeof *truth_nets; k++) {
    const truth_net *truth = &truth_nets[k];
    const ink_family *family = truth->kind[0] == 'l' ? &ink_family_lstm : &ink_family_gru;
    packlib pack;
    ink_fault fault = { 0 };
    ink_arena measure, at, scratch;
    ink_bound bound;
    pack_of(truth, &pack);
    const ink_tensor_source source = packlib_source(&pack);
    ink_arena_init_measure(&measure);
    const ink_bind first = { family->name, &source, TRUTH_ITEMS, TRUTH_STEPS, NULL, &measure, &fault };
    CHECK_EQ(family->bind(&first, &bound), INK_OK);
    ink_arena_init(&at, model, sizeof model);
    const ink_bind second = { family->name, &source, TRUTH_ITEMS, TRUTH_STEPS, ink_kernels_best(), &at, &fault };
    CHECK_EQ(family->bind(&second, &bound), INK_OK);
    ink_arena_init(&scratch, scratch_memory, sizeof scratch_memory);
    for (uint32_t person = 0; person < TRUTH_PEOPLE; person++) serve(truth, family, &bound, person, &scratch);
    packlib_free(&pack);
  }
}

/* -------------------------------------------------------------- optimisers */

static void five_steps(const char *name, ink_optimiser o, const double *want, const double *norms) {
  float moments[2][12] = { { 0 } };
  ink_param *all[] = { &params[0] };
  params[0] = (ink_param){ .name = name, .rows = 3, .cols = 4, .value = values[0], .grad = grads[0],
                           .moment1 = moments[0], .moment2 = moments[1] };
  memcpy(values[0], truth_steps_start, sizeof truth_steps_start);
  for (int step = 0; step < 5; step++) {
    bool diverged;
    memcpy(grads[0], truth_steps_grads + step * 12, 12 * sizeof(float));
    const double norm = ink_optimise(&o, all, 1, &ink_threads_serial, &diverged);
    CHECK(!diverged);
    CHECK_NEAR(norm, norms[step], OPERATION * 10);
  }
  CHECK_EQ(far_off(name, "value", values[0], want, 12, OPERATION), 0);
}

TEST(optimisers_step_as_pytorchs) {
  const ink_optimiser common = { .rate = 0.125, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.0625 };
  ink_optimiser o = common;
  o.kind = INK_SGD, o.beta1 = 0.5, o.clip = 1.5;
  five_steps("sgd", o, truth_steps_sgd, truth_steps_norms);
  o = common;
  o.kind = INK_ADAGRAD;
  five_steps("adagrad", o, truth_steps_adagrad, truth_steps_norms);
  o.kind = INK_ADAM;
  five_steps("adam", o, truth_steps_adam, truth_steps_norms);
  o.kind = INK_ADAMW, o.clip = 1.5;
  five_steps("adamw", o, truth_steps_adamw, truth_steps_norms);
}

TEST(schedules_are_pytorchs) {
  for (uint32_t step = 0; step <= 40; step++) {
    CHECK_NEAR(ink_schedule(INK_LINEAR, 0.75, step, 0, 40), truth_rates_linear[step], 1e-12);
    CHECK_NEAR(ink_schedule(INK_COSINE, 0.75, step, 0, 40), truth_rates_cosine[step], 1e-7);      /* the sine's series */
  }
}

TEST_MAIN(T(every_operation_is_pytorchs), T(networks_are_pytorchs_forward_and_backward), T(serving_is_pytorchs_too),
          T(optimisers_step_as_pytorchs), T(schedules_are_pytorchs))
