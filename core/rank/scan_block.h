/* scan_block.h - scores of rows, four streams at a time: shared by scan.c and scan_certified.c.
 * Private to core/rank. */
#ifndef INK_SCAN_BLOCK_H
#define INK_SCAN_BLOCK_H

#include "scan.h"

/* Rows of each stream in a block: 4 x 64 scores fit in L1 beside the rows that they came from. */
#define INK_BLOCK_ROWS 64u

/* The certified scan is for slates, not for rankings of a whole catalogue. */
#define INK_CERTIFIED_MAX_K 1024u
#define INK_CERTIFIED_CANDIDATES(k) ((k) == 0 ? 0 : 4 * (size_t)(k) + 2048)

typedef struct ink_scorer {
  const ink_kernels *kernels;
  const ink_rows *rows;
  const void *query;              /* float [d], or the prepared 7-bit query */
  const float *bias;
  float offset;
  float query_scale, query_lost;  /* int8 rows only */
  int32_t *idots;                 /* [4 * INK_BLOCK_ROWS] */
} ink_scorer;

/* Takes its scratch and leaves it taken. `rows` may be query->rows or query->rows_i8. */
ink_status ink_scorer_init(ink_scorer *s, const ink_kernels *kernels, const ink_rows *rows, const ink_query *query,
                           ink_arena *scratch);
/* out[q*n + i] = score of row first[q] + i, for q < 4, i < n <= INK_BLOCK_ROWS. */
void ink_scorer_block(const ink_scorer *s, const uint32_t first[4], uint32_t n, float *out);
float ink_scorer_one(const ink_scorer *s, uint32_t row);

ink_status ink_scan_certified(const ink_kernels *kernels, const ink_query *query, const ink_filter *filter, uint32_t budget,
                              ink_arena *scratch, ink_topk *top, ink_scan_report *report);

#endif
