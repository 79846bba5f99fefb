/* engine.c - measuring and opening an engine: binds the families of a pack and lays the person's memory out.
 *
 * One function, lay_out(), does both: run with a measuring arena it counts, run with memory it builds. The
 * scratch arena is the last block, as large as the greediest call needs.
 * Reading order: limits, layout, the calls of inkling.h. */
#include "engine.h"

#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "reasons.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

#define STANDARD_EVENTS 2000u
#define STANDARD_COUNT 100u
#define STANDARD_REASONS 8u
#define BYTES_AN_EVENT 96u
/* Any single event fits into an empty journal of this size (ids, kind and slate at their caps: 1120
 * bytes), so making room for one never ends with an empty journal and a refusal. */
#define JOURNAL_MIN_BYTES 4096u
#define JOURNAL_MAX_BYTES ((size_t)1 << 30)

/* ------------------------------------------------------------------ limits */

static ink_status check_limit(ink_text name, uint32_t got, uint32_t cap, ink_fault *fault) {
  return got <= cap ? INK_OK : ink_refuse_range(fault, INK_E_LIMIT, name, got, 1, cap);
}

/* limits NULL = all standard. */
static ink_status resolve_limits(const ink_limits *limits, ink_limits *out, ink_fault *fault) {
  ink_limits l = { .struct_bytes = sizeof l };
  if (limits != NULL) {
    if (limits->struct_bytes != sizeof l)
      return ink_refuse_range(fault, INK_E_ARG, NAME("limits.struct_bytes"), limits->struct_bytes, sizeof l, sizeof l);
    l = *limits;
  }
  INK_TRY(check_limit(NAME("limits.max_events"), l.max_events, INK_CAP_EVENTS, fault));
  INK_TRY(check_limit(NAME("limits.max_count"), l.max_count, INK_CAP_COUNT, fault));
  INK_TRY(check_limit(NAME("limits.max_reasons"), l.max_reasons, INK_CAP_REASONS, fault));
  if (l.max_events == 0) l.max_events = STANDARD_EVENTS;
  if (l.max_count == 0) l.max_count = STANDARD_COUNT;
  if (l.max_reasons == 0) l.max_reasons = STANDARD_REASONS;
  if (l.journal_bytes == 0) {
    l.journal_bytes = (size_t)BYTES_AN_EVENT * l.max_events;
    if (l.journal_bytes < JOURNAL_MIN_BYTES) l.journal_bytes = JOURNAL_MIN_BYTES;
  }
  if (l.journal_bytes < JOURNAL_MIN_BYTES || l.journal_bytes > JOURNAL_MAX_BYTES)
    return ink_refuse_range(fault, INK_E_LIMIT, NAME("limits.journal_bytes"), (double)l.journal_bytes, JOURNAL_MIN_BYTES,
                            (double)JOURNAL_MAX_BYTES);
  *out = l;
  return INK_OK;
}

/* ------------------------------------------------------------------ layout */

typedef struct layout {
  ink_engine *engine;             /* a draft on the stack; moved into its block at the end */
  ink_tensor_source tensors;
  ink_arena *arena;
  size_t scratch_bytes;           /* what the greediest call takes */
  ink_fault *fault;
} layout;

static void want_scratch(layout *l, size_t bytes) {
  if (bytes > l->scratch_bytes) l->scratch_bytes = bytes;
}

/* Bytes of two blocks taken one after the other; SIZE_MAX when they overflow, which no arena has. */
static size_t both(size_t a, size_t b) {
  size_t sum;
  return a <= SIZE_MAX - 2 * INK_ALIGN && ink_size_add(ink_align_up(a, INK_ALIGN), b, &sum) ? sum : SIZE_MAX;
}

static ink_status bind_member(layout *l, const ink_family *family, ink_member *out) {
  const ink_engine *e = l->engine;
  const ink_bind bind = { family->name, &l->tensors, e->n_items, e->limits.max_events, e->kernels, l->arena, l->fault };
  ink_member m = { .family = family };
  INK_TRY(family->bind(&bind, &m.bound));
  const size_t parts_bytes = ink_member_parts(e, &m) * sizeof(ink_part);
  INK_TRY(ink_arena_take(l->arena, m.bound.state_bytes, 1, &m.state));
  want_scratch(l, both(parts_bytes, m.bound.scratch_bytes));
  want_scratch(l, ink_search_scratch_bytes(m.bound.width, e->max_slate));
  if (family->rows != NULL) want_scratch(l, ink_cosine_scratch_bytes(m.bound.width));
  if (out != NULL) *out = m;
  return INK_OK;
}

static ink_status lay_out_members(layout *l) {
  const ink_family *families[INK_CAP_FAMILIES];
  ink_engine *e = l->engine;
  INK_TRY(ink_bind_families(&l->tensors, families, &e->n_members, l->fault));
  INK_TAKE(l->arena, e->n_members, &e->members);
  for (uint32_t i = 0; i < e->n_members; i++)
    INK_TRY(bind_member(l, families[i], e->members ? &e->members[i] : NULL));
  return INK_OK;
}

static ink_status lay_out_journal(layout *l) {
  ink_engine *e = l->engine;
  uint8_t *bytes;
  uint32_t *offsets;
  INK_TAKE(l->arena, e->limits.journal_bytes, &bytes);
  INK_TAKE(l->arena, e->limits.max_events, &offsets);
  INK_TAKE(l->arena, e->limits.max_events, &e->timeline.events);
  INK_TAKE(l->arena, e->limits.max_events, &e->timeline.hidden);
  if (ink_arena_measuring(l->arena)) return INK_OK;
  return ink_journal_init(&e->journal, bytes, e->limits.journal_bytes, offsets, e->limits.max_events);
}

