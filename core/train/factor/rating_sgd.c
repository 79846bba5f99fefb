/* rating_sgd.c - the steps of stochastic gradient descent, person by person.
 *
 * Koren's rule moves every y_j of a person at each of their ratings. That costs a pass over all items a rating; but all the
 * y_j of a person move along, so their sum v follows v += rate (e q - lambda v) exactly (where all c are 1), and each y_j ends
 * as y_j shrink^n + share c_j g, with g gathering the errors: a pass over the items a person. */
#include "rating_model.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

#define RAN_AWAY 1e6f             /* no vector of ratings is as long */

/* ------------------------------------------------------------------- model */

static void scatter(float *rows, uint32_t n, const ink_rating_options *o, uint64_t side, bool positive) {
  for (uint32_t r = 0; r < n; r++) {
    ink_rng rng;
    ink_rng_seed(&rng, o->seed, side << 32 | r);
    for (uint32_t k = 0; k < o->d; k++) {
      const float x = o->init_scale * (float)ink_rng_normal(&rng);
      rows[(size_t)r * o->d + k] = positive && x < 0.0f ? -x : x;
    }
  }
}

static ink_status zeros(const ink_allocator *allocator, uint64_t n, float **out) {
  INK_NEW(allocator, n, out);
  ink_mem_fill(*out, 0, (size_t)n * sizeof **out);
  return INK_OK;
}

static ink_status take(const ink_rating_options *o, const ink_allocator *allocator, ink_rating_model *m) {
  INK_TRY(zeros(allocator, (uint64_t)m->n_people * m->d, &m->people));
  INK_TRY(zeros(allocator, (uint64_t)m->n_items * m->d, &m->items));
  if (o->implicit) INK_TRY(zeros(allocator, (uint64_t)m->n_items * m->d, &m->implicit));
  INK_TRY(zeros(allocator, m->n_people, &m->person_bias));
  return zeros(allocator, m->n_items, &m->item_bias);
}

ink_status ink_rating_new(const ink_rating_options *o, uint32_t n_people, uint32_t n_items, bool positive, const ink_allocator *allocator,
                          ink_rating_model *out) {
  ink_rating_model m = { .n_people = n_people, .n_items = n_items, .d = o->d };
  const ink_status status = take(o, allocator, &m);
  if (status != INK_OK) {
    ink_rating_free(&m, allocator);
    return status;
  }
  scatter(m.people, n_people, o, 1, positive);
  scatter(m.items, n_items, o, 2, positive);
  *out = m;
  return INK_OK;
}

void ink_rating_free(ink_rating_model *m, const ink_allocator *allocator) {
  float *const blocks[] = { m->people, m->items, m->implicit, m->person_bias, m->item_bias };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(allocator, blocks[i]);
  *m = (ink_rating_model){ 0 };
}

/* ------------------------------------------------------------------ a step */

typedef struct walker {
  const ink_rating_options *o;
  const ink_als_matrix *rows;
  ink_rating_model *m;
  float *v, *g;                   /* [d] what y says; errors gathered for y; one after the other */
  float rate;
} walker;

/* p, q, v and g move by one observation's error. Element by element, so that any vector width gives the same bits. */
static void move(float step, float shrink, uint32_t d, float *restrict p, float *restrict q, float *restrict v, float *restrict g) {
  for (uint32_t k = 0; k < d; k++) {
    const float item = q[k], person = p[k] + v[k], push = step * item;
    p[k] = shrink * p[k] + push;
    v[k] = shrink * v[k] + push;
    g[k] = shrink * g[k] + push;
    q[k] = shrink * item + step * person;
  }
}

static void move_plain(float step, float shrink, uint32_t d, float *restrict p, float *restrict q) {
  for (uint32_t k = 0; k < d; k++) {
    const float item = q[k], person = p[k];
    p[k] = shrink * person + step * item;
    q[k] = shrink * item + step * person;
  }
}

