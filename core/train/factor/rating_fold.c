/* rating_fold.c - the ridges that folding wants, for any factor model of ratings: people are set aside from training, the family
 * that will serve the model folds what they show, and the ridges that tell their hidden fifth best are kept. (als_fold.c
 * does the same with its own solver; a person on a device was in no training, and the ridge of training is not theirs.) */
#include "als_fold.h"
#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "rating_model.h"
#include "utf8.h"
#include "base.h"

#define LEAST_PEOPLE 20u
#define MOST_PEOPLE 2000u
#define SHARD_PEOPLE 8u
/* Ridges are searched within these powers of two of the start. With many ratings a person's bias wants hardly any ridge; with
 * one it wants some, so that one does not wander far. */
static const double farthest[2] = { 10.0, 3.0 };

/* ------------------------------------------------------------------- aside */

void ink_rating_aside_free(ink_rating_aside *a, const ink_allocator *allocator) {
  ink_als_matrix_free(&a->rest, allocator);
  ink_als_matrix_free(&a->aside, allocator);
  ink_block_free(allocator, a->shown);
  *a = (ink_rating_aside){ 0 };
}

static ink_status split(const ink_als_matrix *m, uint64_t seed, const ink_train_env *env, uint32_t *order, uint8_t *is_aside, ink_rating_aside *out) {
  ink_rng rng;
  ink_rng_seed(&rng, seed, UINT64_MAX);
  const uint32_t n = ink_als_choose_aside(m, ink_min_u32(m->n_rows / 10, MOST_PEOPLE), &rng, order, is_aside);
  if (n < LEAST_PEOPLE) return INK_OK;
  INK_TRY(ink_als_select(m, is_aside, 0, env, &out->rest));
  INK_TRY(ink_als_select(m, is_aside, 1, env, &out->aside));
  INK_NEW(&env->allocator, n, &out->shown);
  ink_als_hide(&out->aside, &rng, out->shown);
  return INK_OK;
}

ink_status ink_rating_set_aside(const ink_als_matrix *m, uint64_t seed, const ink_train_env *env, ink_rating_aside *out) {
  const ink_allocator *a = &env->allocator;
  ink_rating_aside made = { 0 };
  uint32_t *order = ink_block_resize(a, NULL, m->n_rows, sizeof *order);
  uint8_t *is_aside = ink_block_resize(a, NULL, m->n_rows, sizeof *is_aside);
  const ink_status status = order != NULL && is_aside != NULL ? split(m, seed, env, order, is_aside, &made) : INK_E_NO_MEMORY;
  ink_block_free(a, order);
  ink_block_free(a, is_aside);
  if (status == INK_OK) *out = made;
  else ink_rating_aside_free(&made, a);
  return status;
}

/* ------------------------------------------------------------------- trial */

typedef struct trial {
  const ink_rating_aside *aside;
  const ink_factor_parts *parts;
  float mean;
  float settings[FACTOR_N_SETTINGS];
  ink_bound bound;
  const ink_kernels *kernels;
  uint32_t most;                  /* longest row */
  uint8_t *memory;                /* [n_workers] of each_bytes: events, state, scratch */
  size_t each_bytes, events_bytes, state_bytes;
  double *loss;                   /* [people aside] */
} trial;

/* The model's tensors by name, as far as modes of ratings ask for them. */
static bool find_part(const void *ctx, ink_text name, ink_tensor *out) {
  const trial *t = ctx;
  const ink_factor_parts *p = t->parts;
  const ink_text prefix = ink_text_of(p->prefix);
  const struct { const char *part; const void *data; uint32_t rank; } all[] = {
    { ".items", p->items, 2 }, { ".bias", p->bias, 1 }, { ".fold", p->fold, 2 }, { ".settings", t->settings, 1 } };
  if (name.n <= prefix.n) return false;
  for (size_t i = 0; i < INK_COUNT_OF(all); i++) {
    if (all[i].data == NULL || !ink_text_equal((ink_text){ name.bytes + prefix.n, name.n - prefix.n }, ink_text_of(all[i].part))) continue;
    *out = (ink_tensor){ .name = name, .dtype = INK_DTYPE_F32, .rank = all[i].rank, .shape = { i == 3 ? FACTOR_N_SETTINGS : p->n, p->d, 1, 1 },
                         .data = all[i].data };
    return true;
  }
  return false;
}

/* An observation as the event that a fold makes it of. */
static ink_past event_of(const trial *t, uint64_t at, uint64_t seq) {
  const ink_als_matrix *m = &t->aside->aside;
  const bool rated = m->a[at] == 1.0f;
  return (ink_past){ .item = m->cols[at], .value = m->b[at] + t->mean, .rating = rated, .seq = seq,
                     .weight = rated ? 1.0f : m->b[at] > 0.0f ? 5.0f * m->a[at] : -5.0f * m->a[at] };
}

