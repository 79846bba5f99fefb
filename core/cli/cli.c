/* cli.c - from argv to an exit code: finds the command, parses its words, prints help, runs it, and
 * makes sure that what was printed arrived. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "workers.h"

static const cli_command *const commands[] = {
  &cli_cmd_auto, &cli_cmd_train, &cli_cmd_eval, &cli_cmd_compare, &cli_cmd_tune, &cli_cmd_recommend, &cli_cmd_similar, &cli_cmd_import,
  &cli_cmd_pack, &cli_cmd_inspect, &cli_cmd_verify, &cli_cmd_bench, &cli_cmd_answer
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static const char *const kernel_words[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128", NULL };

const cli_option cli_common_options[] = {
  { .name = "json", .kind = CLI_FLAG, .help = "answer in JSON, on one line of standard output" },
  { .name = "kernel", .kind = CLI_WORD, .words = kernel_words, .value = "NAME",
    .help = "compute with this table of kernels (ref, sse2, avx2, avx512, neon, wasm128); all give the same bits" },
  { .name = "threads", .kind = CLI_WHOLE, .low = 1, .high = CLI_MAX_THREADS, .value = "N",
    .help = "threads for training (default: all cores); the result does not depend on it" }
};
enum { COMMON_JSON, COMMON_KERNEL, COMMON_THREADS, N_COMMON };
const uint32_t cli_n_common_options = N_COMMON;

/* ----------------------------------------------------------------- refusals */

int cli_no_memory(void) {
  fprintf(stderr, "inkling: NO_MEMORY: there is not enough memory\n");
  return CLI_FAILED;
}

static bool is_system_failure(ink_status status) {
  return status == INK_E_NO_MEMORY || status == INK_E_MEMORY || status == INK_E_READ || status == INK_E_STOPPED;
}

int cli_refuse(cli *c, ink_status status, const char *file) {
  char sentence[512];
  if (c->fault.code == (uint32_t)status) (void)ink_fault_text(&c->fault, sentence, sizeof sentence);
  else (void)snprintf(sentence, sizeof sentence, "%s", ink_status_text(status));
  cli_progress_end(&c->progress);
  fprintf(stderr, "inkling: %s: %s%s%s\n", ink_status_name(status), file == NULL ? "" : file, file == NULL ? "" : ": ", sentence);
  return is_system_failure(status) ? CLI_FAILED : CLI_REFUSED;
}

int cli_bad_words(const cli *c, const char *format, ...) {
  va_list arguments;
  fprintf(stderr, "inkling %s: ", c->command->name);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\nTry: inkling %s --help\n", c->command->name);
  return CLI_WORDS;
}

const char *cli_did_you_mean(const cli *c, const char *nearest) {
  static const char words[] = "; did you mean ";
  char *text = nearest == NULL ? NULL : cli_take(c->memory, sizeof words + strlen(nearest), 1);
  if (text == NULL) return "";
  memcpy(text, words, sizeof words - 1);
  strcpy(text + sizeof words - 1, nearest);
  return text;
}

int cli_bad_input(const char *code, const char *file, const char *format, ...) {
  va_list arguments;
  fprintf(stderr, "inkling: %s: %s: ", code, file);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  return CLI_REFUSED;
}

ink_train_env cli_env(cli *c) {
  return (ink_train_env){ .allocator = cli_allocator(c->memory), .threads = cli_threads(c->n_threads), .kernels = c->kernels,
                          .progress_ctx = &c->progress, .progress = cli_progress_show, .fault = &c->fault };
}

int cli_print_json(cli *c) {
  if (c->out.failed) return cli_no_memory();
  (void)fwrite(c->out.bytes, 1, c->out.n, stdout);
  (void)fputc('\n', stdout);
  return CLI_DONE;
}

/* --------------------------------------------------------------------- help */

static void print_overview(FILE *out) {
  fprintf(out,
          "inkling - recommendations from one file, worked out where the person is\n\n"
          "  inkling COMMAND [WORDS] [OPTIONS]\n\n");
  for (uint32_t i = 0; i < N_COMMANDS; i++) fprintf(out, "  %-10s  %s\n", commands[i]->name, commands[i]->about);
  fprintf(out,
          "\nFrom a table of ratings to a recommendation:\n\n"
          "  inkling train als --events ratings.csv --items movies.csv --set feedback=implicit -o movies.safetensors\n"
          "  inkling recommend movies.safetensors --history 318,296 -n 10 --explain\n\n"
          "More about one command:  inkling COMMAND --help\n"
          "Exit codes: 0 done, 2 the words of the call are off, 3 an input was refused, 4 the system failed.\n");
}

static int print_help(cli *c) {
  const cli_command *k = c->command;
  const int code = k->help == NULL ? CLI_DONE : k->help(c, NULL);
  if (code != CLI_DONE) return code;
  printf("inkling %s - %s\n\n  inkling %s %s [OPTIONS]\n\n%s\n", k->name, k->about, k->name, k->words, k->details);
  if (k->n_options > 0) printf("\nOptions\n");
  cli_args_help(k->options, k->n_options, stdout);
  printf("\nOptions of every command\n");
  cli_args_help(cli_common_options, cli_n_common_options, stdout);
  if (k->help != NULL) (void)k->help(c, stdout);
  printf("\nExamples\n%s", k->examples);
  return CLI_DONE;
}

