/* item_system.c - see item_system.h. */
#include "item_system.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "base.h"

static size_t stride_of(uint32_t n) { return ink_align_up(n, 16); }   /* rows aligned to 64 bytes */

static ink_status open_worker(ink_partners *p, ink_partners_worker *w, const ink_train_env *env) {
  const ink_allocator *a = &env->allocator;
  const uint32_t most = p->most;
  INK_TRY(ink_gram_room_open(p->choices, most, env, &w->room));
  INK_NEW(a, most, &w->scores);
  INK_NEW(a, most, &w->items);
  INK_NEW(a, most, &w->with_target);
  INK_NEW(a, most * (uint64_t)stride_of(most), &w->gram);
  ink_topk_init(&w->top, w->scores, w->items, most);
  return INK_OK;
}

static void find_norms(ink_partners *p) {
  const ink_matrix *items = &p->choices->items;
  for (uint32_t i = 0; i < items->n_rows; i++) {
    double sum = 0.0;
    for (uint64_t e = items->starts[i]; e < items->starts[i + 1]; e++) sum += (double)items->values[e] * (double)items->values[e];
    p->norm[i] = (float)ink_sqrt_f64(sum);
  }
}

ink_status ink_partners_open(ink_partners *p, const ink_choices *choices, const float *whole, uint32_t most, const ink_train_env *env) {
  const uint32_t n_items = choices->items.n_rows;
  *p = (ink_partners){ .choices = choices, .whole = whole, .most = ink_min_u32(most, n_items) };
  if (whole != NULL) return INK_OK;
  INK_NEW(&env->allocator, n_items, &p->norm);
  find_norms(p);
  INK_NEW(&env->allocator, env->threads.n_workers, &p->workers);
  ink_mem_fill(p->workers, 0, env->threads.n_workers * sizeof *p->workers);
  p->n_workers = env->threads.n_workers;
  for (uint32_t w = 0; w < p->n_workers; w++) INK_TRY(open_worker(p, &p->workers[w], env));
  return INK_OK;
}

void ink_partners_close(ink_partners *p, const ink_allocator *allocator) {
  for (uint32_t w = 0; w < p->n_workers; w++) {
    ink_partners_worker *worker = &p->workers[w];
    void *const blocks[] = { worker->scores, worker->items, worker->with_target, worker->gram };
    for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
    ink_gram_room_close(&worker->room, allocator);
  }
  ink_block_free(allocator, p->workers);
  ink_block_free(allocator, p->norm);
  *p = (ink_partners){ .choices = NULL };
}

/* ------------------------------------------------------------------ choosing */

/* The partners of the largest cosine, best first; the target's own norm is the same for all. Empties `room`. */
static void choose(const ink_partners *p, uint32_t target, ink_partners_worker *w, ink_sources *room) {
  w->top.n = 0;
  for (uint32_t k = 0; k < room->n; k++) {
    const uint32_t j = room->named[k];
    const float size = room->value[j] < 0.0f ? -room->value[j] : room->value[j];
    if (j != target && size > 0.0f) ink_topk_push(&w->top, size / p->norm[j], j);
  }
  ink_topk_sort(&w->top);
  for (uint32_t k = 0; k < w->top.n; k++) w->with_target[k] = room->value[w->items[k]];
  for (uint32_t k = 0; k < room->n; k++) {
    room->value[room->named[k]] = 0.0f;
    room->is_named[room->named[k]] = 0;
  }
  room->n = 0;
}

void ink_partners_of(const ink_partners *p, uint32_t target, uint32_t worker, ink_sources *room, ink_item_system *out) {
  const uint32_t n_items = p->choices->items.n_rows;
  if (p->whole != NULL) {
    *out = (ink_item_system){ .n = n_items, .gram = p->whole, .stride = n_items, .self = target,
                              .with_target = p->whole + (size_t)target * n_items };
    return;
  }
  ink_partners_worker *w = &p->workers[worker];
  ink_gram_row(p->choices, target, room);
  choose(p, target, w, room);
  *out = (ink_item_system){ .n = w->top.n, .items = w->items, .gram = w->gram, .stride = stride_of(p->most), .self = INK_NONE,
                            .with_target = w->with_target };
  ink_gram_chosen(p->choices, w->items, w->top.n, out->stride, &w->room, w->gram);
}

void ink_partners_put(const ink_item_system *s, const float *solution, ink_sources *out) {
  for (uint32_t k = 0; k < s->n; k++) {
    if (solution[k] == 0.0f || k == s->self) continue;
    const uint32_t item = s->items != NULL ? s->items[k] : k;
    ink_sources_name(out, item);
    out->value[item] = solution[k];
  }
}
