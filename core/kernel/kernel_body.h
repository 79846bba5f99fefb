/* kernel_body.h - the kernels, written once over eight lanes. Included by each kernel_<isa>.c after its
 * lanes header; it closes with that file's table.
 *
 * What a lanes header brings (f32x8 = eight floats, i32x8 = eight int32):
 *   load8 store8 splat8 zero8           load8_f16 load8_bf16 load8_i8    widen eight while loading; f16 finite
 *   add8 sub8 mul8 div8                 load8_f16_any                    infinities too
 *   ge8      bit l set: a[l] >= b[l]    load8_i32 less8_i32 float8       a - b*c, conversion
 *   max8 min8                           a > b ? a : b, a < b ? a : b
 *   abs8 with_sign8 if_less8            |a|; x >= 0 with the sign of another; a < b ? yes : no
 *   times_power8                        x * 2^k in two halves, -150 <= k <= 128: k added to bits that end in nine zeros
 *   fold8    ((0+4)+(2+6))+((1+5)+(3+7)); fold8x4 folds four and stores them `apart` elements apart
 *   I8_STEP, i8_query_element, i8_sums, i8_zero, i8_step, i8_fold4       int8 rows against a prepared query
 *   load_tile_column tile_splat8        TILE_ROWS floats (or one), and one of them in all lanes
 *   ROWS_AT_ONCE, TILE_ROWS             rows of one pass in row form: 2 or 4; of a register tile in column form: 4 or 8
 *   GATHER_VECTORS                      times eight outputs of one pass of gather_axpy
 *   LANES_ISA, LANES_NAME
 *
 * Reading order: row form, int8, selecting, element by element, symmetric systems, networks, the table. */
#include "kernel.h"

#include "base.h"
#include "caps.h"
#include "fmath.h"
#include "fmath_f32.h"

#define NAMED_TWICE(op, isa) op##_##isa
#define NAMED_ONCE(op, isa) NAMED_TWICE(op, isa)
#define NAMED(op) NAMED_ONCE(op, LANES_ISA)     /* dot_f32_avx2: what a profiler shows */

#define INLINED static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))  /* rare paths, kept out of the registers of the hot ones */

/* Loops over a row stay rolled: unrolled over the whole row, the sums spill. */
#ifdef __clang__
#define ROLLED _Pragma("clang loop vectorize(disable) unroll(disable)")
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define ROLLED _Pragma("GCC unroll 1")
#define UNROLLED _Pragma("GCC unroll 8")
#endif

/* A pointer that the compiler takes as it is, instead of as a start plus an index: see lanes_wasm128.h. */
#ifndef PLAIN_ADDRESS
#define PLAIN_ADDRESS(p) ((void)0)
#endif

/* ---------------------------------------------------------------- row form */

/* What a row is made of. Always a constant, so that only one of the loads below remains. */
typedef enum element { ELEMENT_F32, ELEMENT_F16, ELEMENT_F16_ANY, ELEMENT_BF16, ELEMENT_I8 } element;

INLINED size_t bytes_of(element type) { return type == ELEMENT_F32 ? 4 : type == ELEMENT_I8 ? 1 : 2; }

INLINED f32x8 load_as(element type, const void *p) {
  switch (type) {
    case ELEMENT_F16: return load8_f16(p);
    case ELEMENT_F16_ANY: return load8_f16_any(p);
    case ELEMENT_BF16: return load8_bf16(p);
    case ELEMENT_I8: return load8_i8(p);
    default: return load8(p);
  }
}

/* The first n < 8 elements, then zeros. 0*0 added to a sum that began at +0 leaves its bits alone. */
INLINED f32x8 load_part(element type, const void *p, size_t n) {
  uint8_t padded[8 * sizeof(float)] = { 0 };
  const uint8_t *const bytes = p;
  ROLLED
  for (size_t j = 0; j < n * bytes_of(type); j++) padded[j] = bytes[j];
  return load_as(type, padded);
}

/* Eight elements of each of `rows` rows into their sums; at[] moves on. rows is a constant. */
INLINED void add_step(size_t rows, element type, const uint8_t *at[], f32x8 query, f32x8 sum[]) {
  UNROLLED
  for (size_t s = 0; s < rows; s++) {
    PLAIN_ADDRESS(at[s]);
    sum[s] = add8(sum[s], mul8(load_as(type, at[s]), query));
    at[s] += 8 * bytes_of(type);
  }
}

