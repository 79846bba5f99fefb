/* test_hybrid.c - the blend against its formula, computed here in double from the members' own answers: buckets by
 * length of history, units of each member's spread, members that are silent; reasons; what bind refuses. */
#include "hosted.h"

#include <math.h>

#include "enginelib.h"

enum { N = 90, D = 6 };

typedef struct blend_case {
  const char *members;            /* als, item-knn and popular are in the pack */
  bool relative, is_explicit;
} blend_case;

static const blend_case relative_case = { "als,item-knn,popular", true, false };

static void make(lab *l, const blend_case *c) {
  packlib *p = &l->pack_tensors;
  packlib_items(p, "i", NULL, N);
  packlib_popular(p, N, 3);
  packlib_als(p, N, D, INK_DTYPE_F32, c->is_explicit, 5);
  packlib_linear(p, "item_knn", N, c->is_explicit, false, false, 6);
  packlib_hybrid(p, c->members, c->relative, false, 8);
}

static void open_case(lab *l, const blend_case *c) {
  make(l, c);
  lab_open(l, "hybrid,als,item-knn,popular");
}

static ink_status scores_of(lab *l, const char *family, float *out) {
  ink_request r = lab_request(1, INK_NO_FALLBACK);
  r.family = ink_engine_family(l->engine, family);
  return ink_score(l->engine, NULL, N, &r, out);
}

static double spread_of(const float *x) {
  double mean = 0, squares = 0;
  for (uint32_t i = 0; i < N; i++) mean += (double)x[i] / (double)N;
  for (uint32_t i = 0; i < N; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)N;
  return sqrt(squares);
}

/* The weights of the bucket for so many events, as packlib_hybrid() placed them. */
static const float *row_of(lab *l, uint32_t n_events, uint32_t columns) {
  const uint32_t b = n_events >= 20 ? 2 : n_events >= 5 ? 1 : 0;
  return (const float *)packlib_find(&l->pack_tensors, "hybrid.weights")->data + b * columns;
}

/* The formula in double. `named` [n] are the members in the order of the pack. */
static void expect(lab *l, const blend_case *c, const char *const *named, uint32_t n, uint32_t n_events, double *out) {
  const float *w = row_of(l, n_events, n + 1);
  static float own[N];
  double all = 0, present = 0;
  for (uint32_t i = 0; i < N; i++) out[i] = 0;
  for (uint32_t m = 0; m < n; m++) {
    all += (double)w[m];
    if (scores_of(l, named[m], own) != INK_OK) continue;
    const double spread = c->relative ? spread_of(own) : 1.0;
    if (spread < 1e-9) continue;
    present += (double)w[m];
    for (uint32_t i = 0; i < N; i++) out[i] += (double)w[m] * (double)own[i] / spread;
  }
  for (uint32_t i = 0; i < N; i++) out[i] = out[i] * all / present + (double)w[n];
}

static void check_blend(lab *l, const blend_case *c, const char *const *named, uint32_t n, uint32_t n_events) {
  static float got[N];
  static double want[N];
  CHECK_EQ(scores_of(l, "hybrid", got), INK_OK);
  expect(l, c, named, n, n_events, want);
  for (uint32_t i = 0; i < N; i++) CHECK(fabs((double)got[i] - want[i]) <= 1e-5 * (1 + fabs(want[i])));
}

TEST(a_blend_is_its_formula_in_every_bucket) {
  static const char *const three[] = { "als", "item-knn", "popular" };
  static const blend_case cases[] = { { "als,item-knn,popular", true, false }, { "als,item-knn,popular", false, false },
                                      { "als,item-knn", false, true } };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    lab l = { 0 };
    open_case(&l, &cases[k]);
    for (uint32_t e = 1; e <= 24; e++) {
      lab_track_item(l.engine, e * 3, cases[k].is_explicit ? "rating" : "like", (float)(1 + e % 5), e);
      check_blend(&l, &cases[k], three, cases[k].is_explicit ? 2 : 3, e);
    }
    lab_close(&l);
  }
}

TEST(the_blend_is_asked_first) {
  lab l = { 0 };
  open_case(&l, &relative_case);
  lab_track_item(l.engine, 4, "like", 1, 1);
  const ink_request r = lab_request(5, 0);
  const ink_slate s = lab_recommend(l.engine, &r);
  CHECK(strcmp(ink_engine_family_name(l.engine, s.items[0].family), "hybrid") == 0);
  lab_close(&l);
}

/* A dislike alone says nothing to als; item-knn subtracts. */
TEST(a_silent_member_passes_its_weight_on) {
  static const char *const two[] = { "als", "item-knn" };
  const blend_case c = { "als,item-knn", false, false };
  static float got[N], own[N];
  lab l = { 0 };
  open_case(&l, &c);
  lab_track_item(l.engine, 7, "dislike", 1, 1);
  CHECK_EQ(scores_of(&l, "als", own), INK_E_NOT_FOUND);
  check_blend(&l, &c, two, 2, 1);
  const float *w = row_of(&l, 1, 3);
  CHECK_EQ(scores_of(&l, "hybrid", got), INK_OK);
  CHECK_EQ(scores_of(&l, "item-knn", own), INK_OK);
  for (uint32_t i = 0; i < N; i++) CHECK(fabs((double)(got[i] - (w[0] + w[1]) * own[i] - w[2])) < 1e-5);
  lab_close(&l);
}

