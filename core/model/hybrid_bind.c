/* hybrid_bind.c - matches a blend's own tensors and binds its members, each by its own door: what a member demands of
 * its tensors holds here too. A blend is no member of a blend. */
#include "hybrid.h"

#include "fault.h"
#include "tensors_bind.h"
#include "utf8.h"

#include "base.h"

static const ink_bounds bounds[] = { { HYBRID_RAW, HYBRID_RELATIVE } };

/* -------------------------------------------------------------------- members */

static const ink_family *family_named(ink_text name) {
  for (uint32_t i = 0; i < ink_n_families; i++)
    if (ink_families[i] != &ink_family_hybrid && ink_text_equal(ink_text_of(ink_families[i]->name), name)) return ink_families[i];
  return NULL;
}

static ink_status bind_member(const ink_bind *b, const ink_tensor *names, ink_text name, ink_hybrid *h) {
  ink_hybrid_member *m = &h->members[h->n_members];
  ink_bind own = *b;
  if (h->n_members == HYBRID_MAX_MEMBERS)
    return ink_refuse_range(b->fault, INK_E_LIMIT, names->name, HYBRID_MAX_MEMBERS + 1, 1, HYBRID_MAX_MEMBERS);
  m->family = family_named(name);
  if (m->family == NULL) return ink_refuse_text(b->fault, INK_E_PACK_VALUE, names->name, name, "names of other families, commas between");
  own.family = m->family->name;
  INK_TRY(m->family->bind(&own, &m->bound));
  const size_t row = m->bound.width * sizeof(float), bytes = m->bound.scratch_bytes;
  const size_t most = bytes > row ? bytes : row;
  if (most > h->member_scratch) h->member_scratch = most;
  h->n_members++;
  return INK_OK;
}

static ink_status bind_members(const ink_bind *b, ink_hybrid *h) {
  ink_tensor t;
  INK_TRY(ink_bind_get(b, "members", "", &t));
  if (t.dtype != INK_DTYPE_U8) return ink_refuse_dtype(b->fault, &t, "U8");
  const char *words = t.data;
  const uint32_t n = (uint32_t)t.bytes;
  for (uint32_t first = 0, end = 0; end <= n; end++) {
    if (end < n && words[end] != ',') continue;
    INK_TRY(bind_member(b, &t, (ink_text){ words + first, end - first }, h));
    first = end + 1;
  }
  return INK_OK;
}

/* -------------------------------------------------------------------- weights */

static ink_status match_buckets(const ink_bind *b, ink_hybrid *h) {
  ink_tensor t;
  INK_TRY(ink_bind_get(b, "buckets", "", &t));
  if (t.shape[0] < 1 || t.shape[0] > HYBRID_MAX_BUCKETS)
    return ink_refuse_range(b->fault, INK_E_LIMIT, t.name, t.shape[0], 1, HYBRID_MAX_BUCKETS);
  INK_TRY(ink_bind_need(b, "buckets", "", INK_DTYPE_U32, t.shape[0], 0, &t));
  h->buckets = t.data;
  h->n_buckets = t.shape[0];
  for (uint32_t i = 0; i < h->n_buckets; i++) {
    const uint32_t low = i == 0 ? 0 : h->buckets[i - 1] + 1, high = i == 0 ? 0 : UINT32_MAX;
    if (low == 0 ? h->buckets[i] != 0 || i > 0 : h->buckets[i] < low)
      return ink_bind_refuse_value(b, &t, "bucket", i, (float)h->buckets[i], (float)low, (float)high);
  }
  return INK_OK;
}

static ink_status match_weights(const ink_bind *b, ink_hybrid *h) {
  const uint32_t columns = h->n_members + 1;
  ink_tensor t;
  INK_TRY(ink_bind_need(b, "weights", "", INK_DTYPE_F32, h->n_buckets, columns, &t));
  h->weights = t.data;
  for (uint32_t i = 0; i < h->n_buckets * columns; i++) {
    const float low = i % columns == h->n_members ? -1e6f : 0.0f;
    if (!(h->weights[i] >= low && h->weights[i] <= 1e6f)) return ink_bind_refuse_value(b, &t, "element", i, h->weights[i], low, 1e6f);
  }
  return INK_OK;
}

ink_status ink_hybrid_bind(const ink_bind *b, ink_bound *out) {
  ink_hybrid model = { .kernels = b->kernels, .n_items = b->n_items, .max_events = b->max_events };
  ink_bound bound = { .model = NULL };
  ink_hybrid *kept;
  ink_tensor settings;
  INK_TRY(ink_bind_settings(b, bounds, INK_COUNT_OF(bounds), &settings));
  model.is_relative = *(const float *)settings.data == (float)HYBRID_RELATIVE;
  INK_TRY(bind_members(b, &model));
  INK_TRY(match_buckets(b, &model));
  INK_TRY(match_weights(b, &model));
  if (!ink_hybrid_sizes(&model, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = model;
  bound.model = kept;
  *out = bound;
  return INK_OK;
}
