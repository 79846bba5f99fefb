/* tune_space.c - see tune_space.h. */
#include "tune_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "hash.h"
#include "rng.h"
#include "settings.h"

#define STANDARD_FACTOR 4.0       /* without --try: from standard / 4 to standard * 4 */
#define LOG_FROM 8.0              /* a range whose ends are that far apart is drawn by its logarithm */

static bool parse_value(const ink_setting *s, const char *text, size_t n, double *value) {
  for (uint32_t i = 0; s->words != NULL && s->words[i] != NULL; i++) {
    if (strlen(s->words[i]) == n && memcmp(s->words[i], text, n) == 0) { *value = i; return true; }
  }
  if (s->words != NULL || !ink_decimal_parse((ink_text){ text, (uint32_t)n }, value)) return false;
  return *value >= s->low && *value <= s->high && (!s->whole || floor(*value) == *value);
}

static int bad_try(const cli *c, const char *words, const ink_setting *s) {
  if (s->words != NULL) return cli_bad_words(c, "--try %s: allowed are words of the setting, as %s=%s,%s", words, s->name, s->words[0], s->words[1]);
  return cli_bad_words(c, "--try %s: allowed are %snumbers from %.9g to %.9g, as %s=A,B,C or %s=A..B", words, s->whole ? "whole " : "", s->low,
                       s->high, s->name, s->name);
}

static void set_range(const ink_setting *s, double low, double high, tune_dim *d) {
  *d = (tune_dim){ .setting = d->setting, .low = low < s->low ? s->low : low, .high = high > s->high ? s->high : high };
  d->by_log = d->low > 0 && d->high / d->low >= LOG_FROM;
}

static bool read_range(const ink_setting *s, const char *text, const char *dots, tune_dim *d) {
  double low, high;
  if (s->words != NULL || !parse_value(s, text, (size_t)(dots - text), &low) || !parse_value(s, dots + 2, strlen(dots + 2), &high)) return false;
  if (low >= high) return false;
  set_range(s, low, high, d);
  return true;
}

static bool read_choices(const ink_setting *s, const char *text, tune_dim *d) {
  for (;;) {
    const size_t n = strcspn(text, ",");
    if (d->n_choices == TUNE_MOST_CHOICES || !parse_value(s, text, n, &d->choices[d->n_choices])) return false;
    d->n_choices++;
    if (text[n] == '\0') return true;
    text += n + 1;
  }
}

/* The setting that "NAME=..." begins with; NULL where the family has none of that name. */
static const ink_setting *named(const ink_trainer *t, const char *words, const char *equals) {
  const size_t n = (size_t)(equals - words);
  for (uint32_t i = 0; i < t->n_settings; i++)
    if (strlen(t->settings[i].name) == n && memcmp(t->settings[i].name, words, n) == 0) return &t->settings[i];
  return NULL;
}

bool tune_space_try(tune_space *space, const char *words) {
  const char *equals = strchr(words, '=');
  const ink_setting *s = equals == NULL ? NULL : named(space->trainer, words, equals);
  if (s == NULL || space->n_dims == TUNE_MOST_DIMS) return false;
  tune_dim *d = &space->dims[space->n_dims];
  *d = (tune_dim){ .setting = (uint32_t)(s - space->trainer->settings) };
  const char *dots = strstr(equals + 1, "..");
  const bool ok = dots != NULL ? read_range(s, equals + 1, dots, d) : read_choices(s, equals + 1, d);
  space->n_dims += ok;
  return ok;
}

static int read_try(cli *c, const char *words, tune_space *space) {
  const ink_trainer *t = space->trainer;
  const char *equals = strchr(words, '=');
  if (equals == NULL || equals == words) return cli_bad_words(c, "--try %s: what is tried is written NAME=A,B,C or NAME=A..B", words);
  const ink_setting *s = named(t, words, equals);
  if (s == NULL)
    return cli_bad_words(c, "%s has no setting \"%.*s\"; inkling train %s --help lists them", t->name, (int)(equals - words), words, t->name);
  if (space->n_dims == TUNE_MOST_DIMS) return cli_bad_words(c, "--try: at most %u settings", TUNE_MOST_DIMS);
  return tune_space_try(space, words) ? CLI_DONE : bad_try(c, words, s);
}

static bool is_set(const cli *c, const char *name) {
  uint32_t cursor = 0;
  const char *pair;
  const size_t n = strlen(name);
  while ((pair = cli_args_next(&c->args, cli_args_index(&c->args, "set"), &cursor)) != NULL) {
    if (strncmp(pair, name, n) == 0 && pair[n] == '=') return true;
  }
  return false;
}

