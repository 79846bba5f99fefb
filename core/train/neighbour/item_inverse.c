/* item_inverse.c - see item_inverse.h. Rows are laid out for ITEMS at a time: from half of P they are copied, from K^-1 they are
 * products with X on both sides, of some items side by side, so that a choice is one vector's work. */
#include "item_inverse.h"

#include "base.h"
#include "blocks.h"
#include "mem.h"
#include "spd_inverse.h"

#define ITEMS 64u                 /* divides a panel, and a shard of ink_pairs_build() */
#define ABREAST 16u               /* divides ITEMS */
_Static_assert(INK_SYMMETRIC_PANEL % ITEMS == 0, "rows of one panel");

static bool shorter_by_people(const ink_choices *c) { return c->people.n_rows <= c->items.n_rows / 4 * 3; }

/* Where people are inverted there is a whole square in the end. */
static uint64_t square_floats(uint32_t n, bool whole) {
  const uint64_t half = ink_symmetric_floats(n), all = (uint64_t)n * n;
  return whole && all > half ? all : half;
}

double ink_item_inverse_bytes(const ink_choices *c) {
  const bool by_people = shorter_by_people(c);
  const uint32_t n = by_people ? c->people.n_rows : c->items.n_rows;
  return (double)square_floats(n, by_people) * sizeof(float) + ink_spd_inverse_beside(n);
}

/* ------------------------------------------------------------------ opening */

static ink_status invert(ink_item_inverse *v, float lambda, const ink_train_env *env) {
  const ink_choices turned = { .people = v->choices->items, .items = v->choices->people };
  const uint32_t n = v->half.n;
  INK_NEW(&env->allocator, square_floats(n, v->by_people), &v->half.data);
  ink_gram_half(v->by_people ? &turned : v->choices, env, &v->half);
  for (uint32_t i = 0; i < n; i++) ink_symmetric_row(&v->half, i)[i] += lambda;
  INK_TRY(ink_spd_inverse(&v->half, "ease", env));
  if (v->by_people) ink_symmetric_to_square(&v->half);
  return INK_OK;
}

static ink_status open_room(const ink_item_inverse *v, ink_item_inverse_room *room, const ink_allocator *a) {
  const uint64_t n_people = v->choices->people.n_rows, n_items = v->choices->items.n_rows;
  room->first = INK_NONE;
  INK_NEW(a, ITEMS * n_items, &room->rows);
  if (!v->by_people) return INK_OK;
  INK_NEW(a, ABREAST * n_people, &room->people);
  INK_NEW(a, ABREAST * n_people, &room->turned);
  INK_NEW(a, ABREAST * n_items, &room->items);
  return INK_OK;
}

ink_status ink_item_inverse_open(ink_item_inverse *v, const ink_choices *choices, float lambda, const ink_train_env *env) {
  const uint32_t n_workers = env->threads.n_workers;
  *v = (ink_item_inverse){ .choices = choices, .by_people = shorter_by_people(choices) };
  v->kernels = env->kernels != NULL ? env->kernels : ink_kernels_best();
  v->half.n = v->by_people ? choices->people.n_rows : choices->items.n_rows;
  if (v->by_people && lambda <= 0.0f) return INK_E_SINGULAR;    /* the rank is at most the number of people */
  INK_TRY(invert(v, lambda, env));
  INK_NEW(&env->allocator, n_workers, &v->rooms);
  ink_mem_fill(v->rooms, 0, n_workers * sizeof *v->rooms);
  v->n_workers = n_workers;
  for (uint32_t w = 0; w < n_workers; w++) INK_TRY(open_room(v, &v->rooms[w], &env->allocator));
  return INK_OK;
}

void ink_item_inverse_close(ink_item_inverse *v, const ink_allocator *allocator) {
  for (uint32_t w = 0; w < v->n_workers; w++) {
    void *const blocks[] = { v->rooms[w].rows, v->rooms[w].people, v->rooms[w].turned, v->rooms[w].items };
    for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
  }
  ink_block_free(allocator, v->rooms);
  ink_block_free(allocator, v->half.data);
  *v = (ink_item_inverse){ .choices = NULL };
}

/* --------------------------------------------------------------------- rows */

/* to [n, ABREAST] = x [n, m] * from [m, ABREAST]. */
static void multiply_abreast(const ink_matrix *x, const float *restrict from, float *restrict to) {
  for (uint32_t r = 0; r < x->n_rows; r++) {
    float sums[ABREAST] = { 0 };
    for (uint64_t e = x->starts[r]; e < x->starts[r + 1]; e++) {
      const float by = x->values[e], *row = from + (size_t)x->cols[e] * ABREAST;
      for (uint32_t k = 0; k < ABREAST; k++) sums[k] += by * row[k];
    }
    for (uint32_t k = 0; k < ABREAST; k++) to[(size_t)r * ABREAST + k] = sums[k];
  }
}

/* -X^T K^-1 x, and 1 more on the diagonal, for ABREAST items or what is left of them. */
static void rows_by_people(const ink_item_inverse *v, uint32_t first, uint32_t n, ink_item_inverse_room *room, float *rows) {
  const ink_matrix *items = &v->choices->items;
  const uint32_t n_people = v->choices->people.n_rows, n_items = items->n_rows;
  ink_mem_fill(room->people, 0, (size_t)ABREAST * n_people * sizeof *room->people);
  for (uint32_t k = 0; k < n; k++)
    for (uint64_t e = items->starts[first + k]; e < items->starts[first + k + 1]; e++)
      v->kernels->axpy_f32(-items->values[e], v->half.data + (size_t)items->cols[e] * n_people, room->people + (size_t)k * n_people, n_people);
  ink_symmetric_turn(room->people, n_people, ABREAST, n_people, room->turned, ABREAST);
  multiply_abreast(items, room->turned, room->items);
  ink_symmetric_turn(room->items, ABREAST, n_items, n, rows, n_items);
  for (uint32_t k = 0; k < n; k++) rows[(size_t)k * n_items + first + k] += 1.0f;
}

const float *ink_item_inverse_row(const ink_item_inverse *v, uint32_t item, uint32_t worker) {
  ink_item_inverse_room *room = &v->rooms[worker];
  const uint32_t n_items = v->choices->items.n_rows, first = item / ITEMS * ITEMS, n = ink_min_u32(ITEMS, n_items - first);
  if (room->first != first) {
    if (!v->by_people) ink_symmetric_rows(&v->half, first, n, room->rows);
    for (uint32_t k = 0; v->by_people && k < n; k += ABREAST)
      rows_by_people(v, first + k, ink_min_u32(ABREAST, n - k), room, room->rows + (size_t)k * n_items);
    room->first = first;
  }
  return room->rows + (size_t)(item - first) * n_items;
}
