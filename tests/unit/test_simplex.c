/* test_simplex.c - two steps of the simplex trainer against PyTorch's gradients (pairwise_truth.h), for both losses and with
 * shards in any order.
 *
 * Bound: cosines and coefficients of at most 32 terms each, over two steps of relative size RATE: 256 * 2^-24 of values
 * of about 1. */
#include "hosted.h"
#include "../golden/pairwise_truth.h"
#include "simplex_step.h"
#include "testlib.h"

enum { BATCH = 4, SCRATCH = 4 << 20 };
static const double bound = 256.0 / (1 << 24);

static hosted h;
static float items[TRUTH_ITEMS * TRUTH_D], gradient[TRUTH_ITEMS * TRUTH_D], squares[TRUTH_ITEMS];
static float sum[BATCH * TRUTH_D], unit[BATCH * TRUTH_D], away[BATCH * TRUTH_D], pull[BATCH * TRUTH_D], k[64];
static float coefficient[BATCH * TRUTH_NEGATIVES], negative_rows[TRUTH_NEGATIVES * TRUTH_D];
static double loss[BATCH];
static uint32_t slot[TRUTH_ITEMS], chosen[16];
static uint64_t starts[TRUTH_PEOPLE + 1], batch_starts[BATCH + 1];
static uint8_t touched[TRUTH_ITEMS];
static _Alignas(64) uint8_t scratch[SCRATCH];
static ink_positives positives = { .n_people = TRUTH_PEOPLE, .n_items = TRUTH_ITEMS, .starts = starts, .items = chosen };
static ink_simplex_model model = { TRUTH_ITEMS, TRUTH_D, TRUTH_D, items };

/* Shards backwards, always by worker 0. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, 0);
}

static void begin(bool other_order) {
  hosted_init(&h);
  h.env.kernels = ink_kernels_named("ref");
  if (other_order) h.env.threads = (ink_threads){ NULL, 1, backwards };
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
    slot[i] = INK_NONE;
    for (uint32_t d = 0; d < TRUTH_D; d++) items[i * TRUTH_D + d] = (float)truth_simplex[i][d];
  }
  for (uint32_t j = 0; j < TRUTH_NEGATIVES; j++) slot[truth_negatives[j]] = j;
  for (uint32_t p = 0; p < TRUTH_PEOPLE; p++) starts[p + 1] = batch_starts[p + 1] = truth_history_ends[p];
  memcpy(chosen, truth_history, sizeof truth_history);
  memset(squares, 0, sizeof squares);
}

static void two_steps(uint32_t which, double first, double second, const double after[TRUTH_ITEMS][TRUTH_D], bool other_order) {
  static const uint32_t people[] = { 0, 1, 2 };
  const ink_simplex_options o = { .loss = which, .margin = (float)TRUTH_MARGIN, .weight = (float)TRUTH_WEIGHT,
                                  .temperature = (float)TRUTH_TEMPERATURE };
  begin(other_order);
  ink_simplex_step s = { .o = &o, .positives = &positives, .env = &h.env, .gemm = ink_gemm_named("ref"), .model = &model, .rate = (float)TRUTH_RATE,
                         .people = people, .n_people = TRUTH_PEOPLE, .starts = batch_starts, .negatives = truth_negatives,
                         .n_negatives = TRUTH_NEGATIVES, .slot = slot, .negative_rows = negative_rows, .sum = sum, .unit = unit, .away = away,
                         .pull = pull, .coefficient = coefficient, .k = k, .loss = loss, .gradient = gradient, .squares = squares,
                         .touched = touched, .scratch = scratch, .scratch_bytes = SCRATCH };
  CHECK(ink_gemm_scratch_bytes(s.gemm) <= SCRATCH);
  CHECK_NEAR(ink_simplex_step_run(&s), first, bound * fabs(first));
  CHECK_NEAR(ink_simplex_step_run(&s), second, 4 * bound * fabs(second));
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t d = 0; d < TRUTH_D; d++) {
      CHECK_NEAR((double)items[i * TRUTH_D + d], after[i][d], bound);
      CHECK(gradient[i * TRUTH_D + d] == 0.0f && touched[i] == 0);
    }
}

TEST(cosine_contrastive_steps) {
  two_steps(INK_SIMPLEX_CCL, TRUTH_CCL_LOSS_0, TRUTH_CCL_LOSS_1, truth_ccl_after, false);
  two_steps(INK_SIMPLEX_CCL, TRUTH_CCL_LOSS_0, TRUTH_CCL_LOSS_1, truth_ccl_after, true);
}

TEST(softmax_steps) { two_steps(INK_SIMPLEX_SOFTMAX, TRUTH_SOFTMAX_LOSS_0, TRUTH_SOFTMAX_LOSS_1, truth_softmax_after, false); }

/* The same bits whoever runs the shards. */
TEST(order_of_shards) {
  float kept[TRUTH_ITEMS * TRUTH_D];
  two_steps(INK_SIMPLEX_SOFTMAX, TRUTH_SOFTMAX_LOSS_0, TRUTH_SOFTMAX_LOSS_1, truth_softmax_after, false);
  memcpy(kept, items, sizeof items);
  two_steps(INK_SIMPLEX_SOFTMAX, TRUTH_SOFTMAX_LOSS_0, TRUTH_SOFTMAX_LOSS_1, truth_softmax_after, true);
  CHECK(memcmp(kept, items, sizeof items) == 0);
}

TEST_MAIN(T(cosine_contrastive_steps), T(softmax_steps), T(order_of_shards))