static void around_standard(const cli *c, tune_space *space) {
  for (uint32_t i = 0; i < space->trainer->n_settings && space->n_dims < TUNE_MOST_DIMS; i++) {
    const ink_setting *s = &space->trainer->settings[i];
    if (s->words != NULL || s->standard <= 0 || is_set(c, s->name)) continue;
    tune_dim d = { .setting = i };
    set_range(s, s->standard / STANDARD_FACTOR, s->standard * STANDARD_FACTOR, &d);
    if (s->whole) d.low = ceil(d.low);
    if (d.low < d.high) space->dims[space->n_dims++] = d;
  }
}

int tune_space_read(cli *c, const ink_trainer *trainer, tune_space *space) {
  *space = (tune_space){ .trainer = trainer, .values = cli_take(c->memory, trainer->n_settings + 1u, sizeof(double)) };
  if (space->values == NULL) return cli_no_memory();
  int code = cli_settings(c, trainer, space->values);
  uint32_t cursor = 0;
  const char *words;
  while (code == CLI_DONE && (words = cli_args_next(&c->args, cli_args_index(&c->args, "try"), &cursor)) != NULL) code = read_try(c, words, space);
  if (code == CLI_DONE && space->n_dims == 0) around_standard(c, space);
  if (code == CLI_DONE && space->n_dims == 0) return cli_bad_words(c, "%s has no number to try: say what, as --try NAME=A,B,C", trainer->name);
  return code;
}

/* ----------------------------------------------------------------- drawing */

/* Four digits are more than any setting needs, and survive being printed. */
static double rounded(const ink_setting *s, double value) {
  char text[32];
  if (s->whole) return floor(value + 0.5);
  (void)snprintf(text, sizeof text, "%.4g", value);
  return strtod(text, NULL);
}

static double draw(const ink_setting *s, const tune_dim *d, ink_rng *rng) {
  if (d->n_choices > 0) return d->choices[ink_rng_below(rng, d->n_choices)];
  const double at = ink_rng_f64(rng);
  const double value = rounded(s, d->by_log ? d->low * pow(d->high / d->low, at) : d->low + (d->high - d->low) * at);
  return value < d->low ? d->low : value > d->high ? d->high : value;
}

void tune_space_draw(const tune_space *space, uint64_t seed, uint32_t config, double *values) {
  memcpy(values, space->values, space->trainer->n_settings * sizeof *values);
  if (config == 0) return;
  ink_rng rng;
  ink_rng_seed(&rng, seed, config);
  for (uint32_t i = 0; i < space->n_dims; i++) {
    const tune_dim *d = &space->dims[i];
    values[d->setting] = draw(&space->trainer->settings[d->setting], d, &rng);
  }
}

/* ----------------------------------------------------------------- showing */

void tune_value_text(const ink_setting *s, double value, char out[64]) {
  if (s->words != NULL) (void)snprintf(out, 64, "%s", value < 0 ? "auto" : s->words[(size_t)value]);
  else (void)snprintf(out, 64, "%.9g", value);
}

void tune_values_text(const ink_trainer *trainer, const double *values, const double *usual, char *out, size_t cap) {
  size_t n = 0;
  out[0] = '\0';
  for (uint32_t i = 0; i < trainer->n_settings && n < cap; i++) {
    const ink_setting *s = &trainer->settings[i];
    char text[64];
    if (values[i] == usual[i]) continue;
    tune_value_text(s, values[i], text);
    const int wrote = snprintf(out + n, cap - n, "%s%s=%s", n == 0 ? "" : " ", s->name, text);
    n += wrote > 0 ? (size_t)wrote : 0;
  }
}

void tune_space_print(const tune_space *space, FILE *out) {
  for (uint32_t i = 0; i < space->n_dims; i++) {
    const tune_dim *d = &space->dims[i];
    const ink_setting *s = &space->trainer->settings[d->setting];
    char text[64];
    fprintf(out, "  %-24s", s->name);
    for (uint32_t k = 0; k < d->n_choices; k++) {
      tune_value_text(s, d->choices[k], text);
      fprintf(out, " %s", text);
    }
    if (d->n_choices == 0) fprintf(out, " %.9g to %.9g%s", d->low, d->high, d->by_log ? ", by the logarithm" : "");
    fputc('\n', out);
  }
}

uint64_t tune_space_hash(const tune_space *space, uint64_t seed) {
  uint64_t h = ink_hash64(space->trainer->name, strlen(space->trainer->name), seed);
  h = ink_hash64(space->values, space->trainer->n_settings * sizeof *space->values, h);
  for (uint32_t i = 0; i < space->n_dims; i++) {
    const tune_dim *d = &space->dims[i];
    const double numbers[] = { d->setting, d->n_choices, d->low, d->high };
    h = ink_hash64(numbers, sizeof numbers, h);
    h = ink_hash64(d->choices, d->n_choices * sizeof *d->choices, h);
  }
  return h;
}
