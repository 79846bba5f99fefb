"""Truth for words, TF-IDF, BM25 and word vectors, from outside: Python's own Unicode data, scikit-learn, rank-bm25, numpy.

    python3 tests/golden/make_content.py > tests/golden/content_truth.h        needs: numpy, scikit-learn, rank-bm25

Words: categories and str.lower() of Python's unicodedata, scripts by the names of characters; nothing is shared with the
ranges of core/train/words/text_words.c. The list goes to text_words.json too, for the package's tests.
"""
import json
import pathlib
import platform
import re
import sys
import unicodedata

import numpy as np
import rank_bm25
import sklearn
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

CJK = ("CJK UNIFIED", "CJK COMPAT", "HIRAGANA LETTER", "KATAKANA LETTER", "KATAKANA-HIRAGANA PROLONGED", "HANGUL SYLLABLE",
       "IDEOGRAPHIC ITERATION")

TEXTS = [
    "The Quick brown fox, the lazy dog; it's 42!", "Amélie: le fabuleux destin (2001)", "STRASSE Straße GROẞE", "ΟΔΥΣΣΕΥΣ Οδυσσεύς άΈΉΊΌΎΏ",
    "Война и Мир ЁЖ Їжак Ђурђевдан Ӏӏ", "ԱՐԱՐԱՏ Երևան", "機器學習 電影推薦", "東京物語は1953年の映画です。", "スーパーマリオ・ブラザーズ", "기생충 영화",
    "日本a語 b中", "一", "snow❄️man — “quoted” … end", "word_with_underscores and-hyphens/slashes", "ＦＵＬＬ　ｗｉｄｔｈ", "e\u0301te\u0301 nai\u0308ve",
    "مرحبا بالعالم، كيف؟", "שלום עולם", "हिन्दी फ़िल्म।", "İstanbul", "x y zz 7 77", "", "   ", "«Ёлки-палки»!", "Ångström ÑANDÚ ŽIŽEK ŁÓDŹ ŒUVRE ŠČĆ",
    "a" * 70 + " b" * 3, "й" * 40, "don’t O'Brien",
]
# Every capital of four blocks, twice over, so that each is a word.
SWEEP = [c for a, b in ((0xc0, 0x180), (0x370, 0x400), (0x400, 0x530), (0x1e00, 0x1f00)) for c in map(chr, range(a, b))
         if unicodedata.category(c) == "Lu" and len(c.lower()) == 1 and c not in "\u0130\u03f4\u03f7\u03f9\u03fa\u03fd\u03fe\u03ff"]
TEXTS.append(" ".join(c + c for c in SWEEP))


def kind(c):
    if unicodedata.name(c, "").startswith(CJK):
        return "cjk"
    return "word" if unicodedata.category(c)[0] in "LNM" else "other"


def small(c):
    return {"İ": "i", "ς": "σ"}.get(c, c.lower().replace("ς", "σ"))


def cut(word):
    while len(word.encode()) > 64:
        word = word[:-1]
    return word


def words(text):
    out, run = [], ""
    kinds = [kind(c) for c in text] + ["end"]
    for i, c in enumerate(text):
        run += c
        if kinds[i + 1] == kinds[i]:
            continue
        if kinds[i] == "word" and len(run) > 1:
            out.append(cut("".join(map(small, run))))
        if kinds[i] == "cjk":
            out += [run[k:k + 2] for k in range(len(run) - 1)] or [run]
        run = ""
    return out


def c_string(text):
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()) + '"'


def table(name, rows, columns):
    print(f"static const float {name}[][{columns}] = {{")
    for r in rows:
        print("  { " + ", ".join(f"{float(v):.9e}f" for v in r) + " },")
    print("};")


ITEMS = [
    ("The fire bus", "red|fast"), ("A ship on fire: the fire ship", "fast"), ("Ship of fools", "old"), ("The bus to the old ship", "red|old"),
    ("", "fast"), ("Fools and fire", ""), ("bus bus bus bus stop", "red"), ("the stop of fools on a red bus", "old|fast"),
]


def analyse(item):
    return re.findall(r"(?u)\b\w\w+\b", item[0].lower()) + [f"tags:{t}" for t in item[1].split("|") if t]


