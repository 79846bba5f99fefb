/* files_folder.c - what lies in a folder; see files.h. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

bool cli_is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

typedef struct listing { cli_memory *memory; const char *folder; char **paths; uint32_t n, cap; } listing;

static int add(listing *l, const char *name) {
  const size_t n = strlen(l->folder) + strlen(name) + 2;
  if (l->n == l->cap) {
    const uint32_t cap = l->cap * 2 + 16;
    char **paths = cli_resize(l->memory, l->paths, cap * sizeof *paths);
    if (paths == NULL) return cli_no_memory();
    l->paths = paths;
    l->cap = cap;
  }
  char *path = cli_take(l->memory, n, 1);
  if (path == NULL) return cli_no_memory();
  (void)snprintf(path, n, "%s/%s", l->folder, name);
  l->paths[l->n++] = path;
  return CLI_DONE;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int cli_folder_files(cli_memory *memory, const char *path, const char *start, char ***paths, uint32_t *n) {
  listing l = { .memory = memory, .folder = path };
  DIR *folder = opendir(path);
  if (folder == NULL) {
    fprintf(stderr, "inkling: cannot open %s: %s\n", path, strerror(errno));
    return CLI_REFUSED;
  }
  int code = CLI_DONE;
  for (const struct dirent *entry = readdir(folder); entry != NULL && code == CLI_DONE; entry = readdir(folder)) {
    if (strncmp(entry->d_name, start, strlen(start)) == 0) code = add(&l, entry->d_name);
  }
  (void)closedir(folder);
  if (l.n > 1) qsort(l.paths, l.n, sizeof *l.paths, by_bytes);
  *paths = l.paths;
  *n = l.n;
  return code;
}
