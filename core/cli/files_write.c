/* files_write.c - writing whole or not at all; see files.h.
 * The names of temporary files stand in a small static table, because a signal handler must find them. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef __wasi__
#include <signal.h>
#endif

#include "cli.h"

#define BUFFER 65536u
#define MAX_TEMPORARIES 4u

struct cli_output {
  const char *path;               /* as the user wrote it */
  char *target, *temporary;       /* temporary NULL: written directly, nothing to rename */
  int fd;                         /* -1 when closed */
  int error;                      /* errno of the first failure */
  uint64_t written;
  size_t n;
  uint8_t buffer[BUFFER];
};

/* ------------------------------------------------------------------ signals */

static const char *volatile temporaries[MAX_TEMPORARIES];

static void remember(const char *old, const char *fresh) {
  for (uint32_t i = 0; i < MAX_TEMPORARIES; i++) {
    if (temporaries[i] == old) { temporaries[i] = fresh; return; }
  }
}

#ifdef __wasi__
void cli_files_guard(void) { remember(NULL, NULL); }

static int open_new(const char *path, mode_t mode) { return open(path, O_WRONLY | O_CREAT | O_EXCL, mode); }
#else
static void remove_temporaries(void) {
  for (uint32_t i = 0; i < MAX_TEMPORARIES; i++) {
    if (temporaries[i] != NULL) (void)unlink(temporaries[i]);
  }
}

static void on_end(int number) {
  remove_temporaries();
  (void)signal(number, SIG_DFL);
  (void)raise(number);
}

static void on_bus_error(int number) {
  (void)number;
  static const char text[] = "inkling: a file became shorter while it was read\n";
  remove_temporaries();
  const ssize_t told = write(STDERR_FILENO, text, sizeof text - 1);
  (void)told;
  _exit(CLI_FAILED);
}

void cli_files_guard(void) {
  struct sigaction end = { .sa_handler = on_end }, bus = { .sa_handler = on_bus_error }, ignore = { .sa_handler = SIG_IGN };
  (void)sigaction(SIGINT, &end, NULL);
  (void)sigaction(SIGTERM, &end, NULL);
  (void)sigaction(SIGHUP, &end, NULL);
  (void)sigaction(SIGBUS, &bus, NULL);
  (void)sigaction(SIGXFSZ, &ignore, NULL);       /* write() then answers EFBIG */
}

/* A new file that is in the table from the moment it exists: signals wait meanwhile. */
static int open_new(const char *path, mode_t mode) {
  sigset_t all, before;
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_BLOCK, &all, &before);
  const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const int error = errno;
  if (fd >= 0) remember(NULL, path);
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return fd;
}
#endif

/* ------------------------------------------------------------------ opening */

static int complain(const char *path, int error) {
  fprintf(stderr, "inkling: cannot write %s: %s\n", path, strerror(error));
  return CLI_FAILED;
}

/* The file that a chain of symbolic links ends at, so that the link stays a link. */
static char *resolve(cli_memory *memory, const char *path) {
#ifndef __wasi__
  char *real = realpath(path, NULL);
  if (real != NULL) {
    char *kept = cli_take(memory, strlen(real) + 1, 1);
    if (kept != NULL) strcpy(kept, real);
    free(real);
    return kept;
  }
#endif
  char *kept = cli_take(memory, strlen(path) + 1, 1);
  if (kept != NULL) strcpy(kept, path);
  return kept;
}

