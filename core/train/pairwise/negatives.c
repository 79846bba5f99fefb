/* negatives.c - see negatives.h. Reading order: alias tables, plain draws, hard ones, the generator. */
#include "negatives.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "base.h"

#define TRIES 8u                  /* that may meet chosen items before a draw is given up */
#define GENERATOR_DECAY 0.001f

/* ------------------------------------------------------------ alias tables */

void ink_alias_fill(ink_alias *a, const float *weights, uint32_t n, uint32_t *work) {
  double sum = 0.0;
  uint32_t n_small = 0, n_large = 0;                       /* small ones from the front of `work`, large ones from its end */
  a->n = n;
  for (uint32_t i = 0; i < n; i++) sum += (double)weights[i];
  for (uint32_t i = 0; i < n; i++) {
    a->keep[i] = (float)((double)weights[i] * n / sum);
    a->other[i] = i;
    if (a->keep[i] < 1.0f) work[n_small++] = i;
    else work[n - ++n_large] = i;
  }
  while (n_small > 0 && n_large > 0) {
    const uint32_t small = work[--n_small], large = work[n - n_large];
    a->other[small] = large;
    a->keep[large] -= 1.0f - a->keep[small];
    if (a->keep[large] >= 1.0f) continue;
    n_large--;
    work[n_small++] = large;
  }
  for (; n_large > 0; n_large--) a->keep[work[n - n_large]] = 1.0f;        /* what rounding left over */
  while (n_small > 0) a->keep[work[--n_small]] = 1.0f;
}

/* ------------------------------------------------------------------- making */

static ink_status weigh_items(ink_negatives *n, double popularity) {
  const ink_positives *c = n->choices;
  if (popularity == 0.0) return INK_OK;
  INK_NEW(&n->allocator, c->n_items, &n->weight);
  INK_NEW(&n->allocator, c->n_items, &n->block_weight);
  INK_NEW(&n->allocator, c->n_items, &n->keep);
  INK_NEW(&n->allocator, c->n_items, &n->other);
  INK_NEW(&n->allocator, c->n_items, &n->work);
  for (uint32_t i = 0; i < c->n_items; i++) n->weight[i] = 0.0f;
  for (uint64_t e = 0; e < c->starts[c->n_people]; e++) n->weight[c->items[e]] += 1.0f;
  for (uint32_t i = 0; i < c->n_items; i++)                /* an item that nobody chose is one that nobody wanted */
    n->weight[i] = (float)ink_pow_f64((double)(n->weight[i] > 0.0f ? n->weight[i] : 1.0f), popularity);
  return INK_OK;
}

static ink_status new_generator(ink_negatives *n, uint64_t seed) {
  const ink_positives *c = n->choices;
  const size_t n_people = (size_t)c->n_people * INK_GENERATOR_D, n_items = (size_t)c->n_items * INK_GENERATOR_D;
  ink_rng rng;
  ink_rng_seed(&rng, seed, 0x6e65676174u);
  INK_NEW(&n->allocator, n_people, &n->people);
  INK_NEW(&n->allocator, n_items, &n->items);
  INK_NEW(&n->allocator, c->n_items, &n->item_bias);
  for (size_t i = 0; i < n_people; i++) n->people[i] = (float)(0.1 * ink_rng_normal(&rng));
  for (size_t i = 0; i < n_items; i++) n->items[i] = (float)(0.1 * ink_rng_normal(&rng));
  for (uint32_t i = 0; i < c->n_items; i++) n->item_bias[i] = 0.0f;
  return INK_OK;
}

ink_status ink_negatives_new(ink_negatives *n, uint32_t how, uint32_t k, double popularity, float rate, const ink_positives *choices,
                             uint64_t seed, const ink_train_env *env) {
  *n = (ink_negatives){ .allocator = env->allocator, .how = how, .k = k, .rate = rate, .choices = choices };
  INK_TRY(weigh_items(n, popularity));
  return how == INK_NEGATIVES_ADVERSARIAL ? new_generator(n, seed) : INK_OK;
}

void ink_negatives_free(ink_negatives *n) {
  void *const blocks[] = { n->weight, n->block_weight, n->keep, n->other, n->work, n->people, n->items, n->item_bias };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&n->allocator, blocks[i]);
}

void ink_negatives_deal(ink_negatives *n, const ink_strata *strata) {
  for (uint32_t b = 0; n->weight != NULL && b < strata->n_blocks; b++) {
    const uint32_t first = strata->col_starts[b], size = strata->col_starts[b + 1] - first;
    n->tables[b] = (ink_alias){ .keep = n->keep + first, .other = n->other + first };
    for (uint32_t i = 0; i < size; i++) n->block_weight[first + i] = n->weight[strata->members[first + i]];
    ink_alias_fill(&n->tables[b], n->block_weight + first, size, n->work + first);
  }
}

/* -------------------------------------------------------------------- draws */

static uint32_t draw_unchosen(const ink_negatives *n, ink_stratum *s, uint32_t person) {
  for (uint32_t t = 0; t < TRIES; t++) {
    const uint32_t place = n->weight != NULL ? ink_alias_draw(&n->tables[s->cols], &s->rng) : ink_rng_below(&s->rng, s->n_members);
    const uint32_t item = s->members[place];
    if ((n->barred == NULL || n->barred[item] == 0) && !ink_positives_has(n->choices, person, item)) return item;
  }
  return INK_NONE;
}

