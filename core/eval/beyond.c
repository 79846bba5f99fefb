/* beyond.c - see beyond.h. Reading order: popularity, tags, vectors, slates, all people together. */
#include "beyond.h"

#include "blocks.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "sort_order.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define HEAD_SHARE 0.2            /* of the catalogue */

/* -------------------------------------------------------------- popularity */

/* people [n_items] out: how many have an event on each item. Returns how many have any event. */
static uint32_t count_people(const ink_dataset *d, const uint32_t *item_map, uint32_t *last, uint32_t n_items, uint32_t *people) {
  uint32_t n_people = 0;
  ink_mem_fill(people, 0, n_items * sizeof *people);
  ink_mem_fill(last, 0, n_items * sizeof *last);
  for (uint32_t u = 0; u < d->users.n; u++) {
    n_people += ink_dataset_user_events(d, u) > 0;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++) {
      const uint32_t item = item_map[d->item[e]];
      if (item == INK_NONE || last[item] == u + 1) continue;
      last[item] = u + 1;
      people[item]++;
    }
  }
  return n_people;
}

static bool more_people(const void *ctx, uint32_t a, uint32_t b) {
  const uint32_t *people = ctx;
  return people[a] != people[b] ? people[a] > people[b] : a < b;
}

static ink_status measure_items(const ink_dataset *d, const uint32_t *item_map, const ink_allocator *a, uint32_t *people,
                                uint32_t *order, ink_beyond *b) {
  const uint32_t n = b->n_items, n_head = (uint32_t)(HEAD_SHARE * (double)n + 0.5);
  INK_NEW(a, n, &b->information);
  INK_NEW(a, n, &b->in_tail);
  const double n_people = (double)ink_max_u32(count_people(d, item_map, order, n, people), 1);
  for (uint32_t i = 0; i < n; i++) b->information[i] = ink_log2_f64(n_people / (double)ink_max_u32(people[i], 1));
  ink_sort_order(order, n, more_people, people);
  for (uint32_t i = 0; i < n; i++) b->in_tail[order[i]] = i >= n_head;
  return INK_OK;
}

static ink_status open_popularity(const ink_dataset *d, const uint32_t *item_map, const ink_allocator *a, ink_beyond *b) {
  uint32_t *people = ink_block_resize(a, NULL, b->n_items, sizeof *people), *order = ink_block_resize(a, NULL, b->n_items, sizeof *order);
  const bool ok = people != NULL && order != NULL;
  const ink_status status = ok ? measure_items(d, item_map, a, people, order, b) : INK_E_NO_MEMORY;
  ink_block_free(a, people);
  ink_block_free(a, order);
  return status;
}

/* -------------------------------------------------------------------- tags */

/* One column of tags as the pack stores it: values of item after item, and where each item's end. */
typedef struct tag_column {
  const void *values;
  const uint32_t *ends;
  bool wide;                      /* U32, else U16 */
} tag_column;

static bool part_of_column(const ink_pack *pack, ink_text column, const char *part, ink_tensor_info *out) {
  char name[80];
  uint32_t n = 0;
  const ink_text pieces[] = { NAME("items."), column, ink_text_of(part) };
  for (uint32_t i = 0; i < 3; i++)
    for (uint32_t k = 0; k < pieces[i].n && n < sizeof name; k++) name[n++] = pieces[i].bytes[k];
  return ink_pack_tensor(pack, (ink_text){ name, n }, out) == INK_OK;
}

static bool find_tags(const ink_pack *pack, uint32_t column, tag_column *out) {
  ink_text name;
  uint32_t kind;
  ink_tensor_info values, ends;
  if (ink_pack_column_at(pack, column, &name, &kind) != INK_OK || kind != INK_COLUMN_TAGS) return false;
  if (!part_of_column(pack, name, ".values", &values) || !part_of_column(pack, name, ".ends", &ends)) return false;
  *out = (tag_column){ values.data, ends.data, values.dtype == INK_DTYPE_U32 };
  return true;
}

static uint32_t tag_at(const tag_column *c, uint32_t i) {
  return c->wide ? ((const uint32_t *)c->values)[i] : ((const uint16_t *)c->values)[i];
}

