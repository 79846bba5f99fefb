/* protocol.h - from a pack, a history and held-back events to numbers, by the engine that ships: every person is
 * folded from the events in `history` through inkling.h, as on a device, and asked for a slate.
 *
 * Data. `history`, `test` and `candidates` share numbers of users and items: each is read with the one before as
 * `start_from`, or they are parts of one data set (split.h). The pack may number items as it likes: ids decide.
 *
 * The protocols of the command line are this with different data:
 *   known-users    history = what the pack was trained on, test = held-back events of the same people
 *   unseen-users   history and test of people that the pack was not trained on: two files, or one cut by INK_SPLIT_PAIRS
 *   leave-last     history = all but the last event of each sequence, test = the last (INK_SPLIT_LAST)
 *   candidates     the same with lists: each person's candidates are his test items and those listed, each once
 *   ratings        ink_eval_ratings
 * Whether the pack really was not trained on the test events is sidecar.h's question.
 *
 * Candidates of a ranking (without lists) are the catalogue of the pack less the items of the person's history;
 * `with_seen` leaves them in (for sessions, where people come back to things). Hidden items are always out. With
 * `n_sampled` a person's candidates are his test items and so many others of these, drawn by lot: figures of such a
 * *sampled* ranking cannot be compared with those of a full one, nor order models as it would (Krichene & Rendle 2020).
 *
 * `n_events` cuts what people are folded from to the newest (or oldest) so many events of each; the items of the others
 * stay no candidates, so that figures for 1, 3, 10 events differ by what is known of people and by nothing else.
 *
 * Who is counted. Everybody with a test event. T is the number of a person's different test items. Those that are not in
 * the catalogue cannot be recommended, nor can those that the history holds already (unless `with_seen`, or in a list):
 * they are missed, as they would be on a device, and counted in the report. A person of whose history nothing is
 * in the catalogue is scored by whatever the pack has for strangers (its fallback chain); where it has nothing, his
 * slate is empty and his metrics are 0 (auc 1/2).
 *
 * Results do not depend on the number of threads: people are cut into fixed shards, added up in order. */
#ifndef INK_PROTOCOL_H
#define INK_PROTOCOL_H

#include "dataset.h"
#include "inkling.h"
#include "metrics.h"
#include "train.h"

enum { INK_PROTOCOL_KNOWN_USERS = 1, INK_PROTOCOL_UNSEEN_USERS, INK_PROTOCOL_LEAVE_LAST, INK_PROTOCOL_CANDIDATES,
       INK_PROTOCOL_RATINGS };
/* "known-users" ..., as --protocol and the JSON spell it; NULL and 0 for no such protocol. */
const char *ink_protocol_name(uint32_t protocol);
uint32_t ink_protocol_named(ink_text name);

/* Vectors of people as training left them, to be scored instead of folded ones: the "trained person" column. They
 * exist beside training only; no pack holds them. score = users[u].items[i] + item_bias[i] + user_bias[u] + offset. */
typedef struct ink_eval_vectors {
  const float *users;             /* [n_users, d] by number in `history` */
  const float *items;             /* [n_items, d] by number in the pack */
  const float *user_bias;         /* [n_users] or NULL */
  const float *item_bias;         /* [n_items] or NULL */
  float offset;
  uint32_t n_users, d;            /* people with higher numbers have a vector of zeros */
} ink_eval_vectors;

typedef struct ink_eval_options {
  const ink_metric *metrics;      /* [n_metrics] all of a ranking, or all of ratings */
  uint32_t n_metrics;
  uint32_t family;                /* INK_NONE: as served, with the fallback chain; else this family alone */
  bool with_seen;
  int64_t now;                    /* of every request; INK_NO_TIME: the latest time in `history`, 0 when it has none */
  uint64_t seed;                  /* of every request, and of sampled candidates */
  const ink_eval_vectors *vectors;        /* NULL: people are folded by the engine */
  uint32_t n_sampled;             /* 0: no lots are drawn */
  uint32_t n_events;              /* folded at most; 0: all */
  bool oldest_events;             /* of these the oldest, not the newest */
  const ink_dataset *popularity;  /* who has what, for novelty and longtail: numbered as `history`; NULL: `history` */
  ink_text slate_vectors;         /* for spread: see beyond.h */
  struct ink_eval_people *people; /* NULL, or filled with one column of values a person */
} ink_eval_options;

/* What each person contributed, for bootstrap.h. In allocator memory, for ink_eval_people_free(). */
typedef struct ink_eval_people {
  uint32_t *user;                 /* [n] numbers in `test`, ascending */
  uint32_t *n_history;            /* [n] events that he could be folded from, all of his history */
  double *values;                 /* [n_metrics, n] NaN: not counted. For rmse and mae sums of errors of `weight` pairs */
  double *weights;                /* [n] 1, or pairs for rmse and mae */
  uint32_t n, n_metrics;
} ink_eval_people;
void ink_eval_people_free(ink_eval_people *people, const ink_allocator *allocator);

typedef struct ink_eval_counts {
  uint32_t n_users;               /* people with a test event */
  uint32_t n_without_test;        /* of those, how many had no test item that is a candidate: all missed */
  uint32_t n_without_history;     /* of those counted, how many had nothing in the catalogue */
  uint32_t n_without_slate;       /* of those counted, how many got no slate (ranking) or a mean (ratings) */
  uint64_t n_test;                /* different test items (the sum of T), or pairs predicted */
  uint64_t n_test_outside;        /* of these, how many are not in the catalogue */
  uint64_t n_test_seen;           /* of these, how many the history holds already */
  uint64_t n_candidates;          /* ranked in all (test items among them), where there are lists or lots; else 0 */
  uint64_t n_candidates_outside;  /* listed candidates that are not in the catalogue: left out */
} ink_eval_counts;

typedef struct ink_eval_report {
  ink_metric_value values[INK_MAX_METRICS];       /* in the order of the options */
  ink_eval_counts counts;
} ink_eval_report;

/* Ranks the catalogue, or with `candidates` (else NULL) each person's list, for everybody in `test`.
 * INK_E_SETTING: metrics that are not of a ranking, or measures of slates for lists. INK_E_DATA_EMPTY: no test event, or not a
 * single test item that is a candidate (files that do not belong together).
 * INK_E_STOPPED, INK_E_NO_MEMORY, and whatever opening an engine says. */
ink_status ink_eval_ranking(const ink_pack *pack, const ink_dataset *history, const ink_dataset *test,
                            const ink_dataset *candidates, const ink_eval_options *options, const ink_train_env *env, ink_eval_report *report);

/* Predicts the value of every event of `test` and compares. A prediction is the score, cut to the scale of the pack
 * (`events.rating`; else that of the history). Where no score exists - the item is not in the catalogue, or the
 * family cannot score this history - it is the mean of the person's ratings in `history`, else of all of them.
 * options->family INK_NONE means the pack's first family, without fallback: popularity is no rating.
 * INK_E_SETTING: metrics other than rmse and mae. INK_E_DATA_COLUMN: test data without values. */
ink_status ink_eval_ratings(const ink_pack *pack, const ink_dataset *history, const ink_dataset *test,
                            const ink_eval_options *options, const ink_train_env *env, ink_eval_report *report);

#endif
