/* simplex_step.c - one step: people (their loss and what pulls at their sums), negatives, items.
 *
 * With t = S.y_i:  |S - y_i|^2 = |S|^2 - 2t + 1,  a = 1/|S - y_i|,  c = p_i.y_i = a(t - 1).  Where dL/dc = -b, the gradient
 * on S - y_i is -b a (y_i - c p_i), so with k_i = b (a + a^2 c)
 *     dL/dS = -sum k_i y_i + (sum b a^2 c) S + (dq - (q.dq) q)/|S|,     dq = sum_j C_j y_j
 *     dL/dy_i = dL/dS - k_i S      (up to a multiple of y_i)            dL/dy_j = C_j q
 * One dot product a choice is all that the positives cost.
 * Shards are fixed: people by 16, negatives by 64, items by their number; every sum has one order. */
#include "simplex_step.h"

#include "fmath.h"
#include "mem.h"
#include "base.h"

#define SHARD_PEOPLE 16u
#define SHARD_NEGATIVES 64u
#define SHARDS_OF_ITEMS 16u
#define TINY 1e-12f

static float *vector(const ink_simplex_step *s, uint32_t item) { return s->model->items + (size_t)item * s->model->stride; }
static uint32_t shards(uint32_t n, uint32_t size) { return (n + size - 1) / size; }

/* ------------------------------------------------------------------- people */

/* S and q of person p of the batch. */
static void add_up(const ink_simplex_step *s, uint32_t p) {
  const size_t stride = s->model->stride;
  const ink_positives *c = s->positives;
  float *const sum = s->sum + p * stride, *const unit = s->unit + p * stride;
  ink_mem_fill(sum, 0, stride * sizeof *sum);
  ink_mem_fill(unit, 0, stride * sizeof *unit);
  for (uint64_t e = c->starts[s->people[p]]; e < c->starts[s->people[p] + 1]; e++)
    s->env->kernels->add_f32(vector(s, c->items[e]), sum, stride);
  const float squared = s->env->kernels->dot_f32(sum, sum, stride);
  s->env->kernels->axpy_f32(1.0f / ink_sqrt_f32(squared + TINY), sum, unit, stride);
}

/* dL/dS of one person from its choices; `spread` is the softmax's sum over negatives. Adds to *weights what the negatives'
 * share of the loss is to be multiplied by. */
static void meet_choices(const ink_simplex_step *s, uint32_t p, float spread, float *weights) {
  const size_t stride = s->model->stride;
  const uint32_t *const items = s->positives->items + s->positives->starts[s->people[p]];
  const uint32_t n = (uint32_t)(s->starts[p + 1] - s->starts[p]);
  const bool softmax = s->o->loss == INK_SIMPLEX_SOFTMAX;
  const float *const sum = s->sum + p * stride, squared = s->env->kernels->dot_f32(sum, sum, stride), t = s->o->temperature;
  float *const pull = s->pull + p * stride, along = 0.0f;
  double loss = 0.0;
  for (uint32_t i = 0; i < n; i++) {
    const float with = s->env->kernels->dot_f32(sum, vector(s, items[i]), stride);
    const float left = squared - 2.0f * with + 1.0f, a = 1.0f / ink_sqrt_f32(left > TINY ? left : TINY), c = a * (with - 1.0f);
    float b = 1.0f;
    if (softmax) {
      const float own = ink_exp_f32((c - 1.0f) / t), all = own + spread;
      b = spread / (all * t);
      *weights += 1.0f / (all * t);
      loss += (double)(ink_log_f32(all) - (c - 1.0f) / t);
    } else {
      loss += (double)(1.0f - c);
    }
    s->k[s->starts[p] + i] = b * (a + a * a * c);
    along += b * a * a * c;
    s->env->kernels->axpy_f32(-s->k[s->starts[p] + i], vector(s, items[i]), pull, stride);
  }
  s->env->kernels->axpy_f32(along, sum, pull, stride);
  s->loss[p] = loss;
}

