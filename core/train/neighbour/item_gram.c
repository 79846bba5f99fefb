/* item_gram.c - see item_gram.h. */
#include "item_gram.h"

#include "blocks.h"
#include "mem.h"
#include "base.h"

#define ROWS 16u                  /* rows of a shard */

ink_status ink_choices_of(const ink_dataset *data, const ink_train_env *env, ink_choices *out) {
  ink_choices c = { .people = { .n_rows = 0 } };
  INK_TRY(ink_dataset_weight_matrix(data, env, &c.people));
  const ink_status status = ink_matrix_transpose(&c.people, env, &c.items);
  if (status != INK_OK) ink_matrix_free(&c.people, &env->allocator);
  else *out = c;
  return status;
}

void ink_choices_free(ink_choices *c, const ink_allocator *allocator) {
  ink_matrix_free(&c->people, allocator);
  ink_matrix_free(&c->items, allocator);
}

/* ------------------------------------------------------------------- whole */

typedef struct whole_job {
  const ink_choices *choices;
  float *gram;
} whole_job;

static void whole_rows(void *arg, uint32_t shard, uint32_t worker) {
  const whole_job *job = arg;
  const ink_matrix *people = &job->choices->people, *items = &job->choices->items;
  const uint32_t n = items->n_rows, end = ink_min_u32((shard + 1) * ROWS, n);
  (void)worker;
  for (uint32_t i = shard * ROWS; i < end; i++) {
    float *row = job->gram + (size_t)i * n;
    ink_mem_fill(row, 0, n * sizeof *row);
    for (uint64_t e = items->starts[i]; e < items->starts[i + 1]; e++) {
      const uint32_t u = items->cols[e];
      const float x = items->values[e];
      for (uint64_t f = people->starts[u]; f < people->starts[u + 1]; f++) row[people->cols[f]] += x * people->values[f];
    }
  }
}

void ink_gram_whole(const ink_choices *c, const ink_train_env *env, float *gram) {
  whole_job job = { c, gram };
  env->threads.parallel_for(env->threads.ctx, (c->items.n_rows + ROWS - 1) / ROWS, whole_rows, &job);
}

typedef struct half_job {
  const ink_choices *choices;
  const ink_symmetric *gram;
} half_job;

/* A person's items ascend, so those up to `i` come first. */
static void half_rows(void *arg, uint32_t shard, uint32_t worker) {
  const half_job *job = arg;
  const ink_matrix *people = &job->choices->people, *items = &job->choices->items;
  const uint32_t end = ink_min_u32((shard + 1) * ROWS, items->n_rows);
  (void)worker;
  for (uint32_t i = shard * ROWS; i < end; i++) {
    float *row = ink_symmetric_row(job->gram, i);
    ink_mem_fill(row, 0, ink_symmetric_stride(i / INK_SYMMETRIC_PANEL) * sizeof *row);
    for (uint64_t e = items->starts[i]; e < items->starts[i + 1]; e++) {
      const uint32_t u = items->cols[e];
      const float x = items->values[e];
      for (uint64_t f = people->starts[u]; people->cols[f] < i; f++) row[people->cols[f]] += x * people->values[f];
      row[i] += x * x;
    }
  }
}

void ink_gram_half(const ink_choices *c, const ink_train_env *env, const ink_symmetric *gram) {
  half_job job = { c, gram };
  env->threads.parallel_for(env->threads.ctx, (c->items.n_rows + ROWS - 1) / ROWS, half_rows, &job);
}

void ink_gram_row(const ink_choices *c, uint32_t item, ink_sources *out) {
  const ink_matrix *items = &c->items, *people = &c->people;
  for (uint64_t e = items->starts[item]; e < items->starts[item + 1]; e++) {
    const uint32_t u = items->cols[e];
    const float x = items->values[e];
    const uint64_t first = people->starts[u], end = people->starts[u + 1];
    float *const value = out->value;
    ink_sources_name_all(out, people->cols + first, end - first);
    for (uint64_t f = first; f < end; f++) value[people->cols[f]] += x * people->values[f];
  }
}

/* ------------------------------------------------------------------ chosen */

