/* test_batch.c - people scored in groups get the figures of people scored one by one: folded ones and vectors, with ties, near-ties
 * that overflow a group's room, long histories, people without any, catalogues of every size around a block; screened in bytes and
 * in floats, with rows of zeros, biases of all signs, numbers too large or too small for a byte's scale, and NaN. */
#include "catalogue_tensors.h"
#include "packed.h"
#include "protocol.h"
#include "rng.h"
#include "testlib.h"

enum { PEOPLE = 160, WIDTH = 5, MOST_ITEMS = 1300 };
static char text[2][PEOPLE * 16 * 16 + MOST_ITEMS * 24 + 64];

typedef struct world {
  hosted h;
  ink_dataset history, test;
  ink_trained t;
  packed p;
  float *items, users[PEOPLE + 1][WIDTH], user_bias[PEOPLE + 1];
  ink_metric metrics[INK_MAX_METRICS];
  ink_eval_options options;
} world;

static void read_text(hosted *h, ink_dataset *d, const char *words, const ink_dataset *from) {
  hosted_text t = { words, strlen(words), 0, 4096 };
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events.csv", 0 }, &(ink_read_options){ 0 }, from, &h->env), INK_OK);
}

static const char *make_text(bool test, uint32_t n_items, ink_rng *rng) {
  char *out = text[test];
  size_t n = 0;
  if (!test) {
    n += (size_t)sprintf(out + n, "all");
    for (uint32_t i = 0; i < n_items; i++) n += (size_t)sprintf(out + n, " i%u", i);
    n += (size_t)sprintf(out + n, "\n");
  }
  for (uint32_t u = 0; u < PEOPLE; u++) {
    if (!test && u % 17 == 0) continue;                      /* nothing is known of these */
    n += (size_t)sprintf(out + n, "u%u", u);
    for (uint32_t j = 0; j < 2 + u % 12; j++) n += (size_t)sprintf(out + n, " i%u", ink_rng_below(rng, n_items));
    n += (size_t)sprintf(out + n, "\n");
  }
  return out;
}

/* Implicit als with numbers on a grid of `levels`: the fewer, the more ties. */
static void open_world(world *w, uint32_t n_items, uint32_t levels) {
  static const float SETTINGS[12] = { 0, 0.1f, 1, 0, 1, 0, 0.5f };
  const uint32_t shape[2] = { n_items, WIDTH }, square[2] = { WIDTH, WIDTH }, twelve = 12;
  void *items, *gram, *settings, *popular;
  ink_rng rng;
  memset(w, 0, sizeof *w);
  hosted_init(&w->h);
  w->h.env.kernels = ink_kernels_best();
  ink_rng_seed(&rng, n_items, levels);
  read_text(&w->h, &w->history, make_text(false, n_items, &rng), NULL);
  read_text(&w->h, &w->test, make_text(true, n_items, &rng), &w->history);
  ink_trained_init(&w->t, &w->h.env.allocator);
  CHECK_EQ(ink_catalogue_tensors(&w->history, &w->h.env, &w->t), INK_OK);
  CHECK_EQ(ink_trained_tensor(&w->t, "als.items", INK_DTYPE_F32, 2, shape, &items), INK_OK);
  CHECK_EQ(ink_trained_tensor(&w->t, "als.gram", INK_DTYPE_F32, 2, square, &gram), INK_OK);
  CHECK_EQ(ink_trained_tensor(&w->t, "als.settings", INK_DTYPE_F32, 1, &twelve, &settings), INK_OK);
  CHECK_EQ(ink_trained_tensor(&w->t, "popular.scores", INK_DTYPE_F32, 1, shape, &popular), INK_OK);
  CHECK_EQ(ink_trained_meta(&w->t, "models", "als,popular"), INK_OK);
  memcpy(settings, SETTINGS, sizeof SETTINGS);
  w->items = items;
  for (uint32_t i = 0; i < n_items * WIDTH; i++) w->items[i] = (float)ink_rng_below(&rng, levels) / (float)levels - 0.3f;
  for (uint32_t k = 0; k < WIDTH; k++) ((float *)gram)[k * WIDTH + k] = 1;
  for (uint32_t i = 0; i < n_items; i++) ((float *)popular)[i] = (float)(i % 7);
  for (uint32_t u = 0; u <= PEOPLE; u++) {
    w->user_bias[u] = ink_rng_f32(&rng);
    for (uint32_t k = 0; k < WIDTH; k++) w->users[u][k] = (float)ink_rng_below(&rng, levels) / (float)levels - 0.5f;
  }
  CHECK_EQ(packed_open(&w->p, &w->t), INK_OK);
}

