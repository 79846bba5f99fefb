/* test_item_parts.c - rows of items as sums of parts: one settling against the formula in double, moves that do not grow with
 * tags, a new item where its tags put it, threads, refusals, no memory. */
#include "hosted.h"

#include "columns.h"
#include "factor.h"
#include "fit_pairwise.h"
#include "fitted.h"
#include "item_parts.h"
#include "rng.h"

/* ------------------------------------------------------------- one settling */

/* Items 0..4 over tags A B C: AB, A, BC, none, and C alone for item 4, which nobody chose. */
enum { N = 5, TAGS = 3, WIDTH = 8, PLACES = 6 };
static uint64_t starts[N + 1] = { 0, 2, 3, 5, 5, 6 };
static uint32_t cols[PLACES] = { 0, 1, 0, 1, 2, 2 }, chosen[] = { 0, 1, 2, 3 };
static float ones[PLACES] = { 1, 1, 1, 1, 1, 1 };
static const ink_matrix tags = { N, TAGS, PLACES, starts, cols, ones };

static void draw(ink_rng *rng, float *x, size_t n) {
  for (size_t k = 0; k < n; k++) x[k] = (float)ink_rng_normal(rng);
}

/* The header's formula for one settling, `m` [N, width] being the moves: own and tag parts in double. */
static void truth(const float *m, size_t width, double *own, double *tag) {
  for (size_t i = 0; i + 1 < N; i++)
    for (size_t k = 0; k < width; k++) own[i * width + k] += (i == 3 ? 1.0 : 0.5) * (double)m[i * width + k];
  for (size_t k = 0; k < width; k++) {
    const double m0 = (double)m[k], m1 = (double)m[width + k], m2 = (double)m[2 * width + k];
    tag[k] += (m0 / 4 + m1 / 2) / 2;
    tag[width + k] += (m0 / 4 + m2 / 4) / 2;
    tag[2 * width + k] += m2 / 4;
  }
}

static void check_rows(const float *rows, size_t width, const double *own, const double *tag) {
  for (uint32_t i = 0; i < N; i++)
    for (size_t k = 0; k < width; k++) {
      double want = own[i * width + k];
      for (uint64_t e = starts[i]; e < starts[i + 1]; e++) want += tag[cols[e] * width + k];
      CHECK_NEAR((double)rows[i * width + k], want, 2e-6);
    }
}

/* Rows move by m; the silent one is told to stand still by who steps. */
static void move_and_settle(const ink_item_parts *p, const ink_parts *x, ink_rng *rng, double *own, double *tag) {
  float m[N * WIDTH];
  draw(rng, m, (N - 1) * x->width);
  truth(m, x->width, own, tag);
  for (size_t k = 0; k < (N - 1) * x->width; k++) x->rows[k] += m[k];
  ink_item_parts_settle(p, &ink_threads_serial);
  check_rows(x->rows, x->width, own, tag);
}

TEST(settling_is_the_formula) {
  float rows[N * WIDTH], bias[N];
  double own[N * WIDTH] = { 0 }, own_bias[N] = { 0 }, tag[TAGS * WIDTH] = { 0 }, tag_bias[TAGS] = { 0 };
  uint64_t choice_starts[] = { 0, 4 };
  const ink_positives choices = { .n_people = 1, .n_items = N, .starts = choice_starts, .items = chosen };
  ink_item_parts p;
  ink_rng rng;
  hosted_init(&h);
  ink_rng_seed(&rng, 3, 0);
  draw(&rng, rows, N * WIDTH);
  draw(&rng, bias, N);
  for (size_t k = 0; k < (N - 1) * WIDTH; k++) own[k] = (double)rows[k];
  for (size_t i = 0; i + 1 < N; i++) own_bias[i] = (double)bias[i];
  CHECK_EQ(ink_item_parts_new(&p, &tags, &choices, rows, WIDTH, bias, &h.env), INK_OK);
  CHECK(p.silent[4] == 1 && p.silent[0] + p.silent[1] + p.silent[2] + p.silent[3] == 0);
  CHECK_EQ_BITS(rows[4 * WIDTH], 0.0f);
  for (int round = 0; round < 3; round++) {
    move_and_settle(&p, &p.vectors, &rng, own, tag);
    move_and_settle(&p, &p.biases, &rng, own_bias, tag_bias);
  }
  ink_item_parts_free(&p);
  CHECK_EQ(h.memory.live, 0);
}

