/* test_eigen.c - eigenvectors of symmetric matrices: what makes them eigenvectors, tested by definition; repeated and zero
 * eigenvalues; matrices whose answer is known. Bounds: a backward stable method is exact for A + E,
 * |E| <= c n u |A| (Golub & Van Loan, 8.3.6); c = 10 here. */
#include <math.h>
#include <stdlib.h>

#include "eigen.h"
#include "rng.h"
#include "testlib.h"

enum { MOST = 80 };
static double a[MOST * MOST], kept[MOST * MOST], values[MOST], vectors[MOST * MOST], scratch[2 * MOST];

static void check(uint32_t n) {
  double norm = 0.0;
  memcpy(kept, a, sizeof *a * n * n);
  for (uint32_t i = 0; i < n * n; i++) norm += a[i] * a[i];
  const double bound = 10.0 * n * 0x1p-53 * sqrt(norm);
  CHECK(ink_eigen_symmetric(a, n, values, vectors, scratch));
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < n; i++) {
      double av = 0.0, inner = 0.0;
      for (uint32_t j = 0; j < n; j++) {
        av += kept[i * n + j] * vectors[k * n + j];
        inner += vectors[k * n + j] * vectors[i * n + j];
      }
      CHECK_NEAR(av, values[k] * vectors[k * n + i], bound);
      CHECK_NEAR(inner, i == k ? 1.0 : 0.0, 10.0 * n * 0x1p-53);
    }
}

static void random_symmetric(uint32_t n, uint32_t rank, uint64_t seed) {
  ink_rng rng;
  double z[MOST];
  ink_rng_seed(&rng, seed, n);
  memset(a, 0, sizeof a);
  for (uint32_t k = 0; k < rank; k++) {
    for (uint32_t i = 0; i < n; i++) z[i] = ink_rng_normal(&rng);
    const double sign = k % 3 == 2 ? -1.0 : 1.0;
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t j = 0; j < n; j++) a[i * n + j] += sign * z[i] * z[j];
  }
}

TEST(random_matrices) {
  for (uint32_t n = 1; n <= 20; n++) {
    random_symmetric(n, n, 1);
    check(n);
  }
  random_symmetric(MOST, MOST, 2);
  check(MOST);
}

TEST(low_rank) {
  for (uint32_t rank = 0; rank <= 3; rank++) {
    random_symmetric(17, rank, 3);
    check(17);
    uint32_t n_zero = 0;
    for (uint32_t k = 0; k < 17; k++) n_zero += fabs(values[k]) < 1e-12;
    CHECK_EQ(n_zero, 17 - rank);
  }
}

/* As after many half steps of a model with more factors than the data have: a few large values, then rounding of all sizes. */
TEST(rounding_in_the_place_of_rank) {
  enum { N = 64 };
  ink_rng rng;
  for (uint32_t seed = 0; seed < 60; seed++) {
    random_symmetric(N, 2 + seed % 7, 10 + seed);
    ink_rng_seed(&rng, 99, seed);
    for (uint32_t i = 0; i < N; i++)
      for (uint32_t j = 0; j <= i; j++) {
        const double noise = ink_rng_normal(&rng) * pow(10.0, -15.0 - (double)((i + j) % 40));
        a[i * N + j] = a[j * N + i] = (i < N / 2 ? a[i * N + j] : a[i * N + j] * pow(10.0, -(double)(i % 20))) + noise;
      }
    check(N);
  }
}

TEST(diagonal_and_repeated) {
  memset(a, 0, sizeof a);
  for (uint32_t i = 0; i < 9; i++) a[i * 9 + i] = i < 4 ? 2.0 : -1.0;
  check(9);
  double sum = 0.0;
  for (uint32_t i = 0; i < 9; i++) sum += values[i];
  CHECK_NEAR(sum, 3.0, 1e-14);
}

/* The second difference with fixed ends: 2 - 2 cos(pi k / (n+1)). */
TEST(known_values) {
  enum { N = 31 };
  memset(a, 0, sizeof a);
  for (uint32_t i = 0; i < N; i++) {
    a[i * N + i] = 2.0;
    if (i + 1 < N) a[i * N + i + 1] = a[(i + 1) * N + i] = -1.0;
  }
  check(N);
  for (uint32_t k = 1; k <= N; k++) {
    const double want = 2.0 - 2.0 * cos(3.14159265358979323846 * k / (N + 1));
    double nearest = INFINITY;
    for (uint32_t i = 0; i < N; i++) nearest = fmin(nearest, fabs(values[i] - want));
    CHECK_NEAR(nearest, 0.0, 1e-13);
  }
}

TEST(very_different_sizes) {
  random_symmetric(12, 12, 4);
  for (uint32_t i = 0; i < 12; i++)
    for (uint32_t j = 0; j < 12; j++) a[i * 12 + j] *= pow(10.0, -(double)(i + j));
  check(12);
}

TEST_MAIN(T(random_matrices), T(low_rank), T(rounding_in_the_place_of_rank), T(diagonal_and_repeated), T(known_values), T(very_different_sizes))
