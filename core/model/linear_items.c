/* linear_items.c - see linear_items.h. A state is one dense sum an item (two in mode 1), filled from the rows of the
 * person's items; scoring reads it. Observations are added in the order of their first events, so one more
 * event with a new item adds its row last: a step. In mode 1 every residual depends on the person's mean, which
 * every event moves: there is no step. */
#include "linear_items.h"

#include "mem.h"
#include "merge.h"

#include "base.h"

#define FULL_WEIGHT 5.0f          /* |weight| of an event without a rating that counts like one ("like") */

static float magnitude(float x) { return x < 0.0f ? -x : x; }
static float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* ------------------------------------------------------------------ memory */

ink_status ink_linear_lay_out(const ink_linear *l, ink_arena *arena, ink_linear_state **out) {
  ink_linear_state s = { .n = 0 }, *kept;
  INK_TAKE(arena, 1, &kept);
  INK_TAKE(arena, l->n_cols, &s.sum);
  if (ink_linear_is_mean(l)) INK_TAKE(arena, l->n_cols, &s.weight);
  INK_TAKE(arena, l->max_events, &s.item);
  INK_TAKE(arena, l->max_events, &s.past);
  INK_TAKE(arena, l->max_events, &s.pull);
  INK_TAKE(arena, l->max_events, &s.trust);
  if (!ink_arena_measuring(arena)) *kept = s;
  *out = kept;
  return INK_OK;
}

bool ink_linear_sizes(const ink_linear *l, ink_bound *out) {
  ink_linear_state *state;
  ink_observation *merged;
  void *table;
  ink_arena arena;
  ink_arena_init_measure(&arena);
  if (ink_linear_lay_out(l, &arena, &state) != INK_OK) return false;
  out->state_bytes = arena.high;
  ink_arena_init_measure(&arena);
  if (ink_arena_take(&arena, l->max_events, sizeof *merged, &table) != INK_OK ||
      ink_arena_take(&arena, ink_merge_scratch_bytes(l->max_events), 1, &table) != INK_OK) return false;
  out->scratch_bytes = arena.high;
  return true;
}

/* -------------------------------------------------------------------- rows */

/* Place of `item` in a row, or INK_NONE. */
static uint32_t find_col(const ink_linear *l, uint32_t row, uint32_t item) {
  uint32_t low = ink_linear_first(l, row), high = l->ends[row];
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (ink_linear_col(l, middle) < item) low = middle + 1;
    else high = middle;
  }
  return low < l->ends[row] && ink_linear_col(l, low) == item ? low : INK_NONE;
}

void ink_linear_add_row(const ink_linear *l, ink_linear_state *s, uint32_t row, float by) {
  const uint32_t last = l->ends[row];
  for (uint32_t z = ink_linear_first(l, row); z < last; z++) s->sum[ink_linear_col(l, z)] += by * ink_linear_number(&l->values, row, z);
}

float ink_linear_dot_sums(const ink_linear *l, const float *sum, uint32_t row) {
  const uint32_t first = ink_linear_first(l, row), last = l->ends[row];
  float total = 0.0f;
  for (uint32_t z = first; z < last; z++) total += sum[ink_linear_col(l, z)] * ink_linear_number(&l->values, row, z);
  return total;
}

double ink_linear_dot_rows(const ink_linear *l, uint32_t i, uint32_t j, const float *by) {
  uint32_t a = ink_linear_first(l, i), b = ink_linear_first(l, j);
  double sum = 0.0;
  while (a < l->ends[i] && b < l->ends[j]) {
    const uint32_t col_a = ink_linear_col(l, a), col_b = ink_linear_col(l, b);
    if (col_a == col_b)
      sum += (double)ink_linear_number(&l->values, i, a) * (double)ink_linear_number(&l->values, j, b) * (by != NULL ? (double)by[col_a] : 1.0);
    a += col_a <= col_b;
    b += col_b <= col_a;
  }
  return sum;
}

