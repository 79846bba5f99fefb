/* request.c - what every request goes through before it is answered: its fields are checked, a family with
 * an up-to-date state is chosen, and the items that may appear are marked. */
#include "engine.h"

#include "base.h"

/* ------------------------------------------------------------------- checks */

#define KNOWN_FLAGS ((uint32_t)(INK_WITH_SEEN | INK_EXPLAIN | INK_NO_FALLBACK | INK_EXACT_ONLY | INK_BY_TERMS))

ink_status ink_request_check_items(const ink_engine *e, const uint32_t *items, uint32_t n) {
  if (items == NULL) return n == 0 ? INK_OK : INK_E_ARG;
  for (uint32_t i = 0; i < n; i++)
    if (items[i] >= e->n_items) return INK_E_UNKNOWN_ITEM;
  return INK_OK;
}

ink_status ink_request_check(const ink_engine *e, const ink_request *r) {
  if (r == NULL || r->struct_bytes != sizeof *r) return INK_E_ARG;
  if (r->count < 1 || r->count > e->limits.max_count) return INK_E_ARG;
  if ((r->flags & ~KNOWN_FLAGS) != 0 || r->max_reasons > e->limits.max_reasons) return INK_E_ARG;
  if (r->family != INK_NONE && r->family >= e->n_members) return INK_E_UNKNOWN_FAMILY;
  INK_TRY(ink_request_check_items(e, r->allow, r->n_allow));
  return ink_request_check_items(e, r->deny, r->n_deny);
}

/* ------------------------------------------------------------------- family */

static bool is_current(const ink_member *m, const ink_timeline *t, int64_t now) {
  return m->version == t->version && m->n == t->n && (!m->family->uses_now || m->now == now);
}

/* One event more than the state knows, at its end: a step may do. */
static bool is_one_behind(const ink_member *m, const ink_timeline *t) {
  return m->family->step != NULL && m->version == t->version && m->n + 1 == t->n && m->status == INK_OK && !m->family->uses_now;
}

/* Brings a state up to date. A family that cannot score this history is remembered as such, too. */
static ink_status refresh(ink_engine *e, ink_member *m, int64_t now) {
  const ink_timeline *t = &e->timeline;
  const ink_history history = { t->events, t->n, now };
  if (is_current(m, t, now)) return m->status;
  ink_status status = INK_REFOLD;
  if (!m->family->can_score(m->bound.model, &history)) status = INK_E_NOT_FOUND;
  else if (is_one_behind(m, t)) status = m->family->step(m->bound.model, &history, m->state, &e->scratch);
  if (status == INK_REFOLD) status = m->family->fold(m->bound.model, &history, m->state, &e->scratch);
  m->status = status;
  m->version = t->version;
  m->n = t->n;
  m->now = now;
  return status;
}

ink_status ink_request_member(ink_engine *e, const ink_request *r, ink_member **out) {
  const uint32_t first = r->family == INK_NONE ? 0 : r->family;
  const bool alone = r->family != INK_NONE && (r->flags & INK_NO_FALLBACK) != 0;
  ink_status status = INK_E_NOT_FOUND;
  for (uint32_t i = first; i < e->n_members; i++) {
    status = refresh(e, &e->members[i], r->now);
    if (status == INK_OK) *out = &e->members[i];
    if (alone || (status != INK_E_NOT_FOUND && status != INK_E_SINGULAR)) break;
  }
  return status;
}

/* ------------------------------------------------------------------- filter */

void ink_request_filter(ink_engine *e, const ink_request *r, bool with_seen, ink_filter *filter) {
  const ink_timeline *t = &e->timeline;
  ink_filter_init(filter, e->filter_words, e->n_items);
  if (r->allow != NULL) {
    ink_filter_none(filter);
    for (uint32_t i = 0; i < r->n_allow; i++) ink_filter_admit(filter, r->allow[i]);
  }
  for (uint32_t i = 0; i < r->n_deny; i++) ink_filter_drop(filter, r->deny[i]);
  for (uint32_t i = 0; i < t->n_hidden; i++) ink_filter_drop(filter, t->hidden[i]);
  for (uint32_t i = 0; !with_seen && i < t->n; i++) ink_filter_drop(filter, t->events[i].item);
}
