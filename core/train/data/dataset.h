/* dataset.h - interactions and items, numbered, in memory; readers that make them; the matrix that
 * factor models are trained on. Splits are in split.h, catalogue columns in columns.h.
 *
 * Users and items are numbered in order of first appearance. Ids keep their strings.
 * Interactions are stored by user (CSR), inside a user in time order (file order where times are equal or
 * missing). Duplicate (user, item) pairs are kept as events; the matrix merges them. */
#ifndef INK_DATASET_H
#define INK_DATASET_H

#include "inkling.h"
#include "train.h"

/* ------------------------------------------------------------------- names */

/* Strings numbered from 0: one growing block of bytes, ends, and a hash table. */
typedef struct ink_names {
  char *bytes; size_t n_bytes, cap_bytes;
  uint64_t *ends; uint32_t n, cap;
  uint32_t *table; uint32_t table_cap;
} ink_names;
ink_text ink_names_at(const ink_names *names, uint32_t i);
uint32_t ink_names_find(const ink_names *names, ink_text name);    /* or INK_NONE */
/* The number of `name`, new or known. Bytes are copied. INK_E_NO_MEMORY, INK_E_LIMIT (2^31 names). */
ink_status ink_names_add(ink_names *names, const ink_allocator *allocator, ink_text name, uint32_t *index);
/* `to` must be empty. */
ink_status ink_names_copy(ink_names *to, const ink_names *from, const ink_allocator *allocator);
void ink_names_free(ink_names *names, const ink_allocator *allocator);

/* ---------------------------------------------------------------- data set */

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
  uint32_t *row;                  /* [n_events] place of the event in the file, from 0 */
  bool has_value, has_time;       /* did the file say? */
  bool in_order;                  /* a list file: without times, yet the order may mean something */
  float value_min, value_max;     /* of the events of kind "rating"; 0, 0 when there are none */
  float *kind_weight;             /* [kinds.n] as `events.kinds.weights` of a pack will say */
  float liked_from;               /* a rating below it weighs minus its kind's weight */
  char explain[192];              /* what format was read, in words: "tab-separated, no header: user item rating time" */
  /* catalogue columns, if an items file was read: see columns.h */
  struct ink_columns *columns;
  bool borrows_columns;           /* they belong to the data set that this one is a part of */
  const struct ink_word_vectors *words;   /* vectors of words for families that read texts, borrowed; or NULL */
} ink_dataset;

/* Where bytes come from. read() fills up to cap bytes; 0 = end. Not INK_OK is passed up. */
typedef struct ink_source {
  void *ctx;
  ink_status (*read)(void *ctx, void *buf, size_t cap, size_t *n);
  const char *name;               /* for faults: the file's name */
  uint64_t bytes;                 /* total, 0 = not known: for progress */
} ink_source;

/* CSV        header line, then rows; comma or semicolon; RFC 4180 quotes
 * TSV        the same with tabs
 * RATINGS    no header: user item [value [time]], separated by tab, `::`, comma, semicolon, `|` or blanks
 * ADJACENCY  user item item ... separated by blanks or tabs; NCF's `(user,item) item ...` is understood
 * SEQUENCE   the same in time order: the time of an event is its place in the line, from 0
 * JSONL      one object a line: {"user": "u1", "item": 7, "value": 1, "time": 1700000000, "kind": "like"}
 * AUTO       decided from the first lines; a file that could be read in two ways is refused with both named */
enum { INK_FORMAT_AUTO = 0, INK_FORMAT_CSV, INK_FORMAT_TSV, INK_FORMAT_RATINGS, INK_FORMAT_ADJACENCY,
       INK_FORMAT_SEQUENCE, INK_FORMAT_JSONL };
enum { INK_ENCODING_UTF8 = 0, INK_ENCODING_LATIN1 };

typedef struct ink_read_options {
  uint32_t format;                /* INK_FORMAT_* */
  const char *user, *item, *value, *time, *kind;   /* column names; NULL = usual aliases */
  uint32_t encoding;              /* INK_ENCODING_*: Latin-1 is converted, else bytes must be UTF-8 */
  const char *default_kind;       /* kind of rows that name none; NULL: "rating" where the file has values
                                   * (unless their column is called weight, count, plays, quantity), else "view" */
  const char *kind_weights;       /* "like=3,share=2": weights of kinds other than the usual ones; NULL: none */
  const float *liked_from;        /* NULL: every rating counts as liked */
} ink_read_options;

