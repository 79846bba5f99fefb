/* scan_wasm.c - what bench_scan.mjs times inside one WebAssembly module: scans and the fold-in's solve as they ship,
 * and beside them loops that do nothing but read the same bytes, or nothing but multiply and add.
 *
 * The caller grows memory by bench_bytes(n, d) before bench_init(). All state lies in that memory and one struct:
 * a module has one bench. Data is seeded: every run sees the same numbers. */
#include <wasm_simd128.h>

#include "arena.h"
#include "base.h"
#include "caps.h"
#include "fmath.h"
#include "kernel.h"
#include "quant.h"
#include "rng.h"
#include "scan.h"

#define EXPORTED(name) __attribute__((export_name(#name)))
#define MAX_K 100u
#define BLOCK 64u

extern unsigned char __heap_base;

typedef struct bench {
  uint32_t n, d;
  ink_rows rows[4];               /* by INK_ROWS_* */
  ink_query query;
  ink_topk top;
  void *scratch;
  size_t scratch_bytes;
  void *prepared;                 /* the query in 7 bits */
  float *block;                   /* [4 * BLOCK] */
  uint32_t *hits;                 /* [4 * BLOCK] */
  float *fold_x, *fold_w, *fold_b, *fold_a, *gram;
} bench;

static bench b;

EXPORTED(bench_heap) uint32_t bench_heap(void) { return ((uint32_t)(uintptr_t)&__heap_base + 63u) & ~63u; }

/* -------------------------------------------------------------- the tables */

/* Floats of the usual size; half of the f16 patterns that lie between 2^-7 and 2. */
static void fill(ink_rng *rng, float *f32, uint16_t *f16, uint16_t *bf16, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t bits = ink_rng_u64(rng);
    f32[i] = (float)(int32_t)(bits >> 40) * 0x1p-23f - 1.0f;
    f16[i] = (uint16_t)((bits & 0x83ffu) | (8u + (bits >> 20 & 7u)) << 10);
    bf16[i] = (uint16_t)(ink_f32_bits(f32[i]) >> 16);
  }
}

static ink_status take_all(ink_arena *arena, uint32_t n, uint32_t d) {
  float *f32, *scale, *err, *norm, *vector, *scores;
  uint16_t *f16, *bf16;
  int8_t *i8;
  int32_t *sum;
  uint32_t *items;
  const size_t count = (size_t)n * d;
  INK_TAKE(arena, count, &f32);
  INK_TAKE(arena, count, &f16);
  INK_TAKE(arena, count, &bf16);
  INK_TAKE(arena, count, &i8);
  INK_TAKE(arena, n, &scale);
  INK_TAKE(arena, n, &err);
  INK_TAKE(arena, n, &norm);
  INK_TAKE(arena, n, &sum);
  INK_TAKE(arena, d, &vector);
  INK_TAKE(arena, MAX_K, &scores);
  INK_TAKE(arena, MAX_K, &items);
  INK_TAKE(arena, 4 * BLOCK, &b.block);
  INK_TAKE(arena, 4 * BLOCK, &b.hits);
  b.scratch_bytes = ink_scan_scratch_bytes(d, MAX_K);
  INK_TRY(ink_arena_take(arena, b.scratch_bytes, 1, &b.scratch));
  INK_TRY(ink_arena_take(arena, 4 * (size_t)d + 128, 1, &b.prepared));
  b.n = n;
  b.d = d;
  b.rows[INK_ROWS_F32] = (ink_rows){ .dtype = INK_ROWS_F32, .n = n, .d = d, .data = f32 };
  b.rows[INK_ROWS_F16] = (ink_rows){ .dtype = INK_ROWS_F16, .n = n, .d = d, .data = f16 };
  b.rows[INK_ROWS_BF16] = (ink_rows){ .dtype = INK_ROWS_BF16, .n = n, .d = d, .data = bf16 };
  b.rows[INK_ROWS_I8] = (ink_rows){ .dtype = INK_ROWS_I8, .n = n, .d = d, .data = i8, .scale = scale, .sum = sum, .err = err,
                                    .norm = norm };
  b.query = (ink_query){ .vector = vector };
  ink_topk_init(&b.top, scores, items, MAX_K);
  if (ink_arena_measuring(arena)) return INK_OK;

  ink_rng rng;
  uint8_t q[INK_CAP_DIM];
  float query_scale, lost;
  ink_rng_seed(&rng, 64, 0);
  fill(&rng, f32, f16, bf16, count);
  for (uint32_t j = 0; j < d; j++) vector[j] = (float)ink_rng_normal(&rng);
  ink_rows *const bytes = &b.rows[INK_ROWS_I8];
  for (uint32_t i = 0; i < n; i++) {
    ink_quant_row(f32 + (size_t)i * d, d, i8 + (size_t)i * d, &scale[i], &sum[i], &err[i]);
    norm[i] = ink_quant_norm(i8 + (size_t)i * d, d, scale[i]);
    if (norm[i] > bytes->norm_max) bytes->norm_max = norm[i];
    if (err[i] > bytes->err_max) bytes->err_max = err[i];
  }
  ink_quant_query(vector, d, q, &query_scale, &lost);
  ink_kernels_best()->i8_query(q, d, b.prepared);
  return INK_OK;
}

