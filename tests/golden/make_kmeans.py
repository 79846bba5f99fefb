"""Truth for k-means: scikit-learn's Lloyd passes from given rows, on points around four places.

    python3 tests/golden/make_kmeans.py > tests/golden/kmeans_truth.h        needs: numpy, scikit-learn
"""
import numpy as np
import sklearn
from sklearn.cluster import KMeans

ROWS, D, K = 90, 6, 5
rng = np.random.default_rng(1982)
places = rng.normal(size=(4, D)) * 1.5
x = np.round((places[rng.integers(0, 4, ROWS)] + rng.normal(size=(ROWS, D))) * 64) / 64
x[np.abs(x) < 0.6] = 0                                          # sparse, and exact in f32
starts = rng.choice(ROWS, K, replace=False)
model = KMeans(K, init=x[starts], n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(x)


def row(values):
    return "{ " + ", ".join(f"{v:.17g}" for v in values) + " }"


print(f"/* kmeans_truth.h - made by make_kmeans.py with numpy {np.__version__}, scikit-learn {sklearn.__version__}; do not edit. */")
print(f"enum {{ TRUTH_ROWS = {ROWS}, TRUTH_D = {D}, TRUTH_K = {K} }};")
print(f"static const float truth_points[TRUTH_ROWS][TRUTH_D] = {{")
for r in x:
    print("  " + row(r) + ",")
print("};")
print("static const uint32_t truth_starts[TRUTH_K] = " + row(starts) + ";")
print("static const uint32_t truth_cluster[TRUTH_ROWS] = " + row(model.labels_) + ";")
print(f"static const double truth_inertia = {model.inertia_!r};")
