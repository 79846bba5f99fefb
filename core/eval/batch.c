/* batch.c - see batch.h. Reading order: a person's scores, the rows, memory, candidates, the product, fronts. */
#include "batch.h"

#include "blocks.h"
#include "caps.h"
#include "fmath.h"
#include "gemm.h"
#include "mem.h"
#include "sort_order.h"
#include "base.h"

#define PEOPLE (INK_EVAL_GROUP * INK_EVAL_SHARD)
#define BLOCK 512u                /* items of one product */
#define ROOM 2048u                /* candidates of one person */
#define ASKED 16u                 /* people who are asked what their scores are made of */
#define MOST_NUMBERS (1u << 27)   /* of rows that are copied into order: 512 MB */
#define UP 1.00001f               /* more than rounding can take from a product of lengths */

/* The catalogue's rows, longest first. */
typedef struct ink_eval_rows {
  const float *rows, *bias;       /* as scores are defined: by number in the pack */
  float *sorted, *sorted_bias;    /* [n, d], [n] or NULL */
  float *lengths;                 /* [n] descending */
  uint32_t *items;                /* [n] numbers in the pack */
  uint32_t d;
  float largest_bias;
} ink_eval_rows;

/* One person's candidates while the catalogue goes by. */
typedef struct hopeful {
  float *scores; uint32_t *items; /* [ROOM] */
  uint32_t n, wanted;             /* wanted: the slate and all that may have to be left out of it */
  float border, slack;            /* who scores below border - slack is out */
  float length;                   /* of the person's vector */
  float offsets[2];
  bool ready;
} hopeful;

typedef struct ink_eval_batch {
  const ink_gemm *gemm;
  void *gemm_scratch;
  float *vectors;                 /* [PEOPLE, d] of everybody */
  float *active_vectors;          /* [PEOPLE, d] of those who are not done yet */
  float *product;                 /* [PEOPLE, BLOCK] */
  float *spare;                   /* [ROOM] */
  uint32_t *hits, *order;         /* [ROOM] */
  float *scores; uint32_t *items; /* [PEOPLE, ROOM] */
  hopeful people[PEOPLE];
  uint32_t active[PEOPLE], n_active;
  uint32_t first, end;            /* of run->people, that were scored */
} ink_eval_batch;

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
static ink_status sort_rows(const ink_allocator *a, const ink_taste *t, uint32_t n, const float *lengths, ink_eval_rows *r) {
  INK_NEW(a, n, &r->items);
  INK_NEW(a, n, &r->lengths);
  INK_NEW(a, (uint64_t)n * t->d, &r->sorted);
  if (t->bias != NULL) INK_NEW(a, n, &r->sorted_bias);
  ink_sort_order(r->items, n, longer, lengths);
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t item = r->items[i];
    r->lengths[i] = lengths[item];
    ink_mem_copy(r->sorted + (size_t)i * t->d, t->rows + (size_t)item * t->d, t->d * sizeof *t->rows);
    if (t->bias == NULL) continue;
    r->sorted_bias[i] = t->bias[item];
    r->largest_bias = size_of(t->bias[item]) > r->largest_bias ? size_of(t->bias[item]) : r->largest_bias;
  }
  return INK_OK;
}

static ink_status take_rows(ink_eval_run *run, const ink_taste *t) {
  const ink_allocator *a = &run->env->allocator;
  float *lengths;
  if ((uint64_t)run->n_items * t->d > MOST_NUMBERS) return INK_OK;
  INK_NEW(a, 1, &run->rows);
  *run->rows = (ink_eval_rows){ .rows = t->rows, .bias = t->bias, .d = t->d };
  INK_NEW(a, run->n_items, &lengths);
  for (uint32_t i = 0; i < run->n_items; i++) lengths[i] = length_of(t->rows + (size_t)i * t->d, t->d);
  const ink_status status = sort_rows(a, t, run->n_items, lengths, run->rows);
  ink_block_free(a, lengths);
  return status;
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
  void *const blocks[] = { r->sorted, r->sorted_bias, r->lengths, r->items };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_block_free(a, r);
}

/* ------------------------------------------------------------------- memory */

