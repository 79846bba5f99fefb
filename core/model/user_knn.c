/* user_knn.c - see user_knn.h. Observations come from linear_items.c. Rows go by item, which serves both ways: the person's
 * items find the prototypes, and an item's score asks those of its prototypes that are near. Every event moves |x|, so there is
 * no step. A score is linear in the person's weights once the neighbours are chosen: reasons are exact. */
#include "user_knn.h"

#include "fmath.h"
#include "mem.h"

#include "base.h"

/* Lengths below it have no direction. */
#define LEAST_LENGTH 1e-20f

ink_status ink_user_knn_lay_out(const ink_user_knn *u, ink_arena *arena, ink_user_knn_state **out) {
  ink_user_knn_state s = { NULL, NULL }, *kept;
  INK_TAKE(arena, 1, &kept);
  INK_TAKE(arena, u->rows.n_cols, &s.by);
  INK_TRY(ink_linear_lay_out(&u->rows, arena, &s.seen));
  if (!ink_arena_measuring(arena)) *kept = s;
  *out = kept;
  return INK_OK;
}

/* ------------------------------------------------------------- similarities */

/* Products of the person's x with all prototypes. In mode 1 also the squares of both over the items that both have: the person's
 * in seen->weight, the prototypes' in by. Returns |x|^2. */
static float multiply(const ink_user_knn *u, ink_user_knn_state *s) {
  const ink_linear *l = &u->rows;
  ink_linear_state *seen = s->seen;
  const bool is_mean = ink_linear_is_mean(l);
  float own = 0.0f;
  for (uint32_t j = 0; j < seen->n; j++) {
    const uint32_t row = seen->item[j];
    const float before = seen->pull[j], by = is_mean ? seen->trust[j] : u->item_weights != NULL ? u->item_weights[row] : 1.0f;
    const float x = seen->pull[j] = before * by;
    own += before * x;
    ink_linear_add_row(l, seen, row, x);
    for (uint32_t z = ink_linear_first(l, row); is_mean && z < l->ends[row]; z++) {
      const float v = ink_linear_number(&l->values, row, z);
      seen->weight[ink_linear_col(l, z)] += x * x;
      s->by[ink_linear_col(l, z)] += v * v;
    }
  }
  return own;
}

/* Similarities in the place of the products, between 0 and 1. */
static void compare(const ink_user_knn *u, ink_user_knn_state *s, float own) {
  const ink_linear *l = &u->rows;
  for (uint32_t p = 0; p < l->n_cols; p++) {
    const float length = ink_linear_is_mean(l) ? ink_sqrt_f32(s->seen->weight[p]) * ink_sqrt_f32(s->by[p]) : ink_sqrt_f32(own) * u->norms[p];
    s->by[p] = length > LEAST_LENGTH ? 1.0f / (length + u->near[USER_KNN_SHRINK]) : 0.0f;
    const float like = s->seen->sum[p] * s->by[p];
    s->seen->sum[p] = like > 0.0f ? like < 1.0f ? like : 1.0f : 0.0f;
  }
}

/* Zeroes all but the nearest and those within whose reach the person is, and what their products are worth. Bits of floats
 * from 0 on are ordered as numbers are, so the least that stays is found bit by bit. False when nobody is near. */
static bool keep_near(const ink_user_knn *u, ink_user_knn_state *s) {
  float *like = s->seen->sum;
  uint32_t least = 0;
  for (uint32_t bit = 1u << 29; bit > 0; bit >>= 1) {          /* 1.0f is 0x3f800000 */
    uint32_t n = 0;
    for (uint32_t p = 0; p < u->rows.n_cols; p++) n += ink_f32_bits(like[p]) >= (least | bit);
    if ((float)n >= u->near[USER_KNN_NEAR]) least |= bit;
  }
  bool any = false;
  for (uint32_t p = 0; p < u->rows.n_cols; p++) {
    const bool within = u->reach != NULL && like[p] >= u->reach[p];
    if (like[p] == 0.0f || (ink_f32_bits(like[p]) < least && !within)) like[p] = s->by[p] = 0.0f;
    any = any || like[p] > 0.0f;
  }
  return any;
}

/* ------------------------------------------------------------------- doors */

static ink_status fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  const ink_user_knn *u = model;
  const ink_linear *l = &u->rows;
  ink_user_knn_state *s;
  ink_arena arena;
  ink_arena_init(&arena, state, SIZE_MAX);
  INK_TRY(ink_user_knn_lay_out(u, &arena, &s));
  INK_TRY(ink_linear_observe(l, s->seen, history, scratch));
  ink_mem_fill(s->seen->sum, 0, l->n_cols * sizeof *s->seen->sum);
  ink_mem_fill(s->by, 0, l->n_cols * sizeof *s->by);
  if (ink_linear_is_mean(l)) {
    ink_mem_fill(s->seen->weight, 0, l->n_cols * sizeof *s->seen->weight);
    ink_linear_find_person(l, s->seen);
  }
  compare(u, s, multiply(u, s));
  return keep_near(u, s) || ink_linear_is_mean(l) ? INK_OK : INK_E_SINGULAR;
}

/* What the sum over the neighbours is multiplied by: in mode 1 a mean is made of those who know the item. */
static float worth(const ink_user_knn *u, const ink_linear_state *s, uint32_t item) {
  const ink_linear *l = &u->rows;
  float sum = 0.0f;
  if (!ink_linear_is_mean(l)) return u->votes != NULL ? u->votes[item] : 1.0f;
  for (uint32_t z = ink_linear_first(l, item); z < l->ends[item]; z++) sum += s->sum[ink_linear_col(l, z)];
  return sum > 0.0f ? 1.0f / (sum + l->settings[LINEAR_SHRINK]) : 1.0f;
}

static void score(const void *model, const void *state, uint32_t first, uint32_t n, float *out) {
  const ink_user_knn *u = model;
  const ink_linear_state *s = ((const ink_user_knn_state *)state)->seen;
  for (uint32_t i = 0; i < n; i++)
    out[i] = ink_linear_base_of(&u->rows, s, first + i) + ink_linear_dot_sums(&u->rows, s->sum, first + i) * worth(u, s, first + i);
}

static ink_status reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                          ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  const ink_user_knn *u = model;
  const ink_user_knn_state *s = state;
  const ink_linear_state *seen = s->seen;
  const double by = (double)worth(u, seen, item);
  uint32_t n = 0;
  (void)history;
  (void)scratch;
  for (uint32_t j = 0; j < seen->n; j++) {
    const double weight = (double)seen->pull[j] * ink_linear_dot_rows(&u->rows, seen->item[j], item, s->by) * by;
    if (weight != 0.0) parts[n++] = (ink_part){ INK_REASON_EVENT, seen->past[j], weight };
  }
  *n_parts = ink_linear_add_base(&u->rows, seen, item, parts, n);
  return INK_OK;
}

const ink_family ink_family_user_knn = {
  .name = "user-knn", .leads = "ends", .bind = ink_user_knn_bind, .can_score = ink_linear_can_score,
  .fold = fold, .score = score, .reasons = reasons,
};
