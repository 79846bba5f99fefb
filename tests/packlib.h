/* packlib.h - packs for tests: a list of tensors that serves as a tensor source by itself, and that
 * becomes the bytes of a pack through the one writer. Blocks come from one growing pool, freed at once.
 * Random content is seeded: the same seed makes the same pack on every build. */
#ifndef INK_PACKLIB_H
#define INK_PACKLIB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack_write.h"
#include "quant.h"
#include "rng.h"
#include "tensor.h"
#include "utf8.h"

enum { PACKLIB_TENSORS = 48, PACKLIB_BLOCKS = 96, PACKLIB_NAME = 64 };

typedef struct packlib {
  ink_tensor tensors[PACKLIB_TENSORS];
  char names[PACKLIB_TENSORS][PACKLIB_NAME];
  uint32_t n_tensors;
  void *blocks[PACKLIB_BLOCKS];
  uint32_t n_blocks;
} packlib;

/* A zeroed block aligned to 64, kept until packlib_free(). */
static inline void *packlib_block(packlib *p, size_t bytes) {
  void *block = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (block == NULL || p->n_blocks == PACKLIB_BLOCKS) abort();
  memset(block, 0, (bytes + 127) / 64 * 64);
  return p->blocks[p->n_blocks++] = block;
}

static inline void packlib_free(packlib *p) {
  for (uint32_t i = 0; i < p->n_blocks; i++) free(p->blocks[i]);
  p->n_blocks = p->n_tensors = 0;
}

static inline ink_tensor *packlib_find(packlib *p, const char *name) {
  for (uint32_t i = 0; i < p->n_tensors; i++)
    if (strcmp(p->names[i], name) == 0) return &p->tensors[i];
  return NULL;
}

/* Adds a tensor, zeroed, and gives its memory. columns 0 = rank 1. A name that is there is replaced. */
static inline void *packlib_add(packlib *p, const char *name, uint32_t dtype, uint32_t rows, uint32_t columns) {
  ink_tensor *t = packlib_find(p, name);
  if (t == NULL) {
    if (p->n_tensors == PACKLIB_TENSORS || strlen(name) >= PACKLIB_NAME) abort();
    t = &p->tensors[p->n_tensors];
    memcpy(p->names[p->n_tensors], name, strlen(name) + 1);
    t->name = ink_text_of(p->names[p->n_tensors++]);
  }
  const size_t bytes = (size_t)rows * (columns ? columns : 1) * ink_dtype_bytes(dtype);
  void *data = packlib_block(p, bytes);
  t->dtype = dtype;
  t->rank = columns ? 2 : 1;
  t->shape[0] = rows;
  t->shape[1] = columns ? columns : 1;
  t->shape[2] = t->shape[3] = 1;
  t->data = data;
  t->bytes = bytes;
  return data;
}

static inline void packlib_drop(packlib *p, const char *name) {
  ink_tensor *t = packlib_find(p, name);
  if (t == NULL) return;
  const uint32_t i = (uint32_t)(t - p->tensors), last = --p->n_tensors;
  if (i == last) return;
  memcpy(p->names[i], p->names[last], sizeof p->names[0]);
  p->tensors[i] = p->tensors[last];
  p->tensors[i].name = ink_text_of(p->names[i]);
}

/* ----------------------------------------------------------- the two uses */

static inline bool packlib_find_door(const void *ctx, ink_text name, ink_tensor *out) {
  const packlib *p = ctx;
  for (uint32_t i = 0; i < p->n_tensors; i++) {
    if (!ink_text_equal(ink_text_of(p->names[i]), name)) continue;
    *out = p->tensors[i];
    return true;
  }
  return false;
}

static inline ink_tensor_source packlib_source(const packlib *p) { return (ink_tensor_source){ p, packlib_find_door }; }

typedef struct packlib_bytes { uint8_t *at; size_t n; } packlib_bytes;

static inline ink_status packlib_take(void *ctx, const void *bytes, size_t n) {
  packlib_bytes *file = ctx;
  memcpy(file->at + file->n, bytes, n);
  file->n += n;
  return INK_OK;
}