static ink_status take_memory(const ink_allocator *a, ink_eval_batch *b) {
  b->gemm = ink_gemm_best();
  b->gemm_scratch = ink_block_resize(a, NULL, ink_gemm_scratch_bytes(b->gemm), 1);
  if (b->gemm_scratch == NULL) return INK_E_NO_MEMORY;
  INK_NEW(a, (uint64_t)PEOPLE * INK_CAP_DIM, &b->vectors);
  INK_NEW(a, (uint64_t)PEOPLE * INK_CAP_DIM, &b->active_vectors);
  INK_NEW(a, (uint64_t)PEOPLE * BLOCK, &b->product);
  INK_NEW(a, ROOM, &b->spare);
  INK_NEW(a, ROOM, &b->hits);
  INK_NEW(a, ROOM, &b->order);
  INK_NEW(a, (uint64_t)PEOPLE * ROOM, &b->scores);
  INK_NEW(a, (uint64_t)PEOPLE * ROOM, &b->items);
  return INK_OK;
}

ink_status ink_eval_batch_open(const ink_eval_run *run, ink_eval_worker *w) {
  if (run->slate_count == 0 || run->slate_count > ROOM - BLOCK) return INK_OK;
  INK_NEW(&run->env->allocator, 1, &w->batch);
  ink_mem_fill(w->batch, 0, sizeof *w->batch);
  return take_memory(&run->env->allocator, w->batch);
}

void ink_eval_batch_close(const ink_eval_run *run, ink_eval_worker *w) {
  const ink_allocator *a = &run->env->allocator;
  ink_eval_batch *b = w->batch;
  if (b == NULL) return;
  void *const blocks[] = { b->gemm_scratch, b->vectors, b->active_vectors, b->product, b->spare, b->hits, b->order, b->scores, b->items };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_block_free(a, b);
}

/* --------------------------------------------------------------- candidates */

static void prepare(const ink_eval_run *run, ink_eval_worker *w, uint32_t i) {
  const ink_eval_rows *r = run->rows;
  ink_eval_batch *b = w->batch;
  hopeful *h = &b->people[i];
  ink_taste t;
  uint64_t first, end;
  const uint32_t user = run->people[b->first + i];
  ink_eval_window(run, user, &first, &end);
  *h = (hopeful){ .scores = b->scores + (size_t)i * ROOM, .items = b->items + (size_t)i * ROOM, .border = -__builtin_inff() };
  if (end - first > ROOM - BLOCK - run->slate_count || !find_taste(run, w, user, &t, h->offsets)) return;
  if (t.rows != r->rows || t.bias != r->bias || t.d != r->d) return;
  ink_mem_copy(b->vectors + (size_t)i * r->d, t.vector, r->d * sizeof *t.vector);
  h->length = length_of(t.vector, r->d);
  const float size = h->length * r->lengths[0] + r->largest_bias + size_of(h->offsets[0]) + size_of(h->offsets[1]);
  h->wanted = run->slate_count + (uint32_t)(end - first);
  h->slack = 4.0f * ((float)r->d + 4.0f) * 0x1p-24f * size;       /* 2e, and as much again for the border's own rounding */
  h->ready = true;
}

/* Raises the border to the best `wanted` of those here, and drops who is below. */
static void tighten(ink_eval_batch *b, hopeful *h) {
  uint32_t n = 0;
  if (h->n > h->wanted) {
    ink_mem_copy(b->spare, h->scores, h->n * sizeof *h->scores);
    h->border = ink_places_kth(b->spare, h->n, h->wanted);
  }
  for (uint32_t i = 0; i < h->n; i++) {
    if (h->scores[i] < h->border - h->slack) continue;
    h->scores[n] = h->scores[i];
    h->items[n++] = h->items[i];
  }
  h->n = n;
  if (h->n > ROOM - BLOCK) h->ready = false;       /* too many near-ties */
}

/* The products of sorted rows first..first+n-1. */
static void offer(const ink_eval_run *run, ink_eval_batch *b, hopeful *h, float *scores, uint32_t first, uint32_t n) {
  const ink_eval_rows *r = run->rows;
  const float offset = h->offsets[0] + h->offsets[1];
  if (r->bias != NULL) run->env->kernels->add_f32(r->sorted_bias + first, scores, n);
  const size_t n_hits = run->env->kernels->select_ge(scores, n, h->border - h->slack - offset - h->slack, b->hits);
  for (size_t i = 0; i < n_hits; i++) {
    h->scores[h->n] = scores[b->hits[i]] + offset;
    h->items[h->n++] = r->items[first + b->hits[i]];
  }
  if (h->n > ROOM - BLOCK || h->n > 3 * h->wanted) tighten(b, h);
}

