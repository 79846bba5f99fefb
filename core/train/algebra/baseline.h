/* baseline.h - ratings from biases alone: mean + b_u + b_i, by alternating ridge solves (Koren 2010, section 2.1). */
#ifndef INK_BASELINE_H
#define INK_BASELINE_H

#include "dataset.h"

typedef struct ink_baseline {
  float mean;
  float *person, *item;           /* [n_rows], [n_cols], in allocator memory */
} ink_baseline;

/* `passes` times items, then people: b_i = sum(r - mean - b_u) / (n_i + item_shrink), likewise b_u. Starts from zero. */
ink_status ink_baseline_fit(const ink_matrix *people_by_items, uint32_t passes, float person_shrink, float item_shrink,
                            const ink_allocator *allocator, ink_baseline *out);
void ink_baseline_free(ink_baseline *b, const ink_allocator *allocator);

#endif
