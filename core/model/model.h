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

/* One kept event that names an item of the catalogue, ordered by (time, seq). Rules ("hide") are not
 * among them: what a family sees are observations. */
typedef struct ink_past {
  uint32_t item;
  uint32_t kind;                  /* index into the kinds in force, or INK_NONE */
  float value;                    /* as tracked */
  float weight;                   /* kind weight * value, within +-INK_CAP_WEIGHT (kind "rating": its sign says liked or not) */
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
 * both runs must make the same checks and take the same blocks. */
typedef struct ink_bind {
  const char *family;             /* its name: with '_' for '-' the prefix of its tensors (tensors_bind.h) */
  const ink_tensor_source *tensors;
  uint32_t n_items;
  uint32_t max_events;
  const ink_kernels *kernels;     /* NULL while measuring */
  ink_arena *arena;
  ink_fault *fault;               /* never NULL */
} ink_bind;

/* What a bind leaves: the model in the arena, and what calls on it need. The sizes are known while
 * measuring too, so that one run tells an engine all of its memory. */
typedef struct ink_bound {
  const void *model;              /* NULL while measuring */
  size_t state_bytes;             /* one state, aligned to INK_ALIGN */
  size_t scratch_bytes;           /* what one fold, step or reasons call may take, for max_events events */
  uint32_t width;                 /* d of the query's rows; 0 where `query` is NULL */
  uint32_t n_terms;               /* most terms of an item; 0 where `terms` is NULL */
} ink_bound;

/* One contribution. `past` indexes history events, or is a term's number; INK_NONE for base parts (see `kind`). */
typedef struct ink_part {
  uint32_t kind;                  /* INK_REASON_EVENT, _TERM, _BASE, _PERSON or _REST */
  uint32_t past;
  double weight;
} ink_part;

typedef struct ink_family {
  const char *name;               /* with '_' for '-' the prefix of its tensors */
  const char *leads;              /* the part of its leading tensor's name behind the prefix: there, and the family is in the pack */
  /* True when a state depends on history->now (decay): such a state serves one `now` only. */
  bool uses_now;
  ink_status (*bind)(const ink_bind *bind, ink_bound *out);
  /* Cheap test whether this history can be scored with (popular: always). */
  bool (*can_score)(const void *model, const ink_history *history);
  /* INK_E_SINGULAR when the history, looked at closely, determines no state (observations cancel, a
   * system has no usable solution): the engine then falls back as if can_score had said no. */
  ink_status (*fold)(const void *model, const ink_history *history, void *state, ink_arena *scratch);
  /* `state` was folded from history without its last event. After a failure the state is undefined,
   * after INK_REFOLD too. */
  ink_status (*step)(const void *model, const ink_history *history, void *state, ink_arena *scratch);
  void (*query)(const void *model, const void *state, ink_query *out);
  void (*score)(const void *model, const void *state, uint32_t first, uint32_t n, float *out);
  /* Parts of item's score, at most history->n + 3, into parts[], events ascending: the same input gives
   * the same order. An event part names the newest event where several name one item. */
  ink_status (*reasons)(const void *model, const void *state, const ink_history *history, uint32_t item,
                        ink_arena *scratch, ink_part *parts, uint32_t *n_parts);
  /* Item vectors for `similar`, or NULL. */
  const ink_rows *(*rows)(const void *model);
  /* The same score by the item's own terms (words, tags) in the place of events; at most n_terms + 3 parts, terms ascending.
   * Returns how many. Both NULL where a family has none. */
  uint32_t (*terms)(const void *model, const void *state, uint32_t item, ink_part *parts);
  ink_text (*term)(const void *model, uint32_t number);
} ink_family;

/* In the order of the fallback chain; the last one scores without a history. */
extern const ink_family *const ink_families[];
extern const uint32_t ink_n_families;

#endif
