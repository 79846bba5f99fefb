/* session_lanes.c - see session_lanes.h. */
#include "session_lanes.h"

#include "blocks.h"
#include "base.h"

ink_status ink_lanes_make(const ink_sequences *s, uint32_t n, uint32_t steps, const ink_allocator *allocator, ink_lanes *out) {
  ink_lanes l = { .allocator = *allocator, .steps = steps };
  l.all = ink_block_resize(allocator, NULL, s->n, sizeof *l.all);
  l.order = ink_block_resize(allocator, NULL, s->n, sizeof *l.order);
  l.at = ink_block_resize(allocator, NULL, n, sizeof *l.at);
  l.end = ink_block_resize(allocator, NULL, n, sizeof *l.end);
  if (!l.all || !l.order || !l.at || !l.end) {
    ink_lanes_free(&l);
    return INK_E_NO_MEMORY;
  }
  for (uint32_t i = 0; i < s->n; i++) {
    const uint64_t events = ink_sequence_end(s, i) - s->starts[i];
    if (events < 2) continue;
    l.all[l.n_order++] = i;
    l.n_pairs += events - 1;
  }
  l.n = ink_min_u32(n, l.n_order);
  *out = l;
  return INK_OK;
}

void ink_lanes_free(ink_lanes *l) {
  ink_block_free(&l->allocator, l->all);
  ink_block_free(&l->allocator, l->order);
  ink_block_free(&l->allocator, l->at);
  ink_block_free(&l->allocator, l->end);
  l->all = NULL, l->order = NULL, l->at = NULL, l->end = NULL;
}

void ink_lanes_start(ink_lanes *l, ink_rng *rng) {
  for (uint32_t i = 0; i < l->n_order; i++) l->order[i] = l->all[i];
  ink_rng_shuffle(rng, l->order, l->n_order);
  l->next = 0;
  for (uint32_t b = 0; b < l->n; b++) l->at[b] = l->end[b] = 0;
}

/* Row b's next event and what follows it. False: nothing is left to begin. */
static bool step(ink_lanes *l, const ink_sequences *s, uint32_t b, size_t place, ink_batch *out) {
  const bool begins = l->at[b] + 1 >= l->end[b];
  if (begins && l->next == l->n_order) {
    l->at[b] = l->end[b] = 0;
    ink_batch_put_nothing(out, place);
    return false;
  }
  if (begins) {
    const uint32_t sequence = l->order[l->next++];
    l->at[b] = s->starts[sequence];
    l->end[b] = ink_sequence_end(s, sequence);
  }
  ink_batch_put(out, place, s, l->at[b], s->items[l->at[b] + 1], begins);
  l->at[b]++;
  return true;
}

bool ink_lanes_batch(ink_lanes *l, const ink_sequences *s, ink_batch *out) {
  out->rows = l->n;
  out->n_targets = 0;
  for (out->steps = 0; out->steps < l->steps; out->steps++) {
    uint32_t here = 0;
    for (uint32_t b = 0; b < l->n; b++) here += step(l, s, b, (size_t)out->steps * l->n + b, out);
    if (here == 0) break;
    out->n_targets += here;
  }
  return out->n_targets > 0;
}
