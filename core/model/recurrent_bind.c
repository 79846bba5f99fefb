/* recurrent_bind.c - matches the tensors of an LSTM or GRU, and lays its weights out for the column form:
 * [G*H, n] row by row becomes panels (kernel.h). That is the one copy that a pack's weights get; its bytes are part of what
 * bind takes. Reading order: ink_recurrent_bind() first. */
#include "recurrent.h"

#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "tensors_bind.h"

#include "base.h"

#define MAX_LENGTH 1000.0f
#define MAX_ROWS 64.0f
#define INPUT "weight_ih_l"

/* What the names of a layer's tensors end in. */
typedef struct tails { char plain[2], scale[8]; } tails;
static const tails of_layer[RECURRENT_LAYERS] = { { "0", "0.scale" }, { "1", "1.scale" }, { "2", "2.scale" }, { "3", "3.scale" } };

static ink_status match_settings(const ink_bind *b, ink_recurrent *r) {
  static const ink_bounds bounds[4] = { { 1, MAX_LENGTH }, { 0, MAX_ROWS }, { 0, MAX_ROWS }, { 0, 0 } };
  ink_tensor t;
  INK_TRY(ink_bind_settings(b, bounds, 4, &t));
  const float *s = t.data;
  for (uint32_t i = 0; i < 3; i++)
    if (s[i] != (float)(uint32_t)s[i]) return ink_bind_refuse_value(b, &t, "setting", i, s[i], bounds[i].low, bounds[i].high);
  if (s[2] == 1.0f) return ink_bind_refuse_value(b, &t, "setting", 2, s[2], 2, MAX_ROWS);     /* all gaps alike say nothing */
  r->length = (uint32_t)s[0];
  r->n_kinds = (uint32_t)s[1];
  r->n_gaps = (uint32_t)s[2];
  return INK_OK;
}

/* Rows that are added to what an event feeds in; n = 0: none. */
static ink_status match_added(const ink_bind *b, const char *part, uint32_t n, uint32_t d, const float **out) {
  ink_tensor t;
  if (n == 0) return INK_OK;
  INK_TRY(ink_bind_need(b, part, "", INK_DTYPE_F32, n, d, &t));
  *out = t.data;
  return INK_OK;
}

/* H is what the recurrent weights of the first layer say. */
static ink_status match_width(const ink_bind *b, ink_recurrent *r) {
  const uint32_t want[] = { INK_NONE, INK_NONE };
  ink_tensor t;
  INK_TRY(ink_bind_get(b, "weight_hh_l0", "", &t));
  if (t.rank != 2) return ink_refuse_shape(b->fault, &t, 2, want);
  if (t.shape[1] < 1 || t.shape[1] > INK_CAP_DIM)
    return ink_refuse_range(b->fault, INK_E_LIMIT, t.name, t.shape[1], 1, INK_CAP_DIM);
  r->h = t.shape[1];
  r->outputs = (r->kind->gates * r->h + INK_PANEL - 1) / INK_PANEL * INK_PANEL;
  return INK_OK;
}

static ink_status match_vectors(const ink_bind *b, ink_recurrent *r) {
  ink_tensor t;
  INK_TRY(ink_bind_rows(b, "embedding.weight", &r->embedding));
  INK_TRY(match_added(b, "kind.weight", r->n_kinds, r->embedding.d, &r->kinds));
  INK_TRY(match_added(b, "gap.weight", r->n_gaps, r->embedding.d, &r->gaps));
  const bool tied = !ink_bind_find(b, "items.weight", "", &t);
  const char *scored = tied ? "embedding.weight" : "items.weight";
  INK_TRY(ink_bind_rows(b, scored, &r->items));
  INK_TRY(ink_bind_get(b, scored, "", &t));
  if (r->items.d != r->h) return ink_refuse_range(b->fault, INK_E_PACK_SHAPE, t.name, r->items.d, r->h, r->h);
  INK_TRY(ink_bind_rows_copy(b, tied ? "embedding.weight8" : "items.weight8", &r->items, &r->items_i8));
  if (!ink_bind_find(b, "items.bias", "", &t)) return INK_OK;
  INK_TRY(ink_bind_need(b, "items.bias", "", INK_DTYPE_F32, b->n_items, 0, &t));
  r->bias = t.data;
  return INK_OK;
}

