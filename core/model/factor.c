/* factor.c - a person's vector from item vectors and the history, by settings[FACTOR_MODE]:
 *
 * IMPLICIT (Hu, Koren & Volinsky 2008; frequency-scaled ridge: Rendle et al. 2022). With merged
 * observations j of weight w_j, a_j = the confidence above the unobserved weight a0, b_j = the pull:
 *     A q = rhs,  A = a0*G + sum a_j y_j y_j^T + lambda*(n + a0*N)^nu I,  rhs = sum b_j y_j,  score = q.y
 *     w > 0: a = max(0, a_scale*w + a_shift), b = b_scale*w + b_shift
 *     w < 0: a = max(0, a_scale*|w| + a_shift), b = 0   (preference 0, so A stays definite)
 * G = sum_i y_i y_i^T comes with the pack. w = 0 is no observation.
 *
 * EXPLICIT (Koren, Bell & Volinsky 2009, eq. 5). Unknown are p and the person's bias u: with x_j = [y_j, 1]
 *     A [p, u] = rhs,  A = sum c_j x_j x_j^T + diag(lambda*n^nu ..., bias_lambda),  rhs = sum c_j r_j x_j,
 *     r_j = rating - mean - bias_j - v.y_j,  score = mean + u + bias + (p + v).y
 * The last rating of an item counts, with c = 1, cut to the scale; an item without one is observed at the
 * highest rating (weight > 0) or the lowest (weight < 0) with c = min(1, |w|/5). v is 0 in a pack without fold rows F; with
 * them it is what the choice of items says (SVD++, Koren 2008): v = (sum c_j)^-1/2 sum c_j F_j.
 *
 * NONNEGATIVE: EXPLICIT under p >= 0 (factor_nonnegative.c).
 *
 * GRADIENT: steps on the loss of pairs (factor_gradient.c).
 *
 * SUMS: q = (sum |w_j|)^-nu sum w_j F_j, score = q.y + bias, F the fold rows, or the items where there are none
 * (projection on singular vectors: Cremonesi, Koren & Turrin 2010; nu 1: a weighted mean).
 *
 * Reasons (Hu et al., section 5). p.y = z.rhs with z = A^-1 y, so observation j gives b_j * z.x_j, one solve an item;
 * and what its fold row gives to the vector, times y.
 *
 * A state keeps A before the ridge, so one more event with a new item adds a single term to it, which is the
 * very sum that a fold makes; and the factor L, which reasons solve with. All sums are kernel.h's column
 * form: how many rows one call takes does not show in the bits.
 * Reading order: coefficients, state, the solve, the doors. */
#include "factor.h"

#include "caps.h"
#include "fmath.h"
#include "item_rows.h"
#include "mem.h"

#include "base.h"

#define GATHER_ROWS 32u           /* item vectors widened at a time: at d = 2048 a quarter of a megabyte */
#define FULL_WEIGHT 5.0f          /* explicit mode: |weight| of an event that counts like a rating ("like") */

/* ------------------------------------------------------------ coefficients */

/* What one observation adds: a * x x^T to A, b * x to rhs. */
typedef struct term { float a, b; } term;

static float magnitude(float x) { return x < 0.0f ? -x : x; }
static float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static term implicit_term(const float *s, float weight) {
  const float size = magnitude(weight);
  const float a = s[FACTOR_A_SCALE] * size + s[FACTOR_A_SHIFT];
  return (term){ .a = a > 0.0f ? a : 0.0f, .b = weight > 0.0f ? s[FACTOR_B_SCALE] * size + s[FACTOR_B_SHIFT] : 0.0f };
}

static term explicit_term(const ink_factor *f, const ink_observation *seen, const ink_history *history) {
  const float *s = f->settings;
  const bool rated = seen->rating != INK_NONE;
  const float end = seen->weight > 0.0f ? s[FACTOR_HIGHEST] : s[FACTOR_LOWEST];
  const float at = rated ? clip(history->events[seen->rating].value, s[FACTOR_LOWEST], s[FACTOR_HIGHEST]) : end;
  const float confidence = rated ? 1.0f : clip(magnitude(seen->weight) / FULL_WEIGHT, 0.0f, 1.0f);
  return (term){ .a = confidence, .b = confidence * (at - s[FACTOR_MEAN] - f->bias[seen->item]) };
}

