/* files.h - the only place that opens, maps and writes files.
 *
 * Reading: a whole file at once (mapped where that is possible), or a stream of bytes that is unpacked
 * on the way when it is gzip. "-" is standard input.
 * Writing: into a temporary file beside the target, flushed to the disk, then renamed. Under the name that
 * was asked for stands the old file or the whole new one, never a part: not after a full disk, a signal or a crash.
 * "-" is standard output; devices and pipes are written directly.
 *
 * Calls that return int give an exit code (CLI_DONE or other) after telling the user what is wrong. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include "dataset.h"
#include "pool.h"

/* ------------------------------------------------------------- whole files */

typedef struct cli_file {
  const char *path;
  const uint8_t *bytes;           /* aligned to 64 at least; until cli_file_close() */
  size_t n;
  bool mapped;
} cli_file;

/* Refuses files over max_bytes. */
int cli_file_load(cli_memory *memory, const char *path, size_t max_bytes, cli_file *file);
/* Safe on a zeroed struct. */
void cli_file_close(cli_file *file);

/* ----------------------------------------------------------------- folders */

bool cli_is_folder(const char *path);
/* Paths of the folder's files whose names begin with `start`, sorted by their bytes, in the call's memory. */
int cli_folder_files(cli_memory *memory, const char *path, const char *start, char ***paths, uint32_t *n);

/* ----------------------------------------------------------------- streams */

typedef struct cli_source cli_source;

int cli_source_open(cli_memory *memory, const char *path, cli_source **source);
/* The view that readers of core/train take; valid until the close. */
ink_source cli_source_view(cli_source *source);
void cli_source_close(cli_source *source);
/* What a reader's INK_E_READ meant: tells the user and gives the exit code
 * (damaged gzip: CLI_REFUSED; the disk failed: CLI_FAILED). */
int cli_source_complain(const cli_source *source);

/* ----------------------------------------------------------------- writing */

typedef struct cli_output cli_output;

int cli_output_open(cli_memory *memory, const char *path, cli_output **output);
/* An ink_write_fn. INK_E_STOPPED when the system refuses; cli_output_commit() then tells why. */
ink_status cli_output_write(void *output, const void *bytes, size_t n);
uint64_t cli_output_bytes(const cli_output *output);
/* What was written so far, to be checked before it is committed. For a pipe or a device, which cannot be
 * read back, *file is empty and path NULL. Gives an exit code. */
int cli_output_reopen(cli_memory *memory, cli_output *output, cli_file *file);
bool cli_output_failed(const cli_output *output);
/* Flushes all of them to the disk, then renames them in this order. On failure all are dropped. */
int cli_output_commit(cli_output *const *outputs, uint32_t n);
/* Removes what was written so far. Safe on NULL and after a commit. */
void cli_output_drop(cli_output *output);

/* Removes temporary files when the process is told to end; makes a full quota an error instead of a signal. */
void cli_files_guard(void);

#endif