static uint32_t choices_of_item(const ink_choices *c, uint32_t i) { return (uint32_t)(c->items.starts[i + 1] - c->items.starts[i]); }

/* How many choices the `most` most chosen items have: numbers of choices, counted, from the top. */
static ink_status largest_total(const ink_choices *c, uint32_t most, const ink_train_env *env, uint32_t *total) {
  uint32_t *items_with, left = most;
  uint64_t sum = 0;
  INK_NEW(&env->allocator, (uint64_t)c->people.n_rows + 1, &items_with);
  ink_mem_fill(items_with, 0, ((size_t)c->people.n_rows + 1) * sizeof *items_with);
  for (uint32_t i = 0; i < c->items.n_rows; i++) items_with[choices_of_item(c, i)]++;
  for (uint32_t n = c->people.n_rows; n > 0 && left > 0; n--) {
    const uint32_t here = ink_min_u32(items_with[n], left);
    sum += (uint64_t)here * n;
    left -= here;
  }
  ink_block_free(&env->allocator, items_with);
  if (sum > UINT32_MAX) return INK_E_LIMIT;
  *total = (uint32_t)sum;
  return INK_OK;
}

ink_status ink_gram_room_open(const ink_choices *c, uint32_t most, const ink_train_env *env, ink_gram_room *room) {
  INK_TRY(largest_total(c, most, env, &room->cap));
  INK_NEW(&env->allocator, c->people.n_rows, &room->count);
  INK_NEW(&env->allocator, c->people.n_rows, &room->start);
  INK_NEW(&env->allocator, c->people.n_rows, &room->touched);
  INK_NEW(&env->allocator, room->cap, &room->place);
  INK_NEW(&env->allocator, room->cap, &room->value);
  ink_mem_fill(room->count, 0, c->people.n_rows * sizeof *room->count);
  return INK_OK;
}

void ink_gram_room_close(ink_gram_room *room, const ink_allocator *allocator) {
  void *const blocks[] = { room->count, room->start, room->touched, room->place, room->value };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
}

/* Lists, for each person that chose one of them, the places of the chosen items. Returns how many people. */
static uint32_t list_people(const ink_choices *c, const uint32_t *chosen, uint32_t n, ink_gram_room *room) {
  const ink_matrix *items = &c->items;
  uint32_t n_touched = 0, at = 0;
  for (uint32_t p = 0; p < n; p++)
    for (uint64_t e = items->starts[chosen[p]]; e < items->starts[chosen[p] + 1]; e++)
      if (room->count[items->cols[e]]++ == 0) room->touched[n_touched++] = items->cols[e];
  for (uint32_t t = 0; t < n_touched; t++) {
    const uint32_t u = room->touched[t];
    room->start[u] = at;
    at += room->count[u];
    room->count[u] = 0;
  }
  for (uint32_t p = 0; p < n; p++)
    for (uint64_t e = items->starts[chosen[p]]; e < items->starts[chosen[p] + 1]; e++) {
      const uint32_t u = items->cols[e], to = room->start[u] + room->count[u]++;
      room->place[to] = p;
      room->value[to] = items->values[e];
    }
  return n_touched;
}

/* A person adds the products of every pair of what they chose: fewer steps than walking any item's row. */
void ink_gram_chosen(const ink_choices *c, const uint32_t *chosen, uint32_t n, size_t stride, ink_gram_room *room, float *gram) {
  const uint32_t n_touched = list_people(c, chosen, n, room);
  for (uint32_t p = 0; p < n; p++) ink_mem_fill(gram + p * stride, 0, n * sizeof *gram);
  for (uint32_t t = 0; t < n_touched; t++) {
    const uint32_t u = room->touched[t], *place = room->place + room->start[u], m = room->count[u];
    const float *value = room->value + room->start[u];
    for (uint32_t a = 0; a < m; a++) {
      float *row = gram + place[a] * stride;
      for (uint32_t b = 0; b <= a; b++) row[place[b]] += value[a] * value[b];
    }
    room->count[u] = 0;
  }
  for (uint32_t p = 0; p < n; p++)
    for (uint32_t q = 0; q < p; q++) gram[q * stride + p] = gram[p * stride + q];
}
