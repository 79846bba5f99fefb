/* kmeans.c - see kmeans.h. Centres lie column by column, so a row meets all of them with one axpy an entry; centres
 * are summed item by item, so that no two workers write to one place and every sum has one order. */
#include "kmeans.h"

#include "blocks.h"
#include "fmath.h"
#include "mem.h"
#include "rng.h"
#include "base.h"

#define ROWS 64u                  /* rows or columns of a shard */

typedef struct lloyd {
  const ink_matrix *rows, *columns;
  const ink_kmeans_options *options;
  const ink_train_env *env;
  const ink_kernels *kernels;
  uint32_t k;
  float *centres, *length;        /* [d, k], [k] squared; infinite for a dissolved one */
  float *own;                     /* [n] squared length of a row */
  float *nearest;                 /* [n] squared distance to its centre */
  uint32_t *cluster, *size;       /* [n], [k] */
  uint8_t *moved;                 /* [n_shards] did any row change its cluster */
  float *room;                    /* [n_workers, k], and [d] a row spread out for k-means++ */
} lloyd;

static float infinite(void) { return ink_f32_from_bits(0x7f800000u); }

/* --------------------------------------------------------------- distances */

/* |x - c|^2 for all centres at once; the nearest, lowest number first. Rounding takes none below zero. */
static uint32_t nearest_of(const lloyd *s, uint32_t row, float *room, float *distance) {
  uint32_t best = 0;
  for (uint32_t c = 0; c < s->k; c++) room[c] = s->length[c];
  for (uint64_t e = s->rows->starts[row]; e < s->rows->starts[row + 1]; e++)
    s->kernels->axpy_f32(-2.0f * s->rows->values[e], s->centres + (size_t)s->rows->cols[e] * s->k, room, s->k);
  for (uint32_t c = 1; c < s->k; c++)
    if (room[c] < room[best]) best = c;
  *distance = room[best] + s->own[row] > 0.0f ? room[best] + s->own[row] : 0.0f;
  return best;
}

static void assign_rows(void *arg, uint32_t shard, uint32_t worker) {
  const lloyd *s = arg;
  const uint32_t end = ink_min_u32((shard + 1) * ROWS, s->rows->n_rows);
  s->moved[shard] = 0;
  for (uint32_t r = shard * ROWS; r < end; r++) {
    const uint32_t c = nearest_of(s, r, s->room + (size_t)worker * s->k, &s->nearest[r]);
    if (c != s->cluster[r]) s->moved[shard] = 1;
    s->cluster[r] = c;
  }
}

static bool assign(lloyd *s) {
  const uint32_t n_shards = (s->rows->n_rows + ROWS - 1) / ROWS;
  bool moved = false;
  s->env->threads.parallel_for(s->env->threads.ctx, n_shards, assign_rows, s);
  for (uint32_t i = 0; i < n_shards; i++) moved = moved || s->moved[i];
  ink_mem_fill(s->size, 0, s->k * sizeof *s->size);
  for (uint32_t r = 0; r < s->rows->n_rows; r++) s->size[s->cluster[r]]++;
  return moved;
}

/* ----------------------------------------------------------------- centres */

/* Centres without rows stay where they are. */
static void centre_columns(void *arg, uint32_t shard, uint32_t worker) {
  const lloyd *s = arg;
  const uint32_t end = ink_min_u32((shard + 1) * ROWS, s->columns->n_rows);
  (void)worker;
  for (uint32_t i = shard * ROWS; i < end; i++) {
    float *centre = s->centres + (size_t)i * s->k;
    for (uint32_t c = 0; c < s->k; c++) centre[c] = s->size[c] > 0 ? 0.0f : centre[c];
    for (uint64_t e = s->columns->starts[i]; e < s->columns->starts[i + 1]; e++) centre[s->cluster[s->columns->cols[e]]] += s->columns->values[e];
    for (uint32_t c = 0; c < s->k; c++) centre[c] = s->size[c] > 0 ? centre[c] / (float)s->size[c] : centre[c];
  }
}

static void measure(lloyd *s) {
  for (uint32_t c = 0; c < s->k; c++) s->length[c] = 0.0f;
  for (uint32_t i = 0; i < s->columns->n_rows; i++)
    for (uint32_t c = 0; c < s->k; c++) {
      const float x = s->centres[(size_t)i * s->k + c];
      s->length[c] += x * x;
    }
}

