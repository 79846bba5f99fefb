#!/usr/bin/env python3
"""make_model_imports.py - models as LightFM, Surprise, gensim, Spark and implicit save them, and what is in them.

    python3 tests/golden/make_model_imports.py
    (gensim 4.4, lightfm 1.17, scikit-surprise 1.1.5, pyspark 3.5 with Java 17, implicit, scipy, numpy < 2)

Writes tests/golden/models/ and in it expected.json: versions, item ids, vectors, biases, and scores of a person as the tool
gives them. tests/cli/import_models.test.mjs reads them; the suite itself needs no Python."""
import json
import pathlib
import pickle
import shutil
import tempfile

import gensim
import lightfm
import numpy as np
import pyspark
import scipy.sparse as sp
import surprise
from gensim.models import KeyedVectors, Word2Vec

OUT = pathlib.Path(__file__).parent / "models"
N, D = 12, 4
IDS = [f"film-{i}" for i in range(N - 1)] + ["七人の侍"]
expected = {"versions": {"gensim": gensim.__version__, "lightfm": lightfm.__version__, "surprise": surprise.__version__,
                         "pyspark": pyspark.__version__, "numpy": np.__version__}, "files": {}}


def note(name, **what):
    expected["files"][name] = {k: np.asarray(v, dtype=float).tolist() if isinstance(v, np.ndarray) else v for k, v in what.items()}


def gensim_files(rng):
    rows = rng.normal(size=(N, D)).astype(np.float32)
    vectors = KeyedVectors(D)
    vectors.add_vectors(IDS, rows)
    vectors.save(str(OUT / "inside.kv"))
    vectors.save(str(OUT / "beside.kv"), separately=["vectors"])
    for name in ("inside.kv", "beside.kv"):
        note(name, ids=IDS, rows=rows)
    model = Word2Vec([[IDS[j] for j in rng.permutation(N)[:6]] for _ in range(20)], vector_size=D, min_count=1, seed=1, workers=1, epochs=2)
    model.save(str(OUT / "word2vec.model"))
    note("word2vec.model", ids=list(model.wv.index_to_key), rows=model.wv.vectors)


def hide_folder():
    """gensim notes where it saved: the folder becomes another text of the same length, so that every length stays right."""
    here = str(OUT.parent.parent.parent.resolve()).encode()
    for path in OUT.glob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(here, (b"/data/shop" + b"p" * len(here))[:len(here)]))


def lightfm_files(rng):
    people = sp.coo_matrix((rng.random((30, N)) < 0.4).astype(np.float32))
    plain = lightfm.LightFM(no_components=D, loss="warp", random_state=1)
    plain.fit(people, epochs=5)
    (OUT / "lightfm.pickle").write_bytes(pickle.dumps(plain, protocol=4))
    note("lightfm.pickle", rows=plain.item_embeddings, bias=plain.item_biases)
    features = sp.csr_matrix(np.hstack([np.eye(N), rng.random((N, 3)) < 0.5]).astype(np.float32))
    mixed = lightfm.LightFM(no_components=D, loss="bpr", random_state=2)
    mixed.fit(people, item_features=features, epochs=5)
    (OUT / "lightfm_features.pickle").write_bytes(pickle.dumps(mixed, protocol=5))
    sp.save_npz(OUT / "item_features.npz", features)
    biases, rows = mixed.get_item_representations(features)
    note("lightfm_features.pickle", rows=rows, bias=biases)


