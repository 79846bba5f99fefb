/* spd_inverse.c - see spd_inverse.h. The sweep operator over blocks (Goodnight 1979; block Gauss-Jordan).
 *
 * Sweeping block k of a symmetric A, with D = A_kk, W = the columns k of A:
 *   A_ij -= W_i D^-1 W_j^T      A_ik = W_i D^-1      A_kk = -D^-1          (i, j != k)
 * keeps A symmetric; after every block was swept once A holds -A^-1. It does as many flops as a Cholesky factor, its
 * inverse and their product (n^3), nearly all of them in one large matrix product a block, and needs one triangle.
 * Pivot blocks are factored and inverted by Cholesky in double. */
#include "spd_inverse.h"

#include "blocks.h"
#include "fmath.h"
#include "gemm.h"
#include "mem.h"
#include "base.h"

#define BLOCK 256u                /* rows of a pivot block: the depth of a packed product */
#define ROWS 512u                 /* rows of a shard */

typedef struct sweep {
  float *a;                       /* [n, n] */
  uint32_t n, first, size;        /* the pivot block */
  float *w, *v;                   /* [n, size] the block's columns; times -D^-1 */
  float *pivot;                   /* [BLOCK, BLOCK] -D^-1 */
  double *d, *inverse;            /* [BLOCK, BLOCK] */
  const ink_gemm *gemm;
  uint8_t *scratch;               /* [n_workers] of scratch_bytes */
  size_t scratch_bytes;
} sweep;

/* ------------------------------------------------------------------- pivot */

/* L L^T = d, in its lower triangle. What is left of a pivot must be more than the rounding of the floats it came from. */
static bool factor(double *d, uint32_t size) {
  for (uint32_t j = 0; j < size; j++) {
    double *row = d + (size_t)j * size;
    const double least = row[j] * 0x1p-24;
    for (uint32_t i = 0; i <= j; i++) {
      const double *above = d + (size_t)i * size;
      double sum = row[i];
      for (uint32_t k = 0; k < i; k++) sum -= row[k] * above[k];
      if (i < j) row[i] = sum / above[i];
      else if (sum > least && sum > 0.0) row[j] = ink_sqrt_f64(sum);
      else return false;
    }
  }
  return true;
}

/* inverse = L^-1, lower triangle; row by row, so that every inner loop runs along rows. */
static void invert_factor(const double *l, uint32_t size, double *inverse) {
  for (uint32_t i = 0; i < size; i++) {
    double *row = inverse + (size_t)i * size;
    for (uint32_t j = 0; j < size; j++) row[j] = i == j ? 1.0 : 0.0;
    for (uint32_t k = 0; k < i; k++) {
      const double *above = inverse + (size_t)k * size, by = l[(size_t)i * size + k];
      for (uint32_t j = 0; j <= k; j++) row[j] -= by * above[j];
    }
    for (uint32_t j = 0; j <= i; j++) row[j] /= l[(size_t)i * size + i];
  }
}

/* pivot = -D^-1 = -(L^-1)^T L^-1. */
static bool invert_pivot(sweep *s) {
  const uint32_t size = s->size;
  for (uint32_t i = 0; i < size; i++)
    for (uint32_t j = 0; j <= i; j++) s->d[(size_t)i * size + j] = (double)s->a[(size_t)(s->first + i) * s->n + s->first + j];
  if (!factor(s->d, size)) return false;
  invert_factor(s->d, size, s->inverse);
  for (size_t i = 0; i < (size_t)size * size; i++) s->d[i] = 0.0;
  for (uint32_t k = 0; k < size; k++) {
    const double *row = s->inverse + (size_t)k * size;
    for (uint32_t i = 0; i <= k; i++)
      for (uint32_t j = 0; j <= k; j++) s->d[(size_t)i * size + j] -= row[i] * row[j];
  }
  for (size_t i = 0; i < (size_t)size * size; i++) s->pivot[i] = (float)s->d[i];
  return true;
}

/* ------------------------------------------------------------------ shards */

static float *below(const sweep *s, uint32_t i) { return s->a + (size_t)i * s->n + s->first; }
static float *above(const sweep *s, uint32_t i, uint32_t c) { return s->a + (size_t)(s->first + c) * s->n + i; }

