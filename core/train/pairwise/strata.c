/* strata.c - see strata.h. */
#include "strata.h"

#include "blocks.h"
#include "base.h"

#define LEAST_COLS 64u            /* of a block */

static void cut_rows(ink_strata *s) {
  const uint64_t n = s->starts[s->n_rows];
  uint32_t r = 0;
  for (uint32_t p = 0; p < s->n_blocks; p++) {
    s->row_starts[p] = r;
    const uint64_t end = n * (p + 1) / s->n_blocks;
    while (r < s->n_rows && s->starts[r] < end) r++;
  }
  s->row_starts[s->n_blocks] = s->n_rows;
}

ink_status ink_strata_new(ink_strata *s, uint32_t n_rows, uint32_t n_cols, const uint64_t *starts, const uint32_t *cols,
                          const ink_allocator *allocator) {
  *s = (ink_strata){ .allocator = *allocator, .n_rows = n_rows, .n_cols = n_cols, .starts = starts, .cols = cols };
  s->n_blocks = ink_max_u32(1, ink_min_u32(INK_STRATA_BLOCKS, n_cols / LEAST_COLS));
  INK_NEW(allocator, n_cols, &s->members);
  INK_NEW(allocator, n_cols, &s->block_of);
  INK_NEW(allocator, starts[n_rows], &s->pairs);
  for (uint32_t p = 0; p <= s->n_blocks; p++) s->col_starts[p] = (uint32_t)((uint64_t)n_cols * p / s->n_blocks);
  for (uint32_t c = 0; c < n_cols; c++) s->members[c] = c;
  cut_rows(s);
  return INK_OK;
}

void ink_strata_free(ink_strata *s) {
  ink_block_free(&s->allocator, s->members);
  ink_block_free(&s->allocator, s->block_of);
  ink_block_free(&s->allocator, s->pairs);
}

/* ------------------------------------------------------------------ dealing */

static void deal_rows(void *arg, uint32_t p, uint32_t worker) {
  ink_strata *s = arg;
  const uint32_t first = s->row_starts[p], last = s->row_starts[p + 1];
  uint64_t *const at = s->ends[p], sum = s->starts[first];
  (void)worker;
  for (uint32_t b = 0; b < s->n_blocks; b++) at[b] = 0;
  for (uint64_t e = s->starts[first]; e < s->starts[last]; e++) at[s->block_of[s->cols[e]]]++;
  for (uint32_t b = 0; b < s->n_blocks; b++) {
    const uint64_t here = at[b];
    at[b] = sum;
    sum += here;
  }
  for (uint32_t r = first; r < last; r++)
    for (uint64_t e = s->starts[r]; e < s->starts[r + 1]; e++) s->pairs[at[s->block_of[s->cols[e]]]++] = (ink_pair){ r, s->cols[e] };
}

void ink_strata_deal(ink_strata *s, uint64_t seed, uint32_t epoch, const ink_threads *threads) {
  ink_rng rng;
  ink_rng_seed(&rng, seed, (uint64_t)epoch << 32 | UINT32_MAX);
  ink_rng_shuffle(&rng, s->members, s->n_cols);
  for (uint32_t b = 0; b < s->n_blocks; b++)
    for (uint32_t i = s->col_starts[b]; i < s->col_starts[b + 1]; i++) s->block_of[s->members[i]] = (uint8_t)b;
  threads->parallel_for(threads->ctx, s->n_blocks, deal_rows, s);
}

/* ------------------------------------------------------------------ running */

typedef struct turn {
  ink_strata *s;
  uint64_t seed;
  uint32_t epoch, round;
  void (*body)(void *ctx, ink_stratum *stratum);
  void *ctx;
} turn;

static void run_stratum(void *arg, uint32_t p, uint32_t worker) {
  const turn *t = arg;
  const ink_strata *s = t->s;
  const uint32_t b = (p + t->round) % s->n_blocks;
  const uint64_t first = b == 0 ? s->starts[s->row_starts[p]] : s->ends[p][b - 1];
  ink_stratum stratum = { .pairs = s->pairs + first, .n = s->ends[p][b] - first, .members = s->members + s->col_starts[b],
                          .n_members = s->col_starts[b + 1] - s->col_starts[b], .rows = p, .cols = b };
  (void)worker;
  ink_rng_seed(&stratum.rng, t->seed, (uint64_t)t->epoch << 32 | (t->round * INK_STRATA_BLOCKS + p));
  t->body(t->ctx, &stratum);
}

void ink_strata_round(ink_strata *s, uint64_t seed, uint32_t epoch, uint32_t round, const ink_threads *threads,
                      void (*body)(void *ctx, ink_stratum *stratum), void *ctx) {
  turn t = { .s = s, .seed = seed, .epoch = epoch, .round = round, .body = body, .ctx = ctx };
  threads->parallel_for(threads->ctx, s->n_blocks, run_stratum, &t);
}

void ink_strata_run(ink_strata *s, uint64_t seed, uint32_t epoch, const ink_threads *threads,
                    void (*body)(void *ctx, ink_stratum *stratum), void *ctx) {
  for (uint32_t round = 0; round < s->n_blocks; round++) ink_strata_round(s, seed, epoch, round, threads, body, ctx);
}
