/* sequences.h - people's events as sequences of items, cut into windows and laid out in batches for networks.
 * A window is a run of at most length + 1 events; its inputs are all but the last, its targets all but the first.
 * Batches are time-major: step t of person b stands at [t*B + b]; short windows end in INK_NONE. */
#ifndef INK_SEQUENCES_H
#define INK_SEQUENCES_H

#include "dataset.h"
#include "rng.h"
#include "train.h"

typedef struct ink_sequences {
  ink_allocator allocator;
  uint32_t n;                     /* sequences */
  uint64_t *starts;               /* [n + 1] into items */
  uint32_t *items;                /* events that training may see */
  uint32_t *held;                 /* [n] the event that follows, kept back for validation; INK_NONE */
  uint32_t n_held;
} ink_sequences;

/* Sequences of at least two events (dislikes and hides left out). Of at most `n_held` of them, drawn by the seed
 * among those of three events or more, the last event is kept back. */
ink_status ink_sequences_make(const ink_dataset *data, uint32_t n_held, uint64_t seed, const ink_allocator *allocator,
                              ink_sequences *out);
void ink_sequences_free(ink_sequences *s);

typedef struct ink_window { uint64_t first; uint32_t n; uint32_t reserved; } ink_window;

typedef struct ink_windows {
  ink_allocator allocator;
  ink_window *all;                /* [n] */
  uint32_t *order;                /* [n] this epoch's order: windows of like length stand together */
  uint32_t *batches;              /* [n_batches] this epoch's order of batches */
  uint32_t n, n_batches, batch, length;
} ink_windows;

ink_status ink_windows_make(const ink_sequences *s, uint32_t length, uint32_t batch, const ink_allocator *allocator,
                            ink_windows *out);
/* A new order for an epoch: windows are shuffled, sorted by length within every 32 batches, and the batches shuffled. */
void ink_windows_shuffle(ink_windows *w, ink_rng *rng);
void ink_windows_free(ink_windows *w);

typedef struct ink_batch {
  uint32_t steps, rows;           /* T and B */
  uint32_t *input, *target;       /* [T * B], room for length * batch */
  uint32_t n_targets;
} ink_batch;

/* Batch i of the epoch into `out`, whose arrays are the caller's. */
void ink_windows_batch(const ink_windows *w, const ink_sequences *s, uint32_t i, ink_batch *out);

#endif
