/* model_tensors.h - from a safetensors file of a model to the tensors of a pack. */
#ifndef CLI_MODEL_TENSORS_H
#define CLI_MODEL_TENSORS_H

#include "cli.h"
#include "files.h"

typedef struct cli_model_tensors {
  uint32_t n_items;               /* of the catalogue */
  uint32_t length;                /* of the window, where the file has no settings */
  uint32_t first_row;             /* rows of a recurrent family's tables that are no item */
  char models[256];               /* out: the families found, with commas between */
} cli_model_tensors;

/* Adds the file's tensors, and the settings of lstm or gru where the file has none. Gives an exit code; a refusal names the
 * tensor. What a family thinks of types and shapes is told when the pack is opened (save_pack.h). */
int cli_model_tensors_add(cli *c, const cli_file *file, cli_model_tensors *m, ink_trained *out);

#endif
