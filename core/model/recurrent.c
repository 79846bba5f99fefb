/* recurrent.c - an LSTM or GRU over the last events: fold, step, query, reasons.
 *
 * What the network sees are the events of positive weight, the newest L of them. The window's start moves in
 * blocks of L/4, so that most events are one step of the network and not a new fold: with m such events the
 * window begins at 0 while m <= L, then at the smallest multiple of the block that leaves at most L.
 * Positions count from that start, so a state is a function of the kept events alone.
 *
 * Reasons are exact differences: the score without an event is computed without it. That costs a run of the
 * network an event, so the newest EXPLAINED events are asked; what older ones did, and what events do only
 * together, is in the rest that the engine adds. */
#include "recurrent.h"

#include "mem.h"

#include "base.h"

#define EXPLAINED 16u

typedef struct recurrent_state {
  ink_cell_state layers[RECURRENT_LAYERS];
  uint32_t n_seen;                /* positive events of the history */
  uint32_t start;                 /* the window's first, counted among them */
} recurrent_state;

/* --------------------------------------------------------------- memory */

static ink_status lay_out(const ink_recurrent *r, ink_arena *arena, recurrent_state **out) {
  recurrent_state s = { .n_seen = 0 }, *kept;
  INK_TAKE(arena, 1, &kept);
  for (uint32_t l = 0; l < r->n_layers; l++) {
    INK_TAKE(arena, r->h, &s.layers[l].h);
    INK_TAKE(arena, r->h, &s.layers[l].c);
  }
  if (!ink_arena_measuring(arena)) *kept = s;
  *out = kept;
  return INK_OK;
}

/* x: what a block of events feeds into a layer, side by side [inputs, RECURRENT_BLOCK]; gates [RECURRENT_BLOCK, outputs];
 * more [outputs]; row: one item's vector. */
typedef struct workspace { float *x, *gates, *more, *row; } workspace;

static ink_status take_workspace(const ink_recurrent *r, ink_arena *arena, workspace *w) {
  INK_TAKE(arena, (size_t)RECURRENT_BLOCK * ink_max_u32(r->embedding.d, r->h), &w->x);
  INK_TAKE(arena, (size_t)RECURRENT_BLOCK * r->outputs, &w->gates);
  INK_TAKE(arena, r->outputs, &w->more);
  INK_TAKE(arena, r->embedding.d, &w->row);
  return INK_OK;
}

/* A reason holds two further states and a row of items. */
static ink_status measure_scratch(const ink_recurrent *r, ink_arena *arena) {
  workspace w;
  recurrent_state *state;
  float *row;
  INK_TRY(take_workspace(r, arena, &w));
  INK_TRY(lay_out(r, arena, &state));
  INK_TRY(lay_out(r, arena, &state));
  INK_TAKE(arena, r->h, &row);
  return INK_OK;
}

bool ink_recurrent_sizes(const ink_recurrent *r, ink_bound *out) {
  recurrent_state *state;
  ink_arena arena;
  ink_arena_init_measure(&arena);
  if (lay_out(r, &arena, &state) != INK_OK) return false;
  out->state_bytes = arena.high;
  ink_arena_init_measure(&arena);
  if (measure_scratch(r, &arena) != INK_OK) return false;
  out->scratch_bytes = arena.high;
  return true;
}

static void copy_state(const ink_recurrent *r, recurrent_state *to, const recurrent_state *from) {
  for (uint32_t l = 0; l < r->n_layers; l++) {
    ink_mem_copy(to->layers[l].h, from->layers[l].h, r->h * sizeof(float));
    ink_mem_copy(to->layers[l].c, from->layers[l].c, r->h * sizeof(float));
  }
}

static void clear_state(const ink_recurrent *r, recurrent_state *s) {
  for (uint32_t l = 0; l < r->n_layers; l++) {
    ink_mem_fill(s->layers[l].h, 0, r->h * sizeof(float));
    ink_mem_fill(s->layers[l].c, 0, r->h * sizeof(float));
  }
}

