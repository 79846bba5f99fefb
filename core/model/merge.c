/* merge.c - see merge.h. An open-addressed table of observation numbers, at most half full, finds the
 * observation of an item; it lives in scratch for the length of one call. */
#include "merge.h"

#include "hash.h"
#include "mem.h"

#include "base.h"

/* A power of two that is at least twice n. */
static size_t table_slots(uint32_t n) {
  size_t slots = 16;
  while (slots < 2 * (size_t)n) slots *= 2;
  return slots;
}

size_t ink_merge_scratch_bytes(uint32_t n_events) {
  return table_slots(n_events) * sizeof(uint32_t) + INK_ALIGN;
}

static ink_observation *find_or_add(uint32_t *table, size_t slots, uint32_t item, ink_observation *out, uint32_t *n) {
  size_t slot = (size_t)ink_hash_u64(item) & (slots - 1);
  for (; table[slot] != INK_NONE; slot = (slot + 1) & (slots - 1))
    if (out[table[slot]].item == item) return &out[table[slot]];
  table[slot] = *n;
  out[*n] = (ink_observation){ .item = item, .newest = INK_NONE, .rating = INK_NONE, .weight = 0.0f };
  return &out[(*n)++];
}

ink_status ink_merge(const ink_history *history, ink_arena *scratch, ink_observation *out, uint32_t *n) {
  const size_t mark = ink_arena_mark(scratch), slots = table_slots(history->n);
  uint32_t *table;
  INK_TAKE(scratch, slots, &table);
  ink_mem_fill(table, 0xff, slots * sizeof *table);   /* INK_NONE everywhere */
  *n = 0;
  for (uint32_t i = 0; i < history->n; i++) {
    const ink_past *past = &history->events[i];
    ink_observation *seen = find_or_add(table, slots, past->item, out, n);
    seen->newest = i;
    if (past->rating) seen->rating = i;
    seen->weight += past->weight;
  }
  ink_arena_rewind(scratch, mark);
  return INK_OK;
}

bool ink_merge_repeats(const ink_history *history) {
  const uint32_t last = history->n - 1, item = history->events[last].item;
  for (uint32_t i = 0; i < last; i++)
    if (history->events[i].item == item) return true;
  return false;
}
