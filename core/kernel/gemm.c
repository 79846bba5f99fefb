/* gemm.c - blocking and packing around the micro-kernels of gemm_<isa>.c: the same for every table. */
#include "gemm.h"

#include "base.h"
#include "gemm_tile.h"

#define BLOCK_M 128u              /* at most: whole tiles */
#define BLOCK_N 1024u

static size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }
static size_t block_rows(const ink_gemm *g) { return BLOCK_M / g->rows * g->rows; }

/* The parts of a caller's scratch. */
static float *a_room(void *scratch) { return scratch; }
static float *tile_room(void *scratch) { return a_room(scratch) + (size_t)BLOCK_M * INK_GEMM_DEPTH; }
static float *b_room(void *scratch) { return tile_room(scratch) + INK_GEMM_TILE_MAX; }

size_t ink_gemm_scratch_bytes(const ink_gemm *gemm) {
  const size_t a = (size_t)BLOCK_M * INK_GEMM_DEPTH, b = round_up(BLOCK_N, gemm->cols) * INK_GEMM_DEPTH;
  return (a + INK_GEMM_TILE_MAX + b) * sizeof(float);
}

static void put_tile(const float *restrict tile, size_t tile_cols, size_t rows, size_t cols, float *restrict c, size_t ldc,
                     bool add) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) c[i * ldc + j] = add ? c[i * ldc + j] + tile[i * tile_cols + j] : tile[i * tile_cols + j];
}

/* C block [m, n] from packed panels. A whole tile goes to its place, one at an edge by way of `tile`. */
static void multiply_panels(const ink_gemm *g, size_t m, size_t n, size_t k, const float *a, const float *b, float *c, size_t ldc,
                            bool add, float *tile) {
  for (size_t j = 0; j < n; j += g->cols)
    for (size_t i = 0; i < m; i += g->rows) {
      const size_t rows = ink_min_size(g->rows, m - i), cols = ink_min_size(g->cols, n - j);
      float *to = c + i * ldc + j;
      if (rows == g->rows && cols == g->cols) {
        g->tile(k, a + i * k, b + j * k, to, ldc, add);
        continue;
      }
      g->tile(k, a + i * k, b + j * k, tile, g->cols, false);
      put_tile(tile, g->cols, rows, cols, to, ldc, add);
    }
}

static void clear(float *c, size_t m, size_t n, size_t ldc) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) c[i * ldc + j] = 0.0f;
}

/* C [m, n] from rows of A and panels of B. */
static void multiply_rows(const ink_gemm *g, size_t m, size_t n, size_t k, ink_gemm_in a, const float *b_panels, float *c, size_t ldc,
                          bool add, void *scratch) {
  const size_t unit = block_rows(g);
  for (size_t i = 0; i < m; i += unit) {
    const size_t m_here = ink_min_size(unit, m - i);
    g->pack_a((ink_gemm_in){ a.data + i * a.row, a.row, a.col }, m_here, k, a_room(scratch));
    multiply_panels(g, m_here, n, k, a_room(scratch), b_panels, c + i * ldc, ldc, add, tile_room(scratch));
  }
}

void ink_gemm_run(const ink_gemm *g, size_t m, size_t n, size_t k, ink_gemm_in a, ink_gemm_in b, float *c, size_t ldc,
                  bool accumulate, void *scratch) {
  if (k == 0 && !accumulate) clear(c, m, n, ldc);
  for (size_t j = 0; j < n; j += BLOCK_N)
    for (size_t p = 0; p < k; p += INK_GEMM_DEPTH) {
      const size_t n_here = ink_min_size(BLOCK_N, n - j), k_here = ink_min_size(INK_GEMM_DEPTH, k - p);
      const ink_gemm_in b_block = { b.data + p * b.row + j * b.col, b.col, b.row }; /* transposed: panels of columns */
      g->pack_b(b_block, n_here, k_here, b_room(scratch));
      multiply_rows(g, m, n_here, k_here, (ink_gemm_in){ a.data + p * a.col, a.row, a.col }, b_room(scratch), c + j, ldc, accumulate || p > 0,
                    scratch);
    }
}

/* ------------------------------------------------------------------- packed */

size_t ink_gemm_packed_floats(const ink_gemm *g, size_t n, size_t k) { return round_up(n, g->cols) * k; }

void ink_gemm_pack(const ink_gemm *g, size_t k, size_t n, ink_gemm_in b, float *packed) {
  g->pack_b((ink_gemm_in){ b.data, b.col, b.row }, n, k, packed);
}

/* In steps of BLOCK_N columns, so that the panels of a step stay in cache while blocks of rows pass by. */
void ink_gemm_run_packed(const ink_gemm *g, size_t m, size_t n, size_t k, ink_gemm_in a, const float *packed, float *c, size_t ldc,
                         bool accumulate, void *scratch) {
  const size_t step = BLOCK_N / g->cols * g->cols;
  for (size_t j = 0; j < n; j += step)
    multiply_rows(g, m, ink_min_size(step, n - j), k, a, packed + j * k, c + j, ldc, accumulate, scratch);
}

float ink_gemm_soften(const ink_gemm *g, float *x, const float *bias, size_t n) { return g->soften(x, bias, n); }

const char *ink_gemm_name(const ink_gemm *gemm) { return gemm->name; }

/* ------------------------------------------------------------------- tables */

static const ink_gemm *const tables[] = {
#if defined(__x86_64__)
  &ink_gemm_avx512, &ink_gemm_avx2, &ink_gemm_sse2,
#elif defined(__aarch64__)
  &ink_gemm_neon,
#elif defined(__wasm_simd128__)
  &ink_gemm_wasm128,
#endif
  &ink_gemm_ref,
};

static bool same_name(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/* A CPU that runs the inference table of an instruction set runs its products too: every CPU with AVX2
 * that kernel_pick.c admits has FMA. */
const ink_gemm *ink_gemm_named(const char *name) {
  for (size_t i = 0; i < INK_COUNT_OF(tables); i++)
    if (same_name(tables[i]->name, name) && ink_kernels_named(name)) return tables[i];
  return NULL;
}

const ink_gemm *ink_gemm_best(void) {
  for (size_t i = 0; i < INK_COUNT_OF(tables); i++)
    if (ink_kernels_named(tables[i]->name)) return tables[i];
  return &ink_gemm_ref;
}
