"""make_fmath.py - the polynomials of core/base/fmath.c and the exact values of tests/unit/test_fmath.c.
Written with mpmath 1.4.1 and numpy 2.4.6.

    python3 -m venv venv && venv/bin/pip install mpmath==1.4.1 numpy==2.4.6 && venv/bin/python make_fmath.py

Polynomials are Chebyshev fits (mpmath.chebyfit), near enough to minimax: the fit error printed beside each lies
below a tenth of an ulp of what it goes into. Values are given as a double and what rounding to it left, in ulp.
"""
import math
import random
import struct

import numpy as np
from mpmath import chebyfit, exp, log, log1p, mp, mpf, power, sqrt, tanh

mp.dps = 60
HALF_LN2 = log(2) / 2 * mpf("1.0001")
Z_MAX = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")


def exp_rest(r):
    """(e^r - 1 - r) / r^2"""
    r = mpf(r)
    return mpf(1) / 2 + r / 6 + r * r / 24 if abs(r) < 1e-8 else (exp(r) - 1 - r) / (r * r)


def log_rest(z):
    """(log((1+s)/(1-s)) - 2s) / s^3 with z = s^2"""
    z = mpf(z)
    if z < 1e-12:
        return mpf(2) / 3 + 2 * z / 5
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / (s * z)


def tanh_rest(z):
    """(tanh x - x) / x^3 with z = x^2"""
    z = mpf(z)
    if z < 1e-14:
        return -mpf(1) / 3 + 2 * z / 15
    x = sqrt(z)
    return (tanh(x) - x) / (x * z)


def fit(name, f, low, high, terms, single):
    coefficients, error = chebyfit(f, [low, high], terms, error=True)
    print("%s: %d terms, error %s" % (name, terms, mp.nstr(error, 3)))
    for c in coefficients:
        print("   ", (float(np.float32(float(c))) if single else float(c)).hex())


fit("exp f32", exp_rest, -HALF_LN2, HALF_LN2, 6, True)
fit("log f32", log_rest, 0, Z_MAX, 4, True)
fit("tanh f32", tanh_rest, 0, mpf("0.625") ** 2, 6, True)
fit("exp f64", exp_rest, -HALF_LN2, HALF_LN2, 11, False)
fit("log f64", log_rest, 0, Z_MAX, 8, False)


def value(name, true, *arguments):
    """A line { x, y, nearest double, rest in ulp }."""
    near = float(true)
    ulp = math.ulp(near)
    words = [a.hex() for a in arguments] + ["0.0"] * (2 - len(arguments)) + [near.hex(), "%.4f" % float((true - mpf(near)) / mpf(ulp))]
    print("  { %s }," % ", ".join(words))


random.seed(20260101)
uniform = random.uniform
print("exp_values")
for x in [uniform(-1, 1) for _ in range(10)] + [uniform(-700, 700) for _ in range(10)] + [-708.3, 709.7, 1e-9]:
    value("exp", exp(mpf(x)), x)
print("log_values")
for x in [uniform(0.5, 2) for _ in range(10)] + [math.exp(uniform(-700, 700)) for _ in range(10)] + [5e-324, 1 + 2**-52]:
    value("log", log(mpf(x)), x)
print("log1p_values")
for x in [uniform(-1, 1) * math.exp(uniform(-40, 0)) for _ in range(14)] + [math.exp(uniform(0, 60)) for _ in range(6)]:
    value("log1p", log1p(mpf(x)), x)
print("log2_values")
for x in [uniform(0.5, 2) for _ in range(8)] + [math.exp(uniform(-700, 700)) for _ in range(8)] + [float(n) for n in (3, 5, 6, 7, 10, 11, 101)]:
    value("log2", log(mpf(x)) / log(2), x)
print("pow_values")
for _ in range(20):
    x, y = float(random.randint(1, 10**6)), uniform(0, 2)
    value("pow", power(mpf(x), mpf(y)), x, y)
for _ in range(10):
    x = math.exp(uniform(-300, 300))
    y = uniform(-700, 700) / math.log(x)
    value("pow", power(mpf(x), mpf(y)), x, y)
