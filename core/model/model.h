/* model.h - struct ink_family: the doors that every family of models has, and the list of families.
 *
 *   bind     matches the tensors of a pack; every shape error is born here
 *   fold     history -> state, a pure function
 *   step     one more event; must equal fold bit for bit, else answers INK_REFOLD (may be NULL)
 *   query    state -> vector, where the score is a dot product, so that retrieval can scan (may be NULL)
 *   score    state -> scores of a range of items (needed where query is NULL)
 *   reasons  contributions of events to one item's score
 *
 * A family sees tensors through ink_tensor_source and histories as numbers: it knows neither packs
 * nor journals. It keeps no memory between calls but what bind took and the state it is handed.
 */
#ifndef INK_MODEL_H
#define INK_MODEL_H

#include "arena.h"
#include "inkling.h"
#include "kernel.h"
#include "rows.h"
#include "tensor.h"

/* One kept event that names an item of the catalogue, ordered by (time, seq). */
typedef struct ink_past {
  uint32_t item;
  uint32_t kind;                  /* index into the pack's kinds, or INK_NONE */
  float value;                    /* as tracked */
  float weight;                   /* kind weight * value (kind "rating": see `rating`) */
  bool rating;                    /* value is on the pack's rating scale */
  int64_t time;
  uint64_t seq;
} ink_past;

typedef struct ink_history {
  const ink_past *events;
  uint32_t n;
  int64_t now;
} ink_history;

/* Everything a bind may look at. It is called twice: with a measuring arena, then with memory;
 * both runs must take the same blocks. */
typedef struct ink_bind {
  const ink_tensor_source *tensors;
  uint32_t n_items;
  uint32_t max_events;
  const ink_kernels *kernels;     /* NULL while measuring */
  ink_arena *arena;
  ink_fault *fault;               /* never NULL */
} ink_bind;

/* One contribution. `past` indexes history events; INK_NONE for base parts (see `kind`). */
typedef struct ink_part {
  uint32_t kind;                  /* INK_REASON_EVENT, _BASE, _PERSON or _REST */
  uint32_t past;
  double weight;
} ink_part;

typedef struct ink_family {
  const char *name;
  /* Is the family in this pack at all? Looks for its leading tensor only. */
  bool (*present)(const ink_tensor_source *tensors);
  /* *model is NULL while measuring. */
  ink_status (*bind)(const ink_bind *bind, const void **model);
  /* Bytes of a state; scratch that one fold/reasons call may use for n events. */
  size_t (*state_bytes)(const void *model);
  size_t (*scratch_bytes)(const void *model, uint32_t n_events);
  /* True when this history is enough to score with (popular: always). */
  bool (*can_score)(const void *model, const ink_history *history);
  ink_status (*fold)(const void *model, const ink_history *history, void *state, ink_arena *scratch);
  ink_status (*step)(const void *model, const ink_history *history, void *state, ink_arena *scratch);
  void (*query)(const void *model, const void *state, ink_query *out);
  void (*score)(const void *model, const void *state, uint32_t first, uint32_t n, float *out);
  /* Parts of item's score, at most history->n + 3, into parts[]; their order is the order of the sum. */
  ink_status (*reasons)(const void *model, const void *state, const ink_history *history, uint32_t item,
                        ink_arena *scratch, ink_part *parts, uint32_t *n_parts);
  /* Item vectors for `similar`, or NULL. */
  const ink_rows *(*rows)(const void *model);
} ink_family;

/* In the order of the fallback chain; the last one scores without a history. */
extern const ink_family *const ink_families[];
extern const uint32_t ink_n_families;

#endif