/* The steps from q to end. */
INLINED void add_steps(size_t rows, element type, const uint8_t *at[], const float *q, const float *end, f32x8 sum[]) {
  ROLLED
  for (; q != end; q += 8) {
    PLAIN_ADDRESS(q);
    add_step(rows, type, at, load8(q), sum);
  }
}

INLINED float dot_any(element type, const void *row, const float *q, size_t d) {
  const size_t left = d % 8;
  const uint8_t *at[1] = { row };
  f32x8 sum[1] = { zero8() };
  add_steps(1, type, at, q, q + (d - left), sum);
  if (left != 0) sum[0] = add8(sum[0], mul8(load_part(type, at[0], left), load_part(ELEMENT_F32, q + (d - left), left)));
  return fold8(sum[0]);
}

APART float NAMED(dot_f32)(const float *a, const float *b, size_t d) { return dot_any(ELEMENT_F32, a, b, d); }
APART float NAMED(dot_f16)(const uint16_t *row, const float *q, size_t d) { return dot_any(ELEMENT_F16, row, q, d); }
APART float NAMED(dot_bf16)(const uint16_t *row, const float *q, size_t d) { return dot_any(ELEMENT_BF16, row, q, d); }

INLINED float dot_apart(element type, const void *row, const float *q, size_t d) {
  switch (type) {
    case ELEMENT_F16: return NAMED(dot_f16)(row, q, d);
    case ELEMENT_BF16: return NAMED(dot_bf16)(row, q, d);
    default: return NAMED(dot_f32)(row, q, d);
  }
}

/* How many of n rows may be read up to a whole step: all, or where the last step is not whole, those that have
 * another row right behind them. What is read there is finite and meets zeros of the query. */
INLINED size_t rows_with_room(size_t d, size_t step, size_t stride, size_t n) {
  if (d % step == 0) return n;
  return n > 0 && d >= step && stride == d ? n - 1 : 0;
}

INLINED void dot4_any(element type, const void *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                      float *restrict out) {
  const size_t left = d % 8, row_bytes = stride * bytes_of(type), n_quick = rows_with_room(d, 8, stride, n);
  const float *const end = q + (d - left);
  const f32x8 query_tail = load_part(ELEMENT_F32, end, left);
  const uint8_t *x[4] = { r[0], r[1], r[2], r[3] };
  for (size_t i = 0; i < n_quick; i++) {
    const uint8_t *at[4] = { x[0], x[1], x[2], x[3] };
    f32x8 sum[4] = { zero8(), zero8(), zero8(), zero8() };
    UNROLLED
    for (size_t s = 0; s < 4; s += ROWS_AT_ONCE) {
      add_steps(ROWS_AT_ONCE, type, at + s, q, end, sum + s);
      if (left != 0) add_step(ROWS_AT_ONCE, type, at + s, query_tail, sum + s);
    }
    fold8x4(sum[0], sum[1], sum[2], sum[3], out + i, n);
    UNROLLED
    for (size_t s = 0; s < 4; s++) x[s] += row_bytes;
  }
  for (size_t i = n_quick; i < n; i++) {
    for (size_t s = 0; s < 4; s++) out[s * n + i] = dot_apart(type, (const uint8_t *)r[s] + i * row_bytes, q, d);
  }
}

static void NAMED(dot4_f32)(const float *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                            float *restrict out) {
  const void *const rows[4] = { r[0], r[1], r[2], r[3] };
  dot4_any(ELEMENT_F32, rows, stride, q, d, n, out);
}
static void NAMED(dot4_f16)(const uint16_t *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                            float *restrict out) {
  const void *const rows[4] = { r[0], r[1], r[2], r[3] };
  dot4_any(ELEMENT_F16, rows, stride, q, d, n, out);
}
static void NAMED(dot4_bf16)(const uint16_t *const r[4], size_t stride, const float *restrict q, size_t d, size_t n,
                             float *restrict out) {
  const void *const rows[4] = { r[0], r[1], r[2], r[3] };
  dot4_any(ELEMENT_BF16, rows, stride, q, d, n, out);
}