/* Sums and gradient steps keep no matrix. */
static bool has_no_system(const ink_factor *f) { return f->mode == FACTOR_SUMS || f->mode == FACTOR_GRADIENT; }

static bool counts(const ink_factor *f, const ink_observation *seen) {
  return seen->weight != 0.0f || (f->rated && seen->rating != INK_NONE);
}

static term term_of(const ink_factor *f, const ink_observation *seen, const ink_history *history) {
  if (has_no_system(f)) return (term){ .a = 0.0f, .b = seen->weight };
  return f->rated ? explicit_term(f, seen, history) : implicit_term(f->settings, seen->weight);
}

/* ------------------------------------------------------------------- state */

/* Takes the blocks of a state: to measure it, and again at each fold. */
static ink_status lay_out(const ink_factor *f, ink_arena *arena, ink_factor_state **out) {
  const size_t system = has_no_system(f) ? 0 : (size_t)f->m * f->stride;
  ink_factor_state s, *kept;
  INK_TAKE(arena, 1, &kept);
  INK_TAKE(arena, system, &s.sum);
  INK_TAKE(arena, system, &s.l);
  INK_TAKE(arena, f->stride, &s.rhs);
  INK_TAKE(arena, f->stride, &s.x);
  INK_TAKE(arena, f->max_events, &s.item);
  INK_TAKE(arena, f->max_events, &s.past);
  INK_TAKE(arena, f->max_events, &s.a);
  INK_TAKE(arena, f->max_events, &s.b);
  s.n = 0;
  s.share = 0.0f;
  if (!ink_arena_measuring(arena)) *kept = s;
  *out = kept;
  return INK_OK;
}

/* Scratch of a fold: merged observations and their table, or gathered rows and two more; a reason needs three rows. */
static ink_status measure_scratch(const ink_factor *f, ink_arena *arena) {
  ink_observation *merged;
  float *rows;
  void *table;
  INK_TAKE(arena, f->max_events, &merged);
  const size_t mark = ink_arena_mark(arena);
  INK_TRY(ink_arena_take(arena, ink_merge_scratch_bytes(f->max_events), 1, &table));
  ink_arena_rewind(arena, mark);
  INK_TAKE(arena, ((size_t)GATHER_ROWS + 2) * f->stride, &rows);
  return INK_OK;
}

bool ink_factor_sizes(const ink_factor *f, ink_bound *out) {
  ink_factor_state *state;
  ink_arena arena;
  ink_arena_init_measure(&arena);
  if (lay_out(f, &arena, &state) != INK_OK) return false;
  out->state_bytes = arena.high;
  ink_arena_init_measure(&arena);
  if (measure_scratch(f, &arena) != INK_OK) return false;
  out->scratch_bytes = arena.high;
  return true;
}

/* --------------------------------------------------------------- the solve */

void ink_factor_row(const ink_factor *f, const ink_rows *rows, uint32_t item, float *x) {
  const uint32_t d = f->rows.d;
  ink_rows_widen(f->kernels, rows, item, x);
  for (uint32_t j = d; j < f->stride; j++) x[j] = 0.0f;
  if (f->m > d) x[d] = 1.0f;
}

/* A before any observation: a0*G, or nothing. */
static void start_sums(const ink_factor *f, ink_factor_state *s) {
  const uint32_t d = f->rows.d;
  ink_mem_fill(s->sum, 0, (size_t)f->m * f->stride * sizeof *s->sum);
  ink_mem_fill(s->rhs, 0, f->stride * sizeof *s->rhs);
  if (f->gram == NULL) return;
  for (uint32_t r = 0; r < d; r++)
    for (uint32_t c = 0; c <= r; c++)
      s->sum[(size_t)r * f->stride + c] = f->settings[FACTOR_UNOBSERVED] * f->gram[(size_t)r * d + c];
}

/* Adds observations first..n-1 of the state to its sums. */
static ink_status add_terms(const ink_factor *f, ink_factor_state *s, uint32_t first, ink_arena *scratch) {
  const size_t mark = ink_arena_mark(scratch);
  float *x;
  INK_TAKE(scratch, (size_t)GATHER_ROWS * f->stride, &x);
  for (uint32_t j = first; j < s->n; j += GATHER_ROWS) {
    const uint32_t n = ink_min_u32(GATHER_ROWS, s->n - j);
    for (uint32_t i = 0; i < n; i++) ink_factor_row(f, &f->rows, s->item[j + i], x + (size_t)i * f->stride);
    f->kernels->syrk_f32(x, f->stride, s->a + j, n, f->m, s->sum, f->stride);
    f->kernels->gather_axpy_f32(x, f->stride, s->b + j, n, f->m, s->rhs);
  }
  ink_arena_rewind(scratch, mark);
  return INK_OK;
}

