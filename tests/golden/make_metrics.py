"""make_metrics.py - truth for core/eval/metrics.c from three libraries that this project did not write: ranx 0.3.21,
pytrec-eval-terrier 0.5.11 (NIST's trec_eval) and scikit-learn 1.9.1, with numpy 2.4.6.

    python3 -m venv venv && venv/bin/pip install ranx==0.3.21 pytrec-eval-terrier==0.5.11 scikit-learn==1.9.1
    venv/bin/python tests/golden/make_metrics.py > tests/golden/ranking_metrics.h

Where two libraries know a metric they must agree here, else this program stops. Rankings have no ties (libraries
break them in ways of their own), but for `auc`, where scikit-learn counts a tie half as we do. Numbers are written
as hexadecimal literals.
"""
import numpy as np
import pytrec_eval
from ranx import Qrels, Run, evaluate
from sklearn.metrics import mean_absolute_error, mean_squared_error, roc_auc_score

PEOPLE, CANDIDATES, CUTS = 24, 60, (1, 5, 10, 20)
rng = np.random.default_rng(20241119)


def floats(values, suffix=""):
    return "{ " + ", ".join(float(v).hex() + suffix for v in values) + " }"


def table(kind, name, shape, rows):
    print(f"static const {kind} {name}{shape} = {{")
    for row in rows:
        print("  " + row + ",")
    print("};")


scores = np.array([rng.permutation(CANDIDATES) for _ in range(PEOPLE)], dtype=np.float32) / 8
tests = [np.sort(rng.choice(CANDIDATES, size=1 + i % 12, replace=False)) for i in range(PEOPLE)]
tied = np.floor(scores / 2).astype(np.float32)

qrels = {f"u{u}": {f"d{i:03d}": 1 for i in tests[u]} for u in range(PEOPLE)}
run = {f"u{u}": {f"d{i:03d}": float(scores[u, i]) for i in range(CANDIDATES)} for u in range(PEOPLE)}
names = [f"{m}@{k}" for k in CUTS for m in ("precision", "recall", "f1", "map", "ndcg", "mrr", "hit")] + ["map", "ndcg", "mrr"]


def from_ranx(name):
    stem, _, k = name.partition("@")
    ours = {"hit": "hit_rate"}.get(stem, stem) + ("@" + k if k else "")
    r = Run(run)
    evaluate(Qrels(qrels), r, ours)
    return [r.scores[ours][f"u{u}"] for u in range(PEOPLE)]


def from_trec(name):
    stem, _, k = name.partition("@")
    measure = {"precision": "P", "recall": "recall", "map": "map_cut" if k else "map", "ndcg": "ndcg_cut" if k else "ndcg",
               "hit": "success", "mrr": None if k else "recip_rank"}.get(stem)
    if measure is None:
        return None
    key = measure + ("." + k if k else "")
    result = pytrec_eval.RelevanceEvaluator(qrels, {key}).evaluate(run)
    return [result[f"u{u}"][key.replace(".", "_")] for u in range(PEOPLE)]


values = []
for name in names:
    a, b = from_ranx(name), from_trec(name)
    if b is not None:
        assert np.allclose(a, b, rtol=0, atol=1e-12), (name, np.abs(np.array(a) - b).max())
    values.append(a)

print("/* ranking_metrics.h - truth for metrics: made by make_metrics.py, which says with what. Do not edit. */")
print(f"enum {{ GOLDEN_PEOPLE = {PEOPLE}, GOLDEN_CANDIDATES = {CANDIDATES}, GOLDEN_METRICS = {len(names)} }};")
print('static const char *const golden_names[GOLDEN_METRICS] = { ' + ", ".join(f'"{n}"' for n in names) + " };")
table("float", "golden_scores", "[GOLDEN_PEOPLE][GOLDEN_CANDIDATES]", [floats(s, "f") for s in scores])
table("float", "golden_tied", "[GOLDEN_PEOPLE][GOLDEN_CANDIDATES]", [floats(s, "f") for s in tied])
table("unsigned char", "golden_tests", "[GOLDEN_PEOPLE][GOLDEN_CANDIDATES]",
      ["{ " + ", ".join(str(int(i in t)) for i in range(CANDIDATES)) + " }" for t in tests])
table("double", "golden_values", "[GOLDEN_METRICS][GOLDEN_PEOPLE]", [floats(v) for v in values])
labels = [np.isin(np.arange(CANDIDATES), t).astype(int) for t in tests]
table("double", "golden_auc", "[2][GOLDEN_PEOPLE]", [floats([roc_auc_score(l, s) for l, s in zip(labels, x)]) for x in (scores, tied)])

truth = rng.integers(1, 6, 50).astype(np.float32)
guess = (truth + rng.normal(0, 1, 50)).astype(np.float32)
print(f"enum {{ GOLDEN_PAIRS = {len(truth)} }};")
table("float", "golden_pairs", "[2][GOLDEN_PAIRS]", [floats(truth, "f"), floats(guess, "f")])
exact = (truth.astype(np.float64), guess.astype(np.float64))
print(f"static const double golden_rmse = {float(np.sqrt(mean_squared_error(*exact))).hex()}, golden_mae = {float(mean_absolute_error(*exact)).hex()};")
