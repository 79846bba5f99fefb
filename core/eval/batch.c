/* batch.c - see batch.h. Reading order: a person's scores, the rows, memory, candidates, the catalogue goes by, fronts. */
#include "batch_parts.h"

#include "blocks.h"
#include "caps.h"
#include "fmath.h"
#include "mem.h"
#include "sort_order.h"
#include "base.h"

#define MORE 8u                   /* candidates kept beyond the last place that counts, so that ties seldom cross the end */
#define TRIM_AT 4u                /* times so many candidates, or twice those that were left: then the border rises */
#define ASKED 16u                 /* people who are asked what their scores are made of */
#define MOST_NUMBERS (1u << 27)   /* of rows: 512 MB */
#define LARGEST 1e30f             /* no sum of such scores overflows */

static float size_of(float x) { return x < 0 ? -x : x; }

static float length_of(const float *x, uint32_t d) {
  double sum = 0;
  for (uint32_t k = 0; k < d; k++) sum += (double)x[k] * (double)x[k];
  return (float)ink_sqrt_f64(sum);
}

/* ------------------------------------------------------- a person's scores */

/* As training left the person, or folded by the engine. */
static bool find_taste(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_taste *t, float offsets[2]) {
  const ink_eval_vectors *v = run->options->vectors;
  if (v != NULL) {
    if (user >= v->n_users) return false;
    *t = (ink_taste){ sizeof *t, v->d, v->users + (size_t)user * v->d, v->items, v->item_bias, v->offset };
    offsets[0] = v->user_bias != NULL ? v->user_bias[user] : 0.0f;
    offsets[1] = v->offset;
    return true;
  }
  const ink_request request = ink_eval_request(run, 1);
  t->struct_bytes = sizeof *t;
  if (ink_eval_fold(run, w, user) != INK_OK || ink_taste_of(w->engine, &request, t) != INK_OK) return false;
  offsets[0] = t->offset;
  offsets[1] = 0.0f;
  return true;
}

/* ---------------------------------------------------------------- the rows */

static bool longer(const void *ctx, uint32_t a, uint32_t b) {
  const float *lengths = ctx;
  return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
}

/* lengths [n] of the rows in their own order come in. */
static ink_status sort_rows(const ink_allocator *a, const float *lengths, ink_eval_rows *r) {
  INK_NEW(a, r->n, &r->items);
  INK_NEW(a, r->n, &r->at);
  INK_NEW(a, r->n, &r->lengths);
  ink_sort_order(r->items, r->n, longer, lengths);
  for (uint32_t i = 0; i < r->n; i++) {
    const uint32_t item = r->items[i];
    r->at[item] = i;
    r->lengths[i] = lengths[item];
    if (r->bias != NULL && size_of(r->bias[item]) > r->largest_bias) r->largest_bias = size_of(r->bias[item]);
  }
  return INK_OK;
}

static ink_status take_rows(ink_eval_run *run, const ink_taste *t) {
  const ink_allocator *a = &run->env->allocator;
  float *lengths;
  if ((uint64_t)run->n_items * t->d > MOST_NUMBERS) return INK_OK;
  INK_NEW(a, 1, &run->rows);
  *run->rows = (ink_eval_rows){ .rows = t->rows, .bias = t->bias, .n = run->n_items, .d = t->d,
                                .bytes = { .screen = ink_screen_of(run->env->kernels) } };
  INK_NEW(a, run->n_items, &lengths);
  for (uint32_t i = 0; i < run->n_items; i++) lengths[i] = length_of(t->rows + (size_t)i * t->d, t->d);
  const ink_status status = sort_rows(a, lengths, run->rows);
  ink_block_free(a, lengths);
  if (status != INK_OK) return status;
  return run->rows->bytes.screen != NULL ? ink_batch_bytes_rows(run->env, run->rows) : ink_batch_floats_rows(run->env, run->rows);
}

