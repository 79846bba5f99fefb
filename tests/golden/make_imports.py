#!/usr/bin/env python3
"""make_imports.py - files of item vectors as the real tools write them, and what is in them.

    python3 tests/golden/make_imports.py        (needs numpy, safetensors, implicit, gensim)

Writes tests/golden/imports/: one file a format, and expected.json with the versions of the tools, the ids and
rows of each file, and for implicit's model the vectors and scores that its own recalculate_user gives.
tests/cli/import.test.mjs reads them; the suite itself needs no Python."""
import csv
import gzip
import json
import pathlib
import struct

import gensim
import implicit
import numpy as np
import safetensors
import safetensors.numpy
import scipy.sparse as sp
from gensim.models import KeyedVectors
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking

OUT = pathlib.Path(__file__).parent / "imports"
N, D = 12, 4
IDS = [f"film-{i}" for i in range(N - 2)] + ["Amélie", "七人の侍"]

rng = np.random.default_rng(7)
rows = rng.normal(size=(N, D)).astype(np.float32)
expected = {
    "versions": {"numpy": np.__version__, "safetensors": safetensors.__version__, "implicit": implicit.__version__, "gensim": gensim.__version__},
    "ids": IDS,
    "files": {},
}


def note(name, matrix, ids=None, **more):
    expected["files"][name] = {"ids": ids or [str(i) for i in range(len(matrix))],
                               "rows": np.asarray(matrix, dtype=np.float32).astype(float).tolist(), **more}


def write_npy(name, array, version=(1, 0)):
    with open(OUT / name, "wb") as f:
        np.lib.format.write_array(f, array, version=version)
    note(name, array)


def numpy_files():
    write_npy("f4.npy", rows)
    write_npy("f8_fortran.npy", np.asfortranarray(rows.astype(np.float64)))
    write_npy("f2.npy", rows.astype(np.float16))
    write_npy("i1.npy", rng.integers(-128, 128, size=(N, D)).astype(np.int8))
    write_npy("big_endian.npy", rows.astype(">f4"))
    write_npy("version2.npy", rows, version=(2, 0))
    write_npy("version3.npy", rows, version=(3, 0))
    np.save(OUT / "object.npy", np.array([[1, "a"]], dtype=object), allow_pickle=True)
    np.save(OUT / "ids_unicode.npy", np.array(IDS))
    np.save(OUT / "ids_bytes.npy", np.array([f"b{i}" for i in range(N)], dtype="S"))
    np.save(OUT / "ids_whole.npy", np.arange(-2, N - 2, dtype=np.int64))
    np.savez(OUT / "stored.npz", item_factors=rows, user_factors=rows[:3])
    note("stored.npz", rows)
    np.savez_compressed(OUT / "deflated.npz", weights=rows, other=rows[:2])
    note("deflated.npz", rows, tensor="weights")


def implicit_files():
    people = sp.csr_matrix((rng.random((40, N)) < 0.3).astype(np.float32) * rng.integers(1, 4, size=(40, N)).astype(np.float32))
    model = AlternatingLeastSquares(factors=D, regularization=0.05, alpha=2.5, iterations=8, random_state=3, num_threads=1)
    model.fit(people, show_progress=False)
    model.save(OUT / "implicit_als.npz")
    histories = [[(0, 1.0)], [(1, 1.0), (5, 1.0), (7, 1.0)], [(2, 3.0), (3, 1.0), (9, 2.0), (11, 1.0)]]
    answers = []
    for history in histories:
        row = sp.csr_matrix(([w for _, w in history], ([0] * len(history), [i for i, _ in history])), shape=(1, N), dtype=np.float32)
        vector = model.recalculate_user(0, row)
        # the same solve in double, for a bound that is not the tool's own rounding
        y = model.item_factors.astype(np.float64)
        a = y.T @ y + 0.05 * np.eye(D)
        b = np.zeros(D)
        for item, weight in history:
            c = 2.5 * weight
            a += (c - 1) * np.outer(y[item], y[item])
            b += c * y[item]
        exact = y @ np.linalg.solve(a, b)
        answers.append({"history": history, "scores": (model.item_factors @ vector).astype(float).tolist(), "exact": exact.tolist()})
    note("implicit_als.npz", model.item_factors, alpha=2.5, regularization=0.05, people=answers)
    bpr = BayesianPersonalizedRanking(factors=3, iterations=5, random_state=1, num_threads=1)
    bpr.fit(people, show_progress=False)
    bpr.save(OUT / "implicit_bpr.npz")
    note("implicit_bpr.npz", bpr.item_factors)