/* The tensors as a pack's file, which lives until packlib_free(). Metadata: its models. */
static inline const void *packlib_write(packlib *p, const char *models, size_t *file_bytes) {
  const ink_meta_entry metadata[] = { { ink_text_of("models"), ink_text_of(models) }, { ink_text_of("name"), ink_text_of("test") } };
  const ink_pack_draft draft = { p->tensors, p->n_tensors, metadata, 2 };
  ink_fault fault = { 0 };
  ink_arena scratch;
  char words[300];
  if (ink_pack_write_size(&draft, file_bytes, &fault) == INK_OK) {
    packlib_bytes file = { packlib_block(p, *file_bytes), 0 };
    const size_t scratch_bytes = ink_pack_write_scratch_bytes(&draft);
    ink_arena_init(&scratch, packlib_block(p, scratch_bytes), scratch_bytes);
    if (ink_pack_write(&draft, &scratch, packlib_take, &file, &fault) == INK_OK && file.n == *file_bytes) return file.at;
  }
  ink_fault_text(&fault, words, sizeof words);
  printf("packlib_write: %s\n", words);
  abort();
}

/* -------------------------------------------------------------- catalogues */

/* Items "i0", "i1" ... (prefix "i"), in the order of `number` (NULL: 0, 1, ...). */
static inline void packlib_items(packlib *p, const char *prefix, const uint32_t *number, uint32_t n) {
  uint32_t *ends = packlib_add(p, "items.id.ends", INK_DTYPE_U32, n, 0);
  uint32_t *order = packlib_add(p, "items.id.order", INK_DTYPE_U32, n, 0), at = 0;
  char *text = packlib_block(p, (size_t)n * 24);
  for (uint32_t i = 0; i < n; i++) {
    at += (uint32_t)snprintf(text + at, 24, "%s%u", prefix, (unsigned)(number ? number[i] : i));
    ends[i] = at;
    order[i] = i;
  }
  memcpy(packlib_add(p, "items.id.bytes", INK_DTYPE_U8, at, 0), text, at);
  for (uint32_t gap = n / 2; gap > 0; gap /= 2)      /* shell sort by id bytes */
    for (uint32_t i = gap; i < n; i++)
      for (uint32_t j = i; j >= gap; j -= gap) {
        const uint32_t a = order[j - gap], b = order[j], sa = a ? ends[a - 1] : 0, sb = b ? ends[b - 1] : 0;
        if (ink_mem_order(text + sa, ends[a] - sa, text + sb, ends[b] - sb) <= 0) break;
        order[j - gap] = b;
        order[j] = a;
      }
}

/* ------------------------------------------------------------------ models */

static inline void packlib_popular(packlib *p, uint32_t n, uint64_t seed) {
  float *scores = packlib_add(p, "popular.scores", INK_DTYPE_F32, n, 0);
  ink_rng rng;
  ink_rng_seed(&rng, seed, 7);
  for (uint32_t i = 0; i < n; i++) scores[i] = (float)(ink_rng_below(&rng, 50));     /* ties on purpose */
}

/* als.settings of iALS: a0 0.1, lambda 0.05, nu 1; explicit: lambda 1, bias lambda 2, mean 3.5, scale 1..5. */
static inline float *packlib_als_settings(packlib *p, bool is_explicit) {
  static const float implicit_values[12] = { 0, 0.1f, 1, 0, 1, 0, 0.05f, 1, 0, 0, 1, 5 };
  static const float explicit_values[12] = { 1, 0, 0, 0, 0, 0, 1, 0, 2, 3.5f, 1, 5 };
  float *settings = packlib_add(p, "als.settings", INK_DTYPE_F32, 12, 0);
  memcpy(settings, is_explicit ? explicit_values : implicit_values, sizeof implicit_values);
  return settings;
}

