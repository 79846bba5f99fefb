/* recurrent_loss.c - one step of training: the loss of a batch and its gradients.
 *
 * Two recipes, chosen by `loss`:
 *  - cross-entropy over all items at every step: the plain language-model recipe;
 *  - sampled | bpr-max | top1-max | bpr: scores against the targets of the other people at the same step and
 *    `negatives` further items drawn by popularity^alpha (Hidasi et al. 2016; Hidasi & Karatzoglou 2018). */
#include "recurrent_fit.h"

#include "base.h"

static uint32_t draw(ink_recurrent_fit *f) {
  const uint32_t n = f->net.shape.n_items;
  const double at = ink_rng_f64(&f->rng) * f->cumulative[n - 1];
  uint32_t low = 0, high = n - 1;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (f->cumulative[middle] > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* Columns of one step: the targets of all rows (a drawn item where a row has ended), then the drawn negatives. */
static uint32_t make_columns(ink_recurrent_fit *f, const uint32_t *target, uint32_t rows, uint32_t *n_columns) {
  uint32_t n_targets = 0;
  for (uint32_t b = 0; b < rows; b++) {
    const bool ends = target[b] == INK_NONE;
    f->columns[b] = ends ? draw(f) : target[b];
    f->column_target[b] = ends ? INK_NONE : b;
    n_targets += !ends;
  }
  for (uint32_t s = 0; s < ink_fit_whole(f, INK_S_NEGATIVES); s++) f->columns[rows + s] = draw(f);
  *n_columns = rows + ink_fit_whole(f, INK_S_NEGATIVES);
  return n_targets;
}

static const uint32_t *kept(ink_recurrent_fit *f, const uint32_t *from, uint32_t n) {
  void *block = NULL;
  if (f->tape.status == INK_OK) f->tape.status = ink_arena_take(&f->arena, n, sizeof(uint32_t), &block);
  if (f->tape.status != INK_OK) return NULL;
  uint32_t *copy = block;
  for (uint32_t i = 0; i < n; i++) copy[i] = from[i];
  return copy;
}

static ink_var step_loss(ink_recurrent_fit *f, ink_var h, const uint32_t *target, uint32_t rows, uint32_t *n_targets) {
  ink_tape *t = &f->tape;
  uint32_t n_columns;
  *n_targets = make_columns(f, target, rows, &n_columns);
  const uint32_t *columns = kept(f, f->columns, n_columns), *own = kept(f, f->column_target, rows);
  if (!columns || !own) return 0;
  ink_var scores = ink_op_matmul(t, h, ink_op_gather(t, f->net.items, columns, n_columns), INK_TRANSPOSE_B);
  if (f->net.item_bias)
    scores = ink_op_bias(t, scores, ink_op_reshape(t, ink_op_gather(t, f->net.item_bias, columns, n_columns), 1, n_columns));
  switch (ink_fit_whole(f, INK_S_LOSS)) {
    case INK_LOSS_BPR_MAX: return ink_op_bpr_max(t, scores, own, columns, (float)ink_fit_value(f, INK_S_PENALTY));
    case INK_LOSS_TOP1_MAX: return ink_op_top1_max(t, scores, own, columns);
    case INK_LOSS_BPR: return ink_op_bpr(t, scores, own, columns);
    default: return ink_op_cross_entropy(t, scores, own);
  }
}

static ink_var batch_loss(ink_recurrent_fit *f) {
  const ink_batch *b = &f->batch;
  ink_tape *t = &f->tape;
  const ink_var h = ink_recurrent_forward(&f->net, t, b, f->state, (float)ink_fit_value(f, INK_S_DROP_IN), (float)ink_fit_value(f, INK_S_DROP_OUT));
  if (ink_fit_whole(f, INK_S_LOSS) == INK_LOSS_CROSS_ENTROPY) return ink_op_cross_entropy_full(t, h, f->net.items, f->net.item_bias, b->target);
  ink_var sum = 0;
  for (uint32_t s = 0; s < b->steps && t->status == INK_OK; s++) {
    uint32_t n;
    const ink_var loss = step_loss(f, ink_op_rows(t, h, s * b->rows, b->rows), b->target + (size_t)s * b->rows, b->rows, &n);
    const ink_var share = ink_op_scale(t, loss, (float)n / (float)b->n_targets);
    sum = s == 0 ? share : ink_op_add(t, sum, share);
  }
  return sum;
}

static void copy_state(const ink_recurrent_fit *f, const float *from, float *to) {
  const size_t n = from ? ink_recurrent_state_floats(&f->net.shape, f->batch.rows) : 0;
  for (size_t i = 0; i < n; i++) to[i] = from[i];
}

/* When the arena was too small, what the attempt drew and where it moved the lanes is taken back. */
ink_status ink_recurrent_learn(ink_recurrent_fit *f, double *loss) {
  copy_state(f, f->state, f->state_before);
  for (;;) {
    ink_tape_reset(&f->tape, true);
    const ink_rng drawn = f->rng, dropout = f->tape.rng;
    const ink_var v = batch_loss(f);
    *loss = (double)ink_tape_scalar(&f->tape, v);
    if (f->tape.status != INK_E_SCRATCH) return ink_tape_backward(&f->tape, v);
    f->rng = drawn;
    f->tape.rng = dropout;
    copy_state(f, f->state_before, f->state);
    INK_TRY(ink_recurrent_open_tape(f, f->memory_bytes + f->memory_bytes / 2));
  }
}
