/* symmetric.h - a large symmetric matrix in half of its square: the lower triangle in panels of INK_SYMMETRIC_PANEL rows.
 * The rows of a panel are all as long as its last one, so a panel is a plain matrix that products read and write. */
#ifndef INK_SYMMETRIC_H
#define INK_SYMMETRIC_H

#include <stddef.h>
#include <stdint.h>

#define INK_SYMMETRIC_PANEL 192u

typedef struct ink_symmetric {
  float *data;                    /* [ink_symmetric_floats(n)] aligned to 64 */
  uint32_t n;
} ink_symmetric;

/* How far apart the rows of a panel are: its columns, 0 to the end of its own block. */
static inline size_t ink_symmetric_stride(uint32_t panel) { return ((size_t)panel + 1) * INK_SYMMETRIC_PANEL; }

static inline uint32_t ink_symmetric_panels(uint32_t n) { return (n + INK_SYMMETRIC_PANEL - 1) / INK_SYMMETRIC_PANEL; }

/* Floats before a panel: each of those before it is a panel's square longer than the last. */
static inline uint64_t ink_symmetric_before(uint32_t panel) {
  return (uint64_t)panel * ((uint64_t)panel + 1) / 2 * INK_SYMMETRIC_PANEL * INK_SYMMETRIC_PANEL;
}

/* n^2 / 2 and a little more: the last panel is stored whole. */
static inline uint64_t ink_symmetric_floats(uint32_t n) { return ink_symmetric_before(ink_symmetric_panels(n)); }

static inline float *ink_symmetric_panel(const ink_symmetric *s, uint32_t panel) { return s->data + ink_symmetric_before(panel); }

/* Row i, columns 0 to i; those behind, to the panel's end, are room. */
static inline float *ink_symmetric_row(const ink_symmetric *s, uint32_t i) {
  const uint32_t panel = i / INK_SYMMETRIC_PANEL;
  return ink_symmetric_panel(s, panel) + (i % INK_SYMMETRIC_PANEL) * ink_symmetric_stride(panel);
}

/* rows [n_rows, n] = whole rows first to first + n_rows, both sides of the diagonal; all in one panel. */
void ink_symmetric_rows(const ink_symmetric *s, uint32_t first, uint32_t n_rows, float *rows);

/* In place: from here on data holds all n rows of n columns, plainly. It must have room for n * n floats. */
void ink_symmetric_to_square(const ink_symmetric *s);

/* to [cols, rows] = from [rows, cols] turned; rows of either are as far apart as the strides say. */
void ink_symmetric_turn(const float *from, size_t stride, uint32_t rows, uint32_t cols, float *to, size_t to_stride);

#endif
