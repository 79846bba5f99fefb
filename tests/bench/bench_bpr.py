#!/usr/bin/env python3
"""bench_bpr.py TRAIN TEST [--rounds N] [--program build/inkling] - BPR with 64 factors beside the package `implicit` on the same
adjacency files, in turn, on all cores. Run by hand in a virtual environment with numpy, scipy and implicit (0.7.3 was used);
where OPENBLAS_CORETYPE or OPENBLAS_L2_SIZE are set, unset both for it. Prints training times (without reading the files) and
recall@20 of a sample of 4000 people who were in training: implicit by its trained vectors, inkling folded in."""
import argparse, gzip, json, os, re, statistics, subprocess, tempfile, time
import implicit, numpy as np, scipy.sparse as sp
from implicit.bpr import BayesianPersonalizedRanking

args = argparse.ArgumentParser(description=__doc__)
args.add_argument("train"); args.add_argument("test"); args.add_argument("--rounds", type=int, default=3)
args.add_argument("--program", default="build/inkling"); args.add_argument("--iterations", type=int, default=100)
args = args.parse_args()

def read(name):
    rows = [list(map(int, line.split())) for line in (gzip.open if name.endswith(".gz") else open)(name, "rt") if line.strip()]
    return {r[0]: r[1:] for r in rows}

train, test = read(args.train), read(args.test)
n_users, n_items = max(train) + 1, max(max(i, default=0) for d in (train, test) for i in d.values()) + 1
matrix = sp.csr_matrix((np.ones(sum(map(len, train.values())), np.float32),
                        (np.repeat(list(train), [len(v) for v in train.values()]), np.concatenate(list(train.values())))), (n_users, n_items))
sample = np.sort(np.random.default_rng(1).choice([u for u in test if test[u] and train.get(u)], 4000, replace=False))
folder = tempfile.mkdtemp()
for name, rows in (("train", train), ("test", test)):
    with open(f"{folder}/{name}", "w") as f:
        f.writelines(f"{u} " + " ".join(map(str, rows[u])) + "\n" for u in sample)

def theirs(iterations, rate, regularization):
    model = BayesianPersonalizedRanking(factors=63, iterations=iterations, learning_rate=rate, regularization=regularization, random_state=1)
    start = time.perf_counter(); model.fit(matrix, show_progress=False); seconds = time.perf_counter() - start      # and one for its item bias
    ids, _ = model.recommend(sample, matrix[sample], N=20)
    return seconds, float(np.mean([len(set(row) & set(test[u])) / len(test[u]) for u, row in zip(sample, ids)]))

def ours(iterations, rate, regularization):
    pack = f"{folder}/bpr.safetensors"
    said = subprocess.run([args.program, "train", "bpr", "--events", args.train, "--format", "adjacency", "-o", pack, "--set", f"iterations={iterations}",
                           "--set", f"learning_rate={rate}", "--set", f"regularization={regularization}", "--set", "negatives=uniform",
                           "--set", "held_back=0", "--set", "fold_candidates=1", "--set", "fold_regularization=0.01"],
                          capture_output=True, text=True, check=True)
    seconds = float(re.search(r"in ([\d.]+) s\s*$", [l for l in (said.stdout + said.stderr).splitlines() if l.startswith("trained")][0]).group(1))
    got = subprocess.run([args.program, "eval", pack, "--history", f"{folder}/train", "--test", f"{folder}/test", "--format", "adjacency",
                          "--protocol", "known-users", "--metrics", "recall@20", "--json"], capture_output=True, text=True, check=True)
    os.remove(pack)
    return seconds, json.loads(got.stdout)["metrics"]["recall@20"]["value"]

settings = [(args.iterations, 0.1, 0.001), (args.iterations, 0.1, 0.01)]
seen = {}
for _ in range(args.rounds):
    for s in settings:
        for who, job in (("inkling", ours), (f"implicit {implicit.__version__}", theirs)):
            seen.setdefault((who, s), []).append(job(*s))
            print(f"  {who}, regularization {s[2]}: {seen[(who, s)][-1][0]:.2f} s, recall@20 {seen[(who, s)][-1][1]:.4f}", flush=True)
for (who, (iterations, rate, regularization)), results in seen.items():
    first = statistics.median(r[0] for r in seen[("inkling", (iterations, rate, regularization))])
    seconds = statistics.median(r[0] for r in results)
    print(f"{who:16} {iterations} iterations, rate {rate}, regularization {regularization}: {seconds:6.2f} s (lowest {min(r[0] for r in results):.2f})  "
          f"recall@20 {results[0][1]:.4f}  time / ours {seconds / first:.2f}")