/* A matrix is four quarters of rows one after another: the results already lie in order. */
static void NAMED(gemv_f32)(const float *restrict a, size_t lda, size_t rows, size_t d, const float *restrict x,
                            float *restrict y) {
  const size_t quarter = rows / 4, step = quarter * lda;
  const float *const starts[4] = { a, a + step, a + 2 * step, a + 3 * step };
  NAMED(dot4_f32)(starts, lda, x, d, quarter, y);
  for (size_t r = 4 * quarter; r < rows; r++) y[r] = NAMED(dot_f32)(a + r * lda, x, d);
}

/* -------------------------------------------------------------------- int8 */

_Static_assert((int64_t)INK_CAP_DIM * 128 * 127 <= INT32_MAX, "an int8 dot over the widest vector fits in int32");
_Static_assert((int64_t)INK_CAP_DIM * 128 * (127 + 127) <= INT32_MAX, "and so does its difference from bias * sum");
_Static_assert(2 * 128 * 127 <= INT16_MAX, "two products fit in the 16 bits of maddubs and vmlal");

/* The query in elements that i8_step wants, zeros up to a whole step. */
static size_t NAMED(i8_query_bytes)(size_t d) { return ink_align_up(d, I8_STEP) * sizeof(i8_query_element); }

static void NAMED(i8_query)(const uint8_t *restrict q, size_t d, void *restrict prepared) {
  i8_query_element *const p = prepared;
  for (size_t j = 0; j < d; j++) p[j] = q[j];
  for (size_t j = d; j < ink_align_up(d, I8_STEP); j++) p[j] = 0;
}

APART int32_t NAMED(dot_i8)(const int8_t *row, const void *prepared, size_t d) {
  const i8_query_element *const q = prepared;
  const size_t left = d % I8_STEP, whole = d - left;
  i8_sums sum = i8_zero();
  for (size_t j = 0; j < whole; j += I8_STEP) sum = i8_step(sum, row + j, q + j);
  if (left != 0) {                              /* the query has zeros to a whole step, but the row's memory may end */
    int8_t padded[I8_STEP] = { 0 };
    ROLLED
    for (size_t j = 0; j < left; j++) padded[j] = row[whole + j];
    sum = i8_step(sum, padded, q + whole);
  }
  int32_t out[4];
  i8_fold4(sum, i8_zero(), i8_zero(), i8_zero(), out, 1);
  return out[0];
}

static void NAMED(dot4_i8)(const int8_t *const r[4], size_t stride, const void *restrict prepared, size_t d, size_t n,
                           int32_t *restrict out) {
  const i8_query_element *const q = prepared;
  const size_t n_quick = rows_with_room(d, I8_STEP, stride, n), steps_end = ink_align_up(d, I8_STEP);
  const int8_t *x0 = r[0], *x1 = r[1], *x2 = r[2], *x3 = r[3];
  for (size_t i = 0; i < n_quick; i++) {
    i8_sums sum0 = i8_zero(), sum1 = i8_zero(), sum2 = i8_zero(), sum3 = i8_zero();
    ROLLED
    for (size_t j = 0; j < steps_end; j += I8_STEP) {
      sum0 = i8_step(sum0, x0 + j, q + j);
      sum1 = i8_step(sum1, x1 + j, q + j);
      sum2 = i8_step(sum2, x2 + j, q + j);
      sum3 = i8_step(sum3, x3 + j, q + j);
    }
    i8_fold4(sum0, sum1, sum2, sum3, out + i, n);
    x0 += stride;
    x1 += stride;
    x2 += stride;
    x3 += stride;
  }
  for (size_t i = n_quick; i < n; i++) {
    for (size_t s = 0; s < 4; s++) out[s * n + i] = NAMED(dot_i8)(r[s] + i * stride, prepared, d);
  }
}

/* --------------------------------------------------------------- selecting */

static size_t NAMED(select_ge)(const float *restrict x, size_t n, float threshold, uint32_t *restrict out) {
  const f32x8 least = splat8(threshold);
  size_t n_out = 0, i = 0;
  for (; i + 32 <= n; i += 32) {
    uint32_t hits = ge8(load8(x + i), least) | ge8(load8(x + i + 8), least) << 8
                  | ge8(load8(x + i + 16), least) << 16 | ge8(load8(x + i + 24), least) << 24;
    ROLLED
    for (; hits != 0; hits &= hits - 1) out[n_out++] = (uint32_t)i + (uint32_t)__builtin_ctz(hits);
  }
  ROLLED
  for (; i < n; i++) {
    if (x[i] >= threshold) out[n_out++] = (uint32_t)i;
  }
  return n_out;
}

