/* tape_ops.c - operations element by element and row by row. */
#include "base.h"
#include "fmath.h"
#include "tape.h"
#include "tape_node.h"

static bool same_shape(const ink_node *a, const ink_node *b) { return a->rows == b->rows && a->cols == b->cols; }

static ink_node *unary(ink_tape *t, ink_var a, void (*backward)(ink_tape *, const ink_node *), ink_var *v) {
  const ink_node in = t->nodes[a];
  ink_node *node = ink_tape_push(t, in.rows, in.cols, backward, in.grad != NULL, v);
  if (node) node->in[0] = a;
  return node;
}

static ink_node *binary(ink_tape *t, ink_var a, ink_var b, void (*backward)(ink_tape *, const ink_node *), ink_var *v) {
  const ink_node na = t->nodes[a], nb = t->nodes[b];
  *v = 0;
  if (ink_tape_ok(t) && !same_shape(&na, &nb)) {
    ink_tape_fail(t, INK_E_ARG);
    return NULL;
  }
  ink_node *node = ink_tape_push(t, na.rows, na.cols, backward, na.grad || nb.grad, v);
  if (node) {
    node->in[0] = a;
    node->in[1] = b;
  }
  return node;
}

/* ------------------------------------------------------------- arithmetic */

static void add_scaled(const float *from, float by, float *to, size_t n) {
  for (size_t i = 0; to && i < n; i++) to[i] += by * from[i];
}

static void add_backward(ink_tape *t, const ink_node *node) {
  add_scaled(node->grad, 1.0f, ink_node_in(t, node, 0)->grad, ink_node_size(node));
  add_scaled(node->grad, node->number, ink_node_in(t, node, 1)->grad, ink_node_size(node));
}

static ink_var add_or_sub(ink_tape *t, ink_var a, ink_var b, float sign) {
  ink_var v;
  ink_node *node = binary(t, a, b, add_backward, &v);
  if (!node) return 0;
  const float *x = t->nodes[a].value, *y = t->nodes[b].value;
  node->number = sign;
  for (size_t i = 0; i < ink_node_size(node); i++) node->value[i] = x[i] + sign * y[i];
  return v;
}
ink_var ink_op_add(ink_tape *t, ink_var a, ink_var b) { return add_or_sub(t, a, b, 1.0f); }
ink_var ink_op_sub(ink_tape *t, ink_var a, ink_var b) { return add_or_sub(t, a, b, -1.0f); }

static void mul_backward(ink_tape *t, const ink_node *node) {
  const ink_node *a = ink_node_in(t, node, 0), *b = ink_node_in(t, node, 1);
  for (size_t i = 0; a->grad && i < ink_node_size(node); i++) a->grad[i] += node->grad[i] * b->value[i];
  for (size_t i = 0; b->grad && i < ink_node_size(node); i++) b->grad[i] += node->grad[i] * a->value[i];
}

ink_var ink_op_mul(ink_tape *t, ink_var a, ink_var b) {
  ink_var v;
  ink_node *node = binary(t, a, b, mul_backward, &v);
  if (!node) return 0;
  const float *x = t->nodes[a].value, *y = t->nodes[b].value;
  for (size_t i = 0; i < ink_node_size(node); i++) node->value[i] = x[i] * y[i];
  return v;
}

static void scale_backward(ink_tape *t, const ink_node *node) {
  add_scaled(node->grad, node->number, ink_node_in(t, node, 0)->grad, ink_node_size(node));
}

ink_var ink_op_scale(ink_tape *t, ink_var a, float by) {
  ink_var v;
  ink_node *node = unary(t, a, scale_backward, &v);
  if (!node) return 0;
  node->number = by;
  for (size_t i = 0; i < ink_node_size(node); i++) node->value[i] = by * t->nodes[a].value[i];
  return v;
}

static void bias_backward(ink_tape *t, const ink_node *node) {
  float *to = ink_node_in(t, node, 1)->grad;
  add_scaled(node->grad, 1.0f, ink_node_in(t, node, 0)->grad, ink_node_size(node));
  for (uint32_t i = 0; to && i < node->rows; i++) add_scaled(node->grad + (size_t)i * node->cols, 1.0f, to, node->cols);
}

ink_var ink_op_bias(ink_tape *t, ink_var a, ink_var bias) {
  ink_var v;
  const ink_node na = t->nodes[a], nb = t->nodes[bias];
  if (ink_tape_ok(t) && (nb.rows != 1 || nb.cols != na.cols)) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, na.rows, na.cols, bias_backward, na.grad || nb.grad, &v);
  if (!node) return 0;
  node->in[0] = a;
  node->in[1] = bias;
  for (uint32_t i = 0; i < na.rows; i++)
    for (uint32_t j = 0; j < na.cols; j++) {
      const size_t at = (size_t)i * na.cols + j;
      node->value[at] = na.value[at] + nb.value[j];
    }
  return v;
}

