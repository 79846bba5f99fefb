/* test_content.c - profiles over terms: the formulas by hand, the ridge against its primal form, words as reasons, and what
 * a bind refuses. */
#include <math.h>

#include "content.h"
#include "enginelib.h"

enum { N = 5, TERMS = 4 };

/* Items over the terms "bus", "fire", "ship", "tag:x":  a = (.6 .8 . .), b = (. 1 . .), c = (. . .6 .8), d = none, e = (1 . . .) */
static const uint32_t ends[N] = { 2, 3, 5, 5, 6 };
static const uint16_t cols[] = { 0, 1, 1, 2, 3, 0 };
static const float numbers[] = { 0.6f, 0.8f, 1.0f, 0.6f, 0.8f, 1.0f };
static const float dense[N][TERMS] = { { 0.6f, 0.8f, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 0.6f, 0.8f }, { 0, 0, 0, 0 }, { 1, 0, 0, 0 } };

static void make(lab *l, float mode, float lambda) {
  packlib *p = &l->pack_tensors;
  const float settings[6] = { mode, lambda, mode > 0 ? 3.0f : 0.0f, 0, 1, 5 };
  packlib_items(p, "i", NULL, N);
  packlib_popular(p, N, 1);
  memcpy(packlib_add(p, "content.ends", INK_DTYPE_U32, N, 0), ends, sizeof ends);
  memcpy(packlib_add(p, "content.cols", INK_DTYPE_U16, 6, 0), cols, sizeof cols);
  memcpy(packlib_add(p, "content.values", INK_DTYPE_F32, 6, 0), numbers, sizeof numbers);
  memcpy(packlib_add(p, "content.settings", INK_DTYPE_F32, 6, 0), settings, sizeof settings);
  memcpy(packlib_add(p, "content.terms.bytes", INK_DTYPE_U8, 16, 0), "busfireshiptag:x", 16);
  memcpy(packlib_add(p, "content.terms.ends", INK_DTYPE_U32, TERMS, 0), (const uint32_t[]){ 3, 7, 11, 16 }, TERMS * 4);
  if (mode > 0) packlib_add(p, "content.bias", INK_DTYPE_F32, N, 0);
}

static void open(lab *l, float mode, float lambda) {
  make(l, mode, lambda);
  CHECK_EQ(lab_open_pack(l, "content"), INK_OK);
  CHECK_EQ(lab_open_engine(l, NULL, NULL), INK_OK);
}

static void scores(lab *l, float out[N]) {
  ink_request r = lab_request(N, INK_WITH_SEEN | INK_NO_FALLBACK);
  r.family = ink_engine_family(l->engine, "content");
  CHECK_EQ(ink_score(l->engine, NULL, N, &r, out), INK_OK);
}

/* p = 5 a - 5 c: (3, 4, -3, -4), |p| = sqrt(50). */
TEST(rocchio_by_hand) {
  lab l = { 0 };
  float s[N];
  open(&l, 0, 0);
  lab_track(l.engine, "i0", "like", 1, 1);
  lab_track(l.engine, "i2", "dislike", 1, 2);
  scores(&l, s);
  CHECK_NEAR((double)s[0], 5.0 / sqrt(50), 1e-6);
  CHECK_NEAR((double)s[1], 4.0 / sqrt(50), 1e-6);
  CHECK_NEAR((double)s[2], -5.0 / sqrt(50), 1e-6);
  CHECK_EQ_BITS(s[3], 0.0f);
  CHECK_NEAR((double)s[4], 3.0 / sqrt(50), 1e-6);
  ink_slate slate = { .struct_bytes = sizeof slate };
  const ink_request r = lab_request(1, INK_BY_TERMS);
  CHECK_EQ(ink_explain(l.engine, 0, &r, &slate), INK_OK);
  CHECK_NEAR(slate.reasons[0].weight, 4 * 0.8 / sqrt(50), 1e-6);        /* fire */
  CHECK_NEAR(slate.reasons[1].weight, 3 * 0.6 / sqrt(50), 1e-6);        /* bus */
  lab_close(&l);
}