/* Gram of rows as they are read, summed in double. */
static inline void packlib_gram(packlib *p, const float *rows, uint32_t n, uint32_t d) {
  float *gram = packlib_add(p, "als.gram", INK_DTYPE_F32, d, d);
  for (uint32_t r = 0; r < d; r++)
    for (uint32_t c = 0; c < d; c++) {
      double sum = 0;
      for (uint32_t i = 0; i < n; i++) sum += (double)rows[i * d + r] * (double)rows[i * d + c];
      gram[r * d + c] = (float)sum;
    }
}

/* int8 rows with their sides under `name`; `read` (may be NULL) gets the rows as they dequantise. */
static inline void packlib_i8(packlib *p, const char *name, const float *rows, uint32_t n, uint32_t d, float *read) {
  char side[PACKLIB_NAME];
  int8_t *bytes = packlib_add(p, name, INK_DTYPE_I8, n, d);
  snprintf(side, sizeof side, "%s.scale", name);
  float *scale = packlib_add(p, side, INK_DTYPE_F32, n, 0);
  snprintf(side, sizeof side, "%s.sum", name);
  int32_t *sum = packlib_add(p, side, INK_DTYPE_I32, n, 0);
  snprintf(side, sizeof side, "%s.err", name);
  float *err = packlib_add(p, side, INK_DTYPE_F32, n, 0);
  for (uint32_t i = 0; i < n; i++) {
    ink_quant_row(rows + (size_t)i * d, d, bytes + (size_t)i * d, &scale[i], &sum[i], &err[i]);
    for (uint32_t j = 0; read && j < d; j++) read[i * d + j] = scale[i] * (float)bytes[i * d + j];
  }
}

/* Rows cut to what a half or a bfloat holds, so that they are the same numbers in every type: 8 bits of
 * fraction at most, exponents around 0. */
static inline float packlib_coarse(float x) { return (float)(int)(x * 64.0f) / 64.0f; }

/* Bits of a coarse number as binary16. */
static inline uint16_t packlib_f16(float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  const uint32_t exponent = (u >> 23) & 255;
  if (x == 0) return (uint16_t)(u >> 16 & 0x8000);
  return (uint16_t)((u >> 16 & 0x8000) | (exponent - 112) << 10 | (u >> 13 & 0x3ff));
}

/* Vectors of `dtype` (values: coarse normals around a few centres), their gram or biases, settings. Gives the
 * rows as floats, as they are read. */
static inline float *packlib_als(packlib *p, uint32_t n, uint32_t d, uint32_t dtype, bool is_explicit, uint64_t seed) {
  float *rows = packlib_block(p, (size_t)n * d * sizeof *rows);
  ink_rng rng;
  ink_rng_seed(&rng, seed, 1);
  for (size_t i = 0; i < (size_t)n * d; i++) rows[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.5f);
  if (dtype == INK_DTYPE_F32) memcpy(packlib_add(p, "als.items", dtype, n, d), rows, (size_t)n * d * sizeof *rows);
  else if (dtype == INK_DTYPE_I8) packlib_i8(p, "als.items", rows, n, d, rows);
  else {
    uint16_t *halves = packlib_add(p, "als.items", dtype, n, d);
    for (size_t i = 0; i < (size_t)n * d; i++) {
      uint32_t u;
      memcpy(&u, &rows[i], 4);
      halves[i] = dtype == INK_DTYPE_F16 ? packlib_f16(rows[i]) : (uint16_t)(u >> 16);
      if (dtype == INK_DTYPE_BF16) u = (uint32_t)halves[i] << 16, memcpy(&rows[i], &u, 4);
    }
  }
  packlib_als_settings(p, is_explicit);
  if (is_explicit) {
    float *bias = packlib_add(p, "als.bias", INK_DTYPE_F32, n, 0);
    for (uint32_t i = 0; i < n; i++) bias[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.3f);
  } else packlib_gram(p, rows, n, d);
  return rows;
}

/* A name made of a family's prefix and the rest: good until the next call. */
static inline const char *packlib_name(const char *prefix, const char *rest) {
  static char name[PACKLIB_NAME];
  snprintf(name, sizeof name, "%s.%s", prefix, rest);
  return name;
}

