/* checkpoint_file.h - `train --checkpoint FILE`: the file that core/train/checkpoint.h's bytes live in.
 * What is there when training begins is handed to it; each new checkpoint replaces the file whole (files.h: a temporary file, then
 * renamed), so a kill or a full disk leaves the one before. */
#ifndef CLI_CHECKPOINT_FILE_H
#define CLI_CHECKPOINT_FILE_H

#include "cli.h"
#include "files.h"

typedef struct cli_checkpoint {
  cli *c;
  const char *path;
  cli_file earlier;
  cli_memory *memory;             /* of the one that is written */
  cli_output *output;
  bool failed;                    /* it could not be kept, which was told; training then ends with INK_E_STOPPED */
  ink_checkpointing door;
} cli_checkpoint;

/* Without a path nothing is kept, and `door` is not to be used. Gives an exit code. */
int cli_checkpoint_open(cli_checkpoint *k, cli *c, const char *path);
void cli_checkpoint_close(cli_checkpoint *k);

#endif
