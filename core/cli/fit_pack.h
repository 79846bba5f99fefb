/* fit_pack.h - a family trained and made a pack in memory, for commands that train in order to measure. The pack passes the
 * same gate as one from a file. */
#ifndef CLI_FIT_PACK_H
#define CLI_FIT_PACK_H

#include "dataset.h"
#include "memory_pack.h"
#include "open_pack.h"
#include "protocol.h"

/* The family's tensors of `kept`, and popularity behind them, so that a pack can answer people without a history. */
ink_status cli_fit_models(cli *c, const ink_trainer *trainer, const double *values, uint64_t seed, const ink_dataset *kept,
                          const ink_train_env *env, ink_trained *out);

typedef struct cli_fit {
  ink_trained trained;            /* with the vectors of people, where the family has any */
  ink_memory_pack memory;
  ink_pack *pack;                 /* in `memory` */
  double seconds;                 /* of training */
} cli_fit;

/* Trains on `kept`; `data` (the same numbers) has the catalogue. Whatever comes of it, cli_fit_close() frees. Gives an exit
 * code, after telling what is wrong. */
int cli_fit_pack(cli *c, const ink_trainer *trainer, double *values, uint64_t seed, const ink_dataset *data,
                 const ink_dataset *kept, cli_fit *out);
void cli_fit_close(cli_fit *fit);

/* People as training left them, to be scored instead of folded ones. False when the family has no vectors of people,
 * or its pack no item vectors in F32 to go with them. */
bool cli_fit_people(const cli_fit *fit, ink_eval_vectors *out);

#endif
