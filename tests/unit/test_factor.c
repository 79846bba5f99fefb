/* test_factor.c - the fold-in of factor models: against `implicit` and numpy (golden/als_truth.h) and against a solver
 * in double here, within bounds that are derived below; step against fold, types and kernel
 * tables against each other, bit for bit; what bind and fold refuse.
 *
 * The bound. A is summed in f32: n terms of two products (n + 4 roundings with a0*G), |E1| <= (n + 4) u S with
 * S = trace A >= the Frobenius norm of the sum of magnitudes. Cholesky and its solves are exact for A + E2,
 * |E2| <= (3m + 1) u ||L||_F^2 = (3m + 1) u S (Higham 2002, th. 10.4); the ridge adds u S. The right side is off by
 * (n + 3) u B, B = sum |b| ||x||. So |q^ - q| <= ||A^-1|| u ((n + 3m + 6) S |q| + (n + 3) B), and a tenth
 * for terms in u^2. A gram that was itself summed in f32 over N items adds N u trace G. */
#include <math.h>

#include "arena.h"
#include "factor.h"
#include "golden/als_truth.h"
#include "packlib.h"
#include "scan.h"
#include "testlib.h"

#define UNIT 0x1p-24
enum { MOST = 64, MEMORY = 1 << 20 };

static const char *const table_names[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
static _Alignas(64) uint8_t model_memory[MEMORY], state_memory[MEMORY], other_memory[MEMORY], scratch_memory[MEMORY];
static ink_past events[MOST];

typedef struct bench {
  packlib pack;
  ink_bound bound;
  ink_arena scratch;
  ink_fault fault;
} bench;

static ink_status bind_with(bench *b, uint32_t n_items, const ink_kernels *kernels) {
  const ink_tensor_source source = packlib_source(&b->pack);
  ink_arena measure, arena;
  ink_bound measured;
  ink_arena_init_measure(&measure);
  const ink_bind first = { "als", &source, n_items, MOST, NULL, &measure, &b->fault };
  const ink_status status = ink_family_als.bind(&first, &measured);
  if (status != INK_OK) return status;
  ink_arena_init(&arena, model_memory, measure.high);
  CHECK(measure.high <= MEMORY && measured.state_bytes <= MEMORY && measured.scratch_bytes <= MEMORY);
  const ink_bind second = { "als", &source, n_items, MOST, kernels, &arena, &b->fault };
  CHECK_EQ(ink_family_als.bind(&second, &b->bound), INK_OK);
  CHECK_EQ(arena.high, measure.high);
  CHECK_EQ(b->bound.state_bytes, measured.state_bytes);
  CHECK_EQ(b->bound.scratch_bytes, measured.scratch_bytes);
  ink_arena_init(&b->scratch, scratch_memory, measured.scratch_bytes);      /* exactly what was promised */
  return INK_OK;
}

static ink_status bind(bench *b, uint32_t n_items) { return bind_with(b, n_items, ink_kernels_named("ref")); }

static ink_status fold(bench *b, const ink_history *h, void *state) {
  const ink_status status = ink_family_als.fold(b->bound.model, h, state, &b->scratch);
  CHECK_EQ(b->scratch.used, 0);
  return status;
}

static ink_query query_of(const bench *b, const void *state) {
  ink_query q;
  ink_family_als.query(b->bound.model, state, &q);
  return q;
}

static void close_bench(bench *b) {
  packlib_free(&b->pack);
  memset(b, 0, sizeof *b);
}

/* ------------------------------------------------------------ golden truth */

static double solve_bound(uint32_t n, uint32_t m, uint32_t gram_terms, const double sizes[4], double q_norm) {
  return 1.1 * sizes[0] * UNIT * ((double)(n + 3 * m + 6) * sizes[1] * q_norm + (double)gram_terms * sizes[2] * q_norm
                                  + (double)(n + 3) * sizes[3]);
}

static void golden_pack(bench *b, bool is_explicit) {
  float *s = packlib_als_settings(&b->pack, is_explicit);
  memcpy(packlib_add(&b->pack, "als.items", INK_DTYPE_F32, ALS_N, ALS_D), als_vectors, sizeof als_vectors);
  if (is_explicit) {
    memcpy(packlib_add(&b->pack, "als.bias", INK_DTYPE_F32, ALS_N, 0), als_bias, sizeof als_bias);
    s[FACTOR_LAMBDA] = (float)als_lambda;
    s[FACTOR_NU] = (float)als_nu;
    s[FACTOR_BIAS_LAMBDA] = (float)als_bias_lambda;
    s[FACTOR_MEAN] = (float)als_mean;
    return;
  }
  memcpy(packlib_add(&b->pack, "als.gram", INK_DTYPE_F32, ALS_D, ALS_D), als_gram, sizeof als_gram);
  s[FACTOR_UNOBSERVED] = 1;
  s[FACTOR_A_SCALE] = s[FACTOR_B_SCALE] = (float)als_alpha;
  s[FACTOR_A_SHIFT] = -1;
  s[FACTOR_LAMBDA] = (float)als_regularization;
  s[FACTOR_NU] = 0;
}

static ink_history golden_history(int person, bool is_explicit) {
  const uint32_t n = (uint32_t)als_n_events[person];
  for (uint32_t i = 0; i < n; i++)
    events[i] = (ink_past){ .item = als_items[person][i], .weight = is_explicit ? 1 : als_weights[person][i],
                            .value = als_ratings[person][i], .rating = is_explicit, .seq = i + 1 };
  return (ink_history){ events, n, 0 };
}

static double distance(const float *got, const double *want, uint32_t n) {
  double sum = 0;
  for (uint32_t j = 0; j < n; j++) sum += ((double)got[j] - want[j]) * ((double)got[j] - want[j]);
  return sqrt(sum);
}

static double norm(const double *x, uint32_t n) {
  double sum = 0;
  for (uint32_t j = 0; j < n; j++) sum += x[j] * x[j];
  return sqrt(sum);
}

TEST(equals_implicit_and_numpy) {
  bench b = { 0 };
  golden_pack(&b, false);
  CHECK_EQ(bind(&b, ALS_N), INK_OK);
  for (int p = 0; p < ALS_PEOPLE; p++) {
    const ink_history h = golden_history(p, false);
    const double size = norm(als_implicit_numpy[p], ALS_D);
    const double bound = solve_bound(h.n, ALS_D, 0, als_implicit_sizes[p], size);
    double theirs[ALS_D];
    for (int j = 0; j < ALS_D; j++) theirs[j] = (double)als_implicit[p][j];
    CHECK_EQ(fold(&b, &h, state_memory), INK_OK);
    const float *q = query_of(&b, state_memory).vector;
    CHECK(bound < 1e-3 * size);                             /* the bound itself says something */
    CHECK(distance(q, als_implicit_numpy[p], ALS_D) <= bound);
    CHECK(distance(q, theirs, ALS_D) <= bound + solve_bound(h.n, ALS_D, ALS_N, als_implicit_sizes[p], size));
  }
  close_bench(&b);
}

TEST(equals_numpy_with_a_frequency_scaled_ridge) {
  bench b = { 0 };
  golden_pack(&b, false);
  float *s = (float *)(uintptr_t)packlib_find(&b.pack, "als.settings")->data;
  s[FACTOR_UNOBSERVED] = (float)als_unobserved;
  s[FACTOR_A_SCALE] = s[FACTOR_B_SCALE] = 1;
  s[FACTOR_A_SHIFT] = 0;
  s[FACTOR_LAMBDA] = (float)als_scaled_lambda;
  s[FACTOR_NU] = (float)als_nu;
  CHECK_EQ(bind(&b, ALS_N), INK_OK);
  for (int p = 0; p < ALS_PEOPLE; p++) {
    const ink_history h = golden_history(p, false);
    const double bound = solve_bound(h.n, ALS_D, 0, als_scaled_sizes[p], norm(als_scaled_numpy[p], ALS_D));
    CHECK_EQ(fold(&b, &h, state_memory), INK_OK);
    CHECK(bound < 1e-3 * norm(als_scaled_numpy[p], ALS_D));
    CHECK(distance(query_of(&b, state_memory).vector, als_scaled_numpy[p], ALS_D) <= bound);
  }
  close_bench(&b);
}

TEST(equals_numpy_on_biased_ratings) {
  bench b = { 0 };
  golden_pack(&b, true);
  CHECK_EQ(bind(&b, ALS_N), INK_OK);
  for (int p = 0; p < ALS_PEOPLE; p++) {
    const ink_history h = golden_history(p, true);
    const double bound = solve_bound(h.n, ALS_D + 1, 0, als_explicit_sizes[p], norm(als_explicit_numpy[p], ALS_D + 1));
    CHECK_EQ(fold(&b, &h, state_memory), INK_OK);
    const ink_query q = query_of(&b, state_memory);
    CHECK(bound < 1e-3 * norm(als_explicit_numpy[p], ALS_D));
    CHECK(distance(q.vector, als_explicit_numpy[p], ALS_D) <= bound);
    CHECK_NEAR(q.offset, als_mean + als_explicit_numpy[p][ALS_D], bound + 8 * UNIT);
    CHECK(q.bias != NULL);
  }
  close_bench(&b);
}

/* ------------------------------------------------------- random histories */

static void random_past(ink_rng *rng, uint32_t i, uint32_t n_items) {
  static const float weights[] = { 1, 1, 5, 10, -5, 0.5f, 0 };
  const float w = weights[ink_rng_below(rng, 7)];
  const bool rating = ink_rng_below(rng, 2) == 0;
  events[i] = (ink_past){ .item = ink_rng_below(rng, n_items), .weight = rating ? 1 : w, .rating = rating,
                          .value = rating ? (float)(1 + ink_rng_below(rng, 5)) : w, .time = (int64_t)i, .seq = i + 1 };
}

static void check_same_state(const bench *b, const void *got, const void *want) {
  const ink_query g = query_of(b, got), w = query_of(b, want);
  for (uint32_t j = 0; j < w.rows->d; j++) CHECK_EQ_BITS(g.vector[j], w.vector[j]);
  CHECK_EQ_BITS(g.offset, w.offset);
}

static void check_same_reasons(bench *b, const ink_history *h, const void *got, const void *want, uint32_t item) {
  static ink_part g[MOST + 3], w[MOST + 3];
  uint32_t n_g = 0, n_w = 0;
  CHECK_EQ(ink_family_als.reasons(b->bound.model, got, h, item, &b->scratch, g, &n_g), INK_OK);
  CHECK_EQ(ink_family_als.reasons(b->bound.model, want, h, item, &b->scratch, w, &n_w), INK_OK);
  CHECK_EQ(n_g, n_w);
  CHECK(n_g <= h->n + 3);
  for (uint32_t i = 0; i < n_g; i++) CHECK(g[i].kind == w[i].kind && g[i].past == w[i].past && g[i].weight == w[i].weight);
}

/* Returns how many steps were taken. */
static uint32_t walk(bench *b, uint32_t n_items, uint64_t seed) {
  uint32_t steps = 0;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 0);
  ink_status before = INK_E_NOT_FOUND;
  for (uint32_t n = 1; n <= 40; n++) {
    random_past(&rng, n - 1, n_items);
    const ink_history h = { events, n, 0 };
    ink_status stepped = before == INK_OK ? ink_family_als.step(b->bound.model, &h, state_memory, &b->scratch) : INK_REFOLD;
    CHECK_EQ(b->scratch.used, 0);
    if (stepped == INK_REFOLD) stepped = fold(b, &h, state_memory);
    else steps++;
    const ink_status whole = fold(b, &h, other_memory);
    CHECK_EQ(stepped, whole);
    before = whole;
    if (whole != INK_OK) continue;
    check_same_state(b, state_memory, other_memory);
    if (n % 10 == 0) check_same_reasons(b, &h, state_memory, other_memory, n % n_items);
  }
  return steps;
}

