/* progress.h - one line on standard error while a person watches a terminal; nothing otherwise. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "train.h"

typedef struct cli_progress {
  bool on;                        /* standard error is a terminal */
  bool drawn;                     /* a line stands there */
  double started, last;           /* seconds */
  uint64_t first;                 /* what was done when the stage began: a run that goes on begins in the middle */
  const char *stage;
} cli_progress;

void cli_progress_init(cli_progress *progress);
/* The callback of ink_train_env; draws at most ten times a second. Never asks to stop. */
bool cli_progress_show(void *progress, const ink_progress *p);
/* Wipes the line, so that what is printed next starts clean. */
void cli_progress_end(cli_progress *progress);

/* Seconds of a clock that only runs forward. */
double cli_seconds(void);

#endif
