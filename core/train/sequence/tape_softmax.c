/* tape_softmax.c - cross-entropy over all rows of a table, without ever holding all scores at once.
 *
 * Rows that count are taken in blocks of BLOCK. Of a block, S = X V^T + b becomes e^(S - max) in place, unnormalised: what
 * normalises row r, c_r = 1 / (sum_r * rows that count), scales X before the product that gives the table's gradient, and the
 * rows of the product that gives X's. The targets' share is subtracted on its own. So scores are passed over only
 * by the exponential and by products.
 *
 * Gradients for a unit loss are kept until backward, when the weight of the loss is known. */
#include "base.h"
#include "fmath.h"
#include "tape.h"
#include "tape_node.h"

#define BLOCK 256u

/* Gradients for a unit loss. */
typedef struct kept_gradients {
  float *table, *bias;            /* [N, D], [N] */
  ink_param *bias_param;
} kept_gradients;

/* One pass over a loss. Letters: N rows of the table, D its width, R rows of a block that count. */
typedef struct pass {
  ink_tape *t;
  const ink_param *table;
  const float *bias;              /* [N] or NULL */
  kept_gradients *kept;
  float share;                    /* 1 / rows that count */
  uint32_t rows[BLOCK], targets[BLOCK], n_rows;
  float *x, *dx;                  /* [BLOCK, D] */
  float *scores;                  /* [BLOCK, N] */
  float scale[BLOCK];             /* c_r */
  double losses[BLOCK];
} pass;

static void run_rows(void *arg, size_t first, size_t last, uint32_t worker) {
  pass *p = arg;
  const size_t n = p->table->rows;
  (void)worker;
  for (size_t i = first; i < last; i++) {
    float *s = p->scores + i * n;
    const float sum = ink_gemm_soften(p->t->gemm, s, p->bias, n);
    p->losses[i] = ink_log_f64((double)sum) - ink_log_f64((double)s[p->targets[i]]);
    p->scale[i] = p->share / sum;
  }
}

static void run_bias(void *arg, size_t first, size_t last, uint32_t worker) {
  pass *p = arg;
  (void)worker;
  for (size_t i = 0; i < p->n_rows; i++) {
    const float *s = p->scores + i * p->table->rows;
    for (size_t j = first; j < last; j++) p->kept->bias[j] += p->scale[i] * s[j];
  }
}

static void put_gradients(pass *p) {
  const size_t n = p->table->rows, d = p->table->cols, r = p->n_rows;
  ink_tape_gemm(p->t, r, d, n, ink_gemm_plain(p->scores, n), ink_gemm_plain(p->table->value, d), p->dx, d, false);
  if (p->bias) ink_tape_split(p->t, n, 1024, run_bias, p);
  for (size_t i = 0; i < r; i++) {
    const float *target = p->table->value + p->targets[i] * d;
    float *x = p->x + i * d, *dx = p->dx + i * d, *dt = p->kept->table + p->targets[i] * d;
    for (size_t j = 0; j < d; j++) {
      dx[j] = p->scale[i] * dx[j] - p->share * target[j];
      dt[j] -= p->share * x[j];
      x[j] *= p->scale[i];
    }
    if (p->bias) p->kept->bias[p->targets[i]] -= p->share;
  }
  ink_tape_gemm(p->t, n, d, r, ink_gemm_transposed(p->scores, n), ink_gemm_plain(p->x, d), p->kept->table, d, true);
}

/* Scores of the gathered rows, their losses, and where it trains the gradients; dx goes to its rows of `saved`. */
static double finish_block(pass *p, float *saved) {
  const size_t n = p->table->rows, d = p->table->cols;
  double sum = 0.0;
  ink_tape_gemm(p->t, p->n_rows, n, d, ink_gemm_plain(p->x, d), ink_gemm_transposed(p->table->value, d), p->scores, n, false);
  ink_tape_split(p->t, p->n_rows, 4, run_rows, p);
  for (size_t i = 0; i < p->n_rows; i++) sum += p->losses[i];
  if (p->t->training) {
    put_gradients(p);
    for (size_t i = 0; i < p->n_rows; i++)
      for (size_t j = 0; j < d; j++) saved[p->rows[i] * d + j] = p->dx[i * d + j];
  }
  p->n_rows = 0;
  return sum;
}

