/* fmath.h - exp, log, tanh, sigmoid, sqrt, pow without a math library: the same bits on every build.
 *
 * Only +, -, *, / and bit patterns are used, in the order written, with no FMA; so every IEEE machine that rounds
 * to nearest gives the same result. The float functions have no branches and no tables: what one
 * does to a number, eight lanes can do to eight.
 *
 * Bounds are in ulp of the result against the true value, measured as fmath.c tells and tested by
 * tests/unit/test_fmath.c. Results below the smallest normal number are right to one unit of it. */
#ifndef INK_FMATH_H
#define INK_FMATH_H

/* The square root is an instruction everywhere and correctly rounded (IEEE 754). */
static inline float ink_sqrt_f32(float x) { return __builtin_sqrtf(x); }
static inline double ink_sqrt_f64(double x) { return __builtin_sqrt(x); }

float ink_exp_f32(float x);                     /* 0.90 ulp. 0 below -103.98, infinite above 88.73 */
float ink_log_f32(float x);                     /* 0.85 ulp. log 0 = -infinity; x < 0 gives NaN */
float ink_tanh_f32(float x);                    /* 1.50 ulp. Odd, within -1..1 */
float ink_sigmoid_f32(float x);                 /* 2.50 ulp. 1/(1+e^-x), right to the far left too */

double ink_exp_f64(double x);                   /* 0.85 ulp */
double ink_log_f64(double x);                   /* 0.90 ulp */
double ink_log1p_f64(double x);                 /* 1.50 ulp. log(1 + x) for x > -1 */
double ink_log2_f64(double x);                  /* 0.85 ulp; powers of two are exact */
/* x^y for x >= 0 (else NaN); pow(0, 0) = 1. 1 + |y|/8 ulp. */
double ink_pow_f64(double x, double y);

#endif
