/* fuzzlib.h - what fuzz targets share: a check that ends the program, exact copies that let a sanitizer see
 * every step outside, and libFuzzer's mutator where there is one. */
#ifndef INK_FUZZLIB_H
#define INK_FUZZLIB_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inkling.h"
#include "utf8.h"

#define FUZZ_CHECK(cond)                                              \
  do {                                                                \
    if (!(cond)) {                                                    \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);      \
      abort();                                                        \
    }                                                                 \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t cap, unsigned seed);
/* libFuzzer's own mutator; not there in replays. */
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t cap) __attribute__((weak));

/* A block of exactly n bytes (one where n is 0), aligned like malloc. */
static inline void *fuzz_copy(const void *bytes, size_t n) {
  void *copy = malloc(n > 0 ? n : 1);
  if (copy == NULL) abort();
  if (n > 0) memcpy(copy, bytes, n);
  return copy;
}

/* A block of at least n bytes, aligned to 64. */
static inline void *fuzz_memory(size_t n) {
  void *const mem = aligned_alloc(64, (n + 63) / 64 * 64 + (n == 0 ? 64 : 0));
  if (mem == NULL) abort();
  return mem;
}

/* A refusal tells its code, and its sentence is text whatever the input held. */
static inline void fuzz_check_fault(ink_status status, const ink_fault *fault) {
  char text[600];
  FUZZ_CHECK(fault->code == (uint32_t)status);
  const size_t n = ink_fault_text(fault, text, sizeof text);
  FUZZ_CHECK(n > 0 && n < sizeof text && strlen(text) == n && ink_utf8_valid(text, n));
}

#endif
