/* recurrent_net.h - an LSTM or GRU over item vectors, on the tape: parameters and forward pass.
 *   x_t = E[item_t] + K[kind_t] + G[gap_t]      K, G: optional      layers: PyTorch's nn.LSTM / nn.GRU, names, shapes and gate order
 *   score of item j after step t = V[j] . h_t + b[j],  V = E where tied
 * Hochreiter & Schmidhuber 1997; Cho et al. 2014; Hidasi et al. 2016. */
#ifndef INK_RECURRENT_NET_H
#define INK_RECURRENT_NET_H

#include "sequences.h"
#include "tape.h"

#define INK_RECURRENT_LAYERS 4u

typedef struct ink_recurrent_shape {
  bool lstm;                      /* else GRU */
  uint32_t n_items, d, h, layers;
  bool tied, bias;                /* tied needs d == h */
  uint32_t n_kinds, n_gaps;       /* rows of K and G; 0: none */
} ink_recurrent_shape;

enum { INK_NET_MAX_PARAMS = 5 + 4 * INK_RECURRENT_LAYERS };

typedef struct ink_recurrent_net {
  ink_recurrent_shape shape;
  ink_param all[INK_NET_MAX_PARAMS];
  uint32_t n_params;
  ink_param *embedding, *items, *item_bias;        /* items == embedding where tied; item_bias may be NULL */
  ink_param *kinds, *gaps;        /* or NULL */
  ink_param *w_ih[INK_RECURRENT_LAYERS], *w_hh[INK_RECURRENT_LAYERS], *b_ih[INK_RECURRENT_LAYERS], *b_hh[INK_RECURRENT_LAYERS];
  ink_allocator allocator;
  void *blocks[5 * INK_NET_MAX_PARAMS];
  uint32_t n_blocks;
} ink_recurrent_net;

/* Uniform in +-1/sqrt(h) for the cells (as PyTorch does), normal with deviation 0.02 * scale for the vectors. */
ink_status ink_recurrent_init(ink_recurrent_net *net, const ink_recurrent_shape *shape, bool two_moments, uint64_t seed,
                              const ink_allocator *allocator);
void ink_recurrent_free(ink_recurrent_net *net);

/* States between batches: h and for LSTM c of every layer, [layers][2][rows * h]. Learnt through within a batch only. */
size_t ink_recurrent_state_floats(const ink_recurrent_shape *shape, uint32_t rows);

/* Hidden states of the last layer, [steps * rows, h], time-major. Dropout acts on inputs and between layers.
 * `state` NULL: every row begins at zero and `goes_on` of the batch is not looked at; else states are taken from there, cleared before
 * steps where goes_on is 0, and put back there. */
ink_var ink_recurrent_forward(ink_recurrent_net *net, ink_tape *t, const ink_batch *batch, float *state, float dropout_input,
                              float dropout_hidden);
/* Floats of arena that a batch of this size takes at most, without the loss. */
size_t ink_recurrent_arena_floats(const ink_recurrent_shape *shape, uint32_t steps, uint32_t rows);
uint32_t ink_recurrent_nodes(const ink_recurrent_shape *shape, uint32_t steps);

#endif
