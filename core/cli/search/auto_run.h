/* auto_run.h - one run of `auto`: what it was asked, what it tried, what it chose. For cmd_auto.c and auto_*.c.
 * Reading order: auto_data.c (what is held back), auto_space (what may be tried), auto_search.c (in which order), auto_tries.c (one try),
 * auto_time.c (what it will take), auto_choose.c (the winner or a blend, trained on everything), auto_report.c. */
#ifndef CLI_AUTO_RUN_H
#define CLI_AUTO_RUN_H

#include "auto_space.h"
#include "halving.h"
#include "hybrid_train.h"
#include "memory_pack.h"
#include "tune_state.h"

#define AUTO_MOST_TRIES 96u
#define AUTO_ETA 3u               /* one of so many goes on to the next round, on so many times the people */
#define AUTO_MOST_BLENDED 6u
#define AUTO_MOST_ROUNDS 3u
#define AUTO_MOST_WORDS 96u
#define AUTO_SIMPLEST 99u         /* number of what is tried first of all; below it are those of spaces */

typedef struct auto_try {
  const ink_trainer *trainer;
  double *values;
  char words[AUTO_MOST_WORDS];    /* settings beside the usual ones */
  uint32_t config;                /* its number in the family's space; 0: the first try */
  double value;                   /* the metric on held-back events; NaN where there is none, and then */
  const char *failure;            /*   why */
  double share;                   /* of the people that it was trained on, at last */
  double seconds, measuring;      /* of training on them, and of measuring */
  uint64_t events;                /* that it was trained on */
  uint64_t bytes;                 /* a pack of it alone, with the catalogue; 0: known from an earlier run alone */
  uint32_t round;                 /* the last one that it was trained in */
  bool in_play;                   /* may be chosen: has a figure, is not outdone by its like, fits the limit */
  ink_trained trained;            /* on the part, while in play; empty where it is known from an earlier run */
  ink_trained whole;              /* of those chosen: trained on everything; empty where there was no time */
} auto_try;

/* A family without a try, and why. */
typedef struct auto_left_out { const char *family, *why; } auto_left_out;

typedef struct auto_run {
  cli *c;
  /* asked */
  bool is_explicit;
  const char *why;                /* explicit, or implicit */
  bool asks_next;                 /* the last event of each person is held back, not a share of items drawn by lot */
  const char *why_held;
  ink_metric metric;
  double seconds;                 /* of all */
  uint64_t most_bytes;            /* 0: no limit */
  uint64_t seed;
  const char *families;           /* NULL: all that fit the data */
  /* data: what is trained on, and held back from whom tries are measured on (and weights fitted), and the choice is */
  ink_dataset data, part, held, tune, choose;
  auto_facts facts;
  uint32_t n_people;              /* with events in `part` */
  uint32_t n_tune, n_choose;      /* people of `tune` and of `choose` */
  ink_dataset rounds[AUTO_MOST_ROUNDS]; uint32_t n_rounds;   /* of `part` the shares of the people; the last is all */
  uint64_t catalogue_bytes;
  /* time, of cli_seconds() */
  double started, deadline;       /* of the run, of what is running now */
  const char *stage; double stage_started;   /* what training told last, and since when */
  uint64_t stage_first, stage_last;       /* what was done when it began, and when it was told of last */
  double cap;                     /* seconds that what is running now may take; what will take far longer is stopped at once */
  bool too_slow;                  /* it was */
  /* tried */
  tune_state state;               /* figures of earlier runs, and where those of this one go */
  int state_code;                 /* CLI_DONE, or why they could not be kept */
  auto_try tries[AUTO_MOST_TRIES];
  uint32_t n_tries;
  char heading[120];              /* of the tries to come; "" once it was told */
  auto_left_out left_out[32]; uint32_t n_left_out;
  /* chosen */
  cli_hybrid blend;               /* its members are tries; n 0 or 1: no blend */
  uint32_t chosen[AUTO_MOST_BLENDED], n_chosen;   /* tries */
  double alone, blended;          /* metric of the best try and of the blend, on `choose`; NaN: not measured */
  const char *no_blend;           /* why there is none; NULL: there is, or it is worse */
  bool stopped;                   /* Ctrl-C */
} auto_run;

/* Environment whose progress stops what runs at a->deadline, when it will take far more than a->cap, or when the person asks. */
ink_train_env auto_env(auto_run *a);

/* auto_data.c: reads the files, decides what is asked and what is held back. `split` and `feedback` as given, or NULL. Gives an exit code. */
int auto_read_data(auto_run *a, const char *events, const char *split, const char *feedback);

/* auto_time.c */
double auto_left(const auto_run *a);
/* What runs from now on may take so many seconds, and is stopped then. */
void auto_allow(auto_run *a, double seconds);
/* Likely seconds of training the try on so many events. */
double auto_seconds_on(const auto_try *t, uint64_t events);
/* Likely seconds of training what is likely to be chosen on everything; and of the end, which is that and the choice. */
double auto_final_seconds(const auto_run *a);
double auto_end_seconds(const auto_run *a);
/* The same of a blend: asking its members for the samples that weights are fitted on, and measuring it. */
double auto_blend_seconds(const auto_run *a, uint32_t n_people);
/* Is there time for a try that is likely to take so long now, and `whole` seconds more at the end? */
bool auto_has_time(const auto_run *a, double seconds, double whole);

/* auto_search.c: all tries, while there is time. Gives an exit code. */
int auto_search(auto_run *a);

/* auto_tries.c */
/* Is `x` better than `y`? NaN is worse than everything. */
bool auto_better(const auto_run *a, double x, double y);
/* Trains the try on people of a round and measures it. Where that fails it stays what it was. */
void auto_train(auto_run *a, auto_try *t, uint32_t round, double cap);
/* Trains a try again of which an earlier run left the figure alone; where that fails it is out of play. */
void auto_train_again(auto_run *a, auto_try *t);
/* The metric of a pack of these tensors on `test`. */
ink_status auto_measure(auto_run *a, const ink_trained *trained, const ink_dataset *test, const ink_train_env *env, double *value);
/* A pack of these tensors and the catalogue. */
uint64_t auto_bytes(const auto_run *a, const ink_trained *t);
/* Adds the tensors of `from` to `to`, those that `to` has not; they stay `from`'s. */
ink_status auto_borrow(ink_trained *to, const ink_trained *from);

/* How many families a blend may have: those of ratings are small and quick, and many together predict best. */
static inline uint32_t auto_most_blended(const auto_run *a) { return a->is_explicit ? AUTO_MOST_BLENDED : 4; }

/* auto_choose.c: one try, or a blend of the best of some families. Gives an exit code. */
int auto_choose(auto_run *a);
/* What was chosen as tensors of a pack, trained on everything where there is time. Gives an exit code. */
int auto_final(auto_run *a, ink_trained *out);

/* auto_report.c */
/* How the files were understood, and what begins now. */
void auto_tell_start(const auto_run *a);
/* What the next try belongs to: told before it. */
void auto_name_round(auto_run *a, const char *what, uint32_t n, uint32_t round);
void auto_tell_round(auto_run *a);
void auto_tell(const auto_run *a, const auto_try *t);
ink_status auto_metadata(const auto_run *a, ink_trained *out);
void auto_print(const auto_run *a, FILE *out);
void auto_put(const auto_run *a, ink_json_out *out);

#endif
