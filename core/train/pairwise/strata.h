/* strata.h - pairs of rows and columns dealt into P x P blocks, so that stochastic gradient descent runs on all workers
 * without locks and always gives the same result (Gemulla et al. 2011, "distributed SGD"): in each of P rounds shard p has the
 * rows of block p and the columns of block p + round for itself. What a round touches also fits in a cache.
 *
 * Columns are dealt to blocks anew for every epoch, so that all pairs of columns meet in the end. P depends on the
 * data only, never on the number of workers. */
#ifndef INK_STRATA_H
#define INK_STRATA_H

#include "rng.h"
#include "train.h"

#define INK_STRATA_BLOCKS 16u     /* at most */

typedef struct ink_pair { uint32_t row, col; } ink_pair;

typedef struct ink_strata {
  ink_allocator allocator;
  uint32_t n_blocks, n_rows, n_cols;
  const uint64_t *starts;         /* [n_rows + 1] the pairs as rows of columns: the caller's, and they may change */
  const uint32_t *cols;           /*   between epochs (cols only) */
  uint32_t row_starts[INK_STRATA_BLOCKS + 1];      /* blocks of rows: about as many pairs each */
  uint32_t col_starts[INK_STRATA_BLOCKS + 1];      /* blocks of columns: places in `members` */
  uint32_t *members;              /* [n_cols] */
  uint8_t *block_of;              /* [n_cols] */
  ink_pair *pairs;                /* [starts[n_rows]] block of rows after block of rows, inside by block of columns */
  uint64_t ends[INK_STRATA_BLOCKS][INK_STRATA_BLOCKS];
} ink_strata;

/* What a shard of a round works on. */
typedef struct ink_stratum {
  const ink_pair *pairs;
  uint64_t n;
  const uint32_t *members;        /* [n_members] the columns of its block, in random order */
  uint32_t n_members;
  uint32_t rows, cols;            /* numbers of its blocks */
  ink_rng rng;                    /* its own stream */
} ink_stratum;

/* Blocks of at least 64 columns, so that draws from a block stand for draws from all. */
ink_status ink_strata_new(ink_strata *s, uint32_t n_rows, uint32_t n_cols, const uint64_t *starts, const uint32_t *cols,
                          const ink_allocator *allocator);
void ink_strata_free(ink_strata *s);
/* Columns to blocks and pairs to strata, by (seed, epoch). */
void ink_strata_deal(ink_strata *s, uint64_t seed, uint32_t epoch, const ink_threads *threads);
/* The strata of round 0 <= round < n_blocks: body(ctx, stratum). No two of them share a row or a column. */
void ink_strata_round(ink_strata *s, uint64_t seed, uint32_t epoch, uint32_t round, const ink_threads *threads,
                      void (*body)(void *ctx, ink_stratum *stratum), void *ctx);
/* All rounds in turn: every stratum once. */
void ink_strata_run(ink_strata *s, uint64_t seed, uint32_t epoch, const ink_threads *threads,
                    void (*body)(void *ctx, ink_stratum *stratum), void *ctx);

#endif
