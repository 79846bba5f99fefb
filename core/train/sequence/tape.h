/* tape.h - reverse-mode differentiation over f32 matrices: what all networks are trained with.
 *
 * A batch is computed by calling operations; each adds a node and returns its number (ink_var).
 * ink_tape_backward() then walks the nodes back and leaves gradients in the parameters.
 * ink_tape_reset() forgets the batch; parameters stay.
 *
 *  - Every value is a matrix [rows, cols], row-major. A scalar is [1, 1].
 *  - Memory is one arena; a node's value and gradient live until the reset. No allocation.
 *  - The first failure sticks (tape->status) and later operations do nothing, so that a model reads like its
 *    formula; check the status once a batch.
 *  - Work is split by rows into shards that do not depend on the number of threads: same seed, same bits.
 *
 * Baydin et al. 2018, "Automatic differentiation in machine learning: a survey". Each operation is checked
 * against finite differences and against PyTorch (tests/unit/test_tape.c, tests/golden).
 *
 * Reading order: tape.h, tape.c (nodes, matmul, shapes), tape_ops.c (element by element, rows), tape_cells.c
 * (LSTM, GRU), tape_loss.c, tape_softmax.c, optimise.h. */
#ifndef INK_TAPE_H
#define INK_TAPE_H

#include "arena.h"
#include "gemm.h"
#include "inkling.h"
#include "rng.h"
#include "train.h"

typedef uint32_t ink_var;

/* A matrix that is learnt. Dense parameters collect `grad`; tables that are read by rows (embeddings) also list
 * the rows that a batch touched, so that optimisers can skip the others. */
typedef struct ink_param {
  const char *name;
  uint32_t rows, cols;
  float *value, *grad;            /* [rows, cols]; grad is zero between batches */
  float *moment1, *moment2;       /* optimiser state, [rows, cols] each; NULL where it needs none */
  uint32_t *touched;              /* [rows] or NULL: then every row counts as touched */
  uint8_t *is_touched;            /* [rows] */
  uint32_t n_touched;
  bool all_touched;               /* a dense operation wrote to every row */
} ink_param;

typedef struct ink_tape ink_tape;
typedef struct ink_node ink_node;

struct ink_node {
  void (*backward)(ink_tape *tape, const ink_node *node);
  uint32_t rows, cols;
  float *value, *grad;            /* grad NULL: nothing below it is learnt */
  ink_var in[3];
  ink_param *param;
  const uint32_t *index;          /* rows gathered, targets, first columns ... */
  float *saved;                   /* what backward needs of forward */
  void *extra;                    /* the same, where it is more than floats */
  float number;
  uint32_t first, flags;
};

struct ink_tape {
  ink_arena *arena;               /* nodes' values; rewound by reset */
  size_t base;
  const ink_gemm *gemm;
  ink_threads threads;
  void **gemm_scratch;            /* [threads.n_workers] */
  ink_node *nodes;
  uint32_t n, cap;
  bool training;                  /* false: dropout does nothing and no gradients are kept */
  ink_rng rng;                    /* dropout */
  ink_status status;
};

/* `cap_nodes` at most in a batch. Takes its tables from `arena` for good. */
ink_status ink_tape_init(ink_tape *t, ink_arena *arena, uint32_t cap_nodes, const ink_threads *threads, uint64_t seed);
void ink_tape_reset(ink_tape *t, bool training);
/* Gradients of node `loss` [1, 1] into every parameter that it rests on. */
ink_status ink_tape_backward(ink_tape *t, ink_var loss);
static inline const ink_node *ink_tape_at(const ink_tape *t, ink_var v) { return &t->nodes[v]; }
/* Value of a [1, 1] node; 0 after a failure. */
float ink_tape_scalar(const ink_tape *t, ink_var v);

/* ------------------------------------------------------------------ leaves */
ink_var ink_op_param(ink_tape *t, ink_param *param);
/* `value` [rows, cols] is borrowed until the reset. */
ink_var ink_op_input(ink_tape *t, const float *value, uint32_t rows, uint32_t cols);
ink_var ink_op_zeros(ink_tape *t, uint32_t rows, uint32_t cols);
/* Rows of a table: out [n, cols] = param[index[i]]. index [n] borrowed. An index of INK_NONE gives a row of zeros. */
ink_var ink_op_gather(ink_tape *t, ink_param *table, const uint32_t *index, uint32_t n);

/* ------------------------------------------------------------------ shapes */
ink_var ink_op_rows(ink_tape *t, ink_var x, uint32_t first, uint32_t n);            /* a view, no copy */
ink_var ink_op_cols(ink_tape *t, ink_var x, uint32_t first, uint32_t n);
ink_var ink_op_stack(ink_tape *t, const ink_var *parts, uint32_t n_parts);           /* below each other */
ink_var ink_op_concat(ink_tape *t, ink_var a, ink_var b);                            /* beside each other */
ink_var ink_op_reshape(ink_tape *t, ink_var x, uint32_t rows, uint32_t cols);        /* a view */