/* lambda * count^nu, the count being the observations and, in implicit mode, a0 for each item of the catalogue. */
static float ridge(const ink_factor *f, uint32_t n) {
  const float *s = f->settings;
  const double unobserved = f->rated ? 0.0 : (double)s[FACTOR_UNOBSERVED] * f->rows.n;
  return (float)((double)s[FACTOR_LAMBDA] * ink_pow_f64((double)n + unobserved, (double)s[FACTOR_NU]));
}

/* The vector must stay within the cap that keeps every later dot product finite (a NaN fails, too). */
static bool is_usable(const float *x, uint32_t m) {
  for (uint32_t j = 0; j < m; j++)
    if (!(magnitude(x[j]) <= INK_CAP_MAGNITUDE)) return false;
  return true;
}

/* Sums to vector. INK_E_SINGULAR when nothing pulls the vector away from zero, or no usable solution exists. */
static ink_status solve(const ink_factor *f, ink_factor_state *s) {
  const uint32_t d = f->rows.d;
  const float on_q = ridge(f, s->n);
  bool pulled = f->rated;
  for (uint32_t j = 0; j < s->n; j++) pulled |= s->b[j] != 0.0f;
  if (!pulled) return INK_E_SINGULAR;
  ink_mem_copy(s->l, s->sum, (size_t)f->m * f->stride * sizeof *s->l);
  for (uint32_t j = 0; j < d; j++) s->l[(size_t)j * f->stride + j] += on_q;
  if (f->m > d) s->l[(size_t)d * f->stride + d] += f->settings[FACTOR_BIAS_LAMBDA];
  if (f->mode == FACTOR_NONNEGATIVE) return ink_factor_nonnegative(f, s);
  if (!f->kernels->chol_f32(s->l, f->m, f->stride)) return INK_E_SINGULAR;
  f->kernels->chol_solve_f32(s->l, f->m, f->stride, s->rhs, s->x);
  return INK_OK;
}

/* -------------------------------------------------------------- fold rows */

/* What a fold row counts by: its weight, or how sure it is that the item was rated. */
static const float *fold_coefficients(const ink_factor *f, const ink_factor_state *s) { return f->mode == FACTOR_SUMS ? s->b : s->a; }

/* Adds c_j F_j of observations first..n-1 to sum [stride], and finds the share of all: (sum |c_j|)^-nu. */
static ink_status add_folds(const ink_factor *f, ink_factor_state *s, uint32_t first, double nu, float *sum, ink_arena *scratch) {
  const size_t mark = ink_arena_mark(scratch);
  const float *c = fold_coefficients(f, s);
  double total = 0.0;
  float *x;
  INK_TAKE(scratch, f->stride, &x);
  for (uint32_t j = 0; j < s->n; j++) total += (double)magnitude(c[j]);
  for (uint32_t j = first; j < s->n; j++) {
    ink_rows_widen(f->kernels, &f->fold, s->item[j], x);
    f->kernels->axpy_f32(c[j], x, sum, f->rows.d);
  }
  s->share = total > 0.0 ? (float)ink_pow_f64(total, -nu) : 0.0f;
  ink_arena_rewind(scratch, mark);
  return INK_OK;
}

static ink_status settle_sums(const ink_factor *f, ink_factor_state *s, uint32_t first, ink_arena *scratch) {
  if (first == 0) ink_mem_fill(s->rhs, 0, f->stride * sizeof *s->rhs);
  INK_TRY(add_folds(f, s, first, (double)f->settings[FACTOR_NU], s->rhs, scratch));
  for (uint32_t k = 0; k < f->rows.d; k++) s->x[k] = s->share * s->rhs[k];
  return INK_OK;
}

static ink_status settle_ridge(const ink_factor *f, ink_factor_state *s, uint32_t first, ink_arena *scratch) {
  if (first == 0) start_sums(f, s);
  INK_TRY(add_terms(f, s, first, scratch));
  return solve(f, s);
}