TEST(a_step_has_the_bits_of_a_fold) {
  for (int mode = 0; mode < 2; mode++) {
    uint32_t steps = 0;
    bench b = { 0 };
    packlib_als(&b.pack, 50, 11, INK_DTYPE_F32, mode == 1, 3);
    CHECK_EQ(bind(&b, 50), INK_OK);
    for (uint64_t seed = 0; seed < 30; seed++) steps += walk(&b, 50, seed);
    CHECK(steps > 400);
    close_bench(&b);
  }
}

TEST(every_table_and_type_has_the_same_bits) {
  static const uint32_t dtypes[] = { INK_DTYPE_F32, INK_DTYPE_F16, INK_DTYPE_BF16, INK_DTYPE_I8 };
  for (int mode = 0; mode < 2; mode++)
    for (int t = 0; t < 4; t++) {
      bench typed = { 0 }, plain = { 0 };
      ink_rng rng;
      const float *rows = packlib_als(&typed.pack, 40, 19, dtypes[t], mode == 1, 9);
      packlib_als(&plain.pack, 40, 19, INK_DTYPE_F32, mode == 1, 9);
      memcpy(packlib_add(&plain.pack, "als.items", INK_DTYPE_F32, 40, 19), rows, 40 * 19 * sizeof *rows);
      if (mode == 0) packlib_gram(&plain.pack, rows, 40, 19);
      ink_rng_seed(&rng, 5, (uint64_t)t);
      for (uint32_t i = 0; i < 40; i++) random_past(&rng, i, 40);
      const ink_history h = { events, 40, 0 };
      CHECK_EQ(bind(&plain, 40), INK_OK);
      CHECK_EQ(fold(&plain, &h, other_memory), INK_OK);
      for (size_t k = 0; k < sizeof table_names / sizeof *table_names; k++) {
        const ink_kernels *kernels = ink_kernels_named(table_names[k]);
        if (kernels == NULL) continue;
        CHECK_EQ(bind_with(&typed, 40, kernels), INK_OK);
        CHECK_EQ(fold(&typed, &h, state_memory), INK_OK);
        check_same_state(&typed, state_memory, other_memory);
      }
      close_bench(&typed);
      close_bench(&plain);
    }
}

