/* recurrent_bind.c - matches the tensors of an LSTM or GRU, and lays its weights out for the column form:
 * [G*H, n] row by row becomes [n, G*H]. That is the one copy that a pack's weights get; its bytes are part of what
 * bind takes. Reading order: ink_recurrent_bind() first. */
#include "recurrent.h"

#include "caps.h"
#include "fault.h"

#include "base.h"

#define MAX_LENGTH 1000.0f

static bool find(const ink_bind *b, ink_text name, ink_tensor *out) { return b->tensors->find(b->tensors->ctx, name, out); }

bool ink_recurrent_present(const ink_recurrent_kind *kind, const ink_tensor_source *tensors) {
  ink_tensor t;
  return tensors->find(tensors->ctx, kind->layers[0].w_x, &t);
}

static ink_status match_settings(const ink_bind *b, ink_recurrent *r) {
  const void *data = NULL;
  INK_TRY(ink_bind_need(b, r->kind->settings, INK_DTYPE_F32, 4, 0, &data));
  const float length = *(const float *)data;
  if (!(length >= 1.0f && length <= MAX_LENGTH) || length != (float)(uint32_t)length) {
    ink_refuse_range(b->fault, INK_E_PACK_VALUE, r->kind->settings, (double)length, 1, (double)MAX_LENGTH);
    return ink_refuse_at(b->fault, INK_E_PACK_VALUE, "setting", 0);
  }
  r->length = (uint32_t)length;
  return INK_OK;
}

/* H is what the recurrent weights of the first layer say. */
static ink_status match_width(const ink_bind *b, ink_recurrent *r) {
  const ink_text name = r->kind->layers[0].w_h;
  const uint32_t want[] = { INK_NONE, INK_NONE };
  ink_tensor t;
  if (!find(b, name, &t)) return ink_refuse(b->fault, INK_E_PACK_MISSING, name, "a tensor of this name");
  if (t.rank != 2) return ink_refuse_shape(b->fault, &t, 2, want);
  if (t.shape[1] < 1 || t.shape[1] > INK_CAP_DIM)
    return ink_refuse_range(b->fault, INK_E_LIMIT, name, t.shape[1], 1, INK_CAP_DIM);
  r->h = t.shape[1];
  return INK_OK;
}

static ink_status match_vectors(const ink_bind *b, ink_recurrent *r) {
  const ink_recurrent_kind *kind = r->kind;
  const void *bias = NULL;
  ink_tensor t;
  INK_TRY(ink_bind_rows(b, &kind->embedding, &r->embedding));
  const bool tied = !find(b, kind->items.rows, &t);
  if (tied) r->items = r->embedding;
  else INK_TRY(ink_bind_rows(b, &kind->items, &r->items));
  if (r->items.d != r->h)
    return ink_refuse_range(b->fault, INK_E_PACK_SHAPE, tied ? kind->embedding.rows : kind->items.rows, r->items.d, r->h, r->h);
  INK_TRY(ink_bind_rows_copy(b, tied ? &kind->embedding_copy : &kind->items_copy, &r->items, &r->items_i8));
  if (!find(b, kind->bias, &t)) return INK_OK;
  INK_TRY(ink_bind_need(b, kind->bias, INK_DTYPE_F32, b->n_items, 0, &bias));
  r->bias = bias;
  return INK_OK;
}

/* One weight matrix [outputs, inputs] of either type to [inputs, outputs]. */
static ink_status transpose(const ink_bind *b, ink_text name, ink_text scale_name, uint32_t outputs, uint32_t inputs, const float **out) {
  const void *data = NULL, *scale = NULL;
  float *laid;
  ink_tensor t;
  if (!find(b, name, &t)) return ink_refuse(b->fault, INK_E_PACK_MISSING, name, "a tensor of this name");
  if (t.dtype != INK_DTYPE_F32 && t.dtype != INK_DTYPE_I8) return ink_refuse_dtype(b->fault, &t, "F32 or I8");
  INK_TRY(ink_bind_need(b, name, t.dtype, outputs, inputs, &data));
  if (t.dtype == INK_DTYPE_I8) INK_TRY(ink_bind_need(b, scale_name, INK_DTYPE_F32, outputs, 0, &scale));
  INK_TAKE(b->arena, (size_t)outputs * inputs, &laid);
  *out = laid;
  if (ink_arena_measuring(b->arena)) return INK_OK;
  for (uint32_t o = 0; o < outputs; o++)
    for (uint32_t i = 0; i < inputs; i++) {
      const size_t at = (size_t)o * inputs + i;
      laid[(size_t)i * outputs + o] = scale ? ((const float *)scale)[o] * (float)((const int8_t *)data)[at] : ((const float *)data)[at];
    }
  return INK_OK;
}

static ink_status match_layer(const ink_bind *b, ink_recurrent *r, uint32_t l) {
  const ink_layer_names *names = &r->kind->layers[l];
  const uint32_t outputs = r->kind->gates * r->h, inputs = l == 0 ? r->embedding.d : r->h;
  ink_recurrent_layer *layer = &r->layers[l];
  const void *b_x = NULL, *b_h = NULL;
  INK_TRY(transpose(b, names->w_x, names->w_x_scale, outputs, inputs, &layer->w_x));
  INK_TRY(transpose(b, names->w_h, names->w_h_scale, outputs, r->h, &layer->w_h));
  INK_TRY(ink_bind_need(b, names->b_x, INK_DTYPE_F32, outputs, 0, &b_x));
  INK_TRY(ink_bind_need(b, names->b_h, INK_DTYPE_F32, outputs, 0, &b_h));
  layer->b_x = b_x;
  layer->b_h = b_h;
  layer->n_in = inputs;
  return INK_OK;
}

static ink_status match_layers(const ink_bind *b, ink_recurrent *r) {
  ink_tensor t;
  do {
    INK_TRY(match_layer(b, r, r->n_layers));
    r->n_layers++;
  } while (r->n_layers < RECURRENT_LAYERS && find(b, r->kind->layers[r->n_layers].w_x, &t));
  return INK_OK;
}

ink_status ink_recurrent_bind(const ink_recurrent_kind *kind, const ink_bind *b, ink_bound *out) {
  ink_recurrent r = { .kernels = b->kernels, .kind = kind };
  ink_bound bound = { .model = NULL };
  ink_recurrent *kept;
  INK_TRY(match_settings(b, &r));
  INK_TRY(match_width(b, &r));
  INK_TRY(match_vectors(b, &r));
  INK_TRY(match_layers(b, &r));
  if (!ink_recurrent_sizes(&r, &bound)) return INK_E_MEMORY;
  INK_TAKE(b->arena, 1, &kept);
  if (!ink_arena_measuring(b->arena)) *kept = r;
  bound.model = kept;
  bound.width = r.h;
  *out = bound;
  return INK_OK;
}