/* Takes what the choice of items says off the ratings, solves for the rest, and adds it to the vector. v [stride]. */
static ink_status settle_beside(const ink_factor *f, ink_factor_state *s, ink_arena *scratch, float *v) {
  const size_t mark = ink_arena_mark(scratch);
  const uint32_t d = f->rows.d;
  float *x;
  ink_mem_fill(v, 0, f->stride * sizeof *v);
  INK_TRY(add_folds(f, s, 0, 0.5, v, scratch));
  for (uint32_t k = 0; k < d; k++) v[k] *= s->share;
  INK_TAKE(scratch, f->stride, &x);
  for (uint32_t j = 0; j < s->n; j++) {
    ink_rows_widen(f->kernels, &f->rows, s->item[j], x);
    s->b[j] -= s->a[j] * f->kernels->dot_f32(x, v, d);
  }
  ink_arena_rewind(scratch, mark);
  INK_TRY(settle_ridge(f, s, 0, scratch));
  for (uint32_t k = 0; k < d; k++) s->x[k] += v[k];
  return INK_OK;
}

/* Observations to vector; those before `first` are in the state's sums. */
static ink_status settle(const ink_factor *f, ink_factor_state *s, uint32_t first, ink_arena *scratch) {
  const size_t mark = ink_arena_mark(scratch);
  ink_status status;
  float *v;
  if (f->mode == FACTOR_SUMS) status = settle_sums(f, s, first, scratch);
  else if (f->mode == FACTOR_GRADIENT) status = ink_factor_gradient(f, s, scratch);
  else if (f->fold.data == NULL) status = settle_ridge(f, s, first, scratch);
  else {
    INK_TAKE(scratch, f->stride, &v);
    status = settle_beside(f, s, scratch, v);
  }
  ink_arena_rewind(scratch, mark);
  return status == INK_OK && !is_usable(s->x, f->m) ? INK_E_SINGULAR : status;
}

/* ------------------------------------------------------------------- doors */

/* An event that could be an observation of its own. Whether several of one item cancel, fold finds out. */
static bool can_score(const void *model, const ink_history *history) {
  const ink_factor *f = model;
  for (uint32_t i = 0; i < history->n; i++) {
    const ink_past *past = &history->events[i];
    if (past->weight > 0.0f || (f->mode != FACTOR_IMPLICIT && past->weight != 0.0f) || (f->rated && past->rating)) return true;
  }
  return false;
}

/* Appends an observation; its reason is the rating that counted, else its newest event. */
static void append(const ink_factor *f, ink_factor_state *s, const ink_observation *seen, const ink_history *history) {
  if (!counts(f, seen)) return;
  const term t = term_of(f, seen, history);
  const bool rated = f->rated && seen->rating != INK_NONE;
  s->item[s->n] = seen->item;
  s->past[s->n] = rated ? seen->rating : seen->newest;
  s->a[s->n] = t.a;
  s->b[s->n++] = t.b;
}

static ink_status observe(const ink_factor *f, ink_factor_state *s, const ink_history *history, ink_arena *scratch) {
  const size_t mark = ink_arena_mark(scratch);
  ink_observation *merged;
  uint32_t n;
  INK_TAKE(scratch, history->n, &merged);
  const ink_status status = ink_merge(history, scratch, merged, &n);
  for (uint32_t j = 0; status == INK_OK && j < n; j++) append(f, s, &merged[j], history);
  ink_arena_rewind(scratch, mark);
  return status != INK_OK ? status : s->n > 0 ? INK_OK : INK_E_SINGULAR;
}

static ink_status fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_factor *f = model;
  ink_factor_state *s;
  ink_arena arena;
  INK_ASSERT(history->n <= f->max_events);
  ink_arena_init(&arena, state, SIZE_MAX);
  INK_TRY(lay_out(f, &arena, &s));
  INK_TRY(observe(f, s, history, scratch));
  return settle(f, s, 0, scratch);
}

/* Legal when the event's item is new to the history: its term is then the last of every sum. Not where every
 * rating's rest depends on all items (SVD++), nor where the solution spends the sums. */
static ink_status step(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_factor *f = model;
  ink_factor_state *s = state;
  const uint32_t last = history->n - 1, n_before = s->n;
  const ink_past *past = &history->events[last];
  const bool spent = f->mode >= FACTOR_GRADIENT || (f->rated && f->fold.data != NULL);
  if (spent || ink_merge_repeats(history)) return INK_REFOLD;
  const ink_observation seen = { .item = past->item, .newest = last, .rating = past->rating ? last : INK_NONE,
                                 .weight = past->weight };
  append(f, s, &seen, history);
  if (s->n == n_before) return INK_OK;
  return settle(f, s, n_before, scratch);
}

