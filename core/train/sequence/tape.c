/* tape.c - the tape itself: nodes, memory, the walk back; leaves, shapes and products.
 * Node 0 is an empty node: the answer of every operation after a failure. */
#include "tape.h"

#include "base.h"
#include "fmath.h"
#include "tape_node.h"

/* ------------------------------------------------------------------- nodes */

ink_status ink_tape_init(ink_tape *t, ink_arena *arena, uint32_t cap_nodes, const ink_threads *threads, uint64_t seed) {
  *t = (ink_tape){ .arena = arena, .gemm = ink_gemm_best(), .threads = *threads, .cap = cap_nodes + 1 };
  INK_TAKE(arena, t->cap, &t->nodes);
  INK_TAKE(arena, threads->n_workers, &t->gemm_scratch);
  for (uint32_t w = 0; w < threads->n_workers; w++)
    INK_TRY(ink_arena_take(arena, ink_gemm_scratch_bytes(t->gemm), 1, &t->gemm_scratch[w]));
  ink_rng_seed(&t->rng, seed, 0x7a9e);
  t->base = ink_arena_mark(arena);
  ink_tape_reset(t, true);
  return INK_OK;
}

void ink_tape_reset(ink_tape *t, bool training) {
  ink_arena_rewind(t->arena, t->base);
  t->nodes[0] = (ink_node){ 0 };
  t->n = 1;
  t->training = training;
  t->status = INK_OK;
}

ink_var ink_tape_fail(ink_tape *t, ink_status status) {
  if (t->status == INK_OK) t->status = status;
  return 0;
}

float *ink_tape_floats(ink_tape *t, size_t n) {
  void *block = NULL;
  if (!ink_tape_ok(t)) return NULL;
  const ink_status status = ink_arena_take(t->arena, n, sizeof(float), &block);
  if (status != INK_OK) ink_tape_fail(t, status);
  return block;
}

static float *zeros(ink_tape *t, size_t n) {
  float *x = ink_tape_floats(t, n);
  for (size_t i = 0; x && i < n; i++) x[i] = 0.0f;
  return x;
}

static ink_node *new_node(ink_tape *t, ink_var *out) {
  *out = 0;
  if (!ink_tape_ok(t)) return NULL;
  if (t->n == t->cap) {
    ink_tape_fail(t, INK_E_LIMIT);
    return NULL;
  }
  *out = t->n;
  t->nodes[t->n] = (ink_node){ 0 };
  return &t->nodes[t->n++];
}

ink_node *ink_tape_push(ink_tape *t, uint32_t rows, uint32_t cols, void (*backward)(ink_tape *, const ink_node *), bool learns,
                        ink_var *out) {
  ink_node *node = new_node(t, out);
  if (!node) return NULL;
  node->rows = rows;
  node->cols = cols;
  node->value = ink_tape_floats(t, ink_node_size(node));
  if (learns && t->training) {
    node->grad = zeros(t, ink_node_size(node));
    node->backward = backward;
  }
  return ink_tape_ok(t) ? node : NULL;
}

ink_node *ink_tape_view(ink_tape *t, ink_var of, size_t offset, uint32_t rows, uint32_t cols, ink_var *out) {
  ink_node *node = new_node(t, out);
  if (!node) return NULL;
  const ink_node *parent = &t->nodes[of];
  node->rows = rows;
  node->cols = cols;
  node->value = parent->value + offset;
  node->grad = parent->grad ? parent->grad + offset : NULL;
  return node;
}

ink_status ink_tape_backward(ink_tape *t, ink_var loss) {
  if (!ink_tape_ok(t)) return t->status;
  ink_node *last = &t->nodes[loss];
  if (ink_node_size(last) != 1) return INK_E_ARG;
  if (last->grad) last->grad[0] = 1.0f;
  for (uint32_t i = loss; i > 0; i--)
    if (t->nodes[i].grad && t->nodes[i].backward) t->nodes[i].backward(t, &t->nodes[i]);
  return t->status;
}

float ink_tape_scalar(const ink_tape *t, ink_var v) { return t->nodes[v].value ? t->nodes[v].value[0] : 0.0f; }

/* ----------------------------------------------------------- sharing work */

typedef struct split_job {
  ink_range_fn body;
  void *arg;
  size_t n, step;
} split_job;

static void run_split(void *arg, uint32_t shard, uint32_t worker) {
  const split_job *job = arg;
  const size_t first = (size_t)shard * job->step;
  job->body(job->arg, first, ink_min_size(first + job->step, job->n), worker);
}

