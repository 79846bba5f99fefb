/* recurrent_net.c - see recurrent_net.h. */
#include "recurrent_net.h"

#include "blocks.h"
#include "fmath.h"
#include "base.h"

static const char *const cell_names[2][4][INK_RECURRENT_LAYERS] = {
  { { "gru.weight_ih_l0", "gru.weight_ih_l1", "gru.weight_ih_l2", "gru.weight_ih_l3" },
    { "gru.weight_hh_l0", "gru.weight_hh_l1", "gru.weight_hh_l2", "gru.weight_hh_l3" },
    { "gru.bias_ih_l0", "gru.bias_ih_l1", "gru.bias_ih_l2", "gru.bias_ih_l3" },
    { "gru.bias_hh_l0", "gru.bias_hh_l1", "gru.bias_hh_l2", "gru.bias_hh_l3" } },
  { { "lstm.weight_ih_l0", "lstm.weight_ih_l1", "lstm.weight_ih_l2", "lstm.weight_ih_l3" },
    { "lstm.weight_hh_l0", "lstm.weight_hh_l1", "lstm.weight_hh_l2", "lstm.weight_hh_l3" },
    { "lstm.bias_ih_l0", "lstm.bias_ih_l1", "lstm.bias_ih_l2", "lstm.bias_ih_l3" },
    { "lstm.bias_hh_l0", "lstm.bias_hh_l1", "lstm.bias_hh_l2", "lstm.bias_hh_l3" } },
};

/* -------------------------------------------------------------- parameters */

static ink_status zeroed(ink_recurrent_net *net, size_t n, size_t size, void *out) {
  uint8_t *block = ink_block_resize(&net->allocator, NULL, n, size);
  if (!block) return INK_E_NO_MEMORY;
  for (size_t i = 0; i < n * size; i++) block[i] = 0;
  net->blocks[net->n_blocks++] = block;
  *(void **)out = block;
  return INK_OK;
}

static ink_status add_param(ink_recurrent_net *net, const char *name, uint32_t rows, uint32_t cols, bool two_moments, ink_param **out) {
  ink_param *p = &net->all[net->n_params];
  const size_t n = (size_t)rows * cols;
  void *value, *grad, *first, *second;
  INK_TRY(zeroed(net, n, sizeof(float), &value));
  INK_TRY(zeroed(net, n, sizeof(float), &grad));
  INK_TRY(zeroed(net, n, sizeof(float), &first));
  if (two_moments) INK_TRY(zeroed(net, n, sizeof(float), &second));
  *p = (ink_param){ .name = name, .rows = rows, .cols = cols, .value = value, .grad = grad, .moment1 = first,
                    .moment2 = two_moments ? second : NULL };
  net->n_params++;
  *out = p;
  return INK_OK;
}

/* Tables that are read by rows remember which rows a batch touched. */
static ink_status make_sparse(ink_recurrent_net *net, ink_param *p) {
  void *touched, *is_touched;
  INK_TRY(zeroed(net, p->rows, sizeof(uint32_t), &touched));
  INK_TRY(zeroed(net, p->rows, 1, &is_touched));
  p->touched = touched;
  p->is_touched = is_touched;
  return INK_OK;
}

static void fill_uniform(ink_param *p, float bound, ink_rng *rng) {
  for (size_t i = 0; i < (size_t)p->rows * p->cols; i++) p->value[i] = (2.0f * ink_rng_f32(rng) - 1.0f) * bound;
}
static void fill_normal(ink_param *p, double deviation, ink_rng *rng) {
  for (size_t i = 0; i < (size_t)p->rows * p->cols; i++) p->value[i] = (float)(deviation * ink_rng_normal(rng));
}

static ink_status add_cells(ink_recurrent_net *net, bool two_moments, ink_rng *rng) {
  const ink_recurrent_shape *s = &net->shape;
  const uint32_t gates = (s->lstm ? 4 : 3) * s->h;
  const float bound = 1.0f / ink_sqrt_f32((float)s->h);
  for (uint32_t l = 0; l < s->layers; l++) {
    INK_TRY(add_param(net, cell_names[s->lstm][0][l], gates, l == 0 ? s->d : s->h, two_moments, &net->w_ih[l]));
    INK_TRY(add_param(net, cell_names[s->lstm][1][l], gates, s->h, two_moments, &net->w_hh[l]));
    INK_TRY(add_param(net, cell_names[s->lstm][2][l], 1, gates, two_moments, &net->b_ih[l]));
    INK_TRY(add_param(net, cell_names[s->lstm][3][l], 1, gates, two_moments, &net->b_hh[l]));
    fill_uniform(net->w_ih[l], bound, rng);
    fill_uniform(net->w_hh[l], bound, rng);
    fill_uniform(net->b_ih[l], bound, rng);
    fill_uniform(net->b_hh[l], bound, rng);
  }
  return INK_OK;
}