ink_status ink_eval_batch_plan(ink_eval_run *run) {
  ink_taste t;
  float offsets[2];
  const uint32_t n = ink_min_u32(ASKED, run->n_people);
  for (uint32_t i = 0; i < n && run->workers[0].batch != NULL; i++) {
    const uint32_t person = (uint32_t)((uint64_t)i * run->n_people / n);
    if (find_taste(run, &run->workers[0], run->people[person], &t, offsets)) return take_rows(run, &t);
  }
  return INK_OK;
}

void ink_eval_batch_forget(ink_eval_run *run) {
  const ink_allocator *a = &run->env->allocator;
  ink_eval_rows *r = run->rows;
  if (r == NULL) return;
  void *const blocks[] = { r->sorted, r->sorted_bias, r->lengths, r->items, r->at };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_batch_bytes_forget(run->env, r);
  ink_block_free(a, r);
}

/* ------------------------------------------------------------------- memory */

/* Events of a group's people, and one more each. */
static uint64_t most_seen_of_group(const ink_eval_run *run) {
  uint64_t most = 0;
  for (uint32_t person = 0; person < run->n_people;) {
    uint64_t sum = 0, first, end;
    for (uint32_t i = 0; i < INK_BATCH_PEOPLE && person < run->n_people; i++, person++) {
      ink_eval_window(run, run->people[person], &first, &end);
      sum += end - first + 1;
    }
    most = sum > most ? sum : most;
  }
  return most;
}

static ink_status take_memory(const ink_eval_run *run, ink_eval_batch *b) {
  const ink_allocator *a = &run->env->allocator;
  INK_NEW(a, (uint64_t)INK_BATCH_PEOPLE * INK_CAP_DIM, &b->vectors);
  INK_NEW(a, INK_BATCH_ROOM, &b->spare);
  INK_NEW(a, INK_BATCH_ROOM, &b->order);
  INK_NEW(a, (uint64_t)INK_BATCH_PEOPLE * INK_BATCH_ROOM, &b->found);
  INK_NEW(a, most_seen_of_group(run), &b->seen);
  return ink_screen_of(run->env->kernels) != NULL ? ink_batch_bytes_open(run->env, b) : ink_batch_floats_open(run->env, b);
}

ink_status ink_eval_batch_open(const ink_eval_run *run, ink_eval_worker *w) {
  if (run->slate_count == 0 || run->max_k > INK_BATCH_ROOM / 4) return INK_OK;
  INK_NEW(&run->env->allocator, 1, &w->batch);
  ink_mem_fill(w->batch, 0, sizeof *w->batch);
  w->batch->wanted = run->max_k + MORE;
  return take_memory(run, w->batch);
}

void ink_eval_batch_close(const ink_eval_run *run, ink_eval_worker *w) {
  const ink_allocator *a = &run->env->allocator;
  ink_eval_batch *b = w->batch;
  if (b == NULL) return;
  void *const blocks[] = { b->gemm_scratch, b->vectors, b->active_vectors, b->product, b->spare, b->hits, b->order, b->found, b->seen };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_batch_bytes_close(run->env, b);
  ink_block_free(a, b);
}

/* --------------------------------------------------------------- candidates */

/* Shell's sort with Knuth's gaps: 1, 4, 13 ... */
static void sort_ascending(uint64_t *x, uint32_t n) {
  uint32_t gap = 1;
  while (gap < n / 3) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3)
    for (uint32_t i = gap; i < n; i++) {
      const uint64_t value = x[i];
      uint32_t at = i;
      for (; at >= gap && x[at - gap] > value; at -= gap) x[at] = x[at - gap];
      x[at] = value;
    }
}

/* Rows that are out for this person, into `out`. Returns how many numbers are there. */
static uint32_t find_seen(const ink_eval_run *run, uint32_t user, uint64_t *out) {
  uint64_t first, end;
  uint32_t n = 0;
  ink_eval_window(run, user, &first, &end);
  for (uint64_t e = first; e < end; e++)
    if (ink_eval_leaves_out(run, e)) out[n++] = run->rows->at[run->item_map[run->history->item[e]]];
  sort_ascending(out, n);
  out[n] = UINT64_MAX;
  return n + 1;
}

