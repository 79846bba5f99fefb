/* replay.c - a plain main for a fuzz target: feeds it every file of its corpus, so that the corpus
 * guards builds that have no libFuzzer (gcc, AArch64, WASI). CMake names the folder.
 * A finding ends the program; reaching the last line is the test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads a file whole; NULL when it cannot. The block is one byte longer, so that n = 0 is a block too. */
static uint8_t *read_whole(const char *path, size_t *n) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  uint8_t *bytes = NULL;
  if (fseek(file, 0, SEEK_END) == 0) {
    const long end = ftell(file);
    rewind(file);
    bytes = end < 0 ? NULL : malloc((size_t)end + 1);
    if (bytes) *n = fread(bytes, 1, (size_t)end, file);
  }
  fclose(file);
  return bytes;
}

int main(void) {
  unsigned replayed = 0, unread = 0;
  DIR *folder = opendir(INK_CORPUS);
  for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", INK_CORPUS, entry->d_name);
    size_t n = 0;
    uint8_t *bytes = read_whole(path, &n);
    if (bytes) LLVMFuzzerTestOneInput(bytes, n);
    if (bytes) replayed++;
    else unread++;
    free(bytes);
  }
  if (folder) closedir(folder);
  printf("%s: %u inputs replayed, %u could not be read\n", INK_CORPUS, replayed, unread);
  printf("replay: %d passed, %d failed\n", replayed > 0 && unread == 0, replayed == 0 || unread > 0);
  return replayed == 0 || unread > 0;
}
