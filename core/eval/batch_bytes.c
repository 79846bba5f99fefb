/* batch_bytes.c - the screen of batch.h in bytes: four times as many products an instruction, and a fourth of the memory read.
 *
 * With x^ and q^ the images of a row x and of a vector q as bytes times a scale,
 *   |q.x - q^.x^| <= |q - q^| |x^| + |q| |x - x^|               (Cauchy-Schwarz)
 * so a score lies within `reach` of the product of the images, which is computed exactly. INK_BATCH_SAME panels of rows have one
 * scale, and one bound each for |x^| and |x - x^| (they are about as long), so a person needs one threshold for all: an integer.
 * Reading order: numbers to bytes, rows, people, thresholds, hits. */
#include "batch_parts.h"

#include "blocks.h"
#include "caps.h"
#include "fmath.h"
#include "mem.h"
#include "base.h"

#define MOST 127
#define SMALLEST_SCALE 0x1p-60f   /* vectors of smaller numbers count as zeros, and as lost: scales must have reciprocals */
#define FARTHEST 0x1p30f          /* thresholds beyond: every sum, or none, reaches them */

/* ---------------------------------------------------------- numbers to bytes */

static float magnitude(float x) { return x < 0 ? -x : x; }

static float largest_of(const float *x, uint32_t d, float most) {
  for (uint32_t k = 0; k < d; k++) most = magnitude(x[k]) > most ? magnitude(x[k]) : most;
  return most;
}

static float scale_of(float largest) {
  const float scale = largest / (float)MOST;
  return scale >= SMALLEST_SCALE ? scale : 1.0f;
}

/* The nearest byte; halves to even. |x| is at most 127 and rounding. Of numbers below the smallest scale it is 0. */
static int32_t byte_of(float x) {
  const float magic = 12582912.0f;                /* 1.5 * 2^23 */
  const int32_t q = (int32_t)((x + magic) - magic);
  return q > MOST ? MOST : q < -MOST ? -MOST : q;
}

/* The root of a sum of squares, not below it: 2^-20 covers its rounding, 2^-126 what lies below floats. */
static float length_above(double squares) { return (float)(ink_sqrt_f64(squares) * (1.0 + 0x1p-20)) + 0x1p-126f; }

/* ------------------------------------------------------------------- rows */

/* What a panel's rows lose, and how long they are as bytes. */
typedef struct bounds {
  double lost;
  int64_t squares;
} bounds;

static void put_element(const ink_batch_bytes *p, uint8_t *panel, uint32_t j, uint32_t k, float x, float scale, float inverse, bounds *row) {
  const int32_t q = byte_of(x * inverse);
  const double rest = (double)x - (double)scale * (double)q;
  row->lost += rest * rest;
  row->squares += (int64_t)q * q;
  panel[ink_screen_at(p->screen->rows, j, k)] = (uint8_t)(q + (int32_t)INK_SCREEN_ZERO);
}

static void put_row(const ink_eval_rows *r, uint32_t place, float scale, bounds *all) {
  const ink_batch_bytes *p = &r->bytes;
  const uint32_t item = r->items[place], j = place % p->screen->rows;
  uint8_t *panel = p->panels + (size_t)(place - j) * p->steps * 4;
  const float inverse = 1.0f / scale;
  bounds row = { 0, 0 };
  for (uint32_t k = 0; k < r->d; k++) put_element(p, panel, j, k, r->rows[(size_t)item * r->d + k], scale, inverse, &row);
  if (p->balance > 0) put_element(p, panel, j, r->d, r->bias[item] / p->balance, scale, inverse, &row);
  if (row.lost > all->lost) all->lost = row.lost;
  if (row.squares > all->squares) all->squares = row.squares;
}

/* The rows of one scale. */
static void put_rows(void *arg, uint32_t same, uint32_t worker) {
  const ink_eval_rows *r = arg;
  const ink_batch_bytes *p = &r->bytes;
  const uint32_t unit = INK_BATCH_SAME * p->screen->rows, first = same * unit, end = ink_min_u32(first + unit, r->n);
  bounds all = { 0, 0 };
  float largest = 0;
  (void)worker;
  for (uint32_t i = first; i < end; i++) {
    largest = largest_of(r->rows + (size_t)r->items[i] * r->d, r->d, largest);
    if (p->balance > 0) largest = largest_of(&r->bias[r->items[i]], 1, largest * p->balance) / p->balance;
  }
  const float scale = p->scale[same] = scale_of(largest);
  ink_mem_fill(p->panels + (size_t)first * p->steps * 4, INK_SCREEN_ZERO, (size_t)unit * p->steps * 4);
  for (uint32_t i = first; i < end; i++) put_row(r, i, scale, &all);
  p->error[same] = length_above(all.lost);
  p->length[same] = length_above((double)all.squares * (double)scale * (double)scale);
}