def bm25(k1, b):
    docs = [analyse(i) for i in ITEMS]
    model = rank_bm25.BM25Okapi(docs, k1=k1, b=b)
    df = {t: sum(t in d for d in docs) for t in model.idf}
    model.idf = {t: float(np.log(1 + (len(docs) - n + 0.5) / (n + 0.5))) for t, n in df.items()}   # Lucene's; Okapi's own turns negative
    raw = np.array([model.get_scores([t]) for t in sorted(df, key=str.encode)]).T
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


# Cosines of items on three singular vectors; words that the trainer leaves out anyhow are left out.
STOP = {"the", "of", "on", "and", "to"}


def lsa(rows):
    kept = TruncatedSVD(3, algorithm="arpack").fit_transform(rows)
    norms = np.linalg.norm(kept, axis=1, keepdims=True)
    unit = kept / np.where(norms > 0, norms, 1)
    table("truth_lsa_cosines", unit @ unit.T, len(ITEMS))


def main():
    print(f"/* content_truth.h - made by make_content.py with Python {platform.python_version()} (Unicode {unicodedata.unidata_version}), "
          f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, rank-bm25 0.2.2; do not edit. */")
    lists = [{"text": t, "words": words(t)} for t in TEXTS]
    path = pathlib.Path(__file__).with_name("text_words.json")
    path.write_text("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in lists) + "\n]\n")
    print("static const struct { const char *text, *words; } truth_words[] = {")
    for one in lists:
        print(f"  {{ {c_string(one['text'])},\n    {c_string(' '.join(one['words']))} }},")
    print("};")
    print('static const char truth_items[] = "id,title,tags\\n"')
    for i, (title, tags) in enumerate(ITEMS):
        print(f'  "i{i},{title},{tags}\\n"')
    print(";")
    plain = TfidfVectorizer(analyzer=analyse)
    names = sorted(plain.fit(ITEMS).vocabulary_, key=str.encode)
    print(f"enum {{ TRUTH_ITEMS = {len(ITEMS)}, TRUTH_TERMS = {len(names)} }};")
    print("static const char *const truth_terms[] = { " + ", ".join(c_string(n) for n in names) + " };")
    order = [plain.vocabulary_[n] for n in names]
    tfidf = plain.transform(ITEMS).toarray()[:, order]
    table("truth_tfidf", tfidf, len(names))
    table("truth_sublinear", TfidfVectorizer(analyzer=analyse, sublinear_tf=True).fit_transform(ITEMS).toarray()[:, order], len(names))
    table("truth_bm25", bm25(1.2, 0.75), len(names))
    pruned = TfidfVectorizer(analyzer=analyse, min_df=3, max_df=0.5).fit(ITEMS)
    print("static const char truth_pruned[] = " + c_string(" ".join(sorted(pruned.vocabulary_, key=str.encode))) + ";")
    wordy = TfidfVectorizer(analyzer=lambda item: [t for t in analyse(item) if t not in STOP], sublinear_tf=True, min_df=2, max_df=0.5)
    lsa(wordy.fit_transform(ITEMS))
    sif()


# Words of vectors in three dimensions; weights a / (a + p), mean, then the first singular direction taken off (Arora 2017).
WORD_VECTORS = {"fire": (1, 0.5, 0), "bus": (0, 1, 0.25), "ship": (-0.5, 1, 1), "fools": (0.25, -1, 2), "old": (1, 1, 1), "stop": (0, 0, 2)}
SIF_A = 0.01


def sif():
    docs = [[w for w in (t.removeprefix("tags:") for t in analyse(i)) if w in WORD_VECTORS] for i in ITEMS]
    total = sum(map(len, docs))
    share = {w: sum(d.count(w) for d in docs) / total for w in WORD_VECTORS}
    mean = np.array([np.mean([np.multiply(SIF_A / (SIF_A + share[w]), WORD_VECTORS[w]) for w in d], axis=0) if d else np.zeros(3) for d in docs])
    axis = np.linalg.svd(mean, full_matrices=False)[2][0]
    rows = mean - np.outer(mean @ axis, axis)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    print("static const char *const truth_vector_words[] = { " + ", ".join(c_string(w) for w in WORD_VECTORS) + " };")
    table("truth_word_vectors", WORD_VECTORS.values(), 3)
    table("truth_sif", rows / np.where(norms > 0, norms, 1), 3)


if __name__ == "__main__":
    sys.exit(main())
