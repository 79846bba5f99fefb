/* blend_rate.c - weights for ratings: least squares over the held-back ratings, weights not below 0 (Breiman 1996). */
#include "blend_fit.h"

#include "fmath.h"
#include "mem.h"
#include "base.h"

#define RIDGE 1e-6                /* of the mean variance, so that members that say the same share a weight */

#define HUGE 1e30                 /* a gradient that keeps a weight at 0 */

enum { M = INK_BLEND_MEMBERS };

/* Sums over ratings y and the members' predictions x. */
typedef struct moments {
  double n, y, yy, x[M], xy[M], xx[M * M];
  uint32_t n_samples;
} moments;

static moments add_up(const ink_blend_task *t, uint32_t bucket) {
  const ink_blend_samples *s = t->samples;
  const uint32_t n = s->n_members;
  moments all = { 0 };
  for (uint32_t i = 0; i < s->n_samples; i++) {
    const ink_blend_sample *of = &s->samples[i];
    if (!ink_blend_takes(t, i, bucket)) continue;
    all.n_samples++;
    for (uint32_t r = 0; r < of->n_tests; r++) {
      const float *x = ink_blend_rows(s, i) + (size_t)r * n;
      const double y = (double)s->ratings[(size_t)i * INK_BLEND_TESTS + r];
      all.n += 1.0;
      all.y += y;
      all.yy += y * y;
      for (uint32_t a = 0; a < n; a++) {
        all.x[a] += (double)x[a];
        all.xy[a] += (double)x[a] * y;
        for (uint32_t b = 0; b < n; b++) all.xx[a * M + b] += (double)x[a] * (double)x[b];
      }
    }
  }
  return all;
}

static double covariance(const moments *m, uint32_t a, uint32_t b) { return m->xx[a * M + b] / m->n - m->x[a] / m->n * m->x[b] / m->n; }
static double with_rating(const moments *m, uint32_t a) { return m->xy[a] / m->n - m->x[a] / m->n * m->y / m->n; }

void ink_blend_rate(const ink_blend_task *task, uint32_t bucket, uint32_t members, double *weights, uint32_t *n_samples) {
  const moments m = add_up(task, bucket);
  const uint32_t n = task->samples->n_members;
  double h[M * M] = { 0 }, b[M] = { 0 }, trace = 0.0;
  *n_samples = m.n_samples;
  if (m.n_samples == 0) return;
  for (uint32_t i = 0; i < n; i++) trace += covariance(&m, i, i) / n;
  for (uint32_t i = 0; i < n; i++) {
    for (uint32_t j = 0; j < n; j++) h[i * n + j] = covariance(&m, i, j) + (i == j ? RIDGE * trace + 1e-12 : 0.0);
    b[i] = members >> i & 1u ? with_rating(&m, i) : -HUGE;
    weights[i] = 0.0;
  }
  ink_blend_nonnegative(h, b, n, weights);
  weights[n] = m.y / m.n;
  for (uint32_t i = 0; i < n; i++) weights[n] -= weights[i] * m.x[i] / m.n;
}

void ink_blend_rate_value(const ink_blend_task *task, const ink_blend *blend, uint32_t *n_ratings, double *value) {
  const ink_blend_samples *s = task->samples;
  double squares = 0.0;
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->n_samples; i++) {
    const ink_blend_sample *of = &s->samples[i];
    const double *w = blend->weights[of->bucket];
    if (!ink_blend_takes(task, i, INK_BLEND_ALL)) continue;
    for (uint32_t r = 0; r < of->n_tests; r++) {
      double error = w[s->n_members] - (double)s->ratings[(size_t)i * INK_BLEND_TESTS + r];
      for (uint32_t m = 0; m < s->n_members; m++) error += w[m] * (double)ink_blend_rows(s, i)[r * s->n_members + m];
      squares += error * error;
    }
    n += of->n_tests;
  }
  *n_ratings = n;
  *value = n > 0 ? squares / n : 0.0;
}