/* So that a bias is as large a number as the others of a row: else one of them has no bits left. */
static float balance_of(const ink_eval_rows *r) {
  float largest = 0;
  if (r->bias == NULL || !(r->largest_bias > 0)) return 0;
  for (uint32_t i = 0; i < r->n; i++) largest = largest_of(r->rows + (size_t)i * r->d, r->d, largest);
  const float balance = r->largest_bias / largest;
  return balance >= 0x1p-40f && balance <= 0x1p40f ? balance : 1.0f;
}

ink_status ink_batch_bytes_rows(const ink_train_env *env, ink_eval_rows *r) {
  ink_batch_bytes *p = &r->bytes;
  p->balance = balance_of(r);
  p->steps = (r->d + (p->balance > 0) + 3) / 4;
  const uint32_t unit = INK_BATCH_SAME * p->screen->rows, n = (r->n + unit - 1) / unit;
  INK_NEW(&env->allocator, (uint64_t)n * unit * p->steps * 4, &p->panels);
  INK_NEW(&env->allocator, n, &p->scale);
  INK_NEW(&env->allocator, n, &p->error);
  INK_NEW(&env->allocator, n, &p->length);
  env->threads.parallel_for(env->threads.ctx, n, put_rows, r);
  return INK_OK;
}

void ink_batch_bytes_forget(const ink_train_env *env, ink_eval_rows *r) {
  ink_batch_bytes *p = &r->bytes;
  void *const blocks[] = { p->panels, p->scale, p->error, p->length };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
}

/* ------------------------------------------------------------------ people */

#define MOST_STEPS ((INK_CAP_DIM + 4u) / 4u)

ink_status ink_batch_bytes_open(const ink_train_env *env, ink_eval_batch *b) {
  INK_NEW(&env->allocator, 1, &b->lanes);
  ink_mem_fill(b->lanes, 0, sizeof *b->lanes);
  INK_NEW(&env->allocator, (uint64_t)INK_BATCH_LANES * MOST_STEPS * 4, &b->lanes->bytes);
  INK_NEW(&env->allocator, (uint64_t)INK_BATCH_PEOPLE * MOST_STEPS * 4, &b->lanes->all);
  return INK_OK;
}

void ink_batch_bytes_close(const ink_train_env *env, ink_eval_batch *b) {
  if (b->lanes == NULL) return;
  ink_block_free(&env->allocator, b->lanes->bytes);
  ink_block_free(&env->allocator, b->lanes->all);
  ink_block_free(&env->allocator, b->lanes);
}

void ink_batch_bytes_vector(const ink_eval_rows *r, ink_eval_batch *b, uint32_t person) {
  const uint32_t width = 4 * r->bytes.steps;
  const float *x = b->vectors + (size_t)person * r->d, balance = r->bytes.balance;
  const float scale = scale_of(largest_of(x, r->d, balance)), inverse = 1.0f / scale;
  int8_t *out = b->lanes->all + (size_t)person * width;
  double lost = 0, squares = 0;
  int32_t sum = 0;
  for (uint32_t k = 0; k < width; k++) {
    const float value = k < r->d ? x[k] : k == r->d ? balance : 0.0f;
    const int32_t q = byte_of(value * inverse);
    const double rest = (double)value - (double)scale * (double)q;
    lost += rest * rest;
    squares += (double)value * (double)value;
    sum += q;
    out[k] = (int8_t)q;
  }
  b->lanes->scale[person] = scale;
  b->lanes->lost[person] = length_above(lost);
  b->lanes->length[person] = length_above(squares);
  b->lanes->shift[person] = (int32_t)INK_SCREEN_ZERO * sum;
}

/* The active people side by side, in tiles; the last is filled up with who reaches nothing. */
static uint32_t fill_lanes(const ink_eval_rows *r, const ink_eval_batch *b) {
  const uint32_t unit = r->bytes.screen->vectors, steps = r->bytes.steps, n = (b->n_active + unit - 1) / unit * unit;
  ink_batch_lanes *l = b->lanes;
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t person = b->active[ink_min_u32(i, b->n_active - 1)];
    const ink_batch_person *p = &b->people[person];
    int8_t *to = l->bytes + (size_t)(i / unit) * unit * steps * 4 + i % unit * 4;
    const int8_t *from = l->all + (size_t)person * steps * 4;
    for (uint32_t s = 0; s < steps; s++) ink_mem_copy(to + (size_t)s * unit * 4, from + (size_t)s * 4, 4);
    l->border[i] = i < b->n_active ? p->border : __builtin_inff();
    l->inverse[i] = 1.0f / l->scale[person];
    l->of_length[i] = l->lost[person] * INK_BATCH_UP;
    l->of_error[i] = l->length[person] * INK_BATCH_UP;
    l->rounding[i] = p->rounding;
    l->shifts[i] = l->shift[person];
  }
  return n;
}

