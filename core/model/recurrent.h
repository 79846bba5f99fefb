/* recurrent.h - what the lstm and gru families share: windows, layers, folding, reasons. Private to core/model;
 * others use ink_family_lstm and ink_family_gru through model.h.
 *
 * Letters: N items, D width of what goes in, H width of a state, G gates (4 or 3), L events of a window.
 * Tensors, with PyTorch's names, shapes and gate order, under the family's prefix:
 *   embedding.weight [N, D]     items.weight [N, H] (absent: the embedding, then D = H)   items.bias [N] (optional)
 *   weight_ih_l0 [G*H, D]  weight_hh_l0 [G*H, H]  bias_ih_l0 [G*H]  bias_hh_l0 [G*H], up to _l3 (input H from _l1 on)
 *   settings [4]: L, rows of kind.weight, rows of gap.weight, 0
 *   kind.weight [K, D]  gap.weight [B, D] (optional): added to the embedding of an event, by its kind and by the time since the
 *   event that was fed in before it
 * Weights are F32, or I8 with one `.scale` F32 [G*H] a row. items.weight8 is an int8 copy for certified scans.
 *
 * Sums are kernel.h's column form: weights are laid out in panels once at bind. */
#ifndef INK_RECURRENT_H
#define INK_RECURRENT_H

#include "item_rows.h"
#include "model.h"

#define RECURRENT_LAYERS 4u

/* Events that go through a layer together: the part of the gates that needs no state is one product for all of them. */
#define RECURRENT_BLOCK 8u

/* Weights in panels (kernel.h), outputs padded with zeros to `outputs`. */
typedef struct ink_recurrent_layer {
  uint32_t n_in;                  /* D, or H from the second layer on */
  const float *w_x;               /* [n_in, outputs] */
  const float *w_h;               /* [H, outputs] */
  const float *b_x, *b_h;         /* [outputs]; what the sums over x and over h begin with */
} ink_recurrent_layer;

/* Where one layer stands: h [H], and for LSTM c [H]. */
typedef struct ink_cell_state { float *h, *c; } ink_cell_state;

struct ink_recurrent;
/* One event through one layer. gates [outputs]: b_x + W_x x when it comes in; `more` [outputs] is scratch. */
typedef void (*ink_cell_fn)(const struct ink_recurrent *r, const ink_recurrent_layer *layer, ink_cell_state *state, float *gates,
                            float *more);

/* What tells the two families apart, but for their names. */
typedef struct ink_recurrent_kind {
  uint32_t gates;
  bool one_sum;                   /* the sum over h goes on where that over x ended: b_x then holds both biases */
  ink_cell_fn cell;
} ink_recurrent_kind;

typedef struct ink_recurrent {
  const ink_kernels *kernels;
  const ink_recurrent_kind *kind;
  ink_rows embedding, items, items_i8;
  const float *bias;              /* [N] or NULL */
  const float *kinds, *gaps;      /* [n_kinds, D], [n_gaps, D]; NULL where there are none */
  uint32_t n_kinds, n_gaps;
  ink_recurrent_layer layers[RECURRENT_LAYERS];
  uint32_t n_layers, h, length;
  uint32_t outputs;               /* G*H rounded up to whole panels */
} ink_recurrent;

ink_status ink_recurrent_bind(const ink_recurrent_kind *kind, const ink_bind *b, ink_bound *out);
/* Bytes of a state and of scratch. */
bool ink_recurrent_sizes(const ink_recurrent *r, ink_bound *out);

/* The doors, the same for both. */
bool ink_recurrent_can_score(const void *model, const ink_history *history);
ink_status ink_recurrent_fold(const void *model, const ink_history *history, void *state, ink_arena *scratch);
ink_status ink_recurrent_step(const void *model, const ink_history *history, void *state, ink_arena *scratch);
void ink_recurrent_query(const void *model, const void *state, ink_query *out);
ink_status ink_recurrent_reasons(const void *model, const void *state, const ink_history *history, uint32_t item,
                                 ink_arena *scratch, ink_part *parts, uint32_t *n_parts);
const ink_rows *ink_recurrent_rows(const void *model);

extern const ink_family ink_family_lstm, ink_family_gru;

#endif
