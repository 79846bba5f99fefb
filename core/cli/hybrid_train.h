/* hybrid_train.h - inkling train hybrid: members on a part of the events, weights on the others, then members on all. */
#ifndef CLI_HYBRID_TRAIN_H
#define CLI_HYBRID_TRAIN_H

#include "members.h"

/* The family as `train` lists it; it has no fit of its own, because members are trained by their own trainers. */
extern const ink_trainer cli_trainer_hybrid;

/* The trainer of a word of the call: one family's, or a blend's with the settings of its --members behind its own. Refuses
 * unknown words, and --members beside one family. Gives an exit code. */
int cli_any_trainer(cli *c, const char *word, const ink_trainer **out);
bool cli_is_hybrid(const ink_trainer *trainer);

typedef struct cli_hybrid {
  cli_members members;
  ink_blend_options options;
  double fraction;                /* of each person's items, that weights are fitted on */
  bool by_time;                   /* they are the last ones, not drawn by lot */
  ink_blend blend;                /* what came out */
  uint32_t n_left_out;            /* members without weight: behind the others in members.all and blend.alone */
} cli_hybrid;

/* From the words of the call: --members, --metric, and `values` of the joined trainer, which stay the members' values, with
 * their feedback as the data asks for. Gives an exit code. */
int cli_hybrid_read(cli *c, double *values, uint64_t seed, const ink_dataset *kept, cli_hybrid *out);
/* Cuts `kept` as `h` says; `part` shares the columns of `data`. */
ink_status cli_hybrid_cut(const cli_hybrid *h, const ink_dataset *data, const ink_dataset *kept, const ink_train_env *env,
                          ink_dataset *part, ink_dataset *held);
/* Everything: out gets the tensors of the members that have any weight, trained on `kept`, and the blend's. */
ink_status cli_hybrid_fit(cli_hybrid *h, const ink_dataset *data, const ink_dataset *kept, const ink_train_env *env, ink_trained *out);
/* The tensors and metadata of h->blend alone. */
ink_status cli_hybrid_tensors(const cli_hybrid *h, ink_trained *out);

/* "als,rp3,popular": the members, and popular once. */
void cli_hybrid_models(const cli_hybrid *h, char *out, size_t cap);
void cli_print_hybrid(const cli_hybrid *h, FILE *out);
void cli_put_hybrid(ink_json_out *out, const cli_hybrid *h);

#endif