/* ------------------------------------------------------------------ running */

static const char *command_name_at(const void *list, uint32_t i) {
  (void)list;
  return i < N_COMMANDS ? commands[i]->name : NULL;
}

static const cli_command *command_of(const char *word) {
  for (uint32_t i = 0; i < N_COMMANDS; i++) {
    if (strcmp(commands[i]->name, word) == 0) return commands[i];
  }
  return NULL;
}

bool cli_is_command(const char *word) { return command_of(word) != NULL; }

static const cli_command *find_command(const char *word) {
  const cli_command *command = command_of(word);
  if (command != NULL) return command;
  const char *nearest = cli_nearest(word, command_name_at, NULL);
  fprintf(stderr, "inkling: unknown command \"%s\"", word);
  if (nearest != NULL) fprintf(stderr, "; did you mean %s?", nearest);
  fprintf(stderr, "\nTry: inkling --help\n");
  return NULL;
}

/* The command's own options, then the common ones, as one table. */
static bool join_options(cli *c) {
  const uint32_t n = c->command->n_options + cli_n_common_options;
  cli_option *joined = cli_take(c->memory, n, sizeof *joined);
  if (joined == NULL) return false;
  for (uint32_t i = 0; i < n; i++) {
    joined[i] = i < c->command->n_options ? c->command->options[i] : cli_common_options[i - c->command->n_options];
  }
  c->args.options = joined;
  c->args.n_options = n;
  return true;
}

static int take_common_options(cli *c) {
  const uint32_t first = c->command->n_options;
  const char *kernel = cli_args_text(&c->args, first + COMMON_KERNEL);
  c->json = cli_args_flag(&c->args, first + COMMON_JSON);
  c->n_threads = (uint32_t)cli_args_number(&c->args, first + COMMON_THREADS, 0);
  c->kernels = kernel == NULL ? ink_kernels_best() : ink_kernels_named(kernel);
  if (c->kernels == NULL) return cli_bad_words(c, "--kernel %s: this build or this processor has no such kernels", kernel);
  return CLI_DONE;
}

static int check_words(const cli *c) {
  const uint32_t n = c->args.n_words;
  if (n > c->command->max_words) {
    return cli_bad_words(c, "one word too many: \"%s\"; wanted: %s", c->args.words[c->command->max_words], c->command->words);
  }
  if (n < c->command->min_words) return cli_bad_words(c, "too few words; wanted: %s", c->command->words);
  return CLI_DONE;
}

static int run_command(cli *c, uint32_t argc, char **argv) {
  c->args.command = c->command->name;
  c->args.words = cli_take(c->memory, argc + 1u, sizeof *c->args.words);
  c->args.found = cli_take(c->memory, argc + 1u, sizeof *c->args.found);
  if (c->args.words == NULL || c->args.found == NULL || !join_options(c)) return cli_no_memory();
  bool help;
  if (!cli_args_parse(&c->args, argc, argv, &help)) return CLI_WORDS;
  if (help) return print_help(c);
  int code = check_words(c);
  if (code == CLI_DONE && !cli_args_complete(&c->args)) code = CLI_WORDS;
  if (code == CLI_DONE) code = take_common_options(c);
  if (code == CLI_DONE) code = c->command->run(c);
  cli_progress_end(&c->progress);
  return code;
}

/* What was printed may still lie in a buffer, and the disk behind a redirection may be full. */
static int flush_answer(int code) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return code;
  fprintf(stderr, "inkling: cannot write standard output: %s\n", strerror(errno));
  return code == CLI_DONE ? CLI_FAILED : code;
}

static int start_command(const cli_command *command, uint32_t argc, char **argv) {
  cli c = { .command = command, .memory = cli_memory_new() };
  if (c.memory == NULL) return cli_no_memory();
  cli_progress_init(&c.progress);
  ink_json_out_init(&c.out);
  const int code = run_command(&c, argc, argv);
  ink_json_out_free(&c.out);
  cli_memory_free(c.memory);
  return code;
}

static bool is_word(const char *word, const char *a, const char *b, const char *c) {
  return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int cli_main(uint32_t argc, char **argv) {
  if (argc < 2) {
    print_overview(stderr);
    return CLI_WORDS;
  }
  cli_files_guard();
  if (is_word(argv[1], "--version", "-V", "version")) {
    printf("inkling %s\n", CLI_VERSION);
    return flush_answer(CLI_DONE);
  }
  if (is_word(argv[1], "--help", "-h", "help")) {
    if (argc == 2) { print_overview(stdout); return flush_answer(CLI_DONE); }
    const cli_command *asked = find_command(argv[2]);
    static char help_word[] = "--help";
    char *help_words[] = { argc > 3 ? argv[3] : help_word, help_word };
    return asked == NULL ? CLI_WORDS : flush_answer(start_command(asked, 2, help_words));
  }
  const cli_command *command = find_command(argv[1]);
  if (command == NULL) return CLI_WORDS;
  return flush_answer(start_command(command, argc - 2, argv + 2));
}