static double run_blocks(pass *p, const ink_node *in, const uint32_t *target, float *saved) {
  const size_t d = in->cols;
  double sum = 0.0;
  for (uint32_t i = 0; i < in->rows; i++) {
    for (size_t j = 0; j < d; j++) saved[i * d + j] = 0.0f;
    if (target[i] == INK_NONE) continue;
    for (size_t j = 0; j < d; j++) p->x[p->n_rows * d + j] = in->value[i * d + j];
    p->rows[p->n_rows] = i;
    p->targets[p->n_rows++] = target[i];
    if (p->n_rows == BLOCK) sum += finish_block(p, saved);
  }
  return p->n_rows ? sum + finish_block(p, saved) : sum;
}

static void full_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0);
  const kept_gradients *kept = node->extra;
  ink_param *table = node->param, *bias = kept->bias_param;
  const float g = node->grad[0];
  for (size_t i = 0; in->grad && i < ink_node_size(in); i++) in->grad[i] += g * node->saved[i];
  for (size_t i = 0; i < (size_t)table->rows * table->cols; i++) table->grad[i] += g * kept->table[i];
  for (size_t i = 0; bias && i < table->rows; i++) bias->grad[i] += g * kept->bias[i];
  table->all_touched = true;
  if (bias) bias->all_touched = true;
}

static void *take(ink_tape *t, size_t n, size_t size) {
  void *block = NULL;
  if (t->status == INK_OK) t->status = ink_arena_take(t->arena, n, size, &block);
  return t->status == INK_OK ? block : NULL;
}

static kept_gradients *new_kept(ink_tape *t, const ink_param *table, ink_param *bias) {
  const size_t n = (size_t)table->rows * table->cols;
  kept_gradients *kept = take(t, 1, sizeof *kept);
  if (!kept) return NULL;
  *kept = (kept_gradients){ ink_tape_floats(t, n), ink_tape_floats(t, table->rows), bias };
  if (!ink_tape_ok(t)) return NULL;
  for (size_t i = 0; i < n; i++) kept->table[i] = 0.0f;
  for (size_t i = 0; i < table->rows; i++) kept->bias[i] = 0.0f;
  return kept;
}

static pass *new_pass(ink_tape *t, const ink_param *table, const ink_param *bias, kept_gradients *kept, uint32_t counted) {
  const size_t block = (size_t)BLOCK * table->cols;
  pass *p = take(t, 1, sizeof *p);
  if (!p) return NULL;
  p->t = t;
  p->table = table;
  p->bias = bias ? bias->value : NULL;
  p->kept = kept;
  p->share = counted ? 1.0f / (float)counted : 0.0f;
  p->n_rows = 0;
  p->x = ink_tape_floats(t, block);
  p->dx = ink_tape_floats(t, block);
  p->scores = ink_tape_floats(t, (size_t)BLOCK * table->rows);
  return ink_tape_ok(t) ? p : NULL;
}

ink_var ink_op_cross_entropy_full(ink_tape *t, ink_var h, ink_param *table, ink_param *bias, const uint32_t *target) {
  ink_var v;
  const ink_node in = t->nodes[h];
  uint32_t counted = 0;
  if (ink_tape_ok(t) && in.cols != table->cols) return ink_tape_fail(t, INK_E_ARG);
  for (uint32_t i = 0; i < in.rows; i++) {
    if (target[i] != INK_NONE && target[i] >= table->rows) return ink_tape_fail(t, INK_E_ARG);
    counted += target[i] != INK_NONE;
  }
  ink_node *node = ink_tape_push(t, 1, 1, full_backward, true, &v);
  float *saved = node ? ink_tape_floats(t, ink_node_size(&in)) : NULL;
  kept_gradients *kept = saved ? new_kept(t, table, bias) : NULL;
  if (!kept) return 0;
  node->in[0] = h;
  node->param = table;
  node->saved = saved;
  node->extra = kept;
  const size_t mark = ink_arena_mark(t->arena);
  pass *p = new_pass(t, table, bias, kept, counted);
  if (!p) return 0;
  const double sum = run_blocks(p, &in, target, saved);
  ink_arena_rewind(t->arena, mark);
  node->value[0] = (float)(counted ? sum / counted : 0.0);
  return v;
}
