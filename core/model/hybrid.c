/* hybrid.c - see hybrid.h. A fold folds every member and keeps the blended scores of the whole catalogue, so that
 * scoring reads them:
 *
 *     score_i = constant_b + r * sum_m w_bm * s_mi / spread_m
 *
 * b: the last bucket that begins at or below the number of events. spread_m: the standard deviation of member m's
 * scores over the catalogue for this person in relative mode (scores of different families then weigh alike, however
 * long the history), 1 in raw mode. A member that cannot score this history, or gives all items the same score in
 * relative mode, is left out and passes its weight on: r = sum of the bucket's weights / sum of those that take part.
 * Where none takes part the history cannot be scored (INK_E_SINGULAR).
 *
 * Members with a query are scored as dot products of the rows as they dequantise, also where a search by that family
 * alone would quantise the query. Reasons are the members' own, times what their scores are multiplied by, added up
 * event by event. Sums run in the order of the members: the same bits on every build.
 * Burke 2002 (weighted and switching hybrids). Reading order: memory, members, doors. */
#include "hybrid.h"

#include "fmath.h"
#include "item_rows.h"
#include "mem.h"

#include "base.h"

#define LEAST_SPREAD 1e-20        /* below it a member's scores are taken for equal: 1/spread must stay finite */

typedef struct hybrid_state {
  float *blend;                   /* [n_items] */
  void *states[HYBRID_MAX_MEMBERS];
  double shares[HYBRID_MAX_MEMBERS];      /* what a member's scores are multiplied by; 0: it takes no part */
  double constant;
} hybrid_state;

/* ------------------------------------------------------------------ memory */

static ink_status lay_out(const ink_hybrid *h, ink_arena *arena, hybrid_state **out) {
  hybrid_state s = { .blend = NULL }, *kept;
  INK_TAKE(arena, 1, &kept);
  INK_TAKE(arena, h->n_items, &s.blend);
  for (uint32_t m = 0; m < h->n_members; m++) INK_TRY(ink_arena_take(arena, h->members[m].bound.state_bytes, 1, &s.states[m]));
  if (!ink_arena_measuring(arena)) *kept = s;
  *out = kept;
  return INK_OK;
}

/* Scratch of one call: the scores of a member, or its parts and the sums over all members; and behind it what a member itself
 * takes. Caps keep the sum far below what a machine can address. */
static size_t work_bytes(const ink_hybrid *h) {
  const size_t scores = h->n_items * sizeof(float), parts = (h->max_events + 3) * (sizeof(ink_part) + sizeof(double));
  return scores > parts ? scores : parts;
}

bool ink_hybrid_sizes(const ink_hybrid *h, ink_bound *out) {
  hybrid_state *state;
  ink_arena arena;
  ink_arena_init_measure(&arena);
  if (lay_out(h, &arena, &state) != INK_OK) return false;
  out->state_bytes = arena.high;
  out->scratch_bytes = ink_align_up(work_bytes(h), INK_ALIGN) + h->member_scratch;
  return true;
}

/* ----------------------------------------------------------------- members */

static const float *weights_for(const ink_hybrid *h, uint32_t n_events) {
  uint32_t b = 0;
  while (b + 1 < h->n_buckets && h->buckets[b + 1] <= n_events) b++;
  return h->weights + (size_t)b * (h->n_members + 1);
}

static ink_status score_rows(const ink_hybrid *h, const ink_query *q, ink_arena *scratch, float *out) {
  const ink_rows *rows = q->rows;
  const size_t mark = ink_arena_mark(scratch);
  float *wide;
  INK_TAKE(scratch, rows->d, &wide);
  for (uint32_t i = 0; i < h->n_items; i++) {
    const float *row = wide;
    if (rows->dtype == INK_ROWS_F32) row = (const float *)rows->data + (size_t)i * rows->d;
    else ink_rows_widen(h->kernels, rows, i, wide);
    out[i] = h->kernels->dot_f32(row, q->vector, rows->d) + (q->bias ? q->bias[i] : 0.0f) + q->offset;
  }
  ink_arena_rewind(scratch, mark);
  return INK_OK;
}

static ink_status score_member(const ink_hybrid *h, const ink_hybrid_member *m, const void *state, ink_arena *scratch, float *out) {
  ink_query query;
  if (m->family->query == NULL) {
    m->family->score(m->bound.model, state, 0, h->n_items, out);
    return INK_OK;
  }
  m->family->query(m->bound.model, state, &query);
  return score_rows(h, &query, scratch, out);
}

/* Standard deviation over the catalogue, of differences to the first score: exactly 0 where all are equal, and a large
 * common part does not hide it. */
static double spread_of(const float *scores, uint32_t n) {
  const double first = (double)scores[0];
  double mean = 0.0, squares = 0.0;
  for (uint32_t i = 0; i < n; i++) mean += (double)scores[i] - first;
  mean = mean / n + first;
  for (uint32_t i = 0; i < n; i++) squares += ((double)scores[i] - mean) * ((double)scores[i] - mean);
  return ink_sqrt_f64(squares / n);
}

