/* guard.h - a mutex where there are threads, nothing where there are none (WASI). */
#ifndef CLI_GUARD_H
#define CLI_GUARD_H

#ifdef __wasi__

typedef struct cli_guard { char none; } cli_guard;
static inline void cli_guard_init(cli_guard *g) { g->none = 0; }
static inline void cli_guard_free(cli_guard *g) { (void)g; }
static inline void cli_guard_lock(cli_guard *g) { (void)g; }
static inline void cli_guard_unlock(cli_guard *g) { (void)g; }

#else
#include <pthread.h>

typedef struct cli_guard { pthread_mutex_t mutex; } cli_guard;
static inline void cli_guard_init(cli_guard *g) { (void)pthread_mutex_init(&g->mutex, NULL); }
static inline void cli_guard_free(cli_guard *g) { (void)pthread_mutex_destroy(&g->mutex); }
static inline void cli_guard_lock(cli_guard *g) { (void)pthread_mutex_lock(&g->mutex); }
static inline void cli_guard_unlock(cli_guard *g) { (void)pthread_mutex_unlock(&g->mutex); }

#endif
#endif