static ink_status add_all(ink_recurrent_net *net, bool two_moments, uint64_t seed) {
  const ink_recurrent_shape *s = &net->shape;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 0x11e7);
  INK_TRY(add_param(net, s->lstm ? "lstm.embedding.weight" : "gru.embedding.weight", s->n_items, s->d, two_moments, &net->embedding));
  INK_TRY(make_sparse(net, net->embedding));
  fill_normal(net->embedding, 1.0 / ink_sqrt_f64((double)s->d), &rng);
  net->items = net->embedding;
  if (!s->tied) {
    INK_TRY(add_param(net, s->lstm ? "lstm.items.weight" : "gru.items.weight", s->n_items, s->h, two_moments, &net->items));
    INK_TRY(make_sparse(net, net->items));
    fill_normal(net->items, 1.0 / ink_sqrt_f64((double)s->h), &rng);
  }
  if (s->bias) {
    INK_TRY(add_param(net, s->lstm ? "lstm.items.bias" : "gru.items.bias", s->n_items, 1, two_moments, &net->item_bias));
    INK_TRY(make_sparse(net, net->item_bias));
  }
  INK_TRY(add_cells(net, two_moments, &rng));
  if (s->n_kinds > 0) INK_TRY(add_param(net, s->lstm ? "lstm.kind.weight" : "gru.kind.weight", s->n_kinds, s->d, two_moments, &net->kinds));
  if (s->n_gaps > 0) INK_TRY(add_param(net, s->lstm ? "lstm.gap.weight" : "gru.gap.weight", s->n_gaps, s->d, two_moments, &net->gaps));
  return INK_OK;
}

ink_status ink_recurrent_init(ink_recurrent_net *net, const ink_recurrent_shape *shape, bool two_moments, uint64_t seed,
                              const ink_allocator *allocator) {
  *net = (ink_recurrent_net){ .shape = *shape, .allocator = *allocator };
  if (shape->layers == 0 || shape->layers > INK_RECURRENT_LAYERS || (shape->tied && shape->d != shape->h)) return INK_E_ARG;
  const ink_status status = add_all(net, two_moments, seed);
  if (status != INK_OK) ink_recurrent_free(net);
  return status;
}

void ink_recurrent_free(ink_recurrent_net *net) {
  for (uint32_t i = 0; i < net->n_blocks; i++) ink_block_free(&net->allocator, net->blocks[i]);
  net->n_blocks = 0;
}

/* ----------------------------------------------------------------- forward */

static ink_var step_lstm(ink_tape *t, ink_var gates_x, ink_var w_hh, ink_var b_hh, ink_var *h, ink_var *c) {
  const ink_var gates_h = ink_op_bias(t, ink_op_matmul(t, *h, w_hh, INK_TRANSPOSE_B), b_hh);
  *c = ink_op_lstm_c(t, ink_op_add(t, gates_x, gates_h), *c);
  *h = ink_op_lstm_h(t, *c);
  return *h;
}

static ink_var step_gru(ink_tape *t, ink_var gates_x, ink_var w_hh, ink_var b_hh, ink_var *h) {
  const ink_var gates_h = ink_op_bias(t, ink_op_matmul(t, *h, w_hh, INK_TRANSPOSE_B), b_hh);
  *h = ink_op_gru(t, gates_x, gates_h, *h);
  return *h;
}

size_t ink_recurrent_state_floats(const ink_recurrent_shape *shape, uint32_t rows) { return (size_t)shape->layers * 2 * rows * shape->h; }

