/* main.c - the program `inkling`. Commands stand one in a file, cmd_*.c; cli.c finds and runs them.
 *
 * Under WASI a host often hands over nothing but a pack and a request: `inkling.wasm PACK`, or no word at all
 * and the pack's path in INKLING_PACK, is `inkling answer PACK`. */
#include "cli.h"

#ifdef __wasi__
#include <stdlib.h>

static int answer(char *program, char *pack) {
  static char command[] = "answer";
  char *words[] = { program, command, pack };
  return cli_main(3, words);
}
#endif

int main(int argc, char **argv) {
#ifdef __wasi__
  char *pack = getenv("INKLING_PACK");
  if (argc == 1 && pack != NULL) return answer(argv[0], pack);
  if (argc == 2 && argv[1][0] != '-' && !cli_is_command(argv[1])) return answer(argv[0], argv[1]);
#endif
  return cli_main((uint32_t)argc, argv);
}
