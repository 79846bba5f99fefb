/* kernel_pick.c - which table this CPU can run. Pure functions: they ask each time and remember nothing.
 *
 * On x86 the CPU's word is not enough: registers wider than 128 bits must also be saved by the operating
 * system, which XCR0 tells. __builtin_cpu_supports() would do the same through libgcc's cached globals,
 * which the core may not have. On AArch64 NEON is part of the base; in wasm the module was compiled
 * with or without SIMD, and the loader chose. INK_ONE_TABLE leaves the reference table out of a module that has
 * a better one: a fifth of its bytes. */
#include "kernel.h"

#include "base.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* Bits of XCR0: SSE and AVX state; and the three parts of AVX-512 state. */
#define XCR0_AVX 0x06u
#define XCR0_AVX512 0xe6u

static uint32_t saved_by_os(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static bool all_of(uint32_t bits, uint32_t wanted) { return (bits & wanted) == wanted; }

typedef struct cpu {
  bool avx2, avx512;
} cpu;

static cpu ask_cpu(void) {
  /* leaf 1 ecx: FMA, OSXSAVE, AVX, F16C. leaf 7 ebx: AVX2; AVX512F, DQ, BW, VL. leaf 7 ecx: VNNI.
   * FMA is asked for because the files are compiled with it, for training's matrix product. */
  const uint32_t leaf1 = 1u << 12 | 1u << 27 | 1u << 28 | 1u << 29, leaf7_avx2 = 1u << 5;
  const uint32_t leaf7_avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31, leaf7_vnni = 1u << 11;
  cpu found = { false, false };
  uint32_t eax, ebx, ecx, edx;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !all_of(ecx, leaf1)) return found;
  const uint32_t saved = saved_by_os();         /* legal because OSXSAVE is among leaf1's bits */
  if (!all_of(saved, XCR0_AVX)) return found;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !all_of(ebx, leaf7_avx2)) return found;
  found.avx2 = true;
  found.avx512 = all_of(saved, XCR0_AVX512) && all_of(ebx, leaf7_avx512) && all_of(ecx, leaf7_vnni);
  return found;
}
#endif

/* Table i that this machine can run, fastest first; NULL after the last. */
static const ink_kernels *usable(unsigned i) {
#if defined(__x86_64__)
  const cpu found = ask_cpu();
  if (found.avx512 && i-- == 0) return &ink_kernels_avx512;
  if (found.avx2 && i-- == 0) return &ink_kernels_avx2;
  if (i-- == 0) return &ink_kernels_sse2;
#elif defined(__aarch64__)
  if (i-- == 0) return &ink_kernels_neon;
#elif defined(__wasm_simd128__)
  if (i-- == 0) return &ink_kernels_wasm128;
#endif
#if defined(INK_ONE_TABLE) && defined(__wasm_simd128__)
  return NULL;
#else
  return i == 0 ? &ink_kernels_ref : NULL;
#endif
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
