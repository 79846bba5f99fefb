/* item_parts.c - see item_parts.h. Reading order: tags as a matrix, shares, settling. */
#include "item_parts.h"

#include "blocks.h"
#include "fault.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define SHARDS 32u                /* of tags, and of items: the same for any number of workers */
#define OWN_SHARE 0.5f

/* --------------------------------------------------------------------- tags */

static bool has_tags(const ink_column *column, uint32_t item) {
  return column->kind == INK_COLUMN_TAGS && item < column->n_items && column->have[item] != 0;
}

static ink_status count_tags(const ink_columns *columns, const ink_train_env *env, uint64_t *n_tags, uint64_t *n_values) {
  *n_tags = *n_values = 0;
  for (uint32_t c = 0; columns != NULL && c < columns->n; c++) {
    if (columns->column[c].kind != INK_COLUMN_TAGS) continue;
    *n_tags += columns->column[c].tags.n;
    *n_values += columns->column[c].n_values;
  }
  const ink_text name = ink_text_of("item_features");
  if (*n_values == 0)
    return ink_refuse_found(env->fault, INK_E_SETTING, name, "items without tags", "an items file (--items) with a column of tags, or item_features=no");
  return *n_tags < INK_NONE ? INK_OK : ink_refuse(env->fault, INK_E_LIMIT, name, "at most 2^32-2 different tags");
}

static void fill_tags(const ink_columns *columns, ink_matrix *m) {
  uint64_t at = 0;
  for (uint32_t i = 0; i < m->n_rows; i++) {
    m->starts[i] = at;
    uint32_t first_tag = 0;
    for (uint32_t c = 0; c < columns->n; c++) {
      const ink_column *const column = &columns->column[c];
      if (has_tags(column, i))
        for (uint32_t v = i == 0 ? 0 : column->ends[i - 1]; v < column->ends[i]; v++) {
          m->cols[at] = first_tag + column->values[v];
          m->values[at++] = 1.0f;
        }
      if (column->kind == INK_COLUMN_TAGS) first_tag += column->tags.n;
    }
  }
  m->starts[m->n_rows] = m->n_values = at;
}

static ink_status new_tags(const ink_columns *columns, const ink_train_env *env, ink_matrix *m) {
  uint64_t n_tags, n_values;
  INK_TRY(count_tags(columns, env, &n_tags, &n_values));
  m->n_cols = (uint32_t)n_tags;
  INK_NEW(&env->allocator, (uint64_t)m->n_rows + 1, &m->starts);
  INK_NEW(&env->allocator, n_values, &m->cols);
  INK_NEW(&env->allocator, n_values, &m->values);
  fill_tags(columns, m);
  return INK_OK;
}

ink_status ink_item_tags(const ink_columns *columns, uint32_t n_items, const ink_train_env *env, ink_matrix *out) {
  *out = (ink_matrix){ .n_rows = n_items };
  const ink_status status = new_tags(columns, env, out);
  if (status != INK_OK) ink_matrix_free(out, &env->allocator);
  return status;
}

/* ------------------------------------------------------------------- shares */

static uint64_t n_tags_of(const ink_item_parts *p, uint32_t item) { return p->by_item->starts[item + 1] - p->by_item->starts[item]; }

static void mark_silent(ink_item_parts *p, const ink_positives *choices) {
  for (uint32_t i = 0; i < p->by_item->n_rows; i++) p->silent[i] = n_tags_of(p, i) > 0;
  for (uint64_t e = 0; e < choices->starts[choices->n_people]; e++) p->silent[choices->items[e]] = 0;
}

static void set_shares(ink_item_parts *p) {
  ink_matrix *const m = &p->by_tag;
  for (uint32_t t = 0; t < m->n_rows; t++) {
    uint64_t n = 0;
    for (uint64_t e = m->starts[t]; e < m->starts[t + 1]; e++) n += p->silent[m->cols[e]] == 0;
    for (uint64_t e = m->starts[t]; e < m->starts[t + 1]; e++)
      m->values[e] = p->silent[m->cols[e]] ? 0.0f : (1.0f - OWN_SHARE) / ((float)n_tags_of(p, m->cols[e]) * (float)n);
  }
}

