/* sgd_body.h - the steps of sgd.h, written once over eight lanes. Included by each sgd_<isa>.c after its lanes header
 * (kernel_body.h explains what that brings); closes with that file's table. */
#include "sgd_tables.h"

#include "base.h"

#define SGD_NAMED_TWICE(isa) ink_sgd_##isa
#define SGD_NAMED(isa) SGD_NAMED_TWICE(isa)

static float margin(const float *u, const float *x, const float *y, size_t d) {
  f32x8 sum = zero8();
  for (size_t j = 0; j < d; j += 8) sum = add8(sum, mul8(load8(u + j), sub8(load8(x + j), load8(y + j))));
  return fold8(sum);
}

static float dot(const float *a, const float *b, size_t d) {
  f32x8 sum = zero8();
  for (size_t j = 0; j < d; j += 8) sum = add8(sum, mul8(load8(a + j), load8(b + j)));
  return fold8(sum);
}

static void pair(float *restrict u, float *restrict x, float *restrict y, size_t d, float pull, float keep) {
  const f32x8 p = splat8(pull), k = splat8(keep);
  for (size_t j = 0; j < d; j += 8) {
    const f32x8 a = load8(u + j), b = load8(x + j), c = load8(y + j), to = mul8(p, a);
    store8(u + j, add8(mul8(k, a), mul8(p, sub8(b, c))));
    store8(x + j, add8(mul8(k, b), to));
    store8(y + j, sub8(mul8(k, c), to));
  }
}

static void meet(const float *restrict u, float *restrict x, float *restrict sum, size_t d, float pull) {
  const f32x8 p = splat8(pull);
  for (size_t j = 0; j < d; j += 8) {
    const f32x8 b = load8(x + j);
    store8(sum + j, add8(load8(sum + j), mul8(p, b)));
    store8(x + j, add8(b, mul8(p, load8(u + j))));
  }
}

const ink_sgd SGD_NAMED(LANES_ISA) = { LANES_NAME, margin, dot, pair, meet };
