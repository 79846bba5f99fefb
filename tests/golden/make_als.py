"""Truth for the fold-in of factor models, from two outside sources: `implicit` (recalculate_user, f32) and
numpy (double; explicit ridge by least squares on the stacked system, which shares no formula with ours).

    python3 tests/golden/make_als.py > tests/golden/als_truth.h        needs: numpy, implicit

Floats are written as hexadecimal literals, so nothing is lost. For each person the norm of A^-1, the
trace of A and of the right-hand terms are written too: tests/unit/test_factor.c derives its bounds from them.
"""
import warnings

import implicit
import numpy as np
from scipy.sparse import csr_matrix

warnings.filterwarnings("ignore")
N, D, PEOPLE, EVENTS = 80, 13, 8, 24
REGULARIZATION, ALPHA = 0.0625, 6.0      # all exact in f32
UNOBSERVED, SCALED_LAMBDA = 0.25, 0.125      # iALS, with the exponent NU
LAMBDA, BIAS_LAMBDA, NU, MEAN = 0.75, 2.5, 0.5, 3.5
rng = np.random.default_rng(20240601)


def row(values):
    return "{ " + ", ".join(float(v).hex() + "f" if isinstance(v, np.float32) else float(v).hex() for v in values) + " }"


def table(kind, name, shape, rows):
    print(f"static const {kind} {name}{shape} = {{")
    for r in rows:
        print("  " + (r if isinstance(r, str) else row(r)) + ",")
    print("};")


def history():
    items = rng.choice(N, size=rng.integers(3, EVENTS + 1), replace=False)
    return sorted(int(i) for i in items)


def implicit_case(items, weights, model, vectors, gram):
    ours = csr_matrix((weights, (np.zeros(len(items), int), items)), shape=(1, N))
    theirs = model.recalculate_user(0, ours)
    y, w = vectors[items].astype(float), ALPHA * weights.astype(float)
    a = gram + REGULARIZATION * np.eye(D) + (y * (np.abs(w) - 1)[:, None]).T @ y
    pull = np.where(w > 0, w, 0)
    exact = np.linalg.solve(a, y.T @ pull)
    bounds = [np.linalg.norm(np.linalg.inv(a), 2), np.trace(a), np.trace(gram), np.sum(pull * np.linalg.norm(y, axis=1))]
    return theirs, exact, bounds


def ials_case(items, weights, vectors, gram):
    y, w = vectors[items].astype(float), weights.astype(float)
    ridge = SCALED_LAMBDA * (len(items) + UNOBSERVED * N) ** NU
    a = UNOBSERVED * gram + ridge * np.eye(D) + (y * np.abs(w)[:, None]).T @ y
    pull = np.where(w > 0, w, 0)
    bounds = [np.linalg.norm(np.linalg.inv(a), 2), np.trace(a), 0.0, np.sum(pull * np.linalg.norm(y, axis=1))]
    return np.linalg.solve(a, y.T @ pull), bounds


def explicit_case(items, ratings, vectors, bias):
    y = vectors[items].astype(float)
    x = np.hstack([y, np.ones((len(items), 1))])
    ridge = np.array([LAMBDA * len(items) ** NU] * D + [BIAS_LAMBDA])
    stacked = np.vstack([x, np.diag(np.sqrt(ridge))])
    target = np.concatenate([ratings.astype(float) - MEAN - bias[items].astype(float), np.zeros(D + 1)])
    exact = np.linalg.lstsq(stacked, target, rcond=None)[0]
    a = stacked.T @ stacked
    bounds = [np.linalg.norm(np.linalg.inv(a), 2), np.trace(a), 0.0,
              np.sum(np.abs(target[:len(items)]) * np.linalg.norm(x, axis=1))]
    return exact, bounds


def main():
    vectors = (rng.standard_normal((N, D)) * 0.4).astype(np.float32)
    bias = (rng.standard_normal(N) * 0.4).astype(np.float32)
    model = implicit.cpu.als.AlternatingLeastSquares(factors=D, regularization=REGULARIZATION, alpha=ALPHA, num_threads=1)
    model.item_factors = vectors
    model._YtY = None
    gram = vectors.astype(float).T @ vectors.astype(float)
    print(f"/* als_truth.h - made by make_als.py with implicit {implicit.__version__} and numpy {np.__version__}; do not edit. */")
    print(f"enum {{ ALS_N = {N}, ALS_D = {D}, ALS_PEOPLE = {PEOPLE}, ALS_EVENTS = {EVENTS} }};")
    for name, value in [("regularization", REGULARIZATION), ("alpha", ALPHA), ("lambda", LAMBDA), ("bias_lambda", BIAS_LAMBDA),
                        ("nu", NU), ("mean", MEAN), ("unobserved", UNOBSERVED), ("scaled_lambda", SCALED_LAMBDA)]:
        print(f"static const double als_{name} = {value!r};")
    table("float", "als_vectors", "[ALS_N][ALS_D]", vectors)
    print(f"static const float als_bias[ALS_N] = {row(bias)};")
    table("float", "als_gram", "[ALS_D][ALS_D]", gram.astype(np.float32))
    people = [history() for _ in range(PEOPLE)]
    weights = [(rng.integers(1, 9, len(p)) / 2 * rng.choice([1, 1, 1, -1], len(p))).astype(np.float32) for p in people]
    ratings = [rng.integers(1, 6, len(p)).astype(np.float32) for p in people]
    implicits = [implicit_case(p, w, model, vectors, gram) for p, w in zip(people, weights)]
    scaled = [ials_case(p, w, vectors, gram) for p, w in zip(people, weights)]
    explicits = [explicit_case(p, r, vectors, bias) for p, r in zip(people, ratings)]
    print(f"static const int als_n_events[ALS_PEOPLE] = {{ {', '.join(str(len(p)) for p in people)} }};")
    table("unsigned", "als_items", "[ALS_PEOPLE][ALS_EVENTS]", ["{ " + ", ".join(map(str, p)) + " }" for p in people])
    table("float", "als_weights", "[ALS_PEOPLE][ALS_EVENTS]", weights)
    table("float", "als_ratings", "[ALS_PEOPLE][ALS_EVENTS]", ratings)
    print("/* implicit's recalculate_user, and numpy's solution of the same system in double. */")
    table("float", "als_implicit", "[ALS_PEOPLE][ALS_D]", [c[0] for c in implicits])
    table("double", "als_implicit_numpy", "[ALS_PEOPLE][ALS_D]", [c[1] for c in implicits])
    print("/* Frequency-scaled ridge (Rendle et al. 2022). */")
    table("double", "als_scaled_numpy", "[ALS_PEOPLE][ALS_D]", [c[0] for c in scaled])
    print("/* [q, u] of the biased ridge. */")
    table("double", "als_explicit_numpy", "[ALS_PEOPLE][ALS_D + 1]", [c[0] for c in explicits])
    print("/* ||A^-1||, trace A, trace of the gram, sum |b| ||x|| */")
    table("double", "als_implicit_sizes", "[ALS_PEOPLE][4]", [c[2] for c in implicits])
    table("double", "als_scaled_sizes", "[ALS_PEOPLE][4]", [c[1] for c in scaled])
    table("double", "als_explicit_sizes", "[ALS_PEOPLE][4]", [c[1] for c in explicits])


main()
