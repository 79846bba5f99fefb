/* settings.c - see settings.h. */
#include "settings.h"

#include <math.h>
#include <string.h>

#include "decimal.h"
#include "files.h"
#include "hybrid_train.h"

#define MOST_FILE_BYTES (1u << 20)

/* ----------------------------------------------------------------- trainers */

/* The blend goes last: it is none of the trainers, its members have theirs. */
static const char *trainer_name_at(const void *list, uint32_t i) {
  (void)list;
  return i < ink_n_trainers ? ink_trainers[i]->name : i == ink_n_trainers ? cli_trainer_hybrid.name : NULL;
}

const ink_trainer *cli_find_trainer(const char *family) {
  for (uint32_t i = 0; i < ink_n_trainers; i++) {
    if (strcmp(ink_trainers[i]->name, family) == 0) return ink_trainers[i];
  }
  return NULL;
}

const ink_trainer *cli_trainer(const cli *c, const char *family) {
  const ink_trainer *trainer = cli_find_trainer(family);
  if (trainer != NULL) return trainer;
  const char *nearest = cli_nearest(family, trainer_name_at, NULL);
  (void)cli_bad_words(c, "no family \"%s\"%s; inkling train --help lists them", family, cli_did_you_mean(c, nearest));
  return NULL;
}

/* ----------------------------------------------------------------- --set */

static const char *setting_name_at(const void *list, uint32_t i) {
  const ink_trainer *trainer = list;
  return i < trainer->n_settings ? trainer->settings[i].name : NULL;
}

static int bad_value(cli *c, const ink_setting *s, const char *text) {
  if (s->words == NULL) {
    return cli_bad_words(c, "--set %s=%s: allowed is a %s from %.9g to %.9g", s->name, text, s->whole ? "whole number" : "number",
                         s->low, s->high);
  }
  char words[160] = "";
  size_t n = 0;
  for (uint32_t i = 0; s->words[i] != NULL && n + 1 < sizeof words; i++) {
    const int wrote = snprintf(words + n, sizeof words - n, "%s%s", i == 0 ? "" : ", ", s->words[i]);
    n += wrote > 0 ? (size_t)wrote : 0;
  }
  return cli_bad_words(c, "--set %s=%s: allowed are %s", s->name, text, words);
}

static int set_value(cli *c, const ink_setting *s, const char *text, double *value) {
  if (s->words != NULL) {
    for (uint32_t i = 0; s->words[i] != NULL; i++) {
      if (strcmp(s->words[i], text) == 0) { *value = i; return CLI_DONE; }
    }
    return bad_value(c, s, text);
  }
  double number;
  if (!ink_decimal_parse(cli_text(text), &number) || number < s->low || number > s->high) return bad_value(c, s, text);
  if (s->whole && floor(number) != number) return bad_value(c, s, text);
  *value = number;
  return CLI_DONE;
}

/* `from_file`: what a --set of the call says goes before it. */
static int take_setting(cli *c, const ink_trainer *trainer, const char *pair, bool from_file, double *values, bool *given) {
  const char *equals = strchr(pair, '=');
  if (equals == NULL || equals == pair) return cli_bad_words(c, "--set %s: a setting is written NAME=VALUE", pair);
  const size_t n = (size_t)(equals - pair);
  for (uint32_t i = 0; i < trainer->n_settings; i++) {
    const char *name = trainer->settings[i].name;
    if (strlen(name) != n || memcmp(name, pair, n) != 0) continue;
    if (from_file && given[i]) return CLI_DONE;
    if (given[i]) return cli_bad_words(c, "--set %s is given twice", name);
    given[i] = !from_file;
    return set_value(c, &trainer->settings[i], equals + 1, &values[i]);
  }
  char name[48];
  (void)snprintf(name, sizeof name, "%.*s", (int)(n < 47 ? n : 47), pair);
  const char *nearest = cli_nearest(name, setting_name_at, trainer);
  return cli_bad_words(c, "%s has no setting \"%s\"%s; inkling train %s --help lists them", trainer->name, name,
                       cli_did_you_mean(c, nearest), trainer->name);
}