def safetensors_files():
    safetensors.numpy.save_file({"item_embedding.weight": rows, "user_embedding.weight": rows[:3], "head.bias": rows[0]}, OUT / "model.safetensors")
    note("model.safetensors", rows, tensor="item_embedding.weight")
    safetensors.numpy.save_file({"vectors": rows.astype(np.float16)}, OUT / "half.safetensors", metadata={"note": "one \"quoted\" word"})
    note("half.safetensors", rows.astype(np.float16))
    # legal, but not as the library writes it: bfloat16, and data that is not aligned to its elements
    bf16 = (rows.view(np.uint32) >> 16).astype(np.uint16)
    header = json.dumps({"flag": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
                         "items": {"dtype": "BF16", "shape": [N, D], "data_offsets": [1, 1 + bf16.nbytes]}}).encode()
    (OUT / "unaligned.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\1" + bf16.tobytes())
    note("unaligned.safetensors", (bf16.astype(np.uint32) << 16).view(np.float32), tensor="items")


def word_files():
    vectors = KeyedVectors(D)
    vectors.add_vectors(IDS, rows)
    vectors.save_word2vec_format(OUT / "gensim.txt", binary=False)
    note("gensim.txt", rows, IDS)
    vectors.save_word2vec_format(OUT / "gensim.bin", binary=True)
    note("gensim.bin", rows, IDS)
    vectors.save_word2vec_format(OUT / "glove.txt", binary=False, write_header=False)
    note("glove.txt", rows, IDS)
    # word2vec.c itself ends each record with a line feed
    with open(OUT / "word2vec_c.bin", "wb") as f:
        f.write(f"{N} {D}\n".encode())
        for word, row in zip(IDS, rows):
            f.write(word.encode() + b" " + row.astype("<f4").tobytes() + b"\n")
    note("word2vec_c.bin", rows, IDS)
    # the large GloVe files have tokens with blanks
    with gzip.GzipFile(OUT / "glove_blanks.txt.gz", "wb", mtime=0) as f:
        f.write("".join(f"{word} {' '.join(str(x) for x in row)}\n" for word, row in zip(["first"] + [f". {w}" for w in IDS[1:]], rows)).encode())
    note("glove_blanks.txt.gz", rows, ["first"] + [f". {w}" for w in IDS[1:]])


def table_files():
    quoted = [f'{w}, "so"' for w in IDS]
    with open(OUT / "header.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["id"] + [f"v{k}" for k in range(D)])
        w.writerows([i] + [repr(float(x)) for x in row] for i, row in zip(quoted, rows))
    note("header.csv", rows, quoted)
    with open(OUT / "plain.tsv", "w", newline="") as f:
        csv.writer(f, delimiter="\t").writerows([i] + [str(x) for x in row] for i, row in zip(IDS, rows))
    note("plain.tsv", rows, IDS)
    with open(OUT / "vectors.jsonl", "w") as f:
        for i, row in zip(IDS, rows):
            f.write(json.dumps({"id": i, "embedding": row.astype(float).tolist(), "model": "x"}) + "\n")
    note("vectors.jsonl", rows, IDS)
    (OUT / "ids.txt").write_text("".join(f"{i}\n" for i in IDS))
    (OUT / "ids.json").write_text(json.dumps(IDS))


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    numpy_files()
    implicit_files()
    safetensors_files()
    word_files()
    table_files()
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
