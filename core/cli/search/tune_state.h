/* tune_state.h - the trials of a search that are done, in a file of JSON lines, so that a search that was stopped goes on
 * where it was. The first line says of what search: a file of another is refused. It is written anew after each trial,
 * whole or not at all. */
#ifndef CLI_TUNE_STATE_H
#define CLI_TUNE_STATE_H

#include "cli.h"

#define TUNE_MOST_TRIALS 10000u

typedef struct tune_trial {
  uint32_t config, rung;
  double value;                   /* of the metric; NaN: this configuration could not be trained */
  double seconds;
} tune_trial;

typedef struct tune_state {
  const char *path;               /* NULL: nothing is kept */
  uint64_t search;                /* tune_space_hash() and what else makes a search */
  tune_trial *trials;             /* [TUNE_MOST_TRIALS] */
  uint32_t n;
  uint32_t n_kept;                /* of them, how many came from the file */
} tune_state;

/* Reads `path` (may be NULL) where there is such a file. Gives an exit code. */
int tune_state_open(cli *c, const char *path, uint64_t search, tune_state *state);
/* The trial, or NULL. */
const tune_trial *tune_state_find(const tune_state *state, uint32_t config, uint32_t rung);
/* Adds a trial and writes the file. Gives an exit code. */
int tune_state_add(cli *c, tune_state *state, const tune_trial *trial);

#endif
