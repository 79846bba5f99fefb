/* test_user_knn.c - the similarity of a person with prototypes and what follows from it, by hand: sums and ratings, the
 * nearest alone, ties, reasons that are exact; what a bind refuses. */
#include <math.h>

#include "enginelib.h"
#include "user_knn.h"

enum { N = 5, P = 3 };

/* Prototypes over the items a .. e:  p = (1 2 . . 2)   q = (. 2 1 . .)   r = (. . . 4 3) */
static const uint32_t ends[N] = { 1, 3, 4, 5, 7 };
static const uint16_t cols[] = { 0, 0, 1, 1, 2, 0, 2 };
static const float numbers[] = { 1, 2, 2, 1, 4, 2, 3 };
static const double dense[P][N] = { { 1, 2, 0, 0, 2 }, { 0, 2, 1, 0, 0 }, { 0, 0, 0, 4, 3 } };
static float norms[P];

static void make(lab *l, bool means, float near, float shrink) {
  packlib *p = &l->pack_tensors;
  const float settings[6] = { means, means ? 0.25f : 0.0f, means ? 3.0f : 0.0f, 0, 1, 5 };
  for (uint32_t k = 0; k < P; k++) {
    norms[k] = 0;
    for (uint32_t i = 0; i < N; i++) norms[k] += (float)(dense[k][i] * dense[k][i]);
    norms[k] = sqrtf(norms[k]);
  }
  packlib_items(p, "i", NULL, N);
  packlib_popular(p, N, 1);
  memcpy(packlib_add(p, "user_knn.ends", INK_DTYPE_U32, N, 0), ends, sizeof ends);
  memcpy(packlib_add(p, "user_knn.cols", INK_DTYPE_U16, 7, 0), cols, sizeof cols);
  memcpy(packlib_add(p, "user_knn.values", INK_DTYPE_F32, 7, 0), numbers, sizeof numbers);
  memcpy(packlib_add(p, "user_knn.settings", INK_DTYPE_F32, 6, 0), settings, sizeof settings);
  memcpy(packlib_add(p, "user_knn.norms", INK_DTYPE_F32, P, 0), norms, sizeof norms);
  memcpy(packlib_add(p, "user_knn.near", INK_DTYPE_F32, 2, 0), (const float[]){ near, shrink }, 8);
  if (means) packlib_add(p, "user_knn.bias", INK_DTYPE_F32, N, 0);
}

static void open(lab *l, bool means, float near, float shrink) {
  make(l, means, near, shrink);
  CHECK_EQ(lab_open_pack(l, "user-knn"), INK_OK);
  CHECK_EQ(lab_open_engine(l, NULL, NULL), INK_OK);
}

static ink_request request(lab *l) {
  ink_request r = lab_request(N, INK_WITH_SEEN | INK_NO_FALLBACK);
  r.family = ink_engine_family(l->engine, "user-knn");
  return r;
}

static void scores(lab *l, float out[N]) {
  const ink_request r = request(l);
  CHECK_EQ(ink_score(l->engine, NULL, N, &r, out), INK_OK);
}

/* Likes of a and b: x = (5 5 . . .). With p: 15 / (sqrt(50) 3); with q: 10 / (sqrt(50) sqrt(5)); with r: 0. */
TEST(sums_by_hand) {
  lab l = { 0 };
  float s[N];
  open(&l, false, 10, 0);
  lab_track(l.engine, "i0", "like", 1, 1);
  lab_track(l.engine, "i1", "like", 1, 2);
  scores(&l, s);
  const double like_p = 15 / (sqrt(50) * 3), like_q = 10 / sqrt(250);
  for (uint32_t i = 0; i < N; i++) CHECK_NEAR((double)s[i], like_p * dense[0][i] + like_q * dense[1][i], 1e-6);
  lab_close(&l);
}