static void query(const void *model, const void *state, ink_query *out) {
  const ink_factor *f = model;
  const ink_factor_state *s = state;
  *out = (ink_query){ .rows = &f->rows, .rows_i8 = f->rows_i8.data ? &f->rows_i8 : NULL, .vector = s->x };
  out->bias = f->bias;
  if (f->rated) out->offset = f->settings[FACTOR_MEAN] + s->x[f->rows.d];
}

/* z of the ridge identity. The score of p.y alone: u is a part of its own; unknowns held at zero take no part. */
static void explain_ridge(const ink_factor *f, const ink_factor_state *s, const float *y, float *z) {
  ink_mem_copy(z, y, f->stride * sizeof *z);
  if (f->m > f->rows.d) z[f->rows.d] = 0.0f;
  for (uint32_t k = 0; f->mode == FACTOR_NONNEGATIVE && k < f->rows.d; k++)
    if (s->x[k] == 0.0f) z[k] = 0.0f;
  f->kernels->chol_solve_f32(s->l, f->m, f->stride, z, z);
}

/* Observation j's part of the score of an item with vector y; x [stride] is room for a row. */
static double part_of(const ink_factor *f, const ink_factor_state *s, uint32_t j, const float *y, const float *z, float *x) {
  double part = 0.0;
  if (f->mode == FACTOR_GRADIENT) {
    ink_factor_row(f, &f->rows, s->item[j], x);
    return (double)s->a[j] * (double)f->kernels->dot_f32(x, y, f->rows.d) -
           (double)magnitude(s->a[j]) * (double)f->kernels->dot_f32(s->rhs, y, f->rows.d);
  }
  if (f->mode != FACTOR_SUMS) {
    ink_factor_row(f, &f->rows, s->item[j], x);
    part = (double)s->b[j] * (double)f->kernels->dot_f32(x, z, f->m);
  }
  if (f->fold.data != NULL) {
    ink_rows_widen(f->kernels, &f->fold, s->item[j], x);
    part += (double)s->share * (double)fold_coefficients(f, s)[j] * (double)f->kernels->dot_f32(x, y, f->rows.d);
  }
  return part;
}

static ink_status reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                          ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  const ink_factor *f = model;
  const ink_factor_state *s = state;
  const size_t mark = ink_arena_mark(scratch);
  float *y;
  uint32_t n = 0;
  (void)history;
  INK_TAKE(scratch, 3 * (size_t)f->stride, &y);
  float *const z = y + f->stride, *const x = z + f->stride;
  ink_factor_row(f, &f->rows, item, y);
  if (!has_no_system(f)) explain_ridge(f, s, y, z);
  for (uint32_t j = 0; j < s->n; j++) {
    const double part = part_of(f, s, j, y, z, x);
    if (part != 0.0) parts[n++] = (ink_part){ INK_REASON_EVENT, s->past[j], part };
  }
  if (f->bias != NULL) {
    const double mean = f->rated ? (double)f->settings[FACTOR_MEAN] : 0.0;
    parts[n++] = (ink_part){ INK_REASON_BASE, INK_NONE, mean + (double)f->bias[item] };
  }
  if (f->rated) parts[n++] = (ink_part){ INK_REASON_PERSON, INK_NONE, (double)s->x[f->rows.d] };
  ink_arena_rewind(scratch, mark);
  *n_parts = n;
  return INK_OK;
}

static const ink_rows *rows(const void *model) { return &((const ink_factor *)model)->rows; }

/* ---------------------------------------------------------------- families */

#define FAMILY(symbol, public_name)                                                                                   \
  const ink_family ink_family_##symbol = {                                                                            \
    .name = public_name, .leads = "items", .bind = ink_factor_bind, .can_score = can_score,                            \
    .fold = fold, .step = step, .query = query, .reasons = reasons, .rows = rows,                                      \
  };

FAMILY(als, "als")
FAMILY(svd, "svd")
FAMILY(pure_svd, "pure-svd")
FAMILY(svdpp, "svdpp")
FAMILY(nmf, "nmf")
FAMILY(bpr, "bpr")
FAMILY(warp, "warp")
FAMILY(simplex, "simplex")
FAMILY(item2vec, "item2vec")
FAMILY(content_vectors, "content-vectors")