/* Cosines of a person's negatives become coefficients, but for a common factor. Returns what they hold against her choices: the
 * softmax's sum, in which each of the drawn stands for `share` items, or CCL's excess over the margin. */
static float judge_negatives(const ink_simplex_step *s, uint32_t p) {
  const ink_positives *c = s->positives;
  float *const x = s->coefficient + (size_t)p * s->n_negatives;
  const float share = (float)s->model->n_items / (float)s->n_negatives;
  float spread = 0.0f;
  for (uint64_t e = c->starts[s->people[p]]; e < c->starts[s->people[p] + 1]; e++)
    if (s->slot[c->items[e]] != INK_NONE) x[s->slot[c->items[e]]] = -2.0f;             /* below every cosine and margin */
  for (uint32_t j = 0; j < s->n_negatives; j++) {
    if (s->o->loss == INK_SIMPLEX_SOFTMAX) x[j] = x[j] < -1.5f ? 0.0f : share * ink_exp_f32((x[j] - 1.0f) / s->o->temperature);
    spread += s->o->loss == INK_SIMPLEX_SOFTMAX ? x[j] : x[j] > s->o->margin ? x[j] - s->o->margin : 0.0f;
  }
  return spread;
}

/* Coefficients get their factor; CCL counts a negative above the margin, whatever it is above it. */
static void weigh_negatives(const ink_simplex_step *s, uint32_t p, float spread, float weights) {
  float *const x = s->coefficient + (size_t)p * s->n_negatives;
  if (s->o->loss == INK_SIMPLEX_SOFTMAX) {
    for (uint32_t j = 0; j < s->n_negatives; j++) x[j] *= weights;
    return;
  }
  const float n = (float)(s->starts[p + 1] - s->starts[p]), each = s->o->weight * n / (float)s->n_negatives;
  for (uint32_t j = 0; j < s->n_negatives; j++) x[j] = x[j] > s->o->margin ? each : 0.0f;
  s->loss[p] += (double)(each * spread);
}

/* The negatives' part of dL/dS: what they do to q, less what only lengthens it. */
static void turn_away(const ink_simplex_step *s, uint32_t p) {
  const size_t stride = s->model->stride;
  const ink_kernels *kernels = s->env->kernels;
  const float *const q = s->unit + p * stride, *const dq = s->away + p * stride, *const sum = s->sum + p * stride;
  const float shrink = 1.0f / ink_sqrt_f32(kernels->dot_f32(sum, sum, stride) + TINY);
  kernels->axpy_f32(shrink, dq, s->pull + p * stride, stride);
  kernels->axpy_f32(-shrink * kernels->dot_f32(q, dq, stride), q, s->pull + p * stride, stride);
}

static void people_shard(void *arg, uint32_t shard, uint32_t worker) {
  const ink_simplex_step *s = arg;
  const size_t stride = s->model->stride, m = s->n_negatives;
  const uint32_t first = shard * SHARD_PEOPLE, n = ink_min_u32(SHARD_PEOPLE, s->n_people - first);
  float *const cosine = s->coefficient + first * m, *const unit = s->unit + first * stride;
  void *const scratch = s->scratch + worker * s->scratch_bytes;
  for (uint32_t p = first; p < first + n; p++) add_up(s, p);
  ink_gemm_run(s->gemm, n, m, stride, ink_gemm_plain(unit, stride), ink_gemm_transposed(s->negative_rows, stride), cosine, m, false, scratch);
  ink_mem_fill(s->pull + first * stride, 0, n * stride * sizeof *s->pull);
  for (uint32_t p = first; p < first + n; p++) {
    float weights = 0.0f;
    const float spread = judge_negatives(s, p);
    meet_choices(s, p, spread, &weights);
    weigh_negatives(s, p, spread, weights);
  }
  ink_gemm_run(s->gemm, n, stride, m, ink_gemm_plain(cosine, m), ink_gemm_plain(s->negative_rows, stride), s->away + first * stride, stride,
               false, scratch);
  for (uint32_t p = first; p < first + n; p++) turn_away(s, p);
}