/* The dual solution X' (X X' + l I)^-1 y against the primal (X' X + l I)^-1 X' y, by Gauss. */
static void primal(const float *x[], const double *y, uint32_t n, double lambda, double w[TERMS]) {
  double a[TERMS][TERMS + 1] = { { 0 } };
  for (uint32_t r = 0; r < TERMS; r++) {
    for (uint32_t c = 0; c < TERMS; c++)
      for (uint32_t i = 0; i < n; i++) a[r][c] += (double)x[i][r] * (double)x[i][c];
    a[r][r] += lambda;
    for (uint32_t i = 0; i < n; i++) a[r][TERMS] += (double)x[i][r] * y[i];
  }
  for (uint32_t k = 0; k < TERMS; k++)
    for (uint32_t r = 0; r < TERMS; r++) {
      const double by = a[r][k] / a[k][k];
      for (uint32_t c = 0; c <= TERMS && r != k; c++) a[r][c] -= by * a[k][c];
    }
  for (uint32_t k = 0; k < TERMS; k++) w[k] = a[k][TERMS] / a[k][k];
}

TEST(ridge_is_the_primal_ridge) {
  lab l = { 0 };
  float s[N];
  double w[TERMS];
  const float *x[] = { dense[0], dense[1], dense[2] };
  open(&l, 0, 0.5f);
  lab_track(l.engine, "i0", "like", 1, 1);
  lab_track(l.engine, "i1", "view", 3, 2);
  lab_track(l.engine, "i2", "dislike", 1, 3);
  scores(&l, s);
  primal(x, (const double[]){ 5, 3, -5 }, 3, 0.5, w);
  for (uint32_t i = 0; i < N; i++) {
    double want = 0;
    for (uint32_t t = 0; t < TERMS; t++) want += w[t] * (double)dense[i][t];
    CHECK_NEAR((double)s[i], want, 2e-5);
  }
  lab_close(&l);
}

/* Ratings 5 and 1 of a and c: mean 3, person 0, residuals 2 and -2, which share no term. */
TEST(ratings_by_hand) {
  lab l = { 0 };
  float s[N];
  open(&l, 1, 1);
  lab_track(l.engine, "i0", "rating", 5, 1);
  lab_track(l.engine, "i2", "rating", 1, 2);
  scores(&l, s);
  CHECK_NEAR((double)s[0], 3 + 1, 1e-6);              /* alpha = 2 / (1 + 1) */
  CHECK_NEAR((double)s[1], 3 + 0.8, 1e-6);
  CHECK_NEAR((double)s[2], 3 - 1, 1e-6);
  CHECK_NEAR((double)s[3], 3, 1e-6);
  lab_close(&l);
}

/* Words in the place of events: the same score, terms by magnitude, the others as one sum. */
TEST(words_make_the_score) {
  for (uint32_t kind = 0; kind < 3; kind++) {
    lab l = { 0 };
    ink_slate s = { .struct_bytes = sizeof s };
    open(&l, kind == 2 ? 1.0f : 0.0f, kind > 0 ? 1.0f : 0.0f);
    lab_track(l.engine, "i0", "rating", 5, 1);
    lab_track(l.engine, "i2", "rating", 1, 2);
    ink_request r = lab_request(1, INK_BY_TERMS);
    CHECK_EQ(ink_explain(l.engine, 0, &r, &s), INK_OK);
    lab_check_reasons(&s, 0);
    CHECK(s.n_reasons >= 2 && s.reasons[0].kind == INK_REASON_TERM && s.reasons[1].kind == INK_REASON_TERM);
    const uint32_t family = s.items[0].family;
    CHECK(ink_text_equal(ink_engine_term(l.engine, family, (uint32_t)s.reasons[0].event), ink_text_of("fire")));
    CHECK(ink_text_equal(ink_engine_term(l.engine, family, (uint32_t)s.reasons[1].event), ink_text_of("bus")));
    CHECK(s.reasons[0].item == INK_NONE && s.reasons[0].weight > s.reasons[1].weight);
    r.max_reasons = 1;
    CHECK_EQ(ink_explain(l.engine, 0, &r, &s), INK_OK);
    lab_check_reasons(&s, 0);
    CHECK(s.reasons[1].kind == INK_REASON_OTHERS && s.reasons[1].event == 1);
    CHECK_EQ(ink_engine_term(l.engine, family, TERMS).n, 0);
    CHECK_EQ(ink_engine_term(l.engine, 99, 0).n, 0);
    CHECK_EQ(ink_engine_term(l.engine, family + 1, 0).n, 0);       /* popular has no terms; it answers by_terms with its base */
    r.family = family + 1;
    CHECK_EQ(ink_explain(l.engine, 0, &r, &s), INK_OK);
    CHECK_EQ(s.reasons[0].kind, INK_REASON_BASE);
    lab_close(&l);
  }
}