TEST(shrink_and_weights_of_items) {
  lab l = { 0 };
  float s[N];
  make(&l, false, 10, 2);
  memcpy(packlib_add(&l.pack_tensors, "user_knn.item_weights", INK_DTYPE_F32, N, 0), (const float[]){ 2, 1, 1, 1, 0 }, N * 4);
  CHECK_EQ(lab_open_pack(&l, "user-knn"), INK_OK);
  CHECK_EQ(lab_open_engine(&l, NULL, NULL), INK_OK);
  lab_track(l.engine, "i0", "view", 1, 1);
  lab_track(l.engine, "i4", "view", 1, 2);                         /* weighs nothing */
  scores(&l, s);
  CHECK_NEAR((double)s[1], 2.0 * 1 / (sqrt(2.0) * 3 + 2) * 2, 1e-6);
  CHECK_EQ_BITS(s[3], 0.0f);
  lab_close(&l);
}

/* p is nearer than q. Two prototypes alike to the last bit are both kept. */
TEST(only_the_nearest_count) {
  lab l = { 0 };
  float s[N];
  open(&l, false, 1, 0);
  lab_track(l.engine, "i0", "like", 1, 1);
  lab_track(l.engine, "i1", "like", 1, 2);
  scores(&l, s);
  CHECK_EQ_BITS(s[2], 0.0f);                                       /* only q knows c */
  CHECK(s[4] > 0);
  lab_close(&l);
  make(&l, false, 1, 0);
  float *const equal = (float *)(uintptr_t)packlib_find(&l.pack_tensors, "user_knn.norms")->data;
  equal[0] = equal[1] = 3;
  CHECK_EQ(lab_open_pack(&l, "user-knn"), INK_OK);
  CHECK_EQ(lab_open_engine(&l, NULL, NULL), INK_OK);
  lab_track(l.engine, "i1", "like", 1, 1);
  scores(&l, s);
  CHECK(s[0] > 0 && s[2] > 0);
  lab_close(&l);
}

/* Of x = (5 5 . . .) p is nearest, alike 15 / (sqrt(50) 3) = .707; q reaches whoever is as like as .6 and has x at 10 / sqrt(250) = .632. A vote for
 * c is worth a half. */
TEST(reach_and_votes) {
  static const float near_enough[P] = { 1, 0.6f, 1 }, too_far[P] = { 1, 0.65f, 1 }, worth[N] = { 1, 1, 0.5f, 1, 1 };
  for (int within = 0; within < 2; within++) {
    lab l = { 0 };
    ink_slate slate = { .struct_bytes = sizeof slate };
    float s[N];
    make(&l, false, 1, 0);
    memcpy(packlib_add(&l.pack_tensors, "user_knn.reach", INK_DTYPE_F32, P, 0), within ? near_enough : too_far, sizeof near_enough);
    memcpy(packlib_add(&l.pack_tensors, "user_knn.votes", INK_DTYPE_F32, N, 0), worth, sizeof worth);
    CHECK_EQ(lab_open_pack(&l, "user-knn"), INK_OK);
    CHECK_EQ(lab_open_engine(&l, NULL, NULL), INK_OK);
    lab_track(l.engine, "i0", "like", 1, 1);
    lab_track(l.engine, "i1", "like", 1, 2);
    scores(&l, s);
    CHECK_NEAR((double)s[2], within ? 10 / sqrt(250) * 0.5 : 0.0, 1e-6);
    CHECK_NEAR((double)s[4], 15 / (sqrt(50) * 3) * 2, 1e-6);
    ink_request r = request(&l);
    r.flags |= INK_EXPLAIN;
    CHECK_EQ(ink_explain(l.engine, 2, &r, &slate), INK_OK);
    lab_check_reasons(&slate, 0);
    lab_close(&l);
  }
}

/* Ratings 5 of b and 2 of e: mean 3, u = 0.5, x_b = 1.5, x_e = -1.5. With p: over b and e 0 -> not near. With q: over b
 * alone 1.5*2 / (1.5*2 + 1) = 0.75. With r: negative -> not near. */