/* What user-knn has beside rows, with a prototype an item. */
static inline void packlib_near(packlib *p, uint32_t n, bool means, bool board) {
  float *norms = packlib_add(p, "user_knn.norms", INK_DTYPE_F32, n, 0), *near = packlib_add(p, "user_knn.near", INK_DTYPE_F32, 2, 0);
  float *weights = means || board ? NULL : packlib_add(p, "user_knn.item_weights", INK_DTYPE_F32, n, 0);
  near[0] = board ? (float)n : 12;
  near[1] = 0.5f;
  for (uint32_t i = 0; i < n; i++) norms[i] = (float)(i % 5 + 2);
  for (uint32_t i = 0; weights != NULL && i < n; i++) weights[i] = 1.0f + (float)(i % 9) / 8;
}

/* Item-item weights under `prefix`: a checkerboard's (1 for every other item of the same parity), or twelve
 * coarse random numbers a row. `means`: ratings and biases (mode 1), with `shifts`. */
static inline void packlib_linear(packlib *p, const char *prefix, uint32_t n, bool means, bool i8, bool board, uint64_t seed) {
  static const float sums[6] = { 0, 0, 0, 0, 1, 5 }, mean[6] = { 1, 2, 3.5f, 1, 1, 5 };
  const uint32_t most = board ? n / 2 : 12;
  uint16_t *cols = packlib_block(p, (size_t)n * most * sizeof *cols);
  float *numbers = packlib_block(p, (size_t)n * most * sizeof *numbers);
  uint32_t *ends = packlib_add(p, packlib_name(prefix, "ends"), INK_DTYPE_U32, n, 0), z = 0;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 11);
  for (uint32_t i = 0; i < n; ends[i++] = z)
    for (uint32_t j = board ? i % 2 : ink_rng_below(&rng, 9); j < n && z - (i ? ends[i - 1] : 0) < most; j += board ? 2 : 1 + ink_rng_below(&rng, n / 8)) {
      if (j == i) continue;
      cols[z] = (uint16_t)j;
      numbers[z++] = board ? 1.0f : packlib_coarse((float)ink_rng_normal(&rng)) + 1.0f / 64;
    }
  memcpy(packlib_add(p, packlib_name(prefix, "cols"), INK_DTYPE_U16, z, 0), cols, z * sizeof *cols);
  if (i8) {
    int8_t *values = packlib_add(p, packlib_name(prefix, "values"), INK_DTYPE_I8, z, 0);
    float *scale = packlib_add(p, packlib_name(prefix, "scale"), INK_DTYPE_F32, n, 0);
    for (uint32_t i = 0; i < n; i++) scale[i] = 1.0f / (float)(64 + i % 7);
    for (uint32_t k = 0; k < z; k++) values[k] = (int8_t)(numbers[k] * 40.0f > 127 ? 127 : numbers[k] * 40.0f < -127 ? -127 : numbers[k] * 40.0f);
  } else memcpy(packlib_add(p, packlib_name(prefix, "values"), INK_DTYPE_F32, z, 0), numbers, z * sizeof *numbers);
  memcpy(packlib_add(p, packlib_name(prefix, "settings"), INK_DTYPE_F32, 6, 0), means ? mean : sums, sizeof sums);
  if (strcmp(prefix, "user_knn") == 0) packlib_near(p, n, means, board);
  if (!means) return;
  float *bias = packlib_add(p, packlib_name(prefix, "bias"), INK_DTYPE_F32, n, 0);
  float *shifts = packlib_add(p, packlib_name(prefix, "shifts"), INK_DTYPE_F32, z, 0);
  for (uint32_t i = 0; !board && i < n; i++) bias[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.3f);
  for (uint32_t k = 0; !board && k < z; k++) shifts[k] = packlib_coarse((float)ink_rng_normal(&rng) * 0.3f);
}