/* -------------------------------------------------------------- reasons */

/* A and its inverse in double, by the text of factor.c's head: Gauss-Jordan with pivots. Returns ||A^-1||_F. */
static double inverse_norm(uint32_t m, double *a) {
  static double inv[MOST * MOST];
  double sum = 0;
  for (uint32_t i = 0; i < m * m; i++) inv[i] = i % (m + 1) == 0;
  for (uint32_t k = 0; k < m; k++) {
    uint32_t best = k;
    for (uint32_t r = k + 1; r < m; r++) if (fabs(a[r * m + k]) > fabs(a[best * m + k])) best = r;
    for (uint32_t c = 0; c < m; c++) {
      const double t = a[k * m + c], s = inv[k * m + c];
      a[k * m + c] = a[best * m + c]; a[best * m + c] = t;
      inv[k * m + c] = inv[best * m + c]; inv[best * m + c] = s;
    }
    const double pivot = a[k * m + k];
    for (uint32_t c = 0; c < m; c++) { a[k * m + c] /= pivot; inv[k * m + c] /= pivot; }
    for (uint32_t r = 0; r < m; r++) {
      const double f = a[r * m + k];
      if (r == k) continue;
      for (uint32_t c = 0; c < m; c++) { a[r * m + c] -= f * a[k * m + c]; inv[r * m + c] -= f * inv[k * m + c]; }
    }
  }
  for (uint32_t i = 0; i < m * m; i++) sum += inv[i] * inv[i];
  return sqrt(sum);
}