/* One weight matrix [G*H, inputs] of either type in panels; what pads the last one is 0. */
static ink_status lay_weights(const ink_bind *b, const ink_recurrent *r, const char *part, const tails *l, uint32_t inputs,
                              const float **out) {
  const uint32_t rows = r->kind->gates * r->h;
  ink_tensor t, scales = { .data = NULL };
  float *laid;
  INK_TRY(ink_bind_get(b, part, l->plain, &t));
  if (t.dtype != INK_DTYPE_F32 && t.dtype != INK_DTYPE_I8) return ink_refuse_dtype(b->fault, &t, "F32 or I8");
  INK_TRY(ink_bind_need(b, part, l->plain, t.dtype, rows, inputs, &t));
  if (t.dtype == INK_DTYPE_I8) INK_TRY(ink_bind_need(b, part, l->scale, INK_DTYPE_F32, rows, 0, &scales));
  INK_TAKE(b->arena, (size_t)r->outputs * inputs, &laid);
  *out = laid;
  if (ink_arena_measuring(b->arena)) return INK_OK;
  const float *scale = scales.data;
  ink_mem_fill(laid, 0, (size_t)r->outputs * inputs * sizeof *laid);
  for (uint32_t o = 0; o < rows; o++) {
    float *panel = laid + (size_t)(o / INK_PANEL) * inputs * INK_PANEL + o % INK_PANEL;
    const size_t from = (size_t)o * inputs;
    for (uint32_t i = 0; i < inputs; i++)
      panel[i * INK_PANEL] = scale ? scale[o] * (float)((const int8_t *)t.data)[from + i] : ((const float *)t.data)[from + i];
  }
  return INK_OK;
}

static ink_status lay_biases(const ink_bind *b, const ink_recurrent *r, const tails *l, ink_recurrent_layer *layer) {
  const uint32_t n = r->kind->gates * r->h;
  ink_tensor x, h;
  float *b_x, *b_h;
  INK_TRY(ink_bind_need(b, "bias_ih_l", l->plain, INK_DTYPE_F32, n, 0, &x));
  INK_TRY(ink_bind_need(b, "bias_hh_l", l->plain, INK_DTYPE_F32, n, 0, &h));
  INK_TAKE(b->arena, r->outputs, &b_x);
  INK_TAKE(b->arena, r->outputs, &b_h);
  layer->b_x = b_x;
  layer->b_h = b_h;
  if (ink_arena_measuring(b->arena)) return INK_OK;
  for (uint32_t o = 0; o < r->outputs; o++) {
    const float of_x = o < n ? ((const float *)x.data)[o] : 0.0f, of_h = o < n ? ((const float *)h.data)[o] : 0.0f;
    b_x[o] = r->kind->one_sum ? of_x + of_h : of_x;
    b_h[o] = of_h;
  }
  return INK_OK;
}

static ink_status match_layer(const ink_bind *b, ink_recurrent *r, const tails *l, ink_recurrent_layer *layer, uint32_t inputs) {
  INK_TRY(lay_weights(b, r, INPUT, l, inputs, &layer->w_x));
  INK_TRY(lay_weights(b, r, "weight_hh_l", l, r->h, &layer->w_h));
  INK_TRY(lay_biases(b, r, l, layer));
  layer->n_in = inputs;
  return INK_OK;
}

static ink_status match_layers(const ink_bind *b, ink_recurrent *r) {
  ink_tensor t;
  do {
    const uint32_t l = r->n_layers++;
    INK_TRY(match_layer(b, r, &of_layer[l], &r->layers[l], l == 0 ? r->embedding.d : r->h));
  } while (r->n_layers < RECURRENT_LAYERS && ink_bind_find(b, INPUT, of_layer[r->n_layers].plain, &t));
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