void ink_tape_split(ink_tape *t, size_t n, size_t grain, ink_range_fn body, void *arg) {
  const size_t at_most_16 = (n + 15) / 16, step = at_most_16 > grain ? at_most_16 : grain;
  split_job job = { body, arg, n, step };
  if (n == 0) return;
  if (n <= step) body(arg, 0, n, 0);
  else t->threads.parallel_for(t->threads.ctx, (uint32_t)((n + step - 1) / step), run_split, &job);
}

typedef struct gemm_job {
  const ink_tape *t;
  size_t m, n, k;
  ink_gemm_in a, b;
  float *c;
  size_t ldc;
  bool accumulate;
} gemm_job;

static void run_gemm_rows(void *arg, size_t first, size_t last, uint32_t worker) {
  const gemm_job *j = arg;
  const ink_gemm_in a = { j->a.data + first * j->a.row, j->a.row, j->a.col };
  ink_gemm_run(j->t->gemm, last - first, j->n, j->k, a, j->b, j->c + first * j->ldc, j->ldc, j->accumulate,
               j->t->gemm_scratch[worker]);
}

static void run_gemm_cols(void *arg, size_t first, size_t last, uint32_t worker) {
  const gemm_job *j = arg;
  const ink_gemm_in b = { j->b.data + first * j->b.col, j->b.row, j->b.col };
  ink_gemm_run(j->t->gemm, j->m, last - first, j->k, j->a, b, j->c + first, j->ldc, j->accumulate, j->t->gemm_scratch[worker]);
}

/* The longer side is cut, so that the other operand, which every shard packs anew, is the smaller one. Sums run over k
 * alone, so neither the cut nor its side shows in the bits. */
void ink_tape_gemm(ink_tape *t, size_t m, size_t n, size_t k, ink_gemm_in a, ink_gemm_in b, float *c, size_t ldc, bool accumulate) {
  gemm_job job = { t, m, n, k, a, b, c, ldc, accumulate };
  const size_t longer = m > n ? m : n, small = 1u << 22; /* products below this are not worth waking a thread for */
  ink_tape_split(t, longer, m * n * k < small ? longer : 64, m > n ? run_gemm_rows : run_gemm_cols, &job);
}

/* ------------------------------------------------------------------ leaves */

static void touch_all(ink_param *p) { p->all_touched = true; }

static void touch(ink_param *p, uint32_t row) {
  if (!p->touched || p->all_touched || p->is_touched[row]) return;
  p->is_touched[row] = 1;
  p->touched[p->n_touched++] = row;
}

ink_var ink_op_param(ink_tape *t, ink_param *param) {
  ink_var v;
  ink_node *node = new_node(t, &v);
  if (!node) return 0;
  node->rows = param->rows;
  node->cols = param->cols;
  node->value = param->value;
  node->grad = t->training ? param->grad : NULL;
  if (t->training) touch_all(param);
  return v;
}

ink_var ink_op_input(ink_tape *t, const float *value, uint32_t rows, uint32_t cols) {
  ink_var v;
  ink_node *node = ink_tape_push(t, rows, cols, NULL, false, &v);
  if (!node) return 0;
  for (size_t i = 0; i < ink_node_size(node); i++) node->value[i] = value[i];
  return v;
}

ink_var ink_op_zeros(ink_tape *t, uint32_t rows, uint32_t cols) {
  ink_var v;
  ink_node *node = ink_tape_push(t, rows, cols, NULL, false, &v);
  if (!node) return 0;
  for (size_t i = 0; i < ink_node_size(node); i++) node->value[i] = 0.0f;
  return v;
}

static void gather_backward(ink_tape *t, const ink_node *node) {
  (void)t;
  ink_param *p = node->param;
  for (uint32_t i = 0; i < node->rows; i++) {
    if (node->index[i] == INK_NONE) continue;
    const float *from = node->grad + (size_t)i * node->cols;
    float *to = p->grad + (size_t)node->index[i] * node->cols;
    for (uint32_t j = 0; j < node->cols; j++) to[j] += from[j];
    touch(p, node->index[i]);
  }
}

