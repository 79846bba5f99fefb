/* als_data.c - see als_data.h. The formulas are those of FORMAT.md's `als.settings`: training and the device must
 * agree on what an event means. */
#include "als_data.h"

#include "blocks.h"
#include "mem.h"
#include "base.h"

#define FULL_WEIGHT 5.0f          /* explicit mode: |weight| of an event that counts like a rating ("like") */

/* ------------------------------------------------------------------ matrix */

static ink_status new_matrix(const ink_allocator *allocator, uint32_t n_rows, uint32_t n_cols, uint64_t n_values, ink_als_matrix *m) {
  *m = (ink_als_matrix){ .n_rows = n_rows, .n_cols = n_cols, .n_values = n_values };
  m->starts = ink_block_resize(allocator, NULL, (uint64_t)n_rows + 1, sizeof *m->starts);
  m->cols = ink_block_resize(allocator, NULL, n_values, sizeof *m->cols);
  m->a = ink_block_resize(allocator, NULL, n_values, sizeof *m->a);
  m->b = ink_block_resize(allocator, NULL, n_values, sizeof *m->b);
  if (m->starts != NULL && m->cols != NULL && m->a != NULL && m->b != NULL) return INK_OK;
  ink_als_matrix_free(m, allocator);
  return INK_E_NO_MEMORY;
}

void ink_als_matrix_free(ink_als_matrix *m, const ink_allocator *allocator) {
  ink_block_free(allocator, m->starts);
  ink_block_free(allocator, m->cols);
  ink_block_free(allocator, m->a);
  ink_block_free(allocator, m->b);
  *m = (ink_als_matrix){ 0 };
}

ink_status ink_als_transpose(const ink_als_matrix *m, const ink_train_env *env, ink_als_matrix *out) {
  ink_als_matrix t;
  INK_TRY(new_matrix(&env->allocator, m->n_cols, m->n_rows, m->n_values, &t));
  ink_mem_fill(t.starts, 0, ((size_t)t.n_rows + 1) * sizeof *t.starts);
  for (uint64_t i = 0; i < m->n_values; i++) t.starts[m->cols[i] + 1]++;
  for (uint32_t r = 0; r < t.n_rows; r++) t.starts[r + 1] += t.starts[r];
  for (uint32_t r = 0; r < m->n_rows; r++) {
    for (uint64_t i = m->starts[r]; i < m->starts[r + 1]; i++) {
      const uint64_t to = t.starts[m->cols[i]]++;
      t.cols[to] = r;
      t.a[to] = m->a[i];
      t.b[to] = m->b[i];
    }
  }
  for (uint32_t r = t.n_rows; r > 0; r--) t.starts[r] = t.starts[r - 1];
  t.starts[0] = 0;
  *out = t;
  return INK_OK;
}

ink_status ink_als_select(const ink_als_matrix *m, const uint8_t *keep, uint8_t wanted, const ink_train_env *env, ink_als_matrix *out) {
  uint64_t n_values = 0;
  uint32_t n_rows = 0;
  ink_als_matrix s;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    if (keep[r] != wanted) continue;
    n_rows++;
    n_values += m->starts[r + 1] - m->starts[r];
  }
  INK_TRY(new_matrix(&env->allocator, n_rows, m->n_cols, n_values, &s));
  uint64_t to = 0;
  uint32_t row = 0;
  for (uint32_t r = 0; r < m->n_rows; r++) {
    if (keep[r] != wanted) continue;
    const uint64_t from = m->starts[r];
    const size_t n = (size_t)(m->starts[r + 1] - from);
    s.starts[row++] = to;
    ink_mem_copy(s.cols + to, m->cols + from, n * sizeof *s.cols);
    ink_mem_copy(s.a + to, m->a + from, n * sizeof *s.a);
    ink_mem_copy(s.b + to, m->b + from, n * sizeof *s.b);
    to += n;
  }
  s.starts[row] = to;
  *out = s;
  return INK_OK;
}

/* ----------------------------------------------------------------- observe */

static bool is_rating(const ink_dataset *d, uint64_t e, uint32_t rating_kind) { return d->kind[e] == rating_kind; }

static float magnitude(float x) { return x < 0.0f ? -x : x; }
static float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* A pair under way: a weight of all its events, and its last rating. */
typedef struct pair { float weight, rating; bool rated; } pair;