/* -------------------------------------------------------------- activations */

static void sigmoid_backward(ink_tape *t, const ink_node *node) {
  float *to = ink_node_in(t, node, 0)->grad;
  for (size_t i = 0; i < ink_node_size(node); i++) to[i] += node->grad[i] * node->value[i] * (1.0f - node->value[i]);
}
ink_var ink_op_sigmoid(ink_tape *t, ink_var a) {
  ink_var v;
  ink_node *node = unary(t, a, sigmoid_backward, &v);
  for (size_t i = 0; node && i < ink_node_size(node); i++) node->value[i] = ink_quick_sigmoid(t->nodes[a].value[i]);
  return v;
}

static void tanh_backward(ink_tape *t, const ink_node *node) {
  float *to = ink_node_in(t, node, 0)->grad;
  for (size_t i = 0; i < ink_node_size(node); i++) to[i] += node->grad[i] * (1.0f - node->value[i] * node->value[i]);
}
ink_var ink_op_tanh(ink_tape *t, ink_var a) {
  ink_var v;
  ink_node *node = unary(t, a, tanh_backward, &v);
  for (size_t i = 0; node && i < ink_node_size(node); i++) node->value[i] = ink_quick_tanh(t->nodes[a].value[i]);
  return v;
}

static void relu_backward(ink_tape *t, const ink_node *node) {
  float *to = ink_node_in(t, node, 0)->grad;
  for (size_t i = 0; i < ink_node_size(node); i++) to[i] += node->value[i] > 0.0f ? node->grad[i] : 0.0f;
}
ink_var ink_op_relu(ink_tape *t, ink_var a) {
  ink_var v;
  ink_node *node = unary(t, a, relu_backward, &v);
  for (size_t i = 0; node && i < ink_node_size(node); i++) {
    const float x = t->nodes[a].value[i];
    node->value[i] = x > 0.0f ? x : 0.0f;
  }
  return v;
}

/* The mask holds 0 or 1/(1-rate): forward and backward are the same product. */
static void dropout_backward(ink_tape *t, const ink_node *node) {
  float *to = ink_node_in(t, node, 0)->grad;
  for (size_t i = 0; i < ink_node_size(node); i++) to[i] += node->grad[i] * node->saved[i];
}

ink_var ink_op_dropout(ink_tape *t, ink_var a, float rate) {
  ink_var v;
  if (!t->training || rate <= 0.0f) return a;
  if (rate >= 1.0f) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = unary(t, a, dropout_backward, &v);
  float *mask = node ? ink_tape_floats(t, ink_node_size(node)) : NULL;
  if (!mask) return 0;
  node->saved = mask;
  const float keep = 1.0f / (1.0f - rate);
  for (size_t i = 0; i < ink_node_size(node); i++) {
    mask[i] = ink_rng_f32(&t->rng) < rate ? 0.0f : keep;
    node->value[i] = t->nodes[a].value[i] * mask[i];
  }
  return v;
}

/* -------------------------------------------------------------------- rows */

static void softmax_row(const float *x, uint32_t n, uint32_t cols, float *y) {
  float most = x[0], sum = 0.0f;
  for (uint32_t j = 1; j < n; j++) most = x[j] > most ? x[j] : most;
  for (uint32_t j = 0; j < n; j++) y[j] = ink_quick_exp(x[j] - most);
  for (uint32_t j = 0; j < n; j++) sum += y[j];
  for (uint32_t j = 0; j < n; j++) y[j] /= sum;
  for (uint32_t j = n; j < cols; j++) y[j] = 0.0f;
}

/* dx = y * (dy - sum(dy * y)) */
static void softmax_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0);
  for (uint32_t i = 0; i < node->rows; i++) {
    const size_t at = (size_t)i * node->cols;
    const float *y = node->value + at, *dy = node->grad + at;
    float sum = 0.0f;
    for (uint32_t j = 0; j < node->cols; j++) sum += dy[j] * y[j];
    for (uint32_t j = 0; j < node->cols; j++) in->grad[at + j] += y[j] * (dy[j] - sum);
  }
}

ink_var ink_op_softmax(ink_tape *t, ink_var a, const uint32_t *limit) {
  ink_var v;
  ink_node *node = unary(t, a, softmax_backward, &v);
  if (!node) return 0;
  for (uint32_t i = 0; i < node->rows && node->cols > 0; i++) {
    const size_t at = (size_t)i * node->cols;
    const uint32_t n = limit && limit[i] < node->cols ? limit[i] + 1 : node->cols;
    softmax_row(t->nodes[a].value + at, n, node->cols, node->value + at);
  }
  return v;
}

