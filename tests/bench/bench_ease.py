#!/usr/bin/env python3
"""bench_ease.py TRAIN [--format adjacency|ratings|csv] [--rounds N]     dense ease beside LAPACK's Cholesky inverse (spotrf, spotri)

In turn, one thread each; CPU seconds, which other people's work on the machine moves less than the clock. Theirs: products of items by
scipy, the inverse by OpenBLAS, 200 best sources of each item by argpartition; ours: the whole command `train`, with reading and writing
the files. Run by hand in a virtual environment with numpy and scipy (numpy 2.4.6 and scipy 1.17.1 were used)."""
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import argparse, csv, gzip, resource, subprocess, time
import numpy as np, scipy.sparse as sp
from scipy.linalg import lapack

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("train"); parser.add_argument("--format", choices=["adjacency", "ratings", "csv"], default="adjacency")
parser.add_argument("--rounds", type=int, default=3); parser.add_argument("--inkling", default="build/inkling")
args = parser.parse_args()
PACK = "/tmp/bench-ease-%d.safetensors" % os.getpid()


def choices():
    with (gzip.open if args.train.endswith(".gz") else open)(args.train, "rt") as file:
        if args.format == "adjacency": pairs = [(row[0], item) for row in map(str.split, file) for item in row[1:]]
        elif args.format == "ratings": pairs = [tuple(line.split("\t")[:2]) for line in file]
        else: pairs = [tuple(row[:2]) for row in list(csv.reader(file))[1:]]
    users, items = ({name: i for i, name in enumerate(dict.fromkeys(side))} for side in zip(*pairs))
    return sp.csr_matrix((np.ones(len(pairs), np.float32), ([users[u] for u, _ in pairs], [items[i] for _, i in pairs])))


def theirs(x):
    start = time.process_time()
    gram = (x.T @ x).toarray(order="F").astype(np.float32)
    gram[np.diag_indices_from(gram)] += 2 * x.nnz / x.shape[1]
    before = time.process_time()
    factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1, clean=0)
    inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    after = time.process_time()
    for first in range(0, x.shape[1], 512):
        rows = np.vstack([inverse[first:first + 512, :first].T, inverse[first:, first:first + 512]])
        np.argpartition(-np.abs(rows), 200, axis=0)
    return time.process_time() - start, after - before


def ours():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([args.inkling, "train", "ease", "--events", args.train, "--format", args.format, "--set", "memory=100", "--threads", "1", "-o", PACK],
                   capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


x = choices()
print(f"{x.shape[0]} people, {x.shape[1]} items, {x.nnz} choices")
got = []
for _ in range(args.rounds):
    whole, inverse = theirs(x)
    got.append((ours(), whole, inverse))
    print("inkling %.2f s   scipy and LAPACK %.2f s, of it the inverse %.2f s" % got[-1], flush=True)
ours_s, theirs_s, inverse_s = (min(column) for column in zip(*got))
print(f"lowest: inkling {ours_s:.2f} s, {ours_s / theirs_s:.2f} of scipy and LAPACK's {theirs_s:.2f} s, {ours_s / inverse_s:.2f} of the inverse alone")
for name in (PACK, PACK + ".training"):
    if os.path.exists(name): os.remove(name)
