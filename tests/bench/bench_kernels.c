/* bench_kernels.c - every kernel table of this build and CPU beside a loop that only reads, natively.
 *
 *   bench_kernels [rows] [d] [rounds]         default 100000 64 30
 *
 * All tables take turns round by round; a line shows the lowest time, GB/s of the rows read, and the time
 * relative to the fastest read of the same bytes. The fold-in (100 events) is in microseconds. Seeded input. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base.h"
#include "kernel.h"
#include "rng.h"

#define BLOCK 64u
#define EVENTS 100u
#define MAX_TABLES 4u

enum { READ, F32, F16, BF16, I8, SYRK, CHOL, SOLVE, GATHER, N_JOBS };
static const char *const job_names[N_JOBS] = { "read", "f32", "f16", "bf16", "int8", "update", "factor", "solve", "gather" };

typedef struct bench {
  const ink_kernels *kernels;
  size_t n, d, lda;
  float *f32, *query, *weights, *gram, *a, *b;
  uint16_t *f16, *bf16;
  int8_t *i8;
  uint8_t query_i8[4096];
  void *prepared;
} bench;

static void *block(size_t bytes) {
  void *const p = aligned_alloc(64, ink_align_up(bytes, 64));
  if (p == NULL) {
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    exit(4);
  }
  return p;
}

static void fill(bench *b) {
  const size_t count = b->n * b->d;
  ink_rng rng;
  ink_rng_seed(&rng, 1, 0);
  b->f32 = block(count * 4);
  b->f16 = block(count * 2);
  b->bf16 = block(count * 2);
  b->i8 = block(count);
  for (size_t i = 0; i < count; i++) {
    const uint64_t bits = ink_rng_u64(&rng);
    b->f32[i] = (float)(int32_t)(bits >> 40) * 0x1p-23f - 1.0f;
    b->f16[i] = (uint16_t)((bits & 0x83ffu) | (8u + (bits >> 20 & 7u)) << 10);
    b->bf16[i] = (uint16_t)(ink_f32_bits(b->f32[i]) >> 16);
    b->i8[i] = (int8_t)(bits >> 32);
  }
  b->query = block(b->d * 4);
  b->weights = block(EVENTS * 4);
  for (size_t j = 0; j < b->d; j++) {
    b->query[j] = (float)ink_rng_normal(&rng);
    b->query_i8[j] = (uint8_t)ink_rng_below(&rng, 128);
  }
  for (size_t i = 0; i < EVENTS; i++) b->weights[i] = 1.0f + ink_rng_f32(&rng);
  b->prepared = block(4 * b->d + 128);
  b->lda = ink_align_up(b->d, 8);
  b->gram = block(b->d * b->lda * 4);
  b->a = block(b->d * b->lda * 4);
  b->b = block(b->d * 4);
  for (size_t i = 0; i < b->d * b->lda; i++) b->gram[i] = i % (b->lda + 1) == 0 ? (float)b->d : 0.0f;
}

/* Reads and nothing else: four streams, as a scan has them, in vectors of 32 bytes (two of 16 where there are none). */
static uint64_t read_all(const void *rows, size_t bytes) {
  typedef uint64_t vector __attribute__((vector_size(32), may_alias));
  const size_t quarter = bytes / 4 / 128 * 4;
  const vector *const p = rows;
  vector x[8] = { { 0 } };
  for (size_t i = 0; i < quarter; i += 4) {
    for (size_t s = 0; s < 4; s++) {
      x[s] |= p[s * quarter + i] | p[s * quarter + i + 1];
      x[4 + s] |= p[s * quarter + i + 2] | p[s * quarter + i + 3];
    }
  }
  for (size_t s = 1; s < 8; s++) x[0] |= x[s];
  return x[0][0] | x[0][1] | x[0][2] | x[0][3];
}

