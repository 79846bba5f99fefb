/* sequences.c - see sequences.h. */
#include "sequences.h"

#include "blocks.h"
#include "caps.h"
#include "utf8.h"
#include "base.h"

#define BATCHES_SORTED_TOGETHER 32u

/* --------------------------------------------------------------- sequences */

uint32_t ink_gap_bucket(int64_t before, int64_t time, uint32_t n_buckets) {
  if (before == INK_NO_TIME || time == INK_NO_TIME || time < before) return 0;
  uint64_t minutes = ((uint64_t)time - (uint64_t)before) / 60000u;
  uint32_t bucket = 1;
  for (; minutes > 0 && bucket + 1 < n_buckets; minutes /= 2) bucket++;
  return bucket;
}

static uint32_t copy_person(const ink_dataset *d, uint32_t user, const uint8_t *pack_kind, ink_sequences *s, uint64_t at) {
  int64_t before = INK_NO_TIME;
  uint32_t n = 0;
  for (uint64_t e = d->user_starts[user]; e < d->user_starts[user + 1]; e++) {
    if (!(ink_event_weight(d, e) > 0.0f)) continue;
    const int64_t time = d->time[e];
    s->items[at + n] = d->item[e];
    s->kinds[at + n] = pack_kind[d->kind[e]];
    s->gaps[at + n++] = (uint8_t)ink_gap_bucket(before, time, INK_GAP_BUCKETS);
    before = time;
  }
  return n;
}

/* Draws up to n_held sequences and shortens them by their last event. */
static ink_status hold_back(ink_sequences *s, uint32_t n_held, uint64_t seed) {
  uint32_t *order, n_long = 0;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 0x5e9);
  INK_NEW(&s->allocator, s->n, &order);
  for (uint32_t i = 0; i < s->n; i++)
    if (s->starts[i + 1] - s->starts[i] >= 3) order[n_long++] = i;
  ink_rng_shuffle(&rng, order, n_long);
  s->n_held = ink_min_u32(n_held, n_long);
  for (uint32_t i = 0; i < s->n_held; i++) s->held[order[i]] = s->items[s->starts[order[i] + 1] - 1];
  ink_block_free(&s->allocator, order);
  return INK_OK;
}

static ink_status copy_people(const ink_dataset *data, ink_sequences *s) {
  uint8_t pack_kind[256];
  uint64_t used = 0;
  for (uint32_t k = 0; k < data->kinds.n && k < 256; k++) {
    const uint32_t number = ink_pack_kind(data, k);
    pack_kind[k] = number < INK_CAP_KINDS ? (uint8_t)number : INK_NO_KIND;
  }
  for (uint32_t u = 0; u < data->users.n; u++) {
    const uint32_t n = copy_person(data, u, pack_kind, s, used);
    if (n < 2) continue;
    s->held[s->n] = INK_NONE;
    s->starts[s->n++] = used;
    used += n;
  }
  s->starts[s->n] = used;
  return INK_OK;
}

ink_status ink_sequences_make(const ink_dataset *data, uint32_t n_held, uint64_t seed, const ink_allocator *allocator,
                              ink_sequences *out) {
  ink_sequences s = { .allocator = *allocator };
  ink_status status = INK_E_NO_MEMORY;
  s.starts = ink_block_resize(allocator, NULL, (uint64_t)data->users.n + 1, sizeof *s.starts);
  s.items = ink_block_resize(allocator, NULL, data->n_events, sizeof *s.items);
  s.kinds = ink_block_resize(allocator, NULL, data->n_events, 1);
  s.gaps = ink_block_resize(allocator, NULL, data->n_events, 1);
  s.held = ink_block_resize(allocator, NULL, data->users.n, sizeof *s.held);
  if (s.starts && s.items && s.kinds && s.gaps && s.held) status = copy_people(data, &s);
  if (status == INK_OK) status = hold_back(&s, n_held, seed);
  if (status != INK_OK) ink_sequences_free(&s);
  else *out = s;
  return status;
}

void ink_sequences_free(ink_sequences *s) {
  ink_block_free(&s->allocator, s->starts);
  ink_block_free(&s->allocator, s->items);
  ink_block_free(&s->allocator, s->kinds);
  ink_block_free(&s->allocator, s->gaps);
  ink_block_free(&s->allocator, s->held);
  s->starts = NULL, s->items = NULL, s->kinds = NULL, s->gaps = NULL, s->held = NULL, s->n = 0;
}

uint64_t ink_sequence_end(const ink_sequences *s, uint32_t i) { return s->starts[i + 1] - (s->held[i] != INK_NONE); }

/* ----------------------------------------------------------------- batches */