static void add_mean_row(const ink_linear *l, ink_linear_state *s, uint32_t j) {
  const uint32_t row = s->item[j], last = l->ends[row];
  for (uint32_t z = ink_linear_first(l, row); z < last; z++) {
    const float value = s->trust[j] * ink_linear_number(&l->values, row, z);
    s->sum[ink_linear_col(l, z)] += value * (s->pull[j] + ink_linear_number(&l->shifts, row, z));
    s->weight[ink_linear_col(l, z)] += magnitude(value);
  }
}

/* ------------------------------------------------------------- observations */

static void append(const ink_linear *l, ink_linear_state *s, const ink_observation *seen, const ink_history *history) {
  const float *settings = l->settings;
  const bool rated = ink_linear_is_mean(l) && seen->rating != INK_NONE;
  if (seen->weight == 0.0f && !rated) return;
  s->item[s->n] = seen->item;
  s->past[s->n] = rated ? seen->rating : seen->newest;
  if (ink_linear_is_mean(l)) {
    const float end = settings[seen->weight > 0.0f ? LINEAR_HIGHEST : LINEAR_LOWEST];
    const float at = rated ? clip(history->events[seen->rating].value, settings[LINEAR_LOWEST], settings[LINEAR_HIGHEST]) : end;
    s->pull[s->n] = at - settings[LINEAR_MEAN] - l->bias[seen->item];
    s->trust[s->n] = rated ? 1.0f : clip(magnitude(seen->weight) / FULL_WEIGHT, 0.0f, 1.0f);
  } else {
    s->pull[s->n] = seen->weight;
    s->trust[s->n] = 1.0f;
  }
  s->n++;
}

ink_status ink_linear_observe(const ink_linear *l, ink_linear_state *s, const ink_history *history, ink_arena *scratch) {
  const size_t mark = ink_arena_mark(scratch);
  ink_observation *merged;
  uint32_t n = 0;
  INK_TAKE(scratch, history->n, &merged);
  const ink_status status = ink_merge(history, scratch, merged, &n);
  for (uint32_t j = 0; status == INK_OK && j < n; j++) append(l, s, &merged[j], history);
  ink_arena_rewind(scratch, mark);
  return status != INK_OK ? status : s->n > 0 ? INK_OK : INK_E_SINGULAR;
}

void ink_linear_find_person(const ink_linear *l, ink_linear_state *s) {
  float sum = 0.0f, trust = l->settings[LINEAR_PERSON_SHRINK];
  for (uint32_t j = 0; j < s->n; j++) {
    sum += s->trust[j] * s->pull[j];
    trust += s->trust[j];
  }
  s->person = trust > 0.0f ? sum / trust : 0.0f;
  for (uint32_t j = 0; j < s->n; j++) s->pull[j] -= s->person;
}

/* ------------------------------------------------------------------- doors */

bool ink_linear_can_score(const void *model, const ink_history *history) {
  for (uint32_t i = 0; i < history->n; i++)
    if (history->events[i].weight != 0.0f || (ink_linear_is_mean(model) && history->events[i].rating)) return true;
  return false;
}

ink_status ink_linear_fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_linear *l = model;
  ink_linear_state *s;
  ink_arena arena;
  ink_arena_init(&arena, state, SIZE_MAX);
  INK_TRY(ink_linear_lay_out(l, &arena, &s));
  INK_TRY(ink_linear_observe(l, s, history, scratch));
  ink_mem_fill(s->sum, 0, l->n_cols * sizeof *s->sum);
  if (ink_linear_is_mean(l)) {
    ink_mem_fill(s->weight, 0, l->n_cols * sizeof *s->weight);
    ink_linear_find_person(l, s);
    for (uint32_t j = 0; j < s->n; j++) add_mean_row(l, s, j);
  } else {
    for (uint32_t j = 0; j < s->n; j++) ink_linear_add_row(l, s, s->item[j], s->pull[j]);
  }
  return INK_OK;
}

