/* test_fit_als.c - the als trainer as a whole: events to observations, chosen numbers, tensors that the serving family
 * takes and folds to what training knew, threads, seeds, stopping, no memory, refusals. The numerics of a half
 * step are tested in test_als_half.c. */
#define _POSIX_C_SOURCE 200809L
#include "als.h"
#include "factor.h"
#include "fit_als.h"
#include "hosted.h"
#include "rng.h"
#include "servelib.h"
#include "testlib.h"
#include "utf8.h"

static hosted h;
static ink_dataset data;
static ink_trained out;
static double values[64];
static char text[1 << 17];

/* ---------------------------------------------------------------- material */

static void read_events(const char *events, uint32_t format) {
  hosted_init(&h);
  h.env.kernels = ink_kernels_named("ref");
  ink_trained_init(&out, &h.env.allocator);
  CHECK_EQ(hosted_read_events(&h, &data, events, format), INK_OK);
  for (uint32_t i = 0; i < ink_trainer_als.n_settings; i++) values[i] = ink_trainer_als.settings[i].standard;
}

static void set(const char *name, double value) {
  for (uint32_t i = 0; i < ink_trainer_als.n_settings; i++)
    if (strcmp(ink_trainer_als.settings[i].name, name) == 0) {
      CHECK(value >= ink_trainer_als.settings[i].low && value <= ink_trainer_als.settings[i].high);
      values[i] = value;
      return;
    }
  const bool is_a_setting = false;
  CHECK(is_a_setting);
}