/* Not ready: no vector, another model's, or numbers (NaN among them) that no bound holds for. */
static void prepare(const ink_eval_run *run, ink_eval_worker *w, uint32_t i) {
  const ink_eval_rows *r = run->rows;
  ink_eval_batch *b = w->batch;
  ink_batch_person *p = &b->people[i];
  ink_taste t;
  p->found = b->found + (size_t)i * INK_BATCH_ROOM;
  p->n = 0;
  p->full = ink_min_u32(TRIM_AT * b->wanted, INK_BATCH_ROOM - INK_BATCH_BLOCK);
  p->border = -__builtin_inff();
  p->ready = false;
  if (!find_taste(run, w, run->people[b->first + i], &t, p->offsets)) return;
  if (t.rows != r->rows || t.bias != r->bias || t.d != r->d) return;
  p->length = length_of(t.vector, r->d);
  const float size = p->length * r->lengths[0] + r->largest_bias + size_of(p->offsets[0]) + size_of(p->offsets[1]);
  if (!(size < LARGEST)) return;
  p->rounding = 4.0f * ((float)r->d + 4.0f) * 0x1p-24f * size;
  p->ready = true;
  ink_mem_copy(b->vectors + (size_t)i * r->d, t.vector, r->d * sizeof *t.vector);
  if (r->bytes.screen != NULL) ink_batch_bytes_vector(r, b, i);
}

void ink_batch_offer(const ink_eval_rows *r, ink_batch_person *p, uint32_t row, float high, float low) {
  while (*p->seen < row) p->seen++;
  if (*p->seen == row) return;
  p->found[p->n++] = (ink_batch_candidate){ high, low, r->items[row] };
}

/* A number's place among floats: keys compare as numbers do (but for 0 and -0, which are neighbours). */
static int32_t key_of(float x) {
  const int32_t bits = (int32_t)ink_f32_bits(x);
  return bits ^ (int32_t)((uint32_t)(bits >> 31) >> 1);
}
static float of_key(int32_t key) { return ink_f32_from_bits((uint32_t)(key ^ (int32_t)((uint32_t)(key >> 31) >> 1))); }

static uint32_t count_from(const int32_t *keys, uint32_t n, int32_t least) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++) count += keys[i] >= least;
  return count;
}

/* A key that at least k of n reach, and not many more: found by halving, which needs no branch a number. k <= n. */
static int32_t border_of(const int32_t *keys, uint32_t n, uint32_t k) {
  int32_t low = keys[0], high = keys[0];
  for (uint32_t i = 1; i < n; i++) {
    low = keys[i] < low ? keys[i] : low;
    high = keys[i] > high ? keys[i] : high;
  }
  uint32_t count = n;
  while (count > k && low < high) {
    const int32_t middle = (int32_t)(low + ((int64_t)high - low + 1) / 2);
    const uint32_t reach = count_from(keys, n, middle);
    if (reach >= k) low = middle, count = reach;
    else high = middle - 1;
  }
  return low;
}

static void drop_hopeless(ink_batch_person *p) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->n; i++) {
    p->found[n] = p->found[i];
    n += p->found[i].high >= p->border;
  }
  p->n = n;
}

static void tighten(ink_eval_batch *b, ink_batch_person *p) {
  if (p->n > b->wanted) {
    for (uint32_t i = 0; i < p->n; i++) b->spare[i] = key_of(p->found[i].low);
    p->border = of_key(border_of(b->spare, p->n, b->wanted));
  }
  drop_hopeless(p);
  p->full = ink_min_u32(ink_max_u32(TRIM_AT * b->wanted, 2 * p->n), INK_BATCH_ROOM - INK_BATCH_BLOCK);
  if (p->n > INK_BATCH_ROOM - INK_BATCH_BLOCK) p->ready = false;       /* too many near-ties */
}

