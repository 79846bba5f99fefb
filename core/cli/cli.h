/* cli.h - what every command stands on: the running call, exit codes, and how a refusal is told.
 * A command is a row of the table in cli.c and a function that gives an exit code. */
#ifndef CLI_H
#define CLI_H

#include <stdio.h>

#include "args.h"
#include "inkling.h"
#include "json_out.h"
#include "pool.h"
#include "progress.h"
#include "train.h"

#define CLI_VERSION "0.1.0"

/* Scripts rest on these numbers. */
enum {
  CLI_DONE = 0,
  CLI_WORDS = 2,                  /* the call's words are off */
  CLI_REFUSED = 3,                /* an input was refused */
  CLI_FAILED = 4                  /* the system failed: disk, memory */
};

typedef struct cli cli;

typedef struct cli_command {
  const char *name;
  const char *words;              /* "PACK ID": the words after the name, as help shows them */
  uint32_t min_words, max_words;
  const char *about;              /* one line */
  const char *details;            /* paragraphs for --help */
  const char *examples;           /* lines for --help */
  const cli_option *options;
  uint32_t n_options;
  int (*run)(cli *c);
  int (*help)(cli *c, FILE *out); /* further help after the options, or NULL; out NULL: only checks the words */
} cli_command;

extern const cli_command cli_cmd_auto, cli_cmd_train, cli_cmd_eval, cli_cmd_compare, cli_cmd_tune, cli_cmd_recommend, cli_cmd_similar, cli_cmd_import,
                         cli_cmd_pack, cli_cmd_inspect, cli_cmd_verify, cli_cmd_bench, cli_cmd_answer;

struct cli {
  const cli_command *command;
  cli_args args;
  cli_memory *memory;
  const ink_kernels *kernels;     /* --kernel, else the best */
  uint32_t n_threads;             /* --threads; 0 = as many as there are cores */
  bool json;
  cli_progress progress;
  ink_fault fault;
  ink_json_out out;               /* the answer of a command with --json; printed by cli_print_json() */
};

/* The whole program: parses, runs, gives the exit code. */
int cli_main(uint32_t argc, char **argv);
bool cli_is_command(const char *word);

/* Options that every command takes stand behind its own in the table that is parsed. */
extern const cli_option cli_common_options[];
extern const uint32_t cli_n_common_options;

/* ----------------------------------------------------------------- refusals */

/* Each tells the user on standard error and gives the exit code to return. */
int cli_no_memory(void);
/* "inkling: CODE: file: sentence." `file` may be NULL. The code decides between CLI_REFUSED and CLI_FAILED. */
int cli_refuse(cli *c, ink_status status, const char *file);
/* For words that no option table can check: printf-like, gives CLI_WORDS. */
int cli_bad_words(const cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "; did you mean X", or "" where nothing is near: the end of a message. */
const char *cli_did_you_mean(const cli *c, const char *nearest);
/* For input that a command itself refuses; `code` is a short name such as "IMPORT_SHAPE". Gives CLI_REFUSED. */
int cli_bad_input(const char *code, const char *file, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What training and readers ask for: memory, threads, kernels, progress, the call's fault. */
ink_train_env cli_env(cli *c);

/* Prints c->out and a line's end. */
int cli_print_json(cli *c);

static inline ink_text cli_text(const char *closed) {
  uint32_t n = 0;
  while (closed[n] != '\0') n++;
  return (ink_text){ closed, n };
}

#endif
