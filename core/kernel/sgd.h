/* sgd.h - the inner steps of stochastic gradient descent over vectors, for training: one table an instruction set.
 *
 * Not part of inference, yet bound by its numeric contract (kernel.h): dot products in row form, everything else element
 * by element, never fused; so all tables give the same bits. Rows have a whole number of eights: callers pad with zeros,
 * which every step leaves zeros. Pointers need the alignment of a float; the rows of one call must not overlap. */
#ifndef INK_SGD_H
#define INK_SGD_H

#include "inkling.h"

typedef struct ink_sgd {
  const char *name;
  /* u . (x - y), d a multiple of 8. */
  float (*margin)(const float *u, const float *x, const float *y, size_t d);
  float (*dot)(const float *a, const float *b, size_t d);
  /* One step on a pair of items, from the values before it:
   *   u = keep*u + pull*(x - y)    x = keep*x + pull*u    y = keep*y - pull*u */
  void (*pair)(float *restrict u, float *restrict x, float *restrict y, size_t d, float pull, float keep);
  /* sum += pull*x, then x += pull*u: an observation's part of u's gradient, and x's own step. */
  void (*meet)(const float *restrict u, float *restrict x, float *restrict sum, size_t d, float pull);
} ink_sgd;

/* Asks for a row of d floats that will soon be read and written: rows met in random order are then there when their turn comes. */
static inline void ink_sgd_fetch(const float *row, size_t d) {
  for (size_t k = 0; k < d; k += 16) __builtin_prefetch(row + k, 1);
}

/* The fastest table of this build and CPU; and by name ("ref", "sse2", "avx2", "avx512", "neon", "wasm128"), or NULL. */
const ink_sgd *ink_sgd_best(void);
const ink_sgd *ink_sgd_named(const char *name);

#endif
