/* lstm.c - long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000), PyTorch's form:
 *   i, f, g, o = W_ih x + b_ih + W_hh h + b_hh
 *   c' = sigmoid(f) c + sigmoid(i) tanh(g),  h' = sigmoid(o) tanh(c')
 * |h| < 1 always; |c| grows by less than 1 an event, so by the window at most. */
#include "mem.h"
#include "recurrent.h"

#include "base.h"

/* c = f c + i g */
static void renew(const float *restrict i, const float *restrict f, const float *restrict g, float *restrict c, uint32_t n) {
  for (uint32_t j = 0; j < n; j++) c[j] = f[j] * c[j] + i[j] * g[j];
}

static void multiply(const float *restrict x, float *restrict y, uint32_t n) {
  for (uint32_t j = 0; j < n; j++) y[j] = x[j] * y[j];
}

static void cell(const ink_recurrent *r, const ink_recurrent_layer *layer, ink_cell_state *state, float *gates, float *more) {
  const uint32_t n = r->h;
  float *i = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
  (void)more;
  r->kernels->panels_f32(layer->w_h, state->h, 1, n, 1, r->outputs, gates);
  r->kernels->sigmoid_f32(i, 2 * n);
  r->kernels->tanh_f32(g, n);
  r->kernels->sigmoid_f32(o, n);
  renew(i, f, g, state->c, n);
  ink_mem_copy(state->h, state->c, n * sizeof *state->h);
  r->kernels->tanh_f32(state->h, n);
  multiply(o, state->h, n);
}

static const ink_recurrent_kind kind = { .gates = 4, .one_sum = true, .cell = cell };

static ink_status bind(const ink_bind *b, ink_bound *out) { return ink_recurrent_bind(&kind, b, out); }

const ink_family ink_family_lstm = {
  .name = "lstm", .leads = "weight_ih_l0", .bind = bind, .can_score = ink_recurrent_can_score, .fold = ink_recurrent_fold,
  .step = ink_recurrent_step, .query = ink_recurrent_query, .reasons = ink_recurrent_reasons, .rows = ink_recurrent_rows,
};
