/* fit_slim.c - SLIM (Ning & Karypis 2011): column j of the weights minimises
 *   1/2 |x_j - X b|^2 + l2/2 |b|^2 + l1 |b|_1,   b_j = 0,   b >= 0 where `nonnegative`.
 *
 * Coordinate descent on products (Friedman, Hastie & Tibshirani 2010, section 2.2): what is kept is the gradient
 * r = X^T (x_j - X b), so that one coordinate costs a look, and a change costs one row of the Gram matrix. A sweep over
 * all coordinates finds the active set; sweeps over the active set follow until it has settled. Columns are independent.
 * Over SLIM_WHOLE items a column sees its `candidates` nearest partners only. */
#include "fit_slim.h"

#include "blocks.h"
#include "common_settings.h"
#include "dataset.h"
#include "item_system.h"
#include "linear_settings.h"
#include "mem.h"
#include "base.h"

#define SLIM_WHOLE 15000u
#define MAX_SWEEPS 100u           /* of all coordinates, and of the active ones between two of these */

enum { S_NEIGHBOURS, S_L1, S_L2, S_POSITIVE, S_TOLERANCE, S_CANDIDATES, S_WEIGHTS, S_N };
static const ink_setting slim_settings[S_N] = {
  [S_NEIGHBOURS] = { "neighbours", "sources kept for each item, at most", 200, 1, 10000, true, NULL },
  [S_L1] = { "l1", "weight of |b|: larger is sparser; -1 = a tenth of the average number of choices of an item", -1, -1, 1e9, false, NULL },
  [S_L2] = { "l2", "weight of b^2 / 2; -1 = twice the average number of choices of an item", -1, -1, 1e9, false, NULL },
  [S_POSITIVE] = { "nonnegative", "no weight below zero", 1, 0, 1, true, ink_yes_words },
  [S_TOLERANCE] = { "tolerance", "stop when no weight moves by more than this part of the largest", 1e-3, 1e-9, 1, false, NULL },
  [S_CANDIDATES] = { "candidates", "partners that a column may use, where there are more than 15,000 items", 500, 1, 4000, true, NULL },
  [S_WEIGHTS] = { "weights", "how weights are stored", 0, 0, 1, true, ink_weights_words },
};

typedef struct slim_room {
  float *b, *r;                   /* [n] weights, gradient */
  uint32_t *active;               /* [n] coordinates that are not zero, or were */
} slim_room;

typedef struct slim {
  ink_choices choices;
  ink_partners partners;
  float *whole;
  float l1, l2, tolerance;
  bool nonnegative;
  const ink_kernels *kernels;
  slim_room *rooms;               /* [n_workers] */
  uint32_t n_workers;
} slim;

static float magnitude(float x) { return x < 0.0f ? -x : x; }

/* ------------------------------------------------------- coordinate descent */

static float shrunk(const slim *s, float pull) {
  if (pull > s->l1) return pull - s->l1;
  return pull < -s->l1 && !s->nonnegative ? pull + s->l1 : 0.0f;
}

/* The best b_i for the others as they are; returns how far it moved. */
static float move(const slim *s, const ink_item_system *system, slim_room *room, uint32_t i) {
  const float *row = system->gram + i * system->stride, own = row[i], before = room->b[i];
  if (i == system->self || own + s->l2 <= 0.0f) return 0.0f;
  const float after = shrunk(s, room->r[i] + own * before) / (own + s->l2);
  if (after == before) return 0.0f;
  room->b[i] = after;
  s->kernels->axpy_f32(before - after, row, room->r, system->n);
  return magnitude(after - before);
}

static float largest(const slim_room *room, const uint32_t *at, uint32_t n) {
  float most = 0.0f;
  for (uint32_t k = 0; k < n; k++) most = magnitude(room->b[at[k]]) > most ? magnitude(room->b[at[k]]) : most;
  return most;
}

static void sweep_active(const slim *s, const ink_item_system *system, slim_room *room, uint32_t n_active) {
  for (uint32_t sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    float moved = 0.0f;
    for (uint32_t k = 0; k < n_active; k++) {
      const float here = move(s, system, room, room->active[k]);
      moved = here > moved ? here : moved;
    }
    if (moved <= s->tolerance * largest(room, room->active, n_active)) return;
  }
}

