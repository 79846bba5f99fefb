#!/usr/bin/env python3
"""bench_knn.py implicit TRAIN [--rounds N]       item-knn (cosine, 200 neighbours) beside `implicit` on an adjacency file
bench_knn.py surprise TRAIN TEST [--rounds N]     knn-baseline and slope-one beside Surprise on files of user, item, rating

In turn, on all cores; times of training (without reading the files), for Surprise with the predictions of TEST, where ours are the
whole commands `train` and `eval`. Run by hand in a virtual environment with numpy, scipy and implicit (0.7.3 was used), or with
numpy<2 and scikit-surprise (1.1.5). Surprise's neighbourhoods are of items, by pearson_baseline, with its 40 neighbours."""
import argparse, gzip, json, os, re, statistics, subprocess, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("peer", choices=["implicit", "surprise"]); parser.add_argument("train"); parser.add_argument("test", nargs="?")
parser.add_argument("--rounds", type=int, default=3); parser.add_argument("--inkling", default="build/inkling")
args = parser.parse_args()
PACK = "/tmp/bench-knn-%d.safetensors" % os.getpid()


def run(*words):
    return subprocess.run([args.inkling, *words], capture_output=True, text=True, check=True)


def ours(family, fmt, *more):
    said = run("train", family, "--events", args.train, "--format", fmt, *more, "-o", PACK)
    line = [l for l in (said.stdout + said.stderr).splitlines() if l.startswith("trained")][0]
    return float(re.search(r"in ([\d.]+) s\s*$", line).group(1)), ""


def ours_ratings(family):
    start = time.perf_counter()
    run("train", family, "--events", args.train, "--format", "ratings", "-o", PACK)
    got = run("eval", PACK, "--history", args.train, "--test", args.test, "--format", "ratings", "--protocol", "ratings", "--json")
    seconds = time.perf_counter() - start
    return seconds, "RMSE %.4f" % json.loads(got.stdout)["metrics"]["rmse"]["value"]


def implicit_jobs():
    import numpy as np, scipy.sparse as sp
    from implicit.nearest_neighbours import CosineRecommender
    rows = [list(map(int, l.split())) for l in (gzip.open if args.train.endswith(".gz") else open)(args.train, "rt") if l.strip()]
    users = np.repeat([r[0] for r in rows], [len(r) - 1 for r in rows]); items = np.concatenate([r[1:] for r in rows]).astype(int)
    matrix = sp.csr_matrix((np.ones(len(items)), (users, items)))

    def theirs():
        start = time.perf_counter()
        CosineRecommender(K=200).fit(matrix, show_progress=False)
        return time.perf_counter() - start, ""

    return {"inkling item-knn": lambda: ours("item-knn", "adjacency", "--set", "shrink=0", "--set", "person_power=0"), "implicit CosineRecommender": theirs}


def surprise_jobs():
    from surprise import Dataset, KNNBaseline, Reader, SlopeOne, accuracy
    reader = Reader(line_format="user item rating timestamp", sep="\t", rating_scale=(1, 5))
    data = Dataset.load_from_folds([(args.train, args.test)], reader)
    train, test = next(iter(__import__("surprise").model_selection.PredefinedKFold().split(data)))

    def theirs(make):
        start = time.perf_counter()
        predictions = make().fit(train).test(test)
        return time.perf_counter() - start, "RMSE %.4f" % accuracy.rmse(predictions, verbose=False)

    options = {"name": "pearson_baseline", "user_based": False}
    return {"inkling knn-baseline": lambda: ours_ratings("knn-baseline"),
            "Surprise KNNBaseline": lambda: theirs(lambda: KNNBaseline(sim_options=options, verbose=False)),
            "inkling slope-one": lambda: ours_ratings("slope-one"), "Surprise SlopeOne": lambda: theirs(SlopeOne)}


jobs = implicit_jobs() if args.peer == "implicit" else surprise_jobs()
times = {name: [] for name in jobs}
for _ in range(args.rounds):
    for name, job in jobs.items():
        seconds, quality = job()
        times[name].append(seconds)
        print(f"{name:28} {seconds:8.3f} s   {quality}", flush=True)
for name, seconds in times.items():
    print(f"{name:28} lowest {min(seconds):.3f} s   median {statistics.median(seconds):.3f} s")
for name in (PACK, PACK + ".training"):
    if os.path.exists(name): os.remove(name)
