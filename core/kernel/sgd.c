/* sgd.c - which table of sgd.h this CPU can run: what runs the inference table of an instruction set runs its steps. AVX-512
 * has the lanes of AVX2. */
#include "sgd.h"

#include "kernel.h"
#include "sgd_tables.h"

#include "base.h"

static const ink_sgd *const tables[] = {
#if defined(__x86_64__)
  &ink_sgd_avx2, &ink_sgd_sse2,
#elif defined(__aarch64__)
  &ink_sgd_neon,
#elif defined(__wasm_simd128__)
  &ink_sgd_wasm128,
#endif
  &ink_sgd_ref,
};

static bool same_name(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

const ink_sgd *ink_sgd_named(const char *name) {
  for (size_t i = 0; i < INK_COUNT_OF(tables); i++)
    if (same_name(tables[i]->name, name) && ink_kernels_named(name)) return tables[i];
  return NULL;
}

const ink_sgd *ink_sgd_best(void) {
  for (size_t i = 0; i < INK_COUNT_OF(tables); i++)
    if (ink_kernels_named(tables[i]->name)) return tables[i];
  return &ink_sgd_ref;
}
