/* split.c - see split.h. */
#include "split.h"

#include "blocks.h"
#include "dataset_build.h"
#include "decimal.h"
#include "fault.h"
#include "hash.h"
#include "line_reader.h"
#include "mem.h"
#include "sort_order.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

/* Something drawn by lot: the smaller key first, then the smaller number. */
typedef struct ticket {
  uint64_t key;
  uint32_t number;
} ticket;

static bool ticket_before(const void *ctx, uint32_t a, uint32_t b) {
  const ticket *t = ctx;
  return t[a].key != t[b].key ? t[a].key < t[b].key : t[a].number < t[b].number;
}

/* How many of n a fraction takes, rounded half up. */
static uint32_t share_of(double fraction, uint32_t n) { return (uint32_t)(fraction * (double)n + 0.5); }

static uint64_t key_of(ink_text id, uint64_t seed) { return ink_hash64(id.bytes, id.n, seed); }

/* ------------------------------------------------------------------- pairs */

typedef struct pair_draw {
  ticket *tickets;                /* [most items of one person] */
  uint32_t *order;                /* [same] */
  uint8_t *held;                  /* [items] all 0 between people */
} pair_draw;

static void hold_pairs_of(const ink_dataset *d, uint32_t user, const ink_split_rule *rule, pair_draw *w, uint8_t *parts) {
  const uint64_t first = d->user_starts[user], end = d->user_starts[user + 1];
  const uint64_t user_key = key_of(ink_names_at(&d->users, user), rule->seed);
  uint32_t n = 0;
  for (uint64_t e = first; e < end; e++) {
    if (w->held[d->item[e]]) continue;
    w->held[d->item[e]] = 1;
    w->tickets[n] = (ticket){ key_of(ink_names_at(&d->items, d->item[e]), user_key), d->item[e] };
    n++;
  }
  for (uint32_t i = 0; i < n; i++) w->held[w->tickets[i].number] = 0;
  uint32_t share = rule->count > 0 ? rule->count : share_of(rule->fraction, n);
  if (share >= n && n > 0) share = n - 1;
  ink_sort_order(w->order, n, ticket_before, w->tickets);
  for (uint32_t i = 0; i < share; i++) w->held[w->tickets[w->order[i]].number] = 1;
  for (uint64_t e = first; e < end; e++) parts[e] = w->held[d->item[e]] ? INK_PART_TEST : INK_PART_TRAIN;
  for (uint32_t i = 0; i < share; i++) w->held[w->tickets[w->order[i]].number] = 0;
}

static ink_status new_pair_draw(const ink_dataset *d, const ink_allocator *allocator, pair_draw *w) {
  uint64_t most = 0;
  for (uint32_t u = 0; u < d->users.n; u++)
    if (ink_dataset_user_events(d, u) > most) most = ink_dataset_user_events(d, u);
  if (most > d->items.n) most = d->items.n;
  INK_NEW(allocator, most, &w->tickets);
  INK_NEW(allocator, most, &w->order);
  INK_NEW(allocator, d->items.n, &w->held);
  ink_mem_fill(w->held, 0, d->items.n);
  return INK_OK;
}

static ink_status split_pairs(const ink_dataset *d, const ink_split_rule *rule, const ink_allocator *allocator, uint8_t *parts) {
  pair_draw w = { NULL, NULL, NULL };
  const ink_status status = new_pair_draw(d, allocator, &w);
  for (uint32_t u = 0; u < d->users.n && status == INK_OK; u++) hold_pairs_of(d, u, rule, &w, parts);
  ink_block_free(allocator, w.tickets);
  ink_block_free(allocator, w.order);
  ink_block_free(allocator, w.held);
  return status;
}

/* ------------------------------------------------------------------- users */

