"""Truth for factor models of ratings and choices on a small matrix: numpy's SVD and scikit-learn's PCA for pure-svd, Surprise's SVD,
SVD++ and BaselineOnly, scikit-learn's NMF. Of what is random or iterated, only objectives are compared.

    python3 tests/golden/make_factors.py > tests/golden/factors_truth.h        needs: numpy < 2, scikit-learn, scikit-surprise
"""
import numpy as np
import sklearn
import surprise
from sklearn.decomposition import NMF, PCA

PEOPLE, ITEMS, RANK, RATE, REG, EPOCHS = 60, 20, 3, 0.01, 0.05, 400
rng = np.random.default_rng(20081)
taste = rng.normal(size=(PEOPLE, RANK)) @ rng.normal(size=(RANK, ITEMS)) * 0.7
full = np.clip(np.rint(3.2 + 0.3 * rng.normal(size=(PEOPLE, 1)) + 0.4 * rng.normal(size=(1, ITEMS)) + taste), 1, 5)
seen = rng.random((PEOPLE, ITEMS)) < 0.5
seen[np.arange(PEOPLE), rng.integers(0, ITEMS, PEOPLE)] = True
seen[rng.integers(0, PEOPLE, ITEMS), np.arange(ITEMS)] = True
triples = [(f"u{u}", f"i{i}", full[u, i]) for u in range(PEOPLE) for i in range(ITEMS) if seen[u, i]]


def objective(model, implicit):
    """Squared errors and, at each observation, the ridge of everything that its step moves."""
    total = 0.0
    trainset = model.trainset
    for u, i, r in trainset.all_ratings():
        items = [j for j, _ in trainset.ur[u]]
        p = model.pu[u] + (model.yj[items].sum(0) / np.sqrt(len(items)) if implicit else 0)
        e = r - trainset.global_mean - model.bu[u] - model.bi[i] - model.qi[i] @ p
        total += e * e + REG * (model.pu[u] @ model.pu[u] + model.qi[i] @ model.qi[i] + model.bu[u] ** 2 + model.bi[i] ** 2)
        total += REG * (model.yj[items] ** 2).sum() if implicit else 0
    return total


def surprise_set():
    reader = surprise.Reader(rating_scale=(1, 5))
    import pandas as pd
    return surprise.Dataset.load_from_df(pd.DataFrame(triples), reader).build_full_trainset()


data = surprise_set()
svd = surprise.SVD(n_factors=RANK, n_epochs=EPOCHS, lr_all=RATE, reg_all=REG, random_state=1).fit(data)
svdpp = surprise.SVDpp(n_factors=RANK, n_epochs=EPOCHS, lr_all=RATE, reg_all=REG, random_state=1).fit(data)
base = surprise.BaselineOnly(bsl_options={"method": "als", "n_epochs": 10, "reg_u": 15, "reg_i": 10}, verbose=False).fit(data)
best = min((NMF(4, init="random", random_state=s, max_iter=20000, tol=1e-9).fit(full) for s in range(8)), key=lambda m: m.reconstruction_err_)
choices = seen.astype(float)
values, right = np.linalg.svd(choices)[1:]
pca = PCA(5, svd_solver="full").fit(choices)
newcomer = np.zeros((1, ITEMS))
newcomer[0, [1, 4, 6]] = 1

print(f"/* factors_truth.h - made by make_factors.py with numpy {np.__version__}, scikit-learn {sklearn.__version__}, Surprise {surprise.__version__}; do not edit. */")
print(f"enum {{ TRUTH_PEOPLE = {PEOPLE}, TRUTH_ITEMS = {ITEMS}, TRUTH_RANK = {RANK}, TRUTH_EPOCHS = {EPOCHS} }};")
print(f"#define TRUTH_RATE {RATE}\n#define TRUTH_REGULARIZATION {REG}")
print(f"#define TRUTH_SVD_OBJECTIVE {objective(svd, False):.9g}\n#define TRUTH_SVDPP_OBJECTIVE {objective(svdpp, True):.9g}")
print(f"#define TRUTH_NMF_OBJECTIVE {best.reconstruction_err_ ** 2:.9g}      /* rank 4, of all ratings */")
print("/* Rows of ratings, all of them; and whether a rating is among those that training sees. */")
for name, text in [("truth_ratings", lambda u: "".join(str(int(r)) for r in full[u])), ("truth_seen", lambda u: "".join(str(int(x)) for x in seen[u]))]:
    print(f"static const char {name}[TRUTH_PEOPLE][TRUTH_ITEMS + 1] = {{")
    for u in range(PEOPLE):
        print(f'  "{text(u)}",')
    print("};")
print("static const double truth_singular_values[TRUTH_ITEMS] = { " + ", ".join(f"{v:.12g}" for v in values) + " };")
print("static const double truth_projector[TRUTH_ITEMS][TRUTH_ITEMS] = {      /* V V^T of the first five right singular vectors, by id */")
for row in right[:5].T @ right[:5]:
    print("  { " + ", ".join(f"{v:.9g}" for v in row) + " },")
print("};")
print("static const double truth_components[TRUTH_ITEMS][TRUTH_ITEMS] = {     /* the same of the first five principal components */")
for row in pca.components_.T @ pca.components_:
    print("  { " + ", ".join(f"{v:.9g}" for v in row) + " },")
print("};")
print("static const double truth_reconstruction[TRUTH_ITEMS] = {  /* PCA.inverse_transform(PCA.transform) of somebody who chose i1, i4 and i6 */")
print("  " + ", ".join(f"{v:.9g}" for v in pca.inverse_transform(pca.transform(newcomer))[0]) + " };")
print("static const double truth_baseline[TRUTH_ITEMS] = {      /* b_i, by id */")
print("  " + ", ".join(f"{base.bi[data.to_inner_iid(f'i{i}')]:.9g}" for i in range(ITEMS)) + " };")