/* saved [rows]: 1/sqrt(var + eps). With xh the normalised row and g = dy * gain:
 * dx = (g - mean(g) - xh * mean(g * xh)) / sqrt(var + eps). xh is rebuilt from the input. */
static void layer_norm_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0), *gain = ink_node_in(t, node, 1), *shift = ink_node_in(t, node, 2);
  const uint32_t cols = node->cols;
  for (uint32_t i = 0; i < node->rows; i++) {
    const size_t at = (size_t)i * cols;
    const float *dy = node->grad + at, *x = in->value + at, inverse = node->saved[2 * i], mean = node->saved[2 * i + 1];
    float sum = 0.0f, sum_hat = 0.0f;
    for (uint32_t j = 0; j < cols; j++) {
      const float hat = (x[j] - mean) * inverse, g = dy[j] * gain->value[j];
      sum += g;
      sum_hat += g * hat;
      if (gain->grad) gain->grad[j] += dy[j] * hat;
      if (shift->grad) shift->grad[j] += dy[j];
    }
    for (uint32_t j = 0; in->grad && j < cols; j++) {
      const float hat = (x[j] - mean) * inverse;
      in->grad[at + j] += inverse * (dy[j] * gain->value[j] - (sum + hat * sum_hat) / (float)cols);
    }
  }
}

static void normalise_row(const float *x, uint32_t cols, float eps, float *inverse, float *mean) {
  float sum = 0.0f, squares = 0.0f;
  for (uint32_t j = 0; j < cols; j++) sum += x[j];
  *mean = sum / (float)cols;
  for (uint32_t j = 0; j < cols; j++) squares += (x[j] - *mean) * (x[j] - *mean);
  *inverse = 1.0f / ink_sqrt_f32(squares / (float)cols + eps);
}

ink_var ink_op_layer_norm(ink_tape *t, ink_var a, ink_var gain, ink_var shift, float eps) {
  ink_var v;
  const ink_node in = t->nodes[a], g = t->nodes[gain], s = t->nodes[shift];
  if (ink_tape_ok(t) && (in.cols == 0 || g.rows != 1 || s.rows != 1 || g.cols != in.cols || s.cols != in.cols))
    return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, in.rows, in.cols, layer_norm_backward, in.grad || g.grad || s.grad, &v);
  float *saved = node ? ink_tape_floats(t, 2 * (size_t)in.rows) : NULL;
  if (!saved) return 0;
  node->in[0] = a;
  node->in[1] = gain;
  node->in[2] = shift;
  node->saved = saved;
  for (uint32_t i = 0; i < in.rows; i++) {
    const size_t at = (size_t)i * in.cols;
    normalise_row(in.value + at, in.cols, eps, &saved[2 * i], &saved[2 * i + 1]);
    for (uint32_t j = 0; j < in.cols; j++)
      node->value[at + j] = (in.value[at + j] - saved[2 * i + 1]) * saved[2 * i] * g.value[j] + s.value[j];
  }
  return v;
}

/* ------------------------------------------------------------------- sums */

static void mean_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0);
  const float each = node->grad[0] / (float)ink_node_size(in);
  for (size_t i = 0; i < ink_node_size(in); i++) in->grad[i] += each;
}

ink_var ink_op_mean(ink_tape *t, ink_var a) {
  ink_var v;
  const ink_node in = t->nodes[a];
  if (ink_tape_ok(t) && ink_node_size(&in) == 0) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, 1, 1, mean_backward, in.grad != NULL, &v);
  if (!node) return 0;
  double sum = 0.0;
  for (size_t i = 0; i < ink_node_size(&in); i++) sum += (double)in.value[i];
  node->in[0] = a;
  node->value[0] = (float)(sum / (double)ink_node_size(&in));
  return v;
}

static void sum_squares_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0);
  for (size_t i = 0; i < ink_node_size(in); i++) in->grad[i] += 2.0f * node->grad[0] * in->value[i];
}

ink_var ink_op_sum_squares(ink_tape *t, ink_var a) {
  ink_var v;
  const ink_node in = t->nodes[a];
  ink_node *node = ink_tape_push(t, 1, 1, sum_squares_backward, in.grad != NULL, &v);
  if (!node) return 0;
  double sum = 0.0;
  for (size_t i = 0; i < ink_node_size(&in); i++) sum += (double)in.value[i] * (double)in.value[i];
  node->in[0] = a;
  node->value[0] = (float)sum;
  return v;
}