ink_var ink_op_gather(ink_tape *t, ink_param *table, const uint32_t *index, uint32_t n) {
  ink_var v;
  for (uint32_t i = 0; i < n; i++)
    if (index[i] >= table->rows && index[i] != INK_NONE) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, n, table->cols, gather_backward, true, &v);
  if (!node) return 0;
  node->param = table;
  node->index = index;
  for (uint32_t i = 0; i < n; i++) {
    float *to = node->value + (size_t)i * table->cols;
    const float *from = index[i] == INK_NONE ? NULL : table->value + (size_t)index[i] * table->cols;
    for (uint32_t j = 0; j < table->cols; j++) to[j] = from ? from[j] : 0.0f;
  }
  return v;
}

/* ------------------------------------------------------------------ shapes */

ink_var ink_op_rows(ink_tape *t, ink_var x, uint32_t first, uint32_t n) {
  ink_var v;
  const ink_node *in = &t->nodes[x];
  if (ink_tape_ok(t) && (first > in->rows || n > in->rows - first)) return ink_tape_fail(t, INK_E_ARG);
  return ink_tape_view(t, x, (size_t)first * in->cols, n, in->cols, &v) ? v : 0;
}

ink_var ink_op_reshape(ink_tape *t, ink_var x, uint32_t rows, uint32_t cols) {
  ink_var v;
  if (ink_tape_ok(t) && (size_t)rows * cols != ink_node_size(&t->nodes[x])) return ink_tape_fail(t, INK_E_ARG);
  return ink_tape_view(t, x, 0, rows, cols, &v) ? v : 0;
}

/* Copies a block [rows, cols] between matrices of different widths, or adds it. */
static void add_block(const float *from, size_t from_cols, float *to, size_t to_cols, size_t rows, size_t cols, bool add) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++)
      to[i * to_cols + j] = from[i * from_cols + j] + (add ? to[i * to_cols + j] : 0.0f);
}

static void cols_backward(ink_tape *t, const ink_node *node) {
  const ink_node *in = ink_node_in(t, node, 0);
  add_block(node->grad, node->cols, in->grad + node->first, in->cols, node->rows, node->cols, true);
}

ink_var ink_op_cols(ink_tape *t, ink_var x, uint32_t first, uint32_t n) {
  ink_var v;
  const ink_node in = t->nodes[x];
  if (ink_tape_ok(t) && (first > in.cols || n > in.cols - first)) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, in.rows, n, cols_backward, in.grad != NULL, &v);
  if (!node) return 0;
  node->in[0] = x;
  node->first = first;
  add_block(in.value + first, in.cols, node->value, n, in.rows, n, false);
  return v;
}

static void concat_backward(ink_tape *t, const ink_node *node) {
  size_t first = 0;
  for (uint32_t i = 0; i < 2; i++) {
    const ink_node *in = ink_node_in(t, node, i);
    if (in->grad) add_block(node->grad + first, node->cols, in->grad, in->cols, in->rows, in->cols, true);
    first += in->cols;
  }
}

ink_var ink_op_concat(ink_tape *t, ink_var a, ink_var b) {
  ink_var v;
  const ink_node na = t->nodes[a], nb = t->nodes[b];
  if (ink_tape_ok(t) && na.rows != nb.rows) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, na.rows, na.cols + nb.cols, concat_backward, na.grad || nb.grad, &v);
  if (!node) return 0;
  node->in[0] = a;
  node->in[1] = b;
  add_block(na.value, na.cols, node->value, node->cols, na.rows, na.cols, false);
  add_block(nb.value, nb.cols, node->value + na.cols, node->cols, nb.rows, nb.cols, false);
  return v;
}

/* The parts of a stack are kept as node numbers in `index`. */
static void stack_backward(ink_tape *t, const ink_node *node) {
  size_t first = 0;
  for (uint32_t p = 0; p < node->flags; p++) {
    const ink_node *in = &t->nodes[node->index[p]];
    for (size_t i = 0; in->grad && i < ink_node_size(in); i++) in->grad[i] += node->grad[first + i];
    first += ink_node_size(in);
  }
}

ink_var ink_op_stack(ink_tape *t, const ink_var *parts, uint32_t n_parts) {
  ink_var v;
  uint32_t rows = 0;
  bool learns = false;
  void *kept = NULL;
  if (!ink_tape_ok(t)) return 0;
  for (uint32_t p = 0; p < n_parts; p++) {
    if (t->nodes[parts[p]].cols != t->nodes[parts[0]].cols) return ink_tape_fail(t, INK_E_ARG);
    rows += t->nodes[parts[p]].rows;
    learns = learns || t->nodes[parts[p]].grad;
  }
  if (n_parts == 0 || ink_arena_take(t->arena, n_parts, sizeof(ink_var), &kept) != INK_OK) return ink_tape_fail(t, INK_E_SCRATCH);
  ink_var *numbers = kept;
  ink_node *node = ink_tape_push(t, rows, t->nodes[parts[0]].cols, stack_backward, learns, &v);
  if (!node) return 0;
  node->index = numbers;
  node->flags = n_parts;
  float *to = node->value;
  for (uint32_t p = 0; p < n_parts; p++) {
    const ink_node *in = &t->nodes[parts[p]];
    numbers[p] = parts[p];
    for (size_t i = 0; i < ink_node_size(in); i++) *to++ = in->value[i];
  }
  return v;
}

