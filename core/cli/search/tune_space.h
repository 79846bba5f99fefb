/* tune_space.h - which settings of a family are tried, and with what values. */
#ifndef CLI_TUNE_SPACE_H
#define CLI_TUNE_SPACE_H

#include "cli.h"

#define TUNE_MOST_DIMS 64u
#define TUNE_MOST_CHOICES 64u

/* One setting: some values, or a range. */
typedef struct tune_dim {
  uint32_t setting;               /* index into the trainer's table */
  uint32_t n_choices;             /* 0: a range */
  double choices[TUNE_MOST_CHOICES];
  double low, high;
  bool by_log;                    /* evenly in the logarithm: from 0.001 to 1 each power of ten gets the same */
} tune_dim;

typedef struct tune_space {
  const ink_trainer *trainer;
  double *values;                 /* [trainer->n_settings] of what is not tried: standard, and --set */
  tune_dim dims[TUNE_MOST_DIMS];
  uint32_t n_dims;
} tune_space;

/* From every --try of the call; without any, each number of the family's settings that is above 0 and not given by --set
 * is tried from a quarter to four times its standard. Gives an exit code. */
int tune_space_read(cli *c, const ink_trainer *trainer, tune_space *space);

/* Adds what one --try says ("factors=32,64" or "factors=32..256"). False where the family has no such setting or value. */
bool tune_space_try(tune_space *space, const char *words);

/* Settings [trainer->n_settings] of a configuration: a pure function of seed and number. Configuration 0 is the space's own
 * values. Numbers are rounded to what is printed, so that a printed setting trains the same model. */
void tune_space_draw(const tune_space *space, uint64_t seed, uint32_t config, double *values);

/* A setting's value as --set wants it. */
void tune_value_text(const ink_setting *setting, double value, char out[64]);

/* "factors=64 alpha=2": every value that differs from `usual`; "" where none does. */
void tune_values_text(const ink_trainer *trainer, const double *values, const double *usual, char *out, size_t cap);

/* The space in words, one setting a line. */
void tune_space_print(const tune_space *space, FILE *out);
/* Folds what the space means into a hash, so that a state of another search is recognised. */
uint64_t tune_space_hash(const tune_space *space, uint64_t seed);

#endif
