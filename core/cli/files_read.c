/* files_read.c - whole files and streams; see files.h. A file that shrinks while it is mapped raises
 * SIGBUS; files_write.c turns that into a sentence and exit code 4. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#ifndef __wasi__
#include <sys/mman.h>
#endif

#include "cli.h"
#include "read_some.h"

#define CHUNK 65536u

static bool is_dash(const char *path) { return strcmp(path, "-") == 0; }
static const char *shown(const char *path) { return is_dash(path) ? "standard input" : path; }

/* Names that do not exist or may not be read are refused input; anything else is the system's failure. */
static int complain_open(const char *path) {
  const bool refused = errno == ENOENT || errno == EACCES || errno == EISDIR || errno == ENOTDIR || errno == ENAMETOOLONG;
  fprintf(stderr, "inkling: cannot open %s: %s\n", shown(path), strerror(errno));
  return refused ? CLI_REFUSED : CLI_FAILED;
}

static int complain_read(const char *path, int error) {
  fprintf(stderr, "inkling: cannot read %s: %s\n", shown(path), strerror(error));
  return error == EISDIR ? CLI_REFUSED : CLI_FAILED;
}

static int open_for_reading(const char *path, int *fd) {
  *fd = is_dash(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  return *fd < 0 ? complain_open(path) : CLI_DONE;
}

static void close_descriptor(int fd) {
  if (fd > STDERR_FILENO) (void)close(fd);
}

/* ------------------------------------------------------------- whole files */

static int complain_size(const char *path, size_t max_bytes) {
  fprintf(stderr, "inkling: %s has more than %zu bytes, which is the most that is read here\n", shown(path), max_bytes);
  return CLI_REFUSED;
}

/* Reads to the end, whatever the descriptor is. */
static int slurp(cli_memory *memory, int fd, size_t guess, size_t max_bytes, cli_file *file) {
  size_t cap = guess + 1 > CHUNK ? guess + 1 : CHUNK, n = 0;
  uint8_t *bytes = cli_take(memory, cap, 1);
  for (;;) {
    if (bytes == NULL) return cli_no_memory();
    const ssize_t got = ink_read_some(fd, bytes + n, cap - n);
    if (got < 0) return complain_read(file->path, errno);
    if (got == 0) break;
    n += (size_t)got;
    if (n > max_bytes) return complain_size(file->path, max_bytes);
    if (n == cap) {
      cap = cap <= SIZE_MAX / 2 ? cap * 2 : 0;
      bytes = cap == 0 ? NULL : cli_resize(memory, bytes, cap);
    }
  }
  file->bytes = bytes;
  file->n = n;
  return CLI_DONE;
}

#ifdef __wasi__
static bool map_whole(int fd, size_t n, cli_file *file) {
  (void)fd; (void)n; (void)file;
  return false;
}
#else
static bool map_whole(int fd, size_t n, cli_file *file) {
  if (n == 0) return false;
  void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
  if (p == MAP_FAILED) return false;
  file->bytes = p;
  file->n = n;
  file->mapped = true;
  return true;
}
#endif

int cli_file_load(cli_memory *memory, const char *path, size_t max_bytes, cli_file *file) {
  *file = (cli_file){ .path = path };
  int fd;
  int code = open_for_reading(path, &fd);
  if (code != CLI_DONE) return code;
  struct stat st;
  if (fstat(fd, &st) != 0) {
    code = complain_read(path, errno);
  } else if (S_ISDIR(st.st_mode)) {
    code = complain_read(path, EISDIR);
  } else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max_bytes) {
    code = complain_size(path, max_bytes);
  } else if (!S_ISREG(st.st_mode) || !map_whole(fd, (size_t)st.st_size, file)) {
    code = slurp(memory, fd, S_ISREG(st.st_mode) ? (size_t)st.st_size : 0, max_bytes, file);
  }
  close_descriptor(fd);
  return code;
}

void cli_file_close(cli_file *file) {
#ifndef __wasi__
  if (file->mapped) (void)munmap((void *)(uintptr_t)file->bytes, file->n);
#endif
  *file = (cli_file){ .path = file->path };
}

/* ----------------------------------------------------------------- streams */

