/* scratch.c - the memory promise: with exactly the measured bytes every call works and nothing beside the block
 * is touched; with one byte less opening is refused. For every kind of pack and for limits small and large, an
 * engine is driven through all calls at the end of its limits: a call that needed more than its share
 * would answer INK_E_SCRATCH. The bytes come from packs of all families, so a new family is added there. */
#include "enginelib.h"

enum { N = 300, GUARD = 256 };

typedef struct pack_case {
  const char *title, *models;             /* the first of `models` is made here */
  uint32_t dtype, d;
  bool popular, is_explicit, with_copy;
} pack_case;

static const pack_case packs[] = {
  { "popular", "popular", 0, 0, true, false, false },
  { "als", "als,popular", INK_DTYPE_F32, 16, true, false, false },
  { "als alone, odd width", "als", INK_DTYPE_F32, 17, false, false, false },
  { "als with an int8 copy", "als,popular", INK_DTYPE_F32, 65, true, false, true },
  { "als f16", "als,popular", INK_DTYPE_F16, 40, true, false, false },
  { "als int8", "als,popular", INK_DTYPE_I8, 33, true, false, false },
  { "als explicit, one factor", "als,popular", INK_DTYPE_F32, 1, true, true, false },
  { "als explicit int8", "als", INK_DTYPE_I8, 128, false, true, false },
  { "item-knn", "item_knn,popular", INK_DTYPE_I8, 0, true, false, false },
  { "slope-one", "slope_one", INK_DTYPE_F32, 0, false, true, false },
  { "user-knn", "user_knn,popular", INK_DTYPE_I8, 0, true, false, false },
  { "user-knn of ratings", "user_knn", INK_DTYPE_F32, 0, false, true, false },
  { "content", "content,popular", INK_DTYPE_I8, 0, true, false, false },
  { "content by ridge", "content", INK_DTYPE_F32, 0, false, false, true },
  { "content of ratings", "content,popular", INK_DTYPE_I8, 0, true, true, true },
  { "svdpp", "svdpp,popular", INK_DTYPE_F32, 20, true, true, false },
  { "nmf", "nmf", INK_DTYPE_F32, 15, false, true, false },
  { "pure-svd with an int8 copy", "pure_svd,popular", INK_DTYPE_F32, 33, true, false, true },
  { "bpr", "bpr,popular", INK_DTYPE_F32, 27, true, false, false },
  { "simplex", "simplex", INK_DTYPE_F32, 16, false, false, false },
  { "lstm", "lstm,popular", INK_DTYPE_F32, 19, true, false, true },
  { "gru", "gru", INK_DTYPE_F32, 48, false, false, false },
  { "hybrid", "hybrid,als,item-knn,popular", INK_DTYPE_F32, 40, true, false, false },
  { "hybrid of ratings", "hybrid,als,item-knn", INK_DTYPE_I8, 20, false, true, false },
};

static const ink_limits all_limits[] = {
  { sizeof(ink_limits), 1, 1, 1, 4096 },
  { sizeof(ink_limits), 7, 3, 2, 0 },
  { sizeof(ink_limits), 0, 0, 0, 0 },
  { sizeof(ink_limits), 350, 100000, 40, 1 << 16 },
};

static void make_pack(packlib *p, const pack_case *c) {
  packlib_items(p, "i", NULL, N);
  if (c->popular) packlib_popular(p, N, 1);
  if (c->dtype == 0) return;
  packlib_other(p, c->models, &(packlib_shape){ N, c->d, c->is_explicit, c->dtype == INK_DTYPE_I8, c->with_copy }, 2);
  if (strncmp(c->models, "als", 3) != 0) return;
  const float *rows = packlib_als(p, N, c->d, c->dtype, c->is_explicit, 2);
  if (c->with_copy) packlib_i8(p, "als.items8", rows, N, c->d, NULL);
}

/* A block of exactly n bytes between guards, inside one that is aligned. */
static uint8_t *guarded(lab *l, size_t n) {
  uint8_t *block = lab_block(l, n + GUARD);
  memset(block, 0x5a, n + GUARD);
  return block;
}

static bool guard_is_whole(const uint8_t *block, size_t n) {
  for (size_t i = n; i < n + GUARD; i++)
    if (block[i] != 0x5a) return false;
  return true;
}

/* -------------------------------------------------------- every call, at its limit */

/* A call may find no family, or nothing to say; it may not run out of memory. */
static void check_status(ink_status status) {
  CHECK(status == INK_OK || status == INK_E_UNKNOWN_FAMILY || status == INK_E_NOT_FOUND || status == INK_E_SINGULAR);
}

static void ask_everything(ink_engine *engine, const ink_limits *limits) {
  static float scores[N];
  static uint32_t items[N];
  const uint32_t count = limits->max_count ? limits->max_count : 100;
  for (uint32_t i = 0; i < N; i++) items[i] = N - 1 - i;
  const uint32_t all_flags[] = { 0, INK_EXPLAIN, INK_WITH_SEEN | INK_NO_FALLBACK | INK_EXACT_ONLY };
  for (uint32_t f = 0; f < 3; f++) {
    ink_slate slate = { .struct_bytes = sizeof slate };
    ink_request r = lab_request(count, all_flags[f]);
    check_status(ink_recommend(engine, &r, &slate));
    check_status(ink_similar(engine, 3, &r, &slate));
    check_status(ink_explain(engine, N - 1, &r, &slate));
    check_status(ink_rank(engine, items, count < N ? count : N, &r, &slate));
    check_status(ink_score(engine, items, N, &r, scores));
    check_status(ink_score(engine, NULL, N, &r, scores));
    r.allow = items;
    r.n_allow = 30;
    check_status(ink_recommend(engine, &r, &slate));
    check_status(ink_similar(engine, 3, &r, &slate));
    for (r.family = 0; r.family < ink_engine_n_families(engine); r.family++) check_status(ink_recommend(engine, &r, &slate));
  }
}