/* x with the rows at zero where goes_on [rows] is 0. */
static ink_var clear_rows(ink_tape *t, ink_var x, const uint8_t *goes_on, uint32_t rows, uint32_t h) {
  bool any = false;
  for (uint32_t b = 0; b < rows; b++) any = any || !goes_on[b];
  const ink_var mask = any ? ink_op_zeros(t, rows, h) : 0;
  if (!any || t->status != INK_OK) return x;
  float *keep = ink_tape_at(t, mask)->value;
  for (uint32_t b = 0; b < rows; b++)
    for (uint32_t j = 0; j < h; j++) keep[(size_t)b * h + j] = goes_on[b] ? 1.0f : 0.0f;
  return ink_op_mul(t, x, mask);
}

static void put_state(const ink_tape *t, ink_var x, float *to, size_t n) {
  for (size_t i = 0; t->status == INK_OK && i < n; i++) to[i] = ink_tape_at(t, x)->value[i];
}

/* One layer over all steps: the input part of the gates is one product for the whole window. `state` [2][rows * h] or NULL. */
static ink_var layer(ink_recurrent_net *net, ink_tape *t, uint32_t l, ink_var x, const ink_batch *in, float *state, ink_var *outputs) {
  const uint32_t rows = in->rows, width = net->shape.h;
  const size_t n = (size_t)rows * width;
  const ink_var w_hh = ink_op_param(t, net->w_hh[l]), b_hh = ink_op_param(t, net->b_hh[l]);
  const ink_var gates = ink_op_bias(t, ink_op_matmul(t, x, ink_op_param(t, net->w_ih[l]), INK_TRANSPOSE_B),
                                    ink_op_param(t, net->b_ih[l]));
  ink_var h = state ? ink_op_input(t, state, rows, width) : ink_op_zeros(t, rows, width);
  ink_var c = state ? ink_op_input(t, state + n, rows, width) : ink_op_zeros(t, rows, width);
  for (uint32_t s = 0; s < in->steps; s++) {
    const ink_var here = ink_op_rows(t, gates, s * rows, rows);
    if (state) h = clear_rows(t, h, in->goes_on + (size_t)s * rows, rows, width);
    if (state && net->shape.lstm) c = clear_rows(t, c, in->goes_on + (size_t)s * rows, rows, width);
    outputs[s] = net->shape.lstm ? step_lstm(t, here, w_hh, b_hh, &h, &c) : step_gru(t, here, w_hh, b_hh, &h);
  }
  if (state) put_state(t, h, state, n);
  if (state) put_state(t, c, state + n, n);
  return ink_op_stack(t, outputs, in->steps);
}

static ink_var inputs(ink_recurrent_net *net, ink_tape *t, const ink_batch *in) {
  const uint32_t cells = in->steps * in->rows;
  ink_var x = ink_op_gather(t, net->embedding, in->input, cells);
  if (net->kinds) x = ink_op_add(t, x, ink_op_gather(t, net->kinds, in->kind, cells));
  if (net->gaps) x = ink_op_add(t, x, ink_op_gather(t, net->gaps, in->gap, cells));
  return x;
}

ink_var ink_recurrent_forward(ink_recurrent_net *net, ink_tape *t, const ink_batch *in, float *state, float dropout_input,
                              float dropout_hidden) {
  void *block = NULL;
  if (t->status != INK_OK) return 0;
  t->status = ink_arena_take(t->arena, in->steps, sizeof(ink_var), &block);
  if (t->status != INK_OK) return 0;
  const size_t a_layer = 2 * (size_t)in->rows * net->shape.h;
  ink_var x = ink_op_dropout(t, inputs(net, t, in), dropout_input);
  for (uint32_t l = 0; l < net->shape.layers; l++)
    x = ink_op_dropout(t, layer(net, t, l, x, in, state ? state + l * a_layer : NULL, block), dropout_hidden);
  return x;
}

/* Four of a step clear states of session lanes. */
uint32_t ink_recurrent_nodes(const ink_recurrent_shape *shape, uint32_t steps) { return 20 + shape->layers * (12 + 10 * steps); }

/* A node takes its value and its gradient; cells keep up to 5 h more. Blocks are rounded up to 64 bytes. */
size_t ink_recurrent_arena_floats(const ink_recurrent_shape *shape, uint32_t steps, uint32_t rows) {
  const size_t cells = (size_t)steps * rows, h = shape->h;
  const size_t a_layer = cells * h * (2 * 4 * 4 + 2 * 2 + 5 + 2 * 2 + 1);
  return cells * 5 * shape->d + shape->layers * a_layer + 16 * 3 * (size_t)ink_recurrent_nodes(shape, steps);
}
