/* kernel_pick.c - which table this CPU can run. Pure functions: they ask each time and remember nothing.
 *
 * On x86 the CPU's word is not enough: registers wider than 128 bits must also be saved by the operating
 * system, which XCR0 tells. __builtin_cpu_supports() would do the same through libgcc's cached globals,
 * which the core may not have. On AArch64 NEON is part of the base; in wasm the module was compiled
 * with or without SIMD, and the loader chose. */
#include "kernel.h"

#include "base.h"

/* Table i that this machine can run, fastest first; NULL after the last. */
static const ink_kernels *usable(unsigned i) {
  return i == 0 ? &ink_kernels_ref : NULL;
}

const ink_kernels *ink_kernels_best(void) { return usable(0); }

static bool same_name(const char *a, const char *b) {
  while (*a != '\0' && *a == *b) a++, b++;
  return *a == *b;
}

const ink_kernels *ink_kernels_named(const char *name) {
  const ink_kernels *table;
  for (unsigned i = 0; (table = usable(i)) != NULL; i++) {
    if (same_name(table->name, name)) return table;
  }
  return NULL;
}

const char *ink_kernels_name(const ink_kernels *kernels) { return kernels->name; }