static void NAMED(scale_i8)(const int32_t *restrict idot, const int32_t *restrict sum, int32_t bias,
                            const float *restrict scale,
                            float query_scale, size_t n, float *restrict out) {
  const f32x8 by = splat8(query_scale);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    i32x8 exact = load8_i32(idot + i);
    if (sum != NULL) exact = less8_i32(exact, load8_i32(sum + i), bias);
    store8(out + i, mul8(float8(exact), mul8(load8(scale + i), by)));
  }
  ROLLED
  for (; i < n; i++) {
    const int32_t exact = sum == NULL ? idot[i] : idot[i] - bias * sum[i];
    out[i] = (float)exact * (scale[i] * query_scale);
  }
}

/* ------------------------------------------------------ element by element */

static void NAMED(axpy_f32)(float alpha, const float *restrict x, float *restrict y, size_t n) {
  const f32x8 by = splat8(alpha);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) store8(y + i, add8(load8(y + i), mul8(by, load8(x + i))));
  ROLLED
  for (; i < n; i++) y[i] += alpha * x[i];
}

static void NAMED(add_f32)(const float *restrict x, float *restrict y, size_t n) {
  size_t i = 0;
  for (; i + 8 <= n; i += 8) store8(y + i, add8(load8(y + i), load8(x + i)));
  ROLLED
  for (; i < n; i++) y[i] += x[i];
}

INLINED void widen_any(element type, const void *x, f32x8 scale, float *restrict y, size_t n) {
  const uint8_t *const bytes = x;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) store8(y + i, mul8(scale, load_as(type, bytes + i * bytes_of(type))));
  if (i == n) return;
  float last[8];
  store8(last, mul8(scale, load_part(type, bytes + i * bytes_of(type), n - i)));
  ROLLED
  for (size_t j = 0; i + j < n; j++) y[i + j] = last[j];
}

/* A product with 1 changes no bit. */
static void NAMED(widen_f16)(const uint16_t *restrict x, float *restrict y, size_t n) {
  widen_any(ELEMENT_F16_ANY, x, splat8(1.0f), y, n);
}
static void NAMED(widen_bf16)(const uint16_t *restrict x, float *restrict y, size_t n) {
  widen_any(ELEMENT_BF16, x, splat8(1.0f), y, n);
}
static void NAMED(widen_i8)(const int8_t *restrict x, float scale, float *restrict y, size_t n) {
  widen_any(ELEMENT_I8, x, splat8(scale), y, n);
}

/* ----------------------------------------------- column form: rank-k update */

/* Inputs taken before the next tile: so many rows of x stay in the first-level cache. */
#define SYRK_CACHED_FLOATS 4096

/* What a tile is made of: n inputs, `stride` apart; `down` points at what its rows are multiplied by, `across` at what
 * its columns are. w [n] or NULL. */
typedef struct tile_inputs {
  const float *down, *across, *w;
  size_t stride, n;
} tile_inputs;

/* `rows` rows of eight columns from `a` on, sums in registers: += down * (w across) where weighted, else -= down * across.
 * rows (1 or TILE_ROWS) and weighted are constants. */
INLINED void tile(size_t rows, bool weighted, tile_inputs in, float *a, size_t lda) {
  f32x8 sum[TILE_ROWS];
  UNROLLED
  for (size_t t = 0; t < rows; t++) sum[t] = load8(a + t * lda);
  ROLLED
  for (size_t i = 0; i < in.n; i++, in.down += in.stride, in.across += in.stride) {
    PLAIN_ADDRESS(in.down);
    PLAIN_ADDRESS(in.across);
    const f32x8 row = weighted ? mul8(splat8(in.w[i]), load8(in.across)) : load8(in.across);
    const tile_column column = load_tile_column(rows, in.down);
    UNROLLED
    for (size_t t = 0; t < rows; t++) {
      const f32x8 product = mul8(tile_splat8(column, t), row);
      sum[t] = weighted ? add8(sum[t], product) : sub8(sum[t], product);
    }
  }
  UNROLLED
  for (size_t t = 0; t < rows; t++) store8(a + t * lda, sum[t]);
}

