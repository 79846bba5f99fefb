#!/usr/bin/env python3
"""bench_eval.py TRAIN TEST [--factors 64 256] [--rounds N] - evaluation of everybody, the whole catalogue ranked, beside the package
`implicit` (ranking_metrics_at_k) on the same adjacency files, in turn, on all cores. Run by hand in a virtual environment with
numpy, scipy, threadpoolctl and implicit (0.7.3 was used). implicit scores the vectors that training left and gives four figures at
20; ours gives recall, precision, ndcg and map at 20, once for people who are folded in from their events first, and once from the
vectors that training left. Times are of the evaluation alone, without reading or training."""
import argparse, gzip, json, os, statistics, subprocess, time
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
import implicit, numpy as np, scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.evaluation import ranking_metrics_at_k
from threadpoolctl import threadpool_limits

args = argparse.ArgumentParser(description=__doc__)
args.add_argument("train"); args.add_argument("test")
args.add_argument("--factors", type=int, nargs="+", default=[64, 256]); args.add_argument("--rounds", type=int, default=3)
args = args.parse_args()
program = os.environ.get("INKLING_BIN", "build/inkling")


def read(name):
    rows = [list(map(int, line.split())) for line in (gzip.open if name.endswith(".gz") else open)(name, "rt") if line.strip()]
    return {r[0]: r[1:] for r in rows}


def matrix(data, shape):
    rows = np.repeat(list(data), [len(v) for v in data.values()])
    return sp.csr_matrix((np.ones(len(rows), np.float32), (rows, np.concatenate([np.array(v, int) for v in data.values()]))), shape)


train, test = read(args.train), read(args.test)
shape = (max(max(train), max(test)) + 1, max(max(i, default=0) for d in (train, test) for i in d.values()) + 1)
train_matrix, test_matrix = matrix(train, shape), matrix(test, shape)


def theirs(model, threads, blas):
    with threadpool_limits(blas, "blas"):
        start = time.perf_counter()
        ranking_metrics_at_k(model, train_matrix, test_matrix, K=20, show_progress=False, num_threads=threads)
        return time.perf_counter() - start


def ours(factors):
    got = subprocess.run([program, "eval", "--train", "als", "--set", f"factors={factors}", "--set", "iterations=1", "--set", "fold_regularization=0.003",
                          "--history", args.train, "--test", args.test, "--format", "adjacency", "--protocol", "known-users", "--trained-person",
                          "--metrics", "recall@20,precision@20,ndcg@20,map@20", "--json"], capture_output=True, text=True, check=True)
    answer = json.loads(got.stdout)
    return answer["seconds"], answer["trained_person"]["seconds"]


cores = os.cpu_count()
for factors in args.factors:
    model = AlternatingLeastSquares(factors=factors, iterations=1, random_state=1)
    model.fit(train_matrix, show_progress=False)
    seen = {"inkling, folded from events": [], "inkling, trained vectors": [], f"implicit {implicit.__version__}, its threads": [], "implicit, BLAS threads": []}
    names = list(seen)
    for _ in range(args.rounds):
        folded, trained = ours(factors)
        for name, seconds in zip(names, (folded, trained, theirs(model, cores, 1), theirs(model, 1, cores))):
            seen[name].append(seconds)
    best = min(statistics.median(seen[name]) for name in names[2:])
    for name, seconds in seen.items():
        middle = statistics.median(seconds)
        print(f"{factors:4} factors  {name:32} {middle:7.2f} s (lowest {min(seconds):.2f})  implicit's best / this {best / middle:.2f}", flush=True)
