/* fit_ease.c - EASE^R (Steck 2019): the weights B with zero diagonal that minimise |X - X B|^2 + lambda |B|^2.
 * With P = (X^T X + lambda I)^-1 they are B_ij = -P_ij / P_jj. The inverse is dense (item_inverse.h), so catalogues
 * where it takes more than `memory` are refused unless `blockwise` is chosen. Then each item is regressed on its `block` nearest partners
 * alone (the sparse approximation of Steck, "Markov Random Fields for Collaborative Filtering", 2019, with a block an item). */
#include "fit_ease.h"

#include "blocks.h"
#include "common_settings.h"
#include "dataset.h"
#include "fault.h"
#include "item_inverse.h"
#include "item_system.h"
#include "linear_settings.h"
#include "utf8.h"
#include "base.h"

enum { E_NEIGHBOURS, E_LAMBDA, E_MEMORY, E_BLOCKWISE, E_BLOCK, E_WEIGHTS, E_N };
static const ink_setting ease_settings[E_N] = {
  [E_NEIGHBOURS] = { "neighbours", "sources kept for each item", 200, 1, 10000, true, NULL },
  [E_LAMBDA] = { "regularization", "added to the diagonal; -1 = twice the average number of choices of an item", -1, -1, 1e9, false, NULL },
  [E_MEMORY] = { "memory", "GB that the inverse may take: 1 is enough for 21,696 items or 15,600 people, 4 for 44,160 or 31,400", 1, 0, 1e4, false, NULL },
  [E_BLOCKWISE] = { "blockwise", "each item from its nearest partners only: no inverse", 0, 0, 1, true, ink_yes_words },
  [E_BLOCK] = { "block", "partners that an item is regressed on (blockwise)", 500, 1, 4000, true, NULL },
  [E_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

typedef struct ease {
  ink_choices choices;
  uint32_t n_items;
  float lambda;
  const ink_kernels *kernels;
  ink_item_inverse inverse;       /* P */
  ink_partners partners;          /* blockwise */
  float **system, **solution;     /* [n_workers] blockwise */
  uint32_t n_workers;
} ease;

/* ------------------------------------------------------------------- whole */

static ink_status whole_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const ease *e = arg;
  const float *row = ink_item_inverse_row(&e->inverse, target, worker), by = -1.0f / row[target];
  if (!(row[target] > 0.0f)) return INK_E_SINGULAR;
  for (uint32_t i = 0; i < e->n_items; i++) out->value[i] = row[i] * by;
  out->all = true;
  return INK_OK;
}

static ink_status prepare_whole(ease *e, double most_gigabytes, const ink_train_env *env) {
  const double gigabytes = ink_item_inverse_bytes(&e->choices) / 1e9;
  if (gigabytes <= most_gigabytes) return ink_item_inverse_open(&e->inverse, &e->choices, e->lambda, env);
  return ink_refuse_number(env->fault, INK_E_SETTING, ink_text_of("memory"), "an inverse (blockwise=yes needs none) of so many GB", gigabytes, 0,
                           most_gigabytes);
}

/* --------------------------------------------------------------- blockwise */

static ink_status block_sources(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const ease *e = arg;
  ink_item_system s;
  float *a = e->system[worker], *x = e->solution[worker];
  ink_partners_of(&e->partners, target, worker, out, &s);
  for (uint32_t i = 0; i < s.n; i++) {
    for (uint32_t j = 0; j <= i; j++) a[i * s.stride + j] = s.gram[i * s.stride + j];
    a[i * s.stride + i] += e->lambda;
  }
  if (!e->kernels->chol_f32(a, s.n, s.stride)) return INK_E_SINGULAR;
  e->kernels->chol_solve_f32(a, s.n, s.stride, s.with_target, x);
  ink_partners_put(&s, x, out);
  return INK_OK;
}

static ink_status prepare_blocks(ease *e, uint32_t block, const ink_train_env *env) {
  const ink_allocator *a = &env->allocator;
  const uint32_t most = ink_min_u32(block, e->n_items), n_workers = env->threads.n_workers;
  INK_TRY(ink_partners_open(&e->partners, &e->choices, NULL, most, env));
  INK_NEW(a, n_workers, &e->system);
  for (uint32_t w = 0; w < n_workers; w++) e->system[w] = NULL;
  INK_NEW(a, n_workers, &e->solution);
  for (uint32_t w = 0; w < n_workers; w++) e->solution[w] = NULL;
  e->n_workers = n_workers;
  for (uint32_t w = 0; w < n_workers; w++) {
    INK_NEW(a, (uint64_t)most * (most + 16), &e->system[w]);
    INK_NEW(a, most, &e->solution[w]);
  }
  return INK_OK;
}

/* -------------------------------------------------------------------- door */

static void release(ease *e, const ink_allocator *a) {
  for (uint32_t w = 0; w < e->n_workers; w++) {
    ink_block_free(a, e->system[w]);
    ink_block_free(a, e->solution[w]);
  }
  ink_block_free(a, e->system);
  ink_block_free(a, e->solution);
  ink_item_inverse_close(&e->inverse, a);
  ink_partners_close(&e->partners, a);
  ink_choices_free(&e->choices, a);
}

static float lambda_of(const ease *e, double set) {
  const double average = (double)e->choices.people.n_values / (double)e->n_items;
  return (float)(set >= 0.0 ? set : 2.0 * average);
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const bool blockwise = values[E_BLOCKWISE] > 0.0;
  ease e = { .n_items = data->items.n, .kernels = env->kernels != NULL ? env->kernels : ink_kernels_best() };
  const ink_pairs_job job = { .prefix = "ease", .n_items = e.n_items, .keep = ink_min_u32((uint32_t)values[E_NEIGHBOURS], e.n_items),
                              .f32 = values[E_WEIGHTS] > 0.0, .sources = blockwise ? block_sources : whole_sources, .arg = &e };
  (void)seed;
  INK_TRY(ink_choices_of(data, env, &e.choices));
  e.lambda = lambda_of(&e, values[E_LAMBDA]);
  ink_status status = blockwise ? prepare_blocks(&e, (uint32_t)values[E_BLOCK], env) : prepare_whole(&e, values[E_MEMORY], env);
  if (status == INK_OK) status = ink_linear_sums(&job, data, env, out);
  if (status == INK_E_SINGULAR) ink_refuse(env->fault, status, ink_text_of("regularization"), "a larger number");
  release(&e, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_ease = { .name = "ease", .about = "every item predicted from all others, by ridge regression in closed form",
                                       .settings = ease_settings, .n_settings = E_N, .fit = fit };
