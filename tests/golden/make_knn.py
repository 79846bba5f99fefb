"""Truth for neighbourhoods: similarities of two rated items by SciPy and scikit-learn, predictions and differences by Surprise.

    python3 tests/golden/make_knn.py > tests/golden/knn_truth.h        needs: numpy<2, scipy, scikit-learn, scikit-surprise

Surprise's KNNBaseline works on items here, over all neighbours, with its default baselines (ten passes, 15 for people, 10 for items).
"""
import io
import contextlib

import numpy as np
import scipy
import sklearn
import surprise
from scipy.stats import pearsonr
from sklearn.metrics import jaccard_score
from sklearn.metrics.pairwise import cosine_similarity
from surprise import Dataset, KNNBaseline, Reader, SlopeOne

PEOPLE, ITEMS = 9, 7
rng = np.random.default_rng(1999)
rated = rng.random((PEOPLE, ITEMS)) < 0.7
stars = rng.integers(1, 6, (PEOPLE, ITEMS)).astype(float)  # whole: Surprise 1.1.5 cuts SlopeOne's ratings to integers
pairs = [(u, i) for u in range(PEOPLE) for i in range(ITEMS) if rated[u, i]]
missing = [(u, i) for u in range(PEOPLE) for i in range(ITEMS) if not rated[u, i]]


class Rows:
    def __init__(self):
        self.ratings_file, self.reader = None, Reader(rating_scale=(1, 5))
        self.raw_ratings = [(f"u{u}", f"i{i}", stars[u, i], None) for u, i in pairs]


train = Dataset.construct_trainset(Rows(), Rows().raw_ratings)


def predictions(name):
    with contextlib.redirect_stdout(io.StringIO()):
        algo = KNNBaseline(k=100, sim_options={"name": name, "user_based": False}).fit(train)
    return [algo.predict(f"u{u}", f"i{i}", clip=False).est for u, i in missing]


def differences():
    algo = SlopeOne().fit(train)
    inner = [train.to_inner_iid(f"i{i}") for i in range(ITEMS)]
    return [[algo.dev[a, b] if a != b else 0 for b in inner] for a in inner]


def likeness():
    """Of items 0 and 1, over the people who rated both."""
    both = rated[:, 0] & rated[:, 1]
    x, y = stars[both, 0], stars[both, 1]
    means = np.array([stars[u, rated[u]].mean() for u in range(PEOPLE)])[both]
    return {
        "cosine": cosine_similarity([x], [y])[0, 0],
        "pearson": pearsonr(x, y)[0],
        "adjusted-cosine": cosine_similarity([x - means], [y - means])[0, 0],
        "jaccard": jaccard_score(rated[:, 0], rated[:, 1]),
        "euclidean": 1 / (1 + np.mean((x - y) ** 2)),
    }


def row(values):
    return "{ " + ", ".join(f"{v:.9g}" for v in values) + " }"


versions = f"numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}, scikit-surprise {surprise.__version__}"
print(f"/* knn_truth.h - made by make_knn.py with {versions}; do not edit. */")
print(f"enum {{ TRUTH_ITEMS = {ITEMS}, TRUTH_MISSING = {len(missing)} }};")
print("static const char truth_ratings[] =")
for u, i in pairs:
    print(f'  "u{u},i{i},{stars[u, i]}\\n"')
print("  ;")
print("static const struct { const char *name; double value; } truth_likeness[] = {")
for name, value in likeness().items():
    print(f'  {{ "{name}", {value:.9g} }},')
print("};")
print(f"static const uint32_t truth_person[TRUTH_MISSING] = {row(u for u, i in missing)};")
print(f"static const uint32_t truth_item[TRUTH_MISSING] = {row(i for u, i in missing)};")
print("static const struct { const char *similarity; double predicted[TRUTH_MISSING]; } truth_predictions[] = {")
for theirs, ours in [("cosine", "cosine"), ("msd", "euclidean"), ("pearson", "pearson")]:
    print(f'  {{ "{ours}", {row(predictions(theirs))} }},')
print("};")
print("static const double truth_difference[TRUTH_ITEMS][TRUTH_ITEMS] = {")
for r in differences():
    print("  " + row(r) + ",")
print("};")