TEST(ratings_by_hand) {
  lab l = { 0 };
  float s[N];
  open(&l, true, 10, 1);
  lab_track(l.engine, "i1", "rating", 5, 1);
  lab_track(l.engine, "i4", "rating", 2, 2);
  scores(&l, s);
  CHECK_NEAR((double)s[0], 3.5, 1e-6);
  CHECK_NEAR((double)s[1], 3.5 + 0.75 * 2 / (0.75 + 0.25), 1e-6);
  CHECK_NEAR((double)s[2], 3.5 + 0.75 * 1 / (0.75 + 0.25), 1e-6);
  CHECK_NEAR((double)s[3], 3.5, 1e-6);
  lab_close(&l);
}

/* Events' parts: x_i v_ip by_p v_jp, so liking b speaks for c and liking a does not. */
TEST(reasons_are_exact) {
  lab l = { 0 };
  ink_slate slate = { .struct_bytes = sizeof slate };
  open(&l, false, 10, 0);
  lab_track(l.engine, "i0", "like", 1, 1);
  lab_track(l.engine, "i1", "like", 1, 2);
  ink_request r = request(&l);
  r.flags |= INK_EXPLAIN;
  CHECK_EQ(ink_explain(l.engine, 2, &r, &slate), INK_OK);
  lab_check_reasons(&slate, 0);
  CHECK(slate.reasons[0].kind == INK_REASON_EVENT && slate.reasons[0].item == 1);
  CHECK_NEAR(slate.reasons[0].weight, 10 / sqrt(250), 1e-6);
  CHECK_EQ(ink_explain(l.engine, 4, &r, &slate), INK_OK);
  lab_check_reasons(&slate, 0);
  for (uint32_t i = 0; i < 2; i++)
    CHECK_NEAR(slate.reasons[i].weight, (slate.reasons[i].item == 1 ? 10 : 5) * 2 / (sqrt(50) * 3), 1e-6);
  lab_close(&l);
}

TEST(nobody_near_falls_back) {
  lab l = { 0 };
  open(&l, false, 10, 0);
  lab_track(l.engine, "i1", "dislike", 1, 1);
  const ink_request r = request(&l);
  float s[N];
  CHECK_EQ(ink_score(l.engine, NULL, N, &r, s), INK_E_SINGULAR);
  lab_close(&l);
}

static ink_status refused(const char *name, uint32_t dtype, uint32_t n, const void *data) {
  lab l = { 0 };
  make(&l, false, 10, 0);
  ink_tensor *t = (ink_tensor *)(uintptr_t)packlib_find(&l.pack_tensors, name);
  t->dtype = dtype;
  t->shape[0] = n;
  t->bytes = (size_t)n * 4;
  if (data != NULL) t->data = data;
  CHECK_EQ(lab_open_pack(&l, "user-knn"), INK_OK);
  const ink_status status = lab_open_engine(&l, NULL, NULL);
  lab_close(&l);
  return status;
}

TEST(binds_refuse) {
  static const float below[] = { -1, 0 }, fine[] = { 0, 0 };
  CHECK_EQ(refused("user_knn.near", INK_DTYPE_F32, 2, fine), INK_OK);
  CHECK_EQ(refused("user_knn.near", INK_DTYPE_F32, 2, below), INK_E_PACK_VALUE);
  CHECK_EQ(refused("user_knn.near", INK_DTYPE_F32, 1, NULL), INK_E_PACK_SHAPE);
  CHECK_EQ(refused("user_knn.norms", INK_DTYPE_U32, P, NULL), INK_E_PACK_DTYPE);
  CHECK_EQ(refused("user_knn.norms", INK_DTYPE_F32, P - 1, NULL), INK_E_PACK_INDEX);     /* a column is prototype 2 */
}

TEST_MAIN(T(sums_by_hand), T(shrink_and_weights_of_items), T(only_the_nearest_count), T(reach_and_votes), T(ratings_by_hand), T(reasons_are_exact),
          T(nobody_near_falls_back), T(binds_refuse))