static void done(void) {
  ink_trained_free(&out);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* Two tastes: even people choose even items, odd ones odd items; with ratings, their own 4 or 5, the others' 1 or 2. */
static void two_tastes(uint32_t n_people, bool rated) {
  ink_rng rng;
  size_t at = 0;
  ink_rng_seed(&rng, 11, 0);
  for (uint32_t p = 0; p < n_people; p++)
    for (uint32_t i = 0; i < 24; i++) {
      const bool own = (p & 1) == (i & 1);
      if (ink_rng_f32(&rng) > (own ? 0.6f : rated ? 0.3f : 0.0f)) continue;
      const uint32_t stars = (own ? 4 : 1) + ink_rng_below(&rng, 2);
      at += (size_t)(rated ? snprintf(text + at, sizeof text - at, "p%u,i%u,%u\n", p, i, stars)
                           : snprintf(text + at, sizeof text - at, "p%u,i%u\n", p, i));
    }
  read_events(text, INK_FORMAT_RATINGS);
}

static const ink_tensor *tensor(const char *name) {
  for (uint32_t i = 0; i < out.n_tensors; i++)
    if (ink_text_equal(out.tensors[i].name, ink_text_of(name))) return &out.tensors[i];
  return NULL;
}

static const float *floats(const char *name) { return tensor(name) != NULL ? tensor(name)->data : NULL; }

static bool metadata_is(const char *key, const char *want) {
  for (uint32_t i = 0; i < out.n_metadata; i++)
    if (ink_text_equal(out.metadata[i].key, ink_text_of(key))) return ink_text_equal(out.metadata[i].value, ink_text_of(want));
  return false;
}

static ink_status fit(uint64_t seed) { return ink_trainer_als.fit(&data, values, seed, &h.env, &out); }

/* ------------------------------------------------- folding by what serves */

enum { MOST = 32 };
static served family;

static void bind(void) {
  CHECK_EQ(served_bind(&family, &ink_family_als, trained_source(&out), data.items.n, MOST, h.env.kernels, &h.fault), INK_OK);
}

/* A person's events of the data set as a history. */
static ink_query fold_person(uint32_t p) {
  const uint32_t rating = ink_names_find(&data.kinds, ink_text_of("rating"));
  ink_past events[MOST];
  uint32_t n = 0;
  for (uint64_t e = data.user_starts[p]; e < data.user_starts[p + 1]; e++)
    events[n++] = (ink_past){ .item = data.item[e], .kind = data.kind[e], .value = data.value[e], .weight = ink_event_weight(&data, e),
                              .rating = data.kind[e] == rating };
  ink_query q;
  CHECK_EQ(served_fold(&family, events, n), INK_OK);
  ink_family_als.query(family.bound.model, family.state, &q);
  return q;
}

static float score(const ink_query *q, uint32_t item) {
  const uint32_t d = tensor("als.items")->shape[1];
  float sum = q->offset + (q->bias != NULL ? q->bias[item] : 0.0f);
  for (uint32_t k = 0; k < d; k++) sum += q->vector[k] * floats("als.items")[item * d + k];
  return sum;
}

/* ------------------------------------------------------------------- tests */

TEST(implicit_pack_serves) {
  two_tastes(60, false);
  set("factors", 2);                                       /* as many as there are tastes: none left for chance */
  CHECK_EQ(fit(1), INK_OK);
  const float *s = floats("als.settings");
  CHECK_EQ(tensor("als.settings")->shape[0], FACTOR_N_SETTINGS);
  CHECK_EQ_BITS(s[FACTOR_MODE], 0.0f);
  CHECK_EQ_BITS(s[FACTOR_A_SCALE], 1.0f);
  CHECK_EQ_BITS(s[FACTOR_NU], 1.0f);
  CHECK(tensor("als.gram") != NULL && tensor("als.bias") == NULL && tensor("popular.scores") != NULL);
  CHECK(metadata_is("als.factors", "2") && metadata_is("als.feedback", "implicit") && metadata_is("als.regularization", "0.005"));
  bind();
  for (uint32_t p = 0; p < 60; p++) {
    const ink_query q = fold_person(p);
    uint32_t right = 0, n = 0;
    for (uint32_t own = 0; own < data.items.n; own++)
      for (uint32_t other = 0; other < data.items.n; other++) {
        const ink_text x = ink_names_at(&data.items, own), y = ink_names_at(&data.items, other);
        const bool taste_x = ((x.bytes[x.n - 1] - '0') & 1) == (int)(p & 1), taste_y = ((y.bytes[y.n - 1] - '0') & 1) == (int)(p & 1);
        if (!taste_x || taste_y) continue;
        n++;
        right += score(&q, own) > score(&q, other);
      }
    CHECK_EQ(right, n);
  }
  done();
}

/* The last half step solves the items, so people as training left them lag half a step behind; after many iterations
 * nothing moves any more, and a fold with the ridge of training must find them where training did. */
TEST(fold_finds_the_trained_people) {
  for (uint32_t rated = 0; rated < 2; rated++) {
    two_tastes(60, rated);
    set("factors", 4);
    set("iterations", 400);
    set("regularization", rated ? 1.2 : 0.05);
    set("fold_regularization", rated ? 1.2 : 0.05);
    set("fold_bias_regularization", 2);
    CHECK_EQ(fit(3), INK_OK);
    CHECK_EQ(out.n_people, 60);
    CHECK_EQ(out.people_d, 4);
    CHECK((out.people_bias != NULL) == rated);
    bind();
    for (uint32_t p = 0; p < 60; p++) {
      const ink_query q = fold_person(p);
      for (uint32_t k = 0; k < 4; k++) CHECK_NEAR((double)q.vector[k], (double)out.people_vectors[p * 4 + k], 2e-3);
      if (rated) CHECK_NEAR((double)q.offset - (double)floats("als.settings")[FACTOR_MEAN], (double)out.people_bias[p], 2e-3);
    }
    done();
  }
}

TEST(explicit_pack_predicts) {
  two_tastes(80, true);
  set("factors", 4);
  CHECK_EQ(fit(1), INK_OK);
  const float *s = floats("als.settings");
  CHECK_EQ_BITS(s[FACTOR_MODE], 1.0f);
  CHECK_EQ_BITS(s[FACTOR_LOWEST], 1.0f);
  CHECK_EQ_BITS(s[FACTOR_HIGHEST], 5.0f);
  double mean = 0.0;
  for (uint64_t e = 0; e < data.n_events; e++) mean += (double)data.value[e];
  CHECK_NEAR((double)s[FACTOR_MEAN], mean / (double)data.n_events, 1e-6);
  CHECK(tensor("als.gram") == NULL && tensor("als.bias") != NULL);
  CHECK(metadata_is("als.feedback", "explicit") && metadata_is("als.bias_regularization", "2"));
  bind();
  double error = 0.0;
  for (uint32_t p = 0; p < 80; p++) {
    const ink_query q = fold_person(p);
    for (uint64_t e = data.user_starts[p]; e < data.user_starts[p + 1]; e++) {
      const double away = (double)score(&q, data.item[e]) - (double)data.value[e];
      error += away * away;
    }
  }
  /* Stars within a taste are a coin's throw of deviation .5; without tastes the deviation is above 1.4. */
  CHECK(sqrt(error / (double)data.n_events) < 0.7);
  done();
}

/* The pairs of one person, made as a fold makes them (FORMAT.md). */
TEST(observations) {
  read_events("{\"user\":\"a\",\"item\":\"x\",\"kind\":\"view\"}\n"
              "{\"user\":\"a\",\"item\":\"y\",\"kind\":\"like\"}\n"
              "{\"user\":\"a\",\"item\":\"x\",\"kind\":\"purchase\"}\n"
              "{\"user\":\"a\",\"item\":\"z\",\"kind\":\"dislike\"}\n"
              "{\"user\":\"a\",\"item\":\"w\",\"kind\":\"hide\"}\n"
              "{\"user\":\"b\",\"item\":\"y\",\"kind\":\"rating\",\"value\":2}\n"
              "{\"user\":\"b\",\"item\":\"y\",\"kind\":\"rating\",\"value\":4}\n"
              "{\"user\":\"b\",\"item\":\"z\",\"kind\":\"rating\",\"value\":1}\n"
              "{\"user\":\"b\",\"item\":\"x\",\"kind\":\"click\"}\n", INK_FORMAT_JSONL);
  ink_als_matrix m, t;
  ink_als_rule rule = { .a_scale = 2.0f, .a_shift = -3.0f, .b_scale = 0.5f, .b_shift = 1.0f };
  CHECK_EQ(ink_als_observe(&data, &rule, &h.env, &m), INK_OK);
  CHECK_EQ(m.n_values, 6);
  static const uint32_t cols[] = { 0, 1, 2, 1, 2, 0 };
  static const float a[] = { 19, 7, 7, 1, 0, 0 }, b[] = { 6.5f, 3.5f, 0, 2, 1.5f, 1.5f };      /* weights 11 5 -5 2 1 1 */
  for (uint32_t i = 0; i < 6; i++) {
    CHECK_EQ(m.cols[i], cols[i]);
    CHECK_EQ_BITS(m.a[i], a[i]);
    CHECK_EQ_BITS(m.b[i], b[i]);
  }
  CHECK_EQ(ink_als_transpose(&m, &h.env, &t), INK_OK);
  static const uint32_t people[] = { 0, 1, 0, 1, 0, 1 };
  for (uint32_t i = 0; i < 6; i++) CHECK_EQ(t.cols[i], people[i]);
  CHECK_EQ_BITS(t.a[4], 7.0f);
  CHECK_EQ(t.starts[3], 6);
  CHECK_EQ(t.starts[4], 6);
  ink_als_matrix_free(&m, &h.env.allocator);
  ink_als_matrix_free(&t, &h.env.allocator);
  rule.is_explicit = true;
  CHECK_EQ(ink_als_observe(&data, &rule, &h.env, &m), INK_OK);
  CHECK_EQ_BITS(rule.mean, 2.5f);                          /* of 4 and 1: the earlier 2 does not count */
  static const float confidence[] = { 1, 1, 1, 1, 1, 0.2f }, target[] = { 4, 4, 1, 4, 1, 4 };
  CHECK_EQ(m.n_values, 6);
  for (uint32_t i = 0; i < 6; i++) {
    CHECK_EQ_BITS(m.a[i], confidence[i]);
    CHECK_EQ_BITS(m.b[i], target[i] - 2.5f);
  }
  ink_als_matrix_free(&m, &h.env.allocator);
  done();
}

/* Shards backwards, by five workers in turn. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 5);
}

enum { CHOLESKY, CG, BLOCKS };

TEST(threads_and_seeds) {
  static float first[24 * 64];
  for (uint32_t run = 0; run < 8; run++) {
    two_tastes(300, false);
    set("factors", 64);                                      /* wide enough for blocks to pay for the items */
    set("solver", run < 4 ? CHOLESKY : BLOCKS);
    set("block", 8);
    if (run % 4 == 1) h.env.threads = (ink_threads){ NULL, 5, backwards };
    CHECK_EQ(fit(run % 4 == 3 ? 8 : 7), INK_OK);
    if (run == 4) CHECK(memcmp(first, floats("als.items"), sizeof first) != 0);
    if (run % 4 == 0) memcpy(first, floats("als.items"), sizeof first);
    else CHECK_EQ(memcmp(first, floats("als.items"), sizeof first) == 0, run % 4 != 3);
    done();
  }
}