static ink_status open_parts(const ink_item_parts *p, float *rows, size_t width, ink_parts *out) {
  const size_t n = p->by_item->n_rows * width, n_tags = p->by_item->n_cols * width;
  *out = (ink_parts){ .rows = rows, .width = width };
  INK_NEW(&p->allocator, n, &out->own);
  INK_NEW(&p->allocator, n, &out->before);
  INK_NEW(&p->allocator, n_tags, &out->tags);
  for (uint32_t i = 0; i < p->by_item->n_rows; i++)
    if (p->silent[i]) ink_mem_fill(rows + i * width, 0, width * sizeof *rows);
  ink_mem_copy(out->own, rows, n * sizeof *rows);
  ink_mem_copy(out->before, rows, n * sizeof *rows);
  ink_mem_fill(out->tags, 0, n_tags * sizeof *out->tags);
  return INK_OK;
}

ink_status ink_item_parts_new(ink_item_parts *p, const ink_matrix *tags, const ink_positives *choices, float *rows, size_t stride,
                              float *bias, const ink_train_env *env) {
  *p = (ink_item_parts){ .allocator = env->allocator, .by_item = tags };
  INK_NEW(&env->allocator, tags->n_rows, &p->silent);
  mark_silent(p, choices);
  INK_TRY(ink_matrix_transpose(tags, env, &p->by_tag));
  set_shares(p);
  INK_TRY(open_parts(p, rows, stride, &p->vectors));
  return bias != NULL ? open_parts(p, bias, 1, &p->biases) : INK_OK;
}

void ink_item_parts_free(ink_item_parts *p) {
  void *const blocks[] = { p->silent, p->vectors.own, p->vectors.before, p->vectors.tags, p->biases.own, p->biases.before, p->biases.tags };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&p->allocator, blocks[i]);
  ink_matrix_free(&p->by_tag, &p->allocator);
  *p = (ink_item_parts){ 0 };
}

/* ----------------------------------------------------------------- settling */

static uint32_t shard_start(uint32_t n, uint32_t shard) { return (uint32_t)((uint64_t)n * shard / SHARDS); }

static void move_tag(const ink_matrix *by_tag, const ink_parts *x, uint32_t t) {
  float *const tag = x->tags + t * x->width;
  for (uint64_t e = by_tag->starts[t]; e < by_tag->starts[t + 1]; e++) {
    const size_t at = by_tag->cols[e] * x->width;
    for (size_t k = 0; k < x->width; k++) tag[k] += by_tag->values[e] * (x->rows[at + k] - x->before[at + k]);
  }
}

static void move_tags(void *arg, uint32_t shard, uint32_t worker) {
  const ink_item_parts *const p = arg;
  const uint32_t end = shard_start(p->by_tag.n_rows, shard + 1);
  (void)worker;
  for (uint32_t t = shard_start(p->by_tag.n_rows, shard); t < end; t++) {
    move_tag(&p->by_tag, &p->vectors, t);
    if (p->biases.rows != NULL) move_tag(&p->by_tag, &p->biases, t);
  }
}

static void add_up(const ink_matrix *by_item, const ink_parts *x, uint32_t i) {
  float *const row = x->rows + i * x->width, *const own = x->own + i * x->width, *const before = x->before + i * x->width;
  for (size_t k = 0; k < x->width; k++) row[k] = own[k] += OWN_SHARE * (row[k] - before[k]);
  for (uint64_t e = by_item->starts[i]; e < by_item->starts[i + 1]; e++) {
    const float *const tag = x->tags + by_item->cols[e] * x->width;
    for (size_t k = 0; k < x->width; k++) row[k] += tag[k];
  }
  ink_mem_copy(before, row, x->width * sizeof *row);
}

static void add_up_items(void *arg, uint32_t shard, uint32_t worker) {
  const ink_item_parts *const p = arg;
  const uint32_t end = shard_start(p->by_item->n_rows, shard + 1);
  (void)worker;
  for (uint32_t i = shard_start(p->by_item->n_rows, shard); i < end; i++) {
    if (n_tags_of(p, i) == 0) continue;                    /* its row is its own part */
    add_up(p->by_item, &p->vectors, i);
    if (p->biases.rows != NULL) add_up(p->by_item, &p->biases, i);
  }
}

void ink_item_parts_settle(const ink_item_parts *p, const ink_threads *threads) {
  ink_item_parts shared = *p;
  threads->parallel_for(threads->ctx, SHARDS, move_tags, &shared);
  threads->parallel_for(threads->ctx, SHARDS, add_up_items, &shared);
}
