/* tape_loss.c - losses. Each computes its value and its gradient for a unit loss in one pass over its input;
 * backward multiplies and adds. Sums over rows are made in double, in the order of rows.
 * Rendle et al. 2009 (BPR); Hidasi & Karatzoglou 2018 (TOP1-max, BPR-max). */
#include "base.h"
#include "fmath.h"
#include "tape.h"
#include "tape_node.h"

double ink_softplus_minus(double x) { return x > 0.0 ? ink_log1p_f64(ink_exp_f64(-x)) : -x + ink_log1p_f64(ink_exp_f64(x)); }

/* saved: gradient of the loss by the input. */
static void ready_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0);
  for (size_t i = 0; i < ink_node_size(in); i++) in->grad[i] += node->grad[0] * node->saved[i];
}

static ink_node *ready_node(ink_tape *t, ink_var x, ink_var *v) {
  const ink_node in = t->nodes[x];
  ink_node *node = ink_tape_push(t, 1, 1, ready_backward, in.grad != NULL, v);
  float *saved = node ? ink_tape_floats(t, ink_node_size(&in)) : NULL;
  if (!saved) return NULL;
  for (size_t i = 0; i < ink_node_size(&in); i++) saved[i] = 0.0f;
  node->in[0] = x;
  node->saved = saved;
  return node;
}

/* One row's loss and its gradient (unscaled) into grad [cols]. */
typedef struct row_loss {
  double (*row)(const struct row_loss *how, const float *s, uint32_t cols, uint32_t target, float *grad, float *work);
  const uint32_t *target, *column_item;
  float reg;
} row_loss;

static bool is_negative(const row_loss *how, uint32_t j, uint32_t target) {
  return j != target && !(how->column_item && how->column_item[j] == how->column_item[target]);
}

typedef struct rows_job {
  const row_loss *how;
  const ink_node *in;
  float *grad, *work;             /* work [rows, cols] */
  double *losses;
} rows_job;

static void run_rows(void *arg, size_t first, size_t last, uint32_t worker) {
  const rows_job *job = arg;
  (void)worker;
  for (size_t i = first; i < last; i++) {
    const size_t at = i * job->in->cols;
    job->losses[i] = job->how->target[i] == INK_NONE ? 0.0
        : job->how->row(job->how, job->in->value + at, job->in->cols, job->how->target[i], job->grad + at, job->work + at);
  }
}

static ink_var rows_loss(ink_tape *t, ink_var x, const row_loss *how) {
  ink_var v;
  const ink_node in = t->nodes[x];
  uint32_t counted = 0;
  for (uint32_t i = 0; i < in.rows; i++) {
    if (how->target[i] != INK_NONE && how->target[i] >= in.cols) return ink_tape_fail(t, INK_E_ARG);
    counted += how->target[i] != INK_NONE;
  }
  ink_node *node = ready_node(t, x, &v);
  float *work = node ? ink_tape_floats(t, ink_node_size(&in)) : NULL;
  double *losses = work ? (double *)(void *)ink_tape_floats(t, 2 * (size_t)in.rows) : NULL;
  if (!losses) return 0;
  rows_job job = { how, &in, node->saved, work, losses };
  ink_tape_split(t, in.rows, 16, run_rows, &job);
  double sum = 0.0;
  for (uint32_t i = 0; i < in.rows; i++) sum += losses[i];
  const float share = counted ? 1.0f / (float)counted : 0.0f;
  for (size_t i = 0; i < ink_node_size(&in); i++) node->saved[i] *= share;
  node->value[0] = (float)(counted ? sum / counted : 0.0);
  return v;
}

/* ----------------------------------------------------------- cross-entropy */

static double cross_entropy_row(const row_loss *how, const float *s, uint32_t cols, uint32_t target, float *grad, float *work) {
  float most = s[0], sum = 0.0f;
  (void)how;
  (void)work;
  for (uint32_t j = 1; j < cols; j++) most = s[j] > most ? s[j] : most;
  for (uint32_t j = 0; j < cols; j++) grad[j] = ink_quick_exp(s[j] - most);
  for (uint32_t j = 0; j < cols; j++) sum += grad[j];
  const float inverse = 1.0f / sum;
  for (uint32_t j = 0; j < cols; j++) grad[j] *= inverse;
  grad[target] -= 1.0f;
  return ink_log_f64((double)sum) + (double)most - (double)s[target];
}

ink_var ink_op_cross_entropy(ink_tape *t, ink_var scores, const uint32_t *target) {
  const row_loss how = { cross_entropy_row, target, NULL, 0.0f };
  return rows_loss(t, scores, &how);
}

/* ---------------------------------------------------------------- pairwise */

