/* hosted.h - what tests of training and evaluation hand in: memory (counted, and failing on demand),
 * text and files as sources, and an environment around them. */
#ifndef INK_TEST_HOSTED_H
#define INK_TEST_HOSTED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "train.h"

/* Blocks aligned to 64 with their size in front. `fail_at` = n refuses the n-th request from now (1 = next).
 * Fresh memory holds `stale` over and over, so that nobody relies on zeros. */
typedef struct hosted_memory {
  long live, requests, fail_at;
  uint32_t stale;
} hosted_memory;

static inline void *hosted_resize(void *ctx, void *block, size_t bytes) {
  hosted_memory *m = ctx;
  size_t *old = block != NULL ? (size_t *)((char *)block - 64) : NULL;
  if (bytes == 0) {
    if (old != NULL) m->live--;
    free(old);
    return NULL;
  }
  m->requests++;
  if (m->fail_at != 0 && --m->fail_at == 0) return NULL;
  size_t *fresh = aligned_alloc(64, (bytes + 64 + 63) / 64 * 64);
  if (fresh == NULL) return NULL;
  fresh[0] = bytes;
  for (size_t i = 0; i + 4 <= bytes && i < 4096; i += 4) memcpy((char *)fresh + 64 + i, &m->stale, 4);
  if (old != NULL) memcpy((char *)fresh + 64, block, old[0] < bytes ? old[0] : bytes);
  if (old == NULL) m->live++;
  free(old);
  return (char *)fresh + 64;
}

typedef struct hosted {
  hosted_memory memory;
  ink_fault fault;
  ink_train_env env;
} hosted;

static inline void hosted_init(hosted *h) {
  memset(h, 0, sizeof *h);
  h->memory.stale = 0xa5a5a5a5u;
  h->env.allocator = (ink_allocator){ &h->memory, hosted_resize };
  h->env.threads = ink_threads_serial;
  h->env.fault = &h->fault;
}

/* Text handed out `step` bytes at a time, so that buffer borders are met. */
typedef struct hosted_text {
  const char *bytes;
  size_t n, at, step;
} hosted_text;

static inline ink_status hosted_text_read(void *ctx, void *buf, size_t cap, size_t *n) {
  hosted_text *t = ctx;
  size_t take = t->n - t->at;
  if (take > cap) take = cap;
  if (take > t->step) take = t->step;
  memcpy(buf, t->bytes + t->at, take);
  t->at += take;
  *n = take;
  return INK_OK;
}

static inline ink_status hosted_file_read(void *ctx, void *buf, size_t cap, size_t *n) {
  *n = fread(buf, 1, cap, ctx);
  return ferror((FILE *)ctx) ? INK_E_READ : INK_OK;
}

/* Visible data, for tests that are skipped where there is none: $INKLING_DATA or ../shared/data. Opens
 * `name` (through gzip where it ends in .gz); NULL and a printed reason when it is absent. */
static inline FILE *hosted_open_data(const char *name) {
  const char *root = getenv("INKLING_DATA");
  char path[512];
  snprintf(path, sizeof path, "%s/%s", root != NULL ? root : "../shared/data", name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    printf("skipped: %s is not there (set INKLING_DATA)\n", path);
    return NULL;
  }
  if (strlen(name) < 3 || strcmp(name + strlen(name) - 3, ".gz") != 0) return file;
  fclose(file);
#ifdef __wasi__
  printf("skipped: %s is gzipped, and WASI starts no other program\n", path);
  return NULL;
#else
  char command[600];
  snprintf(command, sizeof command, "gzip -dc '%s'", path);
  return popen(command, "r");
#endif
}
static inline void hosted_close_data(FILE *file, const char *name) {
#ifdef __wasi__
  (void)name;
#else
  if (strlen(name) >= 3 && strcmp(name + strlen(name) - 3, ".gz") == 0) { pclose(file); return; }
#endif
  fclose(file);
}

/* A data set of events that stand in a text; `format` is an INK_FORMAT_*. Gives what the reader says. */
static inline ink_status hosted_read_events(hosted *h, ink_dataset *data, const char *events, uint32_t format) {
  hosted_text t = { events, strlen(events), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "events", strlen(events) };
  const ink_read_options options = { .format = format };
  ink_dataset_init(data, &h->env.allocator);
  return ink_dataset_read(data, &source, &options, NULL, &h->env);
}

#endif