/* One gradient step, or one pass of blocks of four factors, a half iteration: not the exact solve at first, the same scores in the end. */
static void fit_and_score(uint32_t solver, uint32_t factors, uint32_t iterations, float scores[24]) {
  two_tastes(200, false);
  set("factors", factors);
  set("iterations", iterations);
  set("regularization", 0.1);
  set("fold_regularization", 0.1);
  set("solver", solver);
  set("cg_steps", 1);
  set("block", 4);
  CHECK_EQ(fit(7), INK_OK);
  CHECK(metadata_is("als.solver", solver == CG ? "cg" : solver == BLOCKS ? "blocks" : "cholesky"));
  bind();
  const ink_query q = fold_person(0);
  for (uint32_t i = 0; i < data.items.n; i++) scores[i] = score(&q, i);
  done();
}

static void check_convergence(uint32_t solver, uint32_t factors) {
  float exact[24], by_steps[24];
  double off = 0.0;
  fit_and_score(CHOLESKY, factors, 1, exact);
  fit_and_score(solver, factors, 1, by_steps);
  for (uint32_t i = 0; i < 24; i++) off = fmax(off, fabs((double)exact[i] - (double)by_steps[i]));
  CHECK(off > 4e-5);                                        /* twice what is let pass below */
  fit_and_score(CHOLESKY, factors, 100, exact);
  fit_and_score(solver, factors, 100, by_steps);
  for (uint32_t i = 0; i < 24; i++) CHECK_NEAR((double)by_steps[i], (double)exact[i], 2e-5);
}

