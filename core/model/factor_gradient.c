/* factor_gradient.c - a person's vector by gradient steps on the loss of its item vectors (bpr, warp), which stand still.
 *
 * Stochastic gradient descent as in training (Rendle et al. 2009), but each step's item that was not chosen comes from a hash of
 * the chosen item and the pass, of K so drawn the one that scores highest (Zhang et al. 2013): nothing is left to chance, and an
 * event keeps its company wherever it stands. With pass t of T, rate r (1 - t/T), z = y_j - y_other, in turn for every j:
 *     x += c z,  c = sign(w_j) r sigma(-sign(w_j) (x.z + bias_j - bias_other));   after a pass  x *= (1 - r lambda)^n
 * The weight's size does not count, as it does not in training. Steps are limited: a long history has fewer passes, T = S / n.
 *
 * Draws that are events themselves are passed over, as in training: with a tenth of the catalogue in the history the hardest
 * of sixteen draws is mostly one of its own. (S = 0, packs of before: every pass is made, and no draw is passed over.)
 *
 * So x = sum a_j y_j - v, with a_j what c of event j came to and v the same of the others. v is shared among the events by the
 * size of a_j: with m = v / sum |a_j|, event j gives a_j y_j.y - |a_j| m.y to the score of y. m stays in s->rhs. */
#include "factor.h"

#include "fmath.h"
#include "hash.h"
#include "item_rows.h"
#include "mem.h"

#include "base.h"

#define LEAST_PASSES 2u           /* however long the history: with one, its last events would say most */

typedef struct walk {
  const ink_factor *f;
  ink_factor_state *s;
  float *room;                    /* [2, stride] rows widened */
  uint32_t *own;                  /* [last + 1] open-addressed: items of the history, INK_NONE elsewhere */
  uint32_t last;                  /* slots - 1 */
} walk;

/* ------------------------------------------------------------- own items */

/* Where the item stands, or would stand. */
static uint32_t *own_slot(const walk *w, uint32_t item) {
  uint32_t slot = (uint32_t)ink_hash_u64(item) & w->last;
  while (w->own[slot] != INK_NONE && w->own[slot] != item) slot = (slot + 1) & w->last;
  return &w->own[slot];
}

/* A table at most half full; left empty for a pack of before. */
static ink_status know_own(walk *w, ink_arena *scratch) {
  w->last = 1;
  while (w->last < 2 * w->s->n) w->last = 2 * w->last + 1;
  INK_TAKE(scratch, (size_t)w->last + 1, &w->own);
  ink_mem_fill(w->own, 0xff, ((size_t)w->last + 1) * sizeof *w->own);
  for (uint32_t j = 0; w->f->settings[FACTOR_STEPS] > 0.0f && j < w->s->n; j++) *own_slot(w, w->s->item[j]) = w->s->item[j];
  return INK_OK;
}

/* ----------------------------------------------------------------- steps */

/* An item's row, where it stands or widened into `room`. */
static const float *row_of(const ink_factor *f, uint32_t item, float *room) {
  if (f->rows.dtype == INK_ROWS_F32) return (const float *)f->rows.data + (size_t)item * f->rows.d;
  ink_rows_widen(f->kernels, &f->rows, item, room);
  return room;
}

static float score_of(const walk *w, uint32_t item) {
  const ink_factor *f = w->f;
  return f->kernels->dot_f32(w->s->x, row_of(f, item, w->room), f->rows.d) + (f->bias != NULL ? f->bias[item] : 0.0f);
}

/* What observation j is held against in a pass, or INK_NONE; its score. */
static uint32_t draw(const walk *w, uint32_t j, uint32_t pass, float sign, float *most) {
  const uint32_t item = w->s->item[j], k = (uint32_t)w->f->settings[FACTOR_CANDIDATES];
  uint32_t best = INK_NONE;
  for (uint32_t i = 0; i < k; i++) {
    const uint32_t other = (uint32_t)((ink_hash_u64((uint64_t)(pass * k + i) << 32 | item) >> 32) * w->f->rows.n >> 32);
    if (*own_slot(w, other) == other) continue;
    const float score = score_of(w, other);
    if (best != INK_NONE && sign * score <= sign * *most) continue;
    best = other;
    *most = score;
  }
  return best;
}

/* One observation's step: x and its coefficient. */
static void take_step(const walk *w, uint32_t j, uint32_t pass, float rate) {
  const ink_factor *f = w->f;
  ink_factor_state *s = w->s;
  const uint32_t n = f->rows.d, item = s->item[j];
  const float sign = s->b[j] < 0.0f ? -1.0f : 1.0f;
  float most = 0.0f;
  const uint32_t other = draw(w, j, pass, sign, &most);
  if (other == INK_NONE) return;
  const float pull = sign * rate * ink_sigmoid_f32(sign * (most - score_of(w, item)));
  const float *y = row_of(f, item, w->room), *z = row_of(f, other, w->room + f->stride);
  f->kernels->axpy_f32(pull, y, s->x, n);
  f->kernels->axpy_f32(-pull, z, s->x, n);
  f->kernels->axpy_f32(pull, z, s->rhs, n);
  s->a[j] += pull;
}

static void scale(float *x, uint32_t n, float by) {
  for (uint32_t k = 0; k < n; k++) x[k] *= by;
}

/* ---------------------------------------------------------------- the fold */

/* As many passes as the steps allow. n > 0. */
static uint32_t passes_of(const float *settings, uint32_t n) {
  const uint32_t most = (uint32_t)settings[FACTOR_PASSES], steps = (uint32_t)settings[FACTOR_STEPS];
  if (steps == 0) return most;
  return ink_min_u32(most, ink_max_u32(LEAST_PASSES, steps / n));
}

ink_status ink_factor_gradient(const ink_factor *f, ink_factor_state *s, ink_arena *scratch) {
  const uint32_t passes = passes_of(f->settings, s->n), d = f->rows.d;
  walk w = { .f = f, .s = s };
  float size = 1e-30f;
  INK_TAKE(scratch, 2 * (size_t)f->stride, &w.room);
  INK_TRY(know_own(&w, scratch));
  ink_mem_fill(s->x, 0, f->stride * sizeof *s->x);
  ink_mem_fill(s->rhs, 0, f->stride * sizeof *s->rhs);
  ink_mem_fill(s->a, 0, s->n * sizeof *s->a);
  for (uint32_t pass = 0; pass < passes; pass++) {
    const float rate = f->settings[FACTOR_RATE] * (1.0f - (float)pass / (float)passes);
    const float keep = (float)ink_pow_f64(1.0 - (double)(rate * f->settings[FACTOR_LAMBDA]), (double)s->n);
    for (uint32_t j = 0; j < s->n; j++) take_step(&w, j, pass, rate);
    scale(s->a, s->n, keep);
    scale(s->x, d, keep);
    scale(s->rhs, d, keep);
  }
  for (uint32_t j = 0; j < s->n; j++) size += s->a[j] < 0.0f ? -s->a[j] : s->a[j];
  scale(s->rhs, d, 1.0f / size);
  return INK_OK;
}
