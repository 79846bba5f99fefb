/* args.c - see args.h. Reading order: nearest word, complaints, values, parsing, reading, help. */
#include "args.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORD 40u              /* longer words are not compared */

/* ------------------------------------------------------------- nearest word */

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Optimal string alignment distance (Damerau 1964, each place edited once). */
static uint32_t distance(const char *a, const char *b) {
  const size_t n = strlen(a), m = strlen(b);
  if (n > MAX_WORD || m > MAX_WORD) return UINT32_MAX;
  uint32_t rows[3][MAX_WORD + 1];
  uint32_t *before = rows[0], *last = rows[1], *row = rows[2];
  for (uint32_t j = 0; j <= m; j++) last[j] = j;
  for (uint32_t i = 1; i <= n; i++) {
    row[0] = i;
    for (uint32_t j = 1; j <= m; j++) {
      const uint32_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = least(row[j], before[j - 2] + 1);
    }
    uint32_t *const oldest = before;
    before = last;
    last = row;
    row = oldest;
  }
  return last[m];
}

const char *cli_nearest(const char *got, cli_word_at at, const void *list) {
  const char *best = NULL;
  uint32_t best_distance = 1 + (uint32_t)least((uint32_t)strlen(got), 12) / 3;
  const char *word;
  for (uint32_t i = 0; (word = at(list, i)) != NULL; i++) {
    const uint32_t d = strncmp(word, got, strlen(got)) == 0 && strlen(got) >= 3 ? 1 : distance(got, word);
    if (d < best_distance || (d == best_distance && best == NULL)) {
      best = word;
      best_distance = d;
    }
  }
  return best;
}

const char *cli_word_in_list(const void *list, uint32_t i) {
  return ((const char *const *)list)[i];
}

static const char *option_name_at(const void *list, uint32_t i) {
  const cli_args *args = list;
  return i < args->n_options ? args->options[i].name : NULL;
}

/* --------------------------------------------------------------- complaints */

static bool complain(const cli_args *args, const char *what, const char *about, const char *then) {
  fprintf(stderr, "inkling %s: %s%s%s\n", args->command, what, about, then);
  fprintf(stderr, "Try: inkling %s --help\n", args->command);
  return false;
}

static bool unknown_option(const cli_args *args, const char *word) {
  const size_t n = strcspn(word, "=");
  char got[MAX_WORD + 1];
  const char *nearest = NULL;
  if (n <= MAX_WORD) {
    memcpy(got, word, n);
    got[n] = '\0';
    nearest = cli_nearest(got + strspn(got, "-"), option_name_at, args);
  }
  fprintf(stderr, "inkling %s: unknown option %.*s", args->command, (int)n, word);
  if (nearest != NULL) fprintf(stderr, "; did you mean --%s?", nearest);
  fprintf(stderr, "\nTry: inkling %s --help\n", args->command);
  return false;
}

static bool bad_number(const cli_args *args, const cli_option *o, const char *text) {
  fprintf(stderr, "inkling %s: --%s is \"%s\"; allowed is a %s from %.15g to %.15g\n", args->command, o->name, text,
          o->kind == CLI_WHOLE ? "whole number" : "number", o->low, o->high);
  return false;
}

static bool bad_word(const cli_args *args, const cli_option *o, const char *text) {
  const char *nearest = cli_nearest(text, cli_word_in_list, o->words);
  fprintf(stderr, "inkling %s: --%s is \"%s\"; allowed:", args->command, o->name, text);
  for (uint32_t i = 0; o->words[i] != NULL; i++) fprintf(stderr, " %s", o->words[i]);
  if (nearest != NULL) fprintf(stderr, "; did you mean %s?", nearest);
  fprintf(stderr, "\n");
  return false;
}

/* ------------------------------------------------------------------- values */

/* Decimal digits only: strtod alone would take "0x10", " 5", "nan" and "1e3" for a whole number. */
static bool parse_number(const cli_option *o, const char *text, double *number) {
  const char *allowed = o->kind == CLI_WHOLE ? "+-0123456789" : "+-.eE0123456789";
  if (text[0] == '\0' || text[strspn(text, allowed)] != '\0') return false;
  char *end;
  const double value = strtod(text, &end);
  if (*end != '\0' || !isfinite(value) || value < o->low || value > o->high) return false;
  *number = value;
  return true;
}

static bool take_value(cli_args *args, uint32_t option, const char *text) {
  const cli_option *o = &args->options[option];
  if (!o->repeats && cli_args_text(args, option) != NULL) {
    return complain(args, "given twice: --", o->name, "");
  }
  cli_found found = { option, text, 0 };
  if (o->kind == CLI_WHOLE || o->kind == CLI_REAL) {
    if (!parse_number(o, text, &found.number)) return bad_number(args, o, text);
  } else if (o->kind == CLI_WORD) {
    uint32_t i = 0;
    while (o->words[i] != NULL && strcmp(o->words[i], text) != 0) i++;
    if (o->words[i] == NULL) return bad_word(args, o, text);
    found.number = i;
  }
  args->found[args->n_found++] = found;
  return true;
}

/* ------------------------------------------------------------------ parsing */

