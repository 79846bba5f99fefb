/* sgd_ref.c - the steps of sgd.h in plain C: the specification that the other tables must equal bit for bit. */
#include "sgd_tables.h"

#include "base.h"

static float fold(const float s[8]) { return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])); }

static float margin(const float *u, const float *x, const float *y, size_t d) {
  float sum[8] = { 0 };
  for (size_t j = 0; j < d; j++) sum[j % 8] += u[j] * (x[j] - y[j]);
  return fold(sum);
}

static float dot(const float *a, const float *b, size_t d) {
  float sum[8] = { 0 };
  for (size_t j = 0; j < d; j++) sum[j % 8] += a[j] * b[j];
  return fold(sum);
}

static void pair(float *restrict u, float *restrict x, float *restrict y, size_t d, float pull, float keep) {
  for (size_t j = 0; j < d; j++) {
    const float a = u[j], b = x[j], c = y[j];
    u[j] = keep * a + pull * (b - c);
    x[j] = keep * b + pull * a;
    y[j] = keep * c - pull * a;
  }
}

static void meet(const float *restrict u, float *restrict x, float *restrict sum, size_t d, float pull) {
  for (size_t j = 0; j < d; j++) {
    sum[j] += pull * x[j];
    x[j] += pull * u[j];
  }
}

const ink_sgd ink_sgd_ref = { "ref", margin, dot, pair, meet };
