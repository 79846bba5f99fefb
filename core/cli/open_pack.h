/* open_pack.h - a pack's file opened and checked, an engine on it, and words about its items. */
#ifndef CLI_OPEN_PACK_H
#define CLI_OPEN_PACK_H

#include "cli.h"
#include "files.h"

typedef struct cli_pack {
  cli_file file;
  ink_pack *pack;
} cli_pack;

/* Passes the gate; the pack lives until cli_pack_close(). Gives an exit code. */
int cli_pack_open(cli *c, const char *path, cli_pack *pack);
/* The same for pack->file that is loaded already; refusals name it `path`. */
int cli_pack_open_file(cli *c, const char *path, cli_pack *pack);
void cli_pack_close(cli_pack *pack);

/* An engine in the call's memory; limits' zeros take the defaults of inkling.h. */
int cli_engine_open(cli *c, const cli_pack *pack, const ink_limits *limits, ink_engine **engine);

/* The pack's family of this name (NULL: INK_NONE); tells of unknown ones, with the nearest. Gives an exit code. */
int cli_find_model(cli *c, const cli_pack *pack, const ink_engine *engine, const char *name, uint32_t *family);

/* The item's title (column `title`, else `name`), else its id. */
ink_text cli_item_title(const ink_pack *pack, uint32_t item);
/* Metadata as text, "" when there is none. */
ink_text cli_metadata(const ink_pack *pack, const char *key);

/* Prints text from a pack or a file without control characters, so that it cannot drive the terminal. */
void cli_print_text(FILE *out, ink_text text, uint32_t width);
/* "1.5 MB". */
void cli_print_size(FILE *out, uint64_t bytes);

#endif
