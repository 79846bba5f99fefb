/* bootstrap.c - see bootstrap.h. Reading order: Student's distribution, rounds, intervals, pairs. */
#include "bootstrap.h"

#include "blocks.h"
#include "fault.h"
#include "fmath.h"
#include "rng.h"
#include "sort_order.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define ROUNDS_A_SHARD 16u

/* ---------------------------------------------------------------- Student t */

/* log Gamma(x), x > 0: Stirling's series from 15 on (DLMF 5.11.1; the first term left out is below 1e-15), the
 * recurrence below. */
static double log_gamma(double x) {
  double shift = 0;
  for (; x < 15; x += 1) shift += ink_log_f64(x);
  const double y = 1 / (x * x);
  const double series = (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * 691.0 / 360360))))) / x;
  return (x - 0.5) * ink_log_f64(x) - x + 0.91893853320467274178 + series - shift;
}

/* The continued fraction of the incomplete beta function (DLMF 8.17.22) by the modified Lentz method; takes some
 * sqrt(max(a, b)) steps where x < (a + 1)/(a + b + 2). */
static double beta_fraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1), h;
  d = 1 / (d < tiny && d > -tiny ? tiny : d);
  h = d;
  for (uint32_t k = 1; k < 100000; k++) {
    const double m = k;
    double step = 1;
    const double terms[] = { m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)) };
    for (int i = 0; i < 2; i++) {
      d = 1 + terms[i] * d;
      c = 1 + terms[i] / c;
      d = 1 / (d < tiny && d > -tiny ? tiny : d);
      c = c < tiny && c > -tiny ? tiny : c;
      step = c * d;
      h *= step;
    }
    if (step < 1 + 1e-15 && step > 1 - 1e-15) break;
  }
  return h;
}

/* I_x(a, b); `rest` is 1 - x, which near 1 is known better than by subtraction. */
static double incomplete_beta(double a, double b, double x, double rest) {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const double front = ink_exp_f64(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * ink_log_f64(x) + b * ink_log_f64(rest));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, rest) / b;
}

double ink_student_two_sided(double t, double degrees) {
  const double square = t * t;
  if (square > 1e300) return 0;
  return incomplete_beta(0.5 * degrees, 0.5, degrees / (degrees + square), square / (degrees + square));
}

/* ------------------------------------------------------------------ rounds */

/* The people that have a value, and what each round found. */
typedef struct draws {
  const ink_metric *metric;
  double *a, *b, *weights;        /* [n] */
  double *found;                  /* [rounds] */
  uint32_t *order;                /* [rounds] */
  uint32_t n;
  ink_resampling how;
} draws;

static ink_status open_draws(const ink_resampling *how, uint32_t n, const ink_train_env *env, draws *d) {
  const ink_allocator *a = &env->allocator;
  if (how->rounds < 1 || how->rounds > INK_MOST_ROUNDS)
    return ink_refuse_range(env->fault, INK_E_SETTING, NAME("rounds"), how->rounds, 1, INK_MOST_ROUNDS);
  d->how = *how;
  INK_NEW(a, n, &d->a);
  INK_NEW(a, n, &d->b);
  INK_NEW(a, n, &d->weights);
  INK_NEW(a, how->rounds, &d->found);
  INK_NEW(a, how->rounds, &d->order);
  return INK_OK;
}

static void close_draws(const draws *d, const ink_allocator *allocator) {
  void *const blocks[] = { d->a, d->b, d->weights, d->found, d->order };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
}

static void keep_valued(const double *a, const double *b, const double *weights, uint32_t n, draws *d) {
  for (uint32_t i = 0; i < n; i++) {
    if (a[i] != a[i] || b[i] != b[i]) continue;
    d->a[d->n] = a[i];
    d->b[d->n] = b[i];
    d->weights[d->n++] = weights[i];
  }
}

/* The difference of two values; of an interval of one alone b is all zeros, and so is its metric. */
static double of_sums(const ink_metric *metric, double a, double b, double weight) {
  return ink_metric_mean(metric, a, weight) - ink_metric_mean(metric, b, weight);
}

static void draw_people(const draws *d, uint32_t round) {
  double a = 0, b = 0, weight = 0;
  ink_rng rng;
  ink_rng_seed(&rng, d->how.seed, round);
  for (uint32_t i = 0; i < d->n; i++) {
    const uint32_t who = ink_rng_below(&rng, d->n);
    a += d->a[who];
    b += d->b[who];
    weight += d->weights[who];
  }
  d->found[round] = of_sums(d->metric, a, b, weight);
}

static void draw_signs(const draws *d, uint32_t round) {
  double sum = 0;
  ink_rng rng;
  ink_rng_seed(&rng, ~d->how.seed, round);
  for (uint32_t i = 0; i < d->n; i += 64) {
    uint64_t signs = ink_rng_u64(&rng);
    for (uint32_t k = i; k < d->n && k < i + 64; k++, signs >>= 1) {
      const double apart = d->a[k] - d->b[k];
      sum += (signs & 1) != 0 ? apart : -apart;
    }
  }
  d->found[round] = sum;
}

typedef struct rounds {
  const draws *draws;
  void (*draw)(const draws *d, uint32_t round);
} rounds;