TEST(gradients_converge) { check_convergence(CG, 12); }
TEST(blocks_converge) { check_convergence(BLOCKS, 64); }   /* wide enough for blocks to pay for the items */

TEST(precisions) {
  static const uint32_t dtypes[] = { INK_DTYPE_F32, INK_DTYPE_F16, INK_DTYPE_BF16, INK_DTYPE_I8, INK_DTYPE_F32 };
  for (uint32_t p = 0; p < 5; p++) {
    two_tastes(60, false);
    set("factors", 5);
    set("fold_regularization", 0.005);
    set("popularity_exponent", 0);                           /* a plain sum, easily made again */
    set("precision", p);
    CHECK_EQ(fit(1), INK_OK);
    CHECK_EQ(tensor("als.items")->dtype, dtypes[p]);
    CHECK_EQ(tensor("als.items8") != NULL, p == 4);
    bind();                                                  /* finds everything that int8 rows need */
    if (p == 3) {                                            /* the Gram matrix is that of the stored rows */
      const int8_t *rows = tensor("als.items")->data;
      double g = 0.0;
      for (uint32_t i = 0; i < data.items.n; i++) g += pow((double)floats("als.items.scale")[i] * (double)rows[i * 5], 2.0);
      CHECK_NEAR((double)floats("als.gram")[0], g, 1e-5 * g);
    }
    done();
  }
}

