/* fit_spectral.c - a filter without training in the sense of GF-CF (Shen et al. 2021): with R~ = Du^-1/2 R Di^-1/2 the
 * degree-normalised choices and V their first `factors` right singular vectors,
 *   W = R~^T R~ + alpha Di^-1/2 V V^T Di^1/2         score = (a person's choices) W:
 * co-occurrence, and an ideal low-pass filter that keeps the smooth part of it. W is dense; each item keeps the `neighbours` targets
 * it speaks loudest for, which is where a small pack loses against the published filter (docs/families/spectral.md). Keeping
 * each target's loudest sources instead loses far more: their scale is the target's, and a slate compares targets. */
#include "fit_spectral.h"

#include "blocks.h"
#include "common_settings.h"
#include "fmath.h"
#include "gemm.h"
#include "item_gram.h"
#include "item_pairs.h"
#include "linear_settings.h"
#include "mem.h"
#include "top_vectors.h"
#include "base.h"

#define SOURCES 64u               /* whose low-pass part is one product; divides a shard of ink_pairs_build() */

enum { G_NEIGHBOURS, G_FACTORS, G_ALPHA, G_PASSES, G_WEIGHTS, G_N };
static const ink_setting spectral_settings[G_N] = {
  [G_NEIGHBOURS] = { "neighbours", "targets kept for each item", 200, 1, 10000, true, NULL },
  [G_FACTORS] = { "factors", "singular vectors that the low-pass filter keeps", 256, 1, 1024, true, NULL },
  [G_ALPHA] = { "alpha", "weight of the low-pass part; 0: co-occurrence alone", 0.3, 0, 1000, false, NULL },
  [G_PASSES] = { "passes", "products with R^T R in which the vectors settle", 8, 1, 1000, true, NULL },
  [G_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

typedef struct filter {
  ink_choices choices;            /* R~ and its transpose */
  uint32_t n_items, d;
  float alpha;
  float *root;                    /* [N] Di^1/2; 0 for an item without choices */
  float *vectors;                 /* [N, d]; NULL where alpha is 0 */
  float *packed;                  /* V^T as the right side of products, INK_GEMM_DEPTH factors after the other */
  float **smooth;                 /* [n_workers] of [SOURCES, N]: V V^T */
  uint32_t *block;                /* [n_workers] which sources `smooth` holds, in units of SOURCES */
  uint32_t n_workers;
  const ink_gemm *gemm;
  uint8_t *scratch; size_t scratch_bytes;
} filter;

/* ------------------------------------------------------------------ degrees */

static float magnitude(float x) { return x < 0.0f ? -x : x; }

/* Roots of the rows' sums of magnitudes; 0 for a row without values. */
static void row_roots(const ink_matrix *m, float *root) {
  for (uint32_t r = 0; r < m->n_rows; r++) {
    double sum = 0.0;
    for (uint64_t e = m->starts[r]; e < m->starts[r + 1]; e++) sum += (double)magnitude(m->values[e]);
    root[r] = (float)ink_sqrt_f64(sum);
  }
}

static void divide(ink_matrix *m, const float *row, const float *col) {
  for (uint32_t r = 0; r < m->n_rows; r++)
    for (uint64_t e = m->starts[r]; e < m->starts[r + 1]; e++) m->values[e] /= row[r] * col[m->cols[e]];
}

static ink_status normalise(filter *f, const ink_allocator *a) {
  float *person;
  INK_NEW(a, f->n_items, &f->root);
  INK_NEW(a, f->choices.people.n_rows, &person);
  row_roots(&f->choices.items, f->root);
  row_roots(&f->choices.people, person);
  divide(&f->choices.people, person, f->root);
  divide(&f->choices.items, f->root, person);
  ink_block_free(a, person);
  return INK_OK;
}

/* ------------------------------------------------------------------ weights */

/* Rows of V V^T for the block of targets that holds `source`. */
static const float *smooth_row(const filter *f, uint32_t source, uint32_t worker) {
  const uint32_t block = source / SOURCES, first = block * SOURCES, n = ink_min_u32(SOURCES, f->n_items - first);
  if (f->block[worker] != block) {
    for (uint32_t k = 0; k < f->d; k += INK_GEMM_DEPTH)
      ink_gemm_run_packed(f->gemm, n, f->n_items, ink_min_u32(INK_GEMM_DEPTH, f->d - k), ink_gemm_plain(f->vectors + (size_t)first * f->d + k, f->d),
                          f->packed + ink_gemm_packed_floats(f->gemm, f->n_items, k), f->smooth[worker], f->n_items, k > 0,
                          f->scratch + worker * f->scratch_bytes);
    f->block[worker] = block;
  }
  return f->smooth[worker] + (size_t)(source - first) * f->n_items;
}

static ink_status targets(void *arg, uint32_t source, ink_sources *out, uint32_t worker) {
  const filter *f = arg;
  ink_gram_row(&f->choices, source, out);
  if (f->vectors == NULL || f->root[source] == 0.0f) return INK_OK;
  const float *smooth = smooth_row(f, source, worker), by = f->alpha / f->root[source];
  for (uint32_t i = 0; i < f->n_items; i++) out->value[i] += by * smooth[i] * f->root[i];
  out->all = true;
  return INK_OK;
}

/* -------------------------------------------------------------------- door */

/* Once for all products. Takes as much as the vectors. */
static ink_status pack(filter *f, const ink_allocator *a) {
  INK_NEW(a, ink_gemm_packed_floats(f->gemm, f->n_items, f->d), &f->packed);
  for (uint32_t k = 0; k < f->d; k += INK_GEMM_DEPTH)
    ink_gemm_pack(f->gemm, ink_min_u32(INK_GEMM_DEPTH, f->d - k), f->n_items, ink_gemm_transposed(f->vectors + k, f->d),
                  f->packed + ink_gemm_packed_floats(f->gemm, f->n_items, k));
  return INK_OK;
}

static ink_status prepare(filter *f, uint32_t passes, uint64_t seed, const ink_train_env *env) {
  const ink_allocator *a = &env->allocator;
  const uint32_t n_workers = env->threads.n_workers;
  INK_TRY(normalise(f, a));
  if (f->alpha == 0.0f) return INK_OK;
  INK_NEW(a, (uint64_t)f->n_items * f->d, &f->vectors);
  INK_TRY(ink_top_vectors(&f->choices.people, &f->choices.items, NULL, f->d, passes, seed, env, f->vectors));
  INK_TRY(pack(f, a));
  f->scratch_bytes = ink_align_up(ink_gemm_scratch_bytes(f->gemm), INK_ALIGN);
  INK_NEW(a, n_workers * (uint64_t)f->scratch_bytes, &f->scratch);
  INK_NEW(a, n_workers, &f->block);
  INK_NEW(a, n_workers, &f->smooth);
  for (uint32_t w = 0; w < n_workers; w++) {
    f->block[w] = INK_NONE;
    f->smooth[w] = NULL;
  }
  f->n_workers = n_workers;
  for (uint32_t w = 0; w < n_workers; w++) INK_NEW(a, (uint64_t)SOURCES * f->n_items, &f->smooth[w]);
  return INK_OK;
}

static void release(filter *f, const ink_allocator *a) {
  for (uint32_t w = 0; w < f->n_workers; w++) ink_block_free(a, f->smooth[w]);
  void *const blocks[] = { f->smooth, f->block, f->scratch, f->packed, f->vectors, f->root };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_choices_free(&f->choices, a);
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  filter f = { .n_items = data->items.n, .d = (uint32_t)values[G_FACTORS], .alpha = (float)values[G_ALPHA], .gemm = ink_gemm_best() };
  const ink_pairs_job job = { .prefix = "spectral", .n_items = f.n_items, .keep = ink_min_u32((uint32_t)values[G_NEIGHBOURS], f.n_items),
                              .by_source = true, .f32 = values[G_WEIGHTS] > 0.0, .sources = targets, .arg = &f };
  INK_TRY(ink_choices_of(data, env, &f.choices));
  f.d = ink_min_u32(f.d, ink_min_u32(f.n_items, data->users.n));           /* there are no more singular values */
  ink_status status = prepare(&f, (uint32_t)values[G_PASSES], seed, env);
  if (status == INK_OK) status = ink_linear_sums(&job, data, env, out);
  release(&f, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_spectral = { .name = "spectral", .about = "co-occurrence and its smooth part: a filter on the graph of people and items",
                                           .settings = spectral_settings, .n_settings = G_N, .fit = fit };
