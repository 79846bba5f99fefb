/* batch_parts.h - what the files of batch.h share: rows in order, people while the catalogue goes by, the two screens. */
#ifndef INK_BATCH_PARTS_H
#define INK_BATCH_PARTS_H

#include "batch.h"
#include "gemm.h"
#include "screen.h"

#define INK_BATCH_PEOPLE (INK_EVAL_GROUP * INK_EVAL_SHARD)
#define INK_BATCH_LANES (INK_BATCH_PEOPLE + INK_SCREEN_VECTORS)   /* up to a whole tile */
#define INK_BATCH_BLOCK 512u      /* rows between two looks at who is done; those of one product of floats */
#define INK_BATCH_SAME 4u         /* panels of one scale */
#define INK_BATCH_ROOM 2000u      /* candidates of one person; no power of two, or all people's share a few sets of the cache */
#define INK_BATCH_UP 1.00001f     /* more than rounding can take from a few products of lengths */

/* Rows as bytes in panels (screen.h), INK_BATCH_SAME of which share three numbers: a row is scale * (bytes - 128), but for a vector
 * of length `error` at most; and the former is not longer than `length`. A bias is one more element: bias / balance, against
 * `balance` in people. */
typedef struct ink_batch_bytes {
  const ink_screen *screen;
  uint8_t *panels;                /* [panels, steps, rows of a panel, 4] */
  float *scale, *error, *length;  /* [panels / INK_BATCH_SAME] */
  uint32_t steps;
  float balance;                  /* 0: no bias */
} ink_batch_bytes;

/* The catalogue's rows, longest first. */
typedef struct ink_eval_rows {
  const float *rows, *bias;       /* as scores are defined: by number in the pack */
  float *sorted, *sorted_bias;    /* [n, d], [n] or NULL; where floats are screened */
  ink_batch_bytes bytes;          /* where bytes are: screen is not NULL */
  float *lengths;                 /* [n] descending */
  uint32_t *items, *at;           /* [n] numbers in the pack in this order; and back */
  uint32_t n, d;
  float largest_bias;
} ink_eval_rows;

/* Between `low` and `high` lies the score that the engine would compute, less the offsets, which all items share. */
typedef struct ink_batch_candidate {
  float high, low;
  uint32_t item;
} ink_batch_candidate;

/* One person while the catalogue goes by. */
typedef struct ink_batch_person {
  ink_batch_candidate *found;     /* [INK_BATCH_ROOM] */
  const uint64_t *seen;           /* rows that are no candidates, ascending, then a larger number; those gone by are skipped */
  uint32_t n, full;               /* candidates; more than `full` are trimmed */
  float border;                   /* as many as are wanted surely reach it */
  float rounding;                 /* of the engine's sums and of a screen's, see batch.h */
  float length;                   /* of the vector */
  float offsets[2];
  bool ready;
} ink_batch_person;

/* People of a tile as bytes, one column each of these; see ink_batch_screen_bytes(). */
typedef struct ink_batch_lanes {
  int8_t *bytes;                  /* [tiles, steps, vectors of a tile, 4] of those who are not done */
  int8_t *all;                    /* [INK_BATCH_PEOPLE, 4 steps] of everybody */
  float scale[INK_BATCH_PEOPLE], lost[INK_BATCH_PEOPLE], length[INK_BATCH_PEOPLE];
  int32_t shift[INK_BATCH_PEOPLE];        /* what the rows' 128 adds to a sum */
  float border[INK_BATCH_LANES], inverse[INK_BATCH_LANES], of_error[INK_BATCH_LANES], of_length[INK_BATCH_LANES],
        rounding[INK_BATCH_LANES];
  int32_t shifts[INK_BATCH_LANES], least[INK_BATCH_LANES];
} ink_batch_lanes;

typedef struct ink_eval_batch {
  const ink_gemm *gemm;
  void *gemm_scratch;
  float *vectors;                 /* [INK_BATCH_PEOPLE, d] of everybody */
  float *active_vectors;          /* [INK_BATCH_PEOPLE, d] of those who are not done yet */
  float *product;                 /* [INK_BATCH_PEOPLE, INK_BATCH_BLOCK] */
  ink_batch_lanes *lanes;
  int32_t *spare;                 /* [INK_BATCH_ROOM] */
  uint64_t *order;                /* [INK_BATCH_ROOM] */
  uint32_t *hits;                 /* [INK_BATCH_BLOCK] */
  ink_batch_candidate *found;     /* [INK_BATCH_PEOPLE, INK_BATCH_ROOM] */
  uint64_t *seen;                 /* [most events of a group + 1 a person] */
  ink_batch_person people[INK_BATCH_PEOPLE];
  uint32_t active[INK_BATCH_PEOPLE], n_active;
  uint32_t wanted;                /* candidates of each person that must not be lost */
  uint32_t first, end;            /* of run->people, that were scored */
} ink_eval_batch;

/* batch.c: a candidate, unless the row is seen; rows come in ascending order. Room for INK_BATCH_BLOCK more is kept. */
void ink_batch_offer(const ink_eval_rows *r, ink_batch_person *p, uint32_t row, float high, float low);
/* Where there are many: raises the border to what `wanted` surely reach, drops who cannot, and tells that it did. */
bool ink_batch_trim(ink_eval_batch *b, ink_batch_person *p);

/* batch_floats.c, batch_bytes.c: memory of the rows and of a worker; rows first..first+n-1 for the active people. */
ink_status ink_batch_floats_rows(const ink_train_env *env, ink_eval_rows *r);
ink_status ink_batch_floats_open(const ink_train_env *env, ink_eval_batch *b);
void ink_batch_floats_screen(const ink_eval_run *run, ink_eval_batch *b, uint32_t first, uint32_t n);
ink_status ink_batch_bytes_rows(const ink_train_env *env, ink_eval_rows *r);
void ink_batch_bytes_forget(const ink_train_env *env, ink_eval_rows *r);
ink_status ink_batch_bytes_open(const ink_train_env *env, ink_eval_batch *b);
void ink_batch_bytes_close(const ink_train_env *env, ink_eval_batch *b);
void ink_batch_bytes_vector(const ink_eval_rows *r, ink_eval_batch *b, uint32_t person);
void ink_batch_bytes_screen(const ink_eval_run *run, ink_eval_batch *b, uint32_t first, uint32_t n);

#endif