TEST(models) {
  static const char *const names[] = { "ials", "hu", "implicit" };
  static const float want[][6] = { { 1, 0, 1, 0, 1, 0 }, { 40, 0, 40, 1, 0, 1 }, { 1, -1, 1, 0, 0, 1 } };   /* a, b, nu, a0 (0: chosen) */
  for (uint32_t m = 0; m < 3; m++) {
    two_tastes(60, false);
    set("factors", 4);
    set("model", m);
    CHECK_EQ(fit(1), INK_OK);
    const float *s = floats("als.settings");
    CHECK(metadata_is("als.model", names[m]));
    for (uint32_t i = 0; i < 4; i++) CHECK_EQ_BITS(s[FACTOR_A_SCALE + i], want[m][i]);
    CHECK_EQ_BITS(s[FACTOR_NU], want[m][4]);
    const double share = (double)data.n_events / (60.0 * data.items.n);
    CHECK_NEAR((double)s[FACTOR_UNOBSERVED], m == 0 ? 2.0 * pow(share, 0.7) : 1.0, 1e-6);
    done();
  }
}

static bool stop_at_third(void *ctx, const ink_progress *p) {
  CHECK(p->done <= p->total);
  return ++*(int *)ctx < 3;
}

TEST(stops_when_asked) {
  int calls = 0;
  two_tastes(60, false);
  h.env.progress = stop_at_third;
  h.env.progress_ctx = &calls;
  CHECK_EQ(fit(1), INK_E_STOPPED);
  CHECK_EQ(calls, 3);
  done();
}

TEST(too_few_people_to_measure) {
  two_tastes(30, true);
  set("factors", 2);
  CHECK_EQ(fit(1), INK_OK);
  CHECK_EQ_BITS(floats("als.settings")[FACTOR_LAMBDA], 1.2f);
  CHECK_EQ_BITS(floats("als.settings")[FACTOR_BIAS_LAMBDA], 2.0f);
  done();
}

TEST(refusals) {
  two_tastes(30, false);
  set("feedback", 2);
  CHECK_EQ(fit(1), INK_E_SETTING);
  CHECK(memcmp(h.fault.name, "feedback", 8) == 0);
  done();
  read_events("{\"user\":\"a\",\"item\":\"x\",\"kind\":\"hide\"}\n", INK_FORMAT_JSONL);
  CHECK_EQ(fit(1), INK_E_DATA_EMPTY);
  done();
}

/* Every request for memory refused once: told, and nothing kept. */
TEST(no_memory) {
  for (uint32_t rated = 0; rated < 2; rated++) {
    bool failed = true;
    for (long n = 1; failed; n++) {
      two_tastes(220, rated);
      set("factors", 2);
      set("iterations", 1);
      h.memory.fail_at = n;
      const ink_status status = fit(1);
      failed = status != INK_OK;
      CHECK(!failed || status == INK_E_NO_MEMORY);
      h.memory.fail_at = 0;
      done();
    }
  }
}

TEST_MAIN(T(implicit_pack_serves), T(fold_finds_the_trained_people), T(explicit_pack_predicts), T(observations), T(threads_and_seeds),
          T(gradients_converge), T(blocks_converge), T(precisions), T(models), T(stops_when_asked), T(too_few_people_to_measure), T(refusals),
          T(no_memory))
