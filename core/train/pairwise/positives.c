/* positives.c - see positives.h. Reading order: taking choices, hiding some, the door. */
#include "positives.h"

#include "blocks.h"
#include "fault.h"
#include "mem.h"
#include "rng.h"
#include "utf8.h"
#include "base.h"

#define LEAST_CHOICES 5u
#define HIDDEN_SHARE 5u           /* one in so many */

/* The positive entries of the matrix of weights; it is used up. */
static void take_positive(ink_matrix *m, ink_positives *c) {
  uint64_t to = 0, from = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    const uint64_t end = m->starts[r + 1];
    m->starts[r] = to;
    for (; from < end; from++)
      if (m->values[from] > 0.0f) m->cols[to++] = m->cols[from];
  }
  m->starts[m->n_rows] = to;
  c->n_people = m->n_rows;
  c->n_items = m->n_cols;
  c->starts = m->starts;
  c->items = m->cols;
  m->starts = NULL;
  m->cols = NULL;
}

/* People to watch: c->watched, ascending. order [n_people] is scratch. */
static void choose_people(ink_positives *c, uint32_t wanted, ink_rng *rng, uint32_t *order, uint8_t *chosen) {
  for (uint32_t r = 0; r < c->n_people; r++) order[r] = r;
  ink_mem_fill(chosen, 0, c->n_people);
  ink_rng_shuffle(rng, order, c->n_people);
  for (uint32_t i = 0, n = 0; i < c->n_people && n < wanted; i++) {
    if (c->starts[order[i] + 1] - c->starts[order[i]] < LEAST_CHOICES) continue;
    chosen[order[i]] = 1;
    n++;
  }
  for (uint32_t r = 0; r < c->n_people; r++)
    if (chosen[r]) c->watched[c->n_watched++] = r;
}

/* Draws which of a row's n choices to hide and moves the others together from `to` on. Returns where they end. */
static uint64_t hide_some(ink_positives *c, uint64_t first, uint64_t end, uint64_t to, uint64_t *n_hidden, ink_rng *rng) {
  uint32_t left = (uint32_t)(end - first), wanted = left / HIDDEN_SHARE;
  for (uint64_t e = first; e < end; e++, left--) {
    if (ink_rng_below(rng, left) < wanted) {
      c->hidden[(*n_hidden)++] = c->items[e];
      wanted--;
    } else {
      c->items[to++] = c->items[e];
    }
  }
  return to;
}

static void hide(ink_positives *c, const uint8_t *chosen, ink_rng *rng) {
  uint64_t to = 0, first = 0, n_hidden = 0;
  uint32_t w = 0;
  for (uint32_t r = 0; r < c->n_people; r++) {
    const uint64_t end = c->starts[r + 1], here = to;
    if (chosen[r]) {
      c->hidden_starts[w++] = n_hidden;
      to = hide_some(c, first, end, to, &n_hidden, rng);
    } else {
      ink_mem_move(c->items + to, c->items + first, (size_t)(end - first) * sizeof *c->items);
      to += end - first;
    }
    c->starts[r] = here;
    first = end;
  }
  c->starts[c->n_people] = to;
  c->hidden_starts[w] = n_hidden;
}

static ink_status watch_some(ink_positives *c, uint32_t n_watched, uint64_t seed) {
  const uint32_t wanted = ink_min_u32(n_watched, c->n_people / 10);
  uint32_t *order;
  uint8_t *chosen;
  ink_rng rng;
  ink_rng_seed(&rng, seed, UINT64_MAX);
  INK_NEW(&c->allocator, c->n_people, &c->watched);
  INK_NEW(&c->allocator, (uint64_t)c->n_people + 1, &c->hidden_starts);
  INK_NEW(&c->allocator, c->starts[c->n_people] / HIDDEN_SHARE, &c->hidden);
  INK_NEW(&c->allocator, c->n_people, &order);
  chosen = ink_block_resize(&c->allocator, NULL, c->n_people, 1);
  if (chosen != NULL) {
    choose_people(c, wanted, &rng, order, chosen);
    hide(c, chosen, &rng);
  }
  const bool ready = chosen != NULL;
  ink_block_free(&c->allocator, order);
  ink_block_free(&c->allocator, chosen);
  return ready ? INK_OK : INK_E_NO_MEMORY;
}

ink_status ink_positives_make(const ink_dataset *data, uint32_t n_watched, uint64_t seed, const ink_train_env *env, ink_positives *out) {
  ink_matrix m = { 0 };
  *out = (ink_positives){ .allocator = env->allocator };
  INK_TRY(ink_dataset_weight_matrix(data, env, &m));
  take_positive(&m, out);
  ink_matrix_free(&m, &env->allocator);
  if (out->starts[out->n_people] == 0)
    return ink_refuse(env->fault, INK_E_DATA_EMPTY, ink_text_of("events"), "events whose weight is above 0");
  return watch_some(out, n_watched, seed);
}

void ink_positives_free(ink_positives *c) {
  ink_block_free(&c->allocator, c->starts);
  ink_block_free(&c->allocator, c->items);
  ink_block_free(&c->allocator, c->watched);
  ink_block_free(&c->allocator, c->hidden_starts);
  ink_block_free(&c->allocator, c->hidden);
}

bool ink_positives_has(const ink_positives *c, uint32_t person, uint32_t item) {
  uint64_t low = c->starts[person], high = c->starts[person + 1];
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (c->items[middle] < item) low = middle + 1;
    else high = middle;
  }
  return low < c->starts[person + 1] && c->items[low] == item;
}