/* The tile's inputs when rows begin at r and columns at c of each x. */
INLINED tile_inputs inputs_at(tile_inputs x, size_t r, size_t c) {
  return (tile_inputs){ .down = x.down + r, .across = x.across + c, .w = x.w, .stride = x.stride, .n = x.n };
}

/* Row r, whose last columns have no eight elements of x behind them. */
static void NAMED(syrk_row)(const tile_inputs *x, size_t d, size_t r, float *restrict a, size_t lda) {
  float *const row = a + r * lda;
  size_t c = 0;
  for (; c + 8 <= d && c <= r; c += 8) tile(1, true, inputs_at(*x, r, c), row + c, lda);
  for (; c <= r; c++) {
    ROLLED
    for (size_t i = 0; i < x->n; i++) row[c] += x->down[i * x->stride + r] * (x->w[i] * x->down[i * x->stride + c]);
  }
}

static void NAMED(syrk_f32)(const float *restrict x, size_t stride, const float *restrict w, size_t n, size_t d,
                            float *restrict a, size_t lda) {
  if (d == 0) return;
  const size_t whole = d & ~(size_t)7, most = SYRK_CACHED_FLOATS / d > 8 ? SYRK_CACHED_FLOATS / d : 8;
  for (size_t done = 0; done < n; done += most) {
    const float *const from = x + done * stride;
    const tile_inputs in = { .down = from, .across = from, .w = w + done, .stride = stride, .n = ink_min_size(n - done, most) };
    for (size_t r = 0; r < whole; r += TILE_ROWS) {
      for (size_t c = 0; c < r + TILE_ROWS; c += 8) tile(TILE_ROWS, true, inputs_at(in, r, c), a + r * lda + c, lda);
    }
    for (size_t r = whole; r < d; r++) NAMED(syrk_row)(&in, d, r, a, lda);
  }
}

/* `vectors` times eight columns of y, sums in registers. vectors is a constant. */
INLINED void gather_columns(size_t vectors, const float *x, size_t stride, const float *c, size_t n, float *y) {
  f32x8 sum[GATHER_VECTORS];
  UNROLLED
  for (size_t v = 0; v < vectors; v++) sum[v] = load8(y + 8 * v);
  ROLLED
  for (size_t i = 0; i < n; i++, x += stride) {
    PLAIN_ADDRESS(x);
    const f32x8 by = splat8(c[i]);
    UNROLLED
    for (size_t v = 0; v < vectors; v++) sum[v] = add8(sum[v], mul8(by, load8(x + 8 * v)));
  }
  UNROLLED
  for (size_t v = 0; v < vectors; v++) store8(y + 8 * v, sum[v]);
}

static void NAMED(gather_axpy_f32)(const float *restrict x, size_t stride, const float *restrict c, size_t n, size_t d,
                                   float *restrict y) {
  size_t j = 0;
  for (; j + 8 * GATHER_VECTORS <= d; j += 8 * GATHER_VECTORS) gather_columns(GATHER_VECTORS, x + j, stride, c, n, y + j);
  for (; j + 8 <= d; j += 8) gather_columns(1, x + j, stride, c, n, y + j);
  for (; j < d; j++) {
    ROLLED
    for (size_t i = 0; i < n; i++) y[j] += c[i] * x[i * stride + j];
  }
}

/* -------------------------------------------------- column form: Cholesky */

/* Eight columns at a time: the block on the diagonal, the panel below it, then all that is left is updated with the
 * eight. The panel is also kept transposed, in the block's rows above the diagonal, which nobody needs: there
 * a column of L is contiguous. Each output still meets its inputs one after another, in order. */
#define CHOL_BLOCK 8

/* The m x m block at `a`, m <= 8: as kernel_ref.c does it. */
static bool NAMED(chol_diagonal)(float *a, size_t m, size_t lda) {
  for (size_t k = 0; k < m; k++) {
    const float pivot = a[k * lda + k];
    if (!(pivot > 0.0f)) return false;
    const float root = ink_sqrt_f32(pivot);
    a[k * lda + k] = root;
    for (size_t r = k + 1; r < m; r++) a[r * lda + k] /= root;
    for (size_t r = k + 1; r < m; r++) {
      for (size_t c = k + 1; c <= r; c++) a[r * lda + c] -= a[r * lda + k] * a[c * lda + k];
    }
  }
  return true;
}