bool ink_batch_trim(ink_eval_batch *b, ink_batch_person *p) {
  if (p->n <= p->full) return false;
  tighten(b, p);
  return true;
}

/* --------------------------------------------------- the catalogue goes by */

/* Can a row of this length still matter to the person? */
static bool may_matter(const ink_eval_rows *r, const ink_batch_person *p, float length) {
  return p->ready && p->length * length * INK_BATCH_UP + r->largest_bias >= p->border - p->rounding;
}

static void keep_active(const ink_eval_rows *r, ink_eval_batch *b, float length) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->n_active; i++)
    if (may_matter(r, &b->people[b->active[i]], length)) b->active[n++] = b->active[i];
  b->n_active = n;
}

static void start_group(const ink_eval_run *run, ink_eval_worker *w, uint32_t first, uint32_t end) {
  ink_eval_batch *b = w->batch;
  uint32_t n_seen = 0;
  b->first = first;
  b->end = end;
  b->n_active = end - first;
  for (uint32_t i = 0; i < b->n_active; i++) {
    prepare(run, w, i);
    b->active[i] = i;
    b->people[i].seen = b->seen + n_seen;
    n_seen += find_seen(run, run->people[first + i], b->seen + n_seen);
  }
}

void ink_eval_batch_score(const ink_eval_run *run, ink_eval_worker *w, uint32_t first, uint32_t end) {
  const ink_eval_rows *r = run->rows;
  ink_eval_batch *b = w->batch;
  if (r == NULL) return;
  start_group(run, w, first, end);
  for (uint32_t row = 0; row < r->n; row += INK_BATCH_BLOCK) {
    const uint32_t n = ink_min_u32(INK_BATCH_BLOCK, r->n - row);
    keep_active(r, b, r->lengths[row]);
    if (b->n_active == 0) break;
    if (r->bytes.screen != NULL) ink_batch_bytes_screen(run, b, row, n);
    else ink_batch_floats_screen(run, b, row, n);
  }
  for (uint32_t i = 0; i < end - first; i++)
    if (b->people[i].ready) tighten(b, &b->people[i]);
}

/* -------------------------------------------------------------------- front */

/* As the engine, or score_vectors(), adds up. */
static float exact_score(const ink_eval_run *run, const ink_eval_batch *b, uint32_t person, uint32_t item) {
  const ink_eval_rows *r = run->rows;
  const ink_batch_person *p = &b->people[person];
  float score = run->env->kernels->dot_f32(r->rows + (size_t)item * r->d, b->vectors + (size_t)person * r->d, r->d);
  if (r->bias != NULL) score += r->bias[item];
  score += p->offsets[0];
  return score + p->offsets[1];
}

/* Ascending as items are served: by score downwards (0 and -0 are one), then by item. */
static uint64_t order_of(float score, uint32_t item) {
  return (uint64_t)((uint32_t)~key_of(score + 0.0f) ^ 0x80000000u) << 32 | item;
}
static float score_in(uint64_t order) { return of_key(~(int32_t)((uint32_t)(order >> 32) ^ 0x80000000u)); }

bool ink_eval_batch_front(const ink_eval_run *run, ink_eval_worker *w, uint32_t *n_front, bool *whole) {
  ink_eval_batch *b = w->batch;
  if (b == NULL || w->person < b->first || w->person >= b->end) return false;
  const uint32_t person = w->person - b->first;
  ink_batch_person *p = &b->people[person];
  if (!p->ready) return false;
  for (uint32_t i = 0; i < p->n; i++) b->order[i] = order_of(exact_score(run, b, person, p->found[i].item), p->found[i].item);
  sort_ascending(b->order, p->n);
  *n_front = ink_min_u32(p->n, b->wanted);
  *whole = p->n < b->wanted;
  for (uint32_t i = 0; i < *n_front; i++) {
    w->items[i] = (uint32_t)b->order[i];
    w->scores[i] = score_in(b->order[i]);
  }
  p->ready = false;               /* used up */
  return true;
}
