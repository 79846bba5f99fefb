/* settings.h - a family's settings on the command line: --set key=value against the family's table, and
 * that table as help. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli.h"

/* The trainer of a family; tells of unknown names, with the nearest. NULL then. */
const ink_trainer *cli_trainer(const cli *c, const char *family);
const ink_trainer *cli_find_trainer(const char *family);

/* values [trainer->n_settings]: the standard ones, then every --set of the call, and the lines of --set @FILE. Gives an exit code. */
int cli_settings(cli *c, const ink_trainer *trainer, double *values);

/* The family whose tensors a trainer makes. */
static inline const char *cli_family_of(const ink_trainer *trainer) { return trainer->serves != NULL ? trainer->serves : trainer->name; }

/* The families, and the blend. */
void cli_print_trainers(FILE *out);
void cli_print_settings(const ink_trainer *trainer, FILE *out);
/* Members of an open object, words as words. */
void cli_put_settings(ink_json_out *out, const ink_trainer *trainer, const double *values);

#endif
