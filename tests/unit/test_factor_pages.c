/* test_factor_pages.c - the worked examples of docs/families/als.md, svd.md, pure-svd.md and nmf.md: the pages and the code
 * must say the same numbers. Their ratings and vectors are small, so 1e-5 holds all rounding. */
#include "factor.h"
#include "packlib.h"
#include "scan.h"
#include "testlib.h"

enum { MOST = 4, MEMORY = 1 << 16 };
#define NEAR 1e-5

static _Alignas(64) uint8_t model_memory[MEMORY], state_memory[MEMORY], scratch_memory[MEMORY];

typedef struct page {
  packlib pack;
  const ink_family *family;
  ink_bound bound;
  uint32_t n;
} page;

static void add(page *p, const char *prefix, const char *part, const float *numbers, uint32_t rows, uint32_t columns) {
  memcpy(packlib_add(&p->pack, packlib_name(prefix, part), INK_DTYPE_F32, rows, columns), numbers, rows * (columns ? columns : 1) * sizeof *numbers);
}

static void fold(page *p, const ink_past *events, uint32_t n) {
  const ink_tensor_source source = packlib_source(&p->pack);
  ink_fault fault = { 0 };
  ink_arena arena;
  ink_arena_init(&arena, model_memory, MEMORY);
  const ink_bind b = { p->family->name, &source, p->n, MOST, ink_kernels_best(), &arena, &fault };
  CHECK_EQ(p->family->bind(&b, &p->bound), INK_OK);
  ink_arena_init(&arena, scratch_memory, MEMORY);
  CHECK_EQ(p->family->fold(p->bound.model, &(ink_history){ events, n, 0 }, state_memory, &arena), INK_OK);
}

static float score(const page *p, uint32_t item) {
  ink_arena arena;
  ink_query q;
  float out = 0;
  p->family->query(p->bound.model, state_memory, &q);
  ink_arena_init(&arena, scratch_memory, MEMORY);
  CHECK_EQ(ink_scan_some(ink_kernels_best(), &q, &item, 0, 1, &arena, &out), INK_OK);
  return out;
}

/* The i-th part of a score. */
static double reason(const page *p, const ink_past *events, uint32_t n, uint32_t item, uint32_t i) {
  ink_part parts[MOST + 3];
  ink_arena arena;
  uint32_t n_parts = 0;
  ink_arena_init(&arena, scratch_memory, MEMORY);
  CHECK_EQ(p->family->reasons(p->bound.model, state_memory, &(ink_history){ events, n, 0 }, item, &arena, parts, &n_parts), INK_OK);
  CHECK(i < n_parts);
  return parts[i].weight;
}

static ink_past rated(uint32_t item, float stars) { return (ink_past){ .item = item, .weight = 1, .value = stars, .rating = true, .seq = item + 1 }; }

TEST(als_page) {
  static const float items[] = { 1, 0.5f }, gram[] = { 1.25f }, settings[] = { 0, 0.1f, 1, 0, 1, 0, 0.05f, 1, 0, 0, 1, 5 };
  const ink_past chose[] = { { .item = 0, .weight = 1 } };
  page p = { .family = &ink_family_als, .n = 2 };
  add(&p, "als", "items", items, 2, 1);
  add(&p, "als", "gram", gram, 1, 1);
  add(&p, "als", "settings", settings, 12, 0);
  fold(&p, chose, 1);
  CHECK_NEAR(score(&p, 0), 1 / 1.185, NEAR);
  CHECK_NEAR(score(&p, 1), 0.5 / 1.185, NEAR);
  packlib_free(&p.pack);
}

TEST(svd_page) {
  static const float items[] = { 1, -1, 0.5f }, bias[] = { 0.5f, 0, -0.2f }, fold_rows[] = { 0.4f, 0.2f, 0 };
  static const float settings[] = { 1, 0, 0, 0, 0, 0, 1, 0, 2, 3.5f, 1, 5 };
  const ink_past stars[] = { rated(0, 5), rated(1, 2) };
  page p = { .family = &ink_family_svd, .n = 3 };
  add(&p, "svd", "items", items, 3, 1);
  add(&p, "svd", "bias", bias, 3, 0);
  add(&p, "svd", "settings", settings, 12, 0);
  fold(&p, stars, 2);
  CHECK_NEAR(score(&p, 2), 3.591667, NEAR);
  CHECK_NEAR(reason(&p, stars, 2, 2, 0), 1.0 / 6, NEAR);
  CHECK_NEAR(reason(&p, stars, 2, 2, 1), 0.25, NEAR);
  CHECK_NEAR(reason(&p, stars, 2, 2, 2), 3.3, NEAR);
  CHECK_NEAR(reason(&p, stars, 2, 2, 3), -0.125, NEAR);
  add(&p, "svd", "fold", fold_rows, 3, 1);
  fold(&p, stars, 2);
  CHECK_NEAR(score(&p, 2), 3.662377, NEAR);
  packlib_free(&p.pack);
}

TEST(pure_svd_page) {
  static const float items[] = { 0.70710678f, 0.70710678f, 0 }, settings[12] = { 2 };
  const ink_past chose[] = { { .item = 0, .weight = 1 } }, both[] = { { .item = 0, .weight = 5 }, { .item = 1, .weight = -5 } };
  page p = { .family = &ink_family_pure_svd, .n = 3 };
  add(&p, "pure_svd", "items", items, 3, 1);
  add(&p, "pure_svd", "settings", settings, 12, 0);
  fold(&p, chose, 1);
  for (uint32_t i = 0; i < 3; i++) CHECK_NEAR(score(&p, i), i < 2 ? 0.5 : 0, NEAR);
  fold(&p, both, 2);
  for (uint32_t i = 0; i < 3; i++) CHECK_NEAR(score(&p, i), 0, NEAR);
  CHECK_NEAR(reason(&p, both, 2, 0, 0), 2.5, NEAR);
  CHECK_NEAR(reason(&p, both, 2, 0, 1), -2.5, NEAR);
  packlib_free(&p.pack);
}

TEST(nmf_page) {
  static const float items[] = { 1, 0, 1, 1, 0, 3, 2, 1 }, bias[4] = { 0 }, settings[] = { 4, 0, 0, 0, 0, 0, 1, 0, 1e9f, 0, 1, 5 };
  const ink_past stars[] = { rated(0, 4), rated(1, 1) };
  page p = { .family = &ink_family_nmf, .n = 4 };
  add(&p, "nmf", "items", items, 4, 2);
  add(&p, "nmf", "bias", bias, 4, 0);
  add(&p, "nmf", "settings", settings, 12, 0);
  fold(&p, stars, 2);
  CHECK_NEAR(score(&p, 2), 0, NEAR);
  CHECK_NEAR(score(&p, 3), 10.0 / 3, NEAR);
  CHECK_NEAR(reason(&p, stars, 2, 3, 0), 8.0 / 3, NEAR);
  CHECK_NEAR(reason(&p, stars, 2, 3, 1), 2.0 / 3, NEAR);
  packlib_free(&p.pack);
}

TEST_MAIN(T(als_page), T(svd_page), T(pure_svd_page), T(nmf_page))
