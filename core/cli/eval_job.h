/* eval_job.h - one call of eval: what is measured, and the table of what came out. For cmd_eval.c and eval_*.c. */
#ifndef CLI_EVAL_JOB_H
#define CLI_EVAL_JOB_H

#include "fit_pack.h"
#include "measure.h"

#define EVAL_MOST_ROWS 128u

/* One line beside the main one: a class of people or of items, a length of history, a fold. */
typedef struct eval_row {
  const char *by;                 /* "history", "popularity", "events", "fold" */
  char label[48];
  uint32_t n_users;
  ink_metric_value values[INK_MAX_METRICS];
} eval_row;

typedef struct eval_job {
  cli_measure m;
  cli_leaks leaks;
  ink_eval_report report;
  ink_eval_report person;         /* people as training left them */
  bool has_person;
  eval_row *rows;                 /* [EVAL_MOST_ROWS] */
  uint32_t n_rows;
  const ink_trainer *trainer;     /* --train, or NULL */
  double *values;                 /* its settings */
  const char *split;              /* how the one file was cut; NULL: two files */
  uint32_t n_folds;               /* 0: no folds */
  uint64_t n_trained_on;          /* events */
  double seconds, seconds_person, seconds_training;
} eval_job;

/* eval_rows.c: measures j->m of `pack` into j->report, then the rows that --by and --history-events ask for.
 * Gives an exit code. */
int eval_measure(cli *c, eval_job *j, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test);
/* Are the words of --by and --history-events right? */
int eval_rows_check(const cli *c, const eval_job *j);

/* eval_train.c: --train FAMILY: cuts the events, trains on each training part, measures. */
int eval_train_check(cli *c, eval_job *j);
int eval_train(cli *c, eval_job *j);

/* eval_report.c */
int eval_print(const eval_job *j);
int eval_put(cli *c, const eval_job *j);

#endif