static void close_world(world *w) {
  packed_close(&w->p);
  ink_trained_free(&w->t);
  ink_dataset_free(&w->history);
  ink_dataset_free(&w->test);
  CHECK_EQ(w->h.memory.live, 0);
}

static void measure(world *w, const char *metrics, ink_eval_report *r) {
  w->options.metrics = w->metrics;
  w->options.family = INK_NONE;
  w->options.now = INK_NO_TIME;
  CHECK_EQ(ink_metrics_parse((ink_text){ metrics, (uint32_t)strlen(metrics) }, w->metrics, &w->options.n_metrics, NULL), INK_OK);
  CHECK_EQ(ink_eval_ranking(w->p.pack, &w->history, &w->test, NULL, &w->options, &w->h.env, r), INK_OK);
}

#define FIGURES "recall@10,ndcg@10,mrr@3,coverage@10,gini@5,novelty@5,longtail@5"

/* auc wants the whole catalogue scored, one person after the other. The table of kernels decides what groups are screened in:
 * bytes by "ref" and "avx512", floats by the others. */
static void compare(world *w) {
  static const char *const TABLES[] = { "ref", "sse2", "avx512", "neon", "wasm128" };
  ink_eval_report group, alone;
  w->h.env.kernels = ink_kernels_best();
  measure(w, FIGURES ",auc", &alone);
  for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++) {
    w->h.env.kernels = ink_kernels_named(TABLES[i]);
    if (w->h.env.kernels == NULL) continue;
    measure(w, FIGURES, &group);
    for (int m = 0; m < 7; m++) CHECK(group.values[m].value == alone.values[m].value);
    CHECK(memcmp(&group.counts, &alone.counts, sizeof group.counts) == 0);
    CHECK(group.values[3].value > 0);
  }
  w->h.env.kernels = ink_kernels_best();
}

TEST(groups_equal_one_by_one) {
  static const uint32_t ITEMS[] = { 60, 513, MOST_ITEMS }, LEVELS[] = { 2, 100000 };
  for (int i = 0; i < 3; i++)
    for (int l = 0; l < 2; l++) {
      world w;
      open_world(&w, ITEMS[i], LEVELS[l]);
      compare(&w);
      w.options.n_events = 2;
      compare(&w);
      w.options.with_seen = true;
      compare(&w);
      const ink_eval_vectors people = { w.users[0], w.items, w.user_bias, l == 0 ? w.items : NULL, 0.25f, PEOPLE - 20, WIDTH };
      w.options = (ink_eval_options){ .vectors = &people };
      compare(&w);
      close_world(&w);
    }
}

/* Items and biases that bytes have trouble with; `people` are scored as they are. */
static void make_awkward(world *w, uint32_t n_items, float *bias) {
  static const float SIZES[] = { 1, 0, 1e-30f, 1e-44f, 3e4f, 0.01f, 1, 1 };
  for (uint32_t i = 0; i < n_items; i++) {
    bias[i] = (i % 5 == 0 ? -40.0f : 0.5f) * (float)(i % 11);
    for (uint32_t k = 0; k < WIDTH; k++) w->items[i * WIDTH + k] *= SIZES[i / 3 % 8];
  }
  for (uint32_t u = 0; u < PEOPLE; u++)
    for (uint32_t k = 0; k < WIDTH; k++) w->users[u][k] *= SIZES[u / 5 % 8];
}