void ink_batch_put(ink_batch *b, size_t at, const ink_sequences *s, uint64_t e, uint32_t target, bool first) {
  b->input[at] = s->items[e];
  b->target[at] = target;
  b->kind[at] = s->kinds[e] == INK_NO_KIND ? INK_NONE : s->kinds[e];
  b->gap[at] = first ? 0 : s->gaps[e];
  b->goes_on[at] = !first;
}

void ink_batch_put_nothing(ink_batch *b, size_t at) {
  b->input[at] = b->target[at] = b->kind[at] = b->gap[at] = INK_NONE;
  b->goes_on[at] = 1;
}

/* ----------------------------------------------------------------- windows */

/* Windows of one sequence, from its end backwards; neighbours share one event, so that each event but the
 * first is a target once. A NULL `to` only counts. */
static uint32_t cut(uint64_t first, uint64_t last, uint32_t length, ink_window *to) {
  uint32_t n = 0;
  while (last - first >= 2) {
    const uint64_t whole = last - first, here = whole > (uint64_t)length + 1 ? (uint64_t)length + 1 : whole;
    if (to) to[n] = (ink_window){ last - here, (uint32_t)here, 0 };
    n++;
    last -= here - 1;
  }
  return n;
}

ink_status ink_windows_make(const ink_sequences *s, uint32_t length, uint32_t batch, const ink_allocator *allocator,
                            ink_windows *out) {
  ink_windows w = { .allocator = *allocator, .batch = batch, .length = length };
  for (uint32_t i = 0; i < s->n; i++) w.n += cut(s->starts[i], ink_sequence_end(s, i), length, NULL);
  w.n_batches = (w.n + batch - 1) / batch;
  w.all = ink_block_resize(allocator, NULL, w.n, sizeof *w.all);
  w.order = ink_block_resize(allocator, NULL, w.n, sizeof *w.order);
  w.batches = ink_block_resize(allocator, NULL, w.n_batches, sizeof *w.batches);
  if (!w.all || !w.order || !w.batches) {
    ink_windows_free(&w);
    return INK_E_NO_MEMORY;
  }
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->n; i++) n += cut(s->starts[i], ink_sequence_end(s, i), length, w.all + n);
  *out = w;
  return INK_OK;
}

void ink_windows_free(ink_windows *w) {
  ink_block_free(&w->allocator, w->all);
  ink_block_free(&w->allocator, w->order);
  ink_block_free(&w->allocator, w->batches);
  w->all = NULL, w->order = NULL, w->batches = NULL;
}

static bool goes_before(const ink_windows *w, uint32_t a, uint32_t b) {
  return w->all[a].n != w->all[b].n ? w->all[a].n > w->all[b].n : a < b;
}

/* Shell sort: a few thousand windows at most, no recursion, no memory. */
static void sort_by_length(const ink_windows *w, uint32_t *order, uint32_t n) {
  static const uint32_t gaps[] = { 3937, 1750, 701, 301, 132, 57, 23, 10, 4, 1 };
  for (size_t g = 0; g < INK_COUNT_OF(gaps); g++)
    for (uint32_t i = gaps[g]; i < n; i++) {
      const uint32_t moving = order[i];
      uint32_t j = i;
      for (; j >= gaps[g] && goes_before(w, moving, order[j - gaps[g]]); j -= gaps[g]) order[j] = order[j - gaps[g]];
      order[j] = moving;
    }
}

/* From the same order each time, so that an epoch rests on the state of `rng` alone. */
void ink_windows_shuffle(ink_windows *w, ink_rng *rng) {
  for (uint32_t i = 0; i < w->n; i++) w->order[i] = i;
  for (uint32_t i = 0; i < w->n_batches; i++) w->batches[i] = i;
  const uint32_t together = BATCHES_SORTED_TOGETHER * w->batch;
  ink_rng_shuffle(rng, w->order, w->n);
  for (uint32_t i = 0; i < w->n; i += together) sort_by_length(w, w->order + i, ink_min_u32(together, w->n - i));
  ink_rng_shuffle(rng, w->batches, w->n_batches);
}

void ink_windows_batch(const ink_windows *w, const ink_sequences *s, uint32_t i, ink_batch *out) {
  const uint32_t first = w->batches[i] * w->batch, rows = ink_min_u32(w->batch, w->n - first);
  uint32_t steps = 0;
  for (uint32_t b = 0; b < rows; b++) steps = ink_max_u32(steps, w->all[w->order[first + b]].n - 1);
  out->steps = steps;
  out->rows = rows;
  out->n_targets = 0;
  for (uint32_t b = 0; b < rows; b++) {
    const ink_window *window = &w->all[w->order[first + b]];
    for (uint32_t t = 0; t < steps; t++) {
      const bool inside = t + 1 < window->n;
      const size_t at = (size_t)t * rows + b;
      if (inside) ink_batch_put(out, at, s, window->first + t, s->items[window->first + t + 1], t == 0);
      else ink_batch_put_nothing(out, at);
      out->n_targets += inside;
    }
  }
}
