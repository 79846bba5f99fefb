/* import_npy.h - NumPy's .npy format, versions 1 to 3: header and the numbers behind it. Object arrays
 * are pickles, which can run code; they are refused, as is everything that is not plain numbers or text.
 * Format: numpy.lib.format; the header is a literal of a Python dict, read here by a grammar of its own. */
#ifndef CLI_IMPORT_NPY_H
#define CLI_IMPORT_NPY_H

#include "vectors.h"

#define CLI_NPY_RANK 4u

typedef struct cli_npy {
  const char *path;               /* for refusals */
  const char *name;               /* the array's name inside an archive, or "" */
  char descr[24];                 /* "<f4" */
  bool by_columns;
  uint32_t rank;
  uint64_t shape[CLI_NPY_RANK];
  const uint8_t *data;
  size_t data_bytes;              /* exactly what shape and type ask for */
} cli_npy;

/* Parses n bytes. Gives an exit code; refusals name the file, the array and the place. */
int cli_npy_parse(const char *path, const char *name, const uint8_t *bytes, size_t n, cli_npy *npy);
/* Is the type one that is read, and are there as many bytes as it and the shape ask for? Gives an exit code. */
int cli_npy_check(const cli_npy *npy);
/* An array of two dimensions and a type that vectors may have. */
int cli_npy_matrix(const cli_npy *npy, cli_matrix *m);
/* A single number of type <f4, <f8 or a whole type; false when it is something else. */
bool cli_npy_scalar(const cli_npy *npy, double *value);
/* An array of one dimension of text (<U or |S) or whole numbers: adds each to `ids`, refusing duplicates. */
int cli_npy_texts(cli *c, const cli_npy *npy, ink_names *ids);

#endif