/* The tensors of a factor family beside als under its prefix: svd (ratings), svdpp (ratings, fold rows), nmf (ratings, nothing
 * negative), pure_svd, simplex (sums), item2vec (sums of fold rows), bpr, warp (gradient steps). Coarse random vectors; the checkerboard's have black items along one axis, white along another. */
static inline void packlib_factor(packlib *p, const char *prefix, uint32_t n, uint32_t d, bool with_copy, bool board, uint64_t seed) {
  const bool steps = strcmp(prefix, "bpr") == 0 || strcmp(prefix, "warp") == 0, positive = strcmp(prefix, "nmf") == 0;
  const bool sums = !steps && !positive && strncmp(prefix, "svd", 3) != 0;
  const float by_steps[12] = { 3, 6, 0.25f, 80, 3, 0, 0.03125f };
  const float by_system[12] = { sums ? 2.0f : positive ? 4.0f : 1.0f, 0, 0, 0, 0, 0, 1, sums ? 0.5f : 0.0f, 2, sums ? 0.0f : 3.5f, 1, 5 };
  float *rows = packlib_add(p, packlib_name(prefix, "items"), INK_DTYPE_F32, n, d);
  memcpy(packlib_add(p, packlib_name(prefix, "settings"), INK_DTYPE_F32, 12, 0), steps ? by_steps : by_system, sizeof by_steps);
  ink_rng rng;
  ink_rng_seed(&rng, seed, 14);
  for (uint32_t i = 0; i < n * d; i++) {
    const float x = packlib_coarse((float)ink_rng_normal(&rng) * 0.5f) / (board ? 64.0f : 1.0f);
    rows[i] = (positive && x < 0 ? -x : x) + (board && i % d == i / d % 2 ? 1.0f : 0.0f);
  }
  if (with_copy) packlib_i8(p, packlib_name(prefix, "items8"), rows, n, d, NULL);
  if (!sums) {
    float *bias = packlib_add(p, packlib_name(prefix, "bias"), INK_DTYPE_F32, n, 0);
    for (uint32_t i = 0; !board && i < n; i++) bias[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.3f);
  }
  const bool told = strcmp(prefix, "item2vec") == 0;
  if (!told && strcmp(prefix, "svdpp") != 0) return;
  float *fold = packlib_add(p, packlib_name(prefix, "fold"), INK_DTYPE_F32, n, d);
  for (uint32_t i = 0; i < n * d; i++) fold[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.2f) / (board ? 64.0f : 1.0f) + (told && board ? rows[i] : 0.0f);
}

/* A network of `gates` gates and width d under `prefix`, embedding and items tied. The checkerboard's passes its input on
 * through open gates; otherwise all weights are coarse random numbers. */
static inline void packlib_recurrent(packlib *p, const char *prefix, uint32_t gates, uint32_t n, uint32_t d, bool with_copy, bool board,
                                     uint64_t seed) {
  const uint32_t input_gate = 2;                        /* `g` of i, f, g, o; `n` of r, z, n */
  float *rows = packlib_add(p, packlib_name(prefix, "embedding.weight"), INK_DTYPE_F32, n, d);
  float *w_x = packlib_add(p, packlib_name(prefix, "weight_ih_l0"), INK_DTYPE_F32, gates * d, d);
  float *w_h = packlib_add(p, packlib_name(prefix, "weight_hh_l0"), INK_DTYPE_F32, gates * d, d);
  float *b_x = packlib_add(p, packlib_name(prefix, "bias_ih_l0"), INK_DTYPE_F32, gates * d, 0);
  packlib_add(p, packlib_name(prefix, "bias_hh_l0"), INK_DTYPE_F32, gates * d, 0);
  float *bias = packlib_add(p, packlib_name(prefix, "items.bias"), INK_DTYPE_F32, n, 0);
  ((float *)packlib_add(p, packlib_name(prefix, "settings"), INK_DTYPE_F32, 4, 0))[0] = 20;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 12);
  for (uint32_t i = 0; i < n * d; i++) rows[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.5f) / (board ? 64.0f : 1.0f) + (board && i % d == i / d % 2 ? 1.0f : 0.0f);
  for (uint32_t i = 0; i < gates * d * d; i++) {
    const bool identity = i / d / d == input_gate && i / d % d == i % d;
    w_x[i] = board ? (identity ? 1.0f : 0.0f) : packlib_coarse((float)ink_rng_normal(&rng) * 0.4f);
    w_h[i] = board ? 0.0f : packlib_coarse((float)ink_rng_normal(&rng) * 0.3f);
  }
  for (uint32_t i = 0; i < gates * d; i++) b_x[i] = board ? (gates == 4 && i / d != input_gate ? 3.0f : 0.0f) : packlib_coarse((float)ink_rng_normal(&rng) * 0.2f);
  for (uint32_t i = 0; !board && i < n; i++) bias[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.2f);
  if (with_copy) packlib_i8(p, packlib_name(prefix, "embedding.weight8"), rows, n, d, NULL);
}

