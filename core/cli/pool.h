/* pool.h - the memory of one call of the command line: blocks aligned to 64, all given back at its end.
 * Commands therefore have no clean-up of their own, on any path. It is also the ink_allocator that
 * training and readers are handed; several threads may use it at once. */
#ifndef CLI_POOL_H
#define CLI_POOL_H

#include "train.h"

typedef struct cli_memory cli_memory;

/* NULL when there is none. */
cli_memory *cli_memory_new(void);
void cli_memory_free(cli_memory *memory);

/* NULL when there is none (or n * size overflows). Not cleared. */
void *cli_take(cli_memory *memory, size_t n, size_t size);
/* Grows or shrinks a block of this memory, keeping its content; bytes 0 frees it. */
void *cli_resize(void *memory, void *block, size_t bytes);
ink_allocator cli_allocator(cli_memory *memory);

#endif
