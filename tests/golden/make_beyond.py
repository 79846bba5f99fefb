"""make_beyond.py - truth for core/eval/beyond.c and bootstrap.c: measures of slates written anew in numpy 2.4.6 (cosine
distances by scikit-learn 1.9.1, Jaccard distances by scipy 1.17.1), Student's t test and distribution by scipy.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    venv/bin/python tests/golden/make_beyond.py > tests/golden/beyond_truth.h

The input stands in the header as the files that inkling would be given: events, items with tags, vectors. Numbers are
hexadecimal literals.
"""
import numpy as np
from scipy import stats
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import cosine_distances

ITEMS, PEOPLE, WIDTH, SLATES, LONGEST, TAGS = 40, 60, 6, 24, 10, 9
rng = np.random.default_rng(20261122)


def floats(values, suffix=""):
    return "{ " + ", ".join("NAN" if np.isnan(v) else float(v).hex() + suffix for v in values) + " }"


def table(kind, name, shape, rows):
    print(f"static const {kind} {name}{shape} = {{")
    for row in rows:
        print("  " + row + ",")
    print("};")


def text(name, lines):
    print(f"static const char {name}[] =")
    for line in lines:
        print(f'  "{line}\\n"')
    print("  ;")


# ---- the data: every item once in the catalogue's order, some items had by nobody else, some events twice
taste = rng.dirichlet(np.full(ITEMS, 0.3))
events = [("all", i) for i in range(ITEMS)]
for u in range(PEOPLE):
    for i in rng.choice(ITEMS, size=1 + u % 11, p=taste):
        events.append((f"u{u}", int(i)))
tags = [np.flatnonzero(rng.random(TAGS) < 0.3) for _ in range(ITEMS)]
tags[3] = tags[17] = np.array([], dtype=int)
kinds = rng.integers(0, 3, ITEMS)
vectors = rng.normal(size=(ITEMS, WIDTH)).astype(np.float32)
vectors[5] = 0
slates = [np.sort(rng.choice(ITEMS, size=1 + u % LONGEST, replace=False)) for u in range(SLATES)]

# ---- the measures
have = np.zeros((PEOPLE + 1, ITEMS), dtype=bool)
for u, i in events:
    have[PEOPLE if u == "all" else int(u[1:]), i] = True
n_i = have.sum(0)
information = -np.log2(n_i / have.shape[0])
head = sorted(range(ITEMS), key=lambda i: (-n_i[i], i))[:round(0.2 * ITEMS)]
marks = np.zeros((ITEMS, TAGS + 3), dtype=bool)
for i in range(ITEMS):
    marks[i, tags[i]] = True
    marks[i, TAGS + kinds[i]] = i not in (3, 17)
tagged = marks.any(1)


def diversity(s):
    s = [i for i in s if tagged[i]]
    return pdist(marks[s], "jaccard").mean() if len(s) > 1 else np.nan


def spread(s):
    if len(s) < 2:
        return np.nan
    apart = cosine_distances(vectors[s].astype(np.float64))
    return apart[np.triu_indices(len(s), 1)].mean()


shown = np.bincount(np.concatenate(slates), minlength=ITEMS)
pairs = np.abs(shown[:, None] - shown[None, :]).sum()
gini = pairs / (2 * ITEMS * ITEMS * shown.mean())       # by mean absolute difference, not by the sorted formula

print("/* beyond_truth.h - truth for measures of slates and for significance: made by make_beyond.py. Do not edit. */")
print(f"enum {{ BEYOND_ITEMS = {ITEMS}, BEYOND_WIDTH = {WIDTH}, BEYOND_SLATES = {SLATES}, BEYOND_LONGEST = {LONGEST} }};")
text("beyond_events", ["user,item"] + [f"{u},i{i}" for u, i in events])
text("beyond_catalogue", ["id,genres,kind"] + [f"i{i},{'|'.join(f't{t}' for t in tags[i])}," + ("" if i in (3, 17) else f"k{kinds[i]}|") for i in range(ITEMS)])
table("float", "beyond_vectors", "[BEYOND_ITEMS][BEYOND_WIDTH]", [floats(v, "f") for v in vectors])
table("unsigned", "beyond_slate_items", "[BEYOND_SLATES][BEYOND_LONGEST]", ["{ " + ", ".join(map(str, s)) + " }" for s in slates])
table("unsigned", "beyond_slate_lengths", "[BEYOND_SLATES]", [str(len(s)) for s in slates])
table("double", "beyond_values", "[4][BEYOND_SLATES]", [floats([f(s) for s in slates]) for f in
      (diversity, spread, lambda s: information[s].mean(), lambda s: 1 - np.isin(s, head).mean())])
print(f"static const double beyond_gini = {float(gini).hex()};")

cases = []
for n in (2, 3, 10, 40):
    a, b = rng.beta(1, 4, n), rng.beta(1, 3, n)
    t = stats.ttest_rel(a, b)
    cases.append((n, a, b, t.statistic, t.pvalue))
print(f"enum {{ PAIRED_CASES = {len(cases)}, PAIRED_LONGEST = 40 }};")
table("unsigned", "paired_n", "[PAIRED_CASES]", [str(c[0]) for c in cases])
table("double", "paired_a", "[PAIRED_CASES][PAIRED_LONGEST]", [floats(c[1]) for c in cases])
table("double", "paired_b", "[PAIRED_CASES][PAIRED_LONGEST]", [floats(c[2]) for c in cases])
table("double", "paired_t", "[PAIRED_CASES][2]", [floats(c[3:]) for c in cases])
points = [(t, v) for v in (1, 2, 5, 30, 942, 29857, 1e6) for t in (0, 1e-3, 0.5, 1.96, 5, 20, -3)]
print(f"enum {{ STUDENT_POINTS = {len(points)} }};")
table("double", "student_points", "[STUDENT_POINTS][3]", [floats((t, v, 2 * stats.t.sf(abs(t), v))) for t, v in points])
