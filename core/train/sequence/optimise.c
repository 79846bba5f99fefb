/* optimise.c - see optimise.h. Kingma & Ba 2015 (Adam); Loshchilov & Hutter 2019 (AdamW); Duchi et al. 2011 (Adagrad). */
#include "optimise.h"

#include "base.h"
#include "fmath.h"

#define ROWS_A_SHARD 512u

typedef struct update {
  const ink_optimiser *o;
  ink_param *p;
  float rate, decay, shrink, correct1, correct2;
} update;

static uint32_t n_rows(const ink_param *p) { return p->touched && !p->all_touched ? p->n_touched : p->rows; }
static uint32_t row_at(const ink_param *p, uint32_t i) { return p->touched && !p->all_touched ? p->touched[i] : i; }

static void update_row(const update *u, size_t at, uint32_t cols) {
  const ink_optimiser *o = u->o;
  ink_param *p = u->p;
  const float b1 = (float)o->beta1, b2 = (float)o->beta2, eps = (float)o->epsilon;
  float *restrict w = p->value + at, *restrict g = p->grad + at;
  float *restrict m = p->moment1 ? p->moment1 + at : NULL, *restrict s = p->moment2 ? p->moment2 + at : NULL;
  for (uint32_t j = 0; j < cols; j++) {
    float d = g[j] * u->shrink;
    if (o->kind != INK_ADAMW) d += u->decay * w[j];
    g[j] = 0.0f;
    switch (o->kind) {
      case INK_SGD:
        if (m) d = m[j] = b1 * m[j] + d;
        w[j] -= u->rate * d;
        break;
      case INK_ADAGRAD:
        s[j] += d * d;
        w[j] -= u->rate * d / (ink_sqrt_f32(s[j]) + eps);
        break;
      default:
        m[j] = b1 * m[j] + (1.0f - b1) * d;
        s[j] = b2 * s[j] + (1.0f - b2) * d * d;
        if (o->kind == INK_ADAMW) w[j] -= u->rate * u->decay * w[j];
        w[j] -= u->rate * (m[j] * u->correct1) / (ink_sqrt_f32(s[j] * u->correct2) + eps);
    }
  }
}

static void run_update(void *arg, uint32_t shard, uint32_t worker) {
  const update *u = arg;
  const uint32_t first = shard * ROWS_A_SHARD, last = ink_min_u32(first + ROWS_A_SHARD, n_rows(u->p));
  (void)worker;
  for (uint32_t i = first; i < last; i++) update_row(u, (size_t)row_at(u->p, i) * u->p->cols, u->p->cols);
}

static double sum_of_squares(const ink_param *p) {
  double sum = 0.0;
  for (uint32_t i = 0; i < n_rows(p); i++) {
    const float *g = p->grad + (size_t)row_at(p, i) * p->cols;
    for (uint32_t j = 0; j < p->cols; j++) sum += (double)g[j] * (double)g[j];
  }
  return sum;
}

static void forget_touched(ink_param *p) {
  for (uint32_t i = 0; i < p->n_touched; i++) p->is_touched[p->touched[i]] = 0;
  p->n_touched = 0;
  p->all_touched = false;
}

double ink_optimise(ink_optimiser *o, ink_param *const *params, uint32_t n_params, const ink_threads *threads, bool *diverged) {
  double squares = 0.0;
  for (uint32_t i = 0; i < n_params; i++) squares += sum_of_squares(params[i]);
  const double norm = ink_sqrt_f64(squares);
  *diverged = !(norm < 1e30);
  if (*diverged) return norm;
  o->step++;
  const double t = (double)o->step;
  update u = { .o = o, .rate = (float)o->rate, .decay = (float)o->weight_decay,
               .shrink = o->clip > 0.0 && norm > o->clip ? (float)(o->clip / norm) : 1.0f,
               .correct1 = (float)(1.0 / (1.0 - ink_pow_f64(o->beta1, t))), .correct2 = (float)(1.0 / (1.0 - ink_pow_f64(o->beta2, t))) };
  for (uint32_t i = 0; i < n_params; i++) {
    const uint32_t shards = (n_rows(params[i]) + ROWS_A_SHARD - 1) / ROWS_A_SHARD;
    u.p = params[i];
    if (shards) threads->parallel_for(threads->ctx, shards, run_update, &u);
    forget_touched(params[i]);
  }
  return norm;
}

/* Half a cosine without a cosine of our own: (1 + cos(pi x)) / 2 for 0 <= x <= 1, by the series of sin
 * around the middle; within 1e-7. */
static double half_cosine(double x) {
  const double pi = 3.14159265358979323846, y = pi * (0.5 - x), y2 = y * y;
  const double sine = y * (1 + y2 * (-1.0 / 6 + y2 * (1.0 / 120 + y2 * (-1.0 / 5040 + y2 * (1.0 / 362880 - y2 / 39916800)))));
  return 0.5 * (1.0 + sine);
}

double ink_schedule(uint32_t kind, double peak, uint64_t step, uint64_t warmup, uint64_t total) {
  if (step < warmup) return peak * (double)(step + 1) / (double)warmup;
  if (kind == INK_CONSTANT || total <= warmup) return peak;
  const double past = step >= total ? 1.0 : (double)(step - warmup) / (double)(total - warmup);
  return kind == INK_LINEAR ? peak * (1.0 - past) : peak * half_cosine(past);
}
