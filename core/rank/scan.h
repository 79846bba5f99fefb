/* scan.h - retrieval: all rows of an item matrix against one query, the best k that pass a filter.
 * Rows come from four distant quarters of the table. Scores are those of kernel.h's row form, so one row
 * asked alone has the bits it has in a scan.
 *
 * Where the query has int8 rows beside f32 rows, the scan reads the int8 rows and re-ranks in f32 all rows that
 * the bound |q.x - approximation| <= lost*|x^| + |q|*err (Cauchy-Schwarz) cannot exclude: the result is the
 * exact f32 top k, in a quarter of the reads. */
#ifndef INK_SCAN_H
#define INK_SCAN_H

#include "arena.h"
#include "filter.h"
#include "kernel.h"
#include "rows.h"
#include "topk.h"

typedef struct ink_scan_report {
  uint64_t rows_done;             /* rows whose score (exact or approximate) was computed */
  uint32_t reranked;              /* rows re-scored in f32 after an int8 scan */
  bool complete;                  /* false: the budget ended it */
} ink_scan_report;

typedef struct ink_scan_options {
  uint32_t budget_rows;           /* 0 = all */
  bool exact_only;                /* do not use int8 rows */
} ink_scan_options;

/* Scratch for one scan over rows of this width; NULL-query safe upper bound. */
size_t ink_scan_scratch_bytes(uint32_t d, uint32_t k);
ink_status ink_scan_top(const ink_kernels *kernels, const ink_query *query, const ink_filter *filter,
                        const ink_scan_options *options, ink_arena *scratch, ink_topk *top, ink_scan_report *report);
/* Scores of listed items (items NULL: first..first+n-1) into out [n]: the same bits as in a scan. */
ink_status ink_scan_some(const ink_kernels *kernels, const ink_query *query, const uint32_t *items, uint32_t first,
                         uint32_t n, ink_arena *scratch, float *out);
/* The best k of ready scores[n], items numbered first + i. */
void ink_scan_ready(const ink_kernels *kernels, const float *scores, uint32_t first, uint32_t n,
                    const ink_filter *filter, uint32_t *hits, ink_topk *top);

#endif