/* --set @FILE: a setting a line, as tune writes them; empty lines and those with # are skipped. */
static int take_file(cli *c, const ink_trainer *trainer, const char *path, double *values, bool *given) {
  cli_file file = { 0 };
  int code = cli_file_load(c->memory, path, MOST_FILE_BYTES, &file);
  const char *text = (const char *)file.bytes, *end = text + file.n;
  while (code == CLI_DONE && text < end) {
    const char *close = memchr(text, '\n', (size_t)(end - text));
    const size_t n = (size_t)((close == NULL ? end : close) - text);
    char *line = cli_take(c->memory, n + 1, 1);
    if (line == NULL) code = cli_no_memory();
    else {
      memcpy(line, text, n);
      line[n > 0 && text[n - 1] == '\r' ? n - 1 : n] = '\0';
      if (line[0] != '\0' && line[0] != '#') code = take_setting(c, trainer, line, true, values, given);
    }
    text += n + 1;
  }
  cli_file_close(&file);
  return code;
}

int cli_settings(cli *c, const ink_trainer *trainer, double *values) {
  bool *given = cli_take(c->memory, trainer->n_settings + 1u, sizeof *given);
  if (given == NULL) return cli_no_memory();
  for (uint32_t i = 0; i < trainer->n_settings; i++) {
    values[i] = trainer->settings[i].standard;
    given[i] = false;
  }
  uint32_t cursor = 0;
  const uint32_t option = cli_args_index(&c->args, "set");
  const char *pair;
  while ((pair = cli_args_next(&c->args, option, &cursor)) != NULL) {
    const int code = pair[0] == '@' ? take_file(c, trainer, pair + 1, values, given) : take_setting(c, trainer, pair, false, values, given);
    if (code != CLI_DONE) return code;
  }
  return CLI_DONE;
}

/* ------------------------------------------------------------------ showing */

void cli_print_trainers(FILE *out) {
  for (uint32_t i = 0; i < ink_n_trainers; i++) fprintf(out, "  %-12s %s\n", ink_trainers[i]->name, ink_trainers[i]->about);
  fprintf(out, "  %-12s %s\n", cli_trainer_hybrid.name, cli_trainer_hybrid.about);
}

/* A value below 0 is no word: the family chooses by the data. */
static const char *word_of(const ink_setting *s, double value) { return value < 0 ? "auto" : s->words[(size_t)value]; }

static void print_standard(const ink_setting *s, char out[64]) {
  if (s->words != NULL) (void)snprintf(out, 64, "%s", word_of(s, s->standard));
  else (void)snprintf(out, 64, "%.9g", s->standard);
}

/* "help (low to high)", or "help: word, word". */
static void describe(const ink_setting *s, char *out, size_t cap) {
  int n = snprintf(out, cap, "%s", s->help);
  if (s->words == NULL && n > 0 && (size_t)n < cap) (void)snprintf(out + n, cap - (size_t)n, " (%.9g to %.9g)", s->low, s->high);
  for (uint32_t k = 0; s->words != NULL && s->words[k] != NULL && n > 0 && (size_t)n < cap; k++) {
    n += snprintf(out + n, cap - (size_t)n, "%s%s", k == 0 ? " [" : ", ", s->words[k]);
  }
  if (s->words != NULL && n > 0 && (size_t)n < cap) (void)snprintf(out + n, cap - (size_t)n, "]");
}

void cli_print_settings(const ink_trainer *trainer, FILE *out) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) {
    const ink_setting *s = &trainer->settings[i];
    char standard[64], text[400];
    print_standard(s, standard);
    describe(s, text, sizeof text);
    fprintf(out, "  %-24s %-9s ", s->name, standard);
    cli_print_wrapped(text, 37, out);
  }
}

void cli_put_settings(ink_json_out *out, const ink_trainer *trainer, const double *values) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) {
    const ink_setting *s = &trainer->settings[i];
    if (s->words != NULL) ink_json_string(out, s->name, word_of(s, values[i]));
    else ink_json_double(out, s->name, values[i]);
  }
}
