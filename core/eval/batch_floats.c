/* batch_floats.c - the screen of batch.h where bytes are not faster: a matrix product of floats. */
#include "batch_parts.h"

#include "blocks.h"
#include "caps.h"
#include "mem.h"
#include "base.h"

ink_status ink_batch_floats_rows(const ink_train_env *env, ink_eval_rows *r) {
  INK_NEW(&env->allocator, (uint64_t)r->n * r->d, &r->sorted);
  if (r->bias != NULL) INK_NEW(&env->allocator, r->n, &r->sorted_bias);
  for (uint32_t i = 0; i < r->n; i++) {
    ink_mem_copy(r->sorted + (size_t)i * r->d, r->rows + (size_t)r->items[i] * r->d, r->d * sizeof *r->rows);
    if (r->bias != NULL) r->sorted_bias[i] = r->bias[r->items[i]];
  }
  return INK_OK;
}

ink_status ink_batch_floats_open(const ink_train_env *env, ink_eval_batch *b) {
  b->gemm = ink_gemm_best();
  b->gemm_scratch = ink_block_resize(&env->allocator, NULL, ink_gemm_scratch_bytes(b->gemm), 1);
  if (b->gemm_scratch == NULL) return INK_E_NO_MEMORY;
  INK_NEW(&env->allocator, (uint64_t)INK_BATCH_PEOPLE * INK_CAP_DIM, &b->active_vectors);
  INK_NEW(&env->allocator, (uint64_t)INK_BATCH_PEOPLE * INK_BATCH_BLOCK, &b->product);
  INK_NEW(&env->allocator, INK_BATCH_BLOCK, &b->hits);
  return INK_OK;
}

static void take_hits(const ink_eval_run *run, ink_eval_batch *b, ink_batch_person *p, float *scores, uint32_t first, uint32_t n) {
  const ink_eval_rows *r = run->rows;
  if (r->bias != NULL) run->env->kernels->add_f32(r->sorted_bias + first, scores, n);
  const size_t n_hits = run->env->kernels->select_ge(scores, n, p->border - 2 * p->rounding, b->hits);
  for (size_t i = 0; i < n_hits; i++) {
    const float score = scores[b->hits[i]];
    ink_batch_offer(r, p, first + b->hits[i], score + p->rounding, score - p->rounding);
  }
  ink_batch_trim(b, p);
}

void ink_batch_floats_screen(const ink_eval_run *run, ink_eval_batch *b, uint32_t first, uint32_t n) {
  const ink_eval_rows *r = run->rows;
  for (uint32_t i = 0; i < b->n_active; i++)
    ink_mem_copy(b->active_vectors + (size_t)i * r->d, b->vectors + (size_t)b->active[i] * r->d, r->d * sizeof *b->vectors);
  ink_gemm_run(b->gemm, b->n_active, n, r->d, ink_gemm_plain(b->active_vectors, r->d),
               ink_gemm_transposed(r->sorted + (size_t)first * r->d, r->d), b->product, INK_BATCH_BLOCK, false, b->gemm_scratch);
  for (uint32_t i = 0; i < b->n_active; i++)
    take_hits(run, b, &b->people[b->active[i]], b->product + (size_t)i * INK_BATCH_BLOCK, first, n);
}
