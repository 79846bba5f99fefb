/* baseline.c - see baseline.h. Sums are in double: they run over a whole row or column. */
#include "baseline.h"

#include "blocks.h"
#include "mem.h"
#include "base.h"

static void solve_items(const ink_matrix *m, float shrink, ink_baseline *b, double *sum, uint32_t *n) {
  for (uint32_t i = 0; i < m->n_cols; i++) sum[i] = 0.0, n[i] = 0;
  for (uint32_t u = 0; u < m->n_rows; u++)
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) {
      sum[m->cols[e]] += (double)m->values[e] - (double)b->mean - (double)b->person[u];
      n[m->cols[e]]++;
    }
  for (uint32_t i = 0; i < m->n_cols; i++) b->item[i] = n[i] ? (float)(sum[i] / ((double)n[i] + (double)shrink)) : 0.0f;
}

static void solve_people(const ink_matrix *m, float shrink, ink_baseline *b) {
  for (uint32_t u = 0; u < m->n_rows; u++) {
    const uint64_t n = m->starts[u + 1] - m->starts[u];
    double sum = 0.0;
    for (uint64_t e = m->starts[u]; e < m->starts[u + 1]; e++) sum += (double)m->values[e] - (double)b->mean - (double)b->item[m->cols[e]];
    b->person[u] = n ? (float)(sum / ((double)n + (double)shrink)) : 0.0f;
  }
}

ink_status ink_baseline_fit(const ink_matrix *m, uint32_t passes, float person_shrink, float item_shrink,
                            const ink_allocator *allocator, ink_baseline *out) {
  ink_baseline b = { .person = ink_block_resize(allocator, NULL, m->n_rows, sizeof(float)),
                     .item = ink_block_resize(allocator, NULL, m->n_cols, sizeof(float)) };
  double *sum = ink_block_resize(allocator, NULL, m->n_cols, sizeof *sum), total = 0.0;
  uint32_t *n = ink_block_resize(allocator, NULL, m->n_cols, sizeof *n);
  const bool enough = b.person && b.item && sum && n;
  for (uint64_t e = 0; e < m->n_values; e++) total += (double)m->values[e];
  b.mean = m->n_values ? (float)(total / (double)m->n_values) : 0.0f;
  if (enough) ink_mem_fill(b.person, 0, m->n_rows * sizeof(float));
  for (uint32_t pass = 0; enough && pass < passes; pass++) {
    solve_items(m, item_shrink, &b, sum, n);
    solve_people(m, person_shrink, &b);
  }
  ink_block_free(allocator, sum);
  ink_block_free(allocator, n);
  if (!enough) ink_baseline_free(&b, allocator);
  else *out = b;
  return enough ? INK_OK : INK_E_NO_MEMORY;
}

void ink_baseline_free(ink_baseline *b, const ink_allocator *allocator) {
  ink_block_free(allocator, b->person);
  ink_block_free(allocator, b->item);
  b->person = b->item = NULL;
}
