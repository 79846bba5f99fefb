/* term_matrix.c - see term_matrix.h. Counting makes one entry a word; transposing brings a term's entries
 * together, so that document frequencies, merging and sorting need no comparison.
 * Reading order: collecting, keeping, ink_terms_count(), weighing. */
#include "term_matrix.h"

#include "blocks.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "sort_order.h"
#include "text_words.h"
#include "utf8.h"
#include "base.h"

bool ink_term_is_tag(ink_text term) {
  for (uint32_t i = 0; i < term.n; i++)
    if (term.bytes[i] == ':') return true;
  return false;
}

void ink_terms_free(ink_terms *terms, const ink_allocator *allocator) {
  ink_names_free(&terms->names, allocator);
  ink_matrix_free(&terms->rows, allocator);
  ink_block_free(allocator, terms->df);
  ink_block_free(allocator, terms->idf);
  *terms = (ink_terms){ 0 };
}

/* -------------------------------------------------------------- collecting */

/* One entry a word or tag, items in order. */
typedef struct collecting {
  const ink_train_env *env;
  const ink_term_rule *rule;
  ink_names names;                /* in order of first appearance */
  ink_matrix entries;             /* values 1 */
  uint64_t cap;
  char *tag; uint32_t cap_tag;    /* "column:tag" being put together */
} collecting;

static ink_status take_term(collecting *c, ink_text term) {
  ink_matrix *m = &c->entries;
  uint32_t number;
  INK_TRY(ink_names_add(&c->names, &c->env->allocator, term, &number));
  if (m->n_values == c->cap) {
    const uint64_t cap = ink_block_grown(c->cap, c->cap + 1);
    INK_GROW(&c->env->allocator, cap, &m->cols);
    INK_GROW(&c->env->allocator, cap, &m->values);
    c->cap = cap;
  }
  m->cols[m->n_values] = number;
  m->values[m->n_values++] = 1.0f;
  return INK_OK;
}

static ink_status take_text(collecting *c, const ink_column *column, uint32_t item) {
  const uint32_t first = item == 0 ? 0 : column->ends[item - 1];
  ink_words words;
  ink_text word;
  ink_words_open(&words, (ink_text){ column->bytes + first, column->ends[item] - first });
  while (ink_words_next(&words, &word))
    if (!ink_is_stop_word(word, c->rule->stop)) INK_TRY(take_term(c, word));
  return INK_OK;
}

static ink_status take_tag(collecting *c, ink_text column, ink_text tag) {
  const uint32_t n = column.n + 1 + tag.n;
  if (n > c->cap_tag) {
    INK_GROW(&c->env->allocator, n, &c->tag);
    c->cap_tag = n;
  }
  ink_mem_copy(c->tag, column.bytes, column.n);
  c->tag[column.n] = ':';
  ink_mem_copy(c->tag + column.n + 1, tag.bytes, tag.n);
  return take_term(c, (ink_text){ c->tag, n });
}

static ink_status take_column(collecting *c, const ink_column *column, uint32_t item) {
  if (!column->have[item]) return INK_OK;
  if (column->kind == INK_COLUMN_TEXT) return take_text(c, column, item);
  if (column->kind != INK_COLUMN_TAGS) return INK_OK;
  for (uint32_t v = item == 0 ? 0 : column->ends[item - 1]; v < column->ends[item]; v++)
    INK_TRY(take_tag(c, ink_text_of(column->name), ink_names_at(&column->tags, column->values[v])));
  return INK_OK;
}

/* Items behind the columns' last have no text. */
static ink_status collect(collecting *c, const ink_columns *columns, uint32_t n_items) {
  const uint32_t n_columns = columns != NULL ? columns->n : 0;
  INK_NEW(&c->env->allocator, (uint64_t)n_items + 1, &c->entries.starts);
  c->entries.n_rows = n_items;
  for (uint32_t i = 0; i < n_items; i++) {
    c->entries.starts[i] = c->entries.n_values;
    for (uint32_t k = 0; k < n_columns; k++)
      if (i < columns->column[k].n_items) INK_TRY(take_column(c, &columns->column[k], i));
  }
  c->entries.starts[n_items] = c->entries.n_values;
  c->entries.n_cols = c->names.n;
  return INK_OK;
}

/* ----------------------------------------------------------------- keeping */

/* Of each collected term: how many items have it. Equal items of a row stand together. */
static void count_items(const ink_matrix *by_term, uint32_t *df) {
  for (uint32_t t = 0; t < by_term->n_rows; t++) {
    df[t] = 0;
    for (uint64_t e = by_term->starts[t]; e < by_term->starts[t + 1]; e++)
      df[t] += e == by_term->starts[t] || by_term->cols[e] != by_term->cols[e - 1];
  }
}