static const float *row_of(const ink_scorer *m, uint32_t item) { return m->items + (size_t)item * m->stride; }

static float score_of(const ink_scorer *m, const float *vector, uint32_t item) {
  const float fit = m->sgd->dot(vector, row_of(m, item), m->stride);
  return m->bias != NULL ? fit + m->bias[item] : fit;
}

/* Up to k draws into out; their rows are asked for together, so that the memory answers all at once. */
static uint32_t draw_candidates(const ink_negatives *n, ink_stratum *s, const ink_scorer *m, uint32_t person, uint32_t out[INK_MOST_CANDIDATES]) {
  uint32_t n_drawn = 0;
  for (uint32_t i = 0; i < n->k; i++) {
    const uint32_t item = draw_unchosen(n, s, person);
    if (item == INK_NONE) continue;
    ink_sgd_fetch(row_of(m, item), m->stride);
    out[n_drawn++] = item;
  }
  return n_drawn;
}

static uint32_t draw_hard(const ink_negatives *n, ink_stratum *s, const ink_scorer *m, const float *vector, uint32_t person) {
  uint32_t drawn[INK_MOST_CANDIDATES], best = INK_NONE;
  const uint32_t n_drawn = draw_candidates(n, s, m, person, drawn);
  float most = 0.0f;
  for (uint32_t i = 0; i < n_drawn; i++) {
    const float score = score_of(m, vector, drawn[i]);
    if (best != INK_NONE && !(score > most)) continue;
    best = drawn[i];
    most = score;
  }
  return best;
}

/* ---------------------------------------------------------------- generator */

typedef struct candidates {
  uint32_t item[INK_MOST_CANDIDATES];
  float chance[INK_MOST_CANDIDATES], reward[INK_MOST_CANDIDATES];
  uint32_t n;
} candidates;

static float *row(float *rows, uint32_t i) { return rows + (size_t)i * INK_GENERATOR_D; }

/* chance = softmax of the generator's scores. */
static void judge(const ink_negatives *n, uint32_t person, candidates *c) {
  const float *const g = row(n->people, person);
  float most = -1e30f, sum = 0.0f;
  for (uint32_t i = 0; i < c->n; i++) {
    const float *const h = row(n->items, c->item[i]);
    float logit = n->item_bias[c->item[i]];
    for (uint32_t k = 0; k < INK_GENERATOR_D; k++) logit += g[k] * h[k];
    c->chance[i] = logit;
    most = logit > most ? logit : most;
  }
  for (uint32_t i = 0; i < c->n; i++) sum += c->chance[i] = ink_exp_f32(c->chance[i] - most);
  for (uint32_t i = 0; i < c->n; i++) c->chance[i] /= sum;
}

static void learn(const ink_negatives *n, uint32_t person, const candidates *c) {
  float *const g = row(n->people, person), before[INK_GENERATOR_D], mean = 0.0f;
  for (uint32_t i = 0; i < c->n; i++) mean += c->chance[i] * c->reward[i];
  for (uint32_t k = 0; k < INK_GENERATOR_D; k++) {
    before[k] = g[k];
    g[k] -= n->rate * GENERATOR_DECAY * g[k];
  }
  for (uint32_t i = 0; i < c->n; i++) {
    float *const h = row(n->items, c->item[i]), *const bias = &n->item_bias[c->item[i]];
    const float pull = n->rate * c->chance[i] * (c->reward[i] - mean);
    for (uint32_t k = 0; k < INK_GENERATOR_D; k++) {
      g[k] += pull * h[k];
      h[k] += pull * before[k] - n->rate * GENERATOR_DECAY * h[k];
    }
    *bias += pull - n->rate * GENERATOR_DECAY * *bias;
  }
}

static uint32_t draw_by_chance(const candidates *c, ink_rng *rng) {
  float left = ink_rng_f32(rng);
  for (uint32_t i = 0; i + 1 < c->n; i++) {
    left -= c->chance[i];
    if (left < 0.0f) return c->item[i];
  }
  return c->item[c->n - 1];
}

static uint32_t draw_adversarial(const ink_negatives *n, ink_stratum *s, const ink_scorer *m, const float *vector, uint32_t person, float own) {
  candidates c;
  c.n = draw_candidates(n, s, m, person, c.item);
  for (uint32_t i = 0; i < c.n; i++) c.reward[i] = ink_sigmoid_f32(score_of(m, vector, c.item[i]) - own);
  if (c.n == 0) return INK_NONE;
  judge(n, person, &c);
  learn(n, person, &c);
  return draw_by_chance(&c, &s->rng);
}

uint32_t ink_negatives_draw(const ink_negatives *n, ink_stratum *stratum, const ink_scorer *scorer, const float *vector,
                            uint32_t person, float own) {
  switch (n->how) {
    case INK_NEGATIVES_HARD: return draw_hard(n, stratum, scorer, vector, person);
    case INK_NEGATIVES_ADVERSARIAL: return draw_adversarial(n, stratum, scorer, vector, person, own);
    default: return draw_unchosen(n, stratum, person);
  }
}