/* Appends an item's tags of one column, kept ascending and each once; columns are told apart by their number. */
static uint64_t add_tags(const tag_column *c, uint32_t item, uint32_t column, uint32_t *tags, uint64_t first, uint64_t n) {
  for (uint32_t i = item > 0 ? c->ends[item - 1] : 0; i < c->ends[item]; i++) {
    const uint32_t tag = column << 16 | tag_at(c, i);
    uint64_t at = n;
    while (at > first && tags[at - 1] > tag) at--;
    if (at > first && tags[at - 1] == tag) continue;
    for (uint64_t k = n; k > at; k--) tags[k] = tags[k - 1];
    tags[at] = tag;
    n++;
  }
  return n;
}

/* A column has at most 65536 tags and a pack 64 columns, so both numbers fit into one. */
static ink_status open_tags(const ink_pack *pack, const ink_train_env *env, ink_beyond *b) {
  tag_column c;
  uint64_t most = 0, n = 0;
  uint32_t n_columns = 0;
  for (uint32_t i = 0; i < ink_pack_n_columns(pack); i++) {
    if (!find_tags(pack, i, &c)) continue;
    n_columns++;
    most += b->n_items > 0 ? c.ends[b->n_items - 1] : 0;
  }
  if (n_columns == 0) return ink_refuse(env->fault, INK_E_PACK_MISSING, NAME("diversity"), "a pack with a column of tags (train --items)");
  INK_NEW(&env->allocator, b->n_items, &b->tag_ends);
  INK_NEW(&env->allocator, most, &b->tags);
  for (uint32_t item = 0; item < b->n_items; item++) {
    const uint64_t first = n;
    for (uint32_t i = 0; i < ink_pack_n_columns(pack); i++)
      if (find_tags(pack, i, &c)) n = add_tags(&c, item, i, b->tags, first, n);
    b->tag_ends[item] = n;
  }
  return INK_OK;
}

/* |A and B| / |A or B| of two ascending lists that are not empty. */
static double jaccard(const uint32_t *x, uint64_t n_x, const uint32_t *y, uint64_t n_y) {
  uint64_t i = 0, j = 0, both = 0;
  while (i < n_x && j < n_y) {
    const uint32_t a = x[i], c = y[j];
    both += a == c;
    i += a <= c;
    j += c <= a;
  }
  return (double)both / (double)(n_x + n_y - both);
}

/* ----------------------------------------------------------------- vectors */

static bool ends_in_items(ink_text name) {
  const ink_text end = NAME(".items");
  return name.n > end.n && ink_text_equal((ink_text){ name.bytes + name.n - end.n, end.n }, end);
}

static bool is_vectors(const ink_tensor_info *t, uint32_t n_items) {
  const bool known = t->dtype == INK_DTYPE_F32 || t->dtype == INK_DTYPE_F16 || t->dtype == INK_DTYPE_BF16 || t->dtype == INK_DTYPE_I8;
  return known && t->rank == 2 && t->shape[0] == n_items && t->shape[1] > 0;
}

static bool find_vectors(const ink_pack *pack, ink_text name, uint32_t n_items, ink_tensor_info *out) {
  if (name.n > 0) return ink_pack_tensor(pack, name, out) == INK_OK && is_vectors(out, n_items);
  for (uint32_t i = 0; i < ink_pack_n_tensors(pack); i++)
    if (ink_pack_tensor_at(pack, i, out) == INK_OK && ends_in_items(out->name) && is_vectors(out, n_items)) return true;
  return false;
}

/* Rows as floats; the scale of an int8 row does not change a cosine. */
static void widen(const ink_kernels *k, const ink_tensor_info *t, size_t n, float *out) {
  if (t->dtype == INK_DTYPE_F16) k->widen_f16(t->data, out, n);
  else if (t->dtype == INK_DTYPE_BF16) k->widen_bf16(t->data, out, n);
  else if (t->dtype == INK_DTYPE_I8) k->widen_i8(t->data, 1.0f, out, n);
  else ink_mem_copy(out, t->data, n * sizeof *out);
}

static double dot(const float *x, const float *y, uint32_t d) {
  double sum = 0;
  for (uint32_t k = 0; k < d; k++) sum += (double)x[k] * (double)y[k];
  return sum;
}

static ink_status open_vectors(const ink_pack *pack, ink_text name, const ink_train_env *env, ink_beyond *b) {
  ink_tensor_info t;
  if (!find_vectors(pack, name, b->n_items, &t))
    return ink_refuse_text(env->fault, INK_E_PACK_MISSING, NAME("spread"), name.n > 0 ? name : NAME("*.items"), "a tensor of item vectors");
  b->d = t.shape[1];
  INK_NEW(&env->allocator, (uint64_t)b->n_items * b->d, &b->vectors);
  INK_NEW(&env->allocator, b->n_items, &b->norms);
  widen(env->kernels, &t, (size_t)b->n_items * b->d, b->vectors);
  for (uint32_t i = 0; i < b->n_items; i++) {
    const float *row = b->vectors + (size_t)i * b->d;
    b->norms[i] = ink_sqrt_f64(dot(row, row, b->d));
  }
  return INK_OK;
}

