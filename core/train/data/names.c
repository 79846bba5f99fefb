/* names.c - strings numbered in order of first appearance: a hash table over one growing block.
 * Linear probing at most two thirds full; the table holds numbers only, so it is rebuilt from the
 * block when it grows. */
#include "dataset.h"

#include "blocks.h"
#include "hash.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define MAX_NAMES (1u << 31)
#define EMPTY UINT32_MAX

ink_text ink_names_at(const ink_names *names, uint32_t i) {
  const uint64_t first = i == 0 ? 0 : names->ends[i - 1];
  return (ink_text){ names->bytes + first, (uint32_t)(names->ends[i] - first) };
}

/* The slot that holds `name`, or the empty one where it belongs. */
static uint32_t slot_of(const ink_names *names, ink_text name) {
  const uint32_t mask = names->table_cap - 1;
  uint32_t slot = (uint32_t)ink_hash64(name.bytes, name.n, 0) & mask;
  while (names->table[slot] != EMPTY) {
    const ink_text known = ink_names_at(names, names->table[slot]);
    if (ink_text_equal(known, name)) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

uint32_t ink_names_find(const ink_names *names, ink_text name) {
  return names->table_cap == 0 ? INK_NONE : names->table[slot_of(names, name)];
}

static ink_status rebuild_table(ink_names *names, const ink_allocator *allocator, uint32_t table_cap) {
  uint32_t *table;
  INK_NEW(allocator, table_cap, &table);
  for (uint32_t i = 0; i < table_cap; i++) table[i] = EMPTY;
  ink_block_free(allocator, names->table);
  names->table = table;
  names->table_cap = table_cap;
  for (uint32_t i = 0; i < names->n; i++) table[slot_of(names, ink_names_at(names, i))] = i;
  return INK_OK;
}

static ink_status append_name(ink_names *names, const ink_allocator *allocator, ink_text name) {
  if (names->n == names->cap) {
    const uint32_t cap = (uint32_t)ink_block_grown(names->cap, names->n + 1u);
    INK_GROW(allocator, cap, &names->ends);
    names->cap = cap;
  }
  if (names->cap_bytes - names->n_bytes < name.n) {
    const uint64_t cap = ink_block_grown(names->cap_bytes, (uint64_t)names->n_bytes + name.n);
    INK_GROW(allocator, cap, &names->bytes);
    names->cap_bytes = (size_t)cap;
  }
  ink_mem_copy(names->bytes + names->n_bytes, name.bytes, name.n);
  names->n_bytes += name.n;
  names->ends[names->n++] = names->n_bytes;
  return INK_OK;
}

ink_status ink_names_add(ink_names *names, const ink_allocator *allocator, ink_text name, uint32_t *index) {
  if (names->table_cap == 0) INK_TRY(rebuild_table(names, allocator, 64));
  uint32_t slot = slot_of(names, name);
  if (names->table[slot] == EMPTY) {
    if (names->n == MAX_NAMES) return INK_E_LIMIT;
    if (names->n >= names->table_cap / 3 * 2) {
      INK_TRY(rebuild_table(names, allocator, names->table_cap * 2));
      slot = slot_of(names, name);
    }
    INK_TRY(append_name(names, allocator, name));
    names->table[slot] = names->n - 1;
  }
  *index = names->table[slot];
  return INK_OK;
}

ink_status ink_names_copy(ink_names *to, const ink_names *from, const ink_allocator *allocator) {
  if (from->n == 0) return INK_OK;
  INK_GROW(allocator, from->n, &to->ends);
  to->cap = from->n;
  INK_GROW(allocator, from->n_bytes, &to->bytes);
  to->cap_bytes = from->n_bytes;
  ink_mem_copy(to->ends, from->ends, from->n * sizeof *to->ends);
  ink_mem_copy(to->bytes, from->bytes, from->n_bytes);
  INK_GROW(allocator, from->table_cap, &to->table);
  ink_mem_copy(to->table, from->table, from->table_cap * sizeof *to->table);
  to->n = from->n;
  to->n_bytes = from->n_bytes;
  to->table_cap = from->table_cap;
  return INK_OK;
}

void ink_names_free(ink_names *names, const ink_allocator *allocator) {
  ink_block_free(allocator, names->bytes);
  ink_block_free(allocator, names->ends);
  ink_block_free(allocator, names->table);
  *names = (ink_names){ 0 };
}
