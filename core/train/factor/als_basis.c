/* als_basis.c - the axes in which a side's Gram matrix is diagonal.
 *
 * A score x.y is the same in every orthonormal basis, so a half step may choose one. In the eigenvectors of
 * G = sum c y y^T the system of each row is diagonal but for the row's own observations, and a row with n observations costs
 * n^2 d instead of d^3 (als_solve.h). One eigendecomposition a half step pays for that many times over. */
#include "als.h"
#include "blocks.h"
#include "eigen.h"
#include "fmath.h"
#include "gemm.h"
#include "mem.h"
#include "base.h"

/* ------------------------------------------------------------------- gram */

#define PARTIAL_FLOATS 4194304u   /* all partial Gram matrices together, unless four are already more */
#define WEIGHTED_ROWS 256u        /* rows weighted at a time */

typedef struct gram_job {
  const ink_als_side *side;
  uint32_t d, rows;               /* rows of a shard */
  const ink_gemm *gemm;
  float *partial;                 /* [n_shards, d, d] */
  uint8_t *scratch;               /* [n_workers] of scratch_bytes: the product's, then rows [WEIGHTED_ROWS, d] */
  size_t scratch_bytes, gemm_bytes;
} gram_job;

/* Rows times the root of their weight, so that the product stays symmetric to the last bit. */
static const float *weigh(const float *rows, const float *weight, uint32_t n, uint32_t d, float *out) {
  if (weight == NULL) return rows;
  for (uint32_t i = 0; i < n; i++) {
    const float root = ink_sqrt_f32(weight[i]);
    for (uint32_t k = 0; k < d; k++) out[(size_t)i * d + k] = root * rows[(size_t)i * d + k];
  }
  return out;
}

static void gram_shard(void *arg, uint32_t shard, uint32_t worker) {
  const gram_job *j = arg;
  const ink_als_side *side = j->side;
  const uint32_t d = j->d, first = shard * j->rows, end = ink_min_u32(first + j->rows, side->n);
  uint8_t *scratch = j->scratch + worker * j->scratch_bytes;
  float *partial = j->partial + (size_t)shard * d * d, *room = (float *)(void *)(scratch + j->gemm_bytes);
  for (uint32_t r = first; r < end; r += WEIGHTED_ROWS) {
    const uint32_t n = ink_min_u32(WEIGHTED_ROWS, end - r);
    const float *rows = weigh(side->vectors + (size_t)r * d, side->weight != NULL ? side->weight + r : NULL, n, d, room);
    ink_gemm_run(j->gemm, d, d, n, ink_gemm_transposed(rows, d), ink_gemm_plain(rows, d), partial, d, r > first, scratch);
  }
}

/* Shards are a matter of n and d alone. */
static uint32_t gram_shards(uint32_t n, uint32_t d, uint32_t *rows) {
  const uint32_t most = ink_max_u32(4, ink_min_u32(64, PARTIAL_FLOATS / (d * d)));
  *rows = ink_max_u32(512, (n + most - 1) / most);
  return (n + *rows - 1) / *rows;
}

static ink_status worker_scratch(const ink_train_env *env, size_t bytes, uint8_t **out) {
  INK_NEW(&env->allocator, (uint64_t)env->threads.n_workers * bytes, out);
  return INK_OK;
}

ink_status ink_als_gram(const ink_als_side *side, uint32_t d, const ink_train_env *env, double *gram) {
  gram_job job = { .side = side, .d = d, .gemm = ink_gemm_best() };
  const uint32_t n_shards = gram_shards(side->n, d, &job.rows);
  const size_t square = (size_t)d * d;
  job.gemm_bytes = ink_align_up(ink_gemm_scratch_bytes(job.gemm), 64);
  job.scratch_bytes = job.gemm_bytes + (size_t)WEIGHTED_ROWS * d * sizeof *job.partial;
  job.partial = ink_block_resize(&env->allocator, NULL, n_shards * (uint64_t)square, sizeof *job.partial);
  ink_status status = job.partial == NULL ? INK_E_NO_MEMORY : worker_scratch(env, job.scratch_bytes, &job.scratch);
  if (status == INK_OK) {
    env->threads.parallel_for(env->threads.ctx, n_shards, gram_shard, &job);
    for (size_t i = 0; i < square; i++) gram[i] = 0.0;
    for (uint32_t s = 0; s < n_shards; s++)
      for (size_t i = 0; i < square; i++) gram[i] += (double)job.partial[s * square + i];
  }
  ink_block_free(&env->allocator, job.partial);
  ink_block_free(&env->allocator, job.scratch);
  return status;
}

