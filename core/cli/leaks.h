/* leaks.h - was the pack trained on the test data? PACK.training, written by train, knows. */
#ifndef CLI_LEAKS_H
#define CLI_LEAKS_H

#include "open_pack.h"
#include "sidecar.h"

typedef struct cli_leaks {
  cli_file file;                  /* PACK.training */
  ink_sidecar sidecar;
  bool checked;                   /* there was one to ask */
  ink_overlap overlap;
} cli_leaks;

/* Opens PATH.training where there is one, and says when there is none. Gives an exit code. */
int cli_leaks_open(cli *c, const cli_pack *pack, cli_leaks *leaks);
void cli_leaks_close(cli_leaks *leaks);
/* Asks about `test`. `people_too`: the people must be unseen, not only the pairs. An overlap is refused
 * unless `allowed`. Gives an exit code. */
int cli_leaks_check(cli *c, const cli_pack *pack, const ink_dataset *test, bool people_too, bool allowed, cli_leaks *leaks);

#endif
