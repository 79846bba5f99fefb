/* test_arena.c - the bump allocator: alignment, measuring, refusal, marks. */
#include "arena.h"
#include "testlib.h"

#include "base.h"

static _Alignas(64) uint8_t memory[1024];

static ink_status take_two(ink_arena *arena) {
  float *a;
  uint8_t *b;
  INK_TAKE(arena, 5, &a);
  INK_TAKE(arena, 65, &b);
  if (!ink_arena_measuring(arena)) {
    CHECK((uintptr_t)a % INK_ALIGN == 0);
    CHECK((uintptr_t)b % INK_ALIGN == 0);
    CHECK((uint8_t *)a + 64 == b);
  } else {
    CHECK(a == NULL && b == NULL);
  }
  return INK_OK;
}

TEST(measured_bytes_suffice_and_one_less_does_not) {
  ink_arena arena;
  ink_arena_init_measure(&arena);
  CHECK_EQ(take_two(&arena), INK_OK);
  const size_t bytes = arena.high;
  CHECK_EQ(bytes, 64 + 65);
  ink_arena_init(&arena, memory, bytes);
  CHECK_EQ(take_two(&arena), INK_OK);
  CHECK_EQ(arena.high, bytes);
  ink_arena_init(&arena, memory, bytes - 1);
  CHECK_EQ(take_two(&arena), INK_E_SCRATCH);
  CHECK_EQ(arena.used, 20);                     /* the failed take took nothing */
}

TEST(mark_and_rewind) {
  ink_arena arena;
  void *a, *b, *c;
  ink_arena_init(&arena, memory, sizeof memory);
  CHECK_EQ(ink_arena_take(&arena, 10, 1, &a), INK_OK);
  const size_t mark = ink_arena_mark(&arena);
  CHECK_EQ(ink_arena_take(&arena, 500, 1, &b), INK_OK);
  ink_arena_rewind(&arena, mark);
  CHECK_EQ(ink_arena_take(&arena, 100, 1, &c), INK_OK);
  CHECK(b == c);
  CHECK_EQ(arena.used, 164);
  CHECK_EQ(arena.high, 564);
}

TEST(sizes_that_overflow) {
  ink_arena arena;
  void *p = memory;
  ink_arena_init(&arena, memory, sizeof memory);
  CHECK_EQ(ink_arena_take(&arena, SIZE_MAX / 2 + 1, 2, &p), INK_E_SCRATCH);
  CHECK_EQ(ink_arena_take(&arena, SIZE_MAX, 1, &p), INK_E_SCRATCH);
  ink_arena_init_measure(&arena);
  CHECK_EQ(ink_arena_take(&arena, SIZE_MAX - 10, 1, &p), INK_OK);
  CHECK_EQ(ink_arena_take(&arena, 1, 1, &p), INK_E_SCRATCH);
}

TEST(nothing_is_legal) {
  ink_arena arena;
  void *p = NULL;
  ink_arena_init(&arena, memory, 0);
  CHECK_EQ(ink_arena_take(&arena, 0, 4, &p), INK_OK);
  CHECK(p == memory);
  CHECK_EQ(ink_arena_take(&arena, 1, 1, &p), INK_E_SCRATCH);
  ink_arena_init(&arena, memory, 1);
  CHECK_EQ(ink_arena_take(&arena, 1, 1, &p), INK_OK);
  CHECK_EQ(ink_arena_take(&arena, 0, 1, &p), INK_E_SCRATCH); /* its start would lie outside */
}

TEST_MAIN(T(measured_bytes_suffice_and_one_less_does_not), T(mark_and_rewind), T(sizes_that_overflow), T(nothing_is_legal))