/* Sizes that bounds are made of, for a history without repeated items. */
static void sizes_of(const float *rows, const ink_factor *f, const ink_history *h, double sizes[4]) {
  static double a[MOST * MOST];
  const uint32_t d = f->rows.d, m = f->m;
  const float *s = f->settings;
  const bool is_explicit = f->rated;
  memset(a, 0, sizeof a);
  for (uint32_t r = 0; r < d && !is_explicit; r++)
    for (uint32_t c = 0; c < d; c++) a[r * m + c] = (double)s[1] * (double)f->gram[r * d + c];
  sizes[2] = sizes[3] = 0;
  for (uint32_t i = 0; i < h->n; i++) {
    double x[MOST], size = 0;
    for (uint32_t j = 0; j < m; j++) x[j] = j < d ? (double)rows[h->events[i].item * d + j] : 1.0, size += x[j] * x[j];
    const double weight = is_explicit ? 1.0 : (double)h->events[i].weight;
    const double pull = is_explicit ? fabs((double)h->events[i].value - (double)s[9] - (double)f->bias[h->events[i].item]) : weight;
    for (uint32_t r = 0; r < m; r++) for (uint32_t c = 0; c < m; c++) a[r * m + c] += weight * x[r] * x[c];
    sizes[3] += pull * sqrt(size);
  }
  const double count = h->n + (is_explicit ? 0.0 : (double)s[1] * f->rows.n);
  for (uint32_t j = 0; j < d; j++) a[j * m + j] += (double)s[6] * pow(count, (double)s[7]);
  if (m > d) a[d * m + d] += (double)s[8];
  sizes[1] = 0;
  for (uint32_t j = 0; j < m; j++) sizes[1] += a[j * m + j];
  sizes[0] = inverse_norm(m, a);
}

/* z.rhs and q.y are exact for two matrices that differ by |E| <= 2 (3m + 1) u S: |rest| <= 2(3m + 1) u S |z||q|
 * with |z| <= ||A^-1|| |y|; the sums for rhs, the dots and the score add (n + m) u (B |z| + |q||y|), and the
 * score of biased models two roundings of magnitudes below 16. */
static double rest_bound(const ink_factor *f, const float *q, const float *y, uint32_t n, const double sizes[4]) {
  double q_norm = 0, y_norm = 0;
  for (uint32_t j = 0; j < f->rows.d; j++) {
    q_norm += (double)q[j] * (double)q[j];
    y_norm += (double)y[j] * (double)y[j];
  }
  q_norm = sqrt(q_norm + (f->m > f->rows.d ? (double)q[f->rows.d] * (double)q[f->rows.d] : 0));
  y_norm = sqrt(y_norm);
  const double z_norm = sizes[0] * y_norm;
  return UNIT * (2.2 * (3 * f->m + 1) * sizes[1] * z_norm * q_norm + 1.1 * (n + f->m) * (sizes[3] * z_norm + q_norm * y_norm)
                 + (f->m > f->rows.d ? 64 : 0));
}