static void scale_centres(lloyd *s) {
  for (uint32_t i = 0; i < s->columns->n_rows; i++)
    for (uint32_t c = 0; c < s->k; c++) {
      float *x = &s->centres[(size_t)i * s->k + c];
      *x = s->length[c] > 0.0f ? *x / ink_sqrt_f32(s->length[c]) : 0.0f;
    }
  measure(s);
}

static void find_centres(lloyd *s) {
  s->env->threads.parallel_for(s->env->threads.ctx, (s->columns->n_rows + ROWS - 1) / ROWS, centre_columns, s);
  measure(s);
  if (s->options->directions) scale_centres(s);
}

/* ------------------------------------------------------------------ starts */

typedef struct spreading {
  const lloyd *s;
  const float *point;             /* [d] the newest centre */
  float length;
} spreading;

static void near_rows(void *arg, uint32_t shard, uint32_t worker) {
  const spreading *p = arg;
  const lloyd *s = p->s;
  const uint32_t end = ink_min_u32((shard + 1) * ROWS, s->rows->n_rows);
  (void)worker;
  for (uint32_t r = shard * ROWS; r < end; r++) {
    float sum = s->own[r] + p->length;
    for (uint64_t e = s->rows->starts[r]; e < s->rows->starts[r + 1]; e++) sum -= 2.0f * s->rows->values[e] * p->point[s->rows->cols[e]];
    if (sum < s->nearest[r]) s->nearest[r] = sum > 0.0f ? sum : 0.0f;
  }
}

static void spread_row(const lloyd *s, uint32_t row, float *point, bool clear) {
  for (uint64_t e = s->rows->starts[row]; e < s->rows->starts[row + 1]; e++) point[s->rows->cols[e]] = clear ? 0.0f : s->rows->values[e];
}

static void put_start(lloyd *s, uint32_t c, uint32_t row) {
  for (uint64_t e = s->rows->starts[row]; e < s->rows->starts[row + 1]; e++)
    s->centres[(size_t)s->rows->cols[e] * s->k + c] = s->rows->values[e];
}

/* A row with a chance in proportion to its squared distance from the centres so far; any row when all stand on centres. */
static uint32_t draw(const lloyd *s, ink_rng *rng) {
  double total = 0.0;
  for (uint32_t r = 0; r < s->rows->n_rows; r++) total += (double)s->nearest[r];
  double left = ink_rng_f64(rng) * total;
  const uint32_t any = ink_rng_below(rng, s->rows->n_rows);
  for (uint32_t r = 0; total > 0.0 && r < s->rows->n_rows; r++) {
    if (left < (double)s->nearest[r]) return r;
    left -= (double)s->nearest[r];
  }
  return any;
}

static void start(lloyd *s) {
  float *point = s->room + (size_t)s->env->threads.n_workers * s->k;
  ink_rng rng;
  ink_rng_seed(&rng, s->options->seed, 0);
  ink_mem_fill(point, 0, s->rows->n_cols * sizeof *point);
  for (uint32_t r = 0; r < s->rows->n_rows; r++) s->nearest[r] = 1.0f;           /* the first: any row alike */
  for (uint32_t c = 0; c < s->k; c++) {
    const uint32_t row = s->options->starts != NULL ? s->options->starts[c] : draw(s, &rng);
    put_start(s, c, row);
    if (s->options->starts != NULL) continue;
    for (uint32_t r = 0; c == 0 && r < s->rows->n_rows; r++) s->nearest[r] = infinite();
    spreading p = { s, point, s->own[row] };
    spread_row(s, row, point, false);
    s->env->threads.parallel_for(s->env->threads.ctx, (s->rows->n_rows + ROWS - 1) / ROWS, near_rows, &p);
    spread_row(s, row, point, true);
  }
  measure(s);
}

/* ---------------------------------------------------------------- dissolve */

static uint32_t smallest(const lloyd *s, uint32_t *n_left) {
  uint32_t best = INK_NONE;
  *n_left = 0;
  for (uint32_t c = 0; c < s->k; c++) {
    if (s->size[c] == 0) s->length[c] = infinite();
    else if (++*n_left && (best == INK_NONE || s->size[c] < s->size[best])) best = c;
  }
  return best;
}

