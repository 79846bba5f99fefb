/* split.h - which events to train on and which to hold back. Every rule is a pure function of ids, times and
 * the seed: the order of the file, the machine and the number of threads do not matter.
 *
 * "Random" means: ordered by XXH64 of the ids under the seed, the smallest first. So a person who is held
 * out of one file is held out of a later, longer one as well (as long as the share's rank reaches him). */
#ifndef INK_SPLIT_H
#define INK_SPLIT_H

#include "dataset.h"

/* Part of an event. */
enum { INK_PART_TRAIN = 0, INK_PART_VALIDATION = 1, INK_PART_TEST = 2 };

/* PAIRS  of each person's n different items floor(fraction*n + 1/2), or `count` where that is not 0, but never
 *        all; with every event on them
 * USERS  floor(fraction*users + 1/2) of the people who have events, with everything they did
 * LAST   of each person the last event; with `validation` the last but one too. People with too few events
 *        to leave one for training are trained on as a whole
 * TIME   events at `time` or later. Events without a time are trained on
 * FOLDS  rows of the file whose number in `folds` is `fold` */
enum { INK_SPLIT_PAIRS = 1, INK_SPLIT_USERS, INK_SPLIT_LAST, INK_SPLIT_TIME, INK_SPLIT_FOLDS };

typedef struct ink_split_rule {
  uint32_t how;                   /* INK_SPLIT_* */
  double fraction;                /* PAIRS, USERS: 0..1 */
  uint32_t count;                 /* PAIRS: held back of each person, instead of a fraction; 0: none */
  uint64_t seed;                  /* PAIRS, USERS */
  bool validation;                /* LAST */
  int64_t time;                   /* TIME: ms since 1970 */
  const uint8_t *folds;           /* FOLDS: [n_folds], by row of the file */
  uint64_t n_folds;
  uint8_t fold;
} ink_split_rule;

/* parts [d->n_events] out: INK_PART_* of each event.
 * INK_E_SETTING: a fraction outside 0..1, an unknown rule. INK_E_DATA_COLUMN: LAST or TIME without times (LAST
 * accepts lists in file order: adjacency and sequence). INK_E_DATA_FORMAT: more or fewer folds than rows. */
ink_status ink_split_parts(const ink_dataset *d, const ink_split_rule *rule, const ink_train_env *env, uint8_t *parts);

/* The events whose part is in `mask` (1 << INK_PART_... joined by |) as a data set of its own. It shares
 * the numbers of users, items and kinds (people without an event have empty rows), weights and rating scale;
 * `row` still says the place in the file. Columns are borrowed: d lives longer. `out` is initialised here. */
ink_status ink_dataset_part(const ink_dataset *d, const uint8_t *parts, uint32_t mask, const ink_train_env *env,
                            ink_dataset *out);

/* Reads one whole number 0..255 a line. *folds is a block of env->allocator. */
ink_status ink_folds_read(const ink_source *source, const ink_train_env *env, uint8_t **folds, uint64_t *n_folds);

#endif
