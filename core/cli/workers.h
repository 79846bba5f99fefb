/* workers.h - parallel_for for training: pthreads natively, a plain loop under WASI.
 * Threads live for one call of parallel_for; a call costs some tens of microseconds, training makes
 * a few hundred. */
#ifndef CLI_WORKERS_H
#define CLI_WORKERS_H

#include "train.h"

#define CLI_MAX_THREADS 256u

/* As many workers as the machine has cores for us. */
uint32_t cli_cores(void);
/* n_workers 0 = cli_cores(). Under WASI always one worker. */
ink_threads cli_threads(uint32_t n_workers);

#endif
