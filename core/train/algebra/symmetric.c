/* symmetric.c - see symmetric.h. */
#include "symmetric.h"

#include "base.h"
#include "mem.h"

/* Eight rows at a time, so that both sides use whole lines of the cache. */
void ink_symmetric_turn(const float *from, size_t stride, uint32_t rows, uint32_t cols, float *to, size_t to_stride) {
  for (uint32_t i = 0; i < rows; i += 8)
    for (uint32_t j = 0; j < cols; j++)
      for (uint32_t r = i; r < ink_min_u32(i + 8, rows); r++) to[j * to_stride + r] = from[r * stride + j];
}

/* Left of the diagonal a row lies as it is; right of it are pieces of the columns below. */
void ink_symmetric_rows(const ink_symmetric *s, uint32_t first, uint32_t n_rows, float *rows) {
  const uint32_t own = first / INK_SYMMETRIC_PANEL, own_end = ink_min_u32((own + 1) * INK_SYMMETRIC_PANEL, s->n);
  for (uint32_t r = 0; r < n_rows; r++) ink_mem_copy(rows + (size_t)r * s->n, ink_symmetric_row(s, first + r), (first + r + 1) * sizeof *rows);
  for (uint32_t i = first + 1; i < own_end; i++) {
    const float *from = ink_symmetric_row(s, i) + first;
    for (uint32_t r = 0; r < ink_min_u32(n_rows, i - first); r++) rows[(size_t)r * s->n + i] = from[r];
  }
  for (uint32_t panel = own + 1; panel < ink_symmetric_panels(s->n); panel++) {
    const uint32_t begin = panel * INK_SYMMETRIC_PANEL, here = ink_min_u32(INK_SYMMETRIC_PANEL, s->n - begin);
    ink_symmetric_turn(ink_symmetric_panel(s, panel) + first, ink_symmetric_stride(panel), here, n_rows, rows + begin, s->n);
  }
}

/* Rows of the triangle close up, first to last; then each goes to its place, last to first: no row runs over one that still waits. */
void ink_symmetric_to_square(const ink_symmetric *s) {
  const size_t n = s->n;
  for (uint32_t i = 0; i < s->n; i++) ink_mem_move(s->data + (size_t)i * (i + 1) / 2, ink_symmetric_row(s, i), (i + 1) * sizeof *s->data);
  for (uint32_t i = s->n; i-- > 0;) ink_mem_move(s->data + i * n, s->data + (size_t)i * (i + 1) / 2, (i + 1) * sizeof *s->data);
  for (uint32_t i = 0; i < s->n; i += INK_SYMMETRIC_PANEL) {
    const uint32_t rows = ink_min_u32(INK_SYMMETRIC_PANEL, s->n - i);
    ink_symmetric_turn(s->data + i * n, n, rows, i, s->data + i, n);
    for (uint32_t r = i; r < i + rows; r++)
      for (uint32_t c = i; c < r; c++) s->data[c * n + r] = s->data[r * n + c];
  }
}