/* Folds member m and adds its scores times *share, which is 0 when it takes no part. */
static ink_status add_member(const ink_hybrid *h, uint32_t m, float weight, const ink_history *history, hybrid_state *s,
                             float *scores, ink_arena *scratch) {
  const ink_hybrid_member *member = &h->members[m];
  if (!(weight > 0.0f) || !member->family->can_score(member->bound.model, history)) return INK_OK;
  const ink_status status = member->family->fold(member->bound.model, history, s->states[m], scratch);
  if (status != INK_OK) return status == INK_E_SINGULAR ? INK_OK : status;
  INK_TRY(score_member(h, member, s->states[m], scratch, scores));
  const double spread = h->is_relative ? spread_of(scores, h->n_items) : 1.0;
  if (!(spread > LEAST_SPREAD)) return INK_OK;
  s->shares[m] = (double)((float)((double)weight / spread));
  h->kernels->axpy_f32((float)s->shares[m], scores, s->blend, h->n_items);
  return INK_OK;
}

/* ------------------------------------------------------------------- doors */

static bool can_score(const void *model, const ink_history *history) {
  const ink_hybrid *h = model;
  const float *weights = weights_for(h, history->n);
  for (uint32_t m = 0; m < h->n_members; m++)
    if (weights[m] > 0.0f && h->members[m].family->can_score(h->members[m].bound.model, history)) return true;
  return false;
}

static ink_status fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_hybrid *h = model;
  const float *weights = weights_for(h, history->n);
  const size_t mark = ink_arena_mark(scratch);
  double all = 0.0, present = 0.0;
  hybrid_state *s;
  void *scores;
  ink_arena arena;
  ink_arena_init(&arena, state, SIZE_MAX);
  INK_TRY(lay_out(h, &arena, &s));
  INK_TRY(ink_arena_take(scratch, work_bytes(h), 1, &scores));
  ink_mem_fill(s->blend, 0, h->n_items * sizeof *s->blend);
  for (uint32_t m = 0; m < h->n_members; m++) {
    INK_TRY(add_member(h, m, weights[m], history, s, scores, scratch));
    if (weights[m] > 0.0f) all += (double)weights[m];
    if (s->shares[m] > 0.0) present += (double)weights[m];
  }
  ink_arena_rewind(scratch, mark);
  if (!(present > 0.0)) return INK_E_SINGULAR;
  s->constant = (double)weights[h->n_members];
  for (uint32_t m = 0; m < h->n_members; m++) s->shares[m] *= all / present;
  for (uint32_t i = 0; i < h->n_items; i++) s->blend[i] = s->blend[i] * (float)(all / present) + weights[h->n_members];
  return INK_OK;
}

/* A -0 leaves as +0, as contributions add up. */
static void score(const void *model, const void *state, uint32_t first, uint32_t n, float *out) {
  const hybrid_state *s = state;
  (void)model;
  for (uint32_t i = 0; i < n; i++) out[i] = s->blend[first + i] + 0.0f;
}

/* Sums of a score's reasons over members: of each event, and beside events of each kind. What members leave over (REST) is
 * found anew by whoever closes the sum. */
static ink_status reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                          ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  const ink_hybrid *h = model;
  const hybrid_state *s = state;
  const size_t mark = ink_arena_mark(scratch);
  double kinds[INK_REASON_TERM + 1] = { [INK_REASON_BASE] = s->constant }, *sums;
  uint32_t n_own, n = 0;
  void *work;
  INK_TRY(ink_arena_take(scratch, work_bytes(h), 1, &work));
  sums = work;
  ink_part *const own = (ink_part *)(void *)(sums + h->max_events + 3);
  ink_mem_fill(sums, 0, history->n * sizeof *sums);
  for (uint32_t m = 0; m < h->n_members; m++) {
    if (!(s->shares[m] > 0.0)) continue;
    INK_TRY(h->members[m].family->reasons(h->members[m].bound.model, s->states[m], history, item, scratch, own, &n_own));
    for (uint32_t i = 0; i < n_own; i++)
      *(own[i].kind == INK_REASON_EVENT ? &sums[own[i].past] : &kinds[own[i].kind]) += s->shares[m] * own[i].weight;
  }
  for (uint32_t e = 0; e < history->n; e++)
    if (sums[e] != 0.0) parts[n++] = (ink_part){ INK_REASON_EVENT, e, sums[e] };
  for (uint32_t kind = INK_REASON_BASE; kind <= INK_REASON_PERSON; kind++)
    if (kinds[kind] != 0.0) parts[n++] = (ink_part){ kind, INK_NONE, kinds[kind] };
  ink_arena_rewind(scratch, mark);
  *n_parts = n;
  return INK_OK;
}

/* Members may use the time of the call, so the blend says that it does; and it has no step: every score changes. */
const ink_family ink_family_hybrid = {
  .name = "hybrid", .leads = "members", .uses_now = true, .bind = ink_hybrid_bind, .can_score = can_score,
  .fold = fold, .score = score, .reasons = reasons,
};