/* -------------------------------------------------------------- the product */

/* Can a row of this length still matter to the person? */
static bool may_matter(const ink_eval_rows *r, const hopeful *h, float length) {
  if (!h->ready) return false;
  return h->length * length * UP + r->largest_bias + h->offsets[0] + h->offsets[1] >= h->border - 2 * h->slack;
}

/* Drops who is done; the vectors of the others move together. */
static void keep_active(const ink_eval_rows *r, ink_eval_batch *b, float length) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->n_active; i++) {
    const uint32_t person = b->active[i];
    if (!may_matter(r, &b->people[person], length)) continue;
    if (n != i) ink_mem_copy(b->active_vectors + (size_t)n * r->d, b->vectors + (size_t)person * r->d, r->d * sizeof *b->vectors);
    b->active[n++] = person;
  }
  b->n_active = n;
}

void ink_eval_batch_score(const ink_eval_run *run, ink_eval_worker *w, uint32_t first, uint32_t end) {
  const ink_eval_rows *r = run->rows;
  ink_eval_batch *b = w->batch;
  if (r == NULL) return;
  b->first = first;
  b->end = end;
  b->n_active = end - first;
  for (uint32_t i = 0; i < b->n_active; i++) {
    prepare(run, w, i);
    b->active[i] = i;
    ink_mem_copy(b->active_vectors + (size_t)i * r->d, b->vectors + (size_t)i * r->d, r->d * sizeof *b->vectors);
  }
  for (uint32_t row = 0; row < run->n_items; row += BLOCK) {
    const uint32_t n = ink_min_u32(BLOCK, run->n_items - row);
    keep_active(r, b, r->lengths[row]);
    if (b->n_active == 0) break;
    ink_gemm_run(b->gemm, b->n_active, n, r->d, ink_gemm_plain(b->active_vectors, r->d), ink_gemm_transposed(r->sorted + (size_t)row * r->d, r->d),
                 b->product, BLOCK, false, b->gemm_scratch);
    for (uint32_t i = 0; i < b->n_active; i++) offer(run, b, &b->people[b->active[i]], b->product + (size_t)i * BLOCK, row, n);
  }
  for (uint32_t i = 0; i < end - first; i++)
    if (b->people[i].ready) tighten(b, &b->people[i]);
}

/* -------------------------------------------------------------------- front */

typedef struct found {
  const float *scores;
  const uint32_t *items;
} found;

static bool serves_before(const void *ctx, uint32_t a, uint32_t b) {
  const found *f = ctx;
  return f->scores[a] != f->scores[b] ? f->scores[a] > f->scores[b] : f->items[a] < f->items[b];
}

/* As the engine, or score_vectors(), adds up. */
static float exact_score(const ink_eval_run *run, const ink_eval_batch *b, uint32_t person, uint32_t item) {
  const ink_eval_rows *r = run->rows;
  const hopeful *h = &b->people[person];
  float score = run->env->kernels->dot_f32(r->rows + (size_t)item * r->d, b->vectors + (size_t)person * r->d, r->d);
  if (r->bias != NULL) score += r->bias[item];
  score += h->offsets[0];
  return score + h->offsets[1];
}

bool ink_eval_batch_front(const ink_eval_run *run, ink_eval_worker *w, uint32_t *n_front) {
  ink_eval_batch *b = w->batch;
  if (b == NULL || w->person < b->first || w->person >= b->end) return false;
  const uint32_t person = w->person - b->first;
  hopeful *h = &b->people[person];
  uint32_t n = 0;
  if (!h->ready) return false;
  for (uint32_t i = 0; i < h->n; i++) {
    if (w->what[h->items[i]] == INK_CANDIDATE_OUT) continue;
    h->items[n] = h->items[i];
    h->scores[n] = exact_score(run, b, person, h->items[n]);
    n++;
  }
  const found f = { h->scores, h->items };
  ink_sort_order(b->order, n, serves_before, &f);
  *n_front = ink_min_u32(n, run->slate_count);
  for (uint32_t i = 0; i < *n_front; i++) {
    w->items[i] = h->items[b->order[i]];
    w->scores[i] = h->scores[b->order[i]];
  }
  h->ready = false;               /* used up */
  return true;
}
