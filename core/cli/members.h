/* members.h - the families of a blend on the command line: --members als,rp3 and --set als.factors=64. A blend is read like
 * any family: its table of settings is its own, and behind them those of each member with the member's name in front. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include "blend.h"
#include "cli.h"
#include "dataset.h"

typedef struct cli_member {
  const ink_trainer *trainer;
  double *values;                 /* [trainer->n_settings] */
} cli_member;

typedef struct cli_members {
  cli_member all[INK_BLEND_MEMBERS];
  uint32_t n;
} cli_members;

/* The families of `list`, without values. Refuses unknown and repeated ones. Gives an exit code. */
int cli_members_read(cli *c, const char *list, cli_members *out);
/* Each member's part of `values`, which are those of a joined trainer whose own settings are n_own. */
void cli_members_share(cli_members *m, double *values, uint32_t n_own);

/* `own` with the settings of the members of --members behind its own ("als.factors"), in the memory of the call. Refuses what
 * cli_members_read() does, and --set and --try of families that are no members. Gives an exit code. */
int cli_members_join(cli *c, const ink_trainer *own, const ink_trainer **out);

/* Gives setting `name` of a member this word, where the member has that setting and it stands at its default. */
void cli_member_word(cli_member *m, const char *name, const char *word);

/* Trains them all into `out`, and popularity behind them, so that a pack can answer people without a history. */
ink_status cli_members_fit(const cli_members *m, uint64_t seed, const ink_dataset *kept, const ink_train_env *env, ink_trained *out);

#endif
