"""make_hashes.py - the constants of tests/unit/test_hash.c and test_sha256.c, from implementations that this
project did not write: xxhash 4.1.0 (xxHash 0.8.4), crc32c 2.9, Python's hashlib.

    python3 -m venv venv && venv/bin/pip install xxhash==4.1.0 crc32c==2.9.post0 && venv/bin/python make_hashes.py
"""
import hashlib

import crc32c
import xxhash

SEED = 0x9E3779B97F4A7C15
LENGTHS = (0, 1, 3, 4, 7, 8, 14, 31, 32, 33, 63, 64, 100, 101)
data = bytes((i * 2654435761 >> 13) & 255 for i in range(max(LENGTHS)))

print("/* length, XXH64 seed 0, XXH64 seed 0x%x, CRC-32C */" % SEED)
for n in LENGTHS:
    zero, seeded = (xxhash.xxh64(data[:n], seed=s).intdigest() for s in (0, SEED))
    print("{ %3d, 0x%016xu, 0x%016xu, 0x%08xu }," % (n, zero, seeded, crc32c.crc32c(data[:n])))

print("/* SHA-256 of the bytes 0, 1, 2 ... n-1 */")
for n in (0, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128):
    print('{ %3d, "%s" },' % (n, hashlib.sha256(bytes(range(n))).hexdigest()))
