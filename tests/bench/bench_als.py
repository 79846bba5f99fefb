#!/usr/bin/env python3
"""bench_als.py TRAIN TEST [--rounds N] - ALS with 64 factors beside the package `implicit` on the same adjacency files,
in turn, on all cores. Run by hand in a virtual environment with numpy, scipy and implicit (0.7.3 was used); where
OPENBLAS_CORETYPE or OPENBLAS_L2_SIZE are set, unset both for it. Prints training times (without reading the files) and
recall@20 of people who were in training (implicit: trained vectors; inkling: folded in)."""
import argparse, gzip, json, re, statistics, subprocess, time
import implicit, numpy as np, scipy.sparse as sp
from implicit.als import AlternatingLeastSquares

args = argparse.ArgumentParser(description=__doc__)
args.add_argument("train"); args.add_argument("test"); args.add_argument("--rounds", type=int, default=3)
args = args.parse_args()

def read(name):
    rows = [list(map(int, line.split())) for line in (gzip.open if name.endswith(".gz") else open)(name, "rt") if line.strip()]
    return {r[0]: r[1:] for r in rows}

train, test = read(args.train), read(args.test)
n_users, n_items = max(train) + 1, max(max(i, default=0) for d in (train, test) for i in d.values()) + 1
matrix = sp.csr_matrix((np.ones(sum(map(len, train.values())), np.float32),
                        (np.repeat(list(train), [len(v) for v in train.values()]), np.concatenate(list(train.values())))), (n_users, n_items))

def theirs(iterations, alpha, regularization):
    model = AlternatingLeastSquares(factors=64, iterations=iterations, alpha=alpha, regularization=regularization, random_state=1)
    start = time.perf_counter(); model.fit(matrix, show_progress=False); seconds = time.perf_counter() - start
    users = np.array(sorted(test)); hits = []
    for at in range(0, len(users), 2000):
        ids, _ = model.recommend(users[at:at + 2000], matrix[users[at:at + 2000]], N=20)
        hits += [len(set(row) & set(test[u])) / len(test[u]) for u, row in zip(users[at:at + 2000], ids)]
    return seconds, float(np.mean(hits))

def ours():
    said = subprocess.run(["build/inkling", "train", "als", "--events", args.train, "--format", "adjacency", "-o", "build/bench/als.safetensors"],
                          capture_output=True, text=True, check=True)
    seconds = float(re.search(r"in ([\d.]+) s\s*$", [l for l in (said.stdout + said.stderr).splitlines() if l.startswith("trained")][0]).group(1))
    got = subprocess.run(["build/inkling", "eval", "build/bench/als.safetensors", "--history", args.train, "--test", args.test, "--format", "adjacency",
                          "--protocol", "known-users", "--metrics", "recall@20", "--json"], capture_output=True, text=True, check=True)
    return seconds, json.loads(got.stdout)["metrics"]["recall@20"]["value"]

jobs = {"inkling, defaults": ours, f"implicit {implicit.__version__}, defaults (15 iterations)": lambda: theirs(15, 1.0, 0.01),
        "implicit, 15 iterations, alpha 10, regularization 5": lambda: theirs(15, 10.0, 5.0)}
seen = {name: [] for name in jobs}
for _ in range(args.rounds):
    for name, job in jobs.items():
        seen[name].append(job())
first = statistics.median(s for s, _ in seen["inkling, defaults"])
for name, results in seen.items():
    seconds = statistics.median(s for s, _ in results)
    print(f"{name:55} {seconds:7.2f} s (lowest {min(s for s, _ in results):.2f})  recall@20 {results[0][1]:.4f}  time / ours {seconds / first:.2f}")