/* A blend of `members` ("als,item_knn" has 2): three buckets (from 0, 5 and 20 events) of coarse random weights and constants.
 * `board`: all weights are 1. The members' own tensors are the caller's to add. */
static inline void packlib_hybrid(packlib *p, const char *members, bool relative, bool board, uint64_t seed) {
  static const uint32_t starts[3] = { 0, 5, 20 };
  const uint32_t n = (uint32_t)strlen(members);
  uint32_t columns = 2;
  for (const char *c = members; *c; c++) columns += *c == ',';
  memcpy(packlib_add(p, "hybrid.members", INK_DTYPE_U8, n, 0), members, n);
  memcpy(packlib_add(p, "hybrid.buckets", INK_DTYPE_U32, 3, 0), starts, sizeof starts);
  *(float *)packlib_add(p, "hybrid.settings", INK_DTYPE_F32, 1, 0) = relative ? 1.0f : 0.0f;
  float *weights = packlib_add(p, "hybrid.weights", INK_DTYPE_F32, 3, columns);
  ink_rng rng;
  ink_rng_seed(&rng, seed, 13);
  for (uint32_t i = 0; i < 3 * columns; i++)
    weights[i] = i % columns == columns - 1 ? (relative ? 0.0f : 0.25f) : board ? 1.0f : (float)(1 + ink_rng_below(&rng, 12)) / 16.0f;
}

/* Items described by terms: the checkerboard's have one of two terms each, other packs up to twelve of sixty, of coarse
 * random weights. `ridge`: profile=ridge, or with `ratings` profile=ratings. */