TEST(reasons_leave_only_rounding) {
  static ink_part parts[MOST + 3];
  for (int mode = 0; mode < 2; mode++) {
    bench b = { 0 };
    const float *rows = packlib_als(&b.pack, 60, 12, INK_DTYPE_F32, mode == 1, 21);
    CHECK_EQ(bind(&b, 60), INK_OK);
    const ink_factor *f = b.bound.model;
    for (uint32_t round = 0; round < 60; round++) {
      const ink_history h = { events, 5 + round % 40, 0 };
      double sizes[4];
      for (uint32_t i = 0; i < h.n; i++)
        events[i] = (ink_past){ .item = (i * 7 + round) % 60, .weight = (float)(1 + (i + round) % 10), .rating = mode == 1,
                                .value = (float)(1 + (i * 3 + round) % 5), .seq = i + 1 };
      sizes_of(rows, f, &h, sizes);
      CHECK_EQ(fold(&b, &h, state_memory), INK_OK);
      const ink_query q = query_of(&b, state_memory);
      for (uint32_t item = 0; item < 60; item += 7) {
        uint32_t n = 0;
        float score;
        double sum = 0;
        CHECK_EQ(ink_family_als.reasons(f, state_memory, &h, item, &b.scratch, parts, &n), INK_OK);
        CHECK_EQ(b.scratch.used, 0);
        CHECK_EQ(n, h.n + (mode == 1 ? 2 : 0));
        CHECK_EQ(ink_scan_some(ink_kernels_named("ref"), &q, &item, 0, 1, &(ink_arena){ other_memory, MEMORY, 0, 0 }, &score), INK_OK);
        for (uint32_t i = 0; i < n; i++) sum += parts[i].weight;
        CHECK_NEAR(sum, score, rest_bound(f, q.vector, rows + item * 12, h.n, sizes));
      }
    }
    close_bench(&b);
  }
}

/* Without the event the score is lower by what it gave only when A were unchanged; what must hold exactly: */
TEST(reasons_name_the_right_events) {
  static ink_part parts[MOST + 3];
  bench b = { 0 };
  uint32_t n = 0;
  packlib_als(&b.pack, 20, 4, INK_DTYPE_F32, false, 2);
  CHECK_EQ(bind(&b, 20), INK_OK);
  const ink_past past[] = { { .item = 3, .weight = 5, .rating = true, .seq = 1 }, { .item = 7, .weight = -5, .seq = 2 },
                            { .item = 3, .weight = 1, .seq = 3 }, { .item = 9, .weight = 1, .seq = 4 } };
  const ink_history h = { past, 4, 0 };
  CHECK_EQ(fold(&b, &h, state_memory), INK_OK);
  CHECK_EQ(ink_family_als.reasons(b.bound.model, state_memory, &h, 5, &b.scratch, parts, &n), INK_OK);
  CHECK_EQ(n, 2);                         /* the dislike pulls with weight 0 */
  CHECK_EQ(parts[0].past, 2);             /* item 3: its newest event */
  CHECK_EQ(parts[1].past, 3);
  close_bench(&b);
}

/* ---------------------------------------------------------------- meaning */

TEST(repeated_events_are_one_observation) {
  bench b = { 0 };
  packlib_als(&b.pack, 30, 6, INK_DTYPE_F32, false, 4);
  CHECK_EQ(bind(&b, 30), INK_OK);
  const ink_past apart[] = { { .item = 3, .weight = 2 }, { .item = 8, .weight = 1 }, { .item = 3, .weight = 3 } };
  const ink_past merged[] = { { .item = 3, .weight = 5 }, { .item = 8, .weight = 1 } };
  CHECK_EQ(fold(&b, &(ink_history){ apart, 3, 0 }, state_memory), INK_OK);
  CHECK_EQ(fold(&b, &(ink_history){ merged, 2, 0 }, other_memory), INK_OK);
  check_same_state(&b, state_memory, other_memory);
  close_bench(&b);
}

