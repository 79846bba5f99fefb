/* halving.h - successive halving (Jamieson & Talwalkar 2016), what `tune` and `auto` share of it: in each round fewer configurations are trained
 * on more of the people. Everybody is folded in, so a figure can be had for people whom a small round was not trained on. */
#ifndef CLI_HALVING_H
#define CLI_HALVING_H

#include "dataset.h"

/* The part of the people that round `round` of `n_rounds` is trained on: all of them in the last one, one of `eta` of that in the one before ... */
double cli_halving_share(uint32_t eta, uint32_t n_rounds, uint32_t round);
/* How many of n configurations go on. */
static inline uint32_t cli_halving_left(uint32_t n, uint32_t eta) { return (n + eta - 1) / eta; }

/* A number in [0, 1) that belongs to a person under a seed: those below a share are that share of the people, and those of a smaller share are
 * among them. */
double cli_halving_lot(const ink_dataset *data, uint32_t user, uint64_t seed);
/* The training events of a share of the people: of `data` those whose part is INK_PART_TRAIN (`parts` NULL: all). Shares data's numbers. */
ink_status cli_halving_people(const ink_dataset *data, const uint8_t *parts, double share, uint64_t seed, const ink_train_env *env, ink_dataset *out);

#endif