static void hold_users(const ink_dataset *d, const ink_split_rule *rule, ticket *tickets, uint32_t *order, uint8_t *parts) {
  uint32_t n = 0;
  for (uint32_t u = 0; u < d->users.n; u++)
    if (ink_dataset_user_events(d, u) > 0) tickets[n++] = (ticket){ key_of(ink_names_at(&d->users, u), rule->seed), u };
  ink_sort_order(order, n, ticket_before, tickets);
  ink_mem_fill(parts, INK_PART_TRAIN, (size_t)d->n_events);
  for (uint32_t i = 0; i < share_of(rule->fraction, n); i++) {
    const uint32_t user = tickets[order[i]].number;
    ink_mem_fill(parts + d->user_starts[user], INK_PART_TEST, (size_t)ink_dataset_user_events(d, user));
  }
}

static ink_status split_users(const ink_dataset *d, const ink_split_rule *rule, const ink_allocator *allocator, uint8_t *parts) {
  ticket *tickets = ink_block_resize(allocator, NULL, d->users.n, sizeof *tickets);
  uint32_t *order = ink_block_resize(allocator, NULL, d->users.n, sizeof *order);
  const bool ok = tickets != NULL && order != NULL;
  if (ok) hold_users(d, rule, tickets, order, parts);
  ink_block_free(allocator, tickets);
  ink_block_free(allocator, order);
  return ok ? INK_OK : INK_E_NO_MEMORY;
}

/* ------------------------------------------------------------ last and time */

static void split_last(const ink_dataset *d, bool validation, uint8_t *parts) {
  ink_mem_fill(parts, INK_PART_TRAIN, (size_t)d->n_events);
  for (uint32_t u = 0; u < d->users.n; u++) {
    const uint64_t end = d->user_starts[u + 1], n = ink_dataset_user_events(d, u);
    if (n < (validation ? 3u : 2u)) continue;
    parts[end - 1] = INK_PART_TEST;
    if (validation) parts[end - 2] = INK_PART_VALIDATION;
  }
}

static void split_time(const ink_dataset *d, int64_t time, uint8_t *parts) {
  for (uint64_t e = 0; e < d->n_events; e++)
    parts[e] = d->time[e] != INK_NO_TIME && d->time[e] >= time ? INK_PART_TEST : INK_PART_TRAIN;
}

/* ------------------------------------------------------------------- folds */

static ink_status split_folds(const ink_dataset *d, const ink_split_rule *rule, const ink_train_env *env, uint8_t *parts) {
  if (rule->n_folds != d->n_events)
    return ink_refuse_range(env->fault, INK_E_DATA_FORMAT, NAME("number of folds"), (double)rule->n_folds,
                            (double)d->n_events, (double)d->n_events);
  for (uint64_t e = 0; e < d->n_events; e++) parts[e] = rule->folds[d->row[e]] == rule->fold ? INK_PART_TEST : INK_PART_TRAIN;
  return INK_OK;
}

static ink_status read_folds(ink_line_reader *lines, uint8_t **folds, uint64_t *n_folds) {
  uint64_t cap = 0;
  for (;;) {
    ink_line line;
    bool more;
    double fold;
    INK_TRY(ink_line_reader_next(lines, false, &line, &more));
    if (!more) break;
    const ink_text text = ink_text_trim((ink_text){ line.bytes, line.n });
    if (text.n == 0) continue;
    if (!ink_decimal_parse(text, &fold) || !(fold >= 0 && fold <= 255) || fold != (double)(uint8_t)fold)
      return ink_line_fault(lines, INK_E_DATA_NUMBER, NAME("fold"), text, "a whole number 0..255");
    if (*n_folds == cap) {
      cap = ink_block_grown(cap, cap + 1);
      INK_GROW(&lines->env->allocator, cap, folds);
    }
    (*folds)[(*n_folds)++] = (uint8_t)fold;
  }
  return *n_folds > 0 ? INK_OK : ink_line_fault(lines, INK_E_DATA_EMPTY, NAME("fold"), (ink_text){ "", 0 }, "at least one line");
}

ink_status ink_folds_read(const ink_source *source, const ink_train_env *env, uint8_t **folds, uint64_t *n_folds) {
  ink_line_reader lines;
  uint8_t *block = NULL;
  uint64_t n = 0;
  ink_status status = ink_line_reader_open(&lines, source, INK_ENCODING_UTF8, env);
  if (status == INK_OK) status = read_folds(&lines, &block, &n);
  ink_line_reader_close(&lines);
  if (status != INK_OK) {
    ink_block_free(&env->allocator, block);
    return status;
  }
  *folds = block;
  *n_folds = n;
  return INK_OK;
}