TEST(the_last_rating_counts_and_is_cut_to_the_scale) {
  bench b = { 0 };
  packlib_als(&b.pack, 30, 6, INK_DTYPE_F32, true, 4);
  CHECK_EQ(bind(&b, 30), INK_OK);
  const ink_past many[] = { { .item = 3, .weight = 1, .value = 1, .rating = true }, { .item = 8, .weight = 1, .value = 2, .rating = true },
                            { .item = 3, .weight = 1, .value = 9, .rating = true }, { .item = 3, .weight = -5, .value = -5 } };
  const ink_past few[] = { { .item = 3, .weight = 1, .value = 5, .rating = true }, { .item = 8, .weight = 1, .value = 2, .rating = true } };
  CHECK_EQ(fold(&b, &(ink_history){ many, 4, 0 }, state_memory), INK_OK);
  CHECK_EQ(fold(&b, &(ink_history){ few, 2, 0 }, other_memory), INK_OK);
  check_same_state(&b, state_memory, other_memory);
  /* a like is the highest rating; a click a fifth of one */
  const ink_past like[] = { { .item = 3, .weight = 5, .value = 1 } }, rated[] = { { .item = 3, .weight = 1, .value = 5, .rating = true } };
  const ink_past click[] = { { .item = 3, .weight = 1, .value = 1 } };
  CHECK_EQ(fold(&b, &(ink_history){ like, 1, 0 }, state_memory), INK_OK);
  CHECK_EQ(fold(&b, &(ink_history){ rated, 1, 0 }, other_memory), INK_OK);
  check_same_state(&b, state_memory, other_memory);
  const float whole = query_of(&b, other_memory).offset;
  CHECK_EQ(fold(&b, &(ink_history){ click, 1, 0 }, state_memory), INK_OK);
  CHECK(query_of(&b, state_memory).offset < whole && query_of(&b, state_memory).offset > 3.5f);
  close_bench(&b);
}

TEST(nothing_to_go_by_is_singular) {
  bench b = { 0 };
  packlib_als(&b.pack, 30, 6, INK_DTYPE_F32, false, 4);
  float *settings = (float *)(uintptr_t)packlib_find(&b.pack, "als.settings")->data;
  CHECK_EQ(bind(&b, 30), INK_OK);
  const ink_past dislikes[] = { { .item = 3, .weight = -5 }, { .item = 4, .weight = -5 } };
  const ink_past cancel[] = { { .item = 3, .weight = -5 }, { .item = 3, .weight = 5 } };
  const ink_past rules[] = { { .item = 3, .weight = 0 } };
  const ink_past like[] = { { .item = 3, .weight = 5 } };
  const ink_history h[] = { { dislikes, 2, 0 }, { cancel, 2, 0 }, { rules, 1, 0 }, { like, 1, 0 }, { NULL, 0, 0 } };
  CHECK(!ink_family_als.can_score(b.bound.model, &h[0]) && ink_family_als.can_score(b.bound.model, &h[1]));
  CHECK(!ink_family_als.can_score(b.bound.model, &h[2]) && !ink_family_als.can_score(b.bound.model, &h[4]));
  for (int i = 0; i < 3; i++) CHECK_EQ(fold(&b, &h[i], state_memory), INK_E_SINGULAR);
  CHECK_EQ(fold(&b, &h[4], state_memory), INK_E_SINGULAR);
  CHECK_EQ(fold(&b, &h[3], state_memory), INK_OK);
  settings[FACTOR_LAMBDA] = settings[FACTOR_UNOBSERVED] = 0;     /* rank 1 in 6 dimensions */
  CHECK_EQ(bind(&b, 30), INK_OK);
  CHECK_EQ(fold(&b, &h[3], state_memory), INK_E_SINGULAR);
  close_bench(&b);
}

/* The largest numbers that the caps allow must not become infinities or NaN in a vector that is used. */
TEST(extremes_stay_finite_or_are_singular) {
  static const float vector_sizes[] = { 1e-30f, 1e-18f, 1, 1e6f, 1e11f }, weight_sizes[] = { 1e-30f, 1, 1e6f };
  static const float lambdas[] = { 0, 1e-30f, 0.05f };
  uint32_t n_ok = 0, n_singular = 0;
  for (int mode = 0; mode < 2; mode++)
    for (int v = 0; v < 5; v++)
      for (int w = 0; w < 9; w++) {
        bench b = { 0 };
        const float *rows = packlib_als(&b.pack, 16, 5, INK_DTYPE_F32, mode == 1, 8);
        float *items = (float *)(uintptr_t)packlib_find(&b.pack, "als.items")->data;
        for (int i = 0; i < 16 * 5; i++) items[i] = vector_sizes[v] * (rows[i] > 2 ? 2 : rows[i] < -2 ? -2 : rows[i]) / 2;
        if (mode == 0) packlib_gram(&b.pack, items, 16, 5);
        ((float *)(uintptr_t)packlib_find(&b.pack, "als.settings")->data)[FACTOR_LAMBDA] = lambdas[w / 3];
        CHECK_EQ(bind(&b, 16), INK_OK);
        for (uint32_t i = 0; i < 10; i++) events[i] = (ink_past){ .item = i, .weight = weight_sizes[w % 3], .value = 4, .rating = mode == 1 };
        const ink_status status = fold(&b, &(ink_history){ events, 10, 0 }, state_memory);
        CHECK(status == INK_OK || status == INK_E_SINGULAR);
        n_ok += status == INK_OK;
        n_singular += status == INK_E_SINGULAR;
        if (status == INK_OK)
          for (int j = 0; j < 5; j++) CHECK(fabsf(query_of(&b, state_memory).vector[j]) <= 1e11f);
        close_bench(&b);
      }
  CHECK(n_ok > 30 && n_singular > 5);
}

