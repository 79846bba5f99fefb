/* base.h - what every file of the core stands on: checked sizes, INK_TRY, INK_ASSERT,
 * and a list of words that the core does not know (malloc, printf ...).
 * Include it last: the poison would hurt system headers that come after it.
 * It is no place for helpers that only one room needs. */
#ifndef INK_BASE_H
#define INK_BASE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inkling.h"

/* Passes a failure up unchanged. */
#define INK_TRY(call)                                   \
  do {                                                  \
    const ink_status ink_try_ = (call);                 \
    if (ink_try_ != INK_OK) return ink_try_;            \
  } while (0)

/* For our own mistakes, never for input. Release builds drop it. */
#ifdef INK_DEBUG
#define INK_ASSERT(cond) ((cond) ? (void)0 : __builtin_trap())
#else
#define INK_ASSERT(cond) ((void)sizeof(cond))
#endif

#define INK_COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Sizes made of outside numbers. Each tells false on overflow and leaves *out alone. */
static inline bool ink_size_add(size_t a, size_t b, size_t *out) {
  if (a > SIZE_MAX - b) return false;
  *out = a + b;
  return true;
}
static inline bool ink_size_mul(size_t a, size_t b, size_t *out) {
  if (b != 0 && a > SIZE_MAX / b) return false;
  *out = a * b;
  return true;
}
static inline size_t ink_align_up(size_t n, size_t align) { return (n + (align - 1)) & ~(align - 1); }

static inline uint32_t ink_min_u32(uint32_t a, uint32_t b) { return a < b ? a : b; }
static inline uint32_t ink_max_u32(uint32_t a, uint32_t b) { return a > b ? a : b; }
static inline size_t ink_min_size(size_t a, size_t b) { return a < b ? a : b; }

/* Bits of a float, for exact comparison and hashing. */
static inline uint32_t ink_f32_bits(float x) {
  union { float f; uint32_t u; } v = { x };
  return v.u;
}
static inline float ink_f32_from_bits(uint32_t u) {
  union { uint32_t u; float f; } v = { u };
  return v.f;
}
static inline bool ink_f32_finite(float x) { return (ink_f32_bits(x) & 0x7f800000u) != 0x7f800000u; }

#ifndef INK_MAY_USE_LIBC
#pragma GCC poison malloc calloc realloc free alloca printf fprintf sprintf snprintf
#endif

#endif