static inline void packlib_content(packlib *p, uint32_t n, bool ratings, bool ridge, bool i8, bool board, uint64_t seed) {
  const uint32_t n_terms = board ? 2 : 60;
  const float settings[6] = { ratings ? 1.0f : 0.0f, ridge || ratings ? 2.0f : 0.0f, ratings ? 3.5f : 0.0f, 1, 1, 5 };
  uint16_t *cols = packlib_block(p, (size_t)n * 12 * sizeof *cols);
  float *numbers = packlib_block(p, (size_t)n * 12 * sizeof *numbers);
  uint32_t *ends = packlib_add(p, "content.ends", INK_DTYPE_U32, n, 0), z = 0;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 15);
  for (uint32_t i = 0; i < n; ends[i++] = z)
    for (uint32_t t = board ? i % 2 : ink_rng_below(&rng, 9); t < n_terms && z - (i ? ends[i - 1] : 0) < 12; t += 1 + ink_rng_below(&rng, 9)) {
      cols[z] = (uint16_t)t;
      numbers[z++] = board ? 1.0f : (float)(1 + ink_rng_below(&rng, 127)) / 128.0f;
      if (board) break;
    }
  memcpy(packlib_add(p, "content.cols", INK_DTYPE_U16, z, 0), cols, z * sizeof *cols);
  if (i8) {
    int8_t *values = packlib_add(p, "content.values", INK_DTYPE_I8, z, 0);
    float *scale = packlib_add(p, "content.scale", INK_DTYPE_F32, n, 0);
    for (uint32_t i = 0; i < n; i++) scale[i] = 1.0f / (float)(126 + i % 7);
    for (uint32_t k = 0; k < z; k++) values[k] = (int8_t)(numbers[k] * 127.0f);
  } else memcpy(packlib_add(p, "content.values", INK_DTYPE_F32, z, 0), numbers, z * sizeof *numbers);
  memcpy(packlib_add(p, "content.settings", INK_DTYPE_F32, 6, 0), settings, sizeof settings);
  uint8_t *bytes = packlib_add(p, "content.terms.bytes", INK_DTYPE_U8, 3 * n_terms, 0);
  uint32_t *term_ends = packlib_add(p, "content.terms.ends", INK_DTYPE_U32, n_terms, 0);
  for (uint32_t t = 0; t < n_terms; term_ends[t] = 3 * (t + 1), t++) {
    bytes[3 * t] = 't';
    bytes[3 * t + 1] = (uint8_t)('0' + t / 10);
    bytes[3 * t + 2] = (uint8_t)('0' + t % 10);
  }
  if (!ratings) return;
  float *bias = packlib_add(p, "content.bias", INK_DTYPE_F32, n, 0);
  for (uint32_t i = 0; !board && i < n; i++) bias[i] = packlib_coarse((float)ink_rng_normal(&rng) * 0.3f);
}

/* The factor families beside als. */
static const char *const packlib_factors[] = { "svdpp", "svd", "nmf", "pure_svd", "bpr", "warp", "simplex", "item2vec", "content_vectors" };

/* Is it one of them? */
static inline bool packlib_is_factor(const char *prefix) {
  for (size_t i = 0; i < sizeof packlib_factors / sizeof *packlib_factors; i++)
    if (strcmp(prefix, packlib_factors[i]) == 0) return true;
  return false;
}

/* The tensors of a family other than als by its prefix ("item_knn", "lstm" ...), random ones; does nothing for others. */
typedef struct packlib_shape { uint32_t n, d; bool is_explicit, i8, with_copy; } packlib_shape;

static inline void packlib_other(packlib *p, const char *prefix, const packlib_shape *s, uint64_t seed) {
  static const char *const linear[] = { "item_knn", "rp3", "slope_one", "ease", "slim", "spectral", "user_knn" };
  for (size_t i = 0; i < sizeof linear / sizeof *linear; i++)
    if (strncmp(prefix, linear[i], strlen(linear[i])) == 0) packlib_linear(p, linear[i], s->n, s->is_explicit, s->i8, false, seed);
  if (strncmp(prefix, "content", 7) == 0 && prefix[7] != '_') packlib_content(p, s->n, s->is_explicit, s->with_copy, s->i8, false, seed);
  for (size_t i = 0; i < sizeof packlib_factors / sizeof *packlib_factors; i++)
    if (strncmp(prefix, packlib_factors[i], strlen(packlib_factors[i])) == 0 && (i != 1 || strncmp(prefix, "svdpp", 5) != 0))
      packlib_factor(p, packlib_factors[i], s->n, s->d, s->with_copy, false, seed);
  if (strncmp(prefix, "lstm", 4) == 0) packlib_recurrent(p, "lstm", 4, s->n, s->d, s->with_copy, false, seed);
  if (strncmp(prefix, "gru", 3) == 0) packlib_recurrent(p, "gru", 3, s->n, s->d, s->with_copy, false, seed);
  if (strncmp(prefix, "hybrid", 6) != 0) return;
  packlib_als(p, s->n, s->d, s->i8 ? INK_DTYPE_I8 : INK_DTYPE_F32, s->is_explicit, seed);
  packlib_linear(p, "item_knn", s->n, s->is_explicit, s->i8, false, seed + 1);
  packlib_hybrid(p, s->is_explicit ? "als,item-knn" : "als,item-knn,popular", !s->is_explicit, false, seed);
}

#endif