TEST(equal_scores_say_nothing_in_relative_mode) {
  const blend_case c = { "popular,als", true, false };
  static float got[N];
  lab l = { 0 };
  make(&l, &c);
  float *popular = packlib_add(&l.pack_tensors, "popular.scores", INK_DTYPE_F32, N, 0);
  for (uint32_t i = 0; i < N; i++) popular[i] = 0.1f;
  lab_open(&l, "hybrid");
  CHECK_EQ(scores_of(&l, "hybrid", got), INK_E_SINGULAR);              /* nobody speaks: als has no event */
  lab_track_item(l.engine, 7, "like", 1, 1);
  check_blend(&l, &c, (const char *const[]){ "popular", "als" }, 2, 1);
  lab_close(&l);
}

TEST(an_empty_history_is_the_popular_members) {
  static float got[N];
  lab l = { 0 };
  open_case(&l, &relative_case);
  check_blend(&l, &relative_case, (const char *const[]){ "als", "item-knn", "popular" }, 3, 0);
  lab_close(&l);
  const blend_case personal = { "als,item-knn", true, false };
  open_case(&l, &personal);
  CHECK_EQ(scores_of(&l, "hybrid", got), INK_E_NOT_FOUND);
  lab_close(&l);
}

/* Reasons name the events of all members, once each; and they add up. */
TEST(reasons_are_the_members_reasons) {
  lab l = { 0 };
  open_case(&l, &relative_case);
  for (uint32_t e = 0; e < 7; e++) lab_track_item(l.engine, e * 5, "like", 1, e);
  for (uint32_t item = 0; item < N; item++) {
    const ink_request r = lab_request(1, 0);
    ink_slate s = { .struct_bytes = sizeof s };
    bool named[N] = { false };
    CHECK_EQ(ink_explain(l.engine, item, &r, &s), INK_OK);
    lab_check_reasons(&s, 0);
    double rest = 0, sum = 0;
    for (uint32_t i = 0; i < s.items[0].n_reasons; i++) {
      const ink_reason *why = &s.reasons[s.items[0].reasons_first + i];
      sum += fabs(why->weight);
      if (why->kind == INK_REASON_REST) rest = fabs(why->weight);
      if (why->kind != INK_REASON_EVENT) continue;
      CHECK(!named[why->item]);
      named[why->item] = true;
    }
    CHECK(rest <= 1e-5 * (1 + sum));
  }
  lab_close(&l);
}

/* The example of docs/families/hybrid.md: four items, d speaks for c, popularity says 2, 1, 0, 1. */
TEST(the_example_of_the_docs) {
  static const float popular[] = { 2, 1, 0, 1 }, settings[6] = { 0, 0, 0, 0, 1, 5 }, weights[] = { 0.6f, 0.4f, 0 };
  static const uint32_t ends[] = { 0, 0, 0, 1 };
  float got[4];
  lab l = { 0 };
  packlib *p = &l.pack_tensors;
  packlib_items(p, "i", NULL, 4);
  memcpy(packlib_add(p, "popular.scores", INK_DTYPE_F32, 4, 0), popular, sizeof popular);
  memcpy(packlib_add(p, "item_knn.ends", INK_DTYPE_U32, 4, 0), ends, sizeof ends);
  *(uint16_t *)packlib_add(p, "item_knn.cols", INK_DTYPE_U16, 1, 0) = 2;
  *(float *)packlib_add(p, "item_knn.values", INK_DTYPE_F32, 1, 0) = 6;
  memcpy(packlib_add(p, "item_knn.settings", INK_DTYPE_F32, 6, 0), settings, sizeof settings);
  memcpy(packlib_add(p, "hybrid.members", INK_DTYPE_U8, 16, 0), "popular,item-knn", 16);
  packlib_add(p, "hybrid.buckets", INK_DTYPE_U32, 1, 0);
  *(float *)packlib_add(p, "hybrid.settings", INK_DTYPE_F32, 1, 0) = 1;
  memcpy(packlib_add(p, "hybrid.weights", INK_DTYPE_F32, 1, 3), weights, sizeof weights);
  lab_open(&l, "hybrid");
  const ink_request r = lab_request(1, 0);
  CHECK_EQ(ink_score(l.engine, NULL, 4, &r, got), INK_OK);
  CHECK(fabs((double)got[0] - 2.8284) < 1e-3);
  lab_track_item(l.engine, 3, "view", 1, 1);
  CHECK_EQ(ink_score(l.engine, NULL, 4, &r, got), INK_OK);
  CHECK(fabs((double)got[0] - 1.6971) < 1e-3 && fabs((double)got[1] - 0.8485) < 1e-3 && fabs((double)got[2] - 0.9238) < 1e-3);
  lab_close(&l);
}

