/* data_options.h - options that several commands share because they read the same files: events and items.
 * A command puts the rows it offers into its table; they are found by name. */
#ifndef CLI_DATA_OPTIONS_H
#define CLI_DATA_OPTIONS_H

#include "cli.h"
#include "columns.h"
#include "dataset.h"

extern const char *const cli_format_words[], *const cli_encoding_words[];

/* Rows of an option table: how an events file is read. */
#define CLI_EVENT_OPTIONS                                                                                              \
  { .name = "format", .kind = CLI_WORD, .words = cli_format_words, .value = "F",                                       \
    .help = "auto (default), csv, tsv (with a header), ratings (user item value time, no header), adjacency "          \
            "(user item item ...), sequence (the same, in time order), jsonl; any of them gzipped" },                  \
  { .name = "columns", .kind = CLI_TEXT, .value = "user=A,item=B",                                                     \
    .help = "names of the columns user, item, value, time and kind where they are not the usual ones" },               \
  { .name = "encoding", .kind = CLI_WORD, .words = cli_encoding_words, .value = "E", .help = "utf8 (default) or latin1" }, \
  { .name = "kind", .kind = CLI_TEXT, .value = "KIND",                                                                 \
    .help = "kind of events that name none (default: rating where the file has values, else view)" },                  \
  { .name = "kind-weights", .kind = CLI_TEXT, .value = "like=3,...", .help = "weights of kinds other than the usual ones" }, \
  { .name = "liked-from", .kind = CLI_REAL, .low = -1e11, .high = 1e11, .value = "X",                                  \
    .help = "ratings below X speak against an item (default: every rating speaks for it)" }

/* Rows of an option table: the catalogue's file. */
#define CLI_ITEM_OPTIONS                                                                                               \
  { .name = "items", .kind = CLI_TEXT, .value = "FILE", .help = "what is known about each item: id, title, genres ... (CSV, TSV, JSON lines)" }, \
  { .name = "items-columns", .kind = CLI_TEXT, .value = "id,title,-",                                                  \
    .help = "names of the columns of an items file without a header line; - leaves one out" },                         \
  { .name = "items-types", .kind = CLI_TEXT, .value = "year=number", .help = "number, text, tags or skip for columns that are not seen right" }, \
  { .name = "items-encoding", .kind = CLI_WORD, .words = cli_encoding_words, .value = "E", .help = "utf8 (default) or latin1" }, \
  { .name = "tag-separator", .kind = CLI_TEXT, .value = "C", .help = "character between tags (default |)" },           \
  { .name = "all-items", .kind = CLI_FLAG, .help = "also items that no event names become part of the catalogue" }

/* The options of the call as core/train wants them. Gives an exit code. */
int cli_event_options(cli *c, ink_read_options *options);
int cli_item_options(cli *c, ink_items_options *options);

/* Reads a whole file; on success the caller frees *data. Gives an exit code. */
int cli_dataset_read(cli *c, const char *path, const ink_read_options *options, const ink_dataset *start_from, ink_dataset *data);
int cli_items_read(cli *c, const char *path, const ink_items_options *options, ink_dataset *data);

#endif
