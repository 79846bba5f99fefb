/* screen.c - the tile of screen.h in plain C, and which table goes with which kernels. */
#include "screen.h"

#include "base.h"
#include "kernel.h"

#define VECTORS 3u
#define ROWS 8u

static void tile(size_t steps, const int8_t *restrict vectors, const uint8_t *restrict rows, const int32_t *restrict least,
                 uint32_t *restrict hits, int32_t *restrict sums) {
  for (uint32_t i = 0; i < VECTORS; i++) {
    int32_t all[ROWS];
    hits[i] = 0;
    for (uint32_t j = 0; j < ROWS; j++) {
      all[j] = 0;
      for (size_t s = 0; s < steps; s++)
        for (size_t p = 0; p < 4; p++) all[j] += vectors[(s * VECTORS + i) * 4 + p] * rows[(s * ROWS + j) * 4 + p];
      hits[i] |= (uint32_t)(all[j] >= least[i]) << j;
    }
    for (uint32_t j = 0; j < ROWS && hits[i] != 0; j++) sums[i * ROWS + j] = all[j];
  }
}

static const ink_screen ink_screen_ref = { "ref", VECTORS, ROWS, tile };

#if defined(__x86_64__)
extern const ink_screen ink_screen_avx512;
#endif

const ink_screen *ink_screen_of(const ink_kernels *kernels) {
#if defined(__x86_64__)
  if (kernels == &ink_kernels_avx512) return &ink_screen_avx512;
#endif
  return kernels == &ink_kernels_ref ? &ink_screen_ref : NULL;
}