static void drive(lab *l, const ink_limits *limits) {
  static const char *const what[] = { "like", "view", "rating", "dislike", "hide" };
  const uint32_t n_events = limits->max_events && limits->max_events < 400 ? limits->max_events + 5 : 400;
  ink_rng rng;
  ink_rng_seed(&rng, 1, 1);
  ask_everything(l->engine, limits);
  for (uint32_t i = 0; i < n_events; i++) {
    lab_track_item(l->engine, ink_rng_below(&rng, N), what[i % 23 == 7 ? 4 : ink_rng_below(&rng, 4)], (float)(1 + i % 5),
                   (int64_t)ink_rng_below(&rng, 1000));
    if (i % 197 == 0) ask_everything(l->engine, limits);
  }
  ask_everything(l->engine, limits);
  const void *image;
  size_t n;
  CHECK_EQ(ink_profile_image(l->engine, &image, &n), INK_OK);
  CHECK_EQ(ink_profile_load(l->engine, image, n, NULL, &l->fault), INK_OK);
  CHECK_EQ(ink_profile_forget_item(l->engine, ink_text_of("i7"), NULL), INK_OK);
  ask_everything(l->engine, limits);
  CHECK_EQ(ink_profile_erase(l->engine), INK_OK);
  ask_everything(l->engine, limits);
}

/* ------------------------------------------------------------------- obligations */

static void check_engine(lab *l, const ink_limits *limits) {
  size_t bytes;
  ink_engine *none = NULL;
  CHECK_EQ(ink_engine_measure(l->pack, limits, &bytes, &l->fault), INK_OK);
  uint8_t *block = guarded(l, bytes);
  CHECK_EQ(ink_engine_open(l->pack, limits, NULL, block, bytes - 1, &none, &l->fault), INK_E_MEMORY);
  CHECK_EQ(ink_engine_open(l->pack, limits, NULL, block + 1, bytes, &none, &l->fault), INK_E_MEMORY);
  CHECK(none == NULL && guard_is_whole(block, bytes));
  CHECK_EQ(ink_engine_open(l->pack, limits, NULL, block, bytes, &l->engine, &l->fault), INK_OK);
  drive(l, limits);
  CHECK(guard_is_whole(block, bytes));
  CHECK(ink_engine_high_water(l->engine) <= bytes);
}

TEST(engines_live_in_what_was_measured) {
  for (size_t p = 0; p < sizeof packs / sizeof *packs; p++)
    for (size_t i = 0; i < sizeof all_limits / sizeof *all_limits; i++) {
      lab l = { 0 };
      const int before = test_failed_checks;
      make_pack(&l.pack_tensors, &packs[p]);
      CHECK_EQ(lab_open_pack(&l, packs[p].models), INK_OK);
      check_engine(&l, &all_limits[i]);
      if (test_failed_checks != before) printf("  by %s with limits %u\n", packs[p].title, (unsigned)i);
      lab_close(&l);
    }
}

TEST(packs_open_in_what_was_measured) {
  for (size_t p = 0; p < sizeof packs / sizeof *packs; p++) {
    lab l = { 0 };
    size_t file_bytes, bytes;
    make_pack(&l.pack_tensors, &packs[p]);
    const void *file = packlib_write(&l.pack_tensors, packs[p].models, &file_bytes);
    CHECK_EQ(ink_pack_measure(file, file_bytes, &bytes, &l.fault), INK_OK);
    uint8_t *block = guarded(&l, bytes);
    CHECK_EQ(ink_pack_open(file, file_bytes, block, bytes - 1, &l.pack, &l.fault), INK_E_MEMORY);
    CHECK_EQ(ink_pack_open(file, file_bytes, block + 1, bytes, &l.pack, &l.fault), INK_E_MEMORY);
    CHECK_EQ(ink_pack_open(file, file_bytes, block, bytes, &l.pack, &l.fault), INK_OK);
    CHECK(guard_is_whole(block, bytes));
    lab_close(&l);
  }
}

/* More memory than measured is not needed and changes nothing. */
TEST(room_to_spare_is_left_alone) {
  lab l = { 0 };
  size_t bytes;
  make_pack(&l.pack_tensors, &packs[1]);
  CHECK_EQ(lab_open_pack(&l, packs[1].models), INK_OK);
  CHECK_EQ(ink_engine_measure(l.pack, NULL, &bytes, &l.fault), INK_OK);
  uint8_t *block = guarded(&l, bytes);
  CHECK_EQ(ink_engine_open(l.pack, NULL, NULL, block, bytes + GUARD, &l.engine, &l.fault), INK_OK);
  drive(&l, &all_limits[2]);
  CHECK(guard_is_whole(block, bytes));
  lab_close(&l);
}

TEST_MAIN(T(engines_live_in_what_was_measured), T(packs_open_in_what_was_measured), T(room_to_spare_is_left_alone))
