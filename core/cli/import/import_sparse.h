/* import_sparse.h - a sparse matrix as SciPy's save_npz and implicit's nearest neighbours write it: an archive of
 * data, indices, indptr and shape, row by row. */
#ifndef CLI_IMPORT_SPARSE_H
#define CLI_IMPORT_SPARSE_H

#include "import_zip.h"

/* Row r is the entries starts[r] .. starts[r + 1] - 1. Checked: starts rise from 0 to the number of entries, columns lie
 * below n_cols, values are finite and within a pack's cap. */
typedef struct cli_sparse {
  uint64_t n_rows, n_cols, n;
  uint64_t *starts;               /* [n_rows + 1] */
  uint32_t *cols;                 /* [n] */
  float *values;                  /* [n] */
} cli_sparse;

/* Does the archive hold one? */
bool cli_sparse_is_in(const cli_zip *zip);
/* Gives an exit code; a refusal names array and place. */
int cli_sparse_read(cli *c, const cli_zip *zip, cli_sparse *s);

#endif