/* W of these rows from the lower triangle (zero in the pivot's own rows, so that the product leaves them), then V = W (-D^-1). */
static void gather_rows(void *arg, uint32_t shard, uint32_t worker) {
  const sweep *s = arg;
  const uint32_t begin = shard * ROWS, end = ink_min_u32(begin + ROWS, s->n), size = s->size;
  for (uint32_t i = begin; i < end; i++) {
    float *row = s->w + (size_t)i * size;
    if (i >= s->first + size) ink_mem_copy(row, below(s, i), size * sizeof *row);
    else if (i >= s->first) ink_mem_fill(row, 0, size * sizeof *row);
    else
      for (uint32_t c = 0; c < size; c++) row[c] = *above(s, i, c);
  }
  ink_gemm_run(s->gemm, end - begin, size, size, ink_gemm_plain(s->w + (size_t)begin * size, size), ink_gemm_plain(s->pivot, size),
               s->v + (size_t)begin * size, size, false, s->scratch + worker * s->scratch_bytes);
}

/* A_ij -= W_i D^-1 W_j^T up to the diagonal; the last rows, which are the longest, come first. */
static void update_rows(void *arg, uint32_t shard, uint32_t worker) {
  const sweep *s = arg;
  const uint32_t n_shards = (s->n + ROWS - 1) / ROWS, begin = (n_shards - 1 - shard) * ROWS, end = ink_min_u32(begin + ROWS, s->n);
  ink_gemm_run(s->gemm, end - begin, end, s->size, ink_gemm_plain(s->v + (size_t)begin * s->size, s->size), ink_gemm_transposed(s->w, s->size),
               s->a + (size_t)begin * s->n, s->n, true, s->scratch + worker * s->scratch_bytes);
}

static void put_back(const sweep *s) {
  for (uint32_t i = 0; i < s->n; i++) {
    const float *row = s->v + (size_t)i * s->size;
    if (i < s->first)
      for (uint32_t c = 0; c < s->size; c++) *above(s, i, c) = -row[c];
    else if (i < s->first + s->size) ink_mem_copy(below(s, i), s->pivot + (size_t)(i - s->first) * s->size, s->size * sizeof *row);
    else
      for (uint32_t c = 0; c < s->size; c++) below(s, i)[c] = -row[c];
  }
}

/* -A of the swept triangle, to both sides. */
static void mirror_rows(void *arg, uint32_t shard, uint32_t worker) {
  const sweep *s = arg;
  const uint32_t begin = shard * ROWS, end = ink_min_u32(begin + ROWS, s->n);
  (void)worker;
  for (uint32_t i = begin; i < end; i++)
    for (uint32_t j = 0; j <= i; j++) {
      const float x = -s->a[(size_t)i * s->n + j];
      s->a[(size_t)i * s->n + j] = s->a[(size_t)j * s->n + i] = x;
    }
}

/* ------------------------------------------------------------------- doors */

static ink_status sweep_all(sweep *s, const char *stage, const ink_train_env *env) {
  const uint32_t n_shards = (s->n + ROWS - 1) / ROWS;
  for (s->first = 0; s->first < s->n; s->first += BLOCK) {
    const ink_progress p = { .stage = stage, .done = s->first, .total = s->n, .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (env->progress && !env->progress(env->progress_ctx, &p)) return INK_E_STOPPED;
    s->size = ink_min_u32(BLOCK, s->n - s->first);
    if (!invert_pivot(s)) return INK_E_SINGULAR;
    env->threads.parallel_for(env->threads.ctx, n_shards, gather_rows, s);
    env->threads.parallel_for(env->threads.ctx, n_shards, update_rows, s);
    put_back(s);
  }
  env->threads.parallel_for(env->threads.ctx, n_shards, mirror_rows, s);
  return INK_OK;
}

static ink_status take_all(sweep *s, const ink_train_env *env) {
  INK_NEW(&env->allocator, (uint64_t)s->n * BLOCK, &s->w);
  INK_NEW(&env->allocator, (uint64_t)s->n * BLOCK, &s->v);
  INK_NEW(&env->allocator, BLOCK * BLOCK, &s->pivot);
  INK_NEW(&env->allocator, BLOCK * BLOCK, &s->d);
  INK_NEW(&env->allocator, BLOCK * BLOCK, &s->inverse);
  INK_NEW(&env->allocator, env->threads.n_workers * (uint64_t)s->scratch_bytes, &s->scratch);
  return INK_OK;
}

ink_status ink_spd_inverse(float *a, uint32_t n, const char *stage, const ink_train_env *env) {
  sweep s = { .a = a, .n = n, .gemm = ink_gemm_best() };
  s.scratch_bytes = ink_align_up(ink_gemm_scratch_bytes(s.gemm), INK_ALIGN);
  ink_status status = take_all(&s, env);
  if (status == INK_OK) status = sweep_all(&s, stage, env);
  void *const blocks[] = { s.w, s.v, s.pivot, s.d, s.inverse, s.scratch };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  return status;
}
