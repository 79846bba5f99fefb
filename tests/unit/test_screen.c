/* test_screen.c - tiles of bytes against sums written out, at the ends of bytes and of thresholds. */
#include <stdlib.h>

#include "kernel.h"
#include "screen.h"
#include "testlib.h"

enum { MOST_STEPS = 40 };

/* Everything from one stream of lots: `extreme` bytes are the largest there are. */
static void one(const ink_screen *screen, uint32_t steps, int extreme) {
  int8_t vectors[MOST_STEPS * INK_SCREEN_VECTORS * 4];
  uint8_t rows[MOST_STEPS * INK_SCREEN_ROWS * 4];
  int32_t truth[INK_SCREEN_VECTORS][INK_SCREEN_ROWS], least[INK_SCREEN_VECTORS], sums[INK_SCREEN_VECTORS * INK_SCREEN_ROWS];
  uint32_t hits[INK_SCREEN_VECTORS];
  memset(sums, 0x55, sizeof sums);
  for (uint32_t i = 0; i < steps * screen->vectors * 4; i++) vectors[i] = (int8_t)(extreme ? rand() % 2 * 254 - 127 : rand() % 255 - 127);
  for (uint32_t i = 0; i < steps * screen->rows * 4; i++) rows[i] = (uint8_t)(extreme ? 255 - rand() % 2 * 254 : 1 + rand() % 255);
  for (uint32_t i = 0; i < screen->vectors; i++)
    for (uint32_t j = 0; j < screen->rows; j++) {
      truth[i][j] = 0;
      for (uint32_t p = 0; p < 4 * steps; p++)
        truth[i][j] += vectors[ink_screen_at(screen->vectors, i, p)] * rows[ink_screen_at(screen->rows, j, p)];
    }
  for (uint32_t i = 0; i < screen->vectors; i++)
    least[i] = i % 4 == 0 ? truth[i][i % screen->rows] : i % 4 == 1 ? INT32_MAX : i % 4 == 2 ? INT32_MIN : truth[i][0] + 1;
  screen->tile(steps, vectors, rows, least, hits, sums);
  for (uint32_t i = 0; i < screen->vectors; i++)
    for (uint32_t j = 0; j < screen->rows; j++) {
      CHECK_EQ(hits[i] >> j & 1, truth[i][j] >= least[i]);
      CHECK_EQ(sums[i * screen->rows + j], hits[i] != 0 ? truth[i][j] : 0x55555555);
    }
}

TEST(tiles_are_exact) {
  static const char *const TABLES[] = { "ref", "avx512" };
  for (size_t t = 0; t < sizeof TABLES / sizeof *TABLES; t++) {
    const ink_kernels *kernels = ink_kernels_named(TABLES[t]);
    if (kernels == NULL) continue;
    const ink_screen *screen = ink_screen_of(kernels);
    CHECK(screen != NULL && strcmp(screen->name, TABLES[t]) == 0);
    CHECK(screen->vectors <= INK_SCREEN_VECTORS && screen->rows <= INK_SCREEN_ROWS);
    for (uint32_t steps = 0; steps <= MOST_STEPS; steps++) one(screen, steps, steps % 2);
  }
}

/* Elsewhere floats are the faster. */
TEST(others_have_none) {
  static const char *const TABLES[] = { "sse2", "avx2", "neon", "wasm128" };
  for (size_t t = 0; t < sizeof TABLES / sizeof *TABLES; t++) {
    const ink_kernels *kernels = ink_kernels_named(TABLES[t]);
    CHECK(kernels == NULL || ink_screen_of(kernels) == NULL);
  }
}

TEST_MAIN(T(tiles_are_exact), T(others_have_none))
