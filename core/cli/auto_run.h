/* auto_run.h - one run of `auto`: what it was asked, what it tried, what it chose. For cmd_auto.c and auto_*.c. */
#ifndef CLI_AUTO_RUN_H
#define CLI_AUTO_RUN_H

#include "auto_space.h"
#include "hybrid_train.h"
#include "memory_pack.h"

#define AUTO_MOST_TRIES 96u
#define AUTO_MOST_BLENDED 4u

typedef struct auto_try {
  const ink_trainer *trainer;
  double *values;
  const char *words;              /* settings beside the standard ones */
  double value;                   /* the metric on held-back events; NaN where there is none, and then */
  const char *failure;            /*   why */
  double seconds;                 /* of training */
  uint64_t bytes;                 /* a pack of it alone, with the catalogue */
  ink_trained trained;            /* on the part; empty once it cannot be chosen any more */
} auto_try;

typedef struct auto_run {
  cli *c;
  /* asked */
  bool is_explicit;
  const char *why;                /* explicit, or implicit */
  ink_metric metric;
  double seconds;                 /* of all */
  uint64_t most_bytes;            /* 0: no limit */
  uint64_t seed;
  const char *families;           /* NULL: all that fit the data */
  /* data: what is trained on, and held back from whom tries are measured on (and weights fitted), and the choice is */
  ink_dataset data, part, held, tune, choose;
  double started, deadline;       /* of cli_seconds(): of the run, of what is running now */
  uint64_t catalogue_bytes;
  auto_try tries[AUTO_MOST_TRIES];
  uint32_t n_tries;
  /* chosen */
  cli_hybrid blend;               /* its members are tries; n 0 or 1: no blend */
  uint32_t chosen[AUTO_MOST_BLENDED], n_chosen;   /* tries */
  double alone, blended;          /* metric of the best try and of the blend, on `choose`; NaN: not measured */
  bool stopped;                   /* Ctrl-C */
  bool from_part;                 /* no time was left to train on everything */
} auto_run;

/* Environment whose progress stops what runs at a->deadline, or when the person asks. */
ink_train_env auto_env(auto_run *a);
/* Until `share` of the time that is left, at most; and all of it. */
void auto_until(auto_run *a, double share);
double auto_left(const auto_run *a);
/* Is `x` better than `y`? NaN is worse than everything. */
bool auto_better(const auto_run *a, double x, double y);

/* auto_tries.c: standard settings of every family, then more of the best ones, while there is time. Gives an exit code. */
int auto_try_all(auto_run *a);
/* Seconds that training on everything will take for a try. */
double auto_whole_seconds(const auto_run *a, const auto_try *t);
/* The metric of a pack of these tensors on `test`. */
ink_status auto_measure(auto_run *a, const ink_trained *trained, const ink_dataset *test, const ink_train_env *env, double *value);
/* Adds the tensors of `from` to `to`, those that `to` has not; they stay `from`'s. */
ink_status auto_borrow(ink_trained *to, const ink_trained *from);

/* auto_choose.c: one try, or a blend of the best of some families. Gives an exit code. */
int auto_choose(auto_run *a);
/* What was chosen as tensors of a pack, trained on everything where there is time. Gives an exit code. */
int auto_final(auto_run *a, ink_trained *out);

/* auto_report.c */
void auto_tell(const auto_run *a, const auto_try *t);
ink_status auto_metadata(const auto_run *a, ink_trained *out);
void auto_print(const auto_run *a, FILE *out);
void auto_put(const auto_run *a, ink_json_out *out);

#endif
