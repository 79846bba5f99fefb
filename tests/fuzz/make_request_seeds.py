#!/usr/bin/env python3
"""make_request_seeds.py - the seeds of tests/fuzz/corpus/request: requests of every path, and the kinds of wrong ones."""
import json
import pathlib

OUT = pathlib.Path(__file__).parent / "corpus" / "request"
event = {"item": "i3", "kind": "like", "value": 1.5, "time": 1700000000000, "slate": "s"}
seeds = {
    "recommend": {"events": [event, {"item": "i7"}], "count": 5, "explain": True, "reasons": 2, "properties": True, "now": 1700000000001, "seed": 7},
    "lists": {"events": [{"item": "i1"}], "allow": ["i2", "i3", "x"], "deny": ["i3"], "withSeen": True, "fallback": False, "model": "als"},
    "budget": {"events": [{"item": "i1", "kind": "hide"}], "budget": {"rows": 3}, "properties": ["title"]},
    "similar": {"path": "/v1/similar", "item": "i5", "count": 3, "deny": ["i1"], "properties": []},
    "rank": {"path": "/v1/rank", "items": ["i1", "i2", "nobody", "i1"], "events": [{"item": "i9", "kind": "dislike"}], "explain": True},
    "pack": {"path": "/v1/pack"},
    "health": {"path": "/v1/health"},
    "path": {"path": "/v2/recommend"},
    "item": {"path": "/v1/similar", "item": "nobody"},
    "key": {"evnts": []},
    "kind": {"events": [{"item": "i1", "kind": "Like!"}]},
    "id": {"events": [{"item": "x" * 1025}]},
    "value": {"events": [{"item": "i1", "value": 1e39}]},
    "model": {"model": "none"},
    "list": [1, [2, [3]], "a", None, True],
}
raw = {
    "empty": b"", "blank": b" \n\t", "deep": b"[" * 40, "cut": b'{"events":[{"item":"i1"', "twice": b'{"count":1,"count":2}', "nul": b'{"item":"\\u0000"}',
    "surrogate": b'{"item":"\\ud800"}', "pair": b'{"events":[{"item":"\\ud83d\\ude00"}]}', "latin": b'{"item":"\xe9"}', "zero": b'{"count":01}',
    "number": b'{"now":' + b"1" * 60 + b"}", "exponent": b'{"events":[{"item":"i1","value":-1.5E+3}]}', "after": b"{} {}", "comma": b'{"count":1,}', "word": b"nul",
    "control": b'"\x01"', "escape": b'"\\x"', "bom": b"\xef\xbb\xbf{}",
}

if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, value in seeds.items():
        (OUT / f"seed-{name}").write_bytes(json.dumps(value, separators=(",", ":")).encode())
    for name, value in raw.items():
        (OUT / f"seed-{name}").write_bytes(value)