/* Rows r .. r+n-1 (n <= 8) below the block at `a`; column k of `a` is column k of the panel. */
static void NAMED(chol_panel)(float *a, size_t r, size_t n, size_t lda) {
  f32x8 column[CHOL_BLOCK];
  ROLLED
  for (size_t k = 0; k < CHOL_BLOCK; k++) {
    ROLLED
    for (size_t t = 0; t < 8; t++) a[k * lda + r + t] = t < n ? a[(r + t) * lda + k] : 0.0f;
  }
  UNROLLED
  for (size_t k = 0; k < CHOL_BLOCK; k++) {
    const float *const row = a + k * lda;
    column[k] = load8(row + r);
    UNROLLED
    for (size_t j = 0; j < k; j++) column[k] = sub8(column[k], mul8(column[j], splat8(row[j])));
    column[k] = div8(column[k], splat8(row[k]));
    store8(a + k * lda + r, column[k]);
  }
  ROLLED
  for (size_t t = 0; t < n; t++) {
    ROLLED
    for (size_t k = 0; k < CHOL_BLOCK; k++) a[(r + t) * lda + k] = a[k * lda + r + t];
  }
}

static bool NAMED(chol_f32)(float *a, size_t d, size_t lda) {
  for (size_t done = 0; done < d; done += CHOL_BLOCK) {
    float *const block = a + done * lda + done;
    const size_t left = d - done;               /* rows and columns from here on */
    const tile_inputs panel = { .down = block, .across = block, .stride = lda, .n = CHOL_BLOCK };
    if (!NAMED(chol_diagonal)(block, ink_min_size(left, CHOL_BLOCK), lda)) return false;
    for (size_t r = CHOL_BLOCK; r < left; r += 8) NAMED(chol_panel)(block, r, ink_min_size(left - r, 8), lda);
    size_t r = CHOL_BLOCK;
    for (; r + TILE_ROWS <= left; r += TILE_ROWS) {
      for (size_t c = CHOL_BLOCK; c < r + TILE_ROWS; c += 8) tile(TILE_ROWS, false, inputs_at(panel, r, c), block + r * lda + c, lda);
    }
    for (; r < left; r++) {
      for (size_t c = CHOL_BLOCK; c <= r; c += 8) tile(1, false, inputs_at(panel, r, c), block + r * lda + c, lda);
    }
  }
  return true;
}

/* L z = b. Eight rows share each x[k]: eight independent sums hide the latency of one. */
static void NAMED(solve_down)(const float *l, size_t d, size_t lda, const float *b, float *x) {
  for (size_t r = 0; r < d; r += 8) {
    const size_t n = ink_min_size(d - r, 8);
    const float *const rows = l + r * lda;
    float z[8] = { 0 };
    for (size_t t = 0; t < n; t++) z[t] = b[r + t];
    if (n == 8) {
      for (size_t k = 0; k < r; k++) {
        UNROLLED
        for (size_t t = 0; t < 8; t++) z[t] -= rows[t * lda + k] * x[k];
      }
    } else {
      for (size_t t = 0; t < n; t++) {
        for (size_t k = 0; k < r; k++) z[t] -= rows[t * lda + k] * x[k];
      }
    }
    for (size_t t = 0; t < n; t++) {
      for (size_t k = r; k < r + t; k++) z[t] -= rows[t * lda + k] * x[k];
      x[r + t] = z[t] / rows[t * lda + r + t];
    }
  }
}

/* L^T x = z, in place: each x[r], once known, is taken out of all above it. */
static void NAMED(solve_up)(const float *l, size_t d, size_t lda, float *x) {
  for (size_t r = d; r-- > 0;) {
    const float *const row = l + r * lda;
    x[r] /= row[r];
    const f32x8 known = splat8(x[r]);
    size_t c = 0;
    for (; c + 8 <= r; c += 8) store8(x + c, sub8(load8(x + c), mul8(load8(row + c), known)));
    ROLLED
    for (; c < r; c++) x[c] -= row[c] * x[r];
  }
}

static void NAMED(chol_solve_f32)(const float *l, size_t d, size_t lda, const float *b, float *x) {
  NAMED(solve_down)(l, d, lda, b, x);
  NAMED(solve_up)(l, d, lda, x);
}

/* ---------------------------------------------------------------- networks */