/* ------------------------------------------------------------------- doors */

static bool asks(const ink_metric *metrics, uint32_t n, uint32_t kind) {
  for (uint32_t i = 0; i < n; i++)
    if (metrics[i].kind == kind) return true;
  return false;
}

ink_status ink_beyond_open(const ink_pack *pack, const ink_metric *metrics, uint32_t n, const ink_dataset *popularity,
                           const uint32_t *item_map, ink_text vectors, const ink_train_env *env, ink_beyond *out) {
  *out = (ink_beyond){ .n_items = ink_pack_n_items(pack) };
  if (asks(metrics, n, INK_METRIC_NOVELTY) || asks(metrics, n, INK_METRIC_LONGTAIL))
    INK_TRY(open_popularity(popularity, item_map, &env->allocator, out));
  if (asks(metrics, n, INK_METRIC_DIVERSITY)) INK_TRY(open_tags(pack, env, out));
  return asks(metrics, n, INK_METRIC_SPREAD) ? open_vectors(pack, vectors, env, out) : INK_OK;
}

void ink_beyond_close(ink_beyond *b, const ink_allocator *allocator) {
  void *const blocks[] = { b->information, b->in_tail, b->tag_ends, b->tags, b->vectors, b->norms };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
}

/* ------------------------------------------------------------------ slates */

static double tag_distance(const ink_beyond *b, uint32_t x, uint32_t y) {
  const uint64_t first_x = x > 0 ? b->tag_ends[x - 1] : 0, first_y = y > 0 ? b->tag_ends[y - 1] : 0;
  const uint64_t n_x = b->tag_ends[x] - first_x, n_y = b->tag_ends[y] - first_y;
  return n_x == 0 || n_y == 0 ? __builtin_nan("") : 1.0 - jaccard(b->tags + first_x, n_x, b->tags + first_y, n_y);
}

static double vector_distance(const ink_beyond *b, uint32_t x, uint32_t y) {
  const double size = b->norms[x] * b->norms[y];
  return size > 0 ? 1.0 - dot(b->vectors + (size_t)x * b->d, b->vectors + (size_t)y * b->d, b->d) / size : 1.0;
}

static double mean_distance(const ink_beyond *b, double (*distance)(const ink_beyond *b, uint32_t x, uint32_t y), const uint32_t *items,
                            uint32_t n) {
  double sum = 0, pairs = 0;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = i + 1; j < n; j++) {
      const double apart = distance(b, items[i], items[j]);
      if (apart != apart) continue;
      sum += apart;
      pairs += 1;
    }
  return sum / pairs;             /* 0 / 0 is NaN: no pair, no value */
}

double ink_beyond_of_slate(const ink_beyond *b, const ink_metric *metric, const uint32_t *items, uint32_t n) {
  double sum = 0;
  if (metric->kind == INK_METRIC_DIVERSITY) return mean_distance(b, tag_distance, items, n);
  if (metric->kind == INK_METRIC_SPREAD) return mean_distance(b, vector_distance, items, n);
  for (uint32_t i = 0; i < n; i++) sum += metric->kind == INK_METRIC_NOVELTY ? b->information[items[i]] : (double)b->in_tail[items[i]];
  return sum / (double)n;
}

/* ----------------------------------------------------------- all together */

static bool fewer(const void *ctx, uint32_t a, uint32_t b) {
  const uint32_t *counts = ctx;
  return counts[a] < counts[b];
}

double ink_beyond_gini(uint32_t *counts, uint32_t n, const ink_train_env *env, ink_status *status) {
  uint32_t *order = ink_block_resize(&env->allocator, NULL, n, sizeof *order);
  double sum = 0, shares = 0;
  *status = order == NULL ? INK_E_NO_MEMORY : INK_OK;
  if (order == NULL) return 0;
  ink_sort_order(order, n, fewer, counts);
  for (uint32_t i = 0; i < n; i++) {
    const double c = counts[order[i]];
    sum += c;
    shares += (2.0 * ((double)i + 1.0) - (double)n - 1.0) * c;
  }
  ink_block_free(&env->allocator, order);
  return sum > 0 ? shares / ((double)n * sum) : 0.0;
}
