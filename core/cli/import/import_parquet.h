/* import_parquet.h - two columns of a Parquet file that lies in memory: whole numbers, and lists of floats. What Spark
 * writes of ALS factors: `id` INT32 or INT64 and `features` list of FLOAT or DOUBLE, plain or by dictionary, pages of
 * version 1 and 2, uncompressed, snappy or gzip. Format: apache/parquet-format 2.10. Every length and place is held against the
 * file's; nulls, other types, encodings and codecs are refused. */
#ifndef CLI_IMPORT_PARQUET_H
#define CLI_IMPORT_PARQUET_H

#include "files.h"
#include "vectors.h"

/* Takes the rows of one file. The first file's first list sets the width. Gives an exit code. */
int cli_parquet_take(cli_vectors *v, const cli_file *file, const char *id, const char *features);

#endif