/* ---------------------------------------------------------------- negatives */

/* Gradients of 64 negatives: C^T q over the batch. They are different items, so each has its row to itself. */
static void negatives_shard(void *arg, uint32_t shard, uint32_t worker) {
  const ink_simplex_step *s = arg;
  const size_t stride = s->model->stride, m = s->n_negatives;
  const uint32_t first = shard * SHARD_NEGATIVES, n = ink_min_u32(SHARD_NEGATIVES, s->n_negatives - first);
  float *const rows = s->negative_rows + first * stride;   /* their vectors are not needed any more */
  ink_gemm_run(s->gemm, n, stride, s->n_people, ink_gemm_transposed(s->coefficient + first, m), ink_gemm_plain(s->unit, stride), rows, stride,
               false, s->scratch + worker * s->scratch_bytes);
  for (uint32_t j = 0; j < n; j++) {
    ink_mem_copy(s->gradient + s->negatives[first + j] * stride, rows + j * stride, stride * sizeof *rows);
    s->touched[s->negatives[first + j]] = 1;
  }
}

/* -------------------------------------------------------------------- items */

/* One step on a vector of length 1, along the sphere; its gradient is used up. */
static void turn(const ink_simplex_step *s, uint32_t item) {
  const size_t stride = s->model->stride;
  const ink_kernels *kernels = s->env->kernels;
  float *const y = vector(s, item), *const g = s->gradient + item * stride;
  kernels->axpy_f32(-kernels->dot_f32(g, y, stride), y, g, stride);
  const float squared = kernels->dot_f32(g, g, stride);
  s->squares[item] += squared;
  if (squared > 0.0f) {
    kernels->axpy_f32(-s->rate / ink_sqrt_f32(s->squares[item]), g, y, stride);
    const float scale = 1.0f / ink_sqrt_f32(kernels->dot_f32(y, y, stride));
    for (size_t k = 0; k < stride; k++) y[k] *= scale;
  }
  ink_mem_fill(g, 0, stride * sizeof *g);
  s->touched[item] = 0;
}

/* The items whose number leaves `shard` as rest: what their people say, then a step each. */
static void items_shard(void *arg, uint32_t shard, uint32_t worker) {
  const ink_simplex_step *s = arg;
  const size_t stride = s->model->stride;
  (void)worker;
  for (uint32_t p = 0; p < s->n_people; p++) {
    const uint32_t *const items = s->positives->items + s->positives->starts[s->people[p]];
    for (uint64_t e = s->starts[p]; e < s->starts[p + 1]; e++) {
      const uint32_t item = items[e - s->starts[p]];
      if (item % SHARDS_OF_ITEMS != shard) continue;
      s->touched[item] = 1;
      s->env->kernels->add_f32(s->pull + p * stride, s->gradient + item * stride, stride);
      s->env->kernels->axpy_f32(-s->k[e], s->sum + p * stride, s->gradient + item * stride, stride);
    }
  }
  for (uint32_t item = shard; item < s->model->n_items; item += SHARDS_OF_ITEMS)
    if (s->touched[item]) turn(s, item);
}

/* --------------------------------------------------------------------- door */

double ink_simplex_step_run(ink_simplex_step *s) {
  const ink_threads *threads = &s->env->threads;
  double loss = 0.0;
  for (uint32_t j = 0; j < s->n_negatives; j++)
    ink_mem_copy(s->negative_rows + j * s->model->stride, vector(s, s->negatives[j]), s->model->stride * sizeof *s->negative_rows);
  threads->parallel_for(threads->ctx, shards(s->n_people, SHARD_PEOPLE), people_shard, s);
  threads->parallel_for(threads->ctx, shards(s->n_negatives, SHARD_NEGATIVES), negatives_shard, s);
  threads->parallel_for(threads->ctx, SHARDS_OF_ITEMS, items_shard, s);
  for (uint32_t p = 0; p < s->n_people; p++) loss += s->loss[p];
  return loss;
}
