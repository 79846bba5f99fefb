/* train.h - what training asks of its caller: memory, threads, progress; and how families are trained.
 * Training is portable C without a libc: natively the command line hands in malloc and pthreads,
 * in wasm a page hands in linear memory and a serial loop. */
#ifndef INK_TRAIN_H
#define INK_TRAIN_H

#include "inkling.h"
#include "kernel.h"
#include "pack_write.h"

/* `resize(ctx, NULL, n)` allocates, `(ctx, p, n)` grows or shrinks, `(ctx, p, 0)` frees.
 * NULL for n > 0 means no memory. Blocks are aligned to 64. */
typedef struct ink_allocator {
  void *ctx;
  void *(*resize)(void *ctx, void *block, size_t bytes);
} ink_allocator;

/* Calls body(arg, shard, worker) for every shard 0..n_shards-1, each once, on up to n_workers workers
 * (0 <= worker < n_workers; a worker runs one shard at a time). Shards are fixed by the caller of
 * training code, never by the number of workers, and reduced in order: results do not depend on threads. */
typedef struct ink_threads {
  void *ctx;
  uint32_t n_workers;
  void (*parallel_for)(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg);
} ink_threads;

extern const ink_threads ink_threads_serial;

typedef struct ink_progress {
  const char *stage;              /* "als", "reading" ... static */
  uint64_t done, total;           /* total 0: not known */
  double loss, metric;            /* NaN: none */
} ink_progress;

/* How an unfinished run is kept (checkpoint.h). Bytes come between begin() and end(); end(ctx, false) drops them, and what was
 * kept before stays. INK_E_STOPPED from any of them ends training: the disk said no, and the door has told why. */
typedef struct ink_checkpointing {
  void *ctx;
  const uint8_t *earlier;         /* what an earlier run kept, until training ends; NULL: nothing */
  size_t earlier_bytes;
  ink_status (*begin)(void *ctx);
  ink_status (*write)(void *ctx, const void *bytes, size_t n);
  ink_status (*end)(void *ctx, bool keep);
} ink_checkpointing;

typedef struct ink_train_env {
  ink_allocator allocator;
  ink_threads threads;
  const ink_kernels *kernels;
  void *progress_ctx;
  bool (*progress)(void *ctx, const ink_progress *p);   /* false asks to stop: INK_E_STOPPED. May be NULL */
  ink_fault *fault;               /* never NULL */
  const ink_checkpointing *checkpointing;               /* NULL: none. Families without long runs do not look at it */
} ink_train_env;

/* ---------------------------------------------------------------- settings */

/* One setting of a family: `--set factors=64`. Tables of these make `train FAMILY --help`. */
typedef struct ink_setting {
  const char *name, *help;
  double standard, low, high;     /* default and range, inclusive */
  bool whole;                     /* must be a whole number */
  const char *const *words;       /* NULL, or NULL-closed words; the value is then a word's index */
} ink_setting;

struct ink_dataset;

/* What training hands to the pack writer: tensors and metadata in allocator memory (one list to free). */
typedef struct ink_trained ink_trained;

typedef struct ink_trainer {
  const char *name, *about;       /* about: one sentence for --help */
  const ink_setting *settings;
  uint32_t n_settings;
  /* values [n_settings] in the table's order; seed as given. The result holds this family's tensors only;
   * the catalogue is added by ink_catalogue_tensors(). */
  ink_status (*fit)(const struct ink_dataset *data, const double *values, uint64_t seed,
                    const ink_train_env *env, ink_trained *out);
  const char *serves;             /* the family whose tensors it makes; NULL: that of its name */
} ink_trainer;

extern const ink_trainer *const ink_trainers[];
extern const uint32_t ink_n_trainers;

/* Tensors and metadata under construction. All memory comes from env->allocator. */
struct ink_trained {
  ink_allocator allocator;
  ink_tensor *tensors; uint32_t n_tensors, cap_tensors;
  ink_meta_entry *metadata; uint32_t n_metadata, cap_metadata;
  void **blocks; uint32_t n_blocks, cap_blocks;    /* everything that ink_trained_free() gives back */
  /* Optional, to measure the people trained on as training left them: [n_people, people_d] in the data set's order,
   * and their biases [n_people] in explicit models. Never part of a pack. NULL where a family has none. */
  float *people_vectors, *people_bias;
  uint32_t n_people, people_d;
};
void ink_trained_init(ink_trained *t, const ink_allocator *allocator);
void ink_trained_free(ink_trained *t);
/* A zeroed block for a tensor of this name; *data is its memory, kept until ink_trained_free().
 * `name` is copied. */
ink_status ink_trained_tensor(ink_trained *t, const char *name, uint32_t dtype, uint32_t rank, const uint32_t *shape,
                              void **data);
/* Both are copied. */
ink_status ink_trained_meta(ink_trained *t, const char *key, const char *value);
/* The shortest decimal text that reads back as the same float. */
ink_status ink_trained_meta_number(ink_trained *t, const char *key, float value);
/* A zeroed block that ink_trained_free() gives back, no tensor. */
ink_status ink_trained_block(ink_trained *t, size_t bytes, void **block);

#endif