/* False: no observation. */
static bool finish(const ink_als_rule *rule, const pair *p, float *a, float *b) {
  const float size = magnitude(p->weight);
  if (!rule->is_explicit) {
    const float confidence = rule->a_scale * size + rule->a_shift;
    *a = confidence > 0.0f ? confidence : 0.0f;
    *b = p->weight > 0.0f ? rule->b_scale * size + rule->b_shift : 0.0f;
    return p->weight != 0.0f;
  }
  *a = p->rated ? 1.0f : clip(size / FULL_WEIGHT, 0.0f, 1.0f);
  *b = (p->rated ? p->rating : p->weight > 0.0f ? rule->highest : rule->lowest) - rule->mean;
  return p->rated || p->weight != 0.0f;
}

/* Merges one person's events into pairs[0..n), items[0..n); slot[item] says where, when stamp[item] is this person's. */
typedef struct merger {
  pair *pairs;                    /* [most events of a person] */
  uint32_t *items;
  uint32_t *slot, *stamp;         /* [n_items] */
} merger;

static uint32_t merge_person(const ink_dataset *d, uint32_t person, uint32_t rating_kind, merger *g) {
  uint32_t n = 0;
  for (uint64_t e = d->user_starts[person]; e < d->user_starts[person + 1]; e++) {
    const uint32_t item = d->item[e];
    if (g->stamp[item] != person + 1) {
      g->stamp[item] = person + 1;
      g->slot[item] = n;
      g->items[n] = item;
      g->pairs[n++] = (pair){ 0 };
    }
    pair *p = &g->pairs[g->slot[item]];
    p->weight += ink_event_weight(d, e);
    if (!is_rating(d, e, rating_kind)) continue;
    p->rated = true;
    p->rating = d->value[e];
  }
  return n;
}

/* The mean of the ratings that count. */
static void find_scale(const ink_dataset *d, uint32_t rating_kind, merger *g, ink_als_rule *rule) {
  double sum = 0.0;
  uint64_t n_ratings = 0;
  for (uint32_t person = 0; person < d->users.n; person++) {
    const uint32_t n = merge_person(d, person, rating_kind, g);
    for (uint32_t j = 0; j < n; j++) {
      if (!g->pairs[j].rated) continue;
      sum += (double)g->pairs[j].rating;
      n_ratings++;
    }
  }
  rule->mean = n_ratings > 0 ? (float)(sum / (double)n_ratings) : 0.0f;
  rule->lowest = d->value_min;
  rule->highest = d->value_max;
}

static void fill(const ink_dataset *d, uint32_t rating_kind, const ink_als_rule *rule, merger *g, ink_als_matrix *m) {
  uint64_t to = 0;
  for (uint32_t person = 0; person < d->users.n; person++) {
    m->starts[person] = to;
    const uint32_t n = merge_person(d, person, rating_kind, g);
    for (uint32_t j = 0; j < n; j++) {
      m->cols[to] = g->items[j];
      to += finish(rule, &g->pairs[j], &m->a[to], &m->b[to]);
    }
  }
  m->starts[d->users.n] = to;
  m->n_values = to;
}

static void clear_stamps(const ink_dataset *d, merger *g) { ink_mem_fill(g->stamp, 0, (size_t)d->items.n * sizeof *g->stamp); }

static ink_status open_merger(const ink_dataset *d, merger *g) {
  uint64_t most = 0;
  for (uint32_t p = 0; p < d->users.n; p++)
    if (ink_dataset_user_events(d, p) > most) most = ink_dataset_user_events(d, p);
  INK_NEW(&d->allocator, most, &g->pairs);
  INK_NEW(&d->allocator, most, &g->items);
  INK_NEW(&d->allocator, d->items.n, &g->slot);
  INK_NEW(&d->allocator, d->items.n, &g->stamp);
  return INK_OK;
}

static void close_merger(const ink_dataset *d, merger *g) {
  ink_block_free(&d->allocator, g->pairs);
  ink_block_free(&d->allocator, g->items);
  ink_block_free(&d->allocator, g->slot);
  ink_block_free(&d->allocator, g->stamp);
}

ink_status ink_als_observe(const ink_dataset *d, ink_als_rule *rule, const ink_train_env *env, ink_als_matrix *people_by_items) {
  const uint32_t rating_kind = ink_names_find(&d->kinds, (ink_text){ "rating", 6 });
  merger g = { NULL, NULL, NULL, NULL };
  ink_als_matrix m;
  ink_status status = open_merger(d, &g);
  if (status == INK_OK) status = new_matrix(&env->allocator, d->users.n, d->items.n, d->n_events, &m);
  if (status == INK_OK) {
    clear_stamps(d, &g);
    if (rule->is_explicit) find_scale(d, rating_kind, &g, rule);
    clear_stamps(d, &g);
    fill(d, rating_kind, rule, &g, &m);
    *people_by_items = m;
  }
  close_merger(d, &g);
  return status;
}
