"""Truth for one half step of alternating least squares, from two outside sources: `implicit` (its Cython
least_squares, f32) and numpy (double; least squares on the stacked system, which shares no formula with ours).

    python3 tests/golden/make_fit_als.py > tests/golden/fit_als_truth.h        needs: numpy, scipy, implicit

A half step solves one side for given vectors of the other; scores are compared, since they do not depend on
the axes. For each row the condition number of its system and the norm of its solution are written too:
tests/unit/test_als_half.c derives its bounds from them.
"""
import numpy as np
from implicit.cpu._als import least_squares
from scipy.sparse import csr_matrix

PEOPLE, ITEMS, D = 12, 20, 6
UNOBSERVED, LAMBDA, NU = 0.25, 0.125, 0.75
RIDGE, BIAS_LAMBDA, EXPLICIT_NU = 0.5, 1.5, 0.5
rng = np.random.default_rng(20240607)


def row(values):
    return "{ " + ", ".join(float(v).hex() + ("f" if isinstance(v, np.float32) else "") for v in values) + " }"


def table(kind, name, shape, rows):
    print(f"static const {kind} {name}{shape} = {{")
    for r in rows:
        print("  " + (r if isinstance(r, str) else row(r)) + ",")
    print("};")


def vector(kind, name, values):
    words = ", ".join(str(int(v)) if kind.startswith("uint") else float(v).hex() + ("f" if kind == "float" else "") for v in values)
    print(f"static const {kind} {name}[] = {{ {words} }};")


def stacked(y, weights, targets, ridge, unobserved):
    """min sum w (x.y - t)^2 + a0 sum_all (x.y_all)^2 + ridge.x^2, by least squares on one tall matrix."""
    tall = [np.sqrt(weights)[:, None] * y[0]]
    right = [np.sqrt(weights) * targets]
    if unobserved:
        tall.append(np.sqrt(unobserved) * y[1])
        right.append(np.zeros(len(y[1])))
    tall.append(np.diag(np.sqrt(ridge)))
    right.append(np.zeros(len(ridge)))
    a, b = np.vstack(tall), np.concatenate(right)
    return np.linalg.lstsq(a, b, rcond=None)[0], np.linalg.cond(a) ** 2


lengths = [1, 2, 3, 5, 6, 7, 9, 12, 15, 20, 4, 0]          # below, at and above D
starts = np.concatenate([[0], np.cumsum(lengths)])
cols = np.concatenate([rng.permutation(ITEMS)[:n] for n in lengths]).astype(np.uint32)
confidence = (1.0 + rng.integers(1, 40, len(cols)) / 8.0).astype(np.float32)
rating = (rng.integers(-8, 9, len(cols)) / 4.0).astype(np.float32)
vectors = rng.normal(size=(ITEMS, D)).astype(np.float32)
bias = (rng.normal(size=ITEMS) / 4).astype(np.float32)
item_weight = (rng.integers(1, 9, ITEMS) / 4.0).astype(np.float32)
row_weight = (rng.integers(1, 9, PEOPLE) / 4.0).astype(np.float32)

theirs = np.zeros((PEOPLE, D), np.float32)
least_squares(csr_matrix((confidence, cols.astype(np.int32), starts), shape=(PEOPLE, ITEMS)), theirs, vectors, LAMBDA, num_threads=1)
cases = {"hu": [], "ials": [], "weighted": [], "explicit": []}
y64 = vectors.astype(float)
for r, n in enumerate(lengths):
    at = slice(starts[r], starts[r + 1])
    y, c, t = y64[cols[at]], confidence[at].astype(float), rating[at].astype(float)
    exact, cond = stacked((y, y64), c - 1, c / np.where(c > 1, c - 1, 1), np.full(D, LAMBDA), 1.0)
    assert n == 0 or np.abs(exact - theirs[r]).max() < 1e-4, (r, exact, theirs[r])
    cases["hu"].append((theirs[r].astype(float) @ y64.T, cond, np.linalg.norm(exact)))
    ridge = np.full(D, LAMBDA * (n + UNOBSERVED * ITEMS) ** NU)
    exact, cond = stacked((y, y64), c, np.ones(n), ridge, UNOBSERVED)
    cases["ials"].append((exact @ y64.T, cond, np.linalg.norm(exact)))
    unobserved = UNOBSERVED * float(row_weight[r])
    ridge = np.full(D, LAMBDA * (n + unobserved * ITEMS) ** NU)
    exact, cond = stacked((y, np.sqrt(item_weight.astype(float))[:, None] * y64), c, np.ones(n), ridge, unobserved)
    cases["weighted"].append((exact @ y64.T, cond, np.linalg.norm(exact)))
    ridge = np.append(np.full(D, RIDGE * max(n, 1) ** EXPLICIT_NU), BIAS_LAMBDA)
    with_one = np.hstack([y, np.ones((n, 1))])
    exact, cond = stacked((with_one, None), c, t - bias[cols[at]].astype(float), ridge, 0)
    cases["explicit"].append((exact @ np.hstack([y64, np.ones((ITEMS, 1))]).T, cond, np.linalg.norm(exact)))

print("/* fit_als_truth.h - made by make_fit_als.py with numpy 2.4.6, implicit 0.7.3; do not edit. */")
print(f"enum {{ TRUTH_PEOPLE = {PEOPLE}, TRUTH_ITEMS = {ITEMS}, TRUTH_D = {D} }};")
for name, value in [("UNOBSERVED", UNOBSERVED), ("LAMBDA", LAMBDA), ("NU", NU), ("RIDGE", RIDGE), ("BIAS_LAMBDA", BIAS_LAMBDA),
                    ("EXPLICIT_NU", EXPLICIT_NU)]:
    print(f"#define TRUTH_{name} {value}f")
vector("uint64_t", "truth_starts", starts)
vector("uint32_t", "truth_cols", cols)
vector("float", "truth_confidence", confidence)
vector("float", "truth_rating", rating)
vector("float", "truth_bias", bias)
vector("float", "truth_item_weight", item_weight)
vector("float", "truth_row_weight", row_weight)
table("float", "truth_vectors", "[TRUTH_ITEMS][TRUTH_D]", vectors)
for name, rows in cases.items():
    print(f"/* {'implicit' if name == 'hu' else 'numpy'}: scores; condition; norm of the solution */")
    table("double", f"truth_{name}", "[TRUTH_PEOPLE][TRUTH_ITEMS + 2]", [np.append(s, [c, x]) for s, c, x in rows])