/* The example of docs/families/bpr.md: a (space, war) and b (space) move by 4 and 2, the silent c (space) follows. */
TEST(example_of_the_page) {
  uint64_t three_starts[] = { 0, 2, 3, 4 }, choice_starts[] = { 0, 2 };
  uint32_t three_cols[] = { 0, 1, 0, 0 }, items[] = { 0, 1 };
  float three_ones[] = { 1, 1, 1, 1 }, rows[] = { 0, 0, 0 };
  const ink_matrix m = { 3, 2, 4, three_starts, three_cols, three_ones };
  const ink_positives choices = { .n_people = 1, .n_items = 3, .starts = choice_starts, .items = items };
  ink_item_parts p;
  hosted_init(&h);
  CHECK_EQ(ink_item_parts_new(&p, &m, &choices, rows, 1, NULL, &h.env), INK_OK);
  rows[0] = 4.0f;
  rows[1] = 2.0f;
  ink_item_parts_settle(&p, &ink_threads_serial);
  CHECK(p.vectors.own[0] == 2.0f && p.vectors.own[1] == 1.0f && p.vectors.tags[0] == 1.0f && p.vectors.tags[1] == 1.0f);
  CHECK(rows[0] == 4.0f && rows[1] == 2.0f && rows[2] == 1.0f);
  ink_item_parts_free(&p);
  CHECK_EQ(h.memory.live, 0);
}

/* Forty items that share forty tags and are pulled alike: each moves by the pull, not by forty times as much. */
TEST(moves_do_not_grow_with_tags) {
  enum { MANY = 40 };
  static uint64_t many_starts[MANY + 1];
  static uint32_t many_cols[MANY * MANY], items[MANY];
  static float many_ones[MANY * MANY], rows[MANY * WIDTH];
  uint64_t choice_starts[] = { 0, MANY };
  for (uint32_t i = 0; i < MANY; i++) {
    many_starts[i + 1] = (uint64_t)(i + 1) * MANY;
    items[i] = i;
    for (uint32_t t = 0; t < MANY; t++) many_cols[i * MANY + t] = t;
  }
  const ink_matrix m = { MANY, MANY, MANY * MANY, many_starts, many_cols, many_ones };
  const ink_positives choices = { .n_people = 1, .n_items = MANY, .starts = choice_starts, .items = items };
  ink_item_parts p;
  hosted_init(&h);
  CHECK_EQ(ink_item_parts_new(&p, &m, &choices, rows, WIDTH, NULL, &h.env), INK_OK);
  for (size_t k = 0; k < MANY * WIDTH; k++) rows[k] = 1.0f;
  ink_item_parts_settle(&p, &ink_threads_serial);
  for (size_t k = 0; k < MANY * WIDTH; k++) CHECK_NEAR((double)rows[k], 1.0, 1e-5);
  ink_item_parts_free(&p);
  CHECK_EQ(h.memory.live, 0);
}

/* ---------------------------------------------------------------- a whole fit */

static void read_items(const char *text) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "items", strlen(text) };
  const ink_items_options options = { .all_items = true, .types = "taste=tags" };
  CHECK_EQ(ink_dataset_read_items(&data, &source, &options, &h.env), INK_OK);
}

/* Even people choose even items, odd ones odd ones, one in three; i120 to i129 have tags only. */
static void two_tastes(void) {
  static char events[1 << 16], items[1 << 12];
  size_t at = 0;
  ink_rng rng;
  ink_rng_seed(&rng, 5, 0);
  for (uint32_t p = 0; p < 60; p++)
    for (uint32_t i = p & 1; i < 120; i += 2)
      if (ink_rng_below(&rng, 3) == 0) at += (size_t)snprintf(events + at, sizeof events - at, "p%u,i%u\n", p, i);
  fitted_read(events, INK_FORMAT_RATINGS);
  at = (size_t)snprintf(items, sizeof items, "item,taste\n");
  for (uint32_t i = 0; i < 130; i++) at += (size_t)snprintf(items + at, sizeof items - at, "i%u,all|%s\n", i, i % 2 ? "odd" : "even");
  read_items(items);
}

static void standard(const ink_trainer *trainer) {
  fitted_standard(trainer);
  fitted_set(trainer, "factors", 8);
  fitted_set(trainer, "iterations", 20);
  fitted_set(trainer, "held_back", 0);
  fitted_set(trainer, "fold_candidates", 4);
  fitted_set(trainer, "item_features", 1);
  if (trainer == &ink_trainer_bpr) fitted_set(trainer, "candidates", 2);
}

/* Scores of all items for a history, by the family that serves the pack. */
static void score_all(const ink_family *family, const ink_past *events, uint32_t n, float *out) {
  static _Alignas(64) uint8_t model[1 << 14], state[1 << 15], scratch[1 << 16];
  const ink_tensor_source source = { NULL, fitted_find };
  const ink_history history = { events, n, 0 };
  char name[32];
  ink_arena arena, work;
  ink_bound bound;
  ink_tensor items;
  ink_query q;
  ink_arena_init(&arena, model, sizeof model);
  const ink_bind b = { family->name, &source, data.items.n, 16, ink_kernels_named("ref"), &arena, &h.fault };
  CHECK_EQ(family->bind(&b, &bound), INK_OK);
  CHECK(bound.state_bytes <= sizeof state && bound.scratch_bytes <= sizeof scratch);
  ink_arena_init(&work, scratch, bound.scratch_bytes);
  CHECK_EQ(family->fold(bound.model, &history, state, &work), INK_OK);
  family->query(bound.model, state, &q);
  snprintf(name, sizeof name, "%s.items", family->name);
  CHECK(fitted_find(NULL, ink_text_of(name), &items));
  for (uint32_t i = 0; i < data.items.n; i++) {
    out[i] = q.bias != NULL ? q.bias[i] : 0.0f;
    for (uint32_t k = 0; k < 8; k++) out[i] += q.vector[k] * ((const float *)items.data)[i * 8 + k];
  }
}