static ink_status lay_out_slate(layout *l) {
  ink_engine *e = l->engine;
  const size_t lines = (size_t)e->limits.max_reasons + INK_REASONS_MORE;
  size_t n_reasons;
  if (!ink_size_mul(e->max_slate, lines, &n_reasons)) return INK_E_SCRATCH;
  INK_TAKE(l->arena, ink_filter_words(e->n_items), &e->filter_words);
  INK_TAKE(l->arena, e->max_slate, &e->top_scores);
  INK_TAKE(l->arena, e->max_slate, &e->top_items);
  INK_TAKE(l->arena, e->max_slate, &e->slate_items);
  INK_TAKE(l->arena, n_reasons, &e->slate_reasons);
  return INK_OK;
}

static ink_status lay_out_scratch(layout *l) {
  void *scratch;
  want_scratch(l, INK_CAP_ITEM_ID_BYTES + INK_CAP_KIND_BYTES + INK_CAP_SLATE_BYTES + 2 * INK_ALIGN);   /* keep_text() */
  INK_TRY(ink_arena_take(l->arena, l->scratch_bytes, 1, &scratch));
  l->engine->scratch_at = l->arena->used - l->scratch_bytes;
  if (!ink_arena_measuring(l->arena)) ink_arena_init(&l->engine->scratch, scratch, l->scratch_bytes);
  return INK_OK;
}

/* Everything in the order of the block; `out` is the engine's own place in it. */
static ink_status lay_out(layout *l, ink_engine **out) {
  ink_engine *e = l->engine, *place;
  INK_TAKE(l->arena, 1, &place);
  INK_TRY(ink_kinds_bind(&l->tensors, &e->kinds, l->fault));
  INK_TRY(lay_out_members(l));
  INK_TRY(lay_out_journal(l));
  INK_TRY(lay_out_slate(l));
  INK_TRY(lay_out_scratch(l));
  if (ink_arena_measuring(l->arena)) return INK_OK;
  *place = *e;
  ink_timeline_sync(&place->timeline, &place->journal, place->pack, &place->kinds);
  *out = place;
  return INK_OK;
}

/* kernels NULL while measuring. */
static ink_status build(const ink_pack *pack, const ink_limits *limits, const ink_kernels *kernels, ink_arena *arena,
                        ink_engine **out, ink_fault *fault) {
  ink_engine draft = { .pack = pack, .kernels = kernels, .n_items = ink_pack_n_items(pack) };
  layout l = { .engine = &draft, .tensors = ink_bind_source(pack), .arena = arena, .fault = fault };
  INK_TRY(resolve_limits(limits, &draft.limits, fault));
  draft.max_slate = ink_min_u32(draft.limits.max_count, draft.n_items);
  return lay_out(&l, out);
}

/* A refusal always has a record, also where the place that refused had nothing to add. */
static ink_status hand_out(ink_status status, const ink_fault *found, ink_fault *fault) {
  if (status == INK_OK || fault == NULL) return status;
  if (found->code == (uint32_t)status) *fault = *found;
  else ink_refuse(fault, status, (ink_text){ 0 }, "");
  return status;
}

/* ------------------------------------------------------------------- calls */

ink_status ink_engine_measure(const ink_pack *pack, const ink_limits *limits, size_t *mem_bytes, ink_fault *fault) {
  ink_fault found = { 0 };
  ink_engine *engine;
  ink_arena arena;
  if (pack == NULL || mem_bytes == NULL) return hand_out(INK_E_ARG, &found, fault);
  ink_arena_init_measure(&arena);
  ink_status status = build(pack, limits, NULL, &arena, &engine, &found);
  if (status == INK_E_SCRATCH) status = INK_E_LIMIT;   /* more than this machine can address */
  if (status == INK_OK) *mem_bytes = arena.high;
  return hand_out(status, &found, fault);
}

ink_status ink_engine_open(const ink_pack *pack, const ink_limits *limits, const ink_kernels *kernels, void *mem,
                           size_t mem_bytes, ink_engine **engine, ink_fault *fault) {
  ink_fault found = { 0 };
  ink_arena arena;
  if (pack == NULL || engine == NULL) return hand_out(INK_E_ARG, &found, fault);
  if (mem == NULL || (uintptr_t)mem % INK_ALIGN != 0) return hand_out(INK_E_MEMORY, &found, fault);
  ink_arena_init(&arena, mem, mem_bytes);
  if (kernels == NULL) kernels = ink_kernels_best();
  ink_status status = build(pack, limits, kernels, &arena, engine, &found);
  if (status == INK_E_SCRATCH) status = INK_E_MEMORY;
  return hand_out(status, &found, fault);
}

size_t ink_engine_high_water(const ink_engine *engine) {
  const size_t before = engine->scratch_high, since = engine->scratch.high;
  return engine->scratch_at + (before > since ? before : since);
}

uint32_t ink_engine_n_families(const ink_engine *engine) { return engine->n_members; }

const char *ink_engine_family_name(const ink_engine *engine, uint32_t family) {
  return family < engine->n_members ? engine->members[family].family->name : NULL;
}

ink_text ink_engine_term(const ink_engine *engine, uint32_t family, uint32_t term) {
  const ink_member *m = &engine->members[family];
  if (family >= engine->n_members || m->family->term == NULL) return (ink_text){ 0 };
  return m->family->term(m->bound.model, term);
}

uint32_t ink_engine_family(const ink_engine *engine, const char *name) {
  const ink_text wanted = ink_text_of(name);
  for (uint32_t i = 0; i < engine->n_members; i++)
    if (ink_text_equal(ink_text_of(engine->members[i].family->name), wanted)) return i;
  return INK_NONE;
}
