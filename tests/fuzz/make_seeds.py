#!/usr/bin/env python3
"""The first inputs of the fuzzers' corpora: python3 tests/fuzz/make_seeds.py (nothing but Python is needed).

Files named seed-* are made here; the others were found by searching and kept because they reach more code.
"""
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))


def put(corpus, name, blob):
    with open(os.path.join(HERE, "corpus", corpus, "seed-" + name), "wb") as f:
        f.write(blob)


# ---------------------------------------------------------------- header: u16 data length, text

def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


HEADERS = {
    "empty": (0, "{}"),
    "spaces": (0, "{ }     "),
    "metadata": (0, json.dumps({"__metadata__": {"inkling": "1", "name": "a \"b\" \\ \n é 🎬"}})),
    "raw-utf8": (0, json.dumps({"__metadata__": {"a": "é 映画 🎬"}}, ensure_ascii=False)),
    "escapes": (0, '{"__metadata__":{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83C\\uDFAC"}}'),
    "tensors": (40, json.dumps({"a": tensor("F32", [2, 2], 0, 16), "b": tensor("U8", [8], 16, 24), "c": tensor("F64", [], 24, 32),
                                "d": tensor("BF16", [1, 2, 2, 1], 32, 40)}) + " "),
    "order": (8, '{ "t" : { "shape" : [ 0 , 4294967295 ] , "data_offsets" : [ 8 , 8 ] , "dtype" : "BOOL" } ,\n'
                 '"__metadata__" : { } , "u" : {"data_offsets":[0,8],"dtype":"I64","shape":[1]} }'),
    "types": (0, json.dumps({t: tensor(t, [0], 0, 0) for t in
                             ["U8", "I8", "U16", "I16", "F16", "BF16", "U32", "I32", "F32", "U64", "I64", "F64", "BOOL", "F8_E4M3"]})),
    "zeros": (0, '{"t":{"dtype":"U8","shape":[00],"data_offsets":[0,0]}}'),
    "lone": (0, '{"__metadata__":{"a":"\\ud83c"}}'),
    "twice": (0, '{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,0]}}'),
}


# ---------------------------------------------------------------- pack

def pack(tensors, metadata=None):
    """tensors: name: (dtype, shape, bytes), largest elements first."""
    header, data = {"__metadata__": dict({"inkling": "1"}, **(metadata or {}))}, b""
    for name, (dtype, shape, blob) in tensors.items():
        header[name] = tensor(dtype, shape, len(data), len(data) + len(blob))
        data += blob
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    return struct.pack("<Q", len(text)) + text + data


def u32(*x):
    return struct.pack("<%dI" % len(x), *x)


IDS = {"items.id.ends": ("U32", [3], u32(1, 2, 4)), "items.id.order": ("U32", [3], u32(1, 0, 2)), "items.id.bytes": ("U8", [4], "baé".encode())}
F32 = struct.pack("<6f", 0, 1, -1, .5, 1e11, -1e-40)
PACKS = {
    "ids": pack(IDS),
    "numbers": pack({"x": ("F64", [1], struct.pack("<d", 1.5)), "als.items": ("F32", [3, 2], F32), **IDS,
                     "h": ("F16", [2], b"\xff\x7b\x00\x80"), "b": ("BF16", [2], b"\x80\x3f\x80\xbf"), "t": ("BOOL", [2], b"\x00\x01")}),
    "columns": pack({"items.year": ("I64", [3], struct.pack("<3q", 1, -2, 3)), **{k: v for k, v in IDS.items() if v[0] == "U32"},
                     "items.title.ends": ("U32", [3], u32(2, 2, 5)), "items.tags.ends": ("U32", [3], u32(2, 2, 3)),
                     "items.tags.names.ends": ("U32", [2], u32(1, 3)), "items.tags.values": ("U16", [3], b"\1\0\0\0\1\0"),
                     "items.id.bytes": IDS["items.id.bytes"], "items.title.bytes": ("U8", [5], "é映".encode()),
                     "items.tags.names.bytes": ("U8", [3], "xé".encode()), "items.year.missing": ("U8", [1], b"\2"),
                     "items.tags.missing": ("U8", [1], b"\2")}, {"data.sha256": "0" * 64}),
    "empty": pack({}),
    "no-file": b"",
}


# ---------------------------------------------------------------- journal

def crc32c(blob):
    crc = 0xffffffff
    for byte in blob:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def record(seq, time, value, item, kind, slate=b""):
    body = struct.pack("<QqfHBB", seq, time, value, len(item), len(kind), len(slate)) + item + kind + slate
    length = u32(8 + len(body))
    return length + u32(crc32c(length + body)) + body


HEAD = b"INKJ" + u32(1) + bytes(8)
FIVE = [record(i + 1, i * 1000, i / 2, b"film-%d" % i, b"like" if i % 2 else b"rating", b"slate" * (i % 2)) for i in range(5)]
JOURNALS = {
    "empty": HEAD,
    "one": HEAD + record(1, 0, 1, b"i", b"v"),
    "five": HEAD + b"".join(FIVE),
    "loose": HEAD + FIVE[1] + FIVE[3],
    "torn": HEAD + b"".join(FIVE)[:-3],
    "zeros": HEAD + FIVE[0] + bytes(100),
    "middle": HEAD + FIVE[0] + FIVE[1][:-1] + b"?" + FIVE[2],
    "order": HEAD + FIVE[1] + FIVE[0],
    "longest": HEAD + record(9007199254740991, -1 << 63, -1e11, "é".encode() * 512, b"z" * 32, b"s" * 64),
    "headless": FIVE[0],
    "newer": b"INKJ" + u32(2) + bytes(8),
}

for seed, (n_data, text) in HEADERS.items():
    put("header", seed, struct.pack("<H", n_data) + text.encode())
for seed, blob in PACKS.items():
    put("pack", seed, blob)
for seed, blob in JOURNALS.items():
    put("journal", seed, blob)
