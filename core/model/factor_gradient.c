/* factor_gradient.c - a person's vector by gradient steps on the loss of its item vectors (bpr, warp), which stand still.
 *
 * Stochastic gradient descent as in training (Rendle et al. 2009), but each step's item that was not chosen comes from a hash of
 * the chosen item and the pass, of K so drawn the one that scores highest (Zhang et al. 2013): nothing is left to chance, and an
 * event keeps its company wherever it stands. With pass t of T, rate r (1 - t/T), z = y_j - y_other, in turn for every j:
 *     x += c z,  c = sign(w_j) r sigma(-sign(w_j) (x.z + bias_j - bias_other));   after a pass  x *= (1 - r lambda)^n
 * The weight's size does not count, as it does not in training.
 *
 * So x = sum a_j y_j - v, with a_j what c of event j came to and v the same of the others. v is shared among the events by the
 * size of a_j: with m = v / sum |a_j|, event j gives a_j y_j.y - |a_j| m.y to the score of y. m stays in s->rhs. */
#include "factor.h"

#include "fmath.h"
#include "hash.h"
#include "item_rows.h"
#include "mem.h"

#include "base.h"

/* An item's row, where it stands or widened into `room`. */
static const float *row_of(const ink_factor *f, uint32_t item, float *room) {
  if (f->rows.dtype == INK_ROWS_F32) return (const float *)f->rows.data + (size_t)item * f->rows.d;
  ink_rows_widen(f->kernels, &f->rows, item, room);
  return room;
}

static float score_of(const ink_factor *f, const ink_factor_state *s, uint32_t item, float *room) {
  return f->kernels->dot_f32(s->x, row_of(f, item, room), f->rows.d) + (f->bias != NULL ? f->bias[item] : 0.0f);
}

/* One observation's step: x and its coefficient. Two rows [stride] are room. */
static void take_step(const ink_factor *f, ink_factor_state *s, uint32_t j, uint32_t pass, float rate, float *room) {
  const uint32_t d = f->rows.d, item = s->item[j], k = (uint32_t)f->settings[FACTOR_CANDIDATES];
  const float sign = s->b[j] < 0.0f ? -1.0f : 1.0f;
  float most = 0.0f;
  uint32_t best = INK_NONE;
  for (uint32_t i = 0; i < k; i++) {
    const uint32_t other = (uint32_t)((ink_hash_u64((uint64_t)(pass * k + i) << 32 | item) >> 32) * f->rows.n >> 32);
    const float score = score_of(f, s, other, room);
    if (best != INK_NONE && sign * score <= sign * most) continue;
    best = other;
    most = score;
  }
  const float pull = sign * rate * ink_sigmoid_f32(sign * (most - score_of(f, s, item, room)));
  const float *y = row_of(f, item, room), *z = row_of(f, best, room + f->stride);
  f->kernels->axpy_f32(pull, y, s->x, d);
  f->kernels->axpy_f32(-pull, z, s->x, d);
  f->kernels->axpy_f32(pull, z, s->rhs, d);
  s->a[j] += pull;
}

static void scale(float *x, uint32_t n, float by) {
  for (uint32_t k = 0; k < n; k++) x[k] *= by;
}

ink_status ink_factor_gradient(const ink_factor *f, ink_factor_state *s, ink_arena *scratch) {
  const uint32_t passes = (uint32_t)f->settings[FACTOR_PASSES], d = f->rows.d;
  float *room, size = 1e-30f;
  INK_TAKE(scratch, 2 * (size_t)f->stride, &room);
  ink_mem_fill(s->x, 0, f->stride * sizeof *s->x);
  ink_mem_fill(s->rhs, 0, f->stride * sizeof *s->rhs);
  ink_mem_fill(s->a, 0, s->n * sizeof *s->a);
  for (uint32_t pass = 0; pass < passes; pass++) {
    const float rate = f->settings[FACTOR_RATE] * (1.0f - (float)pass / (float)passes);
    const float keep = (float)ink_pow_f64(1.0 - (double)(rate * f->settings[FACTOR_LAMBDA]), (double)s->n);
    for (uint32_t j = 0; j < s->n; j++) take_step(f, s, j, pass, rate, room);
    scale(s->a, s->n, keep);
    scale(s->x, d, keep);
    scale(s->rhs, d, keep);
  }
  for (uint32_t j = 0; j < s->n; j++) size += s->a[j] < 0.0f ? -s->a[j] : s->a[j];
  scale(s->rhs, d, 1.0f / size);
  return INK_OK;
}