static float scan(const bench *b, int job) {
  float out[4 * BLOCK];
  int32_t sums[4 * BLOCK];
  const ink_kernels *const k = b->kernels;
  const size_t quarter = b->n / 4, d = b->d;
  float total = 0.0f;
  for (size_t i = 0; i + BLOCK <= quarter; i += BLOCK) {
    const size_t at[4] = { i * d, (quarter + i) * d, (2 * quarter + i) * d, (3 * quarter + i) * d };
    const float *const f32[4] = { b->f32 + at[0], b->f32 + at[1], b->f32 + at[2], b->f32 + at[3] };
    const uint16_t *const from = job == F16 ? b->f16 : b->bf16;
    const uint16_t *const halves[4] = { from + at[0], from + at[1], from + at[2], from + at[3] };
    const int8_t *const bytes[4] = { b->i8 + at[0], b->i8 + at[1], b->i8 + at[2], b->i8 + at[3] };
    switch (job) {
      case F32: k->dot4_f32(f32, d, b->query, d, BLOCK, out); break;
      case F16: k->dot4_f16(halves, d, b->query, d, BLOCK, out); break;
      case BF16: k->dot4_bf16(halves, d, b->query, d, BLOCK, out); break;
      default: k->dot4_i8(bytes, d, b->prepared, d, BLOCK, sums); out[0] = (float)sums[0]; break;
    }
    total += out[0];
  }
  return total;
}

static void copy_gram(const bench *b) {
  for (size_t i = 0; i < b->d * b->lda; i++) b->a[i] = b->gram[i];
}

static double now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of one run. What a step needs is made ready before its clock starts. */
static double run(bench *b, int job, volatile float *sink) {
  const ink_kernels *const k = b->kernels;
  if (job == SYRK) copy_gram(b);
  if (job == CHOL) copy_gram(b), k->syrk_f32(b->f32, b->d, b->weights, EVENTS, b->d, b->a, b->lda);
  if (job == I8) k->i8_query(b->query_i8, b->d, b->prepared);
  const double start = now();
  switch (job) {
    case READ: *sink = (float)read_all(b->f32, b->n * b->d * 4); break;
    case SYRK: k->syrk_f32(b->f32, b->d, b->weights, EVENTS, b->d, b->a, b->lda); break;
    case CHOL: *sink = (float)k->chol_f32(b->a, b->d, b->lda); break;
    case SOLVE: k->chol_solve_f32(b->a, b->d, b->lda, b->query, b->b); break;
    case GATHER: k->gather_axpy_f32(b->f32, b->d, b->weights, EVENTS, b->d, b->b); break;
    default: *sink = scan(b, job); break;
  }
  return now() - start;
}

static void print(const bench *b, const char *name, const double best[N_JOBS], double read) {
  static const double element[N_JOBS] = { 4, 4, 2, 2, 1 };
  const double bytes = (double)b->n * (double)b->d;
  printf("%-7s", name);
  for (int job = F32; job <= I8; job++) {
    printf("  %-4s %8.3f ms %6.1f GB/s %5.2f x", job_names[job], 1e3 * best[job], 1e-9 * bytes * element[job] / best[job],
           best[job] / (read * element[job] / 4));
  }
  printf("\n       ");
  for (int job = SYRK; job < N_JOBS; job++) printf("  %s %.2f us", job_names[job], 1e6 * best[job]);
  printf("\n");
}

int main(int argc, char **argv) {
  static const char *const names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
  static bench b;
  volatile float sink = 0.0f;
  b.n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
  b.d = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
  const unsigned long rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 30;
  if (b.n < EVENTS || b.d == 0 || b.d > sizeof b.query_i8) {
    fprintf(stderr, "bench_kernels [rows >= %u] [d <= %zu] [rounds]\n", EVENTS, sizeof b.query_i8);
    return 2;
  }
  fill(&b);
  double best[INK_COUNT_OF(names)][N_JOBS], read = 1e9;
  for (size_t t = 0; t < INK_COUNT_OF(names); t++) {
    for (int job = 0; job < N_JOBS; job++) best[t][job] = 1e9;
  }
  for (unsigned long round = 0; round < rounds; round++) {
    for (size_t t = 0; t < INK_COUNT_OF(names); t++) {
      b.kernels = ink_kernels_named(names[t]);
      if (b.kernels == NULL) continue;
      for (int job = 0; job < N_JOBS; job++) {
        const double seconds = run(&b, job, &sink);
        if (seconds < best[t][job]) best[t][job] = seconds;
      }
      if (best[t][READ] < read) read = best[t][READ];
    }
  }
  printf("%zu x %zu, lowest of %lu rounds; read of the f32 rows %.3f ms = %.1f GB/s\n", b.n, b.d, rounds, 1e3 * read,
         4e-9 * (double)b.n * (double)b.d / read);
  for (size_t t = 0; t < INK_COUNT_OF(names); t++) {
    b.kernels = ink_kernels_named(names[t]);
    if (b.kernels != NULL) print(&b, names[t], best[t], read);
  }
  return 0;
}
