/* vectors.h - item vectors while they are imported: ids and rows, each row checked when it is taken.
 * Refused, by the row's name: NaN and infinities, numbers over the pack's cap, ids that are empty, too long,
 * not UTF-8 or there twice, and (unless the user says otherwise) rows of zeros, which no direction has. */
#ifndef CLI_VECTORS_H
#define CLI_VECTORS_H

#include "cli.h"
#include "dataset.h"
#include "sha256.h"

enum { CLI_ZERO_REFUSE = 0, CLI_ZERO_DROP = 1, CLI_ZERO_KEEP = 2 };

/* What a model of ratings needs beside vectors and biases; `lambda` is for one rating, times their number on the vector. */
typedef struct cli_rated {
  bool is;
  double mean, lowest, highest, lambda, bias_lambda;
} cli_rated;

typedef struct cli_vectors {
  cli *c;
  const char *path;               /* for refusals */
  const char *format;             /* "npy", "word2vec" ... static */
  char source[128];               /* which part of the file: "item_factors" */
  uint32_t zero_rows;             /* CLI_ZERO_* */
  bool unit_length;               /* scale each row to length 1 */
  ink_names ids;                  /* [n] */
  float *rows;                    /* [n, d] */
  uint32_t n, d, cap;
  uint32_t n_zero;                /* rows of zeros that were dropped or kept */
  bool has_als;                   /* the file says how its factors were fitted (implicit's ALS) */
  double alpha, regularization;
  const char *item_features;      /* --item-features FILE, or NULL: rows of the file are features, items are sums of them */
  const char *family;             /* whose tensors they become: "als", "svd" ... static */
  cli_rated rated;
  float *bias;                    /* [n], or NULL */
  float *fold;                    /* [n, d] what an item adds to a person's vector, or NULL */
  bool auto_scale;                /* vectors of words are to be scaled to length 1 */
  ink_sha256 digest;              /* of all parts, where `path` is a folder */
} cli_vectors;

/* Sets the width; 1..INK_CAP_DIM. n_expected rows are made room for (0: not known). Gives an exit code. */
int cli_vectors_begin(cli_vectors *v, uint64_t d, uint64_t n_expected);
/* Where the next row's d numbers go; NULL without memory. Valid until cli_vectors_take(). */
float *cli_vectors_next(cli_vectors *v);
/* Checks and keeps the row that was written there. `unit` and `at` name its place: "row" 17, "line" 3. */
int cli_vectors_take(cli_vectors *v, ink_text id, const char *unit, uint64_t at);
/* At least one row must have been taken. */
int cli_vectors_end(const cli_vectors *v);

/* ------------------------------------------------- matrices inside of files */

/* Numbers as they stand in a file, anywhere in memory. */
typedef struct cli_matrix {
  const uint8_t *bytes;           /* [n, d] elements */
  uint32_t dtype;                 /* INK_DTYPE_F16, BF16, F32, F64 or I8 */
  bool big_endian;
  bool by_columns;                /* Fortran order */
  uint64_t n, d;
} cli_matrix;

uint32_t cli_element_bytes(uint32_t dtype);
double cli_element(const cli_matrix *m, uint64_t row, uint64_t column);
/* Takes all rows; ids [n] or NULL for "0", "1", "2" ... */
int cli_vectors_take_matrix(cli_vectors *v, const cli_matrix *m, const ink_names *ids);

#endif
