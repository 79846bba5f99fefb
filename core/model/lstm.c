/* lstm.c - long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000), PyTorch's form:
 *   i, f, g, o = W_ih x + b_ih + W_hh h + b_hh
 *   c' = sigmoid(f) c + sigmoid(i) tanh(g),  h' = sigmoid(o) tanh(c')
 * |h| < 1 always; |c| grows by less than 1 an event, so by the window at most. */
#include "fmath.h"
#include "recurrent.h"

#include "base.h"

static void cell(const ink_kernels *kernels, const ink_recurrent_layer *layer, uint32_t h, const float *x, ink_cell_state *state,
                 float *gates) {
  const uint32_t outputs = 4 * h;
  float *restrict i = gates, *restrict f = gates + h, *restrict g = gates + 2 * h, *restrict o = gates + 3 * h;
  for (uint32_t j = 0; j < outputs; j++) gates[j] = layer->b_x[j] + layer->b_h[j];
  kernels->gather_axpy_f32(layer->w_x, outputs, x, layer->n_in, outputs, gates);
  kernels->gather_axpy_f32(layer->w_h, outputs, state->h, h, outputs, gates);
  for (uint32_t j = 0; j < h; j++) {
    const float kept = ink_sigmoid_f32(f[j]) * state->c[j], added = ink_sigmoid_f32(i[j]) * ink_tanh_f32(g[j]);
    state->c[j] = kept + added;
    state->h[j] = ink_sigmoid_f32(o[j]) * ink_tanh_f32(state->c[j]);
  }
}

static const ink_recurrent_kind kind = { .gates = 4, .cell = cell };

static ink_status bind(const ink_bind *b, ink_bound *out) { return ink_recurrent_bind(&kind, b, out); }

const ink_family ink_family_lstm = {
  .name = "lstm", .leads = "weight_ih_l0", .bind = bind, .can_score = ink_recurrent_can_score, .fold = ink_recurrent_fold,
  .step = ink_recurrent_step, .query = ink_recurrent_query, .reasons = ink_recurrent_reasons, .rows = ink_recurrent_rows,
};
