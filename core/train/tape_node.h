/* tape_node.h - private to the tape's files: making nodes, splitting work, elementary functions over arrays. */
#ifndef INK_TAPE_NODE_H
#define INK_TAPE_NODE_H

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

/* e^x without branches, so that compilers make vectors of it; within 2 ulp for -87 < x < 88, clamped outside.
 * Training only: inference has base/fmath, whose bits are part of a promise. */
static inline float ink_quick_exp(float x) {
  union { float f; uint32_t u; } scale;
  const float low = x < -87.0f ? -87.0f : x, y = low > 88.0f ? 88.0f : low;
  const float shifted = y * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
  const float r = (y - n * 0.693359375f) + n * 2.12194440e-4f;
  union { float f; uint32_t u; } bits = { shifted };
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  scale.u = (bits.u + 127u) << 23;
  return (p * r * r + r + 1.0f) * scale.f;
}
static inline float ink_quick_sigmoid(float x) { return 1.0f / (1.0f + ink_quick_exp(-x)); }
static inline float ink_quick_tanh(float x) { return 1.0f - 2.0f / (ink_quick_exp(2.0f * x) + 1.0f); }
/* -log sigmoid(x) = log(1 + e^-x), in double where it is summed into a loss. */
double ink_softplus_minus(double x);

#endif
