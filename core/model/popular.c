/* popular.c - what everybody likes: one stored score an item, the same for every person. The last of the
 * chain of families, since it needs no history.
 *
 * Training counts (or decays, or shrinks) and stores the result in `popular.scores` F32 [N]. In a pack
 * without that tensor every score is 0, so ties put items in the catalogue's order: an answer exists in
 * every pack that has any model at all.
 *
 * It keeps no state: there is nothing of the person in it. */
#include "popular.h"

#include "tensors_bind.h"

#include "base.h"

typedef struct popular {
  const float *scores;            /* [n_items], or NULL */
} popular;

static ink_status bind(const ink_bind *b, ink_bound *out) {
  popular model = { NULL };
  popular *kept;
  ink_tensor t;
  if (ink_bind_find(b, "scores", "", &t)) {
    INK_TRY(ink_bind_need(b, "scores", "", INK_DTYPE_F32, b->n_items, 0, &t));
    model.scores = t.data;
  }
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = model;
  *out = (ink_bound){ .model = kept };
  return INK_OK;
}

static bool can_score(const void *model, const ink_history *history) {
  (void)model;
  (void)history;
  return true;
}

static ink_status fold(const void *model, const ink_history *history, void *state, ink_arena *scratch) {
  (void)model;
  (void)history;
  (void)state;
  (void)scratch;
  return INK_OK;
}

/* A stored -0 leaves as +0: contributions are added from +0 and could not make the other. */
static float score_of(const popular *p, uint32_t item) {
  return p->scores ? p->scores[item] + 0.0f : 0.0f;
}

static void score(const void *model, const void *state, uint32_t first, uint32_t n, float *out) {
  (void)state;
  for (uint32_t i = 0; i < n; i++) out[i] = score_of(model, first + i);
}

static ink_status reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                          ink_arena *scratch, ink_part *parts, uint32_t *n_parts) {
  (void)state;
  (void)history;
  (void)scratch;
  parts[0] = (ink_part){ INK_REASON_BASE, INK_NONE, (double)score_of(model, item) };
  *n_parts = 1;
  return INK_OK;
}

const ink_family ink_family_popular = {
  .name = "popular", .leads = "scores", .bind = bind, .can_score = can_score,
  .fold = fold, .score = score, .reasons = reasons,
};
