/* import_pages.h - what stands inside a page of Parquet: packed bytes, and numbers in runs. */
#ifndef CLI_IMPORT_PAGES_H
#define CLI_IMPORT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Snappy's raw format: exactly n_out bytes must come out of all of `in`. */
bool pages_unsnappy(const uint8_t *in, size_t n_in, uint8_t *out, size_t n_out);
/* gzip: exactly n_out bytes. */
bool pages_gunzip(const uint8_t *in, size_t n_in, uint8_t *out, size_t n_out);

/* The hybrid of runs and bit-packed groups: levels, and places in a dictionary. */
typedef struct pages_runs {
  const uint8_t *at, *end;
  uint32_t width;                 /* bits of a number, 0..32 */
  uint64_t left;                  /* numbers of the present run */
  bool packed;
  uint32_t value;                 /* of a run */
  uint64_t bit;                   /* inside of packed groups */
  const uint8_t *groups;
} pages_runs;

bool pages_next(pages_runs *r, uint32_t *value);

#endif