/* Eight sums, so that the compiler may use its lanes and the result does not depend on them. */
static float product(const float *p, const float *q, uint32_t d) {
  float sum[8] = { 0 };
  uint32_t k = 0;
  for (; k + 8 <= d; k += 8)
    for (uint32_t j = 0; j < 8; j++) sum[j] += p[k + j] * q[k + j];
  for (uint32_t j = 0; k < d; k++, j++) sum[j] += p[k] * q[k];
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static void observe(const walker *t, uint32_t person, uint64_t at) {
  const ink_rating_options *o = t->o;
  ink_rating_model *m = t->m;
  const uint32_t d = m->d, item = t->rows->cols[at];
  float *p = m->people + (size_t)person * d, *q = m->items + (size_t)item * d;
  float *user = &m->person_bias[person], *thing = &m->item_bias[item];
  const float fit = product(p, q, d) + (o->implicit ? product(t->v, q, d) : 0.0f);
  const float step = t->rate * t->rows->a[at] * (t->rows->b[at] - *user - *thing - fit), bias_shrink = 1.0f - t->rate * o->bias_lambda;
  const float shrink = 1.0f - t->rate * o->lambda;
  *user = bias_shrink * *user + step;
  *thing = bias_shrink * *thing + step;
  if (o->implicit) move(step, shrink, d, p, q, t->v, t->g);
  else move_plain(step, shrink, d, p, q);
}

/* ---------------------------------------------------------------- a person */

/* (sum c)^-1/2 of a person. */
static float share_of(const ink_als_matrix *rows, uint64_t first, uint64_t end) {
  double total = 0.0;
  for (uint64_t e = first; e < end; e++) total += (double)rows->a[e];
  return total > 0.0 ? (float)(1.0 / ink_sqrt_f64(total)) : 0.0f;
}

void ink_rating_add_choices(const ink_rating_model *m, const ink_als_matrix *rows, uint32_t person, float *to) {
  const uint64_t first = rows->starts[person], end = rows->starts[person + 1];
  const float share = share_of(rows, first, end);
  for (uint64_t e = first; e < end; e++) {
    const float by = share * rows->a[e], *y = m->implicit + (size_t)rows->cols[e] * m->d;
    for (uint32_t k = 0; k < m->d; k++) to[k] += by * y[k];
  }
}

static void spread(const walker *t, uint64_t first, uint64_t end, float share) {
  const uint32_t d = t->m->d;
  const float shrink = (float)ink_pow_f64((double)(1.0f - t->rate * t->o->lambda), (double)(end - first));
  for (uint64_t e = first; e < end; e++) {
    const float by = share * t->rows->a[e];
    float *restrict y = t->m->implicit + (size_t)t->rows->cols[e] * d;
    for (uint32_t k = 0; k < d; k++) y[k] = shrink * y[k] + by * t->g[k];
  }
}

static void visit(const walker *t, uint32_t person) {
  const uint64_t first = t->rows->starts[person], end = t->rows->starts[person + 1];
  if (t->o->implicit) {
    ink_mem_fill(t->v, 0, 2 * (size_t)t->m->d * sizeof *t->v);
    ink_rating_add_choices(t->m, t->rows, person, t->v);
  }
  for (uint64_t e = first; e < end; e++) observe(t, person, e);
  if (t->o->implicit) spread(t, first, end, share_of(t->rows, first, end));
}

bool ink_rating_epoch(const ink_rating_options *o, const ink_als_matrix *rows, uint32_t epoch, float *work, ink_rating_model *m) {
  uint32_t *order = (uint32_t *)(void *)(work + 2 * (size_t)m->d);
  const walker t = { o, rows, m, work, work + m->d,
                     (float)((double)o->rate * ink_pow_f64((double)o->decay, (double)epoch)) };
  ink_rng rng;
  ink_rng_seed(&rng, o->seed, 3ull << 32 | epoch);
  for (uint32_t u = 0; u < rows->n_rows; u++) order[u] = u;
  ink_rng_shuffle(&rng, order, rows->n_rows);
  for (uint32_t u = 0; u < rows->n_rows; u++) visit(&t, order[u]);
  for (size_t i = 0; i < (size_t)m->n_items * m->d; i++)
    if (!(m->items[i] > -RAN_AWAY && m->items[i] < RAN_AWAY)) return false;       /* a NaN is neither */
  return true;
}
