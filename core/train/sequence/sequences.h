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
  uint8_t *kinds;                 /* their kinds as a pack numbers them; INK_NO_KIND */
  uint8_t *gaps;                  /* the bucket of the time since the event before; 0: none, or no time */
  uint32_t *held;                 /* [n] the event that follows, kept back for validation; INK_NONE */
  uint32_t n_held;
} ink_sequences;

enum { INK_NO_KIND = 255, INK_GAP_BUCKETS = 24 };

/* Bucket of the time between two events, FORMAT.md's: 0 where one has no time, else 1 + the binary digits of the whole
 * minutes, below n_buckets. */
uint32_t ink_gap_bucket(int64_t before, int64_t time, uint32_t n_buckets);

/* Sequences of at least two events (only those of positive weight, as serving sees them). Of at most `n_held` of them, drawn by the seed
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
  uint32_t *kind, *gap;           /* [T * B] rows of their tables; INK_NONE */
  uint8_t *goes_on;               /* [T * B] 0: the state is cleared before this step */
  uint32_t n_targets;
} ink_batch;

/* Event e of a sequence into place `at`, followed by `target` (INK_NONE: by nothing). */
void ink_batch_put(ink_batch *b, size_t at, const ink_sequences *s, uint64_t e, uint32_t target, bool first);
void ink_batch_put_nothing(ink_batch *b, size_t at);

/* The events of sequence i that are trained on end here: one less than all where the last is kept back. */
uint64_t ink_sequence_end(const ink_sequences *s, uint32_t i);

/* Batch i of the epoch into `out`, whose arrays are the caller's. */
void ink_windows_batch(const ink_windows *w, const ink_sequences *s, uint32_t i, ink_batch *out);

#endif