/* --------------------------------------------------------------- refusals */

static void check_refusal(bench *b, uint32_t n_items, ink_status want, const char *name) {
  CHECK_EQ(bind(b, n_items), want);
  CHECK_EQ(b->fault.code, want);
  CHECK(strlen(name) == b->fault.name_bytes && memcmp(b->fault.name, name, strlen(name)) == 0);
}

TEST(missing_tensors_and_wrong_shapes_are_refused) {
  static const char *const names[] = { "als.settings", "als.items.scale", "als.items.sum", "als.items.err", "als.gram" };
  for (int i = 0; i < 5; i++) {
    bench b = { 0 };
    packlib_als(&b.pack, 10, 4, INK_DTYPE_I8, false, 1);
    packlib_drop(&b.pack, names[i]);
    check_refusal(&b, 10, INK_E_PACK_MISSING, names[i]);
    close_bench(&b);
    packlib_als(&b.pack, 10, 4, INK_DTYPE_I8, false, 1);
    packlib_add(&b.pack, names[i], packlib_find(&b.pack, names[i])->dtype, 9, i == 4 ? 4 : 0);
    check_refusal(&b, 10, INK_E_PACK_SHAPE, names[i]);
    packlib_add(&b.pack, names[i], INK_DTYPE_F64, i == 0 ? 12 : i == 4 ? 4 : 10, i == 4 ? 4 : 0);
    check_refusal(&b, 10, INK_E_PACK_DTYPE, names[i]);
    close_bench(&b);
  }
  bench b = { 0 };
  packlib_als(&b.pack, 10, 4, INK_DTYPE_F32, true, 1);
  check_refusal(&b, 11, INK_E_PACK_SHAPE, "als.items");
  packlib_drop(&b.pack, "als.bias");
  check_refusal(&b, 10, INK_E_PACK_MISSING, "als.bias");
  packlib_add(&b.pack, "als.items", INK_DTYPE_F64, 10, 4);
  check_refusal(&b, 10, INK_E_PACK_DTYPE, "als.items");
  packlib_add(&b.pack, "als.items", INK_DTYPE_F32, 10, 0);
  check_refusal(&b, 10, INK_E_PACK_SHAPE, "als.items");
  close_bench(&b);
}

TEST(widths_up_to_the_cap_are_bound) {
  bench b = { 0 };
  packlib_als_settings(&b.pack, true);
  packlib_add(&b.pack, "als.bias", INK_DTYPE_F32, 2, 0);
  const ink_tensor_source source = packlib_source(&b.pack);
  for (uint32_t d = 2048; d <= 2049; d++) {
    ink_arena measure;
    ink_arena_init_measure(&measure);
    const ink_bind bind = { "als", &source, 2, MOST, NULL, &measure, &b.fault };
    packlib_add(&b.pack, "als.items", INK_DTYPE_F32, 2, d);
    CHECK_EQ(ink_family_als.bind(&bind, &b.bound), d == 2048 ? INK_OK : INK_E_LIMIT);
  }
  close_bench(&b);
}