void ink_dataset_init(ink_dataset *d, const ink_allocator *allocator);
void ink_dataset_free(ink_dataset *d);

/* Reads all of `source`, adding to an empty data set; `start_from` (may be NULL) gives users, items and
 * kinds numbers that already exist (test files share the numbering of their training file).
 *
 *  - Ids are kept as written (blanks around them dropped): 1..1024 bytes of UTF-8. JSON numbers are ids as written.
 *  - Values are decimal numbers, finite, |x| <= 1e11; "nan", "inf", "0x1" are refused.
 *  - Times: ISO-8601 (`2005-09-06`, `2005-09-06T12:00:00.5+02:00`; UTC where no zone is given), or a number:
 *    below 1e11 seconds since 1970, fractions allowed, from there on milliseconds. An empty time is no time.
 *  - Kinds are 1..32 of [a-z0-9_-]; capital letters are made small.
 *  - Blank lines are skipped.
 *  - tsv has no quotes: a quotation mark is a character like others (IANA text/tab-separated-values).
 *  - Weights of kinds and `liked_from` come from the options, else from `start_from`, else as usual.
 *
 * Faults name the file, line and column. On failure the data set is empty again (and still initialised).
 * INK_E_DATA_* for what the file says, INK_E_DATA_EMPTY when there is no event, INK_E_LIMIT over 2^32-2 events,
 * INK_E_READ and others from the source, INK_E_NO_MEMORY, INK_E_STOPPED. */
ink_status ink_dataset_read(ink_dataset *d, const ink_source *source, const ink_read_options *options,
                            const ink_dataset *start_from, const ink_train_env *env);

static inline uint64_t ink_dataset_user_events(const ink_dataset *d, uint32_t user) {
  return d->user_starts[user + 1] - d->user_starts[user];
}

/* ------------------------------------------------------------------ matrix */

/* The matrix that factor models are trained on: pairs merged (values summed, or the last one for ratings). */
typedef struct ink_matrix {
  uint32_t n_rows, n_cols; uint64_t n_values;
  uint64_t *starts;               /* [n_rows + 1] */
  uint32_t *cols;                 /* ascending inside a row */
  float *values;
} ink_matrix;

/* Raw values of the events, summed in event order or the last one kept. */
ink_status ink_dataset_matrix(const ink_dataset *d, bool keep_last, const ink_train_env *env, ink_matrix *users_by_items);

/* The usual weight of a kind: view 1, click 1, like 5, purchase 10, dislike -5, rating 1, hide 0, others 1. */
float ink_kind_weight(ink_text kind);
/* The i-th of these seven, empty behind the last. */
ink_text ink_usual_kind(uint32_t i);
/* The number that a pack of this data gives its kind k (see catalogue_tensors.h), INK_NONE for a kind that it does not list; and
 * how many kinds the pack numbers. */
uint32_t ink_pack_kind(const ink_dataset *d, uint32_t k);
uint32_t ink_pack_kinds(const ink_dataset *d);
/* The pack needs a table of its own: a kind weighs something else than usual. */
bool ink_dataset_unusual_kinds(const ink_dataset *d);
/* Weight of event e as the engine counts it: kind weight * value, within +-INK_CAP_WEIGHT; for kind "rating"
 * plus or minus the kind's weight. */
float ink_event_weight(const ink_dataset *d, uint64_t e);
/* Weights of the events of a pair summed in event order (what an implicit fold does). Pairs whose weights
 * sum to 0 (a hidden item, a like taken back) are no observation and are left out. */
ink_status ink_dataset_weight_matrix(const ink_dataset *d, const ink_train_env *env, ink_matrix *users_by_items);

ink_status ink_matrix_transpose(const ink_matrix *m, const ink_train_env *env, ink_matrix *out);
void ink_matrix_free(ink_matrix *m, const ink_allocator *allocator);

#endif
