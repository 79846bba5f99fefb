/* recurrent_validate.c - how well the network ranks the events that were kept back: NDCG@10 among all items that the person
 * has not seen, as a device would be asked. */
#include "recurrent_fit.h"

#include "fmath.h"
#include "tape_node.h"
#include "base.h"

/* Rank of the held-back item among those that the person has not seen; ties count half. */
static double rank_of(const ink_recurrent_fit *f, const float *scores, uint32_t sequence) {
  const uint32_t target = f->sequences.held[sequence];
  const uint64_t first = f->sequences.starts[sequence], last = f->sequences.starts[sequence + 1] - 1;
  double above = 0.0;
  for (uint32_t i = 0; i < f->net.shape.n_items; i++)
    above += scores[i] > scores[target] ? 1.0 : scores[i] == scores[target] && i != target ? 0.5 : 0.0;
  for (uint64_t e = first; e < last; e++) {
    const uint32_t seen = f->sequences.items[e];
    bool counted = seen == target;
    for (uint64_t d = first; d < e && !counted; d++) counted = f->sequences.items[d] == seen;
    if (!counted) above -= scores[seen] > scores[target] ? 1.0 : scores[seen] == scores[target] ? 0.5 : 0.0;
  }
  return above + 1.0;
}

static uint32_t window_of(const ink_recurrent_fit *f, uint32_t sequence) {
  const uint64_t seen = f->sequences.starts[sequence + 1] - 1 - f->sequences.starts[sequence];
  return (uint32_t)(seen < ink_fit_whole(f, INK_S_LENGTH) ? seen : ink_fit_whole(f, INK_S_LENGTH));
}

/* The newest events before the held-back one, of a group of people. */
static void lay_out_group(ink_recurrent_fit *f, const uint32_t *group, uint32_t rows) {
  ink_batch *batch = &f->batch;
  batch->rows = rows;
  batch->steps = 0;
  for (uint32_t b = 0; b < rows; b++) batch->steps = ink_max_u32(batch->steps, window_of(f, group[b]));
  for (uint32_t b = 0; b < rows; b++) {
    const uint32_t m = window_of(f, group[b]);
    const uint64_t first = f->sequences.starts[group[b] + 1] - 1 - m;
    for (uint32_t s = 0; s < batch->steps; s++) {
      if (s < m) ink_batch_put(batch, (size_t)s * rows + b, &f->sequences, first + s, INK_NONE, s == 0);
      else ink_batch_put_nothing(batch, (size_t)s * rows + b);
    }
    f->column_target[b] = m - 1;
  }
}

/* NDCG@10 over a group of held-back people: their windows as one batch, the state after each one's last event. */
static ink_status validate_group(ink_recurrent_fit *f, const uint32_t *group, uint32_t rows, double *sum) {
  const uint32_t n = f->net.shape.n_items, h = f->net.shape.h;
  ink_tape *t = &f->tape;
  lay_out_group(f, group, rows);
  ink_tape_reset(t, false);
  const ink_var out = ink_recurrent_forward(&f->net, t, &f->batch, NULL, 0, 0);
  float *states = NULL, *scores = NULL;
  if (t->status != INK_OK || ink_arena_take(&f->arena, (size_t)rows * h, sizeof(float), (void **)&states) != INK_OK ||
      ink_arena_take(&f->arena, (size_t)rows * n, sizeof(float), (void **)&scores) != INK_OK) return INK_E_SCRATCH;
  for (uint32_t b = 0; b < rows; b++)
    for (uint32_t j = 0; j < h; j++) states[(size_t)b * h + j] = ink_tape_at(t, out)->value[((size_t)f->column_target[b] * rows + b) * h + j];
  ink_tape_gemm(t, rows, n, h, ink_gemm_plain(states, h), ink_gemm_transposed(f->net.items->value, h), scores, n, false);
  for (uint32_t b = 0; b < rows; b++) {
    for (uint32_t i = 0; f->net.item_bias && i < n; i++) scores[(size_t)b * n + i] += f->net.item_bias->value[i];
    const double rank = rank_of(f, scores + (size_t)b * n, group[b]);
    if (rank <= 10.0) *sum += 1.0 / ink_log2_f64(rank + 1.0);
  }
  return INK_OK;
}

ink_status ink_recurrent_validate(ink_recurrent_fit *f, double *metric) {
  const uint32_t rows = ink_min_u32(ink_fit_whole(f, INK_S_BATCH), 128);
  uint32_t group[128], n = 0;
  double sum = 0.0;
  for (uint32_t i = 0; i < f->sequences.n; i++) {
    if (f->sequences.held[i] != INK_NONE) group[n++] = i;
    if (n == 0 || (n < rows && i + 1 < f->sequences.n)) continue;
    ink_status status;
    double here = 0.0;
    while ((status = validate_group(f, group, n, &here)) == INK_E_SCRATCH) INK_TRY(ink_recurrent_open_tape(f, f->memory_bytes + f->memory_bytes / 2));
    INK_TRY(status);
    sum += here;
    n = 0;
  }
  *metric = f->sequences.n_held ? sum / f->sequences.n_held : 0.0;
  return INK_OK;
}

