/* test_spd_inverse.c - the blocked inverse times its matrix is the identity, for sizes below, at and above a block; the
 * number of workers does not show; a matrix that is not positive definite is refused. */
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

TEST(times_the_matrix_is_the_identity) {
  static const uint32_t sizes[] = { 1, 2, 17, 255, 256, 257, 600 };
  hosted h;
  hosted_init(&h);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    const uint32_t n = sizes[s];
    float *a = take(n), *b = take(n), *c = take(n);
    fill(a, n);
    memcpy(b, a, (size_t)n * n * sizeof *a);
    memcpy(c, a, (size_t)n * n * sizeof *a);
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t j = i + 1; j < n; j++) b[(size_t)i * n + j] = 777.0f;      /* only the lower triangle is read */
    CHECK_EQ(ink_spd_inverse(b, n, "test", &h.env), INK_OK);
    CHECK(distance_from_identity(a, b, n) < 50 * 16 * 0x1p-24);
    h.env.threads = (ink_threads){ NULL, 2, backwards };
    CHECK_EQ(ink_spd_inverse(c, n, "test", &h.env), INK_OK);
    CHECK(memcmp(b, c, (size_t)n * n * sizeof *b) == 0);
    h.env.threads = ink_threads_serial;
    free(a);
    free(b);
    free(c);
  }
  CHECK_EQ(h.memory.live, 0);
}

TEST(not_positive_definite_is_refused) {
  float a[] = { 1, 2, 2, 1 };
  hosted h;
  hosted_init(&h);
  CHECK_EQ(ink_spd_inverse(a, 2, "test", &h.env), INK_E_SINGULAR);
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
  CHECK_EQ(ink_spd_inverse(a, 300, "test", &h.env), INK_E_STOPPED);
  CHECK_EQ(h.memory.live, 0);
  free(a);
}

TEST_MAIN(T(times_the_matrix_is_the_identity), T(not_positive_definite_is_refused), T(stops_when_asked))
