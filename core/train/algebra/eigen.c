/* eigen.c - see eigen.h. Everything is arranged so that inner loops run along rows: reflectors are stored in the
 * rows of the matrix that they have emptied, and eigenvectors are rows, so that a rotation mixes two rows.
 * Reading order: reduce, accumulate, QR, the door. */
#include "eigen.h"

#include <float.h>

#include "fmath.h"
#include "base.h"

static double magnitude(double x) { return x < 0.0 ? -x : x; }

/* Eight sums, so that compilers may use vectors without leave to reorder. */
static double dot(const double *restrict x, const double *restrict y, size_t n) {
  double s[8] = { 0 };
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t l = 0; l < 8; l++) s[l] += x[i + l] * y[i + l];
  for (size_t l = 0; i < n; i++, l++) s[l] += x[i] * y[i];
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static void axpy(double alpha, const double *restrict x, double *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += alpha * x[i];
}

/* ------------------------------------------------------------------ reduce */

/* x [n] becomes v with (I - tau v v^T) x = (+-|x|, 0, ...), v[0] = 1. Returns tau; *head is the first element. */
static double reflector(double *x, size_t n, double *head) {
  const double tail = dot(x + 1, x + 1, n - 1), first = x[0];
  *head = first;
  x[0] = 1.0;
  if (tail == 0.0) return 0.0;
  const double norm = ink_sqrt_f64(first * first + tail);
  const double v0 = first <= 0.0 ? first - norm : -tail / (first + norm);    /* no cancellation */
  for (size_t i = 1; i < n; i++) x[i] /= v0;
  *head = norm;
  return 2.0 * v0 * v0 / (tail + v0 * v0);
}

/* Trailing block B [m, m] = B - v w^T - w v^T, with w = p - (tau/2)(p.v) v and p = tau B v. */
static void apply_both_sides(double *b, size_t lda, size_t m, const double *v, double tau, double *w) {
  for (size_t r = 0; r < m; r++) w[r] = tau * dot(b + r * lda, v, m);
  axpy(-0.5 * tau * dot(w, v, m), v, w, m);
  for (size_t r = 0; r < m; r++) {
    double *row = b + r * lda;
    const double vr = v[r], wr = w[r];
    for (size_t c = 0; c < m; c++) row[c] -= vr * w[c] + wr * v[c];
  }
}

/* To diagonal [n] and off [n-1]. Reflector k stays in row k right of the diagonal, its tau on the diagonal. */
static void reduce(double *a, size_t n, double *diagonal, double *off, double *w) {
  for (size_t k = 0; k + 1 < n; k++) {
    double *row = a + k * n;
    diagonal[k] = row[k];
    row[k] = reflector(row + k + 1, n - k - 1, &off[k]);
    if (row[k] != 0.0) apply_both_sides(row + n + k + 1, n, n - k - 1, row + k + 1, row[k], w);
  }
  diagonal[n - 1] = a[(n - 1) * n + n - 1];
}

/* ---------------------------------------------------------------- accumulate */

/* q = transpose of H_0 H_1 ... H_{n-2}, last reflector first: then only the trailing block is touched. */
static void accumulate(const double *a, size_t n, double *q) {
  for (size_t i = 0; i < n * n; i++) q[i] = 0.0;
  for (size_t i = 0; i < n; i++) q[i * n + i] = 1.0;
  for (size_t k = n - 1; k-- > 0;) {
    const double *v = a + k * n + k + 1, tau = a[k * n + k];
    for (size_t r = k + 1; tau != 0.0 && r < n; r++) {
      double *row = q + r * n + k + 1;
      axpy(-tau * dot(row, v, n - k - 1), v, row, n - k - 1);
    }
  }
}

/* ---------------------------------------------------------------------- QR */

typedef struct rotation { double c, s; } rotation;

/* [c s; -s c] (x, z) = (r, 0). */
static rotation rotation_of(double x, double z, double *r) {
  const double big = magnitude(x) > magnitude(z) ? magnitude(x) : magnitude(z);
  if (big == 0.0) {
    *r = 0.0;
    return (rotation){ 1.0, 0.0 };
  }
  const double a = x / big, b = z / big, norm = ink_sqrt_f64(a * a + b * b);
  *r = big * norm;
  return (rotation){ a / norm, b / norm };
}

static void rotate_rows(double *restrict x, double *restrict y, size_t n, rotation g) {
  for (size_t i = 0; i < n; i++) {
    const double xi = x[i], yi = y[i];
    x[i] = g.c * xi + g.s * yi;
    y[i] = g.c * yi - g.s * xi;
  }
}

/* One implicit QR step on the unreduced block low..high. */
static void qr_step(double *diagonal, double *off, size_t low, size_t high, double *vectors, size_t n) {
  const double half = (diagonal[high - 1] - diagonal[high]) / 2.0, e = off[high - 1];
  const double root = ink_sqrt_f64(half * half + e * e);
  double x = diagonal[low] - (diagonal[high] - e * e / (half + (half < 0.0 ? -root : root))), z = off[low];
  for (size_t k = low; k < high; k++) {
    double r;
    const rotation g = rotation_of(x, z, &r);
    const double p = diagonal[k], q = diagonal[k + 1], b = off[k], turned = g.s * (q - p) + 2.0 * g.c * b;
    if (k > low) off[k - 1] = r;
    diagonal[k] = p + g.s * turned;
    diagonal[k + 1] = q - g.s * turned;
    off[k] = x = g.c * turned - b;
    if (k + 1 < high) {
      z = g.s * off[k + 1];
      off[k + 1] *= g.c;
    }
    rotate_rows(vectors + k * n, vectors + (k + 1) * n, n, g);
  }
}

/* Beside its neighbours, or (where a matrix lacks rank, these are rounding themselves) beside the whole matrix. */
static bool is_small(const double *diagonal, const double *off, size_t i, double noise) {
  return magnitude(off[i]) <= DBL_EPSILON * (magnitude(diagonal[i]) + magnitude(diagonal[i + 1])) || magnitude(off[i]) <= noise;
}

/* A hundredth of a rounding of the largest element: what is below it moves no eigenvalue by more. */
static double noise_of(const double *diagonal, const double *off, size_t n) {
  double most = 0.0;
  for (size_t i = 0; i < n; i++) {
    if (magnitude(diagonal[i]) > most) most = magnitude(diagonal[i]);
    if (i + 1 < n && magnitude(off[i]) > most) most = magnitude(off[i]);
  }
  return 0.01 * DBL_EPSILON * most;
}

static bool diagonalise(double *diagonal, double *off, size_t n, double *vectors) {
  const double noise = noise_of(diagonal, off, n);
  size_t high = n - 1;
  for (size_t steps = 60 * n; high > 0;) {
    if (is_small(diagonal, off, high - 1, noise)) {
      high--;
      continue;
    }
    if (steps-- == 0) return false;
    size_t low = high - 1;
    while (low > 0 && !is_small(diagonal, off, low - 1, noise)) low--;
    qr_step(diagonal, off, low, high, vectors, n);
  }
  return true;
}

/* -------------------------------------------------------------------- door */

bool ink_eigen_symmetric(double *a, uint32_t n, double *values, double *vectors, double *scratch) {
  if (n == 0) return true;
  reduce(a, n, values, scratch, scratch + n);
  accumulate(a, n, vectors);
  return diagonalise(values, scratch, n, vectors);
}