TEST(awkward_numbers) {
  enum { N = 700 };
  static float bias[N];
  world w;
  open_world(&w, N, 1000);
  make_awkward(&w, N, bias);
  for (uint32_t k = 0; k < 3; k++) {
    const ink_eval_vectors people = { w.users[0], w.items, w.user_bias, k == 0 ? NULL : bias, k == 2 ? 1e6f : 0, PEOPLE - 20, WIDTH };
    w.options = (ink_eval_options){ .vectors = &people };
    compare(&w);
  }
  for (uint32_t i = 0; i < N; i++) bias[i] *= 1e-8f;          /* far below the numbers of the rows, then far above them */
  for (uint32_t k = 0; k < 2; k++) {
    const ink_eval_vectors people = { w.users[0], w.items, NULL, bias, 0, PEOPLE, WIDTH };
    w.options = (ink_eval_options){ .vectors = &people };
    compare(&w);
    for (uint32_t i = 0; i < N; i++) bias[i] *= 1e17f;
  }
  close_world(&w);
}

/* What is lost when people become bytes decides their order: rows are bytes already, and differ where people are finer than a byte. */
TEST(finer_than_a_byte) {
  enum { N = 1300 };
  world w;
  ink_rng rng;
  open_world(&w, N, 1000);
  ink_rng_seed(&rng, 1, 2);
  for (uint32_t i = 0; i < N * WIDTH; i++) w.items[i] = i % WIDTH == 0 ? 127 : (float)ink_rng_below(&rng, 255) - 127;
  for (uint32_t u = 0; u < PEOPLE; u++)
    for (uint32_t k = 0; k < WIDTH; k++) w.users[u][k] = k == 0 ? 1 : 0.05f * w.users[u][k];
  const ink_eval_vectors people = { w.users[0], w.items, NULL, NULL, 0, PEOPLE, WIDTH };
  w.options = (ink_eval_options){ .vectors = &people };
  compare(&w);
  close_world(&w);
}

/* Vectors of training pass no gate: people with NaN or infinite ones are measured alone, as they ever were. */
TEST(not_a_number) {
  world w;
  open_world(&w, 600, 1000);
  for (uint32_t u = 0; u < PEOPLE; u += 7) w.users[u][u % WIDTH] = u % 2 ? __builtin_nanf("") : __builtin_inff();
  const ink_eval_vectors people = { w.users[0], w.items, NULL, NULL, 0, PEOPLE, WIDTH };
  w.options = (ink_eval_options){ .vectors = &people };
  ink_eval_report group, again;
  measure(&w, "recall@10,mrr@3", &group);
  w.h.env.kernels = ink_kernels_named("ref");
  if (w.h.env.kernels != NULL) {
    measure(&w, "recall@10,mrr@3", &again);
    CHECK(group.values[0].value == again.values[0].value && group.values[1].value == again.values[1].value);
  }
  close_world(&w);
}

TEST(memory) {
  world w;
  ink_eval_report r;
  open_world(&w, 1500, 1000);
  measure(&w, "recall@10", &r);
  const long before = w.h.memory.live;
  const double value = r.values[0].value;
  for (long fail = 1; fail < 60; fail += 3) {
    w.h.memory.fail_at = fail;
    const ink_status status = ink_eval_ranking(w.p.pack, &w.history, &w.test, NULL, &w.options, &w.h.env, &r);
    CHECK(status == INK_E_NO_MEMORY || (status == INK_OK && r.values[0].value == value));
    w.h.memory.fail_at = 0;
    CHECK_EQ(w.h.memory.live, before);
  }
  close_world(&w);
}

TEST_MAIN(T(groups_equal_one_by_one), T(awkward_numbers), T(finer_than_a_byte), T(not_a_number), T(memory))