/* ---------------------------------------------------------------- products */

static ink_gemm_in laid(const float *x, uint32_t cols, bool transposed) {
  return transposed ? ink_gemm_transposed(x, cols) : ink_gemm_plain(x, cols);
}
static ink_gemm_in flipped(ink_gemm_in x) { return (ink_gemm_in){ x.data, x.col, x.row }; }

/* C = A B: dA += dC B^T, dB += A^T dC; where an operand was transposed, so is its gradient. */
static void matmul_backward(ink_tape *t, const ink_node *node) {
  const ink_node *a = ink_node_in(t, node, 0), *b = ink_node_in(t, node, 1);
  const bool ta = node->flags & INK_TRANSPOSE_A, tb = node->flags & INK_TRANSPOSE_B;
  const ink_gemm_in in_a = laid(a->value, a->cols, ta), in_b = laid(b->value, b->cols, tb);
  const ink_gemm_in dc = ink_gemm_plain(node->grad, node->cols);
  const size_t m = node->rows, n = node->cols, k = ta ? a->rows : a->cols;
  if (a->grad && !ta) ink_tape_gemm(t, m, k, n, dc, flipped(in_b), a->grad, a->cols, true);
  if (a->grad && ta) ink_tape_gemm(t, k, m, n, in_b, flipped(dc), a->grad, a->cols, true);
  if (b->grad && !tb) ink_tape_gemm(t, k, n, m, flipped(in_a), dc, b->grad, b->cols, true);
  if (b->grad && tb) ink_tape_gemm(t, n, k, m, flipped(dc), in_a, b->grad, b->cols, true);
}

ink_var ink_op_matmul(ink_tape *t, ink_var a, ink_var b, uint32_t transpose) {
  ink_var v;
  const ink_node na = t->nodes[a], nb = t->nodes[b];
  const bool ta = transpose & INK_TRANSPOSE_A, tb = transpose & INK_TRANSPOSE_B;
  const uint32_t m = ta ? na.cols : na.rows, k = ta ? na.rows : na.cols;
  const uint32_t kb = tb ? nb.cols : nb.rows, n = tb ? nb.rows : nb.cols;
  if (ink_tape_ok(t) && k != kb) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, m, n, matmul_backward, na.grad || nb.grad, &v);
  if (!node) return 0;
  node->in[0] = a;
  node->in[1] = b;
  node->flags = transpose;
  ink_tape_gemm(t, m, n, k, laid(na.value, na.cols, ta), laid(nb.value, nb.cols, tb), node->value, n, false);
  return v;
}

static void row_dot_backward(ink_tape *t, const ink_node *node) {
  const ink_node *a = ink_node_in(t, node, 0), *b = ink_node_in(t, node, 1);
  for (uint32_t i = 0; i < a->rows; i++)
    for (uint32_t j = 0; j < a->cols; j++) {
      const size_t at = (size_t)i * a->cols + j;
      if (a->grad) a->grad[at] += node->grad[i] * b->value[at];
      if (b->grad) b->grad[at] += node->grad[i] * a->value[at];
    }
}

ink_var ink_op_row_dot(ink_tape *t, ink_var a, ink_var b) {
  ink_var v;
  const ink_node na = t->nodes[a], nb = t->nodes[b];
  if (ink_tape_ok(t) && (na.rows != nb.rows || na.cols != nb.cols)) return ink_tape_fail(t, INK_E_ARG);
  ink_node *node = ink_tape_push(t, na.rows, 1, row_dot_backward, na.grad || nb.grad, &v);
  if (!node) return 0;
  node->in[0] = a;
  node->in[1] = b;
  for (uint32_t i = 0; i < na.rows; i++) {
    float sum = 0.0f;
    for (uint32_t j = 0; j < na.cols; j++) sum += na.value[(size_t)i * na.cols + j] * nb.value[(size_t)i * na.cols + j];
    node->value[i] = sum;
  }
  return v;
}
