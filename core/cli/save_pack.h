/* save_pack.h - from tensors to a pack's file; shared by train and import. */
#ifndef CLI_SAVE_PACK_H
#define CLI_SAVE_PACK_H

#include "cli.h"
#include "dataset.h"
#include "files.h"

/* Options of the commands that write packs. */
#define CLI_PACK_NAME_OPTION { .name = "name", .kind = CLI_TEXT, .value = "TEXT", .help = "the pack's name (default: from the output file)" }
#define CLI_PACK_LICENCE_OPTION { .name = "licence", .kind = CLI_TEXT, .value = "TEXT", .help = "the data's licence, to be shown with the pack" }
#define CLI_COUNTED_EVENTS_OPTION { .name = "events", .kind = CLI_TEXT, .value = "FILE", \
                                    .help = "events to count, for the popular items that a person without a history is shown" }

/* Says whose pack it is: metadata `name` (else made of the output's file name), `licence` (may be NULL), `models`. */
int cli_describe_pack(cli *c, ink_trained *trained, const char *name, const char *licence, const char *models, const char *output_path);
/* Writes all of the pack into `output`, reads it back through the gate and opens its models: what would be
 * refused later is refused now. The caller commits. Gives an exit code.
 *   digest [65]  out: hexadecimal `data.sha256`, closed; "" for a pipe, which cannot be read back */
int cli_write_pack(cli *c, const ink_trained *trained, cli_output *output, const char *path, char digest[65]);

/* PACK.training, in the call's memory; NULL without memory. */
char *cli_sidecar_path(cli *c, const char *pack_path);
/* The pack, and beside it PACK.training: who of `kept` was trained on. Both or neither get their names.
 *   sidecar  out: its path; NULL for a pipe, which has none */
int cli_save_trained(cli *c, const ink_trained *trained, const ink_dataset *kept, const char *path, uint64_t *bytes, char **sidecar);

#endif
