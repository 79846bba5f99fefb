/* mem.h - copy, move, fill and compare, for code that has no <string.h> below it.
 * Each is the compiler's builtin: a few bytes become loads and stores, more become a call of memcpy
 * and its kin, which the C library supplies natively and mem.c where there is none.
 * All accept n = 0 with any pointers. */
#ifndef INK_MEM_H
#define INK_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The blocks must not overlap; ink_mem_move() allows it. */
static inline void ink_mem_copy(void *to, const void *from, size_t n) {
  if (n != 0) __builtin_memcpy(to, from, n);
}
static inline void ink_mem_move(void *to, const void *from, size_t n) {
  if (n != 0) __builtin_memmove(to, from, n);
}
static inline void ink_mem_fill(void *to, uint8_t byte, size_t n) {
  if (n != 0) __builtin_memset(to, byte, n);
}

/* As unsigned bytes: < 0, 0, > 0. Only the sign means something. */
static inline int ink_mem_compare(const void *a, const void *b, size_t n) {
  return n == 0 ? 0 : __builtin_memcmp(a, b, n);
}
static inline bool ink_mem_equal(const void *a, const void *b, size_t n) {
  return ink_mem_compare(a, b, n) == 0;
}

/* Orders counted strings by their bytes, a prefix before what it begins. */
static inline int ink_mem_order(const void *a, size_t n_a, const void *b, size_t n_b) {
  const int head = ink_mem_compare(a, b, n_a < n_b ? n_a : n_b);
  return head != 0 ? head : (n_a > n_b) - (n_a < n_b);
}

#endif
