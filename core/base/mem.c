/* mem.c - memcpy, memmove, memset and memcmp for builds that link no C library.
 *
 * Compilers call these four by name wherever they see a copy, so a freestanding module must have them.
 * Builds that do link a C library must not: an archive's member would win over the library's faster
 * (and, under sanitizers, intercepted) one. Hence INK_NO_LIBC.
 *
 * A compiler that recognises a copying loop turns it into a call of memcpy - here, into a call of itself.
 * NO_IDIOM forbids it, in the words of each compiler.
 *
 * Where wasm has bulk memory, larger copies and fills are single instructions before any call is made. */
#include "mem.h"

#ifdef INK_NO_LIBC

#if defined(__clang__)
#define NO_IDIOM __attribute__((no_builtin("memcpy", "memmove", "memset", "memcmp")))
#else
#define NO_IDIOM __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* Eight bytes at any address. may_alias: the bytes belong to objects of other types. */
typedef uint64_t __attribute__((may_alias, aligned(1))) word_any;

NO_IDIOM void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  uint8_t *t = to;
  const uint8_t *f = from;
  for (; n >= 8; n -= 8, t += 8, f += 8) *(word_any *)t = *(const word_any *)f;
  for (; n != 0; n--) *t++ = *f++;
  return to;
}

NO_IDIOM void *memmove(void *to, const void *from, size_t n) {
  uint8_t *t = to;
  const uint8_t *f = from;
  /* Forward is safe unless `to` lies inside [from, from + n): unsigned wrap makes that one test. */
  if ((uintptr_t)t - (uintptr_t)f >= n) {
    for (; n >= 8; n -= 8, t += 8, f += 8) *(word_any *)t = *(const word_any *)f;
    for (; n != 0; n--) *t++ = *f++;
    return to;
  }
  for (; n >= 8; n -= 8) *(word_any *)(t + n - 8) = *(const word_any *)(f + n - 8);
  for (; n != 0; n--) t[n - 1] = f[n - 1];
  return to;
}

NO_IDIOM void *memset(void *to, int byte, size_t n) {
  uint8_t *t = to;
  const uint64_t word = (uint64_t)(uint8_t)byte * 0x0101010101010101u;
  for (; n >= 8; n -= 8, t += 8) *(word_any *)t = word;
  for (; n != 0; n--) *t++ = (uint8_t)byte;
  return to;
}

NO_IDIOM int memcmp(const void *a, const void *b, size_t n) {
  const uint8_t *x = a, *y = b;
  for (; n >= 8 && *(const word_any *)x == *(const word_any *)y; n -= 8) { x += 8; y += 8; }
  for (; n != 0; n--, x++, y++) {
    if (*x != *y) return (int)*x - (int)*y;
  }
  return 0;
}

#else
typedef int ink_mem_has_libc;     /* ISO C forbids an empty file */
#endif
