/* main.c - the program `inkling`. Commands stand one in a file, cmd_*.c; cli.c finds and runs them. */
#include "cli.h"

int main(int argc, char **argv) {
  return cli_main((uint32_t)argc, argv);
}
