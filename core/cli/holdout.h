/* holdout.h - --holdout of train: what is kept out of training, to be tested on later. */
#ifndef CLI_HOLDOUT_H
#define CLI_HOLDOUT_H

#include "cli.h"
#include "dataset.h"
#include "split.h"

typedef struct cli_holdout {
  const char *words;              /* as given: "users:0.1"; "none" */
  uint64_t n_events;              /* kept out */
} cli_holdout;

/* none         all of `data` is trained on: *part is not touched and *kept is `data`
 * leave-last   of each person the last event and the one before it (test and validation)
 * random:P     of each person a share of the items, chosen by --seed
 * users:P      a share of the people, 0.1 or 10%, chosen by --seed
 * time:T       events from T on: a date, ms or s since 1970, or 80% (of the events, in time order)
 * Otherwise *part is filled and *kept points to it. Gives an exit code. */
int cli_holdout_apply(cli *c, const char *words, uint64_t seed, const ink_dataset *data, ink_dataset *part,
                      const ink_dataset **kept, cli_holdout *holdout);

/* The rule that these words mean (not "none"); `option` is named in complaints, `more` are words that it allows beside
 * these, or "". The rule's seed is the caller's. Gives an exit code. */
int cli_split_rule(cli *c, const char *option, const char *words, const char *more, const ink_dataset *data, ink_split_rule *rule);

#endif
