/* eval_run.h - what one evaluation shares, what each worker owns, and the loop over people. For core/eval only.
 *
 * A *run* is read-only while people are evaluated. A *worker* has an engine of its own over the shared pack.
 * A *shard* is a fixed group of people with its own sums, which are joined in order at the end. */
#ifndef INK_EVAL_RUN_H
#define INK_EVAL_RUN_H

#include "beyond.h"
#include "places.h"
#include "protocol.h"

#define INK_EVAL_SHARD 32u        /* people a shard */
#define INK_EVAL_GROUP 4u         /* shards that one worker does in a row, and scores at once where it can */

struct ink_eval_batch;
struct ink_eval_rows;

typedef struct ink_eval_shard {
  ink_metric_sum *sums;           /* [n_metrics] */
  ink_eval_counts counts;
  ink_status status;
} ink_eval_shard;

typedef struct ink_eval_worker {
  void *memory;                   /* the engine's block */
  ink_engine *engine;             /* NULL when vectors are scored */
  float *scores, *spare;          /* [most candidates] */
  uint8_t *what;                  /* [n_items] INK_CANDIDATE_*; all INK_CANDIDATE between people */
  uint32_t *touched, n_touched;   /* [n_items] items whose mark is not INK_CANDIDATE */
  uint32_t *met;                  /* [n_mapped] number + 1 of the person for whom this test item was met last */
  uint8_t *listed;                /* [most candidates] marks of a list or of a slate */
  uint32_t *items;                /* [n_items] a list of candidates */
  uint32_t *rated;                /* [most test events] items of a person's test pairs */
  ink_places_work work;
  ink_places places;
  uint32_t **shown;               /* [n_metrics] people to whom each item was shown, for coverage and gini; else NULL */
  double *slate_values;           /* [n_metrics] of the person's slate, for metrics that are of one */
  uint32_t *front;                /* [most shown] a slate's items */
  uint32_t *denied, n_denied;     /* [most seen] items that the engine must be told to leave out */
  uint32_t person;                /* index into run->people */
  struct ink_eval_batch *batch;   /* NULL: people are asked for slates one by one */
} ink_eval_worker;

/* Marks of items while a person is measured; unmark undoes all of them. */
static inline void ink_eval_mark(ink_eval_worker *w, uint32_t item, uint8_t what) {
  if (w->what[item] == INK_CANDIDATE) w->touched[w->n_touched++] = item;
  w->what[item] = what;
}

static inline void ink_eval_unmark(ink_eval_worker *w) {
  for (uint32_t i = 0; i < w->n_touched; i++) w->what[w->touched[i]] = INK_CANDIDATE;
  w->n_touched = 0;
}

typedef struct ink_eval_run {
  const ink_pack *pack;
  const ink_dataset *history, *test, *candidates;
  const ink_eval_options *options;
  const ink_train_env *env;
  uint32_t *item_map;             /* [items of the last data set] number in the pack, or INK_NONE */
  uint32_t n_mapped, n_items;
  uint32_t *people; uint32_t n_people;    /* those with test events */
  uint32_t most_events;           /* of one person's history, that are folded */
  uint32_t most_seen;             /* of one person's history */
  uint32_t most_test;             /* test events of one person */
  size_t most_bytes;              /* of one person's journal */
  uint32_t slate_count;           /* items to ask for; 0: always score the whole catalogue */
  uint32_t max_k;                 /* largest finite K */
  ink_beyond beyond;
  uint32_t hide;                  /* number of the kind in the history, or INK_NONE */
  struct ink_eval_rows *rows;     /* what groups are scored against; NULL: everybody is asked alone */
  int64_t now;
  ink_eval_worker *workers; uint32_t n_workers;
  ink_eval_shard *shards; uint32_t n_shards;
  ink_metric_sum *sums;           /* [n_shards, n_metrics] */
  ink_status (*person)(const struct ink_eval_run *run, ink_eval_worker *worker, uint32_t user, ink_eval_shard *shard);
} ink_eval_run;

/* Maps, workers and shards. The fields pack .. env, candidates, max_k, slate_count and person are set by the caller.
 * Whatever comes of it, ink_eval_run_close() frees. */
ink_status ink_eval_run_open(ink_eval_run *run);
void ink_eval_run_close(ink_eval_run *run);
/* Evaluates everybody, then fills report->values and counters. */
ink_status ink_eval_run_all(ink_eval_run *run, ink_eval_report *report);

/* The events of a person's history that count (the newest INK_CAP_EVENTS): first..end-1; and which of them are folded. */
void ink_eval_window(const ink_eval_run *run, uint32_t user, uint64_t *first, uint64_t *end);
void ink_eval_folded(const ink_eval_run *run, uint32_t user, uint64_t *first, uint64_t *end);
/* Does this event of a history leave its item out of the slate? */
static inline bool ink_eval_leaves_out(const ink_eval_run *run, uint64_t event) {
  const ink_dataset *h = run->history;
  return run->item_map[h->item[event]] != INK_NONE && (!run->options->with_seen || h->kind[event] == run->hide);
}
/* One person's value of a metric: into the shard's sums and the table of people. NaN is no value. */
void ink_eval_add(const ink_eval_run *run, const ink_eval_worker *worker, uint32_t metric, double value, double weight,
                  ink_eval_shard *shard);
/* Makes the person's history that of the worker's engine. */
ink_status ink_eval_fold(const ink_eval_run *run, ink_eval_worker *worker, uint32_t user);
/* The same with no more than its newest n events. */
ink_status ink_eval_fold_newest(const ink_eval_run *run, ink_eval_worker *worker, uint32_t user, uint32_t n);
/* Scores of items [n] (NULL: of all), by the engine or by vectors. INK_E_NOT_FOUND, INK_E_SINGULAR: there are none. */
ink_status ink_eval_score(const ink_eval_run *run, ink_eval_worker *worker, uint32_t user, const uint32_t *items, uint32_t n,
                          float *out);
/* Without the worker's denied items. */
ink_request ink_eval_request(const ink_eval_run *run, uint32_t count);

#endif
