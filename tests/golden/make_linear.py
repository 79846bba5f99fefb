"""Truth for the regressions and filters between items, on a small random matrix of choices: numpy's closed form of EASE,
scikit-learn's ElasticNet for SLIM (positive and not), numpy's full SVD for the spectral filter.

    python3 tests/golden/make_linear.py > tests/golden/linear_truth.h        needs: numpy, scikit-learn

Every table is [source, target]; the diagonal is zero. scikit-learn minimises 1/(2n) |y - Xw|^2 + a r |w|_1 + a (1-r)/2 |w|^2,
so l1 = n a r and l2 = n a (1 - r).
"""
import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet

PEOPLE, ITEMS = 48, 12
EASE_LAMBDA, L1, L2, FACTORS, ALPHA = 3.0, 0.75, 2.0, 4, 0.5
rng = np.random.default_rng(20191)
tastes = rng.random((3, ITEMS)) ** 1.3
x = (rng.random((PEOPLE, ITEMS)) < tastes[rng.integers(0, 3, PEOPLE)]).astype(float)
x[np.arange(PEOPLE), rng.integers(0, ITEMS, PEOPLE)] = 1        # nobody without a choice
assert (x.T @ x).min() > 0                                      # every pair was chosen together: a block can hold all


def table(name, b):
    np.fill_diagonal(b, 0)
    print(f"static const double {name}[TRUTH_ITEMS][TRUTH_ITEMS] = {{")
    for row in b:
        print("  { " + ", ".join(f"{v:.9g}" for v in row) + " },")
    print("};")


def ease():
    p = np.linalg.inv(x.T @ x + EASE_LAMBDA * np.eye(ITEMS))
    return -p / np.diag(p)[None, :]


def slim(positive):
    b = np.zeros((ITEMS, ITEMS))
    for j in range(ITEMS):
        others = [i for i in range(ITEMS) if i != j]
        net = ElasticNet(alpha=(L1 + L2) / PEOPLE, l1_ratio=L1 / (L1 + L2), positive=positive, fit_intercept=False, tol=1e-13, max_iter=100000)
        b[others, j] = net.fit(x[:, others], x[:, j]).coef_
    return b


def spectral():
    people, items = x.sum(1), x.sum(0)
    r = x / np.sqrt(people)[:, None] / np.sqrt(items)[None, :]
    v = np.linalg.svd(r)[2][:FACTORS]
    return r.T @ r + ALPHA * (v.T @ v) * np.sqrt(items)[None, :] / np.sqrt(items)[:, None]


print(f"/* linear_truth.h - made by make_linear.py with numpy {np.__version__}, scikit-learn {sklearn.__version__}; do not edit. */")
print(f"enum {{ TRUTH_PEOPLE = {PEOPLE}, TRUTH_ITEMS = {ITEMS}, TRUTH_FACTORS = {FACTORS} }};")
for name, value in [("EASE_LAMBDA", EASE_LAMBDA), ("L1", L1), ("L2", L2), ("ALPHA", ALPHA)]:
    print(f"#define TRUTH_{name} {value}")
print("static const char truth_choices[] =")
for u in range(PEOPLE):
    print(f'  "u{u} ' + " ".join(f"i{i}" for i in np.flatnonzero(x[u])) + '\\n"')
print("  ;")
table("truth_ease", ease())
table("truth_slim", slim(True))
table("truth_slim_signed", slim(False))
table("truth_spectral", spectral())
