/* gru.c - gated recurrent unit (Cho et al. 2014) in PyTorch's form, where the reset gate acts after the product:
 *   r = sigmoid(W_ir x + b_ir + W_hr h + b_hr),  z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 *   n = tanh(W_in x + b_in + r (W_hn h + b_hn)),  h' = (1 - z) n + z h
 * |h| <= 1 always. */
#include "mem.h"
#include "recurrent.h"

#include "base.h"

/* y += x z */
static void add_product(const float *restrict x, const float *restrict z, float *restrict y, uint32_t n) {
  for (uint32_t j = 0; j < n; j++) y[j] = y[j] + x[j] * z[j];
}

/* h = (1 - z) fresh + z h */
static void mix(const float *restrict fresh, const float *restrict z, float *restrict h, uint32_t n) {
  for (uint32_t j = 0; j < n; j++) h[j] = (1.0f - z[j]) * fresh[j] + z[j] * h[j];
}

static void cell(const ink_recurrent *r, const ink_recurrent_layer *layer, ink_cell_state *state, float *gates, float *more) {
  const uint32_t n = r->h;
  float *reset = gates, *z = gates + n, *fresh = gates + 2 * n;
  ink_mem_copy(more, layer->b_h, r->outputs * sizeof *more);
  r->kernels->panels_f32(layer->w_h, state->h, 1, n, 1, r->outputs, more);
  r->kernels->add_f32(more, gates, 2 * n);
  r->kernels->sigmoid_f32(reset, 2 * n);
  add_product(reset, more + 2 * n, fresh, n);
  r->kernels->tanh_f32(fresh, n);
  mix(fresh, z, state->h, n);
}

static const ink_recurrent_kind kind = { .gates = 3, .cell = cell };

static ink_status bind(const ink_bind *b, ink_bound *out) { return ink_recurrent_bind(&kind, b, out); }

const ink_family ink_family_gru = {
  .name = "gru", .leads = "weight_ih_l0", .bind = bind, .can_score = ink_recurrent_can_score, .fold = ink_recurrent_fold,
  .step = ink_recurrent_step, .query = ink_recurrent_query, .reasons = ink_recurrent_reasons, .rows = ink_recurrent_rows,
};