/* Items without terms, and likes that cancel, leave no profile: popularity answers. */
TEST(nothing_to_go_by) {
  lab l = { 0 };
  open(&l, 0, 0);
  const ink_request r = lab_request(3, 0);
  lab_track(l.engine, "i3", "like", 1, 1);
  CHECK_EQ(lab_recommend(l.engine, &r).items[0].family, 1);
  ink_request alone = lab_request(3, INK_NO_FALLBACK);
  alone.family = 0;
  ink_slate s = { .struct_bytes = sizeof s };
  CHECK_EQ(ink_recommend(l.engine, &alone, &s), INK_E_SINGULAR);
  lab_track(l.engine, "i0", "like", 1, 2);
  CHECK_EQ(ink_recommend(l.engine, &alone, &s), INK_OK);
  lab_close(&l);
}

/* More items than the window: the oldest say nothing, to the bit. */
TEST(the_window_of_a_ridge) {
  enum { MANY = CONTENT_WINDOW + 30 };
  lab l = { 0 }, fewer = { 0 };
  lab *const both[] = { &l, &fewer };
  static float a[MANY], b[MANY];
  for (uint32_t k = 0; k < 2; k++) {
    packlib_items(&both[k]->pack_tensors, "i", NULL, MANY);
    packlib_content(&both[k]->pack_tensors, MANY, false, true, true, false, 3);
    CHECK_EQ(lab_open_pack(both[k], "content"), INK_OK);
    CHECK_EQ(lab_open_engine(both[k], NULL, NULL), INK_OK);
    for (uint32_t i = k ? MANY - CONTENT_WINDOW : 0; i < MANY; i++) lab_track_item(both[k]->engine, i, i % 3 ? "like" : "view", 1, i);
  }
  ink_request r = lab_request(1, INK_NO_FALLBACK);
  r.family = 0;
  CHECK_EQ(ink_score(l.engine, NULL, MANY, &r, a), INK_OK);
  CHECK_EQ(ink_score(fewer.engine, NULL, MANY, &r, b), INK_OK);
  for (uint32_t i = 0; i < MANY; i++) CHECK_EQ_BITS(a[i], b[i]);
  lab_close(&l);
  lab_close(&fewer);
}

/* -------------------------------------------------------------------- refusals */

static void refused(const char *name, uint32_t element, uint32_t value, ink_status want) {
  lab l = { 0 };
  size_t bytes;
  make(&l, 0, 0);
  uint32_t *data = (uint32_t *)(uintptr_t)packlib_find(&l.pack_tensors, name)->data;
  if (packlib_find(&l.pack_tensors, name)->dtype == INK_DTYPE_U16) ((uint16_t *)data)[element] = (uint16_t)value;
  else data[element] = value;
  CHECK_EQ(lab_open_pack(&l, "content"), INK_OK);
  CHECK_EQ(ink_engine_measure(l.pack, NULL, &bytes, &l.fault), want);
  lab_close(&l);
}

TEST(bad_tensors_are_refused) {
  refused("content.terms.ends", 3, 17, INK_E_PACK_ENDS);
  refused("content.terms.ends", 3, 15, INK_E_PACK_ENDS);
  refused("content.terms.ends", 1, 2, INK_E_PACK_ENDS);
  refused("content.cols", 5, TERMS, INK_E_PACK_INDEX);
  refused("content.cols", 1, 0, INK_E_PACK_INDEX);
  refused("content.ends", 4, 7, INK_E_PACK_SHAPE);
  refused("content.values", 3, 0x42fe0000u, INK_OK);                    /* 127 */
  refused("content.values", 3, 0xc2fe0001u, INK_E_PACK_VALUE);
  refused("content.settings", 0, 0x3f000000u, INK_E_PACK_VALUE);        /* mode 0.5 */
  refused("content.settings", 1, 0xbf800000u, INK_E_PACK_VALUE);        /* lambda -1 */
}

TEST_MAIN(T(rocchio_by_hand), T(ridge_is_the_primal_ridge), T(ratings_by_hand), T(words_make_the_score), T(nothing_to_go_by),
          T(the_window_of_a_ridge), T(bad_tensors_are_refused))