def surprise_files(rng):
    ratings = [(f"u{u}", IDS[i], float(rng.integers(1, 6))) for u in range(15) for i in rng.permutation(N)[:8]]
    frame_file = tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False)
    for u, i, r in ratings:
        frame_file.write(f"{u},{i},{r}\n")
    frame_file.close()
    reader = surprise.Reader(line_format="user item rating", sep=",", rating_scale=(1, 5))
    train = surprise.Dataset.load_from_file(frame_file.name, reader).build_full_trainset()
    ids = [train.to_raw_iid(i) for i in range(train.n_items)]
    algorithms = {"svd": surprise.SVD(n_factors=D, n_epochs=8, random_state=1), "svdpp": surprise.SVDpp(n_factors=D, n_epochs=4, random_state=1),
                  "nmf": surprise.NMF(n_factors=D, n_epochs=20, random_state=1), "knn": surprise.KNNBasic()}
    for name, algorithm in algorithms.items():
        algorithm.fit(train)
        surprise.dump.dump(str(OUT / f"surprise_{name}.dump"), algo=algorithm)
        if name != "knn":
            note(f"surprise_{name}.dump", ids=ids, rows=algorithm.qi, bias=algorithm.bi if name != "nmf" else np.zeros(N), mean=train.global_mean,
                 implicit=algorithm.yj if name == "svdpp" else None)


def spark_files(rng):
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    rows = [(int(u), int(i) + 100, float(rng.integers(1, 5))) for u in range(20) for i in rng.permutation(N)[:6]]
    model = ALS(rank=D, maxIter=4, implicitPrefs=True, seed=1, numUserBlocks=1, numItemBlocks=2).fit(spark.createDataFrame(rows, ["user", "item", "rating"]))
    factors = sorted((int(r["id"]), list(r["features"])) for r in model.itemFactors.collect())
    for name in ("spark_als", "spark_gzip", "spark_plain"):
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        codec = {"spark_als": "snappy", "spark_gzip": "gzip", "spark_plain": "uncompressed"}[name]
        spark.conf.set("spark.sql.parquet.compression.codec", codec)
        if name == "spark_als":
            model.write().overwrite().save(str(folder))
            shutil.rmtree(folder / "userFactors")
        else:
            model.itemFactors.coalesce(1).write.parquet(str(folder))
    shutil.rmtree(OUT / "spark_json", ignore_errors=True)
    model.itemFactors.coalesce(1).write.json(str(OUT / "spark_json"))
    # more rows than a dictionary likes, several row groups and pages
    many = [(i, [float(i), float(i % 7), -float(i) / 3, 0.5]) for i in range(3000)]
    shutil.rmtree(OUT / "spark_pages", ignore_errors=True)
    spark.conf.set("spark.sql.parquet.compression.codec", "snappy")
    spark.createDataFrame(many, "id int, features array<float>").coalesce(1).write.option("parquet.page.size", 4096).option("parquet.block.size", 16384) \
        .parquet(str(OUT / "spark_pages"))
    spark.stop()
    for path in OUT.rglob(".*"):
        path.unlink()
    for name in ("spark_als", "spark_gzip", "spark_plain", "spark_json"):
        note(name, ids=[str(i) for i, _ in factors], rows=np.array([f for _, f in factors], dtype=np.float32))
    # its rows are not written down: the test computes them


def implicit_files(rng):
    try:
        import implicit
        from implicit.nearest_neighbours import BM25Recommender
    except ImportError:
        return
    expected["versions"]["implicit"] = implicit.__version__
    people = sp.csr_matrix((rng.random((40, N)) < 0.3).astype(np.float32))
    model = BM25Recommender(K=5)
    model.fit(people, show_progress=False)
    model.save(str(OUT / "implicit_bm25.npz"))
    history = sp.csr_matrix(([1.0, 1.0, 1.0], ([0, 0, 0], [1, 4, 7])), shape=(1, N))
    items, scores = model.recommend(0, history, N=5, filter_already_liked_items=True)
    note("implicit_bm25.npz", similarity=model.similarity.toarray(), history=[1, 4, 7], items=[int(i) for i in items], scores=scores)


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    for make in (gensim_files, lightfm_files, surprise_files, implicit_files, spark_files):
        make(np.random.default_rng(11))
    hide_folder()
    (OUT / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