typedef struct ordering {
  const ink_names *names;
  const uint32_t *df;
} ordering;

static bool bytes_before(const ordering *o, uint32_t a, uint32_t b) {
  return ink_text_order(ink_names_at(o->names, a), ink_names_at(o->names, b)) < 0;
}
static bool is_more_frequent(const void *ctx, uint32_t a, uint32_t b) {
  const ordering *o = ctx;
  return o->df[a] != o->df[b] ? o->df[a] > o->df[b] : bytes_before(o, a, b);
}

/* order [names->n] out: kept terms first, *n_kept of them, by bytes. */
static void choose(const ordering *o, const ink_term_rule *rule, uint32_t n_items, uint32_t *order, uint32_t *n_kept) {
  const double most = rule->max_df * (double)n_items;
  uint32_t n = 0;
  ink_sort_order(order, o->names->n, is_more_frequent, o);
  for (uint32_t i = 0; i < o->names->n && n < rule->max_terms; i++)
    if (o->df[order[i]] >= rule->min_df && (double)o->df[order[i]] <= most) order[n++] = order[i];
  *n_kept = n;
}

/* ink_sort_order() numbers from 0: `map` says which term each number stands for. */
typedef struct by_bytes { const ordering *o; const uint32_t *map; } by_bytes;
static bool mapped_before(const void *ctx, uint32_t a, uint32_t b) {
  const by_bytes *m = ctx;
  return bytes_before(m->o, m->map[a], m->map[b]);
}

/* The kept rows of by_term in their new order, entries of one item joined. */
static ink_status keep_rows(const collecting *c, const ink_matrix *by_term, const uint32_t *kept, uint32_t n_kept, ink_terms *out) {
  const ink_allocator *a = &c->env->allocator;
  ink_matrix m = { .n_rows = n_kept, .n_cols = by_term->n_cols };
  ink_status status = INK_OK;
  uint32_t number;
  m.starts = ink_block_resize(a, NULL, (uint64_t)n_kept + 1, sizeof *m.starts);
  m.cols = ink_block_resize(a, NULL, by_term->n_values, sizeof *m.cols);
  m.values = ink_block_resize(a, NULL, by_term->n_values, sizeof *m.values);
  if (m.starts == NULL || m.cols == NULL || m.values == NULL) status = INK_E_NO_MEMORY;
  for (uint32_t k = 0; k < n_kept && status == INK_OK; k++) {
    const uint64_t first = by_term->starts[kept[k]], end = by_term->starts[kept[k] + 1];
    m.starts[k] = m.n_values;
    for (uint64_t e = first; e < end; e++) {
      if (e > first && by_term->cols[e] == by_term->cols[e - 1]) {
        m.values[m.n_values - 1] += by_term->values[e];
        continue;
      }
      m.cols[m.n_values] = by_term->cols[e];
      m.values[m.n_values++] = by_term->values[e];
    }
    status = ink_names_add(&out->names, a, ink_names_at(&c->names, kept[k]), &number);
  }
  if (status == INK_OK) m.starts[n_kept] = m.n_values;
  if (status == INK_OK) status = ink_matrix_transpose(&m, c->env, &out->rows);
  ink_matrix_free(&m, a);
  return status;
}

/* Scratch of keep(), freed by its caller. */
typedef struct choice { uint32_t *df, *order, *places, *kept; } choice;

static ink_status keep(const collecting *c, const ink_matrix *by_term, choice *s, ink_terms *out) {
  const ink_allocator *a = &c->env->allocator;
  const uint32_t n = c->names.n;
  uint32_t n_kept;
  INK_NEW(a, n, &s->df);
  INK_NEW(a, n, &s->order);
  INK_NEW(a, n, &s->places);
  INK_NEW(a, n, &s->kept);
  count_items(by_term, s->df);
  const ordering o = { &c->names, s->df };
  choose(&o, c->rule, c->entries.n_rows, s->order, &n_kept);
  if (n_kept == 0)
    return ink_refuse(c->env->fault, INK_E_DATA_EMPTY, ink_text_of("content"),
                      "an items file (--items) with text or tags of which min_df and max_df leave some");
  ink_sort_order(s->places, n_kept, mapped_before, &(by_bytes){ &o, s->order });
  INK_NEW(a, n_kept, &out->df);
  for (uint32_t k = 0; k < n_kept; k++) {
    s->kept[k] = s->order[s->places[k]];
    out->df[k] = s->df[s->kept[k]];
  }
  return keep_rows(c, by_term, s->kept, n_kept, out);
}