TEST(settings_out_of_range_are_refused) {
  static const float low[] = { 0, 0, 0, -1e6f, 0, -1e6f, 0, 0, 0, -1e6f, -1e6f, 1 };
  static const float high[] = { 1, 1e6f, 1e6f, 1e6f, 1e6f, 1e6f, 1e9f, 4, 1e9f, 1e6f, 5, 1e6f };
  for (int i = 0; i < 12; i++)
    for (int side = 0; side < 2; side++) {
      bench b = { 0 };
      packlib_als(&b.pack, 10, 4, INK_DTYPE_F32, true, 1);
      packlib_gram(&b.pack, packlib_block(&b.pack, 160), 10, 4);
      float *s = (float *)(uintptr_t)packlib_find(&b.pack, "als.settings")->data;
      const float legal = side ? high[i] : low[i];
      s[i] = legal;
      CHECK_EQ(bind(&b, 10), INK_OK);
      s[i] = nextafterf(legal, side ? INFINITY : -INFINITY);
      if (i == 10 && side == 1) s[11] = 5;              /* lowest over highest: the highest is refused */
      check_refusal(&b, 10, INK_E_PACK_VALUE, "als.settings");
      CHECK_EQ(b.fault.at, i == 10 && side == 1 ? 11 : i);
      CHECK(strcmp(b.fault.unit, "setting") == 0);
      close_bench(&b);
    }
  bench b = { 0 };
  packlib_als(&b.pack, 10, 4, INK_DTYPE_F32, true, 1);
  ((float *)(uintptr_t)packlib_find(&b.pack, "als.settings")->data)[0] = 0.5f;
  check_refusal(&b, 10, INK_E_PACK_VALUE, "als.settings");
  close_bench(&b);
}

TEST(sides_of_int8_rows_are_checked) {
  bench b = { 0 };
  packlib_als(&b.pack, 10, 4, INK_DTYPE_F32, false, 1);
  packlib_i8(&b.pack, "als.items8", packlib_find(&b.pack, "als.items")->data, 10, 4, NULL);
  CHECK_EQ(bind(&b, 10), INK_OK);
  int32_t *sum = (int32_t *)(uintptr_t)packlib_find(&b.pack, "als.items8.sum")->data;
  const int32_t was = sum[9];
  sum[9] = 128 * 4;
  CHECK_EQ(bind(&b, 10), INK_OK);
  sum[9]++;
  check_refusal(&b, 10, INK_E_PACK_VALUE, "als.items8.sum");
  CHECK_EQ(b.fault.at, 9);
  sum[9] = -128 * 4 - 1;
  check_refusal(&b, 10, INK_E_PACK_VALUE, "als.items8.sum");
  sum[9] = was;
  ((float *)(uintptr_t)packlib_find(&b.pack, "als.items8.scale")->data)[3] = -1e-30f;
  check_refusal(&b, 10, INK_E_PACK_VALUE, "als.items8.scale");
  ((float *)(uintptr_t)packlib_find(&b.pack, "als.items8.scale")->data)[3] = 0;
  ((float *)(uintptr_t)packlib_find(&b.pack, "als.items8.err")->data)[2] = -1;
  check_refusal(&b, 10, INK_E_PACK_VALUE, "als.items8.err");
  CHECK_EQ(b.fault.at, 2);
  packlib_add(&b.pack, "als.items8", INK_DTYPE_I8, 10, 5);
  check_refusal(&b, 10, INK_E_PACK_SHAPE, "als.items8");
  close_bench(&b);
}

/* Norms that bind computes are never below the true ones, and close to them. */
TEST(norms_of_the_int8_copy_bound_the_rows) {
  bench b = { 0 };
  packlib_als(&b.pack, 50, 33, INK_DTYPE_F32, false, 6);
  packlib_i8(&b.pack, "als.items8", packlib_find(&b.pack, "als.items")->data, 50, 33, NULL);
  CHECK_EQ(bind(&b, 50), INK_OK);
  const ink_rows *copy = &((const ink_factor *)b.bound.model)->rows_i8;
  for (uint32_t i = 0; i < 50; i++) {
    double squares = 0;
    for (uint32_t j = 0; j < 33; j++) squares += pow((double)copy->scale[i] * ((const int8_t *)copy->data)[i * 33 + j], 2);
    CHECK((double)copy->norm[i] >= sqrt(squares));
    CHECK((double)copy->norm[i] <= sqrt(squares) * 1.0001 + 1e-30);
    CHECK(copy->norm[i] <= copy->norm_max && copy->err[i] <= copy->err_max);
  }
  close_bench(&b);
}

TEST_MAIN(T(equals_implicit_and_numpy), T(equals_numpy_with_a_frequency_scaled_ridge), T(equals_numpy_on_biased_ratings), T(a_step_has_the_bits_of_a_fold),
          T(every_table_and_type_has_the_same_bits), T(reasons_leave_only_rounding), T(reasons_name_the_right_events),
          T(repeated_events_are_one_observation), T(the_last_rating_counts_and_is_cut_to_the_scale),
          T(nothing_to_go_by_is_singular), T(extremes_stay_finite_or_are_singular),
          T(missing_tensors_and_wrong_shapes_are_refused), T(widths_up_to_the_cap_are_bound),
          T(settings_out_of_range_are_refused), T(sides_of_int8_rows_are_checked),
          T(norms_of_the_int8_copy_bound_the_rows))