/* The numbers of fmath_f32.h, read from memory through a pointer that the compiler does not see through: V8 would make
 * each constant anew wherever it is used, in three instructions, and the curves would take twice the time. */
typedef struct curve_numbers {
  float exp_least, exp_most, inv_ln2, round, ln2_hi, minus_ln2_lo, one, two, tanh_near;
  float exp_terms[6], tanh_terms[6];
} curve_numbers;

static const curve_numbers NAMED(of_curves) = {
  INK_EXP_LEAST, INK_EXP_MOST, INK_INV_LN2_F32, INK_ROUND_F32, INK_LN2_HI_F32, -INK_LN2_LO_F32, 1.0f, 2.0f, INK_TANH_NEAR,
  INK_EXP_TERMS, INK_TANH_TERMS
};

INLINED f32x8 horner(const float terms[6], f32x8 x) {
  f32x8 p = splat8(terms[0]);
  UNROLLED
  for (size_t i = 1; i < 6; i++) p = add8(mul8(p, x), splat8(terms[i]));
  return p;
}

/* Curves go over a stretch in several passes: the operations of one value depend on each other from first to last, and a short pass
 * lets more values be under way at once. */
#define STRETCH 64

/* ink_exp_f32 in place, x [n] a multiple of eight and within the ends: fmath.c says why it is written so. */
APART void NAMED(exp_stretch)(const curve_numbers *k, float *x, size_t n) {
  float shifted[STRETCH];
  for (size_t i = 0; i < n; i += 8) store8(shifted + i, add8(mul8(load8(x + i), splat8(k->inv_ln2)), splat8(k->round)));
  for (size_t i = 0; i < n; i += 8) {
    const f32x8 bits = load8(shifted + i), whole = sub8(bits, splat8(k->round)), one = splat8(k->one);
    const f32x8 top = sub8(load8(x + i), mul8(whole, splat8(k->ln2_hi))), low = mul8(whole, splat8(k->minus_ln2_lo));
    const f32x8 r = add8(top, low), p = horner(k->exp_terms, r);
    store8(x + i, times_power8(add8(one, add8(top, add8(low, mul8(mul8(r, r), p)))), bits, one));
  }
}

INLINED void sigmoid_stretch(const curve_numbers *k, float *x, size_t n) {
  float e[STRETCH];
  const f32x8 zero = zero8();
  for (size_t i = 0; i < n; i += 8) store8(e + i, max8(splat8(k->exp_least), min8(load8(x + i), sub8(zero, load8(x + i)))));
  NAMED(exp_stretch)(k, e, n);
  for (size_t i = 0; i < n; i += 8) {
    const f32x8 one = splat8(k->one), v = load8(e + i);
    store8(x + i, div8(if_less8(load8(x + i), zero, v, one), add8(one, v)));
  }
}

INLINED void tanh_stretch(const curve_numbers *k, float *x, size_t n) {
  float e[STRETCH];
  for (size_t i = 0; i < n; i += 8) {
    const f32x8 y = abs8(load8(x + i));
    store8(e + i, min8(splat8(k->exp_most), add8(y, y)));
  }
  NAMED(exp_stretch)(k, e, n);
  for (size_t i = 0; i < n; i += 8) {
    const f32x8 v = load8(x + i), y = abs8(v), z = mul8(y, y), one = splat8(k->one);
    const f32x8 near = add8(y, mul8(y, mul8(z, horner(k->tanh_terms, z))));
    const f32x8 far = sub8(one, div8(splat8(k->two), add8(load8(e + i), one)));
    store8(x + i, with_sign8(if_less8(y, splat8(k->tanh_near), near, far), v));
  }
}

typedef enum curve { CURVE_SIGMOID, CURVE_TANH } curve;

INLINED void curve_any(curve which, float *x, size_t n) {
  const curve_numbers *k = &NAMED(of_curves);
  PLAIN_ADDRESS(k);
  for (size_t done = 0, taken; done < n; done += taken) {
    const size_t left = n - done;
    float part[8], *const at = left < 8 ? part : x + done;
    taken = left < 8 ? left : ink_min_size(left, STRETCH) & ~(size_t)7;
    if (left < 8) store8(part, load_part(ELEMENT_F32, x + done, left));
    if (which == CURVE_SIGMOID) sigmoid_stretch(k, at, ink_align_up(taken, 8));
    else tanh_stretch(k, at, ink_align_up(taken, 8));
    ROLLED
    for (size_t j = 0; left < 8 && j < left; j++) x[done + j] = part[j];
  }
}

