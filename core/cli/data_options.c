/* data_options.c - see data_options.h. */
#include "data_options.h"

#include <string.h>

#include "files.h"

const char *const cli_format_words[] = { "auto", "csv", "tsv", "ratings", "adjacency", "sequence", "jsonl", NULL };
const char *const cli_encoding_words[] = { "utf8", "latin1", NULL };

_Static_assert(INK_FORMAT_CSV == 1 && INK_FORMAT_JSONL == 6 && INK_ENCODING_LATIN1 == 1, "words stand in the order of their numbers");

static const char *text_of(const cli *c, const char *name) { return cli_args_text(&c->args, cli_args_index(&c->args, name)); }
static uint32_t word_of(const cli *c, const char *name) { return (uint32_t)cli_args_number(&c->args, cli_args_index(&c->args, name), 0); }

static char *copy_text(cli *c, const char *text) {
  const size_t n = strlen(text) + 1;
  char *copy = cli_take(c->memory, n, 1);
  if (copy != NULL) memcpy(copy, text, n);
  return copy;
}

/* "user=A,item=B": sets the names that are given. */
static int read_columns(cli *c, const char *text, ink_read_options *options) {
  static const char *const roles[] = { "user", "item", "value", "time", "kind", NULL };
  const char **const names[] = { &options->user, &options->item, &options->value, &options->time, &options->kind };
  char *part = copy_text(c, text);
  if (part == NULL) return cli_no_memory();
  while (part != NULL) {
    char *comma = strchr(part, ',');
    if (comma != NULL) *comma = '\0';
    char *equals = strchr(part, '=');
    uint32_t i = 0;
    if (equals != NULL) *equals = '\0';
    while (roles[i] != NULL && strcmp(roles[i], part) != 0) i++;
    if (equals == NULL || equals[1] == '\0' || roles[i] == NULL) {
      const char *nearest = roles[i] == NULL ? cli_nearest(part, cli_word_in_list, roles) : NULL;
      return cli_bad_words(c, "--columns: \"%s\" is not user=NAME, item=NAME, value=NAME, time=NAME or kind=NAME%s", part,
                           cli_did_you_mean(c, nearest));
    }
    *names[i] = equals + 1;
    part = comma == NULL ? NULL : comma + 1;
  }
  return CLI_DONE;
}

int cli_event_options(cli *c, ink_read_options *options) {
  *options = (ink_read_options){ .format = word_of(c, "format"), .encoding = word_of(c, "encoding"),
                                 .default_kind = text_of(c, "kind"), .kind_weights = text_of(c, "kind-weights") };
  if (text_of(c, "liked-from") != NULL) {
    float *liked_from = cli_take(c->memory, 1, sizeof *liked_from);
    if (liked_from == NULL) return cli_no_memory();
    *liked_from = (float)cli_args_number(&c->args, cli_args_index(&c->args, "liked-from"), 0);
    options->liked_from = liked_from;
  }
  const char *columns = text_of(c, "columns");
  return columns == NULL ? CLI_DONE : read_columns(c, columns, options);
}

int cli_item_options(cli *c, ink_items_options *options) {
  *options = (ink_items_options){ .names = text_of(c, "items-columns"), .types = text_of(c, "items-types"),
                                  .tag_separator = text_of(c, "tag-separator"), .encoding = word_of(c, "items-encoding"),
                                  .all_items = cli_args_flag(&c->args, cli_args_index(&c->args, "all-items")) };
  if (options->names != NULL) options->format = INK_FORMAT_RATINGS;
  if (options->tag_separator != NULL && strlen(options->tag_separator) != 1) {
    return cli_bad_words(c, "--tag-separator must be one character");
  }
  return CLI_DONE;
}

/* ------------------------------------------------------------------ reading */

static int told(cli *c, ink_status status, const cli_source *source) {
  if (status == INK_OK) return CLI_DONE;
  return status == INK_E_READ ? cli_source_complain(source) : cli_refuse(c, status, NULL);
}

int cli_dataset_read(cli *c, const char *path, const ink_read_options *options, const ink_dataset *start_from, ink_dataset *data) {
  cli_source *source;
  int code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  const ink_train_env env = cli_env(c);
  const ink_source view = cli_source_view(source);
  ink_dataset_init(data, &env.allocator);
  code = told(c, ink_dataset_read(data, &view, options, start_from, &env), source);
  cli_source_close(source);
  if (code != CLI_DONE) ink_dataset_free(data);
  return code;
}

int cli_items_read(cli *c, const char *path, const ink_items_options *options, ink_dataset *data) {
  cli_source *source;
  int code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  const ink_train_env env = cli_env(c);
  const ink_source view = cli_source_view(source);
  code = told(c, ink_dataset_read_items(data, &view, options, &env), source);
  cli_source_close(source);
  return code;
}
