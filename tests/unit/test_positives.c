/* test_positives.c - what counts as a choice, what is hidden of whom, and the ranking of the hidden ones against places counted
 * one by one. */
#include "positives.h"
#include "hosted.h"
#include "rng.h"
#include "testlib.h"

static hosted h;
static ink_dataset data;
static ink_positives choices;
static char text[1 << 16];

static void read_events(const char *events, uint32_t format) {
  hosted_init(&h);
  CHECK_EQ(hosted_read_events(&h, &data, events, format), INK_OK);
}

static void done(void) {
  ink_positives_free(&choices);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

TEST(weights_above_zero_are_choices) {
  read_events("{\"user\":\"a\",\"item\":\"x\",\"kind\":\"view\"}\n"
              "{\"user\":\"a\",\"item\":\"y\",\"kind\":\"dislike\"}\n"
              "{\"user\":\"a\",\"item\":\"z\",\"kind\":\"like\"}\n"
              "{\"user\":\"a\",\"item\":\"x\",\"kind\":\"purchase\"}\n"
              "{\"user\":\"b\",\"item\":\"z\",\"kind\":\"dislike\"}\n"
              "{\"user\":\"b\",\"item\":\"z\",\"kind\":\"like\"}\n"
              "{\"user\":\"b\",\"item\":\"w\",\"kind\":\"hide\"}\n", INK_FORMAT_JSONL);
  CHECK_EQ(ink_positives_make(&data, 10, 1, &h.env, &choices), INK_OK);
  CHECK(choices.n_people == 2 && choices.n_items == 4 && choices.starts[1] == 2 && choices.starts[2] == 2);
  CHECK(choices.items[0] == 0 && choices.items[1] == 2);
  CHECK(ink_positives_has(&choices, 0, 0) && !ink_positives_has(&choices, 0, 1) && ink_positives_has(&choices, 0, 2));
  CHECK(!ink_positives_has(&choices, 0, 3) && !ink_positives_has(&choices, 1, 2));
  CHECK_EQ(choices.n_watched, 0);                          /* nobody has five */
  done();
}

TEST(nothing_chosen_is_told) {
  read_events("{\"user\":\"a\",\"item\":\"x\",\"kind\":\"dislike\"}\n", INK_FORMAT_JSONL);
  CHECK_EQ(ink_positives_make(&data, 10, 1, &h.env, &choices), INK_E_DATA_EMPTY);
  done();
}

/* 200 people of 0 to 15 different items out of 90. */
static void crowd(void) {
  ink_rng rng;
  size_t at = 0;
  ink_rng_seed(&rng, 4, 0);
  for (uint32_t p = 0; p < 200; p++)
    for (uint32_t i = 0; i < 90; i++)
      if (ink_rng_below(&rng, 200) < p % 20) at += (size_t)snprintf(text + at, sizeof text - at, "p%u,i%u\n", p, i);
  read_events(text, INK_FORMAT_RATINGS);
}

TEST(a_fifth_is_hidden) {
  crowd();
  CHECK_EQ(ink_positives_make(&data, 0, 9, &h.env, &choices), INK_OK);
  const ink_positives all = choices;
  CHECK_EQ(ink_positives_make(&data, 1000, 9, &h.env, &choices), INK_OK);
  CHECK_EQ(choices.n_watched, choices.n_people / 10);
  for (uint32_t u = 0, w = 0; u < all.n_people; u++) {
    const uint64_t n = all.starts[u + 1] - all.starts[u], seen = choices.starts[u + 1] - choices.starts[u];
    const bool watched = w < choices.n_watched && choices.watched[w] == u;
    CHECK_EQ(seen, watched ? n - n / 5 : n);
    for (uint64_t e = choices.starts[u]; e < choices.starts[u + 1]; e++) {
      CHECK(ink_positives_has(&all, u, choices.items[e]));
      CHECK(e == choices.starts[u] || choices.items[e] > choices.items[e - 1]);
    }
    if (!watched) continue;
    CHECK(n >= 5);
    CHECK_EQ(choices.hidden_starts[w + 1] - choices.hidden_starts[w], n / 5);
    for (uint64_t e = choices.hidden_starts[w]; e < choices.hidden_starts[w + 1]; e++)
      CHECK(ink_positives_has(&all, u, choices.hidden[e]) && !ink_positives_has(&choices, u, choices.hidden[e]));
    w++;
  }
  ink_positives rest = all;
  ink_positives_free(&rest);
  done();
}

/* ----------------------------------------------------------------- ranking */

enum { STRIDE = 8 };
static float items[2000 * STRIDE], bias[2000], people[200 * STRIDE];

static void person(void *ctx, uint32_t p, float *vector) {
  (void)ctx;
  memcpy(vector, people + p * STRIDE, STRIDE * sizeof *vector);
}

static float score_of(uint32_t p, uint32_t i, bool with_bias) {
  float sum = 0.0f;                                        /* small whole numbers: exact in any order */
  for (uint32_t k = 0; k < STRIDE; k++) sum += people[p * STRIDE + k] * items[i * STRIDE + k];
  return with_bias ? sum + bias[i] : sum;
}

static double ndcg_one_by_one(bool with_bias) {
  double sum = 0.0;
  for (uint32_t w = 0; w < choices.n_watched; w++) {
    double gain = 0.0, ideal = 0.0;
    const uint64_t first = choices.hidden_starts[w], end = choices.hidden_starts[w + 1];
    for (uint64_t e = first; e < end; e++) {
      double rank = 1.0;
      for (uint32_t i = 0; i < choices.n_items; i++) {
        const float own = score_of(choices.watched[w], choices.hidden[e], with_bias), other = score_of(choices.watched[w], i, with_bias);
        if (i == choices.hidden[e] || ink_positives_has(&choices, choices.watched[w], i)) continue;
        rank += other > own ? 1.0 : other == own ? 0.5 : 0.0;
      }
      if (rank <= 20.0) gain += 1.0 / log2(rank + 1.0);
      ideal += 1.0 / log2((double)(e - first) + 2.0);
    }
    sum += gain / ideal;
  }
  return sum / choices.n_watched;
}

/* Shards backwards, by three workers in turn. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 3);
}

TEST(ndcg_counts_places) {
  ink_rng rng;
  ink_rng_seed(&rng, 6, 0);
  crowd();
  CHECK_EQ(ink_positives_make(&data, 40, 2, &h.env, &choices), INK_OK);
  for (size_t i = 0; i < sizeof items / sizeof *items; i++) items[i] = (float)ink_rng_below(&rng, 5) - 2.0f;
  for (size_t i = 0; i < sizeof people / sizeof *people; i++) people[i] = (float)ink_rng_below(&rng, 3) - 1.0f;
  for (size_t i = 0; i < sizeof bias / sizeof *bias; i++) bias[i] = (float)ink_rng_below(&rng, 9) - 4.0f;
  for (uint32_t with_bias = 0; with_bias < 2; with_bias++) {
    const ink_watch watch = { items, with_bias ? bias : NULL, STRIDE, NULL, person };
    double serial, other;
    h.env.threads = ink_threads_serial;
    CHECK_EQ(ink_positives_ndcg(&choices, &watch, &h.env, &serial), INK_OK);
    CHECK_NEAR(serial, ndcg_one_by_one(with_bias), 1e-12);
    CHECK(serial > 0.01 && serial < 0.95);
    h.env.threads = (ink_threads){ NULL, 3, backwards };
    CHECK_EQ(ink_positives_ndcg(&choices, &watch, &h.env, &other), INK_OK);
    CHECK(serial == other);
  }
  done();
}

TEST_MAIN(T(weights_above_zero_are_choices), T(nothing_chosen_is_told), T(a_fifth_is_hidden), T(ndcg_counts_places))