/* ---------------------------------------------------------------- running */

static bool is_seen(const ink_past *past) { return past->weight > 0.0f; }

static uint32_t window_start(const ink_recurrent *r, uint32_t n_seen) {
  const uint32_t block = ink_max_u32(1, r->length / 4);
  return n_seen <= r->length ? 0 : (n_seen - r->length + block - 1) / block * block;
}

/* A vector as number t of a block. */
static void put(const float *from, uint32_t n, uint32_t t, const workspace *w) {
  for (uint32_t j = 0; j < n; j++) w->x[j * RECURRENT_BLOCK + t] = from[j];
}

/* The n <= RECURRENT_BLOCK events whose vectors lie in w->x, through all layers. What comes out of a layer takes the place of
 * what went in. In column form a block gives the bits of its events alone. */
static void advance(const ink_recurrent *r, recurrent_state *s, uint32_t n, const workspace *w) {
  for (uint32_t l = 0; l < r->n_layers; l++) {
    const ink_recurrent_layer *layer = &r->layers[l];
    for (uint32_t t = 0; t < n; t++) ink_mem_copy(w->gates + t * r->outputs, layer->b_x, r->outputs * sizeof(float));
    r->kernels->panels_f32(layer->w_x, w->x, RECURRENT_BLOCK, layer->n_in, n, r->outputs, w->gates);
    for (uint32_t t = 0; t < n; t++) {
      r->kind->cell(r, layer, &s->layers[l], w->gates + t * r->outputs, w->more);
      if (l + 1 < r->n_layers) put(s->layers[l].h, r->h, t, w);
    }
  }
}

/* How long after `before` (NULL: none) an event came: 0 is "unknown", then by binary digits of the whole minutes. */
static uint32_t gap_of(const ink_recurrent *r, const ink_past *past, const ink_past *before) {
  if (before == NULL || past->time == INK_NO_TIME || before->time == INK_NO_TIME) return 0;
  uint32_t gap = 1;
  for (uint64_t minutes = ((uint64_t)past->time - (uint64_t)before->time) / 60000; minutes != 0; minutes /= 2) gap++;
  return ink_min_u32(gap, r->n_gaps - 1);
}

/* What an event feeds in, as number `at` of a block; `before` is the event that was fed in before it, or NULL. */
static void feed(const ink_recurrent *r, const ink_past *past, const ink_past *before, uint32_t at, const workspace *w) {
  const uint32_t d = r->embedding.d;
  ink_rows_widen(r->kernels, &r->embedding, past->item, w->row);
  if (past->kind < r->n_kinds) r->kernels->add_f32(r->kinds + past->kind * d, w->row, d);
  if (r->n_gaps > 0) r->kernels->add_f32(r->gaps + gap_of(r, past, before) * d, w->row, d);
  put(w->row, d, at, w);
}

/* Runs the seen events with numbers first..last-1; `before` was fed in last (NULL: nothing was). */
static void run(const ink_recurrent *r, recurrent_state *s, const ink_history *history, uint32_t first, uint32_t last,
                const ink_past *before, const workspace *w) {
  uint32_t number = 0, waiting = 0;
  for (uint32_t i = 0; i < history->n && number < last; i++) {
    const ink_past *past = &history->events[i];
    if (!is_seen(past) || number++ < first) continue;
    feed(r, past, before, waiting++, w);
    before = past;
    if (waiting < RECURRENT_BLOCK) continue;
    advance(r, s, waiting, w);
    waiting = 0;
  }
  advance(r, s, waiting, w);
}

/* The last seen event among the first n, or NULL. */
static const ink_past *last_seen(const ink_history *history, uint32_t n) {
  while (n > 0)
    if (is_seen(&history->events[--n])) return &history->events[n];
  return NULL;
}

/* ------------------------------------------------------------------- doors */

bool ink_recurrent_can_score(const void *model, const ink_history *history) {
  (void)model;
  return last_seen(history, history->n) != NULL;
}

