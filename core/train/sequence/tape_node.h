/* tape_node.h - private to the tape's files: making nodes, splitting work, elementary functions over arrays. */
#ifndef INK_TAPE_NODE_H
#define INK_TAPE_NODE_H

#include "quick_exp.h"
#include "tape.h"

/* A new node with a value that is not cleared and, where `learns`, a gradient of zeros. NULL after a failure. */
ink_node *ink_tape_push(ink_tape *t, uint32_t rows, uint32_t cols, void (*backward)(ink_tape *, const ink_node *), bool learns,
                        ink_var *out);
/* A node whose value and gradient lie inside another's. */
ink_node *ink_tape_view(ink_tape *t, ink_var of, size_t offset, uint32_t rows, uint32_t cols, ink_var *out);
/* Records a failure; the first one stays. Always returns 0, the number of the empty node. */
ink_var ink_tape_fail(ink_tape *t, ink_status status);
float *ink_tape_floats(ink_tape *t, size_t n);     /* NULL after a failure */

static inline bool ink_tape_ok(const ink_tape *t) { return t->status == INK_OK; }
static inline size_t ink_node_size(const ink_node *n) { return (size_t)n->rows * n->cols; }
static inline ink_node *ink_node_in(ink_tape *t, const ink_node *n, uint32_t i) { return &t->nodes[n->in[i]]; }

/* Runs body over [0, n) in shards of equal size that depend on n alone. */
typedef void (*ink_range_fn)(void *arg, size_t first, size_t last, uint32_t worker);
void ink_tape_split(ink_tape *t, size_t n, size_t grain, ink_range_fn body, void *arg);
/* c = a b (+ c), rows of c shared out among the workers. */
void ink_tape_gemm(ink_tape *t, size_t m, size_t n, size_t k, ink_gemm_in a, ink_gemm_in b, float *c, size_t ldc, bool accumulate);

/* Elementary functions of training (kernel/quick_exp.h). */
static inline float ink_quick_sigmoid(float x) { return 1.0f / (1.0f + ink_quick_exp(-x)); }
static inline float ink_quick_tanh(float x) { return 1.0f - 2.0f / (ink_quick_exp(2.0f * x) + 1.0f); }
/* -log sigmoid(x) = log(1 + e^-x), in double where it is summed into a loss. */
double ink_softplus_minus(double x);

#endif
