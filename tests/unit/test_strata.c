/* test_strata.c - every pair is met once an epoch; strata of one round share neither rows nor columns; columns change their
 * blocks from epoch to epoch; nothing of it depends on who runs what. */
#include "hosted.h"
#include "rng.h"
#include "strata.h"
#include "testlib.h"

enum { ROWS = 300, COLS = 700, PAIRS = 5000 };

static uint64_t starts[ROWS + 1];
static uint32_t cols[PAIRS];
static uint8_t met[ROWS][COLS], wanted[ROWS][COLS];
static uint32_t round_of_row[ROWS], round_of_col[COLS], n_strata;
static uint64_t drawn;

static void make_pairs(void) {
  ink_rng rng;
  ink_rng_seed(&rng, 3, 0);
  memset(wanted, 0, sizeof wanted);
  for (uint32_t r = 0, at = 0; r < ROWS; r++) {
    starts[r] = at;
    const uint32_t n = r == 7 ? 0 : PAIRS - at < 33 ? 0 : ink_rng_below(&rng, 33);
    for (uint32_t i = 0; i < n; i++) wanted[r][cols[at++] = ink_rng_below(&rng, COLS)]++;
    starts[r + 1] = at;
  }
}

/* Marks what a stratum touches with the number of its round; strata come round by round. */
static void body(void *ctx, ink_stratum *s) {
  const ink_strata *const all = ctx;
  const uint32_t round = n_strata++ / all->n_blocks + 1;
  drawn = drawn * 31 + ink_rng_u64(&s->rng);
  for (uint64_t e = 0; e < s->n; e++) {
    met[s->pairs[e].row][s->pairs[e].col]++;
    CHECK(s->pairs[e].row >= all->row_starts[s->rows] && s->pairs[e].row < all->row_starts[s->rows + 1]);
    CHECK_EQ(all->block_of[s->pairs[e].col], s->cols);
  }
  for (uint32_t r = all->row_starts[s->rows]; r < all->row_starts[s->rows + 1]; r++) {
    CHECK(round_of_row[r] < round);
    round_of_row[r] = round;
  }
  for (uint32_t i = 0; i < s->n_members; i++) {
    CHECK(round_of_col[s->members[i]] < round);
    round_of_col[s->members[i]] = round;
  }
}

static void epoch(ink_strata *s, uint32_t number, const ink_threads *threads) {
  memset(met, 0, sizeof met);
  memset(round_of_row, 0, sizeof round_of_row);
  memset(round_of_col, 0, sizeof round_of_col);
  n_strata = 0;
  drawn = 0;
  ink_strata_deal(s, 5, number, threads);
  ink_strata_run(s, 5, number, threads, body, s);
  CHECK_EQ(n_strata, s->n_blocks * s->n_blocks);
  CHECK(memcmp(met, wanted, sizeof met) == 0);
}

TEST(every_pair_once_and_nothing_shared) {
  hosted h;
  ink_strata s;
  hosted_init(&h);
  make_pairs();
  CHECK_EQ(ink_strata_new(&s, ROWS, COLS, starts, cols, &h.env.allocator), INK_OK);
  CHECK_EQ(s.n_blocks, COLS / 64);
  epoch(&s, 0, &ink_threads_serial);
  const uint64_t first = drawn;
  uint8_t before[COLS];
  uint32_t moved = 0;
  memcpy(before, s.block_of, COLS);
  epoch(&s, 1, &ink_threads_serial);
  CHECK(drawn != first);                                   /* other random numbers, */
  for (uint32_t c = 0; c < COLS; c++) moved += before[c] != s.block_of[c];
  CHECK(moved > COLS / 2);                                 /* other blocks */
  ink_strata_free(&s);
  CHECK_EQ(h.memory.live, 0);
}

/* A catalogue too small for two blocks is one. */
TEST(few_columns_are_one_block) {
  hosted h;
  ink_strata s;
  static const uint64_t few_starts[] = { 0, 1, 3 };
  static const uint32_t few_cols[] = { 2, 0, 1 };
  hosted_init(&h);
  CHECK_EQ(ink_strata_new(&s, 2, 3, few_starts, few_cols, &h.env.allocator), INK_OK);
  CHECK_EQ(s.n_blocks, 1);
  ink_strata_deal(&s, 1, 0, &ink_threads_serial);
  CHECK_EQ(s.ends[0][0], 3);
  ink_strata_free(&s);
}

TEST_MAIN(T(every_pair_once_and_nothing_shared), T(few_columns_are_one_block))
