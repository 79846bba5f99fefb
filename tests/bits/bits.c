/* bits.c - our own outputs as digests, which must be the same on every build: every kernel table here, and this very
 * program natively, under sanitizers, on AArch64 and as wasm, against expected.h.
 *
 * A digest covers a whole life: the pack's bytes, the journal's bytes, and after each few events every score,
 * slate, similarity and reason, bit for bit. Packs and histories are seeded. A digest that changes is a change of
 * results for everybody; when it is meant, `bits print` writes the lines of expected.h. */
#include "enginelib.h"
#include "expected.h"
#include "hash.h"

typedef struct scenario {
  const char *name;
  uint32_t n, d, dtype;
  bool is_explicit, with_copy;
} scenario;

static const scenario scenarios[] = {
  { "popular", 1003, 0, 0, false, false },
  { "als-f32-64", 1000, 64, INK_DTYPE_F32, false, false },
  { "als-f32-29", 517, 29, INK_DTYPE_F32, false, false },
  { "als-f32-33-copy", 1203, 33, INK_DTYPE_F32, false, true },
  { "als-f16-24", 801, 24, INK_DTYPE_F16, false, false },
  { "als-bf16-31", 802, 31, INK_DTYPE_BF16, false, false },
  { "als-i8-64", 803, 64, INK_DTYPE_I8, false, false },
  { "als-i8-13", 804, 13, INK_DTYPE_I8, false, false },
  { "als-explicit-f32-50", 900, 50, INK_DTYPE_F32, true, false },
  { "als-explicit-f32-20-copy", 905, 20, INK_DTYPE_F32, true, true },
  { "als-explicit-i8-40", 903, 40, INK_DTYPE_I8, true, false },
  { "item_knn-i8", 700, 0, INK_DTYPE_I8, false, false },
  { "slope_one-f32", 701, 0, INK_DTYPE_F32, true, false },
  { "ease-f32", 702, 0, INK_DTYPE_F32, false, false },
  { "user_knn-i8", 711, 0, INK_DTYPE_I8, false, false },
  { "user_knn-ratings", 712, 0, INK_DTYPE_F32, true, false },
  { "content-i8", 705, 0, INK_DTYPE_I8, false, false },
  { "content-ratings", 706, 0, INK_DTYPE_F32, true, true },
  { "svd-f32-30", 707, 30, INK_DTYPE_F32, true, false },
  { "svdpp-f32-15", 708, 15, INK_DTYPE_F32, true, false },
  { "nmf-f32-17", 709, 17, INK_DTYPE_F32, true, false },
  { "pure_svd-f32-33-copy", 710, 33, INK_DTYPE_F32, false, true },
  { "bpr-f32-31", 713, 31, INK_DTYPE_F32, false, false },
  { "simplex-f32-20", 714, 20, INK_DTYPE_F32, false, false },
  { "lstm-21-copy", 703, 21, INK_DTYPE_F32, false, true },
  { "gru-40", 704, 40, INK_DTYPE_F32, false, false },
  { "hybrid-24", 705, 24, INK_DTYPE_F32, false, false },
  { "hybrid-explicit-i8-18", 706, 18, INK_DTYPE_I8, true, false },
};
enum { N_SCENARIOS = sizeof scenarios / sizeof *scenarios };
_Static_assert(sizeof expected / sizeof *expected == N_SCENARIOS, "a digest for each scenario");
static const char *const tables[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
enum { N_TABLES = sizeof tables / sizeof *tables };

typedef struct digest { uint64_t value; } digest;

static void mix(digest *d, const void *bytes, size_t n) { d->value = ink_hash64(bytes, n, d->value); }
static void mix_u32(digest *d, uint32_t x) {
  const uint8_t bytes[] = { (uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16), (uint8_t)(x >> 24) };
  mix(d, bytes, 4);
}
static void mix_f32(digest *d, float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  mix_u32(d, u);
}
static void mix_f64(digest *d, double x) {
  uint64_t u;
  memcpy(&u, &x, 8);
  mix_u32(d, (uint32_t)u);
  mix_u32(d, (uint32_t)(u >> 32));
}

static void mix_slate(digest *d, const ink_slate *slate) {
  mix_u32(d, slate->n_items);
  for (uint32_t i = 0; i < slate->n_items; i++) {
    mix_u32(d, slate->items[i].item);
    mix_u32(d, slate->items[i].family);
    mix_f32(d, slate->items[i].score);
  }
  for (uint32_t i = 0; i < slate->n_reasons; i++) {
    mix_u32(d, slate->reasons[i].kind);
    mix_u32(d, slate->reasons[i].item);
    mix_u32(d, (uint32_t)slate->reasons[i].event);
    mix_f64(d, slate->reasons[i].weight);
  }
}

static void make_pack(packlib *p, const scenario *s, uint64_t seed) {
  packlib_items(p, "i", NULL, s->n);
  packlib_popular(p, s->n, seed);
  packlib_other(p, s->name, &(packlib_shape){ s->n, s->d, s->is_explicit, s->dtype == INK_DTYPE_I8, s->with_copy }, seed);
  if (strncmp(s->name, "als", 3) != 0) return;
  const float *rows = packlib_als(p, s->n, s->d, s->dtype, s->is_explicit, seed);
  if (s->with_copy) packlib_i8(p, "als.items8", rows, s->n, s->d, NULL);
}

static void mix_answers(digest *d, ink_engine *engine, uint32_t n_items, uint32_t round) {
  static float scores[2000];
  const uint32_t listed[] = { 3, 1, 4, 15, 9, 2, 6, 5, 35, 8 };
  ink_slate slate = { .struct_bytes = sizeof slate };
  ink_request r = lab_request(20, INK_EXPLAIN);
  CHECK_EQ(ink_recommend(engine, &r, &slate), INK_OK);
  mix_slate(d, &slate);
  CHECK_EQ(ink_rank(engine, listed, 10, &r, &slate), INK_OK);
  mix_slate(d, &slate);
  CHECK_EQ(ink_explain(engine, round * 7, &r, &slate), INK_OK);
  mix_slate(d, &slate);
  if (ink_similar(engine, round * 11, &r, &slate) == INK_OK) mix_slate(d, &slate);
  CHECK_EQ(ink_score(engine, NULL, n_items, &r, scores), INK_OK);
  for (uint32_t i = 0; i < n_items; i++) mix_f32(d, scores[i]);
}

static void live(digest *d, ink_engine *engine, const scenario *s) {
  static const char *const what[] = { "view", "like", "rating", "dislike", "purchase", "hide" };
  const void *image;
  size_t n;
  ink_rng rng;
  ink_rng_seed(&rng, 77, s->n);
  for (uint32_t i = 0; i < 60; i++) {
    const uint32_t w = ink_rng_below(&rng, 25) == 0 ? 5 : ink_rng_below(&rng, 5);
    const uint32_t item = ink_rng_below(&rng, s->n);       /* one at a time: C leaves the order of arguments open */
    const float value = (float)(1 + ink_rng_below(&rng, 9)) / 2;
    const int64_t time = (int64_t)ink_rng_below(&rng, 40) + i;
    lab_track_item(engine, item, what[w], value, time);
    if (i % 6 == 0) mix_answers(d, engine, s->n, i);
  }
  CHECK_EQ(ink_profile_image(engine, &image, &n), INK_OK);
  mix(d, image, n);
}

static uint64_t digest_of(const scenario *s, const ink_kernels *kernels) {
  lab l = { 0 };
  digest d = { 0 };
  size_t file_bytes;
  make_pack(&l.pack_tensors, s, 2024);
  const void *file = packlib_write(&l.pack_tensors, "test", &file_bytes);
  mix(&d, file, file_bytes);
  CHECK_EQ(lab_open_pack(&l, "test"), INK_OK);
  CHECK_EQ(lab_open_engine(&l, NULL, kernels), INK_OK);
  live(&d, l.engine, s);
  lab_close(&l);
  return d.value;
}

static void check_table(const char *name) {
  const ink_kernels *kernels = ink_kernels_named(name);
  if (kernels == NULL) return;
  for (size_t i = 0; i < N_SCENARIOS; i++) {
    const uint64_t got = digest_of(&scenarios[i], kernels);
    const bool is_expected = strcmp(expected[i].name, scenarios[i].name) == 0 && got == expected[i].digest;
    CHECK(is_expected);
    if (!is_expected) printf("  %s on %s: %016llx\n", scenarios[i].name, name, (unsigned long long)got);
  }
}

TEST(every_table_gives_the_expected_bits) {
  for (size_t t = 0; t < N_TABLES; t++) check_table(tables[t]);
  CHECK(ink_kernels_named("ref") != NULL);
}

int main(int argc, char **argv) {
  static const test_case cases[] = { T(every_table_gives_the_expected_bits) };
  if (argc < 2 || strcmp(argv[1], "print") != 0) return test_run(__FILE__, cases, 1);
  for (size_t i = 0; i < N_SCENARIOS; i++)
    printf("  { \"%s\", 0x%016llxu },\n", scenarios[i].name, (unsigned long long)digest_of(&scenarios[i], ink_kernels_named("ref")));
  return 0;
}