/* A sweep over all coordinates; those that are not zero afterwards are the active set. */
static bool sweep_all(const slim *s, const ink_item_system *system, slim_room *room, uint32_t *n_active) {
  float moved = 0.0f;
  uint32_t n = 0;
  for (uint32_t i = 0; i < system->n; i++) {
    const float here = move(s, system, room, i);
    moved = here > moved ? here : moved;
    if (room->b[i] != 0.0f) room->active[n++] = i;
  }
  *n_active = n;
  return moved <= s->tolerance * largest(room, room->active, n);
}

static ink_status column(void *arg, uint32_t target, ink_sources *out, uint32_t worker) {
  const slim *s = arg;
  slim_room *room = &s->rooms[worker];
  ink_item_system system;
  ink_partners_of(&s->partners, target, worker, out, &system);
  ink_mem_fill(room->b, 0, system.n * sizeof *room->b);
  ink_mem_copy(room->r, system.with_target, system.n * sizeof *room->r);
  for (uint32_t sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    uint32_t n_active;
    if (sweep_all(s, &system, room, &n_active)) break;
    sweep_active(s, &system, room, n_active);
  }
  ink_partners_put(&system, room->b, out);
  return INK_OK;
}

/* -------------------------------------------------------------------- door */

static ink_status prepare(slim *s, const double *values, const ink_train_env *env) {
  const ink_allocator *a = &env->allocator;
  const uint32_t n = s->choices.items.n_rows, n_workers = env->threads.n_workers;
  if (n <= SLIM_WHOLE) {
    INK_NEW(a, (uint64_t)n * n, &s->whole);
    ink_gram_whole(&s->choices, env, s->whole);
  }
  INK_TRY(ink_partners_open(&s->partners, &s->choices, s->whole, (uint32_t)values[S_CANDIDATES], env));
  const uint32_t most = s->whole != NULL ? n : s->partners.most;
  INK_NEW(a, n_workers, &s->rooms);
  ink_mem_fill(s->rooms, 0, n_workers * sizeof *s->rooms);
  s->n_workers = n_workers;
  for (uint32_t w = 0; w < n_workers; w++) {
    INK_NEW(a, most, &s->rooms[w].b);
    INK_NEW(a, most, &s->rooms[w].r);
    INK_NEW(a, most, &s->rooms[w].active);
  }
  return INK_OK;
}

static void release(slim *s, const ink_allocator *a) {
  for (uint32_t w = 0; w < s->n_workers; w++) {
    void *const blocks[] = { s->rooms[w].b, s->rooms[w].r, s->rooms[w].active };
    for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  }
  ink_block_free(a, s->rooms);
  ink_block_free(a, s->whole);
  ink_partners_close(&s->partners, a);
  ink_choices_free(&s->choices, a);
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  slim s = { .tolerance = (float)values[S_TOLERANCE], .nonnegative = values[S_POSITIVE] > 0.0,
             .kernels = env->kernels != NULL ? env->kernels : ink_kernels_best() };
  const ink_pairs_job job = { .prefix = "slim", .n_items = data->items.n, .keep = ink_min_u32((uint32_t)values[S_NEIGHBOURS], data->items.n),
                              .f32 = values[S_WEIGHTS] > 0.0, .sources = column, .arg = &s };
  (void)seed;
  INK_TRY(ink_choices_of(data, env, &s.choices));
  const double average = (double)s.choices.people.n_values / (double)data->items.n;
  s.l1 = (float)(values[S_L1] >= 0.0 ? values[S_L1] : 0.1 * average);
  s.l2 = (float)(values[S_L2] >= 0.0 ? values[S_L2] : 2.0 * average);
  ink_status status = prepare(&s, values, env);
  if (status == INK_OK) status = ink_linear_sums(&job, data, env, out);
  release(&s, &env->allocator);
  return status;
}

const ink_trainer ink_trainer_slim = { .name = "slim", .about = "every item predicted from a few others, by sparse regression",
                                       .settings = slim_settings, .n_settings = S_N, .fit = fit };
