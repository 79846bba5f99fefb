/* als_model.c - a whole fit: random item vectors, then people and items in turns. */
#include "als.h"
#include "blocks.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

ink_status ink_als_side_new(ink_als_side *side, uint32_t n, const ink_als_options *options, const ink_allocator *allocator) {
  const size_t n_floats = (size_t)n * options->d;
  *side = (ink_als_side){ .n = n };
  INK_NEW(allocator, n_floats, &side->vectors);
  ink_mem_fill(side->vectors, 0, n_floats * sizeof *side->vectors);
  if (!options->rule.is_explicit) return INK_OK;
  INK_NEW(allocator, n, &side->bias);
  ink_mem_fill(side->bias, 0, n * sizeof *side->bias);
  return INK_OK;
}

void ink_als_side_free(ink_als_side *side, const ink_allocator *allocator) {
  ink_block_free(allocator, side->vectors);
  ink_block_free(allocator, side->bias);
  ink_block_free(allocator, side->weight);
  *side = (ink_als_side){ 0 };
}

void ink_als_model_free(ink_als_model *model, const ink_allocator *allocator) {
  ink_als_side_free(&model->people, allocator);
  ink_als_side_free(&model->items, allocator);
}

/* A stream for each item: its start does not depend on how many others there are. Expected length init_scale. */
static void scatter(const ink_als_options *o, ink_als_side *items) {
  const double scale = (double)o->init_scale / ink_sqrt_f64((double)o->d);
  for (uint32_t i = 0; i < items->n; i++) {
    ink_rng rng;
    ink_rng_seed(&rng, o->seed, i);
    for (uint32_t k = 0; k < o->d; k++) items->vectors[(size_t)i * o->d + k] = (float)(scale * ink_rng_normal(&rng));
  }
}

/* c_i = n_i^popularity, scaled to a mean of 1 over the items that have observations; others do not matter. */
static ink_status weigh_items(const ink_als_options *o, const ink_als_matrix *items_by_people, ink_als_side *items, const ink_allocator *allocator) {
  double sum = 0.0;
  uint32_t n_observed = 0;
  if (o->rule.is_explicit || !(o->popularity > 0.0f)) return INK_OK;
  INK_NEW(allocator, items->n, &items->weight);
  for (uint32_t i = 0; i < items->n; i++) {
    const double n = (double)(items_by_people->starts[i + 1] - items_by_people->starts[i]), c = ink_pow_f64(n, (double)o->popularity);
    items->weight[i] = (float)c;
    sum += c;
    n_observed += n > 0.0;
  }
  for (uint32_t i = 0; i < items->n; i++) items->weight[i] = (float)((double)items->weight[i] * n_observed / sum);
  return INK_OK;
}

static ink_status tell(const ink_train_env *env, ink_als_clock *clock) {
  const ink_progress p = { .stage = "als", .done = ++clock->done, .total = clock->total,
                           .loss = __builtin_nan(""), .metric = __builtin_nan("") };
  return env->progress == NULL || env->progress(env->progress_ctx, &p) ? INK_OK : INK_E_STOPPED;
}

static ink_status diverged(const ink_train_env *env, uint32_t iteration) {
  ink_refuse(env->fault, INK_E_DIVERGED, (ink_text){ "als", 3 }, "a larger regularization");
  return ink_refuse_at(env->fault, INK_E_DIVERGED, "iteration", iteration);
}

static ink_status iterate(const ink_als_options *o, const ink_als_matrix *people_by_items, const ink_als_matrix *items_by_people,
                          const ink_train_env *env, ink_als_clock *clock, ink_als_model *model) {
  const ink_als_ridge ridge = { o->lambda, o->nu, o->bias_lambda };
  for (uint32_t i = 0; i < o->iterations; i++) {
    ink_status status = ink_als_half_step(o, &ridge, people_by_items, &model->items, &model->people, env);
    if (status == INK_OK) status = tell(env, clock);
    if (status == INK_OK) status = ink_als_half_step(o, &ridge, items_by_people, &model->people, &model->items, env);
    if (status == INK_OK) status = tell(env, clock);
    if (status == INK_E_DIVERGED) return diverged(env, i + 1);
    INK_TRY(status);
  }
  return INK_OK;
}

ink_status ink_als_fit(const ink_als_options *options, const ink_als_matrix *people_by_items, const ink_train_env *env,
                       ink_als_clock *clock, ink_als_model *model) {
  ink_als_model m = { { 0 }, { 0 } };
  ink_als_matrix items_by_people = { 0 };
  ink_status status = ink_als_transpose(people_by_items, env, &items_by_people);
  if (status == INK_OK) status = ink_als_side_new(&m.people, people_by_items->n_rows, options, &env->allocator);
  if (status == INK_OK) status = ink_als_side_new(&m.items, people_by_items->n_cols, options, &env->allocator);
  if (status == INK_OK) status = weigh_items(options, &items_by_people, &m.items, &env->allocator);
  if (status == INK_OK) {
    scatter(options, &m.items);
    status = iterate(options, people_by_items, &items_by_people, env, clock, &m);
  }
  ink_als_matrix_free(&items_by_people, &env->allocator);
  if (status == INK_OK) *model = m;
  else ink_als_model_free(&m, &env->allocator);
  return status;
}
