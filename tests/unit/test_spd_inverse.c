/* test_spd_inverse.c - the blocked inverse times its matrix is the identity, for sizes below, at and above a panel; whole rows
 * come out of half of a square; the number of workers does not show; a matrix that is not positive definite is refused. */
#include "hosted.h"

#include "rng.h"
#include "spd_inverse.h"
#include "testlib.h"

/* Shards backwards and over two workers: what a pool may do at worst. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 2);
}

static float *take(uint32_t n) { return aligned_alloc(64, ((size_t)n * n * sizeof(float) + 63) / 64 * 64); }

/* Ones on the diagonal above a random low-rank part: condition number about 50. */
static void fill(float *a, uint32_t n) {
  ink_rng rng;
  float *low = malloc((size_t)n * 4 * sizeof *low);
  ink_rng_seed(&rng, n, 0);
  for (uint32_t i = 0; i < n * 4; i++) low[i] = (float)ink_rng_normal(&rng) * 3.0f / sqrtf((float)n);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) {
      a[(size_t)i * n + j] = i == j ? 1.0f : 0.0f;
      for (uint32_t k = 0; k < 4; k++) a[(size_t)i * n + j] += low[i * 4 + k] * low[j * 4 + k];
    }
  free(low);
}

static double distance_from_identity(const float *a, const float *b, uint32_t n) {
  double most = 0;
  for (uint32_t i = 0; i < n; i += n / 7 + 1)                /* some rows of the product */
    for (uint32_t j = 0; j < n; j++) {
      double sum = i == j ? -1.0 : 0.0;
      for (uint32_t k = 0; k < n; k++) sum += (double)a[(size_t)i * n + k] * (double)b[(size_t)k * n + j];
      most = fmax(most, fabs(sum));
    }
  return most;
}

/* The lower triangle of a [n, n], and numbers that nobody may use behind the diagonal. */
static ink_symmetric half_of(const float *a, uint32_t n) {
  const size_t floats = (size_t)ink_symmetric_floats(n);
  ink_symmetric s = { aligned_alloc(64, floats * sizeof(float)), n };
  for (size_t i = 0; i < floats; i++) s.data[i] = 777.0f;
  for (uint32_t i = 0; i < n; i++) memcpy(ink_symmetric_row(&s, i), a + (size_t)i * n, (i + 1) * sizeof *a);
  return s;
}

/* All of it, in pieces of 64 rows. */
static void spread(const ink_symmetric *s, float *whole) {
  for (uint32_t i = 0; i < s->n; i += 64) ink_symmetric_rows(s, i, s->n - i < 64 ? s->n - i : 64, whole + (size_t)i * s->n);
}

TEST(half_a_square_has_whole_rows) {
  static const uint32_t sizes[] = { 1, 2, 64, 191, 192, 193, 500 };
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    const uint32_t n = sizes[k];
    float *a = take(n), *b = take(n);
    fill(a, n);
    ink_symmetric s = half_of(a, n);
    spread(&s, b);
    CHECK(memcmp(a, b, (size_t)n * n * sizeof *a) == 0);
    free(a);
    free(b);
    free(s.data);
  }
}

TEST(times_the_matrix_is_the_identity) {
  static const uint32_t sizes[] = { 1, 2, 17, 191, 192, 193, 600 };
  hosted h;
  hosted_init(&h);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    const uint32_t n = sizes[s];
    float *a = take(n), *b = take(n), *c = take(n);
    fill(a, n);
    ink_symmetric one = half_of(a, n), other = half_of(a, n);
    CHECK_EQ(ink_spd_inverse(&one, "test", &h.env), INK_OK);
    spread(&one, b);
    CHECK(distance_from_identity(a, b, n) < 50 * 16 * 0x1p-24);
    h.env.threads = (ink_threads){ NULL, 2, backwards };
    CHECK_EQ(ink_spd_inverse(&other, "test", &h.env), INK_OK);
    spread(&other, c);
    CHECK(memcmp(b, c, (size_t)n * n * sizeof *b) == 0);
    h.env.threads = ink_threads_serial;
    free(one.data);
    free(other.data);
    free(a);
    free(b);
    free(c);
  }
  CHECK_EQ(h.memory.live, 0);
}

TEST(not_positive_definite_is_refused) {
  const float a[] = { 1, 2, 2, 1 };
  ink_symmetric s = half_of(a, 2);
  hosted h;
  hosted_init(&h);
  CHECK_EQ(ink_spd_inverse(&s, "test", &h.env), INK_E_SINGULAR);
  free(s.data);
  CHECK_EQ(h.memory.live, 0);
}

static bool stop(void *ctx, const ink_progress *p) {
  (void)ctx;
  return p->done == 0;
}

TEST(stops_when_asked) {
  float *a = take(300);
  hosted h;
  hosted_init(&h);
  h.env.progress = stop;
  fill(a, 300);
  ink_symmetric s = half_of(a, 300);
  CHECK_EQ(ink_spd_inverse(&s, "test", &h.env), INK_E_STOPPED);
  CHECK_EQ(h.memory.live, 0);
  free(a);
  free(s.data);
}

TEST_MAIN(T(half_a_square_has_whole_rows), T(times_the_matrix_is_the_identity), T(not_positive_definite_is_refused), T(stops_when_asked))
