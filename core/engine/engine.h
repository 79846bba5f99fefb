/* engine.h - the engine's insides, shared by the files of this room and by nobody else.
 *
 * One engine is one person's: journal, timeline, a state for each family, room for one slate, and a
 * scratch arena, all in the caller's block. The pack is borrowed and may serve many engines.
 * States are caches of the timeline; a request brings the one that it needs up to date. */
#ifndef INK_ENGINE_H
#define INK_ENGINE_H

#include "arena.h"
#include "bind.h"
#include "filter.h"
#include "history.h"
#include "journal.h"
#include "model.h"
#include "topk.h"

/* A family of the pack with the person's state. */
typedef struct ink_member {
  const ink_family *family;
  ink_bound bound;
  void *state;                    /* [bound.state_bytes] */
  ink_status status;              /* of the last fold or step */
  uint64_t version;               /* of the timeline that it was made from; 0 = never */
  uint32_t n;                     /* events that it was made from */
  int64_t now;
} ink_member;

struct ink_engine {
  const ink_pack *pack;
  const ink_kernels *kernels;
  ink_limits limits;              /* with the standard values filled in */
  uint32_t n_items;
  uint32_t max_slate;             /* min(limits.max_count, n_items) */
  ink_kinds kinds;
  ink_journal journal;
  ink_timeline timeline;
  ink_member *members;            /* [n_members] in the order of the chain */
  uint32_t n_members;
  uint64_t *filter_words;         /* [ink_filter_words(n_items)] */
  float *top_scores;              /* [max_slate] */
  uint32_t *top_items;            /* [max_slate] */
  ink_slate_item *slate_items;    /* [max_slate] */
  ink_reason *slate_reasons;      /* [max_slate * (limits.max_reasons + INK_REASONS_MORE)] */
  uint32_t most_items;            /* the longest slate since the last wipe, */
  uint32_t most_reasons;          /*   and the most reasons */
  ink_arena scratch;              /* the last block of the engine's memory, */
  size_t scratch_at;              /*   and where in it it begins */
  size_t scratch_high;            /* highest use before the last wipe; scratch.high counts since then */
};

/* Most parts of one item's score: a family's reasons by events, or by terms. */
static inline size_t ink_member_parts(const ink_engine *engine, const ink_member *m) {
  return (size_t)(m->bound.n_terms > engine->limits.max_events ? m->bound.n_terms : engine->limits.max_events) + 3;
}

/* Rows that are scored, and read from lists, at a time. */
#define INK_REQUEST_BLOCK 1024u

/* ------------------------------------------------------------------ request.c */

/* Checks every field. Errors: INK_E_ARG, INK_E_UNKNOWN_ITEM, INK_E_UNKNOWN_FAMILY. */
ink_status ink_request_check(const ink_engine *engine, const ink_request *request);
ink_status ink_request_check_items(const ink_engine *engine, const uint32_t *items, uint32_t n);
/* The family that answers, its state up to date. Errors: INK_E_NOT_FOUND or INK_E_SINGULAR when none can. */
ink_status ink_request_member(ink_engine *engine, const ink_request *request, ink_member **out);
/* Which items may appear: `allow`, less `deny`, hidden items and (unless with_seen) those of the history. */
void ink_request_filter(ink_engine *engine, const ink_request *request, bool with_seen, ink_filter *filter);

/* -------------------------------------------------------------------- score.c */

/* What a search through items has to know, and what it found. */
typedef struct ink_search {
  const ink_request *request;
  ink_filter *filter;             /* used up where items are listed: duplicates count once */
  const uint32_t *items;          /* [n] only these; NULL = the whole catalogue */
  uint32_t n;
  ink_topk top;                   /* sorted when the search returns */
  uint64_t rows_done;
  bool complete;
} ink_search;

static inline bool ink_search_is_spent(const ink_search *search) {
  return search->request->budget_rows != 0 && search->rows_done >= search->request->budget_rows;
}

/* Scores by a family of items (NULL: first..first+n-1); the same bits as in a search. */
ink_status ink_score_some(ink_engine *engine, const ink_member *member, const uint32_t *items, uint32_t first, uint32_t n,
                          float *out);
/* The best min(count, passing) items by a family's score, or by cosine with `item` among `rows`. */
ink_status ink_search_member(ink_engine *engine, const ink_member *member, ink_search *search);
ink_status ink_search_cosine(ink_engine *engine, const ink_rows *rows, uint32_t item, ink_search *search);
/* Takes the next listed items that pass and came for the first time; advances *at. Returns how many. */
uint32_t ink_search_next(ink_search *search, uint32_t *at, uint32_t *out, uint32_t cap);

/* Bytes of scratch that searches need for rows of this width. */
size_t ink_search_scratch_bytes(uint32_t width, uint32_t max_slate);
size_t ink_cosine_scratch_bytes(uint32_t width);

#endif
