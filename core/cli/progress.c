/* progress.c - see progress.h. */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR 24u

double cli_seconds(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) return 0;
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void cli_progress_init(cli_progress *progress) {
  *progress = (cli_progress){ .on = isatty(STDERR_FILENO) != 0, .stage = "" };
}

static void draw_bar(double part) {
  const uint32_t n_full = (uint32_t)(part * BAR);
  fputc('[', stderr);
  for (uint32_t i = 0; i < BAR; i++) fputc(i < n_full ? '#' : '.', stderr);
  fprintf(stderr, "] %3.0f%%", part * 100);
}

/* At the pace so far; where training may end early, at most that. */
static void draw_left(const cli_progress *progress, const ink_progress *p) {
  const double spent = progress->last - progress->started;
  if (p->total <= p->done || p->done <= progress->first || spent < 2) return;
  const double left = spent * (double)(p->total - p->done) / (double)(p->done - progress->first);
  if (left < 90) fprintf(stderr, ", %.0f s left", left);
  else if (left < 5400) fprintf(stderr, ", %.0f min left", left / 60);
  else fprintf(stderr, ", %.1f h left", left / 3600);
}

static void draw(const cli_progress *progress, const ink_progress *p) {
  fprintf(stderr, "\r\033[K%s ", p->stage);
  if (p->total > 0) {
    const double part = (double)p->done / (double)p->total;
    draw_bar(part < 1 ? part : 1);
  } else {
    fprintf(stderr, "%llu", (unsigned long long)p->done);
  }
  if (isfinite(p->loss)) fprintf(stderr, "  loss %.5g", p->loss);
  if (isfinite(p->metric)) fprintf(stderr, "  metric %.4f", p->metric);
  fprintf(stderr, "  %.1f s", progress->last - progress->started);
  draw_left(progress, p);
  fflush(stderr);
}

bool cli_progress_show(void *ctx, const ink_progress *p) {
  cli_progress *progress = ctx;
  if (!progress->on) return true;
  const double now = cli_seconds();
  if (strcmp(progress->stage, p->stage) != 0) {
    progress->stage = p->stage;
    progress->started = now;
    progress->first = p->done;
    progress->last = 0;
  }
  if (now - progress->last < 0.1 && p->done != p->total) return true;
  progress->last = now;
  progress->drawn = true;
  draw(progress, p);
  return true;
}

void cli_progress_end(cli_progress *progress) {
  if (progress->drawn) fprintf(stderr, "\r\033[K");
  progress->drawn = false;
  progress->stage = "";
}