/* ------------------------------------------------------------------- doors */

ink_status ink_split_parts(const ink_dataset *d, const ink_split_rule *rule, const ink_train_env *env, uint8_t *parts) {
  const bool by_fraction = rule->how == INK_SPLIT_PAIRS || rule->how == INK_SPLIT_USERS;
  if (by_fraction && !(rule->fraction >= 0 && rule->fraction <= 1))
    return ink_refuse_range(env->fault, INK_E_SETTING, NAME("fraction"), rule->fraction, 0, 1);
  if ((rule->how == INK_SPLIT_TIME || rule->how == INK_SPLIT_LAST) && !d->has_time && !d->in_order)
    return ink_refuse(env->fault, INK_E_DATA_COLUMN, NAME("time"), "a time for each event, or lists in time order");
  switch (rule->how) {
    case INK_SPLIT_PAIRS: return split_pairs(d, rule, &env->allocator, parts);
    case INK_SPLIT_USERS: return split_users(d, rule, &env->allocator, parts);
    case INK_SPLIT_LAST: split_last(d, rule->validation, parts); return INK_OK;
    case INK_SPLIT_TIME: split_time(d, rule->time, parts); return INK_OK;
    case INK_SPLIT_FOLDS: return split_folds(d, rule, env, parts);
    default: return ink_refuse(env->fault, INK_E_SETTING, NAME("split"), "pairs, users, last, time or folds");
  }
}

/* ------------------------------------------------------------------- parts */

static ink_status new_events(ink_dataset *d, uint64_t n) {
  INK_NEW(&d->allocator, (uint64_t)d->users.n + 1, &d->user_starts);
  INK_NEW(&d->allocator, n, &d->item);
  INK_NEW(&d->allocator, n, &d->value);
  INK_NEW(&d->allocator, n, &d->time);
  INK_NEW(&d->allocator, n, &d->kind);
  INK_NEW(&d->allocator, n, &d->row);
  return INK_OK;
}

static void copy_event(const ink_dataset *from, uint64_t e, ink_dataset *to) {
  const uint64_t at = to->n_events++;
  to->item[at] = from->item[e];
  to->value[at] = from->value[e];
  to->time[at] = from->time[e];
  to->kind[at] = from->kind[e];
  to->row[at] = from->row[e];
}

static ink_status copy_part(const ink_dataset *d, const uint8_t *parts, uint32_t mask, ink_dataset *out) {
  uint64_t n = 0;
  for (uint64_t e = 0; e < d->n_events; e++) n += (mask >> parts[e]) & 1u;
  INK_TRY(ink_dataset_copy_names(out, d));
  INK_NEW(&out->allocator, d->kinds.n, &out->kind_weight);
  ink_mem_copy(out->kind_weight, d->kind_weight, d->kinds.n * sizeof *d->kind_weight);
  INK_TRY(new_events(out, n));
  for (uint32_t u = 0; u < d->users.n; u++) {
    out->user_starts[u] = out->n_events;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++)
      if ((mask >> parts[e]) & 1u) copy_event(d, e, out);
  }
  out->user_starts[d->users.n] = out->n_events;
  return INK_OK;
}

ink_status ink_dataset_part(const ink_dataset *d, const uint8_t *parts, uint32_t mask, const ink_train_env *env,
                            ink_dataset *out) {
  ink_dataset_init(out, &env->allocator);
  out->has_value = d->has_value;
  out->has_time = d->has_time;
  out->in_order = d->in_order;
  out->value_min = d->value_min;
  out->value_max = d->value_max;
  out->liked_from = d->liked_from;
  out->columns = d->columns;
  out->borrows_columns = d->columns != NULL;
  out->words = d->words;
  ink_mem_copy(out->explain, d->explain, sizeof d->explain);
  const ink_status status = copy_part(d, parts, mask, out);
  if (status != INK_OK) ink_dataset_free(out);
  return status;
}