/* A new file beside the target that nobody else has. */
static bool open_temporary(cli_output *out, mode_t mode) {
  const size_t cap = strlen(out->target) + 32;
  for (uint32_t k = 0; k < 1000; k++) {
    (void)snprintf(out->temporary, cap, "%s.part-%u", out->target, k);
    out->fd = open_new(out->temporary, mode);
    if (out->fd >= 0) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

static int open_beside(cli_memory *memory, cli_output *out, mode_t mode) {
  out->target = resolve(memory, out->path);
  if (out->target == NULL) return cli_no_memory();
  out->temporary = cli_take(memory, strlen(out->target) + 32, 1);
  if (out->temporary == NULL) return cli_no_memory();
  return open_temporary(out, mode) ? CLI_DONE : complain(out->path, errno);
}

int cli_output_open(cli_memory *memory, const char *path, cli_output **output) {
  cli_output *out = cli_take(memory, 1, sizeof *out);
  if (out == NULL) return cli_no_memory();
  *out = (cli_output){ .path = path, .fd = -1 };
  struct stat st;
  int code = CLI_DONE;
  if (strcmp(path, "-") == 0) {
    out->path = "standard output";
    out->fd = STDOUT_FILENO;
  } else if (stat(path, &st) != 0) {
    code = open_beside(memory, out, 0666);
  } else if (S_ISREG(st.st_mode)) {
    code = open_beside(memory, out, st.st_mode & 0777);
  } else {                                       /* a device or a pipe: there is nothing to rename */
    out->fd = open(path, O_WRONLY | O_CLOEXEC);
    if (out->fd < 0) code = complain(path, errno);
  }
  if (code == CLI_DONE) *output = out;
  return code;
}

/* ------------------------------------------------------------------ writing */

static bool flush_buffer(cli_output *out) {
  size_t done = 0;
  while (done < out->n && out->error == 0) {
    const ssize_t n = write(out->fd, out->buffer + done, out->n - done);
    if (n > 0) done += (size_t)n;
    else if (n == 0) out->error = ENOSPC;
    else if (errno != EINTR) out->error = errno;
  }
  out->n = 0;
  return out->error == 0;
}

ink_status cli_output_write(void *output, const void *bytes, size_t n) {
  cli_output *out = output;
  const uint8_t *p = bytes;
  out->written += n;
  while (n > 0) {
    const size_t room = BUFFER - out->n, take = n < room ? n : room;
    memcpy(out->buffer + out->n, p, take);
    out->n += take;
    p += take;
    n -= take;
    if (out->n == BUFFER && !flush_buffer(out)) return INK_E_STOPPED;
  }
  return out->error == 0 ? INK_OK : INK_E_STOPPED;
}

uint64_t cli_output_bytes(const cli_output *output) { return output->written; }
bool cli_output_failed(const cli_output *output) { return output->error != 0; }

int cli_output_reopen(cli_memory *memory, cli_output *output, cli_file *file) {
  *file = (cli_file){ .path = NULL };
  if (!flush_buffer(output)) return complain(output->path, output->error);
  return output->temporary == NULL ? CLI_DONE : cli_file_load(memory, output->temporary, SIZE_MAX / 2, file);
}

/* Everything on the disk and the descriptor closed. */
static bool finish(cli_output *out) {
  bool good = flush_buffer(out);
  if (good && out->temporary != NULL && fsync(out->fd) != 0) { out->error = errno; good = false; }
  if (out->fd > STDERR_FILENO && close(out->fd) != 0 && good) { out->error = errno; good = false; }
  out->fd = -1;
  return good;
}

/* The rename itself must reach the disk too; a system that cannot do this is no failure. */
static void sync_folder(const char *target) {
#ifdef __wasi__
  (void)target;
#else
  char folder[4096];
  const char *slash = strrchr(target, '/');
  const size_t n = slash == NULL ? 0 : slash == target ? 1 : (size_t)(slash - target);
  if (n >= sizeof folder) return;
  memcpy(folder, n == 0 ? "." : target, n == 0 ? 1 : n);
  folder[n == 0 ? 1 : n] = '\0';
  const int fd = open(folder, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  (void)close(fd);
#endif
}

static bool rename_output(cli_output *out) {
  if (out->temporary == NULL) return true;
  if (rename(out->temporary, out->target) != 0) { out->error = errno; return false; }
  remember(out->temporary, NULL);
  out->temporary = NULL;
  sync_folder(out->target);
  return true;
}

int cli_output_commit(cli_output *const *outputs, uint32_t n) {
  bool good = true;
  uint32_t bad = 0;
  for (uint32_t i = 0; i < n && good; i++) { good = finish(outputs[i]); bad = i; }
  for (uint32_t i = 0; i < n && good; i++) { good = rename_output(outputs[i]); bad = i; }
  if (good) return CLI_DONE;
  const int code = complain(outputs[bad]->path, outputs[bad]->error);
  for (uint32_t i = 0; i < n; i++) cli_output_drop(outputs[i]);
  return code;
}

void cli_output_drop(cli_output *output) {
  if (output == NULL) return;
  if (output->fd > STDERR_FILENO) (void)close(output->fd);
  output->fd = -1;
  if (output->temporary == NULL) return;
  (void)unlink(output->temporary);
  remember(output->temporary, NULL);
  output->temporary = NULL;
}