/* ----------------------------------------------------------------- rotate */

#define ROTATED_ROWS 512u

typedef struct rotate_job {
  float *vectors;
  uint32_t n, d;
  const float *axes;              /* [d, d] row k = new axis k */
  const ink_gemm *gemm;
  uint8_t *scratch;               /* [n_workers] of scratch_bytes: the product's, then rows [ROTATED_ROWS, d] */
  size_t scratch_bytes, gemm_bytes;
} rotate_job;

static void rotate_shard(void *arg, uint32_t shard, uint32_t worker) {
  const rotate_job *j = arg;
  const uint32_t first = shard * ROTATED_ROWS, n = ink_min_u32(ROTATED_ROWS, j->n - first);
  float *rows = j->vectors + (size_t)first * j->d;
  uint8_t *scratch = j->scratch + worker * j->scratch_bytes;
  float *turned = (float *)(void *)(scratch + j->gemm_bytes);
  ink_gemm_run(j->gemm, n, j->d, j->d, ink_gemm_plain(rows, j->d), ink_gemm_transposed(j->axes, j->d), turned, j->d, false, scratch);
  ink_mem_copy(rows, turned, (size_t)n * j->d * sizeof *rows);
}

static ink_status rotate(float *vectors, uint32_t n, uint32_t d, const float *axes, const ink_train_env *env) {
  rotate_job job = { .vectors = vectors, .n = n, .d = d, .axes = axes, .gemm = ink_gemm_best() };
  job.gemm_bytes = ink_align_up(ink_gemm_scratch_bytes(job.gemm), 64);
  job.scratch_bytes = job.gemm_bytes + ink_align_up((size_t)ROTATED_ROWS * d * sizeof *vectors, 64);
  INK_TRY(worker_scratch(env, job.scratch_bytes, &job.scratch));
  env->threads.parallel_for(env->threads.ctx, (n + ROTATED_ROWS - 1) / ROTATED_ROWS, rotate_shard, &job);
  ink_block_free(&env->allocator, job.scratch);
  return INK_OK;
}

/* ------------------------------------------------------------------- door */

/* work: gram [d, d], axes [d, d], values [d], scratch [2d] in doubles; axes as floats [d, d] over the used gram. */
static ink_status find_axes(const ink_als_side *side, uint32_t d, const ink_train_env *env, double *work, float *spectrum) {
  const size_t square = (size_t)d * d;
  double *gram = work, *axes = gram + square, *values = axes + square, *scratch = values + d;
  float *turn = (float *)(void *)gram;
  INK_TRY(ink_als_gram(side, d, env, gram));
  if (!ink_eigen_symmetric(gram, d, values, axes, scratch)) return INK_E_DIVERGED;
  for (size_t i = 0; i < square; i++) turn[i] = (float)axes[i];
  for (uint32_t k = 0; k < d; k++) spectrum[k] = values[k] > 0.0 ? (float)values[k] : 0.0f;
  return INK_OK;
}

ink_status ink_als_diagonalise(ink_als_side *side, ink_als_side *partner, uint32_t d, const ink_train_env *env, float *spectrum) {
  double *work;
  INK_NEW(&env->allocator, 2 * (uint64_t)d * d + 3 * (uint64_t)d, &work);
  const float *axes = (const float *)(const void *)work;
  ink_status status = find_axes(side, d, env, work, spectrum);
  if (status == INK_OK) status = rotate(side->vectors, side->n, d, axes, env);
  if (status == INK_OK && partner != NULL) status = rotate(partner->vectors, partner->n, d, axes, env);
  ink_block_free(&env->allocator, work);
  return status;
}