ink_status ink_linear_step(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_linear *l = model;
  ink_linear_state *s = state;
  const uint32_t last = history->n - 1, n_before = s->n;
  const ink_past *past = &history->events[last];
  (void)scratch;
  if (ink_linear_is_mean(l) || ink_merge_repeats(history)) return INK_REFOLD;
  const ink_observation seen = { .item = past->item, .newest = last, .rating = INK_NONE, .weight = past->weight };
  append(l, s, &seen, history);
  if (s->n > n_before) ink_linear_add_row(l, s, s->item[n_before], s->pull[n_before]);
  return INK_OK;
}

/* Zero where no observation speaks for the item, whatever the shrinkage. */
static float mean_of(const ink_linear *l, const ink_linear_state *s, uint32_t item) {
  return s->weight[item] > 0.0f ? s->sum[item] / (s->weight[item] + l->settings[LINEAR_SHRINK]) : 0.0f;
}

void ink_linear_score(const void *model, const void *state, uint32_t first, uint32_t n, float *out) {
  const ink_linear *l = model;
  const ink_linear_state *s = state;
  for (uint32_t i = 0; i < n; i++)
    out[i] = ink_linear_is_mean(l) ? ink_linear_base(l, first + i) + s->person + mean_of(l, s, first + i) : s->sum[first + i] + 0.0f;
}

static double part_of(const ink_linear *l, const ink_linear_state *s, uint32_t j, uint32_t item) {
  const uint32_t z = find_col(l, s->item[j], item);
  if (z == INK_NONE) return 0.0;
  const double value = (double)ink_linear_number(&l->values, s->item[j], z);
  if (!ink_linear_is_mean(l)) return (double)s->pull[j] * value;
  const double pull = (double)s->pull[j] + (double)ink_linear_number(&l->shifts, s->item[j], z);
  return (double)s->trust[j] * value * pull / ((double)s->weight[item] + (double)l->settings[LINEAR_SHRINK]);
}

float ink_linear_base_of(const ink_linear *l, const ink_linear_state *s, uint32_t item) {
  return ink_linear_is_mean(l) ? ink_linear_base(l, item) + s->person : 0.0f;
}

uint32_t ink_linear_add_base(const ink_linear *l, const ink_linear_state *s, uint32_t item, ink_part *parts, uint32_t n) {
  if (!ink_linear_is_mean(l)) return n;
  parts[n++] = (ink_part){ INK_REASON_BASE, INK_NONE, (double)ink_linear_base(l, item) };
  parts[n++] = (ink_part){ INK_REASON_PERSON, INK_NONE, (double)s->person };
  return n;
}

ink_status ink_linear_reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                              ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  const ink_linear *l = model;
  const ink_linear_state *s = state;
  uint32_t n = 0;
  (void)history;
  (void)scratch;
  for (uint32_t j = 0; j < s->n; j++) {
    const double weight = part_of(l, s, j, item);
    if (weight != 0.0) parts[n++] = (ink_part){ INK_REASON_EVENT, s->past[j], weight };
  }
  *n_parts = ink_linear_add_base(l, s, item, parts, n);
  return INK_OK;
}

/* ---------------------------------------------------------------- families */

#define FAMILY(symbol, public_name)                                                                                     \
  const ink_family ink_family_##symbol = {                                                                              \
    .name = public_name, .leads = "ends", .bind = ink_linear_bind, .can_score = ink_linear_can_score,                   \
    .fold = ink_linear_fold, .step = ink_linear_step, .score = ink_linear_score, .reasons = ink_linear_reasons,         \
  };

FAMILY(item_knn, "item-knn")
FAMILY(rp3, "rp3")
FAMILY(slope_one, "slope-one")
FAMILY(ease, "ease")
FAMILY(slim, "slim")
FAMILY(spectral, "spectral")
