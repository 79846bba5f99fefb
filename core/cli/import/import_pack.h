/* import_pack.h - from imported vectors to the tensors of a pack that can serve at once. */
#ifndef CLI_IMPORT_PACK_H
#define CLI_IMPORT_PACK_H

#include "columns.h"
#include "vectors.h"

typedef struct cli_import_options {
  const char *items;              /* --items FILE, or NULL */
  ink_items_options items_options;
  const char *events;             /* --events FILE, or NULL */
  ink_read_options events_options;
  double unobserved;              /* weight of what a person did not touch; < 0: the default */
  double regularization;          /* as a share of the vectors' mean square; < 0: the default */
} cli_import_options;

typedef struct cli_import_report {
  double a0, lambda, nu;          /* als.settings as written */
  uint32_t n_columns;
  uint64_t n_events, n_unknown;   /* of --events; events whose item has no vector */
} cli_import_report;

/* Adds als.items, als.gram, als.settings, popular.scores, the catalogue and its columns. Gives an exit code. */
int cli_import_tensors(cli *c, const cli_vectors *v, const cli_import_options *options, ink_trained *out, cli_import_report *report);

#endif