/* Squared error of one person's hidden ratings; those of an unusable fold count as the mean. */
static double person_loss(const trial *t, uint32_t r, uint8_t *memory) {
  const ink_als_matrix *m = &t->aside->aside;
  const uint64_t first = m->starts[r];
  const uint32_t n = t->aside->shown[r], d = t->parts->d;
  ink_past *events = (ink_past *)(void *)memory;
  void *state = memory + t->events_bytes;
  ink_query q = { .offset = t->mean };
  ink_arena scratch;
  double sum = 0.0;
  for (uint32_t i = 0; i < n; i++) events[i] = event_of(t, first + i, i + 1);
  ink_arena_init(&scratch, memory + t->events_bytes + t->state_bytes, t->bound.scratch_bytes);
  const ink_history history = { events, n, 0 };
  const bool folded = ink_family_svd.fold(t->bound.model, &history, state, &scratch) == INK_OK;
  if (folded) ink_family_svd.query(t->bound.model, state, &q);
  for (uint64_t e = first + n; e < m->starts[r + 1]; e++) {
    const uint32_t i = m->cols[e];
    float guess = q.offset;
    if (folded) guess += t->parts->bias[i] + t->kernels->dot_f32(q.vector, t->parts->items + (size_t)i * d, d);
    guess = guess < t->settings[FACTOR_LOWEST] ? t->settings[FACTOR_LOWEST] : guess > t->settings[FACTOR_HIGHEST] ? t->settings[FACTOR_HIGHEST] : guess;
    const double away = (double)guess - (double)t->mean - (double)m->b[e];
    sum += (double)m->a[e] * away * away;
  }
  return sum;
}

static void loss_shard(void *arg, uint32_t shard, uint32_t worker) {
  const trial *t = arg;
  const uint32_t end = ink_min_u32((shard + 1) * SHARD_PEOPLE, t->aside->aside.n_rows);
  for (uint32_t r = shard * SHARD_PEOPLE; r < end; r++) t->loss[r] = person_loss(t, r, t->memory + worker * t->each_bytes);
}

/* Loss at the ridges `at` times the start, as powers of two. */
static double loss_at(trial *t, const float start[2], const double at[2], const ink_train_env *env) {
  const uint32_t n = t->aside->aside.n_rows;
  double sum = 0.0;
  t->settings[FACTOR_LAMBDA] = start[0] * (float)ink_pow_f64(2.0, at[0]);
  t->settings[FACTOR_BIAS_LAMBDA] = start[1] * (float)ink_pow_f64(2.0, at[1]);
  env->threads.parallel_for(env->threads.ctx, (n + SHARD_PEOPLE - 1) / SHARD_PEOPLE, loss_shard, t);
  for (uint32_t r = 0; r < n; r++) sum += t->loss[r];
  return sum;
}

/* Walks along each open ridge with shrinking steps while that helps. */
static void search(trial *t, const bool fixed[2], const ink_train_env *env) {
  const float start[2] = { t->settings[FACTOR_LAMBDA], t->settings[FACTOR_BIAS_LAMBDA] };
  double at[2] = { 0.0, 0.0 }, best = loss_at(t, start, at, env);
  for (double by = 2.0; by >= 0.25; by /= 2.0)
    for (uint32_t which = 0; which < 2; which++)
      for (int way = fixed[which] ? 2 : 0; way < 2; way++) {
        double next[2] = { at[0], at[1] };
        for (;;) {
          next[which] += way == 0 ? by : -by;
          if (next[which] > farthest[which] || next[which] < -farthest[which]) break;
          const double loss = loss_at(t, start, next, env);
          if (!(loss < best)) break;
          best = loss;
          at[which] = next[which];
          way = 2;                                    /* it went this way: the other one is worse */
        }
      }
  t->settings[FACTOR_LAMBDA] = start[0] * (float)ink_pow_f64(2.0, at[0]);
  t->settings[FACTOR_BIAS_LAMBDA] = start[1] * (float)ink_pow_f64(2.0, at[1]);
}

/* ------------------------------------------------------------------- door */

static ink_status bind(trial *t, const ink_tensor_source *source, void *memory, size_t bytes, size_t *needed, const ink_train_env *env) {
  ink_arena arena;
  if (memory == NULL) ink_arena_init_measure(&arena);
  else ink_arena_init(&arena, memory, bytes);
  const ink_bind b = { t->parts->prefix, source, t->parts->n, t->most, memory == NULL ? NULL : t->kernels, &arena, env->fault };
  const ink_status status = ink_factor_bind(&b, &t->bound);
  *needed = arena.high;
  return status;
}

static ink_status run(trial *t, const ink_tensor_source *source, uint8_t **model, const bool fixed[2], const ink_train_env *env) {
  size_t bytes;
  INK_TRY(bind(t, source, NULL, 0, &bytes, env));
  INK_NEW(&env->allocator, bytes, model);
  INK_TRY(bind(t, source, *model, bytes, &bytes, env));
  t->events_bytes = ink_align_up(t->most * sizeof(ink_past), INK_ALIGN);
  t->state_bytes = ink_align_up(t->bound.state_bytes, INK_ALIGN);
  t->each_bytes = t->events_bytes + t->state_bytes + ink_align_up(t->bound.scratch_bytes, INK_ALIGN);
  INK_NEW(&env->allocator, (uint64_t)env->threads.n_workers * t->each_bytes, &t->memory);
  INK_NEW(&env->allocator, t->aside->aside.n_rows, &t->loss);
  search(t, fixed, env);
  return INK_OK;
}

ink_status ink_rating_fit_fold(const ink_rating_aside *a, float mean, const ink_factor_parts *parts, const bool fixed[2], const ink_train_env *env,
                               float settings[FACTOR_N_SETTINGS]) {
  trial t = { .aside = a, .parts = parts, .mean = mean, .kernels = env->kernels != NULL ? env->kernels : ink_kernels_best() };
  const ink_tensor_source source = { &t, find_part };
  uint8_t *model = NULL;
  ink_mem_copy(t.settings, parts->settings, sizeof t.settings);
  for (uint32_t r = 0; r < a->aside.n_rows; r++) t.most = ink_max_u32(t.most, a->shown[r]);
  const ink_status status = run(&t, &source, &model, fixed, env);
  if (status == INK_OK) ink_mem_copy(settings, t.settings, sizeof t.settings);
  void *const blocks[] = { model, t.memory, t.loss };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  return status;
}
