/* batch.c - see batch.h. Reading order: memory, what a person's scores are made of, candidates, the product, fronts. */
#include "batch.h"

#include "blocks.h"
#include "caps.h"
#include "fmath.h"
#include "gemm.h"
#include "mem.h"
#include "sort_order.h"
#include "base.h"

#define PEOPLE (INK_EVAL_GROUP * INK_EVAL_SHARD)
#define BLOCK 1024u               /* items of one product */
#define MOST_REFUSED 16u          /* so many at first, and nobody else is folded to be asked */
#define ROOM 2048u                /* candidates of one person: a block, and as many that stay */

/* One person's candidates while the catalogue goes by. */
typedef struct hopeful {
  float *scores; uint32_t *items; /* [ROOM] */
  uint32_t n, wanted;             /* wanted: the slate and all that may have to be left out of it */
  float border, slack;            /* who scores below border - slack is out */
  float offsets[2];
  bool ready;
} hopeful;

typedef struct ink_eval_batch {
  const ink_gemm *gemm;
  void *gemm_scratch;
  float *vectors;                 /* [PEOPLE, d] */
  float *product;                 /* [PEOPLE, BLOCK] */
  float *spare;                   /* [ROOM] */
  uint32_t *hits, *order;         /* [ROOM] */
  float *scores; uint32_t *items; /* [PEOPLE, ROOM] */
  hopeful people[PEOPLE];
  uint32_t first, end;            /* of run->people, that were scored */
  const float *rows, *bias;       /* the same for all of a run */
  uint32_t d;
  float longest, largest_bias;
  uint32_t n_refused;             /* people whose scores are of another kind */
} ink_eval_batch;

/* ------------------------------------------------------------------- memory */

static ink_status take_memory(const ink_allocator *a, ink_eval_batch *b) {
  b->gemm = ink_gemm_best();
  b->gemm_scratch = ink_block_resize(a, NULL, ink_gemm_scratch_bytes(b->gemm), 1);
  if (b->gemm_scratch == NULL) return INK_E_NO_MEMORY;
  INK_NEW(a, (uint64_t)PEOPLE * INK_CAP_DIM, &b->vectors);
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
  void *const blocks[] = { b->gemm_scratch, b->vectors, b->product, b->spare, b->hits, b->order, b->scores, b->items };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(a, blocks[i]);
  ink_block_free(a, b);
}

/* -------------------------------------------------------------- one person */

static float norm(const float *x, uint32_t d) {
  double sum = 0;
  for (uint32_t k = 0; k < d; k++) sum += (double)x[k] * (double)x[k];
  return (float)ink_sqrt_f64(sum);
}

/* The rows of the run, by the first person who has a taste; another's must be the same. */
static bool takes_rows(const ink_eval_run *run, ink_eval_batch *b, const ink_taste *t) {
  if (b->rows != NULL) return t->rows == b->rows && t->bias == b->bias && t->d == b->d;
  b->rows = t->rows;
  b->bias = t->bias;
  b->d = t->d;
  for (uint32_t i = 0; i < run->n_items; i++) {
    const float length = norm(t->rows + (size_t)i * t->d, t->d), bias = t->bias == NULL ? 0.0f : t->bias[i] < 0 ? -t->bias[i] : t->bias[i];
    b->longest = length > b->longest ? length : b->longest;
    b->largest_bias = bias > b->largest_bias ? bias : b->largest_bias;
  }
  return true;
}

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
  if (ink_eval_fold(run, w, user) != INK_OK) return false;
  const ink_status status = ink_taste_of(w->engine, &request, t);
  w->batch->n_refused += status == INK_E_UNKNOWN_FAMILY;
  if (status != INK_OK) return false;
  offsets[0] = t->offset;
  offsets[1] = 0.0f;
  return true;
}

static float size_of(float x) { return x < 0 ? -x : x; }

static void prepare(const ink_eval_run *run, ink_eval_worker *w, uint32_t i) {
  ink_eval_batch *b = w->batch;
  hopeful *h = &b->people[i];
  ink_taste t;
  uint64_t first, end;
  const uint32_t user = run->people[b->first + i];
  ink_eval_window(run, user, &first, &end);
  *h = (hopeful){ .scores = b->scores + (size_t)i * ROOM, .items = b->items + (size_t)i * ROOM, .border = -__builtin_inff() };
  if (end - first > ROOM - BLOCK - run->slate_count || (b->rows == NULL && b->n_refused >= MOST_REFUSED)) return;
  if (!find_taste(run, w, user, &t, h->offsets) || !takes_rows(run, b, &t)) return;
  ink_mem_copy(b->vectors + (size_t)i * b->d, t.vector, b->d * sizeof *t.vector);
  const float size = norm(t.vector, b->d) * b->longest + b->largest_bias + size_of(h->offsets[0]) + size_of(h->offsets[1]);
  h->wanted = run->slate_count + (uint32_t)(end - first);
  h->slack = 4.0f * ((float)b->d + 4.0f) * 0x1p-24f * size;       /* 2e, and rounding of the border itself */
  h->ready = true;
}

/* --------------------------------------------------------------- candidates */

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

static void offer(const ink_kernels *k, ink_eval_batch *b, hopeful *h, float *scores, uint32_t first, uint32_t n) {
  if (b->bias != NULL) k->add_f32(b->bias + first, scores, n);
  const float offset = h->offsets[0] + h->offsets[1];
  const size_t n_hits = k->select_ge(scores, n, h->border - h->slack - offset - h->slack * 0x1p-10f, b->hits);
  for (size_t i = 0; i < n_hits; i++) {
    h->scores[h->n] = scores[b->hits[i]] + offset;
    h->items[h->n++] = first + b->hits[i];
  }
  if (h->n > ROOM - BLOCK || h->n > 4 * h->wanted) tighten(b, h);
}

/* -------------------------------------------------------------- the product */

void ink_eval_batch_score(const ink_eval_run *run, ink_eval_worker *w, uint32_t first, uint32_t end) {
  ink_eval_batch *b = w->batch;
  if (b == NULL) return;
  b->first = first;
  b->end = end;
  for (uint32_t i = 0; i < end - first; i++) prepare(run, w, i);
  for (uint32_t item = 0; b->rows != NULL && item < run->n_items; item += BLOCK) {
    const uint32_t n = ink_min_u32(BLOCK, run->n_items - item);
    ink_gemm_run(b->gemm, end - first, n, b->d, ink_gemm_plain(b->vectors, b->d), ink_gemm_transposed(b->rows + (size_t)item * b->d, b->d),
                 b->product, BLOCK, false, b->gemm_scratch);
    for (uint32_t i = 0; i < end - first; i++)
      if (b->people[i].ready) offer(run->env->kernels, b, &b->people[i], b->product + (size_t)i * BLOCK, item, n);
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
  const hopeful *h = &b->people[person];
  float score = run->env->kernels->dot_f32(b->rows + (size_t)item * b->d, b->vectors + (size_t)person * b->d, b->d);
  if (b->bias != NULL) score += b->bias[item];
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