/* ---------------------------------------------------------------- products */
enum { INK_TRANSPOSE_A = 1, INK_TRANSPOSE_B = 2 };
ink_var ink_op_matmul(ink_tape *t, ink_var a, ink_var b, uint32_t transpose);
/* out [rows, 1] = dot of row i of a and row i of b */
ink_var ink_op_row_dot(ink_tape *t, ink_var a, ink_var b);

/* ------------------------------------------------------ element by element */
ink_var ink_op_add(ink_tape *t, ink_var a, ink_var b);
ink_var ink_op_sub(ink_tape *t, ink_var a, ink_var b);
ink_var ink_op_mul(ink_tape *t, ink_var a, ink_var b);
ink_var ink_op_scale(ink_tape *t, ink_var a, float by);
ink_var ink_op_bias(ink_tape *t, ink_var a, ink_var bias);       /* bias [1, cols] to each row */
ink_var ink_op_sigmoid(ink_tape *t, ink_var a);
ink_var ink_op_tanh(ink_tape *t, ink_var a);
ink_var ink_op_relu(ink_tape *t, ink_var a);
ink_var ink_op_dropout(ink_tape *t, ink_var a, float rate);      /* scaled by 1/(1-rate); identity when not training */

/* -------------------------------------------------------------------- rows */
/* Softmax of each row; columns > limit[i] (may be NULL) count as minus infinity: limit[i] = i is the causal mask. */
ink_var ink_op_softmax(ink_tape *t, ink_var a, const uint32_t *limit);
/* (x - mean)/sqrt(var + eps) * gain + shift, gain and shift [1, cols] (Ba et al. 2016) */
ink_var ink_op_layer_norm(ink_tape *t, ink_var a, ink_var gain, ink_var shift, float eps);
ink_var ink_op_mean(ink_tape *t, ink_var a);                     /* of all entries, [1, 1] */
ink_var ink_op_sum_squares(ink_tape *t, ink_var a);              /* [1, 1] */

/* ------------------------------------------------------------------- cells */
/* PyTorch's gate order. gates [B, 4H] = x W_ih^T + h W_hh^T + b (i, f, g, o). Returns c' [B, H]. */
ink_var ink_op_lstm_c(ink_tape *t, ink_var gates, ink_var c);
/* h' = o * tanh(c'), from the node that ink_op_lstm_c returned. */
ink_var ink_op_lstm_h(ink_tape *t, ink_var c_next);
/* gx [B, 3H] = x W_ih^T + b_ih, gh [B, 3H] = h W_hh^T + b_hh (r, z, n):
 * n = tanh(gx_n + r * gh_n), h' = (1 - z) * n + z * h. */
ink_var ink_op_gru(ink_tape *t, ink_var gx, ink_var gh, ink_var h);

/* ------------------------------------------------------------------ losses */
/* All are means over the rows that count; a row with target INK_NONE does not. Each returns [1, 1]. */
/* Cross-entropy of softmax(scores [B, C]) against column target[i]. */
ink_var ink_op_cross_entropy(ink_tape *t, ink_var scores, const uint32_t *target);
/* The same with scores = h [B, D] table^T + bias (NULL: none) over all rows of the table, computed a block
 * at a time, so that the scores of a large catalogue never stand in memory at once. */
ink_var ink_op_cross_entropy_full(ink_tape *t, ink_var h, ink_param *table, ink_param *bias, const uint32_t *target);
/* scores [B, C]: column target[i] is the positive, all other columns negatives, but those that `same` forbids:
 * columns holding the same item as the target (column_item [C], may be NULL). */
/* mean_j of -log sigmoid(s_target - s_j) (Rendle 2009) */
ink_var ink_op_bpr(ink_tape *t, ink_var scores, const uint32_t *target, const uint32_t *column_item);
/* -log sum_j p_j sigmoid(s_target - s_j) + reg * sum_j p_j s_j^2, p = softmax over the negatives (Hidasi 2018) */
ink_var ink_op_bpr_max(ink_tape *t, ink_var scores, const uint32_t *target, const uint32_t *column_item, float reg);
/* sum_j p_j (sigmoid(s_j - s_target) + sigmoid(s_j^2)) (Hidasi 2018) */
ink_var ink_op_top1_max(ink_tape *t, ink_var scores, const uint32_t *target, const uint32_t *column_item);
/* -y log sigmoid(x) - (1-y) log(1 - sigmoid(x)), mean over all entries; label [rows*cols] in 0..1 */
ink_var ink_op_binary(ink_tape *t, ink_var logits, const float *label);
ink_var ink_op_mse(ink_tape *t, ink_var x, const float *target);

#endif
