"""Truth for neighbourhoods of choices, by NumPy and SciPy: similarities of two items whose people are weighed by the length of their history;
scores of people who ask, beside the one nearest to them, everybody whose third nearest they are or nearer (BM25, votes by rarity);
items' sources by BM25, and by a walk whose sources speak with one voice each (RP3beta).

    python3 tests/golden/make_chosen.py > tests/golden/chosen_truth.h        needs: numpy, scipy (see the head of what it makes)

With M = diag(n_u^-power): cosine = x'My / (|x| |y| + shrink), jaccard = weighted people of both / of either, euclidean = 1 / (1 + the
length of x - y under M + shrink). At power .5 without shrink the cosine is Deshpande & Karypis' (2004) with alpha .5: rows of length 1
once, over the root of both frequencies; written out here in their words and held to the matrix form.
"""
import numpy as np
import scipy
from scipy.spatial.distance import cdist, cosine, euclidean, jaccard

PEOPLE, ITEMS = 11, 6
rng = np.random.default_rng(2004)
chosen = (rng.random((PEOPLE, ITEMS)) < 0.55).astype(float)
chosen[0] = 1.0
lengths = chosen.sum(1)
x, y = chosen[:, 0], chosen[:, 1]


def likeness(kind, power, shrink):
    w = np.where(lengths > 0, np.maximum(lengths, 1) ** -power, 0)
    if kind == "jaccard":
        return (1 - jaccard(x > 0, y > 0, w)) / (1 + shrink / (w * np.maximum(x, y)).sum())
    if kind == "euclidean":
        return 1 / (1 + euclidean(x, y, w) + shrink)
    by = np.linalg.norm(x) * np.linalg.norm(y)
    return (x * w * y).sum() / (by + shrink)


def deshpande():
    """sum over u with both of R_uj / (freq(i)^.5 freq(j)^.5), R with rows of length 1."""
    rows = chosen / np.linalg.norm(chosen, axis=1, keepdims=True).clip(1e-9)
    return sum(rows[u, 1] for u in range(PEOPLE) if x[u] and y[u]) / (x.sum() * y.sum()) ** 0.5


assert abs(deshpande() - likeness("cosine", 0.5, 0)) < 1e-12
assert abs((1 - cosine(x, y)) - likeness("cosine", 0, 0)) < 1e-12
cases = [(kind, power, shrink) for kind in ("cosine", "jaccard", "euclidean") for power in (0, 0.5, 1) for shrink in (0, 2)]
CHOSEN = [u for u in range(PEOPLE) if lengths[u]]


def asked(nearest, reverse, power, k1=1.2, b=0.75):
    """Scores [people, items] with everybody's row as it is weighed for comparing, and votes of rarity^power."""
    c = chosen[CHOSEN]
    idf = np.log1p(len(c) / (1 + c.sum(0)))
    plain = c * (k1 + 1) / (k1 * (1 - b + b * c.sum(1, keepdims=True) / c.sum(1).mean()) + 1)
    like = 1 - cdist(plain * idf, plain * idf, "cosine")
    others = np.sort(np.where(np.eye(len(c)) > 0, -1, like), axis=1)[:, ::-1]
    own = np.sort(like, axis=1)[:, ::-1]
    near = (like >= own[:, [nearest - 1]] - 1e-6) | (like >= others[:, reverse - 1][None] - 1e-6)
    return (like * near) @ plain * idf**power


def best_sources(weights, keep):
    """Of each target, a column, the largest `keep`."""
    return np.where(weights >= np.sort(weights, axis=0)[::-1][keep - 1], weights, 0)


def by_bm25(keep, shrink, k1=1.2, b=0.75):
    """Columns weighed with people as terms; kept by cosine; then a choice counts by its item's part of BM25."""
    c = chosen[CHOSEN]
    idf = np.log(ITEMS / (1 + c.sum(1))).clip(0)
    part = (k1 + 1) / (k1 * (1 - b + b * c.sum(0) / c.sum(0).mean()) + 1)
    x = c * part * idf[:, None]
    length = np.linalg.norm(x, axis=0)
    alike = x.T @ x / (np.outer(length, length) + shrink)
    np.fill_diagonal(alike, 0)
    return part[:, None] * best_sources(alike, keep)


def by_walk(keep, alpha, beta, normalise):
    c = chosen[CHOSEN]
    to_people, to_items = (c / c.sum(0)).T ** alpha, (c / c.sum(1, keepdims=True)) ** alpha
    walk = to_people @ to_items / c.sum(0) ** beta
    np.fill_diagonal(walk, 0)
    if normalise:
        walk = walk / walk.sum(1, keepdims=True)
    return best_sources(walk, keep)


print(f"/* chosen_truth.h - made by make_chosen.py with numpy {np.__version__}, scipy {scipy.__version__}; do not edit. */")
print("static const char truth_chosen[] =")
for u in range(PEOPLE):
    if lengths[u]:
        print(f'  "u{u} ' + " ".join(f"i{i}" for i in range(ITEMS) if chosen[u, i]) + '\\n"')
print("  ;")
print("static const struct { const char *similarity; double power, shrink, value; } truth_alike[] = {")
for kind, power, shrink in cases:
    print(f'  {{ "{kind}", {power}, {shrink}, {likeness(kind, power, shrink):.9g} }},')
print("};")
print(f"enum {{ TRUTH_CHOOSERS = {len(CHOSEN)}, TRUTH_CHOICES = {ITEMS} }};")
print("static const struct { double nearest, reverse, power, score[TRUTH_CHOOSERS][TRUTH_CHOICES]; } truth_asked[] = {")
for nearest, reverse, power in [(1, 3, 1), (2, 4, 0.5), (1, 1, 0)]:
    rows = ",\n    ".join("{ " + ", ".join(f"{v:.9g}" for v in row) + " }" for row in asked(nearest, reverse, power))
    print(f"  {{ {nearest}, {reverse}, {power}, {{\n    {rows} }} }},")
print("};")
tables = [("bm25", 3, 10, 0, 0, by_bm25(3, 10)), ("walk", 3, 0.9, 0.4, 1, by_walk(3, 0.9, 0.4, True)), ("walk", 4, 0.5, 0.3, 0, by_walk(4, 0.5, 0.3, False))]
print("static const struct { const char *name; double keep, first, second, normalise, weight[TRUTH_CHOICES][TRUTH_CHOICES]; } truth_weights[] = {")
for name, keep, first, second, normalise, weights in tables:
    rows = ",\n    ".join("{ " + ", ".join(f"{v:.9g}" for v in row) + " }" for row in weights)
    print(f'  {{ "{name}", {keep}, {first}, {second}, {normalise}, {{\n    {rows} }} }},')
print("};")
