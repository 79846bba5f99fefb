/* user_knn_bind.c - matches the tensors of user-knn: the rows are those of linear_items.h with prototypes as columns. */
#include "user_knn.h"

#include "fault.h"
#include "tensors_bind.h"

#include "base.h"

/* NULL when the pack has none. */
static ink_status match_vector(const ink_bind *b, const char *name, uint32_t n, const float **out) {
  ink_tensor t;
  if (!ink_bind_find(b, name, "", &t)) return INK_OK;
  INK_TRY(ink_bind_need(b, name, "", INK_DTYPE_F32, n, 0, &t));
  *out = t.data;
  return INK_OK;
}

static ink_status match(const ink_bind *b, ink_user_knn *u) {
  ink_tensor t;
  INK_TRY(ink_bind_get(b, "norms", "", &t));
  INK_TRY(ink_bind_need(b, "norms", "", INK_DTYPE_F32, t.shape[0], 0, &t));
  INK_TRY(ink_linear_match(b, t.shape[0], &u->rows));
  u->norms = t.data;
  INK_TRY(ink_bind_need(b, "near", "", INK_DTYPE_F32, USER_KNN_N, 0, &t));
  u->near = t.data;
  for (uint32_t i = 0; i < USER_KNN_N; i++)
    if (u->near[i] < 0.0f) return ink_bind_refuse_value(b, &t, "setting", i, u->near[i], 0, LINEAR_MAX_PAIRS);
  INK_TRY(match_vector(b, "item_weights", b->n_items, &u->item_weights));
  INK_TRY(match_vector(b, "votes", b->n_items, &u->votes));
  return match_vector(b, "reach", u->rows.n_cols, &u->reach);
}

ink_status ink_user_knn_bind(const ink_bind *b, ink_bound *out) {
  ink_user_knn u = { .norms = NULL }, *kept;
  ink_user_knn_state *state;
  ink_bound bound = { .model = NULL };
  ink_arena measure;
  INK_TRY(match(b, &u));
  if (!ink_linear_sizes(&u.rows, &bound)) return INK_E_MEMORY;
  ink_arena_init_measure(&measure);
  INK_TRY(ink_user_knn_lay_out(&u, &measure, &state));
  bound.state_bytes = measure.high;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = u;
  bound.model = kept;
  *out = bound;
  return INK_OK;
}
