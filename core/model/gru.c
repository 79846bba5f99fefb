/* gru.c - gated recurrent unit (Cho et al. 2014) in PyTorch's form, where the reset gate acts after the product:
 *   r = sigmoid(W_ir x + b_ir + W_hr h + b_hr),  z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 *   n = tanh(W_in x + b_in + r (W_hn h + b_hn)),  h' = (1 - z) n + z h
 * |h| <= 1 always. */
#include "fmath.h"
#include "mem.h"
#include "recurrent.h"

#include "base.h"

static void cell(const ink_kernels *kernels, const ink_recurrent_layer *layer, uint32_t h, const float *x, ink_cell_state *state,
                 float *gates) {
  const uint32_t outputs = 3 * h;
  float *from_x = gates, *from_h = gates + outputs;
  ink_mem_copy(from_x, layer->b_x, outputs * sizeof *from_x);
  ink_mem_copy(from_h, layer->b_h, outputs * sizeof *from_h);
  kernels->gather_axpy_f32(layer->w_x, outputs, x, layer->n_in, outputs, from_x);
  kernels->gather_axpy_f32(layer->w_h, outputs, state->h, h, outputs, from_h);
  for (uint32_t j = 0; j < h; j++) {
    const float r = ink_sigmoid_f32(from_x[j] + from_h[j]), z = ink_sigmoid_f32(from_x[h + j] + from_h[h + j]);
    const float n = ink_tanh_f32(from_x[2 * h + j] + r * from_h[2 * h + j]);
    state->h[j] = (1.0f - z) * n + z * state->h[j];
  }
}

static const ink_recurrent_kind kind = { .gates = 3, .cell = cell };

static ink_status bind(const ink_bind *b, ink_bound *out) { return ink_recurrent_bind(&kind, b, out); }

const ink_family ink_family_gru = {
  .name = "gru", .leads = "weight_ih_l0", .bind = bind, .can_score = ink_recurrent_can_score, .fold = ink_recurrent_fold,
  .step = ink_recurrent_step, .query = ink_recurrent_query, .reasons = ink_recurrent_reasons, .rows = ink_recurrent_rows,
};