EXPORTED(bench_bytes) uint32_t bench_bytes(uint32_t n, uint32_t d) {
  ink_arena arena;
  ink_arena_init_measure(&arena);
  return take_all(&arena, n, d) == INK_OK ? (uint32_t)arena.high : 0;
}

EXPORTED(bench_init) uint32_t bench_init(uint32_t at, uint32_t bytes, uint32_t n, uint32_t d) {
  ink_arena arena;
  ink_arena_init(&arena, (void *)(uintptr_t)at, bytes);
  return (uint32_t)take_all(&arena, n, d);
}

/* ------------------------------------------------------------------- scans */

/* dtype INK_ROWS_*; 4: int8 rows with certified re-ranking from f32. Returns the best item. */
EXPORTED(scan) uint32_t scan(uint32_t dtype, uint32_t k) {
  ink_arena arena;
  ink_scan_report report;
  const ink_scan_options options = { 0 };
  ink_arena_init(&arena, b.scratch, b.scratch_bytes);
  b.query.rows = &b.rows[dtype == 4 ? INK_ROWS_F32 : dtype];
  b.query.rows_i8 = dtype == 4 ? &b.rows[INK_ROWS_I8] : NULL;
  const ink_filter all = { .n_items = b.n, .n_left = b.n };
  ink_topk_init(&b.top, b.top.scores, b.top.items, k);
  if (ink_scan_top(ink_kernels_best(), &b.query, &all, &options, &arena, &b.top, &report) != INK_OK) return INK_NONE;
  return b.top.items[0];
}

/* The kernel alone, with selecting above a threshold that nothing reaches. */
EXPORTED(dots) uint32_t dots(uint32_t dtype) {
  const ink_kernels *const kernels = ink_kernels_best();
  const ink_rows *const rows = &b.rows[dtype];
  const size_t quarter = b.n / 4, stride = b.d;
  uint32_t found = 0;
  for (size_t i = 0; i + BLOCK <= quarter; i += BLOCK) {
    const size_t at[4] = { i * stride, (quarter + i) * stride, (2 * quarter + i) * stride, (3 * quarter + i) * stride };
    const float *const f32 = rows->data;
    const uint16_t *const f16 = rows->data;
    const int8_t *const i8 = rows->data;
    const float *const rf[4] = { f32 + at[0], f32 + at[1], f32 + at[2], f32 + at[3] };
    const uint16_t *const rh[4] = { f16 + at[0], f16 + at[1], f16 + at[2], f16 + at[3] };
    const int8_t *const ri[4] = { i8 + at[0], i8 + at[1], i8 + at[2], i8 + at[3] };
    switch (dtype) {
      case INK_ROWS_F32: kernels->dot4_f32(rf, stride, b.query.vector, b.d, BLOCK, b.block); break;
      case INK_ROWS_F16: kernels->dot4_f16(rh, stride, b.query.vector, b.d, BLOCK, b.block); break;
      case INK_ROWS_BF16: kernels->dot4_bf16(rh, stride, b.query.vector, b.d, BLOCK, b.block); break;
      default:
        kernels->dot4_i8(ri, stride, b.prepared, b.d, BLOCK, (int32_t *)(void *)b.block);
        for (size_t s = 0; s < 4; s++) {
          const size_t row = s * quarter + i;
          kernels->scale_i8((int32_t *)(void *)b.block + s * BLOCK, rows->sum + row, INK_QUERY_OFFSET, rows->scale + row, 0.01f,
                            BLOCK, b.block + s * BLOCK);
        }
    }
    found += (uint32_t)kernels->select_ge(b.block, 4 * BLOCK, 1.0e9f, b.hits);
  }
  return found;
}

/* ------------------------------------------------------------------ limits */

static uint32_t any(v128_t x) { return (uint32_t)wasm_v128_any_true(x); }

/* One stream over the rows of a type, eight loads in flight. */
EXPORTED(read1) uint32_t read1(uint32_t dtype) {
  static const uint8_t size[4] = { 4, 2, 2, 1 };
  const uint8_t *p = b.rows[dtype].data;
  const uint8_t *const end = p + (size_t)b.n * b.d * size[dtype] / 128 * 128;
  v128_t x[8];
  for (int i = 0; i < 8; i++) x[i] = wasm_i32x4_const_splat(0);
  for (; p != end; p += 128) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) x[i] = wasm_v128_or(x[i], wasm_v128_load(p + 16 * i));
  }
  for (int i = 1; i < 8; i++) x[0] = wasm_v128_or(x[0], x[i]);
  return any(x[0]);
}

