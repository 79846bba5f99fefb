#!/usr/bin/env python3
"""The first inputs of fuzz_csv: python3 tests/fuzz/make_csv_seeds.py (nothing but Python is needed).

Byte 0: format (0 auto, 1 csv, 2 tsv, 3 ratings, 4 adjacency, 5 sequence, 6 jsonl) + 8 Latin-1 + 16 items + 32 * options.
Byte 1: size of the reads (low half), when memory runs out (high half).
"""
import os

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "csv")
LATIN1, ITEMS = 8, 16

SEEDS = {
    "csv": (0, 'userId,title,movieId,rating,timestamp\r\n7,"a, ""b""\nc",m1,4.5,964982703\r\n\r\n8,x,m2,.5,1700000000123\r\n'),
    "bom-kinds": (0, '\ufeffuser;item;kind;weight;date\n1;2;Like;3;2005-09-06\n1;3;;-1e2;2005-09-06T12:00:00.5+02:00\n'),
    "tsv": (0, "SessionId\tItemId\tTime\n1\t2\t1396800000.6545\n1\t\"3\t1396800001\n"),
    "colons": (0, "1::10::3::978300760\n2::20::4::978300761\n"),
    "tabs": (0, "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"),
    "bars": (3, "1|2\n3|4\n"),
    "blanks": (3, "1 2 3 4\n2  3\t4 5\n"),
    "numbered": (3 + 32, "5,1,2\n4,3,1\n"),
    "adjacency": (0, "u1 b a b\nu2\nu1  c\n"),
    "ncf": (4, "(0,25)\t1064\t174\n(1,133)\t1072\n"),
    "sequence": (5, "u1 b a b\nu2 c"),
    "jsonl": (0, '{"user":"J\\u00fc \\ud83d\\ude00","item":7,"value":2,"time":1.5e9,"kind":"like","x":{"a":[1,{"b":"]"}]}}\n'
                 ' {"itemId":"x\\"y","user_id":12,"t":null,"tags":[],"b":true}\n{"user":12,"item":7,"rating":-4e-1}\n'),
    "jsonl-broken": (6, '{"user":1,"item":2,}\n'),
    "latin1": (LATIN1, "user,item\n1,caf\xe9\n"),
    "not-utf8": (0, "user,item\n1,caf\xe9\n"),
    "unclosed": (1, 'user,item\n1,"2\n3,4\n'),
    "kinds": (1 + 64, "user,item,kind\n1,2,odd\n1,2,like\n"),
    "items": (ITEMS, 'id,Title (en),genres,year,price,zip\na,"T, ""t""",x | y,1999,4.99,007\nb,,y,,,1\nzz,q,,1,2,3\n'),
    "items-all": (ITEMS + 32, "id;n\na;1\nnew;2\n"),
    "items-names": (ITEMS + 64 + LATIN1, "a::Am\xe9lie::x::1\nb::y::z::2\n"),
    "items-types": (ITEMS + 128, "id,a,b\na,1,x|y|x\n7,2,\n"),
    "items-jsonl": (ITEMS, '{"tags":["x\\u00e9|","y",3,"y"],"id":"b","p":3.5,"f":true,"o":{"id":"a"},"n":null}\n{"id":7,"tags":"solo"}\n'),
}

os.makedirs(HERE, exist_ok=True)
for name, (options, text) in SEEDS.items():
    encoding = "latin-1" if options & LATIN1 or name == "not-utf8" else "utf-8"
    with open(os.path.join(HERE, "seed-" + name), "wb") as f:
        f.write(bytes([options, 0x53]) + text.encode(encoding))