/* How many of the ten new items stand on the right side of the mean for a person of three items of one taste. */
static uint32_t right_new_items(const ink_family *family, uint32_t taste) {
  static float scores[256];
  ink_past events[3];
  char id[16];
  uint32_t right = 0;
  float middle = 0.0f;
  for (uint32_t e = 0; e < 3; e++) {
    snprintf(id, sizeof id, "i%u", 20 * e + 10 + taste);
    events[e] = (ink_past){ .item = fitted_item(id), .value = 1, .weight = 1 };
  }
  score_all(family, events, 3, scores);
  for (uint32_t i = 0; i < data.items.n; i++) middle += scores[i] / (float)data.items.n;
  for (uint32_t i = 120; i < 130; i++) {
    snprintf(id, sizeof id, "i%u", i);
    right += (scores[fitted_item(id)] > middle) == (i % 2 == taste);
  }
  return right;
}

static const struct { const ink_trainer *trainer; const ink_family *family; } kinds[] = {
  { &ink_trainer_bpr, &ink_family_bpr }, { &ink_trainer_warp, &ink_family_warp }
};

TEST(new_items_stand_where_their_tags_put_them) {
  for (uint32_t c = 0; c < 2; c++)
    for (uint32_t bias = 0; bias < 2; bias++) {
      two_tastes();
      CHECK_EQ(data.items.n, 130);
      standard(kinds[c].trainer);
      fitted_set(kinds[c].trainer, "item_bias", bias);
      CHECK_EQ(fitted_fit(kinds[c].trainer), INK_OK);
      CHECK_EQ(right_new_items(kinds[c].family, 0), 10);
      CHECK_EQ(right_new_items(kinds[c].family, 1), 10);
      fitted_close();
    }
}

/* Shards backwards, by five workers in turn. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 5);
}

TEST(threads_do_not_show) {
  static float first[130 * 8];
  ink_tensor items;
  for (uint32_t c = 0; c < 2; c++)
    for (uint32_t run = 0; run < 3; run++) {
      two_tastes();
      standard(kinds[c].trainer);
      if (run == 1) h.env.threads = (ink_threads){ NULL, 5, backwards };
      fitted_set(kinds[c].trainer, "item_features", run < 2);
      CHECK_EQ(fitted_fit(kinds[c].trainer), INK_OK);
      CHECK(fitted_find(NULL, ink_text_of(c == 0 ? "bpr.items" : "warp.items"), &items));
      if (run == 0) memcpy(first, items.data, sizeof first);
      else CHECK_EQ(memcmp(first, items.data, sizeof first) == 0, run == 1);
      fitted_close();
    }
}

TEST(without_tags_is_refused) {
  for (uint32_t run = 0; run < 2; run++) {
    fitted_read("a,x\na,y\nb,x\n", INK_FORMAT_RATINGS);
    if (run == 1) read_items("item,taste,year\nx,,1990\ny,,1991\n");
    standard(&ink_trainer_bpr);
    CHECK_EQ(fitted_fit(&ink_trainer_bpr), INK_E_SETTING);
    CHECK(strcmp(h.fault.name, "item_features") == 0 && strstr(h.fault.allowed, "items file (--items)") != NULL);
    fitted_close();
  }
}

TEST(no_memory) {
  bool failed = true;
  for (long n = 1; failed; n++) {
    fitted_read("a,x\na,y\nb,x\nb,z\n", INK_FORMAT_RATINGS);
    read_items("item,taste\nx,p|q\ny,p\nw,q\n");
    standard(&ink_trainer_warp);
    fitted_set(&ink_trainer_warp, "item_bias", 1);
    fitted_set(&ink_trainer_warp, "iterations", 1);
    h.memory.fail_at = n;
    const ink_status status = fitted_fit(&ink_trainer_warp);
    failed = status != INK_OK;
    CHECK(!failed || status == INK_E_NO_MEMORY);
    h.memory.fail_at = 0;
    fitted_close();
  }
}

TEST_MAIN(T(settling_is_the_formula), T(example_of_the_page), T(moves_do_not_grow_with_tags), T(new_items_stand_where_their_tags_put_them), T(threads_do_not_show),
          T(without_tags_is_refused), T(no_memory))
