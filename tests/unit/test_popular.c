/* test_popular.c - scores as stored, zero where there are none, and what bind refuses. */
#include "arena.h"
#include "packlib.h"
#include "popular.h"
#include "tensors_bind.h"
#include "testlib.h"

static _Alignas(64) uint8_t memory[4096];

static ink_status bind(const packlib *p, uint32_t n_items, ink_arena *arena, ink_bound *out, ink_fault *fault) {
  const ink_tensor_source source = packlib_source(p);
  const ink_bind b = { "popular", &source, n_items, 10, ink_kernels_named("ref"), arena, fault };
  return ink_family_popular.bind(&b, out);
}

TEST(scores_are_the_stored_ones) {
  packlib p = { 0 };
  ink_arena measure, arena;
  ink_bound measured, bound;
  ink_fault fault = { 0 };
  float out[5];
  float *scores = packlib_add(&p, "popular.scores", INK_DTYPE_F32, 5, 0);
  for (int i = 0; i < 5; i++) scores[i] = (float)i - 2.5f;
  scores[4] = -0.0f;
  const ink_tensor_source source = packlib_source(&p);
  CHECK(ink_family_present(&ink_family_popular, &source));
  ink_arena_init_measure(&measure);
  CHECK_EQ(bind(&p, 5, &measure, &measured, &fault), INK_OK);
  CHECK(measured.model == NULL);
  ink_arena_init(&arena, memory, measure.high);
  CHECK_EQ(bind(&p, 5, &arena, &bound, &fault), INK_OK);
  CHECK_EQ(arena.high, measure.high);
  CHECK_EQ(bound.state_bytes + bound.scratch_bytes + bound.width, 0);
  ink_family_popular.score(bound.model, NULL, 0, 5, out);
  for (int i = 0; i < 4; i++) CHECK_EQ_BITS(out[i], scores[i]);
  CHECK_EQ_BITS(out[4], 0.0f);                    /* not the stored -0: reasons add up from +0 */
  ink_family_popular.score(bound.model, NULL, 2, 1, out);
  CHECK_EQ_BITS(out[0], scores[2]);
  packlib_free(&p);
}

TEST(one_reason_the_base) {
  packlib p = { 0 };
  ink_arena arena;
  ink_bound bound;
  ink_fault fault = { 0 };
  ink_part parts[3];
  uint32_t n = 0;
  const ink_history nobody = { NULL, 0, 0 };
  ((float *)packlib_add(&p, "popular.scores", INK_DTYPE_F32, 2, 0))[1] = 7.25f;
  ink_arena_init(&arena, memory, sizeof memory);
  CHECK_EQ(bind(&p, 2, &arena, &bound, &fault), INK_OK);
  CHECK(ink_family_popular.can_score(bound.model, &nobody));
  CHECK_EQ(ink_family_popular.reasons(bound.model, NULL, &nobody, 1, NULL, parts, &n), INK_OK);
  CHECK_EQ(n, 1);
  CHECK_EQ(parts[0].kind, INK_REASON_BASE);
  CHECK(parts[0].weight == 7.25);
  packlib_free(&p);
}

TEST(without_scores_all_are_equal) {
  packlib p = { 0 };
  ink_arena arena;
  ink_bound bound;
  ink_fault fault = { 0 };
  float out[3] = { 1, 1, 1 };
  const ink_tensor_source source = packlib_source(&p);
  CHECK(!ink_family_present(&ink_family_popular, &source));
  ink_arena_init(&arena, memory, sizeof memory);
  CHECK_EQ(bind(&p, 3, &arena, &bound, &fault), INK_OK);
  ink_family_popular.score(bound.model, NULL, 0, 3, out);
  for (int i = 0; i < 3; i++) CHECK_EQ_BITS(out[i], 0.0f);
}

TEST(wrong_type_and_shape_are_refused) {
  packlib p = { 0 };
  ink_arena arena;
  ink_bound bound;
  ink_fault fault = { 0 };
  char words[200];
  ink_arena_init(&arena, memory, sizeof memory);
  packlib_add(&p, "popular.scores", INK_DTYPE_I32, 4, 0);
  CHECK_EQ(bind(&p, 4, &arena, &bound, &fault), INK_E_PACK_DTYPE);
  packlib_add(&p, "popular.scores", INK_DTYPE_F32, 4, 1);
  CHECK_EQ(bind(&p, 4, &arena, &bound, &fault), INK_E_PACK_SHAPE);
  packlib_add(&p, "popular.scores", INK_DTYPE_F32, 4, 0);
  CHECK_EQ(bind(&p, 5, &arena, &bound, &fault), INK_E_PACK_SHAPE);
  ink_fault_text(&fault, words, sizeof words);
  CHECK(strstr(words, "popular.scores") != NULL && strstr(words, "[5]") != NULL);
  CHECK_EQ(bind(&p, 4, &arena, &bound, &fault), INK_OK);
  packlib_free(&p);
}

TEST_MAIN(T(scores_are_the_stored_ones), T(one_reason_the_base), T(without_scores_all_are_equal),
          T(wrong_type_and_shape_are_refused))