static void run_shard(void *arg, uint32_t shard, uint32_t worker) {
  const rounds *r = arg;
  (void)worker;
  const uint32_t first = shard * ROUNDS_A_SHARD, end = ink_min_u32(first + ROUNDS_A_SHARD, r->draws->how.rounds);
  for (uint32_t i = first; i < end; i++) r->draw(r->draws, i);
}

static void run_rounds(const draws *d, void (*draw)(const draws *d, uint32_t round), const ink_train_env *env) {
  rounds r = { d, draw };
  env->threads.parallel_for(env->threads.ctx, (d->how.rounds + ROUNDS_A_SHARD - 1) / ROUNDS_A_SHARD, run_shard, &r);
}

/* --------------------------------------------------------------- intervals */

static bool lower(const void *ctx, uint32_t a, uint32_t b) {
  const double *found = ctx;
  return found[a] < found[b];
}

static double percentile(const draws *d, double share) {
  const double at = share * (double)(d->how.rounds - 1);
  const uint32_t below = (uint32_t)at, above = ink_min_u32(below + 1, d->how.rounds - 1);
  const double low = d->found[d->order[below]], high = d->found[d->order[above]];
  return low + (at - (double)below) * (high - low);
}

static void find_interval(const draws *d, const ink_train_env *env, double *low, double *high) {
  run_rounds(d, draw_people, env);
  ink_sort_order(d->order, d->how.rounds, lower, d->found);
  *low = percentile(d, 0.025);
  *high = percentile(d, 0.975);
}

static ink_status bootstrap(const double *values, const double *weights, uint32_t n, const ink_train_env *env, draws *d,
                            ink_metric_value *out) {
  double sum = 0, weight = 0;
  keep_valued(values, values, weights, n, d);
  for (uint32_t i = 0; i < d->n; i++) {
    sum += d->a[i];
    weight += d->weights[i];
    d->b[i] = 0;
  }
  *out = (ink_metric_value){ __builtin_nan(""), __builtin_nan(""), __builtin_nan("") };
  if (d->n > 0) out->value = ink_metric_mean(d->metric, sum, weight);
  if (d->n > 1) find_interval(d, env, &out->low, &out->high);
  return INK_OK;
}

ink_status ink_bootstrap(const ink_metric *metric, const double *values, const double *weights, uint32_t n,
                         const ink_resampling *how, const ink_train_env *env, ink_metric_value *out) {
  draws d = { .metric = metric };
  ink_status status = open_draws(how, n, env, &d);
  if (status == INK_OK) status = bootstrap(values, weights, n, env, &d, out);
  close_draws(&d, &env->allocator);
  return status;
}

/* ------------------------------------------------------------------- pairs */

static void test_student(const draws *d, ink_paired *out) {
  const double n = (double)d->n;
  double mean = 0, spread = 0;
  for (uint32_t i = 0; i < d->n; i++) mean += (d->a[i] - d->b[i]) / n;
  for (uint32_t i = 0; i < d->n; i++) {
    const double off = d->a[i] - d->b[i] - mean;
    spread += off * off;
  }
  const double error = ink_sqrt_f64(spread / (n - 1) / n);
  out->t = mean == 0 ? 0.0 : mean / error;
  out->p_t = ink_student_two_sided(out->t, n - 1);
}

/* Sums within rounding of the one seen count as reaching it. */
static void test_signs(const draws *d, const ink_train_env *env, ink_paired *out) {
  double seen = 0, size = 0;
  uint32_t reached = 0;
  for (uint32_t i = 0; i < d->n; i++) {
    const double apart = d->a[i] - d->b[i];
    seen += apart;
    size += apart < 0 ? -apart : apart;
  }
  const double border = (seen < 0 ? -seen : seen) - 1e-12 * size;
  run_rounds(d, draw_signs, env);
  for (uint32_t r = 0; r < d->how.rounds; r++) reached += d->found[r] >= border || -d->found[r] >= border;
  out->p_random = (1.0 + (double)reached) / (1.0 + (double)d->how.rounds);
}

static void compare(const draws *d, const ink_train_env *env, ink_paired *out) {
  const double none = __builtin_nan("");
  double a = 0, b = 0, weight = 0;
  *out = (ink_paired){ d->n, none, none, none, none, none, none };
  for (uint32_t i = 0; i < d->n; i++) {
    a += d->a[i];
    b += d->b[i];
    weight += d->weights[i];
  }
  if (d->n > 0) out->difference = of_sums(d->metric, a, b, weight);
  if (d->n < 2) return;
  find_interval(d, env, &out->low, &out->high);
  test_student(d, out);
  test_signs(d, env, out);
}

ink_status ink_paired_test(const ink_metric *metric, const double *a, const double *b, const double *weights, uint32_t n,
                           const ink_resampling *how, const ink_train_env *env, ink_paired *out) {
  draws d = { .metric = metric };
  const ink_status status = open_draws(how, n, env, &d);
  if (status == INK_OK) {
    keep_valued(a, b, weights, n, &d);
    compare(&d, env, out);
  }
  close_draws(&d, &env->allocator);
  return status;
}