/* The smallest cluster below `least` goes, its rows to the nearest of the others, until none is below. */
static void dissolve(lloyd *s) {
  uint32_t n_left;
  for (uint32_t c = smallest(s, &n_left); n_left > 1 && s->size[c] < s->options->least; c = smallest(s, &n_left)) {
    s->length[c] = infinite();
    for (uint32_t r = 0; r < s->rows->n_rows; r++) {
      if (s->cluster[r] != c) continue;
      s->cluster[r] = nearest_of(s, r, s->room, &s->nearest[r]);
      s->size[s->cluster[r]]++;
    }
    s->size[c] = 0;
  }
}

/* Numbers the clusters that are left 0, 1, ... and moves their centres together. */
static void close_ranks(lloyd *s) {
  uint32_t *number = (uint32_t *)(void *)s->room, left = 0;
  for (uint32_t c = 0; c < s->k; c++) {
    number[c] = left;
    if (s->size[c] > 0) s->size[left++] = s->size[c];
  }
  for (uint32_t r = 0; r < s->rows->n_rows; r++) s->cluster[r] = number[s->cluster[r]];
  s->k = left;
  find_centres(s);
}

/* -------------------------------------------------------------------- door */

static ink_status take_all(lloyd *s) {
  const ink_allocator *a = &s->env->allocator;
  const uint32_t n = s->rows->n_rows, d = s->rows->n_cols;
  INK_NEW(a, (uint64_t)d * s->k, &s->centres);
  INK_NEW(a, s->k, &s->length);
  INK_NEW(a, s->k, &s->size);
  INK_NEW(a, n, &s->own);
  INK_NEW(a, n, &s->nearest);
  INK_NEW(a, n, &s->cluster);
  INK_NEW(a, n / ROWS + 1, &s->moved);
  INK_NEW(a, (uint64_t)s->env->threads.n_workers * s->k + d, &s->room);
  ink_mem_fill(s->centres, 0, (size_t)d * s->k * sizeof *s->centres);
  for (uint32_t r = 0; r < n; r++) {
    s->cluster[r] = INK_NONE;
    s->own[r] = 0.0f;
    for (uint64_t e = s->rows->starts[r]; e < s->rows->starts[r + 1]; e++) s->own[r] += s->rows->values[e] * s->rows->values[e];
  }
  return INK_OK;
}

static ink_status run(lloyd *s) {
  start(s);
  for (uint32_t pass = 0; pass < s->options->passes; pass++) {
    const ink_progress p = { .stage = "k-means", .done = pass, .total = s->options->passes, .loss = __builtin_nan(""), .metric = __builtin_nan("") };
    if (s->env->progress && !s->env->progress(s->env->progress_ctx, &p)) return INK_E_STOPPED;
    if (!assign(s)) break;
    find_centres(s);
  }
  dissolve(s);
  close_ranks(s);
  return INK_OK;
}

static double inertia_of(const lloyd *s) {
  double sum = 0.0;
  for (uint32_t r = 0; r < s->rows->n_rows; r++) {
    double at = (double)s->own[r] + (double)s->length[s->cluster[r]];
    for (uint64_t e = s->rows->starts[r]; e < s->rows->starts[r + 1]; e++)
      at -= 2.0 * (double)s->rows->values[e] * (double)s->centres[(size_t)s->rows->cols[e] * s->k + s->cluster[r]];
    sum += at;
  }
  return sum;
}

void ink_kmeans_free(ink_kmeans *m, const ink_allocator *allocator) {
  ink_block_free(allocator, m->cluster);
  ink_block_free(allocator, m->size);
  ink_block_free(allocator, m->centres);
  *m = (ink_kmeans){ .k = 0 };
}

ink_status ink_kmeans_fit(const ink_matrix *rows, const ink_matrix *columns, const ink_kmeans_options *options,
                          const ink_train_env *env, ink_kmeans *out) {
  lloyd s = { .rows = rows, .columns = columns, .options = options, .env = env, .k = options->k,
              .kernels = env->kernels != NULL ? env->kernels : ink_kernels_best() };
  ink_status status = take_all(&s);
  if (status == INK_OK) status = run(&s);
  void *const rooms[] = { s.length, s.own, s.nearest, s.moved, s.room };
  ink_kmeans m = { .k = s.k, .d = rows->n_cols, .cluster = s.cluster, .size = s.size, .centres = s.centres };
  if (status == INK_OK) m.inertia = inertia_of(&s);
  for (size_t i = 0; i < INK_COUNT_OF(rooms); i++) ink_block_free(&env->allocator, rooms[i]);
  if (status == INK_OK) *out = m;
  else ink_kmeans_free(&m, &env->allocator);
  return status;
}