/* Four streams from four distant quarters. */
EXPORTED(read4) uint32_t read4(uint32_t dtype) {
  static const uint8_t size[4] = { 4, 2, 2, 1 };
  const size_t quarter = (size_t)b.n * b.d * size[dtype] / 256 * 64;
  const uint8_t *p0 = b.rows[dtype].data, *p1 = p0 + quarter, *p2 = p1 + quarter, *p3 = p2 + quarter;
  const uint8_t *const end = p1;
  v128_t x[8];
  for (int i = 0; i < 8; i++) x[i] = wasm_i32x4_const_splat(0);
  for (; p0 != end; p0 += 64, p1 += 64, p2 += 64, p3 += 64) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      x[2 * (i & 1)] = wasm_v128_or(x[2 * (i & 1)], wasm_v128_load(p0 + 16 * i));
      x[2 * (i & 1) + 1] = wasm_v128_or(x[2 * (i & 1) + 1], wasm_v128_load(p1 + 16 * i));
      x[4 + 2 * (i & 1)] = wasm_v128_or(x[4 + 2 * (i & 1)], wasm_v128_load(p2 + 16 * i));
      x[5 + 2 * (i & 1)] = wasm_v128_or(x[5 + 2 * (i & 1)], wasm_v128_load(p3 + 16 * i));
    }
  }
  for (int i = 1; i < 8; i++) x[0] = wasm_v128_or(x[0], x[i]);
  return any(x[0]);
}

/* steps * 12 vectors of multiply and add: 96 flops a step. */
EXPORTED(peak) float peak(uint32_t steps, float by, float plus) {
  const v128_t factor = wasm_f32x4_splat(by), addend = wasm_f32x4_splat(plus);
  v128_t x[12];
  for (int i = 0; i < 12; i++) x[i] = wasm_f32x4_splat((float)i);
  for (uint32_t s = 0; s < steps; s++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) x[i] = wasm_f32x4_add(wasm_f32x4_mul(x[i], factor), addend);
  }
  for (int i = 1; i < 12; i++) x[0] = wasm_f32x4_add(x[0], x[i]);
  return wasm_f32x4_extract_lane(x[0], 0) + wasm_f32x4_extract_lane(x[0], 3);
}

/* ----------------------------------------------------------------- fold-in */

static ink_status take_fold(ink_arena *arena, uint32_t n, uint32_t d) {
  const size_t lda = ink_align_up(d, 8);
  INK_TAKE(arena, (size_t)n * d, &b.fold_x);
  INK_TAKE(arena, n, &b.fold_w);
  INK_TAKE(arena, d, &b.fold_b);
  INK_TAKE(arena, d * lda, &b.fold_a);
  INK_TAKE(arena, d * lda, &b.gram);
  if (ink_arena_measuring(arena)) return INK_OK;
  ink_rng rng;
  ink_rng_seed(&rng, 65, 0);
  for (size_t i = 0; i < (size_t)n * d; i++) b.fold_x[i] = (float)ink_rng_normal(&rng);
  for (size_t i = 0; i < n; i++) b.fold_w[i] = 1.0f + ink_rng_f32(&rng);
  for (size_t i = 0; i < d * lda; i++) b.gram[i] = 0.0f;
  for (size_t i = 0; i < d; i++) b.gram[i * lda + i] = (float)d;
  return INK_OK;
}

EXPORTED(fold_bytes) uint32_t fold_bytes(uint32_t n, uint32_t d) {
  ink_arena arena;
  ink_arena_init_measure(&arena);
  return take_fold(&arena, n, d) == INK_OK ? (uint32_t)arena.high : 0;
}
EXPORTED(fold_init) uint32_t fold_init(uint32_t at, uint32_t bytes, uint32_t n, uint32_t d) {
  ink_arena arena;
  ink_arena_init(&arena, (void *)(uintptr_t)at, bytes);
  return (uint32_t)take_fold(&arena, n, d);
}

/* parts: 1 copy of the Gram matrix, 2 rank-k update, 4 Cholesky, 8 solve. A part alone repeats on what is there. */
EXPORTED(fold) float fold(uint32_t parts, uint32_t n, uint32_t d) {
  const ink_kernels *const kernels = ink_kernels_best();
  const size_t lda = ink_align_up(d, 8);
  if (parts & 1) {
    for (size_t i = 0; i < d * lda; i++) b.fold_a[i] = b.gram[i];
  }
  if (parts & 2) kernels->syrk_f32(b.fold_x, d, b.fold_w, n, d, b.fold_a, lda);
  if (parts & 4 && !kernels->chol_f32(b.fold_a, d, lda)) return -1.0f;
  if (parts & 8) {
    kernels->gather_axpy_f32(b.fold_x, d, b.fold_w, n, d, b.fold_b);
    kernels->chol_solve_f32(b.fold_a, d, lda, b.fold_b, b.fold_b);
  }
  return b.fold_b[0];
}