ink_status ink_terms_count(const ink_columns *columns, uint32_t n_items, const ink_term_rule *rule, const ink_train_env *env,
                           ink_terms *out) {
  const ink_allocator *a = &env->allocator;
  collecting c = { .env = env, .rule = rule };
  ink_matrix by_term = { 0 };
  choice scratch = { 0 };
  *out = (ink_terms){ 0 };
  ink_status status = collect(&c, columns, n_items);
  if (status == INK_OK) status = ink_matrix_transpose(&c.entries, env, &by_term);
  if (status == INK_OK) status = keep(&c, &by_term, &scratch, out);
  uint32_t *const blocks[] = { scratch.df, scratch.order, scratch.places, scratch.kept };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_matrix_free(&by_term, a);
  ink_matrix_free(&c.entries, a);
  ink_names_free(&c.names, a);
  ink_block_free(a, c.tag);
  if (status != INK_OK) ink_terms_free(out, a);
  return status;
}

/* ---------------------------------------------------------------- weighing */

static double idf_of(const ink_term_weighting *w, double n, double df) {
  if (w->scheme == INK_TERMS_BM25) return ink_log_f64(1.0 + (n - df + 0.5) / (df + 0.5));
  return ink_log_f64((1.0 + n) / (1.0 + df)) + 1.0;
}

static double term_frequency(const ink_term_weighting *w, double count, double length) {
  if (w->scheme == INK_TERMS_TFIDF) return w->sublinear ? 1.0 + ink_log_f64(count) : count;
  const double k1 = (double)w->k1, b = (double)w->b;
  return count * (k1 + 1.0) / (count + k1 * (1.0 - b + b * length / (double)w->average));
}

/* Scales a row to length 1; one of zeros stays. */
static void make_unit(float *row, uint64_t n) {
  double sum = 0.0;
  for (uint64_t i = 0; i < n; i++) sum += (double)row[i] * (double)row[i];
  const double scale = sum > 0.0 ? 1.0 / ink_sqrt_f64(sum) : 0.0;
  for (uint64_t i = 0; i < n; i++) row[i] = (float)((double)row[i] * scale);
}

static void weigh_row(ink_terms *terms, const ink_term_weighting *w, uint32_t item) {
  const ink_matrix *m = &terms->rows;
  const uint64_t first = m->starts[item], end = m->starts[item + 1];
  double length = 0.0;
  for (uint64_t e = first; e < end; e++) length += (double)m->values[e];
  for (uint64_t e = first; e < end; e++) {
    const double field = ink_term_is_tag(ink_names_at(&terms->names, m->cols[e])) ? (double)w->tag_weight : 1.0;
    m->values[e] = (float)(term_frequency(w, (double)m->values[e], length) * (double)terms->idf[m->cols[e]] * field);
  }
  make_unit(m->values + first, end - first);
}

ink_status ink_terms_weigh(ink_terms *terms, ink_term_weighting *w, const ink_train_env *env) {
  const uint32_t n_items = terms->rows.n_rows, n_terms = terms->rows.n_cols;
  double total = 0.0;
  INK_NEW(&env->allocator, n_terms, &terms->idf);
  for (uint32_t t = 0; t < n_terms; t++) terms->idf[t] = (float)idf_of(w, (double)n_items, (double)terms->df[t]);
  for (uint64_t e = 0; e < terms->rows.n_values; e++) total += (double)terms->rows.values[e];
  w->average = (float)(total / (double)n_items);
  for (uint32_t i = 0; i < n_items; i++) weigh_row(terms, w, i);
  return INK_OK;
}

static bool is_heavier(const void *ctx, uint32_t a, uint32_t b) {
  const float *row = ctx;
  return row[a] != row[b] ? row[a] > row[b] : a < b;
}

ink_status ink_terms_cut(ink_terms *terms, uint32_t most, const ink_train_env *env) {
  ink_matrix *m = &terms->rows;
  uint64_t longest = 0, to = 0;
  uint32_t *order;
  for (uint32_t i = 0; i < m->n_rows; i++)
    if (m->starts[i + 1] - m->starts[i] > longest) longest = m->starts[i + 1] - m->starts[i];
  INK_NEW(&env->allocator, 2 * longest, &order);
  uint32_t *const rank = order + longest;
  for (uint32_t i = 0; i < m->n_rows; i++) {
    const uint64_t first = m->starts[i], start = to;
    const uint32_t n = (uint32_t)(m->starts[i + 1] - first);
    ink_sort_order(order, n, is_heavier, m->values + first);
    for (uint32_t k = 0; k < n; k++) rank[order[k]] = k;
    m->starts[i] = start;
    for (uint32_t e = 0; e < n; e++) {
      if (rank[e] >= most) continue;
      m->cols[to] = m->cols[first + e];
      m->values[to++] = m->values[first + e];
    }
    if (n > most) make_unit(m->values + start, to - start);
  }
  m->starts[m->n_rows] = to;
  m->n_values = to;
  ink_block_free(&env->allocator, order);
  return INK_OK;
}
