/* model_tensors.h - from a safetensors file of a model to the tensors of a pack. */
#ifndef CLI_MODEL_TENSORS_H
#define CLI_MODEL_TENSORS_H

#include "cli.h"
#include "files.h"

typedef struct cli_model_tensors {
  uint32_t n_items;               /* of the catalogue */
  uint32_t length;                /* of the window, where the file has no settings */
  uint32_t first_row;             /* rows of a recurrent family's tables that are no item */
  char models[256];               /* io: families that are there already, each with a comma behind it; out: all, commas between */
} cli_model_tensors;

/* Adds the file's tensors, and the settings of lstm or gru where the file has none. Of a file that is a pack only the models
 * are taken; its items must be those of `out`. Gives an exit code; a refusal names the tensor. What a family thinks of types
 * and shapes is told when the pack is opened (save_pack.h). */
int cli_model_tensors_add(cli *c, const cli_file *file, cli_model_tensors *m, ink_trained *out);

/* Metadata as it stands in a header; what holds escapes is left out. */
ink_status cli_model_meta(ink_trained *out, ink_text key, ink_text value);

#endif
