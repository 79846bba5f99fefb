/* word_file.c - see word_file.h. The readers are those of `inkling import` (import_words.c). */
#include "word_file.h"

#include <string.h>

#include "files.h"
#include "import_formats.h"
#include "word_vectors.h"

/* Does the first line hold two fields ("400000 300")? Then it is word2vec's. */
static int looks_like_word2vec(cli *c, const char *path, bool *is_word2vec) {
  cli_source *source;
  char head[64] = "";
  size_t n = 0, got = 1;
  const int code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  const ink_source view = cli_source_view(source);
  while (n < sizeof head && got > 0) {
    if (view.read(view.ctx, head + n, sizeof head - n, &got) != INK_OK) break;
    n += got;
  }
  uint32_t blanks = 0, at = 0;
  for (; at < n && head[at] != '\n'; at++) blanks += head[at] == ' ';
  *is_word2vec = at < n && blanks == 1;
  cli_source_close(source);
  return CLI_DONE;
}

int cli_word_file(cli *c, const char *path, ink_dataset *data) {
  cli_vectors *v = cli_take(c->memory, 1, sizeof *v);
  ink_word_vectors *words = cli_take(c->memory, 1, sizeof *words);
  cli_source *source;
  bool is_word2vec = false;
  if (v == NULL || words == NULL) return cli_no_memory();
  int code = looks_like_word2vec(c, path, &is_word2vec);
  if (code == CLI_DONE) code = cli_source_open(c->memory, path, &source);
  if (code != CLI_DONE) return code;
  memset(v, 0, sizeof *v);
  v->c = c;
  v->path = path;
  v->format = is_word2vec ? "word2vec" : "glove";
  v->zero_rows = CLI_ZERO_DROP;
  code = is_word2vec ? cli_import_word2vec(v, source) : cli_import_glove(v, source);
  cli_source_close(source);
  *words = (ink_word_vectors){ .names = v->ids, .rows = v->rows, .d = v->d };
  data->words = words;
  return code;
}
