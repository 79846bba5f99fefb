/* test_fit_pairwise.c - the bpr, warp, simplex and item2vec trainers as a whole: packs that their families take and fold to
 * what training knew; threads, seeds, stopping, divergence, no memory, refusals. Steps are tested in test_sgd.c and
 * test_simplex.c against PyTorch. */
#include "factor.h"
#include "fit_item2vec.h"
#include "fit_pairwise.h"
#include "fit_simplex.h"
#include "hosted.h"
#include "rng.h"
#include "servelib.h"
#include "testlib.h"
#include "utf8.h"

typedef struct family_case {
  const ink_trainer *trainer;
  const ink_family *family;
  const char *setting;                                     /* one of its own, set for a short run */
  double value;
} family_case;

enum { N_CASES = 6, N_ITEMS = 150, MOST = 160 };
static const family_case kinds[N_CASES] = {
  { &ink_trainer_bpr, &ink_family_bpr, "negatives", 0 },
  { &ink_trainer_bpr, &ink_family_bpr, "negatives", 1 },
  { &ink_trainer_bpr, &ink_family_bpr, "negatives", 2 },
  { &ink_trainer_warp, &ink_family_warp, "trials", 20 },
  { &ink_trainer_simplex, &ink_family_simplex, "negatives", 64 },
  { &ink_trainer_item2vec, &ink_family_item2vec, "negatives", 5 },
};

static hosted h;
static ink_dataset data;
static ink_trained out;
static double values[32];
static char text[1 << 19];

/* ---------------------------------------------------------------- material */

static void read_events(const char *events, uint32_t format) {
  hosted_init(&h);
  h.env.kernels = ink_kernels_named("ref");
  ink_trained_init(&out, &h.env.allocator);
  CHECK_EQ(hosted_read_events(&h, &data, events, format), INK_OK);
}

static void set(const family_case *c, const char *name, double value) {
  for (uint32_t i = 0; i < c->trainer->n_settings; i++) {
    const ink_setting *s = &c->trainer->settings[i];
    if (strcmp(s->name, name) != 0) continue;
    CHECK(value >= s->low && value <= s->high);
    values[i] = value;
    return;
  }
  const bool is_a_setting = false;
  CHECK(is_a_setting);
}

static void standard(const family_case *c) {
  for (uint32_t i = 0; i < c->trainer->n_settings; i++) values[i] = c->trainer->settings[i].standard;
  set(c, "factors", 6);
  set(c, "iterations", 30);
  set(c, c->setting, c->value);
  if (c->trainer != &ink_trainer_bpr) return;
  set(c, "candidates", 4);                                 /* of 16 draws from so few items the best is nearly always of his own taste */
  set(c, "fold_candidates", 4);
}

