/* hybrid_bind.c - matches a blend's own tensors and binds its members, each by its own door: what a member demands of
 * its tensors holds here too. A blend is no member of a blend. Starts of buckets are looked at only when a history is
 * placed, and any numbers place it somewhere: they need no check. */
#include "hybrid.h"

#include "fault.h"
#include "tensors_bind.h"
#include "utf8.h"

#include "base.h"

#define MOST_WEIGHT 1e6f

static const ink_bounds bounds[] = { { HYBRID_RAW, HYBRID_RELATIVE } };

static const ink_family *family_named(ink_text name) {
  for (uint32_t i = 0; i < ink_n_families; i++)
    if (ink_families[i] != &ink_family_hybrid && ink_text_equal(ink_text_of(ink_families[i]->name), name)) return ink_families[i];
  return NULL;
}

static ink_status bind_member(const ink_bind *b, const ink_tensor *names, ink_text name, ink_hybrid *h) {
  const ink_family *family = h->n_members < HYBRID_MAX_MEMBERS ? family_named(name) : NULL;
  ink_bound *bound = &h->members[h->n_members].bound;
  ink_bind own = *b;
  if (family == NULL) return ink_refuse_text(b->fault, INK_E_PACK_VALUE, names->name, name, "1 to 8 other families, commas between");
  own.family = family->name;
  INK_TRY(family->bind(&own, bound));
  h->members[h->n_members++].family = family;
  if (bound->scratch_bytes > h->member_scratch) h->member_scratch = bound->scratch_bytes;
  if (bound->width * sizeof(float) > h->member_scratch) h->member_scratch = bound->width * sizeof(float);
  return INK_OK;
}

static ink_status bind_members(const ink_bind *b, ink_hybrid *h) {
  ink_tensor t;
  INK_TRY(ink_bind_get(b, "members", "", &t));
  if (t.dtype != INK_DTYPE_U8) return ink_refuse_dtype(b->fault, &t, "U8");
  const char *words = t.data;
  for (uint32_t first = 0, end = 0; end <= t.bytes; end++) {
    if (end < t.bytes && words[end] != ',') continue;
    INK_TRY(bind_member(b, &t, (ink_text){ words + first, end - first }, h));
    first = end + 1;
  }
  return INK_OK;
}

static ink_status match_weights(const ink_bind *b, ink_hybrid *h) {
  ink_tensor buckets, t;
  INK_TRY(ink_bind_get(b, "buckets", "", &buckets));
  const uint32_t n = buckets.shape[0] > 0 ? buckets.shape[0] : 1;
  INK_TRY(ink_bind_need(b, "buckets", "", INK_DTYPE_U32, n, 0, &buckets));
  INK_TRY(ink_bind_need(b, "weights", "", INK_DTYPE_F32, n, h->n_members + 1, &t));
  h->buckets = buckets.data;
  h->n_buckets = n;
  h->weights = t.data;
  for (uint32_t i = 0; i < n * (h->n_members + 1); i++)
    if (!(h->weights[i] >= -MOST_WEIGHT && h->weights[i] <= MOST_WEIGHT))
      return ink_bind_refuse_value(b, &t, "element", i, h->weights[i], -MOST_WEIGHT, MOST_WEIGHT);
  return INK_OK;
}

ink_status ink_hybrid_bind(const ink_bind *b, ink_bound *out) {
  ink_hybrid model = { .kernels = b->kernels, .n_items = b->n_items, .max_events = b->max_events };
  ink_hybrid *kept;
  ink_tensor settings;
  *out = (ink_bound){ .model = NULL };
  INK_TRY(ink_bind_settings(b, bounds, INK_COUNT_OF(bounds), &settings));
  model.is_relative = *(const float *)settings.data == (float)HYBRID_RELATIVE;
  INK_TRY(bind_members(b, &model));
  INK_TRY(match_weights(b, &model));
  if (!ink_hybrid_sizes(&model, out)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = model;
  out->model = kept;
  return INK_OK;
}