/* The option that `word` names, and where in it a joined value starts (NULL: none). */
static const cli_option *match_option(const cli_args *args, const char *word, const char **joined) {
  const bool is_long = word[1] == '-';
  for (uint32_t i = 0; i < args->n_options; i++) {
    const cli_option *o = &args->options[i];
    const size_t n = strlen(o->name);
    if (is_long && strncmp(word + 2, o->name, n) == 0 && (word[2 + n] == '\0' || word[2 + n] == '=')) {
      *joined = word[2 + n] == '=' ? word + 2 + n + 1 : NULL;
      return o;
    }
    if (!is_long && o->letter != 0 && word[1] == o->letter) {
      *joined = word[2] != '\0' ? word + 2 : NULL;
      return o;
    }
  }
  return NULL;
}

/* Takes the option at argv[*i], and its value, moving *i past both. */
static bool take_option(cli_args *args, uint32_t argc, char **argv, uint32_t *i) {
  const char *word = argv[(*i)++];
  const char *joined = NULL;
  const cli_option *o = match_option(args, word, &joined);
  if (o == NULL) return unknown_option(args, word);
  const uint32_t option = (uint32_t)(o - args->options);
  if (o->kind == CLI_FLAG) {
    if (joined != NULL) return complain(args, "takes no value: --", o->name, "");
    args->found[args->n_found++] = (cli_found){ option, NULL, 0 };
    return true;
  }
  if (joined != NULL) return take_value(args, option, joined);
  if (*i == argc) return complain(args, "a value must follow --", o->name, "");
  return take_value(args, option, argv[(*i)++]);
}

bool cli_args_parse(cli_args *args, uint32_t argc, char **argv, bool *help) {
  args->n_words = args->n_found = 0;
  *help = false;
  bool only_words = false;
  for (uint32_t i = 0; i < argc;) {
    const char *word = argv[i];
    if (!only_words && strcmp(word, "--") == 0) {
      only_words = true;
      i++;
    } else if (!only_words && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
      *help = true;
      i++;
    } else if (!only_words && word[0] == '-' && word[1] != '\0') {
      if (!take_option(args, argc, argv, &i)) return *help;   /* a call for help forgives the rest */
    } else {
      args->words[args->n_words++] = word;
      i++;
    }
  }
  return true;
}

bool cli_args_complete(const cli_args *args) {
  for (uint32_t i = 0; i < args->n_options; i++) {
    if (args->options[i].required && cli_args_text(args, i) == NULL) {
      return complain(args, "missing: --", args->options[i].name, "");
    }
  }
  return true;
}

/* ------------------------------------------------------------------ reading */

uint32_t cli_args_index(const cli_args *args, const char *name) {
  for (uint32_t i = 0; i < args->n_options; i++) {
    if (strcmp(args->options[i].name, name) == 0) return i;
  }
  return UINT32_MAX;
}

static const cli_found *find(const cli_args *args, uint32_t option) {
  for (uint32_t i = args->n_found; i-- > 0;) {
    if (args->found[i].option == option) return &args->found[i];
  }
  return NULL;
}

bool cli_args_flag(const cli_args *args, uint32_t option) {
  return find(args, option) != NULL;
}

const char *cli_args_text(const cli_args *args, uint32_t option) {
  const cli_found *f = find(args, option);
  return f == NULL ? NULL : f->text;
}

double cli_args_number(const cli_args *args, uint32_t option, double standard) {
  const cli_found *f = find(args, option);
  return f == NULL ? standard : f->number;
}

const char *cli_args_next(const cli_args *args, uint32_t option, uint32_t *cursor) {
  while (*cursor < args->n_found) {
    const cli_found *f = &args->found[(*cursor)++];
    if (f->option == option) return f->text;
  }
  return NULL;
}

/* --------------------------------------------------------------------- help */

#define HELP_INDENT 30u
#define HELP_WIDTH 100u

void cli_print_wrapped(const char *text, uint32_t indent, FILE *out) {
  uint32_t column = indent;
  while (*text != '\0') {
    const uint32_t n = (uint32_t)strcspn(text, " ");
    if (column > indent && column + 1 + n > HELP_WIDTH) {
      fprintf(out, "\n%*s", (int)indent, "");
      column = indent;
    } else if (column > indent) {
      fputc(' ', out);
      column++;
    }
    fprintf(out, "%.*s", (int)n, text);
    column += n;
    text += n;
    text += strspn(text, " ");
  }
  fputc('\n', out);
}

void cli_args_help(const cli_option *options, uint32_t n_options, FILE *out) {
  for (uint32_t i = 0; i < n_options; i++) {
    const cli_option *o = &options[i];
    char head[64];
    const char short_form[5] = { '-', o->letter, ',', ' ', '\0' };
    const int n = snprintf(head, sizeof head, "  %s--%s%s%s", o->letter != 0 ? short_form : "    ", o->name,
                           o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
    fprintf(out, "%-*s", (int)HELP_INDENT, head);
    if (n + 1 >= (int)HELP_INDENT) fprintf(out, "\n%*s", (int)HELP_INDENT, "");
    cli_print_wrapped(o->help, HELP_INDENT, out);
  }
}
