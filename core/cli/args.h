/* args.h - the words of a call, held against a declared table of options. One table makes the
 * parser, the checks of ranges, the suggestions and `--help`; a command only reads values.
 * Forms: --name value, --name=value, -n value, -n5; "--" ends the options; "-" is a word.
 * Every mistake is told here, in one line on standard error, with the nearest word that exists. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { CLI_FLAG = 0, CLI_TEXT, CLI_WHOLE, CLI_REAL, CLI_WORD };

typedef struct cli_option {
  const char *name;               /* without the dashes */
  char letter;                    /* short form, or 0 */
  uint32_t kind;                  /* CLI_* */
  bool repeats;                   /* may be given more than once */
  bool required;
  double low, high;               /* CLI_WHOLE and CLI_REAL: allowed range, inclusive; |whole| <= 2^53 */
  const char *const *words;       /* CLI_WORD: NULL-closed list of allowed words */
  const char *value;              /* what the value is called in help: "FILE"; NULL for a flag */
  const char *help;
} cli_option;

typedef struct cli_found {
  uint32_t option;                /* index into the table */
  const char *text;               /* NULL for a flag */
  double number;                  /* parsed, for the two numeric kinds; index of the word for CLI_WORD */
} cli_found;

typedef struct cli_args {
  const char *command;            /* for messages */
  const cli_option *options;
  uint32_t n_options;
  const char **words;             /* what is not an option, in order */
  uint32_t n_words;
  cli_found *found;
  uint32_t n_found;
} cli_args;

/* Parses argv[0..argc-1]. `words` and `found` have room for argc entries each and stay the caller's.
 * False after telling the user what is wrong. `--help` anywhere stops the parsing: *help is then true. */
bool cli_args_parse(cli_args *args, uint32_t argc, char **argv, bool *help);
/* Tells of the first required option that is missing. */
bool cli_args_complete(const cli_args *args);

/* Index of an option by its name, UINT32_MAX when the table has none. */
uint32_t cli_args_index(const cli_args *args, const char *name);

/* Values by the option's index. A missing option gives false, NULL or `standard`. */
bool cli_args_flag(const cli_args *args, uint32_t option);
const char *cli_args_text(const cli_args *args, uint32_t option);
double cli_args_number(const cli_args *args, uint32_t option, double standard);
/* The next value of a repeating option; *cursor starts at 0. NULL after the last. */
const char *cli_args_next(const cli_args *args, uint32_t option, uint32_t *cursor);

/* The table as help text: one option a line, wrapped at 100 columns. */
void cli_args_help(const cli_option *options, uint32_t n_options, FILE *out);

/* Words of `text` from column `indent`, where the cursor stands, on; wrapped at 100 columns; and a line's end. */
void cli_print_wrapped(const char *text, uint32_t indent, FILE *out);

/* ------------------------------------------------------------- nearest word */

/* The i-th of a list of words, NULL after the last. */
typedef const char *(*cli_word_at)(const void *list, uint32_t i);
/* The word nearest to `got` (insertions, deletions, changes and swaps), or NULL when none is near. */
const char *cli_nearest(const char *got, cli_word_at at, const void *list);
const char *cli_word_in_list(const void *list, uint32_t i);     /* for NULL-closed lists */

#endif
