/* read_some.h - one read of a descriptor that may have been opened without waiting, as pipes under node:wasi are: a signal in
 * between is no end, and neither is a moment without bytes. */
#ifndef INK_READ_SOME_H
#define INK_READ_SOME_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

static inline bool ink_wait_for_bytes(int fd) {
  struct pollfd one = { .fd = fd, .events = POLLIN };
  return poll(&one, 1, -1) >= 0 || errno == EINTR;
}

/* Up to cap bytes; 0 at the end, -1 with errno. */
static inline ssize_t ink_read_some(int fd, void *buf, size_t cap) {
  for (;;) {
    const ssize_t n = read(fd, buf, cap < 0x40000000 ? cap : 0x40000000);
    if (n >= 0) return n;
    if (errno == EAGAIN ? !ink_wait_for_bytes(fd) : errno != EINTR) return -1;
  }
}

#endif
