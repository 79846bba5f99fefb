/* recurrent_fit.h - one training run of the lstm or gru family: what its files share.
 * Reading order: fit_recurrent.c (settings, the door), recurrent_run.c (epochs, checkpoints), recurrent_loss.c (one step),
 * recurrent_validate.c (the held-back figure), recurrent_pack.c (tensors and metadata). */
#ifndef INK_RECURRENT_FIT_H
#define INK_RECURRENT_FIT_H

#include "optimise.h"
#include "recurrent_net.h"
#include "session_lanes.h"
#include "sha256.h"

enum { INK_LOSS_CROSS_ENTROPY, INK_LOSS_SAMPLED, INK_LOSS_BPR_MAX, INK_LOSS_TOP1_MAX, INK_LOSS_BPR };
enum { INK_BATCH_WINDOWS, INK_BATCH_SESSIONS };

/* Places in the table of settings. */
enum { INK_S_FACTORS, INK_S_HIDDEN, INK_S_LAYERS, INK_S_TIED, INK_S_BIAS, INK_S_KINDS, INK_S_GAPS, INK_S_LENGTH, INK_S_BATCHES, INK_S_BATCH,
       INK_S_STEPS, INK_S_EPOCHS, INK_S_PATIENCE, INK_S_HELD, INK_S_LOSS, INK_S_NEGATIVES, INK_S_ALPHA, INK_S_PENALTY, INK_S_OPTIMISER,
       INK_S_RATE, INK_S_SCHEDULE, INK_S_WARMUP, INK_S_DECAY, INK_S_CLIP, INK_S_DROP_IN, INK_S_DROP_OUT, INK_S_PRECISION,
       INK_N_RECURRENT_SETTINGS };

typedef struct ink_recurrent_fit {
  const ink_train_env *env;
  const double *values;           /* [INK_N_RECURRENT_SETTINGS] */
  const char *name;               /* "lstm" or "gru" */
  ink_allocator allocator;
  ink_sequences sequences;
  ink_windows windows;            /* one of the two */
  ink_lanes lanes;
  ink_recurrent_net net;
  ink_param *params[INK_NET_MAX_PARAMS];
  float *best[INK_NET_MAX_PARAMS];
  ink_optimiser optimiser;
  ink_batch batch;
  float *state, *state_before;    /* session lanes: where each row stands, and stood before the step; else NULL */
  uint32_t *columns;              /* [batch + negatives] items of a step's columns */
  uint32_t *column_target;        /* [batch] */
  double *cumulative;             /* [n_items] of popularity^alpha */
  uint8_t *memory;                /* the tape's arena */
  size_t memory_bytes;
  ink_arena arena;
  ink_tape tape;
  ink_rng rng;
  uint64_t seed;
  /* Where the run stands: all that a checkpoint keeps beside parameters and generators. */
  struct ink_run_state {
    uint64_t steps_done;
    uint32_t epoch, since;        /* epochs done, and since the best one */
    double best_metric, metric, last_loss;
  } at;
} ink_recurrent_fit;

static inline double ink_fit_value(const ink_recurrent_fit *f, int setting) { return f->values[setting]; }
static inline uint32_t ink_fit_whole(const ink_recurrent_fit *f, int setting) { return (uint32_t)f->values[setting]; }

/* Makes the tape's arena of this size, larger than before; dropout goes on where it was. */
ink_status ink_recurrent_open_tape(ink_recurrent_fit *f, size_t bytes);
/* Forward and backward over f->batch; the arena grows when it must. */
ink_status ink_recurrent_learn(ink_recurrent_fit *f, double *loss);
/* NDCG@10 of the events that were kept back. 0 when there are none. */
ink_status ink_recurrent_validate(ink_recurrent_fit *f, double *metric);
/* All epochs, from the checkpoint on where there is one. f->best is the result. */
ink_status ink_recurrent_run(ink_recurrent_fit *f, const uint8_t key[INK_SHA256_BYTES]);
/* Tensors and metadata of f->best. Uses f's parameters to measure what int8 costs. */
ink_status ink_recurrent_put(ink_recurrent_fit *f, ink_trained *out);

#endif
