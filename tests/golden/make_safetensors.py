#!/usr/bin/env python3
"""A pack written by the reference safetensors library, and its opinion of a pack written by inkling.

    python3 -m venv venv && venv/bin/pip install safetensors numpy
    venv/bin/python tests/golden/make_safetensors.py write     makes tests/golden/reference.safetensors
    INKLING_WRITE_GOLDEN=1 test_safetensors                    makes tests/golden/written.safetensors
    venv/bin/python tests/golden/make_safetensors.py check     reads it and compares all of it

Shares no code with inkling: content is worked out here by numpy, in tests/unit/test_safetensors.c by C.
"""
import hashlib
import os
import sys

import numpy as np
import safetensors
from safetensors import safe_open

HERE = os.path.dirname(os.path.abspath(__file__))
N = 20
DTYPES = {  # our name: (the library's name, numpy type of the bytes)
    "BOOL": ("bool", np.uint8), "U8": ("uint8", np.uint8), "I8": ("int8", np.int8), "U16": ("uint16", np.uint16),
    "I16": ("int16", np.int16), "F16": ("float16", np.float16), "BF16": ("bfloat16", np.uint16), "U32": ("uint32", np.uint32),
    "I32": ("int32", np.int32), "F32": ("float32", np.float32), "U64": ("uint64", np.uint64), "I64": ("int64", np.int64),
    "F64": ("float64", np.float64),
}


def numbers(name):
    """[3, 4]: 0..11, alternating in sign where the type has one, halves where it has them; BOOL: 0 and 1."""
    k = np.arange(12).reshape(3, 4)
    if name == "BOOL":
        return (k % 2).astype(np.uint8)
    if name[0] != "U":
        k = np.where(k % 2 == 1, -k, k)
    if name in ("F16", "F32", "F64", "BF16"):
        k = k / 2
    if name == "BF16":  # upper half of a float; these are exact
        return (k.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return k.astype(DTYPES[name][1])


def strings(texts):
    data = [t.encode() for t in texts]
    return np.frombuffer(b"".join(data), np.uint8), np.cumsum([len(d) for d in data]).astype(np.uint32)


def content():
    """name: (type, array)"""
    ids = ["film-%d-é" % (i * 7 % N) for i in range(N)]
    out = {"all." + name: (name, numbers(name)) for name in DTYPES}
    data, ends = strings(ids)
    out["items.id.bytes"] = ("U8", data)
    out["items.id.ends"] = ("U32", ends)
    out["items.id.order"] = ("U32", np.array(sorted(range(N), key=lambda i: ids[i].encode()), np.uint32))
    data, ends = strings(["映画 %d" % i if i % 3 else "" for i in range(N)])
    out["items.title.bytes"] = ("U8", data)
    out["items.title.ends"] = ("U32", ends)
    out["items.year"] = ("F64", np.arange(N) + 1980.5)
    out["items.year.missing"] = ("U8", np.array([0x11, 0x11, 0x01], np.uint8))
    out["popular.scores"] = ("F32", (np.arange(N) / 4).astype(np.float32))
    out["scalar"] = ("F32", np.array(2.5, np.float32))
    out["empty"] = ("I64", np.zeros((0, 5), np.int64))
    return out


METADATA = {"inkling": "1", "name": "golden \"pack\" \\ é\n\t\u0001", "licence": "CC0-1.0"}


def write():
    arrays = content()  # kept alive while the library reads them
    tensors = {}
    for name, (dtype, array) in arrays.items():
        tensors[name] = safetensors.TensorSpec(dtype=DTYPES[dtype][0], shape=list(array.shape),
                                               data_ptr=array.ctypes.data, data_len=array.nbytes)
    blob = bytes(safetensors.serialize(tensors, metadata=METADATA))
    with open(os.path.join(HERE, "reference.safetensors"), "wb") as f:
        f.write(blob)
    print("reference.safetensors: %d bytes, safetensors %s, numpy %s" % (len(blob), safetensors.__version__, np.__version__))


def check():
    path = os.path.join(HERE, "written.safetensors")
    blob = open(path, "rb").read()
    wrong = 0
    with safe_open(path, framework="numpy") as f:  # refuses what is not safetensors
        metadata = dict(f.metadata())
        keys = set(f.keys())
    start = 8 + int.from_bytes(blob[:8], "little")
    wrong += metadata.pop("data.sha256") != hashlib.sha256(blob[start:]).hexdigest()
    wrong += metadata != METADATA
    wrong += start % 64 != 0
    want = content()
    wrong += keys != set(want)
    for name, info in safetensors.deserialize(blob):
        dtype, array = want[name]
        same = info["dtype"] == dtype and list(info["shape"]) == list(array.shape) and bytes(info["data"]) == array.tobytes()
        if not same:
            print("differs:", name, info["dtype"], info["shape"])
        wrong += not same
    print("written.safetensors: %d bytes, %d tensors, %d differences" % (len(blob), len(want), wrong))
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        write()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check() != 0)
    else:
        sys.exit(__doc__)
