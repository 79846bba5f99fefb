/* workers.c - see workers.h. Workers take the next shard from one counter, so a slow shard holds up
 * nobody; results do not depend on who took which (see train.h). */
#include "workers.h"

#ifdef __wasi__

uint32_t cli_cores(void) { return 1; }

ink_threads cli_threads(uint32_t n_workers) {
  (void)n_workers;
  return ink_threads_serial;
}

#else
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct job {
  void (*body)(void *arg, uint32_t shard, uint32_t worker);
  void *arg;
  uint32_t n_shards;
  atomic_uint next;
} job;

typedef struct worker {
  job *job;
  uint32_t number;
} worker;

static void *work(void *arg) {
  const worker *w = arg;
  for (;;) {
    const uint32_t shard = atomic_fetch_add_explicit(&w->job->next, 1, memory_order_relaxed);
    if (shard >= w->job->n_shards) return NULL;
    w->job->body(w->job->arg, shard, w->number);
  }
}

/* A thread that cannot be started is no failure: the others do its shards. The caller is worker 0.
 * `ctx` carries the number of workers. */
static void run_parallel(void *ctx, uint32_t n_shards, void (*body)(void *, uint32_t, uint32_t), void *arg) {
  job shared = { .body = body, .arg = arg, .n_shards = n_shards };
  atomic_init(&shared.next, 0);
  const uint32_t n_asked = (uint32_t)(uintptr_t)ctx;
  const uint32_t n_workers = n_asked < n_shards ? n_asked : n_shards;
  worker workers[CLI_MAX_THREADS];
  pthread_t threads[CLI_MAX_THREADS];
  uint32_t n_started = 0;
  for (uint32_t i = 1; i < n_workers; i++) {
    workers[i] = (worker){ &shared, i };
    if (pthread_create(&threads[n_started], NULL, work, &workers[i]) == 0) n_started++;
  }
  workers[0] = (worker){ &shared, 0 };
  (void)work(&workers[0]);
  for (uint32_t i = 0; i < n_started; i++) (void)pthread_join(threads[i], NULL);
}

uint32_t cli_cores(void) {
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > (long)CLI_MAX_THREADS ? CLI_MAX_THREADS : (uint32_t)n;
}

ink_threads cli_threads(uint32_t n_workers) {
  const uint32_t n = n_workers == 0 ? cli_cores() : n_workers < CLI_MAX_THREADS ? n_workers : CLI_MAX_THREADS;
  if (n == 1) return ink_threads_serial;
  return (ink_threads){ (void *)(uintptr_t)n, n, run_parallel };
}
#endif