static double bpr_row(const row_loss *how, const float *s, uint32_t cols, uint32_t target, float *grad, float *work) {
  double sum = 0.0;
  uint32_t n = 0;
  (void)work;
  for (uint32_t j = 0; j < cols; j++) n += is_negative(how, j, target);
  if (n == 0) return 0.0;
  const float share = 1.0f / (float)n;
  for (uint32_t j = 0; j < cols; j++) {
    if (!is_negative(how, j, target)) continue;
    const float pull = share * ink_quick_sigmoid(s[j] - s[target]);
    sum += ink_softplus_minus((double)s[target] - (double)s[j]);
    grad[j] += pull;
    grad[target] -= pull;
  }
  return sum / n;
}

/* p [cols]: softmax over the negatives, 0 elsewhere. False when there are none. */
static bool negative_softmax(const row_loss *how, const float *s, uint32_t cols, uint32_t target, float *p) {
  float most = 0.0f, sum = 0.0f;
  bool any = false;
  for (uint32_t j = 0; j < cols; j++)
    if (is_negative(how, j, target) && (!any || s[j] > most)) {
      most = s[j];
      any = true;
    }
  for (uint32_t j = 0; j < cols; j++) {
    p[j] = is_negative(how, j, target) ? ink_quick_exp(s[j] - most) : 0.0f;
    sum += p[j];
  }
  for (uint32_t j = 0; any && j < cols; j++) p[j] /= sum;
  return any;
}

/* F = sum p f has dF/ds_j = p_j (f_j - F) through the softmax. */
static double bpr_max_row(const row_loss *how, const float *s, uint32_t cols, uint32_t target, float *grad, float *p) {
  float reached = 1e-24f, penalty = 0.0f, up = 0.0f;
  if (!negative_softmax(how, s, cols, target, p)) return 0.0;
  for (uint32_t j = 0; j < cols; j++) {
    reached += p[j] * ink_quick_sigmoid(s[target] - s[j]);
    penalty += p[j] * s[j] * s[j];
  }
  for (uint32_t j = 0; j < cols; j++) {
    const float q = ink_quick_sigmoid(s[target] - s[j]), slope = p[j] * q * (1.0f - q) / reached;
    grad[j] += slope - p[j] * (q - reached) / reached + how->reg * p[j] * (s[j] * s[j] - penalty + 2.0f * s[j]);
    up += slope;
  }
  grad[target] -= up;
  return -ink_log_f64((double)reached) + (double)how->reg * (double)penalty;
}

static double top1_max_row(const row_loss *how, const float *s, uint32_t cols, uint32_t target, float *grad, float *p) {
  float loss = 0.0f, up = 0.0f;
  if (!negative_softmax(how, s, cols, target, p)) return 0.0;
  for (uint32_t j = 0; j < cols; j++) loss += p[j] * (ink_quick_sigmoid(s[j] - s[target]) + ink_quick_sigmoid(s[j] * s[j]));
  for (uint32_t j = 0; j < cols; j++) {
    const float a = ink_quick_sigmoid(s[j] - s[target]), b = ink_quick_sigmoid(s[j] * s[j]), slope = p[j] * a * (1.0f - a);
    grad[j] += p[j] * (a + b - loss) + slope + p[j] * b * (1.0f - b) * 2.0f * s[j];
    up += slope;
  }
  grad[target] -= up;
  return (double)loss;
}

ink_var ink_op_bpr(ink_tape *t, ink_var scores, const uint32_t *target, const uint32_t *column_item) {
  const row_loss how = { bpr_row, target, column_item, 0.0f };
  return rows_loss(t, scores, &how);
}
ink_var ink_op_bpr_max(ink_tape *t, ink_var scores, const uint32_t *target, const uint32_t *column_item, float reg) {
  const row_loss how = { bpr_max_row, target, column_item, reg };
  return rows_loss(t, scores, &how);
}
ink_var ink_op_top1_max(ink_tape *t, ink_var scores, const uint32_t *target, const uint32_t *column_item) {
  const row_loss how = { top1_max_row, target, column_item, 0.0f };
  return rows_loss(t, scores, &how);
}

/* ----------------------------------------------------------- entry by entry */

ink_var ink_op_binary(ink_tape *t, ink_var logits, const float *label) {
  ink_var v;
  ink_node *node = ready_node(t, logits, &v);
  if (!node) return 0;
  const ink_node *in = &t->nodes[logits];
  const size_t n = ink_node_size(in);
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double x = (double)in->value[i], y = (double)label[i];
    sum += y * ink_softplus_minus(x) + (1.0 - y) * ink_softplus_minus(-x);
    node->saved[i] = (ink_quick_sigmoid(in->value[i]) - label[i]) / (float)n;
  }
  node->value[0] = (float)(n ? sum / (double)n : 0.0);
  return v;
}

ink_var ink_op_mse(ink_tape *t, ink_var x, const float *target) {
  ink_var v;
  ink_node *node = ready_node(t, x, &v);
  if (!node) return 0;
  const ink_node *in = &t->nodes[x];
  const size_t n = ink_node_size(in);
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double e = (double)in->value[i] - (double)target[i];
    sum += e * e;
    node->saved[i] = (float)(2.0 * e / (double)n);
  }
  node->value[0] = (float)(n ? sum / (double)n : 0.0);
  return v;
}