/* -------------------------------------------------------------- thresholds */

/* Half the width of what a person's score lies in, for rows of one scale. */
static float reach_of(const ink_batch_lanes *l, uint32_t lane, float error, float length) {
  return l->of_length[lane] * length + l->of_error[lane] * error + l->rounding[lane];
}

/* The least sum with which such a row can reach a person's border: so low that no rounding in here matters. */
static int32_t least_of(const ink_batch_lanes *l, uint32_t lane, float inverse, float error, float length) {
  const float least = (l->border[lane] - reach_of(l, lane, error, length)) * (l->inverse[lane] * inverse);
  const float cut = least < -FARTHEST ? -FARTHEST : least > FARTHEST ? FARTHEST : least;
  return (int32_t)(cut - (magnitude(cut) * 0x1p-20f + 2.0f)) + l->shifts[lane];
}

static void set_least(const ink_batch_bytes *p, ink_batch_lanes *l, uint32_t n_lanes, uint32_t same) {
  const float inverse = 1.0f / p->scale[same], error = p->error[same], length = p->length[same];
  for (uint32_t i = 0; i < n_lanes; i++) l->least[i] = least_of(l, i, inverse, error, length);
}

/* -------------------------------------------------------------------- hits */

static void take_hits(const ink_eval_rows *r, ink_eval_batch *b, uint32_t lane, uint32_t panel, uint32_t hits, const int32_t *sums) {
  const ink_batch_bytes *p = &r->bytes;
  const uint32_t person = b->active[lane], first = panel * p->screen->rows, same = panel / INK_BATCH_SAME;
  ink_batch_lanes *l = b->lanes;
  ink_batch_person *who = &b->people[person];
  const float scale = l->scale[person] * p->scale[same], reach = reach_of(l, lane, p->error[same], p->length[same]);
  for (; hits != 0; hits &= hits - 1) {
    const uint32_t j = (uint32_t)__builtin_ctz(hits);
    const float score = (float)(sums[j] - l->shifts[lane]) * scale;
    ink_batch_offer(r, who, first + j, score + reach, score - reach);
  }
  if (!ink_batch_trim(b, who)) return;
  l->border[lane] = who->ready ? who->border : __builtin_inff();
  l->least[lane] = least_of(l, lane, 1.0f / p->scale[same], p->error[same], p->length[same]);
}

static void screen_panel(const ink_eval_rows *r, ink_eval_batch *b, uint32_t panel, uint32_t n_lanes) {
  const ink_batch_bytes *p = &r->bytes;
  const ink_screen *screen = p->screen;
  const size_t row_bytes = (size_t)p->steps * 4;
  const uint32_t n_rows = ink_min_u32(screen->rows, r->n - panel * screen->rows), exist = ~0u >> (32 - n_rows);
  uint32_t hits[INK_SCREEN_VECTORS];
  int32_t sums[INK_SCREEN_VECTORS * INK_SCREEN_ROWS];
  for (uint32_t lane = 0; lane < n_lanes; lane += screen->vectors) {
    screen->tile(p->steps, b->lanes->bytes + lane * row_bytes, p->panels + (size_t)panel * screen->rows * row_bytes,
                 b->lanes->least + lane, hits, sums);
    for (uint32_t i = 0; i < screen->vectors && lane + i < b->n_active; i++)
      if ((hits[i] & exist) != 0) take_hits(r, b, lane + i, panel, hits[i] & exist, sums + (size_t)i * screen->rows);
  }
}

/* first and n are whole scales, but for the end of the catalogue. */
void ink_batch_bytes_screen(const ink_eval_run *run, ink_eval_batch *b, uint32_t first, uint32_t n) {
  const ink_eval_rows *r = run->rows;
  const uint32_t rows = r->bytes.screen->rows, n_lanes = fill_lanes(r, b);
  for (uint32_t row = first; row < first + n; row += rows) {
    const uint32_t panel = row / rows;
    if (panel % INK_BATCH_SAME == 0) set_least(&r->bytes, b->lanes, n_lanes, panel / INK_BATCH_SAME);
    screen_panel(r, b, panel, n_lanes);
  }
}
