/* tape_cells.c - LSTM and GRU cells as single nodes: one pass over memory instead of a dozen.
 * Hochreiter & Schmidhuber 1997, Gers et al. 2000 (forget gate); Cho et al. 2014 with PyTorch's reset-after form. */
#include "base.h"
#include "tape.h"
#include "tape_node.h"

/* -------------------------------------------------------------------- LSTM
 * saved [B, 5H]: i, f, g, o after their activations, then tanh(c'). */

static void lstm_c_backward(ink_tape *t, const ink_node *node) {
  const ink_node *gates = ink_node_in(t, node, 0), *before = ink_node_in(t, node, 1);
  const uint32_t h = node->cols;
  for (uint32_t r = 0; r < node->rows; r++) {
    const float *s = node->saved + (size_t)r * 5 * h, *dc = node->grad + (size_t)r * h, *c = before->value + (size_t)r * h;
    float *dg = gates->grad ? gates->grad + (size_t)r * 4 * h : NULL, *db = before->grad ? before->grad + (size_t)r * h : NULL;
    for (uint32_t j = 0; dg && j < h; j++) {
      const float i = s[j], f = s[h + j], g = s[2 * h + j];
      dg[j] += dc[j] * g * i * (1.0f - i);
      dg[h + j] += dc[j] * c[j] * f * (1.0f - f);
      dg[2 * h + j] += dc[j] * i * (1.0f - g * g);
    }
    for (uint32_t j = 0; db && j < h; j++) db[j] += dc[j] * s[h + j];
  }
}

ink_var ink_op_lstm_c(ink_tape *t, ink_var gates, ink_var c) {
  ink_var v;
  const ink_node ng = t->nodes[gates], nc = t->nodes[c];
  const uint32_t h = nc.cols;
  if (ink_tape_ok(t) && (ng.cols != 4 * h || ng.rows != nc.rows)) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, nc.rows, h, lstm_c_backward, ng.grad || nc.grad, &v);
  float *saved = node ? ink_tape_floats(t, 5 * (size_t)nc.rows * h) : NULL;
  if (!saved) return 0;
  node->in[0] = gates;
  node->in[1] = c;
  node->saved = saved;
  for (uint32_t r = 0; r < nc.rows; r++) {
    const float *x = ng.value + (size_t)r * 4 * h, *before = nc.value + (size_t)r * h;
    float *s = saved + (size_t)r * 5 * h, *after = node->value + (size_t)r * h;
    for (uint32_t j = 0; j < 2 * h; j++) s[j] = ink_quick_sigmoid(x[j]);
    for (uint32_t j = 2 * h; j < 3 * h; j++) s[j] = ink_quick_tanh(x[j]);
    for (uint32_t j = 3 * h; j < 4 * h; j++) s[j] = ink_quick_sigmoid(x[j]);
    for (uint32_t j = 0; j < h; j++) {
      after[j] = s[h + j] * before[j] + s[j] * s[2 * h + j];
      s[4 * h + j] = ink_quick_tanh(after[j]);
    }
  }
  return v;
}

/* The output gate's gradient goes past the cell's node straight to the gates. */
static void lstm_h_backward(ink_tape *t, const ink_node *node) {
  const ink_node *cell = ink_node_in(t, node, 0), *gates = ink_node_in(t, cell, 0);
  const uint32_t h = node->cols;
  for (uint32_t r = 0; r < node->rows; r++) {
    const float *s = cell->saved + (size_t)r * 5 * h, *dh = node->grad + (size_t)r * h;
    float *dc = cell->grad + (size_t)r * h, *dg = gates->grad ? gates->grad + (size_t)r * 4 * h : NULL;
    for (uint32_t j = 0; j < h; j++) {
      const float o = s[3 * h + j], squashed = s[4 * h + j];
      dc[j] += dh[j] * o * (1.0f - squashed * squashed);
      if (dg) dg[3 * h + j] += dh[j] * squashed * o * (1.0f - o);
    }
  }
}

ink_var ink_op_lstm_h(ink_tape *t, ink_var c_next) {
  ink_var v;
  const ink_node cell = t->nodes[c_next];
  if (ink_tape_ok(t) && !cell.saved) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, cell.rows, cell.cols, lstm_h_backward, cell.grad != NULL, &v);
  if (!node) return 0;
  node->in[0] = c_next;
  for (uint32_t r = 0; r < cell.rows; r++)
    for (uint32_t j = 0; j < cell.cols; j++) {
      const float *s = cell.saved + (size_t)r * 5 * cell.cols;
      node->value[(size_t)r * cell.cols + j] = s[3 * cell.cols + j] * s[4 * cell.cols + j];
    }
  return v;
}

/* --------------------------------------------------------------------- GRU
 * saved [B, 3H]: r, z, n. */

static void gru_backward(ink_tape *t, const ink_node *node) {
  const ink_node *gx = ink_node_in(t, node, 0), *gh = ink_node_in(t, node, 1), *before = ink_node_in(t, node, 2);
  const uint32_t h = node->cols;
  for (uint32_t row = 0; row < node->rows; row++) {
    const size_t at = (size_t)row * h, at3 = 3 * at;
    const float *s = node->saved + at3, *dh = node->grad + at, *hn = gh->value + at3 + 2 * h, *old = before->value + at;
    float *dx = gx->grad ? gx->grad + at3 : NULL, *dg = gh->grad ? gh->grad + at3 : NULL;
    float *db = before->grad ? before->grad + at : NULL;
    for (uint32_t j = 0; j < h; j++) {
      const float r = s[j], z = s[h + j], n = s[2 * h + j];
      const float dn = dh[j] * (1.0f - z) * (1.0f - n * n), dz = dh[j] * (old[j] - n) * z * (1.0f - z);
      const float dr = dn * hn[j] * r * (1.0f - r);
      if (dx) dx[j] += dr, dx[h + j] += dz, dx[2 * h + j] += dn;
      if (dg) dg[j] += dr, dg[h + j] += dz, dg[2 * h + j] += dn * r;
      if (db) db[j] += dh[j] * z;
    }
  }
}

ink_var ink_op_gru(ink_tape *t, ink_var gx, ink_var gh, ink_var h_before) {
  ink_var v;
  const ink_node nx = t->nodes[gx], nh = t->nodes[gh], nb = t->nodes[h_before];
  const uint32_t h = nb.cols;
  if (ink_tape_ok(t) && (nx.cols != 3 * h || nh.cols != 3 * h || nx.rows != nb.rows || nh.rows != nb.rows))
    return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, nb.rows, h, gru_backward, nx.grad || nh.grad || nb.grad, &v);
  float *saved = node ? ink_tape_floats(t, 3 * (size_t)nb.rows * h) : NULL;
  if (!saved) return 0;
  node->in[0] = gx;
  node->in[1] = gh;
  node->in[2] = h_before;
  node->saved = saved;
  for (uint32_t row = 0; row < nb.rows; row++) {
    const size_t at = (size_t)row * h, at3 = 3 * at;
    const float *x = nx.value + at3, *g = nh.value + at3, *old = nb.value + at;
    float *s = saved + at3, *next = node->value + at;
    for (uint32_t j = 0; j < 2 * h; j++) s[j] = ink_quick_sigmoid(x[j] + g[j]);
    for (uint32_t j = 0; j < h; j++) s[2 * h + j] = ink_quick_tanh(x[2 * h + j] + s[j] * g[2 * h + j]);
    for (uint32_t j = 0; j < h; j++) next[j] = (1.0f - s[h + j]) * s[2 * h + j] + s[h + j] * old[j];
  }
  return v;
}