/* -------------------------------------------------------------------- refusals */

static void refused(lab *l, ink_status status, const char *words) {
  char sentence[400];
  CHECK_EQ(lab_open_pack(l, "hybrid"), INK_OK);
  CHECK_EQ(lab_open_engine(l, NULL, NULL), status);
  ink_fault_text(&l->fault, sentence, sizeof sentence);
  CHECK(strstr(sentence, words) != NULL);
  if (strstr(sentence, words) == NULL) printf("  %s\n", sentence);
  lab_close(l);
}

static void refuse_members(const char *members, ink_status status, const char *words) {
  lab l = { 0 };
  const blend_case c = { members, true, false };
  make(&l, &c);
  refused(&l, status, words);
}

TEST(members_must_be_other_families_of_the_pack) {
  refuse_members("als,nobody", INK_E_PACK_VALUE, "nobody");
  refuse_members("als,hybrid", INK_E_PACK_VALUE, "hybrid");
  refuse_members("als,,popular", INK_E_PACK_VALUE, "hybrid.members");
  refuse_members("als,", INK_E_PACK_VALUE, "hybrid.members");
  refuse_members("als,rp3", INK_E_PACK_MISSING, "rp3.");
  refuse_members("als,als,als,als,als,als,als,als,als", INK_E_PACK_VALUE, "1 to 8");
}

/* Any numbers of buckets place every history in one of the rows. */
TEST(odd_buckets_are_harmless) {
  static const uint32_t odd[][3] = { { 7, 5, 20 }, { 0, 5, 5 }, { 0, 6, 5 }, { 0, UINT32_MAX, 0 } };
  static float got[N];
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    lab l = { 0 };
    make(&l, &relative_case);
    memcpy(packlib_add(&l.pack_tensors, "hybrid.buckets", INK_DTYPE_U32, 3, 0), odd[i], sizeof odd[i]);
    lab_open(&l, "hybrid");
    for (uint32_t e = 0; e < 22; e++) {
      CHECK_EQ(scores_of(&l, "hybrid", got), INK_OK);
      lab_track_item(l.engine, e, "like", 1, e);
    }
    lab_close(&l);
  }
  lab l = { 0 };
  make(&l, &relative_case);
  packlib_add(&l.pack_tensors, "hybrid.buckets", INK_DTYPE_U32, 0, 0);
  refused(&l, INK_E_PACK_SHAPE, "hybrid.buckets");
}

TEST(a_weight_below_nothing_is_silence) {
  static float got[N], own[N];
  lab l = { 0 };
  make(&l, &relative_case);
  float *weights = (float *)(uintptr_t)packlib_find(&l.pack_tensors, "hybrid.weights")->data;
  weights[0] = -3;
  weights[1] = 0;
  lab_open(&l, "hybrid");
  lab_track_item(l.engine, 7, "like", 1, 1);
  CHECK_EQ(scores_of(&l, "hybrid", got), INK_OK);
  CHECK_EQ(scores_of(&l, "popular", own), INK_OK);
  const double spread = spread_of(own);
  for (uint32_t i = 0; i < N; i++) CHECK(fabs((double)got[i] - (double)weights[2] * (double)own[i] / spread) < 1e-4);
  lab_close(&l);
}

TEST(weights_lie_in_their_range_and_fit_members_and_buckets) {
  lab l = { 0 };
  make(&l, &relative_case);
  ((float *)(uintptr_t)packlib_find(&l.pack_tensors, "hybrid.weights")->data)[5] = -2e6f;
  refused(&l, INK_E_PACK_VALUE, "element 5");
  make(&l, &relative_case);
  packlib_add(&l.pack_tensors, "hybrid.weights", INK_DTYPE_F32, 3, 3);
  refused(&l, INK_E_PACK_SHAPE, "hybrid.weights");
  make(&l, &relative_case);
  *(float *)(uintptr_t)packlib_find(&l.pack_tensors, "hybrid.settings")->data = 2;
  refused(&l, INK_E_PACK_VALUE, "hybrid.settings");
  make(&l, &relative_case);
  packlib_drop(&l.pack_tensors, "hybrid.weights");
  refused(&l, INK_E_PACK_MISSING, "hybrid.weights");
}

TEST_MAIN(T(a_blend_is_its_formula_in_every_bucket), T(the_blend_is_asked_first), T(a_silent_member_passes_its_weight_on),
          T(equal_scores_say_nothing_in_relative_mode), T(an_empty_history_is_the_popular_members), T(reasons_are_the_members_reasons), T(the_example_of_the_docs),
          T(members_must_be_other_families_of_the_pack), T(odd_buckets_are_harmless), T(a_weight_below_nothing_is_silence),
          T(weights_lie_in_their_range_and_fit_members_and_buckets))