static void NAMED(sigmoid_f32)(float *x, size_t n) { curve_any(CURVE_SIGMOID, x, n); }
static void NAMED(tanh_f32)(float *x, size_t n) { curve_any(CURVE_TANH, x, n); }

#define PANEL_VECTORS (INK_PANEL / 8)

/* One panel and one vector. */
INLINED void panel_of_one(const float *w, const float *x, size_t stride, size_t n_in, float *y) {
  f32x8 sum[PANEL_VECTORS];
  UNROLLED
  for (size_t v = 0; v < PANEL_VECTORS; v++) sum[v] = load8(y + 8 * v);
  ROLLED
  for (const float *const end = w + n_in * INK_PANEL; w != end; w += INK_PANEL, x += stride) {
    PLAIN_ADDRESS(w);
    PLAIN_ADDRESS(x);
    const f32x8 by = splat8(*x);
    UNROLLED
    for (size_t v = 0; v < PANEL_VECTORS; v++) sum[v] = add8(sum[v], mul8(by, load8(w + 8 * v)));
  }
  UNROLLED
  for (size_t v = 0; v < PANEL_VECTORS; v++) store8(y + 8 * v, sum[v]);
}

/* Eight outputs of a panel and four vectors: a weight, once loaded, is used four times. */
INLINED void panel_of_four(const float *w, const float *x, size_t stride, size_t n_in, size_t n_out, float *y) {
  f32x8 sum[4];
  UNROLLED
  for (size_t t = 0; t < 4; t++) sum[t] = load8(y + t * n_out);
  ROLLED
  for (const float *const end = w + n_in * INK_PANEL; w != end; w += INK_PANEL, x += stride) {
    PLAIN_ADDRESS(w);
    PLAIN_ADDRESS(x);
    const f32x8 row = load8(w);
    UNROLLED
    for (size_t t = 0; t < 4; t++) sum[t] = add8(sum[t], mul8(splat8(x[t]), row));
  }
  UNROLLED
  for (size_t t = 0; t < 4; t++) store8(y + t * n_out, sum[t]);
}

static void NAMED(panels_f32)(const float *restrict w, const float *restrict x, size_t stride, size_t n_in, size_t n, size_t n_out,
                              float *restrict y) {
  for (size_t o = 0; o < n_out; o += INK_PANEL, w += n_in * INK_PANEL) {
    size_t t = 0;
    for (; t + 4 <= n; t += 4) {
      for (size_t v = 0; v < INK_PANEL; v += 8) panel_of_four(w + v, x + t, stride, n_in, n_out, y + t * n_out + o + v);
    }
    for (; t < n; t++) panel_of_one(w, x + t, stride, n_in, y + t * n_out + o);
  }
}

/* --------------------------------------------------------------- the table */

const ink_kernels NAMED(ink_kernels) = {
  .name = LANES_NAME,
  .dot_f32 = NAMED(dot_f32), .dot_f16 = NAMED(dot_f16), .dot_bf16 = NAMED(dot_bf16), .dot_i8 = NAMED(dot_i8),
  .dot4_f32 = NAMED(dot4_f32), .dot4_f16 = NAMED(dot4_f16), .dot4_bf16 = NAMED(dot4_bf16), .dot4_i8 = NAMED(dot4_i8),
  .i8_query_bytes = NAMED(i8_query_bytes), .i8_query = NAMED(i8_query),
  .select_ge = NAMED(select_ge), .scale_i8 = NAMED(scale_i8),
  .axpy_f32 = NAMED(axpy_f32), .add_f32 = NAMED(add_f32),
  .widen_f16 = NAMED(widen_f16), .widen_bf16 = NAMED(widen_bf16), .widen_i8 = NAMED(widen_i8),
  .syrk_f32 = NAMED(syrk_f32), .chol_f32 = NAMED(chol_f32), .chol_solve_f32 = NAMED(chol_solve_f32),
  .gemv_f32 = NAMED(gemv_f32), .gather_axpy_f32 = NAMED(gather_axpy_f32),
  .sigmoid_f32 = NAMED(sigmoid_f32), .tanh_f32 = NAMED(tanh_f32), .panels_f32 = NAMED(panels_f32)
};
