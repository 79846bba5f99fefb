/* dataset.h - interactions and items, numbered, in memory; readers that make them; splits.
 * Users and items are numbered in order of first appearance. Ids keep their strings.
 * Interactions are stored by user (CSR), inside a user in time order (file order where there is no time);
 * `by_item` is the transpose. Duplicate (user, item) pairs are kept as events; ink_dataset_matrix()
 * merges them. */
#ifndef INK_DATASET_H
#define INK_DATASET_H

#include "inkling.h"
#include "train.h"

/* Strings numbered from 0: one growing block of bytes, ends, and a hash table. */
typedef struct ink_names {
  char *bytes; size_t n_bytes, cap_bytes;
  uint64_t *ends; uint32_t n, cap;
  uint32_t *table; uint32_t table_cap;
} ink_names;
ink_text ink_names_at(const ink_names *names, uint32_t i);
uint32_t ink_names_find(const ink_names *names, ink_text name);    /* or INK_NONE */

typedef struct ink_dataset {
  ink_allocator allocator;
  ink_names users, items, kinds;
  uint64_t n_events;
  /* events, sorted by user, then time, then file order */
  uint64_t *user_starts;          /* [users.n + 1] */
  uint32_t *item;                 /* [n_events] */
  float *value;                   /* [n_events] 1 where the file has none */
  int64_t *time;                  /* [n_events] ms since 1970; INK_NO_TIME */
  uint8_t *kind;                  /* [n_events] index into kinds */
  bool has_value, has_time;       /* did the file say? */
  float value_min, value_max;
  /* catalogue columns, if an items file was read: see ink_dataset_read_items() */
  struct ink_columns *columns;
} ink_dataset;

/* Where bytes come from. read() fills up to cap bytes; 0 = end. Not INK_OK is passed up. */
typedef struct ink_source {
  void *ctx;
  ink_status (*read)(void *ctx, void *buf, size_t cap, size_t *n);
  const char *name;               /* for faults: the file's name */
  uint64_t bytes;                 /* total, 0 = not known: for progress */
} ink_source;

enum { INK_FORMAT_AUTO = 0, INK_FORMAT_CSV, INK_FORMAT_TSV, INK_FORMAT_RATINGS, INK_FORMAT_ADJACENCY,
       INK_FORMAT_SEQUENCE, INK_FORMAT_JSONL };

typedef struct ink_read_options {
  uint32_t format;                /* INK_FORMAT_* */
  const char *user, *item, *value, *time, *kind;   /* column names; NULL = usual aliases */
} ink_read_options;

void ink_dataset_init(ink_dataset *d, const ink_allocator *allocator);
void ink_dataset_free(ink_dataset *d);
/* Reads all of `source`, adding to an empty data set; `start_from` (may be NULL) gives users and items
 * numbers that already exist (test files share the numbering of their training file).
 * Faults name the file and the line. On failure the data set is empty again. */
ink_status ink_dataset_read(ink_dataset *d, const ink_source *source, const ink_read_options *options,
                            const ink_dataset *start_from, const ink_train_env *env);

/* The matrix that factor models are trained on: pairs merged (values summed, or the last one for ratings). */
typedef struct ink_matrix {
  uint32_t n_rows, n_cols; uint64_t n_values;
  uint64_t *starts;               /* [n_rows + 1] */
  uint32_t *cols;                 /* ascending inside a row */
  float *values;
} ink_matrix;
ink_status ink_dataset_matrix(const ink_dataset *d, bool keep_last, const ink_train_env *env, ink_matrix *users_by_items);
ink_status ink_matrix_transpose(const ink_matrix *m, const ink_train_env *env, ink_matrix *out);
void ink_matrix_free(ink_matrix *m, const ink_allocator *allocator);

#endif
