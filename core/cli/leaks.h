/* leaks.h - was the pack trained on the test data? PACK.training, written by train, knows. */
#ifndef CLI_LEAKS_H
#define CLI_LEAKS_H

#include "open_pack.h"
#include "sidecar.h"

typedef struct cli_leaks {
  bool checked;                   /* there was a PACK.training to ask */
  bool allowed;                   /* --allow-overlap */
  ink_overlap overlap;
} cli_leaks;

/* Looks for PATH.training and asks it about `test`. `people_too`: the people must be unseen, not only the pairs.
 * An overlap is CLI_REFUSED unless leaks->allowed. Gives an exit code. */
int cli_check_leaks(cli *c, const cli_pack *pack, const ink_dataset *test, bool people_too, cli_leaks *leaks);

#endif
