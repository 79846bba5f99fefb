/* screen.h - which of many rows may reach a threshold for which of many vectors: dot products of bytes, compared while they
 * are in registers. What comes out is exact integers, so whoever knows what the bytes stand for can prove whom he may forget.
 *
 * Not part of inference: a table exists where bytes are faster than ink_gemm's floats (AVX-512 with VNNI: 64 products an
 * instruction instead of 16), and in plain C for tests. */
#ifndef INK_SCREEN_H
#define INK_SCREEN_H

#include "inkling.h"

#define INK_SCREEN_ZERO 128u      /* the byte that stands for 0 in a row */

/* A tile: `vectors` of signed bytes -127..127 against `rows` of bytes 1..255, which mean -127..127 and INK_SCREEN_ZERO more.
 * Both lie in steps of four elements: element p of number i at ink_screen_at(unit, i, p), the unit being `vectors` or `rows`. */
typedef struct ink_screen {
  const char *name;
  uint32_t vectors, rows;         /* rows: at most 32 */
  /* sum(i, j) = sum over 4*steps elements of vector i times the byte of row j. Bit j of hits[i]: sum(i, j) >= least[i]. Where
   * hits[i] is not 0, sums[i*rows + j] are all sums of vector i; else nothing is written there. steps <= (INK_CAP_DIM + 4) / 4. */
  void (*tile)(size_t steps, const int8_t *restrict vectors, const uint8_t *restrict rows, const int32_t *restrict least,
               uint32_t *restrict hits, int32_t *restrict sums);
} ink_screen;

#define INK_SCREEN_VECTORS 12u    /* the largest tile of any table */
#define INK_SCREEN_ROWS 32u

static inline size_t ink_screen_at(uint32_t unit, uint32_t i, uint32_t p) { return ((size_t)(p / 4) * unit + i) * 4 + p % 4; }

/* The table that goes with these kernels, or NULL: then floats are the faster. */
const ink_screen *ink_screen_of(const ink_kernels *kernels);

#endif