static void done(void) {
  ink_trained_free(&out);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* Even people choose even items, odd ones odd items, one in five of them. */
static void two_tastes(uint32_t n_people) {
  ink_rng rng;
  size_t at = 0;
  ink_rng_seed(&rng, 11, 0);
  for (uint32_t p = 0; p < n_people; p++)
    for (uint32_t i = p & 1; i < N_ITEMS; i += 2)
      if (ink_rng_below(&rng, 5) == 0) at += (size_t)snprintf(text + at, sizeof text - at, "p%u,%u\n", p, i);
  read_events(text, INK_FORMAT_RATINGS);
}

static ink_status fit(const family_case *c, uint64_t seed) { return c->trainer->fit(&data, values, seed, &h.env, &out); }

static const float *floats(const family_case *c, const char *part) {
  char name[64];
  ink_tensor t;
  snprintf(name, sizeof name, "%s.%s", c->trainer->name, part);
  return trained_find(&out, ink_text_of(name), &t) ? t.data : NULL;
}

static bool metadata_is(const char *key, const char *want) {
  for (uint32_t i = 0; i < out.n_metadata; i++)
    if (ink_text_equal(out.metadata[i].key, ink_text_of(key))) return ink_text_equal(out.metadata[i].value, ink_text_of(want));
  return false;
}

/* ------------------------------------------------- folding by what serves */

static served family;

static void bind(const family_case *c) {
  CHECK_EQ(served_bind(&family, c->family, trained_source(&out), data.items.n, MOST, h.env.kernels, &h.fault), INK_OK);
}

static ink_query fold_person(const family_case *c, uint32_t p) {
  ink_past events[MOST];
  uint32_t n = 0;
  for (uint64_t e = data.user_starts[p]; e < data.user_starts[p + 1]; e++)
    events[n++] = (ink_past){ .item = data.item[e], .value = 1, .weight = ink_event_weight(&data, e) };
  ink_query q;
  CHECK_EQ(served_fold(&family, events, n), INK_OK);
  c->family->query(family.bound.model, family.state, &q);
  return q;
}

static float score(const family_case *c, const float *vector, uint32_t item) {
  float sum = 0.0f;
  for (uint32_t k = 0; k < 6; k++) sum += vector[k] * floats(c, "items")[item * 6 + k];
  return sum;
}

/* Share of the pairs of an item of the person's taste and one of the other that stand right. */
static double right_share(const family_case *c, uint32_t p, const float *vector) {
  const uint32_t own = (uint32_t)(ink_names_at(&data.users, p).bytes[ink_names_at(&data.users, p).n - 1] - '0') & 1;
  uint32_t right = 0, n = 0;
  for (uint32_t x = 0; x < data.items.n; x++)
    for (uint32_t y = 0; y < data.items.n; y++) {
      const ink_text a = ink_names_at(&data.items, x), b = ink_names_at(&data.items, y);
      if (((uint32_t)(a.bytes[a.n - 1] - '0') & 1) != own || ((uint32_t)(b.bytes[b.n - 1] - '0') & 1) == own) continue;
      n++;
      right += score(c, vector, x) > score(c, vector, y);
    }
  return (double)right / n;
}

/* ------------------------------------------------------------------- tests */

TEST(packs_serve) {
  for (uint32_t i = 0; i < N_CASES; i++) {
    const family_case *c = &kinds[i];
    two_tastes(200);
    standard(c);
    set(c, "held_back", 0);                                /* twenty people watched would choose among passes by luck */
    CHECK_EQ(fit(c, 1), INK_OK);
    CHECK(floats(c, "items") != NULL && (floats(c, "bias") != NULL) == (c->trainer == &ink_trainer_item2vec));
    CHECK_EQ_BITS(floats(c, "settings")[FACTOR_MODE], i < 4 ? (float)FACTOR_GRADIENT : (float)FACTOR_SUMS);
    bind(c);
    double trained = 0.0;
    for (uint32_t p = 0; p < 20; p++) {
      const ink_query q = fold_person(c, p);
      CHECK(right_share(c, p, q.vector) > 0.8);      /* hard draws bend people away from the other items of their own taste */
      if (i < 4) trained += right_share(c, p, out.people_vectors + p * 6) / 20.0;
    }
    CHECK(i < 4 ? trained > 0.9 : out.people_vectors == NULL);
    done();
  }
}

TEST(metadata_says_what_was_set) {
  two_tastes(60);
  standard(&kinds[1]);
  set(&kinds[1], "learning_rate", 0.25);
  CHECK_EQ(fit(&kinds[1], 1), INK_OK);
  CHECK(metadata_is("bpr.factors", "6") && metadata_is("bpr.negatives", "hard") && metadata_is("bpr.learning_rate", "0.25"));
  done();
}

static double length_of(uint32_t item) {
  const float *const y = floats(&kinds[4], "items") + item * 6;
  double squared = 0.0;
  for (uint32_t k = 0; k < 6; k++) squared += (double)y[k] * (double)y[k];
  return sqrt(squared);
}

/* Nothing hidden: all of length 1. Else the more often an item is chosen the longer it is, by one exponent. */
TEST(lengths_of_simplex) {
  for (uint32_t held = 0; held < 2; held++) {
    size_t at = 0;                                              /* item 0 is chosen by all, the others by one in ten */
    for (uint32_t p = 0; p < 200; p++) {
      at += (size_t)snprintf(text + at, sizeof text - at, "%u,0\n", p);
      for (uint32_t i = 0; i < 6; i++) at += (size_t)snprintf(text + at, sizeof text - at, "%u,%u\n", p, 1 + (p * 7 + i * 11) % 60);
    }
    read_events(text, INK_FORMAT_RATINGS);
    standard(&kinds[4]);
    set(&kinds[4], "held_back", held * 1000);
    CHECK_EQ(fit(&kinds[4], 1), INK_OK);
    const double most = length_of(0), e = log(most) / log(200.0);
    for (uint32_t item = 1; item < data.items.n; item++) {
      const double n = pow(length_of(item), e > 0.0 ? 1.0 / e : 1.0);
      CHECK(held ? n > 10.0 && n < 30.0 && most > length_of(item) : fabs(n - 1.0) < 1e-6 && fabs(most - 1.0) < 1e-6);
    }
    done();
  }
}

/* A person of item2vec is the mean of what was met, and is held against what is told. An item without company says nothing. */
TEST(met_and_told) {
  const family_case *c = &kinds[5];
  read_events("a,x\na,y\nb,x\nb,y\nc,z\n", INK_FORMAT_RATINGS);
  standard(c);
  CHECK_EQ(fit(c, 1), INK_OK);
  const float *const met = floats(c, "fold");
  CHECK(met != NULL && memcmp(met, floats(c, "items"), 6 * sizeof *met) != 0);
  bind(c);
  const ink_query q = fold_person(c, 0);
  for (uint32_t k = 0; k < 6; k++) {
    CHECK_NEAR((double)q.vector[k], ((double)met[k] + (double)met[6 + k]) / 2.0, 1e-6);
    CHECK(met[12 + k] == 0.0f);
  }
  for (uint32_t item = 0; item < 3; item++) CHECK(floats(c, "bias")[item] == 0.0f);      /* nothing hidden */
  CHECK(score(c, q.vector, 0) > score(c, q.vector, 2) && score(c, q.vector, 1) > score(c, q.vector, 2));
  done();
}

/* Biases of item2vec go with the logarithm of how often an item is chosen (hidden choices are not counted), by quarters. */
TEST(biases_of_item2vec) {
  const family_case *c = &kinds[5];
  uint32_t n[N_ITEMS] = { 0 };
  two_tastes(200);
  standard(c);
  CHECK_EQ(fit(c, 1), INK_OK);
  for (uint64_t e = 0; e < data.user_starts[200]; e++) n[data.item[e]]++;
  const float *const bias = floats(c, "bias");
  const double e = round(4.0 * (double)bias[0] / log((double)n[0])) / 4.0;
  CHECK(e >= -1.0 && e <= 0.25 && e != 0.0);
  for (uint32_t item = 0; item < data.items.n; item++) CHECK_NEAR((double)bias[item], e * log((double)n[item]), 0.3);
  done();
}

TEST(bias_of_items) {
  two_tastes(100);
  standard(&kinds[0]);
  set(&kinds[0], "item_bias", 1);
  CHECK_EQ(fit(&kinds[0], 1), INK_OK);
  CHECK(floats(&kinds[0], "bias") != NULL);
  bind(&kinds[0]);
  CHECK(fold_person(&kinds[0], 0).bias == floats(&kinds[0], "bias"));
  done();
}

/* Shards backwards, by five workers in turn. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 5);
}

TEST(threads_and_seeds) {
  static float first[N_ITEMS * 6];
  for (uint32_t i = 0; i < N_CASES; i++)
    for (uint32_t run = 0; run < 4; run++) {
      two_tastes(80);
      standard(&kinds[i]);
      set(&kinds[i], "iterations", 3);
      if (run == 1) h.env.threads = (ink_threads){ NULL, 5, backwards };
      CHECK_EQ(fit(&kinds[i], run == 3 ? 8 : 7), INK_OK);
      if (run == 0) memcpy(first, floats(&kinds[i], "items"), sizeof first);
      else CHECK_EQ(memcmp(first, floats(&kinds[i], "items"), sizeof first) == 0, run != 3);
      done();
    }
}

static bool stop_at_third(void *ctx, const ink_progress *p) {
  CHECK(p->done <= p->total && p->loss >= 0.0);
  return ++*(int *)ctx < 3;
}

TEST(stops_when_asked) {
  for (uint32_t i = 0; i < N_CASES; i++) {
    int calls = 0;
    two_tastes(60);
    standard(&kinds[i]);
    h.env.progress = stop_at_third;
    h.env.progress_ctx = &calls;
    CHECK_EQ(fit(&kinds[i], 1), INK_E_STOPPED);
    CHECK_EQ(calls, 3);
    done();
  }
}

static bool count_epochs(void *ctx, const ink_progress *p) {
  *(uint64_t *)ctx = p->done;
  return true;
}

/* Thirty people of two tastes are learnt in a few epochs; the rest of 1000 is not run. */
TEST(ends_when_nothing_gets_better) {
  for (uint32_t i = 0; i < N_CASES; i += 2) {
    uint64_t epochs = 0;
    two_tastes(60);
    standard(&kinds[i]);
    set(&kinds[i], "iterations", 1000);
    set(&kinds[i], "patience", 1);
    h.env.progress = count_epochs;
    h.env.progress_ctx = &epochs;
    CHECK_EQ(fit(&kinds[i], 1), INK_OK);
    CHECK(epochs >= 200 && epochs < 1000);
    done();
  }
}

TEST(divergence_is_told) {
  two_tastes(60);
  standard(&kinds[0]);
  set(&kinds[0], "learning_rate", 10);
  set(&kinds[0], "regularization", 10);
  CHECK_EQ(fit(&kinds[0], 1), INK_E_DIVERGED);
  CHECK(memcmp(h.fault.name, "bpr", 3) == 0);
  done();
}

TEST(refusals) {
  for (uint32_t i = 0; i < N_CASES; i++) {
    standard(&kinds[i]);
    read_events("{\"user\":\"a\",\"item\":\"x\",\"kind\":\"hide\"}\n", INK_FORMAT_JSONL);
    CHECK_EQ(fit(&kinds[i], 1), INK_E_DATA_EMPTY);
    done();
  }
  read_events("a,x\nb,y\n", INK_FORMAT_RATINGS);           /* no two items of one person */
  CHECK_EQ(fit(&kinds[5], 1), INK_E_DATA_EMPTY);
  done();
}

/* One item, chosen by all; people of one item only: packs that serve nothing better, but no failure. */
TEST(tiny_catalogues) {
  for (uint32_t i = 0; i < 5; i++) {
    standard(&kinds[i]);
    read_events("a,x\nb,x\n", INK_FORMAT_RATINGS);
    CHECK_EQ(fit(&kinds[i], 1), INK_OK);
    done();
  }
}

/* Draws of a fold: as many as are set; 0: by the number of items, 16 to 64. */
TEST(draws_by_the_catalogue) {
  static const struct { uint32_t n_items; double set; float want; } cases[] = { { 40, 0, 16 }, { 9300, 0, 18 }, { 33000, 0, 64 }, { 40, 7, 7 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (uint32_t k = 0; k < 4; k += 3) {
      size_t at = 0;
      for (uint32_t x = 0; x < cases[i].n_items; x++) at += (size_t)snprintf(text + at, sizeof text - at, "%u,%u\n", x % 5, x);
      read_events(text, INK_FORMAT_RATINGS);
      standard(&kinds[k]);
      set(&kinds[k], "factors", 1);
      set(&kinds[k], "iterations", 1);
      set(&kinds[k], "fold_candidates", cases[i].set);
      set(&kinds[k], "fold_steps", 123);
      if (k == 0) set(&kinds[k], "candidates", 0);
      CHECK_EQ(fit(&kinds[k], 1), INK_OK);
      CHECK_EQ_BITS(floats(&kinds[k], "settings")[FACTOR_CANDIDATES], cases[i].want);
      CHECK_EQ_BITS(floats(&kinds[k], "settings")[FACTOR_STEPS], 123.0f);
      done();
    }
}

/* Every request for memory refused once: told, and nothing kept. */
TEST(no_memory) {
  for (uint32_t i = 0; i < N_CASES; i++) {
    bool failed = true;
    for (long n = 1; failed; n++) {
      two_tastes(50);
      standard(&kinds[i]);
      set(&kinds[i], "iterations", 1);
      h.memory.fail_at = n;
      const ink_status status = fit(&kinds[i], 1);
      failed = status != INK_OK;
      CHECK(!failed || status == INK_E_NO_MEMORY);
      h.memory.fail_at = 0;
      done();
    }
  }
}

TEST_MAIN(T(packs_serve), T(metadata_says_what_was_set), T(lengths_of_simplex), T(met_and_told), T(biases_of_item2vec),
          T(bias_of_items), T(threads_and_seeds), T(stops_when_asked),
          T(ends_when_nothing_gets_better), T(divergence_is_told), T(refusals), T(tiny_catalogues),
          T(draws_by_the_catalogue), T(no_memory))
