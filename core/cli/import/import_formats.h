/* import_formats.h - the readers of vectors, one a format. Each takes an empty cli_vectors whose path and
 * options are set, fills it, and gives an exit code; a refusal names the place. None runs what a file says.
 *   tensor  --tensor NAME, or NULL: the one that can be meant
 *   ids     --ids FILE's ids, or NULL: the file's own, else the rows' numbers
 * Whole-file readers get the mapped file; text readers stream. */
#ifndef CLI_IMPORT_FORMATS_H
#define CLI_IMPORT_FORMATS_H

#include "files.h"
#include "vectors.h"

int cli_import_npy(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);
int cli_import_npz(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);
int cli_import_safetensors(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);
int cli_import_word2vec_binary(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);

/* Models that Python libraries pickle: gensim, LightFM, Surprise. */
int cli_import_pickle(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);

/* Parquet with the columns `id` and --tensor (default: features); a folder that Spark saved. */
int cli_import_parquet(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids);
int cli_import_folder(cli_vectors *v);
/* Neighbours that implicit saved: names the items, and adds the tensors of item_knn instead of vectors. */
bool cli_is_item_item(cli *c, const cli_file *file);
int cli_import_item_item(cli_vectors *v, const cli_file *file, const ink_names *ids, ink_trained *out);

int cli_import_word2vec(cli_vectors *v, cli_source *source);
int cli_import_glove(cli_vectors *v, cli_source *source);
int cli_import_csv(cli_vectors *v, cli_source *source);
int cli_import_jsonl(cli_vectors *v, cli_source *source);

/* Ids from a side file: lines of text, a JSON array of strings (.json), or a NumPy array (.npy). */
int cli_import_ids(cli *c, const char *path, ink_names *ids);

/* What the first bytes of a file look like: "npy", "word2vec-binary" ..., or NULL. */
const char *cli_import_detect(const uint8_t *bytes, size_t n, uint64_t file_bytes);

#endif
