/* word_file.h - vectors of words for families that read texts: --vectors FILE. */
#ifndef CLI_WORD_FILE_H
#define CLI_WORD_FILE_H

#include "cli.h"
#include "dataset.h"

/* Reads GloVe's or word2vec's text form (seen from the first line), gzipped or not, and gives it to `data`, for which it stays until
 * the end of the call. Words without a direction (zeros) are left out. Gives an exit code. */
int cli_word_file(cli *c, const char *path, ink_dataset *data);

#endif