struct cli_source {
  const char *path;
  int fd;
  int error;                      /* errno of a failed read; 0: none */
  bool gzip, damaged, ended;
  uint64_t file_bytes;            /* 0: not known */
  z_stream inflater;
  uint32_t first, n;              /* what of `in` is still to be used */
  uint8_t in[CHUNK];
};

/* Fills the empty input buffer. */
static bool refill(cli_source *s) {
  s->first = s->n = 0;
  const ssize_t got = ink_read_some(s->fd, s->in, sizeof s->in);
  if (got < 0) { s->error = errno; return false; }
  s->n = (uint32_t)got;
  return true;
}

static bool start_gzip(cli_source *s) {
  s->gzip = s->n >= 2 && s->in[0] == 0x1f && s->in[1] == 0x8b;
  return !s->gzip || inflateInit2(&s->inflater, 16 + MAX_WBITS) == Z_OK;
}

int cli_source_open(cli_memory *memory, const char *path, cli_source **source) {
  cli_source *s = cli_take(memory, 1, sizeof *s);
  if (s == NULL) return cli_no_memory();
  memset(s, 0, sizeof *s);
  s->path = path;
  const int code = open_for_reading(path, &s->fd);
  if (code != CLI_DONE) return code;
  struct stat st;
  if (fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode)) s->file_bytes = (uint64_t)st.st_size;
  if (!refill(s)) {
    close_descriptor(s->fd);
    return complain_read(path, s->error);
  }
  if (!start_gzip(s)) {
    close_descriptor(s->fd);
    return cli_no_memory();
  }
  *source = s;
  return CLI_DONE;
}

static ink_status read_plain(cli_source *s, uint8_t *buf, size_t cap, size_t *n) {
  if (s->n == 0 && !refill(s)) return INK_E_READ;
  const uint32_t take = s->n < cap ? s->n : (uint32_t)cap;
  memcpy(buf, s->in + s->first, take);
  s->first += take;
  s->n -= take;
  *n = take;
  return INK_OK;
}

/* After a member's end: another member, or zeros that pad the file (as tar and dd leave them), or the end. */
static bool next_member(cli_source *s) {
  if (s->n == 0 && !refill(s)) return false;
  while (s->n > 0 && s->in[s->first] == 0) {
    s->first++;
    s->n--;
    if (s->n == 0 && !refill(s)) return false;
  }
  s->ended = s->n == 0;
  return s->ended || inflateReset(&s->inflater) == Z_OK;
}

static ink_status read_gzip(cli_source *s, uint8_t *buf, size_t cap, size_t *n) {
  s->inflater.next_out = buf;
  s->inflater.avail_out = cap < UINT32_MAX ? (uInt)cap : UINT32_MAX;
  const uInt room = s->inflater.avail_out;
  while (s->inflater.avail_out == room && !s->ended) {
    if (s->n == 0 && !refill(s)) return INK_E_READ;
    if (s->n == 0) { s->damaged = true; return INK_E_READ; }    /* the file ends inside a member */
    s->inflater.next_in = s->in + s->first;
    s->inflater.avail_in = s->n;
    const int result = inflate(&s->inflater, Z_NO_FLUSH);
    s->first += s->n - s->inflater.avail_in;
    s->n = s->inflater.avail_in;
    if (result == Z_STREAM_END) {
      if (!next_member(s)) return INK_E_READ;
    } else if (result != Z_OK) {
      s->damaged = true;
      return INK_E_READ;
    }
  }
  *n = room - s->inflater.avail_out;
  return INK_OK;
}

static ink_status read_source(void *ctx, void *buf, size_t cap, size_t *n) {
  cli_source *s = ctx;
  *n = 0;
  if (cap == 0) return INK_OK;
  return s->gzip ? read_gzip(s, buf, cap, n) : read_plain(s, buf, cap, n);
}

ink_source cli_source_view(cli_source *source) {
  return (ink_source){ source, read_source, shown(source->path), source->gzip ? 0 : source->file_bytes };
}

void cli_source_close(cli_source *source) {
  if (source->gzip) (void)inflateEnd(&source->inflater);
  close_descriptor(source->fd);
  source->gzip = false;
  source->fd = -1;
}

int cli_source_complain(const cli_source *s) {
  if (!s->damaged) return complain_read(s->path, s->error != 0 ? s->error : EIO);
  fprintf(stderr, "inkling: READ: %s: the gzip data is damaged or ends early\n", shown(s->path));
  return CLI_REFUSED;
}
