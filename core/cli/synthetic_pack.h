/* synthetic_pack.h - a pack of random vectors in memory, for measuring without data: same size and seed, same bytes. */
#ifndef CLI_SYNTHETIC_PACK_H
#define CLI_SYNTHETIC_PACK_H

#include "open_pack.h"

/* items [n, d] of normal numbers, ids "i0", "i1" ...; an implicit als model and popularity. Gives an exit code. */
int cli_synthetic_pack(cli *c, uint32_t n, uint32_t d, cli_pack *pack);

#endif
