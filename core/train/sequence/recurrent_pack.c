/* recurrent_pack.c - the best parameters as tensors of a pack (FORMAT.md, section lstm, gru), in f32 or in int8 by rows, and as
 * metadata what was trained and how well it ranked the events that were kept back. */
#include "recurrent_fit.h"

#include "quant.h"
#include "quantise.h"
#include "base.h"

/* A name made of the family's and the rest, at most 63 bytes. */
static const char *named(const ink_recurrent_fit *f, const char *rest, char out[64]) {
  size_t n = 0;
  for (const char *c = f->name; *c && n < 62; c++) out[n++] = *c;
  out[n++] = '.';
  for (const char *c = rest; *c && n < 63; c++) out[n++] = *c;
  out[n] = '\0';
  return out;
}

static const char *suffixed(const char *name, const char *suffix, char out[64]) {
  size_t n = 0;
  for (; name[n] && n < 48; n++) out[n] = name[n];
  for (const char *c = suffix; *c && n < 63; c++) out[n++] = *c;
  out[n] = '\0';
  return out;
}

static bool is_table(const ink_recurrent_fit *f, const ink_param *p) { return p == f->net.embedding || p == f->net.items; }

static bool is_weight(const ink_recurrent_fit *f, const ink_param *p) {
  for (uint32_t l = 0; l < f->net.shape.layers; l++)
    if (p == f->net.w_ih[l] || p == f->net.w_hh[l]) return true;
  return false;
}

/* Rows of weights as int8 with one scale each; `rows` becomes what they stand for. */
static ink_status put_weights8(const ink_param *p, float *rows, ink_trained *out) {
  const uint32_t shape[2] = { p->rows, p->cols };
  char name[64];
  void *data, *scale;
  INK_TRY(ink_trained_tensor(out, p->name, INK_DTYPE_I8, 2, shape, &data));
  INK_TRY(ink_trained_tensor(out, suffixed(p->name, ".scale", name), INK_DTYPE_F32, 1, shape, &scale));
  for (uint32_t r = 0; r < p->rows; r++) {
    int8_t *to = (int8_t *)data + (size_t)r * p->cols;
    float *at = rows + (size_t)r * p->cols, error;
    int32_t sum;
    ink_quant_row(at, p->cols, to, (float *)scale + r, &sum, &error);
    for (uint32_t j = 0; j < p->cols; j++) at[j] = ((float *)scale)[r] * (float)to[j];
  }
  return INK_OK;
}

/* Biases are vectors in a pack; on the tape they are [1, n] or, where they are read by rows, [n, 1]. */
static bool is_bias(const ink_recurrent_fit *f, const ink_param *p) {
  return p == f->net.item_bias || (!is_table(f, p) && !is_weight(f, p) && p != f->net.kinds && p != f->net.gaps);
}

static ink_status put_floats(const ink_param *p, const float *values, bool vector, ink_trained *out) {
  const uint32_t shape[2] = { vector ? p->rows * p->cols : p->rows, p->cols };
  void *data;
  INK_TRY(ink_trained_tensor(out, p->name, INK_DTYPE_F32, vector ? 1 : 2, shape, &data));
  for (size_t i = 0; i < (size_t)p->rows * p->cols; i++) ((float *)data)[i] = values[i];
  return INK_OK;
}

/* best[p] becomes the values that the stored tensor stands for. */
static ink_status put_param(ink_recurrent_fit *f, uint32_t p, ink_trained *out) {
  const ink_param *param = f->params[p];
  const bool small = ink_fit_whole(f, INK_S_PRECISION) == 1;
  if (is_table(f, param))
    return ink_quantise_tensor(out, param->name, small ? INK_PRECISION_I8 : INK_PRECISION_F32, f->best[p], param->rows, param->cols);
  return small && is_weight(f, param) ? put_weights8(param, f->best[p], out) : put_floats(param, f->best[p], is_bias(f, param), out);
}

static ink_status put_settings(const ink_recurrent_fit *f, ink_trained *out) {
  const uint32_t four = 4;
  char name[64];
  void *data;
  INK_TRY(ink_trained_tensor(out, named(f, "settings", name), INK_DTYPE_F32, 1, &four, &data));
  ((float *)data)[0] = (float)ink_fit_whole(f, INK_S_LENGTH);
  ((float *)data)[1] = (float)f->net.shape.n_kinds;
  ((float *)data)[2] = (float)f->net.shape.n_gaps;
  return INK_OK;
}

/* The held-back figure of what is stored: int8 is measured, not assumed. */
static ink_status put_figures(ink_recurrent_fit *f, ink_trained *out) {
  char name[64];
  double stored = f->at.best_metric;
  INK_TRY(ink_trained_meta_number(out, named(f, "epochs", name), (float)f->at.epoch));
  INK_TRY(ink_trained_meta_number(out, named(f, "loss", name), (float)f->at.last_loss));
  if (f->sequences.n_held == 0) return INK_OK;
  INK_TRY(ink_trained_meta_number(out, named(f, "held_back.ndcg@10", name), (float)f->at.best_metric));
  if (ink_fit_whole(f, INK_S_PRECISION) == 0) return INK_OK;
  for (uint32_t p = 0; p < f->net.n_params; p++)
    for (size_t i = 0; i < (size_t)f->params[p]->rows * f->params[p]->cols; i++) f->params[p]->value[i] = f->best[p][i];
  INK_TRY(ink_recurrent_validate(f, &stored));
  return ink_trained_meta_number(out, named(f, "held_back.ndcg@10.int8", name), (float)stored);
}

ink_status ink_recurrent_put(ink_recurrent_fit *f, ink_trained *out) {
  for (uint32_t p = 0; p < f->net.n_params; p++) INK_TRY(put_param(f, p, out));
  INK_TRY(put_settings(f, out));
  return put_figures(f, out);
}