ink_status ink_recurrent_fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_recurrent *r = model;
  const size_t mark = ink_arena_mark(scratch);
  recurrent_state *s;
  workspace w;
  ink_arena arena;
  ink_arena_init(&arena, state, SIZE_MAX);
  INK_TRY(lay_out(r, &arena, &s));
  INK_TRY(take_workspace(r, scratch, &w));
  for (uint32_t i = 0; i < history->n; i++) s->n_seen += is_seen(&history->events[i]);
  s->start = window_start(r, s->n_seen);
  clear_state(r, s);
  run(r, s, history, s->start, s->n_seen, NULL, &w);
  ink_arena_rewind(scratch, mark);
  return s->n_seen > 0 ? INK_OK : INK_E_SINGULAR;
}

ink_status ink_recurrent_step(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_recurrent *r = model;
  const size_t mark = ink_arena_mark(scratch);
  const ink_past *past = &history->events[history->n - 1];
  recurrent_state *s = state;
  workspace w;
  if (!is_seen(past)) return INK_OK;
  if (window_start(r, s->n_seen + 1) != s->start) return INK_REFOLD;
  INK_TRY(take_workspace(r, scratch, &w));
  feed(r, past, s->n_seen > s->start ? last_seen(history, history->n - 1) : NULL, 0, &w);
  advance(r, s, 1, &w);
  s->n_seen++;
  ink_arena_rewind(scratch, mark);
  return INK_OK;
}

static const float *output(const ink_recurrent *r, const recurrent_state *s) { return s->layers[r->n_layers - 1].h; }

void ink_recurrent_query(const void *model, const void *state, ink_query *out) {
  const ink_recurrent *r = model;
  *out = (ink_query){ .rows = &r->items, .rows_i8 = r->items_i8.data ? &r->items_i8 : NULL, .vector = output(r, state), .bias = r->bias };
}

/* One part for each of the newest seen events of the window: the score with all of them less the score without it. `older` has
 * seen the events before the one in question, the last of which is `before`. */
static uint32_t leave_one_out(const ink_recurrent *r, const recurrent_state *s, const ink_history *history, const float *row,
                              recurrent_state *older, recurrent_state *without, const workspace *w, ink_part *parts) {
  const uint32_t explained = ink_max_u32(s->start, s->n_seen > EXPLAINED ? s->n_seen - EXPLAINED : 0);
  const double score = (double)r->kernels->dot_f32(row, output(r, s), r->h);
  const ink_past *before = NULL;
  uint32_t n = 0, number = 0;
  clear_state(r, older);
  run(r, older, history, s->start, explained, NULL, w);
  for (uint32_t i = 0; i < history->n; i++) {
    const ink_past *past = &history->events[i];
    if (!is_seen(past)) continue;
    if (number >= explained) {
      copy_state(r, without, older);
      run(r, without, history, number + 1, s->n_seen, before, w);
      parts[n++] = (ink_part){ INK_REASON_EVENT, i, score - (double)r->kernels->dot_f32(row, output(r, without), r->h) };
      feed(r, past, before, 0, w);
      advance(r, older, 1, w);
    }
    if (number++ >= s->start) before = past;
  }
  return n;
}

ink_status ink_recurrent_reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                                 ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  const ink_recurrent *r = model;
  const size_t mark = ink_arena_mark(scratch);
  recurrent_state *older, *without;
  workspace w;
  float *row;
  INK_TRY(take_workspace(r, scratch, &w));
  INK_TRY(lay_out(r, scratch, &older));
  INK_TRY(lay_out(r, scratch, &without));
  INK_TAKE(scratch, r->h, &row);
  ink_rows_widen(r->kernels, &r->items, item, row);
  uint32_t n = leave_one_out(r, state, history, row, older, without, &w, parts);
  if (r->bias) parts[n++] = (ink_part){ INK_REASON_BASE, INK_NONE, (double)r->bias[item] };
  ink_arena_rewind(scratch, mark);
  *n_parts = n;
  return INK_OK;
}

const ink_rows *ink_recurrent_rows(const void *model) { return &((const ink_recurrent *)model)->items; }
